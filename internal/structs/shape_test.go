package structs_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/internal/structs"
)

func TestIsNil(t *testing.T) {
	t.Parallel()
	var pointer *int
	for _, c := range []struct {
		name string
		v    any
		want bool
	}{
		{"nil", nil, true},
		{"nil pointer", pointer, true},
		{"pointer", new(int), false},
		{"nil map", map[string]any(nil), false},
		{"nil slice", []int(nil), false},
		{"zero", 0, false},
	} {
		if got := structs.IsNil(c.v); got != c.want {
			t.Errorf("%s: expected %v, got %v", c.name, c.want, got)
		}
	}
}

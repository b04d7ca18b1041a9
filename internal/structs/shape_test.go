package structs_test

import (
	"database/sql"
	"reflect"
	"testing"
	"time"

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

func TestFieldsOf(t *testing.T) {
	t.Parallel()
	type base struct{ ID int }
	type shape struct {
		base
		Name string
	}
	type twice struct {
		A int `db:"x"`
		B int `db:"x"`
	}
	for _, c := range []struct {
		t    reflect.Type
		want []string
	}{
		{reflect.TypeFor[shape](), []string{"ID", "Name"}},
		{reflect.TypeFor[**shape](), []string{"ID", "Name"}},
		{reflect.TypeFor[sql.NullString](), nil},
		{reflect.TypeFor[time.Time](), nil},
		{reflect.TypeFor[int](), nil},
		{reflect.TypeFor[map[string]any](), nil},
		{reflect.TypeFor[twice](), nil},
	} {
		var got []string
		for _, f := range structs.FieldsOf(c.t) {
			got = append(got, f.Name)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: expected %v, got %v", c.t, c.want, got)
		}
	}
}

package plan_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/internal/plan"
)

// TestAGivenValueKeepsItsKind: a plan that was made for a value that is sent as a time takes no call whose value is not, nor the other way:
// the text would be another.
func TestAGivenValueKeepsItsKind(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 3, 1, 10, 0, 0, 0, time.UTC)
	refusal := errors.New("no value")
	check := func(value any) (any, error) { // a text that spells a time is sent as one
		switch value {
		case "then":
			return at, nil
		case "wrong":
			return nil, refusal
		}
		return value, nil
	}
	for _, c := range []struct {
		made, call string
		want       any // nil: the plan does not serve
	}{
		{"then", "then", at}, {"then", "text", nil}, {"text", "then", nil}, {"text", "other", "other"},
	} {
		g, err := plan.Checked(&plan.Given{Value: c.made}, check)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := g.(*plan.Given).Sent(c.call)
		if sent != c.want || (err == nil) != (c.want != nil) {
			t.Errorf("made for %s, called with %s: expected %v, got %v and %v", c.made, c.call, c.want, sent, err)
		}
		if _, err := g.(*plan.Given).Sent("wrong"); !errors.Is(err, refusal) {
			t.Errorf("made for %s: expected the value's own error, got %v", c.made, err)
		}
	}
	if _, err := plan.Checked(&plan.Given{Value: "wrong"}, check); !errors.Is(err, refusal) {
		t.Errorf("expected the value's own error, got %v", err)
	}
}

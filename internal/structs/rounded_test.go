package structs_test

import (
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// TestRoundedAsItIsSent: a float of 32 bits is sent with the digits of the one of 64 that it is.
func TestRoundedAsItIsSent(t *testing.T) {
	t.Parallel()
	decimals := func(digits int) dialect.Precision {
		return dialect.Precision{Of: dialect.PrecisionDecimals, Digits: digits}
	}
	seconds := dialect.Precision{Of: dialect.PrecisionSeconds, Digits: 3}
	at := time.Date(2024, 3, 1, 10, 0, 0, 5e6, time.UTC)
	for name, c := range map[string]struct {
		rounded func() bool
		want    bool
	}{
		"a short float":            {roundedOf(t, float32(0.1), decimals(2)), true},
		"a short float that is it": {roundedOf(t, float32(0.25), decimals(2)), false},
		"a short float's least":    {roundedOf(t, float32(0.25), decimals(1)), true},
		"a float":                  {roundedOf(t, 0.1, decimals(2)), false},
		"a text":                   {roundedOf(t, "0.125", decimals(2)), true},
		"a text with zeros":        {roundedOf(t, "0.2500", decimals(2)), false},
		"a whole number":           {roundedOf(t, int64(7), decimals(0)), false},
		"a fraction among whole":   {roundedOf(t, 7.5, decimals(0)), true},
		"a time":                   {roundedOf(t, at, seconds), false},
		"a time with more":         {roundedOf(t, at.Add(time.Microsecond), seconds), true},
		"a time's nanoseconds":     {roundedOf(t, at.Add(time.Nanosecond), seconds), false},
	} {
		if got := c.rounded(); got != c.want {
			t.Errorf("%s: expected %t, got %t", name, c.want, got)
		}
	}
}

func roundedOf[T any](t *testing.T, v T, p dialect.Precision) func() bool {
	t.Helper()
	f, row := mustFieldOf(t, v)
	return func() bool { return f.Rounded(p, row) }
}

package compile

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: a plan whose values stand for those that calls give. Output: which arguments are made of which of them.

// place is where arguments made of a value that calls give stand.
type place struct {
	at, n    int // the first argument, and how many
	given    *plan.Given
	fragment func(value any) (dialect.Fragment, error) // that they are those of; nil: it is the value itself
	sql      string                                    // of the fragment
}

// errOtherText is the error of a value for which another text is to be written.
var errOtherText = errors.New("the value has another text")

// givenArg writes a value that calls give.
func (w *writer) givenArg(g *plan.Given) {
	w.places = append(w.places, place{at: len(w.args), n: 1, given: g})
	g.Place()
	w.args = append(w.args, g.Value)
}

// givenFragment writes a fragment that is made of a value; given is what stands for the value of other calls, if there are any.
func (w *writer) givenFragment(given *plan.Given, value any, of func(value any) (dialect.Fragment, error)) {
	f, err := of(value)
	if err != nil {
		w.fail(err)
		return
	}
	at := len(w.args)
	w.fragment(f)
	if given != nil {
		w.places = append(w.places, place{at: at, n: len(w.args) - at, given: given, fragment: of, sql: f.SQL})
		given.Place()
	}
}

// For returns the arguments of the statement for the values that another call gives. It is an error for one of them to need another text.
func (s Statement) For(values []any) ([]any, error) {
	args := slices.Clone(s.Args)
	for _, p := range s.places {
		value := values[p.given.N]
		if p.fragment == nil {
			sent, err := p.given.Sent(value)
			if err != nil {
				return nil, err
			}
			args[p.at] = sent
			continue
		}
		switch f, err := p.fragment(value); {
		case err != nil:
			return nil, err
		case f.SQL != p.sql || len(f.Args) != p.n:
			return nil, errOtherText
		default:
			copy(args[p.at:], f.Args)
		}
	}
	return args, nil
}

// Takes reports whether the values that another call gives leave the text as it is.
func (s Statement) Takes(values []any) bool {
	for _, p := range s.places {
		if p.fragment == nil {
			continue
		}
		if f, err := p.fragment(values[p.given.N]); err != nil || f.SQL != p.sql || len(f.Args) != p.n {
			return false
		}
	}
	return true
}

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

// made returns what is written of a value that another call gives. It is an error for that to need another text.
func (p place) made(value any) (dialect.Fragment, error) {
	value, err := p.given.Sent(value)
	if err != nil {
		return dialect.Fragment{}, err
	}
	f, err := p.fragment(value)
	if err == nil && (f.SQL != p.sql || len(f.Args) != p.n) {
		err = errOtherText
	}
	return f, err
}

// For returns the arguments of the statement for the values that another call gives. It is an error for one of them to need another text.
func (s Statement) For(values []any) ([]any, error) {
	args := slices.Clone(s.Args)
	for _, p := range s.places {
		value := values[p.given.N]
		if p.fragment != nil {
			f, err := p.made(value)
			if err != nil {
				return nil, err
			}
			copy(args[p.at:], f.Args)
			continue
		}
		var err error
		if args[p.at], err = p.given.Sent(value); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// Takes reports whether the values that another call gives can be sent, and leave the text as it is.
func (s Statement) Takes(values []any) bool {
	return !slices.ContainsFunc(s.places, func(p place) bool {
		if p.fragment != nil {
			_, err := p.made(values[p.given.N])
			return err != nil
		}
		_, err := p.given.Sent(values[p.given.N])
		return err != nil
	})
}

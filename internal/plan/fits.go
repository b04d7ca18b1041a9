package plan

import (
	"github.com/dovetail-go/dovetail/internal/graph"
)

// FITS: a value that a column's field could not hold is refused where it is set or compared, before anything is sent. What a field
// can hold its Go type says; the rules ask it.

// laterArg is an argument whose value is known when the statement is run, and checked then.
type laterArg interface {
	Checked(check func(any) error) any
}

// fits refuses a value of a class that the field of the column could not hold.
func (s *Scope) fits(col Ref, arg *any, class string) error {
	if ValueOf(*arg) == nil || col.Value != nil || s.applied == nil || s.applied.rules == nil || s.applied.rules.Fits == nil {
		return nil
	}
	c, _ := col.Binding.Table.Column(col.Column)
	if c.Class == graph.ClassText && (class == graph.ClassInteger || class == graph.ClassFloat) {
		return nil // the column is numeric, and its numbers come back as texts
	}
	t, rules, keeps := col.Binding.Table, s.applied.rules, s.names.features.Keeps
	check := func(value any) error {
		if err := rules.Fits(t, col.Column, value, keeps); err != nil {
			return graph.Problemf(ErrArgType, "%q: the value %w", col.Name, err)
		}
		return nil
	}
	var err error
	*arg, err = Checked(*arg, check)
	return err
}

// Checked checks a value, and returns it as it is to be sent: one that is told when the statement is run is checked then, and one that
// calls give in each call.
func Checked(arg any, check func(any) error) (any, error) {
	switch v := arg.(type) {
	case laterArg:
		return v.Checked(check), nil
	case *Given:
		if later, ok := v.Value.(laterArg); ok {
			return v.into(later.Checked(check), func(value any) (any, error) { return Checked(value, check) }), nil
		}
		return v, v.require(check)
	}
	return arg, check(arg)
}

// fitAll refuses a list of which the field of the column could not hold a value. A number of a list that is beyond those of the
// column is no match.
func (s *Scope) fitAll(col Ref, e *In) error {
	if e.Class == graph.ClassInteger {
		return nil
	}
	check := func(list any) error {
		items := list.(*In).Items
		for i := range items {
			if err := s.fits(col, &items[i], e.Class); err != nil {
				return err
			}
		}
		return nil
	}
	if e.Given != nil {
		return e.Given.require(check)
	}
	return check(e)
}

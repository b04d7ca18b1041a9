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

// fits refuses a value that the field of the column could not hold.
func (s *Scope) fits(col Ref, arg *any) error {
	if *arg == nil || col.Value != nil || s.applied == nil || s.applied.rules == nil || s.applied.rules.Fits == nil {
		return nil
	}
	t, rules, keeps := col.Binding.Table, s.applied.rules, s.names.features.Keeps
	check := func(value any) error {
		if err := rules.Fits(t, col.Column, value, keeps); err != nil {
			return graph.Problemf(ErrArgType, "%q: the value %w", col.Name, err)
		}
		return nil
	}
	if later, ok := (*arg).(laterArg); ok {
		*arg = later.Checked(check)
		return nil
	}
	return check(*arg)
}

// fitAll refuses a list of which the field of the column could not hold a value. A number of a list that is beyond those of the
// column is no match.
func (s *Scope) fitAll(col Ref, items []any, class string) error {
	if class == graph.ClassInteger {
		return nil
	}
	for i := range items {
		if err := s.fits(col, &items[i]); err != nil {
			return err
		}
	}
	return nil
}

// compareColumns binds both names, and checks that the columns can be compared.
func (s *Scope) compareColumns(e *CompareColumns, mayJoin bool) (Expr, error) {
	bound := *e
	if err := s.column(&bound.Col, "", mayJoin); err != nil {
		return nil, err
	}
	if err := s.column(&bound.With, "", mayJoin); err != nil {
		return nil, err
	}
	if bound.Col.Value != nil || bound.With.Value != nil {
		return &bound, nil
	}
	a, _ := bound.Col.Binding.Table.Column(bound.Col.Column)
	b, _ := bound.With.Binding.Table.Column(bound.With.Column)
	if !graph.Comparable(a.Class, b.Class) && !graph.Comparable(b.Class, a.Class) {
		return nil, graph.Problemf(ErrArgType, "%q is %s (%s), %q is %s (%s); they cannot be compared", bound.Col.Name, a.GoType,
			a.Class, bound.With.Name, b.GoType, b.Class)
	}
	return &bound, nil
}

func notComparable(ref Ref, c *graph.Column, class string) error {
	return graph.Problemf(ErrArgType, "%q is %s (%s), got a value of kind %s; convert it before", ref.Name, c.GoType, c.Class, class)
}

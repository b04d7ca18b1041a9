package plan

// LISTS: a list is the values that a column may have, or, for a column that holds lists, one value.

// in binds a test for being in a list.
func (s *Scope) in(e *In, mayJoin bool) (Expr, error) {
	bound := *e
	if err := s.column(&bound.Col, e.Class, mayJoin); err != nil {
		return nil, err
	}
	isNull := &IsNull{Col: bound.Col, Not: e.Not}
	if bound.Col.Value == nil {
		if c, ok := bound.Col.Binding.Table.Column(bound.Col.Column); ok && c.List {
			return isList(&bound, isNull), nil
		}
	}
	if err := s.fitAll(bound.Col, e.Items, e.Class); err != nil {
		return nil, err
	}
	switch {
	case !e.HasNull:
		return &bound, nil
	case e.Not:
		return And{&bound, isNull}, nil
	default:
		return Or{&bound, isNull}, nil
	}
}

// isList compares a column of lists with a list.
func isList(e *In, isNull *IsNull) Expr {
	switch {
	case e.Whole == nil:
		return isNull
	case e.Not:
		return &Compare{Col: e.Col, Op: "<>", Arg: e.Whole}
	}
	return &Compare{Col: e.Col, Op: "=", Arg: e.Whole}
}

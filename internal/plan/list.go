package plan

import "github.com/dovetail-go/dovetail/internal/graph"

// LISTS: a list is the values that a column may have, or, for a column that holds lists, one value.

// in binds a test for being in a list.
func (s *Scope) in(e *In, mayJoin bool) (Expr, error) {
	bound := *e
	class := e.Class
	if e.Mixed != nil {
		class = "" // it says what is wrong
	}
	if err := s.column(&bound.Col, class, mayJoin); err != nil {
		return nil, err
	}
	if e.Mixed != nil && !ofTextsAndNumbers(bound.Col) {
		return nil, graph.Problemf(ErrArgType, "%q: %w", e.Col.Name, e.Mixed)
	}
	isNull := &IsNull{Col: bound.Col, Not: e.Not}
	if bound.Col.Value == nil {
		if c, ok := bound.Col.Binding.Table.Column(bound.Col.Column); ok && c.List {
			return isList(&bound, isNull), nil
		}
	}
	if err := s.fitAll(bound.Col, &bound); err != nil {
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

// ofTextsAndNumbers reports whether a column can be compared with texts and with numbers.
func ofTextsAndNumbers(r Ref) bool {
	if r.Value != nil {
		return false
	}
	c, ok := r.Binding.Table.Column(r.Column)
	return ok && !c.List && c.Comparable(graph.ClassText) && c.Comparable(graph.ClassFloat)
}

// isList compares a column of lists with a list.
func isList(e *In, isNull *IsNull) Expr {
	switch {
	case e.Whole == nil:
		return isNull
	case e.Not:
		return &Compare{Col: e.Col, Op: "<>", Arg: e.whole()}
	}
	return &Compare{Col: e.Col, Op: "=", Arg: e.whole()}
}

// whole returns the list as one value.
func (e *In) whole() any {
	if e.Given == nil {
		return e.Whole
	}
	return e.Given.into(e.Whole, func(list any) (any, error) { return list.(*In).Whole, nil })
}

// inQuery binds a test for being among the rows of a subquery.
func (s *Scope) inQuery(e *InQuery, mayJoin bool) (Expr, error) {
	bound := *e
	query, err := s.expr(e.Query, mayJoin)
	if err != nil {
		return nil, err
	}
	bound.Query = query
	if sub, ok := query.(*Subquery); ok && len(sub.Query.Outputs) != 1 {
		return nil, graph.Problemf(ErrInvalid, "%q: the subquery selects %d columns; %s", e.Col.Name, len(sub.Query.Outputs), sub.Query.oneColumn())
	}
	return &bound, s.column(&bound.Col, "", mayJoin)
}

// columns binds the names of columns that values of any class are compared with.
func (s *Scope) columns(refs []Ref, mayJoin bool) error {
	for i := range refs {
		if err := s.column(&refs[i], "", mayJoin); err != nil {
			return err
		}
	}
	return nil
}

// oneColumn says how a query selects one column.
func (q *Query) oneColumn() string {
	for _, o := range q.Outputs {
		if a, ok := o.Expr.(*Aggregate); ok {
			return graph.Textf("%q, a value of With, is one of them; leave it out, or, where a condition names it, select one column with Columns "+
				"in a query that reads this one by From", a.Name)
		}
	}
	return "select one with Columns"
}

package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: a planned query with groups. Output: why a column of it has no one value in each group.

// checkGrouped refuses a column that is not determined by the group: PostgreSQL does too, SQLite picks any row's.
func (q *Query) checkGrouped(*Spec) error {
	if len(q.GroupBy) == 0 {
		return q.checkUngrouped()
	}
	for _, o := range q.Outputs {
		if o.Expr == nil && o.Added && !q.grouped(o.Ref) {
			return graph.Problemf(ErrInvalid, "a preload or the order needs column %q, which is not grouped; group by it or by the "+
				"primary key of %q", o.Ref.Name, o.Ref.Binding.Table.Name)
		}
		if o.Expr == nil && !q.grouped(o.Ref) {
			return graph.Problemf(ErrInvalid, "column %q is selected but not grouped; group by it or by the primary key of %q, "+
				"or select other columns with Columns", o.Ref.Name, o.Ref.Binding.Table.Name)
		}
	}
	for _, o := range q.OrderBy {
		if o.Expr == nil && o.Output == "" && !q.grouped(o.Ref) {
			return graph.Problemf(ErrInvalid, "column %q is ordered by but not grouped; group by it or by the primary key of %q",
				o.Ref.Name, o.Ref.Binding.Table.Name)
		}
	}
	return q.checkGroupedValues()
}

// checkGroupedValues refuses what is made of or tested in one row of each group, and no group has one.
func (q *Query) checkGroupedValues() error {
	for _, o := range q.Outputs {
		a, ok := o.Expr.(*Aggregate)
		if !ok {
			continue
		}
		if ref, found := q.ungrouped(a); found {
			return &PathError{Method: "With", Err: graph.Problemf(ErrInvalid, "the value %q is made for each row of %q, and its column %q, which "+
				"that needs, is not grouped; group by it or by the primary key of %q, or make the value in a query of its own", a.Name,
				ref.Binding.Table.Name, ref.Column, ref.Binding.Table.Name)}
		}
	}
	for _, e := range q.Having {
		if ref, found := q.ungrouped(e); found {
			return &PathError{Method: "Having", Err: graph.Problemf(ErrInvalid, "column %q of %q is not grouped, so that no group has one value "+
				"of it; group by it or by the primary key of %q, or test it in Where", ref.Column, ref.Binding.Table.Name,
				ref.Binding.Table.Name)}
		}
	}
	return nil
}

// ungrouped returns a column of the query's own tables that an expression reads and that is not grouped.
func (q *Query) ungrouped(e Expr) (none Ref, found bool) {
	r := groupReader{q: q}
	r.expr(e)
	return r.none, r.found
}

// groupReader looks for a column that is not grouped. What the caller's text reads may stand in an aggregate; inside of a subquery it
// does not.
type groupReader struct {
	q      *Query
	inside bool // of a subquery
	none   Ref
	found  bool
}

func (g *groupReader) refs(refs ...Ref) {
	for _, r := range refs {
		if r.Value != nil {
			g.expr(r.Value)
		} else if !g.found && slices.Contains(g.q.Bindings, r.Binding) && !g.q.grouped(r) {
			g.none, g.found = r, true
		}
	}
}

func (g *groupReader) related(s *Scope, cols ...Ref) {
	defer func(before bool) { g.inside = before }(g.inside)
	g.inside = true
	for _, b := range s.Bindings {
		for _, pair := range b.Relation.Steps[0].On {
			g.refs(Ref{Name: pair.From, Binding: b.Parent, Column: pair.From})
		}
		g.exprs(slices.Concat(b.Rules...)...)
		g.exprs(b.On...)
		for _, of := range b.scopes() {
			g.related(of)
		}
	}
	g.exprs(s.Where...)
	g.refs(cols...)
}

func (g *groupReader) exprs(exprs ...Expr) {
	for _, e := range exprs {
		g.expr(e)
	}
}

func (g *groupReader) expr(e Expr) {
	switch e := e.(type) {
	case *Compare:
		g.refs(e.Col)
	case *In:
		g.refs(e.Col)
	case *InQuery:
		g.refs(e.Col)
	case *CompareColumns:
		g.refs(e.Col, e.With)
	case *Column:
		g.refs(e.Col)
	case *IsNull:
		g.refs(e.Col)
	case *Match:
		g.refs(e.Col)
	case And:
		g.exprs(e...)
	case Or:
		g.exprs(e...)
	case *Not:
		g.expr(e.Expr)
	case *NotTrue:
		g.expr(e.Expr)
	case *Exists:
		if e.Up != nil {
			g.refs(e.Up.Key...)
		}
		for _, of := range e.scopes() {
			g.related(of)
		}
	case *Aggregate:
		g.related(e.Sub, e.Col)
	case *Text:
		if g.inside {
			g.refs(e.Refs...)
		}
	}
}

// grouped reports whether the column has one value in each group.
func (q *Query) grouped(ref Ref) bool {
	in := func(column string) bool {
		return slices.ContainsFunc(q.GroupBy, func(g Ref) bool { return g.Binding == ref.Binding && g.Column == column })
	}
	key := ref.Binding.Table.PrimaryKey
	return in(ref.Column) || len(key) > 0 && !slices.ContainsFunc(key, func(k string) bool { return !in(k) })
}

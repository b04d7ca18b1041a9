package compile

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: subqueries over the related rows of one row of the query around, which tests and values are made of.

func (w *writer) exists(e *plan.Exists) {
	if e.AtLeast > 1 {
		// No more rows are counted than are asked for.
		w.sql("(SELECT count(*) FROM (SELECT ")
		if apart := w.relatedOnce(e.Sub, "1"); !apart || !w.d.Features().Lateral { // whose planner would seek the first ones in the order of a key
			w.b = w.d.AppendLimit(w.b, e.AtLeast, -1)
		}
		w.sql(") AS ")
		w.ident("counted")
		w.sql(") >= ")
		w.number(e.AtLeast)
		return
	}
	if e.Keys != nil {
		w.all(e)
		return
	}
	if e.Not {
		w.sql("NOT ")
	}
	if e.Up != nil {
		w.ascent(e)
		return
	}
	w.sql("EXISTS (SELECT 1")
	w.related(e.Sub)
	if e.Apart && w.d.Features().Lateral { // whose planners try every order of the tests that they can make joins of
		w.sql(" OFFSET 0")
	}
	w.sql(")")
}

// all writes that there is a row of each key, by one text for any number of them.
func (w *writer) all(e *plan.Exists) {
	w.sql("(SELECT count(DISTINCT ")
	w.column(e.Sub.Base.Alias, e.Sub.Base.Table.PrimaryKey[0])
	w.sql(")")
	w.related(e.Sub)
	w.sql(") = ")
	w.givenFragment(e.Keys.Given, e.Keys, func(list any) (dialect.Fragment, error) {
		return dialect.Fragment{SQL: "?", Args: []any{int64(len(list.(*plan.In).Items))}}, nil
	})
}

// valueOnce is the name of a value that is taken from related rows of which each is there once, but for what sets it apart.
const valueOnce = "value#"

// isFirst writes that a row is the first of those that a relation's key matches. The database finds that row by its key.
func (w *writer) isFirst(e *plan.First) {
	base := e.Sub.Base
	w.tuple(len(e.Key), func(i int) { w.ref(e.Key[i]) })
	w.sql(" = (SELECT ")
	w.list(len(e.Key), ", ", func(i int) { w.column(base.Alias, e.Key[i].Column) })
	w.sql(" FROM ")
	w.table(base.Table, base.Alias)
	w.joins(e.Sub.Bindings[1:])
	w.where(" WHERE ", e.Sub.Where)
	w.first(e.Order)
	w.sql(")")
}

// subselect writes the subquery that makes a value, which has a name in it where others read it.
func (w *writer) subselect(a *plan.Aggregate, name string) {
	apart, several := a.Sub.Apart()
	_, text := a.OfText() // whose values may have no equality
	inner := several && len(apart) > 0 && a.Repeats() && !text && (a.Func != "count" || a.OfRows())
	once := valueOnce
	if inner {
		columns := make([]string, len(apart))
		for i, r := range apart {
			columns[i] = r.Column
		}
		once += graph.Apart(nil, columns...)
	}
	w.sql("(SELECT ")
	switch {
	case a.Func == "first":
		w.ref(a.Col)
	case inner:
		w.function(a, func() { w.ident(once) })
	default:
		w.function(a, func() { w.ref(a.Col) })
	}
	if name != "" {
		w.sql(" AS ")
		w.ident(name)
	}
	switch {
	case inner:
		w.sql(" FROM (SELECT ")
		w.distinct(apart)
		if !a.OfRows() {
			w.sql(", ")
			w.ref(a.Col)
			w.sql(" AS ")
			w.ident(once)
		}
		w.related(a.Sub)
		w.sql(") AS ")
		w.ident("counted")
	case several && a.Repeats():
		w.reachedRows(a.Sub)
	default:
		w.related(a.Sub)
	}
	if a.Func == "first" {
		w.first(a.Order)
	}
	w.sql(")")
}

// function writes what makes the value of the related rows, or of what is made of each.
func (w *writer) function(a *plan.Aggregate, of func()) {
	if a.OfRows() {
		w.sql("count(*)")
		return
	}
	w.sql(a.Func + "(")
	if a.Distinct {
		w.sql("DISTINCT ")
	}
	of()
	w.sql(")")
}

// first ends a subquery that reads the first row of an order.
func (w *writer) first(order []plan.Order) {
	if len(order) > 0 {
		w.sql(" ORDER BY ")
		w.orderTerms(order, w.output)
	}
	w.b = w.d.AppendLimit(w.b, 1, -1)
}

// aside writes a column of a row that is not joined: NULL where there is no row.
func (w *writer) aside(r plan.Ref) {
	w.sql("(SELECT ")
	w.column(r.Binding.Alias, r.Column)
	w.related(r.Binding.Aside)
	if order, several := r.Binding.Aside.First(); several {
		w.first(order)
	}
	w.sql(")")
}

// related writes FROM and WHERE of the related rows of one row of the query around. A row comes once for each way that leads
// there: a chain of joins is what planners make semi-joins of.
func (w *writer) related(s *plan.Scope) {
	w.inside++
	defer func() { w.inside-- }()
	first := s.Bindings[0]
	w.sql(" FROM ")
	w.firstRows(first)
	w.joins(s.Bindings[1:])
	w.where(w.ofRowAround(first), s.Where)
}

// firstRows writes the tables of the first binding of a subquery.
func (w *writer) firstRows(b *plan.Binding) {
	if b.Descent != nil {
		w.descent(b)
		w.descentJoin(b)
		return
	}
	w.firstStep(b)
	w.furtherSteps(b)
}

// ofRowAround writes what the rows of the first binding have in common with the row of the query around, and what always holds of them. It
// returns what a further condition follows.
func (w *writer) ofRowAround(b *plan.Binding) (and string) {
	if b.Descent != nil {
		return " WHERE " // found from that row
	}
	w.sql(" WHERE ")
	w.rules(w.toParent(b), b)
	return " AND "
}

// relatedOnce writes the rest of a SELECT of the related rows, each of which comes once. What is selected says nothing about
// them. It reports whether they are told apart by DISTINCT.
func (w *writer) relatedOnce(s *plan.Scope, selected string) (distinct bool) {
	apart, several := s.Apart()
	switch {
	case !several:
		w.sql(selected)
		w.related(s)
	case len(apart) > 0:
		w.distinct(apart)
		w.related(s)
	default:
		w.sql(selected)
		w.reachedRows(s)
	}
	return several && len(apart) > 0
}

// distinct writes what tells the rows apart.
func (w *writer) distinct(apart []plan.Ref) {
	w.sql("DISTINCT ")
	w.list(len(apart), ", ", func(i int) { w.ref(apart[i]) })
}

// reachedRows writes what related does where a row that several ways lead to must come once, and nothing tells all rows apart:
// some table on the way has no primary key.
func (w *writer) reachedRows(s *plan.Scope) {
	w.inside++
	defer func() { w.inside-- }()
	first := s.Bindings[0]
	w.sql(" FROM ")
	if !first.Relation.Ways {
		w.firstRows(first)
		w.reachedJoins(s.Bindings[1:])
		w.where(w.ofRowAround(first), s.Where)
		return
	}
	w.table(first.Table, first.Alias)
	w.reachedJoins(s.Bindings[1:])
	w.sql(" WHERE ")
	w.reached(first)
	w.where(" AND ", s.Where)
}

// reachedJoins joins further related rows, each once for its parent, however many ways lead to it.
func (w *writer) reachedJoins(bindings []*plan.Binding) {
	for i, b := range bindings {
		if !b.Relation.Ways {
			w.joins(bindings[i : i+1])
			continue
		}
		w.sql(" JOIN ")
		w.table(b.Table, b.Alias)
		w.sql(" ON ")
		w.reached(b)
	}
}

// reached writes that a related row is among those that lead back to the row of its parent, however many ways there are.
func (w *writer) reached(b *plan.Binding) {
	steps := b.Relation.Steps
	last := len(steps) - 1
	inside := b.Rules[:last]
	if b.Along { // what they name is there alone
		inside = b.Rules
	}
	w.among(b.Relation.Matched(last), b.Alias, b.Links[last-1], func() {
		w.firstStep(b)
		for i := 1; i < last; i++ {
			w.step(b, i)
		}
		w.sql(" WHERE ")
		w.toParent(b)
		for _, rules := range inside {
			w.where(" AND ", rules)
		}
	})
	for _, rules := range b.Rules[len(inside):] {
		w.where(" AND ", rules)
	}
}

// among writes that the columns of alias are among those of prev, in the rows that from writes.
func (w *writer) among(on []graph.Pair, alias, prev string, from func()) {
	w.tuple(len(on), func(i int) { w.spelledTo(on[i].Spelling, func() { w.column(alias, on[i].To) }) })
	w.sql(" IN (SELECT ")
	w.list(len(on), ", ", func(i int) { w.spelledFrom(on[i].Spelling, func() { w.column(prev, on[i].From) }) })
	w.sql(" FROM ")
	from()
	w.sql(")")
}

// tuple writes n values, in parentheses if there are several.
func (w *writer) tuple(n int, each func(i int)) {
	if n == 1 {
		each(0)
		return
	}
	w.sql("(")
	w.list(n, ", ", each)
	w.sql(")")
}

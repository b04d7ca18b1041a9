package compile

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: the values of With, with where the plan has each made.

// aggregate writes a value made of the related rows: a subquery of its own, so that two of them never multiply each other.
func (w *writer) aggregate(a *plan.Aggregate) {
	switch {
	case a.Grouped && !w.each:
		w.ofGroup(a)
	case a.Kept != nil && !w.each:
		w.column(a.Kept.Alias, a.Once)
	case a.Once != "" && !a.Grouped && a.Kept == nil:
		w.column(a.Once, a.Name)
	case a.Func == "exists":
		w.exists(&plan.Exists{Sub: a.Sub})
	default:
		w.subselect(a, "")
	}
}

// ofGroup writes a value that was made of all rows at once. A row whose key holds NULL, which equals nothing, has none there.
func (w *writer) ofGroup(a *plan.Aggregate) {
	owner, may := a.Sub.Bindings[0].Parent, w.nullKeys(a)
	if len(may) > 0 {
		w.sql("CASE WHEN ")
		w.list(len(may), " OR ", func(i int) {
			w.column(owner.Alias, may[i])
			w.sql(" IS NULL")
		})
		w.sql(" THEN ")
		w.subselect(a, "")
		w.sql(" ELSE ")
		defer w.sql(" END")
	}
	if a.Func != "count" {
		w.column(a.Once, a.Name)
		return
	}
	w.sql("coalesce(")
	w.column(a.Once, a.Name)
	w.sql(", 0)")
}

// nullKeys returns the columns of the primary key that may be NULL in a row that has related rows: those by which these are found are
// not.
func (w *writer) nullKeys(a *plan.Aggregate) (may []string) {
	first := a.Sub.Bindings[0]
	if !w.d.Features().NullKeys {
		return nil
	}
	for _, key := range first.Parent.Table.PrimaryKey {
		if !slices.ContainsFunc(first.Relation.Matched(0), func(p graph.Pair) bool { return p.From == key }) {
			may = append(may, key)
		}
	}
	return may
}

// once writes the values that are made beside the tables, each for the row that the tables before it give, or for all rows together.
func (w *writer) once(q *plan.Query) {
	for _, a := range q.Once {
		if a.Grouped {
			if !w.each {
				w.grouped(q, a)
			}
			continue
		}
		if a.Func == "first" { // there may be none
			w.sql(" LEFT JOIN LATERAL ")
		} else {
			w.sql(" CROSS JOIN LATERAL ")
		}
		w.subselect(a, a.Name)
		w.sql(" AS ")
		w.ident(a.Once)
		if a.Func == "first" {
			w.sql(" ON TRUE")
		}
	}
}

// kept writes the table of a query with a value of each row, as a subquery that the database does not make part of the query around,
// where it would put the value's subquery into each place that names it. Its columns are those that are declared: each table has some that *
// does not contain, such as its rowid.
func (w *writer) kept(q *plan.Query) {
	w.sql("(SELECT ")
	for c := range q.Base.Table.Stored() {
		w.column(q.Base.Alias, c.Name)
		w.sql(" AS ")
		w.ident(c.Name)
		w.sql(", ")
	}
	w.each = true // no value is read from the subquery that makes it
	w.subselect(q.Kept.Value, "")
	w.each = false
	w.sql(" AS ")
	w.ident(q.Kept.Value.Once)
	w.sql(" FROM ")
	w.table(q.Base.Table, q.Base.Alias)
	w.where(" WHERE ", q.Kept.Where)
	w.sql(w.d.Features().Fence + ") AS ")
	w.ident(q.Base.Alias)
}

// conditions returns those of the query, but for those that its table is read by.
func (w *writer) conditions(q *plan.Query) []plan.Expr {
	if q.Kept != nil && !w.each {
		return q.Kept.Rest
	}
	return q.Where
}

// grouped writes a join with the value of every row that has related ones. What is joined reads the query's table by the same name, so
// that all that is written for one of its rows means each of them there.
func (w *writer) grouped(q *plan.Query, a *plan.Aggregate) {
	key, apart := q.Base.Table.PrimaryKey, q.Apart()
	name := func(i int) string { return numbered("key#", i) + apart } // that no bare word around means
	w.sql(" LEFT JOIN (SELECT ")
	w.list(len(key), ", ", func(i int) {
		w.column(q.Base.Alias, key[i])
		w.sql(" AS ")
		w.ident(name(i))
	})
	w.sql(", ")
	w.function(a, func() { w.ref(a.Col) })
	w.sql(" AS ")
	w.ident(a.Name)
	w.sql(" FROM ")
	w.base(q)
	w.joins(a.Sub.Bindings)
	w.where(" WHERE ", a.Sub.Where)
	w.sql(" GROUP BY ")
	w.columns(q.Base.Alias, key)
	w.sql(") AS ")
	w.ident(a.Once)
	w.sql(" ON ")
	w.list(len(key), " AND ", func(i int) {
		w.column(a.Once, name(i))
		w.sql(" = ")
		w.column(q.Base.Alias, key[i])
	})
}

// tested returns the values that are made beside the tables without those that only the result and its order name.
func tested(q *plan.Query) (all []*plan.Aggregate) {
	for _, a := range q.Once {
		if a.Tested || !a.Grouped {
			all = append(all, a)
		}
	}
	return all
}

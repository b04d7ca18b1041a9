package compile

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: a key of a table that points at the table itself, and rows told by what it points at. Output: the statements that
// walk from them to the rows above.

const (
	aboveName = "above#"
	startName = "start#" // the columns of the row that the walk began at, numbered
	atName    = "at#"    // those of a row on the way
	upName    = "up#"    // those of the row above that
)

// Above writes, of the rows that lie above some and of these, a column with each of the key's, as text, and whether one of the walks that
// come there began at the row above: it is a cycle. Its arguments, which the caller gives, are the keys of rows to begin at, and behind
// them the values of those columns that stay the same on all walks, if they are known: where rows lie apart by such a column, as those of
// tenants may, the walks lead to none of the other places.
func Above(k *graph.ForeignKey, rows int, staying []int, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.above(k, rows, staying)
	w.sql("SELECT ")
	w.texts(k, func(i int) { w.ident(numbered(atName, i)) })
	w.sql(", max(CASE WHEN ")
	w.list(len(k.Columns), " AND ", func(i int) {
		w.ident(numbered(upName, i))
		w.sql(" = ")
		w.ident(numbered(startName, i))
	})
	w.sql(" THEN 1 ELSE 0 END) FROM ")
	w.ident(aboveName)
	w.sql(" GROUP BY ")
	w.list(len(k.Columns), ", ", func(i int) { w.ident(numbered(atName, i)) })
	return w.statement()
}

// LockAbove writes a lock of those rows against a change of what they point at, which yields a column with each of the key's, as text.
// The values of the columns that stay the same are among its arguments twice.
func LockAbove(k *graph.ForeignKey, rows int, staying []int, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	arg := w.above(k, rows, staying)
	t := k.References
	w.sql("SELECT ")
	w.texts(k, func(i int) { w.column(t.Name, k.Referenced[i]) })
	w.sql(" FROM ")
	w.table(t, t.Name)
	w.sql(" WHERE ")
	w.tuple(len(k.Referenced), func(i int) { w.column(t.Name, k.Referenced[i]) })
	w.sql(" IN (SELECT ")
	w.list(len(k.Columns), ", ", func(i int) { w.ident(numbered(atName, i)) })
	w.sql(" FROM ")
	w.ident(aboveName)
	w.sql(")")
	w.stay(k, staying, arg)
	w.sql(" ORDER BY ")
	w.columns(t.Name, k.Referenced)
	w.sql(" FOR SHARE OF ")
	w.ident(t.Name)
	return w.statement()
}

// texts writes columns as text.
func (w *writer) texts(k *graph.ForeignKey, column func(i int)) {
	w.list(len(k.Columns), ", ", func(i int) {
		w.sql("CAST(")
		column(i)
		w.sql(" AS TEXT)")
	})
}

// stay writes that columns of the key's table have the values that they keep, which are arguments behind the last one, and returns the
// number of the last of these.
func (w *writer) stay(k *graph.ForeignKey, staying []int, arg int) int {
	for _, i := range staying {
		arg++
		w.sql(" AND ")
		w.column(k.References.Name, k.Referenced[i])
		w.sql(" = ")
		w.b = w.d.AppendPlaceholder(w.b, arg)
	}
	return arg
}

// above writes the common table expression of the walks, and returns the number of its last argument. A row that is met again by one
// walk adds nothing to it.
func (w *writer) above(k *graph.ForeignKey, rows int, staying []int) int {
	t, n := k.References, len(k.Columns)
	names := func(name string) func(int) { return func(i int) { w.ident(numbered(name, i)) } }
	w.sql("WITH RECURSIVE ")
	w.ident(aboveName)
	w.sql(" (")
	w.list(n, ", ", names(startName))
	w.sql(", ")
	w.list(n, ", ", names(atName))
	w.sql(", ")
	w.list(n, ", ", names(upName))
	w.sql(") AS (SELECT ")
	w.columns(t.Name, k.Referenced)
	w.sql(", ")
	w.columns(t.Name, k.Referenced)
	w.sql(", ")
	w.columns(t.Name, k.Columns)
	w.sql(" FROM ")
	w.table(t, t.Name)
	w.sql(" WHERE ")
	arg := 0
	equal := func(i int) {
		arg++
		w.column(t.Name, k.Referenced[i])
		w.sql(" = ")
		w.b = w.d.AppendPlaceholder(w.b, arg)
	}
	w.list(rows, " OR ", func(int) { w.list(n, " AND ", equal) })
	w.sql(" UNION SELECT ")
	w.list(n, ", ", func(i int) { w.column(aboveName, numbered(startName, i)) })
	w.sql(", ")
	w.columns(t.Name, k.Referenced)
	w.sql(", ")
	w.columns(t.Name, k.Columns)
	w.sql(" FROM ")
	w.ident(aboveName)
	w.sql(" JOIN ")
	w.table(t, t.Name)
	w.sql(" ON ")
	w.list(n, " AND ", func(i int) { w.equalColumns(t.Name, k.Referenced[i], aboveName, numbered(upName, i)) })
	arg = w.stay(k, staying, arg)
	w.sql(") ")
	return arg
}

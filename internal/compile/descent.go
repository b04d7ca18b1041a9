package compile

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: rows that are found by following a relation of a table with itself, level by level. They are found by what tells
// them alone, for the one row that the subquery around is about, and then joined.

// descent writes the rows of a binding as a FROM item, of which those of one parent are to be chosen where several have some. A row that
// is found again, because several ways or a cycle lead to it, adds nothing; with a number of levels it is found at each, and told once at
// the end.
func (w *writer) descent(b *plan.Binding) {
	d := b.Descent
	w.sql("(WITH RECURSIVE ")
	w.ident(d.Found)
	w.sql("(")
	columns := foundColumns(d)
	w.idents(columns)
	w.sql(") AS (SELECT ")
	w.list(len(d.Owner), ", ", func(i int) { w.ref(d.Owner[i]) })
	w.found(d, d.First.Base, func() { w.sql("1") })
	w.related(d.First)
	w.sql(" UNION SELECT ")
	w.list(len(d.Owner), ", ", func(i int) { w.column(d.Found, upColumn(d, i)) })
	w.found(d, d.Next.Base, func() {
		w.column(d.Found, levelColumn(d))
		w.sql(" + 1")
	})
	w.sql(" FROM ")
	w.ident(d.Found)
	if d.Joined {
		w.sql(" JOIN ")
		w.table(d.Above.Table, d.Above.Alias)
		w.sql(" ON ")
		w.same(d.Above.Table.PrimaryKey, d.Above.Alias, d.Found)
	}
	and := w.chain(d.Next.Base, " JOIN ")
	w.rules(and, d.Next.Base)
	w.levelsLeft(d.Found, levelColumn(d), d.Levels)
	w.sql(") SELECT DISTINCT ")
	told := slices.Concat(columns[:len(d.Owner)], b.Table.PrimaryKey)
	w.idents(told)
	w.sql(" FROM ")
	w.ident(d.Found)
	w.sql(") AS ")
	w.ident(d.Rows)
}

// levelsLeft writes that the rows found last are not those of the last level that is asked for, where there is one.
func (w *writer) levelsLeft(found, level string, levels int) {
	if levels == 0 {
		return
	}
	w.sql(" WHERE ")
	w.column(found, level)
	w.sql(" < ")
	w.number(int64(levels))
}

// apart is what the names of columns end in that stand beside these.
func apart(columns []string) string { return graph.Apart(nil, columns...) }

// upColumn and levelColumn are the names of columns that stand beside those which the rows of a descent carry: a part of the key of the row
// that they are below, and the level.
func upColumn(d *plan.Descent, i int) string { return numbered(treeUp, i) + apart(d.Carried()) }

func levelColumn(d *plan.Descent) string { return treeLevel + apart(d.Carried()) }

// foundColumns returns the columns that rows have while they are found.
func foundColumns(d *plan.Descent) []string {
	var columns []string
	for i := range d.Owner {
		columns = append(columns, upColumn(d, i))
	}
	columns = append(columns, d.Carried()...)
	if d.Levels > 0 {
		columns = append(columns, levelColumn(d))
	}
	return columns
}

// found writes the values of the columns behind those of the owner.
func (w *writer) found(d *plan.Descent, row *plan.Binding, level func()) {
	if len(d.Owner) > 0 {
		w.sql(", ")
	}
	w.columns(row.Alias, d.Carried())
	if d.Levels > 0 {
		w.sql(", ")
		level()
	}
}

// descentJoin joins the table to the rows that were found.
func (w *writer) descentJoin(b *plan.Binding) {
	w.sql(" JOIN ")
	w.table(b.Table, b.Alias)
	w.sql(" ON ")
	w.same(b.Table.PrimaryKey, b.Alias, b.Descent.Rows)
	w.rules(" AND ", b)
}

// joinDescent joins the rows of a binding to those of its parent, which has others beside it.
func (w *writer) joinDescent(b *plan.Binding) {
	w.sql(" JOIN ")
	w.descent(b)
	w.sql(" ON ")
	key := b.Parent.Table.PrimaryKey
	w.list(len(key), " AND ", func(i int) {
		w.equalColumns(b.Descent.Rows, upColumn(b.Descent, i), b.Parent.Alias, key[i])
	})
	w.descentJoin(b)
}

// same writes that two rows of one table are the same.
func (w *writer) same(key []string, alias, other string) {
	w.list(len(key), " AND ", func(i int) { w.equalColumns(alias, key[i], other, key[i]) })
}

// ascent writes that the row which is tested is one of those above the rows for which the test holds. The rows of the test are found
// first, by what it says of them, then those above them; the database does so once for all rows that are tested.
func (w *writer) ascent(e *plan.Exists) {
	up, key := e.Up, e.Up.Above.Table.PrimaryKey
	columns, level := slices.Clone(key), treeLevel+apart(key)
	if up.Levels > 0 {
		columns = append(columns, level)
	}
	w.tuple(len(key), func(i int) { w.ref(up.Key[i]) })
	w.sql(" IN (WITH RECURSIVE ")
	w.ident(up.Found)
	w.sql("(")
	w.idents(columns)
	w.sql(") AS (SELECT ")
	w.columns(up.Above.Alias, key)
	if up.Levels > 0 {
		w.sql(", 1")
	}
	w.fromAbove(e.Sub)
	w.where(" WHERE ", e.Sub.Where)
	w.sql(" UNION SELECT ")
	w.columns(up.Next.Bindings[0].Parent.Alias, key)
	if up.Levels > 0 {
		w.sql(", ")
		w.column(up.Found, level)
		w.sql(" + 1")
	}
	w.fromAbove(up.Next)
	w.sql(" JOIN ")
	w.ident(up.Found)
	w.sql(" ON ")
	w.same(key, up.Found, up.Next.Base.Alias)
	w.levelsLeft(up.Found, level, up.Levels)
	w.sql(") SELECT DISTINCT ")
	w.idents(key)
	w.sql(" FROM ")
	w.ident(up.Found)
	w.sql(")")
}

// fromAbove writes FROM the row that the first binding is below, and what is joined to it.
func (w *writer) fromAbove(s *plan.Scope) {
	above := s.Bindings[0].Parent
	w.sql(" FROM ")
	w.table(above.Table, above.Alias)
	w.joins(s.Bindings)
}

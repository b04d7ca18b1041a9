package compile

import (
	"github.com/dovetail-go/dovetail/internal/graph"
)

// otherOrder is the alias of a row that holds a pair in the other order.
const otherOrder = "other#"

// stepTable writes the table of a step. That of a symmetric relation has each of its rows twice, as it is stored, with the keys of
// either end beside: as a union without a DISTINCT, so that conditions reach the indexes of both keys.
func (w *writer) stepTable(s graph.Step, alias string) {
	if len(s.Mirror) == 0 {
		w.table(s.Table, alias)
		return
	}
	t := s.Table
	var columns []string
	for c := range t.Stored() {
		columns = append(columns, c.Name)
	}
	names, stored, mirrored := s.Ends()
	side := func(ends []string) {
		w.sql("SELECT ")
		w.columns(t.Name, columns)
		for i, end := range ends {
			w.sql(", ")
			w.column(t.Name, end)
			w.sql(" AS ")
			w.ident(names[i])
		}
		w.sql(" FROM ")
		w.table(t, t.Name)
	}
	w.sql("(")
	side(stored)
	w.sql(" UNION ALL ")
	side(mirrored)
	half := s.Mirror[:len(s.Mirror)/2]
	w.sql(" WHERE NOT (") // a row that is paired with itself has one end
	w.list(len(half), " AND ", func(i int) { w.equalColumns(t.Name, half[i].From, t.Name, half[i].To) })
	w.sql(")")
	if s.Bare() {
		w.inOneOrder(s)
	}
	w.sql(") AS ")
	w.ident(alias)
}

// inOneOrder leaves out what a row of the other order says already. It is no NOT EXISTS, of which PostgreSQL would make a join, and
// then read the union as a whole.
func (w *writer) inOneOrder(s graph.Step) {
	t := s.Table
	w.sql(" AND (SELECT 1 FROM ")
	w.table(t, otherOrder)
	w.sql(" WHERE ")
	w.list(len(s.Mirror), " AND ", func(i int) { w.equalColumns(otherOrder, s.Mirror[i].From, t.Name, s.Mirror[i].To) })
	w.b = w.d.AppendLimit(w.b, 1, -1)
	w.sql(") IS NULL")
}

func (w *writer) equalColumns(alias, column, other, otherColumn string) {
	w.column(alias, column)
	w.sql(" = ")
	w.column(other, otherColumn)
}

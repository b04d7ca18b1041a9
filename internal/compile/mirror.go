package compile

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// otherOrder is the alias of a row that holds a pair in the other order, but for what sets it apart.
const otherOrder = "other#"

// stepTable writes the table of a step, of whose rows the rules hold. That of a symmetric relation has each of its rows twice, as it is stored, with the keys of
// either end beside: as a union without a DISTINCT, so that conditions reach the indexes of both keys.
func (w *writer) stepTable(s graph.Step, alias string, rules []plan.Expr) {
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
		w.inOneOrder(s, alias, rules)
	}
	w.sql(") AS ")
	w.ident(alias)
}

// inOneOrder leaves out what a row of the other order says already. It is no NOT EXISTS, of which PostgreSQL would make a join, and
// then read the union as a whole. What the rules fix of columns that are the same in both orders, such as the tenant's, is said of the other
// row too: where rows lie apart by it, that leads to one place.
func (w *writer) inOneOrder(s graph.Step, alias string, rules []plan.Expr) {
	t, exchanged := s.Table, otherOrder+graph.Apart([]*graph.Table{s.Table})
	w.sql(" AND (SELECT 1 FROM ")
	w.table(t, exchanged)
	w.sql(" WHERE ")
	w.list(len(s.Mirror), " AND ", func(i int) { w.equalColumns(exchanged, s.Mirror[i].From, t.Name, s.Mirror[i].To) })
	other := &plan.Binding{Alias: exchanged, Table: t}
	for _, e := range (&plan.Binding{Alias: alias, Table: t}).Fixed(rules) {
		fixed, ok := e.(*plan.Compare)
		if !ok || !slices.ContainsFunc(s.Mirror, func(p graph.Pair) bool { return p.From == fixed.Col.Column && p.To == p.From }) {
			continue
		}
		said := *fixed
		said.Col.Binding = other
		w.sql(" AND ")
		w.compare(&said)
	}
	w.b = w.d.AppendLimit(w.b, 1, -1)
	w.sql(") IS NULL")
}

func (w *writer) equalColumns(alias, column, other, otherColumn string) {
	w.column(alias, column)
	w.sql(" = ")
	w.column(other, otherColumn)
}

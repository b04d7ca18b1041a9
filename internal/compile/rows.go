package compile

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: the values of many rows. Output: a statement that reads them as rows.

// rowNames are the names of the rows that a statement is given, and of what it makes of them; they end in what sets them apart from those of a table,
// so that names in SQL text of the caller's, bare or in quotes, are those of the table's columns.
type rowNames struct{ apart string }

func namesBeside(t *graph.Table) rowNames { return rowNames{graph.Apart([]*graph.Table{t})} }

func (n rowNames) rows() string       { return "rows#" + n.apart }
func (n rowNames) ord() string        { return "ord#" + n.apart } // their positions, counted from 1
func (n rowNames) locked() string     { return "locked#" + n.apart }
func (n rowNames) value(i int) string { return numbered("v#", i) + n.apart }

// rowsName writes the name of the given rows and of their columns.
func (w *writer) rowsName(names rowNames, columns int, ord bool) {
	w.ident(names.rows())
	w.sql(" (")
	w.list(columns, ", ", func(n int) { w.ident(names.value(n)) })
	if ord {
		w.sql(", ")
		w.ident(names.ord())
	}
	w.sql(")")
}

// arrays writes the rows of arrays, whose arguments the caller gives.
func (w *writer) arrays(types []string) {
	by, _ := w.d.(dialect.Arrayed) // who asks for arrays has asked it
	w.fragment(dialect.Fragment{SQL: by.ArraySource(types), Args: make([]any, len(types))})
}

// Rows is rows of a table that are told apart by their values in columns, as long as they meet the conditions.
type Rows struct {
	Table *graph.Table
	Set   []string // columns that get a value for each row
	Where []string // that tell the row
	Types []string // of Set and Where; of each empty: as the argument comes
	N     int      // how many rows; 0: they come as arrays
	Scope []plan.Expr
}

// Update writes an UPDATE of the rows. Its arguments are for each row the values of Set ([Given]) and of Where, or the arrays, which
// the caller gives, and then those that come back. Before what is to be read of a row comes its position, counted from 1, or, where
// the database cannot give it, its primary key.
func (r Rows) Update(returning []string, d dialect.Dialect) (Statement, error) {
	w, has, names := newWriter(d), d.Features(), namesBeside(r.Table)
	w.sql("WITH ")
	w.rowsName(names, len(r.Types), has.JoinedReturning)
	w.sql(" AS (")
	w.rowsGiven(r)
	w.sql(")")
	given := len(w.args)
	from := names.rows()
	if has.RowLocks {
		from = names.locked()
		w.sql(", ")
		w.locked(r, names)
	}
	w.sql(" UPDATE ")
	w.tableName(r.Table)
	w.sql(" SET ")
	w.list(len(r.Set), ", ", func(n int) {
		w.ident(r.Set[n])
		w.sql(" = ")
		w.column(from, names.value(n))
	})
	w.touch(r.Table, r.Set, r.Table.Name)
	w.sql(" FROM ")
	w.ident(from)
	w.sql(" WHERE ")
	w.match(r, names, from)
	w.where(" AND ", r.Scope)
	w.sql(" RETURNING ")
	if has.JoinedReturning {
		w.column(from, names.ord())
	} else {
		w.columns(r.Table.Name, r.Table.PrimaryKey)
	}
	for _, name := range returning {
		w.sql(", ")
		w.column(r.Table.Name, name)
	}
	return w.after(given)
}

// rowsGiven writes the values of the rows.
func (w *writer) rowsGiven(r Rows) {
	if r.N == 0 {
		w.sql("SELECT * FROM ")
		w.arrays(r.Types)
		return
	}
	w.sql("VALUES ")
	w.list(r.N, ", ", func(row int) {
		w.sql("(")
		w.list(len(r.Types), ", ", func(n int) {
			if r.Types[n] == "" {
				w.arg(nil)
				return
			}
			w.sql("CAST(")
			w.arg(nil)
			w.sql(" AS " + r.Types[n] + ")")
		})
		if w.d.Features().JoinedReturning {
			w.sql(", ")
			w.number(int64(row + 1))
		}
		w.sql(")")
	})
}

// locked writes the given rows of which the table has one, each locked in the order of the key: rows are updated in any, and two that
// update the same would wait for each other.
func (w *writer) locked(r Rows, names rowNames) {
	w.ident(names.locked())
	w.sql(" AS (SELECT ")
	w.ident(names.rows())
	w.sql(".* FROM ")
	w.tableName(r.Table)
	w.sql(" JOIN ")
	w.ident(names.rows())
	w.sql(" ON ")
	w.match(r, names, names.rows())
	w.where(" WHERE ", r.Scope)
	w.sql(" ORDER BY ")
	w.columns(r.Table.Name, r.Table.PrimaryKey)
	w.sql(" FOR NO KEY UPDATE OF ")
	w.ident(r.Table.Name)
	w.sql(")")
}

// match writes the condition that a row of the table is that of the given one.
func (w *writer) match(r Rows, names rowNames, from string) {
	w.list(len(r.Where), " AND ", func(n int) {
		w.equalColumns(r.Table.Name, r.Where[n], from, names.value(len(r.Set)+n))
	})
}

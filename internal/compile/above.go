package compile

import (
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: a key of a table that points at the table itself, and rows told by what it points at. Output: the statements that
// walk from them to the rows above. All walks are one: a row that several of them come to is walked from once.

const (
	aboveName  = "above#"
	fromName   = "from#"   // the columns of the row that the walk came from, numbered
	atName     = "at#"     // those of a row on the way
	upName     = "up#"     // those of the row above that
	beginsName = "begins#" // 1 where a walk begins at the row, which it came from nowhere to
)

// Walk is walks along a key of a table with itself.
type Walk struct {
	Key     *graph.ForeignKey
	Starts  int          // how many rows they begin at, whose keys the caller gives as arguments
	In      *plan.InKeys // those rows, in place of arguments for each; nil: there are those
	Staying []int        // the places of columns that stay the same on all walks, whose values the caller gives behind
}

// Stay returns the columns of the key that stay the same.
func (a Walk) Stay() []string {
	columns := make([]string, len(a.Staying))
	for i, at := range a.Staying {
		columns[i] = a.Key.Columns[at]
	}
	return columns
}

// Above writes, of the rows that lie above some and of these, from which a walk came to which: for either a column with each of the key's,
// as text, and then whether one begins there. Where rows lie apart by a column that stays the same, as those of tenants may, the walks lead
// to none of the other places.
func (a Walk) Above(d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.above(a)
	w.sql("SELECT ")
	for _, name := range []string{fromName, atName} {
		w.texts(a.Key, func(i int) { w.ident(numbered(name, i)) })
		w.sql(", ")
	}
	w.ident(beginsName)
	w.sql(" FROM ")
	w.ident(aboveName)
	return w.statement()
}

// LockAbove writes a lock of those rows against a change of what they point at, which yields a column with each of the key's, as text.
// The values of the columns that stay the same are among its arguments twice.
func (a Walk) LockAbove(d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	arg := w.above(a)
	k := a.Key
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
	w.stay(k, a.Staying, arg)
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

// above writes the common table expression of the walks, and returns the number of its last argument. A row that is met again from the
// same one adds nothing to it.
func (w *writer) above(a Walk) int {
	k, n := a.Key, len(a.Key.Columns)
	t := k.References
	w.sql("WITH RECURSIVE ")
	w.ident(aboveName)
	w.sql(" (")
	for _, name := range []string{fromName, atName, upName} {
		w.list(n, ", ", func(i int) { w.ident(numbered(name, i)) })
		w.sql(", ")
	}
	w.ident(beginsName)
	w.sql(") AS (SELECT ")
	w.columns(t.Name, k.Referenced)
	w.sql(", ")
	w.columns(t.Name, k.Referenced)
	w.sql(", ")
	w.columns(t.Name, k.Columns)
	w.sql(", 1 FROM ")
	w.table(t, t.Name)
	w.sql(" WHERE ")
	arg := w.begin(a)
	w.sql(" UNION SELECT ")
	w.list(n, ", ", func(i int) { w.column(aboveName, numbered(atName, i)) })
	w.sql(", ")
	w.columns(t.Name, k.Referenced)
	w.sql(", ")
	w.columns(t.Name, k.Columns)
	w.sql(", 0 FROM ")
	w.ident(aboveName)
	w.sql(" JOIN ")
	w.table(t, t.Name)
	w.sql(" ON ")
	w.list(n, " AND ", func(i int) { w.equalColumns(t.Name, k.Referenced[i], aboveName, numbered(upName, i)) })
	arg = w.stay(k, a.Staying, arg)
	w.sql(") ")
	return arg
}

// begin writes the condition of the rows that the walks begin at, and returns the number of its last argument.
func (w *writer) begin(a Walk) (arg int) {
	t := a.Key.References
	if a.In != nil {
		s := w.d.KeySource(plan.KeysName, a.In.Types)
		w.tuple(len(a.Key.Referenced), func(i int) { w.column(t.Name, a.Key.Referenced[i]) })
		w.sql(" IN (SELECT " + strings.Join(s.Columns, ", ") + " FROM ")
		w.fragment(dialect.Fragment{SQL: s.From, Args: w.d.KeyArgs(a.In.Keys)})
		w.sql(")")
		return len(w.args)
	}
	w.list(a.Starts, " OR ", func(int) {
		w.list(len(a.Key.Columns), " AND ", func(i int) {
			arg++
			w.column(t.Name, a.Key.Referenced[i])
			w.sql(" = ")
			w.b = w.d.AppendPlaceholder(w.b, arg)
		})
	})
	return arg
}

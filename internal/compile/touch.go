package compile

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: a row that is there and is changed, by whatever statement. Output: what its table has every change write beside.

// touch writes, behind what an UPDATE sets, that the row's changes are counted, and what every change of the table's rows writes. A
// column that the UPDATE sets itself is left to it. of names the row that is there; empty: a bare column is its.
func (w *writer) touch(t *graph.Table, set []string, of string) { w.touchUnless(nil, t, set, of) }

// touchUnless is touch that counts no change of rows that meet a condition, if one is given.
func (w *writer) touchUnless(not func(), t *graph.Table, set []string, of string) {
	if t.Version != "" && !slices.Contains(set, t.Version) {
		w.sql(", ")
		w.ident(t.Version)
		w.sql(" = ")
		if of != "" {
			w.ident(of)
			w.sql(".")
		}
		w.ident(t.Version)
		w.sql(" + ")
		w.countedUnless(not)
	}
	for _, u := range t.OnUpdates {
		if slices.Contains(set, u.Column) {
			continue
		}
		w.sql(", ")
		w.ident(u.Column)
		w.sql(" = ")
		if c, ok := t.Column(u.Column); ok && w.timed != nil && graph.IsNow(u.SQL) && c.MayHoldTime() {
			w.time(dialect.TimeNow, origin{columns: []dialect.ColumnRef{ColumnOf(t, u.Column)}})
			continue
		}
		w.sql("(" + u.SQL + ")")
	}
}

// countedUnless writes the number of a row's changes, which is one but for rows that meet a condition.
func (w *writer) countedUnless(not func()) {
	if not == nil {
		w.sql("1")
		return
	}
	w.sql("CASE WHEN ")
	not()
	w.sql(" THEN 0 ELSE 1 END")
}

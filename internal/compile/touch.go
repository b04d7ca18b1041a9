package compile

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: a row that is there and is changed, by whatever statement. Output: what its table has every change write beside.

// touch writes, behind what an UPDATE sets, that the row's changes are counted, and what every change of the table's rows writes. A
// column that the UPDATE sets itself is left to it. of names the row that is there; empty: a bare column is its.
func (w *writer) touch(t *graph.Table, set []string, of string) {
	if t.Version != "" && !slices.Contains(set, t.Version) {
		w.sql(", ")
		w.ident(t.Version)
		w.sql(" = ")
		if of != "" {
			w.ident(of)
			w.sql(".")
		}
		w.ident(t.Version)
		w.sql(" + 1")
	}
	for _, u := range t.OnUpdates {
		if slices.Contains(set, u.Column) {
			continue
		}
		w.sql(", ")
		w.ident(u.Column)
		w.sql(" = ")
		if c, ok := t.Column(u.Column); ok && w.timed != nil && graph.IsNow(u.SQL) && (c.Class == graph.ClassTime || c.Class == graph.ClassCustom) {
			w.time(dialect.TimeNow, origin{columns: []dialect.ColumnRef{ColumnOf(t, u.Column)}})
			continue
		}
		w.sql("(" + u.SQL + ")")
	}
}

package compile

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// DELETE, continued: whether the rows of the root that go are those that were told before anything changed.

// CanMove reports whether the condition of the root may say something else when other rows have changed: it reads more than the primary
// key. A trigger, a foreign key of the database or a view may change what it reads, and is not declared.
func (r *Removal) CanMove() bool { return r.Query.Reads().Beyond(r.root().Table.PrimaryKey) }

// Compares reports whether the keys of the root's rows are read before anything changes, and again right before those rows go: other rows are
// changed in between, and may move the condition.
func (r *Removal) Compares() bool { return !r.HoldsRoot() && r.changesFirst() && r.CanMove() }

// changesFirst reports whether other rows go or change before those of the root do.
func (r *Removal) changesFirst() bool {
	return len(r.Reach.Parts) > 1 || slices.ContainsFunc(r.Reach.Ways, func(w *graph.Way) bool { return w.OnDelete == graph.SetNull })
}

// KeyColumns is how many columns Keys has.
func (r *Removal) KeyColumns() int { return len(identity(r.root())) }

// Keys writes the keys of the root's rows as texts, and locks the rows as Lock does.
func (r *Removal) Keys() (Statement, error) {
	w, key := r.writer(), identity(r.root())
	w.sql("SELECT ")
	w.list(len(key), ", ", func(i int) {
		w.sql("CAST(")
		w.ident(key[i])
		w.sql(" AS TEXT)")
	})
	w.sql(" FROM (")
	w.locked()
	return w.statement()
}

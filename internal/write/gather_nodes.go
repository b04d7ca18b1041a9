package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// GATHER: rows are many, so that what is kept of them is made for many at once.

// gathered is the rows of one table: their numbers, and what they held. A struct's first field has the struct's address, so that a row
// alone does not say whose it is.
type gathered struct {
	numbers map[structs.Row]int
	saved   *structs.Saved
}

// of returns what is gathered of a table, with room for so many rows.
func (u *unit) of(t *model.Table, rows int) *gathered {
	g := u.index[t]
	if g == nil {
		if u.index == nil {
			u.index = map[*model.Table]*gathered{}
		}
		g = &gathered{make(map[structs.Row]int, rows), t.Layout.Saving(rows)}
		u.index[t] = g
	}
	return g
}

// expect makes room for rows of a table.
func (u *unit) expect(t *model.Table, rows int) {
	u.of(t, rows)
	u.nodes, u.fresh = slices.Grow(u.nodes, rows), make([]node, rows)
}

// known returns the number of a row, if it has one.
func (u *unit) known(t *model.Table, row structs.Row) (n int, ok bool) {
	if g := u.index[t]; g != nil {
		n, ok = g.numbers[row]
	}
	return n, ok
}

// node returns the number of the row, which is added if it is new.
func (u *unit) node(t *model.Table, row structs.Row, b *branch) int {
	g := u.of(t, 0)
	n, ok := g.numbers[row]
	if ok {
		return n
	}
	n = len(u.nodes)
	g.numbers[row] = n
	g.saved.Add(row)
	if len(u.fresh) == 0 {
		const few, most = 4, 1024
		u.fresh = make([]node, min(max(n, few), most))
	}
	added := &u.fresh[0]
	u.fresh = u.fresh[1:]
	added.table, added.row, added.branch = t, row, b
	u.nodes = append(u.nodes, added)
	return n
}

// telling returns what is told of the row, to add to it.
func (n *node) telling() *told {
	if n.told == nil {
		n.told = &told{}
	}
	return n.told
}

// filled returns the foreign keys that were filled from rows that are there already, and the constants.
func (n *node) filled() []model.FieldPair {
	if n.told == nil {
		return nil
	}
	return n.told.filled
}

// isFilled reports whether a field is one of those.
func (n *node) isFilled(f *structs.Field) bool {
	return slices.ContainsFunc(n.filled(), func(p model.FieldPair) bool { return p.Holder == f })
}

// fill adds fields to those.
func (n *node) fill(pairs ...model.FieldPair) {
	n.telling().filled = append(n.telling().filled, pairs...)
}

// fillAll adds fields to those that no key fills.
func (n *node) fillAll(fields []*structs.Field) {
	for _, f := range fields {
		n.fill(model.FieldPair{Holder: f})
	}
}

// said returns what rules say of the row's columns.
func (n *node) said() []fixed {
	if n.told == nil {
		return nil
	}
	return n.told.said
}

// give says that a column has its value from the row in the relation's field.
func (n *node) give(f *structs.Field, r *graph.Relation) {
	if n.telling().given == nil {
		n.told.given = map[*structs.Field]*graph.Relation{}
	}
	n.told.given[f] = r
}

// pairsKey is a step between two tables.
type pairsKey struct {
	on       *graph.Pair
	from, to *model.Table
}

// keyNeed is the foreign key of a step between two tables.
type keyNeed struct {
	pairs []model.FieldPair
	freed []bool // which of them the key lets go of
	alone []bool // and which can be NULL by themselves
}

// keyNeed returns the foreign key of a step, which the holder holds.
func (u *unit) keyNeed(s graph.Step, from, to *model.Table, holder *graph.Table) keyNeed {
	at := pairsKey{&s.On[0], from, to}
	key, known := u.stepKeys[at]
	if known {
		return key
	}
	key = newKeyNeed(model.KeyPairs(s, from, to), holder)
	if u.stepKeys == nil {
		u.stepKeys = map[pairsKey]keyNeed{}
	}
	u.stepKeys[at] = key
	return key
}

// newKeyNeed returns the foreign key of the pairs, which the holder holds.
func newKeyNeed(pairs []model.FieldPair, holder *graph.Table) keyNeed {
	key := keyNeed{pairs: pairs}
	names := make([]string, len(key.pairs))
	for i, p := range key.pairs {
		names[i] = p.Holder.Column
	}
	freed := holder.Freed(names)
	for _, name := range names {
		key.freed = append(key.freed, slices.Contains(freed, name))
		key.alone = append(key.alone, len(holder.Freed([]string{name})) > 0)
	}
	return key
}

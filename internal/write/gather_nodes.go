package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// GATHER: rows are many, so that what is kept of them is made for many at once.

// node returns the number of the row, which is added if it is new.
func (u *unit) node(t *model.Table, row structs.Row, b *branch) int {
	key := nodeKey{t, row}
	n, ok := u.index[key]
	if ok {
		return n
	}
	n = len(u.nodes)
	u.index[key] = n
	if len(u.fresh) == 0 {
		const few, most = 4, 1024
		u.fresh = make([]node, min(max(n, few), most))
	}
	added := &u.fresh[0]
	u.fresh = u.fresh[1:]
	if u.saves[t] == nil {
		if u.saves == nil {
			u.saves = map[*model.Table]*structs.Slab{}
		}
		u.saves[t] = structs.NewSlab(t.Layout, 1)
	}
	*added = node{table: t, row: row, branch: b, saved: t.Layout.SaveIn(u.saves[t], row)}
	u.nodes = append(u.nodes, added)
	return n
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
	key.pairs = model.KeyPairs(s, from, to)
	names := make([]string, len(key.pairs))
	for i, p := range key.pairs {
		names[i] = p.Holder.Column
	}
	freed := holder.Freed(names)
	for _, name := range names {
		key.freed = append(key.freed, slices.Contains(freed, name))
		key.alone = append(key.alone, len(holder.Freed([]string{name})) > 0)
	}
	if u.stepKeys == nil {
		u.stepKeys = map[pairsKey]keyNeed{}
	}
	u.stepKeys[at] = key
	return key
}

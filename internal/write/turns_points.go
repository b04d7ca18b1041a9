package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CHANGES of rows that point at each other by keys, and at rows that are to be inserted: each comes behind what it is to point at.

// behind puts changes of rows of a table behind those by which others of them get the keys that they are to point at, and those behind the ones
// that point at what they give up. It says which point at rows that are to be inserted, or wait for one that does.
func (w writing) behind(t *model.Table, changes []*rowChange, missing []structs.Row) {
	wanted, held := make([]structs.Row, 0, len(changes)+len(missing)), make([]structs.Row, len(changes))
	for i, c := range changes {
		wanted, held[i] = append(wanted, c.wanted), c.held
	}
	for _, n := range w.pointingAmong(t, append(wanted, missing...)) {
		switch {
		case n.Of >= len(changes) || !changes[n.Of].sets(n.holders()): // it is new, or points there already
		case n.On >= len(changes):
			changes[n.Of].late = true
		case changes[n.On].sets(n.referenced()):
			changes[n.Of].after = append(changes[n.Of].after, changes[n.On])
		}
	}
	for _, n := range w.pointingAmong(t, held) {
		of, on := changes[n.Of], changes[n.On]
		if on.sets(n.referenced()) && of.sets(n.holders()) && !slices.Contains(of.after, on) {
			on.after = append(on.after, of)
		}
	}
	for more := true; more; {
		more = false
		for _, c := range changes {
			if !c.late && slices.ContainsFunc(c.after, func(other *rowChange) bool { return other.late }) {
				c.late, more = true, true
			}
		}
	}
}

// pointingAmong returns which of the rows of a table point at others of them.
func (w writing) pointingAmong(t *model.Table, rows []structs.Row) []pointing {
	if !pointsAtItself(t.Graph) {
		return nil
	}
	u, whole := &unit{writing: w}, &branch{table: t}
	for _, row := range rows {
		u.nodes = append(u.nodes, &node{table: t, row: row, branch: whole})
	}
	return u.pointing()
}

// holders returns the fields of the key, and referenced those that they point at.
func (p pointing) holders() []*structs.Field { return holders(p.key.pairs) }

func (p pointing) referenced() []*structs.Field {
	fields := make([]*structs.Field, len(p.key.pairs))
	for i, pair := range p.key.pairs {
		fields[i] = pair.Referenced
	}
	return fields
}

// sets reports whether the change is of one of the fields.
func (c *rowChange) sets(fields []*structs.Field) bool {
	return slices.ContainsFunc(fields, func(f *structs.Field) bool { return slices.Contains(c.payload, f) })
}

// pointsAtItself reports whether rows of the table point at others of it.
func pointsAtItself(t *graph.Table) bool {
	return slices.ContainsFunc(t.PointedAt(), func(k *graph.ForeignKey) bool { return !k.Logical && k.Table.Same(t) })
}

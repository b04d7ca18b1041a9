package write

import (
	"fmt"
	"strings"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: rows that point at each other. One of their keys is set by an update, when all of them are there.

// origin is a field of a row, from which others are filled.
type origin struct {
	node  int
	field *structs.Field
}

// postpone finds which fields of a key an update could set when the row it points at is there: what the key lets go of, and what else
// can be NULL and is still to be made. The others must be known when the row is inserted. further: what the row pointed at is still to be
// told may be known from others, or from the row itself, as where a column is of the key of both.
func (u *unit) postpone(n *need, further bool) {
	n.Later = len(u.nodes[n.Of].table.Graph.PrimaryKey) > 0
	n.late, n.unknown, n.origins = nil, nil, nil
	for i, p := range n.pairs {
		unmade := u.unmadeField(*n, p.Referenced)
		switch {
		case n.freed[i], unmade && n.alone[i]:
			n.late = append(n.late, p)
		case unmade && further && u.origin(n, i):
		case unmade:
			n.Later, n.unknown = false, append(n.unknown, p.Holder.Column)
		}
	}
	n.Later = n.Later && len(n.late) > 0
}

// origin looks along the keys that fill what the row pointed at has in a column for one that has its value, or for the field to be filled
// itself, if that need not be: the database makes it.
func (u *unit) origin(n *need, pair int) bool {
	own, seen := origin{n.Of, n.pairs[pair].Holder}, map[origin]bool{}
	var look func(o origin) (origin, bool)
	look = func(o origin) (origin, bool) {
		at := u.nodes[o.node]
		made := model.MadeByDatabase(at.table.Graph, o.field.Column)
		switch {
		case seen[o]:
			return o, false
		case !o.field.IsZero(at.row), made:
			return o, !o.field.IsZero(at.row) || o == own
		}
		seen[o] = true
		for _, i := range at.needs {
			for _, p := range u.needs[i].pairs {
				if p.Holder != o.field {
					continue
				}
				if found, ok := look(origin{u.needs[i].On, p.Referenced}); ok {
					return found, true
				}
			}
		}
		return o, false
	}
	found, ok := look(origin{n.On, n.pairs[pair].Referenced})
	if ok && n.origins == nil {
		n.origins = make([]origin, len(n.pairs))
	}
	if ok {
		n.origins[pair] = found
	}
	return ok
}

// fillFromOrigin gives a field of a foreign key what its origin has.
func (u *unit) fillFromOrigin(n need, p model.FieldPair, from origin) error {
	if from.node == n.Of && from.field == p.Holder {
		return nil
	}
	at := u.nodes[from.node]
	n.pairs = []model.FieldPair{{Holder: p.Holder, Referenced: from.field, Spelled: p.Spelled, To: at.table}}
	return u.fill(n, at.row)
}

// cyclic is the error of rows that need each other.
func (u *unit) cyclic(cycle []int) error {
	names := make([]string, 0, len(cycle)+1)
	for _, n := range append(cycle, cycle[0]) {
		names = append(names, fmt.Sprintf("%q", u.nodes[n].table.Graph.Name))
	}
	why, remedy := "no foreign key among them can be NULL to be set later", "insert one of them without the others, or make a key nullable"
	for i, of := range cycle {
		on := cycle[(i+1)%len(cycle)]
		for _, number := range u.nodes[of].needs {
			n, t := u.needs[number], u.nodes[of].table.Graph
			switch {
			case n.On != on || len(n.late) == 0:
			case len(n.unknown) > 0:
				why = fmt.Sprintf("the foreign key of %q could be NULL in %s and set later, but its %s has no value until then", t.Name,
					graph.QuoteAll(model.ColumnNames(holders(n.late))), graph.QuoteAll(n.unknown))
				remedy = "give " + graph.QuoteAll(n.unknown) + " a value, or insert one of the rows without the others"
			case len(t.PrimaryKey) == 0:
				why = fmt.Sprintf("the foreign key of %q could be NULL in %s, but the table has no primary key by which it could be set later", t.Name,
					graph.QuoteAll(model.ColumnNames(holders(n.late))))
				remedy = "declare a primary key, or insert one of the rows without the others"
			}
		}
	}
	return graph.Problemf(fault.ErrCycle, "rows of %s point at each other, and %s; %s", strings.Join(names, " -> "), why, remedy)
}

package load

import (
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// ATTACH: related rows that were found for owners are put into the owners' fields.

// match says that a row belongs to an owner. All are numbers: of the rows in the order they came, or of the owner's key.
type match struct{ owner, row, beside int32 }

// matches are the rows of a relation, each with its owner, in the order they came.
type matches struct {
	all    []found
	beside []int32            // for each row that of the join table, where it is loaded too
	once   map[match]struct{} // those there are, where one may come again; nil where none does
}

// found is a match without what stands beside the row.
type found struct{ owner, row int32 }

// expect makes room for n rows, each of which may come again for its owner if it is to count once.
func (m *matches) expect(n int, once bool) {
	m.all = make([]found, 0, n)
	if once {
		m.once = map[match]struct{}{}
	}
}

// add adds a row to an owner, and the row of the join table that was just read beside it.
func (m *matches) add(owner, row int32, by *part) error {
	to := match{owner: owner, row: row}
	if by != nil {
		if _, err := by.number(); err != nil {
			return err
		}
		to.beside = by.at
	}
	if m.once != nil {
		if _, known := m.once[to]; known {
			return nil
		}
		m.once[to] = struct{}{}
	}
	if len(m.all) == cap(m.all) {
		m.all = slices.Grow(m.all, max(len(m.all), 16))
	}
	m.all = append(m.all, found{owner, row})
	if by != nil {
		m.beside = append(m.beside, to.beside)
	}
	return nil
}

// attachment is what is put into one field of the owners.
type attachment struct {
	relation *graph.Relation
	field    *model.RelationField
	matches  *matches
	rows     []structs.Row // by number
	links    []structs.Row // those of the join table, by number
	owners   []structs.Row
	of       []int32       // for each owner its number; -1: nothing belongs to it
	n        int           // of numbers
	meant    []structs.Row // the owners, nil where the relation is not about one; nil: it is about all
}

// attach puts the related rows into the owners' fields.
func (a *attachment) attach() error {
	switch {
	case a.relation.Cardinality == graph.One:
		return a.one()
	case a.relation.Linked:
		m := a.matches
		giveLists(a, func(i int) structs.Pair { return structs.Pair{Row: a.rows[m.all[i].row], Link: a.links[m.beside[i]]} }, a.field.SetPairs)
	default:
		giveLists(a, func(i int) structs.Row { return a.rows[a.matches.all[i].row] }, a.field.SetMany)
	}
	return nil
}

// giveLists sorts the rows by owner, keeping their order, and gives each owner its part of the one slice.
func giveLists[E any](a *attachment, match func(i int) E, give func(structs.Row, []E)) {
	ends, sorted := grouped(a.n, len(a.matches.all), func(i int) int32 { return a.matches.all[i].owner }, match)
	given := make([]bool, a.n)
	for i, owner := range a.owners {
		k := a.of[i]
		if k < 0 {
			give(owner, nil)
			continue
		}
		part := sorted[ends[k]:ends[k+1]:ends[k+1]]
		if given[k] {
			part = slices.Clone(part) // an owner that comes twice gets a list of its own each time
		}
		given[k] = true
		give(owner, part)
	}
}

// grouped sorts items by the groups they are in, of n, keeping their order. Group g is at ends[g] to ends[g+1].
func grouped[E any](n, items int, group func(i int) int32, item func(i int) E) (ends []int32, sorted []E) {
	ends = make([]int32, n+2)
	next := ends[1:] // while the items are put in, where that of each group goes; then where the group ends
	for i := range items {
		ends[group(i)+2]++
	}
	for g := range n {
		ends[g+2] += ends[g+1]
	}
	sorted = make([]E, items)
	for i := range items {
		g := group(i)
		sorted[next[g]] = item(i)
		next[g]++
	}
	return ends[:n+1], sorted
}

func (a *attachment) one() error {
	r := a.relation
	one := make([]int32, a.n) // the number of the row and 1 more; 0: there is none
	for _, m := range a.matches.all {
		if one[m.owner] != 0 && one[m.owner] != m.row+1 {
			return severalRows(r)
		}
		one[m.owner] = m.row + 1
	}
	for i, owner := range a.owners {
		var row structs.Row
		if k := a.of[i]; k >= 0 && one[k] > 0 {
			row = a.rows[one[k]-1]
		}
		if a.meant != nil && a.meant[i] == nil && r.VariantOf != nil && r != r.VariantOf.Variants[0] {
			continue // another variant's, or emptied by the first one
		}
		if row == nil && a.field.Shape == structs.ShapeValue {
			return graph.Problemf(fault.ErrNoRows, "no row of %q for a row of %q, and the field %s holds a value; make it a pointer",
				r.Related.Name, r.Owner.Name, a.field.Name)
		}
		a.field.SetOne(owner, row)
	}
	return nil
}

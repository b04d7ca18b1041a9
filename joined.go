package dovetail

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SCAN and ATTACH of what is fetched: a row of the statement holds a row of the query's own table and one of each relation
// that is joined, or NULLs. Here they are taken apart, each related row is made once, and hung onto its owners.

// joinedRelation is a relation that is filled from the rows of the statement that loads its owners.
type joinedRelation struct {
	preload *plan.Preload
	owner   *joinedRelation // nil: the statement's own table
	table   *table
	fields  []*structs.Field // of the related row's columns
	slab    *structs.Slab

	link *linkScan // of the rows of the join table beside them; nil: they are not fetched

	row   structs.Row // of the current row of the statement; nil: there is none
	at    int32       // its number
	rows  *uniqueRows
	links links
}

// joinedOf returns the relations that are fetched onto rows of the owner, owners before what is below them.
func joinedOf(r *registry, q *plan.Query, preloads []*plan.Preload, owner *joinedRelation) []*joinedRelation {
	var all []*joinedRelation
	for _, p := range preloads {
		if p.Joined == nil {
			continue
		}
		t := r.tableOf(p.Relation.Related)
		j := &joinedRelation{preload: p, owner: owner, table: t, slab: structs.NewSlab(t.layout, 0), rows: newUniqueRows(t, true)}
		for c := range t.graph.Stored() {
			j.fields = append(j.fields, t.columns[c.Name])
		}
		if p.Relation.Cardinality == graph.Many && !p.Relation.InverseIsOwner {
			j.links.once = map[link]struct{}{}
		}
		if p.Relation.Linked {
			j.link = newLinkScan(r, q, p.Joined.Binding.Link, true)
		}
		all = append(append(all, j), joinedOf(r, q, p.Below, j)...)
	}
	return all
}

// begin makes the related row of the current row of the statement, if there is one, and puts its fields among the
// destinations.
func (j *joinedRelation) begin(rows dialect.Rows, dests []any) {
	j.row = nil
	if (j.owner == nil || j.owner.row != nil) && !rows.Null(j.preload.Joined.Presence) {
		j.row = j.slab.New()
	}
	first := j.preload.Joined.First
	for i, f := range j.fields {
		if j.row == nil {
			dests[first+i] = nil
			continue
		}
		dests[first+i] = f.Dest(j.row)
	}
	if j.link != nil {
		j.link.begin(dests, j.row != nil)
	}
}

// hang numbers the related row of the current row of the statement, and hangs it onto its owner's.
func (j *joinedRelation) hang(owner int32) error {
	if j.row == nil {
		return nil
	}
	at, isNew, err := j.rows.of(j.row)
	if err != nil {
		return &ScanError{Path: j.preload.Path, Err: err}
	}
	if j.at = at; !isNew {
		j.slab.TakeBack(j.row)
		j.row = j.rows.rows[at]
	}
	if r := j.preload.Relation; r.Cardinality == graph.Many && r.InverseIsOwner && !isNew {
		return nil // it has one owner, which has it already
	}
	if err := j.links.add(owner, at, j.row, j.link); err != nil {
		return &ScanError{Path: j.preload.Path, Err: err}
	}
	return nil
}

// hang hangs the rows that came with the current one onto it, which has the number.
func (s *rowScan) hang(at int32) error {
	for _, j := range s.joined {
		owner := at
		if j.owner != nil {
			owner = j.owner.at
		}
		if err := j.hang(owner); err != nil {
			return err
		}
	}
	return nil
}

// attach puts the fetched rows into the fields of their owners, which have the numbers in of. Deeper levels come first, for
// the fields that hold copies.
func (s *rowScan) attach(owners []structs.Row, of []int32) error {
	for _, j := range slices.Backward(s.joined) {
		a := attachment{
			relation: j.preload.Relation, field: s.table.registry.fieldOf(j.preload.Relation), links: &j.links,
			owners: owners, of: of, n: len(s.unique.rows),
		}
		if j.owner != nil {
			a.owners, a.n = j.owner.rows.rows, len(j.owner.rows.rows)
			a.of = numbers(a.n)
		}
		if err := a.attach(); err != nil {
			return &QueryError{Op: "fetch", Path: j.preload.Path, Err: err}
		}
	}
	return nil
}

// numbers returns the numbers below n.
func numbers(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// fold takes a scanned row of a query that fetches relations. One that is a row before it again is not kept when the query's
// rows are folded.
func (s *rowScan) fold(row structs.Row) error {
	at, isNew, err := s.unique.of(row)
	if err != nil {
		return &ScanError{Path: s.path, Err: err}
	}
	if s.plan.Folded && !isNew {
		s.slab.TakeBack(row)
	} else {
		s.rows = append(s.rows, row)
		s.of = append(s.of, at)
	}
	return s.hang(at)
}

// link says that a row belongs to an owner. All are numbers: of the rows in the order they came, or of the owner's key.
type link struct{ owner, row, beside int32 }

// links are the rows of a relation, each with its owner, in the order they came.
type links struct {
	owners []int32
	rows   []structs.Row
	beside []structs.Row     // for each row that of the join table, where it is loaded too
	once   map[link]struct{} // those there are, where one may come again; nil where none does
}

// add adds the row with a number to an owner, and the row that by has just scanned beside it.
func (l *links) add(owner, at int32, row structs.Row, by *linkScan) error {
	to := link{owner: owner, row: at}
	if by != nil {
		var err error
		if to.beside, err = by.take(); err != nil {
			return err
		}
	}
	if l.once != nil {
		if _, known := l.once[to]; known {
			return nil
		}
		l.once[to] = struct{}{}
	}
	l.owners = append(l.owners, owner)
	l.rows = append(l.rows, row)
	if by != nil {
		l.beside = append(l.beside, by.unique.rows[to.beside])
	}
	return nil
}

// pairs returns the rows with those of the join table.
func (l *links) pairs() []structs.Pair {
	all := make([]structs.Pair, len(l.rows))
	for i, row := range l.rows {
		all[i] = structs.Pair{Row: row, Link: l.beside[i]}
	}
	return all
}

// attachment is what is put into one field of the owners.
type attachment struct {
	relation *graph.Relation
	field    *relationField
	links    *links
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
		giveLists(a, a.links.pairs(), a.field.SetPairs)
	default:
		giveLists(a, a.links.rows, a.field.SetMany)
	}
	return nil
}

// giveLists sorts the rows by owner, keeping their order, and gives each owner its part of the one slice.
func giveLists[E any](a *attachment, rows []E, give func(structs.Row, []E)) {
	ends, sorted := grouped(a.n, a.links.owners, func(i int) E { return rows[i] })
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
func grouped[E any](n int, in []int32, item func(i int) E) (ends []int, sorted []E) {
	ends = make([]int, n+1)
	for _, g := range in {
		ends[g+1]++
	}
	for g := range n {
		ends[g+1] += ends[g]
	}
	next := slices.Clone(ends)
	sorted = make([]E, len(in))
	for i, g := range in {
		sorted[next[g]] = item(i)
		next[g]++
	}
	return ends, sorted
}

func (a *attachment) one() error {
	r := a.relation
	one := make([]structs.Row, a.n)
	for i, k := range a.links.owners {
		if one[k] != nil && one[k] != a.links.rows[i] {
			return severalRows(r)
		}
		one[k] = a.links.rows[i]
	}
	for i, owner := range a.owners {
		var row structs.Row
		if k := a.of[i]; k >= 0 {
			row = one[k]
		}
		if a.meant != nil && a.meant[i] == nil && r.VariantOf != nil && r != r.VariantOf.Variants[0] {
			continue // another variant's, or emptied by the first one
		}
		if row == nil && a.field.shape == structs.ShapeValue {
			return graph.Problemf(ErrNoRows, "no row of %q for a row of %q, and the field %s holds a value; make it a pointer",
				r.Related.Name, r.Owner.Name, a.field.Name)
		}
		a.field.SetOne(owner, row)
	}
	return nil
}

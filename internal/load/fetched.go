package load

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// FETCH: the rows of a joined relation come beside those of their owners, in the rows of one result. Each is scanned once, and the
// result is folded: an owner that repeats is one owner.

// fetchedRelation is a relation that is filled from the rows of the statement that loads its owners.
type fetchedRelation struct {
	part
	preload *plan.Preload
	owner   *fetchedRelation // nil: the statement's own table
	link    *part            // the rows of the join table beside them; nil: they are not fetched
	matches matches
}

// fetchedOf returns the relations that are fetched onto rows of the owner, owners before what is below them.
func fetchedOf(r *model.Registry, q *plan.Query, preloads []*plan.Preload, owner *fetchedRelation, known *knownColumns) []*fetchedRelation {
	var all []*fetchedRelation
	for _, p := range preloads {
		if p.Fetched == nil {
			continue
		}
		t := r.TableOf(p.Relation.Related)
		c := known.next(func() *columns {
			c := &columns{first: p.Fetched.First}
			for stored := range t.Graph.Stored() {
				c.fields = append(c.fields, t.Columns[stored.Name])
			}
			return c
		})
		j := &fetchedRelation{preload: p, owner: owner, part: newPart(t, c, newUniqueRows(t, true, 0), 0)}
		if p.Fetched.Once {
			j.matches.once = map[match]struct{}{}
		}
		if p.Relation.Linked || p.Fetched.ByLink {
			j.link = newLinkPart(r, q, p.Fetched.Binding.Link, true, known)
		}
		all = append(append(all, j), fetchedOf(r, q, p.Below, j, known)...)
	}
	return all
}

// begin begins the related row of the current row of the statement, if there is one.
func (j *fetchedRelation) begin(rows dialect.Rows, values [][]byte) {
	present := (j.owner == nil || j.owner.present) && !rows.Null(j.preload.Fetched.Presence)
	j.part.begin(present, values)
	if j.link != nil {
		j.link.begin(present, values)
	}
}

// hang numbers the related row of the current row of the statement, and hangs it onto its owner's.
func (j *fetchedRelation) hang(owner int32) error {
	if !j.present {
		return nil
	}
	isNew, err := j.number()
	if err != nil {
		return &fault.ScanError{Path: j.preload.Path, Err: err}
	}
	if r := j.preload.Relation; r.Cardinality == graph.Many && r.InverseIsOwner && !isNew {
		return nil // it has one owner, which has it already
	}
	if err := j.matches.add(owner, j.at, j.link); err != nil {
		return &fault.ScanError{Path: j.preload.Path, Err: err}
	}
	return nil
}

// hang hangs the rows that came with the current one onto it, which has the number.
func (s *rowScan) hang(at int32) error {
	for _, j := range s.fetched {
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
	for _, j := range slices.Backward(s.fetched) {
		a := attachment{
			relation: j.preload.Relation, field: s.table.Registry.FieldOf(j.preload.Relation), matches: &j.matches,
			rows: j.all(), links: j.link.all(), owners: owners, of: of, n: int(s.unique.n),
		}
		if j.owner != nil {
			a.owners, a.n = j.owner.all(), len(j.owner.all())
			a.of = numbers(a.n)
		}
		if err := a.attach(); err != nil {
			return &fault.QueryError{Op: "fetch", Path: j.preload.Path, Err: err}
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

// fold takes a row that was read of a query that fetches relations. One that is a row before it again is not kept when the query's
// rows are folded.
func (s *rowScan) fold() error {
	isNew, err := s.number()
	if err != nil {
		return &fault.ScanError{Path: s.path, Err: err}
	}
	if isNew || s.apart {
		s.of = append(s.of, s.at)
	}
	return s.hang(s.at)
}

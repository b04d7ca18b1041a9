package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// LookedUp returns those relations of the tables whose related rows, for one owner, are what the query selects, as far as
// it says so by comparing with one value each of the columns that tell the owner:
//
//	the related table's own: accounts by "id" are what activity.account gives, activity by "account_id" what accounts.activities
//	the owner's, along the inverse: courses that Has("students", Eq{"id": 1}) are what students.courses gives
//
// Other conditions may stand beside. A relation that is the first of several rows is not what finds them all. Run again and again, such a query does what one preload would.
func (q *Query) LookedUp(tables []*graph.Table) []*graph.Relation {
	c := compared{}
	c.all(q.Where)
	for _, b := range q.Bindings {
		if !b.Left {
			c.all(b.On)
		}
	}
	var found []*graph.Relation
	for _, t := range tables {
		for _, r := range t.Relations() {
			if r.Related != q.Base.Table {
				continue
			}
			if r.Direct() && !r.First && c.has(q.Base, r.MatchKey()) || c.hasOwner(q.Base, r) {
				found = append(found, r)
			}
		}
	}
	return found
}

// compared holds, for each binding, the columns that must equal one value for any row to be selected.
type compared map[*Binding][]string

func (c compared) all(conditions []Expr) {
	for _, e := range conditions {
		switch e := e.(type) {
		case *Compare:
			if e.Op == "=" && e.Col.Binding != nil {
				c[e.Col.Binding] = append(c[e.Col.Binding], e.Col.Column)
			}
		case And:
			c.all(e)
		case *Exists:
			if !e.Not {
				c.all(e.Sub.Where)
			}
		}
	}
}

func (c compared) has(b *Binding, columns []string) bool {
	return !slices.ContainsFunc(columns, func(column string) bool { return !slices.Contains(c[b], column) })
}

// hasOwner reports whether the rows of base are restricted, along the inverse of r, to those of one owner.
func (c compared) hasOwner(base *Binding, r *graph.Relation) bool {
	for b := range c {
		if b.Parent == base && b.Relation.Inverse == r && c.has(b, r.OwnerKey()) {
			return true
		}
	}
	return false
}

package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: a query for the rows of owners whose keys are sent, along a relation whose condition names the owner. Output: the
// owner's row, joined.

// joinOwner joins the owner's table, because a condition of the relation names its columns, to the alias that holds its key. The
// key must tell the owner: it alone is sent.
func (q *Query) joinOwner(f *ForOwners, owner *Binding, alias string, lifted []Lift) error {
	r := f.Relation
	cols := r.OwnerKey()
	missing := func(c string) bool { return !slices.Contains(cols, c) }
	if len(r.Owner.PrimaryKey) == 0 || slices.ContainsFunc(r.Owner.PrimaryKey, missing) {
		if r.ByCondition() {
			return graph.Problemf(ErrUnsupported, "a preload along relation %q tells the owners by their primary key, and %q has none; declare it "+
				"with PrimaryKey, or use Join, Fetch or Has", r, r.Owner.Name)
		}
		return graph.Problemf(ErrUnsupported, "the condition of relation %q names its owner, and the key that a preload sends (%s) is "+
			"not the primary key of %q; use Join, Fetch or Has", r, strings.Join(cols, ", "), r.Owner.Name)
	}
	owner.Alias = q.names.pick(q.Base.Table.Name + "#" + r.Owner.Name)
	link := &Link{Step: graph.Step{Table: r.Owner}, Alias: owner.Alias}
	for _, p := range r.Matched(0) {
		link.On = append(link.On, LinkPair{Column: p.From, Prev: alias, PrevOn: p.To, Spelling: p.Spelling})
	}
	f.Links = append(f.Links, link)
	within := newScope(owner, q.names, &appliedRules{rules: q.applied.rules, lifted: lifted, depth: q.applied.depth})
	said, err := within.defaults(owner, "") // which its rows meet: what they are told by is said beside the key that is sent
	q.Where = append(q.Where, owner.Fixed(said)...)
	f.Inside = slices.Clip(q.Where)
	return err
}

package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: preloads of which some are to be fetched from the rows of the query's own statement. Their paths are
// joined like any other; what is special about them is that their columns are selected too, and that rows of the statement
// which repeat a root row are one row.

// Fetched says where in the rows of a statement a related row is.
type Fetched struct {
	*Binding
	First    int // of the query's outputs: the related row's columns are this and those after it
	Presence int // the output that is NULL when there is no related row

	Once   bool // the statement may have a row several times for one owner, who has it once
	ByLink bool // once for each row of the join table, whose key is selected
}

// merge gathers what is loaded onto the rows of a binding, and joins the paths that are fetched. A path that is joined already
// is fetched as it is joined; any other is joined so that no row is lost.
func (b *builder) merge(q *Query, owner *Binding, clauses []PreloadClause, at place) ([]*mergedPreload, error) {
	merged, err := mergePreloads(owner, clauses)
	if err != nil {
		return nil, err
	}
	for _, m := range merged {
		if at.tree != nil && m.relation == at.relation {
			return nil, insideTree(m)
		}
		at.own[m.relation] = true
	}
	if merged, err = eachVariant(merged); err != nil {
		return nil, err
	}
	for _, m := range merged {
		path := owner.pathTo(m.relation.Name)
		bound := q.byPath[path]
		if m.relation.LinkOf != nil {
			if err := b.mergeLink(q, owner, m, at); err != nil {
				return nil, err
			}
			continue
		}
		if m.fromOwner = (!m.fetch || bound == nil) && m.isOwner(at); m.fromOwner {
			m.claim(at.owner)
		}
		if !m.fetch || m.fromOwner {
			continue
		}
		if m.spec != nil || m.tree != nil {
			return nil, &PathError{Path: at.path, Method: "Fetch", Err: graph.Problemf(ErrInvalid, "%q is also preloaded by a query of "+
				"its own; leave one out", path)}
		}
		if bound == nil {
			if bound, err = q.bind(owner, m.relation, true); err != nil {
				return nil, err
			}
		}
		bound.Fetched = true
		q.Folded = q.Folded || bound.Many
		m.fetched, m.at = bound, place{relation: m.relation, path: at.pathTo(m.relation), own: claims{}, owner: at.own}
		if m.loads, err = b.merge(q, bound, m.below, m.at); err != nil {
			return nil, err
		}
	}
	return merged, nil
}

// fetched plans a relation that is fetched, and what is loaded onto its rows.
func (b *builder) fetched(q *Query, m *mergedPreload) (*Preload, error) {
	if q.results == nil {
		q.results = q.resultNames(b.features.MaxIdent)
	}
	j := &Fetched{Binding: m.fetched, First: q.addAll(m.fetched, q.results.pick)}
	j.Presence = j.First + slices.IndexFunc(q.Outputs[j.First:], func(o Output) bool {
		return o.Ref.Column == m.relation.Presence()
	})
	repeats := q.repeats(m.fetched)
	j.Once = m.relation.Cardinality == graph.Many && !m.relation.InverseIsOwner && (m.relation.Link == nil || repeats)
	switch j.ByLink = repeats && byLink(m.relation); {
	case m.relation.Linked:
		q.addAll(m.fetched.Link, q.results.pick)
	case j.ByLink:
		q.addKey(m.fetched.Link, q.results.pick)
	}
	p := &Preload{Path: m.at.path, Relation: m.relation, Fetched: j}
	var err error
	p.Below, err = b.loads(q, m.fetched, m.loads, m.at)
	return p, err
}

// resultNames returns the names that the columns of the result may have already. Those that are fetched get others, so that
// the order, and a statement around this one, can name each.
func (q *Query) resultNames(limit int) *aliases {
	names := &aliases{taken: map[string]bool{}, features: dialect.Features{MaxIdent: limit}}
	for _, c := range q.Base.Table.Columns {
		names.take(c.Name)
	}
	for _, o := range q.Outputs {
		names.take(o.Alias)
	}
	return names
}

// fetched returns the bindings whose rows are fetched.
func (q *Query) fetched() []*Binding {
	return q.those(func(b *Binding) bool { return b.Fetched })
}

// checkFetched refuses what has no meaning where related rows come with the query's own.
func (q *Query) checkFetched(spec *Spec) error {
	fetched := q.fetched()
	if len(fetched) == 0 {
		return nil
	}
	if link := q.Base.Link; q.Folded && q.ForOwners != nil && len(q.ForOwners.Links) > 0 {
		if (q.ForOwners.ByLink || q.ForOwners.Relation.Linked) && len(link.Table.PrimaryKey) == 0 {
			return keylessLink(fetched[0].Path, q.ForOwners.Relation)
		}
	}
	if len(q.GroupBy) > 0 {
		return graph.Problemf(ErrUnsupported, "Fetch(%q) with GroupBy: no row of the result is one row of %q; use Preload",
			fetched[0].Path, q.Base.Table.Name)
	}
	for _, b := range fetched {
		if err := q.checkCounted(spec, b); err != nil {
			return err
		}
		if len(b.Table.PrimaryKey) == 0 && q.repeats(b) {
			return keyless(b.Path, b.Table)
		}
		if byLink(b.Relation) && len(b.Link.Table.PrimaryKey) == 0 && q.repeats(b) {
			return keylessLink(b.Path, b.Relation)
		}
		if len(q.Base.Table.PrimaryKey) == 0 && (b.Many || !b.Relation.Sole()) {
			return keyless(b.Path, q.Base.Table)
		}
	}
	return nil
}

// checkCounted refuses a limit, which would count the rows of the statement.
func (q *Query) checkCounted(spec *Spec, b *Binding) error {
	method := spec.limiting()
	if method == "" && spec.Most > 0 && spec.Ordered {
		method = "First"
	}
	if !b.Many || method == "" {
		return nil
	}
	return graph.Problemf(ErrFanOut, "%s would count the rows of Fetch(%q), which gives a row of %q once for each of its related "+
		"rows; use Preload(%q), which is not counted", method, b.Path, q.Base.Table.Name, b.Path)
}

// repeats reports whether one row of a fetched binding may come in several rows of the statement, for one owner: when
// something that is not on the way to it gives several rows, when a row on the way to it belongs to several owners, or when
// the statement itself loads rows for several owners.
func (q *Query) repeats(b *Binding) bool {
	if q.ForOwners != nil {
		return true
	}
	above := map[*Binding]bool{b: true}
	for at := b.Parent; at.Relation != nil; at = at.Parent {
		if !at.Relation.InverseIsOwner {
			return true // a row that several owners share
		}
		above[at] = true
	}
	for _, other := range q.Bindings[1:] {
		several := other.Relation.Cardinality == graph.Many || other.Fetched && !other.Relation.Sole()
		if several && !above[other] {
			return true
		}
	}
	return false
}

func keyless(path string, t *graph.Table) error {
	return graph.Problemf(ErrInvalid, "Fetch(%q): rows of %q may come several times and cannot be told apart, because the table has no "+
		"primary key; declare it with PrimaryKey, or use Preload", path, t.Name)
}

// keylessLink is the same of the rows of a join table, of which the pair of keys may tell.
func keylessLink(path string, r *graph.Relation) error {
	pair := append(r.LinkTypes(), r.LinkPair()...)
	return graph.Problemf(ErrInvalid, "Fetch(%q): rows of the join table %q may come several times and cannot be told apart, because it has "+
		"neither a primary key nor a unique pair; declare PrimaryKey, or Unique(\"%s\") if a pair is linked once, or use Preload", path,
		r.Link.Name, strings.Join(pair, `", "`))
}

// identified selects what rows of the query's own table are told apart by, where they may come several times.
func (q *Query) identified() {
	for _, b := range q.fetched() {
		if b.Many || !b.Relation.Sole() {
			q.Identified = true
			q.need(q.Base, q.Base.Table.PrimaryKey)
		}
	}
}

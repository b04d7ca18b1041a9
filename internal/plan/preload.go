package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: the clauses that ask for related rows, as they were written. They are merged by relation, and each
// becomes a query of its own, or rows in hand.

// claims are the relations that are loaded into the fields of the same rows. Two loads of one relation would overwrite each
// other.
type claims map[*graph.Relation]bool

// place is where in a tree of preloads a query stands.
type place struct {
	relation *graph.Relation // it is preloaded for; nil: the root
	tree     *Tree           // the relation is followed further
	path     string          // from the root
	own      claims          // of the fields of its rows
	owner    claims          // of the fields of the rows it is loaded onto
	lifted   []Lift          // the default conditions that do not apply, by paths from its owner
	limited  bool            // a limit for each owner makes the relation the first of several rows

	outer      *Scope // of the row around, of a query that is a part of another
	outerJoins bool
	reserved   []string // aliases that it must leave to the query around
}

// given returns the paths by which the rows at a place were given.
func (at place) given() []string {
	if at.relation == nil {
		return nil
	}
	return []string{at.relation.Name, at.path}
}

// preloads plans what is loaded onto the query's rows.
func (b *builder) preloads(q *Query, loads []*mergedPreload, at place) (err error) {
	q.identified()
	q.Preloads, err = b.loads(q, q.Base, loads, at)
	return err
}

// loads plans what is loaded onto the rows of a binding: one statement for each path whose rows are not in hand.
func (b *builder) loads(q *Query, owner *Binding, loads []*mergedPreload, at place) ([]*Preload, error) {
	var all []*Preload
	for _, m := range loads {
		var p *Preload
		var err error
		switch {
		case m.links:
			p = &Preload{Path: m.at.path, Relation: m.relation, Links: true}
			p.Below, err = b.loads(q, owner.Link, m.loads, m.at)
		case m.fetched != nil:
			p, err = b.fetched(q, m)
		default:
			p, err = b.preload(q, owner, m, at)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	q.needOwner(owner, all)
	return all, nil
}

// needOwner selects the keys of owners that are asked for once more below: what is loaded onto them is found by those.
func (q *Query) needOwner(owner *Binding, loads []*Preload) {
	for _, p := range loads {
		for _, below := range p.Next() {
			if !below.FromOwner {
				continue
			}
			for _, next := range below.Below {
				q.need(owner, next.Relation.OwnerColumns())
			}
		}
	}
}

// isOwner reports whether a preload's row can be the owner of the rows it is loaded onto. What is loaded below it then goes
// into the same fields as what the owner itself was asked for, so it must be something else; and what is fetched below it
// is joined to the preload's row. The rows of a tree are owners themselves, and were asked for other things.
func (m *mergedPreload) isOwner(at place) bool {
	if at.relation == nil || !at.relation.InverseIsOwner || at.relation.Inverse != m.relation || m.spec != nil || m.tree != nil {
		return false
	}
	if at.tree != nil && len(m.below) > 0 {
		return false
	}
	for _, below := range m.below {
		first, _, _ := strings.Cut(below.Path, ".")
		if r, ok := m.relation.Related.Relation(first); below.Fetch || ok && at.owner[r] {
			return false
		}
	}
	return true
}

// claim notes what is loaded below the preload, whose row is the owner.
func (m *mergedPreload) claim(owner claims) {
	for _, below := range m.below {
		first, _, _ := strings.Cut(below.Path, ".")
		if r, ok := m.relation.Related.Relation(first); ok {
			owner[r] = true
		}
	}
}

// pathTo returns the path of a relation that is loaded at a place, from the root.
func (at place) pathTo(r *graph.Relation) string {
	if at.path == "" {
		return r.Name
	}
	return at.path + "." + r.Name
}

func (b *builder) preload(q *Query, owner *Binding, m *mergedPreload, at place) (*Preload, error) {
	p := &Preload{Path: at.pathTo(m.relation), Relation: m.relation, Whole: m.spec == nil}
	if m.spec != nil && m.spec.Table != m.relation.Related {
		return nil, &PathError{Path: p.Path, Err: graph.Problemf(graph.ErrInvalidRelation,
			"the query selects from %q, the relation leads to %q; give it a Select of that table", m.spec.Table.Name, m.relation.Related.Name)}
	}
	if err := m.checkTree(); err != nil {
		return nil, &PathError{Path: p.Path, Err: err}
	}
	below := place{
		relation: m.relation, tree: m.tree, path: p.Path, own: claims{}, owner: at.own, lifted: under(q.applied.lifted, owner.Path),
	}
	if m.fromOwner {
		p.FromOwner, below.own = true, at.owner
	} else {
		q.need(owner, m.relation.OwnerColumns())
		q.need(owner, m.rootKey())
	}
	spec := NewSpec(m.relation.Related)
	if m.spec != nil {
		merged := *m.spec
		spec = &merged
	}
	spec.Preloads = append(slices.Clip(spec.Preloads), m.below...)
	query, err := b.query(spec, below)
	if err != nil {
		return nil, err
	}
	p.Query = query
	if p.FromOwner {
		p.Query, p.Below = nil, query.Preloads
	}
	return p, nil
}

// mergedPreload is all that was asked of one relation.
type mergedPreload struct {
	relation *graph.Relation
	spec     *Spec
	variants []*Spec // of a relation to several tables: for those that were given a query
	tree     *Tree   // not nil: it was asked for as a tree
	list     *Spec   // the query that was given without one
	below    []PreloadClause

	fetch     bool             // from the rows of the statement that loads the owners
	fromOwner bool             // its row is the owner of the rows it is loaded onto
	links     bool             // its rows are those of the join table beside the rows it is loaded onto
	fetched   *Binding         // what it is fetched from
	at        place            // of its rows, when they are in hand by links or fetched
	loads     []*mergedPreload // below it, then
}

// mergePreloads gathers the clauses by their first relation, in the order in which each is first named.
func mergePreloads(onto *Binding, clauses []PreloadClause) ([]*mergedPreload, error) {
	var merged []*mergedPreload
	for _, c := range clauses {
		relations, rest, err := onto.Table.Walk(c.Path, onto.via())
		if err != nil {
			return nil, &PathError{Method: c.Method, Err: err}
		}
		instead := func(of string) string { return graph.Textf("load them by PreloadTree(%q, …)", of) }
		if err := onlyTested(relations, instead); err != nil {
			return nil, &PathError{Method: c.Method, Err: err}
		}
		r := relations[0]
		i := slices.IndexFunc(merged, func(m *mergedPreload) bool { return m.relation == r })
		if i < 0 {
			i = len(merged)
			merged = append(merged, &mergedPreload{relation: r})
		}
		m := merged[i]
		m.fetch = m.fetch || c.Fetch
		if len(relations) > 1 || rest != "" {
			c.Path = c.Path[len(r.Name)+1:]
			m.below = append(m.below, c)
			continue
		}
		if err := m.add(c); err != nil {
			return nil, &PathError{Method: c.Method, Err: err}
		}
	}
	return merged, nil
}

// add takes in a clause for the relation itself.
func (m *mergedPreload) add(c PreloadClause) error {
	if c.Spec != nil && len(m.relation.Variants) > 0 {
		return m.addVariant(c)
	}
	if c.Queries > 1 {
		return graph.Problemf(ErrInvalid, "%q: %d queries given; make them one", c.Path, c.Queries)
	}
	if c.Spec != nil && m.spec != nil && m.spec != c.Spec {
		return graph.Problemf(ErrInvalid, "%q is given twice with different queries; make them one", c.Path)
	}
	if c.Spec != nil {
		m.spec = c.Spec
	}
	return m.addTree(c)
}

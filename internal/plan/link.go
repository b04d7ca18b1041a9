package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// A link is the row of a join table beside the row it leads to. It is a binding of its own, so that its columns are named,
// compared, ordered by, grouped by and selected as all others are.

// linkedBy returns the binding of the link that leads to b's rows along a relation.
func (b *Binding) linkedBy(r *graph.Relation, alias string) *Binding {
	return &Binding{Path: b.pathTo(graph.LinkName), Alias: alias, Table: r.Link, Relation: r.ToLink(), Parent: b, Many: b.Many}
}

// via returns the relation that b's rows were reached along, where it has a link that can be named.
func (b *Binding) via() *graph.Relation {
	if b.Link == nil {
		return nil
	}
	return b.Link.Relation.LinkOf
}

// resolve follows a path from b's rows to related ones.
func (b *Binding) resolve(path string) ([]*graph.Relation, error) {
	return b.Table.Resolve(path, b.via())
}

// joined returns the binding whose join makes b's rows appear: b itself, or the one that b is the link of.
func (b *Binding) joined() *Binding {
	if b.Parent != nil && b.Parent.Link == b {
		return b.Parent
	}
	return b
}

// key returns the order of b's primary key.
func (b *Binding) key() []Order {
	terms := make([]Order, 0, len(b.Table.PrimaryKey))
	for _, k := range b.Table.PrimaryKey {
		terms = append(terms, Order{Ref: Ref{Name: k, Binding: b, Column: k}})
	}
	return terms
}

// linkKey returns the order of the primary key of b's link, without the columns that are the same for all links of one owner
// to one row.
func (b *Binding) linkKey(r *graph.Relation) []Order {
	same := append(r.LinkTypes(), r.LinkPair()...)
	return slices.DeleteFunc(b.Link.key(), func(o Order) bool { return slices.Contains(same, o.Ref.Column) })
}

// keyAlong returns the order that tells apart the rows that one owner has along a relation: with links, one may come by
// several.
func (b *Binding) keyAlong(r *graph.Relation) []Order {
	if r.Linked {
		return append(b.key(), b.linkKey(r)...)
	}
	return b.key()
}

// key returns the order that tells the rows of the result apart.
func (q *Query) key() []Order {
	if q.ForOwners != nil {
		return q.Base.keyAlong(q.ForOwners.Relation)
	}
	return q.Base.key()
}

// addAll selects all columns of a binding beside the query's own, under the names that name gives their paths: the row may
// have a column of the same name, and a name must be one column's where a statement is put around. It returns the place of
// the first.
func (q *Query) addAll(b *Binding, name func(path string) string) int {
	first := len(q.Outputs)
	for c := range b.Table.Stored() {
		ref := Ref{Name: c.Name, Binding: b, Column: c.Name}
		q.Outputs = append(q.Outputs, Output{Ref: ref, Alias: name(b.Path + "." + c.Name), Added: true})
	}
	return first
}

// byLink reports whether an owner has a related row once for each row of the join table that links them, so that those must be
// told apart where rows are folded.
func byLink(r *graph.Relation) bool { return r.Linked || r.Link != nil && !r.LinkedOnce() }

// addKey selects the primary key of a binding as addAll does all its columns.
func (q *Query) addKey(b *Binding, name func(path string) string) {
	for _, c := range b.Table.PrimaryKey {
		q.Outputs = append(q.Outputs, Output{Ref: Ref{Name: c, Binding: b, Column: c}, Alias: name(b.Path + "." + c), Added: true})
	}
}

// aliases returns those of the tables between the owners and the related table, the nearest to the owners first.
func (f *ForOwners) aliases() []string {
	names := make([]string, 0, len(f.Links))
	for _, l := range slices.Backward(f.Links) {
		names = append(names, l.Alias)
	}
	return names
}

// cutLink returns the path of the row that a link's path belongs to, and whether it is one.
func cutLink(path string) (of string, ok bool) {
	if path == graph.LinkName {
		return "", true
	}
	return strings.CutSuffix(path, "."+graph.LinkName)
}

func sharedLink(name string) error {
	return graph.Problemf(ErrInvalid, "%q may differ for each owner of a row, and the row is loaded once for all of them; a field "+
		"[]dovetail.Linked holds the rows of the join table too", name)
}

// withoutLink runs bind while the link of the query's own rows cannot be named: values that it selects become part of a
// row that owners share.
func (s *Scope) withoutLink(bind func() error) error {
	if link := s.Base.Link; link != nil {
		link.Shared = true
		defer func() { link.Shared = false }()
	}
	return bind()
}

// checkLinkOutput refuses a column of the link of the query's own rows, where there is no place for it.
func (q *Query) checkLinkOutput(ref Ref) error {
	if q.Base.Link != nil && ref.Binding == q.Base.Link && !q.ForOwners.Relation.Linked {
		return sharedLink(ref.Name)
	}
	return nil
}

// linkOutputs selects the link's columns where it is loaded with the row: those that are named, else all.
func (q *Query) linkOutputs() {
	link := q.Base.Link
	if link != nil && q.ForOwners.ByLink {
		q.addKey(link, q.names.shorten)
	}
	if link == nil || !q.ForOwners.Relation.Linked {
		return
	}
	if slices.ContainsFunc(q.Outputs, func(o Output) bool { return o.Expr == nil && o.Ref.Binding == link }) {
		if q.ForOwners.Tree != nil {
			q.need(link, link.Table.PrimaryKey) // by which a link that is found again is told
		}
		return
	}
	q.addAll(link, q.names.shorten)
}

// overLink returns the path and the column of an aggregate. Those of "courses.link" and "grade" are "courses" and
// "link.grade": a link has no rows of its own to aggregate.
func (s *Scope) overLink(path, column string) (string, string) {
	of, ok := cutLink(path)
	if !ok || of == "" || column == "" {
		return path, column
	}
	relations, err := s.Base.resolve(of)
	if err != nil || relations[len(relations)-1].Link == nil {
		return path, column
	}
	return of, graph.LinkName + "." + column
}

// mergeLink gathers what is loaded onto the rows of a join table, which come with the rows of the owner's binding where those are
// loaded as pairs.
func (b *builder) mergeLink(q *Query, owner *Binding, m *mergedPreload, at place) (err error) {
	r := m.relation.LinkOf
	clause := m.below[0]
	fail := func(is error, format string, args ...any) error {
		err := graph.Problemf(is, "path %q: "+format, append([]any{at.pathTo(m.relation) + "." + clause.Path}, args...)...)
		return &PathError{Method: clause.Method, Err: err}
	}
	if !r.Linked {
		return fail(graph.ErrInvalidRelation, "the rows of the join table %q are loaded only into a field []dovetail.Linked[%s, %s] of relation "+
			"%q; make it one", r.Link.Name, r.Related.GoType, r.Link.GoType, r)
	}
	if m.fetch {
		return fail(ErrUnsupported, "what belongs to a row of the join table %q is not fetched; use Preload", r.Link.Name)
	}
	m.links, m.at = true, place{relation: m.relation, path: at.pathTo(m.relation), own: claims{}, owner: at.own}
	m.loads, err = b.merge(q, owner.Link, m.below, m.at)
	return err
}

package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// PathError is an error with the place in the query where it was found.
type PathError struct {
	Method string // the method that named it, such as "Where"; empty when the query as a whole is meant
	Path   string // the preload it lies in; empty for the root query
	Err    error
}

func (e *PathError) Error() string {
	text := e.Err.Error()
	if e.Method != "" {
		text = e.Method + ": " + text
	}
	if e.Path != "" {
		text = fmt.Sprintf("preload %q: %s", e.Path, text)
	}
	return text
}

// Unwrap returns what is wrong.
func (e *PathError) Unwrap() error { return e.Err }

// Build plans a query and all its preloads for a database with these features. The model may be nil.
func Build(spec *Spec, model *Model, features dialect.Features) (*Query, error) {
	if model == nil {
		model = &Model{}
	}
	b := builder{features: features, model: model}
	return b.query(spec, place{own: claims{}})
}

type builder struct {
	features dialect.Features
	model    *Model
	depth    int // of the declared conditions that the query stands in
}

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
	lifted   []string        // the paths from its owner whose default conditions do not apply
}

// query plans the query at a place.
func (b *builder) query(spec *Spec, at place) (*Query, error) {
	names := &aliases{taken: map[string]bool{}, features: b.features}
	root := &Binding{Table: spec.Table, Alias: names.pick(spec.Table.Name)}
	lifted := lift(spec.Unscoped, at.lifted, at.relation)
	q := &Query{
		Scope: newScope(root, nil, names, &rules{model: b.model, lifted: lifted, depth: b.depth}), Distinct: spec.Distinct,
		Limit: spec.Limit, Offset: spec.Offset, Lock: spec.Lock,
	}
	var loads []*mergedPreload
	steps := []struct {
		method string
		run    func() error
	}{
		{"Unscoped", func() error { return spec.checkUnscoped() }},
		{"", func() error { return q.fetch(at) }},
		{"", func() error { return q.joins(spec.Joins) }},
		{"", func() (err error) { loads, err = b.merge(q, q.Base, spec.Preloads, at); return err }},
		{"With", func() error { return q.withoutLink(func() error { return q.aggregates(spec.With) }) }},
		{"", func() error { return q.clauses(spec) }},
		{"Columns", func() error { return q.outputs(spec) }},
		{"GroupBy", func() error { return q.groupBy(spec.GroupBy) }},
		{"OrderBy", func() error { return q.orderBy(spec.OrderBy, at.relation) }},
		{"", func() error { return q.found() }},
		{"", func() error { return b.preloads(q, loads, at) }},
		{"", func() error { return q.distinct() }},
		{"", func() error { return q.check(spec) }},
		{"", func() error { return q.tieBreak(spec.Ordered || spec.paged() != "") }},
	}
	for _, step := range steps {
		if err := step.run(); err != nil {
			return nil, located(err, step.method, at.path)
		}
	}
	if err := q.keyset(spec, b.features); err != nil {
		return nil, located(err, "", at.path)
	}
	if spec.Most > 0 && !q.Folded && (q.Limit < 0 || q.Limit > spec.Most) {
		q.Limit = spec.Most
	}
	return q, nil
}

// located adds where an error was found, once.
func located(err error, method, path string) error {
	var at *PathError
	if !errors.As(err, &at) {
		return &PathError{Method: method, Path: path, Err: err}
	}
	if at.Path == "" {
		at.Path = path
	}
	return err
}

func (q *Query) joins(joins []JoinClause) error {
	for _, j := range joins {
		bound, err := q.join(j)
		if err != nil {
			return &PathError{Method: j.Method(), Err: err}
		}
		on := &Scope{Root: q.Root, Base: bound, byPath: map[string]*Binding{}, names: q.names, rules: q.rules}
		for _, b := range q.Bindings {
			on.byPath[b.Path] = b
			if b == bound {
				break // a later join cannot be named in the ON clause of an earlier one
			}
		}
		exprs, err := on.exprs(j.On, false)
		if err != nil {
			return &PathError{Method: fmt.Sprintf("%s(%q)", j.Method(), j.Path), Err: err}
		}
		bound.On = append(bound.On, exprs...)
	}
	return nil
}

func (q *Query) clauses(spec *Spec) (err error) {
	where, err := q.conditions(spec.Where)
	if err != nil {
		return err
	}
	q.Where = append(q.Where, where...)
	q.Having, err = q.conditions(spec.Having)
	return err
}

func (q *Query) conditions(clauses []Clause) ([]Expr, error) {
	bound := make([]Expr, 0, len(clauses))
	for _, c := range clauses {
		e, err := q.expr(c.Expr, true)
		if err != nil {
			return nil, &PathError{Method: c.Method, Err: err}
		}
		bound = append(bound, e)
	}
	return bound, nil
}

// outputs binds the selected columns: those named, or all of the table. Expressions come after the columns, so that a
// model is scanned by position.
func (q *Query) outputs(spec *Spec) error {
	named := spec.Bare
	for _, c := range spec.Outputs {
		if c.Expr != nil {
			continue
		}
		named = true
		ref, err := q.ref(c.Name, true)
		if err != nil {
			return err
		}
		if ref.Aggregate != nil {
			continue // selected anyway
		}
		if err := q.checkLinkOutput(ref); err != nil {
			return err
		}
		out := Output{Ref: ref}
		if ref.Binding != q.Base {
			out.Alias = ref.Binding.Path + "." + ref.Column
		}
		q.Outputs = append(q.Outputs, out)
	}
	if !named {
		for _, c := range q.Base.Table.Columns {
			if !c.Computed {
				q.Outputs = append(q.Outputs, Output{Ref: q.own(c.Name)})
			}
		}
	}
	for _, c := range spec.Outputs {
		if c.Expr == nil {
			continue
		}
		var expr *Text
		if err := q.withoutLink(func() (err error) {
			expr, err = q.text(c.Expr, true)
			return err
		}); err != nil {
			return &PathError{Method: "Column", Err: err}
		}
		q.Outputs = append(q.Outputs, Output{Expr: expr})
	}
	for _, a := range spec.With {
		q.Outputs = append(q.Outputs, Output{Expr: q.with[a.Name], Alias: a.Name})
	}
	return nil
}

// aggregates binds the values made of related rows. They can be named like columns.
func (q *Query) aggregates(with []*Aggregate) error {
	bound := make(map[string]*Aggregate, len(with))
	for _, a := range with {
		if _, taken := q.Base.Table.Column(a.Name); taken || bound[a.Name] != nil {
			return graph.Problemf(ErrInvalid, "%q is already a column or another value; give it another name with As", a.Name)
		}
		b, err := q.aggregate(a)
		if err != nil {
			return err
		}
		bound[a.Name] = b
	}
	q.with = bound
	return nil
}

// own returns a column of the query's own table.
func (q *Query) own(column string) Ref { return Ref{Name: column, Binding: q.Base, Column: column} }

// selected reports whether the column is among the outputs.
func (q *Query) selected(ref Ref) bool {
	return slices.ContainsFunc(q.Outputs, func(o Output) bool {
		return o.Expr == nil && o.Ref.Binding == ref.Binding && o.Ref.Column == ref.Column
	})
}

// need adds columns of a binding to the outputs, where they are not among them.
func (q *Query) need(b *Binding, columns []string) {
	for _, c := range columns {
		if ref := (Ref{Name: c, Binding: b, Column: c}); !q.selected(ref) {
			q.Outputs = append(q.Outputs, Output{Ref: ref, Added: true})
		}
	}
}

func (q *Query) groupBy(names []string) error {
	for _, name := range names {
		ref, err := q.ref(name, true)
		if err != nil {
			return err
		}
		if ref.Aggregate != nil {
			return graph.Problemf(ErrUnsupported, "%q is a value of With, which cannot be grouped by", name)
		}
		q.GroupBy = append(q.GroupBy, ref)
	}
	return nil
}

// orderBy binds the order; rows of a relation have its default order.
func (q *Query) orderBy(clauses []OrderClause, r *graph.Relation) (err error) {
	if len(clauses) == 0 && r != nil {
		clauses = q.declaredOrder(r)
	}
	q.OrderBy, err = q.order(clauses)
	return err
}

// order binds the terms of an order.
func (s *Scope) order(clauses []OrderClause) ([]Order, error) {
	terms := make([]Order, 0, len(clauses))
	for _, c := range clauses {
		o := Order{Desc: c.Desc, Nulls: c.Nulls}
		var err error
		switch {
		case c.Expr != nil:
			o.Expr, err = s.text(c.Expr, true)
		case s.with[c.Name] != nil || s.Base == s.Root && computed(s.Base.Table, c.Name):
			o.Output = c.Name
		default:
			o.Ref, err = s.ref(c.Name, true)
		}
		if err != nil {
			return nil, err
		}
		terms = append(terms, o)
	}
	return terms, nil
}

// computed reports whether the name is a computed field of the table.
func computed(t *graph.Table, name string) bool {
	return slices.ContainsFunc(t.Columns, func(c graph.Column) bool { return c.Computed && c.Name == name })
}

// fetch binds what always holds of the query's rows and, where they are those of a relation, the tables between them and
// their owners, last step first, so that conditions can name a link.
func (q *Query) fetch(at place) (err error) {
	r := at.relation
	if r == nil {
		q.Where, err = q.defaults(q.Base, "")
		return err
	}
	f, n := &Fetch{Relation: r, Tree: at.tree}, len(r.Steps)
	reached := &Binding{Alias: q.Base.Alias, Table: q.Base.Table, Relation: r, Links: make([]string, n-1)}
	for i := n - 2; i >= 0; i-- {
		reached.Links[i] = q.names.pick(q.Base.Table.Name + "#" + r.Steps[i].Table.Name)
	}
	if r.Link != nil {
		q.Base.Link = q.Base.linkedBy(r.Link, reached.Links[0])
		q.Base.Link.Many = !r.Linked // else a row of the result is a row and its link
		reached.Link = q.Base.Link
	}
	conditions, err := q.relationRules(reached)
	if err != nil {
		return err
	}
	q.Where = conditions[n-1]
	alias := q.Base.Alias
	for i := n - 2; i >= 0; i-- {
		link := &Link{Table: r.Steps[i].Table, Alias: reached.Links[i], Rules: conditions[i]}
		for _, p := range r.Steps[i+1].On {
			link.On = append(link.On, LinkPair{Column: p.From, Prev: alias, PrevOn: p.To})
		}
		f.Links = append(f.Links, link)
		alias = link.Alias
	}
	holder := q.Base
	if n := len(f.Links); n > 0 {
		holder = &Binding{Table: f.Links[n-1].Table, Alias: alias}
	}
	if q.Base.Link != nil {
		holder = q.Base.Link
	}
	for _, c := range r.MatchKey() {
		f.Key = append(f.Key, Ref{Name: c, Binding: holder, Column: c})
	}
	q.Fetch = f
	return nil
}

// found ends what fetch began, once all tables are bound and the outputs that were asked for are known.
func (q *Query) found() error {
	f := q.Fetch
	if f == nil {
		return nil
	}
	f.Keys, f.Limited = q.names.pick("keys"), q.names.pick("limited")
	if f.Tree != nil {
		f.Found = q.names.pick("tree#") // no name that SQL text of the caller's could mean
	}
	f.Repeats = !f.Relation.Direct() || len(q.multiplying()) > 0
	q.need(q.Base, q.Base.Table.PrimaryKey)
	q.linkOutputs()
	return nil
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
		if m.joined != nil {
			p, err = b.joined(q, m)
		} else {
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
		if r, ok := m.relation.Related.Relation(first); below.Joined || ok && at.owner[r] {
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
			"the query selects from %q, the relation leads to %q", m.spec.Table.Name, m.relation.Related.Name)}
	}
	if err := m.checkTree(); err != nil {
		return nil, &PathError{Path: p.Path, Err: err}
	}
	below := place{
		relation: m.relation, tree: m.tree, path: p.Path, own: claims{}, owner: at.own, lifted: under(q.rules.lifted, owner.Path),
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
	tree     *Tree // not nil: it was asked for as a tree
	list     *Spec // the query that was given without one
	below    []PreloadClause

	fetch     bool             // from the rows of the statement that loads the owners
	fromOwner bool             // its row is the owner of the rows it is loaded onto
	joined    *Binding         // what it is fetched from
	at        place            // of its rows, when joined
	loads     []*mergedPreload // below it, when joined
}

// mergePreloads gathers the clauses by their first relation, in the order in which each is first named.
func mergePreloads(t *graph.Table, clauses []PreloadClause) ([]*mergedPreload, error) {
	var merged []*mergedPreload
	for _, c := range clauses {
		relations, rest, err := t.Walk(c.Path)
		if err != nil {
			return nil, &PathError{Method: c.Method, Err: err}
		}
		r := relations[0]
		i := slices.IndexFunc(merged, func(m *mergedPreload) bool { return m.relation == r })
		if i < 0 {
			i = len(merged)
			merged = append(merged, &mergedPreload{relation: r})
		}
		m := merged[i]
		m.fetch = m.fetch || c.Joined
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
	if c.Spec != nil && m.spec != nil && m.spec != c.Spec {
		return graph.Problemf(ErrInvalid, "%q is given twice with different queries; make them one", c.Path)
	}
	if c.Spec != nil {
		m.spec = c.Spec
	}
	return m.addTree(c)
}

// tieBreak ends the order in the primary key where rows could otherwise come in another order each time: under a limit, or
// among the related rows of one owner.
func (q *Query) tieBreak(ordered bool) error {
	list := q.Fetch != nil && q.Fetch.Relation.Cardinality == graph.Many
	if ordered || list || q.Folded || q.Limit >= 0 || q.Offset >= 0 {
		q.endOrder(q.key())
	}
	for _, b := range q.Bindings {
		if !b.Fetched || b.Relation.Cardinality != graph.Many {
			continue
		}
		own := newScope(b, nil, q.names, q.rules)
		declared, err := own.order(q.declaredOrder(b.Relation))
		if err != nil {
			return err
		}
		q.endOrder(declared)
		q.endOrder(b.key())
		if b.Relation.Linked {
			q.endOrder(b.Link.key())
		}
	}
	return nil
}

// endOrder appends terms to the order that are not among it.
func (q *Query) endOrder(terms []Order) {
	for _, end := range terms {
		ref := end.Ref
		allowed := (!q.Distinct || q.ByKey || q.selected(ref)) && (len(q.GroupBy) == 0 || q.grouped(ref))
		if !q.orders(ref) && allowed {
			q.OrderBy = append(q.OrderBy, end)
		}
	}
}

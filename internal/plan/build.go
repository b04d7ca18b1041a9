package plan

import (
	"errors"
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

	nested bool // Method is a query inside another
}

func (e *PathError) Error() string {
	text := graph.Body(e.Err)
	if e.Method != "" {
		text = e.Method + ": " + text
	}
	if e.Path != "" {
		text = graph.Textf("preload %q: %s", e.Path, text)
	}
	return text
}

// Unwrap returns what is wrong.
func (e *PathError) Unwrap() error { return e.Err }

// Build plans a query and all its preloads for a database with these features. The rules may be nil.
func Build(spec *Spec, rules *Rules, features dialect.Features) (*Query, error) {
	if rules == nil {
		rules = &Rules{}
	}
	b := builder{features: features, rules: rules, lifting: &lifting{met: map[*Lift]bool{}}}
	return b.whole(spec, place{own: claims{}})
}

type builder struct {
	features dialect.Features
	rules    *Rules
	depth    int // of the declared conditions that the query stands in
	lifting  *lifting
}

// whole plans a query that is no preload of another.
func (b *builder) whole(spec *Spec, at place) (*Query, error) {
	q, err := b.query(spec, at)
	if err == nil {
		err = b.lifting.check()
	}
	if err != nil {
		return nil, err
	}
	return q, nil
}

// query plans the query at a place.
func (b *builder) query(spec *Spec, at place) (*Query, error) {
	spec, at.limited = b.limitedToFirst(spec, at)
	names := newAliases(b.features, at.reserved)
	names.detached = spec.Detached
	alias := spec.Table.Name
	if spec.Excluded {
		alias = MetAlias(spec.Table)
	}
	root := &Binding{Table: spec.Table, Alias: names.pick(alias)}
	lifted := lift(b.lifting.give(spec, at.path), at.lifted, at.relation)
	q := &Query{
		Scope: newScope(root, names, &appliedRules{rules: b.rules, lifted: lifted, depth: b.depth, at: at.path, lifting: b.lifting}), Distinct: spec.Distinct,
		Limit: spec.Limit, Offset: spec.Offset, Lock: spec.Lock,
	}
	q.outer, q.outerJoins, q.given, q.preloaded = at.outer, at.outerJoins, at.given(), at.relation != nil
	p := planning{builder: b, spec: spec, at: at, q: q}
	if method, err := p.run(); err != nil {
		return nil, located(err, method, at.path)
	}
	if spec.Most > 0 && !q.Folded && (q.Limit < 0 || q.Limit > spec.Most) {
		q.Limit = spec.Most
	}
	return q, nil
}

// located adds where an error was found, once.
func located(err error, method, path string) error {
	var at *PathError
	if !errors.As(err, &at) || at.nested && method != "" {
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
		around := *q.Scope
		around.byPath = map[string]*Binding{}
		on := &Scope{
			Root: q.Root, Base: bound, byPath: around.byPath, names: q.names, applied: q.applied,
			outer: &around, given: []string{j.Path},
		}
		for _, b := range q.Bindings {
			on.know(b)
			if b == bound {
				break // a later join cannot be named in the ON clause of an earlier one
			}
		}
		exprs, err := on.exprs(j.On, false)
		if err != nil {
			return &PathError{Method: graph.Textf("%s(%q)", j.Method(), j.Path), Err: err}
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
		if err := q.during(c.Method, func() error {
			e, err := q.expr(c.Expr, true)
			bound = append(bound, e)
			return err
		}); err != nil {
			return nil, &PathError{Method: c.Method, Err: err}
		}
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
		if err := q.during("Columns", func() error { return q.output(c.Name) }); err != nil {
			return err
		}
	}
	if !named {
		q.Outputs = make([]Output, 0, len(q.Base.Table.Columns)+len(spec.Outputs)+len(spec.With))
		for c := range q.Base.Table.Stored() {
			q.Outputs = append(q.Outputs, Output{Ref: q.own(c.Name)})
		}
	}
	for _, c := range spec.Outputs {
		if c.Expr == nil {
			continue
		}
		expr, err := q.columnText(c.Expr)
		if err != nil {
			return err
		}
		q.Outputs = append(q.Outputs, Output{Expr: expr})
	}
	for _, v := range q.values.all {
		if v.with != nil {
			q.Outputs = append(q.Outputs, Output{Expr: v.with, Alias: v.name})
		}
	}
	return nil
}

// output binds a selected column.
func (q *Query) output(name string) error {
	of, as, isRenamed := renamed(q.Base.Table, name)
	if isRenamed {
		name = of
	}
	ref, err := q.ref(name, true)
	switch {
	case err != nil && unquoted(name):
		return graph.Problemf(ErrInvalid, "%q gives the column a name that is more than one word; write that in quotes behind AS", name)
	case err != nil:
		return err
	case ref.Value != nil && isRenamed:
		return graph.Problemf(ErrInvalid, "%q has its name already; give it the name %q where it is made", name, as)
	case ref.Value != nil:
		return nil // selected anyway
	}
	if err := q.checkLinkOutput(ref); err != nil {
		return err
	}
	out := Output{Ref: ref, Renamed: isRenamed}
	switch {
	case isRenamed:
		out.Alias = as
	case ref.Binding != q.Base:
		out.Alias = ref.Binding.Path + "." + ref.Column
	}
	q.Outputs = append(q.Outputs, out)
	return nil
}

// aggregates binds the values made of related rows. From here on, all values can be named like columns.
func (q *Query) aggregates(spec *Spec) error {
	all := newValues(spec)
	made := map[string]bool{}
	for _, a := range spec.With {
		if _, taken := q.Base.Table.Column(a.Name); taken || made[a.Name] {
			return graph.Problemf(ErrInvalid, "%q is already a column or another value; give it another name with As", a.Name)
		}
		made[a.Name] = true
		if a.Func == LevelFunc {
			if err := q.level(a.Name); err != nil {
				return err
			}
			all.add(&value{name: a.Name, level: true})
			continue
		}
		b, err := q.aggregate(a)
		if err != nil {
			return err
		}
		all.add(&value{name: a.Name, with: b})
	}
	q.values = all
	return nil
}

// own returns a column of the query's own table.
func (q *Query) own(column string) Ref { return Ref{Name: column, Binding: q.Base, Column: column} }

// selected reports whether the column is among the outputs, under whatever name.
func (q *Query) selected(ref Ref) bool {
	return slices.ContainsFunc(q.Outputs, func(o Output) bool { return o.is(ref) })
}

// Held returns the place among the outputs of a column of the query under its own name; -1: it is not selected.
func (q *Query) Held(ref Ref) int {
	return slices.IndexFunc(q.Outputs, func(o Output) bool { return o.is(ref) && !o.Renamed && !o.Position })
}

// is reports whether the output is that column.
func (o Output) is(ref Ref) bool {
	return o.Expr == nil && o.Ref.Binding == ref.Binding && o.Ref.Column == ref.Column
}

// need adds columns of a binding to the outputs, where they are not among them under their own names.
func (q *Query) need(b *Binding, columns []string) {
	for _, c := range columns {
		out := Output{Ref: Ref{Name: c, Binding: b, Column: c}, Added: true}
		if b != q.Base {
			out.Alias = q.names.shorten(b.Path + "." + c)
		}
		if q.Held(out.Ref) < 0 {
			q.Outputs = append(q.Outputs, out)
		}
	}
}

func (q *Query) groupBy(names []string) error {
	for _, name := range names {
		var ref Ref
		if err := q.during("GroupBy", func() (err error) {
			ref, err = q.ref(name, true)
			return err
		}); err != nil {
			return err
		}
		switch value := ref.Value.(type) {
		case *Aggregate:
			return graph.Problemf(ErrUnsupported, "%q is a value of With, which cannot be grouped by; group another query, which reads this one: "+
				"From(…).Column(%q).GroupBy(\"value\")", name, name+" AS value")
		case *Text:
			if len(value.Args) > 0 {
				return graph.Problemf(ErrUnsupported, "%q has arguments, and the database cannot tell that they are the same where it is "+
					"selected and grouped by; write them into its text, or group by columns", name)
			}
		}
		q.GroupBy = append(q.GroupBy, ref)
	}
	return nil
}

// orderBy binds the order; rows of a relation have its default order.
func (q *Query) orderBy(clauses []OrderClause, r *graph.Relation) (err error) {
	var onTheWay []Order
	if len(clauses) == 0 && r != nil {
		clauses = q.declaredOrder(r)
		if q.ForOwners.Tree == nil { // whose rows are ordered where nothing is left of the way to them
			onTheWay, err = q.orderOnTheWay(r, q.ForOwners.aliases())
		}
		if err != nil {
			return err
		}
	}
	q.OrderBy, err = q.order(clauses)
	q.OrderBy = append(onTheWay, q.OrderBy...)
	return err
}

// order binds the terms of an order.
func (s *Scope) order(clauses []OrderClause) ([]Order, error) {
	terms := make([]Order, 0, len(clauses))
	for _, c := range clauses {
		if err := s.during("OrderBy", func() error {
			o, err := s.term(c)
			terms = append(terms, o)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return terms, nil
}

// term binds one term of an order.
func (s *Scope) term(c OrderClause) (o Order, err error) {
	o = Order{Desc: c.Desc, Nulls: c.Nulls}
	if c.Expr != nil {
		o.Expr, err = s.text(c.Expr, true)
		return o, err
	}
	if named, ok, err := s.orderedBy(c); ok {
		return named, err
	}
	if o.Ref, err = s.ref(c.Name, true); err != nil && strings.ContainsAny(c.Name, " \t\n\r") {
		err = s.noTerm(c, err)
	}
	if o.Ref.Value != nil {
		return o, graph.Problemf(ErrInvalid, "%q is a value of the row around, the same for all rows here; leave it out", c.Name)
	}
	return o, err
}

// forOwners binds what always holds of the query's rows and, where they are those of a relation, the tables between them and
// their owners, last step first, so that conditions can name a link.
func (q *Query) forOwners(at place) (err error) {
	r := at.relation
	if r == nil {
		q.Where, err = q.defaults(q.Base, "")
		return err
	}
	f, n := &ForOwners{Relation: r, Tree: at.tree}, len(r.Steps)
	reached := &Binding{Alias: q.Base.Alias, Table: q.Base.Table, Relation: r, Links: make([]string, n-1), Limited: at.limited}
	for i := n - 2; i >= 0; i-- {
		reached.Links[i] = q.names.pick(q.Base.Table.Name + "#" + r.Steps[i].Table.Name)
	}
	if r.Link != nil {
		q.Base.Link = q.Base.linkedBy(r, reached.Links[0])
		q.Base.Link.Varies = !r.Linked // else a row of the result is a row and its link
		q.know(q.Base)
		reached.Link = q.Base.Link
	}
	q.reached = reached
	owner := &Binding{Table: r.Owner}
	conditions, err := q.relationRules(reached, owner)
	if err != nil {
		return err
	}
	q.Where = conditions[n-1]
	alias := q.Base.Alias
	for i := n - 2; i >= 0; i-- {
		link := &Link{Step: r.Steps[i], Alias: reached.Links[i], Rules: conditions[i]}
		for _, p := range r.Matched(i + 1) {
			link.On = append(link.On, LinkPair{Column: p.From, Prev: alias, PrevOn: p.To, Spelling: p.Spelling})
		}
		f.Links = append(f.Links, link)
		alias = link.Alias
	}
	holder := q.Base
	if n := len(f.Links); n > 0 {
		holder = &Binding{Table: f.Links[n-1].Step.Table, Alias: alias}
	}
	if q.Base.Link != nil {
		holder = q.Base.Link
	}
	key := r.JoinedKey()
	if f.Along = owner.Named || reached.Along || r.PartlyByCondition(); f.Along {
		for _, link := range f.Links { // where all that they name is joined
			q.Where, link.Rules = append(q.Where, link.Rules...), nil
		}
		f.Inside = slices.Clip(q.Where)
	}
	if owner.Named || r.ByCondition() {
		if err := q.joinOwner(f, owner, alias, at.lifted); err != nil {
			return err
		}
		holder, key = owner, r.OwnerKey()
	}
	for _, c := range key {
		f.Key = append(f.Key, Ref{Name: c, Binding: holder, Column: c})
	}
	q.ForOwners = f
	return nil
}

// found ends what forOwners began, once all tables are bound and the outputs that were asked for are known.
func (q *Query) found() error {
	f := q.ForOwners
	if f == nil {
		return nil
	}
	f.Keys, f.Limited = q.names.pick(KeysName+q.Apart()), q.names.pick("limited")
	if f.Tree != nil {
		f.Found = q.names.pick("tree#") // no name that SQL text of the caller's could mean
	}
	many := len(q.multiplying()) > 0
	f.Repeats = !f.Relation.Direct() || many
	f.Among = f.Relation.Ways && (q.Limit >= 0 || q.Offset >= 0 || many && !q.Folded)
	f.Once = q.Folded || f.Relation.Ways && !f.Among
	f.ByLink = q.Folded && !q.Distinct && !f.Relation.Linked && byLink(f.Relation)
	if f.Among && f.Along {
		q.Where = q.Where[len(f.Inside):] // they are tested where the rows are that they name
	}
	q.need(q.Base, q.Base.Table.PrimaryKey)
	if f.Relation.Direct() {
		q.need(q.Base, f.Relation.MatchKey()) // else the struct would have a key of zeros beside the owner it belongs to
	}
	q.linkOutputs()
	return nil
}

// tieBreak ends the order in the primary key where rows could otherwise come in another order each time: under a limit, or
// among the related rows of one owner.
func (q *Query) tieBreak(ordered bool) error {
	if q.Aggregated() {
		return nil // of one row
	}
	list := q.ForOwners != nil && q.ForOwners.Relation.Cardinality == graph.Many
	if ordered || list || q.Folded || q.Limit >= 0 || q.Offset >= 0 {
		q.endOrder(q.key())
	}
	for _, b := range q.Bindings {
		if !b.Fetched || b.Relation.Cardinality != graph.Many {
			continue
		}
		onTheWay, err := q.orderOnTheWay(b.Relation, b.Links)
		if err != nil {
			return err
		}
		q.endOrder(onTheWay)
		declared, err := q.orderAt(b, q.applied, b.Relation)
		if err != nil {
			return err
		}
		q.endOrder(declared)
		q.endOrder(b.keyAlong(b.Relation))
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

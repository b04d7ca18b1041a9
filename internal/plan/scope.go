package plan

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Scope is the part of a statement in which a set of bindings can be named: the statement itself, or one EXISTS in it.
type Scope struct {
	Root     *Binding   // of the whole statement, reached by its table's name
	Base     *Binding   // what a bare name means
	Bindings []*Binding // in the order they are joined; Base first
	Where    []Expr     // of an EXISTS

	byPath  map[string]*Binding
	names   *aliases
	applied *appliedRules
	with    map[string]*Aggregate // by name
}

func newScope(base *Binding, outer *Scope, names *aliases, applied *appliedRules) *Scope {
	s := &Scope{
		Root: base, Base: base, Bindings: []*Binding{base}, byPath: map[string]*Binding{base.Path: base},
		names: names, applied: applied,
	}
	if outer != nil {
		s.Root = outer.Root
	}
	return s
}

// aliases gives every binding of a statement a name of its own.
type aliases struct {
	taken    map[string]bool
	features dialect.Features
}

// pick returns the wanted alias, shortened to the limit, and numbered when it is taken.
func (a *aliases) pick(want string) string {
	alias := a.shorten(want)
	for n := 2; a.taken[alias]; n++ {
		alias = a.shorten(fmt.Sprintf("%s_%d", want, n))
	}
	a.taken[alias] = true
	return alias
}

// shorten cuts a name to the limit and ends it in a hash of the whole, so that two long paths stay apart.
func (a *aliases) shorten(name string) string {
	limit := a.features.MaxIdent
	if limit == 0 || len(name) <= limit {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(name)) // never fails
	suffix := fmt.Sprintf("~%08x", h.Sum32())
	cut := limit - len(suffix)
	for cut > 0 && name[cut]&0xC0 == 0x80 { // not inside a character
		cut--
	}
	return name[:cut] + suffix
}

// pathTo returns the path of a relation that leads on from b.
func (b *Binding) pathTo(name string) string {
	if b.Path == "" {
		return name
	}
	return b.Path + "." + name
}

// bind adds a binding for the relation, with the conditions that always hold of its rows.
func (s *Scope) bind(parent *Binding, r *graph.Relation, left bool) (*Binding, error) {
	path := parent.pathTo(r.Name)
	alias := s.applied.prefix + path
	if s.names.features.FlatAliases && len(r.Steps) > 1 {
		alias = strings.ReplaceAll(alias, ".", ":")
	}
	b := &Binding{
		Path: path, Alias: s.names.pick(alias), Table: r.Related, Relation: r, Parent: parent, Left: left,
		Many: r.Cardinality == graph.Many || parent.Many,
	}
	for i := range len(r.Steps) - 1 {
		link := alias + "#" + r.Steps[i].Table.Name
		if s.names.features.FlatAliases {
			link = strings.ReplaceAll(link, ".", ":")
		}
		b.Links = append(b.Links, s.names.pick(link))
	}
	if r.Link != nil {
		b.Link = b.linkedBy(r.Link, b.Links[0])
	}
	var err error
	if b.Rules, err = s.relationRules(b); err != nil {
		return nil, err
	}
	s.Bindings = append(s.Bindings, b)
	s.byPath[path] = b
	return b, nil
}

// join binds every relation of an explicit join's path.
func (s *Scope) join(j JoinClause) (*Binding, error) {
	relations, err := s.Base.Table.Resolve(j.Path)
	if err != nil {
		return nil, err
	}
	at := s.Base
	for i, r := range relations {
		next, ok := s.byPath[at.pathTo(r.Name)]
		switch {
		case !ok:
			if next, err = s.bind(at, r, j.Left); err != nil {
				return nil, err
			}
		case i == len(relations)-1 && !j.Left:
			next.Left = false // joined both ways: the inner join keeps fewer rows, and was asked for
		}
		at = next
	}
	return at, nil
}

// names of a path that is not joined.
const toManyHint = "path %q is to-many and not joined; Join(%q) to use the joined rows, or Has(%q, …) to test for existence"

// reach returns the binding of a path named in a condition or an order. A to-one path that is not joined is joined: by an
// inner join when its row cannot be missing, else by a left join.
func (s *Scope) reach(from *Binding, path string, mayJoin bool) (*Binding, error) {
	relations, err := from.Table.Resolve(path)
	if err != nil {
		return nil, err
	}
	at := from
	for _, r := range relations {
		next, ok := s.byPath[at.pathTo(r.Name)]
		if !ok {
			full := at.pathTo(r.Name)
			if s.applied.prefix != "" && (r.Cardinality == graph.Many || !mayJoin) {
				return nil, graph.Problemf(graph.ErrUnknownRelation, "path %q leads to other rows, which a declaration can only test for, "+
					"by Has(%q, …)", full, full)
			}
			if r.Cardinality == graph.Many {
				return nil, graph.Problemf(graph.ErrUnknownRelation, toManyHint, full, full, full)
			}
			if !mayJoin && s.Base.Path != "" && strings.HasPrefix(full, s.Base.Path+".") {
				return nil, graph.Problemf(graph.ErrUnknownRelation, "path %q is joined after %q, whose ON clause cannot name it; put the "+
					"condition into Where, or use Has", full, s.Base.Path)
			}
			if !mayJoin {
				return nil, graph.Problemf(graph.ErrUnknownRelation, "path %q is not joined here; Join(%q) before it is named", full, full)
			}
			if next, err = s.bind(at, r, at.Left); err != nil {
				return nil, err
			}
			next.Left = next.Left || next.optional()
		}
		at = next
	}
	return at, nil
}

// ref binds a name: a column of the base, or a path and a column.
func (s *Scope) ref(name string, mayJoin bool) (Ref, error) {
	ref, err := s.textRef(name, mayJoin)
	if err == nil && ref.Column == "*" && ref.Binding != nil {
		if _, ok := ref.Binding.Table.Column("*"); !ok {
			return Ref{}, graph.Problemf(graph.ErrUnknownColumn, "%q names no single column", name)
		}
	}
	return ref, err
}

// textRef is ref for SQL text, where a path may also end in a star.
func (s *Scope) textRef(name string, mayJoin bool) (Ref, error) {
	if a, ok := s.with[name]; ok {
		return Ref{Name: name, Aggregate: a}, nil
	}
	if _, ok := s.Base.Table.Column(name); ok {
		if first, _, dotted := strings.Cut(name, "."); dotted {
			if _, ok := s.Base.Table.Relation(first); ok {
				return Ref{}, graph.Problemf(graph.ErrAmbiguous, "%q is a column of %q and also a path through its relation %q; "+
					"rename the relation", name, s.Base.Table.Name, first)
			}
		}
		return Ref{Name: name, Binding: s.Base, Column: name}, nil
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return Ref{}, s.Base.Table.UnknownColumn(name)
	}
	ref, err := s.pathRef(name, dot, mayJoin)
	for at := dot; err != nil && at > 0; {
		// A column may have a dot in its own name: the path may end earlier.
		if at = strings.LastIndexByte(name[:at], '.'); at > 0 {
			if ref, shorter := s.pathRef(name, at, mayJoin); shorter == nil {
				return ref, nil
			}
		}
	}
	return ref, err
}

// pathRef binds a name whose path ends at the dot.
func (s *Scope) pathRef(name string, dot int, mayJoin bool) (Ref, error) {
	path, column := name[:dot], name[dot+1:]
	b, err := s.binding(path, mayJoin)
	if err != nil {
		return Ref{}, err
	}
	if _, ok := b.Table.Column(column); !ok && column != "*" {
		return Ref{}, graph.Problemf(graph.ErrUnknownColumn, "%q: %s", name, b.Table.UnknownColumn(column))
	}
	return Ref{Name: name, Binding: b, Column: column}, nil
}

// row returns the binding of the rows that a path names.
func (s *Scope) row(path string, mayJoin bool) (*Binding, error) {
	if path == s.Root.Table.Name {
		// A to-many relation of that name could not be meant: it would have to be joined.
		if r, ok := s.Base.Table.Relation(path); ok && s.Base != s.Root && r.Cardinality == graph.One {
			return nil, graph.Problemf(graph.ErrAmbiguous, "%q is the table the query selects from and a relation of %q; inside %q "+
				"name the relation's rows by Has(%q, …)", path, s.Base.Table.Name, s.Base.Path, path)
		}
		return s.Root, nil
	}
	if b, ok := s.byPath[path]; ok && path != "" && s.Base != s.Root {
		first, _, _ := strings.Cut(path, ".")
		if _, ok := s.Base.Table.Relation(first); ok {
			return nil, graph.Problemf(graph.ErrAmbiguous, "path %q may start at %q or at the root of the query; inside %q a bare "+
				"name is a column of %q", path, s.Base.Table.Name, s.Base.Path, s.Base.Table.Name)
		}
		return b, nil
	}
	if rest, ok := strings.CutPrefix(path, s.Root.Table.Name+"."); ok && s.Base == s.Root {
		return s.reach(s.Root, rest, mayJoin)
	}
	return s.reach(s.Base, path, mayJoin)
}

// text binds the names in SQL text: those that resolve. What does not begin with a relation, a link or the root's table is
// the caller's own. In text with a SELECT of its own a name may belong to that SELECT's tables, so only joined paths count.
func (s *Scope) text(t *Text, mayJoin bool) (*Text, error) {
	bound := *t
	bound.Refs = make([]Ref, len(t.SQL.Pieces))
	bound.Args = make([]any, len(t.Args))
	for i, a := range t.Args {
		if nested, ok := a.(Expr); ok {
			var err error
			if a, err = s.expr(nested, mayJoin && !t.SQL.Select); err != nil {
				return nil, err
			}
		}
		bound.Args[i] = a
	}
	for i, p := range t.SQL.Pieces {
		if p.Kind != sqltext.Name {
			continue
		}
		name := strings.Join(p.Path, ".")
		_, isRelation := s.Base.Table.Relation(p.Path[0])
		_, isJoined := s.byPath[p.Path[0]]
		isLink := p.Path[0] == graph.LinkName && !t.SQL.Select
		if !isRelation && !isJoined && !isLink && p.Path[0] != s.Root.Table.Name {
			continue
		}
		ref, err := s.textRef(name, mayJoin && !t.SQL.Select)
		if err != nil {
			if t.SQL.Select {
				continue
			}
			return nil, err
		}
		bound.Refs[i] = ref
	}
	return &bound, nil
}

// expr binds the names of a condition.
func (s *Scope) expr(e Expr, mayJoin bool) (Expr, error) {
	switch e := e.(type) {
	case *Compare:
		bound := *e
		return &bound, s.column(&bound.Col, e.Class, mayJoin)
	case *In:
		return s.in(e, mayJoin)
	case *InKeys:
		bound := *e
		bound.Cols = slices.Clone(e.Cols)
		for i := range bound.Cols {
			if err := s.column(&bound.Cols[i], "", mayJoin); err != nil {
				return nil, err
			}
		}
		return &bound, nil
	case *IsNull:
		bound := *e
		return &bound, s.column(&bound.Col, "", mayJoin)
	case *Match:
		bound := *e
		return &bound, s.column(&bound.Col, graph.ClassText, mayJoin)
	case *InQuery:
		bound := *e
		query, err := s.expr(e.Query, mayJoin)
		if err != nil {
			return nil, err
		}
		bound.Query = query
		if sub, ok := query.(*Subquery); ok && len(sub.Query.Outputs) != 1 {
			return nil, graph.Problemf(ErrInvalid, "%q: the subquery selects %d columns; select one with Columns",
				e.Col.Name, len(sub.Query.Outputs))
		}
		return &bound, s.column(&bound.Col, "", mayJoin)
	case And:
		all, err := s.exprs(e, mayJoin)
		return And(all), err
	case Or:
		all, err := s.exprs(e, mayJoin)
		return Or(all), err
	case *Text:
		return s.text(e, mayJoin)
	case *NotTrue:
		inner, err := s.expr(e.Expr, mayJoin)
		return &NotTrue{inner}, err
	case *Exists:
		return s.exists(e)
	case *Matching:
		return s.matching(e, mayJoin)
	case *Subquery:
		return s.subquery(e)
	default:
		return e, nil // a Const has no names
	}
}

// source binds what is read instead of a table. Its text stands by itself: no name in it is one of the query's.
func (s *Scope) source(e Expr) (Expr, error) {
	t, ok := e.(*Text)
	if !ok {
		return s.expr(e, false)
	}
	bound := *t
	bound.Args = make([]any, len(t.Args))
	for i, a := range t.Args {
		if nested, ok := a.(Expr); ok {
			var err error
			if a, err = s.source(nested); err != nil {
				return nil, err
			}
		}
		bound.Args[i] = a
	}
	return &bound, nil
}

// subquery plans a query on its own, for the same database.
func (s *Scope) subquery(e *Subquery) (Expr, error) {
	rules, err := e.Rules()
	if err != nil {
		return nil, err
	}
	spec := *e.Spec
	spec.Preloads = nil // nothing is loaded from it
	b := builder{s.names.features, rules, s.applied.depth}
	query, err := b.query(&spec, place{own: claims{}})
	if err != nil {
		return nil, err
	}
	bound := *e
	bound.Query = query
	return &bound, nil
}

func (s *Scope) exprs(list []Expr, mayJoin bool) ([]Expr, error) {
	bound := make([]Expr, len(list))
	for i, e := range list {
		b, err := s.expr(e, mayJoin)
		if err != nil {
			return nil, err
		}
		bound[i] = b
	}
	return bound, nil
}

// column binds the name in ref and checks that a value of the class can be compared with it.
func (s *Scope) column(ref *Ref, class string, mayJoin bool) error {
	bound, err := s.ref(ref.Name, mayJoin)
	if err != nil {
		return err
	}
	*ref = bound
	if bound.Aggregate != nil {
		return nil // what its values are like, only the database knows
	}
	c, _ := bound.Binding.Table.Column(bound.Column)
	if !graph.Comparable(c.Class, class) {
		return notComparable(*ref, c, class)
	}
	return nil
}

func notComparable(ref Ref, c *graph.Column, class string) error {
	return graph.Problemf(ErrArgType, "%q is %s (%s), got a value of kind %s; convert it before", ref.Name, c.GoType, c.Class, class)
}

// related opens a scope for the rows at the path.
func (s *Scope) related(path string) (*Scope, error) {
	relations, err := s.Base.Table.Resolve(path)
	if err != nil {
		return nil, err
	}
	// The first relation's table is what the EXISTS selects from; the others are joined to it.
	outer := newScope(s.Base, s, s.names, s.applied)
	outer.Bindings, outer.byPath = nil, map[string]*Binding{s.Base.Path: s.Base}
	at := s.Base
	for _, r := range relations {
		if at, err = outer.bind(at, r, false); err != nil {
			return nil, err
		}
	}
	sub := &Scope{Root: s.Root, Base: at, Bindings: outer.Bindings, byPath: outer.byPath, names: s.names, applied: s.applied}
	delete(sub.byPath, s.Base.Path)
	return sub, nil
}

// aggregate binds a value made of related rows.
func (s *Scope) aggregate(a *Aggregate) (*Aggregate, error) {
	bound := *a
	bound.Path, bound.Column = s.overLink(a.Path, a.Column)
	sub, err := s.related(bound.Path)
	if err != nil {
		return nil, err
	}
	bound.Sub = sub
	if sub.Where, err = sub.exprs(a.Preds, true); err != nil {
		return nil, err
	}
	if a.Column != "" {
		if bound.Col, err = sub.ref(bound.Column, true); err != nil {
			return nil, err
		}
	}
	order := a.OrderBy
	if len(order) == 0 && a.Func == "first" {
		order = sub.declaredOrder(sub.Base.Relation)
	}
	bound.Order, err = sub.order(order)
	if err != nil || a.Func != "first" {
		return &bound, err
	}
	bound.Order = append(bound.Order, sub.Base.key()...)
	if bound.Col.Binding == sub.Base.Link {
		bound.Order = append(bound.Order, sub.Base.linkKey(sub.Base.Relation)...)
	}
	return &bound, nil
}

// exists binds a test for related rows.
func (s *Scope) exists(e *Exists) (Expr, error) {
	sub, err := s.related(e.Path)
	if err != nil {
		return nil, err
	}
	bound := *e
	bound.Sub = sub
	preds := e.Preds
	if e.Key != nil {
		key, table := *e.Key, sub.Base.Table
		if len(table.PrimaryKey) != 1 {
			return nil, graph.Problemf(ErrInvalid, "path %q leads to %q, whose primary key is not one column; use Has for each row",
				e.Path, table.Name)
		}
		key.Col.Name = table.PrimaryKey[0]
		preds = append(slices.Clip(preds), &key)
	}
	sub.Where, err = sub.exprs(preds, true)
	return &bound, err
}

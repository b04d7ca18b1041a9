package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Scope is the part of a statement in which a set of bindings can be named: the statement itself, or one EXISTS in it.
type Scope struct {
	Root     *Binding   // of the whole statement, reached by its table's name
	Base     *Binding   // what a bare name means
	Bindings []*Binding // in the order they are joined; Base first
	Where    []Expr     // of an EXISTS

	excluded   *Binding // the row that an INSERT was to insert; nil: there is none
	outer      *Scope   // of the row around; nil: there is none
	outerJoins bool     // a path from that row is joined where it is named
	given      []string // the paths by which Base was given
	preloaded  bool     // Base is the row of a preload
	alone      bool     // its conditions were made for a query of Base's table
	reached    *Binding // of a preload: its row, behind the tables between it and its owner; nil: there are none
	borrows    bool     // a name in it means a row of a scope around
	apart      bool     // nothing is joined beside its rows: a path from them is read by a subquery

	byPath  map[string]*Binding
	names   *aliases
	applied *appliedRules
	values  *values // that the query selects; nil: none can be named
}

func newScope(base *Binding, names *aliases, applied *appliedRules) *Scope {
	s := &Scope{Root: base, Base: base, Bindings: []*Binding{base}, byPath: map[string]*Binding{}, names: names, applied: applied}
	s.know(base)
	return s
}

// know makes a binding known by its path, and its link.
func (s *Scope) know(b *Binding) {
	s.byPath[b.Path] = b
	if b.Link != nil {
		s.byPath[b.Link.Path] = b.Link
	}
}

// Meant returns the rows that a word of SQL text may mean, as the database reads it: those of the nearest scope that has such ones.
func (s *Scope) Meant(is func(*Binding) bool) (all []*Binding) {
	for ; s != nil && len(all) == 0; s = s.outer {
		rows := s.reached.between()
		for _, b := range s.Bindings {
			rows = append(rows, b)
			rows = append(rows, b.between()...)
		}
		for _, b := range rows {
			if is(b) {
				all = append(all, b)
			}
		}
	}
	return all
}

// between returns the rows of the tables between a row and its parent.
func (b *Binding) between() (all []*Binding) {
	if b == nil {
		return nil
	}
	for i, alias := range b.Links {
		all = append(all, &Binding{Alias: alias, Table: b.Relation.Steps[i].Table})
	}
	return all
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
	return s.bindAt(parent, r, parent.pathTo(r.Name), left)
}

// bindAt binds the relation's rows by a path of theirs.
func (s *Scope) bindAt(parent *Binding, r *graph.Relation, path string, left bool) (*Binding, error) {
	alias := s.applied.prefix + path
	if s.names.features.FlatAliases && len(r.Steps) > 1 {
		alias = strings.ReplaceAll(alias, ".", ":")
	}
	b := &Binding{
		Path: path, Alias: s.names.pick(alias), Table: r.Related, Relation: r, Parent: parent, Left: left,
		Many: r.Cardinality == graph.Many || parent.Many, Varies: parent.Varies,
	}
	for i := range len(r.Steps) - 1 {
		link := alias + "#" + r.Steps[i].Table.Name
		if s.names.features.FlatAliases {
			link = strings.ReplaceAll(link, ".", ":")
		}
		b.Links = append(b.Links, s.names.pick(link))
	}
	if r.Link != nil {
		b.Link = b.linkedBy(r, b.Links[0])
	}
	var err error
	if b.Rules, err = s.relationRules(b, parent); err != nil {
		return nil, err
	}
	s.Bindings = append(s.Bindings, b)
	s.know(b)
	return b, nil
}

// join binds every relation of an explicit join's path.
func (s *Scope) join(j JoinClause) (*Binding, error) {
	relations, err := s.Base.resolve(j.Path)
	if err == nil {
		err = onlyTested(relations, func(string) string { return "a join would repeat a row for each of them" })
	}
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
		next.Joined = true
		at = next
	}
	return at, nil
}

// names of a path that is not joined.
const toManyHint = "path %q is to-many and not joined; Join(%q) to use the joined rows, or Has(%q, …) to test for existence"

// reach returns the binding of a path named in a condition or an order. A to-one path that is not joined is joined: by an
// inner join when its row cannot be missing, else by a left join.
func (s *Scope) reach(from *Binding, path string, mayJoin bool) (*Binding, error) {
	relations, err := from.Table.Row(path, from.via())
	if err != nil {
		return nil, err
	}
	at := from
	for i, r := range relations {
		next, ok := s.byPath[at.pathTo(r.Name)]
		if !ok {
			full := at.pathTo(r.Name)
			if s.apart && mayJoin {
				return s.aside(at, relations[i:])
			}
			if s.applied.prefix != "" && r.Cardinality == graph.Many {
				return nil, manyRows(full)
			}
			if r.Tree != nil {
				return nil, graph.Problemf(graph.ErrUnknownRelation, "path %q has many rows, and a name means one; test for them by Has(%q, …)", full, full)
			}
			if r.Cardinality == graph.Many {
				return nil, graph.Problemf(graph.ErrUnknownRelation, toManyHint, full, full, full)
			}
			if !mayJoin && s.Base.Path != "" && strings.HasPrefix(full, s.Base.Path+".") {
				return nil, joinedAfter(full, s.Base)
			}
			if !mayJoin {
				return nil, notJoined(full, r.Optional || at.joined().Left)
			}
			if next, err = s.bind(at, r, at.joined().Left); err != nil {
				return nil, err
			}
			next.Left = next.Left || next.optional()
		}
		if next.Shared {
			return nil, sharedLink(next.Path)
		}
		next.Named = next.Named || r.LinkOf != nil
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

// text binds the names in SQL text: those that resolve. What begins with nothing that the scope knows is the caller's own. In
// text with a SELECT of its own a name may belong to that SELECT's tables, so only joined paths count.
func (s *Scope) text(t *Text, mayJoin bool) (*Text, error) {
	bound := *t
	bound.Own, bound.Rows = s.Base, s
	var err error
	if bound.SQL, err = s.valueWords(t.SQL); err == nil {
		err = s.checkWords(t)
	}
	if err != nil {
		return nil, err
	}
	bound.Refs = make([]Ref, len(bound.SQL.Pieces))
	bound.Args = make([]any, len(t.Args))
	var hiding [][]string // of each piece
	if t.SQL.Select {
		hiding = bound.SQL.Hiding()
	}
	for i, a := range t.Args {
		if nested, ok := a.(Expr); ok {
			if a, err = s.expr(nested, mayJoin && !t.SQL.Select); err != nil {
				return nil, err
			}
		}
		bound.Args[i] = a
	}
	for i, p := range bound.SQL.Pieces {
		if p.Kind == sqltext.Word {
			if bound.Refs[i], err = s.valueRef(s.wordValue(p.Text), sqltext.Unquoted(p.Text), mayJoin); err != nil {
				return nil, err
			}
			continue
		}
		if p.Kind != sqltext.Name {
			continue
		}
		if !s.known(t, p.Path) || hiding != nil && hides(hiding[i], p.Path[0]) {
			continue // the text's own
		}
		if err := s.beyond(p.Path); err != nil {
			return nil, err
		}
		ref, err := s.textRef(strings.Join(p.Path, "."), mayJoin && !t.SQL.Select)
		if err != nil {
			if t.SQL.Select {
				continue
			}
			return nil, err
		}
		bound.Refs[i] = ref
	}
	if hiding != nil {
		return &bound, s.checkHidden(&bound, hiding)
	}
	return &bound, nil
}

// expr binds the names of a condition.
func (s *Scope) expr(e Expr, mayJoin bool) (Expr, error) {
	switch e := e.(type) {
	case *Compare:
		return s.compare(e, mayJoin)
	case *In:
		return s.in(e, mayJoin)
	case *InKeys:
		bound := *e
		bound.Cols = slices.Clone(e.Cols)
		return &bound, s.columns(bound.Cols, mayJoin)
	case *InRows:
		query, err := s.expr(e.Query, mayJoin)
		if err != nil {
			return nil, err
		}
		bound := &InRows{slices.Clone(e.Cols), query, e.Spelled}
		return bound, s.columns(bound.Cols, mayJoin)
	case *CompareColumns:
		return s.compareColumns(e, mayJoin)
	case *Column:
		bound := *e
		return &bound, s.column(&bound.Col, "", mayJoin)
	case *IsNull:
		bound := *e
		return &bound, s.column(&bound.Col, "", mayJoin)
	case *Match:
		bound := *e
		return &bound, s.pattern(&bound.Col, graph.ClassText, mayJoin)
	case *InQuery:
		return s.inQuery(e, mayJoin)
	case And:
		all, err := s.exprs(e, mayJoin)
		return And(all), err
	case Or:
		all, err := s.exprs(e, mayJoin)
		return Or(all), err
	case *Text:
		return s.text(e, mayJoin)
	case *Not:
		inner, err := s.expr(e.Expr, mayJoin)
		return &Not{inner}, err
	case *NotTrue:
		inner, err := s.expr(e.Expr, mayJoin)
		return &NotTrue{inner}, err
	case *Exists:
		return s.exists(e, mayJoin)
	case *Matching:
		return s.matching(e, mayJoin)
	case *Subquery:
		return e.plan(s, place{own: claims{}, outer: s, outerJoins: mayJoin})
	default:
		return e, nil // a Const has no names
	}
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

// related opens a scope for the rows at the path.
func (s *Scope) related(path string, mayJoin bool) (*Scope, error) {
	relations, err := s.Base.resolve(path)
	if err != nil {
		return nil, err
	}
	sub, err := s.below(s.Base, relations)
	if err == nil {
		sub.outerJoins, sub.given = mayJoin, []string{path}
	}
	return sub, err
}

// below opens a scope for the rows that relations lead to: the first one's table is what its subquery selects from, the others are
// joined to it.
func (s *Scope) below(from *Binding, relations []*graph.Relation) (sub *Scope, err error) {
	sub = &Scope{Root: s.Root, Base: from, byPath: map[string]*Binding{}, names: s.names, applied: s.applied, outer: s}
	for i, r := range relations {
		if r.Tree != nil {
			sub.Base, err = sub.descend(s, from, relations[:i+1])
		} else {
			err = sub.goOn(r)
		}
		if err != nil {
			return nil, err
		}
	}
	return sub, nil
}

// goOn makes the rows that a relation leads to from the own ones the own: it joins them, but for the row of the join table, which was
// passed on the way.
func (s *Scope) goOn(r *graph.Relation) (err error) {
	if r.LinkOf == nil {
		s.Base, err = s.bind(s.Base, r, false)
		return err
	}
	if s.Base = s.Base.Link; s.Base.Shared {
		return sharedLink(s.Base.Path)
	}
	s.Base.Named = true
	return nil
}

// aggregate binds a value made of related rows.
func (s *Scope) aggregate(a *Aggregate) (*Aggregate, error) {
	bound := *a
	if name, ok := a.Of.name(); ok {
		bound.Column, bound.Of = name, nil
	}
	bound.Path, bound.Column = s.overLink(a.Path, bound.Column)
	sub, err := s.related(bound.Path, true)
	if err != nil {
		return nil, err
	}
	bound.Sub = sub
	if sub.Where, err = sub.exprs(a.Preds, true); err != nil {
		return nil, err
	}
	if err = sub.of(&bound); err != nil {
		return nil, err
	}
	order := a.OrderBy
	var onTheWay []Order
	if len(order) == 0 && a.Func == "first" {
		order = sub.declaredOrder(sub.Base.Relation)
		if onTheWay, err = sub.orderOnTheWay(sub.Base.Relation, sub.Base.Links); err != nil {
			return nil, err
		}
	}
	bound.Order, err = sub.order(order)
	bound.Order = append(onTheWay, bound.Order...)
	if err != nil || a.Func != "first" {
		return &bound, err
	}
	bound.Order = append(bound.Order, sub.Base.key()...)
	if sub.Base.Link != nil && bound.Col.Binding == sub.Base.Link {
		bound.Order = append(bound.Order, sub.Base.linkKey(sub.Base.Relation)...)
	}
	return &bound, nil
}

// of binds what a value is made of.
func (s *Scope) of(a *Aggregate) (err error) {
	switch {
	case a.OfRows():
		return nil
	case a.Column != "":
		a.Col, err = s.ref(a.Column, true)
		return err
	}
	text, err := s.text(a.Of, true)
	a.Col.Value = text
	return err
}

// exists binds a test for related rows.
func (s *Scope) exists(e *Exists, mayJoin bool) (Expr, error) {
	if err := s.belowJoin(e.Path); err != nil {
		return nil, err
	}
	relations, err := s.Base.resolve(e.Path)
	if err != nil {
		return nil, err
	}
	bound := *e
	if every := len(relations) == 1 && len(e.Preds) == 0 && e.Key == nil; e.AtLeast <= 1 && e.Keys == nil && !every { // else the first row is enough
		if bound.Sub, bound.Up, err = s.ascend(relations); err != nil {
			return nil, err
		}
	}
	if bound.Up != nil {
		if err = s.test(&bound, mayJoin); err != nil || !bound.Sub.borrows {
			return &bound, err
		}
		bound.Up = nil // it would be done again for each row that is tested
	}
	if bound.Sub, err = s.below(s.Base, relations); err != nil {
		return nil, err
	}
	if err = s.test(&bound, mayJoin); err == nil && e.ofNone() {
		return And(nil), nil
	}
	return &bound, err
}

// test binds the conditions on the related rows of a test.
func (s *Scope) test(e *Exists, mayJoin bool) (err error) {
	e.Sub.outerJoins, e.Sub.given = mayJoin, []string{e.Path}
	preds, table := slices.Clip(e.Preds), e.Sub.Base.Table
	if (e.Key != nil || e.Keys != nil) && len(table.PrimaryKey) != 1 {
		return e.severalColumns(table)
	}
	if e.Key != nil {
		key := *e.Key
		key.Col.Name = table.PrimaryKey[0]
		preds = append(preds, &key)
	}
	if e.Keys != nil {
		keys := *e.Keys
		keys.Col.Name = table.PrimaryKey[0]
		preds = append(preds, &keys)
	}
	e.Sub.Where, err = e.Sub.exprs(preds, true)
	return err
}

// severalColumns says how rows are asked for whose primary key is not one column.
func (e *Exists) severalColumns(t *graph.Table) error {
	if len(t.PrimaryKey) == 0 {
		return graph.Problemf(ErrInvalid, "path %q leads to %q, which has no primary key; declare it with PrimaryKey, or use Has(%q, …) with a "+
			"condition for each row", e.Path, t.Name, e.Path)
	}
	values := ""
	for i, c := range t.PrimaryKey {
		if i > 0 {
			values += ", "
		}
		values += strconv.Quote(c) + ": …"
	}
	return graph.Problemf(ErrInvalid, "path %q leads to %q, whose primary key has %d columns; write Has(%q, squirrel.Eq{%s}) for each row",
		e.Path, t.Name, len(t.PrimaryKey), e.Path, values)
}

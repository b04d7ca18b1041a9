package plan

import (
	"errors"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: names as callers wrote them. One rule says what they mean, in every place: a name is about the scope's own
// row, "self" is that row, "outer" the row of the scope around, and a path leads on from either. Beside, the table's name stands
// for the row that the nearest query of that table is about, and the path that was given for the own row stands for that row.
// What these leave with two meanings is refused.

// textRef binds a name in SQL text, where a path may also end in a star.
func (s *Scope) textRef(name string, mayJoin bool) (Ref, error) {
	if ref, ok, err := s.onTheWay(name); ok || err != nil {
		return ref, err
	}
	at, rest, mayJoin, err := s.around(name, mayJoin)
	if err != nil {
		return Ref{}, err
	}
	ref, err := at.named(rest, rest != name, mayJoin)
	if err != nil {
		return Ref{}, err
	}
	ref.Name = name
	if at != s {
		if t, ok := ref.Value.(*Text); ok && t != nil {
			return Ref{}, graph.Problemf(ErrInvalid, "%q is an expression of the query around, whose words would mean the rows here; write it "+
				"out, with \"outer.column\" for its columns", name)
		}
		s.borrow(at, ref.Binding)
	}
	return ref, nil
}

// around follows "self" and "outer" at the beginning of a name. What is left of it is about the own row of the scope that is
// returned.
func (s *Scope) around(name string, mayJoin bool) (at *Scope, rest string, joins bool, err error) {
	at, rest = s, name
	for {
		first, more, dotted := strings.Cut(rest, ".")
		switch {
		case dotted && first == graph.SelfName:
			return at, more, mayJoin, nil
		case !dotted || first != graph.OuterName:
			return at, rest, mayJoin, nil
		case at.outer == nil:
			return nil, "", false, at.noneAround(name)
		}
		mayJoin = mayJoin && at.outerJoins
		at, rest = at.outer, more
	}
}

func (s *Scope) noneAround(name string) error {
	if s.preloaded {
		return graph.Problemf(graph.ErrUnknownRelation, "%q: a preload is a statement of its own, without the rows that it loads "+
			"onto; name them by a relation of %q that leads back, or use Join and Fetch", name, s.Base.Table.Name)
	}
	alone := ""
	if s.names.detached {
		alone = "; in squirrel's Expr a Query is text of its own: give it, with the text around it, to Where, Having or Column, inside Has to Matching(Select(…).Where(…))"
	}
	return graph.Problemf(graph.ErrUnknownRelation, "%q: no row is around that of %q here; \"outer\" is for conditions on related "+
		"rows, and for a Query that is an argument of another%s", name, s.Base.Table.Name, alone)
}

// borrow notes that a name in s means a row of a scope around: where that belongs to another statement, this one must not hide
// its alias.
func (s *Scope) borrow(at *Scope, b *Binding) {
	for o := s; o != at; o = o.outer {
		o.borrows = true
		if o.names == o.outer.names {
			continue
		}
		o.names.borrowed = append(o.names.borrowed, at.Base.Alias)
		if b != nil {
			o.names.borrowed = append(o.names.borrowed, b.Alias)
		}
	}
	at.Base.Named = true
}

// named binds a name without "self" and "outer"; own: they stood before it, and it is about the own row alone.
func (s *Scope) named(name string, own, mayJoin bool) (Ref, error) {
	if _, ok := s.Base.Table.Column(name); ok {
		if first, _, dotted := strings.Cut(name, "."); dotted {
			if _, ok := s.Base.Table.Relation(first); ok {
				return Ref{}, graph.Problemf(graph.ErrAmbiguous, "%q is a column of %q and also a path through its relation %q; "+
					"rename the relation", name, s.Base.Table.Name, first)
			}
		}
		return Ref{Name: name, Binding: s.Base, Column: name}, nil
	}
	if v := s.value(name); v != nil {
		return s.valueRef(v, name, mayJoin)
	}
	if own && name == "*" {
		return Ref{Name: name, Binding: s.Base, Column: name}, nil
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		if isExpression(name) {
			return Ref{}, s.noName(name)
		}
		return Ref{}, s.Base.Table.UnknownColumn(name, s.values.names()...)
	}
	ref, err := s.pathRef(name, dot, own, mayJoin)
	const mostDots = 64 // of a path and a column's own name: more are no name, and each takes a look
	for at := dot; err != nil && at > 0 && strings.Count(name, ".") <= mostDots; {
		// A column may have a dot in its own name: the path may end earlier.
		if at = strings.LastIndexByte(name[:at], '.'); at > 0 {
			if ref, shorter := s.pathRef(name, at, own, mayJoin); shorter == nil {
				return ref, nil
			}
		}
	}
	if err != nil && isExpression(name) && !strings.HasSuffix(name, ".*") {
		return Ref{}, s.noName(name)
	}
	return ref, err
}

// pathRef binds a name whose path ends at the dot.
func (s *Scope) pathRef(name string, dot int, own, mayJoin bool) (Ref, error) {
	path, column := name[:dot], name[dot+1:]
	b, err := s.row(rowName{path, column, own}, mayJoin)
	if err != nil && followedLast.MatchString(s.Base.Path) && path == graph.LinkName {
		err = graph.Problemf(graph.ErrUnknownRelation, "%q: a row at %q may be reached by several rows of the join table, of which none can be named; "+
			"declare the condition with the relation, by Where, or name the path without the star", name, s.Base.Path)
	}
	if err != nil {
		return Ref{}, err
	}
	if _, ok := b.Table.Column(column); !ok && (column != "*" || b.Aside != nil) {
		return Ref{}, graph.Problemf(graph.ErrUnknownColumn, "%q: %s", name, b.Table.UnknownColumn(column))
	}
	return Ref{Name: name, Binding: b, Column: column}, nil
}

// rowName is a path in front of a column.
type rowName struct {
	path, column string
	own          bool // it starts from the own row and nowhere else
}

// row returns the binding of the rows that a path names.
func (s *Scope) row(n rowName, mayJoin bool) (*Binding, error) {
	if n.own {
		return s.reach(s.Base, n.path, mayJoin)
	}
	if s.excluded != nil && n.path == ExcludedName {
		return s.excluded, nil
	}
	all := s.meanings(n.path, mayJoin)
	switch len(all) {
	case 0:
		if n.path == s.Base.Table.Name && s.Base != s.Root {
			return nil, s.byTable(n)
		}
		first, _, _ := strings.Cut(n.path, ".")
		if _, err := s.Base.Table.Along(first, s.Base.via()); errors.Is(err, graph.ErrUnknownRelation) && s.near(first) {
			return nil, s.Base.Table.UnknownRelation(first, s.rowNames()...)
		}
		return s.reach(s.Base, n.path, mayJoin) // which says what is wrong
	case 1:
		m := all[0]
		b, err := m.row()
		if err == nil && m.at != s {
			s.borrow(m.at, b)
		}
		return b, err
	}
	return nil, ambiguous(n, all)
}

// rowNames returns the names that rows have here beside those of the own row's relations.
func (s *Scope) rowNames() []string {
	names := []string{graph.SelfName, s.Root.Table.Name}
	if s.outer != nil {
		names = append(names, graph.OuterName)
	}
	if s.Base.Link != nil {
		names = append(names, graph.LinkName)
	}
	return append(names, s.given...)
}

// near reports whether a name that is none may be a slip of one of those.
func (s *Scope) near(name string) bool { return graph.Nearest(name, s.rowNames()) != "" }

// beyond refuses a name in SQL text of a query that becomes part of text: where a relation that is not joined has the name of its table, it may be a
// row of the query around, which is not known here.
func (s *Scope) beyond(path []string) error {
	outermost := s
	for outermost.outer != nil {
		outermost = outermost.outer
	}
	if !outermost.names.detached || len(path) != 2 || s.byPath[path[0]] != nil {
		return nil
	}
	r, err := s.Base.Table.Along(path[0], s.Base.via())
	if err != nil || r.Related == nil || r.Related.Name != path[0] {
		return nil
	}
	name := strings.Join(path, ".")
	return graph.Problemf(graph.ErrAmbiguous, "%q has 2 meanings in a query that becomes text of another; write %q for the row along relation %q, or give the "+
		"query itself to Where or Column, not to squirrel's Expr, for the row of table %q around", name, graph.SelfName+"."+name, r, path[0])
}

// byTable refuses the name of the table that the own row is of, which is not the query's.
func (s *Scope) byTable(n rowName) error {
	return graph.Problemf(graph.ErrUnknownRelation, "%q: the table's name means no row here; write %q for the row at %q, a path of "+
		"relations for another", n.path+"."+n.column, "self."+n.column, s.given[0])
}

// meaning is one of the rows that a path may mean.
type meaning struct {
	at      *Scope
	from    *Binding // of at: where the path starts
	path    string   // from there; empty: the row itself
	mayJoin bool
	write   string // what means this and nothing else, in front of the column; empty: no name does
	what    string
}

func (m meaning) row() (*Binding, error) {
	if m.path == "" {
		return m.from, nil
	}
	return m.at.reach(m.from, m.path, m.mayJoin)
}

// bound returns the binding that the meaning has already; nil: none yet.
func (m meaning) bound() *Binding {
	if m.path == "" {
		return m.from
	}
	return m.at.byPath[m.from.pathTo(m.path)]
}

// meanings returns all rows that a path may mean.
func (s *Scope) meanings(path string, mayJoin bool) []meaning {
	var all []meaning
	add := func(m meaning) {
		same := func(other meaning) bool {
			return other.from == m.from && other.path == m.path || m.bound() != nil && m.bound() == other.bound()
		}
		if !slices.ContainsFunc(all, same) {
			all = append(all, m)
		}
	}
	first, _, _ := strings.Cut(path, ".")
	r, err := s.Base.Table.Along(first, s.Base.via())
	isRelation := err == nil
	along := meaning{at: s, from: s.Base, path: path, mayJoin: mayJoin}
	switch {
	case !isRelation:
	case r.LinkOf != nil && path == first:
		along.write, along.what = graph.SelfName+"."+path, graph.Textf("the row of the join table %q", r.Related.Name)
	default:
		along.write, along.what = graph.SelfName+"."+path, graph.Textf("the row along relation %q", r)
	}
	leads := isRelation && s.leads(s.Base, path)
	if leads {
		add(along)
	}
	if m, ok := s.byRoot(path, mayJoin, isRelation); ok {
		add(m)
	}
	if s.Base == s.Root && isRelation {
		if first == s.Base.Table.Name && !leads {
			along.write = "" // it would have to be joined
			add(along)
		}
		return all // a query means the same wherever it is used
	}
	for _, m := range s.byGiven(path, mayJoin) {
		if m.from != s.Base && isRelation && !leads {
			along.write = "" // it would have to be joined
			add(along)
		}
		add(m)
	}
	return all
}

// byRoot returns what the path means where it begins with the name of the table that the nearest query is about. A relation's name
// is not looked for around conditions that were made for a query of their own, where it meant the relation.
func (s *Scope) byRoot(path string, mayJoin, isRelation bool) (meaning, bool) {
	write := graph.SelfName
	for o := s; o != nil; o = o.outer {
		if rest, ok := behind(path, o.Root.Table.Name); ok && o.Base == o.Root {
			what := graph.Textf("the row of table %q", o.Root.Table.Name)
			return meaning{at: o, from: o.Root, path: rest, mayJoin: mayJoin, write: dotted(write, rest), what: what}, true
		}
		if o.alone && isRelation {
			break
		}
		mayJoin = mayJoin && o.outerJoins
		if o == s {
			write = graph.OuterName
		} else {
			write += "." + graph.OuterName
		}
	}
	return meaning{}, false
}

// byGiven returns what the path means where it begins with the path that the own row was given by, or names a row on the way
// to it, or a row that is joined beside it.
func (s *Scope) byGiven(path string, mayJoin bool) []meaning {
	var all []meaning
	for _, given := range s.given {
		if rest, ok := behind(path, given); ok {
			all = append(all, meaning{at: s, from: s.Base, path: rest, mayJoin: mayJoin, write: dotted(graph.SelfName, rest),
				what: graph.Textf("the row at %q", given)})
		}
	}
	first, _, _ := strings.Cut(path, ".")
	link, ok := s.byPath[first]
	isLink := ok && link.joined() != link // that of the row around, which "link" alone never means
	at := path
	if s.outer != nil {
		at = s.outer.Base.pathTo(path)
	}
	if b, ok := s.byPath[at]; ok && path != "" && s.Base != s.Root && !isLink {
		m := meaning{at: s, from: b, what: graph.Textf("the row at %q", path)}
		if s.outer.byPath[at] == b || s.way(path) == b && !s.outer.leads(s.outer.Base, path) { // the former: the conditions of a join
			m.write = graph.OuterName + "." + path
		}
		all = append(all, m)
	}
	return all
}

// leads reports whether the rows at a path can be named: a to-many path must be joined.
func (s *Scope) leads(from *Binding, path string) bool {
	relations, err := from.Table.Row(path, from.via())
	if err != nil {
		return false
	}
	at := from.Path
	for _, r := range relations {
		at = dotted(at, r.Name)
		if _, ok := s.byPath[at]; !ok && r.Cardinality == graph.Many {
			return false
		}
	}
	return true
}

// ambiguous refuses a name with several meanings.
func ambiguous(n rowName, all []meaning) error {
	parts := make([]string, 0, len(all))
	for _, m := range all {
		if m.write == "" {
			part := graph.Textf("Has(%q, …) for %s", m.path, m.what)
			if m.path == "" {
				part = graph.Textf("one Has inside another, and \"outer.%s\", for %s", n.column, m.what)
			}
			parts = append(parts, part)
			continue
		}
		parts = append(parts, graph.Textf("%q for %s", m.write+"."+n.column, m.what))
	}
	return graph.Problemf(graph.ErrAmbiguous, "%q has %d meanings here; write %s", n.path+"."+n.column, len(all),
		strings.Join(parts, ", or "))
}

// behind returns what of a path is behind another, empty where they are the same.
func behind(path, before string) (rest string, ok bool) {
	if path == before {
		return "", true
	}
	rest, ok = strings.CutPrefix(path, before+".")
	return rest, ok && rest != ""
}

// dotted joins two paths, of which either may be empty.
func dotted(path, more string) string {
	switch {
	case path == "":
		return more
	case more == "":
		return path
	}
	return path + "." + more
}

// known reports whether a dotted name in SQL text begins with something that this scope gives a meaning; any other is the
// caller's own.
func (s *Scope) known(t *Text, path []string) bool {
	first := path[0]
	if first == graph.SelfName || first == graph.OuterName {
		return !t.declares(first)
	}
	if s.excluded != nil && first == ExcludedName {
		return !t.declares(first)
	}
	if _, ok := s.Base.Table.Relation(first); ok {
		return true
	}
	if first == graph.LinkName && t.SQL.Select && s.Base.Link != nil {
		return false // as long as it may be an alias of that text
	}
	if _, ok := s.byPath[first]; ok || first == graph.LinkName && !t.SQL.Select {
		return true
	}
	row := strings.Join(path[:len(path)-1], ".")
	for o := s; o != nil; o = o.outer {
		if _, ok := behind(row, o.Root.Table.Name); ok && (o.Base == o.Root || o == s) {
			return true
		}
	}
	begins := func(given string) bool { return given == first || strings.HasPrefix(given, first+".") }
	return slices.ContainsFunc(s.given, begins) || s.ofTable(first)
}

// ofTable reports whether the name is that of the own row's table alone, which no alias of the statement has.
func (s *Scope) ofTable(name string) bool {
	if s.Base == s.Root || s.Base.Table.Name != name {
		return false
	}
	for o := s.outer; o != nil; o = o.outer {
		if _, ok := o.byPath[name]; ok {
			return false
		}
	}
	return true
}

// declares reports whether text that selects for itself has the word outside dotted names: it may be a table's alias.
func (t *Text) declares(word string) bool {
	if !t.SQL.Select {
		return false
	}
	isWord := func(c rune) bool {
		return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
	}
	for _, p := range t.SQL.Pieces {
		if p.Path != nil {
			continue
		}
		words := strings.FieldsFunc(p.Text, func(c rune) bool { return !isWord(c) })
		if slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) }) {
			return true
		}
	}
	return false
}

// belowJoin refuses a condition on rows behind a to-many path that is joined: it would be true of the own row, whichever of its
// rows is joined.
func (s *Scope) belowJoin(path string) error {
	relations, err := s.Base.resolve(path)
	if err != nil {
		return err
	}
	deepest, at, many := -1, s.Base, false
	for i, r := range relations[:len(relations)-1] {
		next, ok := s.byPath[at.pathTo(r.Name)]
		if !ok {
			break
		}
		deepest, at, many = i, next, many || r.Cardinality == graph.Many && next.Joined
	}
	if !many {
		return nil
	}
	joined, rest := dottedNames(relations[:deepest+1]), dottedNames(relations[deepest+1:])
	return graph.Problemf(graph.ErrAmbiguous, "%q goes on from %q, which is joined: it may be meant of the row that is joined, or "+
		"of any row that %q has there; write %s(%q, Has(%q, …)) for the first, Has(%q, Has(%q, …)) for the second", path, joined,
		s.Base.Table.Name, JoinClause{Left: at.Left}.Method(), at.Path, rest, joined, rest)
}

func dottedNames(relations []*graph.Relation) string {
	path := ""
	for _, r := range relations {
		path = dotted(path, r.Name)
	}
	return path
}

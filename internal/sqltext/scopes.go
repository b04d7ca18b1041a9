package sqltext

import (
	"slices"
	"strings"
)

// Input of this file: the names of a text that selects by itself, and what it selects from. Output: what each name means, as SQLite
// looks it up: among the tables of the nearest query, then among the names that it gives, then further out.

// Source is what a text selects from.
type Source struct {
	Table  []string // the parts of a table's name
	Called bool     // a function that gives rows
	IsArg  bool     // the argument of a placeholder
	Arg    int      // whose token that is
}

// Has says whether a table has a column.
type Has int

// The answers.
const (
	HasNot  Has = iota // no column that is known, though it may have others
	HasIt              // it has
	MayHave            // nothing is known of the table
)

// Column is that of a source which a name means.
type Column struct {
	Of     Source
	Name   string
	Known  bool // the source has it; else it is not known what the name means
	Loose  bool // not even whether it is that of a table: it may be an expression, which has no type
	Beyond bool // no table of the text's own is known to have it, and names around the text may mean it
}

// resolve gives the names that the text itself explains their meaning.
func (r *relater) resolve() {
	tokens := make([]int, 0, len(r.paths))
	for token := range r.paths {
		if r.where[token] != nil {
			tokens = append(tokens, token)
		}
	}
	slices.Sort(tokens)
	for _, token := range tokens {
		m, ok := r.lookup(r.where[token], r.paths[token], 0)
		switch {
		case m.op != nil:
			r.unify(token, m.op)
		case ok:
			r.out.Read[token] = m.column
		}
	}
}

// unify makes a name one with what it is the name of.
func (r *relater) unify(token int, of *Operand) {
	name, of := r.out.Of[token].root(), of.root()
	if len(of.tuple) > 0 {
		return
	}
	name.Leaves = slices.DeleteFunc(name.Leaves, func(t int) bool { return t == token })
	if name == of { // it is read by itself
		return
	}
	of.Free = of.Free || name.Free
	name.join(of)
}

// meant is what a name means: what a query of the text selects, or a column.
type meant struct {
	op     *Operand
	column Column
}

// lookup returns what a path means in a scope; ok is false where the text itself does not say.
func (r *relater) lookup(s *scope, path []string, depth int) (m meant, ok bool) {
	name := path[len(path)-1]
	strange := meant{column: Column{Name: strings.Join(path, ".")}}
	if depth > maxDepth {
		strange.column.Loose = true
		return strange, true
	}
	beyond := false
	for ; s != nil; s = s.outer {
		var found meant
		var has Has
		if len(path) > 1 {
			at := slices.IndexFunc(s.items, func(it *item) bool { return it.is(path[:len(path)-1]) })
			if at < 0 {
				continue
			}
			if found, has = r.ofItem(s.items[at], name, depth); has == HasIt {
				return found, true
			}
			strange.column.Loose = found.column.Loose || s.items[at].query != nil
			return strange, true
		}
		if found, has = r.ofItems(s, name, depth); has == HasIt {
			return found, true
		}
		for _, o := range s.outs {
			if o.op != nil && !o.star && strings.EqualFold(o.name, name) {
				return meant{op: o.op}, true
			}
		}
		if has == MayHave {
			strange.column.Loose = found.column.Loose
			return strange, true
		}
		beyond = beyond || slices.ContainsFunc(s.items, (*item).open)
	}
	strange.column.Beyond = true
	return strange, beyond
}

// is reports whether the qualifier of a name is the item's.
func (it *item) is(path []string) bool {
	last := len(path) - 1
	if !strings.EqualFold(it.alias, path[last]) {
		return false
	}
	n := len(it.of.Table)
	return last == 0 || last == 1 && n == 2 && strings.EqualFold(it.of.Table[0], path[0]) || last == 1 && n == 1 && strings.EqualFold("main", path[0])
}

// open reports whether the item may have columns that are not known.
func (it *item) open() bool {
	return it.query == nil || slices.ContainsFunc(it.query.outs, func(o output) bool { return o.star })
}

// ofItems looks a bare name up among all tables of a query.
func (r *relater) ofItems(s *scope, name string, depth int) (m meant, has Has) {
	n := 0
	for _, it := range s.items {
		found, h := r.ofItem(it, name, depth)
		switch {
		case h == HasIt && n == 0:
			m, has, n = found, HasIt, 1
		case h == HasIt:
			n++
		case h == MayHave && has != HasIt:
			m.column.Loose = m.column.Loose || found.column.Loose
			has = MayHave
		}
	}
	if n > 1 && !s.shared { // the database says that it is ambiguous, or takes one
		return meant{column: Column{Loose: true}}, MayHave
	}
	return m, has
}

// ofItem looks a name up among the columns of a table, or what stands for one.
func (r *relater) ofItem(it *item, name string, depth int) (m meant, has Has) {
	if it.query == nil {
		m.column = Column{Of: it.of, Name: name, Known: true}
		if it.of.Called || r.has == nil {
			m.column.Loose = it.of.Called
			return m, MayHave
		}
		has = r.has(it.of, name)
		m.column.Loose = it.of.IsArg && has != HasIt
		return m, has
	}
	m.column.Loose = true
	if columns := it.query.columns; columns != nil {
		at := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, name) })
		starred := slices.ContainsFunc(it.query.outs, func(o output) bool { return o.star })
		switch {
		case at < 0:
			return m, HasNot
		case starred || at >= len(it.query.outs):
			return m, MayHave
		}
		return meant{op: it.query.outs[at].op}, HasIt
	}
	for _, o := range it.query.outs {
		if !o.star && strings.EqualFold(o.name, name) {
			return meant{op: o.op}, HasIt
		}
	}
	for _, o := range it.query.outs {
		if !o.star {
			continue
		}
		found, h := r.ofStar(o, name, depth+1)
		if h == HasIt {
			return found, h
		}
		has = max(has, h)
	}
	if !slices.ContainsFunc([]byte(name), func(c byte) bool { return !isNameByte(c) }) {
		return m, has
	}
	return m, MayHave // it may be the text of an expression, by which SQLite calls its column
}

// ofStar looks a name up among the columns that a star stands for.
func (r *relater) ofStar(o output, name string, depth int) (m meant, has Has) {
	m.column.Loose = true
	if o.from == nil || depth > maxDepth {
		return m, MayHave
	}
	if o.of == "" {
		m, has = r.ofItems(o.from, name, depth)
	} else {
		at := slices.IndexFunc(o.from.items, func(it *item) bool { return strings.EqualFold(it.alias, o.of) })
		if at < 0 {
			return m, MayHave
		}
		m, has = r.ofItem(o.from.items[at], name, depth)
	}
	return m, has
}

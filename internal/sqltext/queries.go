package sqltext

import "strings"

// Input of this file: a query inside of a text. Output: the operand that it selects, and what names it gives to what.

// scope is where the names of a query's tables and results are known.
type scope struct {
	outer  *scope
	items  []*item
	outs   []output // what it selects
	shared bool     // of some columns that two tables have, names mean one: NATURAL, USING
}

// item is a table, or what stands for one, behind FROM.
type item struct {
	alias string
	of    Source
	query *withQuery // instead of it, a query that is read like a table; nil: none
}

// withQuery is a query that has a name, or an alias.
type withQuery struct {
	name    string
	columns []string // the names of its columns, in place of those of what it selects; nil: those
	outs    []output
	outer   *withQuery // that was named before
}

// output is what a query selects as one column, or a star.
type output struct {
	name string // empty: only the database knows
	op   *Operand

	star bool
	of   string // of a star: the alias before it
	from *scope // of a star; nil: of several
}

// isQuery reports whether a query begins here.
func (r *relater) isQuery() bool {
	if r.isArgument() { // it is one, which another one follows
		return r.peek(1).Is("union") || r.peek(1).Is("intersect") || r.peek(1).Is("except")
	}
	return r.peek(0).Is("select") || r.peek(0).Is("values") || r.peek(0).Is("with")
}

func (r *relater) isArgument() bool {
	return r.peek(0).Kind == Placeholder || r.peek(0).Kind == Numbered
}

// query reads a query, and returns what it selects.
func (r *relater) query() (*Operand, []output) {
	if r.depth++; r.depth > maxDepth {
		r.lost = true
	}
	around, with := r.scope, r.with
	defer func() { r.depth, r.scope, r.with = r.depth-1, around, with }()
	if r.word("with") {
		r.withQueries()
	}
	one, outs, in := r.core()
	for r.word("union", "all") || r.word("union") || r.word("intersect") || r.word("except") {
		other, more, _ := r.core()
		one, outs = r.rows(one, other, outs, more)
	}
	r.scope = in
	if r.word("order", "by") {
		r.ordered()
	}
	if r.word("limit") {
		r.list()
		if r.word("offset") {
			r.expr()
		}
	}
	return one, outs
}

// withQueries reads the queries behind WITH, each of which may read itself and those before it.
func (r *relater) withQueries() {
	r.word("recursive")
	for {
		name, ok := r.name()
		if !ok {
			r.lost = true
			return
		}
		q := &withQuery{name: name, outer: r.with}
		r.with = q
		if r.accept("(") {
			q.columns = r.nameList()
		}
		if !r.word("as") {
			r.lost = true
		}
		if !r.word("not", "materialized") {
			r.word("materialized")
		}
		r.expect("(")
		_, q.outs = r.query()
		r.expect(")")
		if !r.accept(",") {
			return
		}
	}
}

// nameList reads names up to a closing parenthesis.
func (r *relater) nameList() (names []string) {
	for !r.lost {
		name, ok := r.name()
		if !ok {
			r.lost = true
		}
		names = append(names, name)
		if !r.accept(",") {
			break
		}
	}
	r.expect(")")
	return names
}

// rows is the row of which one of two stands for each.
func (r *relater) rows(one, other *Operand, outs, more []output) (*Operand, []output) {
	one, other = one.root(), other.root()
	for _, o := range append(outs[:len(outs):len(outs)], more...) {
		if o.star { // which column is at which place only the database knows
			return r.made("*", false, false), []output{{star: true}}
		}
	}
	switch n := len(one.tuple); {
	case n != len(other.tuple):
		r.lost = true
	case n == 0:
		one = r.either(one, other)
	default:
		for i := range n {
			one.tuple[i] = r.either(one.tuple[i], other.tuple[i])
		}
	}
	return one, outs
}

// values reads what is behind VALUES.
func (r *relater) values() (*Operand, []output) {
	r.expect("(")
	one := r.parenthesised()
	for r.accept(",") {
		r.expect("(")
		one, _ = r.rows(one, r.parenthesised(), nil, nil)
	}
	row := one.root().tuple
	if len(row) == 0 {
		row = []*Operand{one}
	}
	outs := make([]output, len(row))
	for i, op := range row {
		outs[i] = output{name: "column" + string(rune('1'+i)), op: op}
		if i > 8 {
			outs[i].name = ""
		}
	}
	return one, outs
}

// core reads a SELECT up to its order, VALUES, or an argument that is a query. It returns where the names in its order are known.
func (r *relater) core() (*Operand, []output, *scope) {
	s := &scope{outer: r.scope}
	defer func(around *scope) { r.scope = around }(r.scope)
	if r.word("values") {
		one, outs := r.values()
		return one, outs, s
	}
	if r.isArgument() {
		r.pos++
		return r.made("*", false, false), []output{{star: true}}, s
	}
	if !r.word("select") {
		r.lost = true
		return r.operand(Operand{}), nil, s
	}
	if r.scope = s; !r.word("distinct") {
		r.word("all")
	}
	var row []*Operand
	for {
		op, out := r.output()
		row, s.outs = append(row, op), append(s.outs, out)
		if !r.accept(",") {
			break
		}
	}
	if r.word("from") {
		r.tables()
	}
	if r.word("where") {
		r.truths(r.expr())
	}
	if r.word("group", "by") {
		r.list()
	}
	if r.word("having") {
		r.truths(r.expr())
	}
	for more := r.word("window"); more; more = r.accept(",") {
		r.name()
		r.word("as")
		r.window()
	}
	if len(row) == 1 {
		return row[0], s.outs, s
	}
	return r.operand(Operand{tuple: row}), s.outs, s
}

// output reads one column of what is selected.
func (r *relater) output() (*Operand, output) {
	if r.accept("*") {
		op := r.made("*", false, false)
		return op, output{op: op, star: true, from: r.scope}
	}
	from := r.pos
	op := r.expr()
	out := output{op: op}
	if path := r.paths[from]; path != nil && r.out.Of[from] == op { // nothing is made of it
		out.name = path[len(path)-1]
		if out.name == "*" {
			if out.star, out.from = true, r.scope; len(path) > 1 {
				out.of = path[len(path)-2]
			}
			delete(r.paths, from)
			op.Leaves, op.Any, op.Free, op.Made = nil, true, true, []string{"*"}
		}
	}
	if name := r.behind(); name != "" {
		out.name = name
	}
	return op, out
}

// tables reads what is behind FROM.
func (r *relater) tables() {
	for !r.lost {
		r.table()
		for {
			if r.word("on") {
				r.truths(r.expr())
			} else if r.word("using") {
				r.expect("(")
				r.nameList()
				r.scope.shared = true
			} else {
				break
			}
		}
		if !r.accept(",") && !r.joins() {
			return
		}
	}
}

// joins goes past the words of a join, if they are next.
func (r *relater) joins() bool {
	found := false
	for !r.lost {
		t := r.peek(0)
		switch {
		case t.Is("natural"):
			r.scope.shared = true
		case t.Is("join"):
			r.pos++
			return true
		case !t.Is("left") && !t.Is("right") && !t.Is("full") && !t.Is("outer") && !t.Is("inner") && !t.Is("cross"):
			r.lost = r.lost || found
			return false
		}
		found = true
		r.pos++
	}
	return false
}

// table reads a table, or what stands for one.
func (r *relater) table() {
	s := r.scope
	it := &item{}
	switch t := r.peek(0); {
	case r.accept("("):
		switch t = r.peek(0); {
		case r.isQuery():
			r.scope = s.outer // it does not see what stands beside it
			_, outs := r.query()
			r.scope, it.query = s, &withQuery{outs: outs}
		case t.Kind == Placeholder || t.Kind == Numbered:
			it.of.Arg, it.of.IsArg = r.pos, true
			r.pos++
			r.leaf(r.pos-1, nil)
		default:
			r.tables()
			it = nil
		}
		r.expect(")")
	case t.Kind == Placeholder || t.Kind == Numbered:
		r.lost = true
	default:
		r.tableName(it)
	}
	if name, ok := r.tableAlias(); ok && it != nil {
		it.alias = name
	}
	if r.word("indexed", "by") {
		r.name()
	} else {
		r.word("not", "indexed")
	}
	if it != nil {
		s.items = append(s.items, it)
	}
}

// tableName reads the name of a table, or the call of a function that gives one.
func (r *relater) tableName(it *item) {
	path := r.peek(0).Path
	if path != nil {
		r.pos++
	}
	for path == nil || r.accept(".") {
		name, ok := r.name()
		if !ok {
			r.lost = true
			return
		}
		path = append(path[:len(path):len(path)], name)
	}
	it.alias = path[len(path)-1]
	if r.accept("(") {
		if !r.symbol(")") {
			r.list()
		}
		r.expect(")")
		it.of.Called = true
		return
	}
	if len(path) == 1 {
		for q := r.with; q != nil; q = q.outer {
			if strings.EqualFold(q.name, path[0]) {
				it.query = q
				return
			}
		}
	}
	it.of.Table = path
}

// tableAlias reads the alias of a table, if it has one.
func (r *relater) tableAlias() (name string, ok bool) {
	if r.word("as") {
		return r.name()
	}
	t := r.peek(0)
	if t.Kind == Verbatim && t.Word && !reserved[strings.ToLower(t.Text)] && !t.Is("cross") && !t.Is("indexed") || t.Quoted || r.symbol("`") || r.symbol("[") {
		return r.name()
	}
	return "", false
}

// inTable reads the table whose rows are the list behind IN.
func (r *relater) inTable(left *Operand) {
	it := &item{}
	r.tableName(it)
	if len(left.root().tuple) > 0 {
		r.lost = true
		return
	}
	if it.query != nil && len(it.query.outs) == 1 && !it.query.outs[0].star {
		r.meet(left, "HAS", it.query.outs[0].op)
		return
	}
	r.meet(left, "HAS", r.made("the rows of a table", false, false))
}

package oracle_test

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Random queries.

type oraGenerator struct {
	*rand.Rand
	data *oraData
}

// chance is true in one of n calls.
func (g *oraGenerator) chance(n int) bool { return g.IntN(n) == 0 }

func oraPick[E any](g *oraGenerator, list []E) E { return list[g.IntN(len(list))] }

// oraScope is what can be named at a place of a query.
type oraScope struct {
	table     *oraTable
	root      *oraTable        // of the statement; nil at the root itself
	joined    [][]*oraRelation // paths that are joined
	implicit  bool             // to-one paths may be named though they are not joined
	at        string           // the path from the statement's root
	given     string           // the path from the scope around
	outer     *oraScope        // of the row around
	reaches   bool             // to-one paths may be named from there
	link      *oraTable        // the join table by which the table's rows were reached
	values    []*oraAggregate
	preloaded bool // the table is that of a preload's path
}

// query returns a random query with preloads.
func (g *oraGenerator) query(tables []*oraTable) *oraSpec {
	s := g.spec(oraPick(g, tables), nil)
	s.preloads = g.preloads(s.table, 3)
	s.atOnce = len(s.preloads) > 0 && g.chance(2)
	if s.table.group == "ruled" && g.chance(2) {
		s.unscoped = append(s.unscoped, g.liftable(s)...)
	}
	return s
}

// liftable draws scopes of the query's table and of paths that it names: those of others are refused.
func (g *oraGenerator) liftable(s *oraSpec) []oraLift {
	lifts := oraLifts("", s.table)
	at := func(path string, r *oraRelation) { lifts = append(lifts, oraLifts(path, r.tables()...)...) }
	for _, j := range s.joins {
		at(oraPath(j.path), j.path[len(j.path)-1])
	}
	for _, p := range s.preloads {
		if p.rel.variants != nil {
			continue
		}
		at(p.rel.name, p.rel)
		for _, k := range p.kids {
			if k.rel.variants == nil {
				at(p.rel.name+"."+k.rel.name, k.rel)
			}
		}
	}
	for _, p := range s.where {
		if len(p.path) > 0 {
			at(oraPath(p.path), p.path[len(p.path)-1])
		}
	}
	if len(lifts) == 0 {
		return nil
	}
	g.Shuffle(len(lifts), func(i, j int) { lifts[i], lifts[j] = lifts[j], lifts[i] })
	return lifts[:1+g.IntN(len(lifts))]
}

// spec returns a random query without preloads. owner is the relation it is preloaded for, if any.
func (g *oraGenerator) spec(t *oraTable, owner *oraRelation) *oraSpec {
	s := &oraSpec{table: t, limit: -1, offset: -1}
	joins := g.IntN(3)
	if owner != nil {
		joins = max(0, joins-1)
	}
	for range joins {
		if j := g.join(s); j != nil {
			s.joins = append(s.joins, j)
		}
	}
	if s.joinsMany() {
		s.distinct = !g.chance(3)
	} else {
		s.distinct = g.chance(6)
	}
	if s.distinct || !s.joinsMany() || g.chance(10) {
		g.values(s)
	}
	scope := &oraScope{table: t, implicit: true, joined: s.joinedPaths(), values: s.values, preloaded: owner != nil}
	if owner != nil {
		scope.link = owner.joinTable()
	}
	for range g.IntN(3) {
		s.where = append(s.where, g.pred(scope, 2))
	}
	g.order(s, scope)
	g.limit(s, owner)
	g.position(s, owner)
	return s
}

// limit draws a limit and an offset, where the rows that they leave are known.
func (g *oraGenerator) limit(s *oraSpec, owner *oraRelation) {
	keyless := len(s.table.key) == 0 || owner != nil && owner.linked && len(owner.joinTable().key) == 0
	limits := !keyless && g.chance(3) && !(owner != nil && s.distinct)
	if limits && s.fansOutWithLimit() && !g.chance(4) {
		limits = false
	}
	if limits {
		if !g.chance(4) {
			s.limit = g.IntN(5)
		}
		if s.limit < 0 || g.chance(3) {
			s.offset = g.IntN(3)
		}
	}
}

func (s *oraSpec) fansOutWithLimit() bool {
	limited := *s
	limited.limit = 1
	return limited.fansOut()
}

// joinedPaths returns every path that is joined, prefixes included.
func (s *oraSpec) joinedPaths() [][]*oraRelation {
	var paths [][]*oraRelation
	for _, j := range s.joins {
		for n := 1; n <= len(j.path); n++ {
			paths = append(paths, j.path[:n])
		}
	}
	return paths
}

// join returns a random join. Has-ones whose data breaks the promise are left alone: they would multiply rows unseen.
func (g *oraGenerator) join(s *oraSpec) *oraJoin {
	path := g.path(s.table, 1+g.IntN(2), func(r *oraRelation) bool { return !r.single || !g.data.dirty[r.related] })
	if path == nil {
		return nil
	}
	j := &oraJoin{path: path, left: g.chance(2)}
	if g.chance(3) {
		last := path[len(path)-1]
		scope := &oraScope{table: last.related, root: s.table, at: oraPath(path), given: oraPath(path), link: last.joinTable(),
			outer: &oraScope{table: s.table}}
		j.on = append(j.on, g.pred(scope, 1))
	}
	return j
}

// path returns up to n relations in a row for which ok holds, nil when there is none.
func (g *oraGenerator) path(t *oraTable, n int, ok func(*oraRelation) bool) []*oraRelation {
	var path []*oraRelation
	for range n {
		var fit []*oraRelation
		for _, r := range t.relations {
			if ok(r) {
				fit = append(fit, r)
			}
		}
		if len(fit) == 0 {
			break
		}
		r := oraPick(g, fit)
		path = append(path, r)
		t = r.related
		if link := r.link(); link != nil && g.chance(3) {
			if more := g.path(link.related, 1, ok); more != nil {
				path, t = append(append(path, link), more...), more[0].related
			}
		}
	}
	return path
}

// starred lets some relations of a path be followed.
func (g *oraGenerator) starred(path []*oraRelation) []*oraRelation {
	for i, r := range path {
		star := r.star(max(0, g.IntN(5)-2))
		if star != nil && g.chance(2) && !(i+1 < len(path) && path[i+1].isLink) {
			path[i] = star
		}
	}
	return path
}

// ahead draws to-one relations in a row, from a table or from the links that lead to its rows.
func (g *oraGenerator) ahead(t, link *oraTable) []*oraRelation {
	one := func(r *oraRelation) bool { return !r.many && (!r.single || !g.data.dirty[r.related]) }
	if link == nil || len(link.relations) == 0 || !g.chance(2) {
		return g.path(t, 1+g.IntN(2), one)
	}
	return g.behind(t, link, g.path(link, 1+g.IntN(2), one))
}

// behind is a path from the links that lead to the rows of a table.
func (g *oraGenerator) behind(t, link *oraTable, path []*oraRelation) []*oraRelation {
	if path == nil {
		return nil
	}
	return append([]*oraRelation{{name: "link", owner: t, related: link, isLink: true}}, path...)
}

func (g *oraGenerator) order(s *oraSpec, scope *oraScope) {
	for range g.IntN(3) {
		ref := g.ref(scope)
		if !ref.orderable() || s.distinct && (ref.link || oraMany(ref.path) || oraBehindLink(ref.path)) {
			continue
		}
		o := oraOrderTerm{ref: ref, desc: g.chance(2)}
		if g.chance(2) {
			o.nulls = oraPick(g, []string{"FIRST", "LAST"})
		}
		s.order = append(s.order, o)
	}
	if !g.chance(3) { // mostly the order is made total
		for _, k := range s.missingKey() {
			s.order = append(s.order, oraOrderTerm{ref: oraRef{col: k}, desc: g.chance(4)})
		}
	}
}

// ref names a column that the scope knows.
func (g *oraGenerator) ref(s *oraScope) oraRef {
	var ref oraRef
	t := s.table
	if len(s.values) > 0 && g.chance(4) {
		value := oraPick(g, s.values)
		return oraRef{col: value.as, value: value}
	}
	if s.outer != nil && g.chance(6) {
		return g.outerRef(s)
	}
	switch n := g.IntN(10); {
	case n < 2 && s.namesRoot():
		return oraRef{root: s.root, col: g.column(s.root, true)}
	case n < 3 && s.root == nil:
		ref.root = s.table
	case n < 6 && len(s.joined) > 0:
		ref.path = oraPick(g, s.joined)
		t = ref.path[len(ref.path)-1].related
	}
	// A preload of "writers.boss" cannot tell its own path from boss of the table writers: dovetail refuses the name.
	if s.implicit && !(s.preloaded && ref.root != nil) && g.chance(3) {
		more := g.ahead(t, s.linkOf(ref))
		if len(more) > 0 {
			ref.path, t = append(slices.Clip(ref.path), more...), more[len(more)-1].related
		}
	}
	link := s.linkOf(ref)
	if link != nil && ref.root == nil && g.chance(3) {
		ref.link, t = true, link
	}
	ref.self = ref.root == nil && (s.ambiguous(ref) || g.chance(5))
	ref.col = g.column(t, len(ref.path) > 0 || ref.root != nil || ref.link || ref.self)
	return ref
}

// linkOf returns the join table of the links that lead to the row of a name.
func (s *oraScope) linkOf(ref oraRef) *oraTable {
	switch {
	case len(ref.path) > 0:
		return ref.path[len(ref.path)-1].joinTable()
	case ref.root != nil:
		return nil
	}
	return s.link
}

// outerRef names a column of a row around, or of one that it leads to.
func (g *oraGenerator) outerRef(s *oraScope) oraRef {
	ref := oraRef{up: 1}
	at, reaches := s.outer, s.reaches
	for at.outer != nil && g.chance(2) {
		reaches = reaches && at.reaches
		at = at.outer
		ref.up++
	}
	t := at.table
	if reaches && g.chance(2) {
		if ref.path = g.ahead(t, at.link); ref.path != nil {
			t = ref.path[len(ref.path)-1].related
		}
	}
	if link := at.linkOf(ref); link != nil && g.chance(3) {
		ref.link, t = true, link
	}
	ref.col = g.column(t, true)
	return ref
}

// namesRoot reports whether the name of the root's table means the root, and nothing else: no row at the path that was given, nor one on
// the way to that.
func (s *oraScope) namesRoot() bool {
	return s.root != nil && !strings.HasPrefix(s.given+".", s.root.name+".") && s.table.relation(s.root.name) == nil
}

// ambiguous reports whether the path of a name begins as one does that led here, or with the name of the root's table.
func (s *oraScope) ambiguous(ref oraRef) bool {
	if len(ref.path) == 0 || s.root == nil {
		return false
	}
	begins := func(path string) bool {
		return path == ref.path[0].name || strings.HasPrefix(path, ref.path[0].name+".")
	}
	return begins(s.at) || begins(s.given) || ref.path[0].name == s.root.name
}

// belowJoin reports whether a path goes on from a to-many one that is joined: of which row a condition there is, is ambiguous.
func (s *oraScope) belowJoin(path []*oraRelation) bool {
	return slices.ContainsFunc(s.joined, func(joined []*oraRelation) bool {
		return oraMany(joined) && strings.HasPrefix(oraPath(path), oraPath(joined)+".")
	})
}

func (g *oraGenerator) column(t *oraTable, dotted bool) *oraColumn {
	for {
		if c := oraPick(g, t.columns); !dotted || !c.bare {
			return c
		}
	}
}

// pred returns a random condition; depth is how deep Has may nest.
func (g *oraGenerator) pred(s *oraScope, depth int) *oraPred {
	switch n := g.IntN(10); {
	case n < 3:
		p := &oraPred{op: oraPick(g, []string{"and", "or", "or"})}
		for range g.IntN(4) {
			p.kids = append(p.kids, g.pred(s, depth-1))
		}
		return p
	case n < 5 && depth > 0:
		return g.has(s, depth)
	case n == 5 && depth > 0 && g.chance(3):
		p := &oraPred{op: "matching", ref: oraRef{root: s.table}}
		own := *s
		own.root, own.values = nil, nil
		for range g.IntN(3) {
			p.kids = append(p.kids, g.pred(&own, depth-1))
		}
		return p
	case n < 7 && s.root == nil && g.plainName(s.table):
		p := &oraPred{op: "text"}
		for range 1 + g.IntN(2) {
			col := oraPick(g, s.table.columns)
			leaf := &oraPred{op: oraPick(g, []string{"=", "<>", "null"}), arg: g.value(col)}
			leaf.ref = oraRef{root: s.table, col: col}
			p.kids = append(p.kids, leaf)
		}
		return p
	}
	return g.leaf(s)
}

// plainName reports whether SQL text can name the table and its columns without quotes.
func (g *oraGenerator) plainName(t *oraTable) bool { return t.group != "hostile" }

func (g *oraGenerator) has(s *oraScope, depth int) *oraPred {
	p := &oraPred{op: oraPick(g, []string{"has", "has none", "has", "has none", "has every", "has at least", "has all"})}
	every := func(*oraRelation) bool { return true }
	p.path = g.starred(g.path(s.table, 1+g.IntN(2), every))
	if s.link != nil && g.chance(4) {
		p.path = g.behind(s.table, s.link, g.path(s.link, 1, every))
	}
	if p.path == nil || s.belowJoin(p.path) {
		return g.leaf(s)
	}
	root := s.root
	if root == nil {
		root = s.table
	}
	related := p.path[len(p.path)-1].related
	sub := &oraScope{table: related, root: root, implicit: true, at: strings.TrimPrefix(s.at+"."+oraPath(p.path), "."),
		link: p.path[len(p.path)-1].joinTable(), given: oraPath(p.path), outer: s, reaches: s.implicit}
	if p.op == "has all" && len(related.key) != 1 {
		p.op = "has every"
	}
	switch p.op {
	case "has all":
		for range g.IntN(3) {
			p.list = append(p.list, g.value(related.key[0]))
		}
		return p
	case "has at least":
		p.arg = 1 + g.IntN(3)
	}
	for range g.IntN(3) {
		p.kids = append(p.kids, g.pred(sub, depth-1))
	}
	if p.op == "has every" && len(p.kids) == 0 {
		p.kids = append(p.kids, g.leaf(sub)) // without a condition it is refused
	}
	return p
}

func (g *oraGenerator) leaf(s *oraScope) *oraPred {
	p := &oraPred{ref: g.ref(s)}
	c := p.ref.col
	ops := []string{"=", "=", "<>", "distinct", "in", "in", "not in", "not in", "null", "not null", "<", "<=", ">", ">="}
	switch c.kind {
	case oraNote:
		ops = append(ops[:10], "contains", "starts", "ends")
	case oraText, oraType:
		ops = append(ops, "contains", "starts", "ends")
	case oraBool:
		ops = []string{"=", "<>", "null", "not null"}
	}
	p.op = oraPick(g, ops)
	if p.with = g.compared(s, p); p.with != nil {
		return p
	}
	p.arg = g.value(c)
	for range g.IntN(4) {
		if g.chance(3) {
			p.list = append(p.list, nil)
			continue
		}
		p.list = append(p.list, g.value(c))
	}
	return p
}

// compared draws the column that another is compared with, if any.
func (g *oraGenerator) compared(s *oraScope, p *oraPred) *oraRef {
	if !slices.Contains([]string{"=", "<>", "distinct", "<", "<=", ">", ">="}, p.op) || !g.chance(4) {
		return nil
	}
	for range 5 {
		if ref := g.ref(s); ref.col.kind == p.ref.col.kind {
			return &ref
		}
	}
	return nil
}

package oracle_test

import (
	"maps"
	"slices"
	"strings"
)

// The oracle: queries evaluated by nested loops over the rows in memory, with SQL's three truth values. It shares
// nothing with the library, and is as plain as can be.

type oraTruth int

const (
	oraFalse oraTruth = iota
	oraUnknown
	oraTrue
)

func oraTruthOf(holds bool) oraTruth {
	if holds {
		return oraTrue
	}
	return oraFalse
}

// oraEnv is what names mean for one row of a FROM clause. Rows that a left join did not find are nil.
type oraEnv struct {
	at   string // the path from the statement's root
	root *oraRow
	rows map[string]*oraRow // by the path from the scope's own table, which is ""; links by the path that ends in link

	outer *oraEnv // of the row around
}

// oraWay is one way along a relation: the row it leads to and, of a many-to-many, the row of the join table.
type oraWay struct{ row, link *oraRow }

func (e oraEnv) way() oraWay { return oraWay{e.rows[""], e.rows["link"]} }

// value returns what the name stands for in the row.
func (d *oraData) value(e oraEnv, ref oraRef) any {
	if ref.value != nil {
		return d.aggregate(ref.value, e)
	}
	for range ref.up {
		e = *e.outer
	}
	row := e.root
	if ref.root == nil || ref.binding() != "" {
		row = e.rows[ref.binding()]
	}
	if row == nil {
		return nil
	}
	return row.vals[row.table.index(ref.col)]
}

// holds evaluates a condition.
func (d *oraData) holds(p *oraPred, e oraEnv) oraTruth {
	switch p.op {
	case "and":
		truth := oraTrue
		for _, k := range p.kids {
			truth = min(truth, d.holds(k, e))
		}
		return truth
	case "or", "text":
		truth := oraFalse
		for _, k := range p.kids {
			truth = max(truth, d.holds(k, e))
		}
		return truth
	case "matching":
		return d.holds(&oraPred{op: "and", kids: p.kids}, oraEnv{at: e.at, root: e.rows[""], rows: e.rows, outer: e.outer})
	case "has":
		return oraTruthOf(d.matching(p, e, oraTrue, oraTrue) > 0)
	case "has none":
		return oraTruthOf(d.matching(p, e, oraTrue, oraTrue) == 0)
	case "has every":
		return oraTruthOf(d.matching(p, e, oraFalse, oraUnknown) == 0)
	case "has at least":
		return oraTruthOf(d.matching(p, e, oraTrue, oraTrue) >= p.arg.(int))
	case "has all":
		return oraTruthOf(d.hasAll(p, e))
	}
	if p.with == nil {
		return oraTest(p, d.value(e, p.ref))
	}
	value := *p
	if value.arg = d.value(e, *p.with); value.arg == nil && p.op != "distinct" {
		return oraUnknown
	}
	return oraTest(&value, d.value(e, p.ref))
}

// oraTest evaluates a condition on one value.
func oraTest(p *oraPred, v any) oraTruth {
	switch p.op {
	case "null":
		return oraTruthOf(v == nil)
	case "not null":
		return oraTruthOf(v != nil)
	case "distinct":
		return oraTruthOf(v != p.arg)
	case "in":
		return oraIn(p.list, v)
	case "not in":
		truth := oraTrue - oraIn(slices.DeleteFunc(slices.Clone(p.list), func(item any) bool { return item == nil }), v)
		if slices.Contains(p.list, nil) { // neither one of the values nor NULL
			return min(truth, oraTruthOf(v != nil))
		}
		return truth
	}
	if v == nil {
		return oraUnknown
	}
	switch p.op {
	case "contains":
		return oraTruthOf(strings.Contains(v.(string), p.arg.(string)))
	case "starts":
		return oraTruthOf(strings.HasPrefix(v.(string), p.arg.(string)))
	case "ends":
		return oraTruthOf(strings.HasSuffix(v.(string), p.arg.(string)))
	}
	c := oraCompare(v, p.arg)
	switch p.op {
	case "=":
		return oraTruthOf(v == p.arg)
	case "<>":
		return oraTruthOf(v != p.arg)
	case "<":
		return oraTruthOf(c < 0)
	case "<=":
		return oraTruthOf(c <= 0)
	case ">":
		return oraTruthOf(c > 0)
	default:
		return oraTruthOf(c >= 0)
	}
}

// oraIn is "one of the list's values, or NULL if the list has NULL".
func oraIn(list []any, v any) oraTruth {
	truth := oraFalse
	for _, item := range list {
		switch {
		case item == nil:
			truth = max(truth, oraTruthOf(v == nil))
		case v == nil:
			truth = max(truth, oraUnknown)
		default:
			truth = max(truth, oraTruthOf(v == item))
		}
	}
	return truth
}

// matching counts the rows at a condition's path for which its conditions have one of two truth values.
func (d *oraData) matching(p *oraPred, e oraEnv, truths ...oraTruth) int {
	found := 0
	for _, sub := range d.reach(p.path, p.kids, nil, e) {
		if slices.Contains(truths, d.holds(&oraPred{op: "and", kids: p.kids}, sub)) {
			found++
		}
	}
	return found
}

// reach returns what a subquery over the rows at a path is about: a row for each way there, joined to what its conditions
// and its order name.
func (d *oraData) reach(path []*oraRelation, preds []*oraPred, order []oraOrderTerm, e oraEnv) []oraEnv {
	base := e.rows[""]
	if base == nil {
		return nil
	}
	var binds oraBinds
	for _, k := range preds {
		binds.implied(k)
	}
	for _, o := range order {
		binds.imply(o.ref.path)
	}
	var envs []oraEnv
	for _, way := range d.followAll(e.way(), path, e.at) {
		envs = append(envs, d.product(way, e.root, binds, oraJoinPath(e.at, oraPath(path)))...)
	}
	for i := range envs {
		envs[i].outer = &e
	}
	return envs
}

func (d *oraData) hasAll(p *oraPred, e oraEnv) bool {
	related := p.path[len(p.path)-1].related
	for _, key := range p.list {
		found := slices.ContainsFunc(d.followAll(e.way(), p.path, e.at), func(w oraWay) bool {
			return w.row.vals[related.index(related.key[0])] == key
		})
		if !found {
			return false
		}
	}
	return true
}

// oraBind is a table in a FROM clause.
type oraBind struct {
	path []*oraRelation
	left bool
	on   []*oraPred
}

type oraBinds []*oraBind

func (b oraBinds) find(path []*oraRelation) *oraBind {
	for _, at := range b {
		if oraPath(at.path) == oraPath(path) {
			return at
		}
	}
	return nil
}

// join adds an explicit join.
func (b *oraBinds) join(j *oraJoin) {
	for n := 1; n <= len(j.path); n++ {
		if j.path[n-1].isLink {
			continue // it is there with the row
		}
		at := b.find(j.path[:n])
		switch {
		case at == nil:
			at = &oraBind{path: j.path[:n], left: j.left}
			*b = append(*b, at)
		case n == len(j.path) && !j.left:
			at.left = false
		}
		if n == len(j.path) {
			at.on = append(at.on, j.on...)
		}
	}
}

// imply adds the to-one tables of a path that is named: by an inner join where the row cannot be missing.
func (b *oraBinds) imply(path []*oraRelation) {
	for n := 1; n <= len(path); n++ {
		if !path[n-1].isLink && b.find(path[:n]) == nil {
			parent := b.find(path[:n-1])
			if n > 1 && path[n-2].isLink {
				parent = b.find(path[:n-2])
			}
			*b = append(*b, &oraBind{path: path[:n], left: path[n-1].optional || parent != nil && parent.left})
		}
	}
}

// implied adds what a condition names. What a Has names is in a scope of its own, but for what it says of rows around.
func (b *oraBinds) implied(p *oraPred) { b.impliedFrom(p, 0) }

// impliedFrom is implied for a condition that is as deep below the scope.
func (b *oraBinds) impliedFrom(p *oraPred, deep int) {
	if strings.HasPrefix(p.op, "has") {
		deep++
	}
	for _, k := range p.kids {
		b.impliedFrom(k, deep)
	}
	if p.ref.col == nil {
		return
	}
	if p.ref.up == deep {
		b.imply(p.ref.path)
	}
	if p.with != nil && p.with.up == deep {
		b.imply(p.with.path)
	}
}

// product joins the tables to a row, one after the other. The path at leads to the row. root is
// nil when the row is the statement's root.
func (d *oraData) product(from oraWay, root *oraRow, binds oraBinds, at string) []oraEnv {
	if root == nil {
		root = from.row
	}
	envs := []oraEnv{oraEnvOf(from, root, at)}
	for _, b := range binds {
		last := len(b.path) - 1
		var next []oraEnv
		for _, e := range envs {
			found := false
			path := oraJoinPath(at, oraPath(b.path))
			if parent := e.rows[oraPath(b.path[:last])]; parent != nil {
				for _, to := range d.follow(parent, b.path[last], path) {
					on := oraEnvOf(to, root, path)
					on.outer = &e
					if d.holds(&oraPred{op: "and", kids: b.on}, on) == oraTrue {
						next, found = append(next, e.with(b.path, to)), true
					}
				}
			}
			if !found && b.left {
				next = append(next, e.with(b.path, oraWay{}))
			}
		}
		envs = next
	}
	return envs
}

func oraEnvOf(way oraWay, root *oraRow, at string) oraEnv {
	return oraEnv{at: at, root: root, rows: map[string]*oraRow{"": way.row, "link": way.link}}
}

func (e oraEnv) with(path []*oraRelation, way oraWay) oraEnv {
	rows := maps.Clone(e.rows)
	rows[oraPath(path)] = way.row
	rows[oraJoinPath(oraPath(path), "link")] = way.link
	return oraEnv{at: e.at, root: e.root, rows: rows, outer: e.outer}
}

// run evaluates a query whose own table has these rows.
func (d *oraData) run(s *oraSpec, rows []*oraRow) []*oraRow {
	ways := make([]oraWay, len(rows))
	for i, row := range rows {
		ways[i].row = row
	}
	var found []*oraRow
	for _, e := range d.envs(s, ways, nil) {
		found = append(found, e.rows[""])
	}
	return found
}

// envs evaluates a query. Of the rows of an owner, whose relation is given, a list comes in the order of their keys in the end.
func (d *oraData) envs(s *oraSpec, ways []oraWay, owner *oraRelation) []oraEnv {
	var binds oraBinds
	for _, j := range s.joins {
		binds.join(j)
	}
	for _, p := range s.where {
		binds.implied(p)
	}
	for _, o := range s.order {
		binds.imply(o.ref.path)
	}
	defer d.lift(s.unscoped)()
	var found []oraEnv
	for _, way := range ways {
		if !d.sees(way.row, "") {
			continue
		}
		for _, e := range d.product(way, nil, binds, "") {
			if d.holds(&oraPred{op: "and", kids: s.where}, e) == oraTrue {
				found = append(found, e)
			}
		}
	}
	order := s.order
	if s.ended() || owner != nil && owner.many {
		order = s.ordered(owner)
	}
	slices.SortStableFunc(found, func(a, b oraEnv) int { return d.compare(order, a, b) })
	found = d.between(s, found, order)
	var result []oraEnv
	seen := map[string]bool{}
	for _, e := range found {
		text := e.rows[""].text()
		if owner != nil && owner.linked {
			text += e.rows["link"].text()
		}
		if s.distinct && seen[text] {
			continue
		}
		seen[text] = true
		result = append(result, e)
	}
	if s.before == nil {
		return s.cut(result)
	}
	slices.Reverse(result) // counted from the position
	result = s.cut(result)
	slices.Reverse(result)
	return result
}

// lift lets scopes be seen through, and returns what ends that.
func (d *oraData) lift(lifts []oraLift) func() {
	before := d.lifted
	d.lifted = oraLifted(lifts)
	return func() { d.lifted = before }
}

// cut leaves the rows that offset and limit do.
func (s *oraSpec) cut(result []oraEnv) []oraEnv {
	result = result[min(max(s.offset, 0), len(result)):]
	if s.limit >= 0 {
		result = result[:min(s.limit, len(result))]
	}
	return result
}

func (d *oraData) compare(order []oraOrderTerm, a, b oraEnv) int {
	v, w := make([]any, len(order)), make([]any, len(order))
	for i, o := range order {
		v[i], w[i] = d.value(a, o.ref), d.value(b, o.ref)
	}
	return d.comparePositions(order, v, w)
}

// comparePositions compares the values of the order's terms.
func (d *oraData) comparePositions(order []oraOrderTerm, a, b []any) int {
	for i, o := range order {
		v, w := a[i], b[i]
		c := 0
		switch {
		case v == nil && w == nil:
		case v == nil || w == nil:
			c = 1 // NULL is last
			if w == nil {
				c = -1
			}
			if o.nulls == "FIRST" || o.nulls == "" && d.last == o.desc {
				c = -c
			}
		case o.desc:
			c = oraCompare(w, v)
		default:
			c = oraCompare(v, w)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

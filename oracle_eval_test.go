package dovetail_test

import (
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
	rows map[string]*oraRow // by the path from the scope's own table, which is ""
}

func (e oraEnv) value(ref oraRef) any {
	row := e.root
	if ref.root == nil || len(ref.path) > 0 {
		row = e.rows[oraPath(ref.path)]
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
	return oraTest(p, e.value(p.ref))
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

// follow returns the rows at the end of a relation: one for each way that leads there. The path is that of the relation
// from the statement's root.
func (d *oraData) follow(row *oraRow, r *oraRelation, path string) []*oraRow {
	at := []*oraRow{row}
	for _, part := range r.via {
		var next []*oraRow
		for _, from := range at {
			next = append(next, d.follow(from, part, path)...)
		}
		at = next
	}
	for _, s := range r.steps {
		if len(r.via) > 0 {
			break
		}
		var next []*oraRow
		for _, from := range at {
			for _, to := range d.rows[s.table] {
				if oraSame(from, s.from, to, s.to) && from.are(s.fromIs) && to.are(s.toIs) && d.sees(to, path) {
					next = append(next, to)
				}
			}
		}
		at = next
	}
	return slices.DeleteFunc(at, func(to *oraRow) bool { return r.where != nil && !r.where(to) })
}

// followAll follows relations, and gives each parent a row once that several ways along one relation lead to.
func (d *oraData) followAll(row *oraRow, path []*oraRelation, prefix string) []*oraRow {
	at := []*oraRow{row}
	for _, r := range path {
		prefix = oraJoinPath(prefix, r.name)
		var next []*oraRow
		for _, from := range at {
			rows := d.follow(from, r, prefix)
			if r.ways {
				rows = oraOnce(rows)
			}
			next = append(next, rows...)
		}
		at = next
	}
	return at
}

func oraJoinPath(path, more string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path+"."+more, "."), ".")
}

// matching counts the rows at a condition's path for which its conditions have one of two truth values.
func (d *oraData) matching(p *oraPred, e oraEnv, truths ...oraTruth) int {
	base := e.rows[""]
	if base == nil {
		return 0
	}
	var binds oraBinds
	for _, k := range p.kids {
		binds.implied(k)
	}
	found := 0
	for _, row := range d.followAll(base, p.path, e.at) {
		for _, sub := range d.product(row, e.root, binds, oraJoinPath(e.at, oraPath(p.path))) {
			if slices.Contains(truths, d.holds(&oraPred{op: "and", kids: p.kids}, sub)) {
				found++
			}
		}
	}
	return found
}

func (d *oraData) hasAll(p *oraPred, e oraEnv) bool {
	related := p.path[len(p.path)-1].related
	for _, key := range p.list {
		found := slices.ContainsFunc(d.followAll(e.rows[""], p.path, e.at), func(r *oraRow) bool {
			return r.vals[related.index(related.key[0])] == key
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
		if b.find(path[:n]) == nil {
			parent := b.find(path[:n-1])
			*b = append(*b, &oraBind{path: path[:n], left: path[n-1].optional || parent != nil && parent.left})
		}
	}
}

// implied adds what a condition names. What a Has names is in a scope of its own.
func (b *oraBinds) implied(p *oraPred) {
	switch p.op {
	case "and", "or", "text":
		for _, k := range p.kids {
			b.implied(k)
		}
	case "has", "has none", "has every", "has at least", "has all":
	default:
		b.imply(p.ref.path)
	}
}

// product joins the tables to a row, one after the other. The path at leads to the row. root is
// nil when the row is the statement's root.
func (d *oraData) product(row, root *oraRow, binds oraBinds, at string) []oraEnv {
	if root == nil {
		root = row
	}
	envs := []oraEnv{{at: at, root: root, rows: map[string]*oraRow{"": row}}}
	for _, b := range binds {
		last := len(b.path) - 1
		var next []oraEnv
		for _, e := range envs {
			found := false
			path := oraJoinPath(at, oraPath(b.path))
			if parent := e.rows[oraPath(b.path[:last])]; parent != nil {
				for _, to := range d.follow(parent, b.path[last], path) {
					on := oraEnv{at: path, root: root, rows: map[string]*oraRow{"": to}}
					if d.holds(&oraPred{op: "and", kids: b.on}, on) == oraTrue {
						next, found = append(next, e.with(b.path, to)), true
					}
				}
			}
			if !found && b.left {
				next = append(next, e.with(b.path, nil))
			}
		}
		envs = next
	}
	return envs
}

func (e oraEnv) with(path []*oraRelation, row *oraRow) oraEnv {
	rows := make(map[string]*oraRow, len(e.rows)+1)
	for k, v := range e.rows {
		rows[k] = v
	}
	rows[oraPath(path)] = row
	return oraEnv{at: e.at, root: e.root, rows: rows}
}

// run evaluates a query whose own table has these rows. list says that the rows are an owner's, which come in the
// order of their primary key in the end.
func (d *oraData) run(s *oraSpec, rows []*oraRow, list bool) []*oraRow {
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
	before := d.lifted
	defer func() { d.lifted = before }()
	d.lifted = oraLifted(s.unscoped)
	var found []oraEnv
	for _, row := range rows {
		if !d.sees(row, "") {
			continue
		}
		for _, e := range d.product(row, nil, binds, "") {
			if d.holds(&oraPred{op: "and", kids: s.where}, e) == oraTrue {
				found = append(found, e)
			}
		}
	}
	order := slices.Clone(s.order)
	if list || s.limit >= 0 || s.offset >= 0 {
		for _, k := range s.missingKey() {
			order = append(order, oraOrderTerm{ref: oraRef{col: k}})
		}
	}
	slices.SortStableFunc(found, func(a, b oraEnv) int { return d.compare(order, a, b) })
	var result []*oraRow
	seen := map[string]bool{}
	for _, e := range found {
		row := e.rows[""]
		if text := row.text(); s.distinct && seen[text] {
			continue
		} else {
			seen[text] = true
		}
		result = append(result, row)
	}
	result = result[min(max(s.offset, 0), len(result)):]
	if s.limit >= 0 {
		result = result[:min(s.limit, len(result))]
	}
	return result
}

func (d *oraData) compare(order []oraOrderTerm, a, b oraEnv) int {
	for _, o := range order {
		v, w := a.value(o.ref), b.value(o.ref)
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

// oraTree evaluates preloads into text.
type oraTree struct {
	data    *oraData
	several bool // a to-one relation found several rows
	none    bool // one whose field is a struct found no row
}

// rows returns rows with what is loaded onto them.
func (t *oraTree) rows(rows []*oraRow, plans []*oraPlan) []string {
	texts := make([]string, len(rows))
	for i, row := range rows {
		var b strings.Builder
		b.WriteString(row.text())
		t.relations(&b, row, row, plans, nil)
		texts[i] = b.String()
	}
	return texts
}

// relations writes the loaded relations of a row in the order of their declaration. owner is the row it was loaded
// for, and by the relation by which that is reached.
func (t *oraTree) relations(b *strings.Builder, row, owner *oraRow, plans []*oraPlan, by *oraPlan) {
	b.WriteString("{")
	for _, r := range row.table.relations {
		if by != nil && by.back == r {
			b.WriteString(r.name + "=^" + owner.text())
			t.relations(b, owner, owner, by.below, nil)
		}
		for _, p := range plans {
			if p.rel == r {
				t.relation(b, row, p)
			}
		}
	}
	b.WriteString("}")
}

func (t *oraTree) relation(b *strings.Builder, row *oraRow, p *oraPlan) {
	related := t.data.related(row, p)
	p.sent = p.sent || row.has(p.rel.steps[0].from) && row.are(p.rel.steps[0].fromIs)
	b.WriteString(p.rel.name + "=")
	if !p.rel.many {
		if slices.ContainsFunc(related, func(r *oraRow) bool { return r != related[0] }) {
			t.several = true
		}
		t.none = t.none || p.rel.value && len(related) == 0
		if len(related) == 0 {
			b.WriteString("nil")
			return
		}
		t.related(b, related[0], row, p)
		return
	}
	items := make([]string, len(related))
	for i, r := range related {
		var item strings.Builder
		t.related(&item, r, row, p)
		items[i] = item.String()
	}
	b.WriteString(p.listText(items))
}

// listText joins the related rows of one owner. Without a primary key nothing says in which order they come.
func (p *oraPlan) listText(items []string) string {
	if len(p.rel.related.key) == 0 {
		slices.Sort(items)
	}
	return "[" + strings.Join(items, " ") + "]"
}

func (t *oraTree) related(b *strings.Builder, row, owner *oraRow, p *oraPlan) {
	b.WriteString(row.text())
	t.relations(b, row, owner, p.kids, p)
}

// related returns the rows that the plan loads for an owner.
func (d *oraData) related(owner *oraRow, p *oraPlan) []*oraRow {
	spec := oraPlain(p.rel.related)
	if p.spec != nil {
		*spec = *p.spec
	}
	spec.unscoped = p.lifted
	if len(spec.order) == 0 {
		spec.order = p.rel.order
	}
	before := d.lifted
	d.lifted = oraLifted(p.lifted)
	rows := d.follow(owner, p.rel, "")
	d.lifted = before
	if p.rel.ways {
		rows = oraOnce(rows)
	}
	rows = d.run(spec, rows, p.rel.many)
	if p.once {
		return oraOnce(rows)
	}
	return rows
}

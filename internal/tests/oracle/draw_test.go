package oracle_test

import (
	"slices"
)

// Random queries, continued: values, positions and preloads.

// value draws a value that rows may have: three in four from the data.
func (g *oraGenerator) value(c *oraColumn) any {
	for _, t := range g.data.tables {
		at := t.index(c)
		if at < 0 || len(g.data.rows[t]) == 0 || g.chance(4) {
			continue
		}
		if v := oraPick(g, g.data.rows[t]).vals[at]; v != nil {
			return v
		}
	}
	return oraDraw(g.Rand, c.kind, 5)
}

// preloads returns random preloads of rows of the table, to a depth.
func (g *oraGenerator) preloads(t *oraTable, depth int) []*oraPreload {
	var list []*oraPreload
	if depth == 0 {
		return nil
	}
	for _, m := range t.morphs {
		if g.chance(2) {
			list = append(list, g.morph(m, depth))
		}
	}
	for _, i := range g.Perm(len(t.relations)) {
		if len(list) == 2 || g.chance(2) {
			continue
		}
		p := &oraPreload{rel: t.relations[i]}
		if g.chance(2) {
			p.spec = g.spec(p.rel.related, p.rel)
			p.nested = g.chance(2)
			if lifts := oraLifts("", p.rel.related); len(lifts) > 0 && g.chance(4) {
				p.spec.unscoped = []oraLift{oraPick(g, lifts)}
			}
		}
		p.kids = g.preloads(p.rel.related, depth-1)
		if link := p.rel.link(); link != nil && p.rel.linked && depth > 1 && g.chance(2) {
			if kids := g.preloads(link.related, depth-1); len(kids) > 0 {
				p.kids = append(p.kids, &oraPreload{rel: link, kids: kids})
			}
		}
		list = append(list, p)
	}
	return list
}

// morph draws the preload of a relation to several tables, and what is loaded onto the rows of these.
func (g *oraGenerator) morph(m *oraRelation, depth int) *oraPreload {
	p := &oraPreload{rel: m}
	for _, v := range m.variants {
		for _, k := range g.preloads(v.related, depth-1) {
			if !slices.ContainsFunc(p.kids, func(other *oraPreload) bool { return other.rel.name == k.rel.name }) {
				// that its field holds links is so for some of the tables only
				k.kids = slices.DeleteFunc(k.kids, func(below *oraPreload) bool { return below.rel.isLink })
				p.kids = append(p.kids, k)
			}
		}
	}
	return p
}

// position draws a position in the order of the rows, where they have one: mostly that of a row.
func (g *oraGenerator) position(s *oraSpec, owner *oraRelation) {
	if !g.chance(4) || !s.pageable() || owner != nil && owner.linked && len(owner.joinTable().key) == 0 {
		return
	}
	whole := *s
	whole.limit, whole.offset = -1, -1
	if owner != nil && len(s.order) == 0 {
		whole.order = owner.order
	}
	var ways []oraWay
	if owner == nil {
		for _, row := range g.data.rows[s.table] {
			ways = append(ways, oraWay{row: row})
		}
	} else {
		for _, row := range g.data.rows[owner.owner] {
			ways = append(ways, g.data.follow(row, owner, "")...)
		}
	}
	envs := g.data.envs(&whole, ways, owner)
	if len(envs) == 0 {
		return
	}
	order := whole.ordered(owner)
	draw := func() []any { return g.near(order, g.data.positionOf(order, oraPick(g, envs))) }
	if owner != nil || g.chance(2) {
		s.after = draw()
		return
	}
	if s.before = draw(); g.chance(3) {
		s.after = draw()
	}
}

// near changes one of the values now and then, so that no row may have the position.
func (g *oraGenerator) near(order []oraOrderTerm, position []any) []any {
	if g.chance(3) {
		i := g.IntN(len(order))
		col := order[i].ref.col
		if position[i] = g.value(col); col.null && g.chance(3) {
			position[i] = nil
		}
	}
	return position
}

// positionOf returns the values of the order's terms in a row.
func (d *oraData) positionOf(order []oraOrderTerm, e oraEnv) []any {
	values := make([]any, len(order))
	for i, o := range order {
		values[i] = d.value(e, o.ref)
	}
	return values
}

// between leaves the rows beyond the query's positions.
func (d *oraData) between(s *oraSpec, rows []oraEnv, order []oraOrderTerm) []oraEnv {
	return slices.DeleteFunc(rows, func(e oraEnv) bool {
		at := d.positionOf(order, e)
		return s.after != nil && d.comparePositions(order, at, s.after) <= 0 ||
			s.before != nil && d.comparePositions(order, at, s.before) >= 0
	})
}

// pageable reports whether the order can tell every row from the others.
func (s *oraSpec) pageable() bool {
	return len(s.table.key) > 0 && (s.distinct || !s.joinsMany()) &&
		!slices.ContainsFunc(s.order, func(o oraOrderTerm) bool { return o.ref.value != nil || oraMany(o.ref.path) })
}

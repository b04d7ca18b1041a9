package oracle_test

import (
	"slices"
	"strings"
)

// What the preloads of a query come to.

// oraPlan is what a preload comes to: one statement, or none where the related row is the owner.
type oraPlan struct {
	rel    *oraRelation
	spec   *oraSpec // nil: all rows
	path   string
	level  int
	kids   []*oraPlan
	back   *oraRelation // kids' relation that leads back to the owner, if it is asked for without a query
	below  []*oraPlan   // what is asked of the owner by way of back; these are also plans of the level of the owners
	again  bool         // leads back to the owner too, but by a statement
	sent   bool         // some owner had a key
	lifted []oraLift    // the scopes that do not apply, by paths from it
}

// oraPlans returns the plans of the root's rows.
func oraPlans(preloads []*oraPreload) []*oraPlan {
	return oraPlansIn(&oraSpec{preloads: preloads})
}

// oraPlansIn returns the plans of a query's rows.
func oraPlansIn(s *oraSpec) []*oraPlan {
	plans, _, _ := oraPlansAt(s.preloads, oraPlace{level: 1, lifted: s.unscoped, own: map[*oraRelation]bool{}})
	return plans
}

// oraPlace is where preloads stand.
type oraPlace struct {
	by     *oraRelation // by which the rows were loaded that the preloads are for
	path   string
	level  int
	own    map[*oraRelation]bool // what is loaded onto those rows
	lifted []oraLift
	owner  map[*oraRelation]bool // what is loaded onto the rows that they were loaded for
}

// oraPlansAt returns the plans of the rows at a place, the relation that leads back to their owner if that is asked
// for, and the plans that this gives the owner. The way back is free unless what is asked for below it is loaded
// onto the owner anyway: then the two could differ, and a statement fetches the owner again.
func oraPlansAt(preloads []*oraPreload, at oraPlace) (plans []*oraPlan, back *oraRelation, below []*oraPlan) {
	for _, p := range preloads {
		at.own[p.rel] = true
	}
	each := oraVariants(preloads)
	found := make([]*oraPlan, len(each))
	plan := func(i int, leadsBack bool, lifted []oraLift) {
		p, path := each[i], at.pathTo(each[i].rel)
		n := &oraPlan{rel: p.rel, spec: p.spec, path: path, level: at.level, again: leadsBack, lifted: lifted}
		n.kids, n.back, n.below = oraPlansAt(p.kids,
			oraPlace{by: p.rel, path: path, level: at.level + 1, lifted: lifted, own: map[*oraRelation]bool{}, owner: at.own})
		found[i] = n
	}
	var later []func() // what is fetched is asked for before all others
	for i, p := range each {
		lifted := oraBehind(at.lifted, p.rel.name)
		if p.spec != nil {
			lifted = append(lifted, p.spec.unscoped...)
		}
		if p.rel.isLink {
			found[i] = &oraPlan{rel: p.rel}
			found[i].kids, _, _ = oraPlansAt(p.kids, oraPlace{path: at.pathTo(p.rel), level: at.level, lifted: lifted, own: map[*oraRelation]bool{}})
			continue
		}
		leadsBack := p.spec == nil && at.by != nil && p.rel.name == at.by.back
		switch {
		case leadsBack && !slices.ContainsFunc(p.kids, func(k *oraPreload) bool { return at.owner[k.rel] }):
			back = p.rel
			below, _, _ = oraPlansAt(p.kids, oraPlace{by: p.rel, path: at.pathTo(p.rel), level: at.level, lifted: lifted, own: at.owner})
		case p.fetched:
			plan(i, leadsBack, lifted)
		default:
			later = append(later, func() { plan(i, leadsBack, lifted) })
		}
	}
	for _, plan := range later {
		plan()
	}
	for _, n := range found {
		if n != nil {
			plans = append(append(plans, n), n.below...)
		}
	}
	return plans, back, below
}

func (at oraPlace) pathTo(r *oraRelation) string { return strings.TrimPrefix(at.path+"."+r.name, ".") }

// oraBehind returns what is lifted behind a relation.
func oraBehind(lifts []oraLift, relation string) []oraLift {
	var behind []oraLift
	for _, l := range lifts {
		if l.path == relation {
			behind = append(behind, oraLift{"", l.name})
		} else if rest, ok := strings.CutPrefix(l.path, relation+"."); ok {
			behind = append(behind, oraLift{rest, l.name})
		}
	}
	return behind
}

// ofLink returns the plans of the rows of the join table.
func (p *oraPlan) ofLink() []*oraPlan {
	for _, k := range p.kids {
		if k.rel.isLink {
			return k.kids
		}
	}
	return nil
}

// oraEach calls visit for each plan once.
func oraEach(plans []*oraPlan, visit func(*oraPlan)) {
	for _, p := range plans {
		if !p.rel.isLink { // which needs no statement
			visit(p)
		}
		oraEach(p.kids, visit)
	}
}

// oraVariants puts the relations that lead to one table in the place of those that lead to several. What is loaded below such
// a one is loaded onto the rows that have it.
func oraVariants(preloads []*oraPreload) []*oraPreload {
	var each []*oraPreload
	for _, p := range preloads {
		if p.rel.variants == nil {
			each = append(each, p)
		}
		for _, v := range p.rel.variants {
			variant := &oraPreload{rel: v}
			for _, k := range p.kids {
				if r := v.related.relation(k.rel.name); r != nil {
					kid := *k
					kid.rel = r
					variant.kids = append(variant.kids, &kid)
				}
			}
			each = append(each, variant)
		}
	}
	return each
}

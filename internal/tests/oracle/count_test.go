package oracle_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// What a case is about, so that a run can say what it met.

// count notes what the case is about.
func (c *oraCase) count(want []*oraRow, plans []*oraPlan) {
	c.meet("rows", len(want) > 0)
	c.meet("no rows", len(want) == 0)
	c.meet("total order", c.spec.total())
	c.meet("any order", !c.spec.total())
	c.meet("scope", len(c.spec.table.scopes) > 0)
	c.meet("unscoped", len(c.spec.unscoped) > 0)
	c.meet("preload", len(plans) > 0)
	c.meet("before", c.spec.before != nil)
	c.meet("null position", slices.Contains(c.spec.after, nil) || slices.Contains(c.spec.before, nil))
	for _, j := range c.spec.joins {
		c.meet("join", !j.left)
		c.meet("left join", j.left)
	}
	c.countSpec(c.spec)
	oraEach(plans, func(p *oraPlan) {
		c.meet("through", len(p.rel.via) > 0)
		c.meet("several ways", p.rel.ways)
		c.meet("morph", len(p.rel.steps[0].toIs)+len(p.rel.steps[0].fromIs) > 0)
		c.meet("morph to", p.rel.variant && p.sent)
		c.meet("below morph to", p.rel.variant && len(p.kids) > 0)
		c.meet("relation condition", p.rel.where != nil)
		c.meet("declared order", len(p.rel.order) > 0)
		c.meet("first of several", len(p.rel.first) > 0)
		c.meet("by a condition", p.rel.on != nil)
		c.meet("preload deep", p.level > 2)
		c.meet("owner by inverse", p.back != nil)
		c.meet("owner fetched again", p.again)
		c.meet("linked", p.rel.linked)
		c.meet("preload behind a link", len(p.ofLink()) > 0)
		c.meet("table that is a query", p.rel.related.query != "" || p.rel.linked && p.rel.joinTable().query != "")
		if p.spec == nil {
			return
		}
		c.countSpec(p.spec)
		c.meet("preload limit", p.spec.limit >= 0)
		c.meet("linked limit", p.rel.linked && p.spec.limit >= 0)
		c.meet("preload after", p.spec.after != nil)
		c.meet("preload value", len(p.spec.values) > 0)
	})
}

// countSpec notes what any query, that of a preload too, is about.
func (c *oraCase) countSpec(s *oraSpec) {
	c.meet("distinct", s.distinct)
	c.meet("limit", s.limit >= 0)
	c.meet("offset", s.offset >= 0)
	c.meet("after", s.after != nil)
	for _, j := range s.joins {
		c.meet("join behind a link", oraBehindLink(j.path))
	}
	for _, a := range s.values {
		c.meet("value behind a link", oraBehindLink(a.path))
		c.meet("value star", oraStarred(a.path))
		c.meet("value several ways", a.path[0].ways && !a.distinct && slices.Contains([]string{"count", "sum", "avg"}, a.fn))
		c.meet("value "+a.fn, true)
		c.meet("value where", len(a.where) > 0)
		c.meet("link value", a.ref.link)
	}
	for _, o := range s.order {
		c.meet("order by value", o.ref.value != nil)
		c.meet("order by link", o.ref.link)
	}
	var walk func(p *oraPred)
	walk = func(p *oraPred) {
		c.meet(p.op, strings.HasPrefix(p.op, "has ") || slices.Contains([]string{"matching", "contains", "starts", "ends"}, p.op))
		c.meet("where value", p.ref.value != nil)
		c.meet("where link", p.ref.link)
		c.meet("where column", p.with != nil)
		c.meet("where self", p.ref.self)
		c.meet("where outer", p.ref.up > 0)
		c.meet("where outer path", p.ref.up > 0 && len(p.ref.path) > 0)
		c.meet("where behind a link", oraBehindLink(p.ref.path))
		c.meet("has behind a link", oraBehindLink(p.path))
		c.meet(p.op+" star", oraStarred(p.path))
		c.meet("where shared name", p.ref.shared())
		for _, k := range p.kids {
			walk(k)
		}
	}
	for _, p := range s.where {
		walk(p)
	}
}

func oraBehindLink(path []*oraRelation) bool {
	return slices.ContainsFunc(path, func(r *oraRelation) bool { return r.isLink })
}

func oraStarred(path []*oraRelation) bool {
	return slices.ContainsFunc(path, func(r *oraRelation) bool { return r.followed != nil })
}

var oraExplained = regexp.MustCompile(`statements: (\d+), round trips: (\d+)`)

// checkExplained compares the numbers that Explain gives with those of running the query: a statement for every plan, of
// which those are left out that no owner has a key for.
func (c *oraCase) checkExplained(q oraQuery, plans []*oraPlan, rec *kit.Recorder) error {
	text, err := q.explain(c.d.DB.Dialect())
	if err != nil {
		return err
	}
	found := oraExplained.FindStringSubmatch(text)
	if found == nil {
		return fmt.Errorf("Explain says no numbers:\n%s", text)
	}
	statements, _ := strconv.Atoi(found[1])
	trips, _ := strconv.Atoi(found[2])
	all, sent, deepest := 1, 1, 0
	oraEach(plans, func(p *oraPlan) {
		if all++; p.sent {
			sent++
		}
		deepest = max(deepest, p.level)
	})
	if statements != all || trips != 1+deepest {
		return oraMismatch("the statements and round trips that Explain says", found[1:], []int{all, 1 + deepest})
	}
	if all == sent && (len(rec.Stmts)-rec.Lookups() != statements || rec.Trips != trips) {
		return oraMismatch("statements and round trips of Explain and of running", found[1:], []int{len(rec.Stmts), rec.Trips})
	}
	c.meet("explained", all == sent && all > 2)
	return nil
}

package oracle_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// Relations between answers of the library: each case checks one of them. That the sizes of chunks make no difference is not
// among them, because they cannot be set: a preload sends all keys in one statement, and the thousand rows of a chunk of
// Each are more than there are here. The tests of Each and of many keys have enough rows.

// checkRelations picks the relation to check by turns.
func (c *oraCase) checkRelations(rows []reflect.Value, want []*oraRow) error {
	checks := []func([]reflect.Value, []*oraRow) error{
		c.checkChildQuery, c.checkHasIsJoin, c.checkLeftJoinKeeps, c.checkPreloadKeepsRoots, c.checkPreloadsCommute,
		c.checkPages, c.checkWhereSplit, c.checkLoad, c.checkShuffledRows, c.checkUnrelated, c.checkInverse,
		c.checkTextStable,
		c.checkSingle, c.checkSingle, c.checkFetch, c.checkFetch,
	}
	return checks[c.g.IntN(len(checks))](rows, want)
}

// texts runs a query and returns its rows as text, without what is loaded onto them.
func (c *oraCase) texts(s *oraSpec) ([]string, error) {
	rows, err := s.build().all(c.ctx, c.d.DB)
	if err != nil {
		return nil, fmt.Errorf("query %s failed: %w", s, err)
	}
	return oraRootTexts(s.table, rows), nil
}

func oraRootTexts(t *oraTable, rows []reflect.Value) []string {
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = oraStructText(t, row.Elem())
	}
	return texts
}

// same runs two queries that must have the same rows.
func (c *oraCase) same(what string, a, b *oraSpec, ordered bool) error {
	got, err := c.texts(a)
	if err != nil {
		return err
	}
	want, err := c.texts(b)
	if err != nil {
		return err
	}
	if err := oraEqual(what, got, want, ordered); err != nil {
		return fmt.Errorf("%w\nfirst query:\n%s\nsecond query:\n%s", err, a, b)
	}
	return nil
}

func oraPlain(t *oraTable) *oraSpec { return &oraSpec{table: t, limit: -1, offset: -1} }

// checkChildQuery: what is preloaded for an owner is what a query for its key finds.
func (c *oraCase) checkChildQuery(rows []reflect.Value, _ []*oraRow) error {
	plans := oraPlansIn(c.spec)
	for _, p := range plans {
		if len(p.rel.steps) > 1 || p.rel.where != nil || p.rel.chooses() || len(p.rel.order)+len(p.rel.steps[0].fromIs)+len(p.rel.steps[0].toIs) > 0 {
			continue
		}
		for _, row := range rows[:min(2, len(rows))] {
			s := oraPlain(p.rel.related)
			if p.spec != nil {
				*s = *p.spec
			}
			s.unscoped, s.part, s.where = p.lifted, true, slices.Clone(s.where)
			null := false
			for i, to := range p.rel.steps[0].to {
				from := c.spec.table.columns[p.rel.steps[0].from[i]]
				key := oraScalar(row.Elem().FieldByName(from.field))
				null = null || key == nil
				s.where = append(s.where, &oraPred{op: "=", ref: oraRef{col: p.rel.related.columns[to]}, arg: key})
			}
			if null {
				continue
			}
			s.order = slices.Clone(s.order)
			for _, k := range s.missingKey() {
				s.order = append(s.order, oraOrderTerm{ref: oraRef{col: k}})
			}
			want, err := c.texts(s)
			if err != nil {
				return err
			}
			if !p.rel.many { // one pointer, however often the query finds the row
				want = slices.Compact(want)
			}
			got := oraRootTexts(p.rel.related, oraFieldRows(row.Elem(), p.rel))
			if err := oraEqual(p.path+" and a query for one owner", got, want, len(p.rel.related.key) > 0); err != nil {
				return err
			}
			c.meet("child query", true)
		}
	}
	return nil
}

// relationPred draws a path from the case's table and conditions on its own columns.
func (c *oraCase) relationPred() ([]*oraRelation, []*oraPred) {
	path := c.g.path(c.spec.table, 1+c.g.IntN(2), func(*oraRelation) bool { return true })
	if path == nil || len(c.spec.table.key) == 0 {
		return nil, nil
	}
	var preds []*oraPred
	for range c.g.IntN(3) {
		preds = append(preds, c.g.leaf(&oraScope{table: path[len(path)-1].related, root: c.spec.table, at: oraPath(path)}))
	}
	return path, preds
}

// checkHasIsJoin: the rows that an inner join leaves, each once, are those that have related rows, and HasNone is
// the rest.
func (c *oraCase) checkHasIsJoin([]reflect.Value, []*oraRow) error {
	path, preds := c.relationPred()
	if path == nil {
		return nil
	}
	join, has, none := oraPlain(c.spec.table), oraPlain(c.spec.table), oraPlain(c.spec.table)
	join.joins = []*oraJoin{{path: path, on: preds}}
	join.distinct = true
	has.where = []*oraPred{{op: "has", path: path, kids: preds}}
	none.where = []*oraPred{{op: "has none", path: path, kids: preds}}
	if err := c.same("an inner join with Distinct and Has", join, has, false); err != nil {
		return err
	}
	with, err := c.texts(has)
	if err != nil {
		return err
	}
	without, err := c.texts(none)
	if err != nil {
		return err
	}
	all, err := c.texts(oraPlain(c.spec.table))
	if err != nil {
		return err
	}
	c.meet("has is join", len(with) > 0 && len(without) > 0)
	return oraEqual("Has with HasNone and all rows", append(with, without...), all, false)
}

// checkLeftJoinKeeps: a left join drops no row, whatever its conditions.
func (c *oraCase) checkLeftJoinKeeps([]reflect.Value, []*oraRow) error {
	path, preds := c.relationPred()
	if path == nil {
		return nil
	}
	c.meet("left join keeps", true)
	joined := oraPlain(c.spec.table)
	joined.joins = []*oraJoin{{path: path, left: true, on: preds}}
	joined.distinct = true
	return c.same("a left join with Distinct and all rows", joined, oraPlain(c.spec.table), false)
}

// checkPreloadKeepsRoots: preloads change neither the rows nor their order.
func (c *oraCase) checkPreloadKeepsRoots(rows []reflect.Value, _ []*oraRow) error {
	if len(c.spec.preloads) == 0 {
		return nil
	}
	bare := *c.spec
	bare.preloads, bare.part = nil, true
	want, err := c.texts(&bare)
	if err != nil {
		return err
	}
	c.meet("preload keeps roots", len(want) > 0)
	return oraEqual("rows with and without preloads", oraRootTexts(c.spec.table, rows), want, c.spec.total())
}

// checkPreloadsCommute: preloads in another order, named by their longest paths alone, or named twice are the same.
func (c *oraCase) checkPreloadsCommute(_ []reflect.Value, want []*oraRow) error {
	if len(c.spec.preloads) == 0 {
		return nil
	}
	bare := *c.spec
	bare.preloads = nil
	for _, way := range []string{"reversed", "prefix", "twice"} {
		preloads := c.spec.preloads
		if way == "reversed" {
			preloads = oraReversed(preloads)
		}
		rows, err := oraPreloadAnew(bare.build(), preloads, "", way).all(c.ctx, c.d.DB)
		if err := c.loaded("preloads "+way, rows, err, preloads, want); err != nil {
			return err
		}
		c.meet(way, len(rows) > 0)
	}
	return nil
}

// oraReversed returns preloads, and those below them, in reverse.
func oraReversed(preloads []*oraPreload) []*oraPreload {
	reversed := make([]*oraPreload, 0, len(preloads))
	for _, p := range slices.Backward(preloads) {
		again := *p
		again.kids = oraReversed(p.kids)
		reversed = append(reversed, &again)
	}
	return reversed
}

// oraPreloadAnew adds the preloads in one of the ways that must make no difference.
func oraPreloadAnew(q oraQuery, preloads []*oraPreload, prefix, way string) oraQuery {
	for _, p := range preloads {
		path := prefix + p.rel.name
		switch {
		case p.rel.isLink:
		case p.spec != nil:
			sub := p.spec.build().untyped()
			q = q.preload(path, sub)
			if way == "twice" {
				q = q.preload(path, sub)
			}
		case way == "twice":
			q = q.preload(path).preload(path)
		case way != "prefix" || len(p.kids) == 0:
			q = q.preload(path)
		}
		q = oraPreloadAnew(q, p.kids, path+".", way)
	}
	return q
}

// checkPages: a limit is the beginning of the whole, and pages make up the whole.
func (c *oraCase) checkPages([]reflect.Value, []*oraRow) error {
	if len(c.spec.table.key) == 0 || c.spec.fansOutWithLimit() {
		return nil
	}
	whole := *c.spec
	whole.preloads, whole.before, whole.limit, whole.offset, whole.part = nil, nil, -1, -1, true
	whole.order = slices.Clone(whole.order)
	for _, k := range whole.missingKey() {
		whole.order = append(whole.order, oraOrderTerm{ref: oraRef{col: k}})
	}
	want, err := c.texts(&whole)
	if err != nil {
		return err
	}
	size := 1 + c.g.IntN(3)
	var got []string
	for at := 0; at <= len(want); at += size {
		page := whole
		page.limit, page.offset = size, at
		texts, err := c.texts(&page)
		if err != nil {
			return err
		}
		got = append(got, texts...)
	}
	c.meet("pages", len(want) > size)
	return oraEqual("pages of "+strconv.Itoa(size)+" and the whole", got, want, true)
}

// checkWhereSplit: two conditions, their conjunction, and what both let through are the same.
func (c *oraCase) checkWhereSplit([]reflect.Value, []*oraRow) error {
	t := c.spec.table
	if len(t.key) == 0 {
		return nil
	}
	scope := &oraScope{table: t, implicit: true}
	p, q := c.g.pred(scope, 2), c.g.pred(scope, 2)
	one, two, both, joined := oraPlain(t), oraPlain(t), oraPlain(t), oraPlain(t)
	one.where, two.where, both.where = []*oraPred{p}, []*oraPred{q}, []*oraPred{p, q}
	joined.where = []*oraPred{{op: "and", kids: []*oraPred{p, q}}}
	if err := c.same("Where twice and And", both, joined, false); err != nil {
		return err
	}
	first, err := c.texts(one)
	if err != nil {
		return err
	}
	second, err := c.texts(two)
	if err != nil {
		return err
	}
	got, err := c.texts(both)
	if err != nil {
		return err
	}
	c.meet("where split", len(first) > len(got) && len(second) > len(got))
	for _, pred := range []*oraPred{p, q} {
		if pred.namesRequired() {
			return nil // the inner join that one condition makes drops rows that the other lets through
		}
	}
	want := slices.DeleteFunc(first, func(text string) bool { return !slices.Contains(second, text) })
	return oraEqual(fmt.Sprintf("Where of both and the intersection of %s and %s", p, q), got, want, false)
}

// namesRequired reports whether the condition names a row that cannot be missing, and so is joined by an inner join.
func (p *oraPred) namesRequired() bool {
	return p.names(func(ref oraRef) bool {
		return slices.ContainsFunc(ref.path, func(r *oraRelation) bool { return !r.optional && !r.isLink })
	})
}

// checkLoad: Load onto rows in hand, in any order, loads what Preload does.
func (c *oraCase) checkLoad(rows []reflect.Value, want []*oraRow) error {
	for _, p := range c.spec.preloads {
		if len(c.spec.unscoped) > 0 {
			break // Load is not told of it
		}
		alone := *c.spec
		alone.preloads = []*oraPreload{p}
		preloaded, err := alone.build().all(c.ctx, c.d.DB)
		if err := c.loaded("the only preload "+p.rel.name, preloaded, err, alone.preloads, want); err != nil {
			return err
		}
		alone.preloads = nil
		inHand, err := alone.build().all(c.ctx, c.d.DB)
		if err != nil {
			return err
		}
		c.g.Shuffle(len(inHand), func(i, j int) { inHand[i], inHand[j] = inHand[j], inHand[i] })
		sub := p.spec
		if p.rel.variants != nil && len(p.kids) > 0 {
			continue // they are no query's for one table
		}
		if sub == nil && len(p.kids) == 0 {
			err = c.q.load(c.ctx, c.d.DB, inHand, p.rel.name)
		} else {
			if sub == nil {
				sub = oraPlain(p.rel.related)
			}
			err = c.q.load(c.ctx, c.d.DB, inHand, p.rel.name, sub.buildWith(p.kids).untyped())
		}
		if err := c.loaded("Load "+p.rel.name, inHand, err, []*oraPreload{p}, want); err != nil {
			return err
		}
		c.meet("load", len(rows) > 0)
	}
	return nil
}

// loaded compares the case's rows, onto which other preloads were loaded than the case's, with what the oracle expects
// of those; their order is not its concern. Fewer preloads may fail where more do not: what is asked of the owners by
// way of what they own is asked of all of them.
func (c *oraCase) loaded(what string, rows []reflect.Value, err error, preloads []*oraPreload, want []*oraRow) error {
	return c.loadedBy(what, rows, err, &oraSpec{preloads: preloads, unscoped: c.spec.unscoped, values: c.spec.values}, want)
}

func (c *oraCase) loadedBy(what string, rows []reflect.Value, err error, by *oraSpec, want []*oraRow) error {
	plans := oraPlansIn(by)
	tree := &oraTree{data: c.data, spec: by}
	expected := tree.rows(want, plans)
	if tree.several || tree.none {
		return c.checkFailure(tree, err)
	}
	if err != nil {
		return fmt.Errorf("%s failed: %w", what, err)
	}
	got, strangers := oraTexts(c.spec.table, rows, plans)
	if len(strangers) > 0 {
		return fmt.Errorf("%s: pointers back to an owner lead elsewhere: %v", what, strangers)
	}
	return oraEqual(what, got, expected, false)
}

// checkShuffledRows: the order in which rows were inserted shows nowhere but where no order was asked for.
func (c *oraCase) checkShuffledRows(rows []reflect.Value, _ []*oraRow) error {
	plans := oraPlansIn(c.spec)
	want, _ := oraTexts(c.spec.table, rows, plans)
	c.d.Exec(c.tb, c.data.insert(c.g.Rand))
	again, err := c.q.all(c.ctx, c.d.DB)
	if err != nil {
		return err
	}
	got, _ := oraTexts(c.spec.table, again, plans)
	c.meet("shuffle", len(rows) > 1)
	return oraEqual("rows after their tables were shuffled", got, want, c.spec.total())
}

// checkTextStable: the same query is the same text, and what is derived from a query leaves it as it was.
func (c *oraCase) checkTextStable([]reflect.Value, []*oraRow) error {
	first, err := c.q.explain(c.d.DB.Dialect())
	if err != nil {
		return err
	}
	c.q.distinct().orderBy(c.spec.table.identity()[0].name).limit(1).preload("x").where("1 = 2")
	again, err := c.q.explain(c.d.DB.Dialect())
	if err != nil {
		return err
	}
	anew, err := c.spec.build().explain(c.d.DB.Dialect())
	if err != nil {
		return err
	}
	c.meet("text stable", true)
	if again != first {
		return oraMismatch("the text before and after a query was derived", again, first)
	}
	if anew != first {
		return oraMismatch("the texts of one query built twice", anew, first)
	}
	return nil
}

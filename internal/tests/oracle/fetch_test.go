package oracle_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail"
)

// checkFetch: relations that come with the rows of a statement are those that preloads load, whichever of the case's
// relations are fetched and whichever preloaded, above, below and inside each other.
func (c *oraCase) checkFetch([]reflect.Value, []*oraRow) error {
	preloads := c.someFetched(c.spec.preloads, nil, true)
	if len(preloads) == 0 {
		preloads = c.someFetched(c.g.preloads(c.spec.table, 3), nil, true)
	}
	plain := oraPlain(c.spec.table)
	if c.g.chance(2) {
		c.g.values(plain)
		plain.where = append(plain.where, c.g.pred(&oraScope{table: plain.table, values: plain.values}, 1))
		c.g.order(plain, &oraScope{table: plain.table, values: plain.values})
	}
	q := oraFetchAnew(plain.build(), preloads, "")
	rows, err := q.all(c.ctx, c.d.DB)
	if errors.Is(err, dovetail.ErrInvalidQuery) && oraKeyless(plain.table, preloads) {
		c.meet("fetch without keys", strings.Contains(err.Error(), "primary key"))
		return nil
	}
	want := c.data.run(plain, c.data.rows[plain.table])
	describe := func(err error) error {
		if err == nil {
			return nil
		}
		explained, _ := q.explain(c.d.DB.Dialect())
		return fmt.Errorf("%w\nof\n%s", err, explained)
	}
	if err := c.loadedBy("fetched", rows, err, &oraSpec{preloads: preloads, values: plain.values}, want); err != nil {
		return describe(err)
	}
	if err == nil && plain.total() { // a row comes where it first appears
		if err := oraEqual("order of rows fetched with others", oraRootTexts(plain.table, rows), oraRowTexts(want), true); err != nil {
			return describe(err)
		}
	}
	c.meet("fetch beside values", len(rows) > 0 && len(plain.values) > 0)
	if n, err := q.count(c.ctx, c.d.DB); err != nil || int(n) != len(want) && !oraSeveral(c, preloads, want) {
		return describe(fmt.Errorf("expected Count to be %d, got %d, %w", len(want), n, err))
	}
	c.meet("fetch", len(rows) > 0)
	return nil
}

func oraRowTexts(rows []*oraRow) []string {
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = row.text()
	}
	return texts
}

// oraSeveral reports whether a to-one relation has several rows, which is an error of All, and no concern of Count.
func oraSeveral(c *oraCase, preloads []*oraPreload, want []*oraRow) bool {
	tree := &oraTree{data: c.data, spec: oraPlain(c.spec.table)}
	tree.rows(want, oraPlans(preloads))
	return tree.several
}

// someFetched returns the preloads without their queries, and some of them fetched: any whose owners are fetched too, but
// not what is below the way back to an owner. Some of the others get a query, in which what is below them is fetched.
func (c *oraCase) someFetched(preloads []*oraPreload, by *oraRelation, mayFetch bool) []*oraPreload {
	var all []*oraPreload
	for _, p := range preloads {
		again := &oraPreload{rel: p.rel}
		if p.rel.variants != nil || p.rel.isLink {
			again.kids = c.someFetched(p.kids, p.rel, false)
			all = append(all, again)
			continue
		}
		back := by != nil && p.rel.name == by.back
		switch {
		case mayFetch && !c.g.chance(4):
			again.fetched = true
			again.kids = c.someFetched(p.kids, p.rel, !back)
		case c.g.chance(2):
			again.spec, again.nested = oraPlain(p.rel.related), true
			if c.g.chance(3) {
				c.g.values(again.spec)
			}
			again.kids = c.someFetched(p.kids, p.rel, true)
		default:
			again.kids = c.someFetched(p.kids, p.rel, false)
		}
		all = append(all, again)
	}
	return all
}

// oraFetchAnew adds the preloads below a path, those that are fetched by Fetch.
func oraFetchAnew(q oraQuery, preloads []*oraPreload, prefix string) oraQuery {
	for _, p := range preloads {
		path := prefix + p.rel.name
		switch {
		case p.rel.isLink:
			q = oraFetchAnew(q, p.kids, path+".")
		case p.fetched:
			q = oraFetchAnew(q.fetch(path), p.kids, path+".")
		case p.nested:
			q = q.preload(path, oraFetchAnew(p.spec.build(), p.kids, "").untyped())
		default:
			q = oraFetchAnew(q.preload(path), p.kids, path+".")
		}
	}
	return q
}

// oraKeyless reports whether a table without a primary key takes part, be it a join table.
func oraKeyless(t *oraTable, preloads []*oraPreload) bool {
	return len(t.key) == 0 || slices.ContainsFunc(oraVariants(preloads), func(p *oraPreload) bool {
		return p.rel.joinTable() != nil && len(p.rel.joinTable().key) == 0 || oraKeyless(p.rel.related, p.kids)
	})
}

package oracle_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail"
)

// checkGroups: the groups of the case's rows, their sizes, and which of them are large enough.
func (c *oraCase) checkGroups() error {
	s := c.bare()
	s.values, s.distinct, s.order = nil, false, nil
	s.where = c.withoutValues(s.where)
	least := 1 + c.g.IntN(2)
	var names []string
	var columns []*oraColumn
	for range 1 + c.g.IntN(2) {
		col := c.g.column(s.table, true)
		if slices.Contains(columns, col) {
			continue
		}
		names, columns = append(names, col.name), append(columns, col)
	}
	q := s.build().columns(names...).groupBy(names, "count(*) AS number_of", "count(*) >= ?", least)
	if s.sideBySide() {
		c.meet("groups refused", true)
		return c.refuses(dovetail.ErrFanOut, q)
	}
	groups, err := dovetail.Collect[map[string]any](c.ctx, c.d.DB, q.untyped())
	if err != nil {
		return fmt.Errorf("groups by %v failed: %w", names, err)
	}
	var got, want []string
	for _, g := range groups {
		text := ""
		for _, col := range columns {
			v := g[col.name]
			if col.kind == oraUUID {
				v = oraAsUUID(v)
			}
			text += oraValueText(v) + " "
		}
		got = append(got, fmt.Sprint(text, g["number_of"]))
	}
	sizes := map[string]int{}
	for _, row := range c.data.run(s, c.data.rows[s.table]) {
		text := ""
		for _, col := range columns {
			text += oraValueText(row.vals[s.table.index(col)]) + " "
		}
		sizes[text]++
	}
	for text, n := range sizes {
		if n >= least {
			want = append(want, fmt.Sprint(text, n))
		}
	}
	c.meet("groups", len(want) > 1)
	if err := oraEqual("groups by "+strings.Join(names, ", "), got, want, false); err != nil {
		return err
	}
	if n, err := q.count(c.ctx, c.d.DB); err != nil || int(n) != len(want) {
		return fmt.Errorf("groups by %v: Count says %d of %d, %w", names, n, len(want), err)
	}
	return nil
}

// checkCounts: Count and Exists say how many rows there are of the key beside a column of each join, once each, and of an
// aggregate.
func (c *oraCase) checkCounts() error {
	s := c.bare()
	s.values, s.distinct, s.order = nil, false, nil
	s.where = c.withoutValues(s.where)
	var names []string
	for _, key := range s.table.key {
		names = append(names, key.name)
	}
	many := false
	for i, path := range s.joinedPaths() {
		col := c.g.column(path[len(path)-1].related, true)
		names = append(names, fmt.Sprintf("%s.%s AS of_%d", oraPath(path), col.name, i))
		many = many || path[len(path)-1].many
	}
	if len(names) > 0 {
		if err := c.counts("rows of "+strings.Join(names, ", "), s.build().columns(names...).distinct()); err != nil {
			return err
		}
		c.meet("counted beside the key", many && len(s.table.key) > 0)
	}
	c.meet("counted aggregate", true)
	return c.counts("rows of an aggregate", s.build().aggregate("count(*) AS number_of"))
}

// counts compares the numbers that a query says of its rows with its rows.
func (c *oraCase) counts(what string, q oraQuery) error {
	rows, err := dovetail.Collect[map[string]any](c.ctx, c.d.DB, q.untyped())
	if err != nil {
		return fmt.Errorf("%s failed: %w", what, err)
	}
	n, err := q.count(c.ctx, c.d.DB)
	if err != nil || int(n) != len(rows) {
		return fmt.Errorf("%s: Count says %d of %d, %w", what, n, len(rows), err)
	}
	found, err := q.exists(c.ctx, c.d.DB)
	if err != nil || found != (n > 0) {
		return fmt.Errorf("%s: Exists says %t of %d, %w", what, found, n, err)
	}
	return nil
}

// sideBySide reports whether two lists are joined that multiply each other.
func (s *oraSpec) sideBySide() bool {
	paths := s.joinedPaths()
	for _, a := range paths {
		for _, b := range paths {
			one, other := oraPath(a)+".", oraPath(b)+"."
			if a[len(a)-1].many && b[len(b)-1].many && !strings.HasPrefix(one, other) && !strings.HasPrefix(other, one) {
				return true
			}
		}
	}
	return false
}

// withoutValues returns the conditions that name no value of With.
func (c *oraCase) withoutValues(preds []*oraPred) []*oraPred {
	var list []*oraPred
	for _, p := range preds {
		if !p.names(func(r oraRef) bool { return r.value != nil }) {
			list = append(list, p)
		}
	}
	return list
}

// names reports whether the condition has a name of a kind.
func (p *oraPred) names(kind func(oraRef) bool) bool {
	if p.ref.col != nil && kind(p.ref) || p.with != nil && kind(*p.with) {
		return true
	}
	for _, k := range p.kids {
		if k.names(kind) {
			return true
		}
	}
	return false
}

package oracle_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"
)

// Partitions: a condition, its negation, and that it is unknown divide the rows between them.

// oraThree is a condition with the two others that it divides rows with. NULL has a part only where SQL says so.
type oraThree [3]squirrel.Sqlizer

// three draws a condition on the scope's own rows.
func (c *oraCase) three(s *oraScope) (oraThree, string) {
	if c.g.chance(3) {
		if p := c.g.has(s, 1); p.op == "has" || p.op == "has none" {
			not := *p
			not.op = map[string]string{"has": "has none", "has none": "has"}[p.op]
			return oraThree{p.build(), not.build()}, p.String()
		}
	}
	text, args := c.g.text(s, 2)
	return oraThree{
		squirrel.Expr(text, args...), squirrel.Expr("NOT ("+text+")", args...), squirrel.Expr("("+text+") IS NULL", args...),
	}, text
}

// text draws a condition as SQL text, without parentheses around it.
func (g *oraGenerator) text(s *oraScope, depth int) (string, []any) {
	if depth > 0 && g.chance(2) {
		left, args := g.text(s, depth-1)
		right, more := g.text(s, depth-1)
		return fmt.Sprintf("(%s) %s (%s)", left, oraPick(g, []string{"AND", "OR"}), right), append(args, more...)
	}
	p := g.leaf(s)
	for p.with != nil || !slices.Contains([]string{"=", "<>", "<", "<=", ">", ">=", "null", "not null"}, p.op) {
		p = g.leaf(s)
	}
	name := p.ref.String()
	if p.ref.plain() && p.ref.root == nil && !p.ref.self { // a bare name in text is the database's to resolve
		name = s.table.name + "." + name
	}
	switch p.op {
	case "null", "not null":
		return name + " IS " + strings.ToUpper(p.op), nil
	}
	if g.chance(2) {
		return "NOT " + name + " " + p.op + " ?", []any{p.arg}
	}
	return name + " " + p.op + " ?", []any{p.arg}
}

// checkPartition: the rows of the case's query are those for which a condition holds, those for which it does not, and those
// for which it is unknown.
func (c *oraCase) checkPartition() error {
	s := c.bare()
	if !c.g.plainName(s.table) {
		return nil
	}
	three, text := c.three(&oraScope{table: s.table, joined: s.joinedPaths()})
	want, err := c.texts(s)
	if err != nil {
		return err
	}
	var parts []string
	filled := 0
	for _, p := range three {
		if p == nil {
			continue
		}
		rows, err := s.build().where(p).all(c.ctx, c.d.DB)
		if err != nil {
			return fmt.Errorf("with %s: %w", text, err)
		}
		n, err := s.build().where(p).count(c.ctx, c.d.DB)
		if err != nil || int(n) != len(rows) {
			return fmt.Errorf("with %s: %d rows, Count says %d, %w", text, len(rows), n, err)
		}
		if parts = append(parts, oraRootTexts(s.table, rows)...); len(rows) > 0 {
			filled++
		}
	}
	what := "the parts by " + text + " and the whole"
	if s.distinct && len(s.joins) > 0 { // a row may be in several parts, by several of its joined rows
		parts, want = oraSet(parts), oraSet(want)
	}
	c.meet("partition", filled > 1)
	return oraEqual(what, parts, want, false)
}

// checkPartitionBelow: the lists that preloads load make up the whole list, when their condition divides the rows.
func (c *oraCase) checkPartitionBelow() error {
	t := c.spec.table
	if len(t.key) == 0 || len(t.relations) == 0 || !c.g.plainName(t) {
		return nil
	}
	r := oraPick(c.g, t.relations)
	if r.value && !r.many || r.single && c.data.dirty[r.related] {
		return nil
	}
	three, text := c.three(&oraScope{table: r.related, link: r.joinTable()})
	root := oraPlain(t)
	root.order = root.ordered(nil)
	load := func(q oraQuery) ([][]string, error) {
		rows, err := root.build().preload(r.name, q.untyped()).all(c.ctx, c.d.DB)
		lists := make([][]string, len(rows))
		for i, row := range rows {
			lists[i] = oraRootTexts(r.related, oraFieldRows(row.Elem(), r))
		}
		return lists, err
	}
	want, err := load(r.related.open())
	if err != nil {
		return err
	}
	got := make([][]string, len(want))
	filled := 0
	for _, p := range three {
		if p == nil {
			continue
		}
		part, err := load(r.related.open().where(p))
		if err != nil || len(part) != len(got) {
			return fmt.Errorf("%s with %s: %d rows for %d, %w", r.name, text, len(part), len(got), err)
		}
		for i, list := range part {
			got[i] = append(got[i], list...)
			filled += len(list)
		}
	}
	for i := range got {
		if err := oraEqual("the lists of "+r.name+" by "+text+" and the whole", got[i], want[i], false); err != nil {
			return err
		}
	}
	c.meet("partition below", filled > 0)
	return nil
}

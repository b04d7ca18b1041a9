package oracle_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Conditions as SQL written by hand, in the plainest form there is: values as literals, and a subquery for every row that a
// name leads to. What the library makes of the same condition must find as many rows.

// checkNaive: as many rows meet a condition as there are for which the condition by hand is true.
func (c *oraCase) checkNaive() error {
	t := c.spec.table
	if t.group == "ruled" { // what always holds of a table is not written here
		return nil
	}
	p := c.g.pred(&oraScope{table: t, implicit: true}, 2)
	if p.namesRequired() || p.chooses() {
		return nil
	}
	q := oraPlain(t)
	q.where = []*oraPred{p}
	n, err := q.build().count(c.ctx, c.d.DB)
	if err != nil {
		return fmt.Errorf("with %s: %w", p, err)
	}
	w := &oraNaive{}
	root := oraAlias{table: t, name: "r"}
	text := w.pred(p, root, root)
	sql := "SELECT coalesce(sum(CASE WHEN " + text + " THEN 1 ELSE 0 END), 0) FROM " + t.from() + " AS r"
	var want int64
	stmt := dialect.Statement{SQL: sql}
	err = c.d.DB.Run(c.ctx, []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&want); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	c.meet("naive", want > 0)
	if n != want {
		return oraMismatch(fmt.Sprintf("rows with %s and by %s", p, sql), n, want)
	}
	return nil
}

// chooses reports whether the condition goes along a relation that is followed, or is the first of several rows: what is not written here.
func (p *oraPred) chooses() bool {
	some := func(path []*oraRelation) bool {
		return slices.ContainsFunc(path, func(r *oraRelation) bool { return r.followed != nil || len(r.first) > 0 })
	}
	return some(p.path) || p.names(func(ref oraRef) bool { return some(ref.path) }) || slices.ContainsFunc(p.kids, (*oraPred).chooses)
}

// oraNaive numbers the aliases.
type oraNaive struct{ aliases int }

// oraAlias is a table as it is named in the text, with the join table that leads to it.
type oraAlias struct {
	table      *oraTable
	name, link string
	outer      *oraAlias // the row around
	joinTable  *oraTable
}

func (w *oraNaive) alias(t *oraTable) oraAlias {
	w.aliases++
	return oraAlias{table: t, name: "t" + strconv.Itoa(w.aliases)}
}

func oraNaiveColumn(alias string, c *oraColumn) string { return alias + "." + oraQuote(c.name) }

// oraNaiveKey is a column that is matched with another, which may spell it.
func oraNaiveKey(alias string, c, with *oraColumn) string {
	if c.kind == oraInt && with.kind == oraText {
		return "CAST(" + oraNaiveColumn(alias, c) + " AS TEXT)"
	}
	return oraNaiveColumn(alias, c)
}

// oraNaiveAre are the conditions that columns have constants.
func oraNaiveAre(alias string, t *oraTable, values map[int]any) []string {
	var conds []string
	for at, v := range values {
		conds = append(conds, oraNaiveColumn(alias, t.columns[at])+" = "+oraLiteral(v))
	}
	return conds
}

func oraLiteral(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return "'" + strings.ReplaceAll(fmt.Sprint(v), "'", "''") + "'"
}

// from writes the tables along a path from one that is named already, and returns the last with the conditions.
func (w *oraNaive) from(base oraAlias, path []*oraRelation) (tables string, last oraAlias, on string) {
	var names, conds []string
	at := base
	for _, r := range path {
		link := at
		if r.isLink {
			at = oraAlias{table: at.joinTable, name: at.link}
			continue
		}
		if r.symmetric {
			var on string
			link, at, on = w.both(at, r)
			names, conds = append(names, link.table.from()+" AS "+link.name, at.table.from()+" AS "+at.name), append(conds, on)
			at.link, at.joinTable = link.name, link.table
			continue
		}
		for _, s := range r.steps {
			next := w.alias(s.table)
			for i := range s.from {
				from, to := at.table.columns[s.from[i]], s.table.columns[s.to[i]]
				conds = append(conds, oraNaiveKey(at.name, from, to)+" = "+oraNaiveKey(next.name, to, from))
			}
			conds = append(append(conds, oraNaiveAre(at.name, at.table, s.fromIs)...), oraNaiveAre(next.name, s.table, s.toIs)...)
			names = append(names, s.table.from()+" AS "+next.name)
			link, at = at, next
		}
		if r.joinTable() != nil {
			at.link, at.joinTable = link.name, link.table
		}
		if len(r.via) > 0 { // each row once, however many ways lead to it
			inner := strings.Join(conds, " AND ")
			again := w.alias(r.related)
			var same []string
			for _, k := range r.related.key {
				same = append(same, oraNaiveColumn(at.name, k)+" = "+oraNaiveColumn(again.name, k))
			}
			conds = []string{
				"EXISTS (SELECT 1 FROM " + strings.Join(names, ", ") + " WHERE " + inner + " AND " + strings.Join(same, " AND ") + ")",
			}
			names, at = []string{r.related.from() + " AS " + again.name}, again
		}
	}
	return strings.Join(names, ", "), at, strings.Join(conds, " AND ")
}

// both joins the rows of a symmetric relation by a link in either order.
func (w *oraNaive) both(at oraAlias, r *oraRelation) (link, last oraAlias, on string) {
	link, last = w.alias(r.steps[0].table), w.alias(r.related)
	ends := func(near, far int) string {
		return oraNaiveColumn(link.name, link.table.columns[near]) + " = " + oraNaiveColumn(at.name, at.table.columns[r.steps[0].from[0]]) +
			" AND " + oraNaiveColumn(link.name, link.table.columns[far]) + " = " + oraNaiveColumn(last.name, last.table.columns[r.steps[1].to[0]])
	}
	a, b := r.steps[0].to[0], r.steps[1].from[0]
	return link, last, "(" + ends(a, b) + " OR " + ends(b, a) + ")"
}

// value writes what a name stands for.
func (w *oraNaive) value(ref oraRef, base, root oraAlias) string {
	for range ref.up {
		base = *base.outer
	}
	if ref.root != nil && len(ref.path) == 0 {
		base = root
	}
	if len(ref.path) == 0 {
		if ref.link {
			return oraNaiveColumn(base.link, ref.col)
		}
		return oraNaiveColumn(base.name, ref.col)
	}
	tables, last, on := w.from(base, ref.path)
	return "(SELECT " + oraNaiveColumn(last.name, ref.col) + " FROM " + tables + " WHERE " + on + ")"
}

func (w *oraNaive) all(preds []*oraPred, with, otherwise string, base, root oraAlias) string {
	parts := make([]string, len(preds))
	for i, p := range preds {
		parts[i] = "(" + w.pred(p, base, root) + ")"
	}
	if len(parts) == 0 {
		return otherwise
	}
	return strings.Join(parts, with)
}

// pred writes a condition.
func (w *oraNaive) pred(p *oraPred, base, root oraAlias) string {
	switch p.op {
	case "and":
		return w.all(p.kids, " AND ", "1 = 1", base, root)
	case "matching":
		return w.all(p.kids, " AND ", "1 = 1", base, base)
	case "or", "text":
		return w.all(p.kids, " OR ", "1 = 0", base, root)
	case "has", "has none", "has every", "has at least":
		tables, last, on := w.from(base, p.path)
		last.outer = &base
		holds := w.all(p.kids, " AND ", "1 = 1", last, root)
		rest := " FROM " + tables + " WHERE " + on + " AND "
		switch p.op {
		case "has":
			return "EXISTS (SELECT 1" + rest + "(" + holds + "))"
		case "has none":
			return "NOT EXISTS (SELECT 1" + rest + "(" + holds + "))"
		case "has every":
			return "NOT EXISTS (SELECT 1" + rest + "CASE WHEN " + holds + " THEN 1 ELSE 0 END = 0)"
		}
		return "(SELECT count(*)" + rest + "(" + holds + ")) >= " + strconv.Itoa(p.arg.(int))
	case "has all":
		parts := []string{"1 = 1"}
		for _, key := range p.list {
			tables, last, on := w.from(base, p.path)
			parts = append(parts, "EXISTS (SELECT 1 FROM "+tables+" WHERE "+on+" AND "+
				oraNaiveColumn(last.name, last.table.key[0])+" = "+oraLiteral(key)+")")
		}
		return strings.Join(parts, " AND ")
	}
	v := w.value(p.ref, base, root)
	if p.with == nil {
		return p.naive(v)
	}
	op := p.op
	if op == "distinct" {
		op = "IS DISTINCT FROM"
	}
	return v + " " + op + " " + w.value(*p.with, base, root)
}

// naive writes a condition on one value.
func (p *oraPred) naive(v string) string {
	var items []string
	null := false
	for _, item := range p.list {
		if null = null || item == nil; item != nil {
			items = append(items, oraLiteral(item))
		}
	}
	in := "1 = 0"
	if len(items) > 0 {
		in = v + " IN (" + strings.Join(items, ", ") + ")"
	}
	switch p.op {
	case "null":
		return v + " IS NULL"
	case "not null":
		return v + " IS NOT NULL"
	case "distinct":
		return v + " <> " + oraLiteral(p.arg) + " OR " + v + " IS NULL"
	case "in":
		if null {
			return in + " OR " + v + " IS NULL"
		}
		return in
	case "not in":
		if null {
			return "NOT (" + in + ") AND " + v + " IS NOT NULL"
		}
		return "NOT (" + in + ")"
	case "contains":
		return fmt.Sprintf("replace(%s, %s, '') <> %[1]s OR %[2]s = '' AND %[1]s IS NOT NULL", v, oraLiteral(p.arg))
	case "starts":
		return fmt.Sprintf("substr(%s, 1, length(%s)) = %[2]s", v, oraLiteral(p.arg))
	case "ends":
		return fmt.Sprintf("length(%s) >= length(%s) AND substr(%[1]s, length(%[1]s) - length(%[2]s) + 1) = %[2]s", v,
			oraLiteral(p.arg))
	}
	return v + " " + p.op + " " + oraLiteral(p.arg)
}

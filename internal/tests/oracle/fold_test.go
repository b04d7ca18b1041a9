package oracle_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// Joins folded by hand: the rows that a preload loads are also those of a left join, grouped by their owner.

// checkFolds folds every branch of the preloads that a join can say.
func (c *oraCase) checkFolds(rows []reflect.Value, plans []*oraPlan) error {
	if len(c.spec.table.key) == 0 {
		return nil
	}
	return c.foldBelow(rows, nil, plans)
}

func (c *oraCase) foldBelow(rows []reflect.Value, above, plans []*oraPlan) error {
	for _, p := range plans {
		branch := append(slices.Clip(above), p)
		if !p.joinable() {
			continue
		}
		if len(p.kids) > 0 && len(p.rel.related.key) > 0 {
			if err := c.foldBelow(rows, branch, p.kids); err != nil {
				return err
			}
			if slices.ContainsFunc(p.kids, (*oraPlan).joinable) {
				continue // the longer branches have shown this one too
			}
		}
		if err := c.fold(rows, branch); err != nil {
			return err
		}
	}
	return nil
}

// joinable reports whether the plan's query can be the ON clause of a join: it has nothing but conditions on its own
// columns, and on those of related rows.
func (p *oraPlan) joinable() bool {
	s := p.spec
	if s == nil || p.rel.variant {
		return !p.rel.variant && !p.rel.isLink
	}
	return len(s.joins) == 0 && !s.positioned() && len(s.unscoped) == 0 && s.limit < 0 && s.offset < 0 &&
		!slices.ContainsFunc(s.where, func(p *oraPred) bool { return !p.onAble(true) })
}

func (p *oraPred) onAble(top bool) bool {
	switch p.op {
	case "text", "matching":
		return false
	case "and", "or", "has", "has none", "has every", "has at least", "has all":
		top = top && !strings.HasPrefix(p.op, "has")
		return !slices.ContainsFunc(p.kids, func(k *oraPred) bool { return !k.onAble(top) })
	}
	// In an ON clause the root is that of the join.
	able := func(ref oraRef) bool {
		return ref.value == nil && (!top && ref.up == 0 || len(ref.path) == 0) && (top || ref.root == nil)
	}
	return able(p.ref) && (p.with == nil || able(*p.with))
}

// oraBareNames returns the conditions with the root's columns named without its table.
func oraBareNames(preds []*oraPred) []*oraPred {
	list := make([]*oraPred, len(preds))
	for i, p := range preds {
		bare := *p
		bare.ref.root = nil
		if p.with != nil {
			with := *p.with
			with.root, bare.with = nil, &with
		}
		if p.op == "and" || p.op == "or" {
			bare.kids = oraBareNames(p.kids)
		}
		list[i] = &bare
	}
	return list
}

// identity returns the columns that tell rows of the table apart: the primary key, else all.
func (t *oraTable) identity() []*oraColumn {
	if len(t.key) > 0 {
		return t.key
	}
	return t.columns
}

// fold joins the branch to all rows of the root, and compares what was loaded below the case's rows with its groups.
func (c *oraCase) fold(rows []reflect.Value, branch []*oraPlan) error {
	q := oraPlain(c.spec.table).build()
	var names []string
	for _, col := range c.spec.table.key {
		names = append(names, col.name)
	}
	prefix := ""
	for _, p := range branch {
		prefix += p.rel.name
		var on []squirrel.Sqlizer
		if p.spec != nil {
			on = oraBuildAll(oraBareNames(p.spec.where))
		}
		q = q.join(prefix, true, on)
		prefix += "."
		for _, col := range p.rel.related.identity() {
			names = append(names, prefix+col.name)
		}
	}
	if len(c.spec.unscoped) > 0 && branch[len(branch)-1].path+"." != prefix {
		return nil // loaded onto the owner by another path, of which other conditions are lifted
	}
	q = oraUnscopedWhereNamed(q, c.spec.unscoped)
	joined, err := dovetail.Collect[map[string]any](c.ctx, c.d.DB, q.columns(names...).untyped())
	if errors.Is(err, dovetail.ErrAmbiguous) {
		return nil // a name that is clear in the preload's own query and not in the join
	}
	if err != nil {
		return fmt.Errorf("the join to fold failed: %w", err)
	}
	c.meet("fold", true)
	c.meet("fold rows", len(joined) > 0)
	groups := make([]map[string][]string, len(branch))
	for i := range groups {
		groups[i] = map[string][]string{}
	}
	for _, row := range joined {
		owner, _ := oraIdentity(c.spec.table, "", row)
		at := ""
		for i, p := range branch {
			at += p.rel.name + "."
			related, found := oraIdentity(p.rel.related, at, row)
			if !found {
				break
			}
			groups[i][owner] = append(groups[i][owner], related)
			owner = related
		}
	}
	asSets := len(branch) > 1 || branch[0].rel.ways || branch[0].spec != nil && branch[0].spec.distinct
	return oraCompareGroups(rows, branch, groups, asSets)
}

// oraIdentity returns the identity of a joined row, and whether the join found one.
func oraIdentity(t *oraTable, prefix string, row map[string]any) (string, bool) {
	var parts []string
	found := false
	for _, col := range t.identity() {
		v := row[prefix+col.name]
		found = found || v != nil
		if col.kind == oraUUID {
			v = oraAsUUID(v)
		}
		parts = append(parts, oraValueText(v))
	}
	return strings.Join(parts, " "), found
}

// oraAsUUID returns the UUID that a driver gave in a form of its own.
func oraAsUUID(v any) any {
	switch v := v.(type) {
	case string:
		if id, err := uuid.Parse(v); err == nil {
			return id
		}
	case [16]byte:
		return uuid.UUID(v)
	}
	return v
}

// oraCompareGroups compares the lists loaded onto structs with the groups of the join, level by level. Those of a
// longer branch are compared as sets, since the join repeats a row for every row below it.
func oraCompareGroups(rows []reflect.Value, branch []*oraPlan, groups []map[string][]string, asSets bool) error {
	for _, row := range rows {
		owner := oraStructIdentity(branch[0].rel.owner, row.Elem())
		loaded := oraFieldRows(row.Elem(), branch[0].rel)
		got := make([]string, len(loaded))
		for i, related := range loaded {
			got[i] = oraStructIdentity(branch[0].rel.related, related.Elem())
		}
		want := slices.Clone(groups[0][owner])
		if asSets {
			got, want = oraSet(got), oraSet(want)
		}
		what := fmt.Sprintf("%s preloaded and joined for %s", branch[0].path, owner)
		if err := oraEqual(what, got, want, false); err != nil {
			return err
		}
		if len(branch) > 1 {
			if err := oraCompareGroups(loaded, branch[1:], groups[1:], asSets); err != nil {
				return err
			}
		}
	}
	return nil
}

func oraSet(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func oraStructIdentity(t *oraTable, v reflect.Value) string {
	var parts []string
	for _, col := range t.identity() {
		parts = append(parts, oraValueText(oraScalar(v.FieldByName(col.field))))
	}
	return strings.Join(parts, " ")
}

// oraFieldRows returns pointers to the rows in a relation's field.
func oraFieldRows(v reflect.Value, r *oraRelation) []reflect.Value {
	field := v.FieldByName(r.field)
	var rows []reflect.Value
	switch {
	case r.linked:
		for i := range field.Len() {
			rows = append(rows, field.Index(i).FieldByName("Row"))
		}
	case r.many && r.value:
		for i := range field.Len() {
			rows = append(rows, field.Index(i).Addr())
		}
	case r.many:
		for i := range field.Len() {
			rows = append(rows, field.Index(i))
		}
	case r.value:
		rows = append(rows, field.Addr())
	case !field.IsNil():
		rows = append(rows, field)
	}
	return rows
}

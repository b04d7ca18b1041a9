package oracle_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail"
)

// Trees: relations of a table with itself, followed to any depth.

// oraTreeAsk is a tree that is asked for, and what the oracle knows of it.
type oraTreeAsk struct {
	*oraCase
	rel   *oraRelation
	depth int
	sub   *oraSpec
	kid   *oraRelation // loaded onto the rows of the tree; nil: none
	roots []*oraRow

	known map[*oraRow][]*oraRow // the rows below a row
	level map[*oraRow]int       // the nearest; 0: no row of the tree
}

// checkTree: a tree is what following the relation level by level gives, and ErrCycle if a row lies below itself.
func (c *oraCase) checkTree() error {
	a := c.treeAsk(oraPick(c.g, c.data.trees()))
	from := oraPlain(a.rel.owner)
	from.order = from.ordered(nil)
	if n := c.g.IntN(4); n > 0 {
		key := &oraPred{op: "in", ref: oraRef{col: a.rel.owner.key[0]}}
		for range n {
			key.list = append(key.list, c.g.value(a.rel.owner.key[0]))
		}
		from.where = append(from.where, key)
	}
	a.roots = c.data.run(from, c.data.rows[a.rel.owner])
	rows, err := a.load(from)
	if err := a.compare(rows, err); err != nil {
		return fmt.Errorf("tree %s of depth %d with %v: %w\nonto\n%s\nby\n%s", a.rel.name, a.depth, a.kid, err, from, a.sub)
	}
	return nil
}

// trees returns the relations that a tree can be loaded by.
func (d *oraData) trees() []*oraRelation {
	var fit []*oraRelation
	for _, t := range d.tables {
		for _, r := range t.relations {
			if r.related == t && !r.symmetric && !r.value && !r.linked && len(t.key) > 0 {
				fit = append(fit, r)
			}
		}
	}
	return fit
}

func (c *oraCase) treeAsk(r *oraRelation) *oraTreeAsk {
	a := &oraTreeAsk{
		oraCase: c, rel: r, sub: oraPlain(r.related), depth: max(0, c.g.IntN(6)-1), known: map[*oraRow][]*oraRow{},
		level: map[*oraRow]int{},
	}
	scope := &oraScope{table: r.related, implicit: true, link: r.joinTable(), preloaded: true}
	if c.g.chance(2) {
		a.sub.where = append(a.sub.where, c.g.pred(scope, 1))
	}
	c.g.order(a.sub, &oraScope{table: r.related, implicit: true})
	for _, k := range r.related.relations {
		if k != r && k.name != r.back && k.back != r.name && !k.value && !k.single && c.g.chance(4) {
			a.kid = k
		}
	}
	return a
}

// load asks the library, by PreloadTree or by LoadTree.
func (a *oraTreeAsk) load(from *oraSpec) ([]reflect.Value, error) {
	sub := a.sub.build()
	if a.kid != nil {
		sub = sub.preload(a.kid.name)
	}
	if a.g.chance(2) {
		return from.build().tree(a.rel.name, a.depth, sub.untyped()).all(a.ctx, a.d.DB)
	}
	rows, err := from.build().all(a.ctx, a.d.DB)
	if err != nil {
		return nil, err
	}
	if err := from.build().loadTree(a.ctx, a.d.DB, rows, a.rel.name, a.depth, sub.untyped()); err != nil {
		for _, row := range rows {
			if !row.Elem().FieldByName(a.rel.field).IsZero() {
				return nil, fmt.Errorf("part of a tree was loaded: %w", err)
			}
		}
		return nil, err
	}
	return rows, nil
}

func (a *oraTreeAsk) compare(rows []reflect.Value, err error) error {
	for _, root := range a.roots {
		a.find(root, 1)
	}
	if a.cyclic() {
		a.meet("cycle", true)
		if !errors.Is(err, dovetail.ErrCycle) || len(rows) > 0 {
			return fmt.Errorf("expected ErrCycle and no rows, got %w and %d rows", err, len(rows))
		}
		return nil
	}
	if err != nil {
		return err
	}
	var got, want []string
	for _, row := range a.roots {
		want = append(want, a.text(row, true))
	}
	structs := map[string]uintptr{}
	for _, row := range rows {
		got = append(got, a.loadedText(row, true, structs))
	}
	a.meet("tree", len(a.level) > 0)
	a.meet("tree of a depth", len(a.level) > 0 && a.depth > 0)
	a.meet("below a tree", len(a.level) > 0 && a.kid != nil)
	return oraEqual("trees", got, want, true)
}

// below returns the rows directly below a row.
func (a *oraTreeAsk) below(row *oraRow) []*oraRow {
	if rows, ok := a.known[row]; ok {
		return rows
	}
	ways := oraOnce(a.data.follow(row, a.rel, ""))
	if a.rel.joinTable() != nil {
		ways = a.data.follow(row, a.rel, "") // the query may tell the links apart
	}
	rows := []*oraRow{}
	asked := *a.sub
	if len(asked.order) == 0 {
		asked.order = a.rel.order // declared, for the relation or for what it ends in
	}
	for _, e := range a.data.envs(&asked, ways, a.rel) {
		if !slices.Contains(rows, e.rows[""]) {
			rows = append(rows, e.rows[""])
		}
	}
	a.known[row] = rows
	return rows
}

// find notes the nearest level of every row.
func (a *oraTreeAsk) find(row *oraRow, level int) {
	if a.depth > 0 && level > a.depth {
		return
	}
	for _, next := range a.below(row) {
		if known := a.level[next]; known == 0 || level < known {
			a.level[next] = level
			a.find(next, level+1)
		}
	}
}

// loaded reports whether the rows below a row of the tree are loaded.
func (a *oraTreeAsk) loaded(row *oraRow) bool {
	return a.level[row] > 0 && (a.depth == 0 || a.level[row] < a.depth)
}

// cyclic reports whether, of what is in hand, a row lies below itself.
func (a *oraTreeAsk) cyclic() bool {
	inHand := func(row *oraRow) []*oraRow {
		if slices.Contains(a.roots, row) || a.loaded(row) {
			return a.below(row)
		}
		return nil
	}
	for _, row := range a.data.rows[a.rel.owner] {
		if a.level[row] == 0 && !slices.Contains(a.roots, row) {
			continue
		}
		reached := map[*oraRow]bool{}
		for at := []*oraRow{row}; len(at) > 0; at = at[1:] {
			for _, next := range inHand(at[0]) {
				if next == row {
					return true
				}
				if !reached[next] {
					reached[next] = true
					at = append(at, next)
				}
			}
		}
	}
	return false
}

func (a *oraTreeAsk) text(row *oraRow, root bool) string {
	text := row.text()
	if a.kid != nil && !root {
		var items []string
		plan := &oraPlan{rel: a.kid}
		for _, w := range a.data.related(row, plan) {
			items = append(items, w.row.text())
		}
		text += plan.listText(items)
	}
	if !root && !a.loaded(row) {
		return text + "?"
	}
	for _, next := range a.below(row) {
		text += "{" + a.text(next, false) + "}"
	}
	return text
}

// loadedText writes the same of structs. Those of one row of the tree are one.
func (a *oraTreeAsk) loadedText(row reflect.Value, root bool, structs map[string]uintptr) string {
	v := row.Elem()
	text := oraStructText(a.rel.owner, v)
	if known, ok := structs[text]; ok && known != row.Pointer() && !root {
		text += "NOT SHARED"
	}
	if !root {
		structs[text] = row.Pointer()
		if a.kid != nil {
			text += (&oraPlan{rel: a.kid}).listText(oraRootTexts(a.kid.related, oraFieldRows(v, a.kid)))
		}
	}
	tracked, ok := row.Interface().(dovetail.Tracked)
	loaded, err := dovetail.Loaded(tracked, a.rel.name)
	if !ok || err != nil {
		return fmt.Sprintf("%s does not remember: %v", text, err)
	}
	if !loaded {
		return text + "?"
	}
	var b strings.Builder
	for _, next := range oraFieldRows(v, a.rel) {
		b.WriteString("{" + a.loadedText(next, false, structs) + "}")
	}
	return text + b.String()
}

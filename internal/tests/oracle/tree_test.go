package oracle_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

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
	tells bool         // each row says its level
	roots []*oraRow

	known map[*oraRow][]oraWay // the rows below a row, with their links where the field has these
	level map[*oraRow]int      // the nearest; 0: no row of the tree
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
			unlinked := r.linked && len(r.joinTable().key) == 0
			if r.related == t && (!r.symmetric || r.cyclic) && !r.value && !unlinked && len(t.key) > 0 {
				fit = append(fit, r)
			}
		}
	}
	return fit
}

func (c *oraCase) treeAsk(r *oraRelation) *oraTreeAsk {
	a := &oraTreeAsk{
		oraCase: c, rel: r, sub: oraPlain(r.related), depth: max(0, c.g.IntN(6)-1), known: map[*oraRow][]oraWay{},
		level: map[*oraRow]int{}, tells: c.g.chance(2),
	}
	scope := &oraScope{table: r.related, implicit: true, link: r.joinTable(), preloaded: true}
	if c.g.chance(2) {
		a.sub.where = append(a.sub.where, c.g.pred(scope, 1))
	}
	order := &oraScope{table: r.related, implicit: true}
	if r.linked {
		order.link = r.joinTable()
	}
	c.g.order(a.sub, order)
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
	if a.tells {
		sub = sub.leveled(oraLevelName)
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
	a.meet("tree of links", a.rel.linked && len(a.level) > 0)
	a.meet("tree with a cycle", a.rel.cyclic && a.circular())
	a.meet("tree", len(a.level) > 0)
	a.meet("tree of a depth", len(a.level) > 0 && a.depth > 0)
	a.meet("below a tree", len(a.level) > 0 && a.kid != nil)
	got := a.loadedTexts(rows)
	return oraEqual("trees", got, a.texts(), true)
}

// below returns the rows directly below a row.
func (a *oraTreeAsk) below(row *oraRow) []oraWay {
	ways, ok := a.known[row]
	if ok {
		return ways
	}
	found := a.data.follow(row, a.rel, "")
	if a.rel.joinTable() == nil { // else the query may tell the links apart
		found = oraOnce(found)
	}
	asked := *a.sub
	if len(asked.order) == 0 {
		asked.order = a.rel.order // declared, for the relation or for what it ends in
	}
	ways = []oraWay{}
	for _, e := range a.data.envs(&asked, found, a.rel) {
		way := e.way()
		if !a.rel.linked {
			way.link = nil
		}
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	a.known[row] = ways
	return ways
}

// find notes the nearest level of every row.
func (a *oraTreeAsk) find(row *oraRow, level int) {
	if a.depth > 0 && level > a.depth {
		return
	}
	for _, next := range a.below(row) {
		if known := a.level[next.row]; known == 0 || level < known {
			a.level[next.row] = level
			a.find(next.row, level+1)
		}
	}
}

// loaded reports whether the rows below a row of the tree are loaded.
func (a *oraTreeAsk) loaded(row *oraRow) bool {
	return a.level[row] > 0 && (a.depth == 0 || a.level[row] < a.depth)
}

// cyclic reports whether the tree is an error.
func (a *oraTreeAsk) cyclic() bool { return !a.rel.cyclic && a.circular() }

// circular reports whether, of what is in hand, a row lies below itself.
func (a *oraTreeAsk) circular() bool {
	inHand := func(row *oraRow) []oraWay {
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
				if next.row == row {
					return true
				}
				if !reached[next.row] {
					reached[next.row] = true
					at = append(at, next.row)
				}
			}
		}
	}
	return false
}

// oraLevelName is the computed field that a row's level goes into.
const oraLevelName = "int_2"

// texts writes the tree: the roots, and every row below them once, each with what is directly below it.
func (a *oraTreeAsk) texts() []string {
	var roots, rows []string
	for _, row := range a.roots {
		roots = append(roots, a.text(row, row.text(), true))
	}
	for row, level := range a.level {
		text := row.text()
		if a.tells {
			text += fmt.Sprintf(" %s=%d", oraLevelName, level)
		}
		if a.kid != nil {
			var items []string
			plan := &oraPlan{rel: a.kid}
			for _, w := range a.data.related(row, plan) {
				items = append(items, w.row.text())
			}
			text += plan.listText(items)
		}
		rows = append(rows, a.text(row, text, a.loaded(row)))
	}
	slices.Sort(rows)
	return append(roots, rows...)
}

// text adds what is below a row.
func (a *oraTreeAsk) text(row *oraRow, text string, loaded bool) string {
	if !loaded {
		return text + "?"
	}
	for _, next := range a.below(row) {
		text += "{" + next.row.text()
		if a.rel.linked {
			text += "/" + next.link.text()
		}
		text += "}"
	}
	return text
}

// loadedTexts writes the same of structs. Those of one row of the tree are one.
func (a *oraTreeAsk) loadedTexts(roots []reflect.Value) []string {
	var texts, rows []string
	structs := map[string]uintptr{}
	var next []reflect.Value
	for _, root := range roots {
		texts = append(texts, a.loadedText(root, oraStructText(a.rel.owner, root.Elem())))
		next = append(next, oraFieldRows(root.Elem(), a.rel)...)
	}
	for ; len(next) > 0; next = next[1:] {
		v := next[0].Elem()
		text := oraStructText(a.rel.owner, v)
		if known, ok := structs[text]; ok {
			if known != next[0].Pointer() {
				rows = append(rows, text+" NOT SHARED")
			}
			continue
		}
		structs[text] = next[0].Pointer()
		text += oraComputedText(v)
		if a.kid != nil {
			text += (&oraPlan{rel: a.kid}).listText(oraRootTexts(a.kid.related, oraFieldRows(v, a.kid)))
		}
		rows = append(rows, a.loadedText(next[0], text))
		next = append(next, oraFieldRows(v, a.rel)...)
	}
	slices.Sort(rows)
	return append(texts, rows...)
}

// loadedText adds what is below a struct.
func (a *oraTreeAsk) loadedText(row reflect.Value, text string) string {
	tracked, ok := row.Interface().(dovetail.Tracked)
	loaded, err := dovetail.Loaded(tracked, a.rel.name)
	switch {
	case !ok || err != nil:
		return fmt.Sprintf("%s does not remember: %v", text, err)
	case !loaded:
		return text + "?"
	}
	for i, below := range oraFieldRows(row.Elem(), a.rel) {
		text += "{" + oraStructText(a.rel.owner, below.Elem())
		if a.rel.linked {
			text += "/" + oraStructText(a.rel.joinTable(), row.Elem().FieldByName(a.rel.field).Index(i).FieldByName("Link").Elem())
		}
		text += "}"
	}
	return text
}

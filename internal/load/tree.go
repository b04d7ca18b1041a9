package load

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// TREE: one statement finds the rows below all owners, each with the row it was found by; here they become nodes, told apart by
// their primary keys, and are put into each other's fields. Whether they are a tree at all is found before any field is set.

// checkTreeField refuses to load a tree into a field that holds copies of rows, which could not be loaded further.
func checkTreeField(p *plan.Preload, field *model.RelationField) error {
	if p.Query.ForOwners.Tree == nil || !field.Shape.Copies() {
		return nil
	}
	r := p.Relation
	goType := r.Owner.GoType
	return &fault.QueryError{Op: "preload", Path: p.Path, Err: &fault.RelationError{
		Table: r.Owner.Name, Relation: r.Name, Path: p.Path, Err: graph.Problemf(fault.ErrInvalidRelation,
			"relation %q: a tree needs pointers to its rows, and field %s.%s is %s; make it []*%s",
			r.String(), goType, field.Name, field.Type, goType),
	}}
}

// treeResult is the rows of a tree. They are numbered, and so are the places that have rows below them: first the owners'
// keys, then the rows.
type treeResult struct {
	*preloadJob

	levels []int64        // of each row the nearest it was found at, if the depth is limited
	above  []int32        // of each pair that was found the place; belowRow: that of the next key in ups
	ups    []dialect.Keys // the primary keys of the rows above, which may be still to come
	below  []int32        // of each pair the row below
	links  []int32        // with the row of the join table, where that is loaded too

	room  []structs.Row // for lists
	pairs []structs.Pair
}

// belowRow is no place.
const belowRow = -1

// read reads the rows. One may come several times: below each row it is related to, and at each of its levels.
func (t *treeResult) read(rows dialect.Rows) error {
	s := t.scan
	s.unique, s.apart = newUniqueRows(s.table, true, s.hint), false
	key := s.unique.key
	t.expect(s.hint)
	var ord, level int64
	up := structs.NewSlab(s.table.Layout, 1).New() // its primary key is that of the row above
	for i, f := range key {
		s.beside(t.stmt.UpColumn+i, f.Dest(up))
	}
	s.owner = ownerKey{column: t.stmt.UpColumn, field: key[0], ints: s.unique.ints != nil}
	s.beside(t.stmt.OrdColumn, &ord)
	if c := t.stmt.LevelColumn; c > 0 {
		s.beside(c, &level)
	}
	if err := s.open(rows); err != nil {
		return err
	}
	for rows.Next() {
		if err := s.next(rows); err != nil {
			return err
		}
		isNew, err := s.number()
		if err != nil {
			return &fault.ScanError{Path: t.preload.Path, Err: err}
		}
		switch {
		case t.stmt.LevelColumn == 0:
		case isNew:
			t.levels = append(t.levels, level)
		case level < t.levels[s.at]:
			t.levels[s.at] = level
		}
		above := int32(belowRow)
		switch {
		case ord < t.stmt.First:
			if err := t.readUp(up); err != nil {
				return err
			}
		case int(ord-t.stmt.First) >= t.keys.len():
			return t.noOwner()
		default:
			above = int32(ord - t.stmt.First)
		}
		t.above, t.below = append(t.above, above), append(t.below, s.at)
		if s.link != nil {
			if _, err := s.link.number(); err != nil {
				return &fault.ScanError{Path: t.preload.Path, Err: err}
			}
			t.links = append(t.links, s.link.at)
		}
	}
	if err := s.end(rows); err != nil {
		return err
	}
	t.rows = s.all()
	s.layouts.came(len(t.rows))
	return t.placeRows()
}

// expect makes room for pairs of as many rows.
func (t *treeResult) expect(rows int) {
	t.above, t.below = make([]int32, 0, rows), make([]int32, 0, rows)
	for _, f := range t.scan.unique.key {
		t.ups = append(t.ups, dialect.Keys{Kind: f.Key})
	}
	if t.scan.unique.ints != nil {
		t.ups[0].Ints = make([]int64, 0, rows)
	}
}

// readUp remembers the primary key of the row above the current one, which is read into up unless it can be read by itself.
func (t *treeResult) readUp(up structs.Row) error {
	if key, ok := t.scan.layout.ownerKey.Of(t.scan.values); ok {
		t.ups[0].Ints = append(t.ups[0].Ints, key)
		return nil
	}
	for i, f := range t.scan.unique.key {
		ok, err := f.AppendKey(&t.ups[i], up)
		if err == nil && !ok {
			err = t.nullKey()
		}
		if err != nil {
			return &fault.ScanError{Path: t.preload.Path, Err: err}
		}
	}
	return nil
}

func (t *treeResult) nullKey() error {
	return fmt.Errorf("a row of %q has NULL in its primary key", t.scan.table.Graph.Name)
}

// placeRows finds the places of the rows that others are below.
func (t *treeResult) placeRows() error {
	if t.scan.unique.nulls {
		return &fault.ScanError{Path: t.preload.Path, Err: t.nullKey()}
	}
	next, keys := 0, int32(t.keys.len())
	for i, above := range t.above {
		if above != belowRow {
			continue
		}
		at, known := t.scan.unique.lookup(t.ups, next)
		if !known {
			return t.noOwner() // a row that others were found below, and that was not found itself
		}
		t.above[i] = keys + at
		next++
	}
	return nil
}

// attach puts the rows into the fields of the owners and of the rows above them.
func (t *treeResult) attach() error {
	places := t.keys.len() + len(t.rows)
	ends, sorted := grouped(places, len(t.above), func(i int) int32 { return t.above[i] }, func(i int) int32 { return int32(i) })
	lists := t.lists(ends, sorted)
	if err := t.checkCycle(lists); err != nil {
		return err
	}
	many := t.preload.Relation.Cardinality == graph.Many
	for p := range places {
		if !many && len(lists.of(p)) > 1 {
			return t.failed(severalRows(t.preload.Relation))
		}
	}
	if err := t.setLevels(lists); err != nil {
		return err
	}
	for i, owner := range t.owners {
		var list []int32
		if k := t.keys.Of[i]; k >= 0 {
			list = lists.of(int(k))
		}
		t.set(owner, list)
	}
	t.given = append(make([]structs.Row, 0, len(t.owners)+len(t.rows)), t.owners...) // rows of the tree come after the owners: where a row is below both, it is theirs
	for n, row := range t.rows {
		if t.loaded(n) {
			t.set(row, lists.of(t.keys.len()+n))
			t.given = append(t.given, row)
		}
	}
	return nil
}

// set puts the rows of pairs into a row's field.
func (t *treeResult) set(row structs.Row, list []int32) {
	switch {
	case t.scan != nil && t.scan.link != nil:
		pairs := piece(&t.pairs, len(list), len(t.below))
		links := t.scan.link.all()
		for i, p := range list {
			pairs[i] = structs.Pair{Row: t.rows[t.below[p]], Link: links[t.links[p]]}
		}
		t.field.SetPairs(row, pairs)
	case t.preload.Relation.Linked: // no owner has a key
		t.field.SetPairs(row, nil)
	case t.preload.Relation.Cardinality == graph.Many:
		related := piece(&t.room, len(list), len(t.below))
		for i, p := range list {
			related[i] = t.rows[t.below[p]]
		}
		t.field.SetMany(row, related)
	default:
		var one structs.Row
		if len(list) > 0 {
			one = t.rows[t.below[list[0]]]
		}
		t.field.SetOne(row, one)
	}
}

// piece returns a slice of n elements that no other has, of which many lie in one piece of memory.
func piece[E any](room *[]E, n, more int) []E {
	if n > len(*room) {
		*room = make([]E, max(n, more))
	}
	p := (*room)[:n:n]
	*room = (*room)[n:]
	return p
}

// setLevels tells each row how many levels it lies below the nearest of the owners, where its query asks for that.
func (t *treeResult) setLevels(lists pairLists) error {
	if t.preload.Query.Level == "" || len(t.rows) == 0 {
		return nil
	}
	field := t.scan.table.ComputedField(t.preload.Query.Level)
	known := make([]bool, len(t.rows))
	from := lists.between(0, t.keys.len())
	for level := int64(1); len(from) > 0; level++ {
		var next [][]int32
		for _, list := range from {
			for _, pair := range list {
				n := t.below[pair]
				if known[n] {
					continue
				}
				known[n] = true
				if err := field.AssignValue(t.rows[n], level); err != nil {
					return &fault.ScanError{Path: t.preload.Path, Column: t.preload.Query.Level, Field: field.Name, Err: err}
				}
				next = append(next, lists.of(t.keys.len()+int(n)))
			}
		}
		from = next
	}
	return nil
}

// loaded reports whether the rows below the row were fetched.
func (t *treeResult) loaded(n int) bool {
	depth := t.preload.Query.ForOwners.Tree.Depth
	return depth == 0 || t.levels[n] < int64(depth)
}

// pairLists are for each place the pairs of it and a row below.
type pairLists struct {
	ends  []int32 // list p is at ends[p] to ends[p+1]
	pairs []int32
}

func (l pairLists) of(place int) []int32 { return l.pairs[l.ends[place]:l.ends[place+1]] }

func (l pairLists) between(from, to int) [][]int32 {
	lists := make([][]int32, 0, to-from)
	for p := from; p < to; p++ {
		lists = append(lists, l.of(p))
	}
	return lists
}

// lists returns for each place the pairs of it and a row below, in the statement's order: each row once, or with each row of the join table. The
// pairs are given sorted by place.
func (t *treeResult) lists(ends, sorted []int32) pairLists {
	told, n := t.below, len(t.rows)
	if t.links != nil {
		told, n = t.links, len(t.scan.link.all()) // each is of one row
	}
	if len(told) == n {
		return pairLists{ends, sorted} // each came once
	}
	seen := make([]int32, n) // the last place, from 1, that it was found below
	from, kept := ends[0], int32(0)
	for p := range len(ends) - 1 {
		to := ends[p+1]
		for _, pair := range sorted[from:to] {
			if seen[told[pair]] != int32(p+1) {
				seen[told[pair]] = int32(p + 1)
				sorted[kept] = pair
				kept++
			}
		}
		from, ends[p+1] = to, kept
	}
	return pairLists{ends, sorted[:kept]}
}

// checkCycle looks for a row that lies below itself, unless that was declared to be harmless. A row at the last level has the rows below it in hand when it is also
// an owner.
func (t *treeResult) checkCycle(lists pairLists) error {
	depth := t.preload.Query.ForOwners.Tree.Depth
	switch {
	case len(t.rows) == 0 || t.preload.Relation.Cyclic:
		return nil
	case depth == 0 && len(t.below) == len(t.rows):
		return nil // each was found once, on the one way that leads to it from an owner
	}
	keys := t.keys.len()
	below := lists.between(keys, keys+len(t.rows))
	if depth > 0 {
		if err := t.addOwners(below, lists); err != nil {
			return err
		}
	}
	const onPath, done = 1, 2
	state := make([]byte, len(below))
	var path []int32
	for root := range below {
		if state[root] != 0 {
			continue
		}
		state[root] = onPath
		path = append(path[:0], int32(root))
		for len(path) > 0 {
			at := path[len(path)-1]
			if len(below[at]) == 0 {
				state[at] = done
				path = path[:len(path)-1]
				continue
			}
			next := t.below[below[at][0]]
			below[at] = below[at][1:]
			switch state[next] {
			case onPath:
				return t.cycle(path[slices.Index(path, next):])
			case 0:
				state[next] = onPath
				path = append(path, next)
			}
		}
	}
	return nil
}

// addOwners adds what is below the owners that are rows of the tree too.
func (t *treeResult) addOwners(below [][]int32, lists pairLists) error {
	for i, owner := range t.owners {
		k := t.keys.Of[i]
		if k < 0 {
			continue
		}
		n, known, err := t.scan.unique.find(owner)
		if err != nil {
			return &fault.ScanError{Path: t.preload.Path, Err: err}
		}
		if known && !t.loaded(int(n)) {
			below[n] = lists.of(int(k))
		}
	}
	return nil
}

// maxCycleShown is how many rows of a cycle its error names.
const maxCycleShown = 10

// cycle is the error of rows each of which lies below the one before it, and the first below the last.
func (t *treeResult) cycle(rows []int32) error {
	key := t.scan.unique.key
	keys, err := CollectKeys(key, KindsOf(key), t.rows)
	if err != nil {
		return &fault.ScanError{Path: t.preload.Path, Err: err}
	}
	var b strings.Builder
	for i, n := range rows {
		if i == maxCycleShown-1 && len(rows) > maxCycleShown {
			fmt.Fprintf(&b, "(%d more), ", len(rows)-i)
			break
		}
		b.WriteString(keys.text(n) + ", ")
	}
	b.WriteString(keys.text(rows[0]))
	r := t.preload.Relation
	return t.failed(graph.Problemf(fault.ErrCycle, "rows of %q form a cycle along %q, so they are no tree: %s %s; correct one of them, or "+
		"leave it out with Where", r.Owner.Name, r.Name, strings.Join(r.Owner.PrimaryKey, ", "), b.String()))
}

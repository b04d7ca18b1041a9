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

	nodes  *keyList // the rows' primary keys; a key's place is the row's number in rows
	levels []int64  // of each row the nearest it was found at, if the depth is limited
	above  []int32  // of each pair that was found the place
	below  []int32  // and the row below it
	links  []int32  // with the row of the join table, where that is loaded too
}

// read scans the rows. One may come several times: below each row it is related to, and at each of its levels.
func (t *treeResult) read(rows dialect.Rows) error {
	if err := t.scan.begin(rows); err != nil {
		return err
	}
	key := t.scan.table.KeyFields()
	var err error
	if t.nodes, err = CollectKeys(key, KindsOf(key), nil); err != nil {
		return err
	}
	var ord, level int64
	up := t.scan.slab.New() // its primary key is that of the row above
	for i, f := range key {
		t.scan.dests[t.stmt.UpColumn+i] = f.Dest(up)
	}
	t.scan.dests[t.stmt.OrdColumn] = &ord
	if c := t.stmt.LevelColumn; c > 0 {
		t.scan.dests[c] = &level
	}
	for rows.Next() {
		row, err := t.scan.next(rows)
		if err != nil {
			return err
		}
		below, err := t.node(key, row)
		if err != nil {
			return err
		}
		if t.rows[below] == nil {
			t.rows[below] = row
		}
		if t.levels[below] == 0 || level < t.levels[below] {
			t.levels[below] = level
		}
		above := int32(ord - t.stmt.First)
		if ord < t.stmt.First {
			if above, err = t.node(key, up); err != nil {
				return err
			}
			above += int32(t.keys.len())
		} else if int(above) >= t.keys.len() {
			return t.noOwner()
		}
		t.above, t.below = append(t.above, above), append(t.below, below)
		if t.scan.link != nil {
			link, err := t.scan.link.take()
			if err != nil {
				return &fault.ScanError{Path: t.preload.Path, Err: err}
			}
			t.links = append(t.links, link)
		}
	}
	return t.scan.end(rows)
}

// node returns the number of the row with the primary key of this one. The row itself may be still to come.
func (t *treeResult) node(key []*structs.Field, row structs.Row) (int32, error) {
	at, err := t.nodes.add(key, row)
	if err == nil && at < 0 {
		err = fmt.Errorf("a row of %q has NULL in its primary key", t.scan.table.Graph.Name)
	}
	if err != nil {
		return 0, &fault.ScanError{Path: t.preload.Path, Err: err}
	}
	if int(at) == len(t.rows) {
		t.rows, t.levels = append(t.rows, nil), append(t.levels, 0)
	}
	return at, nil
}

// attach puts the rows into the fields of the owners and of the rows above them.
func (t *treeResult) attach() error {
	places := t.keys.len() + len(t.rows)
	ends, sorted := grouped(places, t.above, func(i int) int32 { return int32(i) })
	lists := t.lists(ends, sorted)
	if slices.Contains(t.rows, nil) {
		return t.noOwner() // a row that others were found below, and that was not found itself
	}
	if err := t.checkCycle(lists); err != nil {
		return err
	}
	many := t.preload.Relation.Cardinality == graph.Many
	for _, list := range lists {
		if !many && len(list) > 1 {
			return t.failed(severalRows(t.preload.Relation))
		}
	}
	if err := t.setLevels(lists); err != nil {
		return err
	}
	for i, owner := range t.owners {
		var list []int32
		if k := t.keys.Of[i]; k >= 0 {
			list = lists[k]
		}
		t.set(owner, list)
	}
	t.given = slices.Clip(t.owners) // rows of the tree come after the owners: where a row is below both, it is theirs
	for n, row := range t.rows {
		if t.loaded(n) {
			t.set(row, lists[t.keys.len()+n])
			t.given = append(t.given, row)
		}
	}
	return nil
}

// set puts the rows of pairs into a row's field.
func (t *treeResult) set(row structs.Row, list []int32) {
	switch {
	case t.scan != nil && t.scan.link != nil:
		pairs := make([]structs.Pair, len(list))
		for i, p := range list {
			pairs[i] = structs.Pair{Row: t.rows[t.below[p]], Link: t.scan.link.unique.rows[t.links[p]]}
		}
		t.field.SetPairs(row, pairs)
	case t.preload.Relation.Linked: // no owner has a key
		t.field.SetPairs(row, nil)
	case t.preload.Relation.Cardinality == graph.Many:
		related := make([]structs.Row, len(list))
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

// setLevels tells each row how many levels it lies below the nearest of the owners, where its query asks for that.
func (t *treeResult) setLevels(lists [][]int32) error {
	if t.preload.Query.Level == "" || len(t.rows) == 0 {
		return nil
	}
	field := t.scan.table.ComputedField(t.preload.Query.Level)
	known := make([]bool, len(t.rows))
	from := lists[:t.keys.len()]
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
				next = append(next, lists[t.keys.len()+int(n)])
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

// lists returns for each place the pairs of it and a row below, in the statement's order: each row once, or with each row of the join table.
func (t *treeResult) lists(ends []int, sorted []int32) [][]int32 {
	told := t.below
	if t.links != nil {
		told = t.links // each is of one row
	}
	lists := make([][]int32, len(ends)-1)
	seen := map[int32]int{} // the last place, from 1, that it was found below
	for p := range lists {
		list := sorted[ends[p]:ends[p]:ends[p+1]]
		for _, pair := range sorted[ends[p]:ends[p+1]] {
			if seen[told[pair]] != p+1 {
				seen[told[pair]] = p + 1
				list = append(list, pair)
			}
		}
		lists[p] = list
	}
	return lists
}

// checkCycle looks for a row that lies below itself, unless that was declared to be harmless. A row at the last level has the rows below it in hand when it is also
// an owner.
func (t *treeResult) checkCycle(lists [][]int32) error {
	if len(t.rows) == 0 || t.preload.Relation.Cyclic {
		return nil
	}
	keys := t.keys.len()
	below := slices.Clone(lists[keys:])
	if t.preload.Query.ForOwners.Tree.Depth > 0 {
		if err := t.addOwners(below, lists[:keys]); err != nil {
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
func (t *treeResult) addOwners(below, lists [][]int32) error {
	key := t.scan.table.KeyFields()
	for i, owner := range t.owners {
		k := t.keys.Of[i]
		if k < 0 {
			continue
		}
		n, err := t.nodes.add(key, owner)
		if err != nil {
			return &fault.ScanError{Path: t.preload.Path, Err: err}
		}
		if n >= 0 && int(n) < len(below) && !t.loaded(int(n)) {
			below[n] = lists[k]
		}
	}
	return nil
}

// maxCycleShown is how many rows of a cycle its error names.
const maxCycleShown = 10

// cycle is the error of rows each of which lies below the one before it, and the first below the last.
func (t *treeResult) cycle(rows []int32) error {
	var b strings.Builder
	for i, n := range rows {
		if i == maxCycleShown-1 && len(rows) > maxCycleShown {
			fmt.Fprintf(&b, "(%d more), ", len(rows)-i)
			break
		}
		b.WriteString(t.nodes.text(n) + ", ")
	}
	b.WriteString(t.nodes.text(rows[0]))
	r := t.preload.Relation
	return t.failed(graph.Problemf(fault.ErrCycle, "rows of %q form a cycle along %q, so they are no tree: %s %s; correct one of them, or "+
		"leave it out with Where", r.Owner.Name, r.Name, strings.Join(r.Owner.PrimaryKey, ", "), b.String()))
}

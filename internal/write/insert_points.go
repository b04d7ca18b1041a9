package write

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/levels"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: rows that point at each other by keys that are given, and not by fields. Nothing is filled, so that they go in one batch, and
// in one statement where they fit; but a statement that is before that of the row pointed at would be refused.

// points is what rows need of each other by such keys.
type points struct {
	needs  []pointing
	beside map[int][]int // by level, those whose two rows are in it
}

// pointing is that a row points at another by a key that is given.
type pointing struct {
	levels.Need
	key *need // of all rows of their tables
}

// pointing returns what rows of the unit need of each other by keys that are given. What cannot be read points nowhere: the INSERT says why.
func (u *unit) pointing() (all []pointing) {
	var tables []*model.Table
	for i, n := range u.nodes {
		if (i == 0 || n.table != u.nodes[i-1].table) && !slices.Contains(tables, n.table) {
			tables = append(tables, n.table)
		}
	}
	for _, to := range tables {
		for _, k := range to.Graph.PointedAt() {
			for _, from := range tables {
				if !k.Logical && k.Table.Same(from.Graph) {
					all = append(all, u.pointingAlong(k, from, to)...)
				}
			}
		}
	}
	return all
}

// pointingAlong returns that of the rows of one table that point at rows of another by a key.
func (u *unit) pointingAlong(k *graph.ForeignKey, from, to *model.Table) []pointing {
	pairs := make([]model.FieldPair, len(k.Columns))
	for i := range k.Columns {
		pairs[i] = model.FieldPair{Holder: from.Columns[k.Columns[i]], Referenced: to.Columns[k.Referenced[i]], To: to}
		if pairs[i].Holder == nil || pairs[i].Referenced == nil { // of another struct of the table
			return nil
		}
	}
	told := load.KeyOf(u.db, to, to.FieldsOf(k.Referenced))
	ints := make([]bool, len(pairs))
	for i, p := range pairs {
		ints[i] = p.Holder.Key == dialect.KeyInt && p.Referenced.Key == dialect.KeyInt
	}
	held, keys := u.given(k, from, keyBytes{key: told.HeldBy(from.FieldsOf(k.Columns)), ints: ints})
	if len(held) == 0 {
		return nil
	}
	there, read := make([]int, len(keys)), keyBytes{key: told, ints: ints} // the row of each key, counted from 1
	for i, n := range u.nodes {
		if n.table != to || !read.of(n.row) || slices.ContainsFunc(told.Fields, func(f *structs.Field) bool {
			return f.IsZero(n.row) && (model.MadeByDatabase(to.Graph, f.Column) || u.fills(n, f))
		}) {
			continue
		}
		if at, wanted := keys[string(read.bytes)]; wanted && there[at] == 0 {
			there[at] = i + 1
		}
	}
	key := &need{keyNeed: newKeyNeed(pairs, from.Graph), relation: k.Relations[0]}
	needs := make([]pointing, 0, len(held))
	for _, h := range held {
		if on := there[h.key] - 1; on >= 0 && on != h.node {
			needs = append(needs, pointing{levels.Need{Of: h.node, On: on, Beside: true}, key})
		}
	}
	return needs
}

// keyBytes reads keys of rows, as bytes that are the same where the keys are.
type keyBytes struct {
	key   load.Key
	ints  []bool // which of its columns, and of those that it is compared with, are integers
	probe dialect.Keys
	bytes []byte // of the one that was read last
}

// of reads the key of a row; ok is false where a part of it is NULL, or cannot be read.
func (r *keyBytes) of(row structs.Row) (ok bool) {
	r.bytes = r.bytes[:0]
	for i, f := range r.key.Fields {
		if r.ints[i] {
			r.probe.Kind, r.probe.Ints = dialect.KeyInt, r.probe.Ints[:0]
			if ok, err := f.AppendKey(&r.probe, row); err != nil || !ok {
				return false
			}
			r.bytes = binary.AppendVarint(r.bytes, r.probe.Ints[0])
			continue
		}
		text, ok, err := r.key.In(i, row)
		if err != nil || !ok {
			return false
		}
		r.bytes = append(binary.AppendUvarint(r.bytes, uint64(len(text))), text...)
	}
	return true
}

// givenKey is the number of a key that a row points by.
type givenKey struct{ node, key int }

// given returns the keys by which rows of a table point somewhere, and which no field fills.
func (u *unit) given(k *graph.ForeignKey, from *model.Table, read keyBytes) (all []givenKey, keys map[string]int) {
	is, typed := k.Type()
	var reader *model.TypeReader
	if typed {
		reader = from.TypeReader(is.Column)
	}
	keys = map[string]int{}
	fields := read.key.Fields
	for i, n := range u.nodes {
		if n.table != from || u.pointsByField(n, fields) || u.leavesOut(n, fields) || !read.of(n.row) {
			continue
		}
		if typed {
			if ok, err := reader.Read(n.row); err != nil || !ok || !reader.Is(is.Value) {
				continue // checkTypes has looked at it
			}
		}
		if slices.ContainsFunc(fields, func(f *structs.Field) bool { return f.IsZero(n.row) && u.fills(n, f) }) {
			continue
		}
		at, known := keys[string(read.bytes)]
		if !known {
			at = len(keys)
			keys[string(read.bytes)] = at
		}
		all = append(all, givenKey{i, at})
	}
	return all, keys
}

// leavesOut reports whether one of the fields is not written.
func (u *unit) leavesOut(n *node, fields []*structs.Field) bool {
	if n.branch.only == nil && len(n.branch.omit) == 0 {
		return false
	}
	columns := n.branch.columnsOf()
	return slices.ContainsFunc(columns, func(c branchColumn) bool { return slices.Contains(fields, c.field) && !u.gives(n, &c) })
}

// pointsByField reports whether a field holds the row that another's fields point at.
func (u *unit) pointsByField(n *node, fields []*structs.Field) bool {
	return slices.ContainsFunc(n.needs, func(i int) bool {
		return !slices.ContainsFunc(fields, func(f *structs.Field) bool {
			return !slices.ContainsFunc(u.needs[i].pairs, func(p model.FieldPair) bool { return p.Holder == f })
		})
	})
}

// behind changes the order of the rows so that they come after those they point at by keys that are given. Where they do so in a cycle,
// keys that can be NULL are set afterwards, unless the rows fit into one statement.
func (u *unit) behind(order levels.Order) levels.Order {
	given := u.pointing()
	if len(given) == 0 {
		return order
	}
	needs, numbers := u.waiting()
	needs = slices.Grow(needs, len(given))
	for _, n := range given {
		needs = append(needs, n.Need)
	}
	order, _ = levels.Of(len(u.nodes), needs) // without the given ones there is no cycle, or it is known
	for i, n := range order.Postponed {
		order.Postponed[i] = numbers[n]
	}
	at := make([]int, len(u.nodes))
	for i, level := range order.Levels {
		for _, n := range level {
			at[n] = i
		}
	}
	u.points = points{given, map[int][]int{}}
	for i, n := range given {
		switch {
		case at[n.Of] == at[n.On]:
			u.points.beside[at[n.Of]] = append(u.points.beside[at[n.Of]], i)
		case at[n.Of] < at[n.On]:
			u.putOff(&order, n)
		}
	}
	return order
}

// goBehind puts rows behind those they point at by keys that are given, unless they do so in a cycle: then the database is asked, which may
// have the rows, or look at the commit.
func (u *unit) goBehind() { u.nodes, u.around = goneBehind(u.nodes, u.pointing()) }

// goneBehind returns things behind those they point at, and else in their order; as they are, and around, where they do so in a cycle.
func goneBehind[T any](all []T, given []pointing) (sorted []T, around bool) {
	if len(given) == 0 {
		return all, false
	}
	needs := make([]levels.Need, len(given))
	for i, n := range given {
		needs[i] = n.Need
	}
	order, _ := levels.Of(len(all), needs)
	if len(order.Unkept) > 0 {
		return all, true
	}
	places := order.Levels[0]
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(order.Depths[a], order.Depths[b]) })
	sorted = make([]T, len(places))
	for i, n := range places {
		sorted[i] = all[n]
	}
	return sorted, false
}

// putOff has a key set by an update, if it can be. Else the database is asked: it may look only when all is there.
func (u *unit) putOff(order *levels.Order, p pointing) (later bool) {
	n := *p.key
	n.Need = p.Need
	if u.postpone(&n, false); !n.Later {
		return false
	}
	order.Postponed = append(order.Postponed, len(u.needs))
	u.nodes[n.Of].needs = append(u.nodes[n.Of].needs, len(u.needs))
	u.needs = append(u.needs, n)
	return true
}

// inserts are the statements of a level.
type inserts struct {
	parts []insertJob
	stmts []dialect.Statement
}

// unmet returns what a level's rows need of rows that a later statement inserts.
func (u *unit) unmet(level int, s inserts) (unmet []pointing) {
	if len(s.parts) < 2 || len(u.points.beside[level]) == 0 {
		return nil
	}
	at := map[*node]int{}
	for i, part := range s.parts {
		for _, n := range part.nodes {
			at[n] = i
		}
	}
	for _, i := range u.points.beside[level] {
		n := u.points.needs[i]
		if at[u.nodes[n.Of]] < at[u.nodes[n.On]] {
			unmet = append(unmet, n)
		}
	}
	return unmet
}

// inTurn cuts a level's jobs so that each row comes after those it points at, or together with them: the rows that are behind none come
// first. A job goes on for as long as nothing of it is pointed at by rows of others.
func (u *unit) inTurn(level int, depths []int, jobs []insertJob) (cut []insertJob) {
	type place struct{ job, depth, turn int } // turn: how many times the job was cut before the row
	places, on := map[*node]*place{}, map[*node][]*node{}
	for _, n := range u.points.beside[level] {
		of := u.nodes[u.points.needs[n].Of]
		on[of] = append(on[of], u.nodes[u.points.needs[n].On])
	}
	var rows []*node
	for j, job := range jobs {
		for _, n := range job.nodes {
			places[n] = &place{job: j, turn: -1}
		}
		rows = append(rows, job.nodes...)
	}
	for i, n := range u.nodes {
		if p := places[n]; p != nil && len(depths) > 0 {
			p.depth = depths[i]
		}
	}
	slices.SortStableFunc(rows, func(a, b *node) int { return cmp.Compare(places[a].depth, places[b].depth) })
	waiting, turns := make([][]*node, len(jobs)), make([]int, len(jobs))
	end := func(j int) {
		if len(waiting[j]) > 0 {
			part := jobs[j]
			part.nodes, waiting[j] = waiting[j], nil
			cut, turns[j] = append(cut, part), turns[j]+1
		}
	}
	for _, n := range rows {
		p := places[n]
		for _, other := range on[n] {
			if o := places[other]; o.job != p.job && o.turn == turns[o.job] {
				end(o.job)
			}
		}
		waiting[p.job], p.turn = append(waiting[p.job], n), turns[p.job]
	}
	for j := range jobs {
		end(j)
	}
	return cut
}

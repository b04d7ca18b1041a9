package writes_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// syncModel is what the tables should hold: the lines of both orders, and the loose rows by their numbers.
type syncModel struct {
	lines map[int64]sLine
	loose map[string]string // "order item", the order "-" where it points at nothing
}

// TestSyncMeansWhatItSays: any sequence of calls leaves what a plain model of sets says, returns its differences, and the structs are
// what the database has.
func TestSyncMeansWhatItSays(t *testing.T) {
	t.Parallel()
	onSynced(t, func(t *testing.T, d kit.Database, ctx context.Context) {
		declared := newSyncTables([]dovetail.TableOption{dovetail.Unique("order_id", "pos")}, dovetail.DeleteOrphans())
		learning := newSyncTables(nil, dovetail.DeleteOrphans())
		rapid.Check(t, func(rt *rapid.T) {
			d.Exec(t, "DELETE FROM s_lines; DELETE FROM s_loose")
			m := syncModel{map[int64]sLine{}, map[string]string{}}
			for range rapid.IntRange(1, 6).Draw(rt, "calls") {
				tables := declared
				if rapid.Bool().Draw(rt, "learns") {
					tables = learning
				}
				owner := rapid.Int64Range(1, 2).Draw(rt, "owner")
				if rapid.Bool().Draw(rt, "loose") {
					m.syncLoose(rt, ctx, d, tables, owner)
				} else {
					m.syncLines(rt, ctx, d, tables, owner)
				}
			}
		})
	})
}

// syncLines draws the lines of an order: some that are there, as they are or with other values, and new ones.
func (m syncModel) syncLines(t *rapid.T, ctx context.Context, d kit.Database, tables syncTables, owner int64) {
	var ids []int64
	for id := range m.lines {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	n := rapid.IntRange(0, 5).Draw(t, "lines")
	positions := rapid.Permutation([]int64{1, 2, 3, 4, 5, 6}).Draw(t, "positions")
	var rows []*sLine
	refused := false
	for i := range n {
		row := &sLine{Item: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "item"), Pos: positions[i]}
		if len(ids) > 0 && rapid.IntRange(0, 3).Draw(t, "known") > 0 {
			id := rapid.SampledFrom(ids).Draw(t, "id")
			if slices.ContainsFunc(rows, func(l *sLine) bool { return l.ID == id }) || m.lines[id].OrderID != owner && i > 0 {
				continue
			}
			held := m.lines[id]
			refused = refused || held.OrderID != owner
			row.ID, row.Version = id, held.Version
		}
		rows = append(rows, row)
	}
	want := [3]int{}
	next := map[int64]sLine{}
	for id, l := range m.lines {
		if l.OrderID != owner {
			next[id] = l
		} else if !slices.ContainsFunc(rows, func(r *sLine) bool { return r.ID == id }) {
			want[1]++
		}
	}
	changed := map[*sLine]int64{}
	for _, r := range rows {
		held, ok := m.lines[r.ID]
		switch {
		case !ok:
			want[0]++
		case held.Item != r.Item || held.Pos != r.Pos:
			want[2]++
			changed[r] = held.Version + 1
		default:
			changed[r] = held.Version
		}
	}
	diff, err := tables.of.Sync(ctx, d.DB, &sOrder{ID: owner}, rows...)
	if refused {
		if err == nil {
			t.Fatalf("expected a row of another order to be refused")
		}
		m.compare(t, ctx, d, tables)
		return
	}
	if got := [3]int{len(diff.Added), len(diff.Removed), len(diff.Changed)}; err != nil || got != want {
		t.Fatalf("expected %v, got %v, %v", want, got, err)
	}
	for _, r := range rows {
		if r.OrderID != owner || r.Shout != strings.ToUpper(r.Item) || r.Version != changed[r] || r.ID == 0 {
			t.Fatalf("the struct is %+v, expected version %d", r, changed[r])
		}
		next[r.ID] = *r
	}
	clear(m.lines)
	for id, l := range next {
		m.lines[id] = l
	}
	m.compare(t, ctx, d, tables)
}

// syncLoose draws rows whose keys the program gives, and that stay without an owner.
func (m syncModel) syncLoose(t *rapid.T, ctx context.Context, d kit.Database, tables syncTables, owner int64) {
	numbers := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 4, func(s string) string { return s }).Draw(t, "numbers")
	item := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "item")
	mine := fmt.Sprint(owner) + " "
	want, refused := [3]int{}, false
	next := map[string]string{}
	for no, held := range m.loose {
		next[no] = held
		if strings.HasPrefix(held, mine) && !slices.Contains(numbers, no) {
			next[no] = "-" + held[1:]
			want[1]++
		}
	}
	var rows []*sLoose
	for _, no := range numbers {
		rows = append(rows, &sLoose{No: no, Item: &item})
		switch held, ok := m.loose[no]; {
		case !ok || held[0] == '-':
			want[0]++
		case !strings.HasPrefix(held, mine):
			refused = true
		case held != mine+item:
			want[2]++
		}
		next[no] = mine + item
	}
	diff, err := tables.kept.Sync(ctx, d.DB, &sOrder{ID: owner}, rows...)
	got := [3]int{len(diff.Added), len(diff.Removed), len(diff.Changed)}
	switch {
	case refused && err == nil:
		t.Fatalf("expected a row of another order to be refused")
	case refused:
		m.compare(t, ctx, d, tables)
		return
	case err != nil || got != want:
		t.Fatalf("expected %v, got %v, %v", want, got, err)
	}
	for no, row := range next {
		m.loose[no] = row
	}
	m.compare(t, ctx, d, tables)
}

// compare fails the test unless the tables hold what the model does.
func (m syncModel) compare(t *rapid.T, ctx context.Context, d kit.Database, tables syncTables) {
	lines, err := dovetail.Select(tables.lines).All(ctx, d.DB)
	loose, failed := dovetail.Select(tables.loose).Where(squirrel.Eq{"kind": "k"}).All(ctx, d.DB)
	if err != nil || failed != nil || len(lines) != len(m.lines) || len(loose) != len(m.loose) {
		t.Fatalf("got %d lines and %d loose rows, %v, %v", len(lines), len(loose), err, failed)
	}
	for _, l := range lines {
		l.Order = m.lines[l.ID].Order
		if m.lines[l.ID] != *l {
			t.Fatalf("expected %+v, got %+v", m.lines[l.ID], *l)
		}
	}
	for _, l := range loose {
		order := "-"
		if l.OrderID != nil {
			order = fmt.Sprint(*l.OrderID)
		}
		if got := order + " " + *l.Item; got != m.loose[l.No] {
			t.Fatalf("expected %q to be %q, got %q", l.No, m.loose[l.No], got)
		}
	}
}

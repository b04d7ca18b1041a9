package oracle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type peer struct {
	ID    int64
	Peers []dovetail.Linked[peer, peerPair]
}

type peerPair struct {
	One, Other int64
	Weight     *int64
}

// peerModel is the weights of the rows of each pair, by the smaller and the larger of the two: one, or two where it is stored in both
// orders; -1 for none. The order in which a row is stored is not of the model.
type peerModel map[[2]int64][]int64

func pairOf(a, b int64) [2]int64 { return [2]int64{min(a, b), max(a, b)} }

// TestSymmetricMeansWhatItSays: any sequence of calls from any ends leaves the pairs that a plain model of sets says, and returns its
// differences, whichever order they are stored in.
func TestSymmetricMeansWhatItSays(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	peers := dovetail.NewTable[peer](r, "peers")
	pairs := dovetail.NewTable[peerPair](r, "peer_pairs", dovetail.PrimaryKey("one", "other"))
	links := dovetail.ManyToMany(peers, "peers", peers, pairs, dovetail.ThroughKeys("one", "other"), dovetail.Symmetric())
	kit.OnEach(t, `CREATE TABLE peers (id BIGINT PRIMARY KEY);
CREATE TABLE peer_pairs (one BIGINT NOT NULL REFERENCES peers, other BIGINT NOT NULL REFERENCES peers, weight BIGINT, PRIMARY KEY (one, other));
INSERT INTO peers (id) VALUES (1), (2), (3), (4), (5);`, func(t *testing.T, d kit.Database) {
		rapid.Check(t, func(rt *rapid.T) {
			d.Exec(t, "DELETE FROM peer_pairs")
			m := peerModel{}
			stored := rapid.SliceOfNDistinct(rapid.Int64Range(0, 24), 0, 6, rapid.ID[int64]).Draw(rt, "stored")
			for _, p := range stored {
				one, other := p/5+1, p%5+1
				d.Exec(t, fmt.Sprintf("INSERT INTO peer_pairs (one, other) VALUES (%d, %d)", one, other))
				m[pairOf(one, other)] = append(m[pairOf(one, other)], -1)
			}
			for range rapid.IntRange(1, 6).Draw(rt, "calls") {
				m.run(rt, d, links)
				got := kit.Collect[string](t, d.DB, dovetail.Select(pairs).Columns().Column(
					"CASE WHEN self.one < self.other THEN self.one || '-' || self.other ELSE self.other || '-' || self.one END || ':' || coalesce(self.weight, -1) AS line"))
				slices.Sort(got)
				want := []string{}
				for p, weights := range m {
					for _, w := range weights {
						want = append(want, fmt.Sprintf("%d-%d:%d", p[0], p[1], w))
					}
				}
				slices.Sort(want)
				if !slices.Equal(got, want) {
					rt.Fatalf("expected %v, got %v", want, got)
				}
			}
		})
	})
}

// run makes one call, and checks what it returns.
func (m peerModel) run(t *rapid.T, d kit.Database, links *dovetail.ToMany[*peer, *peer]) {
	ctx, owner := context.Background(), rapid.Int64Range(1, 5).Draw(t, "owner")
	ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 5), 0, 4, rapid.ID[int64]).Draw(t, "ids")
	weight := rapid.Int64Range(0, 2).Draw(t, "weight")
	op := rapid.SampledFrom([]string{"link", "with", "unlink", "all", "replace", "replaceWith"}).Draw(t, "op")
	var rows []*peer
	var entries []dovetail.Linked[peer, peerPair]
	for i, id := range ids {
		rows = append(rows, &peer{ID: id})
		link := &peerPair{Weight: &weight}
		switch (int(weight) + i) % 3 {
		case 1:
			link.One, link.Other = owner, id
		case 2:
			link.One, link.Other = id, owner
		}
		entries = append(entries, dovetail.Linked[peer, peerPair]{Row: rows[i], Link: link})
	}
	check := func(got any, err error, want any) {
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s of %d with %v: expected %v, got %v, %v", op, owner, ids, want, got, err)
		}
	}
	of, o := m.of(owner), &peer{ID: owner}
	switch op {
	case "link":
		n, err := links.Link(ctx, d.DB, o, rows...)
		check(n, err, len(m.add(owner, ids, -1)))
	case "with":
		n, err := dovetail.LinkWith(ctx, d.DB, links, o, entries...)
		m.add(owner, ids, -1)
		m.weigh(owner, ids, weight)
		written := 0
		for _, id := range ids {
			written += len(m[pairOf(owner, id)])
		}
		check(n, err, written)
	case "unlink":
		n, err := links.Unlink(ctx, d.DB, o, rows...)
		check(n, err, m.drop(owner, ids))
	case "all":
		n, err := links.UnlinkAll(ctx, d.DB, o)
		check(n, err, m.drop(owner, of))
	case "replace", "replaceWith":
		gone := slices.DeleteFunc(slices.Clone(of), func(id int64) bool { return slices.Contains(ids, id) })
		m.drop(owner, gone)
		added, changed := m.add(owner, ids, -1), []int64(nil)
		var got dovetail.Diff[*peer]
		var err error
		if op == "replace" {
			got, err = links.Replace(ctx, d.DB, o, rows...)
		} else {
			got, err = dovetail.ReplaceWith(ctx, d.DB, links, o, entries...)
			changed = slices.DeleteFunc(m.weigh(owner, ids, weight), func(id int64) bool { return slices.Contains(added, id) })
		}
		list := func(rows []*peer) []int64 { return kit.Pluck(rows, func(p *peer) int64 { return p.ID }) }
		check([][]int64{list(got.Added), list(got.Removed), list(got.Changed)}, err, [][]int64{added, gone, changed})
	}
}

// of returns those that a peer is paired with, in order.
func (m peerModel) of(owner int64) (ids []int64) {
	for id := range int64(6) {
		if len(m[pairOf(owner, id)]) > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// add pairs, and returns those that were not, in order.
func (m peerModel) add(owner int64, ids []int64, weight int64) (added []int64) {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		if len(m[pairOf(owner, id)]) == 0 {
			m[pairOf(owner, id)], added = []int64{weight}, append(added, id)
		}
	}
	return added
}

// weigh gives every row of the pairs a weight, and returns those of which one had another, in order.
func (m peerModel) weigh(owner int64, ids []int64, weight int64) (changed []int64) {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		other := false
		for i, w := range m[pairOf(owner, id)] {
			other = other || w != weight
			m[pairOf(owner, id)][i] = weight
		}
		if other {
			changed = append(changed, id)
		}
	}
	return changed
}

// drop removes pairs, and returns how many rows there were.
func (m peerModel) drop(owner int64, ids []int64) (n int) {
	for _, id := range ids {
		n += len(m[pairOf(owner, id)])
		delete(m, pairOf(owner, id))
	}
	return n
}

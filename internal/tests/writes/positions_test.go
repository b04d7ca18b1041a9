package writes_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Links with a position that no two of an owner have.

type posPost struct {
	ID   int64
	Tags []dovetail.Linked[posTag, posLink]
}

type posTag struct{ ID int64 }

type posLink struct {
	PostID, TagID int64
	Pos           int64
	Rank          *int64
	Note          string
}

type positions struct {
	posts *dovetail.Table[posPost]
	links *dovetail.ToMany[*posPost, *posTag]
}

func newPositions(options ...dovetail.TableOption) positions {
	r := dovetail.NewRegistry()
	p := positions{posts: dovetail.NewTable[posPost](r, "pos_posts")}
	tags := dovetail.NewTable[posTag](r, "pos_tags")
	links := dovetail.NewTable[posLink](r, "pos_links", append(options, dovetail.PrimaryKey("post_id", "tag_id"))...)
	p.links = dovetail.ManyToMany(p.posts, "tags", tags, links, dovetail.ThroughKeys("post_id", "tag_id"))
	return p
}

// at are entries for tags with their positions, as "1:2 3:1".
func at(positions string) []dovetail.Linked[posTag, posLink] {
	var entries []dovetail.Linked[posTag, posLink]
	for _, p := range strings.Fields(positions) {
		link := &posLink{}
		if _, err := fmt.Sscanf(p, "%d:%d", &link.TagID, &link.Pos); err != nil {
			panic(err)
		}
		link.Rank, link.Note = &link.Pos, p
		entries = append(entries, dovetail.Linked[posTag, posLink]{Row: &posTag{ID: link.TagID}, Link: link})
	}
	return entries
}

// posDDL has a column that the struct does not know, and rows that point at links: none of that may be lost.
const posDDL = `
CREATE TABLE pos_posts (id BIGINT PRIMARY KEY);
CREATE TABLE pos_tags (id BIGINT PRIMARY KEY);
CREATE TABLE pos_links (post_id BIGINT NOT NULL REFERENCES pos_posts, tag_id BIGINT NOT NULL REFERENCES pos_tags, pos BIGINT NOT NULL,
  rank BIGINT, note TEXT NOT NULL, kept TEXT NOT NULL DEFAULT 'new', PRIMARY KEY (post_id, tag_id), UNIQUE (post_id, pos), UNIQUE (rank, post_id),
  CHECK (pos > 0));
CREATE TABLE pos_marks (post_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, FOREIGN KEY (post_id, tag_id) REFERENCES pos_links ON DELETE CASCADE);
INSERT INTO pos_posts VALUES (1), (2);
INSERT INTO pos_tags VALUES (1), (2), (3), (4), (5), (6), (7), (8);
`

// TestPositionsAreGivenAway replaces links whose positions others held before, in every order.
func TestPositionsAreGivenAway(t *testing.T) {
	t.Parallel()
	both := []dovetail.TableOption{dovetail.Unique("post_id", "pos"), dovetail.Unique("rank", "post_id")}
	kit.OnEach(t, posDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		if !d.Postgres() {
			d.Exec(t, "PRAGMA foreign_keys = ON")
		}
		for name, p := range map[string]positions{"declared": newPositions(both...), "not declared": newPositions(), "half": newPositions(both[0])} {
			for _, test := range []struct {
				name, from, to          string
				added, removed, changed int
			}{
				{"a swap", "1:1 2:2", "1:2 2:1", 0, 0, 2},
				{"a shift up", "1:1 2:2 3:3 4:4", "1:2 2:3 3:4 4:5", 0, 0, 4},
				{"a shift down", "1:2 2:3 3:4", "1:1 2:2 3:3", 0, 0, 3},
				{"a shift in the order of keys and against it", "1:3 2:2 3:1", "1:4 2:3 3:2", 0, 0, 3},
				{"a round", "1:1 2:2 3:3", "1:2 2:3 3:1", 0, 0, 3},
				{"two rounds beside one that moves", "1:1 2:2 3:3 4:4 5:5 6:6", "1:2 2:1 3:4 4:5 5:3 6:7", 0, 0, 6},
				{"one that is removed", "1:1 2:2", "2:1", 0, 1, 1},
				{"one that is removed later in the order", "1:1 2:2", "1:2", 0, 1, 1},
				{"one that is removed, for a new one", "2:1", "1:1", 1, 1, 0},
				{"a new one takes what another had", "2:1", "1:1 2:2", 1, 0, 1},
				{"all at once", "1:1 2:2 3:3 5:5", "1:5 2:3 3:2 4:1 6:4", 2, 1, 3},
				{"nothing", "1:1 2:2", "1:1 2:2", 0, 0, 0},
			} {
				t.Run(name+"/"+test.name, func(t *testing.T) {
					d.Exec(t, "DELETE FROM pos_marks; DELETE FROM pos_links; INSERT INTO pos_links (post_id, tag_id, pos, rank, note) VALUES (2, 1, 1, 1, 'x')")
					post := &posPost{ID: 1}
					kit.Must[int64](t)(dovetail.LinkWith(ctx, d.DB, p.links, post, at(test.from)...))
					d.Exec(t, "UPDATE pos_links SET kept = 'kept'; INSERT INTO pos_marks SELECT post_id, tag_id FROM pos_links")
					diff, err := dovetail.ReplaceWith(ctx, d.DB, p.links, post, at(test.to)...)
					kit.NoError(t, err)
					kit.Equal(t, "the difference", fmt.Sprint(len(diff.Added), len(diff.Removed), len(diff.Changed)),
						fmt.Sprint(test.added, test.removed, test.changed))
					kit.Equal(t, "links", p.shown(t, d, 1), test.to)
					lost := kit.Must[[]int64](t)(kit.SQL[int64](ctx, d.DB, `SELECT count(*) FROM pos_links WHERE kept = 'kept' AND (post_id, tag_id) IN
						(SELECT post_id, tag_id FROM pos_marks)`))
					kit.Equal(t, "links that kept what the program does not know", int(lost[0]), 1+len(strings.Fields(test.to))-test.added)
				})
			}
		}
	})
}

// shown are the links of a post, as at reads them.
func (p positions) shown(t *testing.T, d kit.Database, post int64) string {
	t.Helper()
	var shown []string
	lines := kit.Must[[]string](t)(kit.SQL[string](t.Context(), d.DB, fmt.Sprintf("SELECT note FROM pos_links WHERE post_id = %d AND "+
		"note = tag_id || ':' || pos AND rank = pos ORDER BY tag_id", post)))
	shown = append(shown, lines...)
	return strings.Join(shown, " ")
}

// TestPositionsThatCannotBeExchanged refuses what there is no value in between for, and what another owner holds.
func TestPositionsThatCannotBeExchanged(t *testing.T) {
	t.Parallel()
	type slot struct {
		PostID, TagID int64
		Slot          string
	}
	type owner struct {
		ID   int64
		Tags []dovetail.Linked[posTag, slot]
	}
	r := dovetail.NewRegistry()
	posts, tags := dovetail.NewTable[owner](r, "pos_posts"), dovetail.NewTable[posTag](r, "pos_tags")
	slots := dovetail.NewTable[slot](r, "pos_slots", dovetail.PrimaryKey("post_id", "tag_id"), dovetail.Unique("slot"))
	links := dovetail.ManyToMany(posts, "tags", tags, slots, dovetail.ThroughKeys("post_id", "tag_id"))
	in := func(tag int64, s string) dovetail.Linked[posTag, slot] {
		return dovetail.Linked[posTag, slot]{Row: &posTag{ID: tag}, Link: &slot{Slot: s}}
	}
	ddl := posDDL + `CREATE TABLE pos_slots (post_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, slot TEXT NOT NULL UNIQUE, PRIMARY KEY (post_id, tag_id));
INSERT INTO pos_slots VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c')`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		_, err := dovetail.ReplaceWith(ctx, d.DB, links, &owner{ID: 1}, in(1, "b"), in(2, "a"))
		kit.Refused(t, err, dovetail.ErrUnsupported, `"pos_slots" (slot)`, "exchange")
		_, err = dovetail.ReplaceWith(ctx, d.DB, links, &owner{ID: 1}, in(1, "b"), in(2, "c"))
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) || refused.Kind != dovetail.UniqueConstraint {
			t.Errorf("expected the unique key to refuse it, got %v", err)
		}
		held := kit.Must[[]string](t)(kit.SQL[string](ctx, d.DB, "SELECT post_id || '.' || tag_id || slot FROM pos_slots ORDER BY 1"))
		kit.Same(t, "slots", held, "1.1a", "1.2b", "2.1c")
		diff, err := dovetail.ReplaceWith(ctx, d.DB, links, &owner{ID: 1}, in(1, "b"), in(2, "d"))
		kit.NoError(t, err)
		kit.Equal(t, "changed", len(diff.Changed), 2)
	})
}

// TestWritersOfPositionsDoNotStopEachOther has several writers replace, link and unlink the links of one owner, over and over.
func TestWritersOfPositionsDoNotStopEachOther(t *testing.T) {
	t.Parallel()
	p := newPositions(dovetail.Unique("post_id", "pos"), dovetail.Unique("rank", "post_id"))
	states := []string{"1:1 2:2 3:3 4:4", "1:4 2:3 3:2 4:1", "5:1 2:4 1:2 6:3", "8:1 7:2 6:3 5:4 4:5"}
	kit.OnEach(t, posDDL, func(t *testing.T, d kit.Database) {
		rounds := kit.Sized(150, 40)
		work := func(ctx context.Context, w int) error {
			random := rand.New(rand.NewPCG(14, uint64(w)))
			for range rounds {
				entries := at(states[random.IntN(len(states))])
				random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
				if _, err := dovetail.ReplaceWith(ctx, d.DB, p.links, &posPost{ID: 1}, entries...); err != nil {
					return err
				}
				if w < 2 {
					continue
				}
				if _, err := p.links.Unlink(ctx, d.DB, &posPost{ID: 1}, entries[0].Row, entries[2].Row, entries[1].Row); err != nil {
					return err
				}
				// What others hold by now may refuse it, which is no deadlock.
				_, err := dovetail.LinkWith(ctx, d.DB, p.links, &posPost{ID: 1}, entries[2], entries[0])
				var refused *dovetail.ConstraintError
				if err != nil && !errors.As(err, &refused) {
					return err
				}
			}
			return nil
		}
		run := func(workers int) {
			t.Helper()
			errs := make([]error, workers)
			var wg sync.WaitGroup
			for w := range workers {
				wg.Go(func() { errs[w] = work(t.Context(), w) })
			}
			wg.Wait()
			kit.NoError(t, errors.Join(errs...))
		}
		run(2)
		last := strings.Fields(p.shown(t, d, 1))
		fits := false
		for _, s := range states {
			same := len(strings.Fields(s)) == len(last)
			for _, l := range last {
				same = same && strings.Contains(s, l)
			}
			fits = fits || same
		}
		if !fits {
			t.Errorf("expected what one of the writers wrote, got %v", last)
		}
		run(4)
	})
}

// TestRandomPositionsAreGivenAway replaces links by random ones that must differ in two columns, each by itself.
func TestRandomPositionsAreGivenAway(t *testing.T) {
	t.Parallel()
	keys := []dovetail.TableOption{dovetail.Unique("post_id", "pos"), dovetail.Unique("rank", "post_id")}
	kit.OnEach(t, posDDL, func(t *testing.T, d kit.Database) {
		for name, p := range map[string]positions{"declared": newPositions(keys...), "not declared": newPositions()} {
			random := rand.New(rand.NewPCG(28, uint64(len(name))))
			for round := range 120 {
				tags, pos, rank := random.Perm(7), random.Perm(7), random.Perm(7)
				var want []string
				var entries []dovetail.Linked[posTag, posLink]
				for i := range 1 + random.IntN(7) {
					place := int64(rank[i])
					link := &posLink{TagID: int64(tags[i] + 1), Pos: int64(pos[i] + 1), Rank: &place, Note: "x"}
					if random.IntN(5) == 0 {
						link.Rank, place = nil, -1
					}
					entries = append(entries, dovetail.Linked[posTag, posLink]{Row: &posTag{ID: link.TagID}, Link: link})
					want = append(want, fmt.Sprintf("%d:%d:%d", link.TagID, link.Pos, place))
				}
				slices.Sort(want)
				if _, err := dovetail.ReplaceWith(t.Context(), d.DB, p.links, &posPost{ID: 1}, entries...); err != nil {
					t.Fatalf("%s, round %d: %v\n%s", name, round, err, kit.DescribeSQL(err))
				}
				got := kit.Must[[]string](t)(kit.SQL[string](t.Context(), d.DB, "SELECT tag_id || ':' || pos || ':' || coalesce(rank, -1) FROM pos_links "+
					"WHERE post_id = 1 ORDER BY tag_id"))
				kit.Same(t, fmt.Sprint(name, ", round ", round), got, want...)
			}
		}
	})
}

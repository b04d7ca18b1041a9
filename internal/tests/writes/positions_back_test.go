package writes_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Links with a position that no two of an owner have, marked or not: one that comes back gives up the place that it kept.

type (
	backList struct {
		ID    int64
		Songs []dovetail.Linked[backSong, backEntry]
	}
	backSong  struct{ ID int64 }
	backEntry struct {
		ListID, SongID int64
		Pos            int64
		Note           *string
		Rev            int64
		DeletedAt      *time.Time
	}
	backFlag struct {
		ListID, SongID int64
		Pos            int64
		Deleted        bool
	}
)

const backDDL = `
CREATE TABLE back_lists (id BIGINT PRIMARY KEY);
CREATE TABLE back_songs (id BIGINT PRIMARY KEY);
CREATE TABLE back_entries (list_id BIGINT NOT NULL, song_id BIGINT NOT NULL, pos BIGINT NOT NULL, note TEXT, rev BIGINT NOT NULL DEFAULT 0,
	deleted_at TIMESTAMP, PRIMARY KEY (list_id, song_id), UNIQUE (list_id, pos));
CREATE TABLE back_flags (list_id BIGINT NOT NULL, song_id BIGINT NOT NULL, pos BIGINT NOT NULL, deleted BOOLEAN NOT NULL DEFAULT FALSE,
	PRIMARY KEY (list_id, song_id), UNIQUE (list_id, pos));
INSERT INTO back_lists VALUES (1), (2);
INSERT INTO back_songs VALUES (1), (2), (3), (4), (5), (6)`

// backEntries are entries as "1:3 2:1": songs and their positions; "4" has no link.
func backEntries[L any](positions string, link func(pos int64) *L) []dovetail.Linked[backSong, L] {
	var entries []dovetail.Linked[backSong, L]
	for _, p := range strings.Fields(positions) {
		e := dovetail.Linked[backSong, L]{Row: new(backSong)}
		var pos int64
		if n, _ := fmt.Sscanf(p, "%d:%d", &e.Row.ID, &pos); n == 2 {
			e.Link = link(pos)
		}
		entries = append(entries, e)
	}
	return entries
}

// backCases have links that are there, "x" before those that are marked, those that are wanted, and those that are there then, or nothing if
// a place is another's.
var backCases = []struct{ name, from, to, then, diff string }{
	{"a live one takes the place", "x1:1 2:2", "1:3 2:1", "1:3 2:1", "1 0 1"},
	{"a new one takes the place", "x1:1 2:2", "1:3 2:2 3:1", "1:3 2:2 3:1", "2 0 0"},
	{"two exchange", "x1:1 2:2", "1:2 2:1", "1:2 2:1", "1 0 1"},
	{"two that come back exchange", "x1:1 x2:2", "1:2 2:1", "1:2 2:1", "2 0 0"},
	{"a round", "x1:1 2:2 x3:3", "1:2 2:3 3:1", "1:2 2:3 3:1", "2 0 1"},
	{"against the order of keys", "1:1 x2:2", "1:2 2:3", "1:2 2:3", "1 0 1"},
	{"beside one that goes", "x1:1 2:2 3:3", "1:4 3:1", "x2:2 1:4 3:1", "1 1 1"},
	{"the same place", "x1:1 2:2", "1:1 2:3", "1:1 2:3", "1 0 1"},
	{"beside one without a link", "x1:1 2:2 x4:4", "1:3 2:1 4", "1:3 2:1 4:4", "2 0 1"},
	{"a place that one without a link keeps", "x1:1 2:2", "1 2:1", "", ""},
	{"one that stays marked keeps its place", "x1:1 2:2", "2:1", "", ""},
}

// backTable is a join table of lists and songs, and what replaces its links.
type backTable struct {
	name, mark, marked string // the table, the condition that a link is marked, and the value of its mark
	replace            func(ctx context.Context, db dovetail.DB, wanted string) (dovetail.Diff[*backSong], error)
}

func backTables(options ...dovetail.TableOption) []backTable {
	r := dovetail.NewRegistry()
	lists, songs := dovetail.NewTable[backList](r, "back_lists"), dovetail.NewTable[backSong](r, "back_songs")
	options = append(options, dovetail.PrimaryKey("list_id", "song_id"))
	entries := dovetail.NewTable[backEntry](r, "back_entries", append(options, dovetail.SoftDelete("deleted_at"), dovetail.Version("rev"))...)
	flags := dovetail.NewTable[backFlag](r, "back_flags", append(options, dovetail.SoftDelete("deleted"), dovetail.Default("deleted", "FALSE"))...)
	timed := dovetail.ManyToMany(lists, "songs", songs, entries, dovetail.ThroughKeys("list_id", "song_id"))
	flagged := dovetail.ManyToMany(lists, "flagged", songs, flags, dovetail.ThroughKeys("list_id", "song_id"))
	return []backTable{
		{"back_entries", "deleted_at IS NOT NULL", "deleted_at) VALUES (CURRENT_TIMESTAMP, ", func(ctx context.Context, db dovetail.DB, wanted string) (dovetail.Diff[*backSong], error) {
			return dovetail.ReplaceWith(ctx, db, timed, &backList{ID: 1}, backEntries(wanted, func(pos int64) *backEntry { return &backEntry{Pos: pos} })...)
		}},
		{"back_flags", "deleted", "deleted) VALUES (TRUE, ", func(ctx context.Context, db dovetail.DB, wanted string) (dovetail.Diff[*backSong], error) {
			return dovetail.ReplaceWith(ctx, db, flagged, &backList{ID: 1}, backEntries(wanted, func(pos int64) *backFlag { return &backFlag{Pos: pos} })...)
		}},
	}
}

// check gives a list links and replaces them; then is what is there afterwards, empty where the unique key refuses it.
func (b backTable) check(t *testing.T, d kit.Database, what string, c struct{ name, from, to, then, diff string }) {
	t.Helper()
	what += ", " + b.name + ", " + c.name + ": " + c.from + " to " + c.to
	sql := "DELETE FROM " + b.name + "; INSERT INTO " + b.name + " (list_id, song_id, pos) VALUES (2, 1, 1)"
	for _, link := range strings.Fields(c.from) {
		values, marked := strings.CutPrefix(strings.Replace(link, ":", ", ", 1)+", 1)", "x")
		into := "; INSERT INTO " + b.name + " (song_id, pos, list_id) VALUES ("
		if marked {
			into = "; INSERT INTO " + b.name + " (" + strings.Replace(b.marked, ")", ", song_id, pos, list_id)", 1)
		}
		sql += into + values
	}
	d.Exec(t, sql)
	diff, err := b.replace(t.Context(), d.DB, c.to)
	var refused *dovetail.ConstraintError
	switch {
	case c.then != "" && err != nil:
		t.Errorf("%s: %v\n%s", what, err, kit.DescribeSQL(err))
	case c.then != "":
		kit.Equal(t, what+": the difference", fmt.Sprint(len(diff.Added), len(diff.Removed), len(diff.Changed)), c.diff)
	case !errors.As(err, &refused) || refused.Kind != dovetail.UniqueConstraint:
		t.Errorf("%s: expected the unique key to refuse it, got %v", what, err)
	default:
		c.then = c.from
	}
	rows := kit.Texts(t, d.DB, "SELECT CASE WHEN "+b.mark+" THEN 'x' ELSE '' END || song_id || ':' || pos FROM "+b.name+" WHERE list_id = 1 ORDER BY song_id")
	want := strings.Fields(c.then)
	slices.SortFunc(want, func(a, b string) int { return strings.Compare(strings.TrimPrefix(a, "x"), strings.TrimPrefix(b, "x")) })
	kit.Same(t, what, rows, want...)
}

// TestALinkThatComesBackGivesUpItsPlace replaces links beside marked ones, with a key that is declared and not.
func TestALinkThatComesBackGivesUpItsPlace(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]dovetail.TableOption{"declared": {dovetail.Unique("list_id", "pos")}, "not declared": nil} {
		kit.OnEach(t, backDDL, func(t *testing.T, d kit.Database) {
			for _, b := range backTables(options...) {
				for _, c := range backCases {
					b.check(t, d, name, c)
				}
				random := rand.New(rand.NewPCG(9, kit.Seed(t)))
				for range kit.Sized(60, 20) {
					b.check(t, d, name, randomBack(random))
				}
			}
		})
	}
}

// randomBack is a case of random links. It can be done if no two have one place afterwards, those among them that stay marked.
func randomBack(random *rand.Rand) (c struct{ name, from, to, then, diff string }) {
	there, marked, wanted := map[int]int{}, map[int]bool{}, map[int]int{}
	var from, to, then []string
	places := random.Perm(6)
	for song := range 6 {
		if random.IntN(4) > 0 {
			there[song], marked[song] = places[song], random.IntN(2) == 0
			from = append(from, fmt.Sprintf("%s%d:%d", map[bool]string{true: "x"}[marked[song]], song+1, places[song]+1))
		}
	}
	places = random.Perm(6)
	for _, song := range random.Perm(6) {
		if random.IntN(3) > 0 {
			wanted[song] = places[song]
			to = append(to, fmt.Sprintf("%d:%d", song+1, places[song]+1))
		}
	}
	added, removed, changed, taken := 0, 0, 0, map[int]int{}
	for song := range 6 {
		place, is := wanted[song]
		before, was := there[song]
		switch live := was && !marked[song]; {
		case is && !live:
			added++
		case is && place != before:
			changed++
		case live && !is:
			removed++
			fallthrough
		case was && !is:
			place, is = before, true
			then = append(then, fmt.Sprintf("x%d:%d", song+1, place+1))
			taken[place]++
			continue
		}
		if is {
			then = append(then, fmt.Sprintf("%d:%d", song+1, place+1))
			taken[place]++
		}
	}
	c.name, c.from, c.to, c.then = "random", strings.Join(from, " "), strings.Join(to, " "), strings.Join(then, " ")
	c.diff = fmt.Sprint(added, removed, changed)
	for _, n := range taken {
		if n > 1 {
			c.then = ""
		}
	}
	return c
}

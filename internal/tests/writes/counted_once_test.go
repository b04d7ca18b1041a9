package writes_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// A Version counts what a call changes of a row, however many statements that takes.

type (
	coList struct {
		ID    int64
		Lines []*coEntry
	}
	coSong struct{ ID int64 }
	coPlay struct {
		ListID, SongID int64
		Pos            int64
		Gone           *time.Time
		Rev            int64
	}
	coTurn struct {
		ListID, SongID int64
		Pos            *int64
		Gone           bool
		Rev            int64
	}
	coEntry struct {
		ID     int64
		ListID *int64
		Pos    int64
		NextID *int64
		Next   *coEntry
		Rev    int64
	}
	coEnd   struct{ ID int64 }
	coPiece struct {
		ID    int64
		EndID *int64
	}
	coPair struct {
		ID                      int64
		LeftID, RightID, PartID *int64
		Rev                     int64
	}
)

const coDDL = `
CREATE TABLE co_lists (id BIGINT PRIMARY KEY);
CREATE TABLE co_songs (id BIGINT PRIMARY KEY);
CREATE TABLE co_plays (list_id BIGINT, song_id BIGINT, pos BIGINT NOT NULL, gone TIMESTAMP, rev BIGINT NOT NULL, PRIMARY KEY (list_id, song_id), UNIQUE (list_id, pos));
CREATE TABLE co_turns (list_id BIGINT, song_id BIGINT, pos BIGINT, gone BOOLEAN NOT NULL DEFAULT FALSE, rev BIGINT NOT NULL, PRIMARY KEY (list_id, song_id),
	UNIQUE (list_id, pos));
CREATE TABLE co_lines (id BIGINT PRIMARY KEY, list_id BIGINT, pos BIGINT NOT NULL, next_id BIGINT REFERENCES co_lines, rev BIGINT NOT NULL, UNIQUE (list_id, pos));
CREATE TABLE co_ends (id BIGINT PRIMARY KEY);
CREATE TABLE co_parts (id BIGINT PRIMARY KEY, end_id BIGINT);
CREATE TABLE co_pairs (id BIGINT PRIMARY KEY, left_id BIGINT, right_id BIGINT, part_id BIGINT, rev BIGINT NOT NULL);
INSERT INTO co_ends VALUES (1), (2);
INSERT INTO co_parts VALUES (1, 1), (2, 2);
INSERT INTO co_pairs VALUES (1, 1, 1, NULL, 10), (2, 1, 2, 1, 20), (3, 2, 1, 2, 30), (4, 1, 1, 1, 40), (5, 2, NULL, 1, 50), (6, 2, 2, 2, 60);
INSERT INTO co_lists VALUES (1);
INSERT INTO co_songs VALUES (1), (2), (3), (4);
INSERT INTO co_plays VALUES (1, 1, 1, NULL, 10), (1, 2, 2, NULL, 20), (1, 3, 3, NULL, 30), (1, 4, 4, '2001-02-03', 40);
INSERT INTO co_turns VALUES (1, 1, 1, FALSE, 10), (1, 2, 2, FALSE, 20), (1, 3, 3, FALSE, 30), (1, 4, 4, TRUE, 40);
INSERT INTO co_lines VALUES (1, 1, 1, NULL, 10), (2, 1, 2, NULL, 20), (3, 1, 3, NULL, 30);`

type coTables struct {
	lists   *dovetail.Table[coList]
	allLine *dovetail.Table[coEntry]
	plays   *dovetail.ToMany[*coList, *coSong]
	turns   *dovetail.ToMany[*coList, *coSong]
	lines   *dovetail.ToMany[*coList, *coEntry]
	ends    *dovetail.Table[coEnd]
}

func newCoTables() coTables {
	r := dovetail.NewRegistry()
	lists, songs := dovetail.NewTable[coList](r, "co_lists"), dovetail.NewTable[coSong](r, "co_songs")
	options := func(more ...dovetail.TableOption) []dovetail.TableOption {
		return append(more, dovetail.PrimaryKey("list_id", "song_id"), dovetail.Unique("list_id", "pos"), dovetail.SoftDelete("gone"), dovetail.Version("rev"))
	}
	plays := dovetail.NewTable[coPlay](r, "co_plays", options()...)
	turns := dovetail.NewTable[coTurn](r, "co_turns", options(dovetail.Default("gone", "FALSE"))...)
	lines := dovetail.NewTable[coEntry](r, "co_lines", dovetail.Unique("list_id", "pos"), dovetail.Version("rev"), dovetail.AssignedKey())
	keys := dovetail.ThroughKeys("list_id", "song_id")
	dovetail.HasMany(lines, "before", lines, dovetail.ForeignKey("next_id"), dovetail.Inverse("next"))
	ends, parts := dovetail.NewTable[coEnd](r, "co_ends"), dovetail.NewTable[coPiece](r, "co_parts")
	pairs, null := dovetail.NewTable[coPair](r, "co_pairs", dovetail.Version("rev")), dovetail.OnDelete(dovetail.SetNull)
	dovetail.HasMany(ends, "lefts", pairs, dovetail.ForeignKey("left_id"), null)
	dovetail.HasMany(ends, "rights", pairs, dovetail.ForeignKey("right_id"), null)
	dovetail.HasMany(parts, "pairs", pairs, dovetail.ForeignKey("part_id"), null)
	dovetail.HasMany(ends, "parts", parts, dovetail.ForeignKey("end_id"), dovetail.OnDelete(dovetail.Cascade))
	return coTables{lists, lines, dovetail.ManyToMany(lists, "plays", songs, plays, keys), dovetail.ManyToMany(lists, "turns", songs, turns, keys),
		dovetail.HasMany(lists, "lines", lines, dovetail.ForeignKey("list_id")), ends}
}

// TestAChangeOfARowCountsOnce: rows that go by a value in between, that come back, or whose key is set later, are changed once, or not at all.
func TestAChangeOfARowCountsOnce(t *testing.T) {
	t.Parallel()
	s := newCoTables()
	plays := func(positions ...int64) (entries []dovetail.Linked[coSong, coPlay]) {
		for i, pos := range positions {
			entries = append(entries, dovetail.Linked[coSong, coPlay]{Row: &coSong{ID: int64(i + 1)}, Link: &coPlay{Pos: pos}})
		}
		return entries
	}
	turns := func(positions ...int64) (entries []dovetail.Linked[coSong, coTurn]) {
		for i, pos := range positions {
			entries = append(entries, dovetail.Linked[coSong, coTurn]{Row: &coSong{ID: int64(i + 1)}, Link: &coTurn{Pos: &pos}})
		}
		return entries
	}
	const ofPlays, ofTurns, ofLines = "co_plays song_id", "co_turns song_id", "co_lines id"
	for name, tt := range map[string]struct {
		do    func(ctx context.Context, db dovetail.DB, list *coList) error
		table string
		revs  string
	}{
		"ReplaceWith by a number in between": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(dovetail.ReplaceWith(ctx, db, s.plays, list, plays(2, 3, 1)...))
		}, ofPlays, "1:11 2:21 3:31 4:40"},
		"ReplaceWith by a NULL in between": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(dovetail.ReplaceWith(ctx, db, s.turns, list, turns(2, 1, 3)...))
		}, ofTurns, "1:11 2:21 3:30 4:40"},
		"ReplaceWith of one that comes back": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(dovetail.ReplaceWith(ctx, db, s.plays, list, plays(4, 2, 3, 1)...))
		}, ofPlays, "1:11 2:20 3:30 4:41"},
		"LinkWith of one that comes back": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(dovetail.LinkWith(ctx, db, s.plays, list, plays(0, 0, 0, 5)[3:]...))
		}, ofPlays, "1:10 2:20 3:30 4:41"},
		"LinkWith of one whose mark has a default": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(dovetail.LinkWith(ctx, db, s.turns, list, turns(0, 0, 0, 5)[3:]...))
		}, ofTurns, "1:10 2:20 3:30 4:41"},
		"Link of one that comes back": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(s.turns.Link(ctx, db, list, &coSong{ID: 1}, &coSong{ID: 4}))
		}, ofTurns, "1:10 2:20 3:30 4:41"},
		"Replace": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(s.turns.Replace(ctx, db, list, &coSong{ID: 2}, &coSong{ID: 4}))
		}, ofTurns, "1:11 2:20 3:31 4:41"},
		"Sync": {func(ctx context.Context, db dovetail.DB, list *coList) error {
			return second(s.lines.Sync(ctx, db, list, &coEntry{ID: 1, Pos: 2, Rev: 10}, &coEntry{ID: 2, Pos: 3, Rev: 20}, &coEntry{ID: 3, Pos: 1, Rev: 30}))
		}, ofLines, "1:11 2:21 3:31"},
		"SaveAll": {func(ctx context.Context, db dovetail.DB, _ *coList) error {
			return dovetail.SaveAll(ctx, db, s.allLine, []*coEntry{{ID: 1, Pos: 7, Rev: 10}, {ID: 2, Pos: 8, Rev: 20}}, "pos")
		}, ofLines, "1:11 2:21 3:30"},
		"Upsert": {func(ctx context.Context, db dovetail.DB, _ *coList) error {
			return dovetail.Upsert(s.allLine, &coEntry{ID: 1, Pos: 7}).OnConflict("id").Set("pos").Exec(ctx, db)
		}, ofLines, "1:11 2:20 3:30"},
		"Insert of rows that point at each other": {func(ctx context.Context, db dovetail.DB, _ *coList) error {
			one, two := &coEntry{ID: 4, Pos: 4, Rev: 1}, &coEntry{ID: 5, Pos: 5, Rev: 1}
			one.Next, two.Next = two, one
			return dovetail.Insert(s.allLine, one).With("next").Exec(ctx, db)
		}, ofLines, "1:10 2:20 3:30 4:1 5:1"},
		"keys that a delete sets to NULL": {func(ctx context.Context, db dovetail.DB, _ *coList) error {
			return second(dovetail.Delete(s.ends).Where(squirrel.Eq{"id": 1}).Exec(ctx, db))
		}, "co_pairs id", "1:11 2:21 3:31 4:41 5:51 6:60"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, coDDL, func(t *testing.T, d kit.Database) {
				kit.NoError(t, tt.do(t.Context(), d.DB, &coList{ID: 1}))
				of := strings.Fields(tt.table)
				revs, err := kit.SQL[string](t.Context(), d.DB, "SELECT "+of[1]+" || ':' || rev FROM "+of[0]+" ORDER BY "+of[1])
				kit.NoError(t, err)
				kit.Equal(t, "the versions", strings.Join(revs, " "), tt.revs)
			})
		})
	}
}

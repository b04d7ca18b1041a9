package writes_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Links of a join table that has a column without which none can be inserted, and that are there.

type (
	bareList struct{ ID int64 }
	bareSong struct{ ID int64 }
	bareNote struct {
		ListID, SongID int64
		Note           string
	}
	bareMark struct {
		ListID, SongID int64
		Note           string
		DeletedAt      *time.Time
	}
	bareCheck struct {
		ListID, SongID int64
		Note           *string
		DeletedAt      *time.Time
	}
	barePair struct {
		OneID, OtherID int64
		Note           string
		DeletedAt      *time.Time
	}
)

const bareDDL = `
CREATE TABLE bare_lists (id BIGINT PRIMARY KEY);
CREATE TABLE bare_songs (id BIGINT PRIMARY KEY);
CREATE TABLE bare_notes (list_id BIGINT NOT NULL, song_id BIGINT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (list_id, song_id));
CREATE TABLE bare_marks (list_id BIGINT NOT NULL, song_id BIGINT NOT NULL, note TEXT NOT NULL, deleted_at TIMESTAMP, PRIMARY KEY (list_id, song_id));
CREATE TABLE bare_checks (list_id BIGINT NOT NULL, song_id BIGINT NOT NULL, note TEXT CHECK (note IS NOT NULL), deleted_at TIMESTAMP,
	PRIMARY KEY (list_id, song_id));
CREATE TABLE bare_pairs (one_id BIGINT NOT NULL, other_id BIGINT NOT NULL, note TEXT NOT NULL, deleted_at TIMESTAMP, PRIMARY KEY (one_id, other_id));
INSERT INTO bare_lists VALUES (1);
INSERT INTO bare_songs VALUES (1), (2), (3), (4)`

// bareLinks is a join table of which a row is linked to 2, one was to 3, if that can be, and none to 4.
type bareLinks struct {
	name, fill, shown string
	marks             bool
	link              func(ctx context.Context, db dovetail.DB, songs ...int64) (int64, error)
	replace           func(ctx context.Context, db dovetail.DB, songs ...int64) (added, removed int, err error)
}

func bareAlong[O, R any](name string, along *dovetail.ToMany[*O, *R], owner *O, related *dovetail.Table[R]) bareLinks {
	rows := func(songs []int64) []*R {
		rows, err := dovetail.Keyed(related, songs)
		if err != nil {
			panic(err)
		}
		return rows
	}
	marks := name != "bare_notes"
	b := bareLinks{name: name, marks: marks, fill: "INSERT INTO " + name + " VALUES (1, 2, 'kept'", shown: "SELECT song_id || ' ' || note FROM " + name}
	if marks {
		b.fill += ", NULL), (1, 3, 'kept', CURRENT_TIMESTAMP"
		b.shown += " WHERE deleted_at IS NULL"
	}
	b.fill, b.shown = b.fill+")", b.shown+" ORDER BY song_id"
	b.link = func(ctx context.Context, db dovetail.DB, songs ...int64) (int64, error) {
		return along.Link(ctx, db, owner, rows(songs)...)
	}
	b.replace = func(ctx context.Context, db dovetail.DB, songs ...int64) (added, removed int, err error) {
		diff, err := along.Replace(ctx, db, owner, rows(songs)...)
		return len(diff.Added), len(diff.Removed), err
	}
	return b
}

func bareTables() []bareLinks {
	r := dovetail.NewRegistry()
	lists, songs := dovetail.NewTable[bareList](r, "bare_lists"), dovetail.NewTable[bareSong](r, "bare_songs")
	key, marked, through := dovetail.PrimaryKey("list_id", "song_id"), dovetail.SoftDelete("deleted_at"), dovetail.ThroughKeys("list_id", "song_id")
	notes, marks := dovetail.NewTable[bareNote](r, "bare_notes", key), dovetail.NewTable[bareMark](r, "bare_marks", key, marked)
	checks := dovetail.NewTable[bareCheck](r, "bare_checks", key, marked)
	pairs := dovetail.NewTable[barePair](r, "bare_pairs", dovetail.PrimaryKey("one_id", "other_id"), marked)
	friends := dovetail.ManyToMany(songs, "pairs", songs, pairs, dovetail.ThroughKeys("one_id", "other_id"), dovetail.Symmetric())
	list := &bareList{ID: 1}
	all := []bareLinks{
		bareAlong("bare_notes", dovetail.ManyToMany(lists, "notes", songs, notes, through), list, songs),
		bareAlong("bare_marks", dovetail.ManyToMany(lists, "marks", songs, marks, through), list, songs),
		bareAlong("bare_checks", dovetail.ManyToMany(lists, "checks", songs, checks, through), list, songs),
		bareAlong("bare_pairs", friends, &bareSong{ID: 1}, songs),
	}
	all[3].fill = "INSERT INTO bare_pairs VALUES (2, 1, 'kept', NULL), (3, 1, 'kept', CURRENT_TIMESTAMP)"
	all[3].shown = "SELECT one_id || ' ' || note FROM bare_pairs WHERE deleted_at IS NULL ORDER BY one_id"
	return all
}

// TestLinksThatAreThereNeedNoOtherColumns links rows that are linked, and brings marked links back, past columns that must have a value.
func TestLinksThatAreThereNeedNoOtherColumns(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, bareDDL, func(t *testing.T, d kit.Database) {
		for _, b := range bareTables() {
			for _, c := range []struct {
				songs   []int64
				replace bool
				want    string // how many were linked and, by Replace, unlinked
				then    []string
			}{
				{[]int64{2, 2}, false, "0 0 <nil>", []string{"2 kept"}},
				{[]int64{3}, false, "1 0 <nil>", []string{"2 kept", "3 kept"}},
				{[]int64{3, 2}, false, "1 0 <nil>", []string{"2 kept", "3 kept"}},
				{[]int64{3, 2}, true, "1 0 <nil>", []string{"2 kept", "3 kept"}},
				{[]int64{3}, true, "1 1 <nil>", []string{"3 kept"}},
				{[]int64{4}, false, "refused", []string{"2 kept"}},
				{[]int64{2, 3, 4}, false, "refused", []string{"2 kept"}},
				{[]int64{3, 4}, true, "refused", []string{"2 kept"}},
			} {
				if !b.marks && c.songs[0] == 3 {
					continue
				}
				for _, within := range []bool{false, true} {
					d.Exec(t, "DELETE FROM "+b.name+"; "+b.fill)
					got := bareCall(t.Context(), d.DB, b, c.songs, c.replace, within)
					what := fmt.Sprint(b.name, c.songs, ", replace ", c.replace, ", in a transaction ", within)
					kit.Equal(t, what, got, c.want)
					kit.Same(t, what, kit.Texts(t, d.DB, b.shown), c.then...)
				}
			}
		}
	})
}

// bareCall links or replaces, in a transaction of the caller's which goes on or not, and says what came of it.
func bareCall(ctx context.Context, db dovetail.DB, b bareLinks, songs []int64, replace, within bool) string {
	var n int64
	var added, removed int
	call := func(db dovetail.DB) (err error) {
		if replace {
			added, removed, err = b.replace(ctx, db, songs...)
			return err
		}
		n, err = b.link(ctx, db, songs...)
		return err
	}
	var err error
	if within {
		err = errors.Join(db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			err = call(tx)
			return nil // the transaction goes on, and ends well
		}), err)
	} else {
		err = call(db)
	}
	var refused *dovetail.ConstraintError
	if errors.As(err, &refused) && (refused.Kind == dovetail.NotNullConstraint || refused.Kind == dovetail.CheckConstraint) {
		return "refused"
	}
	return fmt.Sprint(int(n)+added, removed, err)
}

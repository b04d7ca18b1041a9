package writes_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// beside does something of another's before the statements of a call are sent the at-th time.
type beside struct {
	at, n int
	do    func()
}

func (b *beside) Before(ctx context.Context, _ *dovetail.Run) context.Context {
	if b.n++; b.n == b.at {
		b.do()
	}
	return ctx
}

func (*beside) After(context.Context, *dovetail.Run) {}

func (b *beside) done() bool { return b.n >= b.at }

// unlessLocked does something in a transaction that gives up where it meets a lock, as that of a call which waits for another's.
func unlessLocked(ctx context.Context, db dovetail.DB, do func(dovetail.DB) error) error {
	return db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if _, err := kit.SQL[string](ctx, tx, "SELECT set_config('lock_timeout', '20ms', true)"); err != nil {
			return err
		}
		return do(tx)
	})
}

type (
	besideList struct {
		ID        int64
		DeletedAt *time.Time
		Songs     []dovetail.Linked[besideSong, besidePlace]
		Notes     []*besideNote
	}
	besideSong struct {
		ID        int64
		DeletedAt *time.Time
	}
	besidePlace struct {
		ListID, SongID, N int64
		At                *int64
		DeletedAt         *time.Time
	}
	besideNote struct {
		ID        int64
		ListID    *int64
		Text      string
		DeletedAt *time.Time
		List      *besideList
	}
)

// besideTables are declared with soft deletes, or some of them without.
type besideTables struct {
	lists  *dovetail.Table[besideList]
	songs  *dovetail.Table[besideSong]
	places *dovetail.ToMany[*besideList, *besideSong]
	notes  *dovetail.ToMany[*besideList, *besideNote]
}

func besideOf(t *testing.T, ends, links []dovetail.TableOption) besideTables {
	t.Helper()
	r := dovetail.NewRegistry()
	lists, songs := dovetail.NewTable[besideList](r, "lists", ends...), dovetail.NewTable[besideSong](r, "songs", ends...)
	places := dovetail.NewTable[besidePlace](r, "places", append(links, dovetail.PrimaryKey("list_id", "song_id"))...)
	notes := dovetail.NewTable[besideNote](r, "notes", ends...)
	b := besideTables{lists: lists, songs: songs}
	b.places = dovetail.ManyToMany(lists, "songs", songs, places, dovetail.ThroughKeys("list_id", "song_id"), dovetail.OnDelete(dovetail.Cascade))
	dovetail.HasMany(songs, "places", places, dovetail.ForeignKey("song_id"), dovetail.OnDelete(dovetail.Cascade))
	b.notes = dovetail.HasMany(lists, "notes", notes, dovetail.ForeignKey("list_id"), dovetail.Inverse("list"), dovetail.OnDelete(dovetail.Cascade))
	kit.NoError(t, r.Validate())
	return b
}

const besideDDL = `
CREATE TABLE lists (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
CREATE TABLE songs (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
CREATE TABLE places (list_id BIGINT REFERENCES lists (id), song_id BIGINT REFERENCES songs (id), n BIGINT NOT NULL DEFAULT 0, at BIGINT,
	deleted_at TIMESTAMP, PRIMARY KEY (list_id, song_id));
CREATE TABLE notes (id BIGINT PRIMARY KEY, list_id BIGINT REFERENCES lists (id), text TEXT NOT NULL DEFAULT '', deleted_at TIMESTAMP);
INSERT INTO lists VALUES (1, NULL), (2, NULL);
INSERT INTO songs VALUES (1, NULL), (2, NULL), (3, NULL);
INSERT INTO notes VALUES (1, NULL, '', NULL), (2, NULL, '', NULL);`

func softDelete() dovetail.TableOption { return dovetail.SoftDelete("deleted_at") }

func songsOf(ids ...int64) (songs []*besideSong) {
	for _, id := range ids {
		songs = append(songs, &besideSong{ID: id})
	}
	return songs
}

func placesOf(ids ...int64) (entries []dovetail.Linked[besideSong, besidePlace]) {
	for i, id := range ids {
		at := int64(10 + i)
		entries = append(entries, dovetail.Linked[besideSong, besidePlace]{Row: &besideSong{ID: id}, Link: &besidePlace{At: &at}})
	}
	return entries
}

// TestLinksComeBackOnce: of two who bring the same link back one counts it, and its Version counts that once; one that another marks meanwhile
// comes back.
func TestLinksComeBackOnce(t *testing.T) {
	t.Parallel()
	b := besideOf(t, nil, []dovetail.TableOption{softDelete(), dovetail.Version("n")})
	d, ctx, list := kit.PostgresPool(t, besideDDL), t.Context(), &besideList{ID: 1}
	counted := func(diff dovetail.Diff[*besideSong], err error) (int64, error) {
		return int64(len(diff.Added) - len(diff.Removed)), err
	}
	calls := map[string]func(dovetail.DB) (int64, error){
		"link": func(db dovetail.DB) (int64, error) { return b.places.Link(ctx, db, list, songsOf(1, 2, 3)...) },
		"replace": func(db dovetail.DB) (int64, error) {
			return counted(b.places.Replace(ctx, db, list, songsOf(1, 2, 3)...))
		},
		"replace with": func(db dovetail.DB) (int64, error) {
			return counted(dovetail.ReplaceWith(ctx, db, b.places, list, placesOf(1, 2, 3)...))
		},
	}
	others := map[string]func(dovetail.DB) (int64, error){
		"link 2": func(db dovetail.DB) (int64, error) { return b.places.Link(ctx, db, list, songsOf(2)...) },
		"unlink 1": func(db dovetail.DB) (int64, error) {
			n, err := b.places.Unlink(ctx, db, list, songsOf(1)...)
			return -n, err
		},
	}
	for name, call := range calls {
		for by, other := range others {
			for at := 1; ; at++ {
				d.Exec(t, "DELETE FROM places; INSERT INTO places (list_id, song_id, deleted_at) VALUES (1, 1, NULL), (1, 2, '2024-01-01')")
				told := int64(0)
				hook := &beside{at: at, do: func() {
					n := int64(0)
					if unlessLocked(ctx, d.DB, func(tx dovetail.DB) (err error) { n, err = other(tx); return err }) == nil {
						told = n
					}
				}}
				n, err := call(dovetail.WithHooks(d.DB, hook))
				there, sqlErr := kit.SQL[int64](ctx, d.DB, "SELECT count(*) FROM places WHERE deleted_at IS NULL")
				kit.NoError(t, sqlErr)
				if err != nil || n+told != there[0]-1 {
					t.Errorf("%s, %s before %d: told %d and %d, %v, there %d instead of one", name, by, at, n, told, err, there[0])
				}
				if once, err := kit.SQL[int64](ctx, d.DB, "SELECT n FROM places WHERE song_id = 2"); err != nil || once[0] != 1 && name != "replace with" {
					t.Errorf("%s, %s before %d: expected that link to be changed once, got %v, %v", name, by, at, once, err)
				}
				if !hook.done() {
					break
				}
			}
		}
	}
}

// TestWhatIsLinkedIsNotDeletedMeanwhile: no row that a delete marks, beside a call that points at it, is pointed at by one that is not marked.
func TestWhatIsLinkedIsNotDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	d, ctx := kit.PostgresPool(t, besideDDL), t.Context()
	list, note := func() *besideList { return &besideList{ID: 1} }, func() *besideNote { return &besideNote{ID: 1} }
	for kind, links := range map[string][]dovetail.TableOption{"links": nil, "marked links": {softDelete()}} {
		b := besideOf(t, []dovetail.TableOption{softDelete()}, links)
		for name, call := range map[string]func(dovetail.DB) error{
			"link": func(db dovetail.DB) error { _, err := b.places.Link(ctx, db, list(), songsOf(1)...); return err },
			"link with": func(db dovetail.DB) error {
				_, err := dovetail.LinkWith(ctx, db, b.places, list(), placesOf(1)...)
				return err
			},
			"replace": func(db dovetail.DB) error { _, err := b.places.Replace(ctx, db, list(), songsOf(1)...); return err },
			"replace with": func(db dovetail.DB) error {
				_, err := dovetail.ReplaceWith(ctx, db, b.places, list(), placesOf(1)...)
				return err
			},
			"notes":  func(db dovetail.DB) error { _, err := b.notes.Link(ctx, db, list(), note()); return err },
			"move":   func(db dovetail.DB) error { _, err := b.notes.Move(ctx, db, list(), note()); return err },
			"to one": func(db dovetail.DB) error { _, err := b.notes.Inverse().Replace(ctx, db, note(), list()); return err },
		} {
			for what, other := range map[string]func(dovetail.DB) error{
				"list": func(db dovetail.DB) error { return dovetail.DeleteRows(ctx, db, b.lists, list()) },
				"song": func(db dovetail.DB) error { return dovetail.DeleteRows(ctx, db, b.songs, songsOf(1)...) },
			} {
				for at := 1; ; at++ {
					d.Exec(t, "DELETE FROM places; UPDATE lists SET deleted_at = NULL; UPDATE songs SET deleted_at = NULL; UPDATE notes SET list_id = NULL, deleted_at = NULL")
					hook := &beside{at: at, do: func() { _ = unlessLocked(ctx, d.DB, other) }}
					err := call(dovetail.WithHooks(d.DB, hook))
					astray, sqlErr := kit.SQL[string](ctx, d.DB, `SELECT 'place' FROM places p, lists l, songs s WHERE l.id = list_id AND s.id = song_id AND
						p.deleted_at IS NULL AND (l.deleted_at IS NOT NULL OR s.deleted_at IS NOT NULL) UNION ALL
						SELECT 'note' FROM notes n, lists l WHERE l.id = list_id AND n.deleted_at IS NULL AND l.deleted_at IS NOT NULL`)
					if sqlErr != nil || len(astray) > 0 {
						t.Errorf("%s, %s, %s deleted before %d: %v points at a marked row, %v, %v", kind, name, what, at, astray, err, sqlErr)
					}
					if !hook.done() {
						break
					}
				}
			}
		}
	}
}

// TestReplaceTellsWhatItDid: its Diff is of its own links, and not of those that others make or remove meanwhile.
func TestReplaceTellsWhatItDid(t *testing.T) {
	t.Parallel()
	b := besideOf(t, nil, nil)
	d, ctx, list := kit.PostgresPool(t, besideDDL), t.Context(), &besideList{ID: 1}
	for name, call := range map[string]func(dovetail.DB) (dovetail.Diff[*besideSong], error){
		"replace": func(db dovetail.DB) (dovetail.Diff[*besideSong], error) {
			return b.places.Replace(ctx, db, list, songsOf(1, 3)...)
		},
		"replace with": func(db dovetail.DB) (dovetail.Diff[*besideSong], error) {
			return dovetail.ReplaceWith(ctx, db, b.places, list, placesOf(1, 3)...)
		},
	} {
		for by, other := range map[string]func(dovetail.DB) (int64, error){
			"link 3": func(db dovetail.DB) (int64, error) { return b.places.Link(ctx, db, list, songsOf(3)...) },
			"unlink": func(db dovetail.DB) (int64, error) {
				n, err := b.places.UnlinkAll(ctx, db, list)
				return -n, err
			},
		} {
			for at := 1; ; at++ {
				d.Exec(t, "DELETE FROM places; INSERT INTO places (list_id, song_id) VALUES (1, 1), (1, 2)")
				told := int64(0)
				hook := &beside{at: at, do: func() {
					n := int64(0)
					if unlessLocked(ctx, d.DB, func(tx dovetail.DB) (err error) { n, err = other(tx); return err }) == nil {
						told = n
					}
				}}
				diff, err := call(dovetail.WithHooks(d.DB, hook))
				there, sqlErr := kit.SQL[int64](ctx, d.DB, "SELECT song_id FROM places ORDER BY 1")
				n := int64(len(diff.Added) - len(diff.Removed))
				if err != nil || sqlErr != nil || fmt.Sprint(there) != "[1 3]" && fmt.Sprint(there) != "[]" || n+told != int64(len(there))-2 {
					t.Errorf("%s, %s before %d: told %d and %d, %v, there %v instead of two, %v", name, by, at, n, told, err, there, sqlErr)
				}
				if !hook.done() {
					break
				}
			}
		}
	}
}

// keepSecond has the database leave the second row of a table as it is, as a trigger does, without an error.
func keepSecond(t *testing.T, d kit.Database, table, column string) {
	t.Helper()
	for verb, row := range map[string]string{"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"} {
		trigger := fmt.Sprintf("CREATE TRIGGER keep_%s BEFORE %s ON %s FOR EACH ROW WHEN (%s.%s = 2) ", verb, verb, table, row, column)
		if d.Postgres() {
			d.Exec(t, trigger+"EXECUTE FUNCTION keep()")
		} else {
			d.Exec(t, strings.Replace(trigger, "keep_", "keep_"+table+"_", 1)+"BEGIN SELECT RAISE(IGNORE); END")
		}
	}
}

// TestLinksThatTheDatabaseKeepsOut: a call that tells which rows it wrote to refuses to write to some of them.
func TestLinksThatTheDatabaseKeepsOut(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, besideDDL, func(t *testing.T, d kit.Database) {
		b, ctx := besideOf(t, nil, nil), t.Context()
		lists := []*besideList{{ID: 1}, {ID: 2}}
		notes := func() []*besideNote { return []*besideNote{{ID: 1, Text: "a"}, {ID: 2, Text: "a"}} }
		d.Exec(t, `UPDATE notes SET list_id = 1; INSERT INTO places (list_id, song_id) VALUES (1, 1), (1, 2)`)
		if d.Postgres() {
			d.Exec(t, "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
		}
		keepSecond(t, d, "notes", "id")
		keepSecond(t, d, "places", "song_id")
		dump := func() string {
			got, err := kit.SQL[string](ctx, d.DB, `SELECT id || '.' || list_id FROM notes UNION ALL
				SELECT list_id || '-' || song_id || '-' || coalesce(at, 0) FROM places ORDER BY 1`)
			kit.NoError(t, err)
			return strings.Join(got, " ")
		}
		before := dump()
		calls := []func() error{
			func() error { _, err := b.notes.Move(ctx, d.DB, lists[1], notes()...); return err },
			func() error { _, err := b.notes.Replace(ctx, d.DB, lists[0]); return err },
			func() error { _, err := b.notes.Sync(ctx, d.DB, lists[0]); return err },
			func() error { _, err := b.notes.Inverse().Replace(ctx, d.DB, notes()[1], lists[1]); return err },
			func() error { _, err := b.places.Replace(ctx, d.DB, lists[0]); return err },
			func() error { _, err := b.places.Replace(ctx, d.DB, lists[1], songsOf(2, 3)...); return err },
			func() error {
				_, err := dovetail.ReplaceWith(ctx, d.DB, b.places, lists[0], placesOf(1, 2)...)
				return err
			},
		}
		for i, call := range calls {
			kit.Refused(t, call(), dovetail.ErrInvalidRow, "a trigger or a rule keeps some as they are")
			if after := dump(); after != before {
				t.Errorf("call %d: expected nothing to be written, got %s instead of %s", i+1, after, before)
			}
		}
		if n, err := b.places.Unlink(ctx, d.DB, lists[0], songsOf(1, 2)...); err != nil || n != 1 {
			t.Errorf("expected one link to be unlinked, and to be told, got %d, %v", n, err)
		}
	})
}

type (
	besidePost struct {
		ID        int64
		DeletedAt *time.Time
	}
	besideRemark struct {
		ID       int64
		ItemType *string
		ItemID   *int64
		Item     any
	}
)

// TestEnforcedBesideADeleteThatMarks: the row that is pointed at is not marked as deleted before the commit either.
func TestEnforcedBesideADeleteThatMarks(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	posts, remarks := dovetail.NewTable[besidePost](r, "posts", softDelete()), dovetail.NewTable[besideRemark](r, "remarks")
	dovetail.MorphTo(remarks, "item", dovetail.MorphKey("item_type", "item_id"), dovetail.MorphType("post", posts), dovetail.Enforced())
	kit.NoError(t, r.Validate())
	ctx := t.Context()
	d := kit.PostgresPool(t, `CREATE TABLE posts (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
		CREATE TABLE remarks (id BIGINT PRIMARY KEY, item_type TEXT, item_id BIGINT); INSERT INTO posts VALUES (1, NULL)`)
	var marked, hard error
	kit.NoError(t, d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		err := dovetail.Insert(remarks, &besideRemark{ID: 1, Item: &besidePost{ID: 1}}).Exec(ctx, tx)
		one := dovetail.Delete(posts).Where(squirrel.Eq{"id": 1})
		marked = unlessLocked(ctx, d.DB, func(other dovetail.DB) error { _, err := one.Exec(ctx, other); return err })
		hard = unlessLocked(ctx, d.DB, func(other dovetail.DB) error { _, err := one.Hard().Exec(ctx, other); return err })
		return err
	}))
	for what, err := range map[string]error{"marked": marked, "removed": hard} {
		if kit.SQLState(err) != "55P03" {
			t.Errorf("%s: expected it to wait for the lock, got %v", what, err)
		}
	}
}

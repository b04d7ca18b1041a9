package writes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Rows that a trigger keeps from being deleted, marked or restored, without an error of its own.

type (
	hbShelf struct {
		ID      int64
		UpperID *int64
		Gone    *time.Time
	}
	hbBook struct {
		ID      int64
		ShelfID int64
		Gone    *time.Time
	}
	hbNote struct {
		ID     int64
		BookID int64
		Gone   *time.Time
	}
	hbPin struct {
		ID      int64
		ShelfID *int64
	}
)

const hbDDL = `
CREATE TABLE hb_shelves (id BIGINT PRIMARY KEY, upper_id BIGINT, gone TIMESTAMP);
CREATE TABLE hb_books (id BIGINT PRIMARY KEY, shelf_id BIGINT NOT NULL, gone TIMESTAMP);
CREATE TABLE hb_notes (id BIGINT PRIMARY KEY, book_id BIGINT NOT NULL, gone TIMESTAMP);
CREATE TABLE hb_pins (id BIGINT PRIMARY KEY, shelf_id BIGINT);
INSERT INTO hb_shelves (id, upper_id) VALUES (1, NULL), (2, NULL), (3, 1);
INSERT INTO hb_books (id, shelf_id) VALUES (1, 1), (2, 1), (3, 2), (4, 3);
INSERT INTO hb_notes (id, book_id) VALUES (1, 1), (2, 2), (3, 4);
INSERT INTO hb_pins VALUES (1, 1), (2, 3);`

// hbKeep has the database keep a row of a table as it is.
func hbKeep(t *testing.T, d kit.Database, what, table, row string) {
	t.Helper()
	if d.Postgres() {
		d.Exec(t, `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER keeps BEFORE `+what+" ON "+table+
			" FOR EACH ROW WHEN (old.id = "+row+") EXECUTE FUNCTION keep()")
		return
	}
	d.Exec(t, "CREATE TRIGGER keeps BEFORE "+what+" ON "+table+" WHEN old.id = "+row+" BEGIN SELECT RAISE(IGNORE); END")
}

// hbAll is all that the tables hold, but when a row was marked.
func hbAll(t *testing.T, d kit.Database) string {
	t.Helper()
	var all []string
	for _, q := range []string{
		"SELECT 'shelf ' || id || coalesce(' in ' || upper_id, '') || CASE WHEN gone IS NULL THEN '' ELSE ' gone' END FROM hb_shelves ORDER BY id",
		"SELECT 'book ' || id || ' in ' || shelf_id || CASE WHEN gone IS NULL THEN '' ELSE ' gone' END FROM hb_books ORDER BY id",
		"SELECT 'note ' || id || ' in ' || book_id || CASE WHEN gone IS NULL THEN '' ELSE ' gone' END FROM hb_notes ORDER BY id",
		"SELECT 'pin ' || id || coalesce(' in ' || shelf_id, '') FROM hb_pins ORDER BY id",
	} {
		lines, err := kit.SQL[string](t.Context(), d.DB, q)
		kit.NoError(t, err)
		all = append(all, lines...)
	}
	return strings.Join(all, "\n")
}

// hbTables are shelves within shelves, with books, their notes, and pins that stay when a shelf goes.
func hbTables(options ...dovetail.TableOption) (*dovetail.Table[hbShelf], *dovetail.ToMany[*hbShelf, *hbBook]) {
	r, cascade := dovetail.NewRegistry(), dovetail.OnDelete(dovetail.Cascade)
	shelves, books := dovetail.NewTable[hbShelf](r, "hb_shelves", options...), dovetail.NewTable[hbBook](r, "hb_books", options...)
	dovetail.HasMany(shelves, "inner", shelves, dovetail.ForeignKey("upper_id"), cascade)
	dovetail.HasMany(shelves, "pins", dovetail.NewTable[hbPin](r, "hb_pins"), dovetail.ForeignKey("shelf_id"), dovetail.OnDelete(dovetail.SetNull))
	dovetail.HasMany(books, "notes", dovetail.NewTable[hbNote](r, "hb_notes", options...), dovetail.ForeignKey("book_id"), cascade)
	return shelves, dovetail.HasMany(shelves, "books", books, dovetail.ForeignKey("shelf_id"), cascade, dovetail.DeleteOrphans())
}

// TestWhatPointsAtARowThatIsKeptStays: a delete that the database does not do to one of its rows is undone as a whole, and told: nothing of what
// goes with that row is lost.
func TestWhatPointsAtARowThatIsKeptStays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, table, row, want string }{
		{"the row itself", "hb_shelves", "1", `1 row of "hb_shelves" would be deleted, and is as before: a trigger, a rule or a policy of the database keeps it so, or others wrote it meanwhile; none was deleted`},
		{"a row of its own table", "hb_shelves", "3", `1 row of "hb_shelves"`},
		{"a row between", "hb_books", "1", `1 row of "hb_books"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, marks := range map[string][]dovetail.TableOption{"removed": nil, "marked": {dovetail.SoftDelete("gone")}} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					shelves, books := hbTables(marks...)
					kit.OnEach(t, hbDDL, func(t *testing.T, d kit.Database) {
						before := hbAll(t, d)
						hbKeep(t, d, map[bool]string{true: "UPDATE", false: "DELETE"}[marks != nil], c.table, c.row)
						refused := func(err error) {
							t.Helper()
							kit.Refused(t, err, dovetail.ErrInvalidRow, c.want)
							if after := hbAll(t, d); after != before {
								t.Errorf("expected what was there:\n%s\ngot\n%s", before, after)
							}
						}
						told := dovetail.Delete(shelves).Where(squirrel.Eq{"id": []int{1, 2}})
						_, err := told.Exec(t.Context(), d.DB)
						refused(err)
						_, err = told.Returning(t.Context(), d.DB)
						refused(err)
						refused(dovetail.DeleteRows(t.Context(), d.DB, shelves, &hbShelf{ID: 1}))
						refused(dovetail.DeleteRows(t.Context(), d.DB, shelves, &hbShelf{ID: 2}, &hbShelf{ID: 1}))
						if c.table == "hb_books" {
							_, err = books.Unlink(t.Context(), d.DB, &hbShelf{ID: 1}, &hbBook{ID: 1}, &hbBook{ID: 2})
							refused(err)
							_, err = books.Replace(t.Context(), d.DB, &hbShelf{ID: 1}, &hbBook{ID: 2})
							refused(err)
						}
					})
				})
			}
		})
	}
}

// TestWhatComesBackWithARowThatIsKeptStays is the same of Restore.
func TestWhatComesBackWithARowThatIsKeptStays(t *testing.T) {
	t.Parallel()
	shelves, _ := hbTables(dovetail.SoftDelete("gone"))
	kit.OnEach(t, hbDDL, func(t *testing.T, d kit.Database) {
		kit.NoError(t, dovetail.DeleteRows(t.Context(), d.DB, shelves, &hbShelf{ID: 1}))
		before := hbAll(t, d)
		if strings.Count(before, " gone") != 8 {
			t.Fatalf("expected two shelves, three books and three notes that are marked, got\n%s", before)
		}
		hbKeep(t, d, "UPDATE", "hb_shelves", "1")
		for name, err := range map[string]error{
			"by a condition": restored(dovetail.Restore(shelves).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), d.DB)),
			"rows in hand":   dovetail.RestoreRows(t.Context(), d.DB, shelves, &hbShelf{ID: 1}),
		} {
			kit.Refused(t, err, dovetail.ErrInvalidRow, `1 row of "hb_shelves" would be restored, and is as before`)
			if after := hbAll(t, d); after != before {
				t.Errorf("%s: expected what was there:\n%s\ngot\n%s", name, before, after)
			}
		}
	})
}

func restored(_ int64, err error) error { return err }

package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	markedReader struct {
		ID    int64
		Books []dovetail.Linked[markedBook, markedLoan]
	}
	markedBook struct {
		ID        int64
		Title     string
		DeletedAt *time.Time
	}
	markedLoan struct {
		ReaderID, BookID int64
		Note             string
		DeletedAt        *time.Time
	}
)

var (
	markedSchema  = dovetail.NewRegistry()
	markedReaders = dovetail.NewTable[markedReader](markedSchema, "readers")
	markedBooks   = dovetail.NewTable[markedBook](markedSchema, "books", dovetail.SoftDelete("deleted_at"))
	markedLoans   = dovetail.NewTable[markedLoan](markedSchema, "loans", dovetail.PrimaryKey("reader_id", "book_id"), dovetail.SoftDelete("deleted_at"))
	markedLent    = dovetail.ManyToMany(markedReaders, "books", markedBooks, markedLoans, dovetail.ThroughKeys("reader_id", "book_id"))
)

const markedDDL = `
CREATE TABLE readers (id BIGINT PRIMARY KEY);
CREATE TABLE books (id BIGINT PRIMARY KEY, title TEXT NOT NULL, deleted_at TIMESTAMP);
CREATE TABLE loans (reader_id BIGINT, book_id BIGINT, note TEXT NOT NULL, deleted_at TIMESTAMP, PRIMARY KEY (reader_id, book_id));
INSERT INTO readers VALUES (1);
INSERT INTO books VALUES (1, 'there', NULL), (2, 'gone', '2024-01-01 00:00:00');
INSERT INTO loans VALUES (1, 1, 'there', NULL);`

// TestUpsertInsertsRowsOutOfTheirScopeAsInsertDoes brings rows over that were marked elsewhere.
func TestUpsertInsertsRowsOutOfTheirScopeAsInsertDoes(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	all := dovetail.Select(markedBooks).Unscoped("deleted").OrderBy("id")
	kit.OnEach(t, markedDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		by := func(books ...*markedBook) dovetail.Upsertion[*markedBook] {
			return dovetail.Upsert(markedBooks, books...).OnConflict("id")
		}
		for id, call := range map[int64]func(*markedBook) error{
			10: func(b *markedBook) error { return dovetail.Insert(markedBooks, b).Exec(ctx, d.DB) },
			11: func(b *markedBook) error { return by(b).Exec(ctx, d.DB) },
			12: func(b *markedBook) error { return by(b).Set("title").Exec(ctx, d.DB) },
			13: func(b *markedBook) error { return by(b, &markedBook{ID: 1}).Exec(ctx, d.DB) },
		} {
			book := &markedBook{ID: id, Title: "new", DeletedAt: &at}
			if err := call(book); err != nil || book.DeletedAt == nil {
				t.Errorf("%d: expected it to be inserted as it is, got %v, %v", id, *book, err)
			}
		}
		books, err := all.Where(squirrel.GtOrEq{"id": 10}).All(ctx, d.DB)
		if err != nil || len(books) != 4 || books[0].DeletedAt == nil || books[1].DeletedAt == nil || books[2].DeletedAt == nil || books[3].DeletedAt == nil {
			t.Errorf("expected four marked rows, got %v, %v", books, err)
		}

		there := &markedBook{ID: 1, Title: "other", DeletedAt: &at}
		if err := by(there).Exec(ctx, d.DB); err != nil || there.Title != "there" || there.DeletedAt != nil {
			t.Errorf("a row that is there: expected it to be read, got %v, %v", *there, err)
		}
		for what, u := range map[string]dovetail.Upsertion[*markedBook]{"nothing": by(&markedBook{ID: 2, DeletedAt: &at}),
			"a title": by(&markedBook{ID: 2, Title: "back"}).Set("title"), "with a new one": by(&markedBook{ID: 14}, &markedBook{ID: 2})} {
			kit.Refused(t, u.Exec(ctx, d.DB), dovetail.ErrInvalidRow, "out of its Scope (deleted)",
				`Restore brings it back, and so does this call with Unscoped("deleted") that Sets "deleted_at" too`)
			if n, err := all.Where(squirrel.Eq{"id": 14}).Count(ctx, d.DB); n != 0 || err != nil {
				t.Errorf("%s: expected nothing of a call that failed, got %d, %v", what, n, err)
			}
		}
		back := &markedBook{ID: 2, Title: "back"}
		if err := by(back).Set("title", "deleted_at").Unscoped("deleted").Exec(ctx, d.DB); err != nil || back.DeletedAt != nil {
			t.Errorf("a row that is brought back: got %v, %v", *back, err)
		}
		if n, err := dovetail.Select(markedBooks).Where(squirrel.Eq{"title": "back"}).Count(ctx, d.DB); n != 1 || err != nil {
			t.Errorf("expected the row to be seen, got %d, %v", n, err)
		}
	})
}

// TestUnlinkLeavesWhatItDoesNotSee: the link of a row that is marked as deleted stays, and is not counted; a row that is to be linked must be seen.
func TestUnlinkLeavesWhatItDoesNotSee(t *testing.T) {
	t.Parallel()
	seen, gone := &markedBook{ID: 1}, &markedBook{ID: 2}
	for name, tt := range map[string]struct {
		do   func(ctx context.Context, db dovetail.DB, reader *markedReader) (int64, error)
		n    int64
		left string // the books of the links
		is   error
	}{
		"Unlink": {func(ctx context.Context, db dovetail.DB, reader *markedReader) (int64, error) {
			return markedLent.Unlink(ctx, db, reader, gone)
		}, 0, "1 2", nil},
		"Unlink of both": {func(ctx context.Context, db dovetail.DB, reader *markedReader) (int64, error) {
			return markedLent.Unlink(ctx, db, reader, gone, seen)
		}, 1, "2", nil},
		"UnlinkAll": {func(ctx context.Context, db dovetail.DB, reader *markedReader) (int64, error) {
			return markedLent.UnlinkAll(ctx, db, reader)
		}, 1, "2", nil},
		"Replace by none": {func(ctx context.Context, db dovetail.DB, reader *markedReader) (int64, error) {
			d, err := markedLent.Replace(ctx, db, reader)
			return int64(len(d.Removed)), err
		}, 1, "2", nil},
		"Replace": {func(ctx context.Context, db dovetail.DB, reader *markedReader) (int64, error) {
			d, err := markedLent.Replace(ctx, db, reader, gone)
			return int64(len(d.Removed)), err
		}, 0, "1 2", dovetail.ErrNoRows},
		"Link": {func(ctx context.Context, db dovetail.DB, reader *markedReader) (int64, error) {
			return markedLent.Link(ctx, db, reader, gone)
		}, 0, "1 2", dovetail.ErrNoRows},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, markedDDL+"INSERT INTO loans VALUES (1, 2, 'of the one that is gone', NULL);", func(t *testing.T, d kit.Database) {
				n, err := tt.do(t.Context(), d.DB, &markedReader{ID: 1})
				if !errors.Is(err, tt.is) || n != tt.n {
					t.Errorf("expected %d, %v, got %d, %v", tt.n, tt.is, n, err)
				}
				left, err := kit.SQL[string](t.Context(), d.DB, "SELECT CAST(book_id AS TEXT) FROM loans WHERE deleted_at IS NULL ORDER BY 1")
				kit.NoError(t, err)
				kit.Equal(t, "the books that are linked", strings.Join(left, " "), tt.left)
			})
		})
	}
}

// TestALinkIsNotMarkedAsDeleted links rows by links that are none.
func TestALinkIsNotMarkedAsDeleted(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	kit.OnEach(t, markedDDL, func(t *testing.T, d kit.Database) {
		ctx, reader := t.Context(), &markedReader{ID: 1}
		if err := dovetail.Insert(markedBooks, &markedBook{ID: 3, Title: "new"}).Exec(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
		for _, id := range []int64{1, 3} { // one that is linked, and one that is not
			link := &markedLoan{Note: "marked", DeletedAt: &at}
			entry := dovetail.Linked[markedBook, markedLoan]{Row: &markedBook{ID: id}, Link: link}
			_, err := dovetail.LinkWith(ctx, d.DB, markedLent, reader, entry)
			kit.Refused(t, err, dovetail.ErrInvalidRow, "link readers.books", `column "deleted_at"`, "is NULL")
			_, err = dovetail.ReplaceWith(ctx, d.DB, markedLent, reader, entry)
			kit.Refused(t, err, dovetail.ErrInvalidRow, "replace readers.books", `column "deleted_at"`, "is NULL")
			if link.BookID != 0 {
				t.Errorf("expected the link as it was, got %v", *link)
			}
		}
		loans, err := dovetail.Select(markedLoans).Unscoped("deleted").All(ctx, d.DB)
		if err != nil || len(loans) != 1 || *loans[0] != (markedLoan{ReaderID: 1, BookID: 1, Note: "there"}) {
			t.Errorf("expected the one link as it was, got %v, %v", loans, err)
		}

		reader.Books = []dovetail.Linked[markedBook, markedLoan]{{Row: &markedBook{ID: 3}, Link: &markedLoan{Note: "was", DeletedAt: &at}}}
		reader.ID = 2
		if err := dovetail.Insert(markedReaders, reader).WithLinks("books").Exec(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
		if n, err := dovetail.Select(markedLoans).Unscoped("deleted").Where(squirrel.NotEq{"deleted_at": nil}).Count(ctx, d.DB); n != 1 || err != nil {
			t.Errorf("expected an insert to write the mark as it is, got %d, %v", n, err)
		}
		link := dovetail.Linked[markedBook, markedLoan]{Row: &markedBook{ID: 3}, Link: &markedLoan{Note: "again"}}
		if n, err := dovetail.LinkWith(ctx, d.DB, markedLent, reader, link); n != 1 || err != nil {
			t.Errorf("expected the link to be brought back, got %d, %v", n, err)
		}
	})
}

package writes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

type shelf struct {
	ID    int64
	Books []*volume
}

type volume struct {
	ID      int64
	ShelfID int64
	Shelf   *shelf
}

// TestNoActionIsLeftToTheDatabase: which refuses at the statement, or at the commit where the constraint is deferred.
func TestNoActionIsLeftToTheDatabase(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		r := dovetail.NewRegistry()
		shelves, volumes := dovetail.NewTable[shelf](r, "shelves"), dovetail.NewTable[volume](r, "volumes")
		dovetail.HasMany(shelves, "books", volumes, dovetail.ForeignKey("shelf_id"), dovetail.Inverse("shelf"),
			dovetail.OnDelete(dovetail.NoAction))
		for _, deferrable := range []string{"", " DEFERRABLE INITIALLY DEFERRED"} {
			d.Exec(t, written.WithKeys(d, `DROP TABLE IF EXISTS volumes; DROP TABLE IF EXISTS shelves; CREATE TABLE shelves (id {key});
				CREATE TABLE volumes (id {key}, shelf_id BIGINT NOT NULL REFERENCES shelves (id)`+deferrable+`);
				INSERT INTO shelves VALUES (1), (2); INSERT INTO volumes VALUES (1, 1)`))
			ctx := t.Context()
			holds := func(want string) {
				t.Helper()
				var got []int64
				for _, q := range []string{"SELECT id FROM shelves ORDER BY id", "SELECT id FROM volumes ORDER BY id"} {
					ids, err := kit.SQL[int64](ctx, d.DB, q)
					if err != nil {
						t.Fatal(err)
					}
					got = append(append(got, 0), ids...)
				}
				if fmt.Sprint(got) != want {
					t.Errorf("%s: expected %s, got %v", deferrable, want, got)
				}
			}
			for name, remove := range map[string]func(ctx context.Context, db dovetail.DB) error{
				"Delete": func(ctx context.Context, db dovetail.DB) error {
					n, err := dovetail.Delete(shelves).Where(sq.Eq{"id": 1}).Exec(ctx, db)
					if err != nil && n != 0 {
						t.Errorf("%d rows beside an error", n)
					}
					return err
				},
				"DeleteRows": func(ctx context.Context, db dovetail.DB) error {
					return dovetail.DeleteRows(ctx, db, shelves, &shelf{ID: 1}, &shelf{ID: 2})
				},
			} {
				var refused *dovetail.ConstraintError
				if err := remove(ctx, d.DB); !errors.As(err, &refused) || refused.Kind != dovetail.ForeignKeyConstraint {
					t.Errorf("%s%s: expected a ConstraintError, got %v", name, deferrable, err)
				}
				holds("[0 1 2 0 1]")
				err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error { return remove(ctx, tx) })
				if !errors.As(err, &refused) {
					t.Errorf("%s%s in a transaction: expected a ConstraintError, got %v", name, deferrable, err)
				}
				// The server names the column that is pointed at, which the table of the constraint may have too.
				if d.Postgres() && (refused.Table != "volumes" || slices.Contains(refused.Columns, "id") ||
					!strings.HasSuffix(err.Error(), "it is still pointed at")) {
					t.Errorf("%s%s in a transaction: expected the table that points at the row, got %+v: %v", name, deferrable, refused, err)
				}
				holds("[0 1 2 0 1]")
			}
			if deferrable == "" {
				continue
			}
			err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
				if err := dovetail.DeleteRows(ctx, tx, shelves, &shelf{ID: 1}, &shelf{ID: 2}); err != nil {
					return err
				}
				_, err := dovetail.Delete(volumes).All().Exec(ctx, tx)
				return err
			})
			if err != nil {
				t.Errorf("expected rows that point at none at the commit to be no matter before it, got %v", err)
			}
			holds("[0 0]")
		}
	})
}

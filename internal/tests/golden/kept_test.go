package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenKept has calls about rows that are marked, and what every change of a row writes.
func goldenKept() []goldenCase {
	call := func(name string, do func(ctx context.Context, db dovetail.DB) error) goldenCase {
		return goldenCase{name: "kept_" + name, call: do}
	}
	file := func() *models.File { return &models.File{ID: 4711, Name: "a", Version: 3} } // calls that fail restore what is theirs
	drawers := dovetail.Restore(models.Drawers).Where(sq.Eq{"name": "a"})
	return []goldenCase{
		call("restore", func(ctx context.Context, db dovetail.DB) error {
			_, err := drawers.Exec(ctx, db)
			return err
		}),
		call("restore_alone", func(ctx context.Context, db dovetail.DB) error {
			_, err := drawers.Alone().Returning(ctx, db)
			return err
		}),
		call("restore_rows", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.RestoreRows(ctx, db, models.Files, file())
		}),
		call("delete", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(models.Drawers).Where(sq.Eq{"id": 4711}).Exec(ctx, db)
			return err
		}),
		call("save", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Save(ctx, db, models.Files, file(), "name")
		}),
		call("update", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Update(models.Files).Set("name", "b").Where(sq.Eq{"id": 4711}).Exec(ctx, db)
			return err
		}),
		call("upsert", dovetail.Upsert(models.Files, &models.File{ID: 4711, Name: "a", UpdatedAt: goldenTime}).OnConflict("id").Set("name").Exec),
	}
}

package dovetail_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// drawersDB has two drawers of files: the first was deleted with its file, after another file of it was on its own.
func drawersDB() (db dovetail.DB, done func()) {
	return emptyDB(models.KeptDDL, `
		INSERT INTO drawers VALUES (1, 'plans', '2024-05-01 10:00:00'), (2, 'notes', NULL);
		INSERT INTO files (id, drawer_id, name, deleted_at) VALUES (1, 1, 'a', '2024-05-01 10:00:00'), (2, 1, 'b', '2024-02-03 10:00:00'), (3, 2, 'c', NULL)`)
}

// A drawer comes back with the file that went with it. The other file of it was deleted before.
func ExampleRestore() {
	drawers, done := drawersDB()
	defer done()
	db := &kit.Recorder{DB: drawers}

	n, err := dovetail.Restore(models.Drawers).Where(squirrel.Eq{"name": "plans"}).Exec(context.Background(), db)
	fmt.Println(n, err)
	printSent(db)
	printAll(db, "SELECT name FROM files WHERE deleted_at IS NULL ORDER BY name")
	// Output:
	// 1 <nil>
	// SELECT CAST("id" AS TEXT)
	// FROM (SELECT "drawers"."id"
	//   FROM "drawers"
	//   WHERE ("drawers"."name" = ?)
	//   AND ("drawers"."deleted_at" IS NOT NULL)) AS "counted"
	// WITH "deleted#1" ("id", "deleted_at") AS (SELECT "drawers"."id", "drawers"."deleted_at"
	//   FROM "drawers"
	//   WHERE ("drawers"."name" = ?)
	//   AND ("drawers"."deleted_at" IS NOT NULL)) UPDATE "files" SET "deleted_at" = NULL, "version" = "version" + 1, "updated_at" = ?
	// WHERE ("files"."drawer_id", coalesce(datetime("files"."deleted_at", 'auto'), "files"."deleted_at")) IN (SELECT "id", coalesce(datetime("deleted_at", 'auto'), "deleted_at")
	//   FROM "deleted#1")
	// AND "files"."deleted_at" IS NOT NULL
	// SELECT CAST("id" AS TEXT)
	// FROM (SELECT "drawers"."id"
	//   FROM "drawers"
	//   WHERE ("drawers"."name" = ?)
	//   AND ("drawers"."deleted_at" IS NOT NULL)) AS "counted"
	// UPDATE "drawers" SET "deleted_at" = NULL
	// WHERE ("drawers"."name" = ?)
	// AND ("drawers"."deleted_at" IS NOT NULL)
	// a
	// c
}

// What does not meet the conditions stays marked.
func ExampleRestoration_Where() {
	db, done := drawersDB()
	defer done()

	n, err := dovetail.Restore(models.Files).Where("deleted_at >= ?", time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)).Exec(context.Background(), db)
	fmt.Println(n, err)
	// Output: 1 <nil>
}

// All marked rows.
func ExampleRestoration_All() {
	db, done := drawersDB()
	defer done()

	_, err := dovetail.Restore(models.Files).Exec(context.Background(), db)
	fmt.Println(errors.Is(err, dovetail.ErrMissingWhere))
	n, err := dovetail.Restore(models.Files).All().Exec(context.Background(), db)
	fmt.Println(n, err)
	// Output:
	// true
	// 2 <nil>
}

// The drawer comes back, and its files stay marked.
func ExampleRestoration_Alone() {
	db, done := drawersDB()
	defer done()

	n, err := dovetail.Restore(models.Drawers).All().Alone().Exec(context.Background(), db)
	fmt.Println(n, err)
	printAll(db, "SELECT count(*) FROM files WHERE deleted_at IS NOT NULL")
	// Output:
	// 1 <nil>
	// 2
}

func ExampleRestoration_Exec() {
	db, done := drawersDB()
	defer done()

	plans := dovetail.Restore(models.Drawers).Where(squirrel.Eq{"id": 1})
	for range 2 { // what is not marked does not come back
		n, err := plans.Exec(context.Background(), db)
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 0 <nil>
}

func ExampleRestoration_Returning() {
	db, done := drawersDB()
	defer done()

	drawers, err := dovetail.Restore(models.Drawers).All().Returning(context.Background(), db)
	for _, s := range drawers {
		fmt.Println(s.Name, s.DeletedAt, err)
	}
	// Output: plans <nil> <nil>
}

// Another tenant's rows are restored only by a call that lifts that scope by name.
func ExampleRestoration_Unscoped() {
	db, done := drawersDB()
	defer done()

	r := dovetail.NewRegistry()
	drawers := dovetail.NewTable[models.Drawer](r, "drawers", dovetail.SoftDelete("deleted_at"), dovetail.Scope("notes", squirrel.Eq{"name": "notes"}))
	dovetail.HasMany(drawers, "files", dovetail.NewTable[models.File](r, "files"), dovetail.ForeignKey("drawer_id"))
	all := dovetail.Restore(drawers).All()
	for _, r := range []dovetail.Restoration[*models.Drawer]{all, all.Unscoped("notes")} {
		n, err := r.Exec(context.Background(), db)
		fmt.Println(n, err)
	}
	// Output:
	// 0 <nil>
	// 1 <nil>
}

// Drawers of which a file is there, marked or not.
func ExampleRestoration_UnscopedAt() {
	db, done := drawersDB()
	defer done()

	of := dovetail.Restore(models.Drawers).Where(dovetail.Has("files"))
	for _, r := range []dovetail.Restoration[*models.Drawer]{of, of.UnscopedAt("files", "deleted")} {
		n, err := r.Exec(context.Background(), db)
		fmt.Println(n, err)
	}
	// Output:
	// 0 <nil>
	// 1 <nil>
}

// A row in hand comes back as it was when it was read.
func ExampleRestoreRows() {
	db, done := drawersDB()
	defer done()
	ctx := context.Background()

	file, err := dovetail.Select(models.Files).Unscoped("deleted").Get(ctx, db, 2)
	fmt.Println(err, dovetail.RestoreRows(ctx, db, models.Files, file))
	fmt.Println(dovetail.Refresh(ctx, db, models.Files, file), file.DeletedAt)
	// Output:
	// <nil> <nil>
	// <nil> <nil>
}

// Every change says when it was, and Save reads it back.
func ExampleOnUpdate() {
	db, done := drawersDB()
	defer done()

	file := &models.File{ID: 3, Name: "d", Version: 1}
	sent := &kit.Recorder{DB: db}
	fmt.Println(dovetail.Save(context.Background(), sent, models.Files, file, "name"), file.UpdatedAt.IsZero(), file.Version)
	printSent(sent)
	// Output:
	// <nil> false 2
	// UPDATE "files" SET "name" = ?, "version" = ?, "updated_at" = ?
	// WHERE "id" = ?
	// AND "version" = ?
	// AND ("files"."deleted_at" IS NULL) RETURNING "updated_at"
}

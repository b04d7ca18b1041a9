package dovetail_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// A comment is about a post that is there, or it is not inserted.
func ExampleEnforced() {
	db, done := emptyDB("CREATE TABLE posts (id BIGINT PRIMARY KEY); INSERT INTO posts VALUES (1);" +
		"CREATE TABLE comments (id INTEGER PRIMARY KEY, item_type TEXT NOT NULL, item_id BIGINT NOT NULL)")
	defer done()

	type Post struct{ ID int64 }
	type Comment struct {
		ID       int64
		ItemType string
		ItemID   int64
	}
	r := dovetail.NewRegistry()
	posts, comments := dovetail.NewTable[Post](r, "posts"), dovetail.NewTable[Comment](r, "comments")
	dovetail.MorphTo(comments, "item", dovetail.MorphKey("item_type", "item_id"), dovetail.MorphType("post", posts), dovetail.Enforced())
	for _, id := range []int64{1, 2} {
		sent := &kit.Recorder{DB: db}
		err := dovetail.Insert(comments, &Comment{ItemType: "post", ItemID: id}).Exec(context.Background(), sent)
		fmt.Println(errors.Is(err, dovetail.ErrNoRows))
		printSent(sent)
	}
	// Output:
	// false
	// INSERT INTO "comments" ("item_type", "item_id") VALUES (?, ?) RETURNING "id"
	// SELECT "posts"."id"
	// FROM "posts"
	// WHERE ("posts"."id" IN (?))
	// true
	// INSERT INTO "comments" ("item_type", "item_id") VALUES (?, ?) RETURNING "id"
	// SELECT "posts"."id"
	// FROM "posts"
	// WHERE ("posts"."id" IN (?))
}

// A folder does not come to lie below itself.
func ExampleAcyclic() {
	db, done := emptyDB("CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id BIGINT REFERENCES folders); " +
		"INSERT INTO folders VALUES (1, NULL), (2, 1), (3, 2)")
	defer done()

	type Folder struct {
		ID       int64
		ParentID *int64
	}
	r := dovetail.NewRegistry()
	folders := dovetail.NewTable[Folder](r, "folders")
	below := dovetail.HasMany(folders, "folders", folders, dovetail.ForeignKey("parent_id"), dovetail.Acyclic())
	for _, to := range []int64{3, 1} {
		sent := &kit.Recorder{DB: db}
		n, err := below.Move(context.Background(), sent, &Folder{ID: to}, &Folder{ID: 2})
		fmt.Println(n, errors.Is(err, dovetail.ErrCycle))
		printSent(sent)
	}
	// Output:
	// 0 true
	// SELECT "folders"."id", "folders"."parent_id"
	// FROM "folders"
	// WHERE ("folders"."id" IN (?))
	// ORDER BY "folders"."id"
	// UPDATE "folders" SET "parent_id" = ?
	// WHERE ("folders"."id" IN (?))
	// WITH RECURSIVE "above#" ("from#1", "at#1", "up#1", "begins#") AS (SELECT "folders"."id", "folders"."id", "folders"."parent_id", 1
	//   FROM "folders"
	//   WHERE "folders"."id" = ?
	//   UNION SELECT "above#"."at#1", "folders"."id", "folders"."parent_id", 0
	//   FROM "above#"
	//   JOIN "folders" ON "folders"."id" = "above#"."up#1") SELECT CAST("from#1" AS TEXT), CAST("at#1" AS TEXT), "begins#"
	// FROM "above#"
	// 0 false
	// SELECT "folders"."id", "folders"."parent_id"
	// FROM "folders"
	// WHERE ("folders"."id" IN (?))
	// ORDER BY "folders"."id"
}

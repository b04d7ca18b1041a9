package dovetail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/removed"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// deletesDB returns a database with accounts, activities and posts.
func deletesDB() (db dovetail.DB, done func()) {
	db, done = writesDB()
	for _, sql := range []string{
		"INSERT INTO accounts (id, owner) VALUES (1, 'SpongeBob'), (2, 'Sandy')",
		"INSERT INTO activity (id, account_id, kind, amount) VALUES (1, 1, 'DEP', 10), (2, 1, 'WD', 4), (3, 2, 'DEP', 1)",
		"INSERT INTO students (id, name) VALUES (1, 'Sue')",
		"INSERT INTO passes (id, student_id) VALUES (x'00000000000000000000000000000001', 1)",
		"CREATE TABLE posts (id BIGINT PRIMARY KEY, title TEXT NOT NULL, deleted_at TIMESTAMP, lock BIGINT NOT NULL DEFAULT 0)",
		"CREATE TABLE comments (id BIGINT PRIMARY KEY, post_id BIGINT NOT NULL, body TEXT NOT NULL, " +
			"deleted BOOLEAN NOT NULL DEFAULT FALSE)",
		"CREATE TABLE stars (id BIGINT PRIMARY KEY, post_id BIGINT NOT NULL)",
		"INSERT INTO posts (id, title) VALUES (1, 'one'), (2, 'two')",
		"INSERT INTO comments (id, post_id, body) VALUES (1, 1, 'a')",
	} {
		err := db.Run(context.Background(), []dialect.Statement{{SQL: sql, Exec: true}}, func(int, dialect.Rows) error { return nil })
		if err != nil {
			log.Fatal(err)
		}
	}
	return db, done
}

// One activity is removed: no key points at it but those of its links and notes.
func ExampleDelete() {
	db, done := deletesDB()
	defer done()

	n, err := dovetail.Delete(removed.Activities).Where(squirrel.Eq{"id": 1}).Exec(context.Background(), db)
	fmt.Println(n, err)
	printAll(db, "SELECT id || ' of account ' || account_id FROM activity")
	// Output:
	// 1 <nil>
	// 2 of account 1
	// 3 of account 2
}

// Where activities are declared OnDelete(Cascade), they go with their account.
func ExampleRemoval_Exec() {
	db, done := deletesDB()
	defer done()

	n, err := dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"owner": "SpongeBob"}).Exec(context.Background(), db)
	fmt.Println(n, err)
	printAll(db, "SELECT id || ' of account ' || account_id FROM activity")
	// Output:
	// 1 <nil>
	// 3 of account 2
}

// What went is returned.
func ExampleRemoval_Returning() {
	db, done := deletesDB()
	defer done()

	sent := &kit.Recorder{DB: db}
	gone, err := dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"owner": "SpongeBob"}).Returning(context.Background(), sent)
	fmt.Println(gone[0].ID, gone[0].Owner, err)
	printSent(sent)
	// Output:
	// 1 SpongeBob <nil>
	// SELECT CAST("id" AS TEXT)
	// FROM (SELECT "accounts"."id"
	//   FROM "accounts"
	//   WHERE ("accounts"."owner" = ?)) AS "counted"
	// WITH "deleted#1" ("id") AS (SELECT "accounts"."id"
	//   FROM "accounts"
	//   WHERE ("accounts"."owner" = ?)), "deleted#2" ("id") AS (SELECT "activity"."id"
	//   FROM "activity"
	//   WHERE "activity"."account_id" IN (SELECT "id"
	//     FROM "deleted#1")) DELETE
	// FROM "notes"
	// WHERE "notes"."item_type" = ?
	// AND "notes"."item_id" IN (SELECT "id"
	//   FROM "deleted#2")
	// WITH "deleted#1" ("id") AS (SELECT "accounts"."id"
	//   FROM "accounts"
	//   WHERE ("accounts"."owner" = ?)), "deleted#2" ("id") AS (SELECT "activity"."id"
	//   FROM "activity"
	//   WHERE "activity"."account_id" IN (SELECT "id"
	//     FROM "deleted#1")) DELETE
	// FROM "activity_tags"
	// WHERE "activity_tags"."activity_id" IN (SELECT "id"
	//   FROM "deleted#2")
	// WITH "deleted#1" ("id") AS (SELECT "accounts"."id"
	//   FROM "accounts"
	//   WHERE ("accounts"."owner" = ?)) DELETE
	// FROM "activity"
	// WHERE "activity"."account_id" IN (SELECT "id"
	//   FROM "deleted#1")
	// WITH "deleted#1" ("id") AS (SELECT "accounts"."id"
	//   FROM "accounts"
	//   WHERE ("accounts"."owner" = ?)) SELECT count(*)
	// FROM "activity"
	// WHERE "activity"."account_id" IN (SELECT "id"
	//   FROM "deleted#1")
	// SELECT CAST("id" AS TEXT)
	// FROM (SELECT "accounts"."id"
	//   FROM "accounts"
	//   WHERE ("accounts"."owner" = ?)) AS "counted"
	// DELETE
	// FROM "accounts"
	// WHERE ("accounts"."owner" = ?) RETURNING "accounts"."id", "accounts"."owner", "accounts"."balance", "accounts"."created_at"
}

// By default an account that has activities stays.
func ExampleRemoval_Exec_restrict() {
	db, done := deletesDB()
	defer done()

	_, err := dovetail.Delete(written.Accounts).Where(squirrel.Eq{"owner": "SpongeBob"}).Exec(context.Background(), db)
	fmt.Println(errors.Is(err, dovetail.ErrRestricted))
	// Output:
	// true
}

// A pass outlives its student, declared OnDelete(SetNull): it has no holder then.
func ExampleRemoval_Exec_setNull() {
	db, done := deletesDB()
	defer done()

	n, err := dovetail.Delete(removed.Students).Where(squirrel.Eq{"name": "Sue"}).Exec(context.Background(), db)
	fmt.Println(n, err)
	printAll(db, "SELECT coalesce(student_id, 'nobody') FROM passes")
	// Output:
	// 1 <nil>
	// nobody
}

// A team's lead is declared OnDelete(NoAction): the database refuses the delete.
func ExampleRemoval_Exec_noAction() {
	db, done := writesDB()
	defer done()
	ctx := context.Background()

	team := &written.Team{Name: "Kitchen", Lead: &written.Employee{Name: "Ann"}}
	if err := dovetail.Insert(written.Teams, team).With("lead").Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	_, err := dovetail.Delete(removed.Employees).Where(squirrel.Eq{"name": "Ann"}).Exec(ctx, db)
	var refused *dovetail.ConstraintError
	fmt.Println(errors.As(err, &refused) && refused.Kind == dovetail.ForeignKeyConstraint)
	printAll(db, "SELECT name FROM employees")
	// Output:
	// true
	// Ann
}

// What a delete would do, without doing it.
func ExampleRemoval_Impact() {
	db, done := deletesDB()
	defer done()

	effects, err := dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"owner": "SpongeBob"}).Impact(context.Background(), db)
	for _, e := range effects {
		fmt.Printf("%s %q: %d deleted, %d nulled, %d blocking\n", e.Table, e.Relation, e.Deleted, e.Nulled, e.Blocking)
	}
	fmt.Println(err)
	// Output:
	// accounts "": 1 deleted, 0 nulled, 0 blocking
	// activity "accounts.activities": 2 deleted, 0 nulled, 0 blocking
	// activity_tags "activity.tags": 0 deleted, 0 nulled, 0 blocking
	// notes "activity.notes": 0 deleted, 0 nulled, 0 blocking
	// <nil>
}

// A condition may name related rows.
func ExampleRemoval_Where() {
	db, done := deletesDB()
	defer done()

	n, err := dovetail.Delete(removed.Activities).Where(squirrel.Eq{"account.owner": "Sandy"}).Exec(context.Background(), db)
	fmt.Println(n, err)
	// Output:
	// 1 <nil>
}

// All rows are deleted only by a call that says so.
func ExampleRemoval_All() {
	db, done := deletesDB()
	defer done()
	ctx := context.Background()

	_, err := dovetail.Delete(removed.Activities).Exec(ctx, db)
	fmt.Println(errors.Is(err, dovetail.ErrMissingWhere))
	n, err := dovetail.Delete(removed.Activities).All().Exec(ctx, db)
	fmt.Println(n, err)
	// Output:
	// true
	// 3 <nil>
}

// A row in hand is told by its primary key, and by its version where the table has one.
func ExampleDeleteRows() {
	db, done := deletesDB()
	defer done()
	ctx := context.Background()

	post, err := dovetail.Select(removed.Posts).Get(ctx, db, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dovetail.DeleteRows(ctx, db, removed.Posts, post))
	fmt.Println(errors.Is(dovetail.DeleteRows(ctx, db, removed.Posts, post), dovetail.ErrStale))
	// Output:
	// <nil>
	// true
}

// A post with a SoftDelete is marked, and so are its comments: queries no longer find them.
func ExampleSoftDelete() {
	db, done := deletesDB()
	defer done()
	ctx := context.Background()

	n, err := dovetail.Delete(removed.Posts).Where(squirrel.Eq{"id": 1}).Exec(ctx, db)
	fmt.Println(n, err)
	posts, _ := dovetail.Select(removed.Posts).Count(ctx, db)
	comments, _ := dovetail.Select(removed.Comments).Count(ctx, db)
	kept, _ := dovetail.Select(removed.Posts).Unscoped("deleted").Count(ctx, db)
	fmt.Println(posts, comments, kept)
	// Output:
	// 1 <nil>
	// 1 0 2
}

// Marked posts are out of the table's scope: Unscoped reaches them, and Hard removes them.
func ExampleRemoval_Hard() {
	db, done := deletesDB()
	defer done()
	ctx := context.Background()

	if _, err := dovetail.Delete(removed.Posts).Where(squirrel.Eq{"id": 1}).Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	n, err := dovetail.Delete(removed.Posts).Unscoped("deleted").Where("posts.deleted_at IS NOT NULL").Hard().Exec(ctx, db)
	fmt.Println(n, err)
	printAll(db, "SELECT title FROM posts")
	// Output:
	// 1 <nil>
	// two
}

// Without Unscoped a marked post is not found, and not removed.
func ExampleRemoval_Unscoped() {
	db, done := deletesDB()
	defer done()
	ctx := context.Background()

	del := dovetail.Delete(removed.Posts).Where(squirrel.Eq{"id": 1})
	for _, r := range []dovetail.Removal[*removed.Post]{del, del.Hard(), del.Unscoped("deleted").Hard()} {
		n, err := r.Exec(ctx, db)
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 0 <nil>
	// 1 <nil>
}

// Comments of a post that is marked, as they are too.
func ExampleRemoval_UnscopedAt() {
	db, done := deletesDB()
	defer done()
	ctx := context.Background()

	n, err := dovetail.Delete(removed.Posts).Where(squirrel.Eq{"id": 1}).Exec(ctx, db)
	fmt.Println(n, err)
	of := dovetail.Delete(removed.Comments).Where(squirrel.Eq{"post.title": "one"}).Unscoped("deleted").Hard()
	for _, r := range []dovetail.Removal[*removed.Comment]{of, of.UnscopedAt("post", "deleted")} {
		n, err := r.Exec(ctx, db)
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 0 <nil>
	// 1 <nil>
}

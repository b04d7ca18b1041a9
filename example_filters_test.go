package dovetail_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Examples of filters by quantity, locks, and values made of related rows.

func ExampleQuery_HasEvery() {
	printSQL(dovetail.Select(models.Authors).Columns("name").HasEvery("books", sq.Gt{"pages": 200}))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// WHERE (NOT EXISTS (SELECT 1
	//     FROM "books"
	//     WHERE "books"."author_id" = "authors"."id"
	//     AND (("books"."pages" > $1) IS NOT TRUE)))
	// -- [200]
}

// Authors of long books alone, and those without any book but with a name.
func ExampleHasEvery() {
	printSQL(dovetail.Select(models.Authors).Columns("name").Where(sq.Or{
		dovetail.HasEvery("books", sq.Gt{"pages": 200}),
		sq.Eq{"name": "Nobody"},
	}))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// WHERE (NOT EXISTS (SELECT 1
	//     FROM "books"
	//     WHERE "books"."author_id" = "authors"."id"
	//     AND (("books"."pages" > $1) IS NOT TRUE)) OR "authors"."name" = $2)
	// -- [200 Nobody]
}

func ExampleQuery_HasAtLeast() {
	printSQL(dovetail.Select(models.Authors).Columns("name").HasAtLeast(2, "books"))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// WHERE ((SELECT count(*)
	//     FROM (SELECT 1
	//       FROM "books"
	//       WHERE "books"."author_id" = "authors"."id"
	//       LIMIT 2) AS "counted") >= 2)
}

func ExampleHasAtLeast() {
	printSQL(dovetail.Select(models.Authors).Columns("name").Where(sq.Or{
		dovetail.HasAtLeast(2, "books"),
		sq.Eq{"name": "Lem"},
	}))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// WHERE ((SELECT count(*)
	//     FROM (SELECT 1
	//       FROM "books"
	//       WHERE "books"."author_id" = "authors"."id"
	//       LIMIT 2) AS "counted") >= 2 OR "authors"."name" = $1)
	// -- [Lem]
}

// The posts with both of two tags.
func ExampleQuery_HasAll() {
	printSQL(dovetail.Select(models.Posts).Columns("title").HasAll("tags", 1, 2))
	// Output:
	// SELECT "posts"."title"
	// FROM "posts"
	// WHERE (EXISTS (SELECT 1
	//     FROM "post_tags" AS "tags#post_tags"
	//     JOIN "tags" ON "tags"."id" = "tags#post_tags"."tag_id"
	//     WHERE "tags#post_tags"."post_id" = "posts"."id"
	//     AND ("tags"."id" = $1))
	//   AND EXISTS (SELECT 1
	//     FROM "post_tags" AS "tags#post_tags_2"
	//     JOIN "tags" AS "tags_2" ON "tags_2"."id" = "tags#post_tags_2"."tag_id"
	//     WHERE "tags#post_tags_2"."post_id" = "posts"."id"
	//     AND ("tags_2"."id" = $2)))
	// -- [1 2]
}

// The users who wrote a post with both of two tags.
func ExampleHasAll() {
	printSQL(dovetail.Select(models.Users).Columns("name").Has("posts", dovetail.HasAll("tags", 1, 2)))
	// Output:
	// SELECT "user"."name"
	// FROM "user"
	// WHERE (EXISTS (SELECT 1
	//     FROM "posts"
	//     WHERE "posts"."author_id" = "user"."id"
	//     AND (EXISTS (SELECT 1
	//         FROM "post_tags" AS "posts.tags#post_tags"
	//         JOIN "tags" AS "posts.tags" ON "posts.tags"."id" = "posts.tags#post_tags"."tag_id"
	//         WHERE "posts.tags#post_tags"."post_id" = "posts"."id"
	//         AND ("posts.tags"."id" = $1))
	//       AND EXISTS (SELECT 1
	//         FROM "post_tags" AS "posts.tags#post_tags_2"
	//         JOIN "tags" AS "posts.tags_2" ON "posts.tags_2"."id" = "posts.tags#post_tags_2"."tag_id"
	//         WHERE "posts.tags#post_tags_2"."post_id" = "posts"."id"
	//         AND ("posts.tags_2"."id" = $2)))))
	// -- [1 2]
}

func ExampleQuery_ForNoKeyUpdate() {
	printSQL(dovetail.Select(models.Books).Columns("title").ForNoKeyUpdate())
	// Output:
	// SELECT "books"."title"
	// FROM "books" FOR NO KEY UPDATE OF "books"
}

func ExampleQuery_ForShare() {
	printSQL(dovetail.Select(models.Books).Columns("title").ForShare())
	// Output:
	// SELECT "books"."title"
	// FROM "books" FOR SHARE OF "books"
}

func ExampleQuery_ForKeyShare() {
	printSQL(dovetail.Select(models.Books).Columns("title").ForKeyShare())
	// Output:
	// SELECT "books"."title"
	// FROM "books" FOR KEY SHARE OF "books"
}

// The next three rows of a queue that no other worker holds.
func ExampleQuery_SkipLocked() {
	printSQL(dovetail.Select(models.Books).Columns("title").OrderBy("id").Limit(3).ForUpdate().SkipLocked())
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// ORDER BY "books"."id"
	// LIMIT 3
	// FOR UPDATE OF "books" SKIP LOCKED
}

func ExampleQuery_NoWait() {
	printSQL(dovetail.Select(models.Books).Columns("title").ForUpdate().NoWait())
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// FOR UPDATE OF "books" NOWAIT
}

// Authors with the number of their books, the most productive first. The count fills the computed field BookCount.
func ExampleQuery_With() {
	printSQL(dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).
		Where(sq.Gt{"book_count": 0}).OrderBy("book_count DESC"))
	// Output:
	// SELECT "authors"."id", "authors"."name", coalesce("book_count#"."book_count", 0) AS "book_count"
	// FROM "authors"
	// LEFT JOIN (SELECT "authors"."id" AS "key#1", count(*) AS "book_count"
	//   FROM "authors"
	//   JOIN "books" ON "books"."author_id" = "authors"."id"
	//   GROUP BY "authors"."id") AS "book_count#" ON "book_count#"."key#1" = "authors"."id"
	// WHERE (coalesce("book_count#"."book_count", 0) > $1)
	// ORDER BY "book_count" DESC
	// -- [0]
}

func ExampleCount() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(dovetail.Count("books").As("n")))
	// Output:
	// SELECT "authors"."name", coalesce("n#"."n", 0) AS "n"
	// FROM "authors"
	// LEFT JOIN (SELECT "authors"."id" AS "key#1", count(*) AS "n"
	//   FROM "authors"
	//   JOIN "books" ON "books"."author_id" = "authors"."id"
	//   GROUP BY "authors"."id") AS "n#" ON "n#"."key#1" = "authors"."id"
}

func ExampleExists() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(dovetail.Exists("books").As("published")))
	// Output:
	// SELECT "authors"."name", EXISTS (SELECT 1
	//   FROM "books"
	//   WHERE "books"."author_id" = "authors"."id") AS "published"
	// FROM "authors"
}

func ExampleSum() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(dovetail.Sum("books.pages").As("pages")))
	// Output:
	// SELECT "authors"."name", "pages#"."pages" AS "pages"
	// FROM "authors"
	// LEFT JOIN (SELECT "authors"."id" AS "key#1", sum("books"."pages") AS "pages"
	//   FROM "authors"
	//   JOIN "books" ON "books"."author_id" = "authors"."id"
	//   GROUP BY "authors"."id") AS "pages#" ON "pages#"."key#1" = "authors"."id"
}

func ExampleAvg() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(dovetail.Avg("books.pages").As("mean")))
	// Output:
	// SELECT "authors"."name", "mean#"."mean" AS "mean"
	// FROM "authors"
	// LEFT JOIN (SELECT "authors"."id" AS "key#1", avg("books"."pages") AS "mean"
	//   FROM "authors"
	//   JOIN "books" ON "books"."author_id" = "authors"."id"
	//   GROUP BY "authors"."id") AS "mean#" ON "mean#"."key#1" = "authors"."id"
}

func ExampleMin() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(dovetail.Min("books.pages").As("least")))
	// Output:
	// SELECT "authors"."name", (SELECT min("books"."pages")
	//   FROM "books"
	//   WHERE "books"."author_id" = "authors"."id") AS "least"
	// FROM "authors"
}

func ExampleMax() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(dovetail.Max("books.pages").As("most")))
	// Output:
	// SELECT "authors"."name", (SELECT max("books"."pages")
	//   FROM "books"
	//   WHERE "books"."author_id" = "authors"."id") AS "most"
	// FROM "authors"
}

// The title of each author's longest book.
func ExampleFirstOf() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(
		dovetail.FirstOf("books.title").OrderBy("pages DESC").As("longest")))
	// Output:
	// SELECT "authors"."name", (SELECT "books"."title"
	//   FROM "books"
	//   WHERE "books"."author_id" = "authors"."id"
	//   ORDER BY "books"."pages" DESC, "books"."id"
	//   LIMIT 1) AS "longest"
	// FROM "authors"
}

// What went in and out of each account.
func ExampleAggregate_Of() {
	printSQL(dovetail.Select(models.Accounts).Columns("owner").With(
		dovetail.Sum("activities").Of("self.amount * CASE activity_type WHEN ? THEN 1 ELSE -1 END", models.Deposit).As("moved")))
	// Output:
	// SELECT "accounts"."owner", (SELECT sum(("activities"."amount" * CASE activity_type WHEN $1 THEN 1 ELSE -1 END))
	//   FROM "activity" AS "activities"
	//   WHERE "activities"."account_id" = "accounts"."id") AS "moved"
	// FROM "accounts"
	// -- [DEP]
}

// How many kinds of activity each account has.
func ExampleAggregate_Distinct() {
	printSQL(dovetail.Select(models.Accounts).Columns("owner").With(
		dovetail.Count("activities").Of("activity_type").Distinct().As("kinds")))
	// Output:
	// SELECT "accounts"."owner", coalesce("kinds#"."kinds", 0) AS "kinds"
	// FROM "accounts"
	// LEFT JOIN (SELECT "accounts"."id" AS "key#1", count(DISTINCT "activities"."activity_type") AS "kinds"
	//   FROM "accounts"
	//   JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
	//   GROUP BY "accounts"."id") AS "kinds#" ON "kinds#"."key#1" = "accounts"."id"
}

func ExampleAggregate_Where() {
	printSQL(dovetail.Select(models.Authors).Columns("name").With(
		dovetail.Count("books").Where(sq.Gt{"pages": 200}).As("long_books")))
	// Output:
	// SELECT "authors"."name", coalesce("long_books#"."long_books", 0) AS "long_books"
	// FROM "authors"
	// LEFT JOIN (SELECT "authors"."id" AS "key#1", count(*) AS "long_books"
	//   FROM "authors"
	//   JOIN "books" ON "books"."author_id" = "authors"."id"
	//   WHERE ("books"."pages" > $1)
	//   GROUP BY "authors"."id") AS "long_books#" ON "long_books#"."key#1" = "authors"."id"
	// -- [200]
}

func ExampleAggregate_OrderBy() {
	printSQL(dovetail.Select(models.Accounts).Columns("owner").With(
		dovetail.FirstOf("activities.amount").OrderBy("created_at DESC").As("last_amount")))
	// Output:
	// SELECT "accounts"."owner", (SELECT "activities"."amount"
	//   FROM "activity" AS "activities"
	//   WHERE "activities"."account_id" = "accounts"."id"
	//   ORDER BY "activities"."created_at" DESC, "activities"."id"
	//   LIMIT 1) AS "last_amount"
	// FROM "accounts"
}

// Two values never multiply each other: each is a subquery of its own.
func ExampleAggregate_As() {
	printSQL(dovetail.Select(models.Users).Columns("name").With(
		dovetail.Count("posts").As("posts_written"),
		dovetail.Count("edited").As("posts_edited")))
	// Output:
	// SELECT "user"."name", coalesce("posts_written#"."posts_written", 0) AS "posts_written", coalesce("posts_edited#"."posts_edited", 0) AS "posts_edited"
	// FROM "user"
	// LEFT JOIN (SELECT "user"."id" AS "key#1", count(*) AS "posts_written"
	//   FROM "user"
	//   JOIN "posts" ON "posts"."author_id" = "user"."id"
	//   GROUP BY "user"."id") AS "posts_written#" ON "posts_written#"."key#1" = "user"."id"
	// LEFT JOIN (SELECT "user"."id" AS "key#1", count(*) AS "posts_edited"
	//   FROM "user"
	//   JOIN "posts" AS "edited" ON "edited"."editor_id" = "user"."id"
	//   GROUP BY "user"."id") AS "posts_edited#" ON "posts_edited#"."key#1" = "user"."id"
}

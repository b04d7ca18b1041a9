package dovetail_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// These examples run on an SQLite database in memory. They print the statements that PostgreSQL would be sent, and then
// what came back.

// readingsDB returns a database with the rows of testdata/schemas/readings.sql, changed by the statements given. It
// notes what is sent to it.
func readingsDB(more ...string) (db *kit.Recorder, done func()) {
	tables, err := os.ReadFile("testdata/schemas/readings.sql")
	if err != nil {
		fmt.Println(err)
	}
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
	}
	pool.SetMaxOpenConns(1) // every connection to ":memory:" would be a database of its own
	for _, text := range append([]string{string(tables)}, more...) {
		if _, err := pool.Exec(text); err != nil {
			fmt.Println(err)
		}
	}
	return &kit.Recorder{DB: sqlite.New(pool)}, func() { _ = pool.Close() }
}

// printStatements prints the statements that PostgreSQL is sent for a query and its preloads.
func printStatements(q interface {
	Explain(dialect.Dialect) (string, error)
}) {
	text, err := q.Explain(postgres.Dialect)
	if err != nil {
		fmt.Println(err)
		return
	}
	parts := strings.Split(text, "\n\n")
	for _, statement := range parts[1 : len(parts)-1] {
		fmt.Println(byClause(strings.TrimSpace(statement)))
	}
	fmt.Println("-- rows")
}

// Accounts with a deposit of at least 750. An account with two of them comes once.
func Example_accountsWithLargeDeposits() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Accounts).Columns("id", "owner").
		Join("activities").
		Where(sq.Eq{"activities.activity_type": models.Deposit}).
		Where("activities.amount >= ?", 750).
		Distinct().
		OrderBy("id")
	printStatements(q)
	accounts, err := q.All(context.Background(), db)
	for _, a := range accounts {
		fmt.Println(a.ID, a.Owner)
	}
	fmt.Println(err)
	// Output:
	// -- accounts
	// SELECT DISTINCT "accounts"."id", "accounts"."owner"
	// FROM "accounts"
	// JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
	// WHERE ("activities"."activity_type" = $1)
	// AND ("activities"."amount" >= $2)
	// ORDER BY "accounts"."id"
	// -- rows
	// 1 SpongeBob
	// 3 Squidward
	// <nil>
}

// The same without a join: nothing is repeated, so nothing has to be made distinct.
func Example_accountsThatHaveLargeDeposits() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Accounts).Columns("id", "owner").
		Has("activities", sq.Eq{"activity_type": models.Deposit}, sq.GtOrEq{"amount": 750}).
		OrderBy("id")
	printStatements(q)
	accounts, err := q.All(context.Background(), db)
	for _, a := range accounts {
		fmt.Println(a.ID, a.Owner)
	}
	fmt.Println(err)
	// Output:
	// -- accounts
	// SELECT "accounts"."id", "accounts"."owner"
	// FROM "accounts"
	// WHERE (EXISTS (SELECT 1
	//     FROM "activity" AS "activities"
	//     WHERE "activities"."account_id" = "accounts"."id"
	//     AND ("activities"."activity_type" = $1)
	//     AND ("activities"."amount" >= $2)))
	// ORDER BY "accounts"."id"
	// -- rows
	// 1 SpongeBob
	// 3 Squidward
	// <nil>
}

// All activity of one owner's accounts. The account belongs to the activity, so its path is joined where it is named.
func Example_activityOfAnOwner() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Activities).Columns("activity_type", "amount").
		Where(sq.Eq{"account.owner": "SpongeBob"}).
		OrderBy("created_at")
	printStatements(q)
	activities, err := q.All(context.Background(), db)
	for _, a := range activities {
		fmt.Println(a.ActivityType, a.Amount)
	}
	fmt.Println(err)
	// Output:
	// -- activity
	// SELECT "activity"."activity_type", "activity"."amount"
	// FROM "activity"
	// JOIN "accounts" AS "account" ON "account"."id" = "activity"."account_id"
	// WHERE ("account"."owner" = $1)
	// ORDER BY "activity"."created_at"
	// -- rows
	// DEP 800
	// DEP 900
	// WD 500
	// <nil>
}

// A join along a to-many relation gives an account once for each of its activities. Distinct gives it once.
func Example_duplicateParents() {
	db, done := readingsDB()
	defer done()

	joined := dovetail.Select(models.Accounts).Columns("owner").Join("activities").OrderBy("owner")
	for _, q := range []dovetail.Query[*models.Account]{joined, joined.Distinct()} {
		printStatements(q)
		accounts, err := q.All(context.Background(), db)
		for _, a := range accounts {
			fmt.Println(a.Owner)
		}
		fmt.Println(err)
	}
	// Output:
	// -- accounts
	// SELECT "accounts"."owner"
	// FROM "accounts"
	// JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
	// ORDER BY "accounts"."owner"
	// -- rows
	// Patrick
	// SpongeBob
	// SpongeBob
	// SpongeBob
	// Squidward
	// Squidward
	// <nil>
	// -- accounts
	// SELECT DISTINCT "accounts"."owner"
	// FROM "accounts"
	// JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
	// ORDER BY "accounts"."owner"
	// -- rows
	// Patrick
	// SpongeBob
	// Squidward
	// <nil>
}

// 500 accounts and all their activity are two statements, not 501.
func Example_accountsWithTheirActivity() {
	db, done := readingsDB(`DELETE FROM activity; DELETE FROM accounts;
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
		INSERT INTO accounts SELECT i, 'owner ' || i, i || '@sea.example', 0, '2024-01-01 00:00:00' FROM n;
		INSERT INTO activity SELECT 3 * a.id + k.i, a.id, 'DEP', 10 * a.id + k.i, '2024-02-01 00:00:00'
		FROM accounts a, (SELECT 0 AS i UNION ALL SELECT 1 UNION ALL SELECT 2) k`)
	defer done()

	q := dovetail.Select(models.Accounts).Columns("owner").OrderBy("id").
		Preload("activities", dovetail.Select(models.Activities).Columns("amount"))
	printStatements(q)
	accounts, err := q.All(context.Background(), db)
	n := 0
	for _, a := range accounts {
		n += len(a.Activities)
	}
	fmt.Println(len(accounts), "accounts,", n, "activities,", len(db.Stmts), "statements")
	last := accounts[499]
	fmt.Println(last.Owner, last.Activities[0].Amount, last.Activities[1].Amount, last.Activities[2].Amount)
	fmt.Println(err)
	// Output:
	// -- accounts
	// SELECT "accounts"."owner", "accounts"."id"
	// FROM "accounts"
	// ORDER BY "accounts"."id"
	// -- preload activities
	// SELECT "activity"."amount", "activity"."id", "activity"."account_id"
	// FROM "activity"
	// WHERE "activity"."account_id" = ANY($1::bigint[])
	// ORDER BY "activity"."id"
	// -- rows
	// 500 accounts, 1500 activities, 2 statements
	// owner 500 5000 5001 5002
	// <nil>
}

// A user has at most one profile.
func Example_userAndProfile() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Users).OrderBy("id").Preload("profile")
	printStatements(q)
	users, err := q.All(context.Background(), db)
	for _, u := range users {
		switch {
		case u.Profile == nil:
			fmt.Println(u.Name, "has no profile")
		case u.Profile.Bio == nil:
			fmt.Println(u.Name, "has a profile without a text")
		default:
			fmt.Println(u.Name, *u.Profile.Bio)
		}
	}
	fmt.Println(err)
	// Output:
	// -- user
	// SELECT "user"."id", "user"."name"
	// FROM "user"
	// ORDER BY "user"."id"
	// -- preload profile
	// SELECT "profiles"."id", "profiles"."user_id", "profiles"."bio", "profiles"."avatar_url"
	// FROM "profiles"
	// WHERE "profiles"."user_id" = ANY($1::bigint[])
	// -- rows
	// ann writes
	// bea has a profile without a text
	// cyd has no profile
	// <nil>
}

// The same relation from its other side.
func Example_profileAndUser() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Profiles).Columns("id").OrderBy("id").Preload("user")
	printStatements(q)
	profiles, err := q.All(context.Background(), db)
	for _, p := range profiles {
		fmt.Println(p.ID, p.User.Name)
	}
	fmt.Println(err)
	// Output:
	// -- profiles
	// SELECT "profiles"."id", "profiles"."user_id"
	// FROM "profiles"
	// ORDER BY "profiles"."id"
	// -- preload user
	// SELECT "user"."id", "user"."name"
	// FROM "user"
	// WHERE "user"."id" = ANY($1::bigint[])
	// -- rows
	// 1 ann
	// 2 bea
	// <nil>
}

// The join table is joined in the preload's statement, which also tells whose each tag is.
func Example_postsAndTags() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Posts).Columns("title").OrderBy("id").Preload("tags")
	printStatements(q)
	posts, err := q.All(context.Background(), db)
	for _, p := range posts {
		fmt.Print(p.Title, ":")
		for _, t := range p.Tags {
			fmt.Print(" ", t.Name)
		}
		fmt.Println()
	}
	fmt.Println(err)
	// Output:
	// -- posts
	// SELECT "posts"."title", "posts"."id"
	// FROM "posts"
	// ORDER BY "posts"."id"
	// -- preload tags
	// SELECT "tags"."id", "tags"."name", "tags#post_tags"."post_id"
	// FROM "tags"
	// JOIN "post_tags" AS "tags#post_tags" ON "tags#post_tags"."tag_id" = "tags"."id"
	// WHERE "tags#post_tags"."post_id" = ANY($1::bigint[])
	// ORDER BY "tags"."id"
	// -- rows
	// Joins: go sql
	// Keys: sql
	// Nulls:
	// <nil>
}

// The same relation from its other side.
func Example_tagsAndPosts() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Tags).OrderBy("id").
		Preload("posts", dovetail.Select(models.Posts).Columns("title").OrderBy("title"))
	printStatements(q)
	tags, err := q.All(context.Background(), db)
	for _, t := range tags {
		fmt.Print(t.Name, ":")
		for _, p := range t.Posts {
			fmt.Print(" ", p.Title)
		}
		fmt.Println()
	}
	fmt.Println(err)
	// Output:
	// -- tags
	// SELECT "tags"."id", "tags"."name"
	// FROM "tags"
	// ORDER BY "tags"."id"
	// -- preload posts
	// SELECT "posts"."title", "posts"."id", "posts#post_tags"."tag_id"
	// FROM "posts"
	// JOIN "post_tags" AS "posts#post_tags" ON "posts#post_tags"."post_id" = "posts"."id"
	// WHERE "posts#post_tags"."tag_id" = ANY($1::bigint[])
	// ORDER BY "posts"."title", "posts"."id"
	// -- rows
	// go: Joins
	// sql: Joins Keys
	// unused:
	// <nil>
}

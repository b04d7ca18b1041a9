package dovetail_test

import (
	"context"
	"fmt"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The next page begins after the last row of this one.
func ExampleQuery_After() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(2)
	page, err := q.All(context.Background(), db)
	for err == nil && len(page) > 0 {
		for _, a := range page {
			fmt.Println(a.ID, a.Amount)
		}
		last := page[len(page)-1]
		fmt.Println("--")
		page, err = q.After(last.Amount, last.ID).All(context.Background(), db)
	}
	fmt.Println(err)
	printSQL(q.Columns("id").OrderBy("id DESC").After(800, 6))
	// Output:
	// 2 900
	// 1 800
	// --
	// 6 800
	// 5 750
	// --
	// 3 500
	// 4 30
	// --
	// <nil>
	// SELECT "activity"."id"
	// FROM "activity"
	// WHERE (("activity"."amount", "activity"."id") < ($1, $2))
	// ORDER BY "activity"."amount" DESC, "activity"."id" DESC
	// LIMIT 2
	// -- [800 6]
}

// The page before this one, in the same order.
func ExampleQuery_Before() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(2)
	page, err := q.Before(500, 3).All(context.Background(), db)
	for _, a := range page {
		fmt.Println(a.ID, a.Amount)
	}
	fmt.Println(err)
	// Output:
	// 6 800
	// 5 750
	// <nil>
}

// The order may name columns of what a row belongs to.
func ExampleQuery_Position() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Books).OrderBy("author.name", "pages DESC").Preload("author").Limit(1)
	first, err := q.First(context.Background(), db)
	fmt.Println(first.Title, err)
	position, err := q.Position(first)
	fmt.Println(position, err)
	next, err := q.After(position...).First(context.Background(), db)
	fmt.Println(next.Title, err)
	// Output:
	// The Dispossessed <nil>
	// [Le Guin 341 1] <nil>
	// The Lathe of Heaven <nil>
}

func ExampleQuery_Each() {
	db, done := readingsDB()
	defer done()

	for account, err := range dovetail.Select(models.Accounts).OrderBy("owner").Preload("activities").Each(context.Background(), db) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(account.Owner, len(account.Activities))
	}
	fmt.Println(len(db.Stmts), "statements")
	// Output:
	// Patrick 1
	// Sandy 0
	// SpongeBob 3
	// Squidward 2
	// 2 statements
}

package dovetail_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// A subquery stands for the table; joins and preloads go on from it.
func ExampleQuery_From() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Accounts).
		From("SELECT * FROM accounts WHERE balance > ? UNION ALL SELECT * FROM accounts WHERE owner = ?", 1000, "Sandy").
		OrderBy("id").Preload("activities")
	accounts, err := q.All(context.Background(), db)
	for _, a := range accounts {
		fmt.Println(a.Owner, len(a.Activities))
	}
	fmt.Println(err)
	printSQL(q.Columns("id"))
	// Output:
	// SpongeBob 3
	// Sandy 0
	// <nil>
	// SELECT "accounts"."id"
	// FROM (SELECT *
	//   FROM accounts
	//   WHERE balance > $1
	//   UNION ALL SELECT *
	//   FROM accounts
	//   WHERE owner = $2) AS "accounts"
	// ORDER BY "accounts"."id"
	// -- [1000 Sandy]
}

// Related rows that are never newer than their owners.
func ExampleQuery_Snapshot() {
	db, done := readingsDB()
	defer done()

	accounts, err := dovetail.Select(models.Accounts).OrderBy("id").Snapshot().Preload("activities").All(context.Background(), db)
	for _, a := range accounts {
		fmt.Println(a.Owner, len(a.Activities))
	}
	fmt.Println(err)
	// Output:
	// SpongeBob 3
	// Patrick 1
	// Squidward 2
	// Sandy 0
	// <nil>
}

// Accounts with their activities by one statement, for a database that is far away.
func ExampleQuery_OneRoundTrip() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Accounts).OrderBy("id").Preload("activities").OneRoundTrip()
	accounts, err := q.All(context.Background(), db)
	for _, a := range accounts {
		fmt.Println(a.Owner, len(a.Activities))
	}
	explained, _ := q.Explain(postgres.Dialect)
	fmt.Println(strings.Contains(explained, "statements: 1, round trips: 1"), err)
	// Output:
	// SpongeBob 3
	// Patrick 1
	// Squidward 2
	// Sandy 0
	// true <nil>
}

// A page of accounts, and how many there are.
func ExampleQuery_AllWithCount() {
	db, done := readingsDB()
	defer done()

	page, count, err := dovetail.Select(models.Accounts).OrderBy("owner").Limit(2).AllWithCount(context.Background(), db)
	for _, a := range page {
		fmt.Println(a.Owner)
	}
	fmt.Println("of", count, err)
	// Output:
	// Patrick
	// Sandy
	// of 4 <nil>
}

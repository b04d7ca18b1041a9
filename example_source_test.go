package dovetail_test

import (
	"context"
	"fmt"

	"github.com/dovetail-go/dovetail"
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

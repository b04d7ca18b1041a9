package dovetail_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Examples of names.

// Accounts with an activity of at least their balance: "outer" is the account that the activity is looked for.
func ExampleCol() {
	printSQL(dovetail.Select(models.Accounts).Columns("owner").
		Has("activities", sq.GtOrEq{"amount": dovetail.Col("outer.balance")}))
	// Output:
	// SELECT "accounts"."owner"
	// FROM "accounts"
	// WHERE (EXISTS (SELECT 1
	//     FROM "activity" AS "activities"
	//     WHERE "activities"."account_id" = "accounts"."id"
	//     AND ("activities"."amount" >= "accounts"."balance")))
}

// Accounts that are neither empty nor without activity.
func ExampleNot() {
	printSQL(dovetail.Select(models.Accounts).Columns("owner").
		Where(dovetail.Not(sq.Or{sq.Eq{"balance": 0}, dovetail.HasNone("activities")})))
	// Output:
	// SELECT "accounts"."owner"
	// FROM "accounts"
	// WHERE (NOT ("accounts"."balance" = $1 OR NOT EXISTS (SELECT 1
	//       FROM "activity" AS "activities"
	//       WHERE "activities"."account_id" = "accounts"."id")))
	// -- [0]
}

package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func goldenSources() []goldenCase {
	accounts, activities := dovetail.Select(models.Accounts), dovetail.Select(models.Activities)
	small := activities.Where("activity.amount < ?", 100)
	return []goldenCase{
		{name: "from_text", query: accounts.Columns("id").From(models.UnionOfAccounts, 1, 1).Where(sq.Eq{"accounts.owner": "SpongeBob"})},
		{name: "from_text_with_a_path_s_name", query: accounts.Columns("id").From("SELECT activities.* FROM accounts AS activities")},
		{name: "from_query", query: activities.Columns("id").From(small).Where(sq.Gt{"account.id": 0})},
		{name: "from_squirrel", query: accounts.Columns("id").From(sq.Select("*").From("accounts").Where(sq.Eq{"id": 1}))},
		{name: "from_joined_and_preloaded", query: accounts.Columns("id").From(models.UnionOfAccounts, 1, 1).Join("activities").Distinct().
			Preload("activities.account", accounts.Columns("id"))},
		{name: "from_in_a_preload", query: accounts.Columns("id").Preload("activities", activities.From(small).Columns("id"))},
		{name: "from_in_a_limited_preload",
			query: accounts.Columns("id").Preload("activities", activities.From(small).Columns("id").Limit(2))},
		{name: "from_in_a_subquery",
			query: accounts.Columns("id").Where(sq.Eq{"id": activities.From(small).Columns("account_id")})},
		{name: "from_in_a_text", query: accounts.Columns("id").From("SELECT * FROM (?) AS a WHERE id <> ?", accounts, 7)},
		{name: "from_count", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.From(models.UnionOfAccounts, 1, 1).Count(ctx, db)
			return err
		}},
		{name: "snapshot", query: accounts.Columns("id").Snapshot().Preload("activities", activities.Columns("id"))},
	}
}

// goldenTogether are queries in one round trip, as PostgreSQL is sent them.
func goldenTogether() []goldenCase {
	accounts, users, posts := dovetail.Select(models.Accounts), dovetail.Select(models.Users), dovetail.Select(models.Posts)
	return []goldenCase{
		oneTrip("has_many", accounts.Where(sq.Gt{"balance": 5}).OrderBy("owner").Limit(10).Preload("activities",
			dovetail.Select(models.Activities).Where(sq.Eq{"activity_type": "DEP"}))),
		oneTrip("belongs_to", posts.Preload("editor")),
		oneTrip("nested", users.Preload("posts.tags").Preload("profile")),
		oneTrip("back", accounts.Preload("activities.account.activities")),
		oneTrip("composite", dovetail.Select(models.OrderLines).Preload("labels", dovetail.Select(models.Labels).Limit(1))),
		oneTrip("limit", accounts.Preload("activities", dovetail.Select(models.Activities).OrderBy("created_at DESC").Limit(5))),
		oneTrip("fetch", accounts.Fetch("activities").Preload("activities.account.activities")),
		oneTrip("morph_to", dovetail.Select(models.Remarks).Preload("item")),
	}
}

// oneTrip is the golden case of a query in one round trip.
func oneTrip[R any](name string, q dovetail.Query[R]) goldenCase {
	return goldenCase{name: "one_round_trip_" + name, only: "postgres", call: func(ctx context.Context, db dovetail.DB) error {
		_, err := q.OneRoundTrip().All(ctx, db)
		return err
	}}
}

func sourceErrorCases() []errorCase {
	invalid, count, unsupported := dovetail.ErrInvalidQuery, dovetail.ErrArgCount, dovetail.ErrUnsupported
	accounts, activities := dovetail.Select(models.Accounts), dovetail.Select(models.Activities)
	return []errorCase{
		failed("from_arguments", count, accounts.From("SELECT * FROM accounts WHERE id = ?")),
		failed("from_arguments_beside_a_query", count, accounts.From(accounts, kit.SecretNumber)),
		failed("from_number", invalid, accounts.From(kit.SecretNumber)),
		failed("from_nothing", invalid, accounts.From("")),
		failed("from_mistake", dovetail.ErrUnknownColumn, accounts.From(accounts.Where(sq.Eq{"ownr": kit.SecretText}))),
		failed("from_locked", unsupported, accounts.From("SELECT * FROM accounts").ForUpdate()).saying("ForUpdate"),
		failed("snapshot_in_a_preload", invalid, accounts.Preload("activities", activities.Snapshot())).saying(`"activities"`),
		failed("snapshot_in_a_subquery", invalid, accounts.Where(sq.Eq{"id": activities.Columns("account_id").Snapshot()})),
		failed("one_round_trip_in_a_preload", invalid, accounts.Preload("activities", activities.OneRoundTrip())).saying("OneRoundTrip"),
		{name: "snapshot_each", is: []error{unsupported}, as: "query", make: func(ctx context.Context) error {
			return firstError(accounts.Snapshot().Each(ctx, &kit.CaptureDB{Speaks: postgres.Dialect}))
		}},
	}
}

package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

type aroundAccount struct {
	ID         int64
	Balance    int64
	Activities []*aroundActivity
}

type aroundActivity struct {
	ID        int64
	AccountID int64
	Amount    int64
}

// covered are accounts whose activities are those of at least their balance.
func covered() (*dovetail.Table[aroundAccount], *dovetail.Table[aroundActivity]) {
	r := dovetail.NewRegistry()
	accounts := dovetail.NewTable[aroundAccount](r, "accounts")
	activities := dovetail.NewTable[aroundActivity](r, "activity")
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"),
		dovetail.Where(sq.GtOrEq{"amount": dovetail.Col("outer.balance")}))
	return accounts, activities
}

type aroundEmployee struct {
	ID        int64
	ManagerID *int64
	Name      string
	Manager   *aroundEmployee
	Namesakes []*aroundEmployee
}

// namesakes are reports that are called as the manager of their manager, who is not theirs.
func namesakes() *dovetail.Table[aroundEmployee] {
	employees := dovetail.NewTable[aroundEmployee](dovetail.NewRegistry(), "employees")
	key := dovetail.ForeignKey("manager_id")
	dovetail.BelongsTo(employees, "manager", employees, key)
	dovetail.HasMany(employees, "namesakes", employees, key, dovetail.Where(sq.Eq{"name": dovetail.Col("outer.manager.name")}),
		dovetail.Where("self.id <> self.manager.manager.id"))
	return employees
}

// goldenAround are queries that name the row around another.
func goldenAround() []goldenCase {
	users, posts := dovetail.Select(models.Users), dovetail.Select(models.Posts).Columns("id")
	accounts := dovetail.Select(models.Accounts).Columns("id")
	owners, owned := covered()
	employees := namesakes()
	called := dovetail.Select(employees).Columns("id")
	ruled := dovetail.Select(owners).Columns("id")
	return []goldenCase{
		{name: "names_outer_in_has", query: users.Has("profile", sq.Expr("profile.bio <> outer.name"), sq.Eq{"self.user.name": "ann"})},
		{name: "names_outer_path_in_has", query: posts.Has("author.posts", sq.NotEq{"id": dovetail.Col("outer.id")},
			sq.Eq{"outer.editor.name": "bea"})},
		{name: "names_outer_twice", query: users.Has("posts", dovetail.Has("editor", sq.Expr("self.id <> outer.outer.id")))},
		{name: "names_outer_in_join", query: posts.Join("author.posts", sq.Expr("author.posts.id <> outer.id AND self.title <> posts.title"))},
		{name: "names_outer_in_aggregate", query: accounts.With(
			dovetail.Count("activities").Where("activities.amount >= outer.balance").As("n"))},
		{name: "names_outer_in_query", query: users.Where("EXISTS (?)",
			dovetail.Select(models.Profiles).Columns().Column("1").Where("self.user.name = outer.name"))},
		{name: "names_outer_of_the_same_table", query: accounts.Where("balance > (?)", dovetail.Select(models.Accounts).Columns().
			Column("avg(accounts.balance)").Where(sq.NotEq{"id": dovetail.Col("outer.id")}))},
		{name: "names_outer_of_a_relation", query: ruled.Join("activities").Has("activities").
			With(dovetail.Count("activities").As("n")).Distinct()},
		{name: "names_outer_of_a_relation_preloaded", query: ruled.Preload("activities")},
		{name: "names_outer_of_a_relation_limited", query: ruled.Preload("activities", dovetail.Select(owned).Limit(2))},
		{name: "names_path_from_the_owner", query: called.Join("namesakes").Has("namesakes").Distinct()},
		{name: "names_path_from_the_owner_left_joined", query: called.LeftJoin("namesakes").Where(sq.Eq{"namesakes.id": nil})},
		{name: "names_path_from_the_owner_preloaded", query: called.Preload("namesakes")},
		{name: "names_path_from_the_owner_limited", query: called.Preload("namesakes", dovetail.Select(employees).Limit(2))},
		{name: "names_path_of_a_preload", query: accounts.Preload("activities",
			dovetail.Select(models.Activities).Columns("id").Where("activities.amount > self.id"))},
		{name: "names_path_of_has", query: dovetail.Select(models.Categories).Columns("id").
			Has("subcategories", sq.Expr("subcategories.name <> categories.name"))},
		{name: "names_self_of_a_select", query: accounts.Where(
			"EXISTS (SELECT 1 FROM accounts self WHERE self.id <> accounts.id AND self.owner = accounts.owner)")},
		{name: "column_as_a_value", query: dovetail.Select(models.Activities).Columns("id").Where(sq.Eq{"amount": dovetail.Col("account.balance")}).
			Where(dovetail.NotEqOrNull{"id": dovetail.Col("account_id")})},
		{name: "column_as_a_value_in_update", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Update(models.Accounts).Set("balance", dovetail.Col("id")).Where(sq.Eq{"id": 1}).Exec(ctx, db)
			return err
		}},
		{name: "not_has", query: accounts.Where(dovetail.Not(sq.Or{dovetail.Has("activities"), sq.Eq{"owner": "x"}}))},
		{name: "not_text", query: accounts.Where(dovetail.Not("? OR balance = ?", dovetail.Has("activities"), 0))},
		{name: "has_in_a_join", query: users.Join("posts", dovetail.Has("tags", sq.Eq{"name": "go"}))},
	}
}

func aroundErrorCases() []errorCase {
	ambiguous, relation := dovetail.ErrAmbiguous, dovetail.ErrUnknownRelation
	users, accounts := dovetail.Select(models.Users), dovetail.Select(models.Accounts)
	categories := dovetail.Select(models.Categories)
	profiles := dovetail.Select(models.Profiles).Columns().Column("count(*)")
	return []errorCase{
		failed("ambiguous_table_in_has", ambiguous, users.Has("profile", sq.Expr("profile.id = user.id"))).
			saying(`"outer.id"`, `"self.user.id"`),
		failed("ambiguous_table_and_relation", ambiguous, dovetail.Select(models.Rivers).Where("river.name = ?", kit.SecretText)).
			saying(`"self.name"`, `"self.river.name"`),
		failed("ambiguous_table_and_column", ambiguous, dovetail.Select(models.Rivers).Where(sq.Eq{"river.river": 1})).
			saying(`"self.river"`, `"self.river.river"`),
		failed("ambiguous_table_and_relation_in_has", ambiguous, dovetail.Select(models.Rivers).Has("river", sq.Eq{"river.name": kit.SecretText})).
			saying(`"outer.name"`, `"self.name"`, `"self.river.name"`),
		failed("ambiguous_path_of_has", ambiguous, categories.Has("parent", sq.Eq{"parent.name": kit.SecretText})).
			saying(`"self.name"`, `"self.parent.name"`),
		failed("ambiguous_path_on_the_way", ambiguous, users.Has("posts.tags", sq.Eq{"posts.title": kit.SecretText})),
		failed("ambiguous_path_in_join", ambiguous, categories.Join("parent.parent", sq.Eq{"parent.name": kit.SecretText})).
			saying(`"outer.parent.name"`, `"self.parent.name"`),
		failed("ambiguous_table_in_query", ambiguous, users.Where("(?) > 0", profiles.Where("profiles.user_id = user.id"))).
			saying(`"outer.id"`, `"self.user.id"`),
		failed("ambiguous_table_in_squirrel", ambiguous, users.Where(sq.Expr("(?) > 0", profiles.Where("profiles.user_id = user.id")))).
			saying("Where or Column", `"self.user.id"`),
		failed("ambiguous_has_below_join", ambiguous, users.Join("posts").Has("posts.tags", sq.Eq{"name": kit.SecretText})).
			saying(`Join("posts", Has("tags", …))`, `Has("posts", Has("tags", …))`),
		failed("outer_of_a_query", relation, accounts.Where(sq.Eq{"outer.id": kit.SecretNumber})),
		failed("outer_of_a_preload", relation, accounts.Preload("activities",
			dovetail.Select(models.Activities).Where("amount > outer.balance"))).saying("preload"),
		failed("outer_twice_in_has", relation, accounts.Has("activities", sq.Eq{"outer.outer.id": kit.SecretNumber})),
		failed("outer_of_from", relation, accounts.From(dovetail.Select(models.Accounts).Where("balance > outer.balance"))).saying("From: the query of"),
		failed("mistake_in_a_query_of_with", dovetail.ErrUnknownColumn, accounts.With(dovetail.Count("activities").
			Where("activities.amount > (?)", accounts.Columns().Column("1").Where(sq.Eq{"ownr": kit.SecretText})).As("n"))).saying("With: the query of"),
		failed("mistake_in_a_query_of_an_order", dovetail.ErrUnknownColumn, accounts.OrderByClause("(?)",
			accounts.Columns().Column("1").Where(sq.Eq{"ownr": kit.SecretText}))).saying("OrderBy: the query of"),
		failed("outer_column_misspelt", dovetail.ErrUnknownColumn, accounts.Has("activities", sq.Eq{"outer.ownr": kit.SecretText})).
			saying(`"owner"`),
		failed("outer_path_to_many", relation, accounts.Has("activities", sq.Eq{"outer.activities.id": kit.SecretNumber})),
		failed("self_misspelt", relation, accounts.Where("self.activites.id = ?", kit.SecretNumber)),
		failed("table_of_the_related_row_in_has", relation, accounts.Has("activities", sq.Expr("activity.amount > ?", kit.SecretNumber))).
			saying(`"self.amount"`),
		failed("table_of_the_related_row_in_join", relation, accounts.Join("activities", sq.Eq{"activity.amount": kit.SecretNumber})).
			saying(`"self.amount"`),
		failed("column_value_of_another_kind", dovetail.ErrArgType,
			dovetail.Select(models.Activities).Where(sq.Eq{"amount": dovetail.Col("account.owner")})),
		failed("not_nil", dovetail.ErrInvalidQuery, accounts.Where(dovetail.Not(nil))),
		failed("not_in_squirrel", dovetail.ErrInvalidQuery, accounts.Where(sq.Expr("NOT (?)", dovetail.Has("activities")))).
			saying("Not"),
		named("named_self", "self"),
		named("named_outer", "outer"),
		{name: "outer_of_a_shared_owner", is: []error{dovetail.ErrUnsupported}, as: "query", make: preloadSharedOwner},
	}
}

// preloadSharedOwner preloads along a key that many owners share, with a condition on the owner.
func preloadSharedOwner(context.Context) error {
	r := dovetail.NewRegistry()
	type account struct{ ID, Balance int64 }
	accounts := dovetail.NewTable[account](r, "accounts")
	type activity struct {
		ID        int64
		AccountID int64
		Amount    int64
		Account   *account
	}
	activities := dovetail.NewTable[activity](r, "activity")
	dovetail.BelongsTo(activities, "account", accounts, dovetail.ForeignKey("account_id"),
		dovetail.Where(sq.LtOrEq{"balance": dovetail.Col("outer.amount")}))
	_, _, err := dovetail.Select(activities).Preload("account").ToSql()
	return err
}

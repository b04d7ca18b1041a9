package golden_test

import (
	"context"
	"iter"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Pages by position, and the mistakes that can be made with them.

func goldenPages() []goldenCase {
	books, posts := dovetail.Select(models.Books).Columns("id"), dovetail.Select(models.Posts).Columns("id")
	return []goldenCase{
		{name: "after_key", query: books.After(3).Limit(2)},
		{name: "after_one_direction", query: books.OrderBy("author_id", "title").After(1, "Lem", 3).Limit(2)},
		{name: "after_descending", query: books.OrderBy("pages DESC", "id DESC").After(300, 3).Limit(2)},
		{name: "after_both_directions", query: books.OrderBy("pages DESC", "title").After(300, "Lem", 3).Limit(2)},
		{name: "after_composite_key", query: dovetail.Select(models.Orders).Columns("number").After("a", 1)},
		{name: "after_path", query: books.OrderBy("author.name DESC").After("Lem", 3).Limit(2)},
		{name: "after_nullable", query: posts.OrderBy("editor_id NULLS LAST").After(7, 3).Limit(2)},
		{name: "after_null_last", query: posts.OrderBy("editor_id NULLS LAST").After(nil, 3).Limit(2)},
		{name: "after_null_first", query: posts.OrderBy("editor_id NULLS FIRST").After(nil, 3).Limit(2)},
		{name: "after_nulls_of_the_database", query: posts.OrderBy("editor.name DESC", "title").After("ann", "Keys", 3)},
		{name: "after_null_in_the_middle", query: posts.OrderBy("title", "editor_id DESC NULLS FIRST").After("Keys", nil, 3)},
		{name: "after_distinct", query: dovetail.Select(models.Accounts).Columns("id").Join("activities").Distinct().
			OrderBy("owner").After("Patrick", 2).Limit(2)},
		{name: "after_where", query: books.Where(sq.Gt{"pages": 100}).Where("title <> ?", "x").After(3)},
		{name: "after_preload", query: dovetail.Select(models.Authors).Columns("id").
			Preload("books", dovetail.Select(models.Books).Columns("id").OrderBy("title").After("Lem", 3).Limit(2))},
		{name: "before", query: books.OrderBy("title").Before("Lem", 3).Limit(2)},
		{name: "before_nullable", query: posts.OrderBy("editor_id DESC NULLS LAST").Before(7, 3).Limit(2)},
		{name: "after_and_before", query: books.OrderBy("title").After("A", 1).Before("Z", 9)},
		{name: "after_count", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := books.OrderBy("title").After("Lem", 3).Count(ctx, db)
			return err
		}},
		{name: "each_first_chunk", call: func(ctx context.Context, db dovetail.DB) error {
			return firstError(posts.OrderBy("editor.name").Offset(5).Each(ctx, db))
		}},
		{name: "each_after", call: func(ctx context.Context, db dovetail.DB) error {
			return firstError(books.OrderBy("title").After("Lem", 3).Limit(10).Each(ctx, db))
		}},
		{name: "each_stream", call: func(ctx context.Context, db dovetail.DB) error {
			return firstError(books.OrderByClause("length(title)").Each(ctx, db))
		}},
	}
}

func firstError[T any](rows iter.Seq2[*T, error]) error {
	for _, err := range rows {
		if err != nil {
			return err
		}
	}
	return nil
}

func pageErrorCases() []errorCase {
	count, kind, invalid := dovetail.ErrArgCount, dovetail.ErrArgType, dovetail.ErrInvalidQuery
	fanOut, unsupported := dovetail.ErrFanOut, dovetail.ErrUnsupported
	accounts, posts := dovetail.Select(models.Accounts), dovetail.Select(models.Posts)
	call := func(name string, is error, run func(context.Context, dovetail.DB) error) errorCase {
		return errorCase{name: name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return run(ctx, &kit.CaptureDB{Speaks: postgres.Dialect})
		}}
	}
	return []errorCase{
		failed("after_number_of_values", count, accounts.OrderBy("owner", "balance DESC").After(kit.SecretText)).
			saying(`"owner", "balance", "id"`),
		failed("after_no_value", count, accounts.After()),
		failed("after_kind", kind, accounts.After(kit.SecretText)),
		failed("after_list", kind, accounts.After([]int{kit.SecretNumber})),
		failed("after_nil_for_a_key", kind, accounts.After(nil)),
		failed("after_struct", dovetail.ErrArgType, accounts.After(struct{ N int }{kit.SecretNumber})),
		failed("after_twice", invalid, accounts.After(1).After(kit.SecretNumber)),
		failed("before_twice", invalid, accounts.Before(1).Before(kit.SecretNumber)),
		failed("after_over_to_many_join", fanOut, accounts.Join("activities").After(1)).without("GroupBy"),
		failed("after_distinct_and_joined_column", fanOut,
			accounts.Join("activities").Distinct().Columns("id", "activities.amount").After(1)),
		failed("after_distinct_without_key", unsupported, accounts.Columns("owner").Distinct().OrderBy("owner").After("x")),
		failed("after_group_by", unsupported, accounts.GroupBy("id").After(1)),
		failed("after_without_primary_key", unsupported, dovetail.Select(models.LineLabels).OrderBy("line").After(1)).saying("PrimaryKey"),
		failed("after_expression", unsupported, accounts.OrderByClause("length(owner)").After(1, 1)),
		failed("after_computed", unsupported, dovetail.Select(models.Authors).With(dovetail.Count("books").As("n")).OrderBy("n").After(1, 1)),
		failed("after_window", unsupported, accounts.Column("row_number() OVER (ORDER BY id) AS n").After(1)),
		failed("after_misspelt_order", dovetail.ErrUnknownColumn, accounts.OrderBy("ownr").After(1, 1)),
		failed("before_in_a_preload", unsupported, accounts.Preload("activities", dovetail.Select(models.Activities).Before(1))),
		failed("after_in_a_preload", count, accounts.Preload("activities", dovetail.Select(models.Activities).After(1, 2))),
		{name: "to_sql_null_order", is: []error{unsupported}, as: "query", make: func(context.Context) error {
			_, _, err := posts.OrderBy("editor_id").After(kit.SecretNumber, 1).ToSql()
			return err
		}, says: []string{"NULLS FIRST"}},
		call("first_before", invalid, func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Before(5).First(ctx, db)
			return err
		}),
		call("each_before", invalid, func(ctx context.Context, db dovetail.DB) error {
			return firstError(accounts.Before(5).Each(ctx, db))
		}),
		call("each_float", unsupported, func(ctx context.Context, db dovetail.DB) error {
			return firstError(dovetail.Select(goldenMembers).OrderBy("score").Each(ctx, db))
		}),
		call("each_preload_without_position", unsupported, func(ctx context.Context, db dovetail.DB) error {
			return firstError(accounts.OrderByClause("length(owner)").Preload("activities").Each(ctx, db))
		}),
		call("position_not_selected", invalid, func(context.Context, dovetail.DB) error {
			_, err := accounts.Columns("id").OrderBy("owner").Position(&models.Account{ID: 1})
			return err
		}),
		call("position_not_preloaded", invalid, func(context.Context, dovetail.DB) error {
			_, err := posts.OrderBy("author.name").Position(&models.Post{ID: 1})
			return err
		}),
		call("position_nil", invalid, func(context.Context, dovetail.DB) error {
			_, err := posts.Position(nil)
			return err
		}),
	}
}

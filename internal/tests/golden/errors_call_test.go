package golden_test

import (
	"context"
	"database/sql"
	"errors"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func callErrorCases() []errorCase {
	invalid, count := dovetail.ErrInvalidQuery, dovetail.ErrArgCount
	call := func(name string, is error, run func(context.Context, dovetail.DB) error) errorCase {
		return errorCase{name: "call_" + name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return run(ctx, &kit.AnswerDB{})
		}}
	}
	accounts := dovetail.Select(models.Accounts)
	get := func(name string, is error, key ...any) errorCase {
		return call("get_"+name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Get(ctx, db, key...)
			return err
		})
	}
	return []errorCase{
		get("without_key", count).without("PrimaryKey"),
		get("two_values", count, kit.SecretNumber, kit.SecretText).without("PrimaryKey"),
		get("nil", dovetail.ErrArgType, nil),
		get("list", dovetail.ErrArgType, []int{kit.SecretNumber}),
		get("text", dovetail.ErrArgType, kit.SecretText),
		get("struct", dovetail.ErrArgType, struct{ N int }{kit.SecretNumber}),
		call("get_query", dovetail.ErrArgType, func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Get(ctx, db, dovetail.Select(models.Activities).Columns("account_id"))
			return err
		}),
		call("get_table_without_key", count, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Select(models.LineLabels).Get(ctx, db, kit.SecretNumber)
			return err
		}).saying("PrimaryKey"),
		call("all_nil_db", invalid, func(ctx context.Context, _ dovetail.DB) error {
			_, err := accounts.All(ctx, nil)
			return err
		}),
		call("count_typed_nil_db", invalid, func(ctx context.Context, _ dovetail.DB) error {
			_, err := accounts.Count(ctx, (*kit.AnswerDB)(nil))
			return err
		}),
		call("load_nil_db", invalid, func(ctx context.Context, _ dovetail.DB) error {
			return dovetail.Load(ctx, nil, models.Accounts, []*models.Account{{ID: 1}}, "activities")
		}),
		call("load_misspelt", dovetail.ErrUnknownRelation, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, models.Accounts, []*models.Account{{ID: 1}}, "activites")
		}).without("Preload"),
		call("load_nil_table", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load[models.Account](ctx, db, nil, []*models.Account{{ID: 1}}, "activities")
		}),
		call("collect_preload", invalid, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[models.Account](ctx, db, accounts.Preload("activities"))
			return err
		}),
		call("collect_nil_query", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[models.Account](ctx, db, (*dovetail.Query[*models.Account])(nil))
			return err
		}),
		call("collect_zero_query", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[models.Account](ctx, db, dovetail.Query[*models.Account]{})
			return err
		}),
		call("all_columns_of_path", dovetail.ErrUnknownColumn, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Select(models.Books).Columns("title", "author.name").All(ctx, db)
			return err
		}),
		call("zero_query_all", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Query[*models.Account]{}.All(ctx, db)
			return err
		}),
		call("zero_query_count", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Query[*models.Account]{}.Count(ctx, db)
			return err
		}),
	}
}

var errDriver = errors.New(`relation "accounts" does not exist (SQLSTATE 42P01)`)

func resultErrorCases() []errorCase {
	result := func(name, as string, is []error, run func(context.Context, dovetail.DB) error, answers ...kit.Answer) errorCase {
		return errorCase{name: "result_" + name, is: is, as: as, make: func(ctx context.Context) error {
			return run(ctx, &kit.AnswerDB{Answers: append([]kit.Answer{}, answers...)})
		}}
	}
	tags, user := dovetail.Select(models.Tags), dovetail.Select(models.Users)
	one := func(ctx context.Context, db dovetail.DB) error {
		_, err := tags.One(ctx, db)
		return err
	}
	profile := func(ctx context.Context, db dovetail.DB) error {
		_, err := user.Preload("profile").All(ctx, db)
		return err
	}
	idName := []string{"id", "name"}
	ann := kit.Answer{Names: idName, Lines: [][]any{{int64(1), "ann"}}}
	profiles := []string{"id", "user_id", "bio", "avatar_url", "ord"}
	return []errorCase{
		result("one_of_none", "query", []error{dovetail.ErrNoRows, sql.ErrNoRows, pgx.ErrNoRows}, one,
			kit.Answer{Names: idName}),
		result("one_of_two", "query", []error{dovetail.ErrTooManyRows}, one,
			kit.Answer{Names: idName, Lines: [][]any{{int64(1), kit.SecretText}, {int64(2), kit.SecretText}}}),
		result("driver", "query", []error{errDriver}, one, kit.Answer{Err: errDriver}),
		result("driver_late", "query", []error{errDriver}, one, kit.Answer{Names: idName, Late: errDriver}),
		result("driver_in_preload", "query", []error{errDriver}, profile, ann, kit.Answer{Err: errDriver}),
		result("null", "scan", nil, one, kit.Answer{Names: idName, Lines: [][]any{{int64(1), nil}}}),
		result("wrong_type", "scan", nil, one, kit.Answer{Names: idName, Lines: [][]any{{int64(1), time.Time{}}}}),
		result("null_in_preload", "scan", nil, profile, ann,
			kit.Answer{Names: profiles, Lines: [][]any{{nil, int64(1), nil, nil, int64(0)}}}),
		result("number_of_columns", "scan", nil, one, kit.Answer{Names: []string{"id"}}),
		result("has_one_with_two", "query", []error{dovetail.ErrTooManyRows}, profile, ann,
			kit.Answer{Names: profiles, Lines: [][]any{
				{int64(1), int64(1), nil, nil, int64(0)}, {int64(2), int64(1), nil, nil, int64(0)},
			}}),
		result("row_of_no_owner", "scan", nil, profile, ann,
			kit.Answer{Names: profiles, Lines: [][]any{{int64(1), int64(kit.SecretNumber), nil, nil, int64(kit.SecretNumber)}}}),
		result("value_field_without_row", "query", []error{dovetail.ErrNoRows},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := dovetail.Select(models.Posts).Preload("author").All(ctx, db)
				return err
			}, kit.Answer{Names: []string{"id", "author_id", "editor_id",
				"title"}, Lines: [][]any{{int64(1), int64(9), nil, "t"}}},
			kit.Answer{Names: append(append([]string{}, idName...), "ord")}),
		result("expression_without_field", "scan", []error{dovetail.ErrUnknownColumn},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := tags.Column("1 AS one").All(ctx, db)
				return err
			}, kit.Answer{Names: []string{"id", "name", "one"}}),
		result("collect_column_without_field", "scan", []error{dovetail.ErrUnknownColumn}, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[struct{ ID int64 }](ctx, db, tags)
			return err
		}, kit.Answer{Names: idName, Lines: [][]any{{int64(1), kit.SecretText}}}),
		result("collect_recursive", "scan", []error{dovetail.ErrUnsupported},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := dovetail.Collect[models.Employee](ctx, db, tags)
				return err
			}, kit.Answer{Names: idName, Lines: [][]any{{int64(1), kit.SecretText}}}),
		result("load_with_mistake_in_query", "query", []error{dovetail.ErrUnknownColumn},
			func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Load(ctx, db, models.Users, []*models.User{{ID: 1}}, "posts",
					dovetail.Select(models.Posts).Where(sq.Eq{"titel": kit.SecretText}))
			}),
	}
}

package dovetail_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
)

// answer is the result of one statement.
type answer struct {
	columns []string
	rows    [][]any
	err     error // instead
	late    error // after the rows
}

// answerDB is a database that gives prepared answers, one for each statement.
type answerDB struct {
	catalog dialect.Catalog
	answers []answer
}

func (a *answerDB) Dialect() dialect.Dialect  { return sqlite.Dialect }
func (a *answerDB) Catalog() *dialect.Catalog { return &a.catalog }

func (a *answerDB) InTx(_ context.Context, _ dialect.TxOptions, do func(dialect.DB) error) error {
	return do(a)
}

func (a *answerDB) Run(_ context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	for i := range stmts {
		if len(a.answers) == 0 {
			return fmt.Errorf("no answer left for statement %d", i)
		}
		next := a.answers[0]
		a.answers = a.answers[1:]
		if next.err != nil {
			return &dialect.StatementError{Index: i, Err: next.err}
		}
		if err := each(i, &answerRows{answer: next, at: -1}); err != nil {
			return err
		}
		if next.late != nil {
			return &dialect.StatementError{Index: i, Err: next.late}
		}
	}
	return nil
}

type answerRows struct {
	answer
	at int
}

func (r *answerRows) Columns() []string { return r.columns }
func (r *answerRows) Err() error        { return r.late }
func (r *answerRows) Affected() int64   { return int64(len(r.rows)) }

func (r *answerRows) Next() bool {
	r.at++
	return r.at < len(r.rows)
}

func (r *answerRows) Null(column int) bool { return r.rows[r.at][column] == nil }

// Scan assigns values of exactly the destination's type, and NULL to pointers.
func (r *answerRows) Scan(dest ...any) error {
	for i, d := range dest {
		if d == nil {
			continue
		}
		to, value := reflect.ValueOf(d).Elem(), reflect.ValueOf(r.rows[r.at][i])
		switch {
		case !value.IsValid() && to.Kind() != reflect.Pointer && to.Kind() != reflect.Interface:
			return &dialect.ColumnError{Index: i, Null: true, Err: errors.New("cannot scan NULL")}
		case !value.IsValid():
			to.SetZero()
		case !value.Type().AssignableTo(to.Type()):
			return &dialect.ColumnError{Index: i, Err: fmt.Errorf("cannot scan %s", value.Type())}
		default:
			to.Set(value)
		}
	}
	return nil
}

func callErrorCases() []errorCase {
	invalid, count := dovetail.ErrInvalidQuery, dovetail.ErrArgCount
	call := func(name string, is error, run func(context.Context, dovetail.DB) error) errorCase {
		return errorCase{name: "call_" + name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return run(ctx, &answerDB{})
		}}
	}
	accounts := dovetail.Select(Accounts)
	get := func(name string, is error, key ...any) errorCase {
		return call("get_"+name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Get(ctx, db, key...)
			return err
		})
	}
	return []errorCase{
		get("without_key", count).without("PrimaryKey"),
		get("two_values", count, secretNumber, secretText).without("PrimaryKey"),
		get("nil", dovetail.ErrArgType, nil),
		get("list", dovetail.ErrArgType, []int{secretNumber}),
		get("text", dovetail.ErrArgType, secretText),
		get("struct", invalid, struct{ N int }{secretNumber}),
		call("get_query", dovetail.ErrArgType, func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Get(ctx, db, dovetail.Select(Activities).Columns("account_id"))
			return err
		}),
		call("get_table_without_key", count, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Select(LineLabels).Get(ctx, db, secretNumber)
			return err
		}).saying("PrimaryKey"),
		call("all_nil_db", invalid, func(ctx context.Context, _ dovetail.DB) error {
			_, err := accounts.All(ctx, nil)
			return err
		}),
		call("count_typed_nil_db", invalid, func(ctx context.Context, _ dovetail.DB) error {
			_, err := accounts.Count(ctx, (*answerDB)(nil))
			return err
		}),
		call("load_nil_db", invalid, func(ctx context.Context, _ dovetail.DB) error {
			return dovetail.Load(ctx, nil, Accounts, []*Account{{ID: 1}}, "activities")
		}),
		call("load_misspelt", dovetail.ErrUnknownRelation, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, Accounts, []*Account{{ID: 1}}, "activites")
		}).without("Preload"),
		call("load_nil_table", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load[Account](ctx, db, nil, []*Account{{ID: 1}}, "activities")
		}),
		call("collect_preload", invalid, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[Account](ctx, db, accounts.Preload("activities"))
			return err
		}),
		call("collect_zero_query", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[Account](ctx, db, dovetail.Query[Account]{})
			return err
		}),
		call("all_columns_of_path", dovetail.ErrUnknownColumn, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Select(Books).Columns("title", "author.name").All(ctx, db)
			return err
		}),
		call("zero_query_all", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Query[Account]{}.All(ctx, db)
			return err
		}),
		call("zero_query_count", dovetail.ErrUnknownTable, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Query[Account]{}.Count(ctx, db)
			return err
		}),
	}
}

var errDriver = errors.New(`relation "accounts" does not exist (SQLSTATE 42P01)`)

func resultErrorCases() []errorCase {
	result := func(name, as string, is []error, run func(context.Context, dovetail.DB) error, answers ...answer) errorCase {
		return errorCase{name: "result_" + name, is: is, as: as, make: func(ctx context.Context) error {
			return run(ctx, &answerDB{answers: append([]answer{}, answers...)})
		}}
	}
	tags, user := dovetail.Select(Tags), dovetail.Select(Users)
	one := func(ctx context.Context, db dovetail.DB) error {
		_, err := tags.One(ctx, db)
		return err
	}
	profile := func(ctx context.Context, db dovetail.DB) error {
		_, err := user.Preload("profile").All(ctx, db)
		return err
	}
	idName := []string{"id", "name"}
	ann := answer{columns: idName, rows: [][]any{{int64(1), "ann"}}}
	profiles := []string{"id", "user_id", "bio", "avatar_url", "ord"}
	return []errorCase{
		result("one_of_none", "query", []error{dovetail.ErrNoRows, sql.ErrNoRows, pgx.ErrNoRows}, one,
			answer{columns: idName}),
		result("one_of_two", "query", []error{dovetail.ErrTooManyRows}, one,
			answer{columns: idName, rows: [][]any{{int64(1), secretText}, {int64(2), secretText}}}),
		result("driver", "query", []error{errDriver}, one, answer{err: errDriver}),
		result("driver_late", "query", []error{errDriver}, one, answer{columns: idName, late: errDriver}),
		result("driver_in_preload", "query", []error{errDriver}, profile, ann, answer{err: errDriver}),
		result("null", "scan", nil, one, answer{columns: idName, rows: [][]any{{int64(1), nil}}}),
		result("wrong_type", "scan", nil, one, answer{columns: idName, rows: [][]any{{int64(1), time.Time{}}}}),
		result("null_in_preload", "scan", nil, profile, ann,
			answer{columns: profiles, rows: [][]any{{nil, int64(1), nil, nil, int64(0)}}}),
		result("number_of_columns", "scan", nil, one, answer{columns: []string{"id"}}),
		result("has_one_with_two", "query", []error{dovetail.ErrTooManyRows}, profile, ann,
			answer{columns: profiles, rows: [][]any{
				{int64(1), int64(1), nil, nil, int64(0)}, {int64(2), int64(1), nil, nil, int64(0)},
			}}),
		result("row_of_no_owner", "scan", nil, profile, ann,
			answer{columns: profiles, rows: [][]any{{int64(1), int64(secretNumber), nil, nil, int64(secretNumber)}}}),
		result("value_field_without_row", "query", []error{dovetail.ErrNoRows},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := dovetail.Select(Posts).Preload("author").All(ctx, db)
				return err
			}, answer{columns: []string{"id", "author_id", "editor_id",
				"title"}, rows: [][]any{{int64(1), int64(9), nil, "t"}}},
			answer{columns: append(append([]string{}, idName...), "ord")}),
		result("expression_without_field", "scan", []error{dovetail.ErrUnknownColumn},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := tags.Column("1 AS one").All(ctx, db)
				return err
			}, answer{columns: []string{"id", "name", "one"}}),
		result("collect_column_without_field", "scan", nil, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[struct{ ID int64 }](ctx, db, tags)
			return err
		}, answer{columns: idName, rows: [][]any{{int64(1), secretText}}}),
		result("collect_recursive", "scan", []error{dovetail.ErrUnsupported},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := dovetail.Collect[Employee](ctx, db, tags)
				return err
			}, answer{columns: idName, rows: [][]any{{int64(1), secretText}}}),
		result("load_with_mistake_in_query", "query", []error{dovetail.ErrUnknownColumn},
			func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Load(ctx, db, Users, []*User{{ID: 1}}, "posts",
					dovetail.Select(Posts).Where(sq.Eq{"titel": secretText}))
			}),
	}
}

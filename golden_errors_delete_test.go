package dovetail_test

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// deleteErrorCases are mistakes of deletes, and what refuses them.
func deleteErrorCases() []errorCase {
	call := func(name string, is error, run func(context.Context, dovetail.DB) error, answers ...answer) errorCase {
		return errorCase{name: "delete_" + name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return run(ctx, &answerDB{answers: answers})
		}}
	}
	exec := func(name string, is error, r dovetail.Removal[wAccount], answers ...answer) errorCase {
		return call(name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := r.Exec(ctx, db)
			return err
		}, answers...)
	}
	one := func(v any) answer { return answer{columns: []string{"x"}, rows: [][]any{{v}}} }
	del := dovetail.Delete(wAccounts)
	return []errorCase{
		exec("without_condition", dovetail.ErrMissingWhere, del).saying("All", "Where"),
		exec("all_and_where", dovetail.ErrInvalidQuery, del.All().Where(squirrel.Eq{"owner": secretText})),
		exec("empty", dovetail.ErrUnknownTable, dovetail.Removal[wAccount]{}),
		exec("misspelt", dovetail.ErrUnknownColumn, del.Where(squirrel.Eq{"ownr": secretText})),
		exec("restricted", dovetail.ErrRestricted, del.Where(squirrel.Eq{"owner": secretText}), one(true)).
			saying("accounts.activities", "Cascade", "SetNull", "Impact"),
		call("restricted_twice", dovetail.ErrRestricted, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(wEmployees).Where(squirrel.Eq{"name": secretText}).Exec(ctx, db)
			return err
		}, one(true), one(true)).saying("employees.reports", "teams.lead"),
		call("row_that_is_not_there", dovetail.ErrNoRows, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, wNotes, &wNote{ID: secretNumber})
		}, answer{}),
		call("stale_row", dovetail.ErrStale, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, dPosts, &dPost{ID: secretNumber}, &dPost{ID: secretNumber + 1})
		}, one(int64(1))),
		call("row_without_key", dovetail.ErrInvalidRow, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, wNotes, &wNote{})
		}),
		call("row_with_null_in_key", dovetail.ErrInvalidRow, func(ctx context.Context, db dovetail.DB) error {
			type seat struct {
				Row    *string
				Number int64
			}
			seats := dovetail.NewTable[seat](dovetail.NewRegistry(), "seats", dovetail.PrimaryKey("row", "number"))
			return dovetail.DeleteRows(ctx, db, seats, &seat{Number: secretNumber})
		}).saying("row, number"),
		{name: "delete_soft_column", is: []error{dovetail.ErrInvalidRelation}, as: "relation", make: func(context.Context) error {
			r := dovetail.NewRegistry()
			dovetail.NewTable[dPost](r, "posts", dovetail.SoftDelete("title"))
			return r.Validate()
		}},
		{name: "delete_soft_misspelt", is: []error{dovetail.ErrUnknownColumn}, as: "relation", make: func(context.Context) error {
			r := dovetail.NewRegistry()
			dovetail.NewTable[dPost](r, "posts", dovetail.SoftDelete("deleted"))
			return r.Validate()
		}},
	}
}

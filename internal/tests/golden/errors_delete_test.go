package golden_test

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/removed"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// deleteErrorCases are mistakes of deletes, and what refuses them.
func deleteErrorCases() []errorCase {
	call := func(name string, is error, run func(context.Context, dovetail.DB) error, answers ...kit.Answer) errorCase {
		return errorCase{name: "delete_" + name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return run(ctx, &kit.AnswerDB{Answers: answers})
		}}
	}
	exec := func(name string, is error, r dovetail.Removal[*written.Account], answers ...kit.Answer) errorCase {
		return call(name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := r.Exec(ctx, db)
			return err
		}, answers...)
	}
	one := func(v any) kit.Answer { return kit.Answer{Names: []string{"x"}, Lines: [][]any{{v}}} }
	del := dovetail.Delete(written.Accounts)
	return []errorCase{
		exec("without_condition", dovetail.ErrMissingWhere, del).saying("All", "Where"),
		exec("by_a_value_or_another", dovetail.ErrMissingWhere, del.Where(squirrel.Or{squirrel.Eq{"owner": kit.SecretText}, squirrel.NotEq{"owner": kit.SecretText}})).
			saying("every row", "All"),
		exec("empty", dovetail.ErrUnknownTable, dovetail.Removal[*written.Account]{}),
		exec("misspelt", dovetail.ErrUnknownColumn, del.Where(squirrel.Eq{"ownr": kit.SecretText})),
		exec("restricted", dovetail.ErrRestricted, del.Where(squirrel.Eq{"owner": kit.SecretText}), one(true)).
			saying("accounts.activities", "Cascade", "SetNull", "Impact"),
		call("restricted_twice", dovetail.ErrRestricted, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(written.Employees).Where(squirrel.Eq{"name": kit.SecretText}).Exec(ctx, db)
			return err
		}, one(true), one(true)).saying("employees.reports", "teams.lead"),
		call("row_that_is_not_there", dovetail.ErrNoRows, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, written.Notes, &written.Note{ID: kit.SecretNumber})
		}, kit.Answer{}),
		call("stale_row", dovetail.ErrStale, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, removed.Posts, &removed.Post{ID: kit.SecretNumber}, &removed.Post{ID: kit.SecretNumber + 1})
		}, kit.Answer{Names: []string{"keys", "most"}, Lines: [][]any{{int64(1), int64(1)}}}),
		call("rows_of_one_key", dovetail.ErrTooManyRows, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, removed.Posts, &removed.Post{ID: kit.SecretNumber}, &removed.Post{ID: kit.SecretNumber + 1})
		}, kit.Answer{Names: []string{"keys", "most"}, Lines: [][]any{{int64(1), int64(2)}}}).saying("unique key"),
		call("row_without_key", dovetail.ErrInvalidRow, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, written.Notes, &written.Note{})
		}),
		call("row_with_null_in_key", dovetail.ErrInvalidRow, func(ctx context.Context, db dovetail.DB) error {
			type seat struct {
				Row    *string
				Number int64
			}
			seats := dovetail.NewTable[seat](dovetail.NewRegistry(), "seats", dovetail.PrimaryKey("row", "number"))
			return dovetail.DeleteRows(ctx, db, seats, &seat{Number: kit.SecretNumber})
		}).saying("row, number"),
		{name: "delete_soft_column", is: []error{dovetail.ErrInvalidRelation}, as: "relation", make: func(context.Context) error {
			r := dovetail.NewRegistry()
			dovetail.NewTable[removed.Post](r, "posts", dovetail.SoftDelete("title"))
			return r.Validate()
		}},
		{name: "delete_soft_misspelt", is: []error{dovetail.ErrUnknownColumn}, as: "relation", make: func(context.Context) error {
			r := dovetail.NewRegistry()
			dovetail.NewTable[removed.Post](r, "posts", dovetail.SoftDelete("deleted"))
			return r.Validate()
		}},
	}
}

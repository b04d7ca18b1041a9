package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	pg "github.com/go-jet/jet/v2/postgres"
	"github.com/go-jet/jet/v2/qrm"

	"github.com/dovetail-go/dovetail/bench/jettables/model"
	"github.com/dovetail-go/dovetail/bench/jettables/table"
)

// JET: tables and structs are code that its generator makes of the database; related rows come by one statement of joins, whose rows are
// grouped by primary keys into a struct of this query.

type byJet struct{ db qrm.DB }

func openJet(db *sql.DB) (calls, error) {
	j := byJet{db}
	return calls{"account": j.account, "accounts": j.accounts, "activities": j.accountsWithActivities, "nested": j.nested,
		"branches": j.branches, "students": j.students, "joined": j.joined, "having": j.having, "withAccount": j.withAccount,
		"four": j.four, "tree": j.tree}, nil
}

func jetRows[T any](ctx context.Context, j byJet, q pg.Statement) (any, error) {
	var rows []T
	err := q.QueryContext(ctx, j.db, &rows)
	return rows, err
}

func jetPointers[T any](ctx context.Context, j byJet, q pg.Statement) ([]*T, error) {
	var rows []*T
	err := q.QueryContext(ctx, j.db, &rows)
	return rows, err
}

type accountWithActivities struct {
	model.Accounts
	Activities []model.Activities
}

func (j byJet) account(ctx context.Context, id int64) (any, error) {
	a := &model.Accounts{}
	return a, pg.SELECT(table.Accounts.AllColumns).FROM(table.Accounts).WHERE(table.Accounts.ID.EQ(pg.Int64(id))).QueryContext(ctx, j.db, a)
}

func (j byJet) accounts(ctx context.Context, n int64) (any, error) {
	return jetRows[model.Accounts](ctx, j, pg.SELECT(table.Accounts.AllColumns).FROM(table.Accounts).
		WHERE(table.Accounts.ID.LT_EQ(pg.Int64(n))).ORDER_BY(table.Accounts.ID))
}

func (j byJet) accountsWithActivities(ctx context.Context, n int64) (any, error) {
	return jetRows[accountWithActivities](ctx, j, pg.SELECT(table.Accounts.AllColumns, table.Activities.AllColumns).
		FROM(table.Accounts.LEFT_JOIN(table.Activities, table.Activities.AccountID.EQ(table.Accounts.ID))).
		WHERE(table.Accounts.ID.LT_EQ(pg.Int64(n))).ORDER_BY(table.Accounts.ID, table.Activities.ID))
}

func (j byJet) nested(context.Context, int64) (any, error) {
	return nil, fmt.Errorf("%w: a joined row is put in one place, not below itself as well", errors.ErrUnsupported)
}

func (j byJet) branches(ctx context.Context, n int64) (any, error) {
	type row struct {
		model.Branches
		Accounts []accountWithActivities
	}
	return jetRows[row](ctx, j, pg.SELECT(table.Branches.AllColumns, table.Accounts.AllColumns, table.Activities.AllColumns).
		FROM(table.Branches.LEFT_JOIN(table.Accounts, table.Accounts.BranchID.EQ(table.Branches.ID)).
			LEFT_JOIN(table.Activities, table.Activities.AccountID.EQ(table.Accounts.ID))).
		WHERE(table.Branches.ID.LT_EQ(pg.Int64(n))).ORDER_BY(table.Branches.ID, table.Accounts.ID, table.Activities.ID))
}

func (j byJet) students(ctx context.Context, n int64) (any, error) {
	type row struct {
		model.Students
		Courses []model.Courses
	}
	return jetRows[row](ctx, j, pg.SELECT(table.Students.AllColumns, table.Courses.AllColumns).
		FROM(table.Students.LEFT_JOIN(table.Enrollments, table.Enrollments.StudentID.EQ(table.Students.ID)).
			LEFT_JOIN(table.Courses, table.Courses.ID.EQ(table.Enrollments.CourseID))).
		WHERE(table.Students.ID.LT_EQ(pg.Int64(n))).ORDER_BY(table.Students.ID, table.Courses.ID))
}

func withdrawal(amount int64) pg.BoolExpression {
	return table.Activities.ActivityType.EQ(pg.String("WD")).AND(table.Activities.Amount.GT_EQ(pg.Int64(amount)))
}

func (j byJet) joined(ctx context.Context, amount int64) (any, error) {
	return jetRows[model.Accounts](ctx, j, pg.SELECT(table.Accounts.AllColumns).DISTINCT().
		FROM(table.Accounts.INNER_JOIN(table.Activities, table.Activities.AccountID.EQ(table.Accounts.ID))).WHERE(withdrawal(amount)).ORDER_BY(table.Accounts.ID))
}

func (j byJet) having(ctx context.Context, amount int64) (any, error) {
	return jetRows[model.Accounts](ctx, j, pg.SELECT(table.Accounts.AllColumns).FROM(table.Accounts).
		WHERE(pg.EXISTS(pg.SELECT(table.Activities.ID).FROM(table.Activities).WHERE(table.Activities.AccountID.EQ(table.Accounts.ID).AND(withdrawal(amount))))).
		ORDER_BY(table.Accounts.ID))
}

func (j byJet) withAccount(ctx context.Context, n int64) (any, error) {
	type row struct {
		model.Activities
		Account *model.Accounts
	}
	return jetRows[row](ctx, j, pg.SELECT(table.Activities.AllColumns, table.Accounts.AllColumns).
		FROM(table.Activities.INNER_JOIN(table.Accounts, table.Accounts.ID.EQ(table.Activities.AccountID))).
		WHERE(table.Activities.ID.LT_EQ(pg.Int64(n))).ORDER_BY(table.Activities.ID))
}

// four reads each relation by a statement of its own: joined, they would be a row of each activity with each card and each tag.
func (j byJet) four(ctx context.Context, n int64) (any, error) {
	type row struct {
		model.Accounts
		Branch     *model.Branches
		Activities []*model.Activities
		Cards      []*model.Cards
		Tags       []*model.Tags
	}
	type worn struct {
		model.Tags
		model.AccountTags
	}
	rows, err := jetPointers[row](ctx, j, pg.SELECT(table.Accounts.AllColumns, table.Branches.AllColumns).
		FROM(table.Accounts.INNER_JOIN(table.Branches, table.Branches.ID.EQ(table.Accounts.BranchID))).
		WHERE(table.Accounts.ID.LT_EQ(pg.Int64(n))).ORDER_BY(table.Accounts.ID))
	if err != nil {
		return nil, err
	}
	id := func(r *row) int64 { return r.ID }
	ids := make([]pg.Expression, len(rows))
	for i, r := range rows {
		ids[i] = pg.Int64(r.ID)
	}
	activities, err := jetPointers[model.Activities](ctx, j, pg.SELECT(table.Activities.AllColumns).FROM(table.Activities).
		WHERE(table.Activities.AccountID.IN(ids...)).ORDER_BY(table.Activities.ID))
	if err != nil {
		return nil, err
	}
	byKey(rows, id, activities, func(a *model.Activities) int64 { return a.AccountID },
		func(r *row, a *model.Activities) { r.Activities = append(r.Activities, a) })
	cards, err := jetPointers[model.Cards](ctx, j, pg.SELECT(table.Cards.AllColumns).FROM(table.Cards).
		WHERE(table.Cards.AccountID.IN(ids...)).ORDER_BY(table.Cards.ID))
	if err != nil {
		return nil, err
	}
	byKey(rows, id, cards, func(c *model.Cards) int64 { return c.AccountID }, func(r *row, c *model.Cards) { r.Cards = append(r.Cards, c) })
	links, err := jetPointers[worn](ctx, j, pg.SELECT(table.Tags.AllColumns, table.AccountTags.AllColumns).
		FROM(table.Tags.INNER_JOIN(table.AccountTags, table.AccountTags.TagID.EQ(table.Tags.ID))).
		WHERE(table.AccountTags.AccountID.IN(ids...)).ORDER_BY(table.Tags.ID))
	byKey(rows, id, links, func(w *worn) int64 { return w.AccountID }, func(r *row, w *worn) { r.Tags = append(r.Tags, &w.Tags) })
	return rows, err
}

func (j byJet) tree(context.Context, int64) (any, error) {
	return nil, fmt.Errorf("%w: rows of any depth have no struct", errors.ErrUnsupported)
}

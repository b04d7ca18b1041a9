package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	pg "github.com/go-jet/jet/v2/postgres"
	"github.com/go-jet/jet/v2/qrm"

	"github.com/dovetail-go/dovetail/bench/table"
)

// JET: tables are code that its generator makes of the database (package table); related rows come by one statement of joins,
// whose rows are grouped by primary keys.

type byJet struct{ db qrm.DB }

func openJet(db *sql.DB) (loads, error) { return byJet{db}, nil }

// Rows are put into structs by their names.
var (
	jetAccounts   = table.Accounts.AS("account")
	jetActivities = table.Activities.AS("activity")
	jetBranches   = table.Branches.AS("branch")
	jetCards      = table.Cards.AS("card")
	jetTags       = table.Tags.AS("tag")
	jetStudents   = table.Students.AS("student")
	jetCourses    = table.Courses.AS("course")
)

func jetRows[T any](ctx context.Context, j byJet, q pg.Statement) ([]*T, error) {
	var rows []*T
	err := q.QueryContext(ctx, j.db, &rows)
	return rows, err
}

func (j byJet) account(ctx context.Context, id int64) (*Account, error) {
	a := &Account{}
	return a, pg.SELECT(jetAccounts.AllColumns).FROM(jetAccounts).WHERE(jetAccounts.ID.EQ(pg.Int64(id))).QueryContext(ctx, j.db, a)
}

func (j byJet) accounts(ctx context.Context, n int64) ([]*Account, error) {
	return jetRows[Account](ctx, j, pg.SELECT(jetAccounts.AllColumns).FROM(jetAccounts).
		WHERE(jetAccounts.ID.LT_EQ(pg.Int64(n))).ORDER_BY(jetAccounts.ID))
}

func (j byJet) accountsWithActivities(ctx context.Context, n int64) ([]*Account, error) {
	return jetRows[Account](ctx, j, pg.SELECT(jetAccounts.AllColumns, jetActivities.AllColumns).
		FROM(jetAccounts.LEFT_JOIN(jetActivities, jetActivities.AccountID.EQ(jetAccounts.ID))).
		WHERE(jetAccounts.ID.LT_EQ(pg.Int64(n))).ORDER_BY(jetAccounts.ID, jetActivities.ID))
}

func (j byJet) nested(context.Context, int64) ([]*Account, error) {
	return nil, fmt.Errorf("%w: a struct in itself is left out", errors.ErrUnsupported)
}

func (j byJet) branches(ctx context.Context, n int64) ([]*Branch, error) {
	return jetRows[Branch](ctx, j, pg.SELECT(jetBranches.AllColumns, jetAccounts.AllColumns, jetActivities.AllColumns).
		FROM(jetBranches.LEFT_JOIN(jetAccounts, jetAccounts.BranchID.EQ(jetBranches.ID)).
			LEFT_JOIN(jetActivities, jetActivities.AccountID.EQ(jetAccounts.ID))).
		WHERE(jetBranches.ID.LT_EQ(pg.Int64(n))).ORDER_BY(jetBranches.ID, jetAccounts.ID, jetActivities.ID))
}

func (j byJet) students(ctx context.Context, n int64) ([]*Student, error) {
	links := table.Enrollments
	return jetRows[Student](ctx, j, pg.SELECT(jetStudents.AllColumns, jetCourses.AllColumns).
		FROM(jetStudents.LEFT_JOIN(links, links.StudentID.EQ(jetStudents.ID)).LEFT_JOIN(jetCourses, jetCourses.ID.EQ(links.CourseID))).
		WHERE(jetStudents.ID.LT_EQ(pg.Int64(n))).ORDER_BY(jetStudents.ID, jetCourses.ID))
}

func withdrawal(amount int64) pg.BoolExpression {
	return jetActivities.ActivityType.EQ(pg.String("WD")).AND(jetActivities.Amount.GT_EQ(pg.Int64(amount)))
}

func (j byJet) joined(ctx context.Context, amount int64) ([]*Account, error) {
	return jetRows[Account](ctx, j, pg.SELECT(jetAccounts.AllColumns).DISTINCT().
		FROM(jetAccounts.INNER_JOIN(jetActivities, jetActivities.AccountID.EQ(jetAccounts.ID))).
		WHERE(withdrawal(amount)).ORDER_BY(jetAccounts.ID))
}

func (j byJet) having(ctx context.Context, amount int64) ([]*Account, error) {
	return jetRows[Account](ctx, j, pg.SELECT(jetAccounts.AllColumns).FROM(jetAccounts).
		WHERE(pg.EXISTS(pg.SELECT(jetActivities.ID).FROM(jetActivities).WHERE(jetActivities.AccountID.EQ(jetAccounts.ID).AND(withdrawal(amount))))).
		ORDER_BY(jetAccounts.ID))
}

func (j byJet) withAccount(ctx context.Context, n int64) ([]*Activity, error) {
	return jetRows[Activity](ctx, j, pg.SELECT(jetActivities.AllColumns, jetAccounts.AllColumns).
		FROM(jetActivities.INNER_JOIN(jetAccounts, jetAccounts.ID.EQ(jetActivities.AccountID))).
		WHERE(jetActivities.ID.LT_EQ(pg.Int64(n))).ORDER_BY(jetActivities.ID))
}

// four makes a row of each activity with each card and each tag.
func (j byJet) four(ctx context.Context, n int64) ([]*Account, error) {
	links := table.AccountTags
	return jetRows[Account](ctx, j, pg.SELECT(jetAccounts.AllColumns, jetBranches.AllColumns, jetActivities.AllColumns, jetCards.AllColumns, jetTags.AllColumns).
		FROM(jetAccounts.INNER_JOIN(jetBranches, jetBranches.ID.EQ(jetAccounts.BranchID)).
			LEFT_JOIN(jetActivities, jetActivities.AccountID.EQ(jetAccounts.ID)).
			LEFT_JOIN(jetCards, jetCards.AccountID.EQ(jetAccounts.ID)).
			LEFT_JOIN(links, links.AccountID.EQ(jetAccounts.ID)).LEFT_JOIN(jetTags, jetTags.ID.EQ(links.TagID))).
		WHERE(jetAccounts.ID.LT_EQ(pg.Int64(n))).ORDER_BY(jetAccounts.ID, jetActivities.ID, jetCards.ID, jetTags.ID))
}

var jetTree = strings.Replace(wholeTree, "SELECT id, parent_id, name FROM t",
	`SELECT id AS "category.id", parent_id AS "category.parent_id", name AS "category.name" FROM t`, 1)

func (j byJet) tree(ctx context.Context) ([]*Category, error) {
	all, err := jetRows[Category](ctx, j, pg.RawStatement(jetTree))
	return rooted(all), err
}

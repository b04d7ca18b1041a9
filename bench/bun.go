package main

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// BUN: relations are tags of structs and read by Relation, a to-one by a join. It writes arguments into the text itself, for which its
// documentation wants pgx's simple protocol.

type byBun struct{ db *bun.DB }

// Bun wants structs of the tables between, with relations.
type (
	bunAccountTag struct {
		bun.BaseModel `bun:"table:account_tags"`

		AccountID int64    `bun:",pk"`
		Account   *Account `bun:"rel:belongs-to,join:account_id=id"`
		TagID     int64    `bun:",pk"`
		Tag       *Tag     `bun:"rel:belongs-to,join:tag_id=id"`
	}
	bunEnrollment struct {
		bun.BaseModel `bun:"table:enrollments"`

		StudentID int64    `bun:",pk"`
		Student   *Student `bun:"rel:belongs-to,join:student_id=id"`
		CourseID  int64    `bun:",pk"`
		Course    *Course  `bun:"rel:belongs-to,join:course_id=id"`
	}
)

func openBun(db *sql.DB) (calls, error) {
	b := bun.NewDB(db, pgdialect.New())
	b.RegisterModel((*bunAccountTag)(nil), (*bunEnrollment)(nil))
	return callsOf(byBun{b}), nil
}

// in orders the rows of a relation.
func in(order string) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Order(order) }
}

// bunRows reads rows of a table, in the order of their keys. Bun makes its alias of the struct's name.
func bunRows[T any](ctx context.Context, b byBun, alias string, clauses func(*bun.SelectQuery) *bun.SelectQuery) ([]*T, error) {
	var rows []*T
	err := clauses(b.db.NewSelect().Model(&rows)).Order(alias + ".id").Scan(ctx)
	return rows, err
}

func (b byBun) account(ctx context.Context, id int64) (*Account, error) {
	a := &Account{ID: id}
	return a, b.db.NewSelect().Model(a).WherePK().Scan(ctx)
}

func (b byBun) accounts(ctx context.Context, n int64) ([]*Account, error) {
	return bunRows[Account](ctx, b, "account", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("account.id <= ?", n)
	})
}

func (b byBun) accountsWithActivities(ctx context.Context, n int64) ([]*Account, error) {
	return bunRows[Account](ctx, b, "account", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("account.id <= ?", n).Relation("Activities", in("activity.id"))
	})
}

func (b byBun) nested(ctx context.Context, n int64) ([]*Account, error) {
	return bunRows[Account](ctx, b, "account", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("account.id <= ?", n).Relation("Branch").Relation("Activities", in("activity.id")).Relation("Activities.Account")
	})
}

func (b byBun) branches(ctx context.Context, n int64) ([]*Branch, error) {
	return bunRows[Branch](ctx, b, "branch", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("branch.id <= ?", n).Relation("Accounts", in("account.id")).Relation("Accounts.Activities", in("activity.id"))
	})
}

func (b byBun) students(ctx context.Context, n int64) ([]*Student, error) {
	return bunRows[Student](ctx, b, "student", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("student.id <= ?", n).Relation("Courses", in("course.id"))
	})
}

func (b byBun) joined(ctx context.Context, amount int64) ([]*Account, error) {
	return bunRows[Account](ctx, b, "account", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Distinct().Join("JOIN activities ON activities.account_id = account.id").
			Where("activities.activity_type = ?", "WD").Where("activities.amount >= ?", amount)
	})
}

func (b byBun) having(ctx context.Context, amount int64) ([]*Account, error) {
	return bunRows[Account](ctx, b, "account", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("EXISTS (?)", b.db.NewSelect().Model((*Activity)(nil)).ColumnExpr("1").Where("activity.account_id = account.id").
			Where("activity.activity_type = ?", "WD").Where("activity.amount >= ?", amount))
	})
}

func (b byBun) withAccount(ctx context.Context, n int64) ([]*Activity, error) {
	return bunRows[Activity](ctx, b, "activity", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("activity.id <= ?", n).Relation("Account")
	})
}

func (b byBun) four(ctx context.Context, n int64) ([]*Account, error) {
	return bunRows[Account](ctx, b, "account", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("account.id <= ?", n).Relation("Branch").Relation("Activities", in("activity.id")).
			Relation("Cards", in("card.id")).Relation("Tags", in("tag.id"))
	})
}

func (b byBun) tree(ctx context.Context) ([]*Category, error) {
	var all []*Category
	err := b.db.NewRaw(wholeTree).Scan(ctx, &all)
	return rooted(all), err
}

package main

import (
	"context"
	"database/sql"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// GORM: relations are found by its conventions and read by Preload; a to-one that is joined by Joins. Statements are prepared and writes
// have no transaction of their own, as its page on performance has it.

type byGORM struct{ db *gorm.DB }

func openGORM(db *sql.DB) (calls, error) {
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: db}),
		&gorm.Config{Logger: logger.Discard, PrepareStmt: true, SkipDefaultTransaction: true})
	return callsOf(byGORM{g}), err
}

func find[T any](q *gorm.DB) ([]*T, error) {
	var rows []*T
	err := q.Find(&rows).Error
	return rows, err
}

// by orders the rows of a preload.
func by(order string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB { return db.Order(order) }
}

func (g byGORM) upTo(ctx context.Context, n int64) *gorm.DB {
	return g.db.WithContext(ctx).Where("id <= ?", n).Order("id")
}

func (g byGORM) account(ctx context.Context, id int64) (*Account, error) {
	a := &Account{}
	return a, g.db.WithContext(ctx).First(a, id).Error
}

func (g byGORM) accounts(ctx context.Context, n int64) ([]*Account, error) {
	return find[Account](g.upTo(ctx, n))
}

func (g byGORM) accountsWithActivities(ctx context.Context, n int64) ([]*Account, error) {
	return find[Account](g.upTo(ctx, n).Preload("Activities", by("id")))
}

func (g byGORM) nested(ctx context.Context, n int64) ([]*Account, error) {
	return find[Account](g.upTo(ctx, n).Preload("Branch").Preload("Activities", by("id")).Preload("Activities.Account"))
}

func (g byGORM) branches(ctx context.Context, n int64) ([]*Branch, error) {
	return find[Branch](g.upTo(ctx, n).Preload("Accounts", by("id")).Preload("Accounts.Activities", by("id")))
}

func (g byGORM) students(ctx context.Context, n int64) ([]*Student, error) {
	return find[Student](g.upTo(ctx, n).Preload("Courses", by("courses.id")))
}

func (g byGORM) joined(ctx context.Context, amount int64) ([]*Account, error) {
	return find[Account](g.db.WithContext(ctx).Distinct("accounts.*").Joins("JOIN activities ON activities.account_id = accounts.id").
		Where("activities.activity_type = ? AND activities.amount >= ?", "WD", amount).Order("accounts.id"))
}

func (g byGORM) having(ctx context.Context, amount int64) ([]*Account, error) {
	events := g.db.WithContext(ctx).Model(&Activity{}).Select("1").
		Where("activities.account_id = accounts.id AND activity_type = ? AND amount >= ?", "WD", amount)
	return find[Account](g.db.WithContext(ctx).Where("EXISTS (?)", events).Order("id"))
}

func (g byGORM) withAccount(ctx context.Context, n int64) ([]*Activity, error) {
	return find[Activity](g.db.WithContext(ctx).Joins("Account").Where("activities.id <= ?", n).Order("activities.id"))
}

func (g byGORM) four(ctx context.Context, n int64) ([]*Account, error) {
	return find[Account](g.upTo(ctx, n).Preload("Branch").Preload("Activities", by("id")).Preload("Cards", by("id")).
		Preload("Tags", by("tags.id")))
}

func (g byGORM) tree(ctx context.Context) ([]*Category, error) {
	var all []*Category
	err := g.db.WithContext(ctx).Raw(wholeTree).Scan(&all).Error
	return rooted(all), err
}

package main

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// DOVETAIL: the relations are declared; each workload is one query, built anew in each call.

var (
	schema      = dovetail.NewRegistry()
	branches    = dovetail.NewTable[Branch](schema, "branches")
	accounts    = dovetail.NewTable[Account](schema, "accounts")
	activities  = dovetail.NewTable[Activity](schema, "activities")
	cards       = dovetail.NewTable[Card](schema, "cards")
	tags        = dovetail.NewTable[Tag](schema, "tags")
	accountTags = dovetail.NewTable[AccountTag](schema, "account_tags", dovetail.PrimaryKey("account_id", "tag_id"))
	students    = dovetail.NewTable[Student](schema, "students")
	courses     = dovetail.NewTable[Course](schema, "courses")
	enrollments = dovetail.NewTable[Enrollment](schema, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	categories  = dovetail.NewTable[Category](schema, "categories")

	_ = dovetail.HasMany(branches, "accounts", accounts, dovetail.ForeignKey("branch_id"), dovetail.Inverse("branch"))
	_ = dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	_ = dovetail.HasMany(accounts, "cards", cards, dovetail.ForeignKey("account_id"))
	_ = dovetail.ManyToMany(accounts, "tags", tags, accountTags, dovetail.ThroughKeys("account_id", "tag_id"))
	_ = dovetail.ManyToMany(students, "courses", courses, enrollments, dovetail.ThroughKeys("student_id", "course_id"))
	_ = dovetail.HasMany(categories, "children", categories, dovetail.ForeignKey("parent_id"))
)

type library struct {
	db     dovetail.DB
	atOnce bool // with OneRoundTrip
}

// all runs a query, in one round trip where that is asked for.
func all[R any](ctx context.Context, l library, q dovetail.Query[R]) ([]R, error) {
	if l.atOnce {
		q = q.OneRoundTrip()
	}
	return q.All(ctx, l.db)
}

func (l library) account(ctx context.Context, id int64) (*Account, error) {
	return dovetail.Select(accounts).Get(ctx, l.db, id)
}

func upTo(n int64) dovetail.Query[*Account] {
	return dovetail.Select(accounts).Where(sq.LtOrEq{"id": n}).OrderBy("id")
}

func (l library) accounts(ctx context.Context, n int64) ([]*Account, error) {
	return all(ctx, l, upTo(n))
}

func (l library) accountsWithActivities(ctx context.Context, n int64) ([]*Account, error) {
	return all(ctx, l, upTo(n).Preload("activities"))
}

func (l library) nested(ctx context.Context, n int64) ([]*Account, error) {
	return all(ctx, l, upTo(n).Preload("branch").Preload("activities").Preload("activities.account"))
}

func (l library) branches(ctx context.Context, n int64) ([]*Branch, error) {
	return all(ctx, l, dovetail.Select(branches).Where(sq.LtOrEq{"id": n}).OrderBy("id").Preload("accounts").Preload("accounts.activities"))
}

func (l library) students(ctx context.Context, n int64) ([]*Student, error) {
	return all(ctx, l, dovetail.Select(students).Where(sq.LtOrEq{"id": n}).OrderBy("id").Preload("courses"))
}

func (l library) joined(ctx context.Context, amount int64) ([]*Account, error) {
	return all(ctx, l, dovetail.Select(accounts).Join("activities").Where(sq.Eq{"activities.activity_type": "WD"}).
		Where("activities.amount >= ?", amount).Distinct().OrderBy("id"))
}

func (l library) having(ctx context.Context, amount int64) ([]*Account, error) {
	return all(ctx, l, dovetail.Select(accounts).Has("activities", sq.Eq{"activity_type": "WD"}, sq.GtOrEq{"amount": amount}).OrderBy("id"))
}

func (l library) withAccount(ctx context.Context, n int64) ([]*Activity, error) {
	return all(ctx, l, dovetail.Select(activities).Where(sq.LtOrEq{"id": n}).OrderBy("id").Fetch("account"))
}

func (l library) four(ctx context.Context, n int64) ([]*Account, error) {
	return all(ctx, l, upTo(n).Preload("branch").Preload("activities").Preload("cards").Preload("tags"))
}

func (l library) tree(ctx context.Context) ([]*Category, error) {
	return all(ctx, l, dovetail.Select(categories).Where(sq.Eq{"parent_id": nil}).OrderBy("id").PreloadTree("children", 0))
}

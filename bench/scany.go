package main

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/georgysavva/scany/v2/pgxscan"
	"github.com/jackc/pgx/v5"
)

// SQUIRREL + SCANY: squirrel builds each statement, scany reads its rows into structs; relations are put together by hand.

type scanner struct{ conn *pgx.Conn }

var (
	dollars        = sq.StatementBuilder.PlaceholderFormat(sq.Dollar)
	columnsOf      = []string{"id", "owner", "email", "balance", "branch_id", "created_at"}
	columnsOfEvent = []string{"id", "account_id", "activity_type", "amount", "note", "created_at"}
)

func scan[T any](ctx context.Context, s scanner, q sq.SelectBuilder) ([]*T, error) {
	text, args, err := q.ToSql()
	if err != nil {
		return nil, err
	}
	var rows []*T
	err = pgxscan.Select(ctx, s.conn, &rows, text, args...)
	return rows, err
}

func (s scanner) account(ctx context.Context, id int64) (*Account, error) {
	text, args, err := dollars.Select(columnsOf...).From("accounts").Where(sq.Eq{"id": id}).ToSql()
	if err != nil {
		return nil, err
	}
	a := &Account{}
	return a, pgxscan.Get(ctx, s.conn, a, text, args...)
}

func (s scanner) accounts(ctx context.Context, n int64) ([]*Account, error) {
	return scan[Account](ctx, s, dollars.Select(columnsOf...).From("accounts").Where(sq.LtOrEq{"id": n}).OrderBy("id"))
}

func (s scanner) activitiesOf(ctx context.Context, accounts []*Account) error {
	all, err := scan[Activity](ctx, s, dollars.Select(columnsOfEvent...).From("activities").
		Where("account_id = ANY(?)", accountIDs(accounts)).OrderBy("id"))
	giveActivities(accounts, all)
	return err
}

func (s scanner) branchesOf(ctx context.Context, accounts []*Account) error {
	branches, err := scan[Branch](ctx, s, dollars.Select("id", "name").From("branches").Where("id = ANY(?)", branchIDs(accounts)))
	giveBranches(accounts, branches)
	return err
}

func (s scanner) accountsWithActivities(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := s.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	return accounts, s.activitiesOf(ctx, accounts)
}

func (s scanner) nested(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := s.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := s.branchesOf(ctx, accounts); err != nil {
		return nil, err
	}
	if err := s.activitiesOf(ctx, accounts); err != nil {
		return nil, err
	}
	giveBack(accounts)
	return accounts, nil
}

func (s scanner) branches(ctx context.Context, n int64) ([]*Branch, error) {
	branches, err := scan[Branch](ctx, s, dollars.Select("id", "name").From("branches").Where(sq.LtOrEq{"id": n}).OrderBy("id"))
	if err != nil {
		return nil, err
	}
	accounts, err := scan[Account](ctx, s, dollars.Select(columnsOf...).From("accounts").
		Where("branch_id = ANY(?)", branchIDsOf(branches)).OrderBy("id"))
	if err != nil {
		return nil, err
	}
	giveAccounts(branches, accounts)
	return branches, s.activitiesOf(ctx, accounts)
}

func (s scanner) students(ctx context.Context, n int64) ([]*Student, error) {
	students, err := scan[Student](ctx, s, dollars.Select("id", "name").From("students").Where(sq.LtOrEq{"id": n}).OrderBy("id"))
	if err != nil {
		return nil, err
	}
	taken, err := scan[takenCourse](ctx, s, dollars.Select("c.id", "c.title", "e.student_id").From("courses c").
		Join("enrollments e ON e.course_id = c.id").Where("e.student_id = ANY(?)", studentIDs(students)).OrderBy("c.id"))
	giveCourses(students, taken)
	return students, err
}

func (s scanner) joined(ctx context.Context, amount int64) ([]*Account, error) {
	return scan[Account](ctx, s, dollars.Select("a.id", "a.owner", "a.email", "a.balance", "a.branch_id", "a.created_at").Distinct().
		From("accounts a").Join("activities t ON t.account_id = a.id").
		Where(sq.Eq{"t.activity_type": "WD"}).Where(sq.GtOrEq{"t.amount": amount}).OrderBy("a.id"))
}

func (s scanner) having(ctx context.Context, amount int64) ([]*Account, error) {
	event := sq.Select("1").Prefix("EXISTS (").From("activities t").Where("t.account_id = a.id").
		Where(sq.Eq{"t.activity_type": "WD"}).Where(sq.GtOrEq{"t.amount": amount}).Suffix(")")
	return scan[Account](ctx, s, dollars.Select(columnsOf...).From("accounts a").Where(event).OrderBy("id"))
}

func (s scanner) withAccount(ctx context.Context, n int64) ([]*Activity, error) {
	return scan[Activity](ctx, s, dollars.Select("t.id", "t.account_id", "t.activity_type", "t.amount", "t.note", "t.created_at",
		`a.id AS "account.id"`, `a.owner AS "account.owner"`, `a.email AS "account.email"`, `a.balance AS "account.balance"`,
		`a.branch_id AS "account.branch_id"`, `a.created_at AS "account.created_at"`).
		From("activities t").Join("accounts a ON a.id = t.account_id").Where(sq.LtOrEq{"t.id": n}).OrderBy("t.id"))
}

func (s scanner) four(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := s.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := s.branchesOf(ctx, accounts); err != nil {
		return nil, err
	}
	if err := s.activitiesOf(ctx, accounts); err != nil {
		return nil, err
	}
	cards, err := scan[Card](ctx, s, dollars.Select("id", "account_id", "number", "active").From("cards").
		Where("account_id = ANY(?)", accountIDs(accounts)).OrderBy("id"))
	if err != nil {
		return nil, err
	}
	giveCards(accounts, cards)
	worn, err := scan[wornTag](ctx, s, dollars.Select("t.id", "t.name", "l.account_id").From("tags t").
		Join("account_tags l ON l.tag_id = t.id").Where("l.account_id = ANY(?)", accountIDs(accounts)).OrderBy("t.id"))
	giveTags(accounts, worn)
	return accounts, err
}

func (s scanner) tree(ctx context.Context) ([]*Category, error) {
	var all []*Category
	err := pgxscan.Select(ctx, s.conn, &all, wholeTree)
	return rooted(all), err
}

package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// COLLECTROWS: pgx's own functions read rows into structs by the names of their fields; statements and relations are written by hand.
// "Lax" lets a struct have fields for related rows.

type collector struct{ conn *pgx.Conn }

func collect[T any](ctx context.Context, c collector, sql string, args ...any) ([]*T, error) {
	rows, err := c.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByNameLax[T])
}

func (c collector) account(ctx context.Context, id int64) (*Account, error) {
	rows, err := c.conn.Query(ctx, "SELECT "+accountColumns+" FROM accounts WHERE id = $1", id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByNameLax[Account])
}

func (c collector) accounts(ctx context.Context, n int64) ([]*Account, error) {
	return collect[Account](ctx, c, "SELECT "+accountColumns+" FROM accounts WHERE id <= $1 ORDER BY id", n)
}

func (c collector) activitiesOf(ctx context.Context, accounts []*Account) error {
	all, err := collect[Activity](ctx, c, "SELECT "+activityColumns+" FROM activities WHERE account_id = ANY($1) ORDER BY id", accountIDs(accounts))
	giveActivities(accounts, all)
	return err
}

func (c collector) branchesOf(ctx context.Context, accounts []*Account) error {
	branches, err := collect[Branch](ctx, c, "SELECT id, name FROM branches WHERE id = ANY($1)", branchIDs(accounts))
	giveBranches(accounts, branches)
	return err
}

func (c collector) accountsWithActivities(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := c.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	return accounts, c.activitiesOf(ctx, accounts)
}

func (c collector) nested(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := c.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := c.branchesOf(ctx, accounts); err != nil {
		return nil, err
	}
	if err := c.activitiesOf(ctx, accounts); err != nil {
		return nil, err
	}
	giveBack(accounts)
	return accounts, nil
}

func (c collector) branches(ctx context.Context, n int64) ([]*Branch, error) {
	branches, err := collect[Branch](ctx, c, "SELECT id, name FROM branches WHERE id <= $1 ORDER BY id", n)
	if err != nil {
		return nil, err
	}
	accounts, err := collect[Account](ctx, c, "SELECT "+accountColumns+" FROM accounts WHERE branch_id = ANY($1) ORDER BY id", branchIDsOf(branches))
	if err != nil {
		return nil, err
	}
	giveAccounts(branches, accounts)
	return branches, c.activitiesOf(ctx, accounts)
}

func (c collector) students(ctx context.Context, n int64) ([]*Student, error) {
	students, err := collect[Student](ctx, c, "SELECT id, name FROM students WHERE id <= $1 ORDER BY id", n)
	if err != nil {
		return nil, err
	}
	taken, err := collect[takenCourse](ctx, c, "SELECT c.id, c.title, e.student_id FROM courses c JOIN enrollments e ON e.course_id = c.id "+
		"WHERE e.student_id = ANY($1) ORDER BY c.id", studentIDs(students))
	giveCourses(students, taken)
	return students, err
}

func (c collector) joined(ctx context.Context, amount int64) ([]*Account, error) {
	return collect[Account](ctx, c, "SELECT DISTINCT a.id, a.owner, a.email, a.balance, a.branch_id, a.created_at FROM accounts a "+
		"JOIN activities ON activities.account_id = a.id WHERE "+filter+" ORDER BY a.id", "WD", amount)
}

func (c collector) having(ctx context.Context, amount int64) ([]*Account, error) {
	return collect[Account](ctx, c, "SELECT "+accountColumns+" FROM accounts a WHERE EXISTS (SELECT 1 FROM activities "+
		"WHERE activities.account_id = a.id AND "+filter+") ORDER BY id", "WD", amount)
}

func (c collector) withAccount(ctx context.Context, n int64) ([]*Activity, error) {
	type row struct {
		Activity
		Of Account `db:"-"`

		Key, BranchID, Balance int64
		Owner, Email           string
		Since                  time.Time
	}
	rows, err := collect[row](ctx, c, "SELECT t.id, t.account_id, t.activity_type, t.amount, t.note, t.created_at, a.id AS key, a.owner, a.email, "+
		"a.balance, a.branch_id, a.created_at AS since FROM activities t JOIN accounts a ON a.id = t.account_id WHERE t.id <= $1 ORDER BY t.id", n)
	if err != nil {
		return nil, err
	}
	all, seen := make([]*Activity, len(rows)), map[int64]*Account{}
	for i, r := range rows {
		all[i] = &r.Activity
		if r.Account = seen[r.Key]; r.Account == nil {
			r.Of = Account{ID: r.Key, Owner: r.Owner, Email: r.Email, Balance: r.Balance, BranchID: r.BranchID, CreatedAt: r.Since}
			r.Account = &r.Of
			seen[r.Key] = r.Account
		}
	}
	return all, nil
}

func (c collector) four(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := c.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := c.branchesOf(ctx, accounts); err != nil {
		return nil, err
	}
	if err := c.activitiesOf(ctx, accounts); err != nil {
		return nil, err
	}
	cards, err := collect[Card](ctx, c, "SELECT id, account_id, number, active FROM cards WHERE account_id = ANY($1) ORDER BY id", accountIDs(accounts))
	if err != nil {
		return nil, err
	}
	giveCards(accounts, cards)
	worn, err := collect[wornTag](ctx, c, "SELECT t.id, t.name, l.account_id FROM tags t JOIN account_tags l ON l.tag_id = t.id "+
		"WHERE l.account_id = ANY($1) ORDER BY t.id", accountIDs(accounts))
	giveTags(accounts, worn)
	return accounts, err
}

func (c collector) tree(ctx context.Context) ([]*Category, error) {
	all, err := collect[Category](ctx, c, wholeTree)
	return rooted(all), err
}

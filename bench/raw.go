package main

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// RAW: what an expert writes by hand with pgx: destinations made once, slices made in their size, a statement for each relation and
// one map to find the owners. With SQLite it is the same over database/sql.

type raw struct{ db handle }

// handle is pgx or database/sql.
type handle interface {
	query(ctx context.Context, sql string, args ...any) (rows, error)
	account(ctx context.Context, id int64) (*Account, error)
}

type rows interface {
	Next() bool
	Scan(...any) error
	Err() error
	Close()
}

type pgxHandle struct{ *pgx.Conn }

func (h pgxHandle) query(ctx context.Context, sql string, args ...any) (rows, error) {
	return h.Query(ctx, sql, args...)
}

func (h pgxHandle) account(ctx context.Context, id int64) (*Account, error) {
	a := &Account{}
	err := h.QueryRow(ctx, "SELECT "+accountColumns+" FROM accounts WHERE id = $1", id).Scan(intoAccount(a)...)
	return a, err
}

const (
	accountColumns  = "id, owner, email, balance, branch_id, created_at"
	activityColumns = "id, account_id, activity_type, amount, note, created_at"
)

// read reads all rows into structs, whose fields into names.
func read[T any](ctx context.Context, db handle, hint int, into func(*T) []any, sql string, args ...any) ([]*T, error) {
	rows, err := db.query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	all := make([]*T, 0, hint)
	var one T
	dests := into(&one)
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			rows.Close()
			return nil, err
		}
		row := one
		all = append(all, &row)
	}
	return all, rows.Err()
}

func intoAccount(a *Account) []any {
	return []any{&a.ID, &a.Owner, &a.Email, &a.Balance, &a.BranchID, &a.CreatedAt}
}

func intoActivity(a *Activity) []any {
	return []any{&a.ID, &a.AccountID, &a.ActivityType, &a.Amount, &a.Note, &a.CreatedAt}
}

func (r raw) account(ctx context.Context, id int64) (*Account, error) { return r.db.account(ctx, id) }

func (r raw) accounts(ctx context.Context, n int64) ([]*Account, error) {
	return read(ctx, r.db, int(n), intoAccount, "SELECT "+accountColumns+" FROM accounts WHERE id <= $1 ORDER BY id", n)
}

func (r raw) activitiesOf(ctx context.Context, accounts []*Account) ([]*Activity, error) {
	all, err := read(ctx, r.db, 10*len(accounts), intoActivity,
		"SELECT "+activityColumns+" FROM activities WHERE account_id = ANY($1) ORDER BY id", accountIDs(accounts))
	for _, a := range accounts {
		a.Activities = make([]*Activity, 0, 10)
	}
	giveActivities(accounts, all)
	return all, err
}

func (r raw) accountsWithActivities(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := r.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	_, err = r.activitiesOf(ctx, accounts)
	return accounts, err
}

func (r raw) branchesOf(ctx context.Context, accounts []*Account) error {
	ids := branchIDs(accounts)
	branches, err := read(ctx, r.db, len(ids), func(b *Branch) []any { return []any{&b.ID, &b.Name} },
		"SELECT id, name FROM branches WHERE id = ANY($1)", ids)
	giveBranches(accounts, branches)
	return err
}

func (r raw) nested(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := r.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := r.branchesOf(ctx, accounts); err != nil {
		return nil, err
	}
	if _, err := r.activitiesOf(ctx, accounts); err != nil {
		return nil, err
	}
	giveBack(accounts)
	return accounts, nil
}

func (r raw) branches(ctx context.Context, n int64) ([]*Branch, error) {
	branches, err := read(ctx, r.db, int(n), func(b *Branch) []any { return []any{&b.ID, &b.Name} },
		"SELECT id, name FROM branches WHERE id <= $1 ORDER BY id", n)
	if err != nil {
		return nil, err
	}
	for _, b := range branches {
		b.Accounts = make([]*Account, 0, 100)
	}
	accounts, err := read(ctx, r.db, 100*len(branches), intoAccount,
		"SELECT "+accountColumns+" FROM accounts WHERE branch_id = ANY($1) ORDER BY id", branchIDsOf(branches))
	if err != nil {
		return nil, err
	}
	giveAccounts(branches, accounts)
	_, err = r.activitiesOf(ctx, accounts)
	return branches, err
}

// linked reads rows with the key of the owner they are linked to; a row of several owners is one.
func linked[O, R any](ctx context.Context, r raw, owners []*O, key func(*O) int64, id func(*R) int64, into func(*R) []any, add func(*O, *R), sql string) error {
	at, ids := make(map[int64]*O, len(owners)), make([]int64, len(owners))
	for i, o := range owners {
		at[key(o)], ids[i] = o, key(o)
	}
	rows, err := r.db.query(ctx, sql, ids)
	if err != nil {
		return err
	}
	var one R
	var owner int64
	dests := append(into(&one), &owner)
	seen := map[int64]*R{}
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			rows.Close()
			return err
		}
		known := seen[id(&one)]
		if known == nil {
			row := one
			known = &row
			seen[id(known)] = known
		}
		add(at[owner], known)
	}
	return rows.Err()
}

func (r raw) students(ctx context.Context, n int64) ([]*Student, error) {
	students, err := read(ctx, r.db, int(n), func(s *Student) []any { return []any{&s.ID, &s.Name} },
		"SELECT id, name FROM students WHERE id <= $1 ORDER BY id", n)
	if err != nil {
		return nil, err
	}
	for _, s := range students {
		s.Courses = make([]*Course, 0, 5)
	}
	return students, linked(ctx, r, students, func(s *Student) int64 { return s.ID }, func(c *Course) int64 { return c.ID },
		func(c *Course) []any { return []any{&c.ID, &c.Title} }, func(s *Student, c *Course) { s.Courses = append(s.Courses, c) },
		"SELECT c.id, c.title, e.student_id FROM courses c JOIN enrollments e ON e.course_id = c.id WHERE e.student_id = ANY($1) ORDER BY c.id")
}

// wholeTree are the categories, each below its parent.
const wholeTree = "WITH RECURSIVE t AS (SELECT id, parent_id, name FROM categories WHERE parent_id IS NULL UNION ALL " +
	"SELECT c.id, c.parent_id, c.name FROM categories c JOIN t ON c.parent_id = t.id) SELECT id, parent_id, name FROM t ORDER BY id"

const filter = "(activities.activity_type = $1) AND (activities.amount >= $2)"

func (r raw) joined(ctx context.Context, amount int64) ([]*Account, error) {
	return read(ctx, r.db, 2000, intoAccount, "SELECT DISTINCT a.id, a.owner, a.email, a.balance, a.branch_id, a.created_at FROM accounts a "+
		"JOIN activities ON activities.account_id = a.id WHERE "+filter+" ORDER BY a.id", "WD", amount)
}

func (r raw) having(ctx context.Context, amount int64) ([]*Account, error) {
	return read(ctx, r.db, 2000, intoAccount, "SELECT "+accountColumns+" FROM accounts a WHERE EXISTS (SELECT 1 FROM activities "+
		"WHERE activities.account_id = a.id AND "+filter+") ORDER BY id", "WD", amount)
}

func (r raw) withAccount(ctx context.Context, n int64) ([]*Activity, error) {
	rows, err := r.db.query(ctx, "SELECT t.id, t.account_id, t.activity_type, t.amount, t.note, t.created_at, "+
		"a.id, a.owner, a.email, a.balance, a.branch_id, a.created_at FROM activities t JOIN accounts a ON a.id = t.account_id "+
		"WHERE t.id <= $1 ORDER BY t.id", n)
	if err != nil {
		return nil, err
	}
	var t Activity
	var a Account
	dests := append(intoActivity(&t), intoAccount(&a)...)
	all, seen := make([]*Activity, 0, n), map[int64]*Account{}
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			rows.Close()
			return nil, err
		}
		row := t
		if row.Account = seen[a.ID]; row.Account == nil {
			account := a
			row.Account = &account
			seen[a.ID] = &account
		}
		all = append(all, &row)
	}
	return all, rows.Err()
}

func (r raw) four(ctx context.Context, n int64) ([]*Account, error) {
	accounts, err := r.accounts(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := r.branchesOf(ctx, accounts); err != nil {
		return nil, err
	}
	if _, err := r.activitiesOf(ctx, accounts); err != nil {
		return nil, err
	}
	for _, a := range accounts {
		a.Cards, a.Tags = make([]*Card, 0, 2), make([]*Tag, 0, 3)
	}
	cards, err := read(ctx, r.db, 2*len(accounts), func(c *Card) []any { return []any{&c.ID, &c.AccountID, &c.Number, &c.Active} },
		"SELECT id, account_id, number, active FROM cards WHERE account_id = ANY($1) ORDER BY id", accountIDs(accounts))
	if err != nil {
		return nil, err
	}
	giveCards(accounts, cards)
	return accounts, linked(ctx, r, accounts, accountID, func(t *Tag) int64 { return t.ID },
		func(t *Tag) []any { return []any{&t.ID, &t.Name} }, func(a *Account, t *Tag) { a.Tags = append(a.Tags, t) },
		"SELECT t.id, t.name, l.account_id FROM tags t JOIN account_tags l ON l.tag_id = t.id WHERE l.account_id = ANY($1) ORDER BY t.id")
}

func (r raw) tree(ctx context.Context) ([]*Category, error) {
	all, err := read(ctx, r.db, 1100, func(c *Category) []any { return []any{&c.ID, &c.ParentID, &c.Name} }, wholeTree)
	if err != nil {
		return nil, err
	}
	return rooted(all), nil
}

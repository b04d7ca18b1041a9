package main

import "context"

// workload is a call with its argument.
type workload struct {
	name, what string
	call       string
	n          int64
	most       float64 // how many objects dovetail makes, and a little more for memory that is lent to calls and was collected in between
	sqlite     bool    // compared there too
}

var workloads = []workload{
	{"W1", "one row by its key", "account", 77, 12, true},
	{"W2s", "20 rows", "accounts", 20, 25, true},
	{"W2", "1,000 rows", "accounts", 1000, 90, true},
	{"W2x", "10,000 rows", "accounts", 10000, 450, true},
	{"W3s", "20 rows with 10 related ones each", "activities", 20, 130, true},
	{"W3", "1,000 with 10 each", "activities", 1000, 600, true},
	{"W3x", "10,000 with 10 each", "activities", 10000, 4500, true},
	{"W4a", "100 with an owner, 10 each, and back", "nested", 100, 250, true},
	{"W4b", "10 with 100 each with 10 each", "branches", 10, 650, true},
	{"W5", "500 with 5 each, many-to-many", "students", 500, 150, true},
	{"W6a", "about 650 by a join and DISTINCT", "joined", 935, 85, true},
	{"W6b", "the same by EXISTS", "having", 935, 85, true},
	{"W7", "5,000 with the row they belong to, joined", "withAccount", 5000, 550, true},
	{"W10", "100 with four relations", "four", 100, 400, false},
	{"W10s", "10 with four relations", "four", 10, 260, false},
	{"W12", "a tree of 1,100", "tree", 0, 135, false},
}

// calls are what a contender does for the workloads.
type calls map[string]func(context.Context, int64) (any, error)

// loads are the calls where they give the rows of data.go.
type loads interface {
	account(ctx context.Context, id int64) (*Account, error)
	accounts(ctx context.Context, n int64) ([]*Account, error)
	accountsWithActivities(ctx context.Context, n int64) ([]*Account, error)
	nested(ctx context.Context, n int64) ([]*Account, error)
	branches(ctx context.Context, n int64) ([]*Branch, error)
	students(ctx context.Context, n int64) ([]*Student, error)
	joined(ctx context.Context, amount int64) ([]*Account, error)
	having(ctx context.Context, amount int64) ([]*Account, error)
	withAccount(ctx context.Context, n int64) ([]*Activity, error)
	four(ctx context.Context, n int64) ([]*Account, error)
	tree(ctx context.Context) ([]*Category, error)
}

func callsOf(l loads) calls {
	return calls{
		"account":     of(l.account),
		"accounts":    of(l.accounts),
		"activities":  of(l.accountsWithActivities),
		"nested":      of(l.nested),
		"branches":    of(l.branches),
		"students":    of(l.students),
		"joined":      of(l.joined),
		"having":      of(l.having),
		"withAccount": of(l.withAccount),
		"four":        of(l.four),
		"tree":        func(ctx context.Context, _ int64) (any, error) { return l.tree(ctx) },
	}
}

func of[T any](call func(context.Context, int64) (T, error)) func(context.Context, int64) (any, error) {
	return func(ctx context.Context, n int64) (any, error) { return call(ctx, n) }
}

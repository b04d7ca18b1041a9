package main

import "context"

var workloads = []string{"W1", "W2s", "W2", "W2x", "W3s", "W3", "W3x", "W4a", "W4b", "W5", "W6a", "W6b", "W7", "W10", "W10s", "W12"}

// ceilings are how many objects dovetail makes in a call of each workload, and a little more for memory that is lent to calls and was
// collected in between.
var ceilings = map[string]float64{
	"W1": 17, "W2s": 40, "W2": 90, "W2x": 450, "W3s": 130, "W3": 600, "W3x": 4500, "W4a": 250, "W4b": 650, "W5": 150, "W6a": 85, "W6b": 85, "W7": 550,
	"W10": 400, "W10s": 300, "W12": 210,
}

// loads are the workloads' calls; what they mean is in docs/performance.md.
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

func callsOf(l loads) map[string]func(context.Context) (any, error) {
	return map[string]func(context.Context) (any, error){
		"W1":   of(l.account, 77),
		"W2s":  of(l.accounts, 20),
		"W2":   of(l.accounts, 1000),
		"W2x":  of(l.accounts, 10000),
		"W3s":  of(l.accountsWithActivities, 20),
		"W3":   of(l.accountsWithActivities, 1000),
		"W3x":  of(l.accountsWithActivities, 10000),
		"W4a":  of(l.nested, 100),
		"W4b":  of(l.branches, 10),
		"W5":   of(l.students, 500),
		"W6a":  of(l.joined, 935),
		"W6b":  of(l.having, 935),
		"W7":   of(l.withAccount, 5000),
		"W10":  of(l.four, 100),
		"W10s": of(l.four, 10),
		"W12":  func(ctx context.Context) (any, error) { return l.tree(ctx) },
	}
}

func of[T any](call func(context.Context, int64) (T, error), n int64) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) { return call(ctx, n) }
}

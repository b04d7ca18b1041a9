package kit

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Case is one promise about the rows that a call returns and the statements it sends. All cases of a setting
// share its tables, so that none may change them for good.
type Case struct {
	Name string
	Run  func(t *testing.T, d Database)
}

// RunCases runs the cases, which read, on both databases by pool, connection and transaction, and on PostgreSQL behind a pooler and on a
// standby. Each has a name of its own: none hides behind another's.
func RunCases(t *testing.T, ddl string, cases []Case) {
	t.Helper()
	run := RunWrites(t, ddl, cases)
	t.Run("postgres/standby", func(t *testing.T) {
		t.Parallel()
		run(t, Standby(t, pgx.QueryExecModeCacheStatement, ddl))
	})
}

// RunWrites runs cases that write, wherever something can be written. It returns what runs them elsewhere.
func RunWrites(t *testing.T, ddl string, cases []Case) (run func(t *testing.T, d Database)) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.Name] {
			t.Errorf("two cases are named %q", c.Name)
		}
		seen[c.Name] = true
	}
	run = func(t *testing.T, d Database) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				if strings.HasSuffix(d.Name, "/tx") { // a statement that fails must not fail the cases after it
					d.Exec(t, "SAVEPOINT conformance")
					defer d.Exec(t, "ROLLBACK TO SAVEPOINT conformance")
				}
				c.Run(t, d.Forgetful())
			})
		}
	}
	OnEvery(t, ddl, run)
	t.Run("postgres/pgbouncer", func(t *testing.T) {
		t.Parallel()
		run(t, Pgbouncer(t, pgx.QueryExecModeExec, ddl))
	})
	return run
}

// Node is a loaded row: its name and the pointer to its struct.
type Node struct {
	Name string
	Row  any
}

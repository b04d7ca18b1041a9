package reads_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type searched struct {
	ID   int64
	Text string
}

// What the server says of a statement may quote what it was given: no message shows it, and what it is the error still says.
func TestMessagesHoldNoArguments(t *testing.T) {
	t.Parallel()
	table := dovetail.NewTable[searched](dovetail.NewRegistry(), "searched")
	const ddl = `CREATE TABLE searched (id BIGINT PRIMARY KEY, text TEXT NOT NULL); INSERT INTO searched VALUES (1, 'a')`
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			kit.PostgresPool(t, ddl)
			config := dbtest.PostgresConfig(t)
			config.ConnConfig.DefaultQueryExecMode = mode
			db := postgres.New(dbtest.PostgresPool(t, config))
			for _, test := range []struct{ where, arg, says string }{
				{"to_tsquery(?) IS NULL", "secret &", `no operand in tsquery: "…"`},
				{"CAST(? AS text)::tsquery IS NULL", "secret & &", `tsquery: "…"`},
				{"current_setting(?) IS NULL", "secret.name", `unrecognized configuration parameter "…"`},
				{"CAST(? AS text)::regclass IS NULL", "Secret", `relation "…" does not exist`},
				{"CAST(? AS text)::regtype IS NULL", "secret", `type "…" does not exist`},
				{"has_table_privilege(?, 'select')", "x", `relation "…" does not exist`},
				{"text = ANY (CAST(? AS text)::text[])", "{secret", "the database refuses a value"},
				// What the statement says itself may be said of it.
				{"text = ? AND to_regclass('text') IS NULL AND current_setting('none.such') = ''", "none.such", `parameter "none.such"`},
			} {
				_, err := dovetail.Select(table).Where(test.where, test.arg).All(t.Context(), db)
				if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(strings.ToLower(err.Error()), "secret") {
					t.Errorf("%s: expected %q, got %v", test.where, test.says, err)
				}
			}
		})
	}
}

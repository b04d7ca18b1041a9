package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

type rewriter struct{}

func (rewriter) RewriteQuery(context.Context, *pgx.Conn, string, []any) (string, []any, error) {
	return "SELECT 1 FROM nothing", nil, nil
}

type optioned struct {
	ID int64
	J  map[string]any
}

// Options of pgx are no values: it would take those that come first away from the statement, run it in another way, or run another one.
func TestOptionsOfPgxAreRefused(t *testing.T) {
	t.Parallel()
	table := dovetail.NewTable[optioned](dovetail.NewRegistry(), "optioned")
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			config := dbtest.PostgresConfig(t)
			config.ConnConfig.DefaultQueryExecMode = mode
			db := postgres.New(dbtest.PostgresPool(t, config))
			for _, option := range []any{
				pgx.NamedArgs{"a": 1}, pgx.StrictNamedArgs{"a": 1}, pgx.QueryExecModeExec, pgx.QueryResultFormats{1}, pgx.QueryResultFormatsByOID{20: 1},
				rewriter{}, &rewriter{},
			} {
				stmt := dialect.Statement{SQL: "SELECT $1::text", Args: []any{option}, Reads: true}
				none := func(int, dialect.Rows) error { return nil }
				for what, run := range map[string]func() error{
					"alone": func() error { return db.Run(t.Context(), []dialect.Statement{stmt}, none) },
					"in batch": func() error {
						return db.Run(t.Context(), []dialect.Statement{{SQL: "SELECT 1", Reads: true}, stmt}, none)
					},
					"second": func() error {
						return db.Run(t.Context(), []dialect.Statement{{SQL: "SELECT $1::text, $2::text", Args: []any{"a", option}, Reads: true}}, none)
					},
				} {
					var failed *dialect.StatementError
					if err := run(); !errors.As(err, &failed) || failed.Unknown || !strings.Contains(err.Error(), "convert it") {
						t.Errorf("%T %s: got %v", option, what, err)
					}
				}
				_, err := dovetail.Select(table).Where("id = ?", option).All(t.Context(), db)
				if !errors.Is(err, dovetail.ErrArgType) {
					t.Errorf("%T in SQL text: expected ErrArgType, got %v", option, err)
				}
				if _, err = dovetail.Update(table).Set("j", option).All().Exec(t.Context(), db); !errors.Is(err, dovetail.ErrArgType) || errors.Is(err, dovetail.ErrCommitUnknown) {
					t.Errorf("%T set: expected ErrArgType, got %v", option, err)
				}
			}
		})
	}
}

package dovetail_test

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// The databases of the oracle test, and what its cases must have met there.

// oraCases is how many cases run on a database by default. SQLite in Go is a hundred times slower under the race detector.
func oraCases(database string) uint64 {
	race := false
	if info, ok := debug.ReadBuildInfo(); ok {
		race = slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
	}
	return map[bool]map[string]uint64{
		false: {"postgres": 10_000, "sqlite": 2_000},
		true:  {"postgres": 1_000, "sqlite": 100},
	}[race][database]
}

// oraEnough is how many cases make it certain that everything is met.
const oraEnough = 2_000

func oraOnPostgres(t *testing.T) *oraRun {
	t.Helper()
	open := func(mode pgx.QueryExecMode) *oraRun {
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.DefaultQueryExecMode = mode
		config.ConnConfig.RuntimeParams["jit"] = "off" // compiling takes longer than a few rows do
		config.MaxConns = 3
		pool := dbtest.PostgresPool(t, config)
		exec := func(tb testing.TB, sql string) {
			tb.Helper()
			if _, err := pool.Exec(context.Background(), sql); err != nil {
				tb.Fatal(err)
			}
		}
		return &oraRun{d: database{"postgres/" + mode.String(), postgres.New(pool), exec}, pool: pool}
	}
	run := open(pgx.QueryExecModeCacheStatement)
	run.met = map[string]int{}
	run.d.exec(t, oraDDL())
	run.modes = sync.OnceValue(func() []dovetail.DB {
		var all []dovetail.DB
		for _, mode := range []pgx.QueryExecMode{
			pgx.QueryExecModeDescribeExec, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
		} {
			all = append(all, open(mode).d.db)
		}
		return all
	})
	run.begin = func(tb testing.TB) (dovetail.DB, func()) {
		tb.Helper()
		tx, err := run.pool.Begin(context.Background())
		if err != nil {
			tb.Fatal(err)
		}
		return postgres.New(tx), func() {
			if err := tx.Rollback(context.Background()); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return run
}

func oraOnSQLite(t *testing.T) *oraRun {
	t.Helper()
	pool := dbtest.SQLite(t)
	exec := func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.ExecContext(context.Background(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	exec(t, oraDDL())
	begin := func(tb testing.TB) (dovetail.DB, func()) {
		tb.Helper()
		tx, err := pool.BeginTx(context.Background(), nil)
		if err != nil {
			tb.Fatal(err)
		}
		return sqlite.New(tx), func() {
			if err := tx.Rollback(); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return &oraRun{
		d: database{"sqlite/db", sqlite.New(pool), exec}, begin: begin, met: map[string]int{},
		modes: func() []dovetail.DB { return nil },
	}
}

// checkMet makes sure that a long run met everything often enough to mean something.
func (o *oraRun) checkMet(tb testing.TB, database string, cases int) {
	tb.Helper()
	for what, often := range oraOften {
		if database != "postgres" && slices.Contains(oraPostgresOnly, what) {
			continue
		}
		if least := max(1, cases*often/10_000); o.met[what] < least {
			tb.Errorf("%d of %d cases on %s met %q, expected at least %d", o.met[what], cases, database, what, least)
		}
	}
}

// oraOften is how often at least each thing must be met, of 10,000 cases.
var oraOften = map[string]int{}

// oraPostgresOnly is what SQLite cannot do.
var oraPostgresOnly = []string{"lock", "exec modes", "prepared"}

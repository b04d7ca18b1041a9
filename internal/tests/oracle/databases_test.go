package oracle_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The databases of the oracle test, and what its cases must have met there.

// oraCases is how many cases run on a database by default.
var oraCases = map[string]uint64{"postgres": kit.Sized[uint64](10_000, 1_000), "sqlite": kit.Sized[uint64](2_000, 1_000)}

// oraEnough is how many cases make it certain that everything is met.
const oraEnough = 2_000

func oraOnPostgres(t *testing.T) *oraRun {
	t.Helper()
	open := func(mode pgx.QueryExecMode) *oraRun {
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.DefaultQueryExecMode = mode
		config.ConnConfig.RuntimeParams["jit"] = "off"               // compiling takes longer than a few rows do,
		config.ConnConfig.RuntimeParams["join_collapse_limit"] = "1" // and so does choosing an order of joins
		config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
		config.MaxConns = 3
		pool := dbtest.PostgresPool(t, config)
		exec := func(tb testing.TB, sql string) {
			tb.Helper()
			if _, err := pool.Exec(context.Background(), sql); err != nil {
				tb.Fatal(err)
			}
		}
		return &oraRun{d: kit.Database{Name: "postgres/" + mode.String(), DB: postgres.New(pool), Exec: exec}, pool: pool}
	}
	run := open(pgx.QueryExecModeCacheStatement)
	run.met = map[string]int{}
	run.d.Exec(t, oraDDL())
	run.modes = sync.OnceValue(func() []dovetail.DB {
		var all []dovetail.DB
		for _, mode := range []pgx.QueryExecMode{
			pgx.QueryExecModeDescribeExec, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
		} {
			all = append(all, open(mode).d.DB)
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
		d: kit.Database{Name: "sqlite/db", DB: sqlite.New(pool), Exec: exec}, begin: begin, met: map[string]int{},
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
var oraOften = map[string]int{
	"not loaded": 5000, "loaded": 2000, "preload deep": 2000, "distinct": 1000, "fold": 1000, "fold rows": 1000,
	"preload": 1000, "preload value": 1000, "rows": 1000, "total order": 1000, "value where": 1000,
	"any order": 500, "join": 500, "left join": 500, "limit": 500, "morph": 500, "no rows": 500, "offset": 500,
	"order by value": 500, "prepared": 500, "through": 500, "value first": 500, "after": 200, "has all": 200,
	"has at least": 200, "has every": 200, "has none": 200, "link value": 200, "linked": 200, "matching": 200,
	"preload after": 200, "preload limit": 200, "several ways": 200, "value avg": 200, "value count": 200,
	"value exists": 200, "value max": 200, "value min": 200, "value sum": 200, "where link": 200,
	"where value": 200, "where column": 200, "where self": 200, "where outer": 200, "where shared name": 50, "contains": 100, "declared order": 100, "first of several": 50, "by a condition": 50, "ends": 100, "explained": 100, "fetch": 100,
	"inverse": 100, "order by link": 100, "owner by inverse": 100, "position read": 100,
	"relation condition": 100, "scope": 100, "starts": 100, "text stable": 100, "unscoped": 100, "before": 50,
	"below morph to": 50, "fan-out refused": 50, "first": 50, "left join keeps": 50, "lock refused": 50,
	"naive": 50, "owner fetched again": 50, "partition below": 50, "position refused": 50, "shuffle": 50,
	"skeleton": 50, "transaction": 50, "child query": 20, "cycle": 20, "each": 20, "each refused": 20,
	"each streamed": 20, "exec mode 1": 20, "exec mode 2": 20, "exec mode 3": 20, "fetch beside values": 20,
	"fetch without keys": 20, "get": 20, "groups": 20, "has is join": 20, "load": 20, "lock": 20, "one": 20,
	"pages": 20, "partition": 20, "positions": 20, "prefix": 20, "preload keeps roots": 20, "reversed": 20,
	"twice": 20, "unrelated": 20, "below a tree": 10, "exec mode 0": 10, "groups refused": 10, "missing row": 10,
	"null position": 10, "several rows": 10, "tree": 10, "tree of a depth": 10, "where split": 10,
	"linked limit": 5, "one round trip": 500,
	"has behind a link": 100, "join behind a link": 100, "value behind a link": 200, "where behind a link": 50, "where outer path": 100,
	"preload behind a link": 50, "tree of links": 10, "tree with a cycle": 5, "table that is a query": 50, "has star": 50, "has none star": 50, "has every star": 20, "has at least star": 30, "value star": 200, "value several ways": 100,
}

// oraPostgresOnly is what SQLite cannot do.
var oraPostgresOnly = []string{"lock", "one round trip", "prepared", "exec mode 0", "exec mode 1", "exec mode 2", "exec mode 3"}

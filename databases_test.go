package dovetail_test

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// underRace reports whether the tests are built with the race detector, under which SQLite in Go is a hundred times slower.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// database is one way to reach one database: every conformance case runs on all of them.
type database struct {
	name string // "postgres/pool", "sqlite/tx"
	db   dovetail.DB
	exec func(tb testing.TB, sql string) // runs statements that make or change tables
}

func (d database) postgres() bool { return strings.HasPrefix(d.name, "postgres") }

// record returns the database with a recorder of what is sent to it.
func (d database) record() *recorder { return &recorder{DB: d.db} }

// recorder notes every statement and round trip.
type recorder struct {
	dovetail.DB
	mu    sync.Mutex
	stmts []dialect.Statement
	trips int // calls of Run, each of which a pipelining driver sends in one round trip
	txs   int // transactions and savepoints, whose beginnings and ends are not among them
}

// InTx notes what is sent in the transaction too.
func (r *recorder) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	return (&recordedTx{r.DB, r}).InTx(ctx, opts, do)
}

// recordedTx is a transaction of a recorder's.
type recordedTx struct {
	dovetail.DB
	r *recorder
}

func (tx *recordedTx) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	tx.r.mu.Lock()
	tx.r.txs++
	tx.r.mu.Unlock()
	return tx.DB.InTx(ctx, opts, func(inner dialect.DB) error { return do(&recordedTx{inner, tx.r}) })
}

func (tx *recordedTx) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	tx.r.note(stmts)
	return tx.DB.Run(ctx, stmts, each)
}

func (r *recorder) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	r.note(stmts)
	return r.DB.Run(ctx, stmts, each)
}

func (r *recorder) note(stmts []dialect.Statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stmts = append(r.stmts, stmts...)
	r.trips++
}

// expect fails the test unless that many statements were sent in that many round trips since the last call.
func (r *recorder) expect(tb testing.TB, statements, trips int) {
	tb.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.stmts) != statements || r.trips != trips {
		var b strings.Builder
		for _, s := range r.stmts {
			fmt.Fprintf(&b, "\n  %q: %s", s.Path, s.SQL)
		}
		tb.Errorf("expected %d statements in %d round trips, got %d in %d:%s", statements, trips, len(r.stmts), r.trips, b.String())
	}
	r.stmts, r.trips, r.txs = nil, 0, 0
}

func readFile(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// postgresPool returns a PostgreSQL database of the test's own, made by the statements.
func postgresPool(tb testing.TB, ddl string) database {
	tb.Helper()
	pool := dbtest.Postgres(tb)
	exec := func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.Exec(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	if ddl != "" {
		exec(tb, ddl)
	}
	return database{"postgres/pool", postgres.New(pool), exec}
}

// sqliteDB returns an SQLite database of the test's own, made by the statements.
func sqliteDB(tb testing.TB, ddl string) database {
	tb.Helper()
	pool := dbtest.SQLite(tb)
	exec := func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.ExecContext(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	if ddl != "" {
		exec(tb, ddl)
	}
	return database{"sqlite/db", sqlite.New(pool), exec}
}

// onEach runs the test on PostgreSQL and on SQLite, each with tables of its own made by the statements.
func onEach(t *testing.T, ddl string, test func(t *testing.T, d database)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, postgresPool(t, ddl))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, sqliteDB(t, ddl))
	})
}

// onEvery runs the test on both databases through a pool, a single connection and a transaction.
func onEvery(t *testing.T, ddl string, test func(t *testing.T, d database)) {
	t.Helper()
	onEach(t, ddl, test)
	t.Run("postgres/conn", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.Postgres(t)
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		test(t, viaConn(t, conn.Conn(), postgres.New(conn.Conn()), "postgres/conn", ddl))
	})
	t.Run("postgres/tx", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.Postgres(t)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background()) //nolint:errcheck // the test is over
		test(t, viaConn(t, tx.Conn(), postgres.New(tx), "postgres/tx", ddl))
	})
	t.Run("sqlite/tx", func(t *testing.T) {
		t.Parallel()
		tx, err := dbtest.SQLite(t).BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback() //nolint:errcheck // the test is over
		exec := func(tb testing.TB, sql string) {
			tb.Helper()
			if _, err := tx.ExecContext(tb.Context(), sql); err != nil {
				tb.Fatal(err)
			}
		}
		exec(t, ddl)
		test(t, database{"sqlite/tx", sqlite.New(tx), exec})
	})
}

func viaConn(t *testing.T, conn *pgx.Conn, db dovetail.DB, name, ddl string) database {
	exec := func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := conn.PgConn().Exec(tb.Context(), sql).ReadAll(); err != nil {
			tb.Fatal(err)
		}
	}
	exec(t, ddl)
	return database{name, db, exec}
}

// readings is the text that makes the tables of the readings.
func readings(tb testing.TB) string { return readFile(tb, "testdata/schemas/readings.sql") }

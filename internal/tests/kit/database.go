package kit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// Main runs the tests of a package from the folder of the module, where testdata is, as [dbtest.Main] does. Call it as all of a
// TestMain.
func Main(m *testing.M) {
	if err := errors.Join(enterModule(), seedRapid()); err != nil {
		fmt.Fprintln(os.Stderr, "kit:", err)
		os.Exit(2)
	}
	dbtest.Main(m)
}

// enterModule makes the nearest folder above with a go.mod the working directory.
func enterModule() error {
	at, err := os.Getwd()
	if err != nil {
		return err
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return os.Chdir(at)
		}
		above := filepath.Dir(at)
		if above == at {
			return errors.New("no folder above has a go.mod")
		}
		at = above
	}
}

// Sized returns how much of something a test takes: all of it, or less under the race detector, which is several times
// slower. The lesser size must still be beyond every limit that the test is about.
func Sized[N ~int | ~int64 | ~uint64](all, underRace N) N {
	info, ok := debug.ReadBuildInfo()
	if ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return underRace
	}
	return all
}

// Database is one way to reach one database: every conformance case runs on all of them.
type Database struct {
	Name string // "postgres/pool", "sqlite/tx"
	DB   dovetail.DB
	Exec func(tb testing.TB, sql string) // runs statements that make or change tables
}

func (d Database) Postgres() bool { return strings.HasPrefix(d.Name, "postgres") }

// LocksRows reports whether rows can be locked, which a standby refuses: that is a write.
func (d Database) LocksRows() bool {
	return d.DB.Dialect().Features().RowLocks && d.Name != "postgres/standby"
}

// OtherSchema makes a schema beside the test's own, under a name of its own, and returns what drops it. SQLite has but main.
func (d Database) OtherSchema(tb testing.TB) (name string, drop func()) {
	tb.Helper()
	if !d.Postgres() {
		return "main", func() {}
	}
	own, err := SQL[string](tb.Context(), d.DB, "SELECT current_schema()::text")
	if err != nil {
		tb.Fatal(err)
	}
	name = "s" + own[0][len(own[0])-16:]
	d.Exec(tb, "CREATE SCHEMA "+name)
	return name, func() { d.Exec(tb, "DROP SCHEMA "+name+" CASCADE") }
}

// Record returns the database with a recorder of what is sent to it.
func (d Database) Record() *Recorder { return &Recorder{DB: d.DB} }

// Recorder notes every statement and round trip.
type Recorder struct {
	dovetail.DB
	Mu    sync.Mutex
	Stmts []dialect.Statement
	Trips int // calls of Run, each of which a pipelining driver sends in one round trip
	Txs   int // transactions and savepoints, whose beginnings and ends are not among them
}

// InTx notes what is sent in the transaction too.
func (r *Recorder) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	return (&recordedTx{r.DB, r}).InTx(ctx, opts, do)
}

// recordedTx is a transaction of a recorder's.
type recordedTx struct {
	dovetail.DB
	r *Recorder
}

func (tx *recordedTx) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	tx.r.Mu.Lock()
	tx.r.Txs++
	tx.r.Mu.Unlock()
	return tx.DB.InTx(ctx, opts, func(inner dialect.DB) error { return do(&recordedTx{inner, tx.r}) })
}

func (tx *recordedTx) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	tx.r.note(stmts)
	return tx.DB.Run(ctx, stmts, each)
}

func (r *Recorder) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	r.note(stmts)
	return r.DB.Run(ctx, stmts, each)
}

func (r *Recorder) note(stmts []dialect.Statement) {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	r.Stmts = append(r.Stmts, stmts...)
	r.Trips++
}

// Lookups is how many of the statements since the last call of Expect asked the catalog for the types of keys: at most one, for a
// handle asks once.
func (r *Recorder) Lookups() int {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	if slices.ContainsFunc(r.Stmts, func(s dialect.Statement) bool { return s.Op == "look up key types" }) {
		return 1
	}
	return 0
}

// Expect fails the test unless that many statements were sent in that many round trips since the last call.
func (r *Recorder) Expect(tb testing.TB, statements, trips int) {
	tb.Helper()
	r.Mu.Lock()
	defer r.Mu.Unlock()
	if len(r.Stmts) != statements || r.Trips != trips {
		var b strings.Builder
		for _, s := range r.Stmts {
			fmt.Fprintf(&b, "\n  %q: %s", s.Path, s.SQL)
		}
		tb.Errorf("expected %d statements in %d round trips, got %d in %d:%s", statements, trips, len(r.Stmts), r.Trips, b.String())
	}
	r.Stmts, r.Trips, r.Txs = nil, 0, 0
}

func ReadFile(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// PostgresPool returns a PostgreSQL database of the test's own, made by the statements.
func PostgresPool(tb testing.TB, ddl string) Database {
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
	return Database{"postgres/pool", postgres.New(pool), exec}
}

// Pgbouncer returns a PostgreSQL database of the test's own behind a pgbouncer in transaction mode, made by the statements.
func Pgbouncer(tb testing.TB, mode pgx.QueryExecMode, ddl string) Database {
	tb.Helper()
	direct := PostgresPool(tb, ddl)
	config := dbtest.PostgresConfig(tb)
	config.ConnConfig.DefaultQueryExecMode = mode
	dbtest.Pgbouncer(tb, config)
	return Database{"postgres/pgbouncer", postgres.New(dbtest.PostgresPool(tb, config)), direct.Exec}
}

// Standby returns a hot standby of the test's own, whose primary was made by the statements and runs those of Exec.
func Standby(tb testing.TB, mode pgx.QueryExecMode, ddl string) Database {
	tb.Helper()
	first, second := dbtest.PostgresStandby(tb)
	second.ConnConfig.DefaultQueryExecMode = mode
	p := dbtest.PostgresPool(tb, first)
	exec := func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := p.Exec(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	exec(tb, ddl)
	return Database{"postgres/standby", postgres.New(dbtest.PostgresPool(tb, second)), exec}
}

// SQLiteDB returns an SQLite database of the test's own, made by the statements.
func SQLiteDB(tb testing.TB, ddl string) Database {
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
	return Database{"sqlite/db", sqlite.New(pool), exec}
}

// OnEach runs the test on PostgreSQL and on SQLite, each with tables of its own made by the statements.
func OnEach(t *testing.T, ddl string, test func(t *testing.T, d Database)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, PostgresPool(t, ddl))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLiteDB(t, ddl))
	})
}

// OnEvery runs the test on both databases through a pool, a single connection and a transaction.
func OnEvery(t *testing.T, ddl string, test func(t *testing.T, d Database)) {
	t.Helper()
	OnEach(t, ddl, test)
	t.Run("postgres/conn", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.Postgres(t)
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		test(t, ViaConn(t, conn.Conn(), postgres.New(conn.Conn()), "postgres/conn", ddl))
	})
	t.Run("postgres/tx", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.Postgres(t)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background()) //nolint:errcheck // the test is over
		test(t, ViaConn(t, tx.Conn(), postgres.New(tx), "postgres/tx", ddl))
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
		test(t, Database{"sqlite/tx", sqlite.New(tx), exec})
	})
}

func ViaConn(t *testing.T, conn *pgx.Conn, db dovetail.DB, name, ddl string) Database {
	exec := func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := conn.PgConn().Exec(tb.Context(), sql).ReadAll(); err != nil {
			tb.Fatal(err)
		}
	}
	exec(t, ddl)
	return Database{name, db, exec}
}

// ReadingsDDL is the text that makes the tables of the readings.
func ReadingsDDL(tb testing.TB) string { return ReadFile(tb, "testdata/schemas/readings.sql") }

// Series selects the numbers from 1 to the last one, as n.
func (d Database) Series(last string) string {
	if d.Postgres() {
		return "SELECT n FROM generate_series(1, " + last + ") AS series(n)"
	}
	return "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < " + last + ") " +
		"SELECT n FROM series"
}

// Locks is a statement more where the database locks rows.
func (d Database) Locks() int {
	if d.Postgres() {
		return 1
	}
	return 0
}

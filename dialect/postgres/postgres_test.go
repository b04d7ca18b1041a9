package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var modes = []pgx.QueryExecMode{
	pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
	pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
}

// everyWay runs a test in every exec mode, on a pool, a connection and a transaction of the schema that ddl fills. That
// every connection was given back is checked when the pool is closed.
func everyWay(t *testing.T, ddl string, test func(t *testing.T, db *postgres.DB)) {
	t.Helper()
	ctx := context.Background()
	if ddl != "" {
		if _, err := dbtest.Postgres(t).Exec(ctx, ddl); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range modes {
		cfg := dbtest.PostgresConfig(t)
		cfg.ConnConfig.DefaultQueryExecMode = mode
		pool := dbtest.PostgresPool(t, cfg)
		run := func(kind string, f func(t *testing.T)) { t.Run(mode.String()+"/"+kind, f) }
		run("pool", func(t *testing.T) { test(t, postgres.New(pool)) })
		run("conn", func(t *testing.T) {
			conn, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			test(t, postgres.New(conn))
		})
		run("tx", func(t *testing.T) {
			tx, err := pool.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(ctx) }()
			test(t, postgres.New(pool).With(tx))
		})
	}
}

func stmt(sql string, args ...any) dialect.Statement { return dialect.Statement{SQL: sql, Args: args} }

// collect returns the first column of every statement, as texts.
func collect(db *postgres.DB, stmts ...dialect.Statement) ([][]string, error) {
	out := make([][]string, len(stmts))
	err := db.Run(context.Background(), stmts, func(i int, rows dialect.Rows) error {
		out[i] = []string{}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out[i] = append(out[i], s)
		}
		return rows.Err()
	})
	return out, err
}

func mustCollect(t *testing.T, db *postgres.DB, stmts ...dialect.Statement) [][]string {
	t.Helper()
	got, err := collect(db, stmts...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRunReadsStatementsInOrder(t *testing.T) {
	t.Parallel()
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		one := mustCollect(t, db, stmt("SELECT 'a'"))
		three := mustCollect(t, db, stmt("SELECT i::text FROM generate_series(1, 3) AS i"),
			stmt("SELECT 'x' WHERE false"), stmt("SELECT $1::text", "q"))
		if got, want := fmt.Sprint(one, three), "[[a]] [[1 2 3] [] [q]]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if err := db.Run(context.Background(), nil, nil); err != nil {
			t.Errorf("no statements: %v", err)
		}
	})
}

func TestRunLeavesUnreadRows(t *testing.T) {
	t.Parallel()
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		many := stmt("SELECT i FROM generate_series(1, 1000) AS i")
		for _, stmts := range [][]dialect.Statement{{many}, {many, many}} {
			calls := 0
			err := db.Run(context.Background(), stmts, func(_ int, rows dialect.Rows) error {
				calls++
				rows.Next()
				return nil
			})
			if err != nil || calls != len(stmts) {
				t.Errorf("got %v after %d calls", err, calls)
			}
		}
		mustCollect(t, db, stmt("SELECT 'still usable'"))
	})
}

func TestRunNamesFailingStatement(t *testing.T) {
	t.Parallel()
	ok, missing := stmt("SELECT '1'"), stmt("SELECT x FROM nowhere")
	late := stmt("SELECT (1 / (3 - i))::text FROM generate_series(1, 5) AS i")
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		// In a transaction the first error ends it, so that each case needs a savepoint.
		for _, c := range []struct {
			name  string
			stmts []dialect.Statement
			index int
			code  string
		}{
			{"single", []dialect.Statement{missing}, 0, "42P01"},
			{"second of three", []dialect.Statement{ok, missing, ok}, 1, "42P01"},
			{"last of three", []dialect.Statement{ok, ok, missing}, 2, "42P01"},
			{"in the middle of rows", []dialect.Statement{ok, late, ok}, 1, "22012"},
			{"single in the middle of rows", []dialect.Statement{late}, 0, "22012"},
		} {
			_, _ = collect(db, stmt("SAVEPOINT s")) // refused outside of a transaction
			_, err := collect(db, c.stmts...)
			var failed *dialect.StatementError
			var pgErr *pgconn.PgError
			if !errors.As(err, &failed) || failed.Index != c.index || !errors.As(err, &pgErr) || pgErr.Code != c.code {
				t.Errorf("%s: got %T %v", c.name, err, err)
			}
			_, _ = collect(db, stmt("ROLLBACK TO s"))
		}
		mustCollect(t, db, ok)
	})
}

func TestRunReturnsErrorOfEach(t *testing.T) {
	t.Parallel()
	mine := errors.New("mine")
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		for _, n := range []int{1, 3} {
			stmts := make([]dialect.Statement, n)
			for i := range stmts {
				stmts[i] = stmt("SELECT generate_series(1, 100)")
			}
			calls := 0
			err := db.Run(context.Background(), stmts, func(_ int, rows dialect.Rows) error {
				calls++
				rows.Next()
				return mine
			})
			if err != mine || calls != 1 {
				t.Errorf("%d statements: got %v after %d calls", n, err, calls)
			}
			mustCollect(t, db, stmt("SELECT ''"))
		}
	})
}

func TestRunPrefersDatabaseErrorOverWhatEachMadeOfIt(t *testing.T) {
	t.Parallel()
	db := postgres.New(dbtest.Postgres(t))
	late := stmt("SELECT 1 / (2 - i) FROM generate_series(1, 2) AS i")
	err := db.Run(context.Background(), []dialect.Statement{late}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
		}
		return errors.New("expected two rows")
	})
	var failed *dialect.StatementError
	if !errors.As(err, &failed) {
		t.Errorf("got %v", err)
	}
	err = db.Run(context.Background(), []dialect.Statement{late}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
		}
		return fmt.Errorf("wrapped: %w", rows.Err())
	})
	if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), "wrapped: ") {
		t.Errorf("got %v", err)
	}
}

func TestRunWithDoneContext(t *testing.T) {
	t.Parallel()
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err := db.Run(ctx, []dialect.Statement{stmt("SELECT 1")}, func(int, dialect.Rows) error {
			t.Error("called")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		mustCollect(t, db, stmt("SELECT 'nothing was sent'"))
	})
}

func TestRunStopsWhenContextEnds(t *testing.T) {
	t.Parallel()
	sleep := stmt("SELECT pg_sleep(10)::text")
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		err := db.Run(ctx, []dialect.Statement{stmt("SELECT 1"), sleep}, func(_ int, rows dialect.Rows) error {
			for rows.Next() {
			}
			return rows.Err()
		})
		var failed *dialect.StatementError
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &failed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRunReportsKilledBackend(t *testing.T) {
	t.Parallel()
	admin := dbtest.Postgres(t)
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		pid := stmt("SELECT pg_backend_pid()")
		big := stmt("SELECT repeat('x', 1000) FROM generate_series(1, 200000)")
		rowsRead := 0
		err := db.Run(context.Background(), []dialect.Statement{pid, big}, func(i int, rows dialect.Rows) error {
			var backend int
			for rows.Next() {
				if i == 1 {
					rowsRead++
					continue
				}
				if err := rows.Scan(&backend); err != nil {
					return err
				}
				if _, err := admin.Exec(context.Background(), "SELECT pg_terminate_backend($1, 5000)", backend); err != nil {
					return err
				}
			}
			return nil // as if each had forgotten to ask for the error
		})
		var failed *dialect.StatementError
		if !errors.As(err, &failed) || failed.Index != 1 || rowsRead == 200000 {
			t.Errorf("got %v after %d rows", err, rowsRead)
		}
	})
}

func TestRunReleasesConnectionOnPanic(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	cfg.MaxConns = 1
	pool := dbtest.PostgresPool(t, cfg)
	db := postgres.New(pool)
	for _, n := range []int{1, 2} {
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("recovered %v", got)
				}
			}()
			stmts := []dialect.Statement{stmt("SELECT generate_series(1, 9)"), stmt("SELECT 1")}[:n]
			_ = db.Run(context.Background(), stmts, func(_ int, rows dialect.Rows) error {
				rows.Next()
				panic("boom")
			})
		}()
		mustCollect(t, db, stmt("SELECT 'the only connection is free'"))
	}
}

func TestRunOnPoolConnection(t *testing.T) {
	t.Parallel()
	pool := dbtest.Postgres(t)
	err := pool.AcquireFunc(context.Background(), func(c *pgxpool.Conn) error {
		db := postgres.New(pool).With(c)
		if got := mustCollect(t, db, stmt("SELECT 'a'"), stmt("SELECT 'b'")); fmt.Sprint(got) != "[[a] [b]]" {
			t.Errorf("got %v", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRunReportsClosedPool(t *testing.T) {
	t.Parallel()
	pool := dbtest.Postgres(t)
	pool.Close()
	for n := 1; n <= 2; n++ {
		var failed *dialect.StatementError
		_, err := collect(postgres.New(pool), []dialect.Statement{stmt("SELECT 1"), stmt("SELECT 1")}[:n]...)
		if !errors.As(err, &failed) || failed.Index != 0 {
			t.Errorf("%d statements: got %v", n, err)
		}
	}
}

func TestRunFindsArgumentThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	db := postgres.New(dbtest.Postgres(t))
	_, err := collect(db, stmt("SELECT 'a'"), stmt("SELECT $1::int4::text", "no number"))
	var failed *dialect.StatementError
	if !errors.As(err, &failed) || failed.Index != 1 {
		t.Errorf("got %v", err)
	}
}

func TestWithSharesCatalog(t *testing.T) {
	t.Parallel()
	a := postgres.New(nil)
	b := a.With(nil)
	ref := dialect.ColumnRef{Table: "t", Column: "c"}
	a.Catalog().SetKeyType(ref, dialect.KeyType{SQL: "citext"})
	if got, ok := b.Catalog().KeyType(ref); !ok || got.SQL != "citext" {
		t.Errorf("got %v %v", got, ok)
	}
	if postgres.New(nil).Catalog() == a.Catalog() || a.Dialect() != postgres.Dialect {
		t.Error("handles are mixed up")
	}
}

func TestScanNamesColumn(t *testing.T) {
	t.Parallel()
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		for _, c := range []struct {
			sql   string
			index int
			null  bool
		}{
			{"SELECT 1, NULL::int, 'x'", 1, true},
			{"SELECT NULL::int, 1, 'x' UNION ALL SELECT 2, 2, 'y'", 0, true},
			{"SELECT 1, 'x', 'x'", 1, false},
			{"SELECT 1, 2::bigint << 40, NULL UNION ALL SELECT NULL, NULL, NULL", 1, false},
		} {
			err := db.Run(context.Background(), []dialect.Statement{stmt(c.sql)}, func(_ int, rows dialect.Rows) error {
				if got := rows.Columns(); len(got) != 3 {
					t.Errorf("columns %v", got)
				}
				var a, b int32
				var s *string
				rows.Next()
				return rows.Scan(&a, &b, &s)
			})
			var col *dialect.ColumnError
			if !errors.As(err, &col) || col.Index != c.index || col.Null != c.null {
				t.Errorf("%s: got %#v", c.sql, err)
			}
		}
	})
}

func TestScanAllocatesNoMoreThanPgx(t *testing.T) {
	db := postgres.New(dbtest.Postgres(t))
	const n = 2000
	err := db.Run(context.Background(), []dialect.Statement{stmt("SELECT i, i FROM generate_series(1, $1::int) AS i", n)},
		func(_ int, rows dialect.Rows) error {
			var a, b int64
			dest := []any{&a, &b}
			rows.Next()
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			allocs := testing.AllocsPerRun(n/2, func() {
				rows.Next()
				_ = rows.Scan(dest...)
			})
			if allocs > 0 {
				t.Errorf("%v allocations a row", allocs)
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNullIsKnownBeforeTheScan asks for NULLs, leaves their columns out of the scan, and takes them up again in the next row.
func TestNullIsKnownBeforeTheScan(t *testing.T) {
	t.Parallel()
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		s := stmt("SELECT 1 AS a, CAST(NULL AS integer) AS b, CAST('' AS text) AS c UNION ALL SELECT 2, 5, NULL ORDER BY 1")
		err := db.Run(context.Background(), []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
			for want := range []int{0, 1} {
				if !rows.Next() {
					return errors.New("expected a row")
				}
				for column, null := range []bool{false, want == 0, want == 1} {
					if got := rows.Null(column); got != null {
						t.Errorf("row %d: expected Null(%d) to be %v, got %v", want, column, null, got)
					}
				}
				if rows.Null(7) {
					t.Error("a column that is not there is NULL")
				}
				a, b, c := 0, -1, "left"
				dest := []any{&a, nil, &c}
				if want == 1 {
					dest = []any{&a, &b, nil}
				}
				if err := rows.Scan(dest...); err != nil {
					return err
				}
				if got, expected := fmt.Sprintf("%d %d %s", a, b, c), []string{"1 -1 ", "2 5 left"}[want]; got != expected {
					t.Errorf("row %d: expected %q, got %q", want, expected, got)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

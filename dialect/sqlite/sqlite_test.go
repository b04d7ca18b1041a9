package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// everyWay runs a test on a pool of one connection, a connection and a transaction. That every connection was given
// back shows by the next one getting it.
func everyWay(t *testing.T, test func(t *testing.T, db *sqlite.DB)) {
	t.Helper()
	ctx := context.Background()
	pool := dbtest.SQLite(t)
	pool.SetMaxOpenConns(1)
	t.Run("pool", func(t *testing.T) { test(t, sqlite.New(pool)) })
	t.Run("conn", func(t *testing.T) {
		conn, err := pool.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		test(t, sqlite.New(conn))
	})
	t.Run("tx", func(t *testing.T) {
		tx, err := pool.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		test(t, sqlite.New(pool).With(tx))
	})
	if n := pool.Stats().InUse; n != 0 {
		t.Errorf("%d connections were not given back", n)
	}
}

func stmt(sql string, args ...any) dialect.Statement { return dialect.Statement{SQL: sql, Args: args} }

// collect returns the first column of every statement, as texts.
func collect(db *sqlite.DB, stmts ...dialect.Statement) ([][]string, error) {
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

func mustCollect(t testing.TB, db *sqlite.DB, stmts ...dialect.Statement) [][]string {
	t.Helper()
	got, err := collect(db, stmts...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func mustExec(t testing.TB, pool *sql.DB, statements string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(statements, args...); err != nil {
		t.Fatal(err)
	}
}

// numbers is a statement of n rows.
func numbers(n int) dialect.Statement {
	return stmt("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n", n)
}

func TestRunReadsStatementsInOrder(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		got := mustCollect(t, db, numbers(3), stmt("SELECT 'x' WHERE 0"), stmt("SELECT ?", "q"))
		if want := "[[1 2 3] [] [q]]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
		if err := db.Run(context.Background(), nil, nil); err != nil {
			t.Errorf("no statements: %v", err)
		}
	})
}

func TestRunLeavesUnreadRows(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		calls := 0
		err := db.Run(context.Background(), []dialect.Statement{numbers(1000), numbers(1000)},
			func(_ int, rows dialect.Rows) error {
				calls++
				rows.Next()
				return nil
			})
		if err != nil || calls != 2 {
			t.Errorf("got %v after %d calls", err, calls)
		}
		mustCollect(t, db, stmt("SELECT 'still usable'"))
	})
}

func TestRunNamesFailingStatement(t *testing.T) {
	t.Parallel()
	ok, missing := stmt("SELECT '1'"), stmt("SELECT x FROM nowhere")
	late := stmt("SELECT CASE WHEN value > 2 THEN json(value || '{') ELSE value END FROM json_each('[1,2,3,4]')")
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		for _, c := range []struct {
			stmts []dialect.Statement
			index int
		}{
			{[]dialect.Statement{missing}, 0},
			{[]dialect.Statement{ok, missing, ok}, 1},
			{[]dialect.Statement{ok, late, ok}, 1},
			{[]dialect.Statement{ok, ok, stmt("SELECT ?", func() {})}, 2},
			{[]dialect.Statement{ok, stmt("SELECT ?", map[string]any{"f": func() {}})}, 1},
		} {
			var failed *dialect.StatementError
			if _, err := collect(db, c.stmts...); !errors.As(err, &failed) || failed.Index != c.index {
				t.Errorf("%s: got %v", c.stmts[c.index].SQL, err)
			}
		}
		mustCollect(t, db, ok)
	})
}

func TestRunReturnsErrorOfEach(t *testing.T) {
	t.Parallel()
	mine := errors.New("mine")
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		calls := 0
		err := db.Run(context.Background(), []dialect.Statement{numbers(9), numbers(9)}, func(_ int, rows dialect.Rows) error {
			calls++
			rows.Next()
			return mine
		})
		if err != mine || calls != 1 {
			t.Errorf("got %v after %d calls", err, calls)
		}
		mustCollect(t, db, stmt("SELECT ''"))
	})
}

func TestRunPrefersDatabaseErrorOverWhatEachMadeOfIt(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	late := stmt("SELECT CASE WHEN value > 1 THEN json(value || '{') ELSE value END FROM json_each('[1,2]')")
	for _, result := range []error{nil, errors.New("expected two rows")} {
		err := db.Run(context.Background(), []dialect.Statement{late}, func(_ int, rows dialect.Rows) error {
			for rows.Next() {
			}
			return result
		})
		var failed *dialect.StatementError
		if !errors.As(err, &failed) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRunWithContextThatEnds(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err := db.Run(ctx, []dialect.Statement{stmt("SELECT 1")}, func(int, dialect.Rows) error {
			t.Error("called")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("done before: got %v", err)
		}
		ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		err = db.Run(ctx, []dialect.Statement{stmt("SELECT 1"), numbers(1 << 40)}, func(_ int, rows dialect.Rows) error {
			for rows.Next() {
			}
			return nil
		})
		var failed *dialect.StatementError
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &failed) || failed.Index != 1 {
			t.Errorf("done meanwhile: got %v", err)
		}
	})
}

// panicky is a destination whose Scan panics.
type panicky struct{}

func (*panicky) Scan(any) error { panic("boom") }

func TestRunReleasesConnectionOnPanic(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	pool.SetMaxOpenConns(1)
	for _, each := range []func(rows dialect.Rows) error{
		func(dialect.Rows) error { panic("boom") },
		func(rows dialect.Rows) error { return rows.Scan(new(panicky)) },
		func(rows dialect.Rows) error { return rows.Scan(new(*panicky)) },
	} {
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("recovered %v", got)
				}
			}()
			_ = sqlite.New(pool).Run(context.Background(), []dialect.Statement{numbers(9)}, func(_ int, rows dialect.Rows) error {
				rows.Next()
				return each(rows)
			})
		}()
		mustCollect(t, sqlite.New(pool), stmt("SELECT 'the only connection is free'"))
	}
}

func TestWithSharesCatalog(t *testing.T) {
	t.Parallel()
	a := sqlite.New(nil)
	if a.With(nil).Catalog() != a.Catalog() || sqlite.New(nil).Catalog() == a.Catalog() || a.Dialect() != sqlite.Dialect {
		t.Error("handles are mixed up")
	}
}

// TestNullIsKnownBeforeTheScan asks for NULLs, leaves their columns out of the scan, and takes them up again in the next row.
func TestNullIsKnownBeforeTheScan(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
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

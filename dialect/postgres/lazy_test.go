package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// What begins a transaction rides with its first statement once the connection knows that. All of it must be as if it did not.

var lazy = dialect.TxOptions{Lazy: true}

// warm has the connection know the statement of put and those of collect that are given, and what begins a transaction before them.
func warm(t *testing.T, db dialect.DB, stmts ...dialect.Statement) {
	t.Helper()
	for range 2 {
		for _, s := range append(stmts, stmt("DELETE FROM t")) {
			err := db.InTx(t.Context(), lazy, func(tx dialect.DB) error {
				return tx.InTx(t.Context(), lazy, func(tx dialect.DB) error {
					if _, err := put(t.Context(), tx, 1); err != nil {
						return err
					}
					_, err := collect(tx.(*postgres.DB), s)
					return err
				})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// poolOfOne returns a pool of one connection in a mode.
func poolOfOne(t *testing.T, mode pgx.QueryExecMode) *pgxpool.Pool {
	t.Helper()
	cfg := dbtest.PostgresConfig(t)
	cfg.ConnConfig.DefaultQueryExecMode, cfg.MaxConns = mode, 1
	return dbtest.PostgresPool(t, cfg)
}

func TestLazyTx(t *testing.T) {
	t.Parallel()
	everyWay(t, "CREATE TABLE t (n INT)", func(t *testing.T, db *postgres.DB) {
		ctx, boom := t.Context(), errors.New("boom")
		expect := emptied(t, db)
		warm(t, db)
		expect(t)
		inner := func(tx dialect.DB, n int, end error) error {
			return tx.InTx(ctx, lazy, func(tx dialect.DB) error {
				_, err := put(ctx, tx, n)
				return errors.Join(err, end)
			})
		}
		// The first statement begins both the transaction and the savepoint, which is then gone, or kept.
		err := db.InTx(ctx, lazy, func(tx dialect.DB) error {
			if err := inner(tx, 1, boom); !errors.Is(err, boom) {
				t.Errorf("expected the inner error, got %v", err)
			}
			return errors.Join(inner(tx, 2, nil), inner(tx, 3, boom))
		})
		if !errors.Is(err, boom) {
			t.Errorf("expected the error, got %v", err)
		}
		expect(t)
		err = db.InTx(ctx, lazy, func(tx dialect.DB) error {
			if err := inner(tx, 1, boom); !errors.Is(err, boom) {
				t.Errorf("expected the inner error, got %v", err)
			}
			return inner(tx, 2, nil)
		})
		if err != nil {
			t.Error(err)
		}
		expect(t, "2")

		// What a savepoint is asked for around is in it, whichever handle sends it.
		err = db.InTx(ctx, lazy, func(outer dialect.DB) error {
			failed := outer.InTx(ctx, lazy, func(dialect.DB) error {
				_, err := put(ctx, outer, 3)
				return errors.Join(err, boom)
			})
			if !errors.Is(failed, boom) {
				t.Errorf("expected the inner error, got %v", failed)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		expect(t, "2")

		func() {
			defer func() { _ = recover() }()
			_ = db.InTx(ctx, lazy, func(tx dialect.DB) error {
				return tx.Run(ctx, []dialect.Statement{{SQL: "INSERT INTO t VALUES ($1)", Args: []any{4}}}, func(int, dialect.Rows) error { panic("boom") })
			})
		}()
		expect(t, "2")

		var kept dialect.DB
		if err := db.InTx(ctx, lazy, func(tx dialect.DB) error { kept = tx; return inner(tx, 5, nil) }); err != nil {
			t.Error(err)
		}
		if _, err := put(ctx, kept, 6); !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("expected the transaction to be over, got %v", err)
		}
		if err := kept.InTx(ctx, lazy, func(dialect.DB) error { return nil }); err == nil {
			t.Error("expected the transaction to be over")
		}
		expect(t, "2", "5")
	})
}

// TestLazyTxOfACallersTransaction: a first statement that fails leaves the caller's transaction as it was, however it fails.
func TestLazyTxOfACallersTransaction(t *testing.T) {
	t.Parallel()
	everyWay(t, "CREATE TABLE t (n INT)", func(t *testing.T, db *postgres.DB) {
		ctx := t.Context()
		expect := emptied(t, db)
		warm(t, db, stmt("SELECT (1 / n)::text FROM t WHERE n = $1", 1), stmt("SELECT n::text FROM t WHERE n = $1::smallint", 1))
		err := db.InTx(ctx, lazy, func(tx dialect.DB) error {
			if _, err := put(ctx, tx, 1); err != nil {
				return err
			}
			for name, s := range map[string]dialect.Statement{
				"an argument":      stmt("INSERT INTO t VALUES ($1)", 1<<40),
				"a small argument": stmt("SELECT n::text FROM t WHERE n = $1::smallint", 40000), // of a known text
				"a type":           stmt("INSERT INTO t VALUES ($1)", []int{1}),
				"a text":           stmt("SELECT nothing FROM t"),
				"a known text":     stmt("SELECT (1 / n)::text FROM t WHERE n = $1", 0),
				"no SQL":           stmt("SELEC"),
				"another argument": stmt("SELECT $1::int", struct{}{}),
			} {
				want := !strings.Contains(name, "known")
				err := tx.InTx(ctx, lazy, func(tx dialect.DB) error {
					if !want {
						if _, err := put(ctx, tx, 0); err != nil {
							return err
						}
					}
					_, err := collect(tx.(*postgres.DB), s)
					return err
				})
				var failed *dialect.StatementError
				if !errors.As(err, &failed) {
					t.Errorf("%s: expected an error of the statement, got %v", name, err)
				}
			}
			_, err := put(ctx, tx, 2)
			return err
		})
		if err != nil {
			t.Error(err)
		}
		expect(t, "1", "2")
	})
}

// TestLazyTxOfAnArgumentThatIsNotSent: pgx refuses the first argument before anything of its statement is sent, and the transaction goes on.
func TestLazyTxOfAnArgumentThatIsNotSent(t *testing.T) {
	t.Parallel()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec} {
		pool := poolOfOne(t, mode)
		ctx, db := t.Context(), postgres.New(pool)
		if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS t; CREATE TABLE t (n INT)"); err != nil {
			t.Fatal(err)
		}
		expect := emptied(t, db)
		warm(t, db)
		for _, refused := range []any{1 << 40, 1.5} {
			err := db.InTx(ctx, lazy, func(tx dialect.DB) error {
				if _, err := put(ctx, tx, refused); err == nil {
					t.Errorf("%s: expected an argument that is refused", mode)
				}
				_, err := put(ctx, tx, 2)
				return err
			})
			if err != nil {
				t.Errorf("%s: %v", mode, err)
			}
		}
		expect(t, "2", "2")
	}
}

// TestLazyTxOfANumberThatIsTooLong: one of few bytes was sent for the column before, and one of more for another. Those that the columns hold ride.
func TestLazyTxOfANumberThatIsTooLong(t *testing.T) {
	t.Parallel()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec} {
		pool := poolOfOne(t, mode)
		ctx, db := t.Context(), postgres.New(pool)
		if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS t; CREATE TABLE t (n SMALLINT, m BIGINT, f SMALLINT)"); err != nil {
			t.Fatal(err)
		}
		add := func(tx dialect.DB, args ...any) error {
			return tx.Run(ctx, []dialect.Statement{{SQL: "INSERT INTO t VALUES ($1, $2, $3)", Args: args}}, func(_ int, rows dialect.Rows) error { return rows.Err() })
		}
		sent := func(args ...any) {
			kept := db.InTx(ctx, lazy, func(tx dialect.DB) error { return add(tx, args...) })
			if kept != nil {
				t.Errorf("%s: %v: %v", mode, args, kept)
			}
		}
		sent(1, 2, 3.0)
		sent(1, 40000, 3.0)
		sent(1, 1<<40, 3.0)
		for _, args := range [][]any{{40000, 2, 3.0}, {int32(-40000), 2, 3.0}, {int64(40000), 40000, 3.0}, {1, 40000, 40000.0}, {1 << 40, 1, 3.0}} {
			err := db.InTx(ctx, lazy, func(tx dialect.DB) error {
				if err := add(tx, args...); err == nil {
					t.Errorf("%s: %v: expected an argument that is refused", mode, args)
				}
				return add(tx, 5, 6, 7.0)
			})
			if err != nil {
				t.Errorf("%s: %v: %v", mode, args, err)
			}
		}
	}
}

// TestLazyTxOfAnotherKind: what a column took one argument of is no column for those of other Go types, nor for others of the same that pgx refuses.
func TestLazyTxOfAnotherKind(t *testing.T) {
	t.Parallel()
	const id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	for _, c := range []struct {
		column string
		args   []any // those after the first are refused
	}{
		{"BIGINT", []any{5, true, [16]byte{1}, 1.5, time.Now(), []string{"a"}, []int64{1}, []byte("0123456789abcdef")}},
		{"BIGINT", []any{5.0, 1.5}},
		{"TEXT", []any{"a", true, [][]string{{"a"}}, 1.5, 7, 7.0, []string{"a"}}},
		{"BOOLEAN", []any{true, 5, 7.0, 1.5, time.Now(), [16]byte{1}}},
		{"UUID", []any{[]byte(id), []byte("no"), 5, true, 1.5, time.Now()}},
		{"BYTEA", []any{[]byte("0123456789abcdef"), 5, true, 1.5}},
		{"INT[]", []any{nil, true, 5, 1.5, time.Now()}},
		{"INT", []any{[]byte(nil), []byte("0123456789abcdef"), true}},
	} {
		for _, mode := range modes[:3] {
			for _, place := range []int{0, 30} {
				conn := dbtest.PostgresConfig(t).ConnConfig
				conn.DefaultQueryExecMode = mode
				lazyKinds(t, conn, c.column, place, c.args)
			}
		}
	}
}

// lazyKinds sends all arguments to one column, behind as many others as place says.
func lazyKinds(t *testing.T, cfg *pgx.ConnConfig, typ string, place int, args []any) {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	db, sql, before := postgres.New(conn), "SELECT 'a' WHERE ", make([]any, place)
	for i := range before {
		before[i] = 1
		sql += fmt.Sprintf("$%d::int = 1 AND ", i+1)
	}
	sql += fmt.Sprintf("$%d::%s IS NULL", place+1, typ)
	run := func(arg any) error {
		return db.InTx(ctx, lazy, func(tx dialect.DB) error {
			_, err := collect(tx.(*postgres.DB), stmt(sql, append(slices.Clone(before), arg)...))
			return err
		})
	}
	for i, arg := range args {
		for range 2 {
			if err := run(args[0]); err != nil {
				t.Fatalf("%s: %T: %v", typ, args[0], err)
			}
		}
		if err := run(arg); (err == nil) != (i == 0) {
			t.Errorf("%s: %T %v: got %v", typ, arg, arg, err)
		}
		if conn.IsClosed() {
			t.Fatalf("%s: %T after %T cost the connection", typ, arg, args[0])
		}
	}
}

// TestLazyTxOfAStatementThatIsRefused: the table of a statement that the connection knows is gone. The transaction is aborted, though the
// server has not begun it.
func TestLazyTxOfAStatementThatIsRefused(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		pool := poolOfOne(t, mode)
		ctx, db := t.Context(), postgres.New(pool)
		if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS t, u; CREATE TABLE t (n INT); CREATE TABLE u (n INT)"); err != nil {
			t.Fatal(err)
		}
		known := stmt("SELECT n::text FROM u")
		warm(t, db, known)
		if _, err := pool.Exec(ctx, "DROP TABLE u; DISCARD PLANS"); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the text is forgotten by pgx after the first time, not by the server
			err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
				if _, err := collect(tx.(*postgres.DB), known); db.Dialect().Failure(err).Kind != dialect.FailureTable {
					t.Errorf("%s: expected a table that is not there, got %v", mode, err)
				}
				if _, err := put(ctx, tx, 1); err == nil || !strings.Contains(err.Error(), "can only be rolled back") {
					t.Errorf("%s: expected an aborted transaction, got %v", mode, err)
				}
				return nil
			})
			var failed *dialect.TxError
			if !errors.As(err, &failed) || failed.Step != "commit" || failed.Unknown {
				t.Errorf("%s: expected a commit that is refused, got %v", mode, err)
			}
		}
		emptied(t, db)(t)
	}
}

// TestRawSQLInTx: what the caller sends on a connection of his own inside InTx is in the transaction.
func TestRawSQLInTx(t *testing.T) {
	t.Parallel()
	ctx, boom := t.Context(), errors.New("boom")
	pool := dbtest.Postgres(t)
	if _, err := pool.Exec(ctx, "CREATE TABLE t (n INT)"); err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	tx, err := dbtest.Postgres(t).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	for _, raw := range []interface {
		postgres.Querier
		QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	}{conn, conn.Conn(), tx} {
		db := postgres.New(raw)
		warm(t, db)
		err := db.InTx(ctx, dialect.TxOptions{}, func(handle dialect.DB) error {
			var n int
			if err := raw.QueryRow(ctx, "INSERT INTO t VALUES (1) RETURNING n").Scan(&n); err != nil {
				return err
			}
			_, err := put(ctx, handle, 2)
			return errors.Join(err, boom)
		})
		if !errors.Is(err, boom) {
			t.Errorf("expected the error, got %v", err)
		}
		got, err := collect(db, stmt("SELECT n::text FROM t"))
		if err != nil || len(got[0]) > 0 {
			t.Errorf("%T: expected no rows, got %v, %v", raw, got, err)
		}
	}
}

// TestLastStatement: the end of a transaction that only reads rides with its last statement, and only where that succeeds.
func TestLastStatement(t *testing.T) {
	t.Parallel()
	snapshot := dialect.TxOptions{Snapshot: true, Lazy: true}
	for _, mode := range modes {
		pool := poolOfOne(t, mode)
		ctx := t.Context()
		outer, err := dbtest.Postgres(t).BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = outer.Rollback(context.Background()) }()
		for _, db := range []*postgres.DB{postgres.New(pool), postgres.New(outer)} {
			run := func(tx dialect.DB, each func(int, dialect.Rows) error, sql ...string) error {
				var stmts []dialect.Statement
				for _, s := range sql {
					stmts = append(stmts, dialect.Statement{SQL: s, Reads: true})
				}
				stmts[len(stmts)-1].Last = true
				return tx.Run(ctx, stmts, each)
			}
			none, boom := func(int, dialect.Rows) error { return nil }, errors.New("boom")
			for range 3 {
				for name, c := range map[string]struct {
					each func(int, dialect.Rows) error
					sql  []string
					want string
				}{
					"one":           {none, []string{"SELECT 1"}, ""},
					"two":           {none, []string{"SELECT 1", "SELECT 2"}, ""},
					"first fails":   {none, []string{"SELECT 1/0", "SELECT 2"}, "division"},
					"last fails":    {none, []string{"SELECT 1", "SELECT 1/0"}, "division"},
					"only fails":    {none, []string{"SELECT 1/0"}, "division"},
					"last is wrong": {none, []string{"SELECT 1", "SELECT nothing"}, "nothing"},
					"each fails":    {func(int, dialect.Rows) error { return boom }, []string{"SELECT 1", "SELECT 2"}, "boom"},
				} {
					err := db.InTx(ctx, snapshot, func(tx dialect.DB) error {
						err := run(tx, c.each, c.sql...)
						if err == nil {
							if err := run(tx, none, "SELECT 3"); !errors.Is(err, pgx.ErrTxClosed) {
								t.Errorf("%s, %s: expected the transaction to be over, got %v", mode, name, err)
							}
						}
						return err
					})
					if err != nil != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
						t.Errorf("%s, %s: expected %q, got %v", mode, name, c.want, err)
					}
					if _, err := collect(db, stmt("SELECT 'usable'")); err != nil {
						t.Errorf("%s, %s: %v", mode, name, err)
					}
				}
			}
		}
	}
}

// TestLazySnapshotInATransaction: whether the caller's transaction is isolated enough is asked before the first statement.
func TestLazySnapshotInATransaction(t *testing.T) {
	t.Parallel()
	snapshot := dialect.TxOptions{Snapshot: true, Lazy: true}
	for _, mode := range modes {
		pool := poolOfOne(t, mode)
		ctx := t.Context()
		for _, level := range []pgx.TxIsoLevel{pgx.RepeatableRead, pgx.Serializable, pgx.ReadCommitted, pgx.ReadCommitted} {
			tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: level})
			if err != nil {
				t.Fatal(err)
			}
			db := postgres.New(tx)
			for _, last := range []bool{false, true} {
				read := 0
				err = db.InTx(ctx, snapshot, func(tx dialect.DB) error {
					return tx.Run(ctx, []dialect.Statement{{SQL: "SELECT 1", Reads: true, Last: last}}, func(int, dialect.Rows) error {
						read++
						return nil
					})
				})
				var failed *dialect.TxError
				switch {
				case level != pgx.ReadCommitted && (err != nil || read != 1):
					t.Errorf("%s, %s: read %d times, and got %v", mode, level, read, err)
				case level == pgx.ReadCommitted && (!errors.As(err, &failed) || failed.Step != "begin" || read != 0):
					t.Errorf("%s, %s: expected an error of the beginning, read %d times, and got %v", mode, level, read, err)
				}
				if _, err := collect(db, stmt("SELECT 'usable'")); err != nil {
					t.Errorf("%s, %s: %v", mode, level, err)
				}
			}
			if err := tx.Commit(ctx); err != nil {
				t.Errorf("%s, %s: %v", mode, level, err)
			}
		}
	}
}

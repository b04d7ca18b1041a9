package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// put inserts a number and returns how many rows that affected.
func put(ctx context.Context, db dialect.DB, n any) (affected int64, err error) {
	s := dialect.Statement{SQL: "INSERT INTO t VALUES ($1)", Args: []any{n}, Exec: true}
	err = db.Run(ctx, []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
		if rows.Next() {
			return errors.New("rows of an INSERT")
		}
		affected = rows.Affected()
		return rows.Err()
	})
	return affected, err
}

// emptied empties the table and returns a function that compares what is in it.
func emptied(t *testing.T, db *postgres.DB) func(t *testing.T, want ...string) {
	t.Helper()
	if _, err := collect(db, stmt("DELETE FROM t")); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, want ...string) {
		t.Helper()
		got, err := collect(db, stmt("SELECT n::text FROM t ORDER BY n"))
		if err != nil {
			t.Fatal(err)
		}
		if len(got[0]) != len(want) {
			t.Fatalf("expected %v, got %v", want, got[0])
		}
		for i := range want {
			if got[0][i] != want[i] {
				t.Errorf("expected %v, got %v", want, got[0])
			}
		}
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	everyWay(t, "CREATE TABLE t (n INT)", func(t *testing.T, db *postgres.DB) {
		expect := emptied(t, db)
		ctx, boom := t.Context(), errors.New("boom")
		err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			if tx.Catalog() != db.Catalog() {
				t.Error("the transaction has another catalog")
			}
			n, err := put(ctx, tx, 1)
			if n != 1 {
				t.Errorf("expected 1 row affected, got %d", n)
			}
			inner := tx.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
				_, err := put(ctx, tx, 2)
				return errors.Join(err, boom)
			})
			if !errors.Is(inner, boom) {
				t.Errorf("expected the inner error, got %v", inner)
			}
			return errors.Join(err, tx.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
				_, err := put(ctx, tx, 3)
				return err
			}))
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "1", "3")

		err = db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			_, err := put(ctx, tx, 4)
			return errors.Join(err, boom)
		})
		if !errors.Is(err, boom) {
			t.Errorf("expected the error of the function, got %v", err)
		}
		expect(t, "1", "3")

		// A statement that failed leaves the handle usable, in a transaction of the caller's too.
		err = db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			return tx.Run(ctx, []dialect.Statement{stmt("SELECT 1/0")}, func(int, dialect.Rows) error { return nil })
		})
		var answer *pgconn.PgError
		if !errors.As(err, &answer) || answer.Code != "22012" {
			t.Errorf("expected a division by zero, got %v", err)
		}
		expect(t, "1", "3")

		func() {
			defer func() {
				if recover() != "boom" {
					t.Error("expected the panic")
				}
			}()
			_ = db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
				_, _ = put(ctx, tx, 5)
				panic("boom")
			})
		}()
		expect(t, "1", "3")

		ended, cancel := context.WithCancel(ctx)
		err = db.InTx(ended, dialect.TxOptions{}, func(tx dialect.DB) error {
			_, err := put(ctx, tx, 6)
			cancel()
			return errors.Join(err, ended.Err())
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("expected the end of the context, got %v", err)
		}
		expect(t, "1", "3")
		if err := db.InTx(ended, dialect.TxOptions{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("expected the end of the context, got %v", err)
		}
	})
}

func TestInTxSnapshot(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := dbtest.Postgres(t)
	if _, err := pool.Exec(ctx, "CREATE TABLE t (n INT)"); err != nil {
		t.Fatal(err)
	}
	db, snapshot := postgres.New(pool), dialect.TxOptions{Snapshot: true}
	count := func(tx dialect.DB) (n int, err error) {
		err = tx.Run(ctx, []dialect.Statement{stmt("SELECT count(*) FROM t")}, func(_ int, rows dialect.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&n); err != nil {
					return err
				}
			}
			return nil
		})
		return n, err
	}
	look := func(tx dialect.DB) error {
		before, err := count(tx)
		if err != nil {
			return err
		}
		if _, err := put(ctx, db, 1); err != nil {
			return err
		}
		after, err := count(tx)
		if before != after {
			t.Errorf("expected one snapshot, got %d and then %d rows", before, after)
		}
		return err
	}
	if err := db.InTx(ctx, snapshot, look); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(ctx, snapshot, func(tx dialect.DB) error {
		_, err := put(ctx, tx, 1)
		return err
	})
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || answer.Code != "25006" {
		t.Errorf("expected a read-only transaction, got %v", err)
	}
	for level, fits := range map[pgx.TxIsoLevel]bool{
		pgx.ReadCommitted: false, pgx.RepeatableRead: true, pgx.Serializable: true,
	} {
		tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: level})
		if err != nil {
			t.Fatal(err)
		}
		err = db.With(tx).InTx(ctx, snapshot, look)
		var failed *dialect.TxError
		switch {
		case fits && err != nil:
			t.Errorf("%s: %v", level, err)
		case !fits && (!errors.As(err, &failed) || failed.Step != "begin"):
			t.Errorf("%s: expected an error of the beginning, got %v", level, err)
		}
		if err := tx.Rollback(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInTxCommitFails(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := dbtest.Postgres(t)
	if _, err := pool.Exec(ctx, `CREATE TABLE p (n INT PRIMARY KEY);
		CREATE TABLE t (n INT REFERENCES p DEFERRABLE INITIALLY DEFERRED)`); err != nil {
		t.Fatal(err)
	}
	db := postgres.New(pool)
	err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
		_, err := put(ctx, tx, 1)
		return err
	})
	var failed *dialect.TxError
	var answer *pgconn.PgError
	if !errors.As(err, &failed) || failed.Step != "commit" || failed.Unknown || !errors.As(err, &answer) || answer.Code != "23503" {
		t.Errorf("expected a commit refused for a foreign key, got %v", err)
	}
	emptied(t, db)(t)

	err = db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
		_, err := collect(tx.(*postgres.DB), stmt("SELECT pg_terminate_backend(pg_backend_pid())::text"))
		if err == nil {
			t.Error("expected the connection to be gone")
		}
		return nil // as if nothing had been noticed
	})
	if !errors.As(err, &failed) || failed.Step != "commit" || failed.Unknown {
		t.Errorf("expected a commit that was not sent, got %v", err)
	}

	conn, err := pgx.ConnectConfig(ctx, dbtest.PostgresConfig(t).ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "BEGIN"); err != nil {
		t.Fatal(err)
	}
	err = postgres.New(conn).InTx(ctx, dialect.TxOptions{}, func(dialect.DB) error { return nil })
	if !errors.As(err, &failed) || failed.Step != "begin" || conn.PgConn().TxStatus() != 'T' {
		t.Errorf("expected the caller's transaction to be left alone, got %v", err)
	}
}

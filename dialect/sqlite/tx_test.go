package sqlite_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// put inserts a number and returns how many rows that affected.
func put(ctx context.Context, db dialect.DB, n int) (affected int64, err error) {
	s := dialect.Statement{SQL: "INSERT INTO t VALUES (?)", Args: []any{n}, Exec: true}
	err = db.Run(ctx, []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
		if rows.Next() {
			return errors.New("rows of an INSERT")
		}
		affected = rows.Affected()
		return rows.Err()
	})
	return affected, err
}

func expectNumbers(t *testing.T, db *sqlite.DB, want ...string) {
	t.Helper()
	got, err := collect(db, dialect.Statement{SQL: "SELECT CAST(n AS TEXT) FROM t ORDER BY n", Reads: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got[0], want) {
		t.Errorf("expected %v, got %v", want, got[0])
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		if _, err := collect(db, stmt("DROP TABLE IF EXISTS t"), stmt("CREATE TABLE t (n INT)")); err != nil {
			t.Fatal(err)
		}
		ctx, boom := t.Context(), errors.New("boom")
		err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
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
		expectNumbers(t, db, "1", "3")

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
		expectNumbers(t, db, "1", "3")

		ended, cancel := context.WithCancel(ctx)
		err = db.InTx(ended, dialect.TxOptions{}, func(tx dialect.DB) error {
			_, err := put(ctx, tx, 6)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("expected the end of the context, got %v", err)
		}
		expectNumbers(t, db, "1", "3")
		if err := db.InTx(ended, dialect.TxOptions{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("expected the end of the context, got %v", err)
		}
	})
}

// TestInTxCommitFails: a COMMIT that SQLite refuses leaves the transaction open, which must not be put back into the pool.
func TestInTxCommitFails(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	pool.SetMaxOpenConns(1)
	db, ctx := sqlite.New(pool), t.Context()
	if _, err := collect(db, stmt("PRAGMA foreign_keys = ON"), stmt("CREATE TABLE p (n INTEGER PRIMARY KEY)"),
		stmt("CREATE TABLE t (n INT REFERENCES p DEFERRABLE INITIALLY DEFERRED)")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			_, err := put(ctx, tx, 1)
			return err
		})
		var failed *dialect.TxError
		var refused *dialect.ConstraintError
		if !errors.As(err, &failed) || failed.Step != "commit" || failed.Unknown || !errors.As(err, &refused) ||
			refused.Kind != dialect.ForeignKeyConstraint {
			t.Errorf("expected a commit refused for a foreign key, got %v", err)
		}
		expectNumbers(t, db)
	}
}

// TestInTxSnapshotWrites: a transaction that only reads, and a savepoint in it, writes nothing, and its connection may write afterwards.
func TestInTxSnapshotWrites(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		if _, err := collect(db, stmt("DROP TABLE IF EXISTS t"), stmt("CREATE TABLE t (n INT)")); err != nil {
			t.Fatal(err)
		}
		ctx, snapshot := t.Context(), dialect.TxOptions{Snapshot: true}
		insert := func(exec bool) func(dialect.DB) error {
			return func(tx dialect.DB) error {
				return tx.Run(ctx, []dialect.Statement{{SQL: "INSERT INTO t VALUES (1)", Exec: exec}}, func(int, dialect.Rows) error { return nil })
			}
		}
		for name, do := range map[string]func(dialect.DB) error{
			"rows":        insert(false),
			"no rows":     insert(true),
			"a savepoint": func(tx dialect.DB) error { return tx.InTx(ctx, dialect.TxOptions{}, insert(true)) },
		} {
			err := db.InTx(ctx, snapshot, do)
			if !errors.Is(err, dialect.ErrUnsupported) || !strings.Contains(err.Error(), "begun with Snapshot") {
				t.Errorf("%s: expected a write to be refused, got %v", name, err)
			}
		}
		err := db.InTx(ctx, snapshot, func(tx dialect.DB) error {
			if insert(true)(tx) == nil {
				t.Error("expected a write to be refused")
			}
			expectNumbers(t, tx.(*sqlite.DB)) // it goes on
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.InTx(ctx, snapshot, func(dialect.DB) error { panic("leaves") })
		}()
		if err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			if err := tx.InTx(ctx, snapshot, insert(true)); !errors.Is(err, dialect.ErrUnsupported) {
				t.Errorf("expected a write to be refused in a savepoint that only reads, got %v", err)
			}
			return insert(true)(tx)
		}); err != nil {
			t.Fatal(err)
		}
		expectNumbers(t, db, "1")
	})
}

// TestInTxSnapshot: a transaction that only reads keeps out of the way of one that writes.
func TestInTxSnapshot(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	db, ctx := sqlite.New(pool), t.Context()
	if _, err := collect(db, stmt("CREATE TABLE t (n INT)")); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(ctx, dialect.TxOptions{Snapshot: true}, func(a dialect.DB) error {
		return db.InTx(ctx, dialect.TxOptions{Snapshot: true}, func(b dialect.DB) error {
			expectNumbers(t, a.(*sqlite.DB))
			expectNumbers(t, b.(*sqlite.DB))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// Contexts that end at any moment leave no transaction open, and lose and keep no row against what the call says.

const lastMoment = 200 * time.Microsecond

// soon returns a context that ends within the last moment.
func soon(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), rand.N(lastMoment))
}

// onePool returns a pool of one connection with a table t, and a function that returns its numbers, which fails the test if a
// transaction is open.
func onePool(t *testing.T) (*sql.DB, func() map[int]bool) {
	t.Helper()
	pool := dbtest.SQLite(t)
	pool.SetMaxOpenConns(1)
	if _, err := pool.ExecContext(t.Context(), "CREATE TABLE t (n INT)"); err != nil {
		t.Fatal(err)
	}
	return pool, func() map[int]bool {
		t.Helper()
		if _, err := pool.ExecContext(t.Context(), "BEGIN; ROLLBACK"); err != nil {
			t.Fatalf("a transaction was left open: %v", err)
		}
		got, err := collect(sqlite.New(pool), stmt("SELECT CAST(n AS TEXT) FROM t"))
		if err != nil {
			t.Fatal(err)
		}
		numbers := map[int]bool{}
		for _, text := range got[0] {
			n, _ := strconv.Atoi(text)
			numbers[n] = true
		}
		return numbers
	}
}

func TestContextEndsAtTheLastMoment(t *testing.T) {
	t.Parallel()
	pool, numbers := onePool(t)
	db := sqlite.New(pool)
	for n := range 2000 {
		ctx, cancel := soon(t)
		err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			_, err := put(ctx, tx, n)
			return err
		})
		cancel()
		if got := numbers()[n]; got != (err == nil) || errors.Is(err, dialect.ErrCommitUnknown) {
			t.Fatalf("written: %v, and the error is %v", got, err)
		}
	}
	for n := range 2000 {
		ctx, cancel := soon(t)
		_, err := put(ctx, db, -n-1)
		cancel()
		got, unknown := numbers()[-n-1], errors.Is(err, dialect.ErrCommitUnknown)
		if got && err != nil && !unknown || !got && err == nil {
			t.Fatalf("written: %v, and the error is %v", got, err)
		}
	}
}

// TestContextEndsAnywhere: within a transaction whose own context lasts, and in one that the caller began.
func TestContextEndsAnywhere(t *testing.T) {
	t.Parallel()
	pool, numbers := onePool(t)
	said := map[int]string{}
	inner := func(tx dialect.DB, n int, done map[int]bool) {
		ctx, cancel := soon(t)
		defer cancel()
		if rand.N(2) == 0 {
			_, err := put(ctx, tx, n)
			done[n], said[n] = err == nil, fmt.Sprint("statement: ", err)
			return
		}
		err := tx.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
			_, err := put(ctx, tx, n)
			return err
		})
		done[n], said[n] = err == nil, fmt.Sprint("savepoint: ", err)
	}
	next := 0
	for round := range 500 {
		done := map[int]bool{}
		clear(said)
		first := next
		fill := func(tx dialect.DB) error {
			for range 4 {
				inner(tx, next, done)
				next++
			}
			_, err := put(t.Context(), tx, next)
			done[next] = err == nil
			next++
			return nil // as if nothing had been noticed
		}
		var err error
		if round%2 == 0 {
			err = sqlite.New(pool).InTx(t.Context(), dialect.TxOptions{}, fill)
		} else {
			var tx *sql.Tx
			if tx, err = pool.BeginTx(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			_ = fill(sqlite.New(tx))
			err = tx.Commit()
		}
		got := numbers()
		for n := first; n < next; n++ {
			if want := err == nil && done[n]; got[n] != want {
				t.Fatalf("round %d: number %d of %d to %d is there: %v; the transaction's error is %v; the calls said %v", round, n, first, next-1,
					got[n], err, said)
			}
		}
	}
}

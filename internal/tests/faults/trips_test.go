package faults_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// trip is a call whose round trips are counted at the wire, once the connection knows its statements.
type trip struct {
	name   string
	want   int
	inside bool // in a transaction of the caller's
	call   func(ctx context.Context, db dovetail.DB) error
}

var trips = []trip{
	{name: "insert", want: 1, call: func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Insert(written.Students, &written.Student{Name: "tom"}).Exec(ctx, db)
	}},
	{name: "insert with children", want: 3, call: insertChildren},
	{name: "insert with children inside", want: 4, inside: true, call: insertChildren},
	{name: "link inside", want: 1, inside: true, call: func(ctx context.Context, db dovetail.DB) error {
		_, err := written.StudentCourses.Link(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 2})
		return err
	}},
	{name: "replace", want: 4, call: replaceCourses},
	{name: "replace inside", want: 5, inside: true, call: replaceCourses},
	{name: "two writes", want: 3, call: func(ctx context.Context, db dovetail.DB) error {
		return db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			if err := dovetail.Insert(written.Students, &written.Student{Name: "tom"}).Exec(ctx, tx); err != nil {
				return err
			}
			_, err := dovetail.Update(written.Accounts).Set("balance", 6).All().Exec(ctx, tx)
			return err
		})
	}},
	{name: "a number with a fraction", want: 2, call: func(ctx context.Context, db dovetail.DB) error {
		return db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 7).Where("CAST(balance AS double precision) > ?", 1.5).Exec(ctx, tx)
			return err
		})
	}},
	{name: "nothing", want: 0, call: func(ctx context.Context, db dovetail.DB) error {
		return db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			return tx.InTx(ctx, dovetail.TxOptions{}, func(dovetail.DB) error { return nil })
		})
	}},
	{name: "snapshot", want: 2, call: snapshot},
	{name: "snapshot inside", want: 4, inside: true, call: snapshot},
	{name: "snapshot of two levels", want: 3, call: func(ctx context.Context, db dovetail.DB) error {
		_, err := dovetail.Select(written.Employees).Snapshot().Preload("reports.reports").All(ctx, db)
		return err
	}},
	{name: "snapshot of no rows", want: 2, call: func(ctx context.Context, db dovetail.DB) error {
		_, err := dovetail.Select(written.Accounts).Where("owner = ?", "nobody").Snapshot().Preload("activities").All(ctx, db)
		return err
	}},
}

func insertChildren(ctx context.Context, db dovetail.DB) error {
	rows := []*written.Activity{{Kind: "DEP"}}
	return dovetail.Insert(written.Accounts, &written.Account{Owner: "Cat", Activities: rows}).With("activities").Exec(ctx, db)
}

func replaceCourses(ctx context.Context, db dovetail.DB) error {
	_, err := written.StudentCourses.Replace(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 2})
	return err
}

func snapshot(ctx context.Context, db dovetail.DB) error {
	_, err := dovetail.Select(written.Accounts).Snapshot().Preload("activities").All(ctx, db)
	return err
}

// TestTrips counts the round trips of calls at the wire. What begins a transaction has none of its own, nor has what ends one that only
// reads. A savepoint has.
func TestTrips(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	for _, mode := range []pgx.QueryExecMode{cached, pgx.QueryExecModeCacheDescribe, exec, simple} {
		b := breakable(t, direct, mode)
		defer b.pool.Close()
		db := postgres.New(b.pool)
		for _, c := range trips {
			got := 0
			for range 3 { // the statements are prepared the first time, and what begins the transaction the second
				fill(t, direct)
				got = c.count(t, db, b)
			}
			if got != c.want {
				t.Errorf("%s, %s: expected %d round trips, got %d", c.name, mode, c.want, got)
			}
		}
	}
}

// count returns the round trips of a call.
func (c trip) count(t *testing.T, db *postgres.DB, b *broken) (n int) {
	t.Helper()
	on := db
	if c.inside {
		tx, err := b.pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := tx.Commit(t.Context()); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}()
		on = db.With(tx)
	} else if err := b.pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.proxy.Trips()
	if err := c.call(t.Context(), on); err != nil {
		t.Errorf("%s: %v", c.name, err)
	}
	return b.proxy.Trips()
}

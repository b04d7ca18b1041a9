package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// interruption is what ends a call at a moment of its own.
type interruption struct {
	name string
	// begin returns the call's context, and a function that waits until the interruption is over.
	begin func(t *testing.T, after time.Duration) (context.Context, func())
	is    error // what the call's error is then; nil: any
}

var cancels = interruption{"cancel", func(t *testing.T, after time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(after, cancel)
	return ctx, func() { timer.Stop(); cancel() }
}, context.Canceled}

var deadlines = interruption{"deadline", func(t *testing.T, after time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(t.Context(), after)
	return ctx, cancel
}, context.DeadlineExceeded}

// signals has the server end what the application's connections do.
func signals(b *broken, function string) interruption {
	return interruption{function, func(t *testing.T, after time.Duration) (context.Context, func()) {
		over := make(chan error, 1)
		time.AfterFunc(after, func() {
			_, err := kit.SQL[bool](context.Background(), b.direct.DB,
				"SELECT "+function+"(pid) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'", b.name)
			over <- err
		})
		return t.Context(), func() {
			if err := <-over; err != nil {
				t.Error(err)
			}
		}
	}, nil}
}

// anywhere runs calls, each interrupted at a moment at random, and returns how many were.
func anywhere(t *testing.T, on, direct kit.Database, ready func(), rounds int, interruptions ...interruption) (interrupted int) {
	t.Helper()
	r := rand.New(rand.NewPCG(kit.Seed(t), 15))
	calls := slices.Concat(reads, transactions, statements)
	usual, want, after := map[string]time.Duration{}, map[string]any{}, map[string]string{}
	for range 2 { // the second time everything is prepared
		for _, c := range calls {
			begun := time.Now()
			value, err := c.do(t.Context(), on.DB)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			usual[c.name], want[c.name], after[c.name] = time.Since(begun), value, dump(t, direct)
			fill(t, direct)
		}
	}
	before := dump(t, direct)
	for n := range rounds {
		i, how := r.IntN(len(calls)), interruptions[n%len(interruptions)]
		s := sweep{call: calls[i], writes: i >= len(reads), fault: kit.Fault{Sent: true}}
		ctx, over := how.begin(t, time.Duration(r.Float64()*1.2*float64(usual[s.call.name])))
		value, err := s.call.do(ctx, on.DB)
		over()
		at := fmt.Sprintf("%s of %s", how.name, s.call.name)
		if err != nil {
			interrupted++
		}
		if err != nil && how.is != nil && !errors.Is(err, how.is) {
			t.Errorf("%s: got %v", at, err)
		}
		if ready(); !s.writes {
			s.checkRead(t, at, value, err, want[s.call.name])
		} else if s.checkWrite(t, at, value, err, states{before, after[s.call.name], dump(t, direct)}) {
			fill(t, direct)
		}
		if t.Failed() {
			break
		}
	}
	return interrupted
}

// TestFaultsAtRandom interrupts calls at any moment: by their contexts, and PostgreSQL's by the server too.
func TestFaultsAtRandom(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		direct := prepared(t)
		for _, mode := range []pgx.QueryExecMode{cached, exec, simple} {
			b := breakable(t, direct, mode)
			ready := func() {
				b.ready(t, sweep{})
				b.quiet(t)
			}
			n := anywhere(t, kit.Database{Name: "postgres/one", DB: postgres.New(b.pool)}, direct, ready, kit.Sized(400, 60),
				cancels, deadlines, signals(b, "pg_terminate_backend"), signals(b, "pg_cancel_backend"))
			t.Logf("%s: %d calls interrupted", mode, n)
			if n < 20 {
				t.Errorf("%s: expected more interrupted calls than %d", mode, n)
			}
			b.pool.Close()
			b.gone(t)
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.SQLite(t)
		pool.SetMaxOpenConns(1)
		d := kit.Database{Name: "sqlite/one", DB: sqlite.New(pool), Exec: func(tb testing.TB, sql string) {
			tb.Helper()
			if _, err := pool.ExecContext(tb.Context(), sql); err != nil {
				tb.Fatal(err)
			}
		}}
		prepare(t, d)
		ready := func() {
			if inUse := pool.Stats().InUse; inUse != 0 {
				t.Errorf("%d connections are still in use", inUse)
			}
			d.Exec(t, "BEGIN IMMEDIATE; ROLLBACK") // nobody holds a lock, and the connection is in no transaction
		}
		n, tries := 0, 0
		for ; n < 100 && tries < 10; tries++ { // where calls are fast, few are met
			n += anywhere(t, d, d, ready, kit.Sized(4000, 300), cancels, deadlines)
		}
		t.Logf("%d calls interrupted, in %d rounds", n, tries)
		if n < 100 {
			t.Errorf("expected more interrupted calls than %d", n)
		}
	})
}

// quiet waits until none of the application's connections does anything, or is in a transaction.
func (b *broken) quiet(t *testing.T) {
	t.Helper()
	b.none(t, "busy", " AND state <> 'idle'")
}

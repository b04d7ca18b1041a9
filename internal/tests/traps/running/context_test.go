package running_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TRAPS L: contexts that end.

func TestTrap_L1_DoneContextSendsNothing(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		q := dovetail.Select(models.Accounts).OrderBy("id").Preload("activities")
		for what, run := range map[string]func() error{
			"All":    func() error { _, err := q.All(ctx, d.DB); return err },
			"First":  func() error { _, err := q.First(ctx, d.DB); return err },
			"Count":  func() error { _, err := q.Count(ctx, d.DB); return err },
			"Exists": func() error { _, err := q.Exists(ctx, d.DB); return err },
			"Each":   func() error { return eachError(ctx, d.DB, q) },
			"Load": func() error {
				return dovetail.Load(ctx, d.DB, models.Accounts, []*models.Account{{ID: 1}}, "activities")
			},
			"Collect": func() error {
				_, err := dovetail.Collect[int](ctx, d.DB, dovetail.Select(models.Accounts).Columns("id"))
				return err
			},
			"Insert": func() error { return dovetail.Insert(models.Tags, &models.Tag{ID: 99, Name: "x"}).Exec(ctx, d.DB) },
			"Update": func() error {
				_, err := dovetail.Update(models.Tags).Set("name", "x").All().Exec(ctx, d.DB)
				return err
			},
		} {
			if err := run(); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: expected the end of the context, got %v", what, err)
			}
		}
		if n, err := dovetail.Select(models.Tags).Where("name = ?", "x").Count(t.Context(), d.DB); n != 0 || err != nil {
			t.Errorf("expected nothing to have been written, got %d, %v", n, err)
		}
	})
}

// eachError returns the error that an iteration ends with.
func eachError[T any](ctx context.Context, db dovetail.DB, q dovetail.Query[*T]) (last error) {
	for _, err := range q.Each(ctx, db) {
		last = err
	}
	return last
}

func TestTrap_L2_ContextEndsBetweenStatements(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for trips := 1; trips <= 2; trips++ {
			ctx, cancel := context.WithCancel(t.Context())
			users, err := dovetail.Select(models.Users).Preload("posts.tags").All(ctx, &kit.CancelAfter{DB: d.DB, Trips: trips, Cancel: cancel})
			kit.Refused(t, err, context.Canceled, "posts")
			if users != nil {
				t.Errorf("after %d: expected nothing beside an error, got %d users", trips, len(users))
			}
		}
	})
}

// endAfterRows ends a context when so many rows were read.
type endAfterRows struct {
	dovetail.DB
	rows   int
	cancel context.CancelFunc
}

func (e *endAfterRows) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	return e.DB.Run(ctx, stmts, func(i int, rows dialect.Rows) error { return each(i, &endingRows{rows, e}) })
}

type endingRows struct {
	dialect.Rows
	e *endAfterRows
}

func (r *endingRows) Next() bool {
	if r.e.rows--; r.e.rows == 0 {
		r.e.cancel()
		time.Sleep(5 * time.Millisecond) // until the driver has noticed
	}
	return r.Rows.Next()
}

// TestTrap_L3_ContextEndsWhileRowsArrive: the rows are whole, because all had arrived, or there are none.
func TestTrap_L3_ContextEndsWhileRowsArrive(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.ManyThings(3000), func(t *testing.T, d kit.Database) {
		refused := 0
		for after := 1; after < 3000; after += 157 {
			ctx, cancel := context.WithCancel(t.Context())
			rows, err := dovetail.Select(models.PageThings).Preload("box").All(ctx, &endAfterRows{d.DB, after, cancel})
			switch {
			case err == nil && len(rows) != 3000:
				t.Errorf("after %d: %d rows without an error", after, len(rows))
			case err != nil && (rows != nil || !errors.Is(err, context.Canceled)):
				t.Errorf("after %d: %d rows beside %v", after, len(rows), err)
			case err != nil:
				refused++
			}
			cancel()
		}
		if refused == 0 {
			t.Error("no call noticed the end of its context")
		}
	})
}

func TestTrap_L4_DeadlineIsFoundInTheError(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := dovetail.Select(models.Accounts).Where("pg_sleep(0.2) IS NOT NULL").All(ctx, d.DB)
		kit.Refused(t, err, context.DeadlineExceeded, "select accounts")
		cancel()
		ctx, cancel = context.WithTimeoutCause(t.Context(), time.Nanosecond, errors.New("too late"))
		_, err = dovetail.Select(models.Accounts).All(ctx, d.DB)
		kit.Refused(t, err, context.DeadlineExceeded)
		cancel()
	}
}

func TestTrap_L5_DeadlineWhileWaitingForAConnectionSaysSo(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	cfg.MaxConns = 1
	pool := dbtest.PostgresPool(t, cfg)
	held, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err = dovetail.Select(models.Accounts).All(ctx, postgres.New(pool))
	kit.Refused(t, err, context.DeadlineExceeded, "waiting for a connection")
}

func TestTrap_L6_NoStatementRunsOn(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	const mark = "select_that_must_not_run_on"
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := dovetail.Select(models.Accounts).Where("pg_sleep(30) IS NOT NULL OR owner = '"+mark+"'").All(ctx, d.DB)
	kit.Refused(t, err, context.DeadlineExceeded)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		n, err := kit.SQL[int64](t.Context(), d.DB, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%"+mark+
			"%' AND pid <> pg_backend_pid()")
		if err != nil {
			t.Fatal(err)
		}
		if n[0] == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the statement runs on")
		}
	}
}

// TestTrap_L7_LateCancellationHitsNobody ends each context when its call is done, on a pool of one connection.
func TestTrap_L7_LateCancellationHitsNobody(t *testing.T) {
	t.Parallel()
	d := kit.PoolOfOne(t, kit.ReadingsDDL(t))
	for n := range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := dovetail.Select(models.Accounts).Preload("activities").All(ctx, d.DB)
		cancel()
		if err != nil || len(rows) == 0 {
			t.Fatalf("call %d: %d rows, %v", n, len(rows), err)
		}
	}
}

func TestTrap_L8_IterationLeftEarlyGivesItsConnectionBack(t *testing.T) {
	t.Parallel()
	pool := dbtest.Postgres(t)
	if _, err := pool.Exec(t.Context(), models.ManyThings(2500)); err != nil {
		t.Fatal(err)
	}
	db := postgres.New(pool)
	for what, q := range map[string]dovetail.Query[*models.PageThing]{
		"in chunks":       dovetail.Select(models.PageThings).OrderBy("name").Preload("box"),
		"one open result": dovetail.Select(models.PageThings).OrderByClause("length(name)"),
	} {
		for _, after := range []int{1, 10, 1001} {
			rows := 0
			func() {
				defer func() { _ = recover() }()
				for _, err := range q.Each(t.Context(), db) {
					if err != nil {
						t.Fatal(err)
					}
					if rows++; rows == after {
						if after == 10 {
							panic("left by a panic")
						}
						break
					}
				}
			}()
			if n := pool.Stat().AcquiredConns(); n != 0 {
				t.Errorf("%s: %d connections are held after %d rows", what, n, after)
			}
		}
	}
}

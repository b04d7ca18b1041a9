package conformance_test

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// What loads do with contexts, transactions and locks.

// postgresCalls counts what reaches pgx.
type postgresCalls struct {
	postgres.Querier
	n atomic.Int64
}

func (c *postgresCalls) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.n.Add(1)
	return c.Querier.Query(ctx, sql, args...)
}

func (c *postgresCalls) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	c.n.Add(1)
	return c.Querier.SendBatch(ctx, b)
}

// sqliteCalls counts what reaches database/sql.
type sqliteCalls struct {
	sqlite.Querier
	n atomic.Int64
}

func (c *sqliteCalls) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.n.Add(1)
	return c.Querier.QueryContext(ctx, query, args...)
}

func TestCancelledContextSendsNothing(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		calls := &postgresCalls{Querier: dbtest.Postgres(t)}
		cancelledSendsNothing(t, postgres.New(calls), calls.n.Load)
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		calls := &sqliteCalls{Querier: dbtest.SQLite(t)}
		cancelledSendsNothing(t, sqlite.New(calls), calls.n.Load)
	})
}

func cancelledSendsNothing(t *testing.T, db dovetail.DB, sent func() int64) {
	t.Helper()
	done, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithTimeout(t.Context(), -1)
	defer stop()
	q := dovetail.Select(models.Orders).Preload("lines")
	orders := []*models.Order{{Warehouse: "a", Number: 1}}
	for name, run := range map[string]func(ctx context.Context) (any, error){
		"All":     func(ctx context.Context) (any, error) { rows, err := q.All(ctx, db); return len(rows), err },
		"One":     func(ctx context.Context) (any, error) { row, err := q.One(ctx, db); return row != nil, err },
		"First":   func(ctx context.Context) (any, error) { row, err := q.First(ctx, db); return row != nil, err },
		"Get":     func(ctx context.Context) (any, error) { row, err := q.Get(ctx, db, "a", 1); return row != nil, err },
		"Count":   func(ctx context.Context) (any, error) { n, err := q.Count(ctx, db); return n, err },
		"Exists":  func(ctx context.Context) (any, error) { found, err := q.Exists(ctx, db); return found, err },
		"Collect": func(ctx context.Context) (any, error) { return confNumbers(ctx, db) },
		"Load": func(ctx context.Context) (any, error) {
			return nil, dovetail.Load(ctx, db, models.Orders, orders, "lines")
		},
	} {
		got, err := run(done)
		kit.Refused(t, err, context.Canceled)
		switch got {
		case nil, 0, false, int64(0):
		default:
			t.Errorf("%s: expected nothing beside an error, got %v", name, got)
		}
		if _, err := run(late); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: expected the deadline's error, got %v", name, err)
		}
	}
	kit.Equal(t, "statements sent", sent(), 0)
	if orders[0].Lines != nil {
		t.Errorf("expected nothing loaded, got %v", orders[0].Lines)
	}
}

func confNumbers(ctx context.Context, db dovetail.DB) (int, error) {
	numbers, err := dovetail.Collect[int64](ctx, db, dovetail.Select(models.Orders).Columns("number"))
	return len(numbers), err
}

// TestCancelBetweenLevelsReturnsNothing stops a load of three levels after each of them.
func TestCancelBetweenLevelsReturnsNothing(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for trips := 1; trips <= 2; trips++ {
			ctx, cancel := context.WithCancel(t.Context())
			rec := d.Record()
			users, err := dovetail.Select(models.Users).Preload("posts.tags").All(ctx, &kit.CancelAfter{DB: rec, Trips: trips, Cancel: cancel})
			kit.Refused(t, err, context.Canceled, "posts")
			rec.Expect(t, trips+1, trips+1) // the last one reaches the driver, which does not send it
			if users != nil {
				t.Errorf("after %d: expected nothing beside an error, got %d users", trips, len(users))
			}
		}
	})
}

func TestTransactionSeesItsOwnRows(t *testing.T) {
	t.Parallel()
	const insert = `INSERT INTO books (id, author_id, title, pages) VALUES (10, 3, 'Fresh', 1)`
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.Postgres(t)
		if _, err := pool.Exec(t.Context(), kit.ReadingsDDL(t)); err != nil {
			t.Fatal(err)
		}
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background()) //nolint:errcheck // it is committed where the test succeeds
		if _, err := tx.Exec(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		outside := postgres.New(pool)
		seesOwnRows(t, outside.With(tx), outside, func() error { return tx.Commit(t.Context()) })
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.SQLite(t)
		if _, err := pool.ExecContext(t.Context(), kit.ReadingsDDL(t)); err != nil {
			t.Fatal(err)
		}
		tx, err := pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback() //nolint:errcheck // it is committed where the test succeeds
		if _, err := tx.ExecContext(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		outside := sqlite.New(pool)
		seesOwnRows(t, outside.With(tx), outside, tx.Commit)
	})
}

// seesOwnRows looks for a book of the third author that only the transaction knows of until it is committed.
func seesOwnRows(t *testing.T, inside, outside dovetail.DB, commit func() error) {
	t.Helper()
	titles := func(db dovetail.DB) []string {
		rec := &kit.Recorder{DB: db}
		author, err := dovetail.Select(models.Authors).Preload("books").Get(t.Context(), rec, 3)
		if err != nil {
			t.Fatal(err)
		}
		rec.Expect(t, 2, 2)
		return kit.Pluck(author.Books, func(b *models.Book) string { return b.Title })
	}
	kit.Same(t, "inside", titles(inside), "Fresh")
	kit.Same(t, "outside", titles(outside))
	rec := &kit.Recorder{DB: inside}
	found, err := dovetail.Select(models.Authors).Has("books", squirrel.Eq{"title": "Fresh"}).Exists(t.Context(), rec)
	if err != nil || !found {
		t.Errorf("expected the author of it inside, got %v, %v", found, err)
	}
	rec.Expect(t, 1, 1)
	if err := commit(); err != nil {
		t.Fatal(err)
	}
	kit.Same(t, "outside, committed", titles(outside), "Fresh")
}

// TestForUpdateLocksTheRootsRows tries from a second session what the first one's query has locked. Rows of tables
// that are joined, or preloaded without ForUpdate, are not locked.
func TestForUpdateLocksTheRootsRows(t *testing.T) {
	t.Parallel()
	pool := dbtest.Postgres(t)
	if _, err := pool.Exec(t.Context(), kit.ReadingsDDL(t)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name             string
		lock             func(ctx context.Context, db dovetail.DB) error
		sent, trips      int
		posts, user, tag bool // whether the first row of these is locked
	}{
		{"root", lockAll(dovetail.Select(models.Posts).Where(squirrel.Eq{"id": 1}).ForUpdate()), 1, 1, true, false, false},
		{"left join", lockAll(dovetail.Select(models.Posts).LeftJoin("editor").Where(squirrel.Eq{"id": 1}).ForUpdate()), 1, 1,
			true, false, false},
		{"join", lockAll(dovetail.Select(models.Posts).Join("author").Where("author.id = 1").ForUpdate()), 1, 1, true, false, false},
		{"order and limit", lockAll(dovetail.Select(models.Posts).OrderBy("author.name", "id").Limit(1).ForUpdate()), 1, 1, true,
			false, false},
		{"other rows", lockAll(dovetail.Select(models.Posts).Where(squirrel.Eq{"id": 3}).ForUpdate()), 1, 1, false, false, false},
		{"has", lockAll(dovetail.Select(models.Users).Has("posts").ForUpdate()), 1, 1, false, true, false},
		{"preload", lockAll(dovetail.Select(models.Posts).Preload("author", dovetail.Select(models.Users)).ForUpdate()), 2, 2, true,
			false, false},
		{"preload for update", lockAll(dovetail.Select(models.Posts).Preload("author", dovetail.Select(models.Users).ForUpdate()).
			Preload("tags", dovetail.Select(models.Tags).ForUpdate())), 3, 2, false, true, true},
		{"no lock", lockAll(dovetail.Select(models.Posts).Preload("author")), 2, 2, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tx, err := pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback(context.Background()) //nolint:errcheck // the locks end with it
			rec := &kit.Recorder{DB: postgres.New(tx)}
			if err := c.lock(t.Context(), rec); err != nil {
				t.Fatal(err)
			}
			rec.Expect(t, c.sent, c.trips)
			for _, table := range []struct {
				name   string
				locked bool
			}{{"posts", c.posts}, {`"user"`, c.user}, {"tags", c.tag}} {
				kit.Equal(t, table.name+" locked", isLocked(t, pool, table.name), table.locked)
			}
		})
	}
}

func lockAll[T any](q dovetail.Query[*T]) func(ctx context.Context, db dovetail.DB) error {
	return func(ctx context.Context, db dovetail.DB) error {
		_, err := q.All(ctx, db)
		return err
	}
}

// isLocked reports whether another session holds a lock on the table's first row.
func isLocked(t *testing.T, q postgres.Querier, table string) bool {
	t.Helper()
	rows, err := q.Query(t.Context(), "SELECT id FROM "+table+" WHERE id = 1 FOR UPDATE NOWAIT")
	if err == nil {
		_, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	}
	var failed *pgconn.PgError
	if errors.As(err, &failed) && failed.Code == "55P03" { // lock_not_available
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
	return false
}

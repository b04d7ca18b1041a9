package writes_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// inTurns sends each statement, or batch, by the next of several connections, all of which have prepared it before.
type inTurns struct {
	conns []*pgx.Conn
	sent  int
}

func newTurns(t *testing.T) *inTurns {
	t.Helper()
	q := &inTurns{}
	for range 3 {
		conn, err := pgx.ConnectConfig(t.Context(), dbtest.PostgresConfig(t).ConnConfig)
		kit.NoError(t, err)
		t.Cleanup(func() { kit.NoError(t, conn.Close(context.Background())) })
		q.conns = append(q.conns, conn)
	}
	return q
}

func (q *inTurns) next() *pgx.Conn {
	q.sent++
	return q.conns[q.sent%len(q.conns)]
}

func (q *inTurns) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return q.next().Query(ctx, sql, args...)
}

func (q *inTurns) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return q.next().Exec(ctx, sql, args...)
}

func (q *inTurns) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return q.next().SendBatch(ctx, b)
}

func (q *inTurns) Begin(ctx context.Context) (pgx.Tx, error) { return q.next().Begin(ctx) }

func (q *inTurns) BeginTx(ctx context.Context, opts pgx.TxOptions) (pgx.Tx, error) {
	return q.next().BeginTx(ctx, opts)
}

// TestAStalePlanIsTriedAgainOnce: a read that the server refuses for its plan a second time is an error, and what writes is one at the first.
func TestAStalePlanIsTriedAgainOnce(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	alter, ctx := altering(t, d), t.Context()
	accounts := dovetail.Select(written.Accounts).OrderBy("id")
	loaded := dovetail.Select(written.Activities).Preload("account").Preload("tags").OrderBy("id")
	for name, c := range map[string]struct {
		call func(db dovetail.DB) (int, error)
		sent int // until it fails
	}{
		"one statement": {func(db dovetail.DB) (int, error) { rows, err := accounts.All(ctx, db); return len(rows), err }, 2},
		"a batch":       {func(db dovetail.DB) (int, error) { rows, err := loaded.All(ctx, db); return len(rows), err }, 3}, // the rows are not of what was altered
		"a count": {func(db dovetail.DB) (int, error) {
			rows, _, err := accounts.AllWithCount(ctx, db)
			return len(rows), err
		}, 2},
		"Each": {func(db dovetail.DB) (n int, err error) {
			for _, e := range accounts.Each(ctx, db) {
				if n++; e != nil {
					return n, e
				}
			}
			return n, nil
		}, 2},
		"a write": {func(db dovetail.DB) (int, error) {
			return 3, dovetail.Upsert(written.Accounts, &written.Account{ID: 1, Owner: "Ann"}).OnConflict("id").Set("owner").Exec(ctx, db)
		}, 1},
	} {
		q := newTurns(t)
		db := postgres.New(q)
		for range 2 * len(q.conns) { // each connection has prepared it, and what is not known of keys is learned
			if n, err := c.call(db); err != nil || n != 3 {
				t.Fatalf("%s: got %d, %v", name, n, err)
			}
		}
		alter()
		q.sent = 0
		_, err := c.call(db)
		if err == nil || kit.SQLState(err) != "0A000" || strings.Count(err.Error(), "dovetail: ") != 1 {
			t.Errorf("%s: expected the refusal, got %v", name, err)
		}
		kit.Equal(t, name+": how often it was sent", q.sent, c.sent)
		for range 2 * len(q.conns) {
			if _, err := c.call(db); err != nil && kit.SQLState(err) != "0A000" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n, err := c.call(db); err != nil || n != 3 {
			t.Errorf("%s: expected it to go on, got %d, %v", name, n, err)
		}
	}
}

package reads_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func TestTrap_I20_SubqueryIsASourceOfRows(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		accounts, activities := dovetail.Select(models.Accounts).OrderBy("id"), dovetail.Select(models.Activities)
		want := kit.ProbeIDs(t, d.DB, accounts, models.AccountID)
		for what, source := range map[string]any{
			"the table":         sq.Expr("SELECT * FROM accounts"),
			"a query":           dovetail.Select(models.Accounts),
			"a limited query":   dovetail.Select(models.Accounts).OrderBy("owner").Limit(100),
			"the text of a CTE": sq.Expr("WITH a AS (SELECT * FROM accounts) SELECT * FROM a"),
		} {
			q := accounts.From(source)
			if got := kit.ProbeIDs(t, d.DB, q, models.AccountID); got != want {
				t.Errorf("%s: expected %q, got %q", what, want, got)
			}
			plain := accounts.Join("activities").Where(sq.Gt{"activities.amount": 100}).Distinct().Preload("activities.account")
			same, err := plain.All(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := plain.From(source).All(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := models.AccountsText(rows), models.AccountsText(same); got != want {
				t.Errorf("%s: joined and preloaded: expected %s, got %s", what, want, got)
			}
			if n, err := q.Count(t.Context(), d.DB); err != nil || n != int64(len(kit.All(t, d.DB, accounts))) {
				t.Errorf("%s: counted %d, %v", what, n, err)
			}
		}
		union := accounts.From(models.UnionOfAccounts, 1, 1)
		if got := kit.ProbeIDs(t, d.DB, union, models.AccountID); got != want {
			t.Errorf("a union: expected %q, got %q", want, got)
		}
		// What comes twice is there twice, and has one list.
		twice := kit.All(t, d.DB, accounts.From("SELECT * FROM accounts UNION ALL SELECT * FROM accounts").Preload("activities"))
		if len(twice) != 2*len(kit.All(t, d.DB, accounts)) || len(twice[0].Activities) == 0 ||
			len(twice[0].Activities) != len(twice[1].Activities) {
			t.Errorf("expected every row twice, each with its related rows, got %d", len(twice))
		}
		small := activities.Where("activity.amount < ?", 100)
		for _, a := range kit.All(t, d.DB, accounts.Preload("activities", activities.From(small))) {
			for _, act := range a.Activities {
				if act.Amount >= 100 {
					t.Errorf("activity %d is not of the subquery", act.ID)
				}
			}
		}
	})
}

// between is a database in which something happens after the first statement, before the next is sent.
type between struct {
	dovetail.DB
	happens func()
}

func (b *between) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	err := b.DB.Run(ctx, stmts, each)
	if b.happens != nil {
		b.happens()
		b.happens = nil
	}
	return err
}

func (b *between) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	return b.DB.InTx(ctx, opts, func(tx dialect.DB) error { return do(&between{tx, b.happens}) })
}

func TestTrap_N7_RowsAndRelatedRowsAreOfOneMoment(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	newer := func() {
		d.Exec(t, "INSERT INTO activity VALUES ((SELECT max(id) + 1 FROM activity), 1, 'DEP', 1, now())")
	}
	q := dovetail.Select(models.Accounts).OrderBy("id").Preload("activities")
	count := func(q dovetail.Query[*models.Account]) int {
		rows := kit.All(t, &between{d.DB, newer}, q)
		return len(rows[0].Activities)
	}
	before := len(kit.All(t, d.DB, q)[0].Activities)
	if got := count(q); got != before+1 {
		t.Errorf("without a snapshot: expected what was inserted meanwhile, got %d for %d", got, before)
	}
	if got := count(q.Snapshot()); got != before+1 {
		t.Errorf("expected the rows of one moment, got %d for %d", got, before+1)
	}

	rec := d.Record()
	kit.All(t, rec, q.Snapshot())
	if rec.Txs != 1 {
		t.Errorf("expected one transaction, got %d", rec.Txs)
	}
	rec.Expect(t, 2, 2)
	kit.All(t, rec, dovetail.Select(models.Accounts).Snapshot())
	if rec.Txs != 0 {
		t.Errorf("one statement: expected no transaction, got %d", rec.Txs)
	}
	rec.Expect(t, 1, 1)

	pool := dbtest.Postgres(t)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = q.Snapshot().All(t.Context(), postgres.New(tx))
	var failed *dialect.TxError
	if !errors.As(err, &failed) {
		t.Errorf("expected the transaction to be refused, got %v", err)
	}
	kit.Refused(t, err, failed, "read committed", "select accounts: begin")
	repeatable, err := pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = repeatable.Rollback(context.Background()) }()
	if got := len(kit.All(t, postgres.New(repeatable), q.Snapshot())[0].Activities); got != before+2 {
		t.Errorf("in a transaction that sees one moment: expected %d, got %d", before+2, got)
	}
}

// TestSnapshotUnderWriters reads accounts with their activities while others move amounts between two accounts: the sum over
// all of one moment never changes.
func TestSnapshotUnderWriters(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, `CREATE TABLE accounts (id BIGINT PRIMARY KEY, owner TEXT NOT NULL, email TEXT NOT NULL, balance BIGINT NOT NULL,
			created_at TIMESTAMP NOT NULL DEFAULT now());
		CREATE TABLE activity (id BIGINT PRIMARY KEY, account_id BIGINT NOT NULL, activity_type TEXT NOT NULL, amount BIGINT NOT NULL,
			created_at TIMESTAMP NOT NULL DEFAULT now());
		INSERT INTO accounts VALUES (1, 'a', 'a', 100), (2, 'b', 'b', 100);
		INSERT INTO activity VALUES (1, 1, 'DEP', 100), (2, 2, 'DEP', 100)`)
	pool := dbtest.Postgres(t)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	writers.Go(func() {
		for n := 1; ctx.Err() == nil; n++ {
			// The balance and the one activity of an account change together.
			_, err := pool.Exec(context.Background(), fmt.Sprintf(`WITH a AS (UPDATE accounts SET balance = %[1]d)
				UPDATE activity SET amount = %[1]d`, n))
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 200 {
		for _, a := range kit.All(t, d.DB, dovetail.Select(models.Accounts).Snapshot().Preload("activities")) {
			if a.Balance != a.Activities[0].Amount {
				t.Errorf("account %d has %d, its activity %d", a.ID, a.Balance, a.Activities[0].Amount)
			}
		}
	}
	stop()
	writers.Wait()
}

func TestTrap_I7_OwnersWithOnlyDeletedRowsStayUnderALeftJoin(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.RulesDDL, func(t *testing.T, d kit.Database) {
		// Ann's third article and Cat are gone; Dan never wrote.
		d.Exec(t, "UPDATE articles SET deleted_at = 'gone' WHERE writer_id = 2")
		models.Names(t, d, "all writers", models.WritersQ().LeftJoin("articles").Distinct(), models.WriterName, "Ann", "Bob", "Dan", "Eve", "Fay")
		rows := kit.All(t, d.DB, models.WritersQ().LeftJoin("articles").Fetch("articles"))
		kit.Same(t, "fetched", kit.Pluck(rows, models.WriterName), "Ann", "Bob", "Dan", "Eve", "Fay")
		kit.Same(t, "Bob's", kit.Pluck(rows[1].Articles, models.ArticleTitle))
		models.Names(t, d, "inner", models.WritersQ().Join("articles").Distinct(), models.WriterName, "Ann")
		kit.Same(t, "counted", kit.Collect[int](t, d.DB, models.WritersQ().Columns().With(dovetail.Count("articles").As("n"))), 2, 0, 0, 0, 0)
		sums := kit.Collect[*int](t, d.DB, models.WritersQ().Columns().With(dovetail.Sum("articles.rank").As("n")))
		if sums[0] == nil || *sums[0] != 6 || sums[1] != nil {
			t.Errorf("expected 6 and NULL, got %v and %v", sums[0], sums[1])
		}
	})
}

// TestTrap_G8_RelatedRowsWithoutEndAreReadInChunks: 300,000 related rows, which would be some 40 MB at once, come in chunks.
func TestTrap_G8_RelatedRowsWithoutEndAreReadInChunks(t *testing.T) {
	const all = 300_000
	d := kit.SQLiteDB(t, models.ManyThings(all))
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, rows := live(), uint64(0), 0
	q := dovetail.Select(models.PageThings).Where(sq.Eq{"box.id": []int{1, 2}}).Preload("box").Preload("shelf")
	for thing, err := range q.Each(t.Context(), d.DB) {
		if err != nil {
			t.Fatal(err)
		}
		if rows++; thing.Box == nil || thing.Box.ID != thing.BoxID {
			t.Fatalf("thing %d is not in its box", thing.ID)
		}
		if rows%(all/6) == 0 {
			most = max(most, live())
		}
	}
	if rows != all || most > before+8<<20 {
		t.Errorf("%d rows: the heap grew from %d to %d bytes", rows, before, most)
	}
}

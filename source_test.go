package dovetail_test

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
)

// Where rows come from, and as of which moment.

const unionOfAccounts = "SELECT * FROM accounts WHERE id <= ? UNION ALL SELECT * FROM accounts WHERE id > ?"

func goldenSources() []goldenCase {
	accounts, activities := dovetail.Select(Accounts), dovetail.Select(Activities)
	small := activities.Where("activity.amount < ?", 100)
	return []goldenCase{
		{name: "from_text", query: accounts.Columns("id").From(unionOfAccounts, 1, 1).Where(sq.Eq{"accounts.owner": "SpongeBob"})},
		{name: "from_text_with_a_path_s_name", query: accounts.Columns("id").From("SELECT activities.* FROM accounts AS activities")},
		{name: "from_query", query: activities.Columns("id").From(small).Where(sq.Gt{"account.id": 0})},
		{name: "from_squirrel", query: accounts.Columns("id").From(sq.Select("*").From("accounts").Where(sq.Eq{"id": 1}))},
		{name: "from_joined_and_preloaded", query: accounts.Columns("id").From(unionOfAccounts, 1, 1).Join("activities").Distinct().
			Preload("activities.account", accounts.Columns("id"))},
		{name: "from_in_a_preload", query: accounts.Columns("id").Preload("activities", activities.From(small).Columns("id"))},
		{name: "from_in_a_limited_preload",
			query: accounts.Columns("id").Preload("activities", activities.From(small).Columns("id").Limit(2))},
		{name: "from_in_a_subquery",
			query: accounts.Columns("id").Where(sq.Eq{"id": activities.From(small).Columns("account_id")})},
		{name: "from_in_a_text", query: accounts.Columns("id").From("SELECT * FROM (?) AS a WHERE id <> ?", accounts, 7)},
		{name: "from_count", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.From(unionOfAccounts, 1, 1).Count(ctx, db)
			return err
		}},
		{name: "snapshot", query: accounts.Columns("id").Snapshot().Preload("activities", activities.Columns("id"))},
	}
}

func sourceErrorCases() []errorCase {
	invalid, count, unsupported := dovetail.ErrInvalidQuery, dovetail.ErrArgCount, dovetail.ErrUnsupported
	accounts, activities := dovetail.Select(Accounts), dovetail.Select(Activities)
	return []errorCase{
		failed("from_arguments", count, accounts.From("SELECT * FROM accounts WHERE id = ?")),
		failed("from_arguments_beside_a_query", count, accounts.From(accounts, secretNumber)),
		failed("from_number", invalid, accounts.From(secretNumber)),
		failed("from_nothing", invalid, accounts.From("")),
		failed("from_mistake", dovetail.ErrUnknownColumn, accounts.From(accounts.Where(sq.Eq{"ownr": secretText}))),
		failed("from_locked", unsupported, accounts.From("SELECT * FROM accounts").ForUpdate()).saying("ForUpdate"),
		failed("snapshot_in_a_preload", invalid, accounts.Preload("activities", activities.Snapshot())).saying(`"activities"`),
		failed("snapshot_in_a_subquery", invalid, accounts.Where(sq.Eq{"id": activities.Columns("account_id").Snapshot()})),
		{name: "snapshot_each", is: []error{unsupported}, as: "query", make: func(ctx context.Context) error {
			return firstError(accounts.Snapshot().Each(ctx, &captureDB{dialect: postgres.Dialect}))
		}},
	}
}

func TestTrap_I20_SubqueryIsASourceOfRows(t *testing.T) {
	t.Parallel()
	onEvery(t, readings(t), func(t *testing.T, d database) {
		accounts, activities := dovetail.Select(Accounts).OrderBy("id"), dovetail.Select(Activities)
		want := probeIDs(t, d.db, accounts, accountID)
		for what, source := range map[string]any{
			"the table":         sq.Expr("SELECT * FROM accounts"),
			"a query":           dovetail.Select(Accounts),
			"a limited query":   dovetail.Select(Accounts).OrderBy("owner").Limit(100),
			"the text of a CTE": sq.Expr("WITH a AS (SELECT * FROM accounts) SELECT * FROM a"),
		} {
			q := accounts.From(source)
			if got := probeIDs(t, d.db, q, accountID); got != want {
				t.Errorf("%s: expected %q, got %q", what, want, got)
			}
			plain := accounts.Join("activities").Where(sq.Gt{"activities.amount": 100}).Distinct().Preload("activities.account")
			same, err := plain.All(t.Context(), d.db)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := plain.From(source).All(t.Context(), d.db)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := confText(rows), confText(same); got != want {
				t.Errorf("%s: joined and preloaded: expected %s, got %s", what, want, got)
			}
			if n, err := q.Count(t.Context(), d.db); err != nil || n != int64(len(confAll(t, d.db, accounts))) {
				t.Errorf("%s: counted %d, %v", what, n, err)
			}
		}
		union := accounts.From(unionOfAccounts, 1, 1)
		if got := probeIDs(t, d.db, union, accountID); got != want {
			t.Errorf("a union: expected %q, got %q", want, got)
		}
		// What comes twice is there twice, and has one list.
		twice := confAll(t, d.db, accounts.From("SELECT * FROM accounts UNION ALL SELECT * FROM accounts").Preload("activities"))
		if len(twice) != 2*len(confAll(t, d.db, accounts)) || len(twice[0].Activities) == 0 ||
			len(twice[0].Activities) != len(twice[1].Activities) {
			t.Errorf("expected every row twice, each with its related rows, got %d", len(twice))
		}
		small := activities.Where("activity.amount < ?", 100)
		for _, a := range confAll(t, d.db, accounts.Preload("activities", activities.From(small))) {
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
	d := postgresPool(t, readings(t))
	newer := func() {
		d.exec(t, "INSERT INTO activity VALUES ((SELECT max(id) + 1 FROM activity), 1, 'DEP', 1, now())")
	}
	q := dovetail.Select(Accounts).OrderBy("id").Preload("activities")
	count := func(q dovetail.Query[Account]) int {
		rows := confAll(t, &between{d.db, newer}, q)
		return len(rows[0].Activities)
	}
	before := len(confAll(t, d.db, q)[0].Activities)
	if got := count(q); got != before+1 {
		t.Errorf("without a snapshot: expected what was inserted meanwhile, got %d for %d", got, before)
	}
	if got := count(q.Snapshot()); got != before+1 {
		t.Errorf("expected the rows of one moment, got %d for %d", got, before+1)
	}

	rec := d.record()
	confAll(t, rec, q.Snapshot())
	if rec.txs != 1 {
		t.Errorf("expected one transaction, got %d", rec.txs)
	}
	rec.expect(t, 2, 2)
	confAll(t, rec, dovetail.Select(Accounts).Snapshot())
	if rec.txs != 0 {
		t.Errorf("one statement: expected no transaction, got %d", rec.txs)
	}
	rec.expect(t, 1, 1)

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
	confRefused(t, err, failed, "read committed", "select accounts: begin")
	repeatable, err := pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = repeatable.Rollback(context.Background()) }()
	if got := len(confAll(t, postgres.New(repeatable), q.Snapshot())[0].Activities); got != before+2 {
		t.Errorf("in a transaction that sees one moment: expected %d, got %d", before+2, got)
	}
}

// TestSnapshotUnderWriters reads accounts with their activities while others move amounts between two accounts: the sum over
// all of one moment never changes.
func TestSnapshotUnderWriters(t *testing.T) {
	t.Parallel()
	d := postgresPool(t, `CREATE TABLE accounts (id BIGINT PRIMARY KEY, owner TEXT NOT NULL, email TEXT NOT NULL, balance BIGINT NOT NULL,
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
		for _, a := range confAll(t, d.db, dovetail.Select(Accounts).Snapshot().Preload("activities")) {
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
	onEach(t, rulesDDL, func(t *testing.T, d database) {
		// Ann's third article and Cat are gone; Dan never wrote.
		d.exec(t, "UPDATE articles SET deleted_at = 'gone' WHERE writer_id = 2")
		confNames(t, d, "all writers", writersQ().LeftJoin("articles").Distinct(), writerName, "Ann", "Bob", "Dan", "Eve", "Fay")
		rows := confAll(t, d.db, writersQ().LeftJoin("articles").Fetch("articles"))
		confSame(t, "fetched", confPluck(rows, writerName), "Ann", "Bob", "Dan", "Eve", "Fay")
		confSame(t, "Bob's", confPluck(rows[1].Articles, articleTitle))
		confNames(t, d, "inner", writersQ().Join("articles").Distinct(), writerName, "Ann")
		confSame(t, "counted", confCollect[int](t, d.db, writersQ().Columns().With(dovetail.Count("articles").As("n"))), 2, 0, 0, 0, 0)
		sums := confCollect[*int](t, d.db, writersQ().Columns().With(dovetail.Sum("articles.rank").As("n")))
		if sums[0] == nil || *sums[0] != 6 || sums[1] != nil {
			t.Errorf("expected 6 and NULL, got %v and %v", sums[0], sums[1])
		}
	})
}

// TestTrap_G8_RelatedRowsWithoutEndAreReadInChunks: 300,000 related rows, which would be some 40 MB at once, come in chunks.
func TestTrap_G8_RelatedRowsWithoutEndAreReadInChunks(t *testing.T) {
	all := 300_000
	if underRace() {
		all = 20_000
	}
	d := sqliteDB(t, manyThings(all))
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, rows := live(), uint64(0), 0
	q := dovetail.Select(pageThings).Where(sq.Eq{"box.id": []int{1, 2}}).Preload("box").Preload("shelf")
	for thing, err := range q.Each(t.Context(), d.db) {
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

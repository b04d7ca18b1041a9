package writes_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

func TestUpsert(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, &written.Account{Owner: "Bob", Balance: 5}))
		ann, bob := &written.Account{Owner: "Ann", Balance: 1}, &written.Account{Owner: "Bob", Balance: 2}
		upsert := dovetail.Upsert(written.Accounts, bob, ann).OnConflict("owner")
		if err := upsert.Set("balance").Exec(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if first := db.Stmts[0].Args; !slices.Contains(first, any("Ann")) {
			t.Errorf("expected the rows in the order of their keys, got %v first", first)
		}
		db.Expect(t, 2, 1)
		if bob.ID != 1 || bob.Balance != 2 || bob.CreatedAt.IsZero() || ann.ID == 0 || ann.ID == 1 {
			t.Errorf("expected the rows of the table, got %+v, %+v", ann, bob)
		}

		one := &written.Account{Owner: "Bob", Balance: 3}
		if err := dovetail.Upsert(written.Accounts, one).OnConflict("owner").Set("balance").Exec(t.Context(), db); err != nil || one.ID != 1 {
			t.Fatal(one, err)
		}
		db.Expect(t, 1, 1)
	})
}

func TestTrap_O15_RowThatIsThereComesBackWhole(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, &written.Account{Owner: "Bob", Balance: 5}))
		db := d.Record()
		bob, cat := &written.Account{Owner: "Bob", Balance: 9}, &written.Account{Owner: "Cat", Balance: 9}
		if err := dovetail.Upsert(written.Accounts, bob, cat).OnConflict("owner").Exec(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 4, 1)
		if bob.ID != 1 || bob.Balance != 5 || cat.ID <= 1 || cat.Balance != 9 {
			t.Errorf("expected what the table has, got %+v, %+v", bob, cat)
		}
	})
}

func TestTrap_O16_OneKeyTwiceIsFoundBeforehand(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		err := dovetail.Upsert(written.Accounts, &written.Account{Owner: "Bob"}, &written.Account{Owner: "Ann"}, &written.Account{Owner: "Bob"}).OnConflict("owner").
			Set("balance").Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "upsert accounts", "the same owner")
		db.Expect(t, 0, 0)
		written.ExpectDump(t, d)
	})
}

func TestUpsertIsRefusedBeforeAnyStatement(t *testing.T) {
	t.Parallel()
	rows := dovetail.Upsert(written.Accounts, &written.Account{Owner: "Bob"})
	for _, test := range []struct {
		name  string
		u     dovetail.Upsertion[*written.Account]
		is    error
		words string
	}{
		{"no key", rows, dovetail.ErrInvalidQuery, "OnConflict"},
		{"misspelt key", rows.OnConflict("ownr"), dovetail.ErrUnknownColumn, `did you mean "owner"`},
		{"misspelt column", rows.OnConflict("owner").Set("balanc"), dovetail.ErrUnknownColumn, "Set"},
		{"the key is set", rows.OnConflict("owner").Set("owner"), dovetail.ErrInvalidQuery, `"owner" tells whether`},
		{"the primary key is set", rows.OnConflict("owner").Set("balance", "id"), dovetail.ErrInvalidQuery, `Set: column "id" is of the primary key`},
		{"the primary key is set by an expression", rows.OnConflict("owner").SetExpr("id", "77"), dovetail.ErrInvalidQuery, `SetExpr: column "id" is of the primary key`},
		{"twice", rows.OnConflict("owner").Set("balance", "balance"), dovetail.ErrInvalidQuery, "twice"},
		{"nil", dovetail.Upsert(written.Accounts, nil).OnConflict("owner"), dovetail.ErrInvalidRow, "row 1 is nil"},
		{"no table", dovetail.Upsert[written.Account](nil).OnConflict("owner"), dovetail.ErrUnknownTable, "NewTable"},
		{"nothing", dovetail.Upsertion[*written.Account]{}, dovetail.ErrInvalidQuery, "make it with Upsert"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := &kit.Recorder{DB: kit.SQLiteDB(t, "").DB}
			kit.Refused(t, test.u.Exec(t.Context(), db), test.is, test.words)
			db.Expect(t, 0, 0)
		})
	}
}

func TestUpsertFailsAtEveryStatement(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, &written.Account{Owner: "Bob", Balance: 5}))
		before := written.Dump(t, d)
		for k := 1; k <= 5; k++ {
			bob, cat := &written.Account{Owner: "Bob", Balance: 9}, &written.Account{Owner: "Cat", Balance: 9}
			left := k
			err := dovetail.Upsert(written.Accounts, bob, cat).OnConflict("owner").Exec(t.Context(), &failAt{d.DB, &left})
			if !errors.Is(err, errPlanned) || bob.ID != 0 || cat.ID != 0 || cat.Balance != 9 {
				t.Fatalf("failure %d: %v, %+v, %+v", k, err, bob, cat)
			}
			if got := written.Dump(t, d); got != before {
				t.Fatalf("failure %d: the tables changed:\n%s", k, got)
			}
		}
	})
}

func TestUpsertCountsVersionsUp(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, strings.Replace(vDocDDL, "{json}", "JSONB", 1))
	doc := &vDoc{ID: 1, Title: "new"}
	if err := dovetail.Upsert(vDocs, doc).OnConflict("id").Set("title").Exec(t.Context(), d.DB); err != nil || doc.LockVersion != 4 {
		t.Errorf("expected version 4, got %+v, %v", doc, err)
	}
}

// TestTrap_N4_WholeFunctionIsRunAgain: transactions that cannot be put in order are run again until all are done.
func TestTrap_N4_WholeFunctionIsRunAgain(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	const workers, times = 4, 25
	var wg sync.WaitGroup
	var mu sync.Mutex
	calls := 0
	for range workers {
		wg.Go(func() {
			for range times {
				err := dovetail.RetrySerializable(t.Context(), d.DB, func(tx dovetail.DB) error {
					mu.Lock()
					calls++
					mu.Unlock()
					account, err := dovetail.Select(written.Accounts).Get(t.Context(), tx, 1)
					if err != nil {
						return err
					}
					account.Balance++
					return dovetail.Save(t.Context(), tx, written.Accounts, account, "balance")
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	account, err := dovetail.Select(written.Accounts).Get(t.Context(), d.DB, 1)
	if err != nil || account.Balance != 10+workers*times {
		t.Errorf("expected %d, got %+v, %v", 10+workers*times, account, err)
	}
	if calls <= workers*times {
		t.Errorf("expected some transactions to be run again, got %d calls", calls)
	}
}

func TestRetryReturnsOtherErrorsAtOnce(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		written.Filled(t, d)
		before, calls, boom := written.Dump(t, d), 0, errors.New("boom")
		err := dovetail.Retry(t.Context(), d.DB, func(tx dovetail.DB) error {
			calls++
			if _, err := dovetail.Update(written.Accounts).Set("balance", 0).All().Exec(t.Context(), tx); err != nil {
				return err
			}
			return boom
		})
		if strings.HasSuffix(d.Name, "/tx") {
			var failed *dialect.TxError
			if !errors.As(err, &failed) || calls != 0 {
				t.Errorf("expected a handle in a transaction to be refused, got %v after %d calls", err, calls)
			}
			return
		}
		if !errors.Is(err, boom) || calls != 1 {
			t.Errorf("expected the function's error after one call, got %v after %d", err, calls)
		}
		if got := written.Dump(t, d); got != before {
			t.Errorf("the tables changed:\n%s", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := dovetail.Retry(ctx, d.DB, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("expected the end of the context, got %v", err)
		}
	})
}

// TestRetryAfterADeadlock: of two transactions that wait for each other, one is run again.
func TestRetryAfterADeadlock(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	var both, done sync.WaitGroup
	both.Add(2)
	var once [2]sync.Once
	for i, order := range [][]int64{{1, 2}, {2, 1}} {
		done.Go(func() {
			err := dovetail.Retry(t.Context(), d.DB, func(tx dovetail.DB) error {
				for n, id := range order {
					_, err := dovetail.Update(written.Accounts).Set("balance", sq.Expr("balance + 1")).Where(sq.Eq{"id": id}).Exec(t.Context(), tx)
					if err != nil {
						return err
					}
					if n == 0 {
						once[i].Do(func() { both.Done(); both.Wait() }) // the first time, until the other has its first row
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	kit.Same(t, "balances", kit.Collect[int](t, d.DB, dovetail.Select(written.Accounts).Columns("balance").OrderBy("id")), 12, 22, 30)
}

// TestCommitUnknown: a connection that is cut while the answer to COMMIT is on its way.
func TestCommitUnknown(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	// A deferred trigger ends the connection while the commit is worked on.
	d.Exec(t, `CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid());
			PERFORM pg_sleep(10); RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON tags DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()`)
	conn, err := pgx.ConnectConfig(t.Context(), dbtest.PostgresConfig(t).ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	act := &written.Activity{Kind: "DEP", Account: &written.Account{Owner: "Ann"}, Tags: []*written.Tag{{Name: "red"}}}
	err = dovetail.Insert(written.Activities, act).With("account", "tags").Exec(t.Context(), postgres.New(conn))
	kit.Refused(t, err, dovetail.ErrCommitUnknown, "insert activity", "commit")
	if act.ID != 0 || act.Account.ID != 0 || act.Tags[0].ID != 0 {
		t.Errorf("expected the structs as they were, got %+v", act)
	}
}

// uUser is unique by its mail among those that are not marked, and uPage counts.
type uUser struct {
	ID        int64
	Email     string
	Name      string
	DeletedAt *time.Time
}

type uPage struct {
	ID    int64
	Hits  int64
	Last  string
	Twice int64
	Lock  int64
}

var (
	uSchema = dovetail.NewRegistry()
	uUsers  = dovetail.NewTable[uUser](uSchema, "u_users", dovetail.SoftDelete("deleted_at"))
	uPages  = dovetail.NewTable[uPage](uSchema, "u_pages", dovetail.AssignedKey(), dovetail.Generated("twice", "hits * 2"), dovetail.Version("lock"))
)

const uDDL = `
CREATE TABLE u_users (id {key}, email TEXT NOT NULL, name TEXT NOT NULL, deleted_at TIMESTAMP);
CREATE UNIQUE INDEX u_users_email ON u_users (email) WHERE deleted_at IS NULL;
CREATE TABLE u_pages (id BIGINT PRIMARY KEY, hits BIGINT NOT NULL, last TEXT NOT NULL, twice BIGINT GENERATED ALWAYS AS (hits * 2) STORED,
  lock BIGINT NOT NULL DEFAULT 0);
INSERT INTO u_users (email, name, deleted_at) VALUES ('a', 'gone', '2020-01-01'), ('a', 'there', NULL), ('b', 'gone', '2020-01-01');
INSERT INTO u_pages (id, hits, last) VALUES (2, 10, 'x'), (3, 20, 'y');
`

// TestUpsertByAPartialIndex tells rows by an index over those that are not marked.
func TestUpsertByAPartialIndex(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, written.WithKeys(d, uDDL))
		for i, pred := range []any{"deleted_at IS NULL", sq.Eq{"deleted_at": nil}} {
			name := []string{"one", "two"}[i]
			a, b := &uUser{Email: "a", Name: name}, &uUser{Email: "b", Name: name}
			kit.NoError(t, dovetail.Upsert(uUsers, b, a).OnConflict("email").Where(pred).Set("name").Exec(t.Context(), d.DB))
			if a.ID != 2 || a.Name != name || b.ID <= 3 {
				t.Errorf("got %+v, %+v", a, b)
			}
			again := &uUser{Email: "a", Name: "other"}
			kit.NoError(t, dovetail.Upsert(uUsers, again).OnConflict("email").Where(pred).DoNothing().Exec(t.Context(), d.DB))
			if again.ID != 2 || again.Name != name {
				t.Errorf("got %+v", again)
			}
		}
		lines := kit.Must[[]string](t)(kit.SQL[string](t.Context(), d.DB, "SELECT email || ' ' || name FROM u_users ORDER BY 1"))
		kit.Same(t, "users", lines, "a gone", "a two", "b gone", "b two")
		err := dovetail.Upsert(uUsers, &uUser{Email: "a"}).OnConflict("email").Set("name").Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, "Where")
	})
}

// TestUpsertSetsExpressions of the row that is there and of the new one, for many rows by one statement where their keys are numbers.
func TestUpsertSetsExpressions(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, written.WithKeys(d, uDDL))
		db, pages := d.Record(), []*uPage{{ID: 3, Hits: 1, Last: "n"}, {ID: 1, Hits: 2, Last: "n"}, {ID: 2, Hits: 3, Last: "n"}}
		counted := dovetail.Upsert(uPages, pages...).OnConflict("id").SetExpr("hits", "self.hits + excluded.hits + ?", 100)
		kit.NoError(t, counted.Set("last").Exec(t.Context(), db))
		db.Expect(t, 1, 1)
		for i, want := range []uPage{{3, 121, "n", 242, 1}, {1, 2, "n", 4, 0}, {2, 113, "n", 226, 1}} {
			kit.Equal(t, "a page", *pages[i], want)
		}
		one := &uPage{ID: 3, Hits: 1, Last: "m"}
		kit.NoError(t, dovetail.Upsert(uPages, one).OnConflict("id").SetExpr("last", sq.Expr("u_pages.last || excluded.last")).
			SetExpr("hits", "excluded.hits").Exec(t.Context(), d.DB))
		kit.Equal(t, "a page", *one, uPage{3, 1, "nm", 2, 2})
		bare := dovetail.Upsert(uPages, &uPage{ID: 3, Hits: 1}).OnConflict("id").SetExpr("hits", "hits + 1").Exec(t.Context(), d.DB)
		if d.Postgres() {
			if bare == nil || !strings.Contains(bare.Error(), `write "self.hits" for the column of "u_pages", or "excluded.hits"`) {
				t.Errorf("expected what to write, got %v", bare)
			}
		} else {
			kit.NoError(t, bare)
		}
		twice := counted.Set("last", "hits")
		kit.Refused(t, twice.Exec(t.Context(), d.DB), dovetail.ErrInvalidQuery, "SetExpr", "twice")
		rows := dovetail.Upsert(uPages, one).OnConflict("id")
		for words, refused := range map[string]dovetail.Upsertion[*uPage]{
			"DoNothing":                             rows.DoNothing().Set("last"),
			`did you mean "hits"`:                   rows.SetExpr("hits", "excluded.hist"),
			`SetExpr: column "lock" is the Version`: rows.SetExpr("lock", "1"),
			`: Set: column "lock" is the Version`:   rows.Set("lock"),
			`no column "hist"`:                      rows.SetExpr("hist", "1"),
			"has no arguments":                      rows.Where(sq.Eq{"hits": 1}),
			"placeholder":                           rows.Where("hits = ?"),
			"the SQL text is empty":                 rows.SetExpr("hits", ""),
		} {
			err := refused.Exec(t.Context(), d.DB)
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("expected %q, got %v", words, err)
			}
		}
	})
}

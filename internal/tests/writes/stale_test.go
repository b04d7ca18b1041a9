package writes_test

import (
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// The plans of prepared statements are refused once a table was altered, with SQLSTATE 0A000.

// altering changes the type of a column back and forth.
func altering(t *testing.T, d kit.Database) func() {
	types, n := []string{"VARCHAR(50)", "TEXT"}, 0
	return func() {
		d.Exec(t, "ALTER TABLE accounts ALTER COLUMN owner TYPE "+types[n%2])
		n++
	}
}

func TestStalePlan(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	one := kit.PoolOfOne(t, "SELECT 1")
	alter := altering(t, d)
	for range 3 {
		rows, err := dovetail.Select(written.Accounts).Preload("activities").OrderBy("id").All(t.Context(), one.DB)
		if err != nil || len(rows) != 3 || len(rows[0].Activities) != 2 {
			t.Fatalf("expected three accounts and their activities, got %d, %v", len(rows), err)
		}
		acts, err := dovetail.Select(written.Activities).Preload("account").Preload("tags").OrderBy("id").All(t.Context(), one.DB)
		if err != nil || len(acts) != 3 || acts[0].Account == nil || acts[0].Account.Owner != "Ann" {
			t.Fatalf("expected three activities with their accounts, got %d, %v", len(acts), err)
		}
		rows, err = dovetail.Select(written.Accounts).Preload("activities").Snapshot().OrderBy("id").All(t.Context(), one.DB)
		if err != nil || len(rows) != 3 || len(rows[0].Activities) != 2 {
			t.Fatalf("expected three accounts and their activities as of one moment, got %d, %v", len(rows), err)
		}
		n := 0
		for _, err := range dovetail.Select(written.Accounts).Each(t.Context(), one.DB) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		owners := kit.Collect[string](t, one.DB, dovetail.Select(written.Accounts).Columns("owner").OrderBy("id"))
		if n != 3 || len(owners) != 3 {
			t.Fatalf("expected each row once, got %d and %v", n, owners)
		}
		alter()
	}
}

// TestStalePlanOfOthers: what is in the caller's transaction, and what writes, is not sent again, and the error says how to go on.
func TestStalePlanOfOthers(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	alter, ctx := altering(t, d), t.Context()
	in := func(db dovetail.DB, opts dovetail.TxOptions, do func(dovetail.DB) error) func() error {
		return func() error { return db.InTx(ctx, opts, do) }
	}
	all := func(tx dovetail.DB) error {
		_, err := dovetail.Select(written.Accounts).All(ctx, tx)
		return err
	}
	alone := func(tx dovetail.DB) error {
		_, err := dovetail.Select(written.Accounts).Snapshot().All(ctx, tx)
		return err
	}
	counted := func(tx dovetail.DB) error {
		_, _, err := dovetail.Select(written.Accounts).Snapshot().AllWithCount(ctx, tx)
		return err
	}
	snapshot := func(tx dovetail.DB) error {
		_, err := dovetail.Select(written.Accounts).Preload("activities").Snapshot().All(ctx, tx)
		return err
	}
	for name, call := range map[string]func(db dovetail.DB) func() error{
		"a read in a transaction":                      func(db dovetail.DB) func() error { return in(db, dovetail.TxOptions{}, all) },
		"a snapshot of one statement in a transaction": func(db dovetail.DB) func() error { return in(db, dovetail.TxOptions{}, alone) },
		"a snapshot with a count in a transaction":     func(db dovetail.DB) func() error { return in(db, dovetail.TxOptions{Snapshot: true}, counted) },
		"a snapshot in a transaction":                  func(db dovetail.DB) func() error { return in(db, dovetail.TxOptions{Snapshot: true}, snapshot) },
		"a write": func(db dovetail.DB) func() error {
			return func() error {
				_, err := dovetail.Update(written.Accounts).Set("balance", 3).Where("id = 1").Returning(ctx, db)
				return err
			}
		},
	} {
		one := kit.PoolOfOne(t, "SELECT 1")
		if err := call(one.DB)(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		alter()
		err := call(one.DB)()
		if err == nil || !strings.Contains(err.Error(), "a table was altered since the statement was prepared, and nothing was done") ||
			strings.Count(err.Error(), "dovetail: ") != 1 {
			t.Errorf("%s: expected what to do, got %v", name, err)
		}
		if err := call(one.DB)(); err != nil {
			t.Errorf("%s: expected it to be done the second time, got %v", name, err)
		}
	}
}

func TestRetryAfterAStalePlan(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	alter := altering(t, d)
	accounts := dovetail.Select(written.Accounts).OrderBy("id")
	for name, q := range map[string]dovetail.Query[*written.Account]{"a read": accounts, "a snapshot of one statement": accounts.Snapshot()} {
		one, calls := kit.PoolOfOne(t, "SELECT 1"), 0
		for range 3 {
			err := dovetail.Retry(t.Context(), one.DB, func(tx dovetail.DB) error {
				calls++
				_, err := q.All(t.Context(), tx)
				return err
			})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			alter()
		}
		if calls != 5 {
			t.Errorf("%s: expected the function to be called again after each of two changes, got %d calls", name, calls)
		}
	}
}

// TestSnapshotsAfterAStalePlan: a read that has a transaction of its own recovers, however many of its statements were prepared before.
func TestSnapshotsAfterAStalePlan(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	accounts := dovetail.Select(written.Accounts).OrderBy("id")
	loaded := accounts.Preload("activities.tags")
	all := func(q dovetail.Query[*written.Account]) func(dovetail.DB) ([]*written.Account, error) {
		return func(db dovetail.DB) ([]*written.Account, error) { return q.All(t.Context(), db) }
	}
	counted := func(q dovetail.Query[*written.Account]) func(dovetail.DB) ([]*written.Account, error) {
		return func(db dovetail.DB) ([]*written.Account, error) {
			rows, total, err := q.AllWithCount(t.Context(), db)
			if err == nil && total != 3 {
				t.Errorf("expected a count of 3, got %d", total)
			}
			return rows, err
		}
	}
	one := func(read func(dovetail.Query[*written.Account], dovetail.DB) (*written.Account, error)) func(dovetail.DB) ([]*written.Account, error) {
		return func(db dovetail.DB) ([]*written.Account, error) {
			row, err := read(loaded.Snapshot(), db)
			return []*written.Account{row, nil, nil}, err
		}
	}
	reads := map[string]func(dovetail.DB) ([]*written.Account, error){
		"All":                               all(accounts.Snapshot()),
		"All, preloads":                     all(loaded.Snapshot()),
		"All, preloads, OneRoundTrip":       all(loaded.Snapshot().OneRoundTrip()),
		"preloads, not a snapshot":          all(loaded),
		"AllWithCount":                      counted(accounts.Snapshot()),
		"AllWithCount, preloads":            counted(loaded.Snapshot()),
		"AllWithCount, OneRoundTrip":        counted(loaded.Snapshot().OneRoundTrip()),
		"AllWithCount, not a snapshot":      counted(loaded),
		"AllWithCount, of one round trip":   counted(loaded.OneRoundTrip()),
		"AllWithCount, of some of the rows": counted(loaded.Snapshot().Limit(3)),
		"First": one(func(q dovetail.Query[*written.Account], db dovetail.DB) (*written.Account, error) {
			return q.First(t.Context(), db)
		}),
		"One": one(func(q dovetail.Query[*written.Account], db dovetail.DB) (*written.Account, error) {
			return q.Where("id = 1").One(t.Context(), db)
		}),
		"Get": one(func(q dovetail.Query[*written.Account], db dovetail.DB) (*written.Account, error) {
			return q.Get(t.Context(), db, 1)
		}),
	}
	for n, types := range []string{"VARCHAR(50)", "TEXT", "VARCHAR(60)"} {
		pools := map[string]kit.Database{}
		for name, read := range reads {
			pools[name] = kit.PoolOfOne(t, "SELECT 1")
			for range 2 { // the second time what was not known of the keys is, which is another statement
				if _, err := read(pools[name].DB); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
		for _, column := range []string{"accounts ALTER COLUMN owner", "activity ALTER COLUMN kind", "tags ALTER COLUMN name"} {
			d.Exec(t, "ALTER TABLE "+column+" TYPE "+types)
		}
		for name, read := range reads {
			if rows, err := read(pools[name].DB); err != nil || len(rows) != 3 || rows[0].Owner != "Ann" {
				t.Errorf("%s, change %d: expected three accounts, got %d, %v", name, n+1, len(rows), err)
			}
		}
	}
}

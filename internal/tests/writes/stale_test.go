package writes_test

import (
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

func TestRetryAfterAStalePlan(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	one := kit.PoolOfOne(t, "SELECT 1")
	alter, calls := altering(t, d), 0
	for range 3 {
		err := dovetail.Retry(t.Context(), one.DB, func(tx dovetail.DB) error {
			calls++
			_, err := dovetail.Select(written.Accounts).All(t.Context(), tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		alter()
	}
	if calls != 5 {
		t.Errorf("expected the function to be called again after each of two changes, got %d calls", calls)
	}
}

package values_test

import (
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Many owners: the number of statements does not grow with them.

type largeOwner[K comparable] struct {
	ID    K
	Items []*largeItem[K]
}

type largeItem[K comparable] struct {
	ID      int64
	OwnerID K
	Owner   *largeOwner[K]
}

func largeTables[K comparable]() (*dovetail.Table[largeOwner[K]], *dovetail.Table[largeItem[K]]) {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[largeOwner[K]](r, "large_owners")
	items := dovetail.NewTable[largeItem[K]](r, "large_items")
	dovetail.HasMany(owners, "items", items, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"))
	return owners, items
}

// TestLarge200000Owners gives every tenth owner two items, in the order of their own keys: item n belongs to owner
// 10·n, and item 20,000+n too.
func TestLarge200000Owners(t *testing.T) {
	t.Parallel()
	const ddl = `
CREATE TABLE large_owners (id BIGINT PRIMARY KEY);
CREATE TABLE large_items (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL);
CREATE INDEX large_items_owner_id ON large_items (owner_id);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		d.Exec(t, "INSERT INTO large_owners (id) SELECT n FROM ("+d.Series("200000")+") AS numbers")
		d.Exec(t, "INSERT INTO large_items (id, owner_id) SELECT n, 10 * (1 + (n - 1) % 20000) FROM ("+
			d.Series("40000")+") AS numbers")
		owners, items := largeTables[int64]()
		rec := d.Record()
		rows := kit.All(t, rec, dovetail.Select(owners).OrderBy("id").Preload("items.owner"))
		rec.Expect(t, 2, 2)
		kit.Equal(t, "owners", len(rows), 200_000)
		for i, o := range rows {
			if o.ID != int64(i+1) || !largeItemsRight(o, o.ID%10 == 0, o.ID/10) {
				t.Fatalf("owner %d of row %d: wrong items %v", o.ID, i, o.Items)
			}
		}
		every := kit.All(t, rec, dovetail.Select(items).OrderBy("id").Preload("owner"))
		rec.Expect(t, 2, 2)
		kit.Equal(t, "items", len(every), 40_000)
		for i, item := range every {
			if item.Owner == nil || item.Owner.ID != int64(10*(1+i%20_000)) || item.Owner != every[i%20_000].Owner {
				t.Fatalf("item %d: wrong owner %v", item.ID, item.Owner)
			}
		}
	})
}

// largeItemsRight reports whether the owner has no items, or exactly those two that point back at it.
func largeItemsRight[K comparable](o *largeOwner[K], some bool, n int64) bool {
	if !some {
		return o.Items != nil && len(o.Items) == 0
	}
	return len(o.Items) == 2 && o.Items[0].ID == n && o.Items[1].ID == 20_000+n &&
		o.Items[0].Owner == o && o.Items[1].Owner == o
}

// TestLarge20000TextOwners gives every owner but the first two items: those of the first have another's key in upper
// case.
func TestLarge20000TextOwners(t *testing.T) {
	t.Parallel()
	const ddl = `
CREATE TABLE large_owners (id TEXT PRIMARY KEY);
CREATE TABLE large_items (id BIGINT PRIMARY KEY, owner_id TEXT NOT NULL);
CREATE INDEX large_items_owner_id ON large_items (owner_id);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		d.Exec(t, "INSERT INTO large_owners (id) SELECT 'key ' || n FROM ("+d.Series("20000")+") AS numbers")
		d.Exec(t, "INSERT INTO large_items (id, owner_id) SELECT n, CASE WHEN n % 20000 = 1 THEN 'KEY 1' "+
			"ELSE 'key ' || (1 + (n - 1) % 20000) END FROM ("+d.Series("40000")+") AS numbers")
		d.Exec(t, "ANALYZE large_items") // without it PostgreSQL may look for an owner's last item along the primary key
		owners, items := largeTables[string]()
		rec := d.Record()
		rows := kit.All(t, rec, dovetail.Select(owners).Preload("items.owner"))
		rec.Expect(t, 2+d.Lookups(1), 2)
		kit.Equal(t, "owners", len(rows), 20_000)
		for _, o := range rows {
			first := int64(0)
			if len(o.Items) > 0 {
				first = o.Items[0].ID
			}
			if !largeItemsRight(o, o.ID != "key 1", first) || first > 0 && o.ID != fmt.Sprint("key ", first) {
				t.Fatalf("owner %q: wrong items %v", o.ID, o.Items)
			}
		}
		rows = kit.All(t, rec, dovetail.Select(owners).Preload("items", dovetail.Select(items).OrderBy("id DESC").Limit(1)))
		rec.Expect(t, 2, 2)
		for _, o := range rows {
			if o.ID == "key 1" && len(o.Items) == 0 {
				continue
			}
			if len(o.Items) != 1 || o.ID != fmt.Sprint("key ", o.Items[0].ID-20_000) {
				t.Fatalf("owner %q: wrong last item %v", o.ID, o.Items)
			}
		}
	})
}

// Test500AccountsTakeTwoStatements is the promise in its plainest form: two statements, not 501.
func Test500AccountsTakeTwoStatements(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		d.Exec(t, "INSERT INTO accounts (id, owner, email, created_at) "+
			"SELECT 1000 + n, 'many', 'mail' || n, '2024-01-01 00:00:00' FROM ("+
			d.Series("500")+") AS numbers")
		d.Exec(t, "INSERT INTO activity (id, account_id, activity_type, amount, created_at) "+
			"SELECT 1000 + n, 1001 + n % 500, 'DEP', n, '2024-01-01 00:00:00' FROM ("+d.Series("5000")+") AS numbers")
		rec := d.Record()
		accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Where("owner = ?", "many").Preload("activities"))
		rec.Expect(t, 2, 2)
		kit.Equal(t, "accounts", len(accounts), 500)
		for _, a := range accounts {
			if len(a.Activities) != 10 {
				t.Fatalf("account %d: expected 10 activities, got %d", a.ID, len(a.Activities))
			}
			for i, activity := range a.Activities {
				if activity.AccountID != a.ID || i > 0 && activity.ID != a.Activities[i-1].ID+500 {
					t.Fatalf("account %d: wrong activity %v", a.ID, activity)
				}
			}
		}
	})
}

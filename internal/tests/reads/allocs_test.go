package reads_test

import (
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type allocKind string

type allocOwner struct {
	ID        int64
	Name      string
	Kind      allocKind
	Active    bool
	Score     float64
	CreatedAt time.Time
	Kids      []*allocKid
}

type allocKid struct {
	ID      int64
	OwnerID int64
	Note    string
}

// What a row costs of memory is a part of an allocation: rows, their texts and the lists of related rows lie together. The numbers are
// ceilings with some room; pgx alone makes one for each text.
func TestAllocationsOfRows(t *testing.T) {
	const owners, kids = 1000, 5000
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[allocOwner](r, "alloc_owners")
	dovetail.HasMany(table, "kids", dovetail.NewTable[allocKid](r, "alloc_kids"), dovetail.ForeignKey("owner_id"))
	d := kit.PostgresPool(t, `CREATE TABLE alloc_owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, active BOOLEAN NOT NULL,
			score DOUBLE PRECISION NOT NULL, created_at TIMESTAMPTZ NOT NULL);
		CREATE TABLE alloc_kids (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, note TEXT NOT NULL);
		INSERT INTO alloc_owners SELECT i, 'owner ' || i, 'kind', true, i / 4.0, now() FROM generate_series(1, 1000) i;
		INSERT INTO alloc_kids SELECT i, 1 + i % 1000, 'note ' || i FROM generate_series(1, 5000) i;`)
	for _, test := range []struct {
		name string
		q    dovetail.Query[*allocOwner]
		rows int
		most float64 // allocations of a row
	}{
		{"rows", dovetail.Select(table), owners, 0.13},
		{"rows and related ones", dovetail.Select(table).Preload("kids"), owners + kids, 0.08},
	} {
		t.Run(test.name, func(t *testing.T) {
			var rows []*allocOwner
			n := testing.AllocsPerRun(5, func() {
				var err error
				if rows, err = test.q.All(t.Context(), d.DB); err != nil {
					t.Fatal(err)
				}
			})
			if len(rows) != owners || rows[7].Name != "owner 8" || rows[7].Kind != "kind" || rows[7].Score != 2 {
				t.Fatalf("got %d rows, %+v", len(rows), rows[7])
			}
			if per := n / float64(test.rows); per > test.most {
				t.Errorf("%.2f allocations a row, want at most %.2f", per, test.most)
			} else {
				t.Logf("%.2f allocations a row", per)
			}
		})
	}
}

//go:build !dovetail_safe

package reads_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

type allocKind string

type allocOwner struct {
	ID        int64
	Name      string
	Kind      allocKind
	Active    bool
	Score     float64
	CreatedAt time.Time
	ParentID  *int64
	Kids      []*allocKid
	Tags      []*allocTag
	Children  []*allocOwner
}

type allocKid struct {
	ID      int64
	OwnerID int64
	Note    *string
	Owner   *allocOwner
}

type allocTag struct {
	ID   int64
	Name string
}

// allocEntry is a row of many.
type allocEntry struct {
	ID        int64
	Name      string
	Kind      allocKind
	Active    bool
	Score     float64
	CreatedAt time.Time
	ParentID  *int64
	Notes     []*allocNote
}

type allocNote struct {
	ID      int64
	EntryID int64
	Note    *string
}

type allocTagging struct{ OwnerID, TagID int64 }

// What a row costs of memory is a part of an allocation: rows, their texts, what they point to and the lists of related rows lie together.
// The numbers are ceilings with some room; pgx alone makes one for each text.
func TestAllocationsOfRows(t *testing.T) {
	const owners, kids, taggings = 1000, 5000, 5000
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[allocOwner](r, "alloc_owners")
	kidTable := dovetail.NewTable[allocKid](r, "alloc_kids")
	dovetail.HasMany(table, "kids", kidTable, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"))
	dovetail.HasMany(table, "children", table, dovetail.ForeignKey("parent_id"))
	dovetail.ManyToMany(table, "tags", dovetail.NewTable[allocTag](r, "alloc_tags"),
		dovetail.NewTable[allocTagging](r, "alloc_taggings", dovetail.PrimaryKey("owner_id", "tag_id")), dovetail.ThroughKeys("owner_id", "tag_id"))
	d := kit.PostgresPool(t, `CREATE TABLE alloc_owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, active BOOLEAN NOT NULL,
			score DOUBLE PRECISION NOT NULL, created_at TIMESTAMPTZ NOT NULL, parent_id BIGINT);
		CREATE TABLE alloc_kids (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, note TEXT);
		CREATE TABLE alloc_tags (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
		CREATE TABLE alloc_taggings (owner_id BIGINT, tag_id BIGINT, PRIMARY KEY (owner_id, tag_id));
		INSERT INTO alloc_owners SELECT i, 'owner ' || i, 'kind', true, i / 4.0, now(), CASE WHEN i > 1 THEN i / 10 + 1 END FROM generate_series(1, 1000) i;
		INSERT INTO alloc_tags SELECT i, 'tag ' || i FROM generate_series(1, 200) i;
		INSERT INTO alloc_taggings SELECT 1 + i % 1000, 1 + i % 199 FROM generate_series(1, 5000) i;
		INSERT INTO alloc_kids SELECT i, 1 + i % 1000, 'note ' || i FROM generate_series(1, 5000) i;`)
	for _, test := range []struct {
		name string
		q    dovetail.Query[*allocOwner]
		rows int
		most float64 // allocations of a row
	}{
		{"rows", dovetail.Select(table).OrderBy("id"), owners, 0.16},
		{"rows and related ones", dovetail.Select(table).OrderBy("id").Preload("kids"), owners + kids, 0.1},
		{"rows that repeat", dovetail.Select(table).OrderBy("id").Preload("tags"), owners + taggings, 0.07},
		{"rows that are joined", dovetail.Select(table).OrderBy("id").Fetch("kids"), owners + kids, 0.1},
		{"a tree", dovetail.Select(table).OrderBy("id").PreloadTree("children", 0), owners, 0.45},
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

// What a call returned stays as it is when its memory serves the next.
func TestRowsOfOneCallAreNoOthers(t *testing.T) {
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[allocEntry](r, "alloc_entries")
	dovetail.HasMany(table, "notes", dovetail.NewTable[allocNote](r, "alloc_notes"), dovetail.ForeignKey("entry_id"))
	d := kit.PostgresPool(t, `CREATE TABLE alloc_entries (id BIGINT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, active BOOLEAN NOT NULL,
			score DOUBLE PRECISION NOT NULL, created_at TIMESTAMPTZ NOT NULL, parent_id BIGINT);
		CREATE TABLE alloc_notes (id BIGINT PRIMARY KEY, entry_id BIGINT NOT NULL, note TEXT);
		INSERT INTO alloc_entries SELECT i, 'owner ' || i, 'kind', true, i / 4.0, now(), i / 10 + 1 FROM generate_series(1, 40) i;
		INSERT INTO alloc_notes SELECT i, 1 + i % 40, 'note ' || i FROM generate_series(1, 80) i;`)
	var got []*allocEntry
	for i := range int64(40) {
		row, err := dovetail.Select(table).Preload("notes").Get(t.Context(), d.DB, i+1)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	for i, row := range got {
		if row.ID != int64(i+1) || row.Name != fmt.Sprint("owner ", i+1) || row.Score != float64(i+1)/4 || len(row.Notes) != 2 || row.Notes[1].EntryID != row.ID {
			t.Errorf("row %d is %+v now", i+1, row)
		}
	}
}

// Each makes little more of a row than All does, chunk by chunk.
func TestAllocationsOfEach(t *testing.T) {
	const rows = 20_000
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[allocEntry](r, "alloc_entries")
	dovetail.HasMany(table, "notes", dovetail.NewTable[allocNote](r, "alloc_notes"), dovetail.ForeignKey("entry_id"))
	d := kit.PostgresPool(t, `CREATE TABLE alloc_entries (id BIGINT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, active BOOLEAN NOT NULL,
			score DOUBLE PRECISION NOT NULL, created_at TIMESTAMPTZ NOT NULL, parent_id BIGINT);
		CREATE TABLE alloc_notes (id BIGINT PRIMARY KEY, entry_id BIGINT NOT NULL, note TEXT);
		CREATE INDEX ON alloc_notes (entry_id);
		INSERT INTO alloc_entries SELECT i, 'owner ' || i, 'kind', true, i / 4.0, now(), i / 10 + 1 FROM generate_series(1, 20000) i;
		INSERT INTO alloc_notes SELECT i, 1 + i % 20000, 'note ' || i FROM generate_series(1, 40000) i;`)
	for _, test := range []struct {
		name string
		q    dovetail.Query[*allocEntry]
		most float64
	}{
		{"rows", dovetail.Select(table).OrderBy("id"), 0.5},
		{"rows and related ones", dovetail.Select(table).OrderBy("id").Preload("notes"), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := testing.AllocsPerRun(3, func() {
				seen := 0
				for row, err := range test.q.Each(t.Context(), d.DB) {
					if seen++; err != nil || row.ID != int64(seen) || row.Score != float64(seen)/4 {
						t.Fatalf("row %d: %+v, %v", seen, row, err)
					}
				}
				if seen != rows {
					t.Fatalf("%d rows, want %d", seen, rows)
				}
			})
			if n /= rows; n > test.most {
				t.Errorf("%.2f allocations a row, want at most %.2f", n, test.most)
			} else {
				t.Logf("%.2f allocations a row", n)
			}
		})
	}
}

// A query of many clauses takes memory for each, and not for each pair of them.
func TestCompilingIsLinearInClauses(t *testing.T) {
	few, many := 100, 1000
	allocs := func(n int) float64 {
		q := dovetail.Select(models.Accounts)
		for range n {
			q = q.Has("activities")
		}
		return testing.AllocsPerRun(2, func() {
			if _, _, err := q.SQL(postgres.Dialect); err != nil {
				t.Fatal(err)
			}
		})
	}
	if a, b := allocs(few), allocs(many); b > 12*a {
		t.Errorf("%.0f allocations for %d clauses, %.0f for %d", a, few, b, many)
	}
}

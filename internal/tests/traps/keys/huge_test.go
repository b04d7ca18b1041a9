package keys_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TRAPS G: lists longer than what a database takes as parameters. The owners are made in Go, the related table is small.

// hugeCase loads n owners whose keys are made by key; the related rows have the keys of the first, the last and some
// owners in between, and some that no owner has.
type hugeCase[K any] struct {
	sqlType string
	key     func(i int) K
	literal func(i int) string
	lookups int // statements that ask PostgreSQL for the type of the key
}

func (c hugeCase[K]) places(n int) []int {
	places := []int{0, 1, n / 2, n - 2, n - 1, n, n + 7}
	for _, edge := range []int{500, 32766, 32767, 65535, 65536} {
		if edge < n-2 && edge != n/2 {
			places = append(places, edge)
		}
	}
	return places
}

func (c hugeCase[K]) ddl(n int) string {
	k := kit.KeyCase{OwnerSQL: c.sqlType}
	for _, i := range c.places(n) {
		k.Related = append(k.Related, c.literal(i))
	}
	return k.DDL()
}

func (c hugeCase[K]) test(t *testing.T, p kit.Probe, n int) {
	t.Helper()
	tables, _ := kit.KeyTables[K, K]()
	made := make([]kit.KeyOwner[K, K], n)
	hand := make([]*kit.KeyOwner[K, K], n)
	for i := range made {
		made[i].ID, made[i].K = int64(i), c.key(i)
		hand[i] = &made[i]
	}
	rec := p.Record()
	if err := dovetail.Load(t.Context(), rec, tables, hand, "related"); err != nil {
		t.Fatal(err)
	}
	lookups := 0
	if p.Pool != nil {
		lookups = c.lookups
	}
	rec.Expect(t, 1+lookups, 1+lookups)
	want := []string{}
	for id, i := range c.places(n) {
		if i < n {
			want = append(want, fmt.Sprint(i, " ", id+1))
		}
	}
	got := kit.OwnerPairs(hand)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d owners: expected %q, got %q", n, want, got)
	}
	for _, o := range hand {
		if o.Related == nil {
			t.Fatalf("%d owners: the list of owner %d is nil after the load", n, o.ID)
		}
	}
}

func intKeys() hugeCase[int64] {
	return hugeCase[int64]{"BIGINT", func(i int) int64 { return int64(i)*3 - 1000 }, func(i int) string { return fmt.Sprint(i*3 - 1000) }, 0}
}

func textKeys() hugeCase[string] {
	text := func(i int) string { return fmt.Sprintf("k,'%d\"", i) }
	return hugeCase[string]{"VARCHAR(20)", text, func(i int) string { return "'" + strings.ReplaceAll(text(i), "'", "''") + "'" }, 1}
}

func uuidKeys() hugeCase[uuid.UUID] {
	id := func(i int) uuid.UUID {
		return uuid.UUID{0: 0xab, 12: byte(i >> 24), 13: byte(i >> 16), 14: byte(i >> 8), 15: byte(i)}
	}
	return hugeCase[uuid.UUID]{"uuid", id, func(i int) string { return "'" + id(i).String() + "'" }, 0}
}

// numericKeys are such that only the database knows which are equal.
func numericKeys() hugeCase[float64] {
	return hugeCase[float64]{"NUMERIC", func(i int) float64 { return float64(i) / 4 }, func(i int) string { return fmt.Sprintf("%.2f", float64(i)/4) }, 1}
}

func onPostgresHuge[K any](t *testing.T, name string, n int, c hugeCase[K]) {
	t.Helper()
	t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) { c.test(t, kit.PostgresProbe(t, c.ddl(n), nil), n) })
}

func onSQLiteHuge[K any](t *testing.T, name string, n int, c hugeCase[K]) {
	t.Helper()
	t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) { c.test(t, kit.SQLiteProbe(t, c.ddl(n)), n) })
}

func TestTrap_G1_PostgresTakesAMillionKeysInOneStatement(t *testing.T) {
	t.Parallel()
	onPostgresHuge(t, "integer", 70_000, intKeys())
	onPostgresHuge(t, "text", 70_000, textKeys())
	onPostgresHuge(t, "uuid", 70_000, uuidKeys())
	onPostgresHuge(t, "numeric", 70_000, numericKeys())
	onPostgresHuge(t, "integer", 1_000_000, intKeys())
}

func TestTrap_G2_SQLiteTakesMoreKeysThanPlaceholdersInOneStatement(t *testing.T) {
	t.Parallel()
	// No chunks, unlike the rule's text: the keys are one JSON array, so that there is one statement whatever their number.
	onSQLiteHuge(t, "integer", 40_000, intKeys())
	onSQLiteHuge(t, "text", 40_000, textKeys())
	onSQLiteHuge(t, "uuid", 40_000, uuidKeys())
	onSQLiteHuge(t, "numeric", 40_000, numericKeys())
	onSQLiteHuge(t, "integer", 250_000, intKeys())
	onSQLiteHuge(t, "text", 250_000, textKeys())
}

func TestTrap_G4_EdgesAndDuplicatesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	const most = 600
	k := kit.KeyCase{OwnerSQL: "BIGINT"}
	for i := range most {
		k.Related = append(k.Related, fmt.Sprint(i), fmt.Sprint(i)) // two rows for each key
	}
	kit.OnEachProbe(t, k.DDL(), func(t *testing.T, p kit.Probe) {
		tables, _ := kit.KeyTables[int64, int64]()
		for _, n := range []int{0, 1, 2, 499, 500, 501, 512, 599} {
			hand := []*kit.KeyOwner[int64, int64]{}
			for i := range n {
				hand = append(hand, &kit.KeyOwner[int64, int64]{ID: int64(i), K: int64(i)})
			}
			for i := range min(n, 3) { // the first keys once more, at the very end
				hand = append(hand, &kit.KeyOwner[int64, int64]{ID: int64(n + i), K: int64(i)})
			}
			rec := p.Record()
			if err := dovetail.Load(t.Context(), rec, tables, hand, "related"); err != nil {
				t.Fatal(err)
			}
			rec.Expect(t, min(n, 1), min(n, 1))
			for _, o := range hand {
				ids := []int64{}
				for _, r := range o.Related {
					ids = append(ids, r.ID)
				}
				if want := []int64{2*o.K + 1, 2*o.K + 2}; !slices.Equal(ids, want) {
					t.Fatalf("%d keys, owner %d: expected rows %v, got %v", n, o.ID, want, ids)
				}
			}
		}
	})
}

func TestTrap_G4_ListsInConditionsHaveNoEdges(t *testing.T) {
	t.Parallel()
	const rows = 66_000
	ddl := fmt.Sprintf(`CREATE TABLE key_owners (id BIGINT PRIMARY KEY, k VARCHAR(9));
INSERT INTO key_owners (id, k) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i, 'k' || i FROM n;`, rows)
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		tables, _ := kit.KeyTables[string, string]()
		for _, n := range []int{499, 500, 501, 32_766, 32_767, 65_536} {
			ids, texts := []int64{}, []string{}
			for i := range n {
				ids, texts = append(ids, int64(i+1)), append(texts, fmt.Sprint("k", i+1))
			}
			for what, list := range map[string]any{"id": append(ids, 1, -1, 1<<40), "k": append(texts, "k1", "k0")} {
				in := dovetail.Select(tables).Where(squirrel.Eq{what: list})
				out := dovetail.Select(tables).Where(squirrel.NotEq{what: list})
				got, err := in.Count(t.Context(), p.DB)
				if err != nil || got != int64(n) {
					t.Errorf("%s in %d values: expected %d rows, got %d, %v", what, n, n, got, err)
				}
				got, err = out.Count(t.Context(), p.DB)
				if err != nil || got != int64(rows-n) {
					t.Errorf("%s not in %d values: expected %d rows, got %d, %v", what, n, rows-n, got, err)
				}
			}
		}
	})
}

func TestTrap_G6_CompositeKeysAreOneStatementToo(t *testing.T) {
	t.Parallel()
	ddl := `CREATE TABLE huge_orders (warehouse VARCHAR(9), number BIGINT, PRIMARY KEY (warehouse, number));
CREATE TABLE huge_lines (id BIGINT PRIMARY KEY, warehouse VARCHAR(9), number BIGINT);
INSERT INTO huge_lines VALUES (1, 'w0', 0), (2, 'w1', 40000), (3, 'w0', 69999), (4, 'w1', 69999), (5, 'w1', 70000), (6, NULL, 1);`
	type line struct {
		ID        int64
		Warehouse *string
		Number    *int64
	}
	type order struct {
		Warehouse string
		Number    int64
		Lines     []*line
	}
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		r := dovetail.NewRegistry()
		orders := dovetail.NewTable[order](r, "huge_orders", dovetail.PrimaryKey("warehouse", "number"))
		lines := dovetail.NewTable[line](r, "huge_lines")
		dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("warehouse", "number"))
		hand := []*order{}
		for i := range 70_000 { // 140,000 values, over 65,535 also by the row
			hand = append(hand, &order{Warehouse: fmt.Sprint("w", i%2), Number: int64(i)})
		}
		hand = append(hand, &order{Warehouse: "w1", Number: 69_999})
		rec := p.Record()
		if err := dovetail.Load(t.Context(), rec, orders, hand, "lines"); err != nil {
			t.Fatal(err)
		}
		lookups := 0
		if p.Postgres() {
			lookups = 1
		}
		rec.Expect(t, 1+lookups, 1+lookups)
		got := []string{}
		for i, o := range hand {
			for _, l := range o.Lines {
				got = append(got, fmt.Sprint(i, " ", l.ID))
			}
		}
		// 40000 is even, so its order is of w0; 69999 is odd; the last order is the one before it once more.
		if want := []string{"0 1", "69999 4", "70000 4"}; !slices.Equal(got, want) {
			t.Errorf("expected %q, got %q", want, got)
		}
	})
}

func TestTrap_G7_TooManyColumnsAreRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	const most = 1664 // of a PostgreSQL result
	p := kit.PostgresProbe(t, kit.KeyCase{OwnerSQL: "BIGINT", Owners: []string{"5"}}.DDL(), nil)
	tables, _ := kit.KeyTables[int64, int64]()
	wide := func(n int) dovetail.Query[*kit.KeyOwner[int64, int64]] {
		q := dovetail.Select(tables).Columns()
		for i := range n {
			q = q.Column(fmt.Sprintf("k + %d AS c%d", i, i))
		}
		return q
	}
	rows, err := dovetail.Collect[map[string]any](t.Context(), p.DB, wide(most))
	if err != nil || len(rows) != 1 || len(rows[0]) != most || rows[0]["c1663"] != int64(1668) {
		t.Fatalf("expected one row of %d columns, got %d rows, %v", most, len(rows), err)
	}
	if _, _, err := wide(most + 1).SQL(postgres.Dialect); err == nil {
		t.Errorf("expected %d columns to be refused at build", most+1)
	} else if !errors.Is(err, dovetail.ErrUnsupported) || !strings.Contains(err.Error(), "1664") {
		t.Errorf("expected ErrUnsupported with the limit 1664, got %v", err)
	}
	rec := p.Record()
	if _, err := dovetail.Collect[map[string]any](t.Context(), rec, wide(most+1)); err == nil {
		t.Error("expected an error")
	}
	if len(rec.Stmts) != 0 {
		t.Errorf("expected no statement, got %d", len(rec.Stmts))
	}
}

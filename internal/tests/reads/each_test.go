package reads_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// eachThing ranges over the query and returns the rows, and the error that ended them.
func eachThing(ctx context.Context, db dovetail.DB, q dovetail.Query[*models.PageThing]) (rows []*models.PageThing, last error) {
	for row, err := range q.Each(ctx, db) {
		if last != nil {
			return rows, errors.New("the sequence went on after an error")
		}
		if last = err; err == nil {
			rows = append(rows, row)
		}
	}
	return rows, last
}

func TestEachReturnsWhatAllReturns(t *testing.T) {
	t.Parallel()
	things := dovetail.Select(models.PageThings)
	kit.OnEvery(t, models.ManyThings(2500), func(t *testing.T, d kit.Database) {
		for _, test := range []struct {
			name              string
			q                 dovetail.Query[*models.PageThing]
			limit             int // 0: none
			rows              int
			statements, trips int
		}{
			{"no order", things, 0, 2500, 3, 3},
			{"no rows", things.Where("1 = 0"), 0, 0, 1, 1},
			{"one full chunk and an empty one", things.Where("id <= 1000"), 0, 1000, 2, 2},
			{"ties and NULLs", things.OrderBy("rank DESC", "name"), 0, 2500, 3, 3},
			{"NULLS FIRST", things.OrderBy("rank NULLS FIRST", "shelf.level DESC NULLS LAST"), 0, 2500, 3, 3},
			{"to-one order, not selected", things.Columns("id").OrderBy("shelf.label DESC", "box.label"), 0, 2500, 3, 3},
			{"limit in one chunk", things, 10, 10, 1, 1},
			{"limit in the third", things, 2100, 2100, 3, 3},
			{"limit at the end of one", things, 2000, 2000, 2, 2},
			{"limit and offset", things.OrderBy("name").Offset(700), 1500, 1500, 2, 2},
			{"offset alone", things.Offset(1499), 0, 1001, 2, 2},
			{"after", things.After(1500), 0, 1000, 2, 2},
			{"distinct", things.LeftJoin("marks").Distinct(), 0, 2500, 3, 3},
			{"preloads of one level", things.Preload("box").Preload("shelf"), 0, 2500, 9, 6},
			{"preloads of two levels", things.Preload("box.things", dovetail.Select(models.PageThings).Limit(1)), 0, 2500, 9, 9},
		} {
			want := kit.All(t, d.DB, test.q.Limit(5000))
			q := test.q
			if test.limit > 0 {
				q = q.Limit(test.limit)
				want = want[:test.limit]
			}
			kit.Equal(t, test.name, len(want), test.rows)
			rec := d.Record()
			for range 2 { // each time anew
				got, err := eachThing(t.Context(), rec, q)
				if err != nil {
					t.Fatal(test.name, err)
				}
				rec.Expect(t, test.statements, test.trips)
				kit.Same(t, test.name, kit.Pluck(got, shownThing), kit.Pluck(want, shownThing)...)
			}
		}
	})
}

// shownThing is a thing with what is loaded onto it.
func shownThing(r *models.PageThing) string {
	text := fmt.Sprint(r.ID, r.Name)
	if r.Box != nil {
		text += fmt.Sprint(" in ", r.Box.ID, len(r.Box.Things))
	}
	if r.Shelf != nil {
		text += fmt.Sprint(" on ", r.Shelf.ID)
	}
	return text
}

// TestEachHoldsNoConnection has one connection, or one transaction, for the sequence and for what its loop does.
func TestEachHoldsNoConnection(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, d kit.Database) {
		rec := d.Record()
		rows := 0
		for thing, err := range dovetail.Select(models.PageThings).OrderBy("name").Preload("box").Each(t.Context(), rec) {
			if err != nil {
				t.Fatal(err)
			}
			if rows++; rows%500 == 1 {
				if _, err := dovetail.Select(models.PageThings).Get(t.Context(), d.DB, thing.ID); err != nil {
					t.Fatal(err)
				}
			}
			if rows == 1200 {
				break
			}
		}
		rec.Expect(t, 4, 4)
		if n, err := dovetail.Select(models.PageThings).Count(t.Context(), d.DB); err != nil || n != 2500 {
			t.Errorf("after break: expected 2500, got %d, %v", n, err)
		}
	}
	kit.OnEvery(t, models.ManyThings(2500), test)
	t.Run("postgres/pool of one", func(t *testing.T) {
		t.Parallel()
		test(t, kit.PoolOfOne(t, models.ManyThings(2500)))
	})
}

// TestEachStreamsWhatHasNoPosition reads one statement while the loop runs; break closes it.
func TestEachStreamsWhatHasNoPosition(t *testing.T) {
	t.Parallel()
	things := dovetail.Select(models.PageThings)
	test := func(t *testing.T, d kit.Database) {
		for name, q := range map[string]dovetail.Query[*models.PageThing]{
			"expression": things.OrderByClause("-id").Limit(1500),
			"join":       things.LeftJoin("marks").OrderBy("id DESC"),
			"group":      things.GroupBy("id").OrderBy("id DESC"),
		} {
			rec := d.Record()
			rows, err := eachThing(t.Context(), rec, q)
			rec.Expect(t, 1, 1)
			if err != nil || len(rows) < 1500 || rows[0].ID != 2500 || rows[1499].ID != 1001 {
				t.Errorf("%s: got %d rows, %v", name, len(rows), err)
			}
			for range q.Each(t.Context(), rec) {
				break
			}
			rec.Expect(t, 1, 1)
			if n, err := things.Count(t.Context(), d.DB); err != nil || n != 2500 {
				t.Errorf("%s: after break: expected 2500, got %d, %v", name, n, err)
			}
			_, err = eachThing(t.Context(), rec, q.Preload("box"))
			kit.Refused(t, err, dovetail.ErrUnsupported, "Each", `preload "box"`)
			rec.Expect(t, 0, 0)
		}
	}
	kit.OnEvery(t, models.ManyThings(2500), test)
	t.Run("postgres/pool of one", func(t *testing.T) {
		t.Parallel()
		test(t, kit.PoolOfOne(t, models.ManyThings(2500)))
	})
}

func TestEachEndsInOneError(t *testing.T) {
	t.Parallel()
	things := dovetail.Select(models.PageThings)
	kit.OnEach(t, models.ManyThings(2500), func(t *testing.T, d kit.Database) {
		rec := d.Record()
		for name, q := range map[string]dovetail.Query[*models.PageThing]{
			"before": things.Before(7), "misspelt": things.OrderBy("nam"), "zero": {},
			"misspelt in a preload": things.Preload("box", dovetail.Select(models.PageBoxes).OrderBy("lable")),
		} {
			rows, err := eachThing(t.Context(), rec, q)
			if len(rows) > 0 || err == nil {
				t.Errorf("%s: expected an error alone, got %d rows, %v", name, len(rows), err)
			}
		}
		_, err := eachThing(t.Context(), nil, things)
		kit.Refused(t, err, dovetail.ErrInvalidQuery, "database is nil")
		rec.Expect(t, 0, 0)

		for name, q := range map[string]dovetail.Query[*models.PageThing]{"chunks": things, "stream": things.OrderByClause("id")} {
			ctx, cancel := context.WithCancel(t.Context())
			rows := 0
			var last error
			for _, err := range q.Each(ctx, d.DB) {
				if last = err; err != nil {
					break
				}
				if rows++; rows == 5 {
					cancel()
				}
			}
			cancel()
			if rows != 5 || !errors.Is(last, context.Canceled) {
				t.Errorf("%s: expected 5 rows and the context's error, got %d, %v", name, rows, last)
			}
		}

		d.Exec(t, "ALTER TABLE boxes RENAME COLUMN label TO title")
		rows, err := eachThing(t.Context(), d.DB, things.Preload("box"))
		var failed *dovetail.QueryError
		if len(rows) > 0 || !errors.As(err, &failed) || failed.Path != "box" {
			t.Errorf("expected the error of the preload and no row, got %d, %v", len(rows), err)
		}
	})
}

// TestEachFindsValuesInTheFormTheyAreStored has an SQLite column of times in the forms that programs write.
func TestEachFindsValuesInTheFormTheyAreStored(t *testing.T) {
	t.Parallel()
	d := kit.SQLiteDB(t, kit.ReadingsDDL(t))
	d.Exec(t, `
WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 3099)
INSERT INTO accounts (id, owner, email, balance, created_at) SELECT i, 'o', 'e' || i, i % 5, CASE i % 4
  WHEN 0 THEN '2024-05-01 10:00:00' WHEN 1 THEN '2024-05-01T10:00:00Z' WHEN 2 THEN '2024-05-01 10:00:00 +0000 UTC'
  ELSE 1714557600 END FROM n`)
	for _, order := range []string{"created_at", "created_at DESC"} {
		seen := map[int64]bool{}
		for a, err := range dovetail.Select(models.Accounts).OrderBy(order, "balance").Each(t.Context(), d.DB) {
			if err != nil {
				t.Fatal(err)
			}
			seen[a.ID] = true
		}
		if len(seen) != 3004 {
			t.Errorf("%s: expected 3004 rows, got %d", order, len(seen))
		}
	}
	_, err := dovetail.Select(models.Accounts).OrderBy("created_at").After(kit.All(t, d.DB, dovetail.Select(models.Accounts).Limit(1))[0].CreatedAt, 1).
		All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnsupported, "created_at", "several ways")
	rows := kit.All(t, d.DB, dovetail.Select(models.Accounts).OrderBy("created_at").After("2024-01-02 09:00:00", 2).Where(sq.Lt{"id": 100}))
	kit.Same(t, "after the stored text", kit.Pluck(rows, func(a *models.Account) int64 { return a.ID }), 3, 4)
}

type eachValue struct {
	Key  []byte
	Real float64
}

// TestEachSendsBackWhatItRead orders by bytes, among them none, and by floats.
func TestEachSendsBackWhatItRead(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	values := dovetail.NewTable[eachValue](r, "vals", dovetail.PrimaryKey("key"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		bytes, cast := "BYTEA", "decode(lpad(to_hex(i), 8, '0'), 'hex')"
		if !d.Postgres() {
			bytes, cast = "BLOB", "CAST(printf('%08d', i) AS BLOB)"
		}
		d.Exec(t, "CREATE TABLE vals (key "+bytes+" PRIMARY KEY, real DOUBLE PRECISION NOT NULL);"+
			"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2200) "+
			"INSERT INTO vals (key, real) SELECT "+cast+", i / 3.0 FROM n")
		count := func(q dovetail.Query[*eachValue]) (n int, last error) {
			for _, err := range q.Each(t.Context(), d.DB) {
				if last = err; err == nil {
					n++
				}
			}
			return n, last
		}
		if n, err := count(dovetail.Select(values)); n != 2200 || err != nil {
			t.Errorf("bytes: expected 2200 rows, got %d, %v", n, err)
		}
		n, err := count(dovetail.Select(values).OrderBy("real DESC"))
		if !d.Postgres() && (n != 2200 || err != nil) {
			t.Errorf("floats: expected 2200 rows, got %d, %v", n, err)
		}
		if d.Postgres() {
			kit.Refused(t, err, dovetail.ErrUnsupported, `"real"`, "float", "All and After")
		}
	})
}

// eachDecimal is a decimal that converts itself, and shows no more than two of its digits.
type eachDecimal struct{ text string }

func (d *eachDecimal) Scan(from any) error {
	d.text = fmt.Sprint(from)
	if i := strings.IndexByte(d.text, '.'); i >= 0 {
		d.text = d.text[:min(i+3, len(d.text))]
	}
	return nil
}

func (d eachDecimal) Value() (driver.Value, error) { return d.text, nil }

type eachPrice struct {
	ID    int64
	Price eachDecimal
	Least *eachDecimal
	Rough float64
}

// TestEachByDecimals orders by columns of decimal numbers, whose values are told to the last digit whatever their fields keep.
func TestEachByDecimals(t *testing.T) {
	t.Parallel()
	prices := dovetail.NewTable[eachPrice](dovetail.NewRegistry(), "prices", dovetail.Type("price", "NUMERIC(20, 6)"),
		dovetail.Type("least", "numeric"), dovetail.Type("rough", "decimal(30,15)"))
	test := func(t *testing.T, d kit.Database) {
		for name, q := range map[string]dovetail.Query[*eachPrice]{
			"up":       dovetail.Select(prices).OrderBy("price"),
			"down":     dovetail.Select(prices).OrderBy("price DESC", "rough"),
			"NULLs":    dovetail.Select(prices).OrderBy("least DESC NULLS LAST", "price"),
			"rough":    dovetail.Select(prices).OrderBy("rough"),
			"distinct": dovetail.Select(prices).Columns("id").Distinct().OrderBy("price"),
		} {
			want := kit.Pluck(kit.All(t, d.DB, q.Limit(5000)), func(p *eachPrice) int64 { return p.ID })
			var got []int64
			for row, err := range q.Each(t.Context(), d.DB) {
				if err != nil {
					t.Fatal(name, err)
				}
				got = append(got, row.ID)
			}
			kit.Equal(t, name, len(got), 2200)
			if !slices.Equal(got, want) {
				t.Errorf("%s: expected the rows of All, in its order", name)
			}
		}
	}
	ddl := func(rows string) string {
		return "CREATE TABLE prices (id BIGINT PRIMARY KEY, price NUMERIC(20, 6) NOT NULL, least NUMERIC, rough NUMERIC(30, 15) NOT NULL);" + rows
	}
	const rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2200) INSERT INTO prices (id, price, least, rough) " +
		"SELECT i, (i % 97) / 1000.0, CASE WHEN i % 3 = 0 THEN NULL ELSE (i % 7) / 8.0 END, 1 + (i % 1100) / 1000000000000.0 FROM n"
	kit.OnEach(t, ddl(rows), test)
}

// TestEachKeepsLittleInMemory goes through 300,000 rows, which would be some 40 MB at once.
func TestEachKeepsLittleInMemory(t *testing.T) {
	d := kit.SQLiteDB(t, models.ManyThings(300_000))
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, rows, most := live(), 0, uint64(0)
	for thing, err := range dovetail.Select(models.PageThings).Each(t.Context(), d.DB) {
		if err != nil {
			t.Fatal(err)
		}
		if rows++; thing.ID != int64(rows) {
			t.Fatalf("row %d is %d", rows, thing.ID)
		}
		if rows%50_000 == 0 {
			most = max(most, live())
		}
	}
	if rows != 300_000 || most > before+8<<20 {
		t.Errorf("%d rows: the heap grew from %d to %d bytes", rows, before, most)
	}
}

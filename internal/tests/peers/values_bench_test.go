package peers_test

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type benchOwner struct {
	ID   int64
	Name string
	N    int64 `db:"n,computed"`
	Kids []*benchKid
}

type benchKid struct{ ID, OwnerID, Size int64 }

// BenchmarkValues compares the ways to find owners by a value of their related rows, the same rows each: With, whose value is made
// once, of all rows or of each by a LATERAL join; the subquery written by hand wherever it is named; and a join with GroupBy.
func BenchmarkValues(b *testing.B) {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[benchOwner](r, "bench_owners")
	dovetail.HasMany(owners, "kids", dovetail.NewTable[benchKid](r, "bench_kids"), dovetail.ForeignKey("owner_id"))
	count := dovetail.Select(owners).With(dovetail.Count("kids").As("n"))
	grouped := dovetail.Select(owners).LeftJoin("kids").GroupBy("id").Column("count(kids.id) AS n")
	for _, index := range []bool{true, false} {
		b.Run(fmt.Sprintf("index=%t", index), func(b *testing.B) { benchValues(b, count, grouped, index) })
	}
}

// BenchmarkValuesOfAll compares a value that is made of all rows at once with the same made for each row, because a condition of which
// nothing is known stands beside it; and a page, which is made for each row.
func BenchmarkValuesOfAll(b *testing.B) {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[benchOwner](r, "bench_owners")
	dovetail.HasMany(owners, "kids", dovetail.NewTable[benchKid](r, "bench_kids"), dovetail.ForeignKey("owner_id"))
	count := dovetail.Select(owners).With(dovetail.Count("kids").As("n"))
	for _, index := range []bool{true, false} {
		for name, open := range map[string]func(testing.TB, string) kit.Database{"postgres": kit.PostgresPool, "sqlite": kit.SQLiteDB} {
			b.Run(fmt.Sprintf("%s/index=%t", name, index), func(b *testing.B) { benchValuesOfAll(b, count, open(b, ""), index) })
		}
	}
}

func benchValuesOfAll(b *testing.B, count dovetail.Query[*benchOwner], d kit.Database, index bool) {
	d.Exec(b, "CREATE TABLE bench_owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
	d.Exec(b, "CREATE TABLE bench_kids (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, size BIGINT NOT NULL)")
	d.Exec(b, "INSERT INTO bench_owners SELECT n, 'owner' FROM ("+d.Series("1600")+") AS s")
	d.Exec(b, "INSERT INTO bench_kids SELECT n, 1 + n * 7919 % 1600, n % 50 FROM ("+d.Series("3200")+") AS s")
	if index {
		d.Exec(b, "CREATE INDEX bench_kids_owner ON bench_kids (owner_id)")
	}
	d.Exec(b, "ANALYZE")
	for _, c := range []struct {
		name string
		q    dovetail.Query[*benchOwner]
	}{
		{"all", count}, {"filter", count.Where(sq.Gt{"n": 1})}, {"filter beside another", count.Where(sq.Gt{"n": 1}).Where(sq.Gt{"id": 0})},
		{"first 10 by it", count.OrderBy("n DESC").Limit(10)},
		{"page of 20", count.OrderBy("id").Limit(20)},
	} {
		b.Run(c.name+"/as planned", func(b *testing.B) { benchAll(b, d, c.q) })
		b.Run(c.name+"/each row", func(b *testing.B) { benchAll(b, d, c.q.Where("1 = 1")) })
	}
}

// benchValues runs the queries, with an index on the key of the related rows and without.
func benchValues(b *testing.B, count, grouped dovetail.Query[*benchOwner], index bool) {
	children := 200_000
	if !index {
		children = 5_000 // read whole for each owner
	}
	d := kit.PostgresPool(b, fmt.Sprintf(`CREATE TABLE bench_owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
		CREATE TABLE bench_kids (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, size BIGINT NOT NULL);
		INSERT INTO bench_owners SELECT i, 'owner ' || i FROM generate_series(1, 1000) i;
		INSERT INTO bench_kids SELECT i, 1 + floor(1000 * power(i * 0.6180339887 %% 1, 2))::int, i %% 50 FROM generate_series(1, %d) i;`, children))
	if index {
		d.Exec(b, "CREATE INDEX ON bench_kids (owner_id)")
	}
	d.Exec(b, "ANALYZE bench_owners")
	d.Exec(b, "ANALYZE bench_kids")
	few := children * 3 / 2000 // more than that have about one in nine owners, those with the lowest keys
	hand := func(rest string) string {
		const n = `(SELECT count(*) FROM bench_kids k WHERE k.owner_id = o.id)`
		return fmt.Sprintf(`SELECT o.id, o.name, %s AS n FROM bench_owners o `+strings.ReplaceAll(rest, "few", fmt.Sprint(few)), n, n)
	}
	having := fmt.Sprintf("count(kids.id) > %d", few)
	for _, c := range []struct {
		name          string
		once, grouped dovetail.Query[*benchOwner]
		twice         string
	}{
		{"filter", count.Where(sq.Gt{"n": few}).OrderBy("id"), grouped.Having(having).OrderBy("id"),
			hand(`WHERE %s > few ORDER BY o.id`)},
		{"filter and order", count.Where(sq.Gt{"n": few}).OrderBy("n", "id"), grouped.Having(having).OrderBy("n", "id"),
			hand(`WHERE %s > few ORDER BY n, o.id`)},
		{"filter, limit 10", count.Where(sq.Gt{"n": few}).OrderBy("id").Limit(10),
			grouped.Having(having).OrderBy("id").Limit(10), hand(`WHERE %s > few ORDER BY o.id LIMIT 10`)},
		{"other filter too", count.Where(sq.Gt{"n": few}).Where(sq.Lt{"id": 50}).OrderBy("id"),
			grouped.Where(sq.Lt{"id": 50}).Having(having).OrderBy("id"), hand(`WHERE %s > few AND o.id < 50 ORDER BY o.id`)},
		{"one or the other, limit 10", count.Where(sq.Or{sq.Lt{"id": 990}, sq.Gt{"n": few}}).OrderBy("name").Limit(10),
			grouped.Having("bench_owners.id < 990 OR " + having).OrderBy("name").Limit(10),
			hand(`WHERE o.id < 990 OR %s > few ORDER BY o.name LIMIT 10`)},
	} {
		name := c.name + "/"
		b.Run(name+"once", func(b *testing.B) { benchAll(b, d, c.once) })
		b.Run(name+"twice", func(b *testing.B) {
			for b.Loop() {
				runBench(b, d, c.twice)
			}
		})
		b.Run(name+"grouped", func(b *testing.B) { benchAll(b, d, c.grouped) })
	}
}

func benchAll(b *testing.B, d kit.Database, q dovetail.Query[*benchOwner]) {
	for b.Loop() {
		if _, err := q.All(b.Context(), d.DB); err != nil {
			b.Fatal(err)
		}
	}
}

// runBench runs hand-written SQL and reads the rows.
func runBench(b *testing.B, d kit.Database, sql string) {
	err := d.DB.Run(b.Context(), []dialect.Statement{{SQL: sql}}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var o benchOwner
			if err := rows.Scan(&o.ID, &o.Name, &o.N); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		b.Fatal(err)
	}
}

package reads_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Countries and cities, whose tables have singular names, and relations the names of tables.

type country struct {
	Code      string
	CapitalID *int64
	N         int64   `db:"n,computed"`
	Top       int64   `db:"top,computed"`
	Cities    []*city `rel:"city"`
	Capital   *city
	Latest    *city
}

type city struct {
	ID          int64
	CountryCode string
	Population  int64
	Country     *country
}

const countryDDL = `CREATE TABLE country (code TEXT PRIMARY KEY, capital_id BIGINT);
CREATE TABLE city (id BIGINT PRIMARY KEY, country_code TEXT NOT NULL, population BIGINT NOT NULL);
INSERT INTO country VALUES ('a', 1), ('b', 3);
INSERT INTO city VALUES (1, 'a', 10), (2, 'a', 20), (3, 'b', 5)`

func onCountries(t *testing.T, test func(t *testing.T, d kit.Database, countries *dovetail.Table[country], cities *dovetail.Table[city])) {
	for name, open := range map[string]func(testing.TB, string) kit.Database{"postgres": kit.PostgresPool, "sqlite": kit.SQLiteDB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			countries := dovetail.NewTable[country](r, "country", dovetail.PrimaryKey("code"))
			cities := dovetail.NewTable[city](r, "city")
			dovetail.HasMany(countries, "city", cities, dovetail.ForeignKey("country_code"), dovetail.Inverse("country"))
			dovetail.BelongsTo(countries, "capital", cities, dovetail.ForeignKey("capital_id"))
			dovetail.HasOne(countries, "latest", cities, dovetail.ForeignKey("country_code"))
			test(t, open(t, countryDDL), countries, cities)
		})
	}
}

func countryCode(c *country) string { return c.Code }

// A name that may be a relation of the inner query, or the table of the one around, is refused, within an aggregate of the latter too.
func TestATableAroundIsNoRelationOfWhatIsSelected(t *testing.T) {
	t.Parallel()
	onCountries(t, func(t *testing.T, d kit.Database, countries *dovetail.Table[country], cities *dovetail.Table[city]) {
		number := dovetail.Select(cities).Columns().Column("count(*)")
		all := dovetail.Select(countries).Columns()
		for _, text := range []string{"sum((?)) AS n", "(?) AS n"} {
			_, err := dovetail.Collect[int64](t.Context(), d.DB, all.Column(text, number.Where("city.country_code = country.code")))
			kit.Refused(t, err, dovetail.ErrAmbiguous, `"outer.code"`, `"self.country.code"`)
		}
		of := number.Where("city.country_code = outer.code")
		kit.Same(t, "the sum", kit.Collect[int64](t, d.DB, all.Column("sum((?)) AS n", of)), 3)
		kit.Same(t, "of each", kit.Collect[int64](t, d.DB, all.Column("(?) AS n", of).OrderBy("code")), 2, 1)
	})
}

// A test of rows below those that are joined is refused where the joined row could be meant; both meanings have totals of their own.
func TestHasBelowWhatIsJoinedAndGrouped(t *testing.T) {
	t.Parallel()
	onCountries(t, func(t *testing.T, d kit.Database, countries *dovetail.Table[country], _ *dovetail.Table[city]) {
		total := func(q dovetail.Query[*country]) []int64 {
			return kit.Collect[int64](t, d.DB, q.Columns().Column("sum(city.population) AS n").GroupBy("code").OrderBy("code"))
		}
		capital := sq.Expr("capital_id = outer.id")
		below := dovetail.Select(countries).Join("city").Where(dovetail.Has("city.country", capital))
		_, err := dovetail.Collect[int64](t.Context(), d.DB, below.Columns().Column("sum(city.population) AS n").GroupBy("code"))
		kit.Refused(t, err, dovetail.ErrAmbiguous, `"city.country"`, `Join("city", `)
		kit.Same(t, "of the joined", total(dovetail.Select(countries).Join("city", dovetail.Has("country", capital))), 10, 5)
		kit.Same(t, "of those that have one", total(dovetail.Select(countries).Join("city").Has("capital", sq.Gt{"population": 5})), 30)
	})
}

// A relation to one row of which there are several is as many rows where it is joined, any of which a condition is met by.
func TestSeveralRowsOfAHasOneAreJoined(t *testing.T) {
	t.Parallel()
	onCountries(t, func(t *testing.T, d kit.Database, countries *dovetail.Table[country], _ *dovetail.Table[city]) {
		q := dovetail.Select(countries).OrderBy("code")
		n, err := q.Join("latest").Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Same(t, "joined", []int64{n}, 3)
		for population, want := range map[int64]string{10: "a", 20: "a", 5: "b"} {
			kit.Same(t, "named", kit.Pluck(kit.All(t, d.DB, q.Where(sq.Eq{"latest.population": population})), countryCode), want)
		}
		_, err = q.Preload("latest").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrTooManyRows, "latest")
	})
}

// A value of With stands beside a column of a to-one row in SQL text, as in a map.
func TestAValueBesideAColumnOfAToOneRow(t *testing.T) {
	t.Parallel()
	onCountries(t, func(t *testing.T, d kit.Database, countries *dovetail.Table[country], _ *dovetail.Table[city]) {
		q := dovetail.Select(countries).With(dovetail.Max("city.population").As("top"))
		for _, pred := range []any{"top > capital.population", sq.Gt{"top": dovetail.Col("capital.population")}} {
			rows := kit.All(t, d.DB, q.Where(pred))
			kit.Same(t, "rows", kit.Pluck(rows, countryCode), "a")
			kit.Same(t, "values", kit.Pluck(rows, func(c *country) int64 { return c.Top }), 20)
		}
	})
}

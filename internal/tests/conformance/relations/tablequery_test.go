package relations_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type tqCountry struct {
	Code       string
	Name       string
	Neighbours []*tqCountry
	Visits     []*tqVisit
	Busiest    []*tqDay
}

type tqNeighbour struct {
	Country, Neighbour string
	Length             int64
}

type tqVisit struct {
	ID      int64
	Country string
	Day     time.Time
	Guests  int64
}

type tqDay struct {
	Country string
	Day     time.Time
	Guests  int64
	Of      *tqCountry
}

const tableQueryDDL = `CREATE TABLE tq_countries (code VARCHAR(4) NOT NULL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE tq_borders (country1 VARCHAR(4) NOT NULL, country2 VARCHAR(4) NOT NULL, length BIGINT NOT NULL, PRIMARY KEY (country1, country2));
CREATE TABLE tq_visits (id BIGINT NOT NULL PRIMARY KEY, country VARCHAR(4) NOT NULL REFERENCES tq_countries, day DATE NOT NULL, guests BIGINT NOT NULL);
CREATE INDEX tq_visits_country ON tq_visits (country);
INSERT INTO tq_countries VALUES ('F', 'France'), ('D', 'Germany'), ('B', 'Belgium'), ('1', 'Nowhere');
INSERT INTO tq_borders VALUES ('D', 'F', 418), ('B', 'F', 620), ('B', 'D', 133);
INSERT INTO tq_visits VALUES (1, 'F', '2024-05-01', 3), (2, 'F', '2024-05-01', 4), (3, 'F', '2024-05-02', 5), (4, 'D', '2024-05-02', 6);
`

type tableQueries struct {
	registry   *dovetail.Registry
	countries  *dovetail.Table[tqCountry]
	neighbours *dovetail.Table[tqNeighbour]
	days       *dovetail.Table[tqDay]
	between    *dovetail.ToMany[*tqCountry, *tqCountry]
	busiest    *dovetail.ToMany[*tqCountry, *tqDay]
}

// newTableQueries has a join table and a related one that are queries.
func newTableQueries() tableQueries {
	r := dovetail.NewRegistry()
	q := tableQueries{registry: r}
	q.countries = dovetail.NewTable[tqCountry](r, "tq_countries", dovetail.PrimaryKey("code"))
	visits := dovetail.NewTable[tqVisit](r, "tq_visits", dovetail.AssignedKey())
	dovetail.HasMany(q.countries, "visits", visits, dovetail.ForeignKey("country"))
	q.neighbours = dovetail.NewTable[tqNeighbour](r, "tq_neighbours", dovetail.PrimaryKey("country", "neighbour"), dovetail.As(
		"SELECT country1 AS country, country2 AS neighbour, length FROM tq_borders UNION ALL SELECT country2, country1, length FROM tq_borders -- both ways"))
	q.between = dovetail.ManyToMany(q.countries, "neighbours", q.countries, q.neighbours, dovetail.ThroughKeys("country", "neighbour"))
	q.days = dovetail.NewTable[tqDay](r, "tq_days", dovetail.PrimaryKey("country", "day"),
		dovetail.As("SELECT country, day, sum(guests) AS guests FROM tq_visits GROUP BY country, day"))
	q.busiest = dovetail.HasMany(q.countries, "busiest", q.days, dovetail.ForeignKey("country"), dovetail.OrderBy("guests DESC"), dovetail.Inverse("of"))
	return q
}

// TestATableThatIsAQuery reads it as a root, a related and a join table.
func TestATableThatIsAQuery(t *testing.T) {
	t.Parallel()
	q := newTableQueries()
	kit.OnEach(t, tableQueryDDL, func(t *testing.T, d kit.Database) {
		names := func(list []*tqCountry) string {
			return strings.Join(kit.Pluck(list, func(c *tqCountry) string { return c.Name }), " ")
		}
		rec := d.Forgetful().Record()
		all := dovetail.Select(q.countries).OrderBy("name")
		got := kit.All(t, rec, all.Preload("neighbours", dovetail.Select(q.countries).OrderBy("link.length")))
		rec.Expect(t, 2+rec.Lookups(), 2)
		kit.Same(t, "past a query", kit.Pluck(got, func(c *tqCountry) string { return c.Code + ": " + names(c.Neighbours) }),
			"B: Germany France", "F: Germany Belgium", "D: Belgium France", "1: ")
		got = kit.All(t, d.DB, all.Preload("busiest", dovetail.Select(q.days).Limit(1)))
		kit.Same(t, "one for each owner", kit.Pluck(got, func(c *tqCountry) int { return len(c.Busiest) }), 0, 1, 1, 0)
		kit.Same(t, "the busiest", []any{got[1].Busiest[0].Guests, got[1].Busiest[0].Day.Format(time.DateOnly)}, any(int64(7)), any("2024-05-01"))

		kit.Equal(t, "has", names(kit.All(t, d.DB, all.Has("neighbours", squirrel.Eq{"link.length": 418}))), "France Germany")
		kit.Equal(t, "joined", names(kit.All(t, d.DB, all.Join("busiest").Where(squirrel.Gt{"busiest.guests": 5}).Distinct())), "France Germany")
		counted := all.With(dovetail.Count("neighbours").As("n"), dovetail.Sum("busiest.guests").As("guests")).Columns("name").Where(squirrel.Gt{"n": 1})
		type row struct {
			Name   string
			N      int64
			Guests *int64
		}
		counts := kit.Collect[row](t, d.DB, counted)
		kit.Same(t, "with", kit.Pluck(counts, func(r row) string { return r.Name }), "Belgium", "France", "Germany")
		kit.Same(t, "sums", []int64{*counts[1].Guests, *counts[2].Guests, counts[0].N}, 12, 6, 2)

		days := kit.All(t, d.DB, dovetail.Select(q.days).Preload("of").OrderBy("day", "country"))
		kit.Same(t, "as a root", kit.Pluck(days, func(d *tqDay) string { return d.Of.Name }), "France", "Germany", "France")
		again := kit.All(t, d.DB, dovetail.Select(q.days).Where(squirrel.Eq{"day": days[0].Day}))
		kit.Equal(t, "by a time that was read", len(again), 1)
		one := kit.Must[*tqDay](t)(dovetail.Select(q.days).Fetch("of").Get(t.Context(), d.DB, "F", days[2].Day))
		kit.Equal(t, "by its key", one.Of.Name, "France")
		one.Guests = 0
		kit.NoError(t, dovetail.Refresh(t.Context(), d.DB, q.days, one))
		kit.Equal(t, "refreshed", one.Guests, 5)
		kit.Equal(t, "findings", kit.ListFindings(kit.MustFind(t, q.registry, d.DB)), "")
	})
}

// TestNothingIsWrittenToAQuery refuses every write to it, or along a relation whose key it has, before anything is sent.
func TestNothingIsWrittenToAQuery(t *testing.T) {
	t.Parallel()
	q := newTableQueries()
	ctx, silent := t.Context(), kit.Silent{TB: t}
	day, country := &tqDay{Country: "F"}, &tqCountry{Code: "F", Busiest: []*tqDay{{Country: "F"}}}
	_, updated := dovetail.Update(q.days).Set("guests", 1).All().Exec(ctx, silent)
	_, deleted := dovetail.Delete(q.days).All().Exec(ctx, silent)
	rows := dovetail.DeleteRows(ctx, silent, q.days, day)
	_, linked := q.between.Link(ctx, silent, country, country)
	_, unlinked := q.busiest.UnlinkAll(ctx, silent, country)
	_, replaced := q.busiest.Replace(ctx, silent, country, day)
	for what, err := range map[string]error{
		"insert": dovetail.Insert(q.days, day).Exec(ctx, silent), "insert along": dovetail.Insert(q.countries, country).With("busiest").Exec(ctx, silent),
		"upsert": dovetail.Upsert(q.days, day).OnConflict("day").Set("guests").Exec(ctx, silent), "save": dovetail.Save(ctx, silent, q.days, day, "guests"),
		"update": updated, "delete": deleted, "delete rows": rows, "link": linked, "unlink": unlinked, "replace": replaced,
	} {
		t.Run(what, func(t *testing.T) { kit.Refused(t, err, dovetail.ErrInvalidRelation, "is a query, declared with As") })
	}
}

// TestDeclarationsOfQueries tells mistakes in them.
func TestDeclarationsOfQueries(t *testing.T) {
	t.Parallel()
	for words, options := range map[string][]dovetail.TableOption{
		"leave OnDelete and DeleteOrphans out": {dovetail.As("SELECT 1")},
		"As and Schema do not go together":     {dovetail.As("SELECT 1"), dovetail.Schema("s")},
		"the SQL is no SELECT":                 {dovetail.As("tq_days")},
		"1 placeholder(s)":                     {dovetail.As("SELECT ?")},
		"the SQL text is empty":                {dovetail.As(" ")},
		"semicolon":                            {dovetail.As("SELECT 1; x")},
	} {
		t.Run(words, func(t *testing.T) {
			err := kit.Declared(func(r *dovetail.Registry) {
				countries := dovetail.NewTable[tqCountry](r, "tq_countries", dovetail.PrimaryKey("code"))
				days := dovetail.NewTable[tqDay](r, "tq_days", append(options, dovetail.PrimaryKey("country", "day"))...)
				dovetail.HasMany(countries, "busiest", days, dovetail.ForeignKey("country"), dovetail.OnDelete(dovetail.Cascade), dovetail.Inverse("of"))
			})
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("expected %q, got %v", words, err)
			}
		})
	}
}

// TestCheckRunsQueries finds a column that a query does not give.
func TestCheckRunsQueries(t *testing.T) {
	t.Parallel()
	type day struct {
		Country string
		Day     time.Time
		Guests  int64
	}
	r := dovetail.NewRegistry()
	dovetail.NewTable[day](r, "tq_days", dovetail.PrimaryKey("country", "day"), dovetail.As("SELECT country, day FROM tq_visits"))
	kit.OnEach(t, tableQueryDDL, func(t *testing.T, d kit.Database) {
		kit.Equal(t, "findings", strings.TrimSpace(kit.ListFindings(kit.MustFind(t, r, d.DB))),
			`error: table "tq_days": its query gives no column "guests", which is declared (int64)`)
	})
}

// TestNumbersOfQueriesAreNumbers compares and orders decimals that a query makes as those of a column, in every place.
func TestNumbersOfQueriesAreNumbers(t *testing.T) {
	t.Parallel()
	type total struct {
		Code   string
		Amount string
	}
	type payer struct {
		Code   string
		Totals []*total
	}
	r := dovetail.NewRegistry()
	payers := dovetail.NewTable[payer](r, "tq_payers", dovetail.PrimaryKey("code"))
	totals := dovetail.NewTable[total](r, "tq_totals", dovetail.PrimaryKey("code"), dovetail.Type("amount", "numeric"),
		dovetail.As("SELECT code, sum(amount) AS amount FROM tq_payments GROUP BY code"))
	dovetail.HasMany(payers, "totals", totals, dovetail.ForeignKey("code"))
	kit.OnEach(t, `CREATE TABLE tq_payers (code VARCHAR(4) NOT NULL PRIMARY KEY);
CREATE TABLE tq_payments (code VARCHAR(4) NOT NULL, amount NUMERIC(12, 2) NOT NULL);
INSERT INTO tq_payers VALUES ('a'), ('b'), ('c');
INSERT INTO tq_payments VALUES ('a', 2), ('a', 3), ('b', 50), ('c', 499.5), ('c', 0.5);`, func(t *testing.T, d kit.Database) {
		codes := func(list []*total) string {
			return strings.Join(kit.Pluck(list, func(x *total) string { return x.Code }), "")
		}
		q := dovetail.Select(totals).OrderBy("code")
		for _, c := range []struct {
			want string
			q    dovetail.Query[*total]
		}{
			{"b", q.Where(squirrel.Eq{"amount": "50"})}, {"a", q.Where(squirrel.Lt{"amount": "50"})}, {"c", q.Where(squirrel.Gt{"amount": "50"})},
			{"ac", q.Where(squirrel.Eq{"amount": []string{"5", "500"}})}, {"ab", q.Where("amount <= ?", "50")}, {"c", q.Where(squirrel.Gt{"amount": 50.5})},
			{"ab", q.Where(dovetail.NotEqOrNull{"amount": "500"})},
		} {
			kit.Equal(t, "codes", codes(kit.All(t, d.DB, c.q)), c.want)
		}
		byAmount, seen := dovetail.Select(totals).OrderBy("amount DESC").Limit(1), ""
		for page := kit.All(t, d.DB, byAmount); len(page) > 0 && len(seen) < 9; {
			seen += page[0].Code
			page = kit.All(t, d.DB, byAmount.After(kit.Must[[]any](t)(byAmount.Position(page[0]))...))
		}
		kit.Equal(t, "pages", seen, "cba")
		n, err := dovetail.Select(payers).Has("totals", squirrel.Gt{"amount": "9"}).Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "has", n, 2)
		n, err = dovetail.Select(payers).With(dovetail.Max("totals.amount").As("m")).Where(squirrel.Lt{"m": "9"}).Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "with", n, 1)
	})
}

// asKeyed is a row of a query with a key of any type.
type asKeyed[K any] struct {
	ID   int64
	K    K
	Kids []*asKeyedKid[K]
}

type asKeyedKid[K any] struct {
	ID int64
	K  K
}

// TestQueriesAreRelatedByKeysOfAnyType preloads between two queries by keys that Go does not compare as the database does.
func TestQueriesAreRelatedByKeysOfAnyType(t *testing.T) {
	t.Parallel()
	const ddl = `CREATE TABLE ak_rows (id BIGINT PRIMARY KEY, c CHAR(4), n NUMERIC(8, 2), d DATE, b BOOLEAN, v VARCHAR(4), f DOUBLE PRECISION);
INSERT INTO ak_rows VALUES (1, 'a', 1.5, '2024-03-01', TRUE, 'x', 0.5), (2, 'bb', 2, '2024-03-02', FALSE, 'y', 2.25), (3, NULL, NULL, NULL, NULL, NULL, NULL);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		relatedQueries[*string](t, d, "c")
		relatedQueries[*string](t, d, "n")
		relatedQueries[*time.Time](t, d, "d")
		relatedQueries[*bool](t, d, "b")
		relatedQueries[*string](t, d, "v")
		relatedQueries[*float64](t, d, "f")
	})
}

func relatedQueries[K any](t *testing.T, d kit.Database, column string) {
	t.Helper()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[asKeyed[K]](r, "owners", dovetail.As("SELECT id, "+column+" AS k FROM ak_rows"))
	kids := dovetail.NewTable[asKeyedKid[K]](r, "kids", dovetail.As("SELECT id * 10 AS id, "+column+" AS k FROM ak_rows"))
	dovetail.NewTable[struct{ ID int64 }](r, "broken", dovetail.As("SELECT id FROM ak_nowhere"))
	dovetail.HasMany(owners, "kids", kids, dovetail.ForeignKey("k"), dovetail.References("k"))
	rows, err := dovetail.Select(owners).Preload("kids").OrderBy("id").All(t.Context(), d.DB)
	if err != nil {
		t.Errorf("%s: %v", column, err)
		return
	}
	got := kit.Pluck(rows, func(o *asKeyed[K]) string {
		return fmt.Sprint(o.ID, kit.Pluck(o.Kids, func(k *asKeyedKid[K]) int64 { return k.ID }))
	})
	kit.Equal(t, column, fmt.Sprint(got), "[1 [10] 2 [20] 3 []]")
}

// TestQueriesAreRelatedByConditions relates a query by On, and refuses to lock its rows.
func TestQueriesAreRelatedByConditions(t *testing.T) {
	t.Parallel()
	type around struct{ Code, Label string }
	type country struct {
		Code   string
		Name   string
		Labels []*around
	}
	r := dovetail.NewRegistry()
	countries := dovetail.NewTable[country](r, "tq_countries", dovetail.PrimaryKey("code"))
	labels := dovetail.NewTable[around](r, "tq_labels", dovetail.PrimaryKey("code"), dovetail.As("SELECT code, code || name AS label FROM tq_countries"))
	dovetail.HasMany(countries, "labels", labels, dovetail.On("self.label LIKE outer.code || '%'"))
	kit.OnEach(t, tableQueryDDL, func(t *testing.T, d kit.Database) {
		got := kit.All(t, d.DB, dovetail.Select(countries).Preload("labels").OrderBy("code"))
		kit.Same(t, "labels", kit.Pluck(got, func(c *country) string {
			return strings.Join(kit.Pluck(c.Labels, func(l *around) string { return l.Label }), " ")
		}), "1Nowhere", "BBelgium", "DGermany", "FFrance")
		_, err := dovetail.Select(labels).ForUpdate().All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, `ForUpdate: "tq_labels" is a query`)
	})
}

// TestCheckGoesOnBehindAQueryThatFails finds what is missing beside it too.
func TestCheckGoesOnBehindAQueryThatFails(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		findings := kit.ListFindings(kit.MustFind(t, newTableQueries().registry, d.DB))
		for _, want := range []string{`table "tq_countries": the database has no such table`, `table "tq_days": its query cannot be run`} {
			if !strings.Contains(findings, want) {
				t.Errorf("expected %q in %s", want, findings)
			}
		}
	})
}

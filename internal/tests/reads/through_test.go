package reads_test

import (
	"reflect"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Tests and values over relations along others: the films that a buyer has rented, by way of copies.

type filmBuyer struct {
	ID     int64
	Rents  []*filmRent
	Visits []*filmVisit
	Films  []*film
}

type filmRent struct {
	ID      int64
	BuyerID int64
	CopyID  int64
	Copy    *filmCopy
}

type filmCopy struct {
	ID     int64
	FilmID int64
	ShopID int64
	Film   *film
}

type film struct {
	ID      int64
	Minutes int64
	Notes   []*filmNote
}

// filmNote has no primary key.
type filmNote struct {
	FilmID int64
	Text   string
}

type filmShop struct {
	ID     int64
	Copies []*filmCopy
}

// filmVisit has no primary key.
type filmVisit struct {
	BuyerID int64
	ShopID  int64
	Shop    *filmShop
	Films   []*film
}

func filmBuyers() *dovetail.Table[filmBuyer] {
	r := dovetail.NewRegistry()
	buyers := dovetail.NewTable[filmBuyer](r, "buyers")
	rents := dovetail.NewTable[filmRent](r, "rents")
	copies := dovetail.NewTable[filmCopy](r, "copies", dovetail.Scope("positive", sq.Gt{"id": 0}))
	films := dovetail.NewTable[film](r, "films", dovetail.Scope("positive", sq.Gt{"minutes": 0}))
	shops := dovetail.NewTable[filmShop](r, "shops")
	visits := dovetail.NewTable[filmVisit](r, "visits")
	dovetail.HasMany(buyers, "rents", rents, dovetail.ForeignKey("buyer_id"))
	dovetail.HasMany(buyers, "visits", visits, dovetail.ForeignKey("buyer_id"))
	dovetail.BelongsTo(rents, "copy", copies, dovetail.ForeignKey("copy_id"))
	dovetail.BelongsTo(copies, "film", films, dovetail.ForeignKey("film_id"))
	dovetail.BelongsTo(visits, "shop", shops, dovetail.ForeignKey("shop_id"))
	dovetail.HasMany(shops, "copies", copies, dovetail.ForeignKey("shop_id"))
	notes := dovetail.NewTable[filmNote](r, "notes")
	dovetail.HasMany(films, "notes", notes, dovetail.ForeignKey("film_id"))
	dovetail.HasManyThrough(buyers, "films", films, "rents.copy.film")
	dovetail.HasManyThrough(visits, "films", films, "shop.copies.film")
	return buyers
}

const filmDDL = `
CREATE TABLE buyers (id bigint PRIMARY KEY);
CREATE TABLE films (id bigint PRIMARY KEY, minutes bigint NOT NULL);
CREATE TABLE notes (film_id bigint NOT NULL, text text NOT NULL);
CREATE TABLE shops (id bigint PRIMARY KEY);
CREATE TABLE copies (id bigint PRIMARY KEY, film_id bigint NOT NULL, shop_id bigint NOT NULL);
CREATE TABLE rents (id bigint PRIMARY KEY, buyer_id bigint NOT NULL, copy_id bigint NOT NULL);
CREATE TABLE visits (buyer_id bigint NOT NULL, shop_id bigint NOT NULL);
`

// filmRows: buyer 1 has rented film 1 twice and film 2, buyer 2 film 1 twice, buyer 3 none; visits come twice too. Copy -1 and
// film 3 are out of their scopes.
const filmRows = `
INSERT INTO buyers VALUES (1), (2), (3);
INSERT INTO films VALUES (1, 90), (2, 100), (3, 0);
INSERT INTO notes VALUES (1, 'good'), (1, 'good'), (3, 'short');
INSERT INTO shops VALUES (1), (2);
INSERT INTO copies VALUES (1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 2, 2), (5, 3, 1), (6, 3, 2), (-1, 1, 2);
INSERT INTO rents VALUES (1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 2, 1), (5, 2, 2), (6, 1, 5), (7, 3, -1);
INSERT INTO visits VALUES (1, 1), (1, 1), (2, 2);
`

func TestThroughIsTestedAndCountedOncePerRow(t *testing.T) {
	t.Parallel()
	buyers := filmBuyers()
	all := dovetail.Select(buyers).OrderBy("id")
	kit.OnEach(t, filmDDL+filmRows, func(t *testing.T, d kit.Database) {
		for _, c := range []struct {
			name string
			q    dovetail.Query[*filmBuyer]
			want []int64
		}{
			{"has", all.Has("films"), []int64{1, 2}},
			{"has, by a condition", all.Has("films", sq.Gt{"minutes": 95}), []int64{1}},
			{"has none", all.HasNone("films", sq.Gt{"minutes": 95}), []int64{2, 3}},
			{"has every", all.HasEvery("films", sq.Lt{"minutes": 95}), []int64{2, 3}},
			{"has all", all.HasAll("films", 1, 2), []int64{1}},
			{"at least two", all.HasAtLeast(2, "films"), []int64{1}},
			{"at least two of one", all.HasAtLeast(2, "films", sq.Eq{"minutes": 90}), nil},
			{"at least three", all.HasAtLeast(3, "films"), nil},
			{"below a row without a key", all.HasAtLeast(4, "visits.films"), []int64{1}},
			{"below a row without a key, more", all.HasAtLeast(5, "visits.films"), nil},
			{"rows without a key below", all.HasAtLeast(2, "films.notes"), []int64{1, 2}},
			{"rows without a key below, more", all.HasAtLeast(3, "films.notes"), nil},
			{"exists below a row without a key", all.Has("visits.films", sq.Eq{"minutes": 100}), []int64{1, 2}},
		} {
			kit.Same(t, c.name, kit.Pluck(kit.All(t, d.DB, c.q), func(b *filmBuyer) int64 { return b.ID }), c.want...)
		}
	})
}

func TestThroughIsSummedOncePerRow(t *testing.T) {
	t.Parallel()
	type row struct {
		N, Below, Notes    int64
		Sum, Min, Max, All *int64
		Avg                *float64
		First              *int64
		Any                bool
		Of, Far, Lengths   *int64
	}
	q := dovetail.Select(filmBuyers()).Columns().OrderBy("id").With(
		dovetail.Count("films").As("n"), dovetail.Count("visits.films").As("below"),
		dovetail.Count("films.notes").As("notes"),
		dovetail.Sum("films.minutes").As("sum"), dovetail.Min("films.minutes").As("min"), dovetail.Max("films.minutes").As("max"),
		dovetail.Sum("visits.films.minutes").As("all"), dovetail.Avg("films.minutes").As("avg"),
		dovetail.FirstOf("films.minutes").OrderBy("minutes DESC").As("first"), dovetail.Exists("films").As("any"),
		dovetail.Sum("films").Of("self.minutes * 2").As("of"), dovetail.Sum("visits.films").Of("self.minutes + 0").As("far"),
		dovetail.Count("visits.films").Of("minutes").Distinct().As("lengths"),
	)
	kit.OnEach(t, filmDDL+filmRows, func(t *testing.T, d kit.Database) {
		got := kit.Collect[row](t, d.DB, q)
		want := []row{
			{2, 4, 2, ptr(int64(190)), ptr(int64(90)), ptr(int64(100)), ptr(int64(380)), ptr(95.0), ptr(int64(100)), true,
				ptr(int64(380)), ptr(int64(380)), ptr(int64(2))},
			{1, 1, 2, ptr(int64(90)), ptr(int64(90)), ptr(int64(90)), ptr(int64(100)), ptr(90.0), ptr(int64(90)), true, ptr(int64(180)), ptr(int64(100)), ptr(int64(1))},
			{0, 0, 0, nil, nil, nil, nil, nil, nil, false, nil, nil, ptr(int64(0))},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("expected %+v, got %+v", want, got)
		}
	})
}

// TestThroughIsASemiJoin: a test for rows at the end of a path is planned once for all owners, not once for each.
func TestThroughIsASemiJoin(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, filmDDL+`
INSERT INTO buyers SELECT g FROM generate_series(1, 2000) g;
INSERT INTO films SELECT g, g % 200 FROM generate_series(1, 500) g;
INSERT INTO copies SELECT g, 1 + g % 500, 1 FROM generate_series(1, 1000) g;
INSERT INTO rents SELECT g, 1 + g % 2000, 1 + g % 1000 FROM generate_series(1, 20000) g;
ANALYZE;`)
	all := dovetail.Select(filmBuyers())
	for name, q := range map[string]dovetail.Query[*filmBuyer]{
		"Has":      all.Has("films", sq.Eq{"minutes": 7}),
		"HasNone":  all.HasNone("films", sq.Eq{"minutes": 7}),
		"HasEvery": all.HasEvery("films", sq.Gt{"minutes": 7}),
		"HasAll":   all.HasAll("films", 1, 2),
	} {
		sql, args, err := q.SQL(d.DB.Dialect())
		if err != nil {
			t.Fatal(err)
		}
		lines, err := kit.SQL[string](t.Context(), d.DB, "EXPLAIN "+sql, args...)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(lines, "\n"); !strings.Contains(text, "Join") || strings.Contains(text, "SubPlan") {
			t.Errorf("%s: expected a join of the tables on the way, got\n%s\nof\n%s", name, text, sql)
		}
	}
}

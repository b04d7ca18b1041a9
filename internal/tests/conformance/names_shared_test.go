package conformance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestRelationsNamedLikeColumns has relations with the names of columns, the foreign key's own among them, in every place where a
// name can be the one or the other.
func TestRelationsNamedLikeColumns(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.NamedDDL, func(t *testing.T, d kit.Database) {
		t.Run("conditions", func(t *testing.T) { testSharedConditions(t, d) })
		t.Run("results", func(t *testing.T) { testSharedResults(t, d) })
		t.Run("loads", func(t *testing.T) { testSharedLoads(t, d) })
	})
	kit.OnEach(t, "", testSharedWrites)
}

func cityName(c *models.City) string { return c.Name }

// cityNames returns those that the query selects.
func cityNames(t *testing.T, d kit.Database, q dovetail.Query[*models.City]) string {
	t.Helper()
	names := kit.Pluck(kit.All(t, d.DB, q), cityName)
	slices.Sort(names)
	return strings.Join(names, " ")
}

func testSharedConditions(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Cities)
	for what, test := range map[string]struct {
		query dovetail.Query[*models.City]
		want  string
	}{
		"column":              {q.Where(squirrel.Eq{"country": "fr"}), "Metz Paris"},
		"path":                {q.Where(squirrel.Eq{"country.name": "France"}), "Metz Paris"},
		"both":                {q.Where(squirrel.Eq{"country": "de", "country.capital": dovetail.Col("id")}), "Berlin"},
		"the column is NULL":  {q.Where(squirrel.Eq{"twin": nil}), "Bonn Metz"},
		"two steps":           {q.Where(squirrel.Eq{"twin.country.name": "France", "twin.twin": dovetail.Col("id")}), "Berlin"},
		"self":                {q.Where(squirrel.Eq{"self.country": dovetail.Col("self.nation")}), "Berlin Bonn Paris"},
		"self and a path":     {q.Where(squirrel.NotEq{"self.country.code": dovetail.Col("self.nation.code")}), "Metz"},
		"text":                {q.Where("country <> nation"), "Metz"},
		"text and a path":     {q.Where("country = ? AND country.name = ?", "de", "Germany"), "Berlin Bonn"},
		"text beside a join":  {q.Join("country").Where("country = ? AND country.capital = city.id", "de"), "Berlin"},
		"text in parentheses": {q.Join("country").Where("(country) IN (?, ?) AND twin IS NULL", "de", "fr"), "Bonn Metz"},
		"on":                  {q.Join("country", squirrel.Eq{"capital": dovetail.Col("outer.id")}, squirrel.Expr("outer.country = self.code")), "Berlin Paris"},
		"has":                 {q.Has("country", squirrel.Eq{"capital": nil}), ""},
		"has and around":      {q.Has("twin", squirrel.NotEq{"country": dovetail.Col("outer.country")}), "Berlin Paris"},
		"has in has": {q.Has("country", dovetail.Has("capital", squirrel.Eq{"country": dovetail.Col("outer.outer.country"),
			"self.country.code": dovetail.Col("outer.code")})), "Berlin Bonn Metz Paris"},
		"through":           {q.Has("spoken", squirrel.Eq{"name": "Breton", "country": dovetail.Col("outer.country")}), "Metz Paris"},
		"aggregate":         {q.With(dovetail.Count("twins").Where("country <> outer.country").As("n")).Where(squirrel.Gt{"n": 0}), "Berlin Paris"},
		"a value of a path": {q.With(dovetail.Max("country.capital").As("n")).Where(squirrel.Eq{"n": 3}), "Metz Paris"},
		"a query": {q.Where(squirrel.Eq{"id": dovetail.Select(models.Countries).Columns("capital").
			Where("capital.country = code AND capital = outer.id")}), "Berlin Paris"},
		"a SELECT of one's own": {q.Where("EXISTS (SELECT 1 FROM country WHERE country.code = city.country AND capital = city.id)"), "Berlin Paris"},
		"not":                   {q.Where(dovetail.Not(dovetail.Has("country", squirrel.Eq{"code": "de"}))), "Metz Paris"},
	} {
		if got := cityNames(t, d, test.query); got != test.want {
			t.Errorf("%s: expected %q, got %q", what, test.want, got)
		}
		if n, err := test.query.Count(t.Context(), d.DB); err != nil || n != int64(len(strings.Fields(test.want))) {
			t.Errorf("%s: counted %d, %v", what, n, err)
		}
	}
	french := dovetail.Matching(q.Where(squirrel.Eq{"country.name": "France", "country": "fr"}))
	countries := kit.All(t, d.DB, dovetail.Select(models.Countries).Has("cities", french))
	kit.Same(t, "conditions of another query", kit.Pluck(countries, func(c *models.Country) string { return c.Code }), "fr")
	link := dovetail.Select(models.Languages).OrderBy("name")
	languages := kit.All(t, d.DB, link.Has("country", squirrel.Eq{"link.country": "fr", "link.language": dovetail.Col("outer.name")},
		squirrel.Expr("self.code <> outer.country")))
	kit.Same(t, "a link", kit.Pluck(languages, func(l *models.Language) string { return l.Name }), "German")
}

func testSharedResults(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Cities)
	kit.Same(t, "order", kit.Pluck(kit.All(t, d.DB, q.OrderBy("country DESC", "country.name", "name")), cityName), "Metz", "Paris", "Berlin", "Bonn")
	kit.Same(t, "order by the path", kit.Pluck(kit.All(t, d.DB, q.Join("country").OrderBy("country.name", "self.country", "id DESC")), cityName),
		"Metz", "Paris", "Bonn", "Berlin")
	page := q.OrderBy("country", "id").Limit(2)
	second, err := page.Position(kit.All(t, d.DB, page)[1])
	if err != nil {
		t.Fatal(err)
	}
	kit.Same(t, "the page after", kit.Pluck(kit.All(t, d.DB, page.After(second...)), cityName), "Paris", "Metz")
	type flat struct {
		Country string
		Name    string `db:"country.name"`
	}
	rows := kit.Collect[flat](t, d.DB, q.Columns("country", "country.name").Distinct().OrderBy("country"))
	kit.Same(t, "collected", rows, flat{"de", "Germany"}, flat{"fr", "France"})
	type group struct {
		Country string
		N       int64
	}
	groups := q.Columns("country").Column("count(country) AS n").GroupBy("country").Having("min(country) > ?", "a").OrderBy("country")
	kit.Same(t, "grouped", kit.Collect[group](t, d.DB, groups), group{"de", 2}, group{"fr", 2})
	grouped := q.Columns("country.name").Column("count(*) AS n").Join("country").GroupBy("country.name").OrderBy("country.name")
	type byName struct {
		Name string `db:"country.name"`
		N    int64
	}
	kit.Same(t, "grouped by the path", kit.Collect[byName](t, d.DB, grouped), byName{"France", 2}, byName{"Germany", 2})
}

// shownCity returns all that was loaded into a city.
func shownCity(c *models.City) string {
	shown := fmt.Sprintf("%s %s %s", c.Name, c.Country, c.Code)
	if c.CountryRow != nil {
		shown += " in " + c.CountryRow.Name
		if at := c.CountryRow.CapitalCity; at != nil {
			shown += " of " + at.Name
		}
	}
	if c.Nation != nil {
		shown += " belongs to " + c.Nation.Name
	}
	if c.TwinCity != nil {
		shown += fmt.Sprintf(" with %s %s", c.TwinCity.Name, c.TwinCity.Country)
	}
	for _, twin := range c.Twins {
		shown += " from " + twin.Name
	}
	return shown
}

func testSharedLoads(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Cities).OrderBy("id")
	want := []string{
		"Berlin de de in Germany of Berlin belongs to Germany with Paris fr from Paris",
		"Bonn de de in Germany of Berlin belongs to Germany",
		"Paris fr fr in France of Paris belongs to France with Berlin de from Berlin",
		"Metz fr de in France of Paris belongs to Germany",
	}
	preloaded := q.Preload("country.capital").Preload("nation").Preload("twin").Preload("twins")
	kit.Same(t, "preloaded", kit.Pluck(kit.All(t, d.DB, preloaded), shownCity), want...)
	fetched := q.Fetch("country.capital", "nation", "twin", "twins")
	kit.Same(t, "fetched", kit.Pluck(kit.All(t, d.DB, fetched), shownCity), want...)
	rows := kit.All(t, d.DB, q)
	for _, path := range []string{"country.capital", "nation", "twin", "twins"} {
		kit.Load(t, d.DB, models.Cities, rows, path)
	}
	kit.Same(t, "loaded", kit.Pluck(rows, shownCity), want...)
	var trees []string
	for c, err := range q.Where(squirrel.Eq{"country": "de"}).PreloadTree("twin", 2).Each(t.Context(), d.DB) {
		if err == nil {
			trees = append(trees, shownCity(c))
		}
	}
	if len(trees) > 0 && !strings.HasSuffix(trees[0], "with Paris fr") {
		t.Errorf("trees %q", trees)
	}
	limited := dovetail.Select(models.Countries).OrderBy("code").Preload("cities", q.Columns("country").OrderBy("country.name").Limit(1))
	kit.Same(t, "limited", kit.Pluck(kit.All(t, d.DB, limited), func(c *models.Country) string {
		shown := fmt.Sprint(c.Code, c.Cities)
		for _, city := range c.CityRows {
			shown += " " + city.Country
		}
		return shown
	}), "de2 de", "fr1 fr", "nr0")
	linked := dovetail.Select(models.Languages).OrderBy("name").Preload("country", dovetail.Select(models.Countries).OrderBy("link.country DESC"))
	kit.Same(t, "linked", kit.Pluck(kit.All(t, d.DB, linked), func(l *models.Language) string {
		shown := l.Name + " " + l.Country
		for _, s := range l.Spoken {
			shown += fmt.Sprintf(" %s %s%d", s.Row.Name, s.Link.Country, s.Link.Share)
		}
		return shown
	}), "Breton fr France fr1", "French fr France fr98 Germany de1", "German de France fr2 Germany de95")
	speaking := kit.All(t, d.DB, q.Preload("spoken", dovetail.Select(models.Languages).Where(squirrel.Eq{"country": "fr"})))
	kit.Same(t, "through", kit.Pluck(speaking, func(c *models.City) int { return len(c.Spoken) }), 1, 1, 2, 2)
}

// testSharedWrites makes the tables, and writes through columns and relations that share a name.
func testSharedWrites(t *testing.T, d kit.Database) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(models.Named.CreateAll(ctx, d.DB))
	if findings := kit.MustFind(t, models.Named, d.DB); len(findings) > 0 {
		t.Errorf("expected no findings, got\n%s", kit.ListFindings(findings))
	}
	de, fr := &models.Country{Code: "de", Name: "Germany"}, &models.Country{Code: "fr", Name: "France"}
	berlin := &models.City{Name: "Berlin", Nation: de}
	paris := &models.City{Name: "Paris", Nation: fr, TwinCity: berlin}
	de.CityRows, de.CapitalCity, fr.CityRows = []*models.City{berlin}, berlin, []*models.City{paris}
	must(dovetail.Insert(models.Countries, de, fr).With("cities.nation", "cities.twin", "capital").Exec(ctx, d.DB))
	if berlin.Country != "de" || berlin.Code != "de" || *de.Capital != berlin.ID || *paris.Twin != berlin.ID || paris.CountryRow != nil {
		t.Errorf("inserted %+v, %+v, %+v", berlin, paris, de)
	}
	nr := &models.Country{Code: "nr", Name: "Nauru"}
	bonn := &models.City{Name: "Bonn", CountryRow: nr, Code: "de"}
	must(dovetail.Insert(models.Cities, bonn).With("country").Exec(ctx, d.DB))
	kit.Equal(t, "the key of the row", bonn.Country, "nr")

	other := &models.City{ID: bonn.ID, Name: "Bonn am Rhein", Country: "fr", Code: "fr"}
	must(dovetail.Upsert(models.Cities, other).OnConflict("id").Set("country", "name").Exec(ctx, d.DB))
	q := dovetail.Select(models.Cities)
	got, err := q.Get(ctx, d.DB, bonn.ID)
	must(err)
	kit.Equal(t, "upserted", shownCity(got), "Bonn am Rhein fr de")
	n, err := dovetail.Update(models.Cities).Set("country", dovetail.Col("nation")).Where(squirrel.Eq{"country": "fr", "nation.name": "Germany"}).Exec(ctx, d.DB)
	must(err)
	kit.Equal(t, "updated", n, 1)
	must(dovetail.Refresh(ctx, d.DB, models.Cities, other))
	kit.Equal(t, "refreshed", other.Country, "de")
	other.Country = "fr"
	must(dovetail.Save(ctx, d.DB, models.Cities, other, "country"))
	kit.Equal(t, "saved", cityNames(t, d, q.Where("country = ?", "fr")), "Bonn am Rhein Paris")

	must(models.CountryCities.Add(de, other))
	kit.Equal(t, "in memory", other.Country, "de")
	if other.CountryRow != de {
		t.Error("the field of the inverse is not set")
	}
	must(dovetail.Save(ctx, d.DB, models.Cities, other, "country"))
	n, err = models.CountryCities.Move(ctx, d.DB, de, paris)
	must(err)
	kit.Equal(t, "moved", n, 1)
	kit.Equal(t, "moved", cityNames(t, d, q.Where(squirrel.Eq{"country": "de"}).Join("country")), "Berlin Bonn am Rhein Paris")
	german := &models.Language{Name: "German", Country: "de"}
	must(dovetail.Insert(models.Languages, german).Exec(ctx, d.DB))
	entry := dovetail.Linked[models.Language, models.Spoken]{Row: german, Link: &models.Spoken{Share: 95}}
	_, err = dovetail.LinkWith(ctx, d.DB, models.CountryLanguages, de, entry)
	must(err)
	kit.Same(t, "linked", kit.Pluck(kit.All(t, d.DB, dovetail.Select(models.Spokens).Preload("country")), func(s *models.Spoken) string {
		return fmt.Sprint(s.Country, s.Share, s.CountryRow.Name)
	}), "de95Germany")
	n, err = dovetail.Delete(models.Cities).Where(squirrel.Eq{"country": "fr", "country.name": "France"}).Exec(ctx, d.DB)
	must(err)
	kit.Equal(t, "deleted", n, 0)
}

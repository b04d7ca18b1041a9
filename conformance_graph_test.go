package dovetail_test

import (
	"slices"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Tables whose relations have no field, hold values, find too many rows or none, or lie in a schema.

type worldCountry struct {
	Code      string
	Name      string
	CapitalID *int64
	Cities    []worldCity
	Capital   *worldCity
	Anthem    *worldAnthem
}

type worldCity struct {
	ID          int64
	CountryCode string
	Name        string
	Country     worldCountryRow
}

// worldCountryRow is a country without its relations, so that a city can hold it by value.
type worldCountryRow struct {
	Code string
	Name string
}

type worldAnthem struct {
	ID          int64
	CountryCode string
	Title       string
}

// worldBare has no field for any of its relations.
type worldBare struct {
	Code string
	Name string
}

type worldPlace struct {
	ID          int64
	CountryCode string
	Name        string
}

type world struct {
	countries *dovetail.Table[worldCountry]
	rows      *dovetail.Table[worldCountryRow]
	bare      *dovetail.Table[worldBare]
	cities    *dovetail.Table[worldCity]
	anthems   *dovetail.Table[worldAnthem]
}

// newWorld binds the table of countries to two structs, and to a third in a registry of its own.
func newWorld() world {
	r := dovetail.NewRegistry()
	code := dovetail.PrimaryKey("code")
	w := world{
		countries: dovetail.NewTable[worldCountry](r, "world_countries", code),
		rows:      dovetail.NewTable[worldCountryRow](r, "world_countries", code),
		cities:    dovetail.NewTable[worldCity](r, "world_cities"),
		anthems:   dovetail.NewTable[worldAnthem](r, "world_anthems"),
	}
	key := dovetail.ForeignKey("country_code")
	dovetail.HasMany(w.countries, "cities", w.cities, key)
	dovetail.BelongsTo(w.countries, "capital", w.cities, dovetail.ForeignKey("capital_id"))
	dovetail.HasOne(w.countries, "anthem", w.anthems, key)
	dovetail.BelongsTo(w.cities, "country", w.rows, key)
	other := dovetail.NewRegistry()
	w.bare = dovetail.NewTable[worldBare](other, "world_countries", code)
	dovetail.HasMany(w.bare, "cities", dovetail.NewTable[worldPlace](other, "world_cities"), key)
	dovetail.HasOne(w.bare, "anthem", dovetail.NewTable[worldAnthem](other, "world_anthems"), key)
	return w
}

const worldDDL = `
CREATE TABLE world_countries (code TEXT PRIMARY KEY, name TEXT NOT NULL, capital_id BIGINT);
CREATE TABLE world_cities (id BIGINT PRIMARY KEY, country_code TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE world_streets (town TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (town, name));
CREATE TABLE world_houses (id BIGINT PRIMARY KEY, town TEXT NOT NULL, street TEXT NOT NULL);
INSERT INTO world_streets (town, name) VALUES ('ab', 'c'), ('a', 'bc'), ('a"', ',b'), ('a",', 'b'), ('', 'abc');
INSERT INTO world_houses (id, town, street) VALUES
  (1, 'ab', 'c'), (2, 'a', 'bc'), (3, 'a"', ',b'), (4, 'a",', 'b'), (5, '', 'abc'), (6, 'abc', '');
CREATE TABLE world_anthems (id BIGINT PRIMARY KEY, country_code TEXT NOT NULL, title TEXT NOT NULL);
INSERT INTO world_countries (code, name, capital_id) VALUES
  ('de', 'Germany', 1), ('fr', 'France', 3), ('nr', 'Nauru', NULL);
INSERT INTO world_cities (id, country_code, name) VALUES
  (1, 'de', 'Berlin'), (2, 'de', 'Hamburg'), (3, 'fr', 'Paris'), (4, 'xx', 'Atlantis');
INSERT INTO world_anthems (id, country_code, title) VALUES
  (1, 'de', 'Lied'), (2, 'fr', 'Marseillaise'), (3, 'fr', 'Another');
`

func graphCases() []conformanceCase {
	return []conformanceCase{
		{"graph/relation without a field is joined and filtered by", testGraphWithoutField},
		{"graph/relation without a field cannot be preloaded", testGraphWithoutFieldPreload},
		{"graph/values below pointers", testGraphValues},
		{"graph/owner by value below its own rows", testGraphOwnerByValue},
		{"graph/owner by value with more to load onto it", testGraphBelowOwnerByValue},
		{"graph/more to load onto the owner", testGraphBelowOwner},
		{"graph/value without a row", testGraphValueWithoutRow},
		{"graph/to-one with two rows", testGraphTwoRows},
		{"graph/to-one with two rows of which one is asked for", testGraphTwoRowsFiltered},
		{"graph/table in a schema", testGraphSchema},
		{"graph/one table bound to two structs", testGraphTwoStructs},
		{"graph/keys that run together", testGraphKeysApart},
		{"graph/key that is no primary key", testGraphNullableOwnerKey},
		{"graph/cycle only where it was asked for", testGraphCycle},
	}
}

func testGraphWithoutField(t *testing.T, d database) {
	w := newWorld()
	rec := d.record()
	q := dovetail.Select(w.bare).OrderBy("code")
	names := func(q dovetail.Query[worldBare]) []string {
		rows := confAll(t, rec, q)
		rec.expect(t, 1, 1)
		return confPluck(rows, func(b *worldBare) string { return b.Name })
	}
	confSame(t, "join", names(q.Join("cities")), "Germany", "Germany", "France")
	confSame(t, "left join", names(q.LeftJoin("cities").Where(squirrel.Eq{"cities.id": nil})), "Nauru")
	confSame(t, "has", names(q.Has("cities", squirrel.Eq{"name": "Paris"})), "France")
	confSame(t, "has none", names(q.HasNone("anthem")), "Nauru")
	confSame(t, "to-one path that is only named", names(q.Where(squirrel.Eq{"anthem.title": "Lied"})), "Germany")
}

func testGraphWithoutFieldPreload(t *testing.T, d database) {
	w := newWorld()
	rec := d.record()
	_, err := dovetail.Select(w.bare).Preload("cities").All(t.Context(), rec)
	confRefused(t, err, dovetail.ErrInvalidRelation, "cities", "worldBare", `rel:"cities"`)
	err = dovetail.Load(t.Context(), rec, w.bare, []*worldBare{{Code: "de"}}, "anthem")
	confRefused(t, err, dovetail.ErrInvalidRelation, "anthem", "worldBare")
	rec.expect(t, 0, 0)
}

func testGraphValues(t *testing.T, d database) {
	w := newWorld()
	rec := d.record()
	countries := confAll(t, rec, dovetail.Select(w.countries).OrderBy("code").Preload("cities.country").
		Preload("capital.country"))
	rec.expect(t, 5+d.lookups(1), 3+d.lookups(1))
	var names []string
	for _, c := range countries {
		for _, city := range c.Cities {
			names = append(names, city.Name+"/"+city.Country.Name)
		}
	}
	confSame(t, "cities", names, "Berlin/Germany", "Hamburg/Germany", "Paris/France")
	confEqual(t, "capital", countries[0].Capital.Name, "Berlin")
	confEqual(t, "country of the capital", countries[1].Capital.Country.Name, "France")
	confEqual(t, "no capital", countries[2].Capital, (*worldCity)(nil))
	if countries[2].Cities == nil || len(countries[2].Cities) != 0 {
		t.Errorf("expected loaded and empty, got %v", countries[2].Cities)
	}
}

// testGraphOwnerByValue goes back to the owner by a field that holds it by value: a copy, without a statement.
func testGraphOwnerByValue(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("posts.author"))
	rec.expect(t, 2, 2)
	confEqual(t, "author", users[0].Posts[1].Author.Name, "ann")
	confEqual(t, "author", users[1].Posts[0].Author.ID, 2)
}

// testGraphBelowOwnerByValue wants a relation of that owner too: the copy in the field must have it.
func testGraphBelowOwnerByValue(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("posts.author.profile"))
	rec.expect(t, 3, 3)
	for i := range users[0].Posts {
		author := users[0].Posts[i].Author
		confEqual(t, "author", author.Name, "ann")
		if author.Profile == nil {
			t.Errorf("post %d: the author's profile is not loaded", users[0].Posts[i].ID)
		} else {
			confEqual(t, "profile", *author.Profile.Bio, "writes")
		}
	}
}

func testGraphBelowOwner(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("edited.editor.profile"))
	rec.expect(t, 3, 3)
	editor := users[0].Edited[0].Editor
	confEqual(t, "editor", editor, users[0])
	confEqual(t, "profile", *editor.Profile.Bio, "writes")

	rows := confAll(t, rec, dovetail.Select(Employees).Columns("name").OrderBy("id").
		Preload("subordinates.manager.manager"))
	rec.expect(t, 3, 3)
	confEqual(t, "manager's manager", rows[1].Subordinates[0].Manager.Manager.Name, "root")
}

func testGraphValueWithoutRow(t *testing.T, d database) {
	w := newWorld()
	rec := d.record()
	cities, err := dovetail.Select(w.cities).OrderBy("id").Preload("country").All(t.Context(), rec)
	confRefused(t, err, dovetail.ErrNoRows, "country", "Country", "pointer")
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	if cities != nil {
		t.Errorf("expected nothing beside an error, got %d rows", len(cities))
	}
}

func testGraphTwoRows(t *testing.T, d database) {
	w := newWorld()
	rec := d.record()
	countries, err := dovetail.Select(w.countries).Preload("anthem").All(t.Context(), rec)
	confRefused(t, err, dovetail.ErrTooManyRows, "anthem", "country_code")
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	if countries != nil {
		t.Errorf("expected nothing beside an error, got %d rows", len(countries))
	}
}

func testGraphTwoRowsFiltered(t *testing.T, d database) {
	w := newWorld()
	rec := d.record()
	titles := func(q dovetail.Query[worldAnthem]) []string {
		countries := confAll(t, rec, dovetail.Select(w.countries).OrderBy("code").Preload("anthem", q))
		return confPluck(countries, func(c *worldCountry) string {
			if c.Anthem == nil {
				return ""
			}
			return c.Anthem.Title
		})
	}
	confSame(t, "filtered", titles(dovetail.Select(w.anthems).Where(squirrel.NotEq{"title": "Another"})), "Lied",
		"Marseillaise", "")
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	confSame(t, "limited", titles(dovetail.Select(w.anthems).OrderBy("title").Limit(1)), "Lied", "Another", "")
	rec.expect(t, 2, 2)
}

// testGraphSchema reads tables of a schema that is not on the search path, which has another table of the same name. On
// SQLite the schema is the main one, which is also the only one.
func testGraphSchema(t *testing.T, d database) {
	schema, titles := "main", []string{"Algebra", "Botany"}
	if d.postgres() {
		found, err := confSQL[string](t.Context(), d.db, "SELECT current_schema()::text")
		if err != nil {
			t.Fatal(err)
		}
		schema, titles = "s"+found[0][len(found[0])-16:], []string{"Alchemy", "Basketry"}
		d.exec(t, `CREATE SCHEMA `+schema+`;
			CREATE TABLE `+schema+`.courses (id BIGINT PRIMARY KEY, title TEXT NOT NULL);
			INSERT INTO `+schema+`.courses VALUES (1, 'Alchemy'), (2, 'Basketry'), (3, 'Cheese');`)
		defer d.exec(t, `DROP SCHEMA `+schema+` CASCADE`)
	}
	r := dovetail.NewRegistry()
	courses := dovetail.NewTable[Course](r, "courses", dovetail.Schema(schema))
	students := dovetail.NewTable[Student](r, "students")
	enrollments := dovetail.NewTable[Enrollment](r, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	dovetail.ManyToMany(students, "courses", courses, enrollments,
		dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
	dovetail.HasMany(students, "enrollments", enrollments, dovetail.ForeignKey("student_id"), dovetail.Inverse("student"))
	dovetail.BelongsTo(enrollments, "course", courses, dovetail.ForeignKey("course_id"))

	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(students).OrderBy("id").Preload("courses.students").
		Preload("enrollments.course"))
	rec.expect(t, 5, 3)
	confSame(t, "courses", confPluck(rows[0].Courses, courseTitle), titles...)
	confSame(t, "back", confPluck(rows[0].Courses[0].Students, studentName), "Ada", "Ben")
	confEqual(t, "through the link", rows[0].Enrollments[1].Course.Title, titles[1])
	has := dovetail.Select(students).Has("courses", squirrel.Eq{"title": titles[0]}).Columns("name").OrderBy("id")
	confSame(t, "has", confCollect[string](t, rec, has), "Ada", "Ben")
	rec.expect(t, 1, 1)
	joined := dovetail.Select(courses).Join("students").Where("students.name = ? AND courses.id > ?", "Ada", 1)
	confSame(t, "join", confPluck(confAll(t, rec, joined), courseTitle), titles[1])
	rec.expect(t, 1, 1)
}

// testGraphTwoStructs gives both structs a relation of the same name.
func testGraphTwoStructs(t *testing.T, d database) {
	r := dovetail.NewRegistry()
	code, key := dovetail.PrimaryKey("code"), dovetail.ForeignKey("country_code")
	cities := dovetail.NewTable[worldPlace](r, "world_cities")
	one := dovetail.NewTable[worldBare](r, "world_countries", code)
	two := dovetail.NewTable[worldCountryRow](r, "world_countries", code)
	dovetail.HasMany(one, "cities", cities, key)
	dovetail.HasMany(two, "cities", cities, key)
	rec := d.record()
	paris := squirrel.Eq{"name": "Paris"}
	a := confAll(t, rec, dovetail.Select(one).Has("cities", paris))
	b := confAll(t, rec, dovetail.Select(two).Has("cities", paris))
	rec.expect(t, 2, 2)
	if len(a) != 1 || len(b) != 1 || a[0].Name != "France" || b[0].Name != "France" {
		t.Errorf("expected France as both structs, got %v and %v", a, b)
	}
}

type worldStreet struct {
	Town   string
	Name   string
	Houses []*worldHouse
}

type worldHouse struct {
	ID     int64
	Town   string
	Street string
	Place  *worldStreet
}

// testGraphKeysApart has keys of two texts that are the same text when written one after the other.
func testGraphKeysApart(t *testing.T, d database) {
	r := dovetail.NewRegistry()
	streets := dovetail.NewTable[worldStreet](r, "world_streets", dovetail.PrimaryKey("town", "name"))
	houses := dovetail.NewTable[worldHouse](r, "world_houses")
	dovetail.HasMany(streets, "houses", houses, dovetail.ForeignKey("town", "street"), dovetail.Inverse("place"))
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(houses).OrderBy("id").Preload("place.houses"))
	rec.expect(t, 3+d.lookups(1), 3+d.lookups(1))
	confEqual(t, "houses", len(rows), 6)
	for _, h := range rows[:5] {
		if h.Place == nil || h.Place.Town != h.Town || h.Place.Name != h.Street {
			t.Errorf("house %d in %q, %q: wrong street %v", h.ID, h.Town, h.Street, h.Place)
			continue
		}
		confSame(t, "houses of its street", confPluck(h.Place.Houses, func(h *worldHouse) int64 { return h.ID }), h.ID)
	}
	confEqual(t, "a house without a street", rows[5].Place, (*worldStreet)(nil))
}

type worldCategory struct {
	ID       int64
	ParentID *int64
	Name     string
	Siblings []*worldCategory
}

// testGraphNullableOwnerKey relates rows by a column that may be NULL and that several owners share.
func testGraphNullableOwnerKey(t *testing.T, d database) {
	r := dovetail.NewRegistry()
	categories := dovetail.NewTable[worldCategory](r, "categories")
	dovetail.HasMany(categories, "siblings", categories, dovetail.ForeignKey("parent_id"),
		dovetail.References("parent_id"))
	want := [][]string{{}, {"tools", "toys"}, {"tools", "toys"}, {"hammers"}, {"mallets"}}
	rec := d.record()
	for _, q := range []dovetail.Query[worldCategory]{dovetail.Select(categories), dovetail.Select(categories).Limit(2)} {
		rows := confAll(t, rec, dovetail.Select(categories).OrderBy("id").Preload("siblings", q))
		rec.expect(t, 2, 2)
		confEqual(t, "categories", len(rows), len(want))
		for i, c := range rows {
			if c.Siblings == nil {
				t.Errorf("%s: not loaded", c.Name)
			}
			confSame(t, c.Name, confPluck(c.Siblings, func(s *worldCategory) string { return s.Name }), want[i]...)
		}
		confEqual(t, "one row for both", rows[1].Siblings[0], rows[2].Siblings[0])
	}
	has := dovetail.Select(categories).HasNone("siblings").Columns("name")
	confSame(t, "without a parent there are none", confCollect[string](t, rec, has), "things")
	rec.expect(t, 1, 1)
}

// testGraphCycle looks at what printing or marshalling a graph would follow.
func testGraphCycle(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).OrderBy("id").Preload("activities"))
	rec.expect(t, 2, 2)
	for _, a := range accounts {
		if i := slices.IndexFunc(a.Activities, func(a *Activity) bool { return a.Account != nil }); i >= 0 {
			t.Errorf("activity %d has its account, which nobody asked for", a.Activities[i].ID)
		}
	}
}

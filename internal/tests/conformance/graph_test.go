package conformance_test

import (
	"slices"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
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

func graphCases() []kit.Case {
	return []kit.Case{
		{Name: "graph/relation without a field is joined and filtered by", Run: testGraphWithoutField},
		{Name: "graph/relation without a field cannot be preloaded", Run: testGraphWithoutFieldPreload},
		{Name: "graph/values below pointers", Run: testGraphValues},
		{Name: "graph/owner by value below its own rows", Run: testGraphOwnerByValue},
		{Name: "graph/owner by value with more to load onto it", Run: testGraphBelowOwnerByValue},
		{Name: "graph/more to load onto the owner", Run: testGraphBelowOwner},
		{Name: "graph/value without a row", Run: testGraphValueWithoutRow},
		{Name: "graph/to-one with two rows", Run: testGraphTwoRows},
		{Name: "graph/to-one with two rows of which one is asked for", Run: testGraphTwoRowsFiltered},
		{Name: "graph/table in a schema", Run: testGraphSchema},
		{Name: "graph/one table bound to two structs", Run: testGraphTwoStructs},
		{Name: "graph/keys that run together", Run: testGraphKeysApart},
		{Name: "graph/key that is no primary key", Run: testGraphNullableOwnerKey},
		{Name: "graph/cycle only where it was asked for", Run: testGraphCycle},
	}
}

func testGraphWithoutField(t *testing.T, d kit.Database) {
	w := newWorld()
	rec := d.Record()
	q := dovetail.Select(w.bare).OrderBy("code")
	names := func(q dovetail.Query[*worldBare]) []string {
		rows := kit.All(t, rec, q)
		rec.Expect(t, 1, 1)
		return kit.Pluck(rows, func(b *worldBare) string { return b.Name })
	}
	kit.Same(t, "join", names(q.Join("cities")), "Germany", "Germany", "France")
	kit.Same(t, "left join", names(q.LeftJoin("cities").Where(squirrel.Eq{"cities.id": nil})), "Nauru")
	kit.Same(t, "has", names(q.Has("cities", squirrel.Eq{"name": "Paris"})), "France")
	kit.Same(t, "has none", names(q.HasNone("anthem")), "Nauru")
	kit.Same(t, "to-one path that is only named", names(q.Where(squirrel.Eq{"anthem.title": "Lied"})), "Germany")
}

func testGraphWithoutFieldPreload(t *testing.T, d kit.Database) {
	w := newWorld()
	rec := d.Record()
	_, err := dovetail.Select(w.bare).Preload("cities").All(t.Context(), rec)
	kit.Refused(t, err, dovetail.ErrInvalidRelation, "cities", "worldBare", `rel:"cities"`)
	err = dovetail.Load(t.Context(), rec, w.bare, []*worldBare{{Code: "de"}}, "anthem")
	kit.Refused(t, err, dovetail.ErrInvalidRelation, "anthem", "worldBare")
	rec.Expect(t, 0, 0)
}

func testGraphValues(t *testing.T, d kit.Database) {
	w := newWorld()
	rec := d.Record()
	countries := kit.All(t, rec, dovetail.Select(w.countries).OrderBy("code").Preload("cities.country").
		Preload("capital.country"))
	rec.Expect(t, 5+d.Lookups(1), 3)
	var names []string
	for _, c := range countries {
		for _, city := range c.Cities {
			names = append(names, city.Name+"/"+city.Country.Name)
		}
	}
	kit.Same(t, "cities", names, "Berlin/Germany", "Hamburg/Germany", "Paris/France")
	kit.Equal(t, "capital", countries[0].Capital.Name, "Berlin")
	kit.Equal(t, "country of the capital", countries[1].Capital.Country.Name, "France")
	kit.Equal(t, "no capital", countries[2].Capital, (*worldCity)(nil))
	if countries[2].Cities == nil || len(countries[2].Cities) != 0 {
		t.Errorf("expected loaded and empty, got %v", countries[2].Cities)
	}
}

// testGraphOwnerByValue goes back to the owner by a field that holds it by value: a copy, without a statement.
func testGraphOwnerByValue(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("posts.author"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "author", users[0].Posts[1].Author.Name, "ann")
	kit.Equal(t, "author", users[1].Posts[0].Author.ID, 2)
}

// testGraphBelowOwnerByValue wants a relation of that owner too: the copy in the field must have it.
func testGraphBelowOwnerByValue(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("posts.author.profile"))
	rec.Expect(t, 3, 3)
	for i := range users[0].Posts {
		author := users[0].Posts[i].Author
		kit.Equal(t, "author", author.Name, "ann")
		if author.Profile == nil {
			t.Errorf("post %d: the author's profile is not loaded", users[0].Posts[i].ID)
		} else {
			kit.Equal(t, "profile", *author.Profile.Bio, "writes")
		}
	}
}

func testGraphBelowOwner(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("edited.editor.profile"))
	rec.Expect(t, 3, 3)
	editor := users[0].Edited[0].Editor
	kit.Equal(t, "editor", editor, users[0])
	kit.Equal(t, "profile", *editor.Profile.Bio, "writes")

	rows := kit.All(t, rec, dovetail.Select(models.Employees).Columns("name").OrderBy("id").
		Preload("subordinates.manager.manager"))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "manager's manager", rows[1].Subordinates[0].Manager.Manager.Name, "root")
}

func testGraphValueWithoutRow(t *testing.T, d kit.Database) {
	w := newWorld()
	rec := d.Record()
	cities, err := dovetail.Select(w.cities).OrderBy("id").Preload("country").All(t.Context(), rec)
	kit.Refused(t, err, dovetail.ErrNoRows, "country", "Country", "pointer")
	rec.Expect(t, 2+d.Lookups(1), 2)
	if cities != nil {
		t.Errorf("expected nothing beside an error, got %d rows", len(cities))
	}
}

func testGraphTwoRows(t *testing.T, d kit.Database) {
	w := newWorld()
	rec := d.Record()
	countries, err := dovetail.Select(w.countries).Preload("anthem").All(t.Context(), rec)
	kit.Refused(t, err, dovetail.ErrTooManyRows, "anthem", "country_code")
	rec.Expect(t, 2+d.Lookups(1), 2)
	if countries != nil {
		t.Errorf("expected nothing beside an error, got %d rows", len(countries))
	}
}

func testGraphTwoRowsFiltered(t *testing.T, d kit.Database) {
	w := newWorld()
	rec := d.Record()
	titles := func(q dovetail.Query[*worldAnthem]) []string {
		countries := kit.All(t, rec, dovetail.Select(w.countries).OrderBy("code").Preload("anthem", q))
		return kit.Pluck(countries, func(c *worldCountry) string {
			if c.Anthem == nil {
				return ""
			}
			return c.Anthem.Title
		})
	}
	kit.Same(t, "filtered", titles(dovetail.Select(w.anthems).Where(squirrel.NotEq{"title": "Another"})), "Lied",
		"Marseillaise", "")
	rec.Expect(t, 2+d.Lookups(1), 2)
	kit.Same(t, "limited", titles(dovetail.Select(w.anthems).OrderBy("title").Limit(1)), "Lied", "Another", "")
	rec.Expect(t, 2, 2)
}

// testGraphSchema reads tables of a schema that is not on the search path, which has another table of the same name. On
// SQLite the schema is the main one, which is also the only one.
func testGraphSchema(t *testing.T, d kit.Database) {
	schema, drop := d.OtherSchema(t)
	defer drop()
	titles := []string{"Algebra", "Botany"}
	if d.Postgres() {
		titles = []string{"Alchemy", "Basketry"}
		d.Exec(t, `CREATE TABLE `+schema+`.courses (id BIGINT PRIMARY KEY, title TEXT NOT NULL);
			INSERT INTO `+schema+`.courses VALUES (1, 'Alchemy'), (2, 'Basketry'), (3, 'Cheese');`)
	}
	r := dovetail.NewRegistry()
	courses := dovetail.NewTable[models.Course](r, "courses", dovetail.Schema(schema))
	students := dovetail.NewTable[models.Student](r, "students")
	enrollments := dovetail.NewTable[models.Enrollment](r, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	dovetail.ManyToMany(students, "courses", courses, enrollments,
		dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
	dovetail.HasMany(students, "enrollments", enrollments, dovetail.ForeignKey("student_id"), dovetail.Inverse("student"))
	dovetail.BelongsTo(enrollments, "course", courses, dovetail.ForeignKey("course_id"))

	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(students).OrderBy("id").Preload("courses.students").
		Preload("enrollments.course"))
	rec.Expect(t, 5, 3)
	kit.Same(t, "courses", kit.Pluck(rows[0].Courses, models.CourseTitle), titles...)
	kit.Same(t, "back", kit.Pluck(rows[0].Courses[0].Students, models.StudentName), "Ada", "Ben")
	kit.Equal(t, "through the link", rows[0].Enrollments[1].Course.Title, titles[1])
	has := dovetail.Select(students).Has("courses", squirrel.Eq{"title": titles[0]}).Columns("name").OrderBy("id")
	kit.Same(t, "has", kit.Collect[string](t, rec, has), "Ada", "Ben")
	rec.Expect(t, 1, 1)
	joined := dovetail.Select(courses).Join("students").Where("students.name = ? AND courses.id > ?", "Ada", 1)
	kit.Same(t, "join", kit.Pluck(kit.All(t, rec, joined), models.CourseTitle), titles[1])
	rec.Expect(t, 1, 1)
}

// testGraphTwoStructs gives both structs a relation of the same name.
func testGraphTwoStructs(t *testing.T, d kit.Database) {
	r := dovetail.NewRegistry()
	code, key := dovetail.PrimaryKey("code"), dovetail.ForeignKey("country_code")
	cities := dovetail.NewTable[worldPlace](r, "world_cities")
	one := dovetail.NewTable[worldBare](r, "world_countries", code)
	two := dovetail.NewTable[worldCountryRow](r, "world_countries", code)
	dovetail.HasMany(one, "cities", cities, key)
	dovetail.HasMany(two, "cities", cities, key)
	rec := d.Record()
	paris := squirrel.Eq{"name": "Paris"}
	a := kit.All(t, rec, dovetail.Select(one).Has("cities", paris))
	b := kit.All(t, rec, dovetail.Select(two).Has("cities", paris))
	rec.Expect(t, 2, 2)
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
func testGraphKeysApart(t *testing.T, d kit.Database) {
	r := dovetail.NewRegistry()
	streets := dovetail.NewTable[worldStreet](r, "world_streets", dovetail.PrimaryKey("town", "name"))
	houses := dovetail.NewTable[worldHouse](r, "world_houses")
	dovetail.HasMany(streets, "houses", houses, dovetail.ForeignKey("town", "street"), dovetail.Inverse("place"))
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(houses).OrderBy("id").Preload("place.houses"))
	rec.Expect(t, 3+d.Lookups(1), 3)
	kit.Equal(t, "houses", len(rows), 6)
	for _, h := range rows[:5] {
		if h.Place == nil || h.Place.Town != h.Town || h.Place.Name != h.Street {
			t.Errorf("house %d in %q, %q: wrong street %v", h.ID, h.Town, h.Street, h.Place)
			continue
		}
		kit.Same(t, "houses of its street", kit.Pluck(h.Place.Houses, func(h *worldHouse) int64 { return h.ID }), h.ID)
	}
	kit.Equal(t, "a house without a street", rows[5].Place, (*worldStreet)(nil))
}

type worldCategory struct {
	ID       int64
	ParentID *int64
	Name     string
	Siblings []*worldCategory
}

// testGraphNullableOwnerKey relates rows by a column that may be NULL and that several owners share.
func testGraphNullableOwnerKey(t *testing.T, d kit.Database) {
	r := dovetail.NewRegistry()
	categories := dovetail.NewTable[worldCategory](r, "categories")
	dovetail.HasMany(categories, "siblings", categories, dovetail.ForeignKey("parent_id"),
		dovetail.References("parent_id"))
	want := [][]string{{}, {"tools", "toys"}, {"tools", "toys"}, {"hammers"}, {"mallets"}}
	rec := d.Record()
	for _, q := range []dovetail.Query[*worldCategory]{dovetail.Select(categories), dovetail.Select(categories).Limit(2)} {
		rows := kit.All(t, rec, dovetail.Select(categories).OrderBy("id").Preload("siblings", q))
		rec.Expect(t, 2, 2)
		kit.Equal(t, "categories", len(rows), len(want))
		for i, c := range rows {
			if c.Siblings == nil {
				t.Errorf("%s: not loaded", c.Name)
			}
			kit.Same(t, c.Name, kit.Pluck(c.Siblings, func(s *worldCategory) string { return s.Name }), want[i]...)
		}
		kit.Equal(t, "one row for both", rows[1].Siblings[0], rows[2].Siblings[0])
	}
	has := dovetail.Select(categories).HasNone("siblings").Columns("name")
	kit.Same(t, "without a parent there are none", kit.Collect[string](t, rec, has), "things")
	rec.Expect(t, 1, 1)
}

// testGraphCycle looks at what printing or marshalling a graph would follow.
func testGraphCycle(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).OrderBy("id").Preload("activities"))
	rec.Expect(t, 2, 2)
	for _, a := range accounts {
		if i := slices.IndexFunc(a.Activities, func(a *models.Activity) bool { return a.Account != nil }); i >= 0 {
			t.Errorf("activity %d has its account, which nobody asked for", a.Activities[i].ID)
		}
	}
}

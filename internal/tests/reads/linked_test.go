package reads_test

import (
	"fmt"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// linkedPreload is a preload of courses and what it loads: with links, and the titles without.
type linkedPreload struct {
	name          string
	links, titles string
	change        func(linkedQuery) linkedQuery
}

// linkedQuery is what linkedPreload changes, whatever the type of the keys.
type linkedQuery interface {
	where(pred any, args ...any) linkedQuery
	orderBy(terms ...string) linkedQuery
	page(limit, offset int) linkedQuery
	distinct() linkedQuery
}

type lQuery[K comparable] struct {
	dovetail.Query[*keyed.Course[K]]
}

func (q lQuery[K]) where(pred any, args ...any) linkedQuery { return lQuery[K]{q.Where(pred, args...)} }

func (q lQuery[K]) orderBy(terms ...string) linkedQuery { return lQuery[K]{q.OrderBy(terms...)} }

func (q lQuery[K]) page(limit, offset int) linkedQuery {
	return lQuery[K]{q.Limit(limit).Offset(offset)}
}

func (q lQuery[K]) distinct() linkedQuery { return lQuery[K]{q.Distinct()} }

func linkedPreloads() []linkedPreload {
	return []linkedPreload{
		{
			"all",
			"ann: algebra 5a, biology 3a, biology 4b; bob: algebra 2a, biology -b, chess 4b, chess 4b; cat:",
			"ann: algebra biology biology; bob: algebra biology chess chess; cat:",
			func(q linkedQuery) linkedQuery { return q.orderBy("title", "link.term") },
		},
		{
			"by a condition on the link", "ann: algebra 5a, biology 4b; bob: chess 4b, chess 4b; cat:",
			"ann: algebra biology; bob: chess chess; cat:",
			func(q linkedQuery) linkedQuery { return q.where(sq.Gt{"link.grade": 3}) },
		},
		{
			"by text with the link", "ann: biology 3a; bob: biology -b; cat:", "ann: biology; bob: biology; cat:",
			func(q linkedQuery) linkedQuery {
				return q.where("coalesce(link.grade, ?) <= 3 AND title = ?", 0, "biology")
			},
		},
		{
			"two of each owner by the link's order", "ann: algebra 5a, biology 4b; bob: chess 4b, chess 4b; cat:",
			"ann: algebra biology; bob: chess chess; cat:",
			func(q linkedQuery) linkedQuery { return q.orderBy("link.grade DESC NULLS LAST").page(2, 0) },
		},
		{
			"two after the first", "ann: biology 4b, biology 3a; bob: chess 4b, algebra 2a; cat:",
			"ann: biology biology; bob: chess algebra; cat:",
			func(q linkedQuery) linkedQuery { return q.orderBy("link.grade DESC NULLS LAST").page(2, 1) },
		},
		{
			"ascending, nulls first", "ann: biology 3a; bob: biology -b; cat:", "ann: biology; bob: biology; cat:",
			func(q linkedQuery) linkedQuery { return q.orderBy("link.grade NULLS FIRST").page(1, 0) },
		},
	}
}

// testLinkedPreloads runs every preload on one family of tables.
func testLinkedPreloads[K comparable](t *testing.T, d kit.Database, name string) {
	t.Helper()
	l := keyed.NewSchool[K](name)
	students := dovetail.Select(l.Students).OrderBy("name")
	for _, p := range linkedPreloads() {
		q := p.change(lQuery[K]{dovetail.Select(l.Courses)}).(lQuery[K]).Query
		rows, err := students.Preload("courses", q).All(t.Context(), d.DB)
		if got := linkedText(rows); err != nil || got != p.links {
			t.Errorf("%s: expected\n%s\ngot\n%s, %v", p.name, p.links, got, err)
		}
		rows, err = students.Preload("plain", q).Preload("values", q).All(t.Context(), d.DB)
		if got := plainText(rows); err != nil || got != p.titles {
			t.Errorf("%s: expected\n%s\ngot\n%s, %v", p.name, p.titles, got, err)
		}
	}
	checkLinkedSharing(t, d, l)
}

// checkLinkedSharing loads around a circle: one course is one row for all its students, each link is its own.
func checkLinkedSharing[K comparable](t *testing.T, d kit.Database, l keyed.School[K]) {
	t.Helper()
	rows, err := dovetail.Select(l.Students).OrderBy("name").
		Preload("courses", dovetail.Select(l.Courses).OrderBy("title", "link.term")).
		Preload("courses.teacher").
		Preload("courses.students", dovetail.Select(l.Students).OrderBy("name", "link.term")).
		All(t.Context(), d.DB)
	if err != nil || len(rows) != 3 {
		t.Fatalf("got %d rows, %v", len(rows), err)
	}
	ann, bob := rows[0].Courses, rows[1].Courses
	if ann[0].Row != bob[0].Row || ann[1].Row != ann[2].Row || bob[2].Row != bob[3].Row {
		t.Error("rows that are the same course are not one")
	}
	links := map[*keyed.Enrollment[K]]bool{}
	for _, s := range rows {
		for _, c := range s.Courses {
			if c.Link.StudentID != s.ID || c.Link.CourseID != c.Row.ID || links[c.Link] {
				t.Errorf("%s in %s: got the link %v", s.Name, c.Row.Title, *c.Link)
			}
			links[c.Link] = true
		}
	}
	if ann[0].Row.Teacher == nil || ann[0].Row.Teacher.Name != "tess" || bob[2].Row.Teacher != nil {
		t.Error("the teachers are not loaded onto the rows")
	}
	back := ""
	for _, s := range ann[1].Row.Students {
		back += fmt.Sprint(s.Row.Name, keyed.GradeText(s.Link.Grade), s.Link.Term, " ")
	}
	if back != "ann3a ann4b bob-b " {
		t.Errorf("biology's students: got %s", back)
	}
}

func TestLinkedPreload(t *testing.T) {
	t.Parallel()
	for _, key := range keyed.Keys() {
		t.Run(key.Name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, keyed.SchoolDDL(key), func(t *testing.T, d kit.Database) {
				switch key.Name {
				case "int":
					testLinkedPreloads[int64](t, d, key.Name)
				case "uuid":
					testLinkedPreloads[uuid.UUID](t, d, key.Name)
				case "bytes16":
					if d.Postgres() { // SQLite keeps texts of these
						testLinkedPreloads[[16]byte](t, d, key.Name)
					}
				default:
					testLinkedPreloads[string](t, d, key.Name)
				}
			})
		})
	}
}

// linkedInts runs the test on the tables with integer keys.
func linkedInts(t *testing.T, test func(t *testing.T, d kit.Database)) {
	t.Helper()
	kit.OnEvery(t, keyed.SchoolDDL(keyed.Keys()[0]), test)
}

func TestLinkedPreloadIsOneStatement(t *testing.T) {
	t.Parallel()
	linkedInts(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		students := dovetail.Select(keyed.Ints.Students).OrderBy("name")
		rows, err := students.Preload("courses").All(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 2, 2)
		if rows[2].Courses == nil || len(rows[2].Courses) != 0 {
			t.Error("the list of a student without courses is nil")
		}
		if _, err := students.Preload("courses.students").Preload("courses.teacher").All(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 4, 3)
		loaded := []*keyed.Student[int64]{{ID: 2, Name: "bob"}, nil, {ID: 99, Name: "nobody"}, {ID: 2, Name: "again"}}
		err = dovetail.Load(t.Context(), db, keyed.Ints.Students, loaded, "courses",
			dovetail.Select(keyed.Ints.Courses).Where(sq.Eq{"link.term": "a"}))
		if err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 1, 1)
		if got := linkedText(slices.DeleteFunc(loaded, func(s *keyed.Student[int64]) bool { return s == nil })); got !=
			"bob: algebra 2a; nobody:; again: algebra 2a" {
			t.Errorf("got %s", got)
		}
	})
}

func TestLinkedPreloadOfChosenColumns(t *testing.T) {
	t.Parallel()
	linkedInts(t, func(t *testing.T, d kit.Database) {
		preload := func(q dovetail.Query[*keyed.Course[int64]]) []dovetail.Linked[keyed.Course[int64], keyed.Enrollment[int64]] {
			ann, err := dovetail.Select(keyed.Ints.Students).Preload("courses", q.OrderBy("title", "link.grade")).Get(t.Context(), d.DB, 1)
			if err != nil {
				t.Fatal(err)
			}
			return ann.Courses
		}
		courses := dovetail.Select(keyed.Ints.Courses)
		chosen := preload(courses.Columns("title", "link.grade"))[2]
		if chosen.Row.Title != "biology" || chosen.Row.ID != 12 || chosen.Row.TeacherID != nil {
			t.Errorf("got the row %v", *chosen.Row)
		}
		if keyed.GradeText(chosen.Link.Grade) != "4" || chosen.Link.Term != "" || chosen.Link.CourseID != 0 {
			t.Errorf("got the link %v", *chosen.Link)
		}
		if all := preload(courses.Columns("title"))[2]; all.Link.Term != "b" || all.Link.CourseID != 12 || all.Row.TeacherID != nil {
			t.Errorf("got %v and %v", *all.Row, *all.Link)
		}
		limited := preload(courses.Columns("title", "link.student_id").Limit(2))
		if len(limited) != 2 || limited[1].Link.StudentID != 1 || limited[1].Link.Grade != nil {
			t.Errorf("got %v", limited)
		}
	})
}

func TestLinkedPreloadDistinct(t *testing.T) {
	t.Parallel()
	linkedInts(t, func(t *testing.T, d kit.Database) {
		rows, err := dovetail.Select(keyed.Ints.Students).OrderBy("name").Preload("courses",
			dovetail.Select(keyed.Ints.Courses).Join("students").Distinct().OrderBy("title", "link.term")).All(t.Context(), d.DB)
		want := "ann: algebra 5a, biology 3a, biology 4b; bob: algebra 2a, biology -b, chess 4b; cat:"
		if got := linkedText(rows); err != nil || got != want {
			t.Errorf("expected\n%s\ngot\n%s, %v", want, got, err)
		}
	})
}

// TestLinkedAndTheLinkAsAnEntityAgree looks at the enrollments as rows of their own beside the links.
func TestLinkedAndTheLinkAsAnEntityAgree(t *testing.T) {
	t.Parallel()
	linkedInts(t, func(t *testing.T, d kit.Database) {
		rows, err := dovetail.Select(keyed.Ints.Students).OrderBy("name").
			Preload("courses", dovetail.Select(keyed.Ints.Courses).OrderBy("title", "link.term")).
			Preload("enrollments.course").All(t.Context(), d.DB)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range rows {
			var links, entities []string
			for _, c := range s.Courses {
				links = append(links, fmt.Sprint(c.Row.Title, c.Link.CourseID, keyed.GradeText(c.Link.Grade), c.Link.Term))
			}
			for _, e := range s.Enrollments {
				entities = append(entities, fmt.Sprint(e.Course.Title, e.CourseID, keyed.GradeText(e.Grade), e.Term))
			}
			slices.Sort(links)
			slices.Sort(entities)
			if !slices.Equal(links, entities) || len(links) != []int{3, 4, 0}[s.ID-1] {
				t.Errorf("%s: links %v, enrollments %v", s.Name, links, entities)
			}
		}
	})
}

package reads_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// linkedGrade is a joined row as Collect returns it.
type linkedGrade struct {
	Name    string
	Courses struct {
		Title *string
		Link  struct {
			Grade *int64
			Term  *string
		}
	}
}

func (g linkedGrade) String() string {
	if g.Courses.Title == nil {
		return g.Name + " -"
	}
	return g.Name + " " + *g.Courses.Title + " " + keyed.GradeText(g.Courses.Link.Grade) + *g.Courses.Link.Term
}

func TestLinkNamedInConditions(t *testing.T) {
	t.Parallel()
	students := dovetail.Select(keyed.Ints.Students).OrderBy("id")
	joined := students.Join("courses")
	linkedInts(t, func(t *testing.T, d kit.Database) {
		for _, c := range []struct {
			name  string
			query dovetail.Query[*keyed.Student[int64]]
			want  []int64
		}{
			{"Has", students.Has("courses", sq.Gt{"link.grade": 4}), []int64{1}},
			{"Has in text", students.Has("courses", sq.Expr("link.grade = ? AND link.term = ?", 2, "a")), []int64{2}},
			{"Has of a column of each", students.Has("courses", sq.Eq{"title": "biology", "link.grade": nil}), []int64{2}},
			{"Has against the root", students.Has("courses", sq.Expr("link.grade > int_students.id + ?", 2)), []int64{1}},
			{"HasNone", students.HasNone("courses", sq.Eq{"link.term": "b"}), []int64{3}},
			{"HasEvery", students.HasEvery("courses", sq.GtOrEq{"link.grade": 3}), []int64{1, 3}},
			{"HasAtLeast", students.HasAtLeast(2, "courses", sq.Eq{"link.term": "b"}), []int64{2}},
			{"Has of Has", students.Has("courses", dovetail.Has("students", sq.Eq{"link.grade": nil})), []int64{1, 2}},
			{"Has over two", students.Has("courses.students", sq.Eq{"link.grade": nil}), []int64{1, 2}},
			{"Has over two, at the first", students.Has("courses.students", sq.Eq{"link.grade": 5}), []int64{1, 2}},
			{"Or", students.Where(sq.Or{sq.Eq{"id": 3}, dovetail.Has("courses", sq.Eq{"link.grade": 2})}), []int64{2, 3}},
			{"Join", joined.Where("courses.link.grade > ?", 3), []int64{1, 1, 2, 2}},
			{"Join, by the root's name", joined.Where(sq.Eq{"int_students.courses.link.term": "a"}), []int64{1, 1, 2}},
			{"Join, as a map", joined.Where(sq.Eq{"courses.link.grade": []int{5, 2}}), []int64{1, 2}},
			{"Join, Distinct", joined.Where(sq.Gt{"courses.link.grade": 3}).Distinct(), []int64{1, 2}},
			{"Join, Distinct, Limit", joined.Where(sq.Gt{"courses.link.grade": 3}).Distinct().Limit(1), []int64{1}},
			{"on", students.Join("courses", sq.Eq{"link.grade": 4}), []int64{1, 2, 2}},
			{"on of two", students.Join("courses.students", sq.Eq{"link.grade": nil}), []int64{1, 1, 2}},
			{"LeftJoin on", students.LeftJoin("courses", sq.Gt{"link.grade": 4}), []int64{1, 2, 3}},
			{"LeftJoin, on in text", students.LeftJoin("courses", sq.Expr("link.grade = ?", 4)), []int64{1, 2, 2, 3}},
			{"LeftJoin without", students.LeftJoin("courses", sq.Gt{"link.grade": 4}).
				Where(sq.Eq{"courses.link.term": nil}), []int64{2, 3}},
			{"in a SELECT", joined.Where("courses.link.grade = (SELECT max(e.grade) FROM int_enrollments AS e " +
				"WHERE e.student_id = courses.link.student_id)"), []int64{1, 2, 2}},
		} {
			rows, err := c.query.All(t.Context(), d.DB)
			ids := make([]int64, 0, len(rows))
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
			if err != nil || !slices.Equal(ids, c.want) {
				t.Errorf("%s: expected %v, got %v, %v", c.name, c.want, ids, err)
			}
			if n, err := c.query.Count(t.Context(), d.DB); err != nil || n != int64(len(c.want)) {
				t.Errorf("%s: counted %d, %v", c.name, n, err)
			}
			if found, err := c.query.Where(sq.Lt{"id": 0}).Exists(t.Context(), d.DB); err != nil || found {
				t.Errorf("%s: found %t, %v", c.name, found, err)
			}
		}
	})
}

func TestLinkNamedInOrdersAndColumns(t *testing.T) {
	t.Parallel()
	columns := dovetail.Select(keyed.Ints.Students).
		Columns("name", "courses.title", "courses.link.grade", "courses.link.term")
	linkedInts(t, func(t *testing.T, d kit.Database) {
		for _, c := range []struct {
			name  string
			query dovetail.AnyQuery
			want  string
		}{
			{"Join", columns.Join("courses").OrderBy("courses.link.grade DESC NULLS LAST", "courses.id", "id"),
				"ann algebra 5a, ann biology 4b, bob chess 4b, bob chess 4b, ann biology 3a, bob algebra 2a, bob biology -b"},
			{"Distinct", columns.Join("courses", sq.Eq{"title": "chess"}).Distinct(), "bob chess 4b"},
			{"LeftJoin", columns.LeftJoin("courses", sq.Eq{"link.grade": 4}).OrderBy("id"),
				"ann biology 4b, bob chess 4b, bob chess 4b, cat -"},
			{"grouped", columns.Join("courses").GroupBy("name", "courses.title", "courses.link.grade", "courses.link.term").
				Having("courses.link.grade > ?", 2).OrderBy("courses.link.grade", "courses.title"),
				"ann biology 3a, ann biology 4b, bob chess 4b, ann algebra 5a"},
		} {
			rows, err := dovetail.Collect[linkedGrade](t.Context(), d.DB, c.query)
			texts := make([]string, 0, len(rows))
			for _, r := range rows {
				texts = append(texts, r.String())
			}
			if got := strings.Join(texts, ", "); err != nil || got != c.want {
				t.Errorf("%s: expected\n%s\ngot\n%s, %v", c.name, c.want, got, err)
			}
		}
	})
}

func TestLinkNamedInAggregates(t *testing.T) {
	t.Parallel()
	linkedInts(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		rows, err := dovetail.Select(keyed.Ints.Students).OrderBy("id").With(
			dovetail.Sum("courses.link.grade").As("sum"),
			dovetail.Min("courses.link.grade").Where(sq.Eq{"link.term": "b"}).As("least"),
			dovetail.Max("courses.link.grade").Where("title <> ?", "algebra").As("most"),
			dovetail.FirstOf("courses.link.term").OrderBy("link.grade DESC NULLS LAST").As("best"),
			dovetail.Count("courses").Where("link.term = ?", "b").As("late"),
		).All(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 1, 1)
		want := []string{"ann 12 4 4 a 1", "bob 10 4 4 b 3", "cat - - - - 0"}
		for i, r := range rows {
			best := "-"
			if r.Best != nil {
				best = *r.Best
			}
			got := fmt.Sprintf("%s %s %s %s %s %d", r.Name, keyed.GradeText(r.Sum), keyed.GradeText(r.Least), keyed.GradeText(r.Most), best, r.Late)
			if got != want[i] {
				t.Errorf("expected %s, got %s", want[i], got)
			}
		}
		titles, err := dovetail.Collect[*string](t.Context(), d.DB, dovetail.Select(keyed.Ints.Students).Columns().OrderBy("id").
			With(dovetail.FirstOf("courses.title").OrderBy("link.grade NULLS LAST").As("easiest")))
		if err != nil || len(titles) != 3 || *titles[0] != "biology" || *titles[1] != "algebra" || titles[2] != nil {
			t.Errorf("got %v, %v", titles, err)
		}
		mean, err := dovetail.Collect[float64](t.Context(), d.DB, dovetail.Select(keyed.Ints.Students).Columns().
			With(dovetail.Avg("courses.link.grade").As("mean")).Where(sq.Gt{"mean": 3.5}))
		if err != nil || !slices.Equal(mean, []float64{4}) {
			t.Errorf("got %v, %v", mean, err)
		}
	})
}

// TestLinkNamedByTheTableOfAPreload names the link of the preloaded rows from inside a condition on their own relations.
func TestLinkNamedByTheTableOfAPreload(t *testing.T) {
	t.Parallel()
	linkedInts(t, func(t *testing.T, d kit.Database) {
		courses := dovetail.Select(keyed.Ints.Courses).OrderBy("title", "link.grade")
		for _, c := range []struct {
			name  string
			query dovetail.Query[*keyed.Course[int64]]
			want  string
		}{
			{"in Has", courses.Has("teacher", sq.Expr("int_courses.link.grade > ?", 3)),
				"ann: algebra 5a, biology 4b; bob:; cat:"},
			{"in a SELECT", courses.Where("int_courses.link.grade = (SELECT max(e.grade) FROM int_enrollments AS e " +
				"WHERE e.student_id = int_courses.link.student_id)"),
				"ann: algebra 5a; bob: chess 4b, chess 4b; cat:"},
			{"a SELECT's own link", courses.Where("id IN (SELECT link.course_id FROM int_enrollments AS link WHERE link.grade = ?)", 5),
				"ann: algebra 5a; bob: algebra 2a; cat:"},
			{"beside another link", courses.Has("students", sq.Expr("link.grade > int_courses.link.grade")),
				"ann: biology 3a; bob: algebra 2a; cat:"},
			{"beside a join", courses.Join("teacher", sq.Expr("int_courses.link.term = ?", "b")).Limit(3),
				"ann: biology 4b; bob: biology -b; cat:"},
		} {
			rows, err := dovetail.Select(keyed.Ints.Students).OrderBy("id").Preload("courses", c.query).All(t.Context(), d.DB)
			if got := linkedText(rows); err != nil || got != c.want {
				t.Errorf("%s: expected\n%s\ngot\n%s, %v", c.name, c.want, got, err)
			}
		}
	})
}

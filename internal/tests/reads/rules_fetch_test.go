package reads_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// sameGraph fails the test unless Fetch and Preload of the paths load the same, in the same order, and Fetch by one statement.
func sameGraph[T any](t *testing.T, d kit.Database, q dovetail.Query[*T], paths ...string) {
	t.Helper()
	preloading, fetching := q, q.Fetch(paths...)
	for _, path := range paths {
		preloading = preloading.Preload(path)
	}
	want, err := preloading.All(t.Context(), d.DB)
	if err != nil {
		t.Fatal(paths, err)
	}
	r := d.Record()
	got, err := fetching.All(t.Context(), r)
	if err != nil {
		t.Fatal(paths, err)
	}
	r.Expect(t, 1, 1)
	wanted, found := marshalled(t, want), marshalled(t, got)
	if wanted != found {
		t.Errorf("%v: preloaded\n%s\nfetched\n%s", paths, wanted, found)
	}
	if len(want) == 0 {
		t.Errorf("%v: no rows to compare", paths)
	}
	if n, err := fetching.Count(t.Context(), d.DB); err != nil || n != int64(len(got)) {
		t.Errorf("%v: counted %d, %v; got %d rows", paths, n, err, len(got))
	}
}

func marshalled(tb testing.TB, v any) string {
	tb.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// TestFetchIsPreloadAlongDeclaredRules fetches along relations with conditions and orders of their own, past scoped tables,
// through others and along type columns.
func TestFetchIsPreloadAlongDeclaredRules(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.RulesDDL, func(t *testing.T, d kit.Database) {
		writers := dovetail.Select(models.Writers).OrderBy("id")
		for _, paths := range [][]string{
			{"articles"}, {"top"}, {"topics"}, {"grand_reports"}, {"heard"}, {"boss.articles"}, {"articles.topics"},
			{"articles.remarks.author"}, {"reports.topics"}, {"articles", "reports"}, {"topics", "boss"},
		} {
			sameGraph(t, d, writers, paths...)
			sameGraph(t, d, lifting(writers.Unscoped("alive"), paths, "articles", "topics", "reports", "articles.topics"), paths...)
		}
		articles := dovetail.Select(models.Articles).OrderBy("id")
		for _, paths := range [][]string{
			{"writer"}, {"siblings"}, {"writer_topics"}, {"remarks"}, {"topics.writers"}, {"writer.boss", "topics"},
		} {
			sameGraph(t, d, articles, paths...)
			sameGraph(t, d, lifting(articles, paths, "writer", "topics"), paths...)
		}
		remarks := dovetail.Select(models.Remarks).OrderBy("id")
		for _, paths := range [][]string{{"article"}, {"product"}, {"article.writer", "product", "author"}} {
			sameGraph(t, d, remarks, paths...)
		}
	})
}

// lifting lifts the scope at those of several paths that are loaded.
func lifting[R any](q dovetail.Query[R], loaded []string, at ...string) dovetail.Query[R] {
	for _, path := range at {
		if slices.ContainsFunc(loaded, func(l string) bool { return strings.HasPrefix(l+".", path+".") }) {
			q = q.UnscopedAt(path, "alive")
		}
	}
	return q
}

// TestFetchFillsLinksAsPreloadDoes fetches related rows with those of the join table, also where a join beside them repeats
// the rows of the result.
func TestFetchFillsLinksAsPreloadDoes(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		registry := dovetail.NewRegistry()
		type course struct {
			ID    int64
			Title string
		}
		type enrollment struct {
			StudentID, CourseID int64
			Grade               *string
		}
		type student struct {
			ID          int64
			Name        string
			Courses     []dovetail.Linked[course, enrollment]
			Enrollments []*enrollment
		}
		students := dovetail.NewTable[student](registry, "students")
		courses := dovetail.NewTable[course](registry, "courses")
		enrollments := dovetail.NewTable[enrollment](registry, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
		_ = dovetail.ManyToMany(students, "courses", courses, enrollments, dovetail.ThroughKeys("student_id", "course_id"))
		_ = dovetail.HasMany(students, "enrollments", enrollments, dovetail.ForeignKey("student_id"))
		all := dovetail.Select(students).OrderBy("id")
		sameGraph(t, d, all, "courses")
		sameGraph(t, d, all, "courses", "enrollments")
		rows, err := all.Fetch("courses").All(t.Context(), d.DB)
		if err != nil {
			t.Fatal(err)
		}
		linked := 0
		for _, s := range rows {
			for _, c := range s.Courses {
				if linked++; c.Link.StudentID != s.ID || c.Link.CourseID != c.Row.ID {
					t.Errorf("student %d has %s", s.ID, fmt.Sprint(*c.Row, *c.Link))
				}
			}
		}
		if linked == 0 {
			t.Error("no student has a course")
		}
	})
}

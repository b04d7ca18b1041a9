package written

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// School inserts two students and four courses.
func School(t *testing.T, d kit.Database) (sue, tom *Student, courses []*Course) {
	t.Helper()
	sue, tom = &Student{Name: "Sue"}, &Student{Name: "Tom"}
	courses = []*Course{{Title: "Art"}, {Title: "Bio"}, {Title: "Chem"}, {Title: "Dance"}}
	kit.Insert(t, d.DB, dovetail.Insert(Students, sue, tom))
	kit.Insert(t, d.DB, dovetail.Insert(Courses, courses...))
	return sue, tom, courses
}

// Graded is an entry of a student's courses.
func Graded(c *Course, grade int64) dovetail.Linked[Course, Enrollment] {
	return dovetail.Linked[Course, Enrollment]{Row: c, Link: &Enrollment{Grade: sql.NullInt64{Int64: grade, Valid: true}}}
}

func ExpectDumpOf(t *testing.T, d kit.Database, table string, want ...string) {
	t.Helper()
	if got, want := Dump(t, d, table), strings.Join(append(want, ""), "\n"); got != want {
		t.Errorf("expected\n%sgot\n%s", want, got)
	}
}

// Traps of links (section O) and of writers that wait for each other (N5).

// Classes makes two students and twenty courses.
const Classes = DDL + `
INSERT INTO students (id, name) VALUES (1, 'Sue'), (2, 'Tom');
INSERT INTO courses (id, title) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
SELECT i, 'x' FROM n;
`

// OnClasses runs the test on both databases, each by a pool.
func OnClasses(t *testing.T, test func(t *testing.T, d kit.Database)) {
	t.Helper()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, WithKeys(d, Classes))
		test(t, d)
	})
}

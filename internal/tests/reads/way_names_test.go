package reads_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	wnSchool struct {
		ID       int64
		Students []*wnStudent
	}
	wnStudent struct {
		ID          int64
		SchoolID    int64
		Enrollments []*wnEnrollment
		Courses     []*wnCourse
		Best        *string `db:"best,computed"`
		N           int64   `db:"n,computed"`
	}
	wnEnrollment struct {
		StudentID, CourseID int64
		Grade               string
		Student             *wnStudent
		Course              *wnCourse
	}
	wnCourse struct {
		ID          int64
		Title       string
		Enrollments []*wnEnrollment
		Students    []*wnStudent
	}
)

const wnDDL = `
CREATE TABLE schools (id BIGINT PRIMARY KEY);
CREATE TABLE students (id BIGINT PRIMARY KEY, school_id BIGINT NOT NULL);
CREATE TABLE courses (id BIGINT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE enrollments (student_id BIGINT NOT NULL, course_id BIGINT NOT NULL, grade TEXT NOT NULL, PRIMARY KEY (student_id, course_id));
INSERT INTO schools VALUES (1), (2);
INSERT INTO students VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO courses VALUES (1, 'algebra'), (2, 'botany'), (3, 'chemistry');
INSERT INTO enrollments VALUES (1, 1, 'A'), (1, 2, 'B'), (2, 2, 'A'), (2, 3, 'A'), (3, 1, 'B')`

// TestARowOnTheWayHasAName names the row on the way from the row around where the row at the end has a relation of that name as well:
// students and courses both have enrollments, and a many-to-many each way.
func TestARowOnTheWayHasAName(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	schools, students, courses := dovetail.NewTable[wnSchool](r, "schools"), dovetail.NewTable[wnStudent](r, "students"), dovetail.NewTable[wnCourse](r, "courses")
	enrollments := dovetail.NewTable[wnEnrollment](r, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	dovetail.HasMany(schools, "students", students, dovetail.ForeignKey("school_id"))
	dovetail.HasMany(students, "enrollments", enrollments, dovetail.ForeignKey("student_id"), dovetail.Inverse("student"))
	dovetail.HasMany(courses, "enrollments", enrollments, dovetail.ForeignKey("course_id"), dovetail.Inverse("course"))
	dovetail.ManyToMany(students, "courses", courses, enrollments, dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
	q := dovetail.Select(students).OrderBy("id")
	graded := func(name string) sq.Eq { return sq.Eq{name: "A"} }
	kit.OnEach(t, wnDDL, func(t *testing.T, d kit.Database) {
		for what, test := range map[string]struct {
			query dovetail.Query[*wnStudent]
			want  []string
		}{
			"a condition of a value": {q.With(dovetail.Max("enrollments.course").Of("title").Where(graded("outer.enrollments.grade")).As("best")),
				[]string{"algebra", "chemistry", ""}},
			"in SQL text": {q.With(dovetail.Max("enrollments.course").Of("title").Where("outer.enrollments.grade = ? AND self.title > ?", "A", "b").As("best")),
				[]string{"", "chemistry", ""}},
			"what a value is made of": {q.With(dovetail.Max("enrollments.course").Of("outer.enrollments.grade || self.title").As("best")),
				[]string{"Bbotany", "Achemistry", "Balgebra"}},
			"behind the row of the join table": {q.With(dovetail.Max("courses.enrollments").Of("self.grade").Where(graded("outer.courses.title")).As("best")),
				[]string{"", "", ""}},
			"the row of the join table": {q.With(dovetail.Max("courses.enrollments").Of("outer.courses.link.grade || self.grade").As("best")),
				[]string{"BB", "AB", "BB"}},
			"a test": {q.Has("enrollments.course", graded("outer.enrollments.grade"), sq.Eq{"title": "botany"}).
				With(dovetail.FirstOf("enrollments").Of("'is'").As("best")), []string{"is"}},
		} {
			rows := kit.All(t, d.DB, test.query)
			kit.Same(t, what, kit.Pluck(rows, func(s *wnStudent) string {
				if s.Best == nil {
					return ""
				}
				return *s.Best
			}), test.want...)
		}
		inner := dovetail.Has("enrollments.course", graded("outer.enrollments.grade"), sq.Eq{"title": "chemistry"})
		found := kit.All(t, d.DB, dovetail.Select(schools).Has("students", inner))
		kit.Same(t, "a test inside another", kit.Pluck(found, func(s *wnSchool) int64 { return s.ID }), 1)

		// To-one, the row on the way is that of the path, be it joined or not.
		marks := dovetail.Select(enrollments).Has("course.enrollments", sq.Eq{"grade": dovetail.Col("outer.course.title")})
		for _, by := range []dovetail.Query[*wnEnrollment]{marks, marks.Where(sq.NotEq{"course.title": ""}), marks.Join("course")} {
			kit.Equal(t, "to-one", len(kit.All(t, d.DB, by)), 0)
		}
		_, err := q.Has("enrollments.course", sq.Eq{"title": dovetail.Col("outer.enrollments.nope")}).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnknownColumn, `"nope"`)
		_, err = q.With(dovetail.Max("enrollments.course").Of("title").Where(graded("enrollments.grade")).As("best")).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrAmbiguous, `"outer.enrollments.grade"`)
		_, err = dovetail.Select(schools).Has("students", dovetail.Has("enrollments.course", graded("enrollments.grade"))).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrAmbiguous, `"outer.enrollments.grade"`)
		_, err = q.With(dovetail.Count("courses.enrollments").Where(graded("courses.link.grade")).As("n")).All(t.Context(), d.DB)
		kit.NoError(t, err)
		_, err = q.Join("enrollments").With(dovetail.Max("enrollments.course").Of("title").Where(graded("outer.enrollments.grade")).As("best")).
			All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrAmbiguous, "joined")
	})
}

package dovetail_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail"
)

// A many-to-many in every form a field can have, for every type of key: students and courses, and the enrollments between
// them, which have columns of their own, no primary key, and rows that repeat.

type lStudent[K comparable] struct {
	ID          K
	Name        string
	Sum         *int64  `db:"sum,computed"`
	Least       *int64  `db:"least,computed"`
	Most        *int64  `db:"most,computed"`
	Best        *string `db:"best,computed"`
	Late        int64   `db:"late,computed"`
	Courses     []dovetail.Linked[lCourse[K], lEnrollment[K]]
	Plain       []*lCourse[K]
	Values      []lCourse[K]
	Enrollments []*lEnrollment[K]
}

type lCourse[K comparable] struct {
	ID        K
	Title     string
	TeacherID *K
	Teacher   *lTeacher[K]
	Students  []dovetail.Linked[lStudent[K], lEnrollment[K]]
}

type lTeacher[K comparable] struct {
	ID   K
	Name string
}

type lEnrollment[K comparable] struct {
	StudentID K
	CourseID  K
	Grade     *int64
	Term      string
	Course    *lCourse[K]
}

type lTables[K comparable] struct {
	students *dovetail.Table[lStudent[K]]
	courses  *dovetail.Table[lCourse[K]]
}

func newLTables[K comparable](prefix string) lTables[K] {
	r := dovetail.NewRegistry()
	l := lTables[K]{
		students: dovetail.NewTable[lStudent[K]](r, prefix+"_students"),
		courses:  dovetail.NewTable[lCourse[K]](r, prefix+"_courses"),
	}
	teachers := dovetail.NewTable[lTeacher[K]](r, prefix+"_teachers")
	enrollments := dovetail.NewTable[lEnrollment[K]](r, prefix+"_enrollments")
	keys := dovetail.ThroughKeys("student_id", "course_id")
	dovetail.ManyToMany(l.students, "courses", l.courses, enrollments, keys, dovetail.Inverse("students"))
	dovetail.ManyToMany(l.students, "plain", l.courses, enrollments, keys)
	dovetail.ManyToMany(l.students, "values", l.courses, enrollments, keys)
	dovetail.HasMany(l.students, "enrollments", enrollments, dovetail.ForeignKey("student_id"))
	dovetail.BelongsTo(enrollments, "course", l.courses, dovetail.ForeignKey("course_id"))
	dovetail.BelongsTo(l.courses, "teacher", teachers, dovetail.ForeignKey("teacher_id"))
	return l
}

// linkedTables makes the tables of one family, as keyedTables does. Ann is twice in biology with different grades, bob
// twice in chess with equal rows, and cat in no course.
const linkedTables = `
CREATE TABLE @_students (id KEY PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE @_courses (id KEY PRIMARY KEY, title TEXT NOT NULL, teacher_id KEY);
CREATE TABLE @_teachers (id KEY PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE @_enrollments (student_id KEY NOT NULL, course_id KEY NOT NULL, grade BIGINT, term TEXT NOT NULL);
INSERT INTO @_students (id, name) VALUES (#1, 'ann'), (#2, 'bob'), (#3, 'cat');
INSERT INTO @_courses (id, title, teacher_id) VALUES (#11, 'algebra', #21), (#12, 'biology', #22), (#13, 'chess', NULL);
INSERT INTO @_teachers (id, name) VALUES (#21, 'tess'), (#22, 'uma');
INSERT INTO @_enrollments (student_id, course_id, grade, term) VALUES
  (#1, #11, 5, 'a'), (#1, #12, 3, 'a'), (#1, #12, 4, 'b'),
  (#2, #11, 2, 'a'), (#2, #12, NULL, 'b'), (#2, #13, 4, 'b'), (#2, #13, 4, 'b');
`

func linkedDDL(key confKey) string {
	text := strings.NewReplacer("KEY PRIMARY KEY", key.column+" PRIMARY KEY", "KEY", key.column, "@", key.name).
		Replace(linkedTables)
	return keyInDDL.ReplaceAllStringFunc(text, func(k string) string {
		n, _ := strconv.Atoi(k[1:]) // the pattern gives digits only
		return key.literal(n)
	})
}

func gradeText(grade *int64) string {
	if grade == nil {
		return "-"
	}
	return fmt.Sprint(*grade)
}

// linkedText is what the students' linked courses are: "ann: algebra 5a, biology 3a; cat:".
func linkedText[K comparable](students []*lStudent[K]) string {
	all := make([]string, 0, len(students))
	for _, s := range students {
		if s.Courses == nil {
			all = append(all, s.Name+" not loaded")
			continue
		}
		entries := make([]string, 0, len(s.Courses))
		for _, c := range s.Courses {
			entries = append(entries, " "+c.Row.Title+" "+gradeText(c.Link.Grade)+c.Link.Term)
		}
		all = append(all, s.Name+":"+strings.Join(entries, ","))
	}
	return strings.Join(all, "; ")
}

// plainText is the same of the other fields, which hold no grades.
func plainText[K comparable](students []*lStudent[K]) string {
	all := make([]string, 0, len(students))
	for _, s := range students {
		pointers, values := s.Name+":", s.Name+":"
		for _, c := range s.Plain {
			pointers += " " + c.Title
		}
		for _, c := range s.Values {
			values += " " + c.Title
		}
		if pointers != values || s.Plain == nil || s.Values == nil {
			pointers += fmt.Sprintf(" but by value%s (%t, %t)", values, s.Plain == nil, s.Values == nil)
		}
		all = append(all, pointers)
	}
	return strings.Join(all, "; ")
}

// The readings' students and courses, with links.
type linkedStudent struct {
	ID      int64
	Name    string
	Courses []dovetail.Linked[linkedCourse, linkedEnrollment]
}

type linkedCourse struct {
	ID       int64
	Title    string
	Students []dovetail.Linked[linkedStudent, linkedEnrollment]
}

type linkedEnrollment struct {
	StudentID int64
	CourseID  int64
	Grade     *string
}

var (
	linkedRegistry    = dovetail.NewRegistry()
	linkedStudents    = dovetail.NewTable[linkedStudent](linkedRegistry, "students")
	linkedCourses     = dovetail.NewTable[linkedCourse](linkedRegistry, "courses")
	linkedEnrollments = dovetail.NewTable[linkedEnrollment](linkedRegistry, "enrollments",
		dovetail.PrimaryKey("student_id", "course_id"))
	_ = dovetail.ManyToMany(linkedStudents, "courses", linkedCourses, linkedEnrollments,
		dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
)

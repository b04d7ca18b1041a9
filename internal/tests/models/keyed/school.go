package keyed

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail"
)

// A many-to-many in every form a field can have, for every type of key: students and courses, and the enrollments between
// them, which have columns of their own, no primary key, and rows that repeat.

type Student[K comparable] struct {
	ID          K
	Name        string
	Sum         *int64  `db:"sum,computed"`
	Least       *int64  `db:"least,computed"`
	Most        *int64  `db:"most,computed"`
	Best        *string `db:"best,computed"`
	Late        int64   `db:"late,computed"`
	Courses     []dovetail.Linked[Course[K], Enrollment[K]]
	Plain       []*Course[K]
	Values      []Course[K]
	Enrollments []*Enrollment[K]
}

type Course[K comparable] struct {
	ID        K
	Title     string
	TeacherID *K
	Teacher   *Teacher[K]
	Students  []dovetail.Linked[Student[K], Enrollment[K]]
}

type Teacher[K comparable] struct {
	ID   K
	Name string
}

type Enrollment[K comparable] struct {
	StudentID K
	CourseID  K
	Grade     *int64
	Term      string
	Course    *Course[K]
}

type School[K comparable] struct {
	Students *dovetail.Table[Student[K]]
	Courses  *dovetail.Table[Course[K]]
}

func NewSchool[K comparable](prefix string) School[K] {
	r := dovetail.NewRegistry()
	l := School[K]{
		Students: dovetail.NewTable[Student[K]](r, prefix+"_students"),
		Courses:  dovetail.NewTable[Course[K]](r, prefix+"_courses"),
	}
	teachers := dovetail.NewTable[Teacher[K]](r, prefix+"_teachers")
	enrollments := dovetail.NewTable[Enrollment[K]](r, prefix+"_enrollments")
	keys := dovetail.ThroughKeys("student_id", "course_id")
	dovetail.ManyToMany(l.Students, "courses", l.Courses, enrollments, keys, dovetail.Inverse("students"))
	dovetail.ManyToMany(l.Students, "plain", l.Courses, enrollments, keys)
	dovetail.ManyToMany(l.Students, "values", l.Courses, enrollments, keys)
	dovetail.HasMany(l.Students, "enrollments", enrollments, dovetail.ForeignKey("student_id"))
	dovetail.BelongsTo(enrollments, "course", l.Courses, dovetail.ForeignKey("course_id"))
	dovetail.BelongsTo(l.Courses, "teacher", teachers, dovetail.ForeignKey("teacher_id"))
	return l
}

// SchoolTables makes the tables of one family, as keyedTables does. Ann is twice in biology with different grades, bob
// twice in chess with equal rows, and cat in no course.
const SchoolTables = `
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

func SchoolDDL(key Key) string {
	text := strings.NewReplacer("KEY PRIMARY KEY", key.column+" PRIMARY KEY", "KEY", key.column, "@", key.Name).
		Replace(SchoolTables)
	return keyInDDL.ReplaceAllStringFunc(text, func(k string) string {
		n, _ := strconv.Atoi(k[1:]) // the pattern gives digits only
		return key.literal(n)
	})
}

func GradeText(grade *int64) string {
	if grade == nil {
		return "-"
	}
	return fmt.Sprint(*grade)
}

// The readings' students and courses, with links.
type PlainStudent struct {
	ID      int64
	Name    string
	Courses []dovetail.Linked[PlainCourse, PlainEnrollment]
}

type PlainCourse struct {
	ID       int64
	Title    string
	Students []dovetail.Linked[PlainStudent, PlainEnrollment]
}

type PlainEnrollment struct {
	StudentID int64
	CourseID  int64
	Grade     *string
	Student   *PlainStudent
}

var (
	PlainRegistry     = dovetail.NewRegistry()
	PlainStudents     = dovetail.NewTable[PlainStudent](PlainRegistry, "students")
	PlainCourses      = dovetail.NewTable[PlainCourse](PlainRegistry, "courses")
	linkedEnrollments = dovetail.NewTable[PlainEnrollment](PlainRegistry, "enrollments",
		dovetail.PrimaryKey("student_id", "course_id"))
	_ = dovetail.ManyToMany(PlainStudents, "courses", PlainCourses, linkedEnrollments,
		dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
	_ = dovetail.BelongsTo(linkedEnrollments, "student", PlainStudents, dovetail.ForeignKey("student_id"))
)

var Ints = NewSchool[int64]("int")

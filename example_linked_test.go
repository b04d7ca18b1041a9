package dovetail_test

import (
	"context"
	"fmt"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// The field Courses of this student is a []dovetail.Linked[linkedCourse, linkedEnrollment]: each course comes with the
// enrollment that links it, grade included, by the one statement that the preload needs anyway.
func ExampleLinked() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(keyed.PlainStudents).OrderBy("id").Preload("courses")
	printStatements(q)
	students, err := q.All(context.Background(), db)
	for _, s := range students {
		fmt.Print(s.Name, ":")
		for _, c := range s.Courses {
			grade := "no grade yet"
			if c.Link.Grade != nil {
				grade = *c.Link.Grade
			}
			fmt.Printf(" %s (%s)", c.Row.Title, grade)
		}
		fmt.Println()
	}
	fmt.Println(err)
	// Output:
	// -- students
	// SELECT "students"."id", "students"."name"
	// FROM "students"
	// ORDER BY "students"."id"
	// -- preload courses
	// SELECT "courses"."id", "courses"."title", "courses#enrollments"."student_id" AS "link.student_id", "courses#enrollments"."course_id" AS "link.course_id", "courses#enrollments"."grade" AS "link.grade"
	// FROM "courses"
	// JOIN "enrollments" AS "courses#enrollments" ON "courses#enrollments"."course_id" = "courses"."id"
	// WHERE "courses#enrollments"."student_id" = ANY($1::bigint[])
	// ORDER BY "courses"."id"
	// -- rows
	// Ada: Algebra (A) Botany (no grade yet)
	// Ben: Algebra (C)
	// Cleo:
	// <nil>
}

// The latest course of each student. The join table's row is named "link", whether or not the field holds it.
func ExampleLinked_latestOfEach() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Students).Columns("id", "name").OrderBy("id").
		Preload("courses", dovetail.Select(models.Courses).OrderBy("link.enrolled_on DESC").Limit(1))
	students, err := q.All(context.Background(), db)
	for _, s := range students {
		fmt.Print(s.Name, ":")
		for _, c := range s.Courses {
			fmt.Print(" ", c.Title)
		}
		fmt.Println()
	}
	fmt.Println(err)
	// Output:
	// Ada: Botany
	// Ben: Algebra
	// Cleo:
	// <nil>
}

// Students with an A in some course: a condition on the join table, which repeats no student.
func ExampleLinked_condition() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Students).Columns("name").Has("courses", sq.Eq{"link.grade": "A"})
	printStatements(q)
	students, err := q.All(context.Background(), db)
	for _, s := range students {
		fmt.Println(s.Name)
	}
	fmt.Println(err)
	// Output:
	// -- students
	// SELECT "students"."name"
	// FROM "students"
	// WHERE (EXISTS (SELECT 1
	//     FROM "enrollments" AS "courses#enrollments"
	//     JOIN "courses" ON "courses"."id" = "courses#enrollments"."course_id"
	//     WHERE "courses#enrollments"."student_id" = "students"."id"
	//     AND ("courses#enrollments"."grade" = $1)))
	// -- rows
	// Ada
	// <nil>
}

// The roll of each course: columns of three tables, into a shape of the caller's.
func ExampleLinked_join() {
	db, done := readingsDB()
	defer done()

	type entry struct {
		Title    string
		Students struct {
			Name string
			Link struct{ Grade *string }
		}
	}
	roll, err := dovetail.Collect[entry](context.Background(), db, dovetail.Select(models.Courses).
		Join("students", sq.NotEq{"link.grade": nil}).
		Columns("title", "students.name", "students.link.grade").
		OrderBy("students.link.grade"))
	for _, e := range roll {
		fmt.Println(e.Title, e.Students.Name, *e.Students.Link.Grade)
	}
	fmt.Println(err)
	// Output:
	// Algebra Ada A
	// Algebra Ben C
	// <nil>
}

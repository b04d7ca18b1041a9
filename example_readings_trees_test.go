package dovetail_test

import (
	"context"
	"fmt"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Students and their courses, past the join table.
func Example_studentsAndCourses() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Students).OrderBy("id").Preload("courses")
	printStatements(q)
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
	// -- students
	// SELECT "students"."id", "students"."name"
	// FROM "students"
	// ORDER BY "students"."id"
	// -- preload courses
	// SELECT "courses"."id", "courses"."title", "courses#enrollments"."student_id"
	// FROM "courses"
	// JOIN "enrollments" AS "courses#enrollments" ON "courses#enrollments"."course_id" = "courses"."id"
	// WHERE "courses#enrollments"."student_id" = ANY($1::bigint[])
	// ORDER BY "courses"."id"
	// -- rows
	// Ada: Algebra Botany
	// Ben: Algebra
	// Cleo:
	// <nil>
}

// The join table has columns of its own, so it is a table with relations of its own: a path leads through it.
func Example_studentsAndGrades() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Students).OrderBy("id").Preload("enrollments.course")
	printStatements(q)
	students, err := q.All(context.Background(), db)
	for _, s := range students {
		fmt.Println(s.Name)
		for _, e := range s.Enrollments {
			grade := "no grade"
			if e.Grade != nil {
				grade = *e.Grade
			}
			fmt.Printf("- %s, %s, %s\n", e.Course.Title, e.EnrolledOn.Format("2 Jan 2006"), grade)
		}
	}
	fmt.Println(err)
	// Output:
	// -- students
	// SELECT "students"."id", "students"."name"
	// FROM "students"
	// ORDER BY "students"."id"
	// -- preload enrollments
	// SELECT "enrollments"."student_id", "enrollments"."course_id", "enrollments"."grade", "enrollments"."enrolled_on"
	// FROM "enrollments"
	// WHERE "enrollments"."student_id" = ANY($1::bigint[])
	// ORDER BY "enrollments"."student_id", "enrollments"."course_id"
	// -- preload enrollments.course
	// SELECT "courses"."id", "courses"."title"
	// FROM "courses"
	// WHERE "courses"."id" = ANY($1::bigint[])
	// -- rows
	// Ada
	// - Algebra, 1 Sep 2024, A
	// - Botany, 2 Sep 2024, no grade
	// Ben
	// - Algebra, 3 Sep 2024, C
	// Cleo
	// <nil>
}

// Who passed algebra? The conditions are on the link's columns and on the table behind it.
func Example_studentsByGrade() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Students).Columns("name").
		Has("enrollments", sq.Eq{"course.title": "Algebra"}, sq.Eq{"grade": []string{"A", "B"}})
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
	//     FROM "enrollments"
	//     JOIN "courses" AS "enrollments.course" ON "enrollments.course"."id" = "enrollments"."course_id"
	//     WHERE "enrollments"."student_id" = "students"."id"
	//     AND ("enrollments.course"."title" = $1)
	//     AND ("enrollments"."grade" = ANY($2))))
	// -- rows
	// Ada
	// <nil>
}

// A table related to itself: each level of the tree is one more statement.
func Example_categoriesAndSubcategories() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil}).Preload("subcategories.subcategories")
	printStatements(q)
	roots, err := q.All(context.Background(), db)
	for _, root := range roots {
		fmt.Println(root.Name)
		for _, c := range root.Subcategories {
			fmt.Println("-", c.Name)
			for _, s := range c.Subcategories {
				fmt.Println("  -", s.Name)
			}
		}
	}
	fmt.Println(err)
	// Output:
	// -- categories
	// SELECT "categories"."id", "categories"."parent_id", "categories"."name"
	// FROM "categories"
	// WHERE ("categories"."parent_id" IS NULL)
	// -- preload subcategories
	// SELECT "categories"."id", "categories"."parent_id", "categories"."name"
	// FROM "categories"
	// WHERE "categories"."parent_id" = ANY($1::bigint[])
	// ORDER BY "categories"."id"
	// -- preload subcategories.subcategories
	// SELECT "categories"."id", "categories"."parent_id", "categories"."name"
	// FROM "categories"
	// WHERE "categories"."parent_id" = ANY($1::bigint[])
	// ORDER BY "categories"."id"
	// -- rows
	// things
	// - tools
	//   - hammers
	// - toys
	// <nil>
}

// Employees with their manager, who is an employee too, and with those they manage.
func Example_employeesAndManagers() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Employees).OrderBy("id").Preload("manager").Preload("subordinates")
	printStatements(q)
	employees, err := q.All(context.Background(), db)
	for _, e := range employees {
		manager := "nobody"
		if e.Manager != nil {
			manager = e.Manager.Name
		}
		fmt.Printf("%s is managed by %s and manages %d\n", e.Name, manager, len(e.Subordinates))
	}
	fmt.Println(err)
	// Output:
	// -- employees
	// SELECT "employees"."id", "employees"."manager_id", "employees"."name"
	// FROM "employees"
	// ORDER BY "employees"."id"
	// -- preload manager
	// SELECT "employees"."id", "employees"."manager_id", "employees"."name"
	// FROM "employees"
	// WHERE "employees"."id" = ANY($1::bigint[])
	// -- preload subordinates
	// SELECT "employees"."id", "employees"."manager_id", "employees"."name"
	// FROM "employees"
	// WHERE "employees"."manager_id" = ANY($1::bigint[])
	// ORDER BY "employees"."id"
	// -- rows
	// root is managed by nobody and manages 2
	// left is managed by root and manages 1
	// right is managed by root and manages 0
	// leaf is managed by left and manages 0
	// <nil>
}

// Authors with the number of their books, in one statement. An author without books counts none.
func Example_authorsWithNumberOfBooks() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Authors).
		LeftJoin("books").
		GroupBy("id").
		Column("count(books.id) AS book_count"). // into Author.BookCount
		OrderBy("book_count DESC", "name")
	printStatements(q)
	authors, err := q.All(context.Background(), db)
	for _, a := range authors {
		fmt.Println(a.Name, a.BookCount)
	}
	fmt.Println(err)
	// Output:
	// -- authors
	// SELECT "authors"."id", "authors"."name", count("books"."id") AS book_count
	// FROM "authors"
	// LEFT JOIN "books" ON "books"."author_id" = "authors"."id"
	// GROUP BY "authors"."id"
	// ORDER BY "book_count" DESC, "authors"."name"
	// -- rows
	// Le Guin 2
	// Lem 1
	// Nobody 0
	// <nil>
}

// Books together with their author, as structs of both.
func Example_booksWithAuthor() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Books).OrderBy("title").Preload("author")
	printStatements(q)
	books, err := q.All(context.Background(), db)
	for _, b := range books {
		fmt.Printf("%s by %s\n", b.Title, b.Author.Name)
	}
	fmt.Println(err)
	// Output:
	// -- books
	// SELECT "books"."id", "books"."author_id", "books"."title", "books"."pages"
	// FROM "books"
	// ORDER BY "books"."title"
	// -- preload author
	// SELECT "authors"."id", "authors"."name"
	// FROM "authors"
	// WHERE "authors"."id" = ANY($1::bigint[])
	// -- rows
	// Solaris by Lem
	// The Dispossessed by Le Guin
	// The Lathe of Heaven by Le Guin
	// <nil>
}

// The same in one statement, into a struct made for it.
func Example_booksWithAuthorsName() {
	db, done := readingsDB()
	defer done()

	type titled struct {
		Title  string
		Author struct{ Name string }
	}
	q := dovetail.Select(models.Books).Columns("title", "author.name").OrderBy("title")
	printStatements(q)
	books, err := dovetail.Collect[titled](context.Background(), db, q)
	for _, b := range books {
		fmt.Printf("%s by %s\n", b.Title, b.Author.Name)
	}
	fmt.Println(err)
	// Output:
	// -- books
	// SELECT "books"."title", "author"."name" AS "author.name"
	// FROM "books"
	// JOIN "authors" AS "author" ON "author"."id" = "books"."author_id"
	// ORDER BY "books"."title"
	// -- rows
	// Solaris by Lem
	// The Dispossessed by Le Guin
	// The Lathe of Heaven by Le Guin
	// <nil>
}

package dovetail_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// What runs a query, each on the rows of testdata/schemas/readings.sql.

func ExampleQuery_All() {
	db, done := readingsDB()
	defer done()

	books, err := dovetail.Select(models.Books).Where(sq.Gt{"pages": 200}).OrderBy("pages").All(context.Background(), db)
	for _, b := range books {
		fmt.Println(b.Title, b.Pages)
	}
	fmt.Println(err)
	// Output:
	// Solaris 204
	// The Dispossessed 341
	// <nil>
}

// A query is a value of squirrel's Eq too: a subquery.
func ExampleQuery_All_subquery() {
	db, done := readingsDB()
	defer done()

	withdrawn := dovetail.Select(models.Activities).Columns("account_id").Where(sq.Eq{"activity_type": models.Withdrawal})
	q := dovetail.Select(models.Accounts).Columns("owner").Where(sq.Eq{"id": withdrawn}).OrderBy("id")
	printSQL(q)
	accounts, err := q.All(context.Background(), db)
	for _, a := range accounts {
		fmt.Println(a.Owner)
	}
	fmt.Println(err)
	// Output:
	// SELECT "accounts"."owner"
	// FROM "accounts"
	// WHERE ("accounts"."id" IN (SELECT "activity"."account_id"
	//     FROM "activity"
	//     WHERE ("activity"."activity_type" = $1)))
	// ORDER BY "accounts"."id"
	// -- [WD]
	// SpongeBob
	// Squidward
	// <nil>
}

func ExampleQuery_One() {
	db, done := readingsDB()
	defer done()

	account, err := dovetail.Select(models.Accounts).Where(sq.Eq{"email": "pat@sea.example"}).One(context.Background(), db)
	fmt.Println(account.Owner, err)

	_, err = dovetail.Select(models.Accounts).Where(sq.Eq{"email": "?"}).One(context.Background(), db)
	fmt.Println(errors.Is(err, dovetail.ErrNoRows), errors.Is(err, sql.ErrNoRows), err)

	_, err = dovetail.Select(models.Accounts).One(context.Background(), db)
	fmt.Println(errors.Is(err, dovetail.ErrTooManyRows), err)
	// Output:
	// Patrick <nil>
	// true true dovetail: select accounts: no rows
	// true dovetail: select accounts: too many rows
}

func ExampleQuery_First() {
	db, done := readingsDB()
	defer done()

	book, err := dovetail.Select(models.Books).OrderBy("pages DESC").First(context.Background(), db)
	fmt.Println(book.Title, err)
	// Output: The Dispossessed <nil>
}

// A key of several columns has a value for each.
func ExampleQuery_Get() {
	db, done := readingsDB()
	defer done()

	student, err := dovetail.Select(models.Students).Preload("courses").Get(context.Background(), db, 1)
	fmt.Println(student.Name, len(student.Courses), err)

	enrollment, err := dovetail.Select(models.Enrollments).Get(context.Background(), db, 1, 2)
	fmt.Println(enrollment.EnrolledOn.Format("2 January"), err)
	// Output:
	// Ada 2 <nil>
	// 2 September <nil>
}

// Count is the number of rows that All returns: here of accounts, not of activities.
func ExampleQuery_Count() {
	db, done := readingsDB()
	defer done()

	n, err := dovetail.Select(models.Accounts).Join("activities").Distinct().Count(context.Background(), db)
	fmt.Println(n, err)
	// Output: 3 <nil>
}

func ExampleQuery_Exists() {
	db, done := readingsDB()
	defer done()

	found, err := dovetail.Select(models.Authors).HasNone("books").Exists(context.Background(), db)
	fmt.Println(found, err)
	// Output: true <nil>
}

func ExampleCollect() {
	db, done := readingsDB()
	defer done()

	type total struct {
		Type  models.ActivityType `db:"activity_type"`
		Total int64
	}
	q := dovetail.Select(models.Activities).
		GroupBy("activity_type").
		Columns("activity_type").
		Column("sum(activity.amount) AS total").
		OrderBy("activity_type")
	totals, err := dovetail.Collect[total](context.Background(), db, q)
	fmt.Println(totals, err)

	// A single column needs no struct.
	names := dovetail.Select(models.Accounts).Columns("owner").OrderBy("id")
	owners, err := dovetail.Collect[string](context.Background(), db, names)
	fmt.Println(owners, err)
	// Output:
	// [{DEP 2480} {WD 1300}] <nil>
	// [SpongeBob Patrick Squidward Sandy] <nil>
}

// Rows that are in hand already are loaded as a preload would load them: by one statement for all.
func ExampleLoad() {
	db, done := readingsDB()
	defer done()

	students := []*models.Student{{ID: 1, Name: "Ada"}, {ID: 3, Name: "Cleo"}}
	err := dovetail.Load(context.Background(), db, models.Students, students, "courses")
	for _, s := range students {
		fmt.Println(s.Name, len(s.Courses))
	}
	fmt.Println(len(db.Stmts), err)
	// Output:
	// Ada 2
	// Cleo 0
	// 1 <nil>
}

// A column that may be NULL needs a field that can say so.
func ExampleScanError() {
	db, done := readingsDB()
	defer done()

	type Profile struct {
		ID  int64
		Bio string
	}
	profiles := dovetail.NewTable[Profile](dovetail.NewRegistry(), "profiles")
	_, err := dovetail.Select(profiles).OrderBy("id").All(context.Background(), db)

	var failed *dovetail.ScanError
	fmt.Println(errors.As(err, &failed), failed.Column, failed.Field)
	fmt.Println(bySentence(err))
	// Output:
	// true profiles.bio Profile.Bio
	// dovetail: select profiles: scan profiles.bio into Profile.Bio: the value is NULL and the field is string;
	// make it *string or a null type
}

// The registry says how many queries were compiled, and how many have found a program of their shape.
func ExampleRegistry_Programs() {
	db, done := readingsDB()
	defer done()
	type book struct {
		ID    int64
		Title string
	}
	r := dovetail.NewRegistry()
	books := dovetail.NewTable[book](r, "books")

	for id := range 100 {
		if _, err := dovetail.Select(books).Where(sq.Lt{"id": id}).Count(context.Background(), db); err != nil {
			fmt.Println(err)
		}
	}
	stats := r.Programs()
	fmt.Println(stats.Kept, stats.Found > 90)
	// Output: 1 true
}

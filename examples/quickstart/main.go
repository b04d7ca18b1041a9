// Command quickstart shows dovetail on an SQLite database in memory: what you write, every statement that is sent, and
// what comes back.
//
//	go run ./examples/quickstart
//
// The tables and relations are declared in models.go; the database is made by schema.sql.
package main

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"io"
	"os"
	"strings"

	sq "github.com/Masterminds/squirrel"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/examples/internal/show"
)

//go:embed schema.sql
var schema string

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run makes the database and tells the story to w.
func run(ctx context.Context, w io.Writer) error {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1) // every connection to ":memory:" would be a database of its own
	if _, err := pool.ExecContext(ctx, schema); err != nil {
		return err
	}

	fmt.Fprint(w, "dovetail on an SQLite database in memory: what is written, what is sent, what comes back.\n"+
		"The tables and relations are declared in examples/quickstart/models.go.\n\n")
	db := show.Around(sqlite.New(pool), w) // sqlite.New(pool) is all you need; show prints the statements
	scenes := []func(context.Context, dovetail.DB, io.Writer) error{join, preload, both, manyToMany, joinTable}
	for _, scene := range scenes {
		if err := scene(ctx, db, w); err != nil {
			return err
		}
	}
	fmt.Fprintln(w, "More, on PostgreSQL: examples/bank. All of it: go doc github.com/dovetail-go/dovetail")
	return nil
}

func join(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "1. Join", "Whose account had a deposit of 750 or more?", `Select(Accounts).
	Join("activities").
	Where(sq.Eq{"activities.activity_type": Deposit}).
	Where("activities.amount >= ?", 750).
	Distinct().
	OrderBy("id").
	All(ctx, db)`)

	accounts, err := dovetail.Select(Accounts).
		Join("activities").
		Where(sq.Eq{"activities.activity_type": Deposit}).
		Where("activities.amount >= ?", 750).
		Distinct(). // SpongeBob has two such deposits, and should come once
		OrderBy("id").
		All(ctx, db)
	if err != nil {
		return err
	}
	lines := []string{"-- result"}
	for _, a := range accounts {
		lines = append(lines, a.Owner)
	}
	show.Text(w, lines...)
	return nil
}

func preload(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "2. Preload",
		"All accounts, each with its activities: two statements, however many accounts there are.",
		`Select(Accounts).OrderBy("id").Preload("activities").All(ctx, db)`)

	accounts, err := dovetail.Select(Accounts).OrderBy("id").Preload("activities").All(ctx, db)
	if err != nil {
		return err
	}
	printAccounts(w, accounts)
	return nil
}

func both(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "3. Filter by some rows, load others",
		"The accounts with a large deposit, each with its two newest activities of whatever kind.", `Select(Accounts).
	Has("activities", sq.Eq{"activity_type": Deposit}, sq.GtOrEq{"amount": 750}).
	OrderBy("id").
	Preload("activities", Select(Activities).OrderBy("created_at DESC").Limit(2)). // 2 for each account
	All(ctx, db)`)

	accounts, err := dovetail.Select(Accounts).
		Has("activities", sq.Eq{"activity_type": Deposit}, sq.GtOrEq{"amount": 750}).
		OrderBy("id").
		Preload("activities", dovetail.Select(Activities).OrderBy("created_at DESC").Limit(2)).
		All(ctx, db)
	if err != nil {
		return err
	}
	printAccounts(w, accounts)
	return nil
}

func manyToMany(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "4. Many to many", "Students and their courses. The join table is joined for you.",
		`Select(Students).OrderBy("id").Preload("courses").All(ctx, db)`)

	students, err := dovetail.Select(Students).OrderBy("id").Preload("courses").All(ctx, db)
	if err != nil {
		return err
	}
	lines := []string{"-- result"}
	for _, s := range students {
		var titles []string
		for _, c := range s.Courses {
			titles = append(titles, c.Title)
		}
		lines = append(lines, line(s.Name, titles))
	}
	show.Text(w, lines...)
	return nil
}

func joinTable(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "5. The join table itself",
		"The same link with its own columns, grades and dates. A path leads through it.",
		`Select(Students).OrderBy("id").Preload("enrollments.course").All(ctx, db)`)

	students, err := dovetail.Select(Students).OrderBy("id").Preload("enrollments.course").All(ctx, db)
	if err != nil {
		return err
	}
	lines := []string{"-- result"}
	for _, s := range students {
		var courses []string
		for _, e := range s.Enrollments {
			grade := "no grade yet"
			if e.Grade != nil {
				grade = "grade " + *e.Grade
			}
			since := e.EnrolledOn.Format("2 January")
			courses = append(courses, fmt.Sprintf("%s since %s (%s)", e.Course.Title, since, grade))
		}
		lines = append(lines, line(s.Name, courses))
	}
	show.Text(w, lines...)
	return nil
}

func printAccounts(w io.Writer, accounts []*Account) {
	lines := []string{"-- result"}
	for _, a := range accounts {
		var activities []string
		for _, act := range a.Activities {
			activities = append(activities, fmt.Sprintf("%s %d", act.ActivityType, act.Amount))
		}
		lines = append(lines, line(a.Owner, activities))
	}
	show.Text(w, lines...)
}

// line returns a name and its list.
func line(name string, list []string) string {
	if len(list) == 0 {
		return name + ": none"
	}
	return name + ": " + strings.Join(list, ", ")
}

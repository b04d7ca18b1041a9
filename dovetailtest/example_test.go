package dovetailtest_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/dovetailtest"
)

type Author struct {
	ID    int64
	Name  string
	Books []*Book
}

type Book struct {
	ID       int64
	AuthorID int64
	Author   *Author
}

var (
	Library = dovetail.NewRegistry()
	Authors = dovetail.NewTable[Author](Library, "authors")
	Books   = dovetail.NewTable[Book](Library, "books")

	AuthorBooks = dovetail.HasMany(Authors, "books", Books, dovetail.ForeignKey("author_id"), dovetail.Inverse("author"))
)

func library() dovetail.DB {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
	}
	pool.SetMaxOpenConns(1) // every connection to ":memory:" would be a database of its own
	for _, text := range []string{
		`CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`,
		`CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES authors (id))`,
		`INSERT INTO authors VALUES (1, 'Lem'), (2, 'Le Guin')`,
		`INSERT INTO books VALUES (1, 1), (2, 2), (3, 2)`,
	} {
		if _, err := pool.Exec(text); err != nil {
			fmt.Println(err)
		}
	}
	return sqlite.New(pool)
}

// printed stands in for the *testing.T of a test, and prints what it fails with.
type printed struct {
	testing.TB
	cleanup func()
}

func (p *printed) Helper()             {}
func (p *printed) Cleanup(done func()) { p.cleanup = done }
func (p *printed) Error(args ...any)   { fmt.Println(args...) }

func ExampleMaxQueries() {
	t, ctx := &printed{}, context.Background()
	db := dovetailtest.MaxQueries(t, library(), 2)

	books, _ := dovetail.Select(Books).All(ctx, db)
	for _, b := range books {
		b.Author, _ = dovetail.Select(Authors).Get(ctx, db, b.AuthorID)
	}

	t.cleanup() // the test ends
	// Output:
	// dovetailtest: expected at most 2 statement(s), got 4:
	// 	1 × select books
	// 		SELECT "books"."id", "books"."author_id" FROM "books"
	// 	3 × select authors
	// 		SELECT "authors"."id", "authors"."name" FROM "authors" WHERE ("authors"."id" = ?)
	// 		instead of 3 statements use Preload("author") on the query of "books"
}

// A preload of all authors is one statement more, whatever the number of books.
func ExampleCounter_Count() {
	db := dovetailtest.MaxQueries(&printed{}, library(), 2)
	books, err := dovetail.Select(Books).Preload("author").OrderBy("id").All(context.Background(), db)
	fmt.Println(books[0].Author.Name, db.Count(), err)
	// Output: Lem 2 <nil>
}

// What was sent before is not part of the budget.
func ExampleCounter_Reset() {
	db := dovetailtest.MaxQueries(&printed{}, library(), 1)
	_, _ = dovetail.Select(Books).Preload("author").All(context.Background(), db)
	db.Reset()
	n, err := dovetail.Select(Books).Count(context.Background(), db)
	fmt.Println(n, db.Count(), err)
	// Output: 3 1 <nil>
}

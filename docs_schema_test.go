package dovetail_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// everydayDDL shows the statements that make a registry's tables as Explain shows those of a query.
type everydayDDL struct{ Schema *dovetail.Registry }

func (e everydayDDL) Explain(d dialect.Dialect) (string, error) {
	statements, err := e.Schema.DDL(d)
	return "ddl\n\n-- \n" + strings.Join(statements, "\n\n-- \n") + "\n\nround trips: none", err
}

// everydayTables are the tables of docs/declaring.md that are made and checked.
func everydayTables() *dovetail.Registry {
	type Status string
	const Draft, Out = Status("draft"), Status("out")
	type Book struct {
		ID       int64
		AuthorID int64
		Title    string
		Status   Status
	}
	type Author struct {
		ID    int64
		Email string
		Books []*Book
	}
	var (
		Schema  = dovetail.NewRegistry()
		Authors = dovetail.NewTable[Author](Schema, "authors", dovetail.Unique("email"))
		Books   = dovetail.NewTable[Book](Schema, "books",
			dovetail.OneOf("status", Draft, Out), dovetail.Default("status", "'draft'"))

		AuthorBooks = dovetail.HasMany(Authors, "books", Books,
			dovetail.ForeignKey("author_id"), dovetail.OnDelete(dovetail.Cascade))
	)
	_ = AuthorBooks
	return Schema
}

// TestPagesMakeAndCheckTables runs the code of docs/declaring.md about the tables themselves.
func TestPagesMakeAndCheckTables(t *testing.T) {
	t.Parallel()
	Schema := everydayTables()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.DB
		statements, err := Schema.DDL(postgres.Dialect)
		if err != nil || len(statements) != 3 {
			t.Errorf("expected 3 statements, got %d, %v", len(statements), err)
		}

		findings, err := Schema.Check(ctx, db)
		if err != nil || len(findings) != 2 {
			t.Errorf("expected two missing tables, got %s, %v", kit.ListFindings(findings), err)
		}
		err = Schema.CreateAll(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		if d.Postgres() {
			d.Exec(t, "ALTER TABLE books DROP CONSTRAINT books_author_id_fkey")
			findings, err = Schema.Check(ctx, db)
			want := findings[0].String()
			if err != nil || len(findings) != 1 || !slices.ContainsFunc(fences(t, "docs/declaring.md", "text"), func(text string) bool {
				return normal(text) == normal(want)
			}) {
				t.Errorf("docs/declaring.md does not show %s, %v", want, err)
			}
		}
	})
}

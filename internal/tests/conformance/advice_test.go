package conformance_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Bare words of SQL text are the database's to resolve; when it cannot, the error says what to write.

func adviceCases() []kit.Case {
	return []kit.Case{
		{Name: "advice/bare words", Run: testAdviceOnWords},
		{Name: "advice/tables", Run: testAdviceOnTables},
		{Name: "advice/fields without a column", Run: testAdviceOnFields},
		{Name: "advice/preloads", Run: testAdviceInPreloads},
		{Name: "advice/writes", Run: testAdviceInWrites},
	}
}

// advised runs a query that the database refuses, and looks for words in what it is told.
func advised[R any](t *testing.T, db dovetail.DB, q dovetail.Query[R], words ...string) {
	t.Helper()
	_, err := q.All(t.Context(), db)
	adviceOf(t, err, words...)
}

// adviceOf looks for words in the error of a call.
func adviceOf(t *testing.T, err error, words ...string) {
	t.Helper()
	var failed *dovetail.QueryError
	if !errors.As(err, &failed) {
		t.Fatalf("expected a QueryError, got %v", err)
	}
	text := err.Error()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("expected the error to say %s: %s", w, text)
		}
	}
	if strings.Count(text, "dovetail: ") != 1 || strings.Contains(text, secretWord) {
		t.Errorf("expected the prefix once, and no argument: %s", text)
	}
}

// eachApart runs every step in a transaction of its own, because a failed statement aborts one.
func eachApart(t *testing.T, d kit.Database, steps map[string]func(t *testing.T, db dovetail.DB)) {
	t.Helper()
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			_ = d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error {
				step(t, tx)
				return context.Canceled
			})
		})
	}
}

const secretWord = "s3cret"

func testAdviceOnWords(t *testing.T, d kit.Database) {
	accounts := dovetail.Select(models.Accounts)
	users, books, authors := dovetail.Select(models.Users), dovetail.Select(models.Books), dovetail.Select(models.Authors)
	eachApart(t, d, map[string]func(*testing.T, dovetail.DB){
		"two tables": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Join("activities").Where("id > ?", 1), `"id" stands alone`, `"self.id"`, `"activities.id"`)
		},
		"two tables in another case": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Join("activities").Where("ID > ?", 1), `"activities.`)
		},
		"in an order": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Join("activities").OrderByClause("abs(id)"), `"self.id"`, `"activities.id"`)
		},
		"in Column": func(t *testing.T, db dovetail.DB) {
			_, err := dovetail.Collect[int64](t.Context(), db, accounts.Columns().Join("activities").Column("id + ? AS n", 3))
			adviceOf(t, err, `"self.id"`, `"activities.id"`)
		},
		"in Count": func(t *testing.T, db dovetail.DB) {
			_, err := accounts.Join("activities").Where("id > ?", 1).Count(t.Context(), db)
			adviceOf(t, err, `"self.id"`, `"activities.id"`)
		},
		"in Has": func(t *testing.T, db dovetail.DB) {
			advised(t, db, users.Has("posts.tags", squirrel.Expr("id = ?", 1)), `"self.id" for the column of "tags"`, `"posts.id"`)
		},
		"in a join": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Join("activities", squirrel.Expr("id = ?", 1)), `"self.id" for the column of "activity"`, `"outer.id"`)
		},
		"in an aggregate": func(t *testing.T, db dovetail.DB) {
			_, err := dovetail.Collect[map[string]any](t.Context(), db,
				users.Columns("id").With(dovetail.Count("posts.tags").Where("id = ?", 1).As("n")))
			adviceOf(t, err, `"self.id"`, `"posts.id"`)
		},
		"in squirrel's Or": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Join("activities").Where(squirrel.Or{squirrel.Expr("id = 1"), squirrel.Eq{"id": 2}}), `"self.id"`)
		},
		"along a relation": func(t *testing.T, db dovetail.DB) {
			advised(t, db, books.Where("name = ?", secretWord), `"name" stands alone`, `"author.name" for the column of "authors"`)
		},
		"a computed field": func(t *testing.T, db dovetail.DB) {
			advised(t, db, authors.Where("book_count > ?", 1), `"book_count" is a computed field`, `As("book_count")`)
		},
		"a value below a SELECT": func(t *testing.T, db dovetail.DB) {
			if db.Dialect().Name() == "sqlite" {
				return // which finds the name
			}
			advised(t, db, authors.With(dovetail.Count("books").As("book_count")).
				Where("authors.id IN (SELECT author_id FROM books WHERE pages > book_count)"), `"book_count" is selected`, "outside of that SELECT")
		},
	})
	// Nothing is said of what is nobody's.
	eachApart(t, d, map[string]func(*testing.T, dovetail.DB){"unknown": func(t *testing.T, db dovetail.DB) {
		_, err := accounts.Where("nobodys = ?", secretWord).All(t.Context(), db)
		adviceOf(t, err)
		if strings.Contains(err.Error(), "stands alone") {
			t.Errorf("expected no advice: %v", err)
		}
	}})
}

func testAdviceOnTables(t *testing.T, d kit.Database) {
	accounts := dovetail.Select(models.Accounts)
	eachApart(t, d, map[string]func(*testing.T, dovetail.DB){
		"joined": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Join("activities").Where("activity.amount > ?", 1), `"activities.column"`)
		},
		"along a relation": func(t *testing.T, db dovetail.DB) {
			advised(t, db, dovetail.Select(models.Books).Where("authors.name = ?", secretWord), `"author.column"`)
		},
	})
}

func testAdviceOnFields(t *testing.T, d kit.Database) {
	type account struct {
		ID    int64
		Owner string
		Extra int64
	}
	accounts := dovetail.Select(dovetail.NewTable[account](dovetail.NewRegistry(), "accounts"))
	eachApart(t, d, map[string]func(*testing.T, dovetail.DB){
		"selected": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts, `column "extra" in table "accounts"`, `db:"extra,computed"`)
		},
		"in a map": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Columns("id").Where(squirrel.Eq{"extra": 1}), `db:"extra,computed"`)
		},
		"in text": func(t *testing.T, db dovetail.DB) {
			advised(t, db, accounts.Columns("id").Where("extra = ?", 1), `db:"extra,computed"`)
		},
	})
}

func testAdviceInPreloads(t *testing.T, d kit.Database) {
	eachApart(t, d, map[string]func(*testing.T, dovetail.DB){
		"own": func(t *testing.T, db dovetail.DB) {
			advised(t, db, dovetail.Select(models.Authors).Preload("books", dovetail.Select(models.Books).Where("name = ?", secretWord)),
				`"author.name" for the column of "authors"`)
		},
		"below": func(t *testing.T, db dovetail.DB) {
			advised(t, db, dovetail.Select(models.Users).Preload("posts.tags", dovetail.Select(models.Tags).Join("posts").
				Where("id = ?", 2).Distinct()), `"self.id"`, `"posts.id"`)
		},
	})
}

func testAdviceInWrites(t *testing.T, d kit.Database) {
	eachApart(t, d, map[string]func(*testing.T, dovetail.DB){
		"update": func(t *testing.T, db dovetail.DB) {
			_, err := dovetail.Update(models.Books).Set("pages", 3).Where("name = ?", secretWord).Exec(t.Context(), db)
			adviceOf(t, err, `"author.name"`)
		},
		"delete": func(t *testing.T, db dovetail.DB) {
			_, err := dovetail.Delete(models.Books).Where("name = ?", secretWord).Exec(t.Context(), db)
			adviceOf(t, err, `"author.name"`)
		},
	})
}

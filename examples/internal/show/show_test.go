package show_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/examples/internal/show"
)

func TestLinesBreakBeforeClausesOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, want string }{
		{"no clause", `SELECT 1`, `SELECT 1`},
		{"clauses and two words", `SELECT "a" FROM "t" LEFT JOIN "u" ON "x" WHERE (TRUE) ORDER BY "a" LIMIT 1`,
			"SELECT \"a\"\nFROM \"t\"\nLEFT JOIN \"u\" ON \"x\"\nWHERE (TRUE)\nORDER BY \"a\"\nLIMIT 1"},
		{"quoted", `SELECT 'a FROM b', "c WHERE d" FROM "t"`, "SELECT 'a FROM b', \"c WHERE d\"\nFROM \"t\""},
		{"subquery", `SELECT 1 FROM (SELECT 2 FROM "u") AS "v" WHERE (x)`,
			"SELECT 1\nFROM (SELECT 2\n  FROM \"u\") AS \"v\"\nWHERE (x)"},
		{"window", `SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM "t"`,
			"SELECT row_number() OVER (PARTITION BY a ORDER BY b)\nFROM \"t\""},
		{"long list", "SELECT " + strings.Repeat("x", 70) + ", y, z FROM t",
			"SELECT " + strings.Repeat("x", 70) + ",\n  y, z\nFROM t"},
		{"parenthesis too many", `SELECT 1) FROM t`, "SELECT 1)\nFROM t"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := show.Lines(c.sql); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// failing is a database whose every statement fails.
type failing struct{ dovetail.DB }

var errFailing = errors.New("no database")

func (failing) Run(context.Context, []dialect.Statement, func(int, dialect.Rows) error) error {
	return errFailing
}

func TestDBPrintsBeforeItRuns(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	db := show.Around(failing{}, &out)
	err := db.Run(t.Context(), []dialect.Statement{
		{SQL: "SELECT 1 FROM t"},
		{SQL: "SELECT 2", Args: []any{"x", 7}, Path: "a.b"},
	}, nil)
	if !errors.Is(err, errFailing) {
		t.Errorf("expected the database's error, got %v", err)
	}
	want := "  -- sent\n  SELECT 1\n  FROM t\n\n  -- sent for a.b\n  SELECT 2\n  with x, 7\n\n"
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

package kit

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// What the tests of traps have in common.

// Silent is a PostgreSQL that must not be asked anything: what is wrong with a query is found before.
type Silent struct{ TB testing.TB }

func (Silent) Dialect() dialect.Dialect { return postgres.Dialect }

func (Silent) Catalog() *dialect.Catalog { return new(dialect.Catalog) }

func (Silent) Records() bool { return true }

func (t Silent) InTx(_ context.Context, _ dialect.TxOptions, do func(dialect.DB) error) error {
	return do(t)
}

func (s Silent) Run(_ context.Context, stmts []dialect.Statement, _ func(int, dialect.Rows) error) error {
	s.TB.Errorf("expected no statement, got %q", stmts[0].SQL)
	return errors.New("a statement was sent")
}

// Declared returns the error of a registry with the declarations.
func Declared(declare func(r *dovetail.Registry)) error {
	r := dovetail.NewRegistry()
	declare(r)
	return r.Validate()
}

// StatementOf returns the query's statement on PostgreSQL and its arguments, or fails the test.
func StatementOf[R any](t *testing.T, q dovetail.Query[R]) (string, []any) {
	t.Helper()
	sql, args, err := q.SQL(postgres.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	return sql, args
}

// StatementError returns the error that compiling the query gives.
func StatementError[R any](q dovetail.Query[R]) error {
	_, _, err := q.SQL(postgres.Dialect)
	return err
}

// Texts returns the first column of a statement written by hand, which is the answer to compare with.
func Texts(t *testing.T, db dovetail.DB, sql string) []string {
	t.Helper()
	var texts []string
	err := db.Run(t.Context(), []dialect.Statement{{SQL: sql}}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			texts = append(texts, text)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// Literal returns text as an SQL literal.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

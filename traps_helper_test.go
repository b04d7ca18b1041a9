package dovetail_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// What the files traps_*_test.go have in common.

// trapSilent is a PostgreSQL that must not be asked anything: what is wrong with a query is found before.
type trapSilent struct{ tb testing.TB }

func (trapSilent) Dialect() dialect.Dialect  { return postgres.Dialect }
func (trapSilent) Catalog() *dialect.Catalog { return new(dialect.Catalog) }

func (t trapSilent) InTx(_ context.Context, _ dialect.TxOptions, do func(dialect.DB) error) error {
	return do(t)
}

func (s trapSilent) Run(_ context.Context, stmts []dialect.Statement, _ func(int, dialect.Rows) error) error {
	s.tb.Errorf("expected no statement, got %q", stmts[0].SQL)
	return errors.New("a statement was sent")
}

// trapDeclared returns the error of a registry with the declarations.
func trapDeclared(declare func(r *dovetail.Registry)) error {
	r := dovetail.NewRegistry()
	declare(r)
	return r.Validate()
}

// trapSQL returns the query's statement on PostgreSQL and its arguments, or fails the test.
func trapSQL[T any](t *testing.T, q dovetail.Query[T]) (string, []any) {
	t.Helper()
	sql, args, err := q.SQL(postgres.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	return sql, args
}

// trapSQLError returns the error that compiling the query gives.
func trapSQLError[T any](q dovetail.Query[T]) error {
	_, _, err := q.SQL(postgres.Dialect)
	return err
}

// trapTexts returns the first column of a statement written by hand, which is the answer to compare with.
func trapTexts(t *testing.T, db dovetail.DB, sql string) []string {
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

// trapLiteral returns text as an SQL literal.
func trapLiteral(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

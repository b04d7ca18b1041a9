package dovetail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// What the conformance cases, and other tests of results, have in common.

// forgetful returns the database with a catalog of its own, so that a case's look-ups do not depend on those before it.
func (d database) forgetful() database {
	d.db = forgetfulDB{d.db, new(dialect.Catalog)}
	return d
}

type forgetfulDB struct {
	dovetail.DB
	catalog *dialect.Catalog
}

func (f forgetfulDB) Catalog() *dialect.Catalog { return f.catalog }

// lookups returns how many of n look-ups of key types this database needs: PostgreSQL all of them, SQLite none. Each is
// a statement in a round trip of its own.
func (d database) lookups(n int) int {
	if d.postgres() {
		return n
	}
	return 0
}

// confAll returns the query's rows, or fails the test.
func confAll[T any](t *testing.T, db dovetail.DB, q dovetail.Query[T]) []*T {
	t.Helper()
	rows, err := q.All(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// confCollect returns the query's rows in another shape, or fails the test.
func confCollect[D any](t *testing.T, db dovetail.DB, q dovetail.AnyQuery) []D {
	t.Helper()
	rows, err := dovetail.Collect[D](t.Context(), db, q)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// confLoad loads a path onto rows, or fails the test.
func confLoad[T any](t *testing.T, db dovetail.DB, table *dovetail.Table[T], rows []*T, path string,
	q ...dovetail.AnyQuery) {
	t.Helper()
	if err := dovetail.Load(t.Context(), db, table, rows, path, q...); err != nil {
		t.Fatal(err)
	}
}

// confPluck returns one value of every row.
func confPluck[R, V any](rows []R, value func(R) V) []V {
	values := make([]V, 0, len(rows))
	for _, r := range rows {
		values = append(values, value(r))
	}
	return values
}

// confSame fails the test unless both lists hold equal values in the same order.
func confSame[V comparable](t *testing.T, what string, got []V, want ...V) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: expected %v, got %v", what, want, got)
	}
}

// confEqual fails the test unless both values are.
func confEqual[V comparable](t *testing.T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: expected %v, got %v", what, want, got)
	}
}

// confRefused fails the test unless err is one of the library's own that matches the sentinel and names the words.
func confRefused(t *testing.T, err, sentinel error, words ...string) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Errorf("expected an error that is %q, got %v", sentinel, err)
		return
	}
	if strings.Count(err.Error(), "dovetail: ") != 1 || !strings.HasPrefix(err.Error(), "dovetail: ") {
		t.Errorf("expected the prefix once, at the start: %v", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("expected the error to name %q: %v", w, err)
		}
	}
}

// confSQL runs a statement made elsewhere and returns the first column of its rows.
func confSQL[V any](ctx context.Context, db dovetail.DB, sql string, args ...any) ([]V, error) {
	var values []V
	err := db.Run(ctx, []dialect.Statement{{SQL: sql, Args: args}}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var v V
			if err := rows.Scan(&v); err != nil {
				return err
			}
			values = append(values, v)
		}
		return rows.Err()
	})
	return values, err
}

// confText writes accounts with their activities.
func confText(rows []*Account) (s string) {
	for _, a := range rows {
		s += fmt.Sprintf("%d %s:", a.ID, a.Owner)
		for _, act := range a.Activities {
			s += fmt.Sprintf(" %d/%v", act.ID, act.Account == a)
		}
		s += "; "
	}
	return s
}

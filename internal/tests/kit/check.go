package kit

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

// Forgetful returns the database with a catalog of its own, so that a case's look-ups do not depend on those before it.
func (d Database) Forgetful() Database {
	d.DB = forgetfulDB{d.DB, new(dialect.Catalog)}
	return d
}

type forgetfulDB struct {
	dovetail.DB
	catalog *dialect.Catalog
}

func (f forgetfulDB) Catalog() *dialect.Catalog { return f.catalog }

// Lookups returns how many of n look-ups of key types this database needs: PostgreSQL all of them, SQLite none. Each is
// a statement that rides along with the query's own, or takes a round trip where rows are loaded onto.
func (d Database) Lookups(n int) int {
	if d.Postgres() {
		return n
	}
	return 0
}

// All returns the query's rows, or fails the test.
func All[R any](t *testing.T, db dovetail.DB, q dovetail.Query[R]) []R {
	t.Helper()
	rows, err := q.All(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Collect returns the query's rows in another shape, or fails the test.
func Collect[D any](t *testing.T, db dovetail.DB, q dovetail.AnyQuery) []D {
	t.Helper()
	rows, err := dovetail.Collect[D](t.Context(), db, q)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Load loads a path onto rows, or fails the test.
func Load[T any](t *testing.T, db dovetail.DB, table *dovetail.Table[T], rows []*T, path string,
	q ...dovetail.AnyQuery) {
	t.Helper()
	if err := dovetail.Load(t.Context(), db, table, rows, path, q...); err != nil {
		t.Fatal(err)
	}
}

// Pluck returns one value of every row.
func Pluck[R, V any](rows []R, value func(R) V) []V {
	values := make([]V, 0, len(rows))
	for _, r := range rows {
		values = append(values, value(r))
	}
	return values
}

// Same fails the test unless both lists hold equal values in the same order.
func Same[V comparable](t *testing.T, what string, got []V, want ...V) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: expected %v, got %v", what, want, got)
	}
}

// Equal fails the test unless both values are.
func Equal[V comparable](t *testing.T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: expected %v, got %v", what, want, got)
	}
}

// Refused fails the test unless err is one of the library's own that matches the sentinel and names the words.
func Refused(t *testing.T, err, sentinel error, words ...string) {
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

// SQL runs a statement made elsewhere and returns the first column of its rows.
func SQL[V any](ctx context.Context, db dovetail.DB, sql string, args ...any) ([]V, error) {
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

func Must[V any](t *testing.T) func(V, error) V {
	return func(v V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// NoError fails the test at an error.
func NoError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// No message may hold one of these: they are the arguments of the cases.
const (
	SecretText   = "s3cret"
	SecretNumber = 987654321
)

// CheckErrorText holds for every error of the package, whatever it says.
func CheckErrorText(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	switch {
	case !strings.HasPrefix(text, "dovetail: ") || strings.Count(text, "dovetail: ") != 1:
		t.Errorf("the prefix is not printed exactly once: %s", text)
	case strings.HasSuffix(text, ".") || strings.HasSuffix(text, " ") || strings.Contains(text, "\n\n"):
		t.Errorf("ends in a period, a space or has an empty line: %q", text)
	case strings.Contains(text, SecretText) || strings.Contains(text, "987654321"):
		t.Errorf("holds the value of an argument: %s", text)
	case strings.Contains(text, "%!") || strings.Contains(text, "0x"):
		t.Errorf("is badly formatted: %s", text)
	case strings.Contains(text, "/"):
		t.Errorf("holds the path of a file: %s", text)
	}
}

// DescribeSQL shows the statement that an error is about.
func DescribeSQL(err error) string {
	var q *dovetail.QueryError
	if errors.As(err, &q) {
		return err.Error() + "\n" + q.SQL
	}
	return err.Error()
}

type ProbeSmall uint8

type ProbeMood string

// SQLState returns PostgreSQL's code of an error, or "".
func SQLState(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	return ""
}

// MustFind returns what Check finds.
func MustFind(tb testing.TB, r *dovetail.Registry, db dovetail.DB) []dovetail.Finding {
	tb.Helper()
	findings, err := r.Check(context.Background(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return findings
}

// ListFindings writes findings one below the other.
func ListFindings(findings []dovetail.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

// Insert inserts, or fails the test.
func Insert[T any](t *testing.T, db dovetail.DB, insertions ...dovetail.Insertion[*T]) {
	t.Helper()
	for _, i := range insertions {
		if err := i.Exec(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
}

// Lists writes rows and their related rows as "a:1,2 b:".
func Lists[R, C any](rows []R, name func(R) any, related func(R) []C, key func(C) any) string {
	var words []string
	for _, r := range rows {
		var keys []string
		for _, c := range related(r) {
			keys = append(keys, fmt.Sprint(key(c)))
		}
		words = append(words, fmt.Sprint(name(r))+":"+strings.Join(keys, ","))
	}
	return strings.Join(words, " ")
}

// TRAPS I: what SQL does with joins, DISTINCT, limits, orders and locks.

// ProbeIDs returns the values of one field of the rows a query returns, separated by spaces.
func ProbeIDs[R any](t *testing.T, db dovetail.DB, q dovetail.Query[R], id func(R) any) string {
	t.Helper()
	rows, err := q.All(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, r := range rows {
		got = append(got, fmt.Sprint(id(r)))
	}
	return strings.Join(got, " ")
}

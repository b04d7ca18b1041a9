package dovetail_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// probe is a database that can also be asked beside dovetail, in SQL written by hand, for what the right answer is.
type probe struct {
	database
	pool *pgxpool.Pool                            // nil on SQLite
	ask  func(tb testing.TB, sql string) []string // the rows, the columns of each separated by spaces
}

// postgresProbe returns a probe of a PostgreSQL schema made by the statements; vary may change the connections.
func postgresProbe(tb testing.TB, ddl string, vary func(*pgxpool.Config)) probe {
	tb.Helper()
	cfg := dbtest.PostgresConfig(tb)
	if vary != nil {
		vary(cfg)
	}
	pool := dbtest.PostgresPool(tb, cfg)
	p := probe{pool: pool}
	p.name, p.db = "postgres/pool", postgres.New(pool)
	p.exec = func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.Exec(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	p.ask = func(tb testing.TB, sql string) []string {
		tb.Helper()
		rows, err := pool.Query(tb.Context(), sql)
		if err != nil {
			tb.Fatal(err)
		}
		defer rows.Close()
		answer := []string{}
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				tb.Fatal(err)
			}
			answer = append(answer, spaced(values))
		}
		if err := rows.Err(); err != nil {
			tb.Fatal(err)
		}
		return answer
	}
	if ddl != "" {
		p.exec(tb, ddl)
	}
	return p
}

// sqliteProbe returns a probe of an SQLite database made by the statements.
func sqliteProbe(tb testing.TB, ddl string) probe {
	tb.Helper()
	pool := dbtest.SQLite(tb)
	p := probe{}
	p.name, p.db = "sqlite/db", sqlite.New(pool)
	p.exec = func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.ExecContext(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	p.ask = func(tb testing.TB, sql string) []string {
		tb.Helper()
		rows, err := pool.QueryContext(tb.Context(), sql)
		if err != nil {
			tb.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			tb.Fatal(err)
		}
		answer := []string{}
		for rows.Next() {
			values, dests := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				dests[i] = &values[i]
			}
			if err := rows.Scan(dests...); err != nil {
				tb.Fatal(err)
			}
			answer = append(answer, spaced(values))
		}
		if err := rows.Err(); err != nil {
			tb.Fatal(err)
		}
		return answer
	}
	if ddl != "" {
		p.exec(tb, ddl)
	}
	return p
}

func spaced(values []any) string { return strings.TrimSuffix(fmt.Sprintln(values...), "\n") }

// onEachProbe runs the test on PostgreSQL and on SQLite.
func onEachProbe(t *testing.T, ddl string, test func(t *testing.T, p probe)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, postgresProbe(t, ddl, nil))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, sqliteProbe(t, ddl))
	})
}

// keyOwner and keyRow are related by nothing but the column k, whatever its type; each may have many of the other.
type keyOwner[O, R any] struct {
	ID      int64
	K       O
	Related []*keyRow[O, R]
}

type keyRow[O, R any] struct {
	ID     int64
	K      R
	Owners []*keyOwner[O, R]
}

func keyTables[O, R any]() (*dovetail.Table[keyOwner[O, R]], *dovetail.Table[keyRow[O, R]]) {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[keyOwner[O, R]](r, "key_owners")
	rows := dovetail.NewTable[keyRow[O, R]](r, "key_rows")
	dovetail.HasMany(owners, "related", rows, dovetail.ForeignKey("k"), dovetail.References("k"))
	dovetail.HasMany(rows, "owners", owners, dovetail.ForeignKey("k"), dovetail.References("k"))
	return owners, rows
}

// ownerPairs returns "owner row" for every row that was loaded.
func ownerPairs[O, R any](owners []*keyOwner[O, R]) []string {
	pairs := []string{}
	for _, o := range owners {
		for _, r := range o.Related {
			pairs = append(pairs, fmt.Sprint(o.ID, " ", r.ID))
		}
	}
	return pairs
}

// keyCase is a pair of key columns and what a join over them gives.
type keyCase struct {
	name            string
	ownerSQL        string   // type of the owners' key column
	rowSQL          string   // type of the related rows' key column; empty: the same
	owners, related []string // the keys as SQL literals; ids count from 1
	want            []string // "owner row" of every pair that the join has
	agree           func(t *testing.T, p probe, want []string)
}

func (c keyCase) ddl() string {
	if c.rowSQL == "" {
		c.rowSQL = c.ownerSQL
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE key_owners (id BIGINT PRIMARY KEY, k %s);\n", c.ownerSQL)
	fmt.Fprintf(&b, "CREATE TABLE key_rows (id BIGINT PRIMARY KEY, k %s);\n", c.rowSQL)
	for i, k := range c.owners {
		fmt.Fprintf(&b, "INSERT INTO key_owners (id, k) VALUES (%d, %s);\n", i+1, k)
	}
	for i, k := range c.related {
		fmt.Fprintf(&b, "INSERT INTO key_rows (id, k) VALUES (%d, %s);\n", i+1, k)
	}
	return b.String()
}

// onPostgres runs each case on tables of its own, made after the statements of before.
func onPostgres(t *testing.T, before string, cases []keyCase, vary func(*pgxpool.Config)) {
	t.Helper()
	for _, c := range cases {
		t.Run("postgres/"+c.name, func(t *testing.T) { c.agree(t, postgresProbe(t, before+c.ddl(), vary), c.want) })
	}
}

func onSQLite(t *testing.T, cases []keyCase) {
	t.Helper()
	for _, c := range cases {
		t.Run("sqlite/"+c.name, func(t *testing.T) { c.agree(t, sqliteProbe(t, c.ddl()), c.want) })
	}
}

// keysAgree checks that a preload finds exactly the rows that the database's own join finds, both ways, also with a
// limit for each owner, and that dovetail's join finds the same.
func keysAgree[O, R any](t *testing.T, p probe, want []string) {
	t.Helper()
	expect := func(what string, got, want []string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: expected pairs %q, got %q", what, want, got)
		}
	}
	expect("join by hand", p.ask(t, `SELECT o.id, r.id FROM key_owners o JOIN key_rows r ON r.k = o.k ORDER BY 1, 2`), want)

	owners, rows := keyTables[O, R]()
	type joined struct {
		ID      int64
		Related struct{ ID int64 }
	}
	pairs, err := dovetail.Collect[joined](t.Context(), p.db, dovetail.Select(owners).Columns("id", "related.id").
		Join("related").OrderBy("id", "related.id"))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, j := range pairs {
		got = append(got, fmt.Sprint(j.ID, " ", j.Related.ID))
	}
	expect("join", got, want)

	loaded, err := dovetail.Select(owners).OrderBy("id").Preload("related").All(t.Context(), p.db)
	if err != nil {
		t.Fatal(err)
	}
	expect("preload", ownerPairs(loaded), want)
	for _, o := range loaded {
		if o.Related == nil {
			t.Errorf("owner %d: the loaded list is nil", o.ID)
		}
	}

	first := []string{} // the first row of each owner: want is sorted
	for i, pair := range want {
		if i == 0 || strings.Fields(want[i-1])[0] != strings.Fields(pair)[0] {
			first = append(first, pair)
		}
	}
	loaded, err = dovetail.Select(owners).OrderBy("id").Preload("related", dovetail.Select(rows).Limit(1)).All(t.Context(), p.db)
	if err != nil {
		t.Fatal(err)
	}
	expect("preload of one row each", ownerPairs(loaded), first)

	back, err := dovetail.Select(rows).OrderBy("id").Preload("owners").All(t.Context(), p.db)
	if err != nil {
		t.Fatal(err)
	}
	got = []string{}
	for _, r := range back {
		for _, o := range r.Owners {
			got = append(got, fmt.Sprint(r.ID, " ", o.ID))
		}
	}
	expect("preload of the owners", got,
		p.ask(t, `SELECT r.id, o.id FROM key_rows r JOIN key_owners o ON o.k = r.k ORDER BY 1, 2`))
}

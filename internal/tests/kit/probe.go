package kit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// Probe is a database that can also be asked beside dovetail, in SQL written by hand, for what the right answer is.
type Probe struct {
	Database
	Pool *pgxpool.Pool                            // nil on SQLite
	Ask  func(tb testing.TB, sql string) []string // the rows, the columns of each separated by spaces
}

// PostgresProbe returns a probe of a PostgreSQL schema made by the statements; vary may change the connections.
func PostgresProbe(tb testing.TB, ddl string, vary func(*pgxpool.Config)) Probe {
	tb.Helper()
	cfg := dbtest.PostgresConfig(tb)
	if vary != nil {
		vary(cfg)
	}
	pool := dbtest.PostgresPool(tb, cfg)
	p := Probe{Pool: pool}
	p.Name, p.DB = "postgres/pool", postgres.New(pool)
	p.Exec = func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.Exec(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	p.Ask = func(tb testing.TB, sql string) []string {
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
		p.Exec(tb, ddl)
	}
	return p
}

// SQLiteProbe returns a probe of an SQLite database made by the statements.
func SQLiteProbe(tb testing.TB, ddl string) Probe {
	tb.Helper()
	pool := dbtest.SQLite(tb)
	p := Probe{}
	p.Name, p.DB = "sqlite/db", sqlite.New(pool)
	p.Exec = func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.ExecContext(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	p.Ask = func(tb testing.TB, sql string) []string {
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
		p.Exec(tb, ddl)
	}
	return p
}

func spaced(values []any) string { return strings.TrimSuffix(fmt.Sprintln(values...), "\n") }

// OnEachProbe runs the test on PostgreSQL and on SQLite.
func OnEachProbe(t *testing.T, ddl string, test func(t *testing.T, p Probe)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, PostgresProbe(t, ddl, nil))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLiteProbe(t, ddl))
	})
}

// KeyOwner and keyRow are related by nothing but the column k, whatever its type; each may have many of the other.
type KeyOwner[O, R any] struct {
	ID      int64
	K       O
	Related []*keyRow[O, R]
}

type keyRow[O, R any] struct {
	ID     int64
	K      R
	Owners []*KeyOwner[O, R]
}

// KeyTables declares the two tables.
func KeyTables[O, R any]() (*dovetail.Table[KeyOwner[O, R]], *dovetail.Table[keyRow[O, R]]) {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[KeyOwner[O, R]](r, "key_owners")
	rows := dovetail.NewTable[keyRow[O, R]](r, "key_rows")
	dovetail.HasMany(owners, "related", rows, dovetail.ForeignKey("k"), dovetail.References("k"))
	dovetail.HasMany(rows, "owners", owners, dovetail.ForeignKey("k"), dovetail.References("k"))
	return owners, rows
}

// OwnerPairs returns "owner row" for every row that was loaded, and "owner nil" for a list that is nil.
func OwnerPairs[O, R any](owners []*KeyOwner[O, R]) []string {
	pairs := []string{}
	for _, o := range owners {
		if o.Related == nil {
			pairs = append(pairs, fmt.Sprint(o.ID, " nil"))
		}
		for _, r := range o.Related {
			pairs = append(pairs, fmt.Sprint(o.ID, " ", r.ID))
		}
	}
	return pairs
}

// RowPairs returns "row owner" for every owner that was loaded.
func RowPairs[O, R any](rows []*keyRow[O, R]) []string {
	pairs := []string{}
	for _, r := range rows {
		for _, o := range r.Owners {
			pairs = append(pairs, fmt.Sprint(r.ID, " ", o.ID))
		}
	}
	return pairs
}

// KeyCase is a pair of key columns and what a join over them gives.
type KeyCase struct {
	Name            string
	OwnerSQL        string   // type of the owners' key column
	RowSQL          string   // type of the related rows' key column; empty: the same
	Owners, Related []string // the keys as SQL literals; ids count from 1
	Want            []string // "owner row" of every pair that the join has
	Agree           func(t *testing.T, p Probe, want []string)
}

// DDL returns the statements that make the two tables with their rows.
func (c KeyCase) DDL() string {
	if c.RowSQL == "" {
		c.RowSQL = c.OwnerSQL
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE key_owners (id BIGINT PRIMARY KEY, k %s);\n", c.OwnerSQL)
	fmt.Fprintf(&b, "CREATE TABLE key_rows (id BIGINT PRIMARY KEY, k %s);\n", c.RowSQL)
	for i, k := range c.Owners {
		fmt.Fprintf(&b, "INSERT INTO key_owners (id, k) VALUES (%d, %s);\n", i+1, k)
	}
	for i, k := range c.Related {
		fmt.Fprintf(&b, "INSERT INTO key_rows (id, k) VALUES (%d, %s);\n", i+1, k)
	}
	return b.String()
}

package values_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type jvDoc struct {
	A int      `json:"a"`
	B []string `json:"b"`
}

type jvRow struct {
	ID   int64
	Doc  jvDoc
	Free map[string]any
	Nums []int64
	Tags []string
	N    int64
	F    *float64
	Fee  string
	List []jvDoc
	Two  [2]jvDoc
	Maps []map[string]int
	Deep [][]*jvDoc
}

const (
	jvPostgres = `CREATE TABLE jv (id BIGINT PRIMARY KEY, doc JSONB, free JSONB, nums BIGINT[], tags TEXT[], n BIGINT, f DOUBLE PRECISION, fee NUMERIC,
		list JSONB, two JSONB NOT NULL, maps JSONB, deep JSON)`
	jvSQLite = `CREATE TABLE jv (id BIGINT PRIMARY KEY, doc TEXT, free TEXT, nums TEXT, tags TEXT, n BIGINT, f REAL, fee NUMERIC, list TEXT, two TEXT NOT NULL, maps TEXT, deep TEXT)`
)

// TestValuesAsJSONHasThem writes and compares numbers, lists, maps and structs as a decoder of JSON or a program has them, in every mode
// of pgx, which does or does not know the types of the columns.
func TestValuesAsJSONHasThem(t *testing.T) {
	t.Parallel()
	databases := []kit.Database{kit.SQLiteDB(t, jvSQLite)}
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.DefaultQueryExecMode = mode
		pool := dbtest.PostgresPool(t, config)
		if _, err := pool.Exec(t.Context(), "DROP TABLE IF EXISTS jv"); err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(t.Context(), jvPostgres); err != nil {
			t.Fatal(err)
		}
		d := kit.Database{Name: "postgres/" + mode.String(), DB: postgres.New(pool)}
		t.Run(d.Name, func(t *testing.T) { testJSONValues(t, d) })
	}
	for _, d := range databases {
		t.Run(d.Name, func(t *testing.T) { testJSONValues(t, d) })
	}
}

func testJSONValues(t *testing.T, d kit.Database) {
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[jvRow](r, "jv", dovetail.AssignedKey(), dovetail.Type("fee", "numeric"))
	shown := func() string {
		row := kit.All(t, d.DB, dovetail.Select(table))[0]
		f := "NULL"
		if row.F != nil {
			f = fmt.Sprint(*row.F)
		}
		deep := 0
		for _, d := range slices.Concat(row.Deep...) {
			deep += d.A
		}
		return fmt.Sprintln(row.ID, row.Doc, row.Free, row.Nums, row.Tags, row.N, f, row.Fee, row.List, row.Two, row.Maps, deep)
	}
	rows := kit.Must[[]*jvRow](t)(dovetail.Rows(table, map[string]any{
		"id": json.Number("1"), "doc": map[string]any{"a": 1, "b": []any{"x"}}, "free": map[string]any{"k": 1.5},
		"nums": []any{1, json.Number("2"), 3.0}, "tags": []any{"p", "q"}, "n": json.Number("7"), "f": json.Number("2.50"), "fee": json.Number("1.5"),
		"list": []jvDoc{{A: 1}, {A: 2}}, "two": [2]jvDoc{{A: 3}}, "maps": []map[string]int{{"x": 1}}, "deep": [][]*jvDoc{{{A: 4}}, {{A: 5}, {A: 6}}},
	}))
	kit.Insert(t, d.DB, dovetail.Insert(table, rows...))
	kit.Equal(t, "inserted", shown(), "1 {1 [x]} map[k:1.5] [1 2 3] [p q] 7 2.5 1.5 [{1 []} {2 []}] [{3 []} {0 []}] [map[x:1]] 15\n")

	for _, set := range []struct {
		column string
		value  any
	}{
		{"doc", jvDoc{A: 2}}, {"doc", map[string]any{"a": 3}}, {"free", jvDoc{A: 5}}, {"free", map[string]string{"q": "r"}}, {"nums", []any{4, json.Number("5")}},
		{"tags", []any{"z"}}, {"n", json.Number("9")}, {"f", json.Number("1e3")}, {"fee", json.Number("2.25")},
		{"list", []jvDoc{{A: 7}}}, {"two", [2]jvDoc{{A: 8}, {A: 9}}}, {"maps", []map[string]int(nil)}, {"deep", [][]*jvDoc{{{A: 1}, {A: 2}}}},
	} {
		_, err := dovetail.Update(table).Set(set.column, set.value).All().Exec(t.Context(), d.DB)
		kit.NoError(t, err)
	}
	kit.Equal(t, "set", shown(), "1 {3 []} map[q:r] [4 5] [z] 9 1000 2.25 [{7 []}] [{8 []} {9 []}] [] 3\n")
	n, err := dovetail.Update(table).Set("nums", []any{}).Where(squirrel.Eq{"n": json.Number("9"), "f": json.Number("1000.0"), "fee": json.Number("2.25")}).
		Exec(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, "found", n, 1)
	n, err = dovetail.Select(table).Where(squirrel.Gt{"n": json.Number("8")}).Where(squirrel.Eq{"n": []any{json.Number("9"), 10}}).Count(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, "compared", n, 1)
	for _, bad := range []json.Number{"1.5", "x", "", "9223372036854775808"} {
		_, rows := dovetail.Rows(table, map[string]any{"n": bad})
		_, set := dovetail.Update(table).Set("n", bad).All().Exec(t.Context(), d.DB)
		for _, err := range []error{rows, set} {
			if err == nil || !strings.Contains(err.Error(), `"n"`) {
				t.Errorf("expected %q to be refused for column n, got %v", bad, err)
			}
		}
	}
}

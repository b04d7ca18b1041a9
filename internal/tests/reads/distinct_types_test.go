package reads_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	dtRow[T any] struct {
		ID    int64
		V     T
		Items []*dtItem
	}
	dtItem struct {
		ID, RowID int64
	}
	// dtScanned tells nobody what its column holds.
	dtScanned struct{ Text string }
)

func (s *dtScanned) Scan(v any) error {
	s.Text = fmt.Sprint(v)
	return nil
}

// TestDistinctOfColumnsOfEveryType: whether a type has an equality is told by its declaration, or by the catalog where the database refuses. Of three rows
// two have the same value, and the third none.
func TestDistinctOfColumnsOfEveryType(t *testing.T) {
	t.Parallel()
	for typ, value := range map[string]string{
		"point": "'(1,2)'", "json": "'{}'", "json[]": "ARRAY['{}'::json]", "polygon": "'((0,0),(1,1))'", "pg_snapshot": "'10:20:'", "xml": "'<a/>'",
		"xid": "'5'", "jsonb": "'{}'", "int4range": "'[1,2)'", "uuid[]": "'{}'", "dt_plain": "ROW(1, 'x')", "tsvector": "'a'",
	} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			equal := strings.Contains(" xid jsonb int4range uuid[] dt_plain tsvector ", " "+typ+" ")
			ddl := fmt.Sprintf(`CREATE TYPE dt_plain AS (a int, b text); CREATE TABLE dt (id BIGINT PRIMARY KEY, v %s); CREATE TABLE dt_items (id BIGINT PRIMARY KEY, row_id BIGINT NOT NULL);
INSERT INTO dt VALUES (1, %[2]s), (2, %[2]s), (3, NULL); INSERT INTO dt_items VALUES (1, 1), (2, 1), (3, 2), (4, 3)`, typ, value)
			d := kit.PostgresPool(t, ddl)
			for _, opts := range [][]dovetail.TableOption{nil, {dovetail.Type("v", typ)}} {
				dtTypes[*dtScanned](t, d.Forgetful(), equal, opts)
				switch typ {
				case "point":
					dtTypes[pgtype.Point](t, d.Forgetful(), false, opts)
				case "json":
					dtTypes[json.RawMessage](t, d.Forgetful(), false, opts)
					dtTypes[[]byte](t, d.Forgetful(), false, opts)
					dtTypes[*string](t, d.Forgetful(), false, opts)
				case "json[]":
					dtTypes[[]string](t, d.Forgetful(), false, opts)
				case "pg_snapshot":
					dtTypes[*string](t, d.Forgetful(), false, opts)
				}
			}
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		d := kit.SQLiteDB(t, `CREATE TABLE dt (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE dt_items (id INTEGER PRIMARY KEY, row_id INTEGER NOT NULL);
INSERT INTO dt VALUES (1, '{}'), (2, '{}'), (3, NULL); INSERT INTO dt_items VALUES (1, 1), (2, 1), (3, 2), (4, 3)`)
		dtTypes[*dtScanned](t, d, true, nil)
		dtTypes[*string](t, d, true, nil)
		dtTypes[json.RawMessage](t, d, false, nil)
	})
}

// dtTypes runs queries with Distinct: rows of a column without equality are told apart by the key, or the error names it.
func dtTypes[T any](t *testing.T, d kit.Database, equal bool, opts []dovetail.TableOption) {
	t.Helper()
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[dtRow[T]](r, "dt", opts...)
	dovetail.HasMany(table, "items", dovetail.NewTable[dtItem](r, "dt_items"), dovetail.ForeignKey("row_id"))
	sel := dovetail.Select(table)
	alone := 3
	if equal {
		alone = 2
	}
	for what, test := range map[string]struct {
		query dovetail.Query[*dtRow[T]]
		rows  int
	}{
		"all columns":      {sel.Join("items").Distinct().OrderBy("id"), 3},
		"beside the key":   {sel.Join("items").Distinct().Columns("id", "v"), 3},
		"alone":            {sel.Distinct().Columns("v"), alone},
		"alone and joined": {sel.Join("items").Distinct().Columns("v"), alone},
		"of a query":       {sel.From(sel.Columns("id", "v")).Distinct(), 3},
		"alone of a query": {sel.From(sel.Columns("id", "v")).Columns("v").Distinct(), alone},
	} {
		what = fmt.Sprintf("%T: %s", *new(T), what)
		kit.Equal(t, what, len(kit.All(t, d.DB, test.query)), test.rows)
		n, err := test.query.Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, what+", counted", n, int64(test.rows))
	}
	for what, q := range map[string]dovetail.Query[*dtRow[T]]{
		"beside a joined column":        sel.Join("items").Distinct().Columns("v", "items.id"),
		"of a query that repeats a row": sel.From(sel.Join("items")).Distinct(),
	} {
		rows, err := dovetail.Collect[map[string]any](t.Context(), d.DB, q)
		switch {
		case equal && (err != nil || len(rows) < 3):
			t.Errorf("%T: %s: expected rows, got %d, %v", *new(T), what, len(rows), err)
		case !equal && (!errors.Is(err, dovetail.ErrUnsupported) || !strings.Contains(err.Error(), `column "v"`) || !strings.Contains(err.Error(), "leave the column out")):
			t.Errorf("%T: %s: expected an error that names the column, got %v", *new(T), what, err)
		}
	}
}

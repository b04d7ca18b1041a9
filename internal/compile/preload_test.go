package compile_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// fetchOf returns the plan of what is loaded for a path of people, by a query that change has been made to.
func fetchOf(tb testing.TB, path string, change func(*plan.Spec)) *plan.Query {
	tb.Helper()
	t := people(tb)
	related := plan.NewSpec(t)
	related.Bare, related.Outputs = true, []plan.OutputClause{{Name: "id"}}
	change(related)
	s := plan.NewSpec(t)
	s.Preloads = []plan.PreloadClause{{Path: path, Spec: related}}
	q, err := plan.Build(s, nil, dialect.Features{})
	if err != nil {
		tb.Fatal(err)
	}
	return q.Preloads[0].Query
}

var keySource = dialect.KeySource{
	From: `list('?', ?, ?) AS "keys"`, Columns: []string{`"keys"."k1"`}, Ord: `"keys"."ord"`, First: 1,
}

func TestFetchKnowsWhereItsKeysAre(t *testing.T) {
	t.Parallel()
	where := func(s *plan.Spec) {
		s.Where = []plan.Clause{{Expr: equals("id", "a")}}
		s.OrderBy = []plan.OrderClause{{Expr: text(t, "id = ?", "o")}}
	}
	limited := func(s *plan.Spec) {
		where(s)
		s.Limit, s.Offset = 3, 2
	}
	const columns = `"people"."id"`
	const order = ` ORDER BY id = $3, "people"."id"`
	for _, test := range []struct {
		name    string
		dialect numbering
		path    string
		change  func(*plan.Spec)
		want    compile.PreloadStatement
	}{
		{"by membership", numbering{member: "= ANY(?)"}, "staff", where, compile.PreloadStatement{
			Statement: compile.Statement{
				SQL: `SELECT ` + columns + `, "people"."boss_id" FROM "people" WHERE "people"."boss_id" = ANY($1) AND ("people"."id" = $2)` + order,
			},
			KeyArgs: []int{0}, Width: 2, KeyColumns: []int{1}, OrdColumn: -1,
		}},
		{"by membership in a column that is selected", numbering{member: "= ANY(?)"}, "boss", func(*plan.Spec) {},
			compile.PreloadStatement{
				Statement: compile.Statement{SQL: `SELECT "people"."id" FROM "people" WHERE "people"."id" = ANY($1)`},
				KeyArgs:   []int{0}, Width: 1, KeyColumns: []int{0}, OrdColumn: -1,
			}},
		{"by position", numbering{source: keySource}, "staff", where, compile.PreloadStatement{
			Statement: compile.Statement{
				SQL: `SELECT ` + columns + `, "people"."boss_id", "keys"."ord" FROM list('?', $1, $2) AS "keys" JOIN "people" ON "people"."boss_id" = "keys"."k1"` +
					` WHERE ("people"."id" = $3) ORDER BY id = $4, "people"."id"`,
			},
			KeyArgs: []int{0, 1}, Width: 3, OrdColumn: 2, First: 1,
		}},
		{"with a limit, side by side",
			numbering{member: "= ANY(?)", source: keySource, has: dialect.Features{Lateral: true}}, "staff", limited,
			compile.PreloadStatement{
				Statement: compile.Statement{
					SQL: `SELECT "limited".*, "keys"."ord" FROM list('?', $1, $2) AS "keys" CROSS JOIN LATERAL (SELECT ` + columns +
						`, "people"."boss_id", row_number() OVER (ORDER BY id = $3, "people"."id") AS "row#" FROM "people" WHERE "people"."boss_id" = "keys"."k1"` +
						` AND ("people"."id" = $4) ORDER BY id = $5, "people"."id" LIMIT 3 OFFSET 2) AS "limited" ORDER BY "keys"."ord", "limited"."row#"`,
				},
				KeyArgs: []int{0, 1}, Width: 4, OrdColumn: 3, First: 1,
			}},
		{"with a limit, ranked", numbering{source: keySource}, "staff", limited, compile.PreloadStatement{
			Statement: compile.Statement{
				SQL: `SELECT "limited".* FROM (SELECT ` + columns + `, "people"."boss_id", "keys"."ord" AS "key#", row_number() OVER (PARTITION BY "keys"."ord"` +
					` ORDER BY id = $1, "people"."id") AS "row#" FROM list('?', $2, $3) AS "keys" JOIN "people" ON "people"."boss_id" = "keys"."k1"` +
					` WHERE ("people"."id" = $4)) AS "limited" WHERE "limited"."row#" > 2 AND "limited"."row#" <= 5` +
					` ORDER BY "limited"."key#", "limited"."row#"`,
			},
			KeyArgs: []int{1, 2}, Width: 4, OrdColumn: 2, First: 1,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := test.dialect
			d.Dialect = dialect.Standard
			got, err := compile.Preload(fetchOf(t, test.path, test.change), &d, []dialect.KeyType{{Kind: dialect.KeyInt}})
			if err != nil {
				t.Fatal(err)
			}
			args := got.Args
			got.Args = nil
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("expected %+v\ngot      %+v", test.want, got)
			}
			for i, a := range args {
				if isKey := slices.Contains(test.want.KeyArgs, i); isKey == (a == "a" || a == "o") {
					t.Errorf("argument %d: expected a key's place: %t, got %v", i, isKey, a)
				}
			}
		})
	}
}

// TestAnOffsetAloneRanksToTheEnd has no last row to compare with, and one whose number would overflow.
func TestAnOffsetAloneRanksToTheEnd(t *testing.T) {
	t.Parallel()
	const most = 9223372036854775807
	for _, test := range []struct {
		limit, offset int64
		want          string
	}{
		{-1, 4, `"row#" > 4 AND "limited"."row#" <= 9223372036854775807`},
		{0, -1, `"row#" > 0 AND "limited"."row#" <= 0`},
		{most, 4, `"row#" > 4 AND "limited"."row#" <= 9223372036854775807`},
		{7, most - 7, `"row#" > 9223372036854775800 AND "limited"."row#" <= 9223372036854775807`},
		{8, most - 7, `"row#" > 9223372036854775800 AND "limited"."row#" <= 9223372036854775807`},
	} {
		q := fetchOf(t, "staff", func(s *plan.Spec) { s.Limit, s.Offset = test.limit, test.offset })
		d := numbering{Dialect: dialect.Standard, source: keySource}
		got, err := compile.Preload(q, &d, []dialect.KeyType{{}})
		if err != nil {
			t.Fatal(err)
		}
		want := ` WHERE "limited".` + test.want + ` ORDER BY "limited"."key#", "limited"."row#"`
		if n := len(got.SQL) - len(want); n < 0 || got.SQL[n:] != want {
			t.Errorf("limit %d, offset %d: expected %s at the end, got %s", test.limit, test.offset, want, got.SQL)
		}
	}
}

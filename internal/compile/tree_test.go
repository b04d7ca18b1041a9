package compile_test

import (
	"reflect"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// TestATreeKnowsWhereItsColumnsAre writes the conditions for the first rows and for those below, with arguments each time,
// and the order once. Keys are compared in the collation that they were looked up to have.
func TestATreeKnowsWhereItsColumnsAre(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		depth               int
		level, first, bound string // what a depth adds
		selected            string
		want                compile.PreloadStatement
	}{
		{want: compile.PreloadStatement{KeyArgs: []int{0, 1}, Width: 4, OrdColumn: 3, First: 1, UpColumn: 2}},
		{4, `, "level#"`, `, 1`, `"tree#"."level#" < 4 AND `, `, "tree#"."level#"`, compile.PreloadStatement{
			KeyArgs: []int{0, 1}, Width: 5, OrdColumn: 3, First: 1, UpColumn: 2, LevelColumn: 4}},
	} {
		related := plan.NewSpec(people(t))
		s := plan.NewSpec(related.Table)
		related.Bare, related.Outputs = true, []plan.OutputClause{{Name: "id"}}
		related.Where = []plan.Clause{{Expr: equals("id", "a")}}
		related.OrderBy = []plan.OrderClause{{Expr: text(t, "id = ?", "o")}}
		s.Preloads = []plan.PreloadClause{{Path: "staff", Spec: related, Tree: &plan.Tree{Depth: test.depth}}}
		q, err := plan.Build(s, nil, dialect.Features{})
		if err != nil {
			t.Fatal(err)
		}
		next := ""
		if test.depth > 0 {
			next = `, "tree#"."level#" + 1`
		}
		d := numbering{Dialect: dialect.Standard, member: "= ANY(?)", source: keySource}
		got, err := compile.Preload(q.Preloads[0].Query, &d, []dialect.KeyType{{Collation: `"ci"`}})
		if err != nil {
			t.Fatal(err)
		}
		want := `WITH RECURSIVE "tree#"("row#1", "key#1", "up#1", "ord#"` + test.level + `) AS (` +
			`SELECT "people"."id", "people"."id", "people"."id", "keys"."ord"` + test.first +
			` FROM list('?', $1, $2) AS "keys" JOIN "people" ON "people"."boss_id" = "keys"."k1" WHERE ("people"."id" = $3)` +
			` UNION SELECT "people"."id", "people"."id", "tree#"."row#1", -1` + next +
			` FROM "tree#" JOIN "people" ON "people"."boss_id" = "tree#"."key#1" COLLATE "ci" WHERE ` + test.bound +
			`("people"."id" = $4)) SELECT "people"."id", "people"."boss_id", "tree#"."up#1", "tree#"."ord#"` + test.selected +
			` FROM "tree#" JOIN "people" ON "people"."id" = "tree#"."row#1" ORDER BY id = $5, "people"."id"`
		if got.SQL != want {
			t.Errorf("expected %s\ngot      %s", want, got.SQL)
		}
		if len(got.Args) != 5 || !reflect.DeepEqual(got.Args[2:], []any{"a", "a", "o"}) {
			t.Errorf("expected the keys' places and the arguments in order, got %v", got.Args)
		}
		got.Statement = compile.Statement{}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("expected %+v, got %+v", test.want, got)
		}
	}
}

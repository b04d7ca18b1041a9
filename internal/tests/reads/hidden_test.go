package reads_test

import (
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// SQL text that reads a table called like one around is refused where it names the one around: the database would take its own. With a
// name of its own for the table, it means what it says.
func TestTablesOfSQLTextHideNone(t *testing.T) {
	t.Parallel()
	_, owners, kids, ddl := shapeTables()
	all := dovetail.Select(owners).Where(sq.Lt{"id": 4}).OrderBy("id")
	older := func(text string) dovetail.Query[*shapeOwner] { return all.Where(text) }
	cases := []struct {
		name string
		text string // with T for the table's name, "FROM T" as it is read
		q    func(text string) dovetail.Query[*shapeOwner]
		want []int64
	}{
		{"self", "NOT EXISTS (SELECT 1 FROM owners T WHERE T.id < 4 AND T.id > self.id)", older, []int64{3}},
		{"a path", "EXISTS (SELECT 1 FROM kids T WHERE T.id = self.kids.id + 1)", func(text string) dovetail.Query[*shapeOwner] {
			return all.Join("kids").Where(text).Distinct()
		}, []int64{1, 2}},
		{"outer", "EXISTS (SELECT 1 FROM owners T WHERE T.id = 3 AND T.id > outer.id)", func(text string) dovetail.Query[*shapeOwner] {
			return all.Has("kids", sq.Expr(text))
		}, []int64{0, 1, 2}},
		{"an argument", "EXISTS (SELECT 1 FROM owners T WHERE T.id = 3 AND ?)", func(text string) dovetail.Query[*shapeOwner] {
			return all.Where(text, sq.Eq{"self.name": "owner 1"})
		}, []int64{1}},
		{"a test that is an argument", "EXISTS (SELECT 1 FROM owners T WHERE T.id = 3 AND ?)", func(text string) dovetail.Query[*shapeOwner] {
			return all.Where(text, dovetail.Has("kids", sq.Eq{"note": "kid 2"}))
		}, []int64{2}},
		{"a query that is an argument", "EXISTS (SELECT 1 FROM owners T WHERE T.id = 3 AND EXISTS (?))", func(text string) dovetail.Query[*shapeOwner] {
			return all.Where(text, dovetail.Select(kids).Where("owner_id = outer.id AND note = 'kid 2'"))
		}, []int64{2}},
		{"an order", "(SELECT count(*) FROM owners T WHERE T.id > self.id) DESC", func(text string) dovetail.Query[*shapeOwner] {
			return dovetail.Select(owners).Where(sq.Lt{"id": 4}).OrderByClause(text)
		}, []int64{0, 1, 2, 3}},
	}
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		for _, test := range cases {
			hidden := strings.NewReplacer("owners T", "owners", "kids T", "kids", "T.", map[bool]string{true: "owners.", false: "kids."}[strings.Contains(test.text, "owners T")])
			_, err := test.q(hidden.Replace(test.text)).All(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrAmbiguous, "give that table a name of its own")
			rows := kit.All(t, d.DB, test.q(strings.ReplaceAll(strings.ReplaceAll(test.text, " T ", " other "), "T.", "other.")))
			kit.Same(t, test.name, kit.Pluck(rows, func(o *shapeOwner) int64 { return o.ID }), test.want...)
		}
		_, err := all.Where("EXISTS (SELECT 1 FROM kids owners WHERE owners.owner_id = self.id)").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrAmbiguous, `called "owners"`)
		// The table's own name inside of the query is that of the query, and beside it that of the row.
		rows := kit.All(t, d.DB, all.Where("owners.id = 2 AND EXISTS (SELECT 1 FROM owners WHERE owners.id = 3)"))
		kit.Same(t, "its own", kit.Pluck(rows, func(o *shapeOwner) int64 { return o.ID }), 2)
		n, err := dovetail.Update(owners).Set("rank", 9).Where("NOT EXISTS (SELECT 1 FROM owners WHERE owners.id > self.id)").Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrAmbiguous, "self.id")
		kit.Equal(t, "rows", n, 0)
		_, err = dovetail.Update(owners).Set("rank", sq.Expr("(SELECT count(*) FROM owners WHERE owners.id < self.id)")).Where(sq.Eq{"id": 2}).Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrAmbiguous, "self.id")
		n, err = dovetail.Update(owners).Set("rank", sq.Expr("(SELECT count(*) FROM owners o WHERE o.id < self.id)")).Where(sq.Eq{"id": 2}).Exec(t.Context(), d.DB)
		if n != 1 || err != nil {
			t.Errorf("%d rows, %v", n, err)
		}
		row, err := dovetail.Select(owners).Get(t.Context(), d.DB, 2)
		if err != nil || row.Rank != 2 {
			t.Errorf("got %+v, %v", row, err)
		}
	})
}

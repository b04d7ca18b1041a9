package relations_test

import (
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestSymmetric reads relations whose pairs are stored once, from both ends.
func TestSymmetric(t *testing.T) {
	t.Parallel()
	type nation = models.Nation
	var cases []kit.Case
	add := func(path string, get func(*nation) []*nation, want ...[]int64) {
		cases = append(cases, byCondition[nation, nation]{path, models.NationsQ(), models.Nations, models.Nations, []int64{1, 2, 3, 4, 5, 6},
			models.NationID, get, models.NationID, false, want}.cases()...)
	}
	one := func(v int64) []int64 { return []int64{v} }
	add("neighbours", func(n *nation) []*nation { return n.Neighbours }, []int64{2, 3, 5}, []int64{1, 3}, []int64{1, 2}, one(4), one(1), nil)
	add("further", func(n *nation) []*nation { return n.Further }, []int64{1, 2, 3}, []int64{1, 2, 3, 5}, []int64{1, 2, 3, 5}, one(4),
		[]int64{2, 3, 5}, nil)
	add("partners", func(n *nation) []*nation { return kit.Pluck(n.Partners, partner) }, []int64{2, 2, 3}, []int64{1, 1}, one(1), nil, one(5), nil)
	add("allies", func(n *nation) []*nation { return n.Allies }, []int64{2, 3}, one(1), one(1), nil, one(5), nil)
	cases = append(cases, []kit.Case{
		{Name: "links of a symmetric relation", Run: symmetricLinks},
		{Name: "no tree along a symmetric relation", Run: symmetricTree},
		{Name: "conditions around a symmetric relation", Run: symmetricNames},
		{Name: "a symmetric relation past a scope", Run: symmetricScoped},
		{Name: "a symmetric relation of several columns", Run: symmetricComposite},
	}...)
	kit.RunCases(t, models.NationsDDL, cases)
}

func partner(l dovetail.Linked[models.Nation, models.Treaty]) *models.Nation { return l.Row }

func symmetricLinks(t *testing.T, d kit.Database) {
	text := func(rows []*models.Nation) string {
		all := ""
		for _, n := range rows {
			for _, p := range n.Partners {
				all += fmt.Sprintf("%d-%d:%d(%d,%d,%s) ", n.ID, p.Row.ID, p.Link.ID, p.Link.One, p.Link.Other, p.Link.Kind)
			}
		}
		return all
	}
	want := "1-2:1(1,2,ally) 1-2:2(2,1,trade) 1-3:3(3,1,ally) 2-1:1(1,2,ally) 2-1:2(2,1,trade) 3-1:3(3,1,ally) 5-5:4(5,5,ally) "
	kit.Equal(t, "Preload", text(kit.All(t, d.DB, models.NationsQ().Preload("partners"))), want)
	kit.Equal(t, "Fetch", text(kit.All(t, d.DB, models.NationsQ().Fetch("partners"))), want)
	trade := models.NationsQ().Preload("partners", dovetail.Select(models.Nations).Where(sq.Eq{"link.kind": "trade"}))
	kit.Equal(t, "a condition on the link", text(kit.All(t, d.DB, trade)), "1-2:2(2,1,trade) 2-1:2(2,1,trade) ")
	kit.Same(t, "Has", kit.Pluck(kit.All(t, d.DB, models.NationsQ().Has("partners", sq.Eq{"link.kind": "trade"})), models.NationID), 1, 2)
	most := kit.Collect[*string](t, d.DB, models.NationsQ().Columns().With(dovetail.Max("partners.link.kind").As("n")))
	kit.Equal(t, "a value of links", *most[0]+*most[1]+*most[2], "tradetradeally")
}

func symmetricTree(t *testing.T, d kit.Database) {
	for _, path := range []string{"neighbours", "further"} {
		_, err := models.NationsQ().PreloadTree(path, 2).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, "leads back")
	}
}

func symmetricNames(t *testing.T, d kit.Database) {
	ids := func(what string, q dovetail.Query[*models.Nation], want ...int64) {
		t.Helper()
		kit.Same(t, what, kit.Pluck(kit.All(t, d.DB, q), models.NationID), want...)
	}
	ids("outer", models.NationsQ().Has("neighbours", sq.Expr("self.id > outer.id")), 1, 2)
	ids("in Has", models.NationsQ().Has("neighbours", dovetail.Has("neighbours", sq.Eq{"id": 5})), 2, 3, 5)
	ids("a longer path", models.NationsQ().HasNone("neighbours.partners"), 4, 6)
	ids("all of some", models.NationsQ().HasAll("neighbours", 1, 2), 3)
	ids("every", models.NationsQ().Has("neighbours").HasEvery("neighbours", sq.Lt{"id": 3}), 3, 5)
	ids("joined twice", models.NationsQ().Join("neighbours.neighbours", sq.Eq{"id": 5}).Distinct(), 2, 3, 5)
	ids("of a value", models.NationsQ().With(dovetail.Count("neighbours").Where(sq.NotEq{"id": 1}).As("n")).Where(sq.Gt{"n": 1}), 1)
	firsts := kit.All(t, d.DB, models.NationsQ().Preload("further", dovetail.Select(models.Nations).OrderBy("id DESC").Limit(1)))
	kit.Same(t, "limited along it twice", kit.Pluck(firsts, func(n *models.Nation) int64 {
		if len(n.Further) == 0 {
			return 0
		}
		return n.Further[0].ID
	}), 3, 5, 5, 4, 5, 0)
	n, err := models.NationsQ().Join("neighbours").Count(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, "rows of the join", n, 9)
}

// TestSymmetricDelete deletes a row with its pairs of both orders.
func TestSymmetricDelete(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.NationsDDL, func(t *testing.T, d kit.Database) {
		_, err := dovetail.Delete(models.Treaties).All().Exec(t.Context(), d.DB)
		kit.NoError(t, err)
		_, err = dovetail.Delete(models.Nations).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Same(t, "those left", kit.Collect[int64](t, d.DB, dovetail.Select(models.Borders).Columns("nation1").OrderBy("nation1")), 2, 4)
	})
}

// symmetricScoped has a join table of which queries see some rows.
func symmetricScoped(t *testing.T, d kit.Database) {
	type nation struct {
		ID       int64
		Partners []*nation
		N        *int64 `db:"n,computed"`
	}
	r := dovetail.NewRegistry()
	nations := dovetail.NewTable[nation](r, "nations")
	treaties := dovetail.NewTable[models.Treaty](r, "treaties", dovetail.Scope("trade", sq.Eq{"kind": "trade"}))
	dovetail.ManyToMany(nations, "partners", nations, treaties, dovetail.ThroughKeys("one", "other"), dovetail.Symmetric())
	q := dovetail.Select(nations).OrderBy("id")
	count := dovetail.Count("partners").As("n")
	for _, c := range []struct {
		what string
		q    dovetail.Query[*nation]
		want string
	}{
		{"Preload", q.Has("partners").Preload("partners").With(count), "1:[2]1 2:[1]1 "},
		{"Fetch", q.Where(sq.Eq{"id": []int{1, 2, 3}}).Fetch("partners").With(count), "1:[2]1 2:[1]1 3:[]0 "},
		{"unscoped", q.UnscopedAt("partners", "trade").Has("partners").Preload("partners").With(count), "1:[2 2 3]3 2:[1 1]2 3:[1]1 5:[5]1 "},
	} {
		text := ""
		for _, n := range kit.All(t, d.DB, c.q) {
			text += fmt.Sprintf("%d:%v%d ", n.ID, kit.Pluck(n.Partners, func(p *nation) int64 { return p.ID }), *n.N)
		}
		kit.Equal(t, c.what, text, c.want)
	}
}

// shire is told by two columns, of which both ends of a pair share one.
type shire struct {
	Realm, Name string
	Beside      []*shire
}

type shirePair struct{ Realm, A, B string }

func symmetricComposite(t *testing.T, d kit.Database) {
	r := dovetail.NewRegistry()
	shires := dovetail.NewTable[shire](r, "shires", dovetail.PrimaryKey("realm", "name"), dovetail.As(
		"SELECT 'x' AS realm, 'k' AS name UNION ALL SELECT 'x', 'l' UNION ALL SELECT 'y', 'k' UNION ALL SELECT 'y', 'l' UNION ALL SELECT 'y', 'm'"))
	pairs := dovetail.NewTable[shirePair](r, "shire_pairs", dovetail.PrimaryKey("realm", "a", "b"), dovetail.As(
		"SELECT 'x' AS realm, 'l' AS a, 'k' AS b UNION ALL SELECT 'y', 'k', 'k' UNION ALL SELECT 'y', 'm', 'k' UNION ALL SELECT 'y', 'k', 'm'"))
	dovetail.ManyToMany(shires, "beside", shires, pairs, dovetail.ThroughKeys([]string{"realm", "a"}, []string{"realm", "b"}), dovetail.Symmetric())
	q := dovetail.Select(shires).OrderBy("realm", "name")
	for what, q := range map[string]dovetail.Query[*shire]{
		"Preload": q.Preload("beside"), "Fetch": q.Fetch("beside"), "limited": q.Preload("beside", dovetail.Select(shires).Limit(3)),
	} {
		text := ""
		for _, s := range kit.All(t, d.DB, q) {
			text += s.Realm + s.Name + ":"
			for _, b := range s.Beside {
				text += b.Realm + b.Name
			}
			text += " "
		}
		kit.Equal(t, what, text, "xk:xl xl:xk yk:ykym yl: ym:yk ")
	}
	got := kit.Collect[int64](t, d.DB, q.Columns().With(dovetail.Count("beside").As("n")))
	kit.Same(t, "Count", got, 1, 1, 2, 0, 1)
}

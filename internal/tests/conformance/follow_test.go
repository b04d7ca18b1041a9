package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Relations of a table with itself that conditions and values follow as far as they lead. In models.PartsDDL is what is made of what.

func followCases() []kit.Case {
	return []kit.Case{
		{Name: "follow/has", Run: testFollowHas},
		{Name: "follow/has none, every, all", Run: testFollowTests},
		{Name: "follow/levels", Run: testFollowLevels},
		{Name: "follow/at least", Run: testFollowAtLeast},
		{Name: "follow/values", Run: testFollowValues},
		{Name: "follow/values of rows behind", Run: testFollowValuesBehind},
		{Name: "follow/from another table", Run: testFollowFromAnother},
		{Name: "follow/scopes", Run: testFollowScopes},
		{Name: "follow/rules", Run: testFollowRules},
		{Name: "follow/the row around", Run: testFollowOuter},
		{Name: "follow/cycles", Run: testFollowCycles},
		{Name: "follow/composite keys", Run: testFollowComposite},
		{Name: "follow/conditions beside", Run: testFollowBeside},
		{Name: "follow/behind a link", Run: testFollowBehindLink},
	}
}

func partsByID() dovetail.Query[*models.Part] { return dovetail.Select(models.Parts).OrderBy("id") }

// partNames returns the parts that the query has, by name; one statement.
func partNames(t *testing.T, d kit.Database, q dovetail.Query[*models.Part]) string {
	t.Helper()
	rec := d.Record()
	rows := kit.All(t, rec, q)
	rec.Expect(t, 1, 1)
	names := make([]string, 0, len(rows))
	for _, p := range rows {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

// partValues returns the computed field of the parts that the query has.
func partValues(t *testing.T, d kit.Database, q dovetail.Query[*models.Part]) string {
	t.Helper()
	var values []string
	for _, p := range kit.All(t, d.DB, q) {
		values = append(values, fmt.Sprint(p.Name, ":", p.Below))
	}
	return strings.Join(values, " ")
}

func testFollowHas(t *testing.T, d kit.Database) {
	screws := sq.Eq{"name": "screw"}
	kit.Equal(t, "has screws", partNames(t, d, partsByID().Has("parts*", screws)), "bike wheel rim")
	kit.Equal(t, "is in a bike", partNames(t, d, partsByID().Has("wholes*", sq.Eq{"id": 1})), "wheel frame screw rim spoke")
	kit.Equal(t, "has any", partNames(t, d, partsByID().Has("parts*")), "bike wheel rim")
	kit.Equal(t, "has a stock in the south", partNames(t, d, partsByID().Has("parts*.stock", sq.Eq{"place": "south"})), "bike wheel rim")
	kit.Equal(t, "of a rim", partNames(t, d, partsByID().Has("parts*.stock", sq.Eq{"parts*.name": "rim", "place": "south"})), "bike wheel")
	kit.Equal(t, "of anything", partNames(t, d, partsByID().Has("parts*.stock")), "bike wheel rim")
	kit.Equal(t, "one inside another", partNames(t, d, partsByID().Has("parts*", dovetail.Has("parts*", screws))), "bike wheel")
	kit.Equal(t, "and one after another", partNames(t, d, partsByID().Has("parts*.parts*", screws)), "bike wheel")

	folders := kit.All(t, d.DB, dovetail.Select(models.Folders).Has("kids*", sq.Eq{"name": "f"}).OrderBy("id"))
	kit.Equal(t, "folders with f below", drawnParents(folders), "1 2 4")
	folders = kit.All(t, d.DB, dovetail.Select(models.Folders).Has("parent*", sq.Eq{"name": "b"}).OrderBy("id"))
	kit.Equal(t, "folders below b", drawnParents(folders), "4 5 6 7")
}

func testFollowTests(t *testing.T, d kit.Database) {
	screws := sq.Eq{"name": "screw"}
	kit.Equal(t, "none", partNames(t, d, partsByID().HasNone("parts*", screws)), "frame screw spoke clapper wire rod")
	kit.Equal(t, "not", partNames(t, d, partsByID().Where(dovetail.Not(dovetail.Has("parts*", screws)))), "frame screw spoke clapper wire rod")
	kit.Equal(t, "none of any kind", partNames(t, d, partsByID().HasNone("parts*")), "frame screw spoke clapper wire rod")
	kit.Equal(t, "every", partNames(t, d, partsByID().HasEvery("parts*", sq.Lt{"price": 50}).Has("parts")), "wheel rim")
	kit.Equal(t, "all", partNames(t, d, partsByID().HasAll("parts*", 4, 6)), "bike wheel")
	kit.Equal(t, "or", partNames(t, d, partsByID().Where(sq.Or{dovetail.Has("parts*", sq.Eq{"name": "frame"}), sq.Eq{"name": "rod"}})), "bike rod")
	// Folder 1 has no parent: a test for one above it is false, not unknown.
	folders := kit.All(t, d.DB, dovetail.Select(models.Folders).Where("id < 10").HasNone("parent*", sq.Eq{"id": 2}).OrderBy("id"))
	kit.Equal(t, "folders not below 2", drawnParents(folders), "1 2 3 8 9")
}

func testFollowLevels(t *testing.T, d kit.Database) {
	rim := sq.Eq{"name": "rim"}
	kit.Equal(t, "one level", partNames(t, d, partsByID().Has("parts*1", rim)), "wheel")
	kit.Equal(t, "two", partNames(t, d, partsByID().Has("parts*2", rim)), "bike wheel")
	count := func(path string) string {
		return partValues(t, d, partsByID().Where("id < 6").With(dovetail.Count(path).As("below")))
	}
	kit.Equal(t, "counted on one", count("parts*1"), "bike:3 wheel:3 frame:0 screw:0 rim:1")
	kit.Equal(t, "counted on two", count("wholes*2"), "bike:0 wheel:1 frame:1 screw:3 rim:2")
	kit.Equal(t, "counted on all", count("wholes*"), "bike:0 wheel:1 frame:1 screw:3 rim:2")
	kit.Equal(t, "of stocks on one", partNames(t, d, partsByID().Has("parts*1.stock", sq.Eq{"amount": 2})), "wheel")
}

func testFollowAtLeast(t *testing.T, d kit.Database) {
	kit.Equal(t, "3", partNames(t, d, partsByID().HasAtLeast(3, "parts*")), "bike wheel")
	kit.Equal(t, "4", partNames(t, d, partsByID().HasAtLeast(4, "parts*")), "bike")
	kit.Equal(t, "6", partNames(t, d, partsByID().HasAtLeast(6, "parts*")), "")
	kit.Equal(t, "2 cheap", partNames(t, d, partsByID().HasAtLeast(2, "parts*", sq.Lt{"price": 3})), "bike wheel")
	kit.Equal(t, "wheel: screw and spoke", partNames(t, d, partsByID().HasAtLeast(2, "parts*", sq.Eq{"price": []int{1, 2}})), "bike wheel")
}

func testFollowValues(t *testing.T, d kit.Database) {
	below := dovetail.Count("parts*").As("below")
	kit.Equal(t, "each row once", partValues(t, d, partsByID().Where("id < 6").With(below)), "bike:5 wheel:3 frame:0 screw:0 rim:1")
	kit.Equal(t, "a name in Where and OrderBy", partValues(t, d, dovetail.Select(models.Parts).With(below).
		Where("below > ?", 0).OrderBy("below DESC").Limit(2)), "bike:5 wheel:3")
	kit.Equal(t, "a condition", partValues(t, d, partsByID().Where("id < 3").
		With(dovetail.Count("parts*").Where(sq.Gt{"price": 1}).As("below"))), "bike:3 wheel:2")
	kit.Equal(t, "max", partValues(t, d, partsByID().Where("id < 3").With(dovetail.Max("parts*.price").As("below"))), "bike:90 wheel:20")
	kit.Equal(t, "sum of text", partValues(t, d, partsByID().Where("id < 3").
		With(dovetail.Sum("parts*").Of("self.price * ?", 10).As("below"))), "bike:1130 wheel:230")
	kit.Equal(t, "first", partValues(t, d, partsByID().Where("id < 3").
		With(dovetail.FirstOf("parts*.price").OrderBy("name").As("below"))), "bike:90 wheel:20")
	type told struct {
		Name string
		Made bool
	}
	rows, err := dovetail.Collect[told](t.Context(), d.DB, partsByID().Columns("name").Where("id < 4").With(dovetail.Exists("parts*").As("made")))
	kit.Equal(t, "exists", fmt.Sprint(rows, err), "[{bike true} {wheel true} {frame false}] <nil>")
}

func testFollowValuesBehind(t *testing.T, d kit.Database) {
	stock := func(a dovetail.Aggregate) string {
		return partValues(t, d, partsByID().Has("parts").With(a.As("below")))
	}
	kit.Equal(t, "in stock", stock(dovetail.Sum("parts*.stock.amount")), "bike:622 wheel:622 rim:520")
	kit.Equal(t, "of screws", stock(dovetail.Count("parts*.stock").Where(sq.Eq{"parts*.name": "screw"})), "bike:2 wheel:2 rim:2")
	kit.Equal(t, "of each part", stock(dovetail.Count("parts.parts*")), "bike:3 wheel:1 rim:0")
	kit.Equal(t, "once for each way", stock(dovetail.Count("parts*.parts*")), "bike:4 wheel:1 rim:0")
}

func testFollowFromAnother(t *testing.T, d kit.Database) {
	ids := func(q dovetail.Query[*models.Stock]) string {
		var ids []int64
		for _, s := range kit.All(t, d.DB, q.OrderBy("id")) {
			ids = append(ids, s.ID)
		}
		return fmt.Sprint(ids)
	}
	q := dovetail.Select(models.Stocks)
	kit.Equal(t, "in a bike", ids(q.Has("part.wholes*", sq.Eq{"name": "bike"})), "[1 2 3 4]")
	kit.Equal(t, "the row before", ids(q.Has("part.wholes*", sq.Eq{"name": "wheel", "part.name": "rim"})), "[4]")
	kit.Equal(t, "at least", ids(q.HasAtLeast(3, "part.wholes*")), "[1 2]")
	kit.Equal(t, "levels", ids(q.HasAtLeast(3, "part.wholes*1")), "[1 2]")
	kit.Equal(t, "none", ids(q.HasNone("part.wholes*")), "[5]")
	kit.Equal(t, "inside", ids(q.Has("part", dovetail.Has("wholes*", sq.Eq{"name": "wheel"}))), "[1 2 3 4]")
	persons := kit.All(t, d.DB, dovetail.Select(models.Persons).Has("staff*.folders.kids*", sq.Eq{"staff*.name": "bob", "name": "f"}))
	kit.Equal(t, "two on one path", len(persons), 1)
}

func testFollowScopes(t *testing.T, d kit.Database) {
	clapper := sq.Eq{"name": "clapper"}
	kit.Equal(t, "below a removed row", partNames(t, d, partsByID().Has("parts*", clapper)), "")
	kit.Equal(t, "of a removed row", partNames(t, d, partsByID().Unscoped("deleted").Has("parts*", clapper)), "bell")
	kit.Equal(t, "removed rows on the way", partNames(t, d, partsByID().UnscopedAt("parts*", "deleted").Has("parts*", clapper)), "bike")
	both := partsByID().Unscoped("deleted").UnscopedAt("parts*", "deleted")
	kit.Equal(t, "both", partNames(t, d, both.Has("parts*", clapper)), "bike bell")
	count := dovetail.Count("parts*").As("below")
	kit.Equal(t, "counted", partValues(t, d, partsByID().Where("id = 1").UnscopedAt("parts*", "deleted").With(count)), "bike:7")
	rows := kit.All(t, d.DB, dovetail.Select(models.Stocks).UnscopedAt("part.wholes*", "deleted").Has("part.wholes*", sq.Eq{"id": 1}).OrderBy("id"))
	kit.Equal(t, "behind a path", len(rows), 5)
}

func testFollowRules(t *testing.T, d kit.Database) {
	kit.Equal(t, "a rule on every level", partNames(t, d, partsByID().Has("screwed*", sq.Eq{"name": "screw"})), "bike wheel rim")
	kit.Equal(t, "which others do not meet", partNames(t, d, partsByID().Has("screwed*", sq.Eq{"name": "spoke"})), "")
	kit.Equal(t, "counted", partValues(t, d, partsByID().Where("id < 6").With(dovetail.Count("screwed*").As("below"))),
		"bike:3 wheel:2 frame:0 screw:0 rim:1")
	kit.Equal(t, "an order by links is no order here", partValues(t, d, partsByID().Where("id = 1").
		With(dovetail.FirstOf("screwed*.price").As("below"))), "bike:0")
}

func testFollowOuter(t *testing.T, d kit.Database) {
	kit.Equal(t, "compared", partNames(t, d, partsByID().Has("parts*", sq.Expr("self.price > outer.price"))), "bike wheel")
	kit.Equal(t, "as a value", partNames(t, d, partsByID().Has("parts*", sq.Lt{"price": dovetail.Col("outer.price")})), "rim")
	kit.Equal(t, "inside another", partNames(t, d, partsByID().
		Has("parts*", dovetail.Has("stock", sq.Expr("self.amount = 2 AND outer.outer.id = 2")))), "wheel")
}

func testFollowCycles(t *testing.T, d kit.Database) {
	count := dovetail.Count("substitutes*").As("below")
	kit.Equal(t, "each row once", partValues(t, d, partsByID().Where("id IN (3, 4, 6, 9, 10)").With(count)),
		"frame:0 screw:1 spoke:3 wire:3 rod:3")
	kit.Equal(t, "tested", partNames(t, d, partsByID().Has("substitutes*", sq.Eq{"name": "rod"})), "spoke wire rod")
	kit.Equal(t, "two levels", partNames(t, d, partsByID().Has("substitutes*2", sq.Eq{"name": "rod"})), "spoke wire")
	folders := kit.All(t, d.DB, dovetail.Select(models.Folders).Where("id >= 20").With(dovetail.Count("kids*").As("files")).OrderBy("id"))
	var files []int64
	for _, f := range folders {
		files = append(files, f.Files)
	}
	kit.Equal(t, "folders in each other", fmt.Sprint(files), "[4 4 4 1 0]")
}

func testFollowComposite(t *testing.T, d kit.Database) {
	boxes := func(q dovetail.Query[*models.Box]) string {
		var names []string
		for _, b := range kit.All(t, d.DB, q.OrderBy("site", "no")) {
			names = append(names, fmt.Sprint(b.Site, b.No))
		}
		return strings.Join(names, " ")
	}
	q := dovetail.Select(models.Boxes)
	kit.Equal(t, "around b2", boxes(q.Has("boxes_within*", sq.Eq{"site": "b", "no": 2})), "a1 b1")
	kit.Equal(t, "in a1", boxes(q.Has("within*", sq.Eq{"site": "a", "no": 1})), "a2 b1 b2")
	kit.Equal(t, "at least 2", boxes(q.HasAtLeast(2, "boxes_within*")), "a1")
	kit.Equal(t, "along a path", boxes(q.HasAtLeast(1, "within.boxes_within*", sq.Eq{"site": "b", "no": 2})), "a2 b1 b2")
	kit.Equal(t, "more than once along a path", boxes(q.HasAtLeast(2, "within.boxes_within*", sq.Eq{"site": "b"})), "a2 b1")
}

func testFollowBeside(t *testing.T, d kit.Database) {
	q := partsByID().Has("wholes*", sq.Eq{"name": "wheel"}).Has("stock", sq.Eq{"place": "north"})
	kit.Equal(t, "other conditions", partNames(t, d, q.Limit(5)), "screw spoke")
	n, err := q.Count(t.Context(), d.DB)
	kit.Equal(t, "count", fmt.Sprint(n, err), "2 <nil>")
	any, err := q.Exists(t.Context(), d.DB)
	kit.Equal(t, "exists", fmt.Sprint(any, err), "true <nil>")
	kit.Equal(t, "a join", partNames(t, d, q.Join("stock").Distinct()), "screw spoke")
	matching := dovetail.Matching(dovetail.Select(models.Parts).Has("wholes*", sq.Eq{"name": "rim"}))
	kit.Equal(t, "matching", partNames(t, d, partsByID().Has("parts", matching)), "bike wheel rim")
	loaded := kit.All(t, d.DB, partsByID().Where("id = 1").Preload("parts", dovetail.Select(models.Parts).
		Has("parts*", sq.Eq{"name": "screw"}).With(dovetail.Count("parts*").As("below"))))
	kit.Equal(t, "in a preload", fmt.Sprintln(len(loaded[0].Parts), loaded[0].Parts[0].Row.Name, loaded[0].Parts[0].Row.Below), "1 wheel 3\n")
}

// testFollowBehindLink goes on from the row of the join table that was passed: parts of the wheel and of the rim are put in at the wheels'
// station, though the screw is put into the bike at another.
func testFollowBehindLink(t *testing.T, d kit.Database) {
	const path = "parts*.parts.link.station"
	for station, want := range map[string]string{"assembly": "", "wheels": "bike wheel"} {
		at := sq.Eq{"name": station}
		kit.Equal(t, "Has "+station, partNames(t, d, partsByID().Has(path, at)), want)
		kit.Equal(t, "HasAtLeast "+station, partNames(t, d, partsByID().HasAtLeast(1, path, at)), want)
		kit.Equal(t, "a condition on "+station, partNames(t, d, partsByID().Has("parts*.parts", sq.Eq{"link.station.name": station})), want)
		kit.Equal(t, "Count "+station, partNames(t, d, partsByID().With(dovetail.Count(path).Where(at).As("below")).Where("below > 0")), want)
	}
}

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

// Trees whose rows come with those of a join table, that tell the levels of their rows, or that may have cycles.

func treeLinkCases() []kit.Case {
	return []kit.Case{
		{Name: "tree links/all levels", Run: testTreeLinks},
		{Name: "tree links/levels", Run: testTreeLinksDepth},
		{Name: "tree links/upwards", Run: testTreeLinksUp},
		{Name: "tree links/conditions and orders by links", Run: testTreeLinksQuery},
		{Name: "tree links/rules", Run: testTreeLinksRules},
		{Name: "tree links/columns", Run: testTreeLinksColumns},
		{Name: "tree links/preloads onto rows and links", Run: testTreeLinksPreloads},
		{Name: "tree links/cycles", Run: testTreeLinksCycles},
		{Name: "tree links/load", Run: testTreeLinksLoad},
		{Name: "tree/the level of a row", Run: testTreeLevel},
		{Name: "tree/cycles that are declared", Run: testTreeCyclic},
	}
}

const wholeBike = "bike(2 wheel(2 screw 1 rim(3 screw) 36 spoke) 1 frame 4 screw)"

func bike() dovetail.Query[*models.Part] {
	return dovetail.Select(models.Parts).Where(sq.Eq{"name": "bike"})
}

func testTreeLinks(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, bike().PreloadTree("parts", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "list", models.PartsList(rows[0]), wholeBike)
	wheel := rows[0].Parts[0]
	screws := []dovetail.Linked[models.Part, models.Component]{rows[0].Parts[2], wheel.Row.Parts[0], wheel.Row.Parts[1].Row.Parts[0]}
	kit.Equal(t, "one row", screws[0].Row == screws[1].Row && screws[1].Row == screws[2].Row, true)
	kit.Equal(t, "links of their own", screws[0].Link != screws[1].Link && screws[1].Link != screws[2].Link, true)
	kit.Equal(t, "a whole link", fmt.Sprint(*screws[2].Link), "{5 4 3 screw 2 <nil>}")

	rows = kit.All(t, rec, dovetail.Select(models.Parts).Where(sq.Eq{"id": []int{1, 2, 5, 6}}).OrderBy("id").PreloadTree("parts", 0))
	rec.Expect(t, 2, 2)
	var lists []string
	for _, p := range rows {
		lists = append(lists, models.PartsList(p))
	}
	kit.Equal(t, "roots below each other", strings.Join(lists, "; "),
		wholeBike+"; wheel(2 screw 1 rim(3 screw) 36 spoke); rim(3 screw); spoke")
	if rows[0].Parts[0].Row == rows[1] {
		t.Error("a row of the query was put into the tree")
	}
}

func testTreeLinksDepth(t *testing.T, d kit.Database) {
	list := func(depth int) string {
		return models.PartsList(kit.All(t, d.DB, bike().PreloadTree("parts", depth))[0])
	}
	kit.Equal(t, "one", list(1), "bike(2 wheel? 1 frame? 4 screw?)")
	kit.Equal(t, "two", list(2), "bike(2 wheel(2 screw 1 rim? 36 spoke?) 1 frame 4 screw)")
	kit.Equal(t, "three", list(3), "bike(2 wheel(2 screw 1 rim(3 screw) 36 spoke) 1 frame 4 screw)")
}

func testTreeLinksUp(t *testing.T, d kit.Database) {
	rows := kit.All(t, d.DB, dovetail.Select(models.Parts).Where(sq.Eq{"name": "rim"}).PreloadTree("wholes", 0))
	at, text := rows[0], ""
	for len(at.Wholes) > 0 {
		text += fmt.Sprint(at.Wholes[0].Link.Quantity, " in a ", at.Wholes[0].Row.Name, ", ")
		at = at.Wholes[0].Row
	}
	kit.Equal(t, "wholes", text, "1 in a wheel, 2 in a bike, ")
}

func testTreeLinksQuery(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Parts)
	list := func(q dovetail.Query[*models.Part]) string {
		return models.PartsList(kit.All(t, d.DB, bike().PreloadTree("parts", 0, q))[0])
	}
	kit.Equal(t, "order", list(q.OrderBy("link.quantity DESC")), "bike(4 screw 2 wheel(36 spoke 2 screw 1 rim(3 screw)) 1 frame)")
	kit.Equal(t, "condition", list(q.Where(sq.Gt{"link.quantity": 1}).OrderBy("name")), "bike(4 screw 2 wheel(2 screw 36 spoke))")
	kit.Equal(t, "behind the link", list(q.Where(sq.Eq{"link.station.name": "assembly"})), "bike(2 wheel 1 frame 4 screw)")
	kit.Equal(t, "order behind the link", list(q.OrderBy("link.station.name DESC", "name DESC")),
		"bike(2 wheel(36 spoke 2 screw 1 rim(3 screw)) 4 screw 1 frame)")
}

func testTreeLinksRules(t *testing.T, d kit.Database) {
	rows := kit.All(t, d.DB, bike().PreloadTree("screwed", 0))
	at, text := rows[0], ""
	for len(at.Screwed) > 0 {
		kit.Equal(t, "screwed to "+at.Name, len(at.Screwed), 1)
		text += fmt.Sprint(at.Screwed[0].Link.Quantity, " ", at.Screwed[0].Row.Name, ", ")
		at = at.Screwed[0].Row
	}
	kit.Equal(t, "parts", text, "2 wheel, 1 rim, 3 screw, ")
	rows = kit.All(t, d.DB, bike().UnscopedAt("screwed", "deleted").PreloadTree("screwed", 0))
	kit.Equal(t, "with the bell, by quantity", fmt.Sprintln(len(rows[0].Screwed), rows[0].Screwed[1].Row.Screwed[0].Row.Name), "2 clapper\n")
}

func testTreeLinksColumns(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Parts).Columns("name", "link.quantity")
	rows := kit.All(t, d.DB, bike().PreloadTree("parts", 0, q))
	kit.Equal(t, "list", models.PartsList(rows[0]), wholeBike)
	kit.Equal(t, "a link", fmt.Sprint(*rows[0].Parts[2].Link), "{1 4 4  0 <nil>}")
}

func testTreeLinksPreloads(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, bike().PreloadTree("parts", 0).Preload("parts.link.station").Preload("parts.stock"))
	rec.Expect(t, 4, 3)
	kit.Equal(t, "list", models.PartsList(rows[0]), wholeBike)
	wheel := rows[0].Parts[0]
	rim := wheel.Row.Parts[1]
	kit.Equal(t, "stations", wheel.Link.Station.Name+" "+rim.Link.Station.Name+" "+rim.Row.Parts[0].Link.Station.Name, "assembly wheels wheels")
	kit.Equal(t, "stocks", fmt.Sprint(len(rim.Row.Stock), len(rim.Row.Parts[0].Row.Stock), len(wheel.Row.Stock)), "1 2 0")
}

func testTreeLinksCycles(t *testing.T, d kit.Database) {
	d.Exec(t, "INSERT INTO components (whole_id, part_id, quantity, fixing, station_id) VALUES (4, 1, 1, 'none', 1)")
	defer d.Exec(t, "DELETE FROM components WHERE whole_id = 4")
	_, err := bike().PreloadTree("parts", 0).All(t.Context(), d.DB)
	models.WantOneOf(t, err, "id 4, 1, 4;", "id 2, 4, 1, 2;", "id 1, 2, 4, 1;", "id 4, 1, 2, 4;", "id 1, 4, 1;")
	kit.Equal(t, "within a depth", models.PartsList(kit.All(t, d.DB, bike().PreloadTree("parts", 1))[0]), "bike(2 wheel? 1 frame? 4 screw?)")
}

func testTreeLinksLoad(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := []*models.Part{{ID: 2, Name: "wheel"}, nil, {ID: 6, Name: "spoke"}}
	if err := dovetail.LoadTree(t.Context(), rec, models.Parts, rows, "parts", 0); err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 1, 1)
	kit.Equal(t, "lists", models.PartsList(rows[0])+" "+models.PartsList(rows[2]), "wheel(2 screw 1 rim(3 screw) 36 spoke) spoke")
}

func testTreeLevel(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Parts).With(dovetail.Level().As("level"), dovetail.Count("parts*").As("below"))
	levels := func(rows []*models.Part) string {
		var texts []string
		seen := map[*models.Part]bool{}
		var walk func(p *models.Part)
		walk = func(p *models.Part) {
			for _, l := range p.Parts {
				if !seen[l.Row] {
					seen[l.Row] = true
					texts = append(texts, fmt.Sprint(l.Row.Name, ":", l.Row.Level, "/", l.Row.Below))
				}
				walk(l.Row)
			}
		}
		for _, p := range rows {
			kit.Equal(t, "the level of "+p.Name, p.Level, 0)
			walk(p)
		}
		return strings.Join(texts, " ")
	}
	kit.Equal(t, "of one", levels(kit.All(t, d.DB, bike().PreloadTree("parts", 0, q))), "wheel:1/3 screw:1/0 rim:2/1 spoke:2/0 frame:1/0")
	kit.Equal(t, "within a depth", levels(kit.All(t, d.DB, bike().PreloadTree("parts", 2, q))), "wheel:1/3 screw:1/0 rim:2/1 spoke:2/0 frame:1/0")
	two := dovetail.Select(models.Parts).Where(sq.Eq{"name": []string{"bike", "wheel"}}).OrderBy("id")
	kit.Equal(t, "below the nearest", levels(kit.All(t, d.DB, two.PreloadTree("parts", 0, q))), "wheel:1/3 screw:1/0 rim:1/1 spoke:1/0 frame:1/0")
	leaf := kit.All(t, d.DB, dovetail.Select(models.Parts).Where(sq.Eq{"name": "frame"}).PreloadTree("parts", 0, q))
	kit.Equal(t, "without rows", levels(leaf), "")
}

func testTreeCyclic(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Parts).With(dovetail.Level().As("level"))
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Parts).Where(sq.Eq{"name": []string{"spoke", "screw", "frame"}}).OrderBy("id").
		PreloadTree("substitutes", 0, q))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "none", len(rows[0].Substitutes), 0)
	screw := rows[1].Substitutes[0]
	kit.Equal(t, "itself", screw.Substitutes[0] == screw && screw.Level == 1 && screw != rows[1], true)
	wire := rows[2].Substitutes[0]
	rod, spoke := wire.Substitutes[0], wire.Substitutes[0].Substitutes[0]
	kit.Equal(t, "round", fmt.Sprintln(wire.Name, wire.Level, rod.Name, rod.Level, spoke.Name, spoke.Level), "wire 1 rod 2 spoke 3\n")
	kit.Equal(t, "one struct", spoke.Substitutes[0] == wire && spoke != rows[2], true)

	rows = kit.All(t, d.DB, dovetail.Select(models.Parts).Where(sq.Eq{"name": "spoke"}).PreloadTree("substitutes", 2))
	rod = rows[0].Substitutes[0].Substitutes[0]
	kit.Equal(t, "within a depth", rod.Name == "rod" && rod.Substitutes == nil, true)
}

// TestTreesOfPairsSeenFromBothEnds loads a network: every row leads back to the one it was found by, which was declared.
func TestTreesOfPairsSeenFromBothEnds(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	nations := dovetail.NewTable[models.Nation](r, "nations")
	borders := dovetail.NewTable[models.Border](r, "borders", dovetail.PrimaryKey("nation1", "nation2"))
	treaties := dovetail.NewTable[models.Treaty](r, "treaties")
	keys := dovetail.ThroughKeys("one", "other")
	dovetail.ManyToMany(nations, "neighbours", nations, borders, dovetail.ThroughKeys("nation1", "nation2"), dovetail.Symmetric(), dovetail.Cyclic())
	dovetail.HasManyThrough(nations, "further", nations, "neighbours.neighbours")
	dovetail.ManyToMany(nations, "partners", nations, treaties, keys, dovetail.Symmetric(), dovetail.Cyclic())
	dovetail.ManyToMany(nations, "allies", nations, treaties, keys, dovetail.Symmetric(), dovetail.Where(sq.Eq{"link.kind": "ally"}))
	kit.OnEach(t, models.NationsDDL, func(t *testing.T, d kit.Database) {
		of := func(id int) dovetail.Query[*models.Nation] { return dovetail.Select(nations).Where(sq.Eq{"id": id}) }
		one := kit.All(t, d.DB, of(1).PreloadTree("neighbours", 0))[0]
		kit.Equal(t, "of 1", fmt.Sprint(nationIDs(one.Neighbours)), "[2 3 5]")
		two, five := one.Neighbours[0], one.Neighbours[2]
		kit.Equal(t, "of 2 and 5", fmt.Sprint(nationIDs(two.Neighbours), nationIDs(five.Neighbours)), "[1 3] [1]")
		again := five.Neighbours[0]
		kit.Equal(t, "one struct of each", again == two.Neighbours[0] && again != one && again.Neighbours[0] == two, true)

		three := kit.All(t, d.DB, of(3).PreloadTree("partners", 0))[0]
		var treaties []string
		for _, l := range three.Partners[0].Row.Partners {
			treaties = append(treaties, fmt.Sprint(l.Row.ID, " by ", l.Link.ID))
		}
		kit.Equal(t, "treaties of 1", strings.Join(treaties, ", "), "2 by 1, 2 by 2, 3 by 3")
		_, err := dovetail.Select(nations).PreloadTree("allies", 0).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, "declare it Cyclic")

		rows := kit.All(t, d.DB, dovetail.Select(nations).OrderBy("id").With(dovetail.Count("neighbours*").As("n")))
		var counts []int64
		for _, n := range rows {
			counts = append(counts, *n.N)
		}
		kit.Equal(t, "each of a network once", fmt.Sprint(counts), "[4 4 4 1 4 0]")
		far := kit.All(t, d.DB, dovetail.Select(nations).OrderBy("id").Has("neighbours*", sq.Eq{"id": 5}))
		kit.Equal(t, "a way to 5", fmt.Sprint(nationIDs(far)), "[1 2 3 5]")
	})
}

func nationIDs(rows []*models.Nation) []int64 {
	ids := make([]int64, 0, len(rows))
	for _, n := range rows {
		ids = append(ids, n.ID)
	}
	return ids
}

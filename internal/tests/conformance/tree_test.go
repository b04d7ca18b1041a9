package conformance_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Trees: relations of a table with itself, loaded to any depth.

func treeCases() []kit.Case {
	return []kit.Case{
		{Name: "tree/all levels below", Run: testTreeBelow},
		{Name: "tree/all levels above", Run: testTreeAbove},
		{Name: "tree/levels", Run: testTreeLevels},
		{Name: "tree/levels above", Run: testTreeLevelsAbove},
		{Name: "tree/roots one below another", Run: testTreeRootsBelowRoots},
		{Name: "tree/the same root twice", Run: testTreeSameRoot},
		{Name: "tree/no rows, no statement", Run: testTreeWithoutRows},
		{Name: "tree/order", Run: testTreeOrder},
		{Name: "tree/where prunes", Run: testTreeWhere},
		{Name: "tree/where along a path", Run: testTreeWherePath},
		{Name: "tree/where prunes ancestors", Run: testTreeWhereAbove},
		{Name: "tree/columns", Run: testTreeColumns},
		{Name: "tree/with a value", Run: testTreeWith},
		{Name: "tree/composite keys", Run: testTreeComposite},
		{Name: "tree/many-to-many", Run: testTreeManyToMany},
		{Name: "tree/below another preload", Run: testTreeBelowPreload},
		{Name: "tree/preloads onto all rows", Run: testTreePreloads},
		{Name: "tree/parents are in hand", Run: testTreeParents},
		{Name: "tree/parents with more below", Run: testTreeParentsBelow},
		{Name: "tree/trees beside and below each other", Run: testTreeTrees},
		{Name: "tree/plain preload beside", Run: testTreePlainBeside},
		{Name: "tree/load", Run: testTreeLoad},
		{Name: "tree/cycles", Run: testTreeCycles},
		{Name: "tree/cycles within a depth", Run: testTreeCyclesDepth},
		{Name: "tree/cycles of many-to-many", Run: testTreeCyclesManyToMany},
		{Name: "tree/cycle leaves rows in hand alone", Run: testTreeCycleLoad},
	}
}

func folderRoots() dovetail.Query[*models.Folder] {
	return dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{1, 8}}).OrderBy("id")
}

func testTreeBelow(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, folderRoots().PreloadTree("kids", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 8(9)")
	kit.Equal(t, "a name", rows[0].Kids[0].Kids[0].Kids[1].Name, "g")
	kit.Equal(t, "a leaf's parent, not asked for", rows[1].Kids[0].Parent, (*models.Folder)(nil))

	rows = kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{9}}).PreloadTree("kids", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "a leaf", drawnKids(rows), "9")

	categories := kit.All(t, rec, dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil}).PreloadTree("subcategories", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "categories", models.DrawnAll(categories, func(c *models.Category) string { return c.Name },
		func(c *models.Category) []*models.Category { return c.Subcategories }), "things(tools(hammers(mallets)) toys)")
}

func testTreeAbove(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{6, 7, 3, 1, 9}}).OrderBy("id").PreloadTree("parent", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "ancestors", drawnParents(rows), "1 3<1 6<4<2<1 7<4<2<1 9<8")
	kit.Equal(t, "one row", rows[2].Parent, rows[3].Parent)
	kit.Equal(t, "one row at the top", rows[1].Parent, rows[2].Parent.Parent.Parent)
	if rows[0] == rows[1].Parent {
		t.Error("a row of the query was put into the tree")
	}

	leaf := kit.All(t, rec, dovetail.Select(models.Employees).Where(sq.Eq{"name": "leaf"}).PreloadTree("manager", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "managers", leaf[0].Manager.Name+" "+leaf[0].Manager.Manager.Name, "left root")
}

func testTreeLevels(t *testing.T, d kit.Database) {
	rec := d.Record()
	for depth, want := range map[int]string{
		1: "1(2? 3?) 8(9?)",
		2: "1(2(4? 5?) 3) 8(9)",
		3: "1(2(4(6? 7?) 5) 3) 8(9)",
		4: "1(2(4(6 7) 5) 3) 8(9)",
		5: "1(2(4(6 7) 5) 3) 8(9)",
	} {
		rows := kit.All(t, rec, folderRoots().PreloadTree("kids", depth))
		rec.Expect(t, 2, 2)
		kit.Equal(t, "trees", drawnKids(rows), want)
	}
}

func testTreeLevelsAbove(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{5, 6}}).OrderBy("id")
	kit.Equal(t, "1", drawnParents(kit.All(t, rec, q.PreloadTree("parent", 1))), "5<2 6<4")
	rec.Expect(t, 2, 2)
	// Folder 2 is next to 5, so that its own parent is within two levels of the nearest row.
	kit.Equal(t, "2", drawnParents(kit.All(t, rec, q.PreloadTree("parent", 2))), "5<2<1 6<4<2<1")
	rec.Expect(t, 2, 2)
}

// testTreeRootsBelowRoots has folder 4 as a row of the query and as one of the tree: two structs of the same row.
func testTreeRootsBelowRoots(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{1, 4}}).OrderBy("id")
	rows := kit.All(t, rec, q.PreloadTree("kids", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 4(6 7)")
	inner := rows[0].Kids[0].Kids[0]
	if inner == rows[1] {
		t.Error("a row of the query was put into the tree")
	}
	kit.Equal(t, "a leaf is one struct", inner.Kids[0], rows[1].Kids[0])
	// Each has a list of its own: one that grows does not reach into the other.
	inner.Kids[0] = nil
	kit.Equal(t, "6", rows[1].Kids[0].ID, 6)

	// The nearest row decides: 6 and 7 are at the first level below 4, the third below 1.
	rows = kit.All(t, rec, q.PreloadTree("kids", 2))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "two levels", drawnKids(rows), "1(2(4? 5?) 3) 4(6 7)")
	rows = kit.All(t, rec, q.PreloadTree("kids", 3))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "three levels", drawnKids(rows), "1(2(4(6 7) 5) 3) 4(6 7)")
}

func testTreeSameRoot(t *testing.T, d kit.Database) {
	rec := d.Record()
	one, again := &models.Folder{ID: 1}, &models.Folder{ID: 1}
	if err := dovetail.LoadTree(t.Context(), rec, models.Folders, []*models.Folder{one, again, nil, one}, "kids", 2); err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 1, 1)
	kit.Equal(t, "trees", drawnKids([]*models.Folder{one, again}), "1(2(4? 5?) 3) 1(2(4? 5?) 3)")
	one.Kids[0] = nil
	kit.Equal(t, "a list of its own", again.Kids[0].ID, 2)
}

func testTreeWithoutRows(t *testing.T, d kit.Database) {
	rec := d.Record()
	kit.Equal(t, "rows", len(kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": 77}).PreloadTree("kids", 0))), 0)
	rec.Expect(t, 1, 1)
	roots := kit.All(t, rec, folderRoots().PreloadTree("parent", 0).Preload("parent.papers"))
	rec.Expect(t, 1, 1) // no row has a key
	kit.Equal(t, "parents", drawnParents(roots), "1 8")
	if err := dovetail.LoadTree(t.Context(), rec, models.Folders, nil, "kids", 0); err != nil {
		t.Error(err)
	}
	rec.Expect(t, 0, 0)
}

func testTreeOrder(t *testing.T, d kit.Database) {
	rec := d.Record()
	for _, c := range []struct {
		order []string
		want  string
	}{
		{[]string{"name"}, "1(3 2(4(6 7) 5))"},
		{[]string{"name DESC"}, "1(2(5 4(7 6)) 3)"},
		{[]string{"size"}, "1(3 2(4(6 7) 5))"}, // 4 and 5 are of one size: the primary key decides
		{[]string{"owner.name NULLS FIRST", "id DESC"}, "1(2(5 4(7 6)) 3)"},
	} {
		rows := kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": 1}).
			PreloadTree("kids", 0, dovetail.Select(models.Folders).OrderBy(c.order...)))
		rec.Expect(t, 2, 2)
		kit.Equal(t, c.order[0], drawnKids(rows), c.want)
	}
	rows := kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": 1}).
		PreloadTree("kids", 9, dovetail.Select(models.Folders).OrderByClause("size * ?", -1).OrderBy("id DESC")))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "by an expression", drawnKids(rows), "1(2(5 4(7 6)) 3)")
}

// testTreeWhere filters by size: what lies below a folder that is too small is not reached, however large it is.
func testTreeWhere(t *testing.T, d kit.Database) {
	rec := d.Record()
	for _, c := range []struct {
		where sq.Sqlizer
		want  string
	}{
		{sq.NotEq{"id": 4}, "1(2(5) 3) 8(9)"},
		{sq.NotEq{"id": 2}, "1(3) 8(9)"},
		{sq.NotEq{"id": 1}, "1(2(4(6 7) 5) 3) 8(9)"}, // the rows loaded onto are not filtered
		{sq.Gt{"size": 100}, "1 8"},
		{sq.Or{sq.Eq{"name": "b"}, sq.Eq{"name": "f"}}, "1(2) 8"},
	} {
		for _, depth := range []int{0, 6} {
			rows := kit.All(t, rec, folderRoots().PreloadTree("kids", depth, dovetail.Select(models.Folders).Where(c.where)))
			rec.Expect(t, 2, 2)
			kit.Equal(t, "pruned", drawnKids(rows), c.want)
		}
	}
	rows := kit.All(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(models.Folders).
		Where("size > ? OR size < ?", 6, 2).Has("papers", sq.NotEq{"title": "p4"})))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "with papers", drawnKids(rows), "1 8") // folder 2, on the way to 4, has none
	rows = kit.All(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(models.Folders).
		HasNone("papers", sq.Eq{"title": "p4"}).Where("folders.size <> ?", 8)))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "without p4", drawnKids(rows), "1(2(4(6) 5)) 8(9)")
}

func testTreeWherePath(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Folders).Where(sq.Eq{"owner.name": []string{"ann", "bob"}}).OrderBy("owner.name DESC")
	rows := kit.All(t, rec, folderRoots().PreloadTree("kids", 0, q))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "owned", drawnKids(rows), "1(3 2(4(6))) 8(9)")
	rows = kit.All(t, rec, folderRoots().PreloadTree("kids", 2, q.LeftJoin("parent.owner", sq.NotEq{"name": "cyd"}).
		Where("parent.owner.name = ?", "ann")))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "owned, in a folder of ann's", drawnKids(rows), "1(3 2(4?)) 8(9)")
}

func testTreeWhereAbove(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{5, 6}}).OrderBy("id").
		PreloadTree("parent", 0, dovetail.Select(models.Folders).Where(sq.NotEq{"id": 2})))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "ancestors", drawnParents(rows), "5 6<4")
}

func testTreeColumns(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Folders).Columns("name").Where(sq.Eq{"id": 1}).
		PreloadTree("kids", 2, dovetail.Select(models.Folders).Columns("size").Preload("papers")))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "tree", drawnKids(rows), "1(2(4? 5?) 3)")
	four := rows[0].Kids[0].Kids[0]
	kit.Equal(t, "a column asked for", four.Size, 7)
	kit.Equal(t, "a column not asked for", four.Name, "")
	kit.Equal(t, "the key of the relation", *four.ParentID, 2)
	kit.Equal(t, "papers", len(four.Papers), 2)
	kit.Equal(t, "a column of the root", rows[0].Name, "root")
	kit.Equal(t, "one not asked for", rows[0].Size, 0)
}

func testTreeWith(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(models.Folders).
		With(dovetail.Count("papers").As("files")).OrderBy("files DESC").Where(sq.Lt{"files": 2})))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "trees", drawnKids(rows), "1(2(5) 3) 8(9)") // folder 4 has two
	kit.Equal(t, "papers of 9", rows[1].Kids[0].Files, 1)
	rows = kit.All(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(models.Folders).Column("size * ? AS files", 2)))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "twice the size of 9", rows[1].Kids[0].Files, 10)
}

// testTreeComposite has keys of two columns; one that is half NULL is no key.
func testTreeComposite(t *testing.T, d kit.Database) {
	rec := d.Record()
	name := func(b *models.Box) string { return b.Site + string(rune('0'+b.No)) }
	rows := kit.All(t, rec, dovetail.Select(models.Boxes).Where(sq.Eq{"in_no": nil}).OrderBy("site", "no").PreloadTree("boxes_within", 0))
	rec.Expect(t, 2+d.Lookups(1), 2)
	kit.Equal(t, "boxes", models.DrawnAll(rows, name, func(b *models.Box) []*models.Box { return b.Boxes }), "a1(a2 b1(b2)) a3")

	rows = kit.All(t, rec, dovetail.Select(models.Boxes).OrderBy("site", "no").PreloadTree("within", 2))
	rec.Expect(t, 2, 2)
	want := []string{"a1", "a2<a1", "a3", "b1<a1", "b2<b1<a1", "b3"}
	for i, b := range rows {
		text := name(b)
		for b = b.Within; b != nil; b = b.Within {
			text += "<" + name(b)
		}
		kit.Equal(t, "ancestors", text, want[i])
	}
}

// testTreeManyToMany follows links. Folder 4 is reached by two ways, and is one row.
func testTreeManyToMany(t *testing.T, d kit.Database) {
	rec := d.Record()
	draw := func(rows []*models.Folder) string { return models.DrawnAll(rows, folderName, models.FolderTargets) }
	one := dovetail.Select(models.Folders).Where(sq.Eq{"id": 1})
	rows := kit.All(t, rec, one.PreloadTree("targets", 0))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "targets", draw(rows), "1(2(4(5)) 3(4(5)))")
	kit.Equal(t, "one row", rows[0].Targets[0].Targets[0], rows[0].Targets[1].Targets[0])
	kit.Equal(t, "two levels", draw(kit.All(t, rec, one.PreloadTree("targets", 2))), "1(2(4?) 3(4?))")
	rec.Expect(t, 2, 2)
	kit.Equal(t, "not by 3", draw(kit.All(t, rec, one.PreloadTree("targets", 0, dovetail.Select(models.Folders).
		Where(sq.NotEq{"id": 3})))), "1(2(4(5)))")
	rec.Expect(t, 2, 2)
	five := kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": 5}).
		PreloadTree("sources", 3, dovetail.Select(models.Folders).OrderBy("id DESC")))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "sources", models.DrawnAll(five, folderName, func(f *models.Folder) []*models.Folder { return f.Sources }), "5(4(3(1?) 2(1?)))")
	// Folder 4 is below 1 and, one level nearer, below 3: what is below it is within two levels of 3.
	rows = kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{1, 3}}).OrderBy("id").PreloadTree("targets", 2))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "two roots", draw(rows), "1(2(4(5?)) 3(4(5?))) 3(4(5?))")
}

func testTreeBelowPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Persons).OrderBy("id").
		PreloadTree("folders.kids", 1, dovetail.Select(models.Folders).OrderBy("id DESC")))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "of ann", drawnKids(rows[0].Folders), "1(3? 2?) 2(5? 4?) 6 8(9?)")
	kit.Equal(t, "of bob", drawnKids(rows[1].Folders), "3 4(7? 6?) 9")

	cyd := kit.All(t, rec, dovetail.Select(models.Persons).Where(sq.Eq{"id": 3}).PreloadTree("boss.staff", 0))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "staff of cyd's boss", models.DrawnAll([]*models.Person{cyd[0].Boss}, personName, personStaff), "bob(cyd)")
}

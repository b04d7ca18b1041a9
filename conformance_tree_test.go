package dovetail_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Trees: relations of a table with itself, loaded to any depth.

func treeCases() []conformanceCase {
	return []conformanceCase{
		{"tree/all levels below", testTreeBelow},
		{"tree/all levels above", testTreeAbove},
		{"tree/levels", testTreeLevels},
		{"tree/levels above", testTreeLevelsAbove},
		{"tree/roots one below another", testTreeRootsBelowRoots},
		{"tree/the same root twice", testTreeSameRoot},
		{"tree/no rows, no statement", testTreeWithoutRows},
		{"tree/order", testTreeOrder},
		{"tree/where prunes", testTreeWhere},
		{"tree/where along a path", testTreeWherePath},
		{"tree/where prunes ancestors", testTreeWhereAbove},
		{"tree/columns", testTreeColumns},
		{"tree/with a value", testTreeWith},
		{"tree/composite keys", testTreeComposite},
		{"tree/many-to-many", testTreeManyToMany},
		{"tree/below another preload", testTreeBelowPreload},
		{"tree/preloads onto all rows", testTreePreloads},
		{"tree/parents are in hand", testTreeParents},
		{"tree/parents with more below", testTreeParentsBelow},
		{"tree/trees beside and below each other", testTreeTrees},
		{"tree/plain preload beside", testTreePlainBeside},
		{"tree/load", testTreeLoad},
		{"tree/cycles", testTreeCycles},
		{"tree/cycles within a depth", testTreeCyclesDepth},
		{"tree/cycles of many-to-many", testTreeCyclesManyToMany},
		{"tree/cycle leaves rows in hand alone", testTreeCycleLoad},
	}
}

func folderRoots() dovetail.Query[folder] {
	return dovetail.Select(folders).Where(sq.Eq{"id": []int64{1, 8}}).OrderBy("id")
}

func testTreeBelow(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, folderRoots().PreloadTree("kids", 0))
	rec.expect(t, 2, 2)
	confEqual(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 8(9)")
	confEqual(t, "a name", rows[0].Kids[0].Kids[0].Kids[1].Name, "g")
	confEqual(t, "a leaf's parent, not asked for", rows[1].Kids[0].Parent, (*folder)(nil))

	rows = confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": []int64{9}}).PreloadTree("kids", 0))
	rec.expect(t, 2, 2)
	confEqual(t, "a leaf", drawnKids(rows), "9")

	categories := confAll(t, rec, dovetail.Select(Categories).Where(sq.Eq{"parent_id": nil}).PreloadTree("subcategories", 0))
	rec.expect(t, 2, 2)
	confEqual(t, "categories", drawnAll(categories, func(c *Category) string { return c.Name },
		func(c *Category) []*Category { return c.Subcategories }), "things(tools(hammers(mallets)) toys)")
}

func testTreeAbove(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": []int64{6, 7, 3, 1, 9}}).OrderBy("id").PreloadTree("parent", 0))
	rec.expect(t, 2, 2)
	confEqual(t, "ancestors", drawnParents(rows), "1 3<1 6<4<2<1 7<4<2<1 9<8")
	confEqual(t, "one row", rows[2].Parent, rows[3].Parent)
	confEqual(t, "one row at the top", rows[1].Parent, rows[2].Parent.Parent.Parent)
	if rows[0] == rows[1].Parent {
		t.Error("a row of the query was put into the tree")
	}

	leaf := confAll(t, rec, dovetail.Select(Employees).Where(sq.Eq{"name": "leaf"}).PreloadTree("manager", 0))
	rec.expect(t, 2, 2)
	confEqual(t, "managers", leaf[0].Manager.Name+" "+leaf[0].Manager.Manager.Name, "left root")
}

func testTreeLevels(t *testing.T, d database) {
	rec := d.record()
	for depth, want := range map[int]string{
		1: "1(2? 3?) 8(9?)",
		2: "1(2(4? 5?) 3) 8(9)",
		3: "1(2(4(6? 7?) 5) 3) 8(9)",
		4: "1(2(4(6 7) 5) 3) 8(9)",
		5: "1(2(4(6 7) 5) 3) 8(9)",
	} {
		rows := confAll(t, rec, folderRoots().PreloadTree("kids", depth))
		rec.expect(t, 2, 2)
		confEqual(t, "trees", drawnKids(rows), want)
	}
}

func testTreeLevelsAbove(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(folders).Where(sq.Eq{"id": []int64{5, 6}}).OrderBy("id")
	confEqual(t, "1", drawnParents(confAll(t, rec, q.PreloadTree("parent", 1))), "5<2 6<4")
	rec.expect(t, 2, 2)
	// Folder 2 is next to 5, so that its own parent is within two levels of the nearest row.
	confEqual(t, "2", drawnParents(confAll(t, rec, q.PreloadTree("parent", 2))), "5<2<1 6<4<2<1")
	rec.expect(t, 2, 2)
}

// testTreeRootsBelowRoots has folder 4 as a row of the query and as one of the tree: two structs of the same row.
func testTreeRootsBelowRoots(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(folders).Where(sq.Eq{"id": []int64{1, 4}}).OrderBy("id")
	rows := confAll(t, rec, q.PreloadTree("kids", 0))
	rec.expect(t, 2, 2)
	confEqual(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 4(6 7)")
	inner := rows[0].Kids[0].Kids[0]
	if inner == rows[1] {
		t.Error("a row of the query was put into the tree")
	}
	confEqual(t, "a leaf is one struct", inner.Kids[0], rows[1].Kids[0])
	// Each has a list of its own: one that grows does not reach into the other.
	inner.Kids[0] = nil
	confEqual(t, "6", rows[1].Kids[0].ID, 6)

	// The nearest row decides: 6 and 7 are at the first level below 4, the third below 1.
	rows = confAll(t, rec, q.PreloadTree("kids", 2))
	rec.expect(t, 2, 2)
	confEqual(t, "two levels", drawnKids(rows), "1(2(4? 5?) 3) 4(6 7)")
	rows = confAll(t, rec, q.PreloadTree("kids", 3))
	rec.expect(t, 2, 2)
	confEqual(t, "three levels", drawnKids(rows), "1(2(4(6 7) 5) 3) 4(6 7)")
}

func testTreeSameRoot(t *testing.T, d database) {
	rec := d.record()
	one, again := &folder{ID: 1}, &folder{ID: 1}
	if err := dovetail.LoadTree(t.Context(), rec, folders, []*folder{one, again, nil, one}, "kids", 2); err != nil {
		t.Fatal(err)
	}
	rec.expect(t, 1, 1)
	confEqual(t, "trees", drawnKids([]*folder{one, again}), "1(2(4? 5?) 3) 1(2(4? 5?) 3)")
	one.Kids[0] = nil
	confEqual(t, "a list of its own", again.Kids[0].ID, 2)
}

func testTreeWithoutRows(t *testing.T, d database) {
	rec := d.record()
	confEqual(t, "rows", len(confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": 77}).PreloadTree("kids", 0))), 0)
	rec.expect(t, 1, 1)
	roots := confAll(t, rec, folderRoots().PreloadTree("parent", 0).Preload("parent.papers"))
	rec.expect(t, 1, 1) // no row has a key
	confEqual(t, "parents", drawnParents(roots), "1 8")
	if err := dovetail.LoadTree(t.Context(), rec, folders, nil, "kids", 0); err != nil {
		t.Error(err)
	}
	rec.expect(t, 0, 0)
}

func testTreeOrder(t *testing.T, d database) {
	rec := d.record()
	for _, c := range []struct {
		order []string
		want  string
	}{
		{[]string{"name"}, "1(3 2(4(6 7) 5))"},
		{[]string{"name DESC"}, "1(2(5 4(7 6)) 3)"},
		{[]string{"size"}, "1(3 2(4(6 7) 5))"}, // 4 and 5 are of one size: the primary key decides
		{[]string{"owner.name NULLS FIRST", "id DESC"}, "1(2(5 4(7 6)) 3)"},
	} {
		rows := confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": 1}).
			PreloadTree("kids", 0, dovetail.Select(folders).OrderBy(c.order...)))
		rec.expect(t, 2, 2)
		confEqual(t, c.order[0], drawnKids(rows), c.want)
	}
	rows := confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": 1}).
		PreloadTree("kids", 9, dovetail.Select(folders).OrderByClause("size * ?", -1).OrderBy("id DESC")))
	rec.expect(t, 2, 2)
	confEqual(t, "by an expression", drawnKids(rows), "1(2(5 4(7 6)) 3)")
}

// testTreeWhere filters by size: what lies below a folder that is too small is not reached, however large it is.
func testTreeWhere(t *testing.T, d database) {
	rec := d.record()
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
			rows := confAll(t, rec, folderRoots().PreloadTree("kids", depth, dovetail.Select(folders).Where(c.where)))
			rec.expect(t, 2, 2)
			confEqual(t, "pruned", drawnKids(rows), c.want)
		}
	}
	rows := confAll(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(folders).
		Where("size > ? OR size < ?", 6, 2).Has("papers", sq.NotEq{"title": "p4"})))
	rec.expect(t, 2, 2)
	confEqual(t, "with papers", drawnKids(rows), "1 8") // folder 2, on the way to 4, has none
	rows = confAll(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(folders).
		HasNone("papers", sq.Eq{"title": "p4"}).Where("folders.size <> ?", 8)))
	rec.expect(t, 2, 2)
	confEqual(t, "without p4", drawnKids(rows), "1(2(4(6) 5)) 8(9)")
}

func testTreeWherePath(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(folders).Where(sq.Eq{"owner.name": []string{"ann", "bob"}}).OrderBy("owner.name DESC")
	rows := confAll(t, rec, folderRoots().PreloadTree("kids", 0, q))
	rec.expect(t, 2, 2)
	confEqual(t, "owned", drawnKids(rows), "1(3 2(4(6))) 8(9)")
	rows = confAll(t, rec, folderRoots().PreloadTree("kids", 2, q.LeftJoin("parent.owner", sq.NotEq{"name": "cyd"}).
		Where("parent.owner.name = ?", "ann")))
	rec.expect(t, 2, 2)
	confEqual(t, "owned, in a folder of ann's", drawnKids(rows), "1(3 2(4?)) 8(9)")
}

func testTreeWhereAbove(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": []int64{5, 6}}).OrderBy("id").
		PreloadTree("parent", 0, dovetail.Select(folders).Where(sq.NotEq{"id": 2})))
	rec.expect(t, 2, 2)
	confEqual(t, "ancestors", drawnParents(rows), "5 6<4")
}

func testTreeColumns(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(folders).Columns("name").Where(sq.Eq{"id": 1}).
		PreloadTree("kids", 2, dovetail.Select(folders).Columns("size").Preload("papers")))
	rec.expect(t, 3, 3)
	confEqual(t, "tree", drawnKids(rows), "1(2(4? 5?) 3)")
	four := rows[0].Kids[0].Kids[0]
	confEqual(t, "a column asked for", four.Size, 7)
	confEqual(t, "a column not asked for", four.Name, "")
	confEqual(t, "the key of the relation, not needed", four.ParentID, (*int64)(nil))
	confEqual(t, "papers", len(four.Papers), 2)
	confEqual(t, "a column of the root", rows[0].Name, "root")
	confEqual(t, "one not asked for", rows[0].Size, 0)
}

func testTreeWith(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(folders).
		With(dovetail.Count("papers").As("files")).OrderBy("files DESC").Where(sq.Lt{"files": 2})))
	rec.expect(t, 2, 2)
	confEqual(t, "trees", drawnKids(rows), "1(2(5) 3) 8(9)") // folder 4 has two
	confEqual(t, "papers of 9", rows[1].Kids[0].Files, 1)
	rows = confAll(t, rec, folderRoots().PreloadTree("kids", 0, dovetail.Select(folders).Column("size * ? AS files", 2)))
	rec.expect(t, 2, 2)
	confEqual(t, "twice the size of 9", rows[1].Kids[0].Files, 10)
}

// testTreeComposite has keys of two columns; one that is half NULL is no key.
func testTreeComposite(t *testing.T, d database) {
	rec := d.record()
	name := func(b *box) string { return b.Site + string(rune('0'+b.No)) }
	rows := confAll(t, rec, dovetail.Select(boxes).Where(sq.Eq{"in_no": nil}).OrderBy("site", "no").PreloadTree("boxes_within", 0))
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	confEqual(t, "boxes", drawnAll(rows, name, func(b *box) []*box { return b.Boxes }), "a1(a2 b1(b2)) a3")

	rows = confAll(t, rec, dovetail.Select(boxes).OrderBy("site", "no").PreloadTree("within", 2))
	rec.expect(t, 2, 2)
	want := []string{"a1", "a2<a1", "a3", "b1<a1", "b2<b1<a1", "b3"}
	for i, b := range rows {
		text := name(b)
		for b = b.Within; b != nil; b = b.Within {
			text += "<" + name(b)
		}
		confEqual(t, "ancestors", text, want[i])
	}
}

// testTreeManyToMany follows links. Folder 4 is reached by two ways, and is one row.
func testTreeManyToMany(t *testing.T, d database) {
	rec := d.record()
	draw := func(rows []*folder) string { return drawnAll(rows, folderName, folderTargets) }
	one := dovetail.Select(folders).Where(sq.Eq{"id": 1})
	rows := confAll(t, rec, one.PreloadTree("targets", 0))
	rec.expect(t, 2, 2)
	confEqual(t, "targets", draw(rows), "1(2(4(5)) 3(4(5)))")
	confEqual(t, "one row", rows[0].Targets[0].Targets[0], rows[0].Targets[1].Targets[0])
	confEqual(t, "two levels", draw(confAll(t, rec, one.PreloadTree("targets", 2))), "1(2(4?) 3(4?))")
	rec.expect(t, 2, 2)
	confEqual(t, "not by 3", draw(confAll(t, rec, one.PreloadTree("targets", 0, dovetail.Select(folders).
		Where(sq.NotEq{"id": 3})))), "1(2(4(5)))")
	rec.expect(t, 2, 2)
	five := confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": 5}).
		PreloadTree("sources", 3, dovetail.Select(folders).OrderBy("id DESC")))
	rec.expect(t, 2, 2)
	confEqual(t, "sources", drawnAll(five, folderName, func(f *folder) []*folder { return f.Sources }), "5(4(3(1?) 2(1?)))")
	// Folder 4 is below 1 and, one level nearer, below 3: what is below it is within two levels of 3.
	rows = confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": []int64{1, 3}}).OrderBy("id").PreloadTree("targets", 2))
	rec.expect(t, 2, 2)
	confEqual(t, "two roots", draw(rows), "1(2(4(5?)) 3(4(5?))) 3(4(5?))")
}

func testTreeBelowPreload(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(persons).OrderBy("id").
		PreloadTree("folders.kids", 1, dovetail.Select(folders).OrderBy("id DESC")))
	rec.expect(t, 3, 3)
	confEqual(t, "of ann", drawnKids(rows[0].Folders), "1(3? 2?) 2(5? 4?) 6 8(9?)")
	confEqual(t, "of bob", drawnKids(rows[1].Folders), "3 4(7? 6?) 9")

	cyd := confAll(t, rec, dovetail.Select(persons).Where(sq.Eq{"id": 3}).PreloadTree("boss.staff", 0))
	rec.expect(t, 3, 3)
	confEqual(t, "staff of cyd's boss", drawnAll([]*person{cyd[0].Boss}, personName, personStaff), "bob(cyd)")
}

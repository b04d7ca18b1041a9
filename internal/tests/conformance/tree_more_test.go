package conformance_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Trees, continued: what is loaded onto their rows, and cycles.

// testTreePreloads loads relations onto the rows of all levels, one statement for each.
func testTreePreloads(t *testing.T, d kit.Database) {
	rec := d.Record()
	titles := func(f *models.Folder) []string {
		return kit.Pluck(f.Papers, func(p *models.Paper) string { return p.Title })
	}
	for _, q := range []dovetail.Query[*models.Folder]{
		folderRoots().PreloadTree("kids", 0).Preload("kids.papers").Preload("kids.owner.boss"),
		folderRoots().PreloadTree("kids", 0, dovetail.Select(models.Folders).Preload("papers")).Preload("kids.owner.boss"),
		folderRoots().Preload("kids.owner.boss").PreloadTree("kids", 0, dovetail.Select(models.Folders).Preload("papers")),
	} {
		rows := kit.All(t, rec, q)
		rec.Expect(t, 5, 4)
		kit.Equal(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 8(9)")
		four := rows[0].Kids[0].Kids[0]
		kit.Same(t, "4", titles(four), "p2", "p3")
		kit.Same(t, "7", titles(four.Kids[1]), "p4")
		kit.Same(t, "9", titles(rows[1].Kids[0]), "p5")
		if six := four.Kids[0]; six.Papers == nil || len(six.Papers) != 0 {
			t.Errorf("6: expected loaded and empty, got %v", six.Papers)
		}
		kit.Equal(t, "1, which is not of the tree", len(rows[0].Papers), 0)
		kit.Equal(t, "owner of 4", four.Owner.Name, "bob")
		kit.Equal(t, "the boss", four.Owner.Boss.Name, "ann")
		kit.Equal(t, "owner of 7", four.Kids[1].Owner, (*models.Person)(nil))
		kit.Equal(t, "owners are one row", four.Owner, rows[1].Kids[0].Owner)
	}
	rows := kit.All(t, rec, folderRoots().PreloadTree("kids", 1).Preload("kids.papers.folder"))
	rec.Expect(t, 3, 3)
	kit.Same(t, "9 at the last level", titles(rows[1].Kids[0]), "p5")
	kit.Equal(t, "its folder", rows[1].Kids[0].Papers[0].Folder, rows[1].Kids[0])
}

func testTreeParents(t *testing.T, d kit.Database) {
	rec := d.Record()
	check := func(rows []*models.Folder, want int) {
		t.Helper()
		below := walked(rows)
		kit.Equal(t, "rows below", len(below), want)
		for _, r := range rows {
			kit.Equal(t, "parent of a root", r.Parent, (*models.Folder)(nil))
			for _, k := range r.Kids {
				kit.Equal(t, "parent at the first level", k.Parent, r)
			}
		}
		for _, f := range below {
			for _, k := range f.Kids {
				kit.Equal(t, "parent of "+folderName(k), k.Parent, f)
			}
		}
	}
	check(kit.All(t, rec, folderRoots().PreloadTree("kids", 0).Preload("kids.parent")), 7)
	rec.Expect(t, 2, 2)
	check(kit.All(t, rec, folderRoots().PreloadTree("kids", 2, dovetail.Select(models.Folders).Preload("parent"))), 5)
	rec.Expect(t, 2, 2)

	// Folder 6 lies below two structs of folder 4: its parent is the one of the tree, which has a parent in turn.
	rows := kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": []int64{1, 4}}).OrderBy("id DESC").
		PreloadTree("kids", 0).Preload("kids.parent"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "above 6", drawnParents(rows[0].Kids[:1]), "6<4<2<1")
	kit.Equal(t, "the root itself", rows[0].Kids[0].Parent.Parent.Parent, rows[1])
}

// testTreeParentsBelow asks the parents for more. They are rows of their own then, loaded by a statement.
func testTreeParentsBelow(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, folderRoots().PreloadTree("kids", 0).Preload("kids.parent.papers"))
	rec.Expect(t, 4, 4)
	kit.Equal(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 8(9)")
	for _, f := range walked(rows) {
		if f.Parent == nil || f.Parent.ID != *f.ParentID || f.Parent.Papers == nil || f.Papers != nil {
			t.Errorf("%d: wrong parent %+v", f.ID, f.Parent)
		}
	}
	rows = kit.All(t, rec, folderRoots().PreloadTree("kids", 0).
		Preload("kids.parent", dovetail.Select(models.Folders).Where(sq.NotEq{"id": 4})))
	rec.Expect(t, 3, 3)
	for _, f := range walked(rows) {
		if (f.Parent == nil) != (*f.ParentID == 4) {
			t.Errorf("%d: wrong parent %v", f.ID, f.Parent)
		}
	}
}

func testTreeTrees(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Folders).Where(sq.Eq{"id": 2})
	rows := kit.All(t, rec, q.PreloadTree("kids", 0).PreloadTree("parent", 0).Preload("papers"))
	rec.Expect(t, 4, 2) // siblings share a round trip
	kit.Equal(t, "below", drawnKids(rows), "2(4(6 7) 5)")
	kit.Equal(t, "above", drawnParents(rows), "2<1")

	rows = kit.All(t, rec, q.PreloadTree("kids", 1).PreloadTree("kids.parent", 0).PreloadTree("kids.targets", 0))
	rec.Expect(t, 4, 3)
	kit.Equal(t, "below", drawnKids(rows), "2(4? 5?)")
	kit.Equal(t, "above those", drawnParents(rows[0].Kids), "4<2<1 5<2<1")
	kit.Equal(t, "targets of those", models.DrawnAll(rows[0].Kids, folderName, models.FolderTargets), "4(5) 5")
}

// testTreePlainBeside asks for a relation by Preload too, which adds nothing.
func testTreePlainBeside(t *testing.T, d kit.Database) {
	rec := d.Record()
	for _, q := range []dovetail.Query[*models.Folder]{
		folderRoots().Preload("kids").PreloadTree("kids", 2),
		folderRoots().PreloadTree("kids", 2).Preload("kids").PreloadTree("kids", 2),
	} {
		kit.Equal(t, "trees", drawnKids(kit.All(t, rec, q)), "1(2(4? 5?) 3) 8(9)")
		rec.Expect(t, 2, 2)
	}
}

func testTreeLoad(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := []*models.Folder{{ID: 2, Kids: []*models.Folder{{ID: 99}}}, nil, {ID: 77}, {ID: 9}}
	err := dovetail.LoadTree(t.Context(), rec, models.Folders, rows, "kids", 0, dovetail.Select(models.Folders).OrderBy("name DESC"))
	if err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 1, 1)
	kit.Equal(t, "trees", drawnKids([]*models.Folder{rows[0], rows[2], rows[3]}), "2(5 4(7 6)) 77 9")
	if err := dovetail.LoadTree(t.Context(), rec, models.Persons, []*models.Person{{ID: 1}}, "folders.parent", 1); err != nil {
		t.Error(err)
	}
	rec.Expect(t, 2, 2)
}

// testTreeCycles finds cycles without a depth, of every length, beside rows that are a tree, and by any of their rows.
func testTreeCycles(t *testing.T, d kit.Database) {
	rec := d.Record()
	all := func(path string, ids ...int64) error {
		rows, err := dovetail.Select(models.Folders).Where(sq.Eq{"id": ids}).OrderBy("id").PreloadTree(path, 0).All(t.Context(), rec)
		rec.Expect(t, 2, 2)
		if rows != nil {
			t.Errorf("expected no rows beside an error, got %v", rows)
		}
		return err
	}
	models.WantCycle(t, all("kids", 23), `"folders" form a cycle along "kids", so they are no tree: id 23, 23;`)
	models.WantCycle(t, all("parent", 23), ` along "parent", so they are no tree: id 23, 23;`)
	for _, ids := range [][]int64{{20}, {21}, {22}, {1, 21, 22}} {
		err := all("kids", ids...)
		kit.Refused(t, err, dovetail.ErrCycle)
		models.WantOneOf(t, err, "id 20, 21, 22, 20;", "id 21, 22, 20, 21;", "id 22, 20, 21, 22;")
	}
	// Folder 24 is not part of the cycle above it, but its ancestors are.
	models.WantOneOf(t, all("parent", 24), "id 20, 22, 21, 20;")
	_, err := dovetail.Select(models.Folders).Where(sq.Eq{"id": 22}).
		PreloadTree("kids", 0, dovetail.Select(models.Folders).Where(sq.NotEq{"id": 21})).All(t.Context(), rec)
	if err != nil {
		t.Errorf("expected a cycle that is cut to be none, got %v", err)
	}
}

// testTreeCyclesDepth finds a cycle with a depth exactly when it lies within the levels loaded, the rows loaded onto
// included.
func testTreeCyclesDepth(t *testing.T, d kit.Database) {
	rec := d.Record()
	all := func(depth int, ids ...int64) ([]*models.Folder, error) {
		return dovetail.Select(models.Folders).Where(sq.Eq{"id": ids}).OrderBy("id").PreloadTree("kids", depth).All(t.Context(), rec)
	}
	for depth, want := range map[int]string{1: "20(21? 24?)", 2: "20(21(22?) 24)"} {
		rows, err := all(depth, 20)
		if err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "not yet a cycle", drawnKids(rows), want)
	}
	for _, depth := range []int{3, 4, 7} {
		_, err := all(depth, 20)
		models.WantOneOf(t, err, "id 20, 21, 22, 20;", "id 21, 22, 20, 21;", "id 22, 20, 21, 22;")
	}
	_, err := all(1, 23)
	models.WantCycle(t, err, "id 23, 23;")
	// Each is one level below the next, so that one level of all of them is the whole cycle.
	_, err = all(1, 20, 21, 22)
	models.WantOneOf(t, err, "id 20, 21, 22, 20;", "id 21, 22, 20, 21;", "id 22, 20, 21, 22;")
	if _, err = all(1, 20, 21); err != nil {
		t.Errorf("expected no cycle where 22 is not followed, got %v", err)
	}
}

func testTreeCyclesManyToMany(t *testing.T, d kit.Database) {
	rec := d.Record()
	_, err := dovetail.Select(models.Folders).Where(sq.Eq{"id": 7}).PreloadTree("targets", 0).All(t.Context(), rec)
	models.WantOneOf(t, err, "id 6, 7, 6;", "id 7, 6, 7;")
	_, err = dovetail.Select(models.Folders).Where(sq.Eq{"id": 7}).PreloadTree("sources", 2).All(t.Context(), rec)
	models.WantOneOf(t, err, "id 6, 7, 6;", "id 7, 6, 7;")
}

func testTreeCycleLoad(t *testing.T, d kit.Database) {
	rec := d.Record()
	kept := []*models.Folder{{ID: 99}}
	rows := []*models.Folder{{ID: 1, Kids: kept}, {ID: 22}}
	err := dovetail.LoadTree(t.Context(), rec, models.Folders, rows, "kids", 0)
	rec.Expect(t, 1, 1)
	kit.Refused(t, err, dovetail.ErrCycle)
	if len(rows[0].Kids) != 1 || rows[0].Kids[0] != kept[0] || rows[1].Kids != nil {
		t.Errorf("expected the rows as they were, got %v, %v", rows[0].Kids, rows[1].Kids)
	}
}

package dovetail_test

import (
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Trees, continued: what is loaded onto their rows, and cycles.

// testTreePreloads loads relations onto the rows of all levels, one statement for each.
func testTreePreloads(t *testing.T, d database) {
	rec := d.record()
	titles := func(f *folder) []string { return confPluck(f.Papers, func(p *paper) string { return p.Title }) }
	for _, q := range []dovetail.Query[folder]{
		folderRoots().PreloadTree("kids", 0).Preload("kids.papers").Preload("kids.owner.boss"),
		folderRoots().PreloadTree("kids", 0, dovetail.Select(folders).Preload("papers")).Preload("kids.owner.boss"),
		folderRoots().Preload("kids.owner.boss").PreloadTree("kids", 0, dovetail.Select(folders).Preload("papers")),
	} {
		rows := confAll(t, rec, q)
		rec.expect(t, 5, 4)
		confEqual(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 8(9)")
		four := rows[0].Kids[0].Kids[0]
		confSame(t, "4", titles(four), "p2", "p3")
		confSame(t, "7", titles(four.Kids[1]), "p4")
		confSame(t, "9", titles(rows[1].Kids[0]), "p5")
		if six := four.Kids[0]; six.Papers == nil || len(six.Papers) != 0 {
			t.Errorf("6: expected loaded and empty, got %v", six.Papers)
		}
		confEqual(t, "1, which is not of the tree", len(rows[0].Papers), 0)
		confEqual(t, "owner of 4", four.Owner.Name, "bob")
		confEqual(t, "the boss", four.Owner.Boss.Name, "ann")
		confEqual(t, "owner of 7", four.Kids[1].Owner, (*person)(nil))
		confEqual(t, "owners are one row", four.Owner, rows[1].Kids[0].Owner)
	}
	rows := confAll(t, rec, folderRoots().PreloadTree("kids", 1).Preload("kids.papers.folder"))
	rec.expect(t, 3, 3)
	confSame(t, "9 at the last level", titles(rows[1].Kids[0]), "p5")
	confEqual(t, "its folder", rows[1].Kids[0].Papers[0].Folder, rows[1].Kids[0])
}

func testTreeParents(t *testing.T, d database) {
	rec := d.record()
	check := func(rows []*folder, want int) {
		t.Helper()
		below := walked(rows)
		confEqual(t, "rows below", len(below), want)
		for _, r := range rows {
			confEqual(t, "parent of a root", r.Parent, (*folder)(nil))
			for _, k := range r.Kids {
				confEqual(t, "parent at the first level", k.Parent, r)
			}
		}
		for _, f := range below {
			for _, k := range f.Kids {
				confEqual(t, "parent of "+folderName(k), k.Parent, f)
			}
		}
	}
	check(confAll(t, rec, folderRoots().PreloadTree("kids", 0).Preload("kids.parent")), 7)
	rec.expect(t, 2, 2)
	check(confAll(t, rec, folderRoots().PreloadTree("kids", 2, dovetail.Select(folders).Preload("parent"))), 5)
	rec.expect(t, 2, 2)

	// Folder 6 lies below two structs of folder 4: its parent is the one of the tree, which has a parent in turn.
	rows := confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": []int64{1, 4}}).OrderBy("id DESC").
		PreloadTree("kids", 0).Preload("kids.parent"))
	rec.expect(t, 2, 2)
	confEqual(t, "above 6", drawnParents(rows[0].Kids[:1]), "6<4<2<1")
	confEqual(t, "the root itself", rows[0].Kids[0].Parent.Parent.Parent, rows[1])
}

// testTreeParentsBelow asks the parents for more. They are rows of their own then, loaded by a statement.
func testTreeParentsBelow(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, folderRoots().PreloadTree("kids", 0).Preload("kids.parent.papers"))
	rec.expect(t, 4, 4)
	confEqual(t, "trees", drawnKids(rows), "1(2(4(6 7) 5) 3) 8(9)")
	for _, f := range walked(rows) {
		if f.Parent == nil || f.Parent.ID != *f.ParentID || f.Parent.Papers == nil || f.Papers != nil {
			t.Errorf("%d: wrong parent %+v", f.ID, f.Parent)
		}
	}
	rows = confAll(t, rec, folderRoots().PreloadTree("kids", 0).
		Preload("kids.parent", dovetail.Select(folders).Where(sq.NotEq{"id": 4})))
	rec.expect(t, 3, 3)
	for _, f := range walked(rows) {
		if (f.Parent == nil) != (*f.ParentID == 4) {
			t.Errorf("%d: wrong parent %v", f.ID, f.Parent)
		}
	}
}

func testTreeTrees(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(folders).Where(sq.Eq{"id": 2})
	rows := confAll(t, rec, q.PreloadTree("kids", 0).PreloadTree("parent", 0).Preload("papers"))
	rec.expect(t, 4, 2) // siblings share a round trip
	confEqual(t, "below", drawnKids(rows), "2(4(6 7) 5)")
	confEqual(t, "above", drawnParents(rows), "2<1")

	rows = confAll(t, rec, q.PreloadTree("kids", 1).PreloadTree("kids.parent", 0).PreloadTree("kids.targets", 0))
	rec.expect(t, 4, 3)
	confEqual(t, "below", drawnKids(rows), "2(4? 5?)")
	confEqual(t, "above those", drawnParents(rows[0].Kids), "4<2<1 5<2<1")
	confEqual(t, "targets of those", drawnAll(rows[0].Kids, folderName, folderTargets), "4(5) 5")
}

// testTreePlainBeside asks for a relation by Preload too, which adds nothing.
func testTreePlainBeside(t *testing.T, d database) {
	rec := d.record()
	for _, q := range []dovetail.Query[folder]{
		folderRoots().Preload("kids").PreloadTree("kids", 2),
		folderRoots().PreloadTree("kids", 2).Preload("kids").PreloadTree("kids", 2),
	} {
		confEqual(t, "trees", drawnKids(confAll(t, rec, q)), "1(2(4? 5?) 3) 8(9)")
		rec.expect(t, 2, 2)
	}
}

func testTreeLoad(t *testing.T, d database) {
	rec := d.record()
	rows := []*folder{{ID: 2, Kids: []*folder{{ID: 99}}}, nil, {ID: 77}, {ID: 9}}
	err := dovetail.LoadTree(t.Context(), rec, folders, rows, "kids", 0, dovetail.Select(folders).OrderBy("name DESC"))
	if err != nil {
		t.Fatal(err)
	}
	rec.expect(t, 1, 1)
	confEqual(t, "trees", drawnKids([]*folder{rows[0], rows[2], rows[3]}), "2(5 4(7 6)) 77 9")
	if err := dovetail.LoadTree(t.Context(), rec, persons, []*person{{ID: 1}}, "folders.parent", 1); err != nil {
		t.Error(err)
	}
	rec.expect(t, 2, 2)
}

// testTreeCycles finds cycles without a depth, of every length, beside rows that are a tree, and by any of their rows.
func testTreeCycles(t *testing.T, d database) {
	rec := d.record()
	all := func(path string, ids ...int64) error {
		rows, err := dovetail.Select(folders).Where(sq.Eq{"id": ids}).OrderBy("id").PreloadTree(path, 0).All(t.Context(), rec)
		rec.expect(t, 2, 2)
		if rows != nil {
			t.Errorf("expected no rows beside an error, got %v", rows)
		}
		return err
	}
	wantCycle(t, all("kids", 23), `"folders" form a cycle along "kids", so they are no tree: id 23, 23;`)
	wantCycle(t, all("parent", 23), ` along "parent", so they are no tree: id 23, 23;`)
	for _, ids := range [][]int64{{20}, {21}, {22}, {1, 21, 22}} {
		err := all("kids", ids...)
		confRefused(t, err, dovetail.ErrCycle)
		wantOneOf(t, err, "id 20, 21, 22, 20;", "id 21, 22, 20, 21;", "id 22, 20, 21, 22;")
	}
	// Folder 24 is not part of the cycle above it, but its ancestors are.
	wantOneOf(t, all("parent", 24), "id 20, 22, 21, 20;")
	_, err := dovetail.Select(folders).Where(sq.Eq{"id": 22}).
		PreloadTree("kids", 0, dovetail.Select(folders).Where(sq.NotEq{"id": 21})).All(t.Context(), rec)
	if err != nil {
		t.Errorf("expected a cycle that is cut to be none, got %v", err)
	}
}

// testTreeCyclesDepth finds a cycle with a depth exactly when it lies within the levels loaded, the rows loaded onto
// included.
func testTreeCyclesDepth(t *testing.T, d database) {
	rec := d.record()
	all := func(depth int, ids ...int64) ([]*folder, error) {
		return dovetail.Select(folders).Where(sq.Eq{"id": ids}).OrderBy("id").PreloadTree("kids", depth).All(t.Context(), rec)
	}
	for depth, want := range map[int]string{1: "20(21? 24?)", 2: "20(21(22?) 24)"} {
		rows, err := all(depth, 20)
		if err != nil {
			t.Fatal(err)
		}
		confEqual(t, "not yet a cycle", drawnKids(rows), want)
	}
	for _, depth := range []int{3, 4, 7} {
		_, err := all(depth, 20)
		wantOneOf(t, err, "id 20, 21, 22, 20;", "id 21, 22, 20, 21;", "id 22, 20, 21, 22;")
	}
	_, err := all(1, 23)
	wantCycle(t, err, "id 23, 23;")
	// Each is one level below the next, so that one level of all of them is the whole cycle.
	_, err = all(1, 20, 21, 22)
	wantOneOf(t, err, "id 20, 21, 22, 20;", "id 21, 22, 20, 21;", "id 22, 20, 21, 22;")
	if _, err = all(1, 20, 21); err != nil {
		t.Errorf("expected no cycle where 22 is not followed, got %v", err)
	}
}

func testTreeCyclesManyToMany(t *testing.T, d database) {
	rec := d.record()
	_, err := dovetail.Select(folders).Where(sq.Eq{"id": 7}).PreloadTree("targets", 0).All(t.Context(), rec)
	wantOneOf(t, err, "id 6, 7, 6;", "id 7, 6, 7;")
	_, err = dovetail.Select(folders).Where(sq.Eq{"id": 7}).PreloadTree("sources", 2).All(t.Context(), rec)
	wantOneOf(t, err, "id 6, 7, 6;", "id 7, 6, 7;")
}

func testTreeCycleLoad(t *testing.T, d database) {
	rec := d.record()
	kept := []*folder{{ID: 99}}
	rows := []*folder{{ID: 1, Kids: kept}, {ID: 22}}
	err := dovetail.LoadTree(t.Context(), rec, folders, rows, "kids", 0)
	rec.expect(t, 1, 1)
	confRefused(t, err, dovetail.ErrCycle)
	if len(rows[0].Kids) != 1 || rows[0].Kids[0] != kept[0] || rows[1].Kids != nil {
		t.Errorf("expected the rows as they were, got %v, %v", rows[0].Kids, rows[1].Kids)
	}
}

// wantOneOf fails the test unless the error is a cycle that names one of the chains.
func wantOneOf(t *testing.T, err error, chains ...string) {
	t.Helper()
	for _, c := range chains {
		if err != nil && strings.Contains(err.Error(), c) {
			wantCycle(t, err, c)
			return
		}
	}
	t.Errorf("expected a cycle as %q, got %v", chains, err)
}

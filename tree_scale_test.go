package dovetail_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Large trees: one statement, and no work that grows faster than the tree.

// fillFolders replaces the folders by those from 1 to the last, whose parents are given by an expression of n.
func fillFolders(tb testing.TB, d database, last, parent string) {
	d.exec(tb, "DELETE FROM folders")
	d.exec(tb, "INSERT INTO folders (id, parent_id, name, size) SELECT n, "+parent+", 'f', 1 FROM ("+d.series(last)+") AS numbers")
	if d.postgres() {
		d.exec(tb, "ANALYZE folders")
	}
}

// TestLargeTreeOf100000 has ten folders in each. Folder n lies in (n+8)/10.
func TestLargeTreeOf100000(t *testing.T) {
	t.Parallel()
	onEach(t, treeDDL, func(t *testing.T, d database) {
		fillFolders(t, d, "100000", "CASE WHEN n > 1 THEN (n + 8) / 10 END")
		rec := d.record()
		rows := confAll(t, rec, dovetail.Select(folders).Where(sq.Eq{"id": 1}).PreloadTree("kids", 0).Preload("kids.parent"))
		rec.expect(t, 2, 2)
		seen, queue := 0, rows
		for len(queue) > 0 {
			f := queue[0]
			queue = append(queue[1:], f.Kids...)
			seen++
			for i, k := range f.Kids {
				if k.ID != 10*f.ID-8+int64(i) || k.Parent != f {
					t.Fatalf("folder %d: wrong folder %d at %d", f.ID, k.ID, i)
				}
			}
		}
		confEqual(t, "folders", seen, 100_000)

		// Every folder is a root too: each has the folders below it, in one statement.
		every := confAll(t, rec, dovetail.Select(folders).OrderBy("id").PreloadTree("kids", 2))
		rec.expect(t, 2, 2)
		confEqual(t, "roots", len(every), 100_000)
		confEqual(t, "below 1,000", len(every[999].Kids), 10)
		confEqual(t, "below 10,001", len(every[10_000].Kids), 0)
	})
}

// TestLargeTreeOf10000Levels has each folder in the one before it.
func TestLargeTreeOf10000Levels(t *testing.T) {
	t.Parallel()
	onEach(t, treeDDL, func(t *testing.T, d database) {
		fillFolders(t, d, "10000", "CASE WHEN n > 1 THEN n - 1 END")
		rec := d.record()
		count := func(f *folder, next func(*folder) *folder) int {
			n := 0
			for ; f != nil; f = next(f) {
				n++
			}
			return n
		}
		down := func(f *folder) *folder {
			if len(f.Kids) == 0 {
				return nil
			}
			return f.Kids[0]
		}
		up := func(f *folder) *folder { return f.Parent }
		first := dovetail.Select(folders).Where(sq.Eq{"id": 1})
		last := dovetail.Select(folders).Where(sq.Eq{"id": 10_000})
		confEqual(t, "down", count(confAll(t, rec, first.PreloadTree("kids", 0))[0], down), 10_000)
		rec.expect(t, 2, 2)
		confEqual(t, "up", count(confAll(t, rec, last.PreloadTree("parent", 0))[0], up), 10_000)
		rec.expect(t, 2, 2)
		confEqual(t, "down 5,000", count(confAll(t, rec, first.PreloadTree("kids", 5000))[0], down), 5001)
		rec.expect(t, 2, 2)

		d.exec(t, "UPDATE folders SET parent_id = 10000 WHERE id = 1")
		_, err := first.PreloadTree("kids", 0).All(t.Context(), rec)
		wantOneOf(t, err, "id 1, 2, 3, 4, 5, 6, 7, 8, 9, (9991 more), 1;", "id 2, 3, 4, 5, 6, 7, 8, 9, 10, (9991 more), 2;")
	})
}

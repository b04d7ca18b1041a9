package reads_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Large trees: one statement, and no work that grows faster than the tree.

// fillFolders replaces the folders by those from 1 to the last, whose parents are given by an expression of n.
func fillFolders(tb testing.TB, d kit.Database, last, parent string) {
	d.Exec(tb, "DELETE FROM folders")
	d.Exec(tb, "INSERT INTO folders (id, parent_id, name, size) SELECT n, "+parent+", 'f', 1 FROM ("+d.Series(last)+") AS numbers")
	if d.Postgres() {
		d.Exec(tb, "ANALYZE folders")
	}
}

// TestLargeTreeOf100000 has ten folders in each. Folder n lies in (n+8)/10.
func TestLargeTreeOf100000(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.TreesDDL, func(t *testing.T, d kit.Database) {
		fillFolders(t, d, "100000", "CASE WHEN n > 1 THEN (n + 8) / 10 END")
		rec := d.Record()
		rows := kit.All(t, rec, dovetail.Select(models.Folders).Where(sq.Eq{"id": 1}).PreloadTree("kids", 0).Preload("kids.parent"))
		rec.Expect(t, 2, 2)
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
		kit.Equal(t, "folders", seen, 100_000)

		// Every folder is a root too: each has the folders below it, in one statement.
		every := kit.All(t, rec, dovetail.Select(models.Folders).OrderBy("id").PreloadTree("kids", 2))
		rec.Expect(t, 2, 2)
		kit.Equal(t, "roots", len(every), 100_000)
		kit.Equal(t, "below 1,000", len(every[999].Kids), 10)
		kit.Equal(t, "below 10,001", len(every[10_000].Kids), 0)
	})
}

// TestLargeTreeOf10000Levels has each folder in the one before it.
func TestLargeTreeOf10000Levels(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.TreesDDL, func(t *testing.T, d kit.Database) {
		fillFolders(t, d, "10000", "CASE WHEN n > 1 THEN n - 1 END")
		rec := d.Record()
		count := func(f *models.Folder, next func(*models.Folder) *models.Folder) int {
			n := 0
			for ; f != nil; f = next(f) {
				n++
			}
			return n
		}
		down := func(f *models.Folder) *models.Folder {
			if len(f.Kids) == 0 {
				return nil
			}
			return f.Kids[0]
		}
		up := func(f *models.Folder) *models.Folder { return f.Parent }
		first := dovetail.Select(models.Folders).Where(sq.Eq{"id": 1})
		last := dovetail.Select(models.Folders).Where(sq.Eq{"id": 10_000})
		kit.Equal(t, "down", count(kit.All(t, rec, first.PreloadTree("kids", 0))[0], down), 10_000)
		rec.Expect(t, 2, 2)
		kit.Equal(t, "up", count(kit.All(t, rec, last.PreloadTree("parent", 0))[0], up), 10_000)
		rec.Expect(t, 2, 2)
		kit.Equal(t, "down 5,000", count(kit.All(t, rec, first.PreloadTree("kids", 5000))[0], down), 5001)
		rec.Expect(t, 2, 2)

		d.Exec(t, "UPDATE folders SET parent_id = 10000 WHERE id = 1")
		_, err := first.PreloadTree("kids", 0).All(t.Context(), rec)
		models.WantOneOf(t, err, "id 1, 2, 3, 4, 5, 6, 7, 8, 9, (9991 more), 1;", "id 2, 3, 4, 5, 6, 7, 8, 9, 10, (9991 more), 2;")
	})
}

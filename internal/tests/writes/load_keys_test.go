package writes_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Rows in hand that are still to be inserted hold what is to be inserted with them, which no load may take away.

type (
	lkNode struct {
		ID    int64
		UpID  *int64
		Code  string
		Below []*lkNode
		Up    *lkNode
		Coded []*lkNode
		Marks []*lkMark
		Pairs []*lkNode
		Deep  []*lkNode
		Last  *lkNode
		dovetail.Loads
	}
	lkMark struct {
		ID       int64
		ItemType string
		ItemID   int64
	}
	lkPair struct{ OneID, OtherID int64 }
	lkPart struct {
		ShopID, ID int64
		UpID       *int64
		Below      []*lkPart
	}
	lkName struct {
		Name  string
		UpTo  *string
		Below []*lkName
	}
)

const lkDDL = `
CREATE TABLE lk_nodes (id BIGINT PRIMARY KEY, up_id BIGINT, code TEXT NOT NULL);
CREATE TABLE lk_marks (id BIGINT PRIMARY KEY, item_type TEXT NOT NULL, item_id BIGINT NOT NULL);
CREATE TABLE lk_pairs (one_id BIGINT, other_id BIGINT, PRIMARY KEY (one_id, other_id));
CREATE TABLE lk_parts (shop_id BIGINT, id BIGINT, up_id BIGINT, PRIMARY KEY (shop_id, id));
CREATE TABLE lk_names (name TEXT PRIMARY KEY, up_to TEXT);
INSERT INTO lk_nodes VALUES (0, NULL, ''), (1, 0, ''), (2, 1, 'a');
INSERT INTO lk_marks VALUES (1, 'node', 0);
INSERT INTO lk_pairs VALUES (0, 1);
INSERT INTO lk_parts VALUES (7, 0, NULL), (7, 1, 0);
INSERT INTO lk_names VALUES ('', NULL), ('a', '')`

type lkTables struct {
	nodes *dovetail.Table[lkNode]
	parts *dovetail.Table[lkPart]
	names *dovetail.Table[lkName]
}

func newLKTables() lkTables {
	r := dovetail.NewRegistry()
	nodes, up := dovetail.NewTable[lkNode](r, "lk_nodes"), dovetail.ForeignKey("up_id")
	dovetail.HasMany(nodes, "below", nodes, up, dovetail.Inverse("up"))
	dovetail.HasMany(nodes, "coded", nodes, dovetail.ForeignKey("code"), dovetail.References("code"), dovetail.Logical())
	dovetail.HasOne(nodes, "last", nodes, up, dovetail.OrderBy("id DESC"))
	dovetail.HasManyThrough(nodes, "deep", nodes, "below.below")
	dovetail.MorphMany(nodes, "marks", dovetail.NewTable[lkMark](r, "lk_marks"), dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("node"))
	dovetail.ManyToMany(nodes, "pairs", nodes, dovetail.NewTable[lkPair](r, "lk_pairs", dovetail.PrimaryKey("one_id", "other_id")),
		dovetail.ThroughKeys("one_id", "other_id"))
	parts := dovetail.NewTable[lkPart](r, "lk_parts", dovetail.PrimaryKey("shop_id", "id"), dovetail.Identity("id"))
	dovetail.HasMany(parts, "below", parts, dovetail.ForeignKey("shop_id", "up_id"))
	names := dovetail.NewTable[lkName](r, "lk_names", dovetail.PrimaryKey("name"))
	dovetail.HasMany(names, "below", names, dovetail.ForeignKey("up_to"))
	return lkTables{nodes, parts, names}
}

// TestNothingIsLoadedOntoRowsWithoutAKey: by no path that begins with the key, by Load and by LoadTree, beside rows that have one.
func TestNothingIsLoadedOntoRowsWithoutAKey(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, lkDDL, func(t *testing.T, d kit.Database) {
		l, ctx := newLKTables(), t.Context()
		kept := func() *lkNode {
			return &lkNode{Below: []*lkNode{{}}, Marks: []*lkMark{{}}, Pairs: []*lkNode{{}}, Deep: []*lkNode{{}}, Last: &lkNode{}}
		}
		type load func(db dovetail.DB, rows []*lkNode, path string) error
		by := map[string]load{
			"Load": func(db dovetail.DB, rows []*lkNode, path string) error {
				return dovetail.Load(ctx, db, l.nodes, rows, path)
			},
			"Load with a query": func(db dovetail.DB, rows []*lkNode, path string) error {
				q := dovetail.Select(l.nodes).Limit(1)
				if path == "marks" || path == "deep" || path == "last" || path == "below.marks" {
					return dovetail.Load(ctx, db, l.nodes, rows, path)
				}
				return dovetail.Load(ctx, db, l.nodes, rows, path, q)
			},
			"LoadTree": func(db dovetail.DB, rows []*lkNode, path string) error {
				return dovetail.LoadTree(ctx, db, l.nodes, rows, path, 3)
			},
		}
		for name, load := range by {
			paths := []string{"below", "below.marks", "marks", "pairs", "deep", "last"}
			if name == "LoadTree" {
				paths = []string{"below", "pairs"}
			}
			for _, path := range paths {
				db, row, one := d.Record(), kept(), &lkNode{ID: 1, Below: []*lkNode{{ID: 9}}}
				err := load(db, []*lkNode{one, nil, row}, path)
				kit.Refused(t, err, dovetail.ErrInvalidRow, "row 3 has no key yet")
				db.Expect(t, 0, 0)
				if len(row.Below) != 1 || len(row.Marks) != 1 || len(row.Pairs) != 1 || len(row.Deep) != 1 || row.Last == nil || len(one.Below) != 1 || one.Below[0].ID != 9 {
					t.Errorf("%s of %q: expected the rows as they were, got %+v and %+v", name, path, row, one)
				}
			}
		}
		// A tree upwards, and other keys than that which the database makes, may be followed from anywhere.
		row, up := kept(), int64(1)
		row.UpID = &up
		kit.NoError(t, dovetail.LoadTree(ctx, d.DB, l.nodes, []*lkNode{row}, "up", 5))
		if row.Up == nil || row.Up.ID != 1 || row.Up.Up == nil || row.Up.Up.ID != 0 {
			t.Errorf("expected the way up, got %+v", row.Up)
		}
		kit.NoError(t, dovetail.Load(ctx, d.DB, l.nodes, []*lkNode{row}, "coded"))
		kit.Equal(t, "by another key", len(row.Coded), 2)
		part := &lkPart{ShopID: 7, Below: []*lkPart{{}}}
		for _, err := range []error{
			dovetail.Load(ctx, d.DB, l.parts, []*lkPart{part}, "below"), dovetail.LoadTree(ctx, d.DB, l.parts, []*lkPart{part}, "below", 2),
		} {
			kit.Refused(t, err, dovetail.ErrInvalidRow, "row 1 has no key yet")
			kit.Equal(t, "what a part held", len(part.Below), 1)
		}
		root := &lkName{}
		kit.NoError(t, dovetail.LoadTree(ctx, d.DB, l.names, []*lkName{root}, "below", 2))
		kit.Equal(t, "by a text that is a key", len(root.Below), 1)
	})
}

package writes_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// What points at an orphan goes as it would if the orphan were deleted, whichever call makes it one.

type (
	opBox struct {
		ID    int64
		Items []*opItem
		Only  *opItem
	}
	opItem struct {
		ID    int64
		BoxID *int64
		Tags  []*opTag
	}
	opPart struct {
		ID     int64
		ItemID *int64
	}
	opNote struct {
		ID       int64
		ItemType *string
		ItemID   *int64
	}
	opTag  struct{ ID int64 }
	opLink struct{ ItemID, TagID int64 }
)

const opDDL = `
CREATE TABLE op_boxes (id BIGINT PRIMARY KEY);
CREATE TABLE op_items (id BIGINT PRIMARY KEY, box_id BIGINT);
CREATE TABLE op_parts (id BIGINT PRIMARY KEY, item_id BIGINT);
CREATE TABLE op_notes (id BIGINT PRIMARY KEY, item_type TEXT, item_id BIGINT);
CREATE TABLE op_tags (id BIGINT PRIMARY KEY);
CREATE TABLE op_links (item_id BIGINT, tag_id BIGINT, PRIMARY KEY (item_id, tag_id));
INSERT INTO op_boxes VALUES (1), (2)`

// opFill has an item that becomes an orphan, in a box of its own or with another, beside a loose one, each with all that can point at it.
const opFill = `DELETE FROM op_items; DELETE FROM op_parts; DELETE FROM op_notes; DELETE FROM op_tags; DELETE FROM op_links;
INSERT INTO op_items VALUES (1, 1), (2, 1), (3, 2), (4, NULL);
INSERT INTO op_parts VALUES (1, 1), (2, 2), (3, 3), (4, 4);
INSERT INTO op_notes VALUES (1, 'item', 1), (2, 'item', 2), (3, 'item', 3), (4, 'item', 4), (5, 'box', 1), (6, 'box', 3);
INSERT INTO op_tags VALUES (1);
INSERT INTO op_links VALUES (1, 1), (2, 1), (3, 1), (4, 1)`

const opShown = `SELECT 'item ' || id || ' ' || coalesce(box_id, 0) FROM op_items UNION ALL SELECT 'part ' || id || ' ' || coalesce(item_id, 0) FROM op_parts
	UNION ALL SELECT 'note ' || id || ' ' || coalesce(item_type, '-') || ' ' || coalesce(item_id, 0) FROM op_notes
	UNION ALL SELECT 'link ' || item_id FROM op_links ORDER BY 1`

// opTables are the tables where each of what points at an item has a policy.
type opTables struct {
	items *dovetail.Table[opItem]
	all   *dovetail.ToMany[*opBox, *opItem]
	only  *dovetail.ToOne[*opBox, *opItem]
}

func newOPTables(parts, notes, links dovetail.DeletePolicy) opTables {
	r := dovetail.NewRegistry()
	boxes, items, tags := dovetail.NewTable[opBox](r, "op_boxes"), dovetail.NewTable[opItem](r, "op_items"), dovetail.NewTable[opTag](r, "op_tags")
	dovetail.HasMany(items, "parts", dovetail.NewTable[opPart](r, "op_parts"), dovetail.ForeignKey("item_id"), dovetail.OnDelete(parts))
	dovetail.MorphMany(items, "notes", dovetail.NewTable[opNote](r, "op_notes"), dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("item"),
		dovetail.OnDelete(notes))
	dovetail.ManyToMany(items, "tags", tags, dovetail.NewTable[opLink](r, "op_links", dovetail.PrimaryKey("item_id", "tag_id")),
		dovetail.ThroughKeys("item_id", "tag_id"), dovetail.OnDelete(links))
	key := dovetail.ForeignKey("box_id")
	return opTables{items,
		dovetail.HasMany(boxes, "items", items, key, dovetail.DeleteOrphans()), dovetail.HasOne(boxes, "only", items, key, dovetail.DeleteOrphans())}
}

// opCall takes an item out of its box, and says what else it does.
type opCall struct {
	name   string
	orphan int64
	call   func(ctx context.Context, db dovetail.DB, o opTables) error
	also   string
}

func opCalls() []opCall {
	first, second := func() *opBox { return &opBox{ID: 1} }, func() *opBox { return &opBox{ID: 2} }
	box := func(n int64) *int64 { return &n }
	return []opCall{
		{"sync", 1, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.all.Sync(ctx, db, first(), &opItem{ID: 2, BoxID: box(1)})
			return err
		}, ""},
		{"sync to none", 3, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.all.Sync(ctx, db, second())
			return err
		}, ""},
		{"sync to another", 3, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.all.Sync(ctx, db, second(), &opItem{ID: 4})
			return err
		}, "UPDATE op_items SET box_id = 2 WHERE id = 4"},
		{"replace one by none", 3, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.only.Replace(ctx, db, second(), nil)
			return err
		}, ""},
		{"replace one by another", 3, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.only.Replace(ctx, db, second(), &opItem{ID: 4})
			return err
		}, "UPDATE op_items SET box_id = 2 WHERE id = 4"},
		{"replace", 1, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.all.Replace(ctx, db, first(), &opItem{ID: 2})
			return err
		}, ""},
		{"unlink", 1, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.all.Unlink(ctx, db, first(), &opItem{ID: 1})
			return err
		}, ""},
		{"unlink all", 3, func(ctx context.Context, db dovetail.DB, o opTables) error {
			_, err := o.all.UnlinkAll(ctx, db, second())
			return err
		}, ""},
	}
}

// TestOrphansGoAsDeletedRowsGo takes items out of boxes under all policies, and asks a delete of the same item for what is right.
func TestOrphansGoAsDeletedRowsGo(t *testing.T) {
	t.Parallel()
	ways := []dovetail.DeletePolicy{dovetail.Restrict, dovetail.Cascade, dovetail.SetNull, dovetail.NoAction, dovetail.ByDatabase}
	kit.OnEach(t, opDDL, func(t *testing.T, d kit.Database) {
		changed := 0
		for i := range len(ways) * 3 {
			// Each of the policies for one of the three, beside others that differ.
			policies := [3]dovetail.DeletePolicy{dovetail.Cascade, dovetail.SetNull, dovetail.NoAction}
			policies[i%3] = ways[i/3]
			if policies[2] == dovetail.SetNull { // the keys of a join table are never NULL
				continue
			}
			o := newOPTables(policies[0], policies[1], policies[2])
			for _, c := range opCalls() {
				what := fmt.Sprint(c.name, ", ", policies)
				d.Exec(t, opFill)
				_, want := dovetail.Delete(o.items).Where(squirrel.Eq{"id": c.orphan}).Exec(t.Context(), d.DB)
				if want == nil && c.also != "" {
					d.Exec(t, c.also)
				}
				right := kit.Texts(t, d.DB, opShown)
				d.Exec(t, opFill)
				before := kit.Texts(t, d.DB, opShown)
				got := c.call(t.Context(), d.DB, o)
				if (want == nil) != (got == nil) || errors.Is(want, dovetail.ErrRestricted) != errors.Is(got, dovetail.ErrRestricted) {
					t.Errorf("%s: expected what a delete says, %v, got %v", what, want, got)
				}
				kit.Same(t, what, kit.Texts(t, d.DB, opShown), right...)
				if len(before) != len(right) {
					changed++
				}
			}
		}
		if changed < 60 {
			t.Errorf("expected most calls to remove rows, of %d", changed)
		}
	})
}

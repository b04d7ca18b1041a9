package writes_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	ouList struct {
		ID        int64
		Name      string
		Touched   string
		UpdatedAt *time.Time
		Items     []*ouItem
	}
	ouItem struct {
		ID      int64
		ListID  *int64
		Title   string
		Touched string
		Lock    int64
		Tags    []*ouTag
	}
	ouTag struct {
		ID   int64
		Name string
	}
	ouItemTag struct {
		ItemID, TagID int64
		Note          string
		Touched       string
	}
	ouPage struct {
		ID        int64
		ListID    int64
		DeletedAt *time.Time
		Touched   string
	}
)

const ouDDL = `
CREATE TABLE ou_lists (id BIGINT PRIMARY KEY, name TEXT NOT NULL, touched TEXT NOT NULL DEFAULT 'no', updated_at TIMESTAMP);
CREATE TABLE ou_items (id BIGINT PRIMARY KEY, list_id BIGINT REFERENCES ou_lists, title TEXT NOT NULL UNIQUE, touched TEXT NOT NULL DEFAULT 'no',
	lock BIGINT NOT NULL DEFAULT 1);
CREATE TABLE ou_tags (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE ou_item_tags (item_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, note TEXT NOT NULL DEFAULT '', touched TEXT NOT NULL DEFAULT 'no',
	PRIMARY KEY (item_id, tag_id));
CREATE TABLE ou_pages (id BIGINT PRIMARY KEY, list_id BIGINT NOT NULL, deleted_at TIMESTAMP, touched TEXT NOT NULL DEFAULT 'no');
INSERT INTO ou_lists (id, name) VALUES (1, 'one'), (2, 'two');
INSERT INTO ou_items (id, list_id, title) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, NULL, 'c');
INSERT INTO ou_tags VALUES (1, 'x'), (2, 'y');
INSERT INTO ou_item_tags (item_id, tag_id, note) VALUES (1, 1, 'first');
INSERT INTO ou_pages (id, list_id) VALUES (1, 2), (2, 2);`

// ouSchema declares what every change of a row writes.
type ouSchema struct {
	lists    *dovetail.Table[ouList]
	items    *dovetail.Table[ouItem]
	itemTags *dovetail.Table[ouItemTag]
	pages    *dovetail.Table[ouPage]
	hasItems *dovetail.ToMany[*ouList, *ouItem]
	hasTags  *dovetail.ToMany[*ouItem, *ouTag]
}

func newOuSchema() ouSchema {
	r := dovetail.NewRegistry()
	touched, no := dovetail.OnUpdate("touched", "'yes'"), dovetail.Default("touched", "'no'")
	s := ouSchema{
		lists: dovetail.NewTable[ouList](r, "ou_lists", touched, no, dovetail.OnUpdate("updated_at", "CURRENT_TIMESTAMP")),
		items: dovetail.NewTable[ouItem](r, "ou_items", touched, no, dovetail.Version("lock")),
		pages: dovetail.NewTable[ouPage](r, "ou_pages", touched, no, dovetail.SoftDelete("deleted_at")),
	}
	s.itemTags = dovetail.NewTable[ouItemTag](r, "ou_item_tags", touched, no, dovetail.PrimaryKey("item_id", "tag_id"))
	s.hasItems = dovetail.HasMany(s.lists, "items", s.items, dovetail.ForeignKey("list_id"), dovetail.OnDelete(dovetail.SetNull))
	s.hasTags = dovetail.ManyToMany(s.items, "tags", dovetail.NewTable[ouTag](r, "ou_tags"), s.itemTags, dovetail.ThroughKeys("item_id", "tag_id"))
	return s
}

// touched returns which rows of all tables a call has touched.
func ouTouched(t *testing.T, d kit.Database) []string {
	t.Helper()
	rows, err := kit.SQL[string](t.Context(), d.DB, `SELECT row FROM (SELECT 'list ' || id AS row FROM ou_lists WHERE touched = 'yes'
		UNION ALL SELECT 'item ' || id FROM ou_items WHERE touched = 'yes' UNION ALL SELECT 'page ' || id FROM ou_pages WHERE touched = 'yes'
		UNION ALL SELECT 'link ' || item_id || '-' || tag_id FROM ou_item_tags WHERE touched = 'yes') AS rows ORDER BY row`)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestOnUpdateIsWrittenByEveryChange makes one change after the other, and looks which rows were touched.
func TestOnUpdateIsWrittenByEveryChange(t *testing.T) {
	t.Parallel()
	s := newOuSchema()
	kit.OnEach(t, ouDDL, func(t *testing.T, d kit.Database) {
		db := d.DB
		one, two := &ouList{ID: 1}, &ouList{ID: 2}
		link := func(note string) dovetail.Linked[ouTag, ouItemTag] {
			return dovetail.Linked[ouTag, ouItemTag]{Row: &ouTag{ID: 1}, Link: &ouItemTag{Note: note}}
		}
		by := func(_ any, err error) error { return err }
		for _, c := range []struct {
			what string
			call func(ctx context.Context) error
			want []string
		}{
			{"update", func(ctx context.Context) error {
				return by(dovetail.Update(s.items).Set("title", "aa").Where(squirrel.Eq{"id": 1}).Exec(ctx, db))
			}, []string{"item 1"}},
			{"update of the column itself", func(ctx context.Context) error {
				return by(dovetail.Update(s.items).Set("touched", "mine").Where(squirrel.Eq{"id": 1}).Exec(ctx, db))
			}, nil},
			{"save", func(ctx context.Context) error {
				row := &ouItem{ID: 1, Lock: 3, Title: "ab", Touched: "stale"}
				err := dovetail.Save(ctx, db, s.items, row, "title")
				kit.Equal(t, "what save read back", row.Touched, "yes")
				return err
			}, []string{"item 1"}},
			{"upsert", func(ctx context.Context) error {
				row, other := &ouItem{ID: 2, Title: "b", Touched: "no"}, &ouItem{ID: 4, Title: "d"}
				err := dovetail.Upsert(s.items, row, other).OnConflict("id").Set("title").Exec(ctx, db)
				kit.Equal(t, "what upsert read back", row.Touched+other.Touched, "yesno")
				return err
			}, []string{"item 2"}},
			{"upsert by an expression", func(ctx context.Context) error {
				return dovetail.Upsert(s.items, &ouItem{ID: 2, Title: "b"}).OnConflict("id").SetExpr("title", "self.title || 'b'").Exec(ctx, db)
			}, []string{"item 2"}},
			{"upsert of nothing", func(ctx context.Context) error {
				return dovetail.Upsert(s.items, &ouItem{ID: 2, Title: "b"}).OnConflict("id").Exec(ctx, db)
			}, nil},
			{"link by a key", func(ctx context.Context) error {
				return by(s.hasItems.Link(ctx, db, one, &ouItem{ID: 2}, &ouItem{ID: 3}))
			},
				[]string{"item 3"}},
			{"move", func(ctx context.Context) error { return by(s.hasItems.Move(ctx, db, two, &ouItem{ID: 3})) }, []string{"item 3"}},
			{"unlink", func(ctx context.Context) error { return by(s.hasItems.Unlink(ctx, db, two, &ouItem{ID: 3})) }, []string{"item 3"}},
			{"replace", func(ctx context.Context) error {
				return by(s.hasItems.Replace(ctx, db, one, &ouItem{ID: 1}, &ouItem{ID: 3}))
			},
				[]string{"item 2", "item 3"}},
			{"sync", func(ctx context.Context) error {
				rows, err := dovetail.Select(s.items).Where(squirrel.Eq{"list_id": 1}).OrderBy("id").All(ctx, db)
				if err != nil || len(rows) != 2 {
					t.Fatal(rows, err)
				}
				rows[0].Title, rows[0].Touched, rows[1].Touched = "synced", "stale", "stale"
				diff, err := s.hasItems.Sync(ctx, db, one, rows...)
				kit.Equal(t, "what sync changed", diffCounts(diff), "+0 -0 ~1")
				kit.Equal(t, "what sync read back", rows[0].Touched+" "+rows[1].Touched, "yes no")
				return err
			}, []string{"item 1"}},
			{"a link that is there", func(ctx context.Context) error { return by(s.hasTags.Link(ctx, db, &ouItem{ID: 1}, &ouTag{ID: 1})) }, nil},
			{"a link with another note", func(ctx context.Context) error {
				return by(dovetail.LinkWith(ctx, db, s.hasTags, &ouItem{ID: 1}, link("other")))
			}, []string{"link 1-1"}},
			{"the same link", func(ctx context.Context) error {
				return by(dovetail.ReplaceWith(ctx, db, s.hasTags, &ouItem{ID: 1}, link("other")))
			}, nil},
			{"a link replaced", func(ctx context.Context) error {
				return by(dovetail.ReplaceWith(ctx, db, s.hasTags, &ouItem{ID: 1}, link("third")))
			}, []string{"link 1-1"}},
			{"a soft delete", func(ctx context.Context) error {
				return by(dovetail.Delete(s.pages).Where(squirrel.Eq{"id": 1}).Exec(ctx, db))
			}, []string{"page 1"}},
			{"a delete that sets keys to NULL", func(ctx context.Context) error {
				return by(dovetail.Delete(s.lists).Where(squirrel.Eq{"id": 1}).Exec(ctx, db))
			}, []string{"item 1", "item 3"}},
		} {
			for _, table := range []string{"lists", "items", "item_tags", "pages"} {
				d.Exec(t, "UPDATE ou_"+table+" SET touched = 'no'")
			}
			if err := c.call(t.Context()); err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			if got := ouTouched(t, d); !slices.Equal(got, c.want) {
				t.Errorf("%s: expected %v, got %v", c.what, c.want, got)
			}
		}
		locks, err := kit.SQL[int64](t.Context(), db, "SELECT lock FROM ou_items ORDER BY id")
		// 1: update, update, save, sync, set to NULL; 2: upsert twice, unlinked by replace; 3: linked, moved, unlinked, linked, set to NULL; 4: as it was inserted
		if err != nil || !slices.Equal(locks, []int64{6, 4, 6, 0}) {
			t.Errorf("expected the changes counted, got %v, %v", locks, err)
		}
	})
}

// TestOnUpdateMeansNowOnEachDatabase writes the time of the statement by one text, in the form that the rows have.
func TestOnUpdateMeansNowOnEachDatabase(t *testing.T) {
	t.Parallel()
	for _, now := range []string{"CURRENT_TIMESTAMP", "now()", " NOW ( ) "} {
		r := dovetail.NewRegistry()
		lists := dovetail.NewTable[ouList](r, "ou_lists", dovetail.OnUpdate("updated_at", now))
		dovetail.HasMany(lists, "items", dovetail.NewTable[ouItem](r, "ou_items"), dovetail.ForeignKey("list_id"))
		kit.OnEach(t, ouDDL, func(t *testing.T, d kit.Database) {
			d.Exec(t, "UPDATE ou_lists SET updated_at = '2001-02-03T04:05:06Z'")
			row := &ouList{ID: 1, Name: "new"}
			if err := dovetail.Save(t.Context(), d.DB, lists, row, "name"); err != nil || row.UpdatedAt == nil || row.UpdatedAt.Year() < 2020 {
				t.Fatalf("%q: expected the time read back, got %v, %v", now, row.UpdatedAt, err)
			}
			found, err := dovetail.Select(lists).Where(squirrel.Eq{"updated_at": *row.UpdatedAt}).All(t.Context(), d.DB)
			if err != nil || len(found) != 1 || found[0].ID != 1 {
				t.Errorf("%q: expected the row to be found by its time, got %v, %v", now, found, err)
			}
			if d.Postgres() {
				return
			}
			texts, err := kit.SQL[string](t.Context(), d.DB, "SELECT CAST(updated_at AS TEXT) FROM ou_lists WHERE id = 1")
			if err != nil || len(texts[0]) != len("2001-02-03T04:05:06Z") || texts[0][10] != 'T' {
				t.Errorf("%q: expected the form of the other rows, got %q, %v", now, texts, err)
			}
		})
	}
}

// TestOnUpdateRefusesWhatNotEveryChangeCanWrite declares it wrongly.
func TestOnUpdateRefusesWhatNotEveryChangeCanWrite(t *testing.T) {
	t.Parallel()
	on := dovetail.OnUpdate
	for what, c := range map[string]struct {
		options []dovetail.TableOption
		words   []string
	}{
		"another column":  {[]dovetail.TableOption{on("touch", "'x'")}, []string{`no column "touch"`, `did you mean "touched"`}},
		"no text":         {[]dovetail.TableOption{on("touched", "")}, []string{"OnUpdate", "SQL is empty"}},
		"a column's name": {[]dovetail.TableOption{on("touched", "lower(title)")}, []string{`names column "title"`, "Generated"}},
		"an argument":     {[]dovetail.TableOption{on("touched", "?")}, []string{"placeholder"}},
		"a comment":       {[]dovetail.TableOption{on("touched", "'x' -- y")}, []string{"comment"}},
		"half a text":     {[]dovetail.TableOption{on("touched", "'x")}, []string{"cannot be read"}},
		"more than text":  {[]dovetail.TableOption{on("touched", "'x'); DROP TABLE ou_items; --")}, []string{"cannot be read"}},
		"the primary key": {[]dovetail.TableOption{on("id", "1")}, []string{"primary key"}},
		"the version":     {[]dovetail.TableOption{dovetail.Version("lock"), on("lock", "1")}, []string{"Version"}},
		"twice":           {[]dovetail.TableOption{on("touched", "'x'"), on("touched", "'y'")}, []string{"twice"}},
		"read only":       {[]dovetail.TableOption{on("touched", "'x'"), dovetail.ReadOnly("touched")}, []string{"never written", "OnUpdate"}},
		"a scope's": {[]dovetail.TableOption{on("touched", "'x'"), dovetail.Scope("kept", squirrel.Eq{"touched": "y"})},
			[]string{`Scope "kept"`, `"touched"`}},
	} {
		r := dovetail.NewRegistry()
		dovetail.ManyToMany(dovetail.NewTable[ouItem](r, "ou_items", c.options...), "tags", dovetail.NewTable[ouTag](r, "ou_tags"),
			dovetail.NewTable[ouItemTag](r, "ou_item_tags", dovetail.PrimaryKey("item_id", "tag_id")), dovetail.ThroughKeys("item_id", "tag_id"))
		t.Run(what, func(t *testing.T) { kit.Refused(t, r.Validate(), dovetail.ErrInvalidRelation, c.words...) })
	}
	s := newOuSchema()
	_, err := dovetail.Update(s.items).Set("lock", 1).All().Exec(t.Context(), &kit.CaptureDB{Speaks: kit.SQLiteDB(t, "").DB.Dialect()})
	kit.Refused(t, err, dovetail.ErrInvalidQuery, `"lock"`, "leave it out")
}

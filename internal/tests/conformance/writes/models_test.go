package writes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models: pages in pages, which a delete marks and each change notes; notes about pages or boxes; and boxes with things that
// the database removes with them.

type page struct {
	ID        int64
	ParentID  *int64
	Title     string
	Changed   string
	Version   int64
	DeletedAt *time.Time
	Pages     []*page
	Notes     []*note
}

type note struct {
	ID       int64
	ItemType *string
	ItemID   *int64
	Text     string
	GoneAt   *time.Time
	Item     any
}

type box struct {
	ID     int64
	Name   string
	Things []*thing
}

type thing struct {
	ID    int64
	BoxID int64
}

const ddl = `
CREATE TABLE pages (id BIGINT PRIMARY KEY, parent_id BIGINT REFERENCES pages, title TEXT NOT NULL, changed TEXT NOT NULL DEFAULT 'no',
	version BIGINT NOT NULL DEFAULT 1, deleted_at TIMESTAMP);
CREATE TABLE notes (id BIGINT PRIMARY KEY, item_type TEXT, item_id BIGINT, text TEXT NOT NULL, gone_at TIMESTAMP);
CREATE TABLE boxes (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE things (id BIGINT PRIMARY KEY, box_id BIGINT NOT NULL REFERENCES boxes ON DELETE CASCADE);`

// rows are written before each case: page 3 lies in 2 and that in 1, and 4 and 5 lie in none; 5 was deleted long ago, as note 3 was.
const rows = `
DELETE FROM things; DELETE FROM boxes; DELETE FROM notes; DELETE FROM pages;
INSERT INTO pages (id, parent_id, title) VALUES (1, NULL, 'one'), (2, 1, 'two'), (3, 2, 'three'), (4, NULL, 'four'), (5, NULL, 'five');
INSERT INTO notes (id, item_type, item_id, text) VALUES (1, 'page', 1, 'a'), (2, 'page', 3, 'b'), (3, 'page', 3, 'c'), (4, 'page', 4, 'd'), (5, 'box', 1, 'e');
UPDATE pages SET deleted_at = '2001-02-03 04:05:06' WHERE id = 5;
UPDATE notes SET gone_at = '2001-02-03 04:05:06' WHERE id = 3;
INSERT INTO boxes VALUES (1, 'x'), (2, 'y');
INSERT INTO things VALUES (1, 1), (2, 2), (3, 2);`

type schema struct {
	pages  *dovetail.Table[page]
	notes  *dovetail.Table[note]
	boxes  *dovetail.Table[box]
	within *dovetail.ToMany[*page, *page]
	about  *dovetail.ToMany[*page, *note]
}

func newSchema() schema {
	r := dovetail.NewRegistry()
	s := schema{
		pages: dovetail.NewTable[page](r, "pages", dovetail.AssignedKey(), dovetail.SoftDelete("deleted_at"), dovetail.Version("version"),
			dovetail.Default("changed", "'no'"), dovetail.OnUpdate("changed", "'yes'")),
		notes: dovetail.NewTable[note](r, "notes", dovetail.AssignedKey(), dovetail.SoftDelete("gone_at")),
		boxes: dovetail.NewTable[box](r, "boxes", dovetail.AssignedKey()),
	}
	key, cascade := dovetail.MorphKey("item_type", "item_id"), dovetail.OnDelete(dovetail.Cascade)
	s.within = dovetail.HasMany(s.pages, "pages", s.pages, dovetail.ForeignKey("parent_id"), dovetail.Acyclic(), cascade)
	dovetail.MorphTo(s.notes, "item", key, dovetail.MorphType("page", s.pages), dovetail.MorphType("box", s.boxes), dovetail.Enforced())
	s.about = dovetail.MorphMany(s.pages, "notes", s.notes, key, dovetail.MorphValue("page"), cascade)
	dovetail.HasMany(s.boxes, "things", dovetail.NewTable[thing](r, "things", dovetail.AssignedKey()), dovetail.ForeignKey("box_id"),
		dovetail.OnDelete(dovetail.ByDatabase))
	return s
}

// TestConformance runs every case of what is written along relations, and of what each change of a row writes.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := newSchema()
	var cases []kit.Case
	for name, run := range map[string]func(schema, *testing.T, kit.Database){
		"by the database": schema.byDatabase,
		"on update":       schema.onUpdate,
		"restore":         schema.restore,
		"enforced":        schema.enforced,
		"acyclic":         schema.acyclic,
		"save all":        schema.saveAll,
	} {
		cases = append(cases, kit.Case{Name: name, Run: func(t *testing.T, d kit.Database) {
			d.Exec(t, rows)
			run(s, t, d)
		}})
	}
	kit.RunWrites(t, ddl, cases)
}

// lines returns the rows of a statement with one column, in a line.
func lines(t *testing.T, d kit.Database, sql string) string {
	t.Helper()
	return strings.Join(kit.Must[[]string](t)(kit.SQL[string](t.Context(), d.DB, sql)), " ")
}

// marked returns the rows that a delete has marked.
func marked(t *testing.T, d kit.Database) string {
	t.Helper()
	return lines(t, d, `SELECT line FROM (SELECT 'p' || id AS line FROM pages WHERE deleted_at IS NOT NULL
		UNION ALL SELECT 'n' || id FROM notes WHERE gone_at IS NOT NULL) AS lines ORDER BY line`)
}

// changed returns the pages that a call has noted a change of, and forgets them.
func changed(t *testing.T, d kit.Database) string {
	t.Helper()
	ids := lines(t, d, "SELECT CAST(id AS TEXT) FROM pages WHERE changed = 'yes' ORDER BY id")
	d.Exec(t, "UPDATE pages SET changed = 'no'")
	return ids
}

package writes_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// byDatabase: a delete sends nothing of what the database does, and Impact tells of it.
func (s schema) byDatabase(t *testing.T, d kit.Database) {
	del := dovetail.Delete(s.boxes).Where(sq.Eq{"id": 2})
	effects := kit.Must[[]dovetail.Effect](t)(del.Impact(t.Context(), d.DB))
	want := dovetail.Effect{Relation: "boxes.things", Table: "things", Key: "box_id", Policy: dovetail.ByDatabase, Pointing: 2}
	if !slices.Contains(effects, want) {
		t.Errorf("expected %+v among %+v", want, effects)
	}
	db := d.Record()
	kit.Equal(t, "boxes", kit.Must[int64](t)(del.Exec(t.Context(), db)), 1)
	for _, stmt := range db.Stmts {
		kit.Equal(t, "names things: "+stmt.SQL, strings.Contains(stmt.SQL, "things"), false)
	}
	kit.Equal(t, "things", lines(t, d, "SELECT CAST(id AS TEXT) FROM things ORDER BY id"), "1")
}

// onUpdate: whatever changes a row writes the column, and nothing else does; a call that names it has its own value.
func (s schema) onUpdate(t *testing.T, d kit.Database) {
	ctx, db := t.Context(), d.DB
	one := sq.Eq{"id": 1}
	update := func(column string, value any) error {
		_, err := dovetail.Update(s.pages).Set(column, value).Where(one).Exec(ctx, db)
		return err
	}
	for _, c := range []struct {
		what string
		call func() error
		want string
	}{
		{"insert", func() error { return dovetail.Insert(s.pages, &page{ID: 6, Title: "six"}).Exec(ctx, db) }, ""},
		{"update", func() error { return update("title", "uno") }, "1"},
		{"update of the column", func() error { return update("changed", "mine") }, ""},
		{"save", func() error { return dovetail.Save(ctx, db, s.pages, &page{ID: 4, Title: "4", Version: 1}, "title") }, "4"},
		{"upsert", func() error {
			return dovetail.Upsert(s.pages, &page{ID: 4, Title: "IV"}, &page{ID: 7, Title: "VII"}).OnConflict("id").Set("title").Exec(ctx, db)
		}, "4"},
		{"link", func() error { _, err := s.within.Link(ctx, db, &page{ID: 1}, &page{ID: 4}); return err }, "4"},
		{"a link that is there", func() error { _, err := s.within.Link(ctx, db, &page{ID: 1}, &page{ID: 4}); return err }, ""},
		{"delete", func() error { _, err := dovetail.Delete(s.pages).Where(sq.Eq{"id": 4}).Exec(ctx, db); return err }, "4"},
		{"restore", func() error { _, err := dovetail.Restore(s.pages).Where(sq.Eq{"id": 4}).Exec(ctx, db); return err }, "4"},
	} {
		kit.NoError(t, c.call())
		kit.Equal(t, c.what, changed(t, d), c.want)
	}
}

// restore: a delete is undone with what it cascaded to, and without what was deleted before.
func (s schema) restore(t *testing.T, d kit.Database) {
	ctx, one := t.Context(), sq.Eq{"id": 1}
	kit.Equal(t, "pages deleted", kit.Must[int64](t)(dovetail.Delete(s.pages).Where(one).Exec(ctx, d.DB)), 3)
	kit.Equal(t, "marked by the delete", marked(t, d), "n1 n2 n3 p1 p2 p3 p5")
	kit.Equal(t, "pages restored", kit.Must[int64](t)(dovetail.Restore(s.pages).Where(one).Exec(ctx, d.DB)), 3)
	kit.Equal(t, "marked before", marked(t, d), "n3 p5")
	kit.Equal(t, "not marked", kit.Must[int64](t)(dovetail.Restore(s.pages).Where(one).Exec(ctx, d.DB)), 0)
	kit.NoError(t, dovetail.RestoreRows(ctx, d.DB, s.pages, &page{ID: 5, Version: 1}))
	kit.Equal(t, "marked but the row in hand", marked(t, d), "n3")
}

// enforced: a polymorphic key points at a row that is there, whichever call writes it.
func (s schema) enforced(t *testing.T, d kit.Database) {
	ctx, db := t.Context(), d.DB
	about := func(id int64, kind string, item int64) *note { return &note{ID: id, ItemType: &kind, ItemID: &item} }
	const all = "SELECT id || coalesce(':' || item_type || item_id, '') FROM notes ORDER BY id"
	before := lines(t, d, all)
	for what, call := range map[string]func() error{
		"no such box":      func() error { return dovetail.Insert(s.notes, about(6, "box", 2), about(7, "box", 9)).Exec(ctx, db) },
		"a deleted page":   func() error { return dovetail.Insert(s.notes, about(6, "page", 5)).Exec(ctx, db) },
		"a box, no page":   func() error { return dovetail.Save(ctx, db, s.notes, about(5, "box", 4), "item_type", "item_id") },
		"link to no page":  func() error { _, err := s.about.Link(ctx, db, &page{ID: 9}, &note{ID: 5}); return err },
		"a move to no row": func() error { _, err := s.about.Move(ctx, db, &page{ID: 9}, &note{ID: 1}); return err },
	} {
		kit.Refused(t, call(), dovetail.ErrNoRows, "notes", "not there")
		kit.Equal(t, what, lines(t, d, all), before)
	}
	kit.NoError(t, dovetail.Insert(s.notes, about(6, "box", 2), &note{ID: 7}).Exec(ctx, db))
	kit.NoError(t, dovetail.Save(ctx, db, s.notes, about(5, "page", 4), "item_type", "item_id"))
	kit.Equal(t, "notes", lines(t, d, all), "1:page1 2:page3 3:page3 4:page4 5:page4 6:box2 7")
}

// acyclic: a row never comes to lie below itself, whichever call moves it.
func (s schema) acyclic(t *testing.T, d kit.Database) {
	ctx, db := t.Context(), d.DB
	const all = "SELECT id || coalesce(':' || parent_id, '') FROM pages ORDER BY id"
	before, three, own := lines(t, d, all), int64(3), int64(6)
	for what, call := range map[string]func() error{
		"link":   func() error { _, err := s.within.Link(ctx, db, &page{ID: 3}, &page{ID: 1}); return err },
		"itself": func() error { _, err := s.within.Link(ctx, db, &page{ID: 4}, &page{ID: 4}); return err },
		"save": func() error {
			return dovetail.Save(ctx, db, s.pages, &page{ID: 1, ParentID: &three, Version: 1}, "parent_id")
		},
		"update": func() error {
			_, err := dovetail.Update(s.pages).Set("parent_id", 3).Where(sq.Eq{"id": []int64{1, 4}}).Exec(ctx, db)
			return err
		},
		"insert": func() error { return dovetail.Insert(s.pages, &page{ID: 6, ParentID: &own}).Exec(ctx, db) },
	} {
		kit.Refused(t, call(), dovetail.ErrCycle, "pages")
		kit.Equal(t, what, lines(t, d, all), before)
	}
	kit.Equal(t, "moved", kit.Must[int64](t)(s.within.Move(ctx, db, &page{ID: 4}, &page{ID: 2})), 1)
	kit.Equal(t, "linked", kit.Must[int64](t)(s.within.Link(ctx, db, &page{ID: 3}, &page{ID: 1})), 1)
	kit.Equal(t, "pages", lines(t, d, all), "1:3 2:4 3:2 4 5")
}

// saveAll: rows in hand are written each with its own values, all or none.
func (s schema) saveAll(t *testing.T, d kit.Database) {
	ctx := t.Context()
	const all = "SELECT id || ':' || title || ':' || version FROM pages ORDER BY id"
	before := lines(t, d, all)
	save := func(ctx context.Context, rows ...*page) error {
		return dovetail.SaveAll(ctx, d.DB, s.pages, rows, "title")
	}
	for what, third := range map[string]*page{
		"no such row": {ID: 9, Version: 1}, "another version": {ID: 4, Version: 2}, "out of scope": {ID: 5, Version: 1},
	} {
		first := &page{ID: 1, Title: "I", Version: 1}
		kit.Refused(t, save(ctx, first, &page{ID: 2, Title: "II", Version: 1}, third), dovetail.ErrStale, "save pages", "1 of the 3 rows")
		kit.Equal(t, what, lines(t, d, all), before)
		kit.Equal(t, what+": the version in hand", first.Version, 1)
	}
	kit.Refused(t, save(ctx, &page{ID: 1, Version: 1}, &page{ID: 1, Version: 1}), dovetail.ErrInvalidRow)
	pages := []*page{{ID: 3, Title: "III", Version: 1}, {ID: 1, Title: "I", Version: 1}}
	kit.NoError(t, save(ctx, pages...))
	kit.Equal(t, "rows", lines(t, d, all), "1:I:2 2:two:1 3:III:2 4:four:1 5:five:1")
	kit.Equal(t, "what is noted", changed(t, d), "1 3")
	kit.Equal(t, "the struct", pages[0].Changed, "yes")
	pages[0].Title, pages[1].Title = "3", "1"
	kit.NoError(t, save(ctx, pages...))
	kit.Equal(t, "rows saved again", lines(t, d, all), "1:1:3 2:two:1 3:3:3 4:four:1 5:five:1")
}

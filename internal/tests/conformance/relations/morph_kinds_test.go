package relations_test

import (
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestMorphKinds: types may be integers, keys may point at other columns than the primary key, and there may be types of no table.
func TestMorphKinds(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.KindedDDL, []kit.Case{
		{Name: "loaded", Run: kindsLoaded},
		{Name: "tested", Run: kindsTested},
		{Name: "types of no table", Run: kindsOthers},
		{Name: "a query for each type", Run: kindsQueried},
	})
}

func notesQ() dovetail.Query[*models.ItemNote] {
	return dovetail.Select(models.ItemNotes).OrderBy("id")
}

func gadgetsQ() dovetail.Query[*models.Gadget] { return dovetail.Select(models.Gadgets).OrderBy("id") }

func noteText(n *models.ItemNote) string { return n.Text }

func gadgetCode(g *models.Gadget) string { return g.Code }

// about writes what a note is about.
func about(n *models.ItemNote) string {
	switch item := n.Item.(type) {
	case *models.Gadget:
		return "gadget " + item.Code
	case *models.Gizmo:
		return "gizmo " + item.Code
	case nil:
		return "-"
	}
	return fmt.Sprintf("%T", n.Item)
}

func kindsLoaded(t *testing.T, d kit.Database) {
	for what, q := range map[string]dovetail.Query[*models.Gadget]{
		"Preload": gadgetsQ().Preload("notes.gadget").Preload("crates"), "Fetch": gadgetsQ().Fetch("notes.gadget").Preload("crates"),
	} {
		gadgets := kit.All(t, d.DB, q)
		kit.Same(t, what, kit.Pluck(gadgets[0].Notes, noteText), "n1")
		kit.Same(t, what, kit.Pluck(gadgets[1].Notes, noteText), "n2")
		if gadgets[1].Notes[0].Gadget != gadgets[1] || len(gadgets[0].Crates) != 1 || len(gadgets[1].Crates) != 1 {
			t.Errorf("%s: expected the gadget itself and a box for each", what)
		}
	}
	gizmos := kit.All(t, d.DB, dovetail.Select(models.Gizmos).OrderBy("id").Preload("note"))
	if gizmos[0].Note == nil || gizmos[0].Note.Text != "n3" || gizmos[1].Note != nil {
		t.Errorf("expected n3 for the first gizmo alone, got %+v", gizmos)
	}
	crates := kit.All(t, d.DB, dovetail.Select(models.Crates).OrderBy("id").Preload("gadgets", gadgetsQ().Limit(1)))
	kit.Same(t, "of a box", kit.Pluck(crates[0].Gadgets, gadgetCode), "a")
	kit.Same(t, "of a box of gizmos", kit.Pluck(crates[1].Gadgets, gadgetCode))
	kit.Same(t, "the inverse", kit.Pluck(kit.All(t, d.DB, notesQ().Preload("gadget")), func(n *models.ItemNote) bool { return n.Gadget != nil }),
		true, true, false, false, false)
}

func kindsTested(t *testing.T, d kit.Database) {
	models.Names(t, d, "join", gadgetsQ().Join("notes"), gadgetCode, "a", "b")
	models.Names(t, d, "Has", gadgetsQ().Has("notes", sq.Eq{"text": "n3"}), gadgetCode)
	models.Names(t, d, "Has past links", gadgetsQ().Has("crates", sq.Eq{"id": 2}), gadgetCode)
	models.Names(t, d, "named", notesQ().Where(sq.Eq{"gadget.code": "b"}), noteText, "n2")
}

func kindsOthers(t *testing.T, d kit.Database) {
	db := d.Record()
	notes := kit.All(t, db, notesQ().Preload("item"))
	db.Expect(t, 3+d.Lookups(1), 2)
	kit.Same(t, "items", kit.Pluck(notes, about), "gadget a", "gadget b", "gizmo b", "-", "-")
	notes = kit.All(t, d.DB, notesQ().Where(sq.Eq{"kind": 7}))
	notes[0].Item = notes[0]
	kit.Load(t, d.DB, models.ItemNotes, notes, "item")
	kit.Same(t, "loaded again", kit.Pluck(notes, about), "-")
}

func kindsQueried(t *testing.T, d kit.Database) {
	gizmos := dovetail.Select(models.Gizmos)
	db := d.Record()
	notes := kit.All(t, db, notesQ().Preload("item", gadgetsQ().Where(sq.Eq{"code": "b"}).Preload("notes"), gizmos.Where(sq.Eq{"id": 99})))
	db.Expect(t, 4+d.Lookups(1), 3)
	kit.Same(t, "both", kit.Pluck(notes, about), "-", "gadget b", "-", "-", "-")
	kit.Same(t, "below", kit.Pluck(notes[1].Item.(*models.Gadget).Notes, noteText), "n2")
	notes = kit.All(t, d.DB, notesQ().Preload("item", gizmos.Where(sq.Eq{"id": 99})))
	kit.Same(t, "one of them", kit.Pluck(notes, about), "gadget a", "gadget b", "-", "-", "-")
	notes = kit.All(t, d.DB, notesQ())
	kit.Load(t, d.DB, models.ItemNotes, notes, "item", gizmos, gadgetsQ().Where(sq.NotEq{"code": "b"}))
	kit.Same(t, "Load", kit.Pluck(notes, about), "gadget a", "-", "gizmo b", "-", "-")
}

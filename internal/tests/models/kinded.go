package models

import "github.com/dovetail-go/dovetail"

// References to rows of several tables by an integer type and by a column that is not the primary key, some to tables that are not
// declared.

type ItemKind int16

const (
	KindGadget ItemKind = iota + 1
	KindGizmo
)

type Gadget struct {
	ID     int64
	Code   string
	Notes  []*ItemNote
	Crates []*Crate
}

type Gizmo struct {
	ID   int64
	Code string
	Note *ItemNote
}

type ItemNote struct {
	ID       int64
	Kind     ItemKind
	ItemCode string
	Text     string
	Item     any
	Gadget   *Gadget
}

type Crate struct {
	ID      int64
	Gadgets []*Gadget
}

type CrateItem struct {
	Kind     ItemKind
	ItemCode string
	CrateID  int64
}

var (
	Kinded = dovetail.NewRegistry()

	Gadgets    = dovetail.NewTable[Gadget](Kinded, "gadgets")
	Gizmos     = dovetail.NewTable[Gizmo](Kinded, "gizmos")
	ItemNotes  = dovetail.NewTable[ItemNote](Kinded, "item_notes")
	Crates     = dovetail.NewTable[Crate](Kinded, "crates")
	CrateItems = dovetail.NewTable[CrateItem](Kinded, "crate_items", dovetail.PrimaryKey("crate_id", "kind", "item_code"))

	byCode      = dovetail.MorphKey("kind", "item_code")
	GadgetNotes = dovetail.MorphMany(Gadgets, "notes", ItemNotes, byCode, dovetail.MorphValue(KindGadget), dovetail.References("code"),
		dovetail.Inverse("gadget"), dovetail.OnDelete(dovetail.Cascade))
	GizmoNote = dovetail.MorphOne(Gizmos, "note", ItemNotes, byCode, dovetail.MorphValue(KindGizmo), dovetail.References("code"))
	NoteItem  = dovetail.MorphTo(ItemNotes, "item", byCode, dovetail.MorphType(KindGadget, Gadgets, dovetail.References("code")),
		dovetail.MorphType(KindGizmo, Gizmos, dovetail.References("code")), dovetail.MorphOthers())
	GadgetCrates = dovetail.MorphToMany(Gadgets, "crates", Crates, CrateItems, byCode, dovetail.MorphValue(KindGadget), dovetail.References("code"),
		dovetail.ForeignKey("crate_id"), dovetail.Inverse("gadgets"))
)

// KindedDDL is read by PostgreSQL and SQLite. Gadget and gizmo b share their code; a note is about something else.
const KindedDDL = `
CREATE TABLE gadgets (id BIGINT PRIMARY KEY, code TEXT NOT NULL UNIQUE);
CREATE TABLE gizmos (id BIGINT PRIMARY KEY, code TEXT NOT NULL UNIQUE);
CREATE TABLE item_notes (id BIGINT PRIMARY KEY, kind SMALLINT NOT NULL, item_code TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE crates (id BIGINT PRIMARY KEY);
CREATE TABLE crate_items (kind SMALLINT NOT NULL, item_code TEXT NOT NULL, crate_id BIGINT NOT NULL REFERENCES crates, PRIMARY KEY (crate_id, kind, item_code));
INSERT INTO gadgets (id, code) VALUES (1, 'a'), (2, 'b');
INSERT INTO gizmos (id, code) VALUES (1, 'b'), (2, 'c');
INSERT INTO item_notes (id, kind, item_code, text) VALUES (1, 1, 'a', 'n1'), (2, 1, 'b', 'n2'), (3, 2, 'b', 'n3'), (4, 7, 'b', 'n4'), (5, 1, 'z', 'n5');
INSERT INTO crates (id) VALUES (1), (2);
INSERT INTO crate_items (kind, item_code, crate_id) VALUES (1, 'a', 1), (1, 'b', 1), (2, 'b', 2);
`

package models

import (
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// The models of polymorphic keys that are text, of tables whose own keys are of several types: a mention is about a panel, a binder or a
// leaf, and so is a stamp.

type Panel struct {
	ID       int64
	Mentions []*Mention
	Last     *Mention
	Stamps   []*Stamp
}

type Binder struct {
	ID       uuid.UUID
	Nr       int64
	Mentions []*Mention
	Stamps   []*Stamp
}

type Leaf struct {
	ID       string
	Nr       int64
	Mentions []*Mention
}

type Mention struct {
	ID        int64
	AboutType string
	AboutID   *string
	About     any
	Panel     *Panel
	Binder    *Binder
}

type Stamp struct {
	ID      int64
	Panels  []*Panel
	Binders []*Binder
}

type StampLink struct {
	StampID            int64
	AboutType, AboutID string
}

var (
	Spelled = dovetail.NewRegistry()

	Panels     = dovetail.NewTable[Panel](Spelled, "panels")
	Binders    = dovetail.NewTable[Binder](Spelled, "binders")
	Leaves     = dovetail.NewTable[Leaf](Spelled, "leaves")
	Mentions   = dovetail.NewTable[Mention](Spelled, "mentions")
	Stamps     = dovetail.NewTable[Stamp](Spelled, "stamps")
	StampLinks = dovetail.NewTable[StampLink](Spelled, "stamp_links", dovetail.PrimaryKey("stamp_id", "about_type", "about_id"))

	byAbout       = dovetail.MorphKey("about_type", "about_id")
	PanelMentions = dovetail.MorphMany(Panels, "mentions", Mentions, byAbout, dovetail.MorphValue("panel"), dovetail.Inverse("panel"),
		dovetail.OnDelete(dovetail.Cascade))
	PanelLast      = dovetail.MorphOne(Panels, "last", Mentions, byAbout, dovetail.MorphValue("panel"), dovetail.OrderBy("id DESC"))
	BinderMentions = dovetail.MorphMany(Binders, "mentions", Mentions, byAbout, dovetail.MorphValue("binder"), dovetail.Inverse("binder"),
		dovetail.OnDelete(dovetail.SetNull))
	LeafMentions = dovetail.MorphMany(Leaves, "mentions", Mentions, byAbout, dovetail.MorphValue("leaf"))
	MentionAbout = dovetail.MorphTo(Mentions, "about", byAbout, dovetail.MorphType("panel", Panels), dovetail.MorphType("binder", Binders),
		dovetail.MorphType("leaf", Leaves))
	PanelStamps = dovetail.MorphToMany(Panels, "stamps", Stamps, StampLinks, byAbout, dovetail.MorphValue("panel"), dovetail.ForeignKey("stamp_id"),
		dovetail.Inverse("panels"))
	BinderStamps = dovetail.MorphToMany(Binders, "stamps", Stamps, StampLinks, byAbout, dovetail.MorphValue("binder"), dovetail.ForeignKey("stamp_id"),
		dovetail.Inverse("binders"))
)

// BinderID is the key of the n-th binder, which is below 10.
func BinderID(n byte) uuid.UUID { return uuid.UUID{0: 0xab, 15: n} }

// SpelledDDL is read by PostgreSQL and SQLite, where a UUID is text. Mentions 2 to 4, 6, 12 and 14 spell no key, or spell one as no key is.
const SpelledDDL = `
CREATE TABLE panels (id BIGINT PRIMARY KEY);
CREATE TABLE binders (id UUID PRIMARY KEY, nr BIGINT NOT NULL);
CREATE TABLE leaves (id TEXT PRIMARY KEY, nr BIGINT NOT NULL);
CREATE TABLE mentions (id BIGINT PRIMARY KEY, about_type TEXT NOT NULL, about_id TEXT);
CREATE INDEX mentions_about ON mentions (about_type, about_id);
CREATE TABLE stamps (id BIGINT PRIMARY KEY);
CREATE TABLE stamp_links (stamp_id BIGINT NOT NULL REFERENCES stamps, about_type TEXT NOT NULL, about_id TEXT NOT NULL,
  PRIMARY KEY (stamp_id, about_type, about_id));
INSERT INTO panels (id) VALUES (-5), (1), (2), (7), (9223372036854775807);
INSERT INTO binders (id, nr) VALUES ('ab000000-0000-0000-0000-000000000001', 1), ('ab000000-0000-0000-0000-000000000002', 2);
INSERT INTO leaves (id, nr) VALUES ('007', 1), ('7', 2), ('x', 3);
INSERT INTO mentions (id, about_type, about_id) VALUES (1, 'panel', '7'), (2, 'panel', '007'), (3, 'panel', '9223372036854775808'),
  (4, 'panel', ' 1'), (5, 'binder', 'ab000000-0000-0000-0000-000000000001'), (6, 'binder', 'AB000000-0000-0000-0000-000000000002'),
  (7, 'leaf', '007'), (8, 'panel', '9223372036854775807'), (9, 'leaf', '7'), (10, 'panel', '7'), (11, 'panel', '-5'), (12, 'panel', '-0'),
  (13, 'panel', NULL), (14, 'binder', '7');
INSERT INTO stamps (id) VALUES (1), (2), (3);
INSERT INTO stamp_links (stamp_id, about_type, about_id) VALUES (1, 'panel', '7'), (2, 'panel', '7'), (2, 'panel', '-5'), (2, 'panel', '007'),
  (3, 'binder', 'ab000000-0000-0000-0000-000000000002'), (3, 'binder', 'x');
`

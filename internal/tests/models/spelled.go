package models

import (
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// The models of polymorphic keys that are text, of tables whose own keys are of several types: a mention is about a part, a binder or a
// leaf, and so is a stamp.

type Part struct {
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
	Part      *Part
	Binder    *Binder
}

type Stamp struct {
	ID      int64
	Parts   []*Part
	Binders []*Binder
}

type StampLink struct {
	StampID            int64
	AboutType, AboutID string
}

var (
	Spelled = dovetail.NewRegistry()

	Parts      = dovetail.NewTable[Part](Spelled, "parts")
	Binders    = dovetail.NewTable[Binder](Spelled, "binders")
	Leaves     = dovetail.NewTable[Leaf](Spelled, "leaves")
	Mentions   = dovetail.NewTable[Mention](Spelled, "mentions")
	Stamps     = dovetail.NewTable[Stamp](Spelled, "stamps")
	StampLinks = dovetail.NewTable[StampLink](Spelled, "stamp_links", dovetail.PrimaryKey("stamp_id", "about_type", "about_id"))

	byAbout      = dovetail.MorphKey("about_type", "about_id")
	PartMentions = dovetail.MorphMany(Parts, "mentions", Mentions, byAbout, dovetail.MorphValue("part"), dovetail.Inverse("part"),
		dovetail.OnDelete(dovetail.Cascade))
	PartLast       = dovetail.MorphOne(Parts, "last", Mentions, byAbout, dovetail.MorphValue("part"), dovetail.OrderBy("id DESC"))
	BinderMentions = dovetail.MorphMany(Binders, "mentions", Mentions, byAbout, dovetail.MorphValue("binder"), dovetail.Inverse("binder"),
		dovetail.OnDelete(dovetail.SetNull))
	LeafMentions = dovetail.MorphMany(Leaves, "mentions", Mentions, byAbout, dovetail.MorphValue("leaf"))
	MentionAbout = dovetail.MorphTo(Mentions, "about", byAbout, dovetail.MorphType("part", Parts), dovetail.MorphType("binder", Binders),
		dovetail.MorphType("leaf", Leaves))
	PartStamps = dovetail.MorphToMany(Parts, "stamps", Stamps, StampLinks, byAbout, dovetail.MorphValue("part"), dovetail.ForeignKey("stamp_id"),
		dovetail.Inverse("parts"))
	BinderStamps = dovetail.MorphToMany(Binders, "stamps", Stamps, StampLinks, byAbout, dovetail.MorphValue("binder"), dovetail.ForeignKey("stamp_id"),
		dovetail.Inverse("binders"))
)

// BinderID is the key of the n-th binder, which is below 10.
func BinderID(n byte) uuid.UUID { return uuid.UUID{0: 0xab, 15: n} }

// SpelledDDL is read by PostgreSQL and SQLite, where a UUID is text. Mentions 2 to 4, 6, 12 and 14 spell no key, or spell one as no key is.
const SpelledDDL = `
CREATE TABLE parts (id BIGINT PRIMARY KEY);
CREATE TABLE binders (id UUID PRIMARY KEY, nr BIGINT NOT NULL);
CREATE TABLE leaves (id TEXT PRIMARY KEY, nr BIGINT NOT NULL);
CREATE TABLE mentions (id BIGINT PRIMARY KEY, about_type TEXT NOT NULL, about_id TEXT);
CREATE INDEX mentions_about ON mentions (about_type, about_id);
CREATE TABLE stamps (id BIGINT PRIMARY KEY);
CREATE TABLE stamp_links (stamp_id BIGINT NOT NULL REFERENCES stamps, about_type TEXT NOT NULL, about_id TEXT NOT NULL,
  PRIMARY KEY (stamp_id, about_type, about_id));
INSERT INTO parts (id) VALUES (-5), (1), (2), (7), (9223372036854775807);
INSERT INTO binders (id, nr) VALUES ('ab000000-0000-0000-0000-000000000001', 1), ('ab000000-0000-0000-0000-000000000002', 2);
INSERT INTO leaves (id, nr) VALUES ('007', 1), ('7', 2), ('x', 3);
INSERT INTO mentions (id, about_type, about_id) VALUES (1, 'part', '7'), (2, 'part', '007'), (3, 'part', '9223372036854775808'),
  (4, 'part', ' 1'), (5, 'binder', 'ab000000-0000-0000-0000-000000000001'), (6, 'binder', 'AB000000-0000-0000-0000-000000000002'),
  (7, 'leaf', '007'), (8, 'part', '9223372036854775807'), (9, 'leaf', '7'), (10, 'part', '7'), (11, 'part', '-5'), (12, 'part', '-0'),
  (13, 'part', NULL), (14, 'binder', '7');
INSERT INTO stamps (id) VALUES (1), (2), (3);
INSERT INTO stamp_links (stamp_id, about_type, about_id) VALUES (1, 'part', '7'), (2, 'part', '7'), (2, 'part', '-5'), (2, 'part', '007'),
  (3, 'binder', 'ab000000-0000-0000-0000-000000000002'), (3, 'binder', 'x');
`

package dovetail_test

import "github.com/dovetail-go/dovetail"

// The family of tables of conformance_keyed_test.go with keys of two columns, text and integer. Two owners' keys are
// the same when written one after the other (a + 11, a1 + 1), and one part's owner is half NULL.

type cOwner struct {
	Region     string
	No         int64
	Name       string
	BossRegion *string
	BossNo     *int64
	MainRegion *string
	MainNo     *int64
	Parts      []*cPart
	Card       *cCard
	Main       *cPart
	Tags       []*cTag
	Boss       *cOwner
	Staff      []*cOwner
	Friends    []*cOwner
	Fans       []*cOwner
}

type cPart struct {
	Region      string
	No          int64
	OwnerRegion *string
	OwnerNo     *int64
	Name        string
	Owner       *cOwner
	MainOf      []*cOwner
}

type cCard struct {
	Region      string
	No          int64
	OwnerRegion *string
	OwnerNo     *int64
	Name        string
	Owner       *cOwner
}

type cTag struct {
	Region string
	No     int64
	Name   string
	Owners []*cOwner
}

type cOwnerTag struct {
	OwnerRegion string
	OwnerNo     int64
	TagRegion   string
	TagNo       int64
}

type cFriend struct {
	ARegion string
	ANo     int64
	BRegion string
	BNo     int64
}

type confComposite struct {
	owners *dovetail.Table[cOwner]
	parts  *dovetail.Table[cPart]
	cards  *dovetail.Table[cCard]
	tags   *dovetail.Table[cTag]
}

func newConfComposite() confComposite {
	r := dovetail.NewRegistry()
	key := dovetail.PrimaryKey("region", "no")
	c := confComposite{
		owners: dovetail.NewTable[cOwner](r, "composite_owners", key),
		parts:  dovetail.NewTable[cPart](r, "composite_parts", key),
		cards:  dovetail.NewTable[cCard](r, "composite_cards", key),
		tags:   dovetail.NewTable[cTag](r, "composite_tags", key),
	}
	ownerTags := dovetail.NewTable[cOwnerTag](r, "composite_owner_tags")
	friends := dovetail.NewTable[cFriend](r, "composite_friends")
	columns := func(prefix string) []string { return []string{prefix + "_region", prefix + "_no"} }
	owner := dovetail.ForeignKey(columns("owner")...)
	dovetail.HasMany(c.owners, "parts", c.parts, owner, dovetail.Inverse("owner"))
	dovetail.HasOne(c.owners, "card", c.cards, owner, dovetail.Inverse("owner"))
	dovetail.BelongsTo(c.owners, "main", c.parts, dovetail.ForeignKey(columns("main")...), dovetail.Inverse("main_of"))
	dovetail.ManyToMany(c.owners, "tags", c.tags, ownerTags,
		dovetail.ThroughKeys(columns("owner"), columns("tag")), dovetail.Inverse("owners"))
	dovetail.BelongsTo(c.owners, "boss", c.owners, dovetail.ForeignKey(columns("boss")...), dovetail.Inverse("staff"))
	dovetail.ManyToMany(c.owners, "friends", c.owners, friends,
		dovetail.ThroughKeys(columns("a"), columns("b")), dovetail.Inverse("fans"))
	return c
}

const compositeDDL = `
CREATE TABLE composite_owners (region TEXT NOT NULL, no BIGINT NOT NULL, name TEXT NOT NULL,
  boss_region TEXT, boss_no BIGINT, main_region TEXT, main_no BIGINT, PRIMARY KEY (region, no));
CREATE TABLE composite_parts (region TEXT NOT NULL, no BIGINT NOT NULL, owner_region TEXT, owner_no BIGINT,
  name TEXT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE composite_cards (region TEXT NOT NULL, no BIGINT NOT NULL, owner_region TEXT, owner_no BIGINT,
  name TEXT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE composite_tags (region TEXT NOT NULL, no BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE composite_owner_tags (owner_region TEXT, owner_no BIGINT, tag_region TEXT, tag_no BIGINT);
CREATE TABLE composite_friends (a_region TEXT, a_no BIGINT, b_region TEXT, b_no BIGINT);
INSERT INTO composite_owners (region, no, name, boss_region, boss_no, main_region, main_no) VALUES
  ('a', 11, 'ann', NULL, NULL, 'p', 2), ('a1', 1, 'bob', 'a', 11, 'p', 1), ('b', 1, 'cat', 'a', 11, NULL, NULL),
  ('b', 2, 'dan', 'a1', 1, 'p', 1), ('c', 1, 'eve', 'a', NULL, 'zz', 99);
INSERT INTO composite_parts (region, no, owner_region, owner_no, name) VALUES
  ('p', 1, 'a', 11, 'axle'), ('p', 2, 'a', 11, 'bolt'), ('q', 1, 'a1', 1, 'cog'), ('q', 2, 'a', NULL, 'dial');
INSERT INTO composite_cards (region, no, owner_region, owner_no, name) VALUES
  ('x', 1, 'b', 1, 'blue'), ('x', 2, NULL, 11, 'loose'), ('y', 1, 'a', 11, 'red');
INSERT INTO composite_tags (region, no, name) VALUES ('t', 1, 'cold'), ('t', 2, 'hot'), ('u', 1, 'odd');
INSERT INTO composite_owner_tags (owner_region, owner_no, tag_region, tag_no) VALUES
  ('a', 11, 't', 1), ('a', 11, 't', 2), ('a1', 1, 't', 1), ('b', 2, 't', 2), ('b', NULL, 't', 1);
INSERT INTO composite_friends (a_region, a_no, b_region, b_no) VALUES
  ('a', 11, 'a1', 1), ('a', 11, 'b', 1), ('a1', 1, 'a', 11), ('b', 1, 'b', 1);
`

package relations_test

import (
	"github.com/dovetail-go/dovetail"
)

// The family of tables of package keyed with keys of two columns, text and integer. Two owners' keys are
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

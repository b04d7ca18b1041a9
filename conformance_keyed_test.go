package dovetail_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// One family of tables with every kind of relation, for every type of key. Owners and parts are related twice (parts
// they own, their main part), owners with themselves twice (boss, friends).

type kOwner[K comparable] struct {
	ID      K
	Name    string
	BossID  *K
	MainID  *K
	Parts   []*kPart[K]
	Card    *kCard[K]
	Main    *kPart[K]
	Tags    []*kTag[K]
	Boss    *kOwner[K]
	Staff   []*kOwner[K]
	Friends []*kOwner[K]
	Fans    []*kOwner[K]
}

type kPart[K comparable] struct {
	ID      K
	OwnerID *K
	Name    string
	Owner   *kOwner[K]
	MainOf  []*kOwner[K]
}

type kCard[K comparable] struct {
	ID      K
	OwnerID *K
	Name    string
	Owner   *kOwner[K]
}

type kTag[K comparable] struct {
	ID     K
	Name   string
	Owners []*kOwner[K]
}

type kOwnerTag[K comparable] struct{ OwnerID, TagID K }

type kFriend[K comparable] struct{ MineID, TheirID K }

// confKeyed is the family for keys of the type K.
type confKeyed[K comparable] struct {
	owners *dovetail.Table[kOwner[K]]
	parts  *dovetail.Table[kPart[K]]
	cards  *dovetail.Table[kCard[K]]
	tags   *dovetail.Table[kTag[K]]
}

func newConfKeyed[K comparable](prefix string) confKeyed[K] {
	r := dovetail.NewRegistry()
	k := confKeyed[K]{
		owners: dovetail.NewTable[kOwner[K]](r, prefix+"_owners"),
		parts:  dovetail.NewTable[kPart[K]](r, prefix+"_parts"),
		cards:  dovetail.NewTable[kCard[K]](r, prefix+"_cards"),
		tags:   dovetail.NewTable[kTag[K]](r, prefix+"_tags"),
	}
	ownerTags := dovetail.NewTable[kOwnerTag[K]](r, prefix+"_owner_tags")
	friends := dovetail.NewTable[kFriend[K]](r, prefix+"_friends")
	owner := dovetail.ForeignKey("owner_id")
	dovetail.HasMany(k.owners, "parts", k.parts, owner, dovetail.Inverse("owner"))
	dovetail.HasOne(k.owners, "card", k.cards, owner, dovetail.Inverse("owner"))
	dovetail.BelongsTo(k.owners, "main", k.parts, dovetail.ForeignKey("main_id"), dovetail.Inverse("main_of"))
	dovetail.ManyToMany(k.owners, "tags", k.tags, ownerTags,
		dovetail.ThroughKeys("owner_id", "tag_id"), dovetail.Inverse("owners"))
	dovetail.BelongsTo(k.owners, "boss", k.owners, dovetail.ForeignKey("boss_id"), dovetail.Inverse("staff"))
	dovetail.ManyToMany(k.owners, "friends", k.owners, friends, dovetail.ThroughKeys("mine_id", "their_id"),
		dovetail.Inverse("fans"))
	return k
}

// confKey is a type of key: its name, the type of its columns, and the literal of the n-th key.
type confKey struct {
	name, column string
	literal      func(n int) string
}

func confTextKey(n int) string { return fmt.Sprintf("k'%d", n) }

func confUUIDKey(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("0a0b0c0d-0e0f-4000-8000-%012d", n))
}

func confQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func confKeys() []confKey {
	uuids := func(n int) string { return confQuoted(confUUIDKey(n).String()) }
	return []confKey{
		{"int", "BIGINT", func(n int) string { return fmt.Sprint(n) }},
		{"uuid", "UUID", uuids},
		{"bytes16", "UUID", uuids},
		{"uuidtext", "UUID", uuids},
		{"text", "TEXT", func(n int) string { return confQuoted(confTextKey(n)) }},
	}
}

// keyedTables makes the tables of one family: KEY stands for the type of a key, @ for the family, #n for the n-th key.
// There are no foreign keys, because eve's main part does not exist.
const keyedTables = `
CREATE TABLE @_owners (id KEY PRIMARY KEY, name TEXT NOT NULL, boss_id KEY, main_id KEY);
CREATE TABLE @_parts (id KEY PRIMARY KEY, owner_id KEY, name TEXT NOT NULL);
CREATE TABLE @_cards (id KEY PRIMARY KEY, owner_id KEY UNIQUE, name TEXT NOT NULL);
CREATE TABLE @_tags (id KEY PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE @_owner_tags (owner_id KEY NOT NULL, tag_id KEY NOT NULL);
CREATE TABLE @_friends (mine_id KEY NOT NULL, their_id KEY NOT NULL);
INSERT INTO @_owners (id, name, boss_id, main_id) VALUES
  (#1, 'ann', NULL, #12), (#2, 'bob', #1, #11), (#3, 'cat', #1, NULL), (#4, 'dan', #2, #11), (#5, 'eve', NULL, #99);
INSERT INTO @_parts (id, owner_id, name) VALUES
  (#11, #1, 'axle'), (#12, #1, 'bolt'), (#13, #2, 'cog'), (#14, NULL, 'dial');
INSERT INTO @_cards (id, owner_id, name) VALUES (#21, #3, 'blue'), (#22, NULL, 'loose'), (#23, #1, 'red');
INSERT INTO @_tags (id, name) VALUES (#31, 'cold'), (#32, 'hot'), (#33, 'odd');
INSERT INTO @_owner_tags (owner_id, tag_id) VALUES (#1, #31), (#1, #32), (#2, #31), (#4, #32);
INSERT INTO @_friends (mine_id, their_id) VALUES (#1, #2), (#1, #3), (#2, #1), (#3, #3);
`

var keyInDDL = regexp.MustCompile(`#\d+`)

// keyedDDL makes the tables of every family.
func keyedDDL() string {
	var b strings.Builder
	for _, k := range confKeys() {
		text := strings.NewReplacer("KEY PRIMARY KEY", k.column+" PRIMARY KEY", "KEY", k.column, "@", k.name).
			Replace(keyedTables)
		b.WriteString(keyInDDL.ReplaceAllStringFunc(text, func(key string) string {
			n, _ := strconv.Atoi(key[1:]) // the pattern gives digits only
			return k.literal(n)
		}))
	}
	return b.String()
}

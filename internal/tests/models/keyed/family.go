package keyed

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

type Owner[K comparable] struct {
	ID      K
	Name    string
	BossID  *K
	MainID  *K
	Parts   []*Part[K]
	Card    *Card[K]
	Main    *Part[K]
	Tags    []*Tag[K]
	Boss    *Owner[K]
	Staff   []*Owner[K]
	Friends []*Owner[K]
	Fans    []*Owner[K]
}

type Part[K comparable] struct {
	ID      K
	OwnerID *K
	Name    string
	Owner   *Owner[K]
	MainOf  []*Owner[K]
}

type Card[K comparable] struct {
	ID      K
	OwnerID *K
	Name    string
	Owner   *Owner[K]
}

type Tag[K comparable] struct {
	ID     K
	Name   string
	Owners []*Owner[K]
}

type OwnerTag[K comparable] struct{ OwnerID, TagID K }

type Friend[K comparable] struct{ MineID, TheirID K }

// Family is the family for keys of the type K.
type Family[K comparable] struct {
	Owners *dovetail.Table[Owner[K]]
	Parts  *dovetail.Table[Part[K]]
	Cards  *dovetail.Table[Card[K]]
	Tags   *dovetail.Table[Tag[K]]
}

func NewFamily[K comparable](prefix string) Family[K] {
	r := dovetail.NewRegistry()
	k := Family[K]{
		Owners: dovetail.NewTable[Owner[K]](r, prefix+"_owners"),
		Parts:  dovetail.NewTable[Part[K]](r, prefix+"_parts"),
		Cards:  dovetail.NewTable[Card[K]](r, prefix+"_cards"),
		Tags:   dovetail.NewTable[Tag[K]](r, prefix+"_tags"),
	}
	ownerTags := dovetail.NewTable[OwnerTag[K]](r, prefix+"_owner_tags")
	friends := dovetail.NewTable[Friend[K]](r, prefix+"_friends")
	owner := dovetail.ForeignKey("owner_id")
	dovetail.HasMany(k.Owners, "parts", k.Parts, owner, dovetail.Inverse("owner"))
	dovetail.HasOne(k.Owners, "card", k.Cards, owner, dovetail.Inverse("owner"))
	dovetail.BelongsTo(k.Owners, "main", k.Parts, dovetail.ForeignKey("main_id"), dovetail.Inverse("main_of"))
	dovetail.ManyToMany(k.Owners, "tags", k.Tags, ownerTags,
		dovetail.ThroughKeys("owner_id", "tag_id"), dovetail.Inverse("owners"))
	dovetail.BelongsTo(k.Owners, "boss", k.Owners, dovetail.ForeignKey("boss_id"), dovetail.Inverse("staff"))
	dovetail.ManyToMany(k.Owners, "friends", k.Owners, friends, dovetail.ThroughKeys("mine_id", "their_id"),
		dovetail.Inverse("fans"))
	return k
}

// Key is a type of key: its name, the type of its columns, and the literal of the n-th key.
type Key struct {
	Name, column string
	literal      func(n int) string
}

func TextKey(n int) string { return fmt.Sprintf("k'%d", n) }

func UUIDKey(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("0a0b0c0d-0e0f-4000-8000-%012d", n))
}

func Quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func Keys() []Key {
	uuids := func(n int) string { return Quoted(UUIDKey(n).String()) }
	return []Key{
		{"int", "BIGINT", func(n int) string { return fmt.Sprint(n) }},
		{"uuid", "UUID", uuids},
		{"bytes16", "UUID", uuids},
		{"uuidtext", "UUID", uuids},
		{"text", "TEXT", func(n int) string { return Quoted(TextKey(n)) }},
	}
}

// FamilyTables makes the tables of one family: KEY stands for the type of a key, @ for the family, #n for the n-th key.
// There are no foreign keys, because eve's main part does not exist.
const FamilyTables = `
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

// FamilyDDL makes the tables of every family.
func FamilyDDL() string {
	var b strings.Builder
	for _, k := range Keys() {
		text := strings.NewReplacer("KEY PRIMARY KEY", k.column+" PRIMARY KEY", "KEY", k.column, "@", k.Name).
			Replace(FamilyTables)
		b.WriteString(keyInDDL.ReplaceAllStringFunc(text, func(key string) string {
			n, _ := strconv.Atoi(key[1:]) // the pattern gives digits only
			return k.literal(n)
		}))
	}
	return b.String()
}

func (o *Owner[K]) Label() string { return o.Name }

func (p *Part[K]) Label() string { return p.Name }

func (c *Card[K]) Label() string { return c.Name }

func (g *Tag[K]) Label() string { return g.Name }

package relations_test

import (
	"slices"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// What is true of the families of package keyed and of composite_test.go, whatever their keys.

func wantParts() []confKin {
	return []confKin{{"ann", []string{"axle", "bolt"}}, {"bob", []string{"cog"}}, {"cat", nil}, {"dan", nil}, {"eve", nil}}
}

func wantPartOwner() []confKin {
	return []confKin{{"axle", []string{"ann"}}, {"bolt", []string{"ann"}}, {"cog", []string{"bob"}}, {"dial", nil}}
}

func wantCard() []confKin {
	return []confKin{{"ann", []string{"red"}}, {"bob", nil}, {"cat", []string{"blue"}}, {"dan", nil}, {"eve", nil}}
}

func wantCardOwner() []confKin {
	return []confKin{{"blue", []string{"cat"}}, {"loose", nil}, {"red", []string{"ann"}}}
}

// wantMain has one part that is the main part of two owners, and one that does not exist.
func wantMain() []confKin {
	return []confKin{{"ann", []string{"bolt"}}, {"bob", []string{"axle"}}, {"cat", nil}, {"dan", []string{"axle"}},
		{"eve", nil}}
}

func wantMainOf() []confKin {
	return []confKin{{"axle", []string{"bob", "dan"}}, {"bolt", []string{"ann"}}, {"cog", nil}, {"dial", nil}}
}

func wantTags() []confKin {
	return []confKin{{"ann", []string{"cold", "hot"}}, {"bob", []string{"cold"}}, {"cat", nil}, {"dan", []string{"hot"}},
		{"eve", nil}}
}

func wantTagOwners() []confKin {
	return []confKin{{"cold", []string{"ann", "bob"}}, {"hot", []string{"ann", "dan"}}, {"odd", nil}}
}

func wantBoss() []confKin {
	return []confKin{{"ann", nil}, {"bob", []string{"ann"}}, {"cat", []string{"ann"}}, {"dan", []string{"bob"}},
		{"eve", nil}}
}

func wantStaff() []confKin {
	return []confKin{{"ann", []string{"bob", "cat"}}, {"bob", []string{"dan"}}, {"cat", nil}, {"dan", nil}, {"eve", nil}}
}

// wantFriends has two who are friends of each other, and one who is a friend of itself.
func wantFriends() []confKin {
	return []confKin{{"ann", []string{"bob", "cat"}}, {"bob", []string{"ann"}}, {"cat", []string{"cat"}}, {"dan", nil},
		{"eve", nil}}
}

func wantFans() []confKin {
	return []confKin{{"ann", []string{"bob"}}, {"bob", []string{"ann"}}, {"cat", []string{"ann", "cat"}}, {"dan", nil},
		{"eve", nil}}
}

// confLabeled is a row with a name.
type confLabeled interface{ Label() string }

func (o *cOwner) Label() string { return o.Name }

func (p *cPart) Label() string { return p.Name }

func (c *cCard) Label() string { return c.Name }

func (g *cTag) Label() string { return g.Name }

// manyNodes returns the nodes of a to-many field, nil when it is not loaded.
func manyNodes[R confLabeled](rows []R) []kit.Node {
	if rows == nil {
		return nil
	}
	return kit.Pluck(rows, func(r R) kit.Node { return kit.Node{Name: r.Label(), Row: r} })
}

// oneNode returns the node of a to-one field, if there is one. That it was loaded it cannot tell.
func oneNode[R any, P interface {
	*R
	confLabeled
}](row P) []kit.Node {
	if row == nil {
		return []kit.Node{}
	}
	return []kit.Node{{Name: row.Label(), Row: row}}
}

func relationCases() []kit.Case {
	return slices.Concat(
		keyedCases[int64]("int", 0),
		keyedCases[uuid.UUID]("uuid", 0),
		keyedCases[[16]byte]("bytes16", 0),
		keyedCases[string]("uuidtext", 1),
		keyedCases[string]("text", 1),
		compositeCases(),
		readingsCases(),
	)
}

// keyedCases returns the cases of the family for one type of key.
func keyedCases[K comparable](family string, lookups int) []kit.Case {
	f := keyed.NewFamily[K](family)
	return slices.Concat(keyedDirect(f, family, lookups), keyedShared(f, family, lookups), keyedSelf(f, family, lookups))
}

// keyedDirect has the relations whose keys lie on the related side, and back.
func keyedDirect[K comparable](f keyed.Family[K], family string, lookups int) []kit.Case {
	return slices.Concat(
		confRelation[keyed.Owner[K]]{
			name: family + "/has-many", table: f.Owners, path: "parts", inverse: "owner",
			lookups: lookups, free: true, want: wantParts(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return manyNodes(o.Parts) },
			back: func(r any) []kit.Node { return oneNode(r.(*keyed.Part[K]).Owner) },
		}.cases(),
		confRelation[keyed.Part[K]]{
			name: family + "/has-many inverse", table: f.Parts, path: "owner", inverse: "parts",
			lookups: lookups, want: wantPartOwner(),
			get:  func(o *keyed.Part[K]) []kit.Node { return oneNode(o.Owner) },
			back: func(r any) []kit.Node { return manyNodes(r.(*keyed.Owner[K]).Parts) },
		}.cases(),
		confRelation[keyed.Owner[K]]{
			name: family + "/has-one", table: f.Owners, path: "card", inverse: "owner",
			lookups: lookups, free: true, want: wantCard(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return oneNode(o.Card) },
			back: func(r any) []kit.Node { return oneNode(r.(*keyed.Card[K]).Owner) },
		}.cases(),
		confRelation[keyed.Card[K]]{
			name: family + "/has-one inverse", table: f.Cards, path: "owner", inverse: "card",
			lookups: lookups, want: wantCardOwner(),
			get:  func(o *keyed.Card[K]) []kit.Node { return oneNode(o.Owner) },
			back: func(r any) []kit.Node { return oneNode(r.(*keyed.Owner[K]).Card) },
		}.cases(),
	)
}

// keyedShared has the relations in which owners share their related rows.
func keyedShared[K comparable](f keyed.Family[K], family string, lookups int) []kit.Case {
	return slices.Concat(
		confRelation[keyed.Owner[K]]{
			name: family + "/belongs-to", table: f.Owners, path: "main", inverse: "main_of",
			lookups: lookups, want: wantMain(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return oneNode(o.Main) },
			back: func(r any) []kit.Node { return manyNodes(r.(*keyed.Part[K]).MainOf) },
		}.cases(),
		confRelation[keyed.Part[K]]{
			name: family + "/belongs-to inverse", table: f.Parts, path: "main_of", inverse: "main",
			lookups: lookups, free: true, want: wantMainOf(),
			get:  func(o *keyed.Part[K]) []kit.Node { return manyNodes(o.MainOf) },
			back: func(r any) []kit.Node { return oneNode(r.(*keyed.Owner[K]).Main) },
		}.cases(),
		confRelation[keyed.Owner[K]]{
			name: family + "/many-to-many", table: f.Owners, path: "tags", inverse: "owners",
			lookups: lookups, backLookups: lookups, want: wantTags(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return manyNodes(o.Tags) },
			back: func(r any) []kit.Node { return manyNodes(r.(*keyed.Tag[K]).Owners) },
		}.cases(),
		confRelation[keyed.Tag[K]]{
			name: family + "/many-to-many inverse", table: f.Tags, path: "owners", inverse: "tags",
			lookups: lookups, backLookups: lookups, want: wantTagOwners(),
			get:  func(o *keyed.Tag[K]) []kit.Node { return manyNodes(o.Owners) },
			back: func(r any) []kit.Node { return manyNodes(r.(*keyed.Owner[K]).Tags) },
		}.cases(),
	)
}

// keyedSelf has the relations of a table with itself.
func keyedSelf[K comparable](f keyed.Family[K], family string, lookups int) []kit.Case {
	return slices.Concat(
		confRelation[keyed.Owner[K]]{
			name: family + "/self belongs-to", table: f.Owners, path: "boss", inverse: "staff",
			lookups: lookups, want: wantBoss(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return oneNode(o.Boss) },
			back: func(r any) []kit.Node { return manyNodes(r.(*keyed.Owner[K]).Staff) },
		}.cases(),
		confRelation[keyed.Owner[K]]{
			name: family + "/self belongs-to inverse", table: f.Owners, path: "staff", inverse: "boss",
			lookups: lookups, free: true, want: wantStaff(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return manyNodes(o.Staff) },
			back: func(r any) []kit.Node { return oneNode(r.(*keyed.Owner[K]).Boss) },
		}.cases(),
		confRelation[keyed.Owner[K]]{
			name: family + "/self many-to-many", table: f.Owners, path: "friends", inverse: "fans",
			lookups: lookups, backLookups: lookups, want: wantFriends(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return manyNodes(o.Friends) },
			back: func(r any) []kit.Node { return manyNodes(r.(*keyed.Owner[K]).Fans) },
		}.cases(),
		confRelation[keyed.Owner[K]]{
			name: family + "/self many-to-many inverse", table: f.Owners, path: "fans", inverse: "friends",
			lookups: lookups, backLookups: lookups, want: wantFans(),
			get:  func(o *keyed.Owner[K]) []kit.Node { return manyNodes(o.Fans) },
			back: func(r any) []kit.Node { return manyNodes(r.(*keyed.Owner[K]).Friends) },
		}.cases(),
	)
}

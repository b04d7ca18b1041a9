package dovetail_test

import (
	"slices"

	"github.com/google/uuid"
)

// What is true of the families of conformance_keyed_test.go and conformance_composite_test.go, whatever their keys.

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
type confLabeled interface{ label() string }

func (o *kOwner[K]) label() string { return o.Name }
func (p *kPart[K]) label() string  { return p.Name }
func (c *kCard[K]) label() string  { return c.Name }
func (g *kTag[K]) label() string   { return g.Name }
func (o *cOwner) label() string    { return o.Name }
func (p *cPart) label() string     { return p.Name }
func (c *cCard) label() string     { return c.Name }
func (g *cTag) label() string      { return g.Name }

// manyNodes returns the nodes of a to-many field, nil when it is not loaded.
func manyNodes[R confLabeled](rows []R) []confNode {
	if rows == nil {
		return nil
	}
	return confPluck(rows, func(r R) confNode { return confNode{r.label(), r} })
}

// oneNode returns the node of a to-one field, if there is one. That it was loaded it cannot tell.
func oneNode[R any, P interface {
	*R
	confLabeled
}](row P) []confNode {
	if row == nil {
		return []confNode{}
	}
	return []confNode{{row.label(), row}}
}

func relationCases() []conformanceCase {
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
func keyedCases[K comparable](family string, lookups int) []conformanceCase {
	f := newConfKeyed[K](family)
	return slices.Concat(keyedDirect(f, family, lookups), keyedShared(f, family, lookups), keyedSelf(f, family, lookups))
}

// keyedDirect has the relations whose keys lie on the related side, and back.
func keyedDirect[K comparable](f confKeyed[K], family string, lookups int) []conformanceCase {
	return slices.Concat(
		confRelation[kOwner[K]]{
			name: family + "/has-many", table: f.owners, path: "parts", inverse: "owner",
			lookups: lookups, free: true, want: wantParts(),
			get:  func(o *kOwner[K]) []confNode { return manyNodes(o.Parts) },
			back: func(r any) []confNode { return oneNode(r.(*kPart[K]).Owner) },
		}.cases(),
		confRelation[kPart[K]]{
			name: family + "/has-many inverse", table: f.parts, path: "owner", inverse: "parts",
			lookups: lookups, want: wantPartOwner(),
			get:  func(o *kPart[K]) []confNode { return oneNode(o.Owner) },
			back: func(r any) []confNode { return manyNodes(r.(*kOwner[K]).Parts) },
		}.cases(),
		confRelation[kOwner[K]]{
			name: family + "/has-one", table: f.owners, path: "card", inverse: "owner",
			lookups: lookups, free: true, want: wantCard(),
			get:  func(o *kOwner[K]) []confNode { return oneNode(o.Card) },
			back: func(r any) []confNode { return oneNode(r.(*kCard[K]).Owner) },
		}.cases(),
		confRelation[kCard[K]]{
			name: family + "/has-one inverse", table: f.cards, path: "owner", inverse: "card",
			lookups: lookups, want: wantCardOwner(),
			get:  func(o *kCard[K]) []confNode { return oneNode(o.Owner) },
			back: func(r any) []confNode { return oneNode(r.(*kOwner[K]).Card) },
		}.cases(),
	)
}

// keyedShared has the relations in which owners share their related rows.
func keyedShared[K comparable](f confKeyed[K], family string, lookups int) []conformanceCase {
	return slices.Concat(
		confRelation[kOwner[K]]{
			name: family + "/belongs-to", table: f.owners, path: "main", inverse: "main_of",
			lookups: lookups, want: wantMain(),
			get:  func(o *kOwner[K]) []confNode { return oneNode(o.Main) },
			back: func(r any) []confNode { return manyNodes(r.(*kPart[K]).MainOf) },
		}.cases(),
		confRelation[kPart[K]]{
			name: family + "/belongs-to inverse", table: f.parts, path: "main_of", inverse: "main",
			lookups: lookups, free: true, want: wantMainOf(),
			get:  func(o *kPart[K]) []confNode { return manyNodes(o.MainOf) },
			back: func(r any) []confNode { return oneNode(r.(*kOwner[K]).Main) },
		}.cases(),
		confRelation[kOwner[K]]{
			name: family + "/many-to-many", table: f.owners, path: "tags", inverse: "owners",
			lookups: lookups, backLookups: lookups, want: wantTags(),
			get:  func(o *kOwner[K]) []confNode { return manyNodes(o.Tags) },
			back: func(r any) []confNode { return manyNodes(r.(*kTag[K]).Owners) },
		}.cases(),
		confRelation[kTag[K]]{
			name: family + "/many-to-many inverse", table: f.tags, path: "owners", inverse: "tags",
			lookups: lookups, backLookups: lookups, want: wantTagOwners(),
			get:  func(o *kTag[K]) []confNode { return manyNodes(o.Owners) },
			back: func(r any) []confNode { return manyNodes(r.(*kOwner[K]).Tags) },
		}.cases(),
	)
}

// keyedSelf has the relations of a table with itself.
func keyedSelf[K comparable](f confKeyed[K], family string, lookups int) []conformanceCase {
	return slices.Concat(
		confRelation[kOwner[K]]{
			name: family + "/self belongs-to", table: f.owners, path: "boss", inverse: "staff",
			lookups: lookups, want: wantBoss(),
			get:  func(o *kOwner[K]) []confNode { return oneNode(o.Boss) },
			back: func(r any) []confNode { return manyNodes(r.(*kOwner[K]).Staff) },
		}.cases(),
		confRelation[kOwner[K]]{
			name: family + "/self belongs-to inverse", table: f.owners, path: "staff", inverse: "boss",
			lookups: lookups, free: true, want: wantStaff(),
			get:  func(o *kOwner[K]) []confNode { return manyNodes(o.Staff) },
			back: func(r any) []confNode { return oneNode(r.(*kOwner[K]).Boss) },
		}.cases(),
		confRelation[kOwner[K]]{
			name: family + "/self many-to-many", table: f.owners, path: "friends", inverse: "fans",
			lookups: lookups, backLookups: lookups, want: wantFriends(),
			get:  func(o *kOwner[K]) []confNode { return manyNodes(o.Friends) },
			back: func(r any) []confNode { return manyNodes(r.(*kOwner[K]).Fans) },
		}.cases(),
		confRelation[kOwner[K]]{
			name: family + "/self many-to-many inverse", table: f.owners, path: "fans", inverse: "friends",
			lookups: lookups, backLookups: lookups, want: wantFans(),
			get:  func(o *kOwner[K]) []confNode { return manyNodes(o.Fans) },
			back: func(r any) []confNode { return manyNodes(r.(*kOwner[K]).Friends) },
		}.cases(),
	)
}

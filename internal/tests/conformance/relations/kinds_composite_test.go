package relations_test

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

func compositeCases() []kit.Case {
	f := newConfComposite()
	return slices.Concat(compositeDirect(f), compositeShared(f), compositeSelf(f))
}

// compositeDirect has the relations whose keys lie on the related side, and back.
func compositeDirect(f confComposite) []kit.Case {
	key := []string{"region", "no"}
	return slices.Concat(
		confRelation[cOwner]{
			name: "composite/has-many", table: f.owners, path: "parts", inverse: "owner",
			order: key, relatedOrder: key, lookups: 1, free: true, want: wantParts(),
			get:  func(o *cOwner) []kit.Node { return manyNodes(o.Parts) },
			back: func(r any) []kit.Node { return oneNode(r.(*cPart).Owner) },
		}.cases(),
		confRelation[cPart]{
			name: "composite/has-many inverse", table: f.parts, path: "owner", inverse: "parts",
			order: key, relatedOrder: key, lookups: 1, want: wantPartOwner(),
			get:  func(o *cPart) []kit.Node { return oneNode(o.Owner) },
			back: func(r any) []kit.Node { return manyNodes(r.(*cOwner).Parts) },
		}.cases(),
		confRelation[cOwner]{
			name: "composite/has-one", table: f.owners, path: "card", inverse: "owner",
			order: key, relatedOrder: key, lookups: 1, free: true, want: wantCard(),
			get:  func(o *cOwner) []kit.Node { return oneNode(o.Card) },
			back: func(r any) []kit.Node { return oneNode(r.(*cCard).Owner) },
		}.cases(),
		confRelation[cCard]{
			name: "composite/has-one inverse", table: f.cards, path: "owner", inverse: "card",
			order: key, relatedOrder: key, lookups: 1, want: wantCardOwner(),
			get:  func(o *cCard) []kit.Node { return oneNode(o.Owner) },
			back: func(r any) []kit.Node { return oneNode(r.(*cOwner).Card) },
		}.cases(),
	)
}

// compositeShared has the relations in which owners share their related rows.
func compositeShared(f confComposite) []kit.Case {
	key := []string{"region", "no"}
	return slices.Concat(
		confRelation[cOwner]{
			name: "composite/belongs-to", table: f.owners, path: "main", inverse: "main_of",
			order: key, relatedOrder: key, lookups: 1, want: wantMain(),
			get:  func(o *cOwner) []kit.Node { return oneNode(o.Main) },
			back: func(r any) []kit.Node { return manyNodes(r.(*cPart).MainOf) },
		}.cases(),
		confRelation[cPart]{
			name: "composite/belongs-to inverse", table: f.parts, path: "main_of", inverse: "main",
			order: key, relatedOrder: key, lookups: 1, free: true, want: wantMainOf(),
			get:  func(o *cPart) []kit.Node { return manyNodes(o.MainOf) },
			back: func(r any) []kit.Node { return oneNode(r.(*cOwner).Main) },
		}.cases(),
		confRelation[cOwner]{
			name: "composite/many-to-many", table: f.owners, path: "tags", inverse: "owners",
			order: key, relatedOrder: key, lookups: 1, backLookups: 1, want: wantTags(),
			get:  func(o *cOwner) []kit.Node { return manyNodes(o.Tags) },
			back: func(r any) []kit.Node { return manyNodes(r.(*cTag).Owners) },
		}.cases(),
		confRelation[cTag]{
			name: "composite/many-to-many inverse", table: f.tags, path: "owners", inverse: "tags",
			order: key, relatedOrder: key, lookups: 1, backLookups: 1, want: wantTagOwners(),
			get:  func(o *cTag) []kit.Node { return manyNodes(o.Owners) },
			back: func(r any) []kit.Node { return manyNodes(r.(*cOwner).Tags) },
		}.cases(),
	)
}

// compositeSelf has the relations of a table with itself.
func compositeSelf(f confComposite) []kit.Case {
	key := []string{"region", "no"}
	return slices.Concat(
		confRelation[cOwner]{
			name: "composite/self belongs-to", table: f.owners, path: "boss", inverse: "staff",
			order: key, relatedOrder: key, lookups: 1, want: wantBoss(),
			get:  func(o *cOwner) []kit.Node { return oneNode(o.Boss) },
			back: func(r any) []kit.Node { return manyNodes(r.(*cOwner).Staff) },
		}.cases(),
		confRelation[cOwner]{
			name: "composite/self belongs-to inverse", table: f.owners, path: "staff", inverse: "boss",
			order: key, relatedOrder: key, lookups: 1, free: true, want: wantStaff(),
			get:  func(o *cOwner) []kit.Node { return manyNodes(o.Staff) },
			back: func(r any) []kit.Node { return oneNode(r.(*cOwner).Boss) },
		}.cases(),
		confRelation[cOwner]{
			name: "composite/self many-to-many", table: f.owners, path: "friends", inverse: "fans",
			order: key, relatedOrder: key, lookups: 1, backLookups: 1, want: wantFriends(),
			get:  func(o *cOwner) []kit.Node { return manyNodes(o.Friends) },
			back: func(r any) []kit.Node { return manyNodes(r.(*cOwner).Fans) },
		}.cases(),
		confRelation[cOwner]{
			name: "composite/self many-to-many inverse", table: f.owners, path: "fans", inverse: "friends",
			order: key, relatedOrder: key, lookups: 1, backLookups: 1, want: wantFans(),
			get:  func(o *cOwner) []kit.Node { return manyNodes(o.Fans) },
			back: func(r any) []kit.Node { return manyNodes(r.(*cOwner).Friends) },
		}.cases(),
	)
}

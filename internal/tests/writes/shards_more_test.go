package writes_test

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Calls of a tenant that keep rows whole, bring them back, go to any depth, write pairs, or follow references to several tables.

type shNode struct {
	TenantID, ID int64
	UpID         *int64
	Name         string
	Version      int64
	N            int64 `db:"n,computed"`
	Below        []*shNode
}

type shPeer struct {
	TenantID, ID int64
	Name         string
	Peers        []*shPeer
	Marks        []*shMark
}

type shPair struct{ TenantID, One, Other int64 }

type shMark struct {
	TenantID, ID int64
	ItemType     string
	ItemID       int64
	Item         any
}

// whole has calls of the tables that newShards declares.
func (s shards) whole(marked bool) []shCall {
	type DB = dovetail.DB
	note := func(id int64) *shNote { return &shNote{TenantID: 1, ID: id, Text: "new"} }
	calls := []shCall{
		shGives("sync", func(ctx context.Context, db DB) (dovetail.Diff[*shNote], error) {
			return s.notesOf.Sync(ctx, db, &shPost{TenantID: 1, ID: 1}, note(1), note(90))
		}),
		shGives("delete returning", func(ctx context.Context, db DB) ([]*shBoard, error) {
			return dovetail.Delete(s.boards).Where(squirrel.Eq{"id": 2}).Returning(ctx, db)
		}),
	}
	if !marked {
		return calls
	}
	return append(calls,
		shGives("restore", func(ctx context.Context, db DB) (int64, error) {
			return dovetail.Restore(s.boards).Where(squirrel.Eq{"name": "mid"}).Exec(ctx, db)
		}),
		shCall{"restore rows", func(ctx context.Context, db DB) error {
			rows := []*shBoard{{TenantID: 1, ID: 2, Version: 1}, {TenantID: 1, ID: 3, Version: 1}}
			if err := dovetail.DeleteRows(ctx, db, s.boards, rows...); err != nil {
				return err
			}
			rows[0].Version, rows[1].Version = 2, 2
			return dovetail.RestoreRows(ctx, db, s.boards, rows...)
		}},
	)
}

// shMoreDDL makes the tables of shMore, beside those of shDDL.
const shMoreDDL = `
CREATE TABLE sh_pairs (tenant_id BIGINT, one BIGINT, other BIGINT, PRIMARY KEY (tenant_id, one, other)) PARTITION BY LIST (tenant_id);
CREATE TABLE sh_pairs_of_1 PARTITION OF sh_pairs FOR VALUES IN (1);
CREATE TABLE sh_pairs_of_2 PARTITION OF sh_pairs FOR VALUES IN (2);
CREATE TABLE sh_marks (tenant_id BIGINT, id BIGINT, item_type TEXT NOT NULL, item_id BIGINT NOT NULL, PRIMARY KEY (tenant_id, id))
  PARTITION BY LIST (tenant_id);
CREATE TABLE sh_marks_of_1 PARTITION OF sh_marks FOR VALUES IN (1);
CREATE TABLE sh_marks_of_2 PARTITION OF sh_marks FOR VALUES IN (2);
INSERT INTO sh_pairs VALUES (1, 1, 2), (2, 1, 2);
INSERT INTO sh_marks VALUES (1, 1, 'tag', 1), (1, 2, 'board', 1), (2, 1, 'tag', 1);
`

// shMore has calls along relations that a table has to itself, and references to several tables.
func shMore() []shCall {
	type DB = dovetail.DB
	r := dovetail.NewRegistry()
	scoped := []dovetail.TableOption{dovetail.PrimaryKey("tenant_id", "id"),
		dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)})}
	nodes := dovetail.NewTable[shNode](r, "sh_boards", append(slices.Clone(scoped), dovetail.Version("version"))...)
	peers, marks := dovetail.NewTable[shPeer](r, "sh_tags", scoped...), dovetail.NewTable[shMark](r, "sh_marks", scoped...)
	pairs := dovetail.NewTable[shPair](r, "sh_pairs", dovetail.PrimaryKey("tenant_id", "one", "other"), scoped[1])
	below := dovetail.HasMany(nodes, "below", nodes, dovetail.ForeignKey("tenant_id", "up_id"), dovetail.Acyclic())
	peersOf := dovetail.ManyToMany(peers, "peers", peers, pairs, dovetail.Symmetric(),
		dovetail.ThroughKeys([]string{"tenant_id", "one"}, []string{"tenant_id", "other"}))
	item, byID := dovetail.MorphKey("item_type", "item_id"), dovetail.References("id")
	dovetail.MorphTo(marks, "item", item, dovetail.MorphType("tag", peers, byID), dovetail.MorphType("board", nodes, byID), dovetail.Enforced())
	dovetail.MorphMany(peers, "marks", marks, item, dovetail.MorphValue("tag"), byID)

	node := func(id int64) *shNode { return &shNode{TenantID: 1, ID: id, Version: 1} }
	peer := func(id int64) *shPeer { return &shPeer{TenantID: 1, ID: id} }
	tree := dovetail.Select(nodes).Has("below*", squirrel.Eq{"name": "leaf"}).With(dovetail.Count("below*").As("n"))
	of := dovetail.Select(peers).Preload("marks").Has("marks").OrderBy("id")
	return []shCall{
		shGives("at any depth", func(ctx context.Context, db DB) ([]*shNode, error) { return tree.All(ctx, db) }),
		shGives("references to one of several tables", func(ctx context.Context, db DB) ([]*shPeer, error) { return of.All(ctx, db) }),
		shGives("pairs", func(ctx context.Context, db DB) ([]*shPeer, error) {
			return dovetail.Select(peers).Has("peers", squirrel.Eq{"name": "x"}).Preload("peers").Join("peers").Distinct().All(ctx, db)
		}),
		shGives("several tables", func(ctx context.Context, db DB) ([]*shMark, error) {
			return dovetail.Select(marks).Preload("item").All(ctx, db)
		}),
		shGives("move a part of a tree", func(ctx context.Context, db DB) (int64, error) { return below.Move(ctx, db, node(1), node(3)) }),
		{"save a part of a tree", func(ctx context.Context, db DB) error {
			at := node(3)
			at.UpID = new(int64)
			*at.UpID = 1
			return dovetail.Save(ctx, db, nodes, at, "up_id")
		}},
		{"insert what is looked for", func(ctx context.Context, db DB) error {
			return dovetail.Insert(marks, &shMark{ID: 7, ItemType: "tag", ItemID: 2}).Exec(ctx, db)
		}},
		{"insert pairs with rows that are there", func(ctx context.Context, db DB) error {
			return dovetail.Insert(peers, &shPeer{ID: 7, Peers: []*shPeer{peer(1), peer(2)}}).WithLinks("peers").Exec(ctx, db)
		}},
		{"insert pairs", func(ctx context.Context, db DB) error {
			return dovetail.Insert(peers, &shPeer{ID: 7, Peers: []*shPeer{{ID: 8}}}).With("peers").Exec(ctx, db)
		}},
		shGives("link a pair", func(ctx context.Context, db DB) (int64, error) {
			return peersOf.Link(ctx, db, peer(3), peer(1), peer(2))
		}),
		shGives("unlink a pair", func(ctx context.Context, db DB) (int64, error) { return peersOf.Unlink(ctx, db, peer(2), peer(1)) }),
		shGives("replace pairs", func(ctx context.Context, db DB) (dovetail.Diff[*shPeer], error) {
			return peersOf.Replace(ctx, db, peer(2), peer(3))
		}),
	}
}

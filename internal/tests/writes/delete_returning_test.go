package writes_test

import (
	"cmp"
	"errors"
	"slices"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

type rNode struct {
	ID       int64
	ParentID *int64
	Name     string
	Children []*rNode
}

// rShort has no place for what the database holds.
type rShort struct {
	ID   int64
	Name int64
}

// TestDeleteReturning gives the rows of the table that went: of one statement, with others that point at them, marked, and a tree.
func TestDeleteReturning(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	nodes := dovetail.NewTable[rNode](r, "r_nodes")
	dovetail.HasMany(nodes, "children", nodes, dovetail.ForeignKey("parent_id"), dovetail.OnDelete(dovetail.Cascade))
	short := dovetail.NewTable[rShort](dovetail.NewRegistry(), "r_nodes")
	ddl := oDDL + `CREATE TABLE r_nodes (id BIGINT PRIMARY KEY, parent_id BIGINT, name TEXT NOT NULL);
		INSERT INTO r_nodes VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, NULL, 'd'), (5, 4, 'e');`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		tables, ctx, db := newOTables(), t.Context(), d.Record()
		members := kit.Must[[]*oMember](t)(dovetail.Delete(tables.members).Where(squirrel.Eq{"id": []int{1, 2}}).Returning(ctx, db))
		slices.SortFunc(members, func(a, b *oMember) int { return cmp.Compare(a.ID, b.ID) })
		kit.Same(t, "members", kit.Pluck(members, func(m *oMember) int64 { return 10*m.ID + m.TeamID }), 11, 21)
		people.ExpectLines(t, d, oMembers, "3", "4")
		people.ExpectLines(t, d, oCards, "3", "4")

		guests := kit.Must[[]*oGuest](t)(dovetail.Delete(tables.guestTable).Where(squirrel.Eq{"team_id": 1}).Returning(ctx, d.DB))
		if len(guests) != 2 || guests[0].LeftAt == nil || guests[1].TeamID != 1 {
			t.Errorf("expected the marks, got %+v", guests)
		}
		none := kit.Must[[]*oGuest](t)(dovetail.Delete(tables.guestTable).Where(squirrel.Eq{"team_id": 1}).Returning(ctx, d.DB))
		if none == nil || len(none) != 0 {
			t.Errorf("expected an empty list, got %v", none)
		}

		_, err := dovetail.Delete(short).Where(squirrel.Eq{"id": 5}).Returning(ctx, d.DB)
		var scan *dovetail.ScanError
		if !errors.As(err, &scan) {
			t.Errorf("expected the field to be named, got %v", err)
		}
		tree := kit.Must[[]*rNode](t)(dovetail.Delete(nodes).Where(squirrel.Eq{"name": "a"}).Returning(ctx, d.DB))
		names := kit.Pluck(tree, func(n *rNode) string { return n.Name })
		slices.Sort(names)
		kit.Same(t, "a tree", names, "a", "b", "c")
		people.ExpectLines(t, d, "SELECT name FROM r_nodes ORDER BY id", "d", "e")
		_, err = dovetail.Delete(nodes).Returning(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrMissingWhere)
		_, err = dovetail.Delete(tables.members).Where(squirrel.Eq{"id": 3}).Returning(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrRestricted)
	})
}

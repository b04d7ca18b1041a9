package reads_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type loadParent struct {
	ID int64
	dovetail.Loads
	Kids []*loadKid
	Toy  *loadToy
}

type loadKid struct {
	ID       int64
	ParentID int64
	Toy      *loadToy
}

type loadToy struct {
	ID       int64
	ParentID *int64
	KidID    *int64
}

// TestLoadLeavesRowsAsTheyWereAfterAnError: neither rows before the one that fails nor those on the way to it are changed.
func TestLoadLeavesRowsAsTheyWereAfterAnError(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	parents, kids, toys := dovetail.NewTable[loadParent](r, "parents"), dovetail.NewTable[loadKid](r, "kids"), dovetail.NewTable[loadToy](r, "toys")
	dovetail.HasMany(parents, "kids", kids, dovetail.ForeignKey("parent_id"))
	dovetail.HasOne(parents, "toy", toys, dovetail.ForeignKey("parent_id"))
	dovetail.HasOne(kids, "toy", toys, dovetail.ForeignKey("kid_id"))
	kit.OnEach(t, `CREATE TABLE parents (id BIGINT PRIMARY KEY);
		CREATE TABLE kids (id BIGINT PRIMARY KEY, parent_id BIGINT NOT NULL);
		CREATE TABLE toys (id BIGINT PRIMARY KEY, parent_id BIGINT, kid_id BIGINT);
		INSERT INTO parents (id) VALUES (1), (2);
		INSERT INTO kids (id, parent_id) VALUES (1, 1), (2, 2);
		INSERT INTO toys (id, parent_id, kid_id) VALUES (1, 1, NULL), (2, 2, NULL), (3, 2, NULL), (4, NULL, 1), (5, NULL, 1)`,
		func(t *testing.T, d kit.Database) {
			for _, path := range []string{"toy", "kids.toy"} {
				kid, toy := &loadKid{ID: 7}, &loadToy{ID: 8}
				rows := []*loadParent{{ID: 1, Kids: []*loadKid{kid}, Toy: toy}, nil, {ID: 2}}
				kit.Refused(t, dovetail.Load(t.Context(), d.DB, parents, rows, path), dovetail.ErrTooManyRows)
				if len(rows[0].Kids) != 1 || rows[0].Kids[0] != kid || rows[0].Toy != toy || kid.Toy != nil || rows[2].Kids != nil || rows[2].Toy != nil {
					t.Errorf("%s: expected the rows as they were, got %+v and %+v", path, rows[0], rows[2])
				}
				for _, row := range []*loadParent{rows[0], rows[2]} {
					expectLoaded(t, row, []string{"kids", "toy"})
				}
			}
		})
}

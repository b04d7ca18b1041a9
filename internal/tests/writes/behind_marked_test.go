package writes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Rows that point at a row which was marked earlier: a delete that marks does not come to them.

type (
	bmTop struct {
		ID   int64
		Gone *time.Time
	}
	bmMiddle struct {
		ID    int64
		TopID *int64
		Gone  *time.Time
	}
	bmLow struct {
		ID       int64
		MiddleID *int64
		TopID    *int64
		Gone     *time.Time
	}
	bmNote struct {
		ID     int64
		OfType *string
		OfID   *int64
		Gone   *time.Time
	}
	bmNode struct {
		ID       int64
		ParentID *int64
		Gone     *time.Time
	}
	bmLeaf struct {
		ID     int64
		NodeID *int64
		Gone   *time.Time
	}
	bmLeft struct {
		ID      int64
		RightID *int64
		Gone    *time.Time
	}
	bmRight struct {
		ID     int64
		LeftID *int64
		Gone   *time.Time
	}
	bmTag struct{ ID int64 }
	bmTie struct {
		TopID, TagID int64
		Gone         *time.Time
	}
	bmKnot struct {
		ID           int64
		TopID, TagID *int64
		Gone         *time.Time
	}
	bmLabel struct {
		ID    int64
		LowID *int64
	}
)

// bmTables are tables whose rows a delete marks, but labels and tags.
type bmTables struct {
	tops     *dovetail.Table[bmTop]
	nodes    *dovetail.Table[bmNode]
	lefts    *dovetail.Table[bmLeft]
	middles  *dovetail.ToMany[*bmTop, *bmMiddle]
	children *dovetail.ToMany[*bmNode, *bmNode]
	tags     *dovetail.ToMany[*bmTop, *bmTag]
}

func newBmTables(labels dovetail.DeletePolicy) bmTables {
	r, soft, cascade := dovetail.NewRegistry(), dovetail.SoftDelete("gone"), dovetail.OnDelete(dovetail.Cascade)
	key := dovetail.ForeignKey
	s := bmTables{tops: dovetail.NewTable[bmTop](r, "bm_tops", soft), nodes: dovetail.NewTable[bmNode](r, "bm_nodes", soft),
		lefts: dovetail.NewTable[bmLeft](r, "bm_lefts", soft)}
	middles, lows := dovetail.NewTable[bmMiddle](r, "bm_middles", soft), dovetail.NewTable[bmLow](r, "bm_lows", soft)
	rights, ties := dovetail.NewTable[bmRight](r, "bm_rights", soft), dovetail.NewTable[bmTie](r, "bm_ties", soft, dovetail.PrimaryKey("top_id", "tag_id"))
	s.middles = dovetail.HasMany(s.tops, "middles", middles, key("top_id"), cascade, dovetail.DeleteOrphans())
	dovetail.HasMany(middles, "lows", lows, key("middle_id"), cascade)
	dovetail.HasMany(s.tops, "lows", lows, key("top_id"), cascade)
	dovetail.MorphMany(middles, "notes", dovetail.NewTable[bmNote](r, "bm_notes", soft), dovetail.MorphKey("of_type", "of_id"), dovetail.MorphValue("middle"), cascade)
	dovetail.HasMany(lows, "labels", dovetail.NewTable[bmLabel](r, "bm_labels"), key("low_id"), dovetail.OnDelete(labels))
	s.children = dovetail.HasMany(s.nodes, "children", s.nodes, key("parent_id"), cascade, dovetail.DeleteOrphans())
	dovetail.HasMany(s.nodes, "leaves", dovetail.NewTable[bmLeaf](r, "bm_leaves", soft), key("node_id"), cascade)
	dovetail.HasMany(s.lefts, "rights", rights, key("left_id"), cascade)
	dovetail.HasMany(rights, "lefts", s.lefts, key("right_id"), cascade)
	s.tags = dovetail.ManyToMany(s.tops, "tags", dovetail.NewTable[bmTag](r, "bm_tags"), ties, dovetail.ThroughKeys("top_id", "tag_id"), cascade)
	dovetail.HasMany(ties, "knots", dovetail.NewTable[bmKnot](r, "bm_knots", soft), key("top_id", "tag_id"), cascade)
	return s
}

const bmDDL = `
CREATE TABLE bm_tops (id BIGINT PRIMARY KEY, gone TIMESTAMP);
CREATE TABLE bm_middles (id BIGINT PRIMARY KEY, top_id BIGINT, gone TIMESTAMP);
CREATE TABLE bm_lows (id BIGINT PRIMARY KEY, middle_id BIGINT, top_id BIGINT, gone TIMESTAMP);
CREATE TABLE bm_notes (id BIGINT PRIMARY KEY, of_type TEXT, of_id BIGINT, gone TIMESTAMP);
CREATE TABLE bm_labels (id BIGINT PRIMARY KEY, low_id BIGINT);
CREATE TABLE bm_nodes (id BIGINT PRIMARY KEY, parent_id BIGINT, gone TIMESTAMP);
CREATE TABLE bm_leaves (id BIGINT PRIMARY KEY, node_id BIGINT, gone TIMESTAMP);
CREATE TABLE bm_lefts (id BIGINT PRIMARY KEY, right_id BIGINT, gone TIMESTAMP);
CREATE TABLE bm_rights (id BIGINT PRIMARY KEY, left_id BIGINT, gone TIMESTAMP);
CREATE TABLE bm_tags (id BIGINT PRIMARY KEY);
CREATE TABLE bm_ties (top_id BIGINT, tag_id BIGINT, gone TIMESTAMP, PRIMARY KEY (top_id, tag_id));
CREATE TABLE bm_knots (id BIGINT PRIMARY KEY, top_id BIGINT, tag_id BIGINT, gone TIMESTAMP);
INSERT INTO bm_tops (id) VALUES (1), (2);
INSERT INTO bm_middles VALUES (1, 1, NULL), (2, 1, '2001-02-03'), (3, 2, NULL);
INSERT INTO bm_lows VALUES (1, 1, NULL, NULL), (2, 2, NULL, NULL), (3, 1, NULL, '2001-02-03'), (4, 2, 1, NULL), (5, 3, NULL, NULL);
INSERT INTO bm_notes VALUES (1, 'middle', 1, NULL), (2, 'middle', 2, NULL);
INSERT INTO bm_labels VALUES (1, 2);
INSERT INTO bm_nodes VALUES (9, NULL, NULL), (1, 9, NULL), (2, 1, '2001-02-03'), (3, 2, NULL), (4, 1, NULL), (5, 4, NULL);
INSERT INTO bm_leaves VALUES (1, 2, NULL), (2, 3, NULL), (3, 4, NULL), (4, 1, '2001-02-03');
INSERT INTO bm_lefts VALUES (1, NULL, NULL), (2, 1, NULL), (3, 2, NULL);
INSERT INTO bm_rights VALUES (1, 1, NULL), (2, 2, '2001-02-03'), (3, 3, NULL);
INSERT INTO bm_tags VALUES (1), (2);
INSERT INTO bm_ties VALUES (1, 1, '2001-02-03'), (1, 2, NULL);
INSERT INTO bm_knots VALUES (1, 1, 1, NULL), (2, 1, 2, NULL);`

var bmNames = []string{"tops", "middles", "lows", "notes", "nodes", "leaves", "lefts", "rights", "ties", "knots"}

// bmRows returns the rows for which a condition holds, as "lows 1 2, middles 1".
func bmRows(t *testing.T, d kit.Database, is string) string {
	t.Helper()
	var all []string
	for _, name := range bmNames {
		id := "id"
		if name == "ties" {
			id = "tag_id"
		}
		ids, err := kit.SQL[int64](t.Context(), d.DB, fmt.Sprintf("SELECT %s FROM bm_%s WHERE %s ORDER BY 1", id, name, is))
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) > 0 {
			all = append(all, name+" "+strings.Trim(fmt.Sprint(ids), "[]"))
		}
	}
	return strings.Join(all, ", ")
}

// TestADeleteEndsAtRowsMarkedEarlier: what points at a row that was marked earlier stays, however the delete comes there, and the restore of
// what the delete was about brings back all that it marked.
func TestADeleteEndsAtRowsMarkedEarlier(t *testing.T) {
	t.Parallel()
	s, one := newBmTables(dovetail.Restrict), squirrel.Eq{"id": 1}
	const tops = "tops 1, middles 1, lows 1 4, notes 1, ties 2, knots 2"
	cases := []struct {
		name, marks string
		impact      func(context.Context, dovetail.DB) ([]dovetail.Effect, error) // whose numbers are those of the marks
		do          func(context.Context, dovetail.DB) error
		restore     func(context.Context, dovetail.DB) (int64, error) // of the rows that the call is about
	}{
		{"tables that follow each other", tops, dovetail.Delete(s.tops).Where(one).Impact, func(ctx context.Context, db dovetail.DB) error {
			return second(dovetail.Delete(s.tops).Where(one).Exec(ctx, db))
		}, dovetail.Restore(s.tops).Where(one).Exec},
		{"rows in hand", tops, nil, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, s.tops, &bmTop{ID: 1})
		}, dovetail.Restore(s.tops).Where(one).Exec},
		{"Returning", tops, nil, func(ctx context.Context, db dovetail.DB) error {
			return second(dovetail.Delete(s.tops).Where(one).Returning(ctx, db))
		}, dovetail.Restore(s.tops).Where(one).Exec},
		{"a tree", "nodes 1 4 5, leaves 3", dovetail.Delete(s.nodes).Where(one).Impact, func(ctx context.Context, db dovetail.DB) error {
			return second(dovetail.Delete(s.nodes).Where(one).Exec(ctx, db))
		}, dovetail.Restore(s.nodes).Where(one).Exec},
		{"a cycle of tables", "lefts 1 2, rights 1", dovetail.Delete(s.lefts).Where(one).Impact, func(ctx context.Context, db dovetail.DB) error {
			return second(dovetail.Delete(s.lefts).Where(one).Exec(ctx, db))
		}, dovetail.Restore(s.lefts).Where(one).Exec},
		{"an orphan of Unlink", "nodes 1 4 5, leaves 3", nil, func(ctx context.Context, db dovetail.DB) error {
			return second(s.children.Unlink(ctx, db, &bmNode{ID: 9}, &bmNode{ID: 1}))
		}, dovetail.Restore(s.nodes).Where(one).Exec},
		{"orphans of Replace", "nodes 1 4 5, leaves 3", nil, func(ctx context.Context, db dovetail.DB) error {
			return second(s.children.Replace(ctx, db, &bmNode{ID: 9}))
		}, dovetail.Restore(s.nodes).Where(one).Exec},
		{"orphans of Sync", "middles 1, lows 1, notes 1", nil, func(ctx context.Context, db dovetail.DB) error {
			return second(s.middles.Sync(ctx, db, &bmTop{ID: 1}))
		}, nil},
		{"links", "ties 2, knots 2", nil, func(ctx context.Context, db dovetail.DB) error {
			return second(s.tags.UnlinkAll(ctx, db, &bmTop{ID: 1}))
		}, nil},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, bmDDL, func(t *testing.T, d kit.Database) {
				before := bmRows(t, d, "gone IS NOT NULL")
				if tt.impact != nil {
					effects, err := tt.impact(t.Context(), d.DB)
					if err != nil {
						t.Fatal(err)
					}
					kit.Equal(t, "the rows counted", bmCounted(effects), len(strings.Fields(tt.marks))-len(strings.Split(tt.marks, ", ")))
				}
				kit.NoError(t, tt.do(t.Context(), d.DB))
				kit.Equal(t, "what is marked", bmRows(t, d, "gone > '2002-02-03'"), tt.marks)
				if tt.restore == nil {
					return
				}
				kit.NoError(t, second(tt.restore(t.Context(), d.DB)))
				kit.Equal(t, "what is marked after the restore", bmRows(t, d, "gone IS NOT NULL"), before)
				kit.Equal(t, "what was marked earlier", bmRows(t, d, "gone < '2002-02-03'"), before)
			})
		})
	}
}

// bmCounted is the number of rows that effects delete.
func bmCounted(effects []dovetail.Effect) (n int) {
	for _, e := range effects {
		n += int(e.Deleted)
	}
	return n
}

func second[V any](_ V, err error) error { return err }

// TestADeleteForGoodGoesThroughMarkedRows: rows that go take with them what points at them, marked or not, and are kept by what refuses.
func TestADeleteForGoodGoesThroughMarkedRows(t *testing.T) {
	t.Parallel()
	for _, policy := range []dovetail.DeletePolicy{dovetail.Restrict, dovetail.SetNull, dovetail.Cascade} {
		s := newBmTables(policy)
		t.Run(fmt.Sprint(policy), func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, bmDDL, func(t *testing.T, d kit.Database) {
				ctx, del := t.Context(), dovetail.Delete(s.tops).Where(squirrel.Eq{"id": 1}).Hard()
				before := bmRows(t, d, "TRUE")
				effects, err := del.Impact(ctx, d.DB)
				if err != nil {
					t.Fatal(err)
				}
				counted := 1 + 2 + 4 + 2 + 2 + 2 // tops, middles, lows, notes, ties, knots
				if policy == dovetail.Cascade {
					counted++ // the label of a low that lies behind a marked middle
				}
				kit.Equal(t, "the rows counted", bmCounted(effects), counted)
				_, err = del.Exec(ctx, d.DB)
				if policy == dovetail.Restrict {
					if !errors.Is(err, dovetail.ErrRestricted) || bmRows(t, d, "TRUE") != before {
						t.Errorf("expected the label to refuse it, got %v and %s", err, bmRows(t, d, "TRUE"))
					}
					return
				}
				kit.NoError(t, err)
				kit.Equal(t, "what is left", bmRows(t, d, "TRUE"), "tops 2, middles 3, lows 5, nodes 1 2 3 4 5 9, leaves 1 2 3 4, lefts 1 2 3, rights 1 2 3")
				labels, err := kit.SQL[int64](ctx, d.DB, "SELECT count(*) FROM bm_labels WHERE low_id IS NULL")
				if err != nil || labels[0] != map[dovetail.DeletePolicy]int64{dovetail.SetNull: 1}[policy] {
					t.Errorf("got labels that point at nothing: %d, %v", labels, err)
				}
			})
		})
	}
}

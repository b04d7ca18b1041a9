package writes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	spPlan struct {
		ID    int64
		Nodes []*spNode
	}
	spNode struct {
		ID       string
		PlanID   int64
		ParentID *string
		Pos      int64
		Code     string
		LikeCode *string
		Ver      int64
	}
)

const spDDL = `
CREATE TABLE plans (id BIGINT PRIMARY KEY);
CREATE TABLE nodes (id VARCHAR(9) PRIMARY KEY, plan_id BIGINT NOT NULL REFERENCES plans (id), parent_id VARCHAR(9) REFERENCES nodes (id), pos BIGINT NOT NULL,
  code VARCHAR(9) NOT NULL UNIQUE, like_code VARCHAR(9) REFERENCES nodes (code), ver BIGINT NOT NULL, UNIQUE (plan_id, pos));
INSERT INTO plans VALUES (1);
INSERT INTO nodes VALUES ('b', 1, NULL, 1, 'B', NULL, 1), ('c', 1, 'b', 2, 'C', NULL, 1), ('d', 1, NULL, 3, 'D', NULL, 1), ('e', 1, 'd', 4, 'E', 'D', 1);`

// TestSyncOfRowsThatPointAtEachOther: a row that stays and is to point at a new one by its key is changed behind it, and behind one whose key
// changes; a position that it gives up, a new row may have. What goes around that way is left to the database.
func TestSyncOfRowsThatPointAtEachOther(t *testing.T) {
	t.Parallel()
	for _, declared := range []bool{true, false} {
		r := dovetail.NewRegistry()
		plans := dovetail.NewTable[spPlan](r, "plans", dovetail.AssignedKey())
		unique := []dovetail.TableOption{dovetail.AssignedKey(), dovetail.Version("ver")}
		if declared {
			unique = append(unique, dovetail.Unique("code"), dovetail.Unique("plan_id", "pos"))
		}
		nodes := dovetail.NewTable[spNode](r, "nodes", unique...)
		of := dovetail.HasMany(plans, "nodes", nodes, dovetail.ForeignKey("plan_id"), dovetail.DeleteOrphans())
		dovetail.BelongsTo(nodes, "parent", nodes, dovetail.ForeignKey("parent_id"))
		dovetail.BelongsTo(nodes, "like", nodes, dovetail.ForeignKey("like_code"), dovetail.References("code"))
		kit.NoError(t, r.Validate())
		for name, want := range map[string]string{ // each an id, a parent, a position, a code, the code it is like
			"a new parent":                    "a::1:A: b::2:B: c:a:3:C: d::4:D: e:d:5:E:D",
			"a new parent behind all":         "b::1:B: c:z:2:C: d:z:3:D: e::4:E: z::5:Z:",
			"parents in a row":                "b:c:1:B: c:x:2:C: x:z:3:X: z::4:Z: d::5:D: e:d:6:E:",
			"at the place of what goes under": "b::1:B: z::2:Z: c:z:3:C: d:z:4:D: e::5:E:",
			"places in a circle":              "c:z:1:C: b:c:2:B: z::3:Z: e::4:E: d:z:5:D:",
			"a code that a staying row gets":  "b::1:B: c::2:C:X d::3:X: e::4:E:",
			"a code that one gives up":        "b::1:B: c::2:C: d::3:X: e::4:E:B",
			"a code that a new row brings":    "b::1:B:Z c::2:C: e:d:3:E: d::4:D:A a::5:A: z::6:Z:",
			"many": func() string {
				text := "b:z:1:B: c::2:C: d:z39:3:D: e:z:4:E: z::5:Z:"
				for i := range 40 {
					text += fmt.Sprintf(" z%d:z:%d:Z%d:", i, 6+i, i)
				}
				return text
			}(),
		} {
			t.Run(fmt.Sprint(name, declared), func(t *testing.T) {
				t.Parallel()
				kit.OnEach(t, spDDL, func(t *testing.T, d kit.Database) {
					held, rows := map[string]int64{}, []*spNode(nil)
					for _, n := range kit.All(t, d.DB, dovetail.Select(nodes)) {
						held[n.ID] = n.Ver
					}
					for _, text := range strings.Fields(want) {
						p := strings.Split(text, ":")
						n := &spNode{ID: p[0], Code: p[3], Ver: held[p[0]]}
						if p[1] != "" {
							n.ParentID = &p[1]
						}
						if p[4] != "" {
							n.LikeCode = &p[4]
						}
						_, err := fmt.Sscan(p[2], &n.Pos)
						kit.NoError(t, err)
						rows = append(rows, n)
					}
					_, err := of.Sync(t.Context(), d.DB, &spPlan{ID: 1}, rows...)
					kit.NoError(t, err)
					got := kit.Texts(t, d.DB, "SELECT id || ':' || coalesce(parent_id, '') || ':' || pos || ':' || code || ':' || coalesce(like_code, '') FROM nodes ORDER BY pos")
					kit.Equal(t, "rows", strings.Join(got, " "), want)
					for _, n := range kit.All(t, d.DB, dovetail.Select(nodes)) {
						if n.Ver > max(1, held[n.ID]+1) {
							t.Errorf("expected the version of %s to be counted once, got %d", n.ID, n.Ver)
						}
					}
				})
			})
		}
	}
}

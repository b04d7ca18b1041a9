package writes_test

import (
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// madeNames has columns called as those that statements add to a table called as the rows that they add.
type madeNames struct {
	ID    int64
	Value string `db:"v#1"`
	Other string `db:"V#2"`
	Ord   int64  `db:"ord#"`
}

// TestNamesThatWritesAddAreNoColumns writes to tables that have the names which statements give to the rows they are given.
func TestNamesThatWritesAddAreNoColumns(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rows#", "locked#"} {
		r := dovetail.NewRegistry()
		table := dovetail.NewTable[madeNames](r, name, dovetail.Scope("low", `"ord#" < 10 AND "v#1" <> 'gone'`))
		kit.OnEach(t, fmt.Sprintf(`CREATE TABLE %q (id BIGINT PRIMARY KEY, "v#1" TEXT NOT NULL, "V#2" TEXT NOT NULL, "ord#" BIGINT NOT NULL)`, name),
			func(t *testing.T, d kit.Database) {
				var rows []*madeNames
				for i := range int64(40) {
					rows = append(rows, &madeNames{ID: i + 1, Value: "a", Other: "b", Ord: 5})
				}
				kit.Insert(t, d.DB, dovetail.Insert(table, rows...))
				for _, row := range rows {
					row.Value, row.Other = fmt.Sprint("x", row.ID), "y"
				}
				kit.NoError(t, dovetail.SaveAll(t.Context(), d.DB, table, rows[:2], "v#1", "V#2"))
				found := kit.All(t, d.DB, dovetail.Select(table).OrderBy("id").Limit(3))
				kit.Same(t, name, kit.Pluck(found, func(m *madeNames) string { return fmt.Sprint(m.ID, m.Value, m.Other, m.Ord) }), "1x1y5", "2x2y5", "3ab5")
				kit.NoError(t, dovetail.DeleteRows(t.Context(), d.DB, table, rows[:3]...))
				n, err := dovetail.Delete(table).Where(`"ord#" = 5`).Exec(t.Context(), d.DB)
				kit.NoError(t, err)
				kit.Equal(t, name+", deleted", n, int64(37))
			})
	}
}

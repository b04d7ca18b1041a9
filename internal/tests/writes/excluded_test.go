package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

type exRow struct {
	ID     int64
	Tenant int64
	N      int64
	Ver    int64
}

// TestATableOfTheNameOfTheRowToBeInserted: upserts tell the row that is there from the one that is not, whatever the table is called.
func TestATableOfTheNameOfTheRowToBeInserted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"excluded", "Excluded", "keys", "new", "old", "given"} {
		ddl := `CREATE TABLE "` + name + `" (id BIGINT PRIMARY KEY, tenant BIGINT NOT NULL, n BIGINT NOT NULL, ver BIGINT NOT NULL)`
		r := dovetail.NewRegistry()
		rows := dovetail.NewTable[exRow](r, name, dovetail.AssignedKey(), dovetail.Version("ver"), dovetail.Scope("tenant", squirrel.Eq{"tenant": 1}))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
				ctx, lines := t.Context(), `SELECT id || ' ' || n || ' ' || ver FROM "`+name+`" ORDER BY id`
				kit.NoError(t, dovetail.Insert(rows, &exRow{ID: 1, N: 1}).Exec(ctx, d.DB))
				kit.NoError(t, dovetail.Upsert(rows, &exRow{ID: 1, N: 5}, &exRow{ID: 2, N: 7}).OnConflict("id").Set("n").Exec(ctx, d.DB))
				people.ExpectLines(t, d, lines, "1 5 1", "2 7 0")
				kit.NoError(t, dovetail.Upsert(rows, &exRow{ID: 1, N: 10}).OnConflict("id").SetExpr("n", "self.n + excluded.n * 2").Exec(ctx, d.DB))
				people.ExpectLines(t, d, lines, "1 25 2", "2 7 0")
				kit.NoError(t, dovetail.Upsert(rows, &exRow{ID: 1, N: 3}).OnConflict("id").DoNothing().Exec(ctx, d.DB))
				people.ExpectLines(t, d, lines, "1 25 2", "2 7 0")
				d.Exec(t, `UPDATE "`+name+`" SET tenant = 2 WHERE id = 1`)
				kit.Refused(t, dovetail.Upsert(rows, &exRow{ID: 1, N: 3}).OnConflict("id").Set("n").Exec(ctx, d.DB), dovetail.ErrInvalidRow, "tenant")
				kit.Refused(t, dovetail.Upsert(rows, &exRow{ID: 1, N: 3}).OnConflict("id").DoNothing().Exec(ctx, d.DB), dovetail.ErrInvalidRow, "tenant")
				people.ExpectLines(t, d, lines, "1 25 2", "2 7 0")
			})
		})
	}
}

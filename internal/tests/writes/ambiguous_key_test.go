package writes_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type ambiguousRow struct {
	ID, Part int64
	Name     string
	Version  int64
}

type ambiguousLoud struct {
	ID         int64
	Name, Loud string
}

type ambiguousLeaf struct{ ID, RowID int64 }

const ambiguousDDL = `CREATE TABLE ak_rows (id BIGINT NOT NULL, part BIGINT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL DEFAULT 0,
  loud TEXT GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE ak_leaves (id BIGINT PRIMARY KEY, row_id BIGINT);
INSERT INTO ak_rows (id, part, name) VALUES (1, 1, 'a'), (1, 1, 'b'), (2, 1, 'c'), (3, 1, 'd');
`

// TestAKeyThatTellsSeveralRows writes rows by a primary key that is declared and not unique in the database: the error says so, and
// whether anything was written.
func TestAKeyThatTellsSeveralRows(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, ambiguousDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		plain := dovetail.NewTable[ambiguousRow](dovetail.NewRegistry(), "ak_rows")
		cascading := dovetail.NewRegistry()
		trees := dovetail.NewTable[ambiguousRow](cascading, "ak_rows")
		dovetail.HasMany(trees, "leaves", dovetail.NewTable[ambiguousLeaf](cascading, "ak_leaves"), dovetail.ForeignKey("row_id"),
			dovetail.Logical(), dovetail.OnDelete(dovetail.Cascade))
		back := dovetail.NewTable[ambiguousLoud](dovetail.NewRegistry(), "ak_rows", dovetail.Generated("loud", "upper(name)"))
		pairs := dovetail.NewTable[ambiguousRow](dovetail.NewRegistry(), "ak_rows", dovetail.PrimaryKey("id", "part"))
		versioned := dovetail.NewTable[ambiguousRow](dovetail.NewRegistry(), "ak_rows", dovetail.Version("version"))
		left := func(want ...string) {
			t.Helper()
			got, err := kit.SQL[string](ctx, d.DB, "SELECT name FROM ak_rows ORDER BY name")
			kit.NoError(t, err)
			kit.Same(t, "the rows left", got, want...)
		}
		row := func(id int64) *ambiguousRow { return &ambiguousRow{ID: id, Part: 1, Name: "e"} }

		kit.Refused(t, dovetail.Refresh(ctx, d.DB, plain, row(1)), dovetail.ErrTooManyRows, `"ak_rows" tells 2 rows; nothing tells which was meant`)
		kit.Refused(t, dovetail.Save(ctx, d.DB, back, &ambiguousLoud{ID: 1, Name: "e"}, "name"), dovetail.ErrTooManyRows, "nothing tells which was meant")
		left("a", "b", "c", "d")

		// In a transaction of several statements nothing has happened yet.
		none := []string{`the primary key of "ak_rows" tells 2 rows, and none was deleted; give the table a unique key`}
		for what, rows := range map[string][]*ambiguousRow{
			"both": {row(1), row(2)}, "as many as are given": {row(1), row(4)}, "fewer": {row(1), row(4), row(5), row(6)},
		} {
			for _, table := range []*dovetail.Table[ambiguousRow]{plain, trees, pairs, versioned} {
				t.Log(what)
				kit.Refused(t, dovetail.DeleteRows(ctx, d.DB, table, rows...), dovetail.ErrTooManyRows, none...)
			}
		}
		kit.Refused(t, dovetail.DeleteRows(ctx, d.DB, trees, row(1)), dovetail.ErrTooManyRows, none...)
		kit.Refused(t, dovetail.DeleteRows(ctx, d.DB, plain, row(2), row(4)), dovetail.ErrNoRows, "1 of the 2 rows")
		left("a", "b", "c", "d")

		// One statement by itself has been done.
		kit.Refused(t, dovetail.Save(ctx, d.DB, plain, row(1), "name"), dovetail.ErrTooManyRows,
			`the primary key of "ak_rows" tells 2 rows, and all of them were written; give the table a unique key, or declare one that it has`)
		left("c", "d", "e", "e")
		kit.Refused(t, dovetail.DeleteRows(ctx, d.DB, plain, row(1)), dovetail.ErrTooManyRows,
			`the primary key of "ak_rows" tells 2 rows, and all of them were deleted; give the table a unique key, or declare one that it has`)
		left("c", "d")
		kit.NoError(t, dovetail.DeleteRows(ctx, d.DB, pairs, row(2), row(3)))
		left()
	})
}

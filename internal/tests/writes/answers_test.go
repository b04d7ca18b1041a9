package writes_test

import (
	"errors"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type answered struct {
	ID    int64
	Small int16
	Shape struct{ A int }
}

// A row of a statement that writes, outside a transaction, may be there though what came of it cannot be read: the error says so. What is read, or
// can be undone, is no such write.
func TestAnAnswerThatCannotBeReadMayBeWritten(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, `CREATE TABLE counted (name TEXT NOT NULL)`, func(t *testing.T, d kit.Database) {
		run := func(db dovetail.DB, stmt dialect.Statement) error {
			return db.Run(t.Context(), []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
				var n int64
				for rows.Next() {
					if err := rows.Scan(&n); err != nil {
						return err
					}
				}
				return rows.Err()
			})
		}
		insert := dialect.Statement{SQL: `INSERT INTO counted VALUES ('x') RETURNING name`}
		var failed *dialect.ColumnError
		if err := run(d.DB, insert); !errors.As(err, &failed) || !errors.Is(err, dovetail.ErrCommitUnknown) {
			t.Errorf("expected a ColumnError that is ErrCommitUnknown, got %v", err)
		}
		err := d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dialect.DB) error { return run(tx, insert) })
		if !errors.As(err, &failed) || errors.Is(err, dovetail.ErrCommitUnknown) {
			t.Errorf("in a transaction: got %v", err)
		}
		err = run(d.DB, dialect.Statement{SQL: `SELECT 'x' FROM counted UNION ALL SELECT 'y'`, Reads: true})
		if !errors.As(err, &failed) || errors.Is(err, dovetail.ErrCommitUnknown) {
			t.Errorf("of a read: got %v", err)
		}
	})
}

// SQL text that is an argument and nothing else is that value, which the field must hold.
func TestAnArgumentAloneIsAValue(t *testing.T) {
	t.Parallel()
	table := dovetail.NewTable[answered](dovetail.NewRegistry(), "answered")
	kit.OnEach(t, `CREATE TABLE answered (id BIGINT PRIMARY KEY, small BIGINT NOT NULL, shape JSON NOT NULL); INSERT INTO answered VALUES (1, 1, '{}')`,
		func(t *testing.T, d kit.Database) {
			set := func(column string, value any) error {
				_, err := dovetail.Update(table).Set(column, value).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
				return err
			}
			for column, value := range map[string]any{"small": 1 << 40, "shape": `["x"]`} {
				if err := set(column, sq.Expr("?", value)); !errors.Is(err, dovetail.ErrArgType) {
					t.Errorf("%s: expected ErrArgType, got %v", column, err)
				}
			}
			row := &answered{ID: 1}
			if err := dovetail.Upsert(table, row).OnConflict("id").SetExpr("small", "?", 1<<40).Exec(t.Context(), d.DB); !errors.Is(err, dovetail.ErrArgType) {
				t.Errorf("upsert: expected ErrArgType, got %v", err)
			}
			if err := set("small", sq.Expr("?", 7)); err != nil {
				t.Error(err)
			}
			kit.Equal(t, "set", kit.All(t, d.DB, dovetail.Select(table))[0].Small, 7)
		})
}

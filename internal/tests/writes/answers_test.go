package writes_test

import (
	"errors"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

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

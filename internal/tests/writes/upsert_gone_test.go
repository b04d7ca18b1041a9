package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type goneSeat struct {
	ID, TenantID int64
	Name         string
}

const goneSeatsDDL = `
CREATE TABLE seats (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, name TEXT NOT NULL);
INSERT INTO seats VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c');`

// stepping sends each statement by itself, so that another writes between two of them.
type stepping struct {
	dovetail.DB
	after func(sql string)
}

func (s *stepping) InTx(ctx context.Context, opts dialect.TxOptions, do func(dialect.DB) error) error {
	return s.DB.InTx(ctx, opts, func(tx dialect.DB) error { return do(&stepping{tx, s.after}) })
}

func (s *stepping) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	for i := range stmts {
		if err := s.DB.Run(ctx, stmts[i:i+1], func(_ int, rows dialect.Rows) error { return each(i, rows) }); err != nil {
			return err
		}
		s.after(stmts[i].SQL)
	}
	return nil
}

func goneSeats(scoped bool) *dovetail.Table[goneSeat] {
	r := dovetail.NewRegistry()
	if !scoped {
		return dovetail.NewTable[goneSeat](r, "seats", dovetail.AssignedKey())
	}
	return dovetail.NewTable[goneSeat](r, "seats", dovetail.AssignedKey(), dovetail.Scope("tenant", sq.Eq{"tenant_id": int64(1)}))
}

// TestUpsertOfWhatGoesMeanwhile: a row that kept another from being inserted, and that is removed before it is read, is neither out of scope
// nor kept out by a trigger: the row is inserted after all.
func TestUpsertOfWhatGoesMeanwhile(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, goneSeatsDDL)
	const insert = `INSERT INTO "seats"`
	for name, scoped := range map[string]bool{"no scope": false, "a scope": true} {
		seats := goneSeats(scoped)
		upsert := func(rows ...*goneSeat) dovetail.Upsertion[*goneSeat] {
			return dovetail.Upsert(seats, rows...).OnConflict("id").DoNothing()
		}
		d.Exec(t, "DELETE FROM seats; INSERT INTO seats VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')")
		left := 1
		db := &stepping{d.DB, func(sql string) {
			if left > 0 && strings.HasPrefix(sql, insert) {
				left--
				d.Exec(t, "DELETE FROM seats WHERE id = 1")
			}
		}}
		rows := []*goneSeat{{ID: 2, TenantID: 1, Name: "y"}, {ID: 1, TenantID: 1, Name: "x"}}
		if err := upsert(rows...).Exec(t.Context(), db); err != nil || rows[0].Name != "b" || rows[1].Name != "x" {
			t.Errorf("%s: expected the row that is there, and the new one, got %+v, %+v, %v", name, rows[0], rows[1], err)
		}
		seen, err := kit.SQL[string](t.Context(), d.DB, "SELECT id || name FROM seats ORDER BY 1")
		if text := strings.Join(seen, " "); err != nil || text != "1x 2b 3c" || left != 0 {
			t.Errorf("%s: expected three rows, got %s, %v, left %d", name, text, err, left)
		}
		if !scoped {
			continue
		}
		kit.Refused(t, upsert(&goneSeat{ID: 3, TenantID: 1, Name: "x"}).Exec(t.Context(), d.DB), dovetail.ErrInvalidRow, "out of its Scope (tenant)")

		d.Exec(t, "INSERT INTO seats VALUES (1, 1, 'z') ON CONFLICT DO NOTHING")
		tries := 0
		db = &stepping{d.DB, func(sql string) {
			switch {
			case strings.HasPrefix(sql, insert):
				tries++
				d.Exec(t, "DELETE FROM seats WHERE id = 1")
			case tries < 100:
				d.Exec(t, "INSERT INTO seats VALUES (1, 1, 'z') ON CONFLICT DO NOTHING")
			}
		}}
		kit.Refused(t, upsert(&goneSeat{ID: 1, TenantID: 1, Name: "x"}).Exec(t.Context(), db), dovetail.ErrInvalidRow, "was not inserted into", "others remove it meanwhile")
		if tries < 2 || tries > 50 {
			t.Errorf("expected a few tries, got %d", tries)
		}
	}
}

// TestUpsertOfWhatATriggerKeepsOut: what is not there and cannot be is told so.
func TestUpsertOfWhatATriggerKeepsOut(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, goneSeatsDDL, func(t *testing.T, d kit.Database) {
		trigger := "CREATE TRIGGER keep_out BEFORE INSERT ON seats BEGIN SELECT RAISE(IGNORE); END"
		if d.Postgres() {
			trigger = `CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
				CREATE TRIGGER keep_out BEFORE INSERT ON seats FOR EACH ROW EXECUTE FUNCTION keep_out()`
		}
		d.Exec(t, trigger)
		for _, scoped := range []bool{false, true} {
			err := dovetail.Upsert(goneSeats(scoped), &goneSeat{ID: 7, TenantID: 1, Name: "x"}).OnConflict("id").DoNothing().Exec(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrInvalidRow, "trigger")
		}
	})
}

type ringRow struct {
	ID     string
	NextID *string
}

// TestUpsertAroundInSeveralStatements of rows that are there is done; of those that are not it is refused, and nothing is written.
func TestUpsertAroundInSeveralStatements(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rings := dovetail.NewTable[ringRow](r, "rings", dovetail.AssignedKey())
	dovetail.BelongsTo(rings, "next", rings, dovetail.ForeignKey("next_id"))
	kit.NoError(t, r.Validate())
	kit.OnEach(t, "CREATE TABLE rings (id VARCHAR(9) PRIMARY KEY, next_id VARCHAR(9) REFERENCES rings (id))", func(t *testing.T, d kit.Database) {
		if !d.Postgres() {
			d.Exec(t, "PRAGMA foreign_keys = ON")
		}
		names := []string{"a", "b", "c"}
		rows := make([]*ringRow, len(names))
		for i, name := range names {
			rows[i] = &ringRow{ID: name, NextID: &names[(i+1)%len(names)]}
		}
		upsert := dovetail.Upsert(rings, rows...).OnConflict("id").Set("next_id")
		err, refused := upsert.Exec(t.Context(), d.DB), (*dovetail.ConstraintError)(nil)
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "point at each other in a cycle") {
			t.Errorf("expected the foreign key to refuse it, and what goes around to be told, got %v", err)
		}
		kit.Equal(t, "rows", len(kit.All(t, d.DB, dovetail.Select(rings))), 0)
		kit.NoError(t, dovetail.Insert(rings, rows...).Exec(t.Context(), d.DB))
		kit.NoError(t, upsert.Exec(t.Context(), d.DB))
	})
}

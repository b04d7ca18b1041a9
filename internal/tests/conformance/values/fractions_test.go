package values_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// fractionCents is a type of the program's own that gives a float.
type fractionCents int

func (c fractionCents) Value() (driver.Value, error) { return float64(c) / 100, nil }

// TestAFractionBesideIntegersIsNotCutOff: a float beside integers means the number that it is, or is refused before anything is found, changed or
// deleted.
func TestAFractionBesideIntegersIsNotCutOff(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[kindsRow](r, "kinds")
	owners := dovetail.NewTable[kindsOwner](r, "kind_owners", dovetail.PrimaryKey("uid"))
	dovetail.HasMany(owners, "rows", rows, dovetail.ForeignKey("uid"), dovetail.Logical())
	half := 1.5
	values := []any{half, float32(half), &half, sql.NullFloat64{Float64: half, Valid: true}, sql.Null[float64]{V: half, Valid: true}, fractionCents(150),
		dovetail.FromContext(func(context.Context) (any, error) { return half, nil })}
	texts := map[string]int64{"n >= ?": 3, "? <= n": 3, "n = ?": 0, "n <> ?": 4, "n IN (?)": 0, "n NOT IN (?)": 4, "n BETWEEN ? AND 9": 3, "n - ? >= 0": 3,
		"coalesce(n, 0) >= ?": 3, "CASE WHEN n >= ? THEN 1 ELSE 0 END = 1": 3, "id IN (SELECT k.id FROM kinds AS k WHERE k.n >= ?)": 3, "fee <= ?": 1, "fee + ? > 4": 2}
	test := func(t *testing.T, db dovetail.DB, simple bool) {
		ctx := t.Context()
		tell := func(what string, want int64, call func() (int64, error)) {
			got, err := call()
			switch {
			case err != nil && strings.Contains(what, "fee"), err != nil && !errors.Is(err, dovetail.ErrArgType):
				t.Errorf("%s: %v", what, err)
			case err == nil && got != want:
				t.Errorf("%s: expected %d rows, got %d", what, want, got)
			}
		}
		for _, v := range values {
			for text, want := range texts {
				what := fmt.Sprintf("%s with a %T", text, v)
				tell(what, want, func() (int64, error) { return dovetail.Select(rows).Where(text, v).Count(ctx, db) })
				tell(what+" in a condition", want, func() (int64, error) { return dovetail.Select(rows).Where(sq.Or{sq.Expr(text, v)}).Count(ctx, db) })
				tell(what+" of a query in From", want, func() (int64, error) {
					return dovetail.Select(rows).From(dovetail.Select(rows).Where(text, v)).Count(ctx, db)
				})
			}
			tell("a relation", 3, func() (int64, error) {
				return dovetail.Select(owners).Has("rows", sq.Expr("rows.n >= ?", v)).Count(ctx, db)
			})
			tell("Having", 3, func() (int64, error) {
				return dovetail.Select(rows).Columns("n").GroupBy("n").Having("n >= ?", v).Count(ctx, db)
			})
			tell("Delete", 0, func() (int64, error) { return dovetail.Delete(rows).Where("n = ?", v).Exec(ctx, db) })
			tell("Update", 0, func() (int64, error) { return dovetail.Update(rows).Set("fee", 0).Where("n = ?", v).Exec(ctx, db) })
			for _, text := range []string{"n * ?", "? + self.n * 2", "?", "-(n + ?)", "coalesce(n * ?, 1)", "CASE WHEN self.n > 0 THEN self.n + ? END"} {
				if _, err := dovetail.Update(rows).Set("n", sq.Expr(text, v)).All().Exec(ctx, db); !simple && !errors.Is(err, dovetail.ErrArgType) {
					t.Errorf("n is set to %s: expected ErrArgType, got %v", text, err)
				}
			}
			if _, err := dovetail.Update(rows).Set("fee", sq.Expr("fee * ? / ?", v, v)).All().Exec(ctx, db); err != nil {
				t.Errorf("fee: %v", err)
			}
		}
		tell("a whole float", 3, func() (int64, error) { return dovetail.Select(rows).Where("n >= ?", 2.0).Count(ctx, db) })
	}
	keys := "CREATE TABLE kind_owners (uid UUID PRIMARY KEY);\nINSERT INTO kind_owners SELECT uid FROM kinds"
	everyMode(t, kindsDDL(true)+keys, func(t *testing.T, db dovetail.DB) { test(t, db, strings.HasSuffix(t.Name(), "simple_protocol")) })
	d := kit.SQLiteDB(t, kindsDDL(false)+strings.ReplaceAll(keys, "UUID", "TEXT"))
	test(t, d.DB, false)
}

// TestAFloatOfSingleWidthAmongIntegers is compared as it is alone, and among others of its kind.
func TestAFloatOfSingleWidthAmongIntegers(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds")
	tenth := float32(0.1)
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		d.Exec(t, fmt.Sprintf("UPDATE kinds SET fee = CASE id WHEN 1 THEN 0.1 WHEN 2 THEN %v ELSE 3 END", float64(tenth)))
		all := map[string]bool{}
		for _, v := range []any{tenth, []float32{tenth}, []any{tenth}, []any{tenth, 77}, []any{77, &tenth}, []any{tenth, 0.25}} {
			found, err := dovetail.Select(rows).Where(sq.Eq{"fee": v}).OrderBy("id").All(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			all[fmt.Sprint(kit.Pluck(found, func(r *kindsRow) int64 { return r.ID }))] = true
		}
		if len(all) != 1 || all["[]"] {
			t.Errorf("expected the same row, got %v", all)
		}
	})
}

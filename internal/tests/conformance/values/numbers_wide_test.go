package values_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Numbers that are wider than 63 bits, or have fewer digits than a float of 64 bits would show.

type wideRow struct {
	ID int64
	U  uint64
	I  int64
	N  string
	F  float64
}

const wideDDL = `CREATE TABLE wide (id BIGINT PRIMARY KEY, u NUMERIC(20) NOT NULL, i BIGINT NOT NULL, n NUMERIC(30) NOT NULL, f DOUBLE PRECISION NOT NULL);
INSERT INTO wide VALUES (1, 1, 1, 1, 1)`

// TestIntegersOver63BitsAreNoOthers: they are what they are where the database keeps them, and refused before any statement where it does not.
func TestIntegersOver63BitsAreNoOthers(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	wide := dovetail.NewTable[wideRow](r, "wide", dovetail.Type("n", "numeric(30)"))
	beyond, _ := new(big.Int).SetString("18446744073709551617", 10)
	const most uint64 = math.MaxUint64
	kit.OnEach(t, wideDDL, func(t *testing.T, d kit.Database) {
		if d.Postgres() {
			d.Exec(t, "INSERT INTO wide VALUES (2, 18446744073709551615, 2, 18446744073709551617, 2)")
		}
		sel := dovetail.Select(wide).Columns("id").OrderBy("id")
		for _, c := range []struct {
			name  string
			pred  any
			want  []int64 // on PostgreSQL; nil: it is refused there too
			apart bool    // SQLite refuses nothing
		}{
			{"a list for integers of 64 bits", sq.Eq{"u": []uint64{1, most}}, []int64{1, 2}, false},
			{"none of a list", sq.NotEq{"u": []uint64{1, most}}, []int64{}, false},
			{"a list for a field of 63 bits", sq.Eq{"i": []uint64{1, most}}, nil, false},
			{"a list for numeric text", sq.Eq{"n": []uint64{1, most}}, []int64{1}, false},
			{"a list of small ones", sq.Eq{"u": []uint64{1, 2}}, []int64{1}, true},
			{"a big.Int for numeric text", sq.Eq{"n": beyond}, []int64{2}, false},
			{"a list of them", sq.Eq{"n": []*big.Int{beyond, big.NewInt(1)}}, []int64{1, 2}, false},
			{"a small one", sq.Eq{"n": big.NewInt(1)}, []int64{1}, true},
			{"a big.Int in SQL text", sq.Expr("n = ?", beyond), []int64{2}, false},
			{"on the left", sq.Expr("? = wide.n", beyond), []int64{2}, false},
			{"in an order", sq.Expr("n < ?", beyond), []int64{1}, false},
			{"in a list of SQL text", sq.Expr("n IN (?, 1)", beyond), []int64{1, 2}, false},
			{"between", sq.Expr("n BETWEEN 2 AND ?", beyond), []int64{2}, false},
			{"in a call", sq.Expr("coalesce(n, ?) = ?", beyond, beyond), []int64{2}, false},
			{"a small one in SQL text", sq.Expr("n = ?", big.NewInt(1)), []int64{1}, true},
		} {
			rec := d.Record()
			got, err := dovetail.Collect[int64](t.Context(), rec, sel.Where(c.pred))
			if c.want == nil || !d.Postgres() && !c.apart {
				if !errors.Is(err, dovetail.ErrArgType) || len(rec.Stmts) > 0 {
					t.Errorf("%s: expected ErrArgType before any statement, got %v, %v after %d", c.name, got, err, len(rec.Stmts))
				}
				continue
			}
			kit.NoError(t, err)
			kit.Same(t, c.name, got, c.want...)
		}
		for name, set := range map[string]any{"a value": beyond, "SQL text": sq.Expr("coalesce(?, 0)", beyond)} {
			_, err := dovetail.Update(wide).Set("n", set).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
			switch stored, failed := kit.SQL[string](t.Context(), d.DB, "SELECT CAST(n AS TEXT) FROM wide WHERE id = 1"); {
			case failed != nil:
				t.Fatal(failed)
			case err != nil && !errors.Is(err, dovetail.ErrArgType), err == nil && stored[0] != beyond.String():
				t.Errorf("Set of %s: stored %s, %v", name, stored[0], err)
			}
		}
		for _, to := range []string{"i", "n"} {
			_, err := dovetail.Update(wide).Set(to, sq.Expr("0 + ?", math.Inf(1))).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrArgType)
		}
	})
}

type floated struct {
	ID int64
	F  float32
	D  float64
}

// TestAFloatIsFoundInANumericColumn: what was read from a column finds its row, alone and in a list, whoever stored it.
func TestAFloatIsFoundInANumericColumn(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"NUMERIC(10, 2)", "NUMERIC", "REAL", "DOUBLE PRECISION"} {
		for _, declared := range []bool{true, false} {
			t.Run(fmt.Sprint(column, ", declared: ", declared), func(t *testing.T) {
				t.Parallel()
				var opts []dovetail.TableOption
				if declared {
					opts = append(opts, dovetail.Type("f", column), dovetail.Type("d", column))
				}
				rows := dovetail.NewTable[floated](dovetail.NewRegistry(), "floated", opts...)
				open := []func(testing.TB, string) kit.Database{kit.PostgresPool, kit.SQLiteDB}
				for _, of := range open {
					d := of(t, "CREATE TABLE floated (id BIGINT PRIMARY KEY, f "+column+" NOT NULL, d "+column+" NOT NULL)")
					if column != "DOUBLE PRECISION" { // where 0.1 is another number than the float32
						d.Exec(t, "INSERT INTO floated VALUES (1, 0.1, 0.1)")
					}
					mine := &floated{ID: 2, F: 0.15, D: 0.15}
					kit.NoError(t, dovetail.Insert(rows, mine).Exec(t.Context(), d.DB))
					for _, row := range kit.All(t, d.DB, dovetail.Select(rows)) {
						for name, pred := range map[string]any{
							"Eq": sq.Eq{"f": row.F}, "a list": sq.Eq{"f": []float32{row.F, 7, 7.5}}, "SQL text": sq.Expr("f = ?", row.F),
							"a pointer": sq.Eq{"f": &row.F}, "GtOrEq": sq.And{sq.GtOrEq{"f": row.F}, sq.LtOrEq{"f": row.F}},
							"Eq of 64 bits": sq.Eq{"d": row.D}, "a list of 64 bits": sq.Eq{"d": []float64{row.D, 7}},
						} {
							if column == "REAL" && d.Postgres() && name == "Eq of 64 bits" {
								continue // 0.1 as a real is another number than as a float64
							}
							got := kit.Collect[int64](t, d.DB, dovetail.Select(rows).Columns("id").Where(pred))
							kit.Same(t, fmt.Sprint(d.Name, ": ", name, " of row ", row.ID), got, row.ID)
						}
					}
				}
			})
		}
	}
}

package writes_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"math/big"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type bill struct {
	ID     int64
	Amount *string
	Pieces *int64
	Ratio  *float64
}

type billRatio float32

const billsDDL = `CREATE TABLE bills (id BIGINT PRIMARY KEY, amount NUMERIC, pieces BIGINT, ratio DOUBLE PRECISION);
INSERT INTO bills (id, amount) VALUES (1, 3);`

// TestNumbersThatAStringOfANumericColumnReadsBack sets such a column to numbers of every kind, compares it with them, and saves what it reads.
func TestNumbersThatAStringOfANumericColumnReadsBack(t *testing.T) {
	t.Parallel()
	bills := dovetail.NewTable[bill](dovetail.NewRegistry(), "bills", dovetail.AssignedKey(), dovetail.Type("amount", "numeric"))
	over, natural, short := new(big.Int).Lsh(big.NewInt(1), 100), uint64(math.MaxUint64), float32(0.1)
	tests := map[string]struct {
		value    any
		back     string // what it reads back as on PostgreSQL
		onSQLite string // "": it is refused there
	}{
		"an integer":                 {7, "7", "7"},
		"one beyond 53 bits":         {int64(1<<53 + 1), "9007199254740993", "9007199254740993"},
		"one of 63 bits, unsigned":   {uint64(math.MaxInt64), "9223372036854775807", "9223372036854775807"},
		"one of 64 bits":             {natural, "18446744073709551615", ""},
		"a pointer to one":           {&natural, "18446744073709551615", ""},
		"a small one of math/big":    {big.NewInt(7), "7", "7"},
		"a great one of math/big":    {over, "1267650600228229401496703205376", ""},
		"a fraction":                 {1.5, "1.5", "1.5"},
		"a fraction of 32 bits":      {float32(0.5), "0.5", "0.5"},
		"one that has no end":        {float32(0.1), "0.1", "0.1"}, // as a float64 it is 0.10000000149011612
		"a pointer to that":          {&short, "0.1", "0.1"},
		"a null type with that":      {sql.Null[float32]{V: 0.1, Valid: true}, "0.1", "0.1"},
		"one of a named type":        {billRatio(0.1), "0.1", "0.1"},
		"infinity":                   {math.Inf(1), "Infinity", ""},
		"what is below all":          {math.Inf(-1), "-Infinity", ""},
		"infinity of 32 bits":        {float32(math.Inf(1)), "Infinity", ""},
		"a null type with infinity":  {sql.NullFloat64{Float64: math.Inf(1), Valid: true}, "Infinity", ""},
		"what is no number":          {math.NaN(), "NaN", ""},
		"what is none, of 32 bits":   {float32(math.NaN()), "NaN", ""},
		"a null type without number": {sql.Null[float64]{V: math.NaN(), Valid: true}, "NaN", ""},
	}
	kit.OnEach(t, billsDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		for name, test := range tests {
			want := test.onSQLite
			if d.Postgres() {
				want = test.back
			}
			later := dovetail.FromContext(func(context.Context) (any, error) { return test.value, nil })
			for call, run := range map[string]func(db dovetail.DB) error{
				"Set": func(db dovetail.DB) error {
					_, err := dovetail.Update(bills).Set("amount", test.value).Where(sq.Eq{"id": 1}).Exec(ctx, db)
					return err
				},
				"Set, of a context": func(db dovetail.DB) error {
					_, err := dovetail.Update(bills).Set("amount", later).Where(sq.Eq{"id": 1}).Exec(ctx, db)
					return err
				},
			} {
				db := d.Record()
				if err := run(db); want == "" {
					if !errors.Is(err, dovetail.ErrArgType) || len(db.Stmts) > 0 {
						t.Errorf("%s of %s: expected ErrArgType before any statement, got %v and %d", call, name, err, len(db.Stmts))
					}
					continue
				} else if err != nil {
					t.Errorf("%s of %s: %v", call, name, err)
					continue
				}
				read := kit.Must[*bill](t)(dovetail.Select(bills).Get(ctx, d.DB, 1))
				kit.Equal(t, call+" of "+name, *read.Amount, want)
				kit.NoError(t, dovetail.Save(ctx, d.DB, bills, read, "amount"))
			}
			for form, cond := range map[string]any{"equal": sq.Eq{"amount": test.value}, "at most": sq.LtOrEq{"amount": test.value},
				"of a context": sq.Eq{"amount": later}, "in a list": inList(test.value)} {
				if cond == nil {
					continue
				}
				n, err := dovetail.Select(bills).Where(cond).Count(ctx, d.DB)
				switch {
				case want == "" && !errors.Is(err, dovetail.ErrArgType):
					t.Errorf("%s %s: expected ErrArgType, got %v", form, name, err)
				case want != "" && (err != nil || n != 1):
					t.Errorf("%s %s: expected the row, got %d, %v", form, name, n, err)
				}
			}
		}
	})
}

// inList is the condition with a list of the value; lists have no integers over 63 bits.
func inList(value any) any {
	switch value.(type) {
	case uint64, *uint64:
		return nil
	}
	return sq.Eq{"amount": []any{value, nil}}
}

// TestArgumentsOfSQLTextThatADatabaseDoesNotKeep are refused as those of conditions that are no text: SQLite would make them NULL, or store in a
// column of integers what no integer can hold.
func TestArgumentsOfSQLTextThatADatabaseDoesNotKeep(t *testing.T) {
	t.Parallel()
	bills := dovetail.NewTable[bill](dovetail.NewRegistry(), "bills", dovetail.AssignedKey(), dovetail.Type("amount", "numeric"))
	kit.OnEach(t, billsDDL, func(t *testing.T, d kit.Database) {
		if d.Postgres() {
			return // the database has types, and says so
		}
		for name, test := range map[string]struct {
			column string
			value  any
		}{
			"no number of a float":              {"ratio", math.NaN()},
			"no number of a numeric":            {"amount", math.NaN()},
			"infinity of a numeric":             {"amount", math.Inf(1)},
			"infinity of 32 bits, of a numeric": {"amount", float32(math.Inf(-1))},
			"over 63 bits of a numeric":         {"amount", uint64(math.MaxUint64)},
			"over 63 bits of an integer":        {"pieces", uint64(math.MaxUint64)},
			"infinity of an integer":            {"pieces", math.Inf(1)},
			"a float over 63 bits, of integer":  {"pieces", 1e300},
		} {
			later := dovetail.FromContext(func(context.Context) (any, error) { return test.value, nil })
			for _, text := range []string{"?", "(?)", "coalesce(?, 1)", "CASE WHEN bills.id = 1 THEN ? ELSE 2 END"} {
				for _, value := range []any{test.value, later} {
					db := d.Record()
					_, err := dovetail.Update(bills).Set(test.column, sq.Expr(text, value)).Where(sq.Eq{"id": 1}).Exec(t.Context(), db)
					if !errors.Is(err, dovetail.ErrArgType) || len(db.Stmts) > 0 {
						t.Errorf("%s in %s: expected ErrArgType before any statement, got %v and %d", name, text, err, len(db.Stmts))
					}
				}
			}
		}
		_, err := dovetail.Update(bills).Set("ratio", sq.Expr("?", math.Inf(1))).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
		kit.NoError(t, err) // which a float reads back
		if n := kit.Must[int64](t)(dovetail.Select(bills).Where("id < ? AND amount < ?", math.Inf(1), math.Inf(1)).Count(t.Context(), d.DB)); n != 1 {
			t.Errorf("infinity beside an integer: expected the row, got %d", n)
		}
	})
}

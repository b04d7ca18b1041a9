package values_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type unkeptRow struct {
	ID   int64
	N    int64
	F    float64
	M    *float64 `db:"m,computed"`
	Kids []*unkeptKid
}

type unkeptKid struct {
	ID    int64
	RowID int64
	X     float64
}

type (
	ownFloat    float64
	ownUint     uint64
	unkeptValue float64
)

func (v unkeptValue) Value() (driver.Value, error) { return float64(v), nil }

const unkeptDDL = `CREATE TABLE unkept (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, f REAL NOT NULL);
CREATE TABLE unkept_kids (id INTEGER PRIMARY KEY, row_id INTEGER NOT NULL, x REAL NOT NULL);
INSERT INTO unkept VALUES (1, 5, 1.5), (2, 6, 2.5);
INSERT INTO unkept_kids VALUES (1, 1, 1)`

// unkeptPlaces are the places of SQL text in statements, by what they do with the text's argument.
func unkeptPlaces(d kit.Database) map[string]func(ctx context.Context, v any) error {
	r := dovetail.NewRegistry()
	rows, kids := dovetail.NewTable[unkeptRow](r, "unkept"), dovetail.NewTable[unkeptKid](r, "unkept_kids")
	dovetail.HasMany(rows, "kids", kids, dovetail.ForeignKey("row_id"))
	places := map[string]func(ctx context.Context, v any) error{}
	for _, text := range []string{"f < ?", "f <> ?", "? <> f", "f < ? OR n = 5", "? IS NULL OR f < 2", "f > ? IS NULL", "f > ? IS NOT TRUE", "f IS NOT ?", "f IN (?, 1)",
		"abs(f) < ?", "CASE WHEN f < ? THEN 0 ELSE 1 END = 1", "n = 5 AND EXISTS (SELECT 1 WHERE ? IS NULL)"} {
		places["a read where "+text] = func(ctx context.Context, v any) error {
			_, err := dovetail.Select(rows).Where(text, v).Count(ctx, d.DB)
			return err
		}
		places["a delete where "+text] = func(ctx context.Context, v any) error {
			_, err := dovetail.Delete(rows).Where(text, v).Exec(ctx, d.DB)
			return err
		}
		places["an update where "+text] = func(ctx context.Context, v any) error {
			_, err := dovetail.Update(rows).Set("n", 0).Where(text, v).Exec(ctx, d.DB)
			return err
		}
	}
	reads := map[string]func(v any) dovetail.Query[*unkeptRow]{
		"Has": func(v any) dovetail.Query[*unkeptRow] { return dovetail.Select(rows).Has("kids", sq.Expr("x >= ?", v)) },
		"HasNone": func(v any) dovetail.Query[*unkeptRow] {
			return dovetail.Select(rows).HasNone("kids", sq.Expr("x >= ?", v))
		},
		"HasEvery": func(v any) dovetail.Query[*unkeptRow] {
			return dovetail.Select(rows).HasEvery("kids", sq.Expr("x < ?", v))
		},
		"With": func(v any) dovetail.Query[*unkeptRow] {
			return dovetail.Select(rows).With(dovetail.Count("kids").Where("x < ?", v).As("m")).Where(sq.Eq{"m": 0})
		},
		"Join": func(v any) dovetail.Query[*unkeptRow] {
			return dovetail.Select(rows).LeftJoin("kids", sq.Expr("kids.x < ?", v))
		},
		"Preload": func(v any) dovetail.Query[*unkeptRow] {
			return dovetail.Select(rows).Preload("kids", dovetail.Select(kids).Where("x < ?", v))
		},
		"OrderByClause": func(v any) dovetail.Query[*unkeptRow] { return dovetail.Select(rows).OrderByClause("f > ? DESC", v) },
		"Column":        func(v any) dovetail.Query[*unkeptRow] { return dovetail.Select(rows).Column("? AS m", v) },
		"From": func(v any) dovetail.Query[*unkeptRow] {
			return dovetail.Select(rows).From("SELECT * FROM unkept WHERE ? IS NULL", v)
		},
		"Having": func(v any) dovetail.Query[*unkeptRow] {
			return dovetail.Select(rows).GroupBy("id").Having("max(f) > ?", v)
		},
	}
	for name, read := range reads {
		places[name] = func(ctx context.Context, v any) error {
			_, err := read(v).All(ctx, d.DB)
			return err
		}
	}
	places["Set"] = func(ctx context.Context, v any) error {
		_, err := dovetail.Update(rows).Set("f", sq.Expr("coalesce(?, f)", v)).Where("id > 0").Exec(ctx, d.DB)
		return err
	}
	return places
}

// TestWhatSQLiteDoesNotKeepIsNoArgument gives SQL text of every place what the database would take for NULL, or not at all: each is refused before
// anything is sent, and no row is changed.
func TestWhatSQLiteDoesNotKeepIsNoArgument(t *testing.T) {
	t.Parallel()
	nan, big := math.NaN(), uint64(math.MaxUint64)
	one := uint64(1) << 63
	values := map[string]any{
		"NaN": nan, "NaN of 32 bits": float32(nan), "a pointer to NaN": &nan, "an own NaN": ownFloat(nan), "a NullFloat64": sql.NullFloat64{Float64: nan, Valid: true},
		"a Null": sql.Null[float64]{V: nan, Valid: true}, "a Null of 32 bits": sql.Null[float32]{V: float32(nan), Valid: true}, "a Valuer": unkeptValue(nan),
		"a pointer to a Valuer": func() *unkeptValue { v := unkeptValue(nan); return &v }(),
		"2^63":                  one, "2^64-1": big, "a pointer to 2^64-1": &big, "an own 2^64-1": ownUint(big), "a Null of 2^64-1": sql.Null[uint64]{V: big, Valid: true},
	}
	d := kit.SQLiteDB(t, unkeptDDL)
	for place, run := range unkeptPlaces(d) {
		for name, v := range values {
			late := dovetail.FromContext(func(context.Context) (any, error) { return v, nil })
			for _, v := range []any{v, late} {
				err := run(t.Context(), v)
				if errors.Is(err, dovetail.ErrMissingWhere) && strings.Contains(place, "where ? IS NULL") {
					continue // what the value is, nobody asks: the condition may hold for every row
				}
				if !errors.Is(err, dovetail.ErrArgType) || strings.Contains(err.Error(), fmt.Sprint(big)) {
					t.Errorf("%s, %s as %T: expected ErrArgType without the value, got %v", place, name, v, err)
				}
			}
		}
	}
	rows := dovetail.NewTable[unkeptRow](dovetail.NewRegistry(), "unkept")
	if left, err := dovetail.Select(rows).Where("n IN (5, 6)").Count(t.Context(), d.DB); err != nil || left != 2 {
		t.Errorf("expected both rows as they were, got %d, %v", left, err)
	}
}

// TestWhatSQLiteKeepsIsAnArgument are the neighbours of what is refused.
func TestWhatSQLiteKeepsIsAnArgument(t *testing.T) {
	t.Parallel()
	d := kit.SQLiteDB(t, unkeptDDL)
	for place, run := range unkeptPlaces(d) {
		if strings.HasPrefix(place, "a delete") || strings.HasPrefix(place, "an update") {
			continue // of which some are refused for what NULL makes of their condition
		}
		for _, v := range []any{math.Inf(1), math.Inf(-1), float32(1), uint64(math.MaxInt64), nil, (*float64)(nil), sql.NullFloat64{}, unkeptValue(2)} {
			if err := run(t.Context(), v); err != nil {
				t.Errorf("%s, %v as %T: expected it to be taken, got %v", place, v, v, err)
			}
		}
	}
}

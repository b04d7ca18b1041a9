package values_test

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// decimal is a number as libraries for decimals have it: it takes text and floats, and is written as text.
type decimal struct{ text string }

func (d *decimal) Scan(v any) error {
	switch v := v.(type) {
	case string:
		d.text = v
	case []byte:
		d.text = string(v)
	case float64:
		d.text = strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		d.text = strconv.FormatInt(v, 10)
	default:
		return fmt.Errorf("cannot take a %T", v)
	}
	return nil
}

func (d decimal) Value() (driver.Value, error) { return d.text, nil }

// priced is a line of prices: the same columns of numbers, in the types that work on both databases.
type priced[N any] struct {
	ID     int64
	Amount N
}

const pricedDDL = `CREATE TABLE prices (id BIGINT PRIMARY KEY, amount NUMERIC(12, 2));
INSERT INTO prices VALUES (1, 9.50), (2, 10), (3, 10.25), (4, NULL), (5, 100);`

// TestNumbersAreComparedWithNumericColumns: a column declared numeric is one of numbers, though its field is a string.
func TestNumbersAreComparedWithNumericColumns(t *testing.T) {
	t.Parallel()
	prices := dovetail.NewTable[priced[*string]](dovetail.NewRegistry(), "prices", dovetail.Type("amount", "numeric(12, 2)"))
	kit.OnEach(t, pricedDDL, func(t *testing.T, d kit.Database) {
		for what, test := range map[string]struct {
			pred any
			want []int64
		}{
			"an integer":           {sq.Eq{"amount": 10}, []int64{2}},
			"a float":              {sq.Eq{"amount": 10.25}, []int64{3}},
			"greater":              {sq.Gt{"amount": 10}, []int64{3, 5}}, // as text 9.50 is greater, and 100 is not
			"a pointer":            {sq.LtOrEq{"amount": new(int32)}, nil},
			"a text":               {sq.Eq{"amount": "10.25"}, []int64{3}},
			"a list of integers":   {sq.Eq{"amount": []int{10, 100, 7}}, []int64{2, 5}},
			"a list of floats":     {sq.Eq{"amount": []float64{9.5, 10.25}}, []int64{1, 3}},
			"a list of texts":      {sq.Eq{"amount": []string{"9.50", "100"}}, []int64{1, 5}},
			"a mixed list":         {sq.Eq{"amount": []any{"9.50", 10, 10.25}}, []int64{1, 2, 3}},
			"a number first":       {sq.Eq{"amount": []any{10, "9.5", 10.25, decimal{"100"}}}, []int64{1, 2, 3, 5}},
			"numbers":              {sq.Eq{"amount": []any{10, 10.25, int8(100)}}, []int64{2, 3, 5}},
			"great numbers":        {sq.Eq{"amount": []any{int64(1<<62 + 1), 10.25}}, []int64{3}},
			"a mixed list or NULL": {sq.Eq{"amount": []any{nil, 10, "100.0"}}, []int64{2, 4, 5}},
			"none of a mixed list": {sq.NotEq{"amount": []any{"9.50", 10, 10.25}}, []int64{5}},
			"none of the integers": {sq.NotEq{"amount": []int64{10, 100}}, []int64{1, 3}},
			"or NULL":              {dovetail.NotEqOrNull{"amount": 10}, []int64{1, 3, 4, 5}},
		} {
			got := kit.Collect[int64](t, d.DB, dovetail.Select(prices).Columns("id").Where(test.pred).OrderBy("id"))
			kit.Same(t, what, got, test.want...)
		}
		if _, err := dovetail.Update(prices).Set("amount", 12).Where(sq.Eq{"amount": 100}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "after a Set", kit.Collect[int64](t, d.DB, dovetail.Select(prices).Columns("id").Where(sq.Eq{"amount": 12})), 5)
		page := dovetail.Select(prices).Where(sq.NotEq{"amount": nil}).OrderBy("amount", "id").After(10, 2)
		kit.Same(t, "a position", kit.Pluck(kit.All(t, d.DB, page), func(p *priced[*string]) int64 { return p.ID }), 3, 5)
	})
	for _, list := range [][]any{{10, "9.5"}, {"9.5", 10}, {true, "9.5"}} {
		kit.Refused(t, kit.StatementError(dovetail.Select(prices).Where(sq.Eq{"id": list})), dovetail.ErrArgType, `"id"`, "values of one kind")
	}
	kit.Refused(t, kit.StatementError(dovetail.Select(prices).Where(sq.Eq{"amount": []any{"9.5", true}})), dovetail.ErrArgType, "values of one kind")
	rows, err := dovetail.Rows(prices, map[string]any{"id": 1, "amount": 2.5}, map[string]any{"id": 2, "amount": 1e6}, map[string]any{"amount": "3.50"},
		map[string]any{"amount": float32(0.1)}, map[string]any{"amount": 7})
	kit.NoError(t, err)
	kit.Same(t, "rows made of numbers", kit.Pluck(rows, func(p *priced[*string]) string { return *p.Amount }), "2.5", "1000000", "3.50", "0.1", "7")
	undeclared := dovetail.NewTable[priced[*string]](dovetail.NewRegistry(), "prices")
	kit.Refused(t, kit.StatementError(dovetail.Select(undeclared).Where(sq.Gt{"amount": 10})), dovetail.ErrArgType, `Type("amount", "numeric")`)
	kit.Refused(t, kit.StatementError(dovetail.Select(undeclared).Where(sq.Eq{"amount": []any{10, "9.5"}})), dovetail.ErrArgType, "values of one kind")
	_, err = dovetail.Rows(undeclared, map[string]any{"amount": 2.5})
	kit.Refused(t, err, dovetail.ErrArgType, `column "amount"`)
}

// TestDecimals reads, writes and finds decimal numbers in the types that the page on declaring names.
func TestDecimals(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, pricedDDL, func(t *testing.T, d kit.Database) {
		decimals(t, d, 10, decimal{"123.25"}, func(v decimal) string { return v.text })
		decimals(t, d, 20, "123.25", func(v string) string { return v })
		if d.Postgres() {
			var n pgtype.Numeric
			if err := n.Scan("123.25"); err != nil {
				t.Fatal(err)
			}
			decimals(t, d, 30, n, func(v pgtype.Numeric) string {
				value, err := v.Value()
				return fmt.Sprint(value, err)[:6]
			})
		}
	})
}

func decimals[N any](t *testing.T, d kit.Database, id int64, n N, text func(N) string) {
	t.Helper()
	prices := dovetail.NewTable[priced[N]](dovetail.NewRegistry(), "prices", dovetail.Type("amount", "numeric(12, 2)"), dovetail.AssignedKey())
	kit.Insert(t, d.DB, dovetail.Insert(prices, &priced[N]{ID: id, Amount: n}))
	row, err := dovetail.Select(prices).Get(t.Context(), d.DB, id)
	if err != nil {
		t.Fatalf("%T: %v", n, err)
	}
	kit.Equal(t, fmt.Sprintf("%T", n), text(row.Amount), "123.25")
	found, err := dovetail.Select(prices).Where(sq.Eq{"id": id, "amount": n}).Count(t.Context(), d.DB)
	if err != nil || found != 1 {
		t.Errorf("%T: expected to find it again, got %d, %v", n, found, err)
	}
	found, err = dovetail.Select(prices).Where(sq.Eq{"id": id}).Where(sq.Gt{"amount": 100}).Count(t.Context(), d.DB)
	if err != nil || found != 1 {
		t.Errorf("%T: expected to find it by a number, got %d, %v", n, found, err)
	}
}

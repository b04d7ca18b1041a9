package values_test

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// feeRow has columns of numbers in fields of every kind that decimals are kept in.
type feeRow struct {
	ID      int64
	OwnerID int64
	Fee     *string // declared numeric
	Cost    *decimal
	Ratio   *float64
	Note    string
	Owner   *feeOwner
	Made    *float64 `db:"made,computed"`
}

type feeOwner struct {
	ID   int64
	Rows []*feeRow
}

const feeDDL = `CREATE TABLE fe_owners (id BIGINT PRIMARY KEY);
CREATE TABLE fe_rows (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, fee NUMERIC(12, 2), cost NUMERIC(12, 2), ratio DOUBLE PRECISION,
  note TEXT NOT NULL);
INSERT INTO fe_owners VALUES (1), (2);
INSERT INTO fe_rows VALUES (1, 1, 9.50, 100, 8.5, '10'), (2, 1, 10, NULL, 9.5, '9'), (3, 2, 100.25, 9, NULL, '100'), (4, 2, NULL, 10.5, 100, '8.50'),
  (5, 1, 8.5, 8.5, 10, 'x');`

func newFees(opts ...dovetail.TableOption) *dovetail.Table[feeRow] {
	r := dovetail.NewRegistry()
	rows, owners := dovetail.NewTable[feeRow](r, "fe_rows", opts...), dovetail.NewTable[feeOwner](r, "fe_owners")
	dovetail.HasMany(owners, "rows", rows, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"), dovetail.Logical())
	return rows
}

// feeNumbers are the rows again; nil is NULL.
func feeNumbers(column string, id int) *big.Rat {
	text := map[string][]string{"fee": {"9.50", "10", "100.25", "", "8.5"}, "cost": {"100", "", "9", "10.5", "8.5"},
		"ratio": {"8.5", "9.5", "", "100", "10"}}[column][id-1]
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return n
}

// feeForms are expressions over a column X, compared with numbers in every way.
func feeForms() map[string]func(x *big.Rat) *big.Rat {
	same := func(x *big.Rat) *big.Rat { return x }
	return map[string]func(x *big.Rat) *big.Rat{
		"X": same, "(X)": same, "self.X": same, "+X": same, "(SELECT self.X)": same, "CASE WHEN id > 0 THEN X END": same, "max(X, X)": same,
		"coalesce(X, 0)": func(x *big.Rat) *big.Rat {
			if x == nil {
				return new(big.Rat)
			}
			return x
		},
		"X + 0": same, "0 + X": same, "X * 1": same, "abs(X)": same, "round(X, 2)": same, "nullif(X, -1)": same, "- (- X)": same,
		"coalesce(nullif(X, -1), X)": same, "CAST(X AS NUMERIC)": same, "CASE id WHEN 0 THEN 0 ELSE X END": same,
	}
}

// TestDecimalsInSQLTextAreComparedAsNumbers compares decimals that are sent as texts with what SQL text makes of columns of numbers: the
// rows are those that Go finds.
func TestDecimalsInSQLTextAreComparedAsNumbers(t *testing.T) {
	t.Parallel()
	rows := newFees(dovetail.Type("fee", "numeric(12, 2)"), dovetail.Type("cost", "numeric(12, 2)"))
	holds := func(op string, x, low, high *big.Rat) bool {
		if x == nil {
			return false
		}
		within := x.Cmp(low) >= 0 && x.Cmp(high) <= 0
		return map[string]bool{"<": x.Cmp(low) < 0, "<=": x.Cmp(low) <= 0, ">": x.Cmp(low) > 0, ">=": x.Cmp(low) >= 0, "=": x.Cmp(low) == 0,
			"<>": x.Cmp(low) != 0, "between": within, "not between": !within, "in": x.Cmp(low) == 0 || x.Cmp(high) == 0}[op]
	}
	spell := func(op, x string) string {
		switch op {
		case "between", "not between":
			return x + " " + op + " ? and ?"
		case "in":
			return x + " in (?, ?)"
		}
		return x + " " + op + " ?"
	}
	mirror := map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
	low, high := "9.500", "10.00"
	l, _ := new(big.Rat).SetString(low)
	h, _ := new(big.Rat).SetString(high)
	kinds := map[string]func(string) any{
		"a text": func(s string) any { return s }, "a decimal": func(s string) any { return decimal{s} }, "a pointer": func(s string) any { return &s },
		"late": func(s string) any { return dovetail.FromContext(func(context.Context) (any, error) { return s, nil }) },
	}
	kit.OnEach(t, feeDDL, func(t *testing.T, d kit.Database) {
		for form, value := range feeForms() {
			if d.Postgres() && (strings.HasPrefix(form, "max(") || strings.HasPrefix(form, "round(")) {
				continue
			}
			for _, column := range []string{"fee", "cost", "ratio"} {
				for _, op := range []string{"<", "<=", ">", ">=", "=", "<>", "between", "not between", "in", "behind <", "behind >=", "behind ="} {
					for kind, arg := range kinds {
						x := strings.ReplaceAll(form, "X", column)
						text, args := spell(op, x), []any{arg(low), arg(high)}
						op, behind := strings.CutPrefix(op, "behind ")
						if behind {
							text = "? " + op + " " + x
							op = mirror[op]
						}
						if n := strings.Count(text, "?"); n < 2 {
							args = args[:n]
						}
						var want []int64
						for id := 1; id <= 5; id++ {
							if holds(op, value(feeNumbers(column, id)), l, h) {
								want = append(want, int64(id))
							}
						}
						what := fmt.Sprintf("%s with %s", text, kind)
						found, err := dovetail.Select(rows).Where(text, args...).OrderBy("id").All(t.Context(), d.DB)
						if err != nil {
							t.Errorf("%s: %v", what, err)
							continue
						}
						kit.Equal(t, what, fmt.Sprint(kit.Pluck(found, func(f *feeRow) int64 { return f.ID })), fmt.Sprint(want))
					}
				}
			}
		}
		feePlaces(t, d, rows)
	})
}

// feePlaces compares decimals in the places that SQL text and names of values have.
func feePlaces(t *testing.T, d kit.Database, rows *dovetail.Table[feeRow]) {
	t.Helper()
	q := dovetail.Select(rows).OrderBy("id")
	total := dovetail.Select(rows).Columns("owner_id").Column("sum(fee) AS fee").Column("min(cost + 0) AS cost").GroupBy("owner_id")
	// The sums are 28 and 100.25; the least costs 8.5 and 9.
	from := dovetail.Select(rows).Columns("owner_id").From(total).OrderBy("owner_id")
	made := q.Columns("id").Column("coalesce(fee, 0) AS made")
	for what, c := range map[string]struct {
		q    dovetail.Query[*feeRow]
		want string
	}{
		"an argument that is text":    {q.Where("? < 9.0", sq.Expr("coalesce(fee, ?)", "8.75")), "[4 5]"},
		"text beside a number":        {q.Where("fee * 2 >= ?", sq.Expr("?", "20.0")), "[2 3]"},
		"a value in between":          {q.Where("coalesce(fee, ?) between ? and ?", "9", "8.50", decimal{"9.50"}), "[1 4 5]"},
		"a sum":                       {q.Where("fee + ? > ?", "1.5", "11"), "[2 3]"},
		"a text is a text":            {q.Where("lower(note) = ? or note || '' = ?", "9", "8.50"), "[2 4]"},
		"a name of text":              {made.Where("made between ? and ?", "0", "9.50"), "[1 4 5]"},
		"a name of text in":           {made.Where("made in (?, ?)", "9.5", "10.0"), "[1 2]"},
		"a name of text behind":       {made.Where("? > made", "9.500"), "[4 5]"},
		"grouped":                     {q.Columns("id").GroupBy("id").Having("sum(fee) >= ? and count(*) = ?", "10.0", "1"), "[2 3]"},
		"a query in From: =":          {from.Where(sq.Eq{"fee": "28.00"}), "[1]"},
		"a query in From: in":         {from.Where(sq.Eq{"fee": []string{"28.00", "7"}}), "[1]"},
		"a query in From: <":          {from.Where(sq.Lt{"fee": decimal{"100"}}), "[1]"},
		"a query in From: text":       {from.Where("fee < ?", "100"), "[1]"},
		"a query in From: between":    {from.Where("fee between ? and ?", "9", "100.5"), "[1 2]"},
		"a query in From: behind":     {from.Where("? < fee", "9"), "[1 2]"},
		"a query in From: expression": {from.Where("cost * 2 = ?", "17.0"), "[1]"},
		"a query in From: distinct":   {from.Where(dovetail.NotEqOrNull{"cost": "8.50"}), "[2]"},
		"a text in From":              {from.From("SELECT owner_id, sum(fee) AS fee, min(cost) AS cost FROM fe_rows GROUP BY owner_id").Where(sq.Gt{"fee": "9"}), "[1 2]"},
		"a text in From, in text":     {from.From("SELECT owner_id, sum(fee) AS fee, min(cost) AS cost FROM fe_rows GROUP BY owner_id").Where("fee > ? AND cost IN (?, ?)", "9", "8.50", "7"), "[1]"},
	} {
		found, err := c.q.All(t.Context(), d.DB)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		kit.Equal(t, what, fmt.Sprint(kit.Pluck(found, func(f *feeRow) int64 { return max(f.ID, f.OwnerID*map[bool]int64{true: 1}[f.ID == 0]) })), c.want)
	}
}

// TestDecimalsBesideWhatNobodyKnowsAreRefused: where SQLite would compare a number written as a text with what may be a number, and no
// declaration says so, it is an error.
func TestDecimalsBesideWhatNobodyKnowsAreRefused(t *testing.T) {
	t.Parallel()
	rows := newFees()
	db := kit.SQLiteDB(t, feeDDL).DB
	for _, text := range []string{"coalesce(cost, cost) < ?", "? = nullif(cost, 'x')", "max(cost, ?) > 1", "+cost < ?", "? IN (cost)",
		"CASE WHEN id > 1 THEN ratio ELSE note END = ?"} {
		for _, arg := range []any{"9.5", decimal{"9.5"}} {
			if strings.Contains(text, "max(") {
				continue // 1 says that it is a number
			}
			_, err := dovetail.Select(rows).Where(text, arg).All(t.Context(), db)
			kit.Refused(t, err, dovetail.ErrUnsupported, "CAST(? AS NUMERIC)", "Type")
		}
	}
	for text, want := range map[string]string{"coalesce(cost, 0) < CAST(? AS NUMERIC)": "[2 3 5]", "cost < ?": "[3 5]", "(cost) < ?": "[3 5]", "coalesce(cost, 0) < ?": "[2 3 5]"} {
		found, err := dovetail.Select(rows).Where(text, decimal{"10"}).OrderBy("id").All(t.Context(), db)
		kit.NoError(t, err)
		kit.Equal(t, text, fmt.Sprint(kit.Pluck(found, func(f *feeRow) int64 { return f.ID })), want)
	}
}

// An argument may meet a column and something that has no type, and a number is one however it is spelled, and nothing else is.
func TestDecimalsBesideColumnsAndLiterals(t *testing.T) {
	t.Parallel()
	rows := newFees(dovetail.Type("fee", "numeric(12, 2)"), dovetail.Type("cost", "numeric(12, 2)"))
	kit.OnEach(t, feeDDL, func(t *testing.T, d kit.Database) {
		for _, test := range []struct {
			text string
			args []any
			want []int64
		}{
			{"? BETWEEN fee AND 10", []any{"9"}, []int64{5}}, // 8.5 <= 9 <= 10; 9.50, 10 and 100.25 are greater
			{"(? BETWEEN fee AND 10)", []any{"9"}, []int64{5}},
			{"NOT ? BETWEEN fee AND 10", []any{"9"}, []int64{1, 2, 3}},
			{"? NOT BETWEEN fee AND 10", []any{"9"}, []int64{1, 2, 3}},
			{"id > 0 AND ? BETWEEN fee AND 10", []any{"9"}, []int64{5}},
			{"? BETWEEN 1 AND fee", []any{"9"}, []int64{1, 2, 3}},
			{"? BETWEEN fee AND cost", []any{"9"}, nil}, // of the fifth row both are 8.5
			{"? < 10 AND fee > ?", []any{"9", "9"}, []int64{1, 2, 3}},
			{"fee * 1 >= ?", []any{" 10 "}, []int64{2, 3}},
			{"fee * 1 >= ?", []any{"\t10\n"}, []int64{2, 3}},
			{"fee * 1 >= ?", []any{"1e1"}, []int64{2, 3}},
		} {
			if d.Postgres() && strings.HasPrefix(test.text, "? <") {
				continue // its argument is an integer there, as the literal is
			}
			got := kit.Pluck(kit.All(t, d.DB, dovetail.Select(rows).Where(test.text, test.args...).OrderBy("id")), func(r *feeRow) int64 { return r.ID })
			kit.Same(t, fmt.Sprint(test.text, " ", test.args), got, test.want...)
		}
		if d.Postgres() {
			return
		}
		for _, none := range []string{"Infinity", "NaN", "1_0", "0x10"} { // which a CAST would take for 0 and 1
			n, err := dovetail.Delete(rows).Where("coalesce(fee, 0) >= ?", none).Exec(t.Context(), d.DB)
			if n != 0 {
				t.Errorf("%s: %d rows are greater, %v", none, n, err)
			}
		}
	})
}

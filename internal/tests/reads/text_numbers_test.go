package reads_test

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// tariff has numbers in fields of every kind that texts are compared with.
type tariff struct {
	ID    int64
	Fee   *string // declared numeric
	Gross *amount // a type of its own, not declared
	Net   *amount // declared
	Ratio *float64
	Code  string
}

// amount is a decimal that writes its own text.
type amount struct{ text string }

func (a amount) Value() (driver.Value, error) { return a.text, nil }

func (a *amount) Scan(v any) error {
	a.text = fmt.Sprint(v)
	return nil
}

const tariffDDL = `CREATE TABLE tariffs (id BIGINT PRIMARY KEY, fee NUMERIC(12, 2), gross NUMERIC(12, 2), net NUMERIC(12, 2),
  ratio DOUBLE PRECISION, code TEXT NOT NULL);
INSERT INTO tariffs VALUES (1, 9.5, 9.5, 9.5, 9.5, '9.5'), (2, 10, 10, 10, 10, '10'), (3, 100.25, 100.25, 100.25, 100.25, '100.25'),
  (4, NULL, NULL, NULL, NULL, 'x'), (5, -8.5, -8.5, -8.5, -8.5, '-8.50');`

func newTariffs() *dovetail.Table[tariff] {
	return dovetail.NewTable[tariff](dovetail.NewRegistry(), "tariffs", dovetail.Type("fee", "numeric(12, 2)"), dovetail.Type("net", "decimal(12, 2)"))
}

// tariffNumber is the number that every column of a row holds; nil is NULL.
func tariffNumber(id int) *big.Rat {
	return [...]*big.Rat{nil, big.NewRat(19, 2), big.NewRat(10, 1), big.NewRat(401, 4), nil, big.NewRat(-17, 2)}[id]
}

// numberExprs are expressions of the row v that are the number of its column X, or, where it is NULL, what is told.
var numberExprs = map[string]struct {
	null   *big.Rat
	sqlite bool
}{
	"v.X": {}, "v.X * 1": {}, "(v.X)": {}, "- (- v.X)": {}, "coalesce(v.X, 0)": {null: new(big.Rat)}, "CASE WHEN v.id > 0 THEN v.X END": {}, "v.X + 0 * v.id": {},
	"CAST(v.X AS NUMERIC)": {}, "(SELECT v.X)": {}, "max(v.X, v.X)": {sqlite: true}, "nullif(v.X, -1)": {}, "round(v.X, 2)": {sqlite: true}, "+ v.X": {},
	"(SELECT max(u.X) FROM tariffs u WHERE u.id = v.id)": {}, "abs(v.X) * sign(v.X)": {}, "CASE v.id WHEN 0 THEN 0 ELSE v.X END": {},
}

// numberPlaces find the rows for which what stands between « and » is compared, which is the expression E of their row v.
var numberPlaces = map[string]bool{ // whether it is SQLite's alone
	"id IN (SELECT id FROM (SELECT v.id, {E} AS w FROM tariffs v) AS d WHERE «w»)":                                                                          false,
	"id IN (SELECT d.id FROM (SELECT v.id, {E} AS w FROM tariffs v) AS d WHERE «d.w»)":                                                                      false,
	"id IN (SELECT d.id FROM (SELECT v.id, {E} AS \"W w\" FROM tariffs v) AS d WHERE «d.\"W w\"»)":                                                          false,
	"id IN (WITH c AS (SELECT v.id, {E} AS w FROM tariffs AS v) SELECT id FROM c WHERE «w»)":                                                                false,
	"id IN (WITH c(i, w) AS (SELECT v.id, {E} FROM tariffs AS v), e AS (SELECT * FROM c) SELECT e.i FROM e WHERE «e.w» ORDER BY e.w LIMIT 9)":               false,
	"id IN (WITH RECURSIVE c(i, w) AS (SELECT v.id, {E} FROM tariffs v UNION ALL SELECT i, w FROM c WHERE i > 9) SELECT i FROM c WHERE «w»)":                false,
	"id IN (SELECT i FROM (SELECT v.id AS i, max({E}) AS w FROM tariffs v GROUP BY v.id HAVING «w») AS d)":                                                  true,
	"id IN (SELECT i FROM (SELECT v.id AS i, {E} AS w FROM tariffs v WHERE «w») AS d)":                                                                      true,
	"id IN (SELECT v.id FROM tariffs v GROUP BY v.id HAVING «max({E})»)":                                                                                    false,
	"EXISTS (SELECT 1 FROM tariffs v WHERE v.id = self.id AND «{E}»)":                                                                                       false,
	"EXISTS (SELECT {E} AS w FROM tariffs v WHERE v.id = self.id AND «w»)":                                                                                  true,
	"EXISTS (SELECT {E} AS w FROM tariffs v WHERE v.id = self.id AND EXISTS (SELECT 1 FROM tariffs u WHERE «w»))":                                           true,
	"id IN (SELECT id FROM (SELECT * FROM (SELECT v.id, {E} AS w FROM tariffs v) a) b WHERE «b.w»)":                                                         false,
	"id IN (SELECT b.id FROM (SELECT a.*, 1 AS one FROM (SELECT v.id, {E} AS w FROM tariffs v) a, (SELECT 1 AS z) y) b WHERE «w»)":                          false,
	"id IN (SELECT id FROM (SELECT v.id, {E} AS w FROM tariffs v WHERE v.id < 3 UNION ALL SELECT v.id, {E} FROM tariffs v WHERE v.id >= 3) AS d WHERE «w»)": false,
	"id IN (SELECT d.id FROM (SELECT v.id, {E} AS w FROM tariffs v) d JOIN tariffs u ON u.id = d.id AND «d.w»)":                                             false,
	"id IN (SELECT id FROM (SELECT v.id, {E} AS w FROM tariffs v) d LEFT JOIN (SELECT id, 1 AS one FROM tariffs) u USING (id) WHERE «w» AND u.one = 1)":     false,
	"id IN (SELECT i FROM (SELECT v.id AS i, first_value({E}) OVER (PARTITION BY v.id) AS w FROM tariffs v) AS d WHERE «w»)":                                false,
	"id IN (SELECT i FROM (SELECT v.id AS i, sum({E}) OVER o AS w FROM tariffs v WINDOW o AS (PARTITION BY v.id)) AS d WHERE «w»)":                          false,
	"(self.id, 1) IN (SELECT d.id, CASE WHEN «d.w» THEN 1 ELSE 0 END FROM (SELECT v.id, {E} AS w FROM tariffs v) d)":                                        false,
	"«(SELECT {E} FROM tariffs v WHERE v.id = self.id)»":                                                                                                    false,
	"(SELECT «d.w» FROM (SELECT v.id AS i, {E} AS w FROM tariffs v) d WHERE d.i = self.id)":                                                                 false,
	"1 = CASE WHEN «(SELECT max(w) FROM (SELECT v.id AS i, {E} AS w FROM tariffs v) d WHERE d.i = self.id)» THEN 1 END":                                     false,
	"id IN (SELECT i FROM (VALUES (1), (2), (3), (4), (5)) AS z JOIN (SELECT v.id AS i, {E} AS w FROM tariffs v) d ON d.i = column1 WHERE «d.w»)":           false,
	"id NOT IN (SELECT i FROM (SELECT v.id AS i, {E} AS w FROM tariffs v) d WHERE CASE WHEN «d.w» THEN 0 ELSE 1 END = 1)":                                   false,
	"id IN (SELECT v.id FROM tariffs v WHERE «({E})» AND v.code <> '?' -- a comment\n)":                                                                     false,
	"id IN (SELECT v.id FROM (tariffs AS v JOIN tariffs AS u ON u.id = v.id) WHERE «{E}»)":                                                                  false,
}

// numberOps compare @ with two numbers.
var numberOps = map[string]func(w, low, high *big.Rat) bool{
	"@ < ?": func(w, low, _ *big.Rat) bool { return w.Cmp(low) < 0 }, "@ <= ?": func(w, low, _ *big.Rat) bool { return w.Cmp(low) <= 0 },
	"@ > ?": func(w, low, _ *big.Rat) bool { return w.Cmp(low) > 0 }, "@ >= ?": func(w, low, _ *big.Rat) bool { return w.Cmp(low) >= 0 },
	"@ = ?": func(w, low, _ *big.Rat) bool { return w.Cmp(low) == 0 }, "@ <> ?": func(w, low, _ *big.Rat) bool { return w.Cmp(low) != 0 },
	"? < @": func(w, low, _ *big.Rat) bool { return w.Cmp(low) > 0 }, "? = @": func(w, low, _ *big.Rat) bool { return w.Cmp(low) == 0 },
	"@ BETWEEN ? AND ?":            func(w, low, high *big.Rat) bool { return w.Cmp(low) >= 0 && w.Cmp(high) <= 0 },
	"@ IN (?, ?)":                  func(w, low, high *big.Rat) bool { return w.Cmp(low) == 0 || w.Cmp(high) == 0 },
	"? BETWEEN @ AND ?":            func(w, low, high *big.Rat) bool { return w.Cmp(low) <= 0 && low.Cmp(high) <= 0 },
	"? IN (@, ?)":                  func(w, low, high *big.Rat) bool { return w.Cmp(low) == 0 || low.Cmp(high) == 0 },
	"@ IS NOT DISTINCT FROM ?":     func(w, low, _ *big.Rat) bool { return w.Cmp(low) == 0 },
	"coalesce(@, ?) < ?":           func(w, _, high *big.Rat) bool { return w.Cmp(high) < 0 },
	"nullif(?, @) = ?":             func(w, low, high *big.Rat) bool { return w.Cmp(low) != 0 && low.Cmp(high) == 0 },
	"CASE @ WHEN ? THEN 1 END = 1": func(w, low, _ *big.Rat) bool { return w.Cmp(low) == 0 },
	"@ + ? > ?":                    func(w, low, high *big.Rat) bool { return new(big.Rat).Add(w, low).Cmp(high) > 0 },
	"(@, 1) < (?, 1)":              func(w, low, _ *big.Rat) bool { return w.Cmp(low) < 0 },
}

// numberKinds return an argument as callers give it, of a kind that is sent as text.
var numberKinds = map[string]func(s string) any{
	"a text": func(s string) any { return s }, "a pointer": func(s string) any { return &s }, "a decimal": func(s string) any { return amount{s} },
	"of json": func(s string) any { return json.Number(s) },
	"late":    func(s string) any { return dovetail.FromContext(func(context.Context) (any, error) { return s, nil }) },
}

// TestNumbersAsTextBesideNamesOfQueries compares numbers that are sent as texts with what a SELECT inside of SQL text has a name for, in
// every place and form: the rows are those that Go finds, or it is an error; where the registry tells that they are numbers, they are
// found. A text that is no number is refused there.
func TestNumbersAsTextBesideNamesOfQueries(t *testing.T) {
	t.Parallel()
	rows := newTariffs()
	pairs := [][2]string{{"9.50", "1e1"}, {" 9 ", "100"}, {"-8.5", "9.5"}}
	kit.OnEach(t, tariffDDL, func(t *testing.T, d kit.Database) {
		right, refused, n := 0, 0, 0
		for _, place := range slices.Sorted(maps.Keys(numberPlaces)) {
			for _, expr := range slices.Sorted(maps.Keys(numberExprs)) {
				for _, op := range slices.Sorted(maps.Keys(numberOps)) {
					for _, column := range []string{"fee", "net", "ratio", "gross"} {
						e, holds, told := numberExprs[expr], numberOps[op], column != "gross"
						n++
						pair := pairs[n%len(pairs)]
						if !d.Postgres() && n%5 > 0 || d.Postgres() && (numberPlaces[place] || e.sqlite || !told || n%20 > 0 || strings.HasPrefix(op, "nullif") || op == "? IN (@, ?)" || strings.HasPrefix(op, "coalesce")) {
							continue
						}
						value := strings.ReplaceAll(expr, "X", column)
						text := numberText(place, value, op)
						kind := []string{"a text", "a pointer", "a decimal", "of json", "late", "a text", "a text"}[n%7]
						if d.Postgres() {
							kind = "a text"
						}
						args := []any{numberKinds[kind](pair[0]), numberKinds[kind](pair[1])}[:strings.Count(op, "?")]
						low, high := rat(pair[0]), rat(pair[1])
						var want []int64
						for id := 1; id <= 5; id++ {
							w := tariffNumber(id)
							if w == nil {
								w = e.null
							}
							switch {
							case w == nil && op == "coalesce(@, ?) < ?":
								w = low
							case w == nil && op == "? IN (@, ?)" && low.Cmp(high) == 0, w == nil && op == "nullif(?, @) = ?" && low.Cmp(high) == 0:
								w = new(big.Rat).Add(low, rat("1"))
							}
							if w != nil && holds(w, low, high) {
								want = append(want, int64(id))
							}
						}
						what := fmt.Sprintf("%s with %s %q", text, kind, pair)
						found, err := dovetail.Select(rows).Where(text, args...).OrderBy("id").All(t.Context(), d.DB)
						switch {
						case err == nil:
							right++
							kit.Equal(t, what, fmt.Sprint(kit.Pluck(found, func(r *tariff) int64 { return r.ID })), fmt.Sprint(want))
						case told || !errors.Is(err, dovetail.ErrUnsupported):
							t.Errorf("%s: %v", what, err)
						default:
							refused++
						}
						if told && !d.Postgres() && n%3 == 0 && !strings.Contains(op, "+") {
							args[len(args)-1] = numberKinds[kind]("abc")
							_, err := dovetail.Select(rows).Where(text, args...).Count(t.Context(), d.DB)
							if !errors.Is(err, dovetail.ErrArgType) {
								t.Errorf("%s with a text that is no number: %v", what, err)
							}
						}
						if t.Failed() && n > 3000 {
							return
						}
					}
				}
			}
		}
		t.Logf("%d right, %d refused", right, refused)
	})
}

// numberText writes the form of a comparison of an expression into a place.
func numberText(place, value, op string) string {
	before, rest, _ := strings.Cut(place, "«")
	name, after, _ := strings.Cut(rest, "»")
	return strings.ReplaceAll(before+strings.ReplaceAll(op, "@", name)+after, "{E}", value)
}

func rat(text string) *big.Rat {
	n, _ := new(big.Rat).SetString(strings.TrimSpace(text))
	return n
}

// TestNumbersAsTextInFormsOfTheirOwn: of forms that no table of them has, each finds the rows whose fee is as it says (9.5, 10, 100.25, NULL
// and -8.5), or is refused: "type" as no number, "unknown" as what may be one or not.
func TestNumbersAsTextInFormsOfTheirOwn(t *testing.T) {
	t.Parallel()
	rows := newTariffs()
	db := kit.SQLiteDB(t, tariffDDL+"CREATE TABLE strange (code TEXT, n NUMERIC); INSERT INTO strange VALUES ('10', 10);").DB
	for _, c := range []struct {
		text string
		args []any
		want string
	}{
		{"fee IN (SELECT ? UNION SELECT ?)", []any{"9.50", "10"}, "[1 2]"},
		{"fee * 1 IN (VALUES (?), (?))", []any{"9.50", "10"}, "[1 2]"},
		{"fee * 1 IN (SELECT x FROM (SELECT ? AS x))", []any{"9.50"}, "[1]"},
		{"EXISTS (SELECT 1 FROM (SELECT ? AS x) d WHERE d.x = self.fee * 1)", []any{"9.50"}, "[1]"},
		{"fee * 1 < (WITH c AS (SELECT ? AS w) SELECT w FROM c)", []any{"9.75"}, "[1 5]"},
		{"fee * 1 < (SELECT max(x) FROM (SELECT ? AS x UNION SELECT ?))", []any{"9.75", "9"}, "[1 5]"},
		{"? IN (fee, ratio)", []any{"9.50"}, "[1]"},
		{"CASE ? WHEN fee * 1 THEN 1 ELSE 0 END", []any{"9.50"}, "[1]"},
		{"CASE WHEN fee > ? THEN 1 ELSE 0 END = ?", []any{"9.75", "1"}, "[2 3]"},
		{"iif(fee > 9, fee, ?) = ?", []any{"1", "1.0"}, "[4 5]"},
		{"? BETWEEN fee AND ?", []any{"9.75", "10"}, "[1 5]"},
		{"? BETWEEN fee AND ? AND ? = ?", []any{"9.75", "10", 5, "5.0"}, "[1 5]"},
		{"fee * 1 > ? COLLATE NOCASE", []any{"9"}, "[1 2 3]"},
		{"fee LIKE ? AND fee * 1 LIKE ?", []any{"9%", "%5"}, "[1]"},
		{"id IN (SELECT i FROM (SELECT id AS i, rank() OVER w AS n FROM tariffs WINDOW w AS (ORDER BY fee)) WHERE n <= ?)", []any{"2"}, "[4 5]"},
		{"id IN (SELECT i FROM (SELECT id AS i, lag(fee) OVER (ORDER BY fee) AS n FROM tariffs) WHERE n <= ?)", []any{"10"}, "[1 2 3]"},
		{"id IN (SELECT column1 FROM (VALUES (1, 2.5), (2, 20)) WHERE column2 < ?)", []any{"10"}, "[1]"},
		{"EXISTS (SELECT 1 FROM (?) AS d WHERE d.w < ? AND d.id = self.id)", []any{dovetail.Select(rows).Columns("id").Column("fee * 1 AS w"), "9.75"}, "[1 5]"},
		{"EXISTS (SELECT 1 FROM strange s WHERE code = ? AND s.n = self.fee)", []any{"10"}, "[2]"}, // a column, which has a type
		{"EXISTS (SELECT 1 FROM strange s WHERE n * 1 = ? AND s.n = self.fee)", []any{"10.0"}, "[2]"},
		{"coalesce(code, '') = ? AND lower(code) = ?", []any{"9.5", "9.5"}, "[1]"},

		{"EXISTS (SELECT 1 FROM (SELECT max(n) AS m FROM strange) s WHERE m < ?)", []any{"90"}, "unknown"},
		{"coalesce(code, fee) = ?", []any{"9.5"}, "unknown"},
		{"json_extract(json_object('a', fee), '$.a') < ?", []any{"9.75"}, "unknown"},
		{"json_object('a', fee) ->> 'a' < ?", []any{"9.75"}, "unknown"},
		{"EXISTS (SELECT 1 FROM json_each(json_array(fee)) j WHERE j.value < ?)", []any{"9.75"}, "unknown"},
		{`id IN (SELECT i FROM (SELECT id AS i, fee*1 FROM tariffs) WHERE "fee*1" <= ?)`, []any{"10"}, "unknown"},
		{"id IN (SELECT a FROM (SELECT * FROM (SELECT 1 AS a, 2.5 AS b) UNION SELECT * FROM (SELECT 2, 20)) WHERE b < ?)", []any{"10"}, "unknown"},
		{"fee * 1 < ? ORDER", []any{"9"}, "unknown"},

		{"fee < ?", []any{"abc"}, "type"}, {"id = ?", []any{"1x"}, "type"}, {"self.net >= ?", []any{amount{""}}, "type"},
		{"fee BETWEEN ? AND ?", []any{"9", json.Number("1_0")}, "type"},
		{"length(code) = ?", []any{"abc"}, "type"},
		{"EXISTS (SELECT 1 FROM tariffs WHERE ratio <> ?)", []any{"NaN"}, "type"},
		{"code = ? OR code LIKE ? OR gross = ?", []any{"abc", "abc", "abc"}, "[]"},
	} {
		got, err := dovetail.Select(rows).Where(c.text, c.args...).OrderBy("id").All(t.Context(), db)
		found := fmt.Sprint(kit.Pluck(got, func(r *tariff) int64 { return r.ID }))
		switch {
		case errors.Is(err, dovetail.ErrUnsupported) && strings.Contains(err.Error(), "CAST(? AS NUMERIC)"):
			found = "unknown"
		case errors.Is(err, dovetail.ErrArgType):
			found = "type"
		case err != nil:
			found = err.Error()
		}
		kit.Equal(t, fmt.Sprint(c.text, c.args), found, c.want)
	}
}

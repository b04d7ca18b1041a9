package postgres_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

type weight float64

// decimal is a type of the program's own that gives a text.
type decimal string

func (d decimal) Value() (driver.Value, error) { return string(d), nil }

// decimals returns a number as each type that is sent as the text of it.
func decimals(digits string) []any {
	var n pgtype.Numeric
	if err := n.ScanScientific(digits); err != nil {
		panic(err)
	}
	d := decimal(digits)
	return []any{n, &n, d, &d, sql.Null[decimal]{V: d, Valid: true}, sql.NullString{String: digits, Valid: true}, pgtype.Text{String: digits, Valid: true}}
}

type cents int64

func (c cents) Value() (driver.Value, error) { return float64(c) / 100, nil }

// floats returns a float as each Go type that is one.
func floats(f float64) []any {
	p := &f
	all := []any{f, p, &p, weight(f), sql.NullFloat64{Float64: f, Valid: true}, &sql.NullFloat64{Float64: f, Valid: true}, sql.Null[float64]{V: f, Valid: true},
		sql.Null[weight]{V: weight(f), Valid: true}, pgtype.Float8{Float64: f, Valid: true}}
	if single := float32(f); float64(single) == f {
		all = append(all, single, &single, pgtype.Float4{Float32: single, Valid: true}, sql.Null[float32]{V: single, Valid: true})
	}
	if f == math.Trunc(f*100)/100 && math.Abs(f) < 1e6 {
		all = append(all, cents(f*100))
	}
	return all
}

// TestFloatsAreNotCutOff: beside an integer a float that is none is refused, or compared as the number that it is. All else takes it as it did.
func TestFloatsAreNotCutOff(t *testing.T) {
	t.Parallel()
	some := []float64{1.5, 0.25, -1.5, 1, 2}
	all := append([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, 1 << 63}, some...)
	columns := []struct {
		typ    string
		holds  float64
		floats []float64
	}{
		{"int2", 1, all},
		{"int4", 1, all},
		{"int8", 1, all},
		{"oid", 1, all},
		{"whole", 1, all},
		{"float8", 1.5, all},
		{"float4", 1.5, some},
		{"numeric", 1.5, some},
		{"part", 1.5, some},
		{"money", 1.5, some},
		{"jsonb", 1.5, some},
	}
	ddl := "CREATE DOMAIN whole AS int CHECK (VALUE > 0); CREATE DOMAIN part AS numeric;\n"
	for _, c := range columns {
		ddl += fmt.Sprintf("CREATE TABLE of_%s (c %s); INSERT INTO of_%s VALUES (%s);\n", c.typ, c.typ, c.typ,
			map[bool]string{true: fmt.Sprintf("'%v'", c.holds), false: fmt.Sprint(c.holds)}[c.typ == "jsonb"])
	}
	everyWay(t, ddl, func(t *testing.T, db *postgres.DB) {
		if strings.HasSuffix(t.Name(), "/tx") {
			return // which a refusal of the server ends
		}
		for _, c := range columns {
			for _, f := range c.floats {
				for _, v := range floats(f) {
					got, err := collect(db, stmt("SELECT 'found' FROM of_"+c.typ+" WHERE c >= $1", v))
					switch what := fmt.Sprintf("%s beside a %T of %v", c.typ, v, f); {
					case err == nil && (len(got[0]) > 0) != (c.holds >= f):
						t.Errorf("%s: got %v", what, got)
					case err != nil && (c.holds > 1 || slices.Contains([]float64{1, 2}, f)) && !(strings.Contains(t.Name(), "simple") && c.typ != "float8"):
						t.Errorf("%s: %v", what, err) // in the simple protocol a number has a type, which these are not compared with
					case err != nil && !strings.Contains(t.Name(), "simple") && postgres.Dialect.Failure(err).Kind != dialect.FailureValue:
						t.Errorf("%s: expected a value that is refused, got %v", what, err)
					}
				}
			}
		}
	})
}

// TestListsOfFloatsAreNotCutOff is the same for arrays.
func TestListsOfFloatsAreNotCutOff(t *testing.T) {
	t.Parallel()
	part, nan := 1.5, math.NaN()
	lists := []any{[]float64{1, 1.5}, []float32{1, 1.5}, []*float64{nil, &part}, []weight{1.5}, []any{1, 1.5, nil}, []sql.NullFloat64{{}, {Float64: 1.5, Valid: true}},
		[]*sql.NullFloat64{{Float64: 1.5, Valid: true}}, []cents{150, 100}, []float64{1.5, nan}, [2]float64{1.5, 1}, pgtype.FlatArray[float64]{1.5}}
	for _, mode := range modes[:3] {
		cfg := dbtest.PostgresConfig(t)
		cfg.ConnConfig.DefaultQueryExecMode = mode
		db := postgres.New(dbtest.PostgresPool(t, cfg))
		for _, list := range lists {
			for _, typ := range []string{"int2", "int4", "int8", "oid"} {
				got, err := collect(db, stmt("SELECT 1 WHERE 1 = ANY($1::"+typ+"[])", list))
				if err == nil || postgres.Dialect.Failure(err).Kind != dialect.FailureValue {
					t.Errorf("%s: %v as %s[]: got %v and %v", mode, list, typ, got, err)
				}
			}
			for _, typ := range []string{"float4", "float8", "numeric"} {
				if got, err := collect(db, stmt("SELECT '1' WHERE 1.5 = ANY($1::"+typ+"[])", list)); err != nil || len(got[0]) != 1 {
					t.Errorf("%s: %v as %s[]: got %v and %v", mode, list, typ, got, err)
				}
			}
		}
		want := [][]string{{"1.5"}, {"1.5"}, {"1"}}
		got := mustCollect(t, db, stmt("SELECT ($1::jsonb->1)::text", []float32{1, 1.5}), stmt("SELECT ($1::jsonb->>0)", []any{1.5}),
			stmt("SELECT '1' WHERE 2 = ANY($1::int4[])", []float64{1, 2}))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: expected %v, got %v", mode, want, got)
		}
	}
}

// TestAFloatBesideAnIntegerSaysWhatToWrite: where the argument stands in its statement is said where that is known.
func TestAFloatBesideAnIntegerSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	db := postgres.New(dbtest.Postgres(t))
	one := stmt("SELECT 'a' WHERE 1 >= $1", sql.NullFloat64{Float64: 1.5, Valid: true})
	for want, stmts := range map[string][]dialect.Statement{
		"argument 1, a sql.NullFloat64, stands for an integer and is none": {one},
		"argument 1 stands for an integer and is none":                     {stmt("SELECT 'a'"), one},
	} {
		_, err := collect(db, stmts...)
		if text := postgres.Dialect.Failure(err).Text; !strings.HasPrefix(text, want) || !strings.Contains(text, "CAST(? AS double precision)") {
			t.Errorf("expected %q, got %q", want, text)
		}
	}
}

// TestFloatsBeyondARealAreRefused: beside a real a float that it would hold as infinite, or as 0, is refused. All else takes it as the number that it is.
func TestFloatsBeyondARealAreRefused(t *testing.T) {
	t.Parallel()
	everyWay(t, "CREATE TABLE reals (f4 real, f8 float8, n numeric, j jsonb)", func(t *testing.T, db *postgres.DB) {
		if strings.HasSuffix(t.Name(), "/tx") {
			return // which a refusal of the server ends
		}
		typed := !strings.Contains(t.Name(), "simple") && !strings.Contains(t.Name(), "/exec")
		for _, f := range []float64{1e300, -1e300, 1e39, 1e-300, -1e-50} {
			for _, v := range floats(f) {
				for _, sql := range []string{"INSERT INTO reals (f4) VALUES ($1)", "SELECT 'found' FROM reals WHERE f4 >= $1", "UPDATE reals SET f4 = $1"} {
					if got, err := collect(db, stmt(sql, v)); postgres.Dialect.Failure(err).Kind != dialect.FailureValue {
						t.Errorf("%s with a %T of %v: got %v and %v", sql, v, f, got, err)
					}
				}
				for _, typ := range []string{"float8", "numeric"} {
					same := stmt("SELECT ($1::"+typ+" = '"+fmt.Sprint(f)+"')::text", v)
					if got := mustCollect(t, db, same); fmt.Sprint(got) != "[[true]]" {
						t.Errorf("%T of %v as %s: got %v", v, f, typ, got)
					}
				}
			}
			if !typed {
				continue
			}
			if got := mustCollect(t, db, stmt("SELECT ($1::jsonb = '"+fmt.Sprint(f)+"')::text", f)); fmt.Sprint(got) != "[[true]]" {
				t.Errorf("%v as JSON: got %v", f, got)
			}
			for _, list := range []any{[]float64{1, f}, []*float64{nil, &f}, []weight{weight(f)}, []any{1.5, f, nil}, []sql.NullFloat64{{}, {Float64: f, Valid: true}}} {
				if got, err := collect(db, stmt("SELECT '1' WHERE 1 = ANY($1::float4[])", list)); postgres.Dialect.Failure(err).Kind != dialect.FailureValue {
					t.Errorf("%T of %v as float4[]: got %v and %v", list, f, got, err)
				}
				got := mustCollect(t, db, stmt("SELECT 'found' WHERE '"+fmt.Sprint(f)+"' = ANY($1::float8[])", list))
				if fmt.Sprint(got) != "[[found]]" {
					t.Errorf("%T of %v as float8[]: got %v", list, f, got)
				}
			}
		}
		for _, digits := range []string{"1e300", "-1e39", "1e-50", "-1e-300", "1e400", "1e-400", "0.0e-900"} {
			for _, v := range decimals(digits) {
				got, err := collect(db, stmt("INSERT INTO reals (f4) VALUES ($1)", v))
				if zero := digits == "0.0e-900"; zero != (err == nil) || !zero && postgres.Dialect.Failure(err).Kind != dialect.FailureValue {
					t.Errorf("%T of %s as a real: got %v and %v", v, digits, got, err)
				}
				same := stmt("SELECT ($1::numeric = '"+digits+"')::text", v)
				if got, err := collect(db, same); err != nil || fmt.Sprint(got) != "[[true]]" {
					t.Errorf("%T of %s as numeric: got %v and %v", v, digits, got, err)
				}
				if got, err := collect(db, stmt("SELECT '1' WHERE '' < $1::text", v)); err != nil || len(got[0]) != 1 {
					t.Errorf("%T of %s as a text: got %v and %v", v, digits, got, err)
				}
				if got, err := collect(db, stmt("SELECT '1' WHERE 1 = ANY($1::float4[])", []any{v})); typed && (err == nil) != (digits == "0.0e-900") {
					t.Errorf("%T of %s in a list: got %v and %v", v, digits, got, err)
				}
			}
		}
		for _, f := range []float64{0, math.Copysign(0, -1), math.MaxFloat32, -math.MaxFloat32, 1e-40, 1 << 62, 0.1, math.Inf(1), math.Inf(-1), math.NaN()} {
			want := fmt.Sprint(float32(f))
			if math.IsInf(f, 0) {
				want = map[bool]string{true: "Infinity", false: "-Infinity"}[f > 0]
			}
			if got := mustCollect(t, db, stmt("SELECT ($1::float4 = '"+want+"')::text", f)); fmt.Sprint(got) != "[[true]]" {
				t.Errorf("%v as a real: got %v", f, got)
			}
		}
	})
}

// TestAnExtremeFloatBesideAnIntegerIsNotSent: the transaction goes on where the types are known. Where they are not, the server's refusal says what to write.
func TestAnExtremeFloatBesideAnIntegerIsNotSent(t *testing.T) {
	t.Parallel()
	for i, mode := range modes {
		cfg := dbtest.PostgresConfig(t)
		cfg.ConnConfig.DefaultQueryExecMode = mode
		db := postgres.New(dbtest.PostgresPool(t, cfg))
		for _, f := range []float64{1e300, 1e-300, 1.5, math.Inf(-1), math.NaN()} {
			err := db.InTx(t.Context(), dialect.TxOptions{}, func(tx dialect.DB) error {
				_, err := collect(tx.(*postgres.DB), stmt("SELECT 'found' WHERE 1::bigint >= $1", f))
				refused := postgres.Dialect.Failure(err)
				if refused.Kind != dialect.FailureValue || !strings.Contains(refused.Text, "CAST(? AS double precision)") && (i < 3 || f != 1e300) {
					t.Errorf("%s: %v: got %v", mode, f, err)
				}
				if i < len(modes[:3]) {
					_, err = collect(tx.(*postgres.DB), stmt("SELECT '1'"))
				}
				return err
			})
			if i < len(modes[:3]) && err != nil {
				t.Errorf("%s: %v: %v", mode, f, err)
			}
		}
	}
}

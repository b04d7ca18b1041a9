package postgres_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/structs"
)

type (
	mood       string
	count      int32
	flag       bool
	ratio      float64
	blob       []byte
	moods      []mood
	id         [16]byte
	moment     time.Time
	shouting   string // scans itself
	marshalled string // reads text by itself
)

func (s *shouting) Scan(v any) error { *s = shouting(fmt.Sprint("!", v)); return nil }

func (m *marshalled) UnmarshalText(b []byte) error {
	*m = marshalled("<" + string(b) + ">")
	return nil
}

// directTypes are types that a field of a row may have.
var directTypes = []reflect.Type{
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
	reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
	reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[[16]byte](), reflect.TypeFor[any](),
	reflect.TypeFor[mood](), reflect.TypeFor[count](), reflect.TypeFor[flag](), reflect.TypeFor[ratio](), reflect.TypeFor[blob](),
	reflect.TypeFor[id](), reflect.TypeFor[moment](), reflect.TypeFor[shouting](), reflect.TypeFor[marshalled](), reflect.TypeFor[time.Duration](),
	reflect.TypeFor[*int64](), reflect.TypeFor[*int16](), reflect.TypeFor[*string](), reflect.TypeFor[*bool](), reflect.TypeFor[*float64](),
	reflect.TypeFor[*time.Time](), reflect.TypeFor[*[]byte](), reflect.TypeFor[*[16]byte](), reflect.TypeFor[*mood](), reflect.TypeFor[**string](),
	reflect.TypeFor[*shouting](),
	reflect.TypeFor[sql.NullInt16](), reflect.TypeFor[sql.NullInt32](), reflect.TypeFor[sql.NullInt64](), reflect.TypeFor[sql.NullByte](),
	reflect.TypeFor[sql.NullBool](), reflect.TypeFor[sql.NullFloat64](), reflect.TypeFor[sql.NullString](), reflect.TypeFor[sql.NullTime](),
	reflect.TypeFor[sql.Null[int]](), reflect.TypeFor[sql.Null[uint8]](), reflect.TypeFor[sql.Null[string]](), reflect.TypeFor[sql.Null[mood]](),
	reflect.TypeFor[sql.Null[float32]](), reflect.TypeFor[sql.Null[time.Time]](), reflect.TypeFor[sql.Null[[]byte]](),
	reflect.TypeFor[sql.Null[[16]byte]](), reflect.TypeFor[sql.Null[shouting]](), reflect.TypeFor[sql.Null[*string]](),
	reflect.TypeFor[json.RawMessage](), reflect.TypeFor[*json.RawMessage](), reflect.TypeFor[[]string](), reflect.TypeFor[[]mood](), reflect.TypeFor[moods](),
	reflect.TypeFor[[]int](), reflect.TypeFor[[]int64](), reflect.TypeFor[[]int32](), reflect.TypeFor[[]int16](), reflect.TypeFor[[]uint8](),
	reflect.TypeFor[[]uint16](), reflect.TypeFor[[]count](), reflect.TypeFor[[]bool](), reflect.TypeFor[[]float64](), reflect.TypeFor[[]float32](),
	reflect.TypeFor[[]time.Time](), reflect.TypeFor[[][16]byte](), reflect.TypeFor[[][]byte](), reflect.TypeFor[[]any](), reflect.TypeFor[[]*string](),
	reflect.TypeFor[*[]string](), reflect.TypeFor[[][]string](), reflect.TypeFor[[2]int32](), reflect.TypeFor[[]json.RawMessage](),
	reflect.TypeFor[[]shouting](), reflect.TypeFor[sql.Null[[]string]](), reflect.TypeFor[map[string]any](), reflect.TypeFor[pgtype.FlatArray[string]](),
	reflect.TypeFor[pgtype.Int8](), reflect.TypeFor[pgtype.Text](), reflect.TypeFor[pgtype.Timestamptz](), reflect.TypeFor[pgtype.UUID](),
	reflect.TypeFor[pgtype.Date](), reflect.TypeFor[pgtype.Float8](), reflect.TypeFor[pgtype.Bool](), reflect.TypeFor[pgtype.Numeric](),
}

// directColumns are columns by their types, with what they hold beside NULL.
var directColumns = map[string][]string{
	"smallint":         {"0", "1", "-1", "127", "128", "255", "256", "32767", "-32768"},
	"integer":          {"0", "-1", "32768", "-32769", "65536", "2147483647", "-2147483648"},
	"bigint":           {"0", "-1", "4294967295", "4294967296", "9223372036854775807", "-9223372036854775808"},
	"real":             {"0", "1.5", "-0.1", "'NaN'", "'Infinity'", "'-Infinity'", "3.4e38"},
	"double precision": {"0", "'-0'", "0.1", "'NaN'", "'Infinity'", "1.7e308"},
	"boolean":          {"true", "false"},
	"text":             {"''", "'a'", "'ö €'", "repeat('x', 255)", "repeat('y', 256)", "repeat('z', 5000)", "'12'", "'true'"},
	"varchar(10)":      {"''", "'b '"},
	"char(5)":          {"'ab'"},
	"name":             {"'n'"},
	`"char"`:           {"'c'"},
	"bytea":            {"''", `'\x00ff'`},
	"uuid":             {"'00112233-4455-6677-8899-aabbccddeeff'"},
	"date":             {"'2024-02-29'", "'0001-01-01'", "'4713-01-01 BC'", "'5874897-12-31'", "'infinity'", "'-infinity'", "'1999-12-31'"},
	"timestamp": {"'2024-02-29 12:34:56.789012'", "'1969-12-31 23:59:59.999999'", "'4713-01-01 00:00:00 BC'", "'294276-12-31 23:59:59.999999'",
		"'infinity'", "'-infinity'", "'2000-01-01'"},
	"timestamptz": {"'2024-02-29 12:34:56.789012+05:30'", "'1899-12-31 23:59:59.999999+00'", "'infinity'", "'-infinity'", "'0001-01-01 00:00:00+00'"},
	"numeric": {"0", "1.50", "'NaN'", "'Infinity'", "12", "-12", "12.000", "10000", "-120000000", "0.00001", "-0.5", "123456789.987654321", "1e30",
		"1e-30", "1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9999.9999", "255", "1e18", "1e19",
		"99999999999999999999999999999999999999999999.5", "0.1", "127.0", "3e16", "10000000000000000"},
	"json":          {`'{"a": 1}'`, `'"x"'`, `' 1 '`, `E'\n[1, 2]\t'`, "'null'"},
	"jsonb":         {`'{"a": 1}'`, `'"x"'`, "'null'", `'[1, {"b": null}]'`},
	"interval":      {"'1 day 2 hours'", "'00:00:01'"},
	"time":          {"'12:34:56'"},
	"oid":           {"7"},
	"inet":          {"'10.0.0.1'"},
	"text[]":        {"'{a,b}'", "'{}'", "'{NULL,x}'", "'{{a,b},{c,d}}'", "'[5:6]={a,b}'", `'{""}'`},
	"integer[]":     {"'{1,2}'", "'{}'", "'{-1,NULL}'", "'{300}'", "'{{1},{2}}'"},
	"smallint[]":    {"'{1,2}'", "'{-7}'"},
	"bigint[]":      {"'{1,9223372036854775807}'"},
	"boolean[]":     {"'{t,f}'"},
	"float8[]":      {"'{1.5,-2}'"},
	"numeric[]":     {"'{1.5,2}'", "'{3}'"},
	"uuid[]":        {"'{00112233-4455-6677-8899-aabbccddeeff}'"},
	"bytea[]":       {`'{"\\x00ff",NULL}'`, `'{"\\x01"}'`},
	"date[]":        {"'{2024-02-29}'", "'{infinity}'"},
	"jsonb[]":       {`'{"1"}'`},
	"timestamptz[]": {"'{2024-02-29 12:34:56.789012+05:30}'"},
	"direct_mood[]": {"'{good,bad}'"},
	"direct_mood":   {"'good'"},
	"direct_pos":    {"5"},
}

// What is read past pgx is what pgx would have read.
func TestDirectValuesAreThoseOfPgx(t *testing.T) {
	const ddl = "CREATE TYPE direct_mood AS ENUM ('good', 'bad'); CREATE DOMAIN direct_pos AS int CHECK (value > 0)"
	direct := map[string]bool{}
	everyWay(t, ddl, func(t *testing.T, db *postgres.DB) {
		for column, values := range directColumns {
			for _, value := range append([]string{"NULL"}, values...) {
				err := db.Run(context.Background(), []dialect.Statement{stmt("SELECT CAST(" + value + " AS " + column + ")")},
					func(_ int, rows dialect.Rows) error {
						for rows.Next() {
							for _, goType := range directTypes {
								if compareDirect(t, rows, goType, column+" "+value) {
									direct[column+" "+goType.String()] = true
								}
							}
						}
						return nil // pgx closes the rows of a value that it cannot scan
					})
				if err != nil {
					t.Fatalf("%s %s: %v", column, value, err)
				}
			}
		}
	})
	for _, want := range []string{
		"smallint int16", "integer int32", "integer int64", "bigint int64", "bigint *int64", "bigint sql.NullInt64", "integer postgres_test.count",
		"real float32", "double precision float64", "double precision postgres_test.ratio", "boolean bool", "boolean postgres_test.flag",
		"text string", "text *string", "text sql.NullString", "text postgres_test.mood", "varchar(10) string", "char(5) string", "name string",
		"direct_mood postgres_test.mood", "bytea []uint8", "uuid [16]uint8", "date time.Time", "timestamp time.Time", "timestamptz time.Time",
		"numeric int64", "numeric float64", "numeric *float64", "numeric postgres_test.ratio", "json json.RawMessage", "jsonb json.RawMessage", "jsonb string",
		"json []uint8", "text[] []string", "text[] []postgres_test.mood", "text[] postgres_test.moods", "integer[] []int64", "bigint[] []int64",
		"integer[] []postgres_test.count", "float8[] []float64", "uuid[] [][16]uint8", "timestamptz[] []time.Time", "bytea[] [][]uint8",
		"timestamptz *time.Time", "timestamptz sql.NullTime", "timestamptz sql.Null[time.Time]",
	} {
		if !direct[want] {
			t.Errorf("%s was never read directly", want)
		}
	}
}

// compareDirect compares the value of the current row as it is read directly and by pgx. It reports whether it was.
func compareDirect(t *testing.T, rows dialect.Rows, goType reflect.Type, what string) bool {
	t.Helper()
	values, written := rows.Sent()
	if len(values) == 0 {
		return false // the rows were closed by an error of a type before
	}
	into := reflect.New(goType)
	var cells structs.Cells
	if !cells.AddVariable(0, into.Interface(), written[0]) || !new(structs.Decoder).Decode(&cells, nil, values) {
		return false
	}
	want := reflect.New(goType)
	if err := rows.Scan(want.Interface()); err != nil {
		t.Errorf("%s into %v: read as %v, and pgx says %v", what, goType, into.Elem(), err)
		return false
	}
	if !sameValue(into.Elem().Interface(), want.Elem().Interface()) {
		t.Errorf("%s into %v: read as %#v, and by pgx as %#v", what, goType, into.Elem(), want.Elem())
	}
	return true
}

// sameValue is deep equality in which NaN is NaN.
func sameValue(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if x.CanFloat() && y.CanFloat() && math.IsNaN(x.Float()) && math.IsNaN(y.Float()) {
		return x.Type() == y.Type()
	}
	switch x := a.(type) {
	case *float64:
		y := b.(*float64)
		return x == nil && y == nil || x != nil && y != nil && sameValue(*x, *y)
	case sql.NullFloat64:
		y := b.(sql.NullFloat64)
		return x.Valid == y.Valid && sameValue(x.Float64, y.Float64)
	case sql.Null[float32]:
		y := b.(sql.Null[float32])
		return x.Valid == y.Valid && sameValue(x.V, y.V)
	}
	return reflect.DeepEqual(a, b)
}

// BenchmarkDirect reads one value directly and by pgx.
func BenchmarkDirect(b *testing.B) {
	db := postgres.New(dbtest.Postgres(b))
	for _, c := range []struct {
		value string
		into  any
	}{
		{"1234567", new(int64)}, {"'text'", new(string)}, {"'text'::varchar", new(mood)}, {"now()", new(time.Time)}, {"123456.78::numeric", new(float64)},
		{"1234::numeric", new(int64)}, {"'{1,2,3,4,5}'::int8[]", new([]int64)}, {"'{a,b,c}'::text[]", new([]string)},
		{`'{"a": [1, 2, {"b": "c"}]}'::jsonb`, new(json.RawMessage)},
	} {
		err := db.Run(b.Context(), []dialect.Statement{stmt("SELECT " + c.value)}, func(_ int, rows dialect.Rows) error {
			rows.Next()
			values, written := rows.Sent()
			var cells structs.Cells
			var d structs.Decoder
			cells.AddVariable(0, c.into, written[0])
			name := fmt.Sprintf("%s into %T", c.value, c.into)
			b.Run(name+"/direct", func(b *testing.B) {
				for b.Loop() {
					d.Decode(&cells, nil, values)
				}
			})
			b.Run(name+"/pgx", func(b *testing.B) {
				for b.Loop() {
					_ = rows.Scan(c.into)
				}
			})
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

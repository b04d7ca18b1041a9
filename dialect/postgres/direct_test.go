package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/structs"
)

type (
	mood       string
	count      int32
	flag       bool
	ratio      float64
	blob       []byte
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
	"numeric":     {"0", "1.50", "'NaN'", "12"},
	"json":        {`'{"a": 1}'`, `'"x"'`, `' 1 '`},
	"jsonb":       {`'{"a": 1}'`, `'"x"'`},
	"interval":    {"'1 day 2 hours'", "'00:00:01'"},
	"time":        {"'12:34:56'"},
	"oid":         {"7"},
	"inet":        {"'10.0.0.1'"},
	"text[]":      {"'{a,b}'", "'{}'"},
	"integer[]":   {"'{1,2}'"},
	"direct_mood": {"'good'"},
	"direct_pos":  {"5"},
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
	var d structs.Decoder
	if !d.AddVariable(0, into.Interface(), written[0]) || !d.Decode(nil, values) {
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

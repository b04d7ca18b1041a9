package postgres

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: the values of one column of many rows. Output: an array in PostgreSQL's text form, of which the server reads
// each element as it reads an argument of the column's type that is sent as text. So it is the same in all exec modes, and takes
// no memory for each element.

var _ dialect.Arrayed = sqlDialect{}

// arrayable are the types of columns that take arrays of each kind but texts. The name of one is what the catalog says, with small
// integers as bigint.
var arrayable = map[dialect.ElementKind][]string{
	dialect.ElementInt:     {"bigint", "numeric"},
	dialect.ElementFloat:   {"double precision", "numeric"}, // rounding to real twice may differ from once
	dialect.ElementFloat32: {"real", "double precision"},
	dialect.ElementBool:    {"boolean"},
	dialect.ElementBytes:   {"bytea"},
	dialect.ElementUUID:    {"uuid"},
	dialect.ElementTime:    {"timestamp with time zone", "timestamp without time zone", "date"},
	dialect.ElementJSON:    {"json", "jsonb"},
}

// otherwise are the types for which pgx makes something else of a text than the text, and those whose arrays are not written like
// others.
var otherwise = []string{"json", "jsonb", "bytea", "box", "int2vector", "oidvector"}

// ElementType is the column's own type: the elements of an array are read as that. An array of arrays has no elements that are
// arrays, so those columns take none.
func (sqlDialect) ElementType(kind dialect.ElementKind, column dialect.KeyType) (string, bool) {
	types, known := arrayable[kind]
	switch {
	case column.SQL == "" || strings.HasSuffix(column.SQL, "[]"):
		return "", false
	case kind == dialect.ElementText:
		return column.SQL, !slices.Contains(otherwise, column.SQL)
	case !known:
		return "", false
	}
	return column.SQL, slices.Contains(types, column.SQL)
}

func (sqlDialect) ArraySource(types []string) string {
	return "unnest(?::" + strings.Join(types, "[], ?::") + "[]) WITH ORDINALITY"
}

func (sqlDialect) NewElements() dialect.Elements { return &elements{b: []byte{'{'}} }

// elements is the text of an array, up to the brace at its end.
type elements struct{ b []byte }

func (e *elements) next() {
	if len(e.b) > len("{") {
		e.b = append(e.b, ',')
	}
}

func (e *elements) Null() {
	e.next()
	e.b = append(e.b, "NULL"...)
}

func (e *elements) Int(v int64) {
	e.next()
	e.b = strconv.AppendInt(e.b, v, 10)
}

func (e *elements) Float(v float64) {
	e.next()
	e.b = strconv.AppendFloat(e.b, v, 'g', -1, 64)
}

func (e *elements) Bool(v bool) {
	e.next()
	e.b = strconv.AppendBool(e.b, v)
}

// Text quotes every text, so that an empty one, NULL spelled out, commas, braces and spaces need no thought.
func (e *elements) Text(v string) {
	e.next()
	e.b = appendQuotedElement(e.b, v)
}

func (e *elements) Bytes(v []byte) {
	e.next()
	e.b = append(e.b, `"\\x`...)
	e.b = append(hex.AppendEncode(e.b, v), '"')
}

func (e *elements) UUID(v [16]byte) {
	e.next()
	e.b = dialect.AppendUUID(e.b, v)
}

func (e *elements) Time(v time.Time) {
	e.next()
	e.b = append(e.b, '"')
	e.b = append(appendTime(e.b, v), '"')
}

func (e *elements) JSON(v []byte) {
	e.next()
	e.b = appendQuotedElement(e.b, v)
}

func (e *elements) Size() int { return len(e.b) }

func (e *elements) Arg() any { return string(append(e.b, '}')) }

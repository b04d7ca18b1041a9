package postgres

import (
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// Arrays as arguments. None of them is ever NULL: to compare with a NULL array is NULL, not false.

func intArray(v []int64) []int64 {
	if v == nil {
		return []int64{}
	}
	return v
}

// manyInts returns the argument at i, from 0, as intKeys where it is many integers for a parameter that the text casts to an array of such.
func manyInts(sql string, i int, arg any) (any, bool) {
	const many = 16 // for fewer it does not pay
	list, ok := arg.([]int64)
	if !ok || len(list) < many || !strings.Contains(sql, "$"+strconv.Itoa(i+1)+"::bigint[]") {
		return nil, false
	}
	return intKeys(list), true
}

// intKeys are integers that pgx writes as an array without making an interface of each, which is an allocation. In the exec modes that do
// not know the type of the parameter it is the array's text.
type intKeys []int64

var (
	_ pgtype.ArrayGetter = intKeys{}
	_ pgtype.TextValuer  = intKeys{}
)

func (k intKeys) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(k)), LowerBound: 1}}
}

func (k intKeys) Index(i int) any { return (*intKey)(&k[i]) }

func (k intKeys) IndexType() any { return (*intKey)(nil) }

func (k intKeys) TextValue() (pgtype.Text, error) {
	b := append(make([]byte, 0, len("{}")+len(k)*8), '{')
	for i, n := range k {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return pgtype.Text{String: string(append(b, '}')), Valid: true}, nil
}

// intKey is an element of intKeys, in its place.
type intKey int64

func (k *intKey) Int64Value() (pgtype.Int8, error) {
	return pgtype.Int8{Int64: int64(*k), Valid: true}, nil
}

// textLiteral returns an array in PostgreSQL's text form. Every element is quoted, so that an empty text, NULL spelled
// out, commas, braces and spaces need no thought.
func textLiteral(texts []string) string {
	size := len("{}") + len(texts)*len(`"",`)
	for _, t := range texts {
		size += len(t)
	}
	b := append(make([]byte, 0, size), '{')
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuotedElement(b, t)
	}
	return string(append(b, '}'))
}

// appendQuotedElement appends a text as an element of an array.
func appendQuotedElement[T string | []byte](b []byte, text T) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			b = append(append(b, text[from:i]...), '\\')
			from = i
		}
	}
	return append(append(b, text[from:]...), '"')
}

// nullableLiteral returns the same for texts of which nil is NULL.
func nullableLiteral(texts []*string) string {
	items := make([]string, len(texts))
	for i, t := range texts {
		if items[i] = "NULL"; t != nil {
			one := textLiteral([]string{*t})
			items[i] = one[len("{") : len(one)-len("}")]
		}
	}
	return "{" + strings.Join(items, ",") + "}"
}

// uuidLiteral returns the same as textLiteral for UUIDs, in the canonical form, because their column may hold text. pgx encodes a
// [][16]byte only in the exec modes that know the type of the parameter.
func uuidLiteral(ids [][16]byte) string {
	b := append(make([]byte, 0, len("{}")+len(ids)*37), '{')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = dialect.AppendUUID(b, id)
	}
	return string(append(b, '}'))
}

// localTexts returns keys with each time in its own zone, which the server drops for a column without one as pgx does.
func localTexts(k dialect.Keys) []string {
	if len(k.Local) == len(k.Texts) {
		return k.Local
	}
	return k.Texts
}

// durations returns the items as a list of durations, if they are. It is an array of intervals or of integers, as the column is.
func durations(items []any) ([]time.Duration, bool) {
	list := make([]time.Duration, len(items))
	for i, item := range items {
		item, _, _ = structs.Argument(item)
		d, ok := item.(time.Duration)
		if !ok {
			return nil, false
		}
		list[i] = d
	}
	return list, len(list) > 0
}

// listOf returns a list of values that are neither integers nor UUIDs nor plain text, in the form in which each is sent alone;
// texts are what they are as keys. Bytes are left to pgx, since their column may hold text or JSON too.
func listOf(items []any, texts []string) (any, error) {
	if len(items) != len(texts) {
		return textLiteral(texts), nil
	}
	bytes, floats := make([][]byte, 0, len(items)), 0
	own := make([]string, len(items))
	for i, item := range items {
		if v, ok := item.(driver.Valuer); ok {
			var err error
			if item, err = v.Value(); err != nil {
				return nil, err
			}
		}
		held, form, _ := structs.Argument(item)
		switch form {
		case structs.ArgFloat32:
			own[i] = floatText(held.(float64))
			floats++
			continue
		case structs.ArgBytes:
			bytes = append(bytes, held.([]byte))
		}
		own[i] = texts[i]
	}
	if len(bytes) == len(items) {
		return bytes, nil
	}
	if floats == len(items) {
		return singles{items, textLiteral(own)}, nil
	}
	return textLiteral(own), nil
}

package structs

import (
	"database/sql/driver"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: the address of a value, or a value a driver.Valuer gave. Output: its normal form, in which equal
// keys of integers, UUIDs and bytewise text are equal in Go, and which every database reads back as the column's type.

// form says which part of a normal holds the value.
type form uint8

const (
	formNull  form = iota
	formInt        // num
	formBig        // text: a decimal over 64 bits
	formUUID       // uuid
	formText       // text
	formBytes      // text, the bytes as they are
	formBool       // text, true or false
	formTime       // text, in RFC 3339 and UTC, and the time
	formOther      // text, as the database reads it
)

// normal is a value in normal form. The zero value is NULL.
type normal struct {
	form form
	num  int64
	uuid [16]byte
	text string
	time time.Time

	float bool // it is a float that is finite
	short bool // it is a float of 32 bits
	lasts bool // it is a time.Duration, in nanoseconds
}

// local is the text form in which a time keeps its zone.
func (n normal) local() string {
	if n.form == formTime {
		return formatTimeIn(n.time)
	}
	return n.String()
}

// keyForm says what a text form was made of.
func (n normal) keyForm() dialect.KeyForm {
	switch n.form {
	case formUUID:
		return dialect.FormUUID
	case formBool:
		return dialect.FormBool
	case formTime:
		return dialect.FormTime
	case formBytes:
		return dialect.FormBytes
	}
	if n.float {
		return dialect.FormFloat
	}
	return dialect.FormText
}

// String returns the text form, that of [dialect.KeyOther].
func (n normal) String() string {
	switch n.form {
	case formInt:
		return strconv.FormatInt(n.num, 10)
	case formUUID:
		return string(dialect.AppendUUID(nil, n.uuid))
	case formBytes:
		return `\x` + hex.EncodeToString([]byte(n.text))
	}
	return n.text
}

var (
	errOverflow = errors.New("overflows a 64-bit integer")
	errNotUUID  = errors.New("is not a UUID; expected 32 hex digits, with or without hyphens, braces or the prefix urn:uuid")
	errDocument = errors.New("is a document, which SQL cannot compare")
	errOpaque   = errors.New("has no driver.Valuer or encoding.TextMarshaler to tell its value")
)

// appendTo appends the value to keys of their kind; NULL appends nothing. Errors continue a sentence about the value.
func (n normal) appendTo(keys *dialect.Keys) error {
	switch {
	case n.form == formNull:
	case keys.Kind == dialect.KeyInt && n.form == formInt:
		keys.Ints = append(keys.Ints, n.num)
	case keys.Kind == dialect.KeyInt && n.form == formBig:
		return errOverflow
	case keys.Kind == dialect.KeyInt:
		return errors.New("is not an integer")
	case keys.Kind == dialect.KeyUUID:
		id, ok := n.asUUID()
		if !ok {
			return errNotUUID
		}
		keys.UUIDs = append(keys.UUIDs, id)
	case keys.Kind == dialect.KeyOther && n.lasts: // the column is an interval, which keeps microseconds
		keys.Texts, keys.Forms = append(keys.Texts, strconv.FormatInt(n.num/1000, 10)+" microseconds"), append(keys.Forms, dialect.FormText)
		if keys.Local != nil {
			keys.Local = append(keys.Local, keys.Texts[len(keys.Texts)-1])
		}
	default:
		text := n.String()
		if n.form == formBytes && keys.Text {
			text = n.text
		}
		keys.Texts = append(keys.Texts, text)
		if keys.Kind == dialect.KeyOther {
			keys.Forms = append(keys.Forms, n.keyForm())
		}
		if keys.Local != nil && n.form == formTime {
			text = n.local()
		}
		if keys.Local != nil {
			keys.Local = append(keys.Local, text)
		}
	}
	return nil
}

func (n normal) asUUID() (id [16]byte, ok bool) {
	switch n.form {
	case formUUID:
		return n.uuid, true
	case formText:
		return parseUUID(n.text)
	case formBytes:
		return id, copy(id[:], n.text) == len(id) && len(n.text) == len(id)
	}
	return id, false
}

// parseUUID reads the spellings that PostgreSQL reads, and the urn:uuid: prefix.
func parseUUID(s string) (id [16]byte, ok bool) {
	const urn = "urn:uuid:"
	if len(s) > len(urn) && strings.EqualFold(s[:len(urn)], urn) {
		s = s[len(urn):]
	}
	if len(s) > 2 && s[0] == '{' && s[len(s)-1] == '}' {
		s = s[1 : len(s)-1]
	}
	digits := 0
	for i := range len(s) {
		if s[i] == '-' {
			if digits == 0 || digits == 32 || digits%4 != 0 || s[i-1] == '-' {
				return id, false
			}
			continue
		}
		d, hex := hexDigit(s[i])
		if !hex || digits == 32 {
			return id, false
		}
		id[digits/2] = id[digits/2]<<4 | d
		digits++
	}
	return id, digits == 32
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// formatTime keeps the instant, not the zone.
func formatTime(t time.Time) string { return formatTimeBy(t.UTC(), "-01-02T15:04:05.999999999Z07:00") }

// formatTimeIn keeps the zone too, with its seconds if it has any: for a column without one a driver drops it, and so does the
// server that reads this. What is less than a microsecond is cut off, as the driver of PostgreSQL does.
func formatTimeIn(t time.Time) string {
	if _, offset := t.Zone(); offset%60 != 0 {
		return formatTimeBy(t, "-01-02T15:04:05.999999Z07:00:00")
	}
	return formatTimeBy(t, "-01-02T15:04:05.999999Z07:00")
}

// formatTimeBy writes the year and the rest as the layout says. PostgreSQL has no year 0 and writes years before 1 with BC.
func formatTimeBy(t time.Time, rest string) string {
	if t.Year() > 0 {
		return t.Format("2006" + rest)
	}
	// Month and day are kept by hand: moving the date to another year would lose a February 29.
	return fmt.Sprintf("%04d%s BC", 1-t.Year(), t.Format(rest))
}

func formatFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0" // also -0, which equals it
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

func readDocument(Row) (normal, error) { return normal{}, errDocument }
func readOpaque(Row) (normal, error)   { return normal{}, errOpaque }

func readUUID(p Row) (normal, error) {
	return normal{form: formUUID, uuid: get[[16]byte](p)}, nil
}

func readText(p Row) (normal, error) {
	return normal{form: formText, text: get[string](p)}, nil
}

func readBool(p Row) (normal, error) { return normalOfBool(get[bool](p)), nil }

func normalOfBool(b bool) normal { return normal{form: formBool, text: strconv.FormatBool(b)} }

func readFloat32(p Row) (normal, error) {
	n := floatOf(float64(get[float32](p)), 32)
	n.short = true
	return n, nil
}

func readFloat64(p Row) (normal, error) { return normalOfFloat(get[float64](p)), nil }

func normalOfFloat(f float64) normal { return floatOf(f, 64) }

func floatOf(f float64, bits int) normal {
	return normal{form: formOther, text: formatFloat(f, bits), float: !math.IsNaN(f) && !math.IsInf(f, 0)}
}

func readTime(p Row) (normal, error) { return normalOfTime(get[time.Time](p)), nil }

func normalOfTime(t time.Time) normal { return normal{form: formTime, text: formatTime(t), time: t} }

func readBytes(p Row) (normal, error) { return normalOfBytes(get[[]byte](p)), nil }

// normalOfBytes returns NULL for nil, because that is what drivers send for it and scan NULL to.
func normalOfBytes(b []byte) normal {
	if b == nil {
		return normal{}
	}
	return normal{form: formBytes, text: string(b)}
}

func readDuration(p Row) (normal, error) {
	return normal{form: formInt, num: int64(get[time.Duration](p)), lasts: true}, nil
}

func integerReader(k reflect.Kind) func(Row) (normal, error) {
	switch k {
	case reflect.Int8:
		return readInt[int8]
	case reflect.Int16:
		return readInt[int16]
	case reflect.Int32:
		return readInt[int32]
	case reflect.Int64:
		return readInt[int64]
	case reflect.Uint:
		return readUint[uint]
	case reflect.Uint8:
		return readInt[uint8]
	case reflect.Uint16:
		return readInt[uint16]
	case reflect.Uint32:
		return readInt[uint32]
	case reflect.Uint64:
		return readUint[uint64]
	}
	return readInt[int]
}

func readInt[T int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](p Row) (normal, error) {
	return normal{form: formInt, num: int64(get[T](p))}, nil
}

func readUint[T uint | uint64](p Row) (normal, error) {
	return normalOfUint(uint64(get[T](p))), nil
}

func normalOfUint(n uint64) normal {
	if n > math.MaxInt64 {
		return normal{form: formBig, text: strconv.FormatUint(n, 10)}
	}
	return normal{form: formInt, num: int64(n)}
}

// textReader returns the reader of a type that writes its own text. An empty text is that of a zero net address,
// which drivers send as NULL.
func textReader(t reflect.Type) func(Row) (normal, error) {
	return func(p Row) (normal, error) {
		var text string
		switch v := pointer(t, p).Interface().(type) {
		case encoding.TextMarshaler:
			b, err := v.MarshalText()
			if err != nil {
				return normal{}, fmt.Errorf("has a MarshalText that fails: %w", err)
			}
			text = string(b)
		case fmt.Stringer:
			text = v.String()
		}
		if text == "" {
			return normal{}, nil
		}
		return normal{form: formOther, text: text}, nil
	}
}

// normalOfDriverValue returns the normal form of what a driver.Valuer gave. Some give more than the types that
// database/sql allows.
func normalOfDriverValue(v driver.Value) (normal, error) {
	if n, ok := normalOfBasic(v); ok {
		return n, nil
	}
	t := reflect.TypeOf(v)
	l := leafOf(t)
	if leafOf(pointee(t)).value != nil || l.class == ClassDocument || l.class == "" {
		return normal{}, fmt.Errorf("has a driver.Valuer that gives a %v, which is not a driver.Value", t)
	}
	return readAny(l, v)
}

// normalOfBasic reads the most common types without reflection.
func normalOfBasic(v any) (n normal, ok bool) {
	switch v := v.(type) {
	case nil:
		return normal{}, true
	case int64:
		return normal{form: formInt, num: v}, true
	case int:
		return normal{form: formInt, num: int64(v)}, true
	case string:
		return normal{form: formText, text: v}, true
	case []byte:
		return normalOfBytes(v), true
	case bool:
		return normalOfBool(v), true
	case float64:
		return normalOfFloat(v), true
	case time.Time:
		return normalOfTime(v), true
	case [16]byte:
		return normal{form: formUUID, uuid: v}, true
	}
	return normal{}, false
}

// readAny reads a value that is not in a struct.
func readAny(l *leaf, v any) (normal, error) {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return l.read(address(p))
}

// KeysOf returns the items of a list in normal form, one key for each item. The kind of the first item's class is the
// kind of the keys; the rules are those of [Field.AppendKey]. It is an error for an item to be NULL, a document, or of
// another class than the first; errors name the item by its position, from 0. No items give the zero Keys. Integers of which one is
// beyond 64 bits are keys of [dialect.KeyOther].
func KeysOf(items []any) (dialect.Keys, error) {
	keys, err := keysOf(items, nil)
	if errors.Is(err, errOverflow) {
		other := dialect.KeyOther
		return keysOf(items, &other)
	}
	return keys, err
}

// keysOf returns keys of a kind; nil: that of the first item's class.
func keysOf(items []any, kind *dialect.KeyKind) (dialect.Keys, error) {
	var keys dialect.Keys
	var class Class
	for i, item := range items {
		n, c, err := normalOf(item)
		if i == 0 {
			of := c.key()
			if kind != nil {
				of = *kind
			}
			class, keys = c, newKeys(of, len(items))
		}
		switch {
		case err != nil:
		case n.form == formNull:
			err = errors.New("is NULL")
		case c != class:
			err = fmt.Errorf("is %s, but item 0 is %s", c, class)
		default:
			if n.form == formTime {
				n.text = n.local()
			}
			err = n.appendTo(&keys)
		}
		if err != nil {
			return dialect.Keys{}, fmt.Errorf("list item %d %w", i, err)
		}
	}
	return keys, nil
}

// DistinctKeys returns each of the items once, in normal form. It returns false for items of which only a database tells whether they
// are equal: those that are not all integers, or all UUIDs.
func DistinctKeys(items []any) (distinct []any, keys dialect.Keys, class Class, ok bool) {
	given, err := KeysOf(items)
	if err != nil || given.Kind != dialect.KeyInt && given.Kind != dialect.KeyUUID {
		return nil, keys, "", false
	}
	seen, keys := make(map[any]bool, len(items)), newKeys(given.Kind, len(items))
	for i, item := range items {
		var key any
		if given.Kind == dialect.KeyInt {
			key = given.Ints[i]
		} else {
			key = given.UUIDs[i]
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		if distinct = append(distinct, item); given.Kind == dialect.KeyInt {
			keys.Ints = append(keys.Ints, given.Ints[i])
		} else {
			keys.UUIDs = append(keys.UUIDs, given.UUIDs[i])
		}
	}
	_, class, _ = normalOf(items[0]) // which was read above
	return distinct, keys, class, true
}

// newKeys returns keys of the kind with room for n.
func newKeys(kind dialect.KeyKind, n int) dialect.Keys {
	keys := dialect.Keys{Kind: kind}
	switch kind {
	case dialect.KeyInt:
		keys.Ints = make([]int64, 0, n)
	case dialect.KeyUUID:
		keys.UUIDs = make([][16]byte, 0, n)
	case dialect.KeyOther:
		keys.Texts, keys.Forms = make([]string, 0, n), make([]dialect.KeyForm, 0, n)
	default:
		keys.Texts = make([]string, 0, n)
	}
	return keys
}

func normalOf(v any) (normal, Class, error) {
	n, basic := normalOfBasic(v)
	if class := basicClass(v); v == nil || basic && class != "" {
		return n, class, nil
	}
	l := leafOf(reflect.TypeOf(v))
	if basic {
		return n, l.class, nil
	}
	n, err := readAny(l, v)
	return n, l.class, err
}

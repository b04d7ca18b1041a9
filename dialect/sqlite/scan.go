package sqlite

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Input of this file: a column's value as the driver gives it, and a destination of a type that database/sql cannot
// fill. No error repeats the value.

// fill stores what the driver gave for a column in dest, which can be set.
type fill func(src any, dest reflect.Value) error

// maxPointers is how many pointers are followed to a value. A pointer type can lead back to itself.
const maxPointers = 4

// fillFor returns how to fill a value of type t, or nil to leave it to database/sql.
func fillFor(t reflect.Type, depth int) fill {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return fillTime
	case t == reflect.TypeFor[sql.NullTime](), t == reflect.TypeFor[sql.Null[time.Time]]():
		return fillNullTime
	case isNull(t):
		return fillNull(t)
	case reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]()):
		return fillScanner
	}
	switch t.Kind() {
	case reflect.Bool:
		if t != reflect.TypeFor[bool]() {
			return fillBool
		}
	case reflect.Pointer:
		if depth == 0 {
			return nil
		}
		return fillPointer(fillFor(t.Elem(), depth-1))
	case reflect.Array, reflect.Map, reflect.Slice, reflect.Struct:
		return fillComposite(t)
	}
	return nil
}

// isNull reports whether t is a sql.Null.
func isNull(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null[")
}

// fillNull returns the fill of a sql.Null, which takes what its value does. Its own method would refuse JSON that is text.
func fillNull(t reflect.Type) fill {
	field, _ := t.FieldByName("V")
	value := fillFor(field.Type, maxPointers)
	if value == nil {
		return fillScanner
	}
	return func(src any, dest reflect.Value) error {
		dest.SetZero()
		if src == nil {
			return nil
		}
		dest.FieldByName("Valid").SetBool(true)
		return value(src, dest.FieldByName("V"))
	}
}

// fillBool fills a named bool as database/sql does a bool: SQLite's are integers.
func fillBool(src any, dest reflect.Value) error {
	v, err := driver.Bool.ConvertValue(src)
	if err != nil {
		return errKind(src, dest.Type())
	}
	dest.SetBool(v.(bool))
	return nil
}

func fillScanner(src any, dest reflect.Value) error {
	return dest.Addr().Interface().(sql.Scanner).Scan(src)
}

func fillComposite(t reflect.Type) fill {
	switch {
	case isUUID(t):
		return fillUUID
	case t == reflect.TypeFor[[]byte]():
		return fillPlainBytes
	case t == reflect.TypeFor[sql.RawBytes]():
		return nil
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return fillText
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return fillBytes
	}
	return fillJSON
}

// isUUID reports whether t is a [16]byte of any name.
func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8
}

// fillPointer returns the fill of a pointer to what elem fills.
func fillPointer(elem fill) fill {
	if elem == nil {
		return nil
	}
	return func(src any, dest reflect.Value) error {
		if src == nil {
			dest.SetZero()
			return nil
		}
		v := reflect.New(dest.Type().Elem())
		if err := elem(src, v.Elem()); err != nil {
			return err
		}
		dest.Set(v)
		return nil
	}
}

func errNull(t reflect.Type) error { return fmt.Errorf("cannot scan NULL into %v", t) }

func errKind(src any, t reflect.Type) error { return fmt.Errorf("cannot scan %T into %v", src, t) }

func fillTime(src any, dest reflect.Value) error {
	t, err := timeOf(src)
	if err != nil {
		return err
	}
	*dest.Addr().Interface().(*time.Time) = t
	return nil
}

func fillNullTime(src any, dest reflect.Value) error {
	n := sql.NullTime{Valid: src != nil}
	if n.Valid {
		var err error
		if n.Time, err = timeOf(src); err != nil {
			return err
		}
	}
	switch d := dest.Addr().Interface().(type) {
	case *sql.NullTime:
		*d = n
	case *sql.Null[time.Time]:
		*d = sql.Null[time.Time]{V: n.Time, Valid: n.Valid}
	}
	return nil
}

func fillUUID(src any, dest reflect.Value) error {
	var id [16]byte
	var ok bool
	switch v := src.(type) {
	case nil:
		return errNull(dest.Type())
	case string:
		id, ok = parseUUID(v)
	case []byte:
		if ok = len(v) == len(id); ok {
			copy(id[:], v)
		} else {
			id, ok = parseUUID(string(v))
		}
	default:
		return errKind(src, dest.Type())
	}
	if !ok {
		return errors.New("is not a UUID; expected 32 hex digits, or 16 bytes in a blob")
	}
	for i, b := range id {
		dest.Index(i).SetUint(uint64(b)) // whatever the name of the array's bytes
	}
	return nil
}

// parseUUID reads a UUID in any case, with or without hyphens, braces and urn:uuid:.
func parseUUID(s string) (id [16]byte, ok bool) {
	const urn = "urn:uuid:"
	if len(s) > len(urn) && strings.EqualFold(s[:len(urn)], urn) {
		s = s[len(urn):]
	}
	if len(s) > 2 && s[0] == '{' && s[len(s)-1] == '}' {
		s = s[1 : len(s)-1]
	}
	s = strings.ReplaceAll(s, "-", "")
	if len(s) != hex.EncodedLen(len(id)) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

// fillText fills a type that reads its own text. NULL is what its zero value is written as when that has no text, such
// as the zero netip.Addr.
func fillText(src any, dest reflect.Value) error {
	if src == nil {
		zero, ok := reflect.New(dest.Type()).Interface().(encoding.TextMarshaler)
		if !ok {
			return errNull(dest.Type())
		}
		if text, err := zero.MarshalText(); err != nil || len(text) > 0 {
			return errNull(dest.Type())
		}
		dest.SetZero()
		return nil
	}
	text, ok := textOf(src)
	if !ok {
		return errKind(src, dest.Type())
	}
	return dest.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text)
}

// fillBytes fills a named []byte. The bytes are the receiver's copy; those of an empty blob are not nil, which is NULL.
// fillPlainBytes tells an empty blob, for which the driver gives nil bytes, from NULL, for which it gives nil.
func fillPlainBytes(src any, dest reflect.Value) error {
	if b, ok := src.([]byte); ok && b == nil {
		dest.SetBytes([]byte{})
		return nil
	}
	var n sql.Null[[]byte] // all other conversions are database/sql's
	if err := n.Scan(src); err != nil {
		return err
	}
	dest.SetBytes(n.V)
	return nil
}

func fillBytes(src any, dest reflect.Value) error {
	if src == nil {
		dest.SetZero()
		return nil
	}
	text, ok := textOf(src)
	if !ok {
		return errKind(src, dest.Type())
	}
	if text == nil {
		text = []byte{}
	}
	dest.SetBytes(text)
	return nil
}

// fillJSON fills a document. What was in it before goes first, because json.Unmarshal would add to a map.
func fillJSON(src any, dest reflect.Value) error {
	dest.SetZero()
	if src == nil {
		if k := dest.Kind(); k == reflect.Map || k == reflect.Slice {
			return nil
		}
		return errNull(dest.Type())
	}
	text, ok := textOf(src)
	if !ok {
		return errKind(src, dest.Type())
	}
	return json.Unmarshal(text, dest.Addr().Interface())
}

// textOf returns the text of a value. SQLite turns a text that looks like a number into one if the column's declared
// type has numeric affinity, as JSON has.
func textOf(src any) ([]byte, bool) {
	switch v := src.(type) {
	case string:
		return []byte(v), true
	case []byte:
		return v, true
	case int64:
		return strconv.AppendInt(nil, v, 10), true
	case float64:
		return strconv.AppendFloat(nil, v, 'g', -1, 64), true
	case bool:
		return strconv.AppendBool(nil, v), true
	case time.Time:
		return v.AppendFormat(nil, time.RFC3339Nano), true
	}
	return nil, false
}

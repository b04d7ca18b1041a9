package structs

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: a value, and the class of what it is compared with or given to, of a database where only columns have types, which
// compares values of two kinds without a word. Output: the value as one of the class, as it is to be sent, or why it is none.

var (
	errNoTime    = errors.New("is a text and no time; give a time.Time, or write it as 2006-01-02 15:04:05")
	errNoUUID    = errors.New("is a text and no UUID; write its 32 hex digits")
	errNoBoolean = errors.New("is neither true nor false; give a bool")
	errNoBytes   = errors.New("is a text of bytes that cannot be read; give a []byte, or write it as \\x and two hex digits for each byte")
)

// errKind is the error of a value of another kind than the class.
type errKind struct{ kind, class Class }

func (e errKind) Error() string {
	remedy := "convert it before"
	if e.class == ClassText && (e.kind == ClassInteger || e.kind == ClassFloat) {
		remedy = "give a string, write CAST(? AS TEXT), or, if it is a column that holds numbers, declare that with Type"
	}
	return "is of kind " + string(e.kind) + ", beside what is of kind " + string(e.class) + "; " + remedy
}

// As returns a value as one of the class: a text that spells one is what it spells. Whole asks numbers for being whole ones. What only
// the database, or whoever sends the value, knows passes. The error continues a sentence about the value.
func As(class Class, whole bool, v any) (any, error) {
	held, kind := heldIn(v)
	if class == "" || class == ClassCustom || class == ClassDocument {
		return v, nil
	}
	if kind == "" {
		return v, noScalar(class, v)
	}
	if b, ok := held.([]byte); ok && class != ClassBytes && (class != ClassUUID || len(b) != len([16]byte{})) {
		v, held, kind = string(b), string(b), ClassText // as whoever sends it without its type does
	}
	text, _ := held.(string)
	switch {
	case kind == class && !whole:
		return v, nil
	case class == ClassInteger, class == ClassFloat:
		return v, isNumber(held, kind, whole)
	case kind == ClassText && class == ClassTime:
		return timeOfText(v, text)
	case kind == ClassText && class == ClassUUID:
		if id, ok := parseUUID(text); ok {
			return string(dialect.AppendUUID(nil, id)), nil
		}
		return nil, errNoUUID
	case kind == ClassBytes && class == ClassUUID:
		return string(dialect.AppendUUID(nil, [16]byte(held.([]byte)))), nil
	case kind == ClassUUID && class == ClassBytes:
		id := held.([16]byte)
		return id[:], nil
	case kind == ClassText && class == ClassBoolean:
		return booleanOf(text)
	case kind == ClassText && class == ClassBytes:
		return bytesOf(text)
	case class == ClassBoolean && (held == int64(0) || held == int64(1)):
		return v, nil
	case kind == ClassTime, // which whoever spells it knows
		class == ClassTime && (kind == ClassInteger || kind == ClassFloat), // some rows hold times as numbers
		kind == ClassUUID && class == ClassText:
		return v, nil
	}
	return nil, errKind{kind, class}
}

// errShape is the error of a value that no column of scalars holds.
type errShape struct {
	given reflect.Type
	class Class
}

func (e errShape) Error() string {
	remedy := "give a scalar, or a type with a driver.Valuer"
	if isList(e.given) {
		remedy = "write a ? for each of its values, or compare with them by squirrel.Eq"
	}
	return "is a " + e.given.String() + ", beside what is of kind " + string(e.class) + "; " + remedy
}

// noScalar says why a value cannot stand beside what is of a class of scalars: it is a map, a struct, a list, or what no database takes. What
// is sent as NULL, writes itself, or is JSON by its type passes.
func noScalar(class Class, v any) error {
	value, ok := follow(reflect.ValueOf(v))
	if !ok || value.Type() == reflect.TypeFor[json.RawMessage]() {
		return nil
	}
	if k := value.Kind(); (k == reflect.Map || k == reflect.Slice) && value.IsNil() {
		return nil
	}
	if l := leafOf(value.Type()); l.class != "" && l.class != ClassDocument || l.receives {
		return nil
	}
	return errShape{value.Type(), class}
}

// heldIn returns what a value holds, pointers and methods seen through, and of which class that is: integers as int64, texts as string,
// bytes as []byte, UUIDs as [16]byte. The empty class is that of NULL and of what is not known.
func heldIn(v any) (held any, class Class) {
	switch v := v.(type) {
	case string:
		return v, ClassText
	case int:
		return int64(v), ClassInteger
	case int64:
		return v, ClassInteger
	}
	value, ok := follow(reflect.ValueOf(v))
	if !ok {
		return nil, ""
	}
	l := leafOf(value.Type())
	if l.class == ClassCustom && l.value != nil {
		p := reflect.New(value.Type())
		p.Elem().Set(value)
		given, err := try(l.value, p)
		if value, ok = follow(reflect.ValueOf(given)); err != nil || !ok {
			return nil, ""
		}
		if l = leafOf(value.Type()); l.value != nil {
			return nil, ""
		}
	}
	if l.class == "" || l.class == ClassDocument || l.receives {
		return nil, ""
	}
	n, err := readAny(l, value.Interface())
	switch {
	case err != nil, n.form == formNull:
		return nil, ""
	case n.form == formInt:
		return n.num, l.class
	case l.class == ClassCustom:
		return n.text, ClassText // that it writes itself
	case n.form == formBytes:
		return []byte(n.text), l.class
	case n.form == formTime:
		return n.time, l.class
	case n.form == formUUID:
		return n.uuid, l.class
	}
	return n.text, l.class
}

// UUIDOf returns the UUID that a text spells.
func UUIDOf(text string) (id [16]byte, ok bool) { return parseUUID(text) }

// isNumber says why what a value holds is no number, or no whole one.
func isNumber(held any, kind Class, whole bool) error {
	text, _ := held.(string)
	switch {
	case kind == ClassText && whole && !wholeForm.MatchString(text):
		return errNotWhole
	case kind == ClassText && !dialect.SpellsNumber(text):
		return errNoNumber
	case kind == ClassFloat && whole && !isWhole(text):
		return errNotWhole
	case kind == ClassText, kind == ClassInteger, kind == ClassFloat, kind == ClassTime:
		return nil
	}
	return errKind{kind, ClassFloat}
}

// isWhole reports whether a float is an integer of 64 bits.
func isWhole(text string) bool {
	f, isFloat := numberOf(text).Interface().(float64)
	return !isFloat || f == math.Trunc(f) && math.Abs(f) < 1<<63
}

// timeOfText returns the time that a text is. The ends of time are texts that sort behind and before all others.
func timeOfText(v any, text string) (any, error) {
	t, err := timeOf(text)
	switch {
	case err == nil:
		return t, nil
	case strings.HasSuffix(text, "infinity"):
		return v, nil
	}
	return nil, errNoTime
}

// booleanOf returns the truth value that a text is for PostgreSQL.
func booleanOf(text string) (any, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	begins := func(word string, least int) bool { return len(text) >= least && strings.HasPrefix(word, text) }
	switch {
	case begins("true", 1), begins("yes", 1), begins("on", 2), text == "1":
		return true, nil
	case begins("false", 1), begins("no", 1), begins("off", 2), text == "0":
		return false, nil
	}
	return nil, errNoBoolean
}

// bytesOf returns the bytes that a text is for PostgreSQL, without the older of its escapes.
func bytesOf(text string) (any, error) {
	if !strings.HasPrefix(text, `\x`) {
		if strings.Contains(text, `\`) {
			return nil, errNoBytes
		}
		return []byte(text), nil
	}
	b, err := hex.DecodeString(text[2:])
	if err != nil {
		return nil, errNoBytes
	}
	return b, nil
}

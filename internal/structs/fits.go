package structs

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: a field, and a value that is to be stored in its column or compared with it. Output: why the field could not
// hold the value when it comes back. What only the database can tell passes. No error holds the value.

var (
	errYear     = errors.New("is a time of a year that this database cannot keep")
	errNaN      = errors.New("is not a number, which this database cannot keep")
	errNoStruct = errors.New("is NULL, as the struct that its field is in is nil, and the field could not hold it when it comes back; set the " +
		"struct")
	errNoNumber = errors.New("is no number, and the column is declared to be of numbers; write its digits, with a point where decimals begin")
	errNotWhole = errors.New("is no whole number, and the column is declared to be of those; write its digits")
	errUint     = errors.New("is an integer over 63 bits, which this database cannot keep")
)

// Fits returns a value as the field's column is to be sent it, or says why the field cannot hold it, within what the database keeps of
// values. What only the database can tell passes. NULL is not asked about. The error continues a sentence about the value.
func (f *Field) Fits(arg any, keeps dialect.Limits) (any, error) {
	if reflect.TypeOf(arg) == f.Type && !f.Nullable && !f.leaf.limited() {
		return arg, nil
	}
	value, ok := follow(reflect.ValueOf(arg))
	t := pointee(f.Type)
	if !ok || t.Kind() == reflect.Interface || f.Class == "" {
		return arg, nil
	}
	given := value.Type()
	if given != t {
		if value, ok = seenThrough(f.Class, value); !ok {
			return arg, nil
		}
		if !f.takes(t, value) {
			return nil, fmt.Errorf("is given as %v, and its field (%v) cannot hold it", given, f.Type)
		}
		if keeps.AnyText && value.Kind() == reflect.String && (f.Class == ClassTime || f.Class == ClassUUID) {
			return As(f.Class, false, arg)
		}
	}
	return arg, kept(value, keeps)
}

// Kept says why a database with these limits would not give a value back. The error continues a sentence about the value.
func Kept(arg any, keeps dialect.Limits) error {
	value, ok := follow(reflect.ValueOf(arg))
	if !ok {
		return nil
	}
	return kept(value, keeps)
}

func kept(value reflect.Value, keeps dialect.Limits) error {
	l := leafOf(value.Type())
	if !l.limited() {
		return nil
	}
	n, err := readAny(l, value.Interface())
	if err != nil {
		return nil //nolint:nilerr // the driver says what is wrong
	}
	return n.within(keeps)
}

// IsNumber reports whether a value is an integer or a float, pointers and methods seen through.
func IsNumber(arg any) bool {
	_, class := heldIn(arg)
	return class == ClassInteger || class == ClassFloat
}

// Kept says why what the field holds would not come back from a database with these limits, as Fits does. Types that convert
// themselves are not asked.
func (f *Field) Kept(row Row, keeps dialect.Limits) error {
	if !f.Limited() {
		return nil
	}
	p := f.find(row)
	if p == nil && f.holdsNoNull() {
		return errNoStruct
	}
	if p == nil || !f.leaf.limited() {
		return nil
	}
	var n normal
	switch {
	case f.Type == reflect.TypeFor[time.Time]():
		n = normal{form: formTime, time: get[time.Time](p)}
	case f.Type == reflect.TypeFor[float64]() && !keeps.NoNaN:
		return nil
	default:
		var err error
		if n, err = f.leaf.read(p); err != nil {
			return nil //nolint:nilerr // the driver says what is wrong
		}
	}
	return n.within(keeps)
}

// Limited reports whether there are values of the field that a database may not keep, or not give back.
func (f *Field) Limited() bool { return f.leaf.limited() || len(f.hops) > 0 && f.holdsNoNull() }

// holdsNoNull reports whether the field cannot be given NULL. A nil []byte is one.
func (f *Field) holdsNoNull() bool { return !f.Nullable && f.Class != ClassBytes }

// limited reports whether databases differ in which values of the type they keep.
func (l *leaf) limited() bool {
	switch l.class {
	case ClassTime, ClassFloat:
		return true
	case ClassInteger:
		return l.plain == 0
	}
	return false
}

func (n normal) within(keeps dialect.Limits) error {
	switch {
	case n.form == formTime && keeps.LastYear != 0 && (n.time.Year() < keeps.FirstYear || n.time.Year() > keeps.LastYear ||
		n.time.UTC().Year() < keeps.FirstYear || n.time.UTC().Year() > keeps.LastYear):
		return errYear
	case n.form == formOther && n.text == "NaN" && keeps.NoNaN:
		return errNaN
	case n.form == formBig && keeps.Int64:
		return errUint
	}
	return nil
}

// seenThrough returns what a value of a type that converts itself stands for in a column of the class, and whether that is known.
func seenThrough(c Class, value reflect.Value) (reflect.Value, bool) {
	l := leafOf(value.Type())
	if l.class != ClassCustom && l.value == nil {
		return value, true
	}
	p := reflect.New(value.Type())
	p.Elem().Set(value)
	if w, ok := shapeOf(value.Type()); ok && l.class != ClassCustom && !w.modified {
		return p.Elem().FieldByIndex(w.value.Index), p.Elem().FieldByIndex(w.valid.Index).Bool()
	}
	n, err := l.read(address(p))
	switch {
	case err != nil, n.form == formNull:
		return value, false // the driver says what is wrong
	case n.form == formTime:
		return reflect.ValueOf(n.time), true
	case n.form == formBytes:
		return reflect.ValueOf([]byte(n.text)), true
	case n.form == formBool:
		return reflect.ValueOf(n.text == "true"), true
	case n.form == formUUID:
		return reflect.ValueOf(n.uuid), true
	}
	if c == ClassInteger || c == ClassFloat {
		return numberOf(n.String()), true
	}
	return reflect.ValueOf(n.String()), true
}

// numberOf returns the number that a text is, or the text if it is none.
func numberOf(text string) reflect.Value {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return reflect.ValueOf(i)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return reflect.ValueOf(f)
	}
	return reflect.ValueOf(text)
}

// takes reports whether a field of a type, pointers to it left out, can hold a value of another.
func (f *Field) takes(t reflect.Type, value reflect.Value) bool {
	text := value.Kind() == reflect.String
	switch {
	case f.Class == ClassTime && text:
		_, err := timeOf(value.String())
		return err == nil || strings.HasSuffix(value.String(), "infinity") && set(reflect.New(t).Elem(), value)
	case f.Class == ClassUUID && text:
		_, ok := parseUUID(value.String())
		return ok
	case f.Class != ClassCustom:
	case !text && onlyText(t) && value.Type() != reflect.TypeFor[json.RawMessage]():
		return false
	case !text, !has[sql.Scanner](t) && !has[encoding.TextUnmarshaler](t):
		return true // only the database knows what it makes of it
	}
	return set(reflect.New(t).Elem(), value)
}

// onlyText reports whether a type is read from text, and from nothing else that a database gives.
func onlyText(t reflect.Type) bool {
	return has[encoding.TextUnmarshaler](t) && !has[sql.Scanner](t) && !has[driver.Valuer](t)
}

// Number says why a value that is sent as text is no number, or no whole one; nil: it is one, or only the database can tell.
func Number(v any, whole bool) error {
	value, ok := follow(reflect.ValueOf(v))
	if !ok {
		return nil
	}
	l := leafOf(value.Type())
	n, err := readAny(l, value.Interface())
	if err != nil {
		return nil //nolint:nilerr // the driver says what is wrong
	}
	return l.number(n, whole)
}

// IsWide reports whether a value of a type that converts itself, such as a *big.Int, is an integer over 63 bits.
func IsWide(v any) bool {
	value, ok := follow(reflect.ValueOf(v))
	if !ok {
		return false
	}
	l := leafOf(value.Type())
	if l.class != ClassCustom {
		return false
	}
	n, err := readAny(l, value.Interface())
	return err == nil && l.wide(n)
}

func (l *leaf) wide(n normal) bool {
	if l.class != ClassCustom || !wholeForm.MatchString(n.text) {
		return false
	}
	_, err := strconv.ParseInt(strings.TrimSpace(n.text), 10, 64)
	return err != nil
}

// NumberKept is [Number] of what the field holds.
func (f *Field) NumberKept(row Row, whole bool) error {
	p := f.find(row)
	if p == nil {
		return nil
	}
	n, err := f.leaf.read(p)
	if err != nil {
		return nil //nolint:nilerr // the driver says what is wrong
	}
	return f.leaf.number(n, whole)
}

func (l *leaf) number(n normal, whole bool) error {
	if l.wide(n) {
		return errUint
	}
	spelled, err := dialect.SpellsNumber, errNoNumber
	if whole {
		spelled, err = wholeForm.MatchString, errNotWhole
	}
	if n.form == formNull || n.form == formInt || n.form == formBig || spelled(n.text) {
		return nil
	}
	return err
}

// wholeForm is the texts of integers that every database reads.
var wholeForm = regexp.MustCompile(`^\s*[+-]?[0-9]+\s*$`)

// timeLayouts are the forms of times that every database reads and that sort as they are.
var timeLayouts = [...]string{
	"2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02",
	"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04", "2006-01-02T15:04",
}

func timeOf(text string) (t time.Time, err error) {
	// What time.Time.String writes has the name of a zone, and perhaps the monotonic clock's reading, behind all that counts.
	if fields := strings.Fields(text); len(fields) >= 3 {
		text = strings.Join(fields[:3], " ")
	}
	for _, layout := range timeLayouts {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

// DocumentAs returns a value as one that drivers know for the field's column without asking for its type: a list of values of any type, as JSON has them, as
// one of the field's type, and what JSON is made of as JSON for a json.RawMessage. Other values come back as they are.
func (f *Field) DocumentAs(arg any) any {
	t := pointee(f.Type)
	if t == reflect.TypeFor[json.RawMessage]() {
		return rawOf(arg)
	}
	if _, ok := arg.([]any); !ok || !f.List() {
		return arg
	}
	made := reflect.New(t).Elem()
	if !set(made, reflect.ValueOf(arg)) {
		return arg
	}
	return made.Interface()
}

// rawOf returns the JSON of lists, maps, structs and truth values, which drivers write by their Go types otherwise.
func rawOf(arg any) any {
	v, ok := follow(reflect.ValueOf(arg))
	if !ok || NilDocument(arg) || v.Type() == reflect.TypeFor[json.RawMessage]() || v.Kind() != reflect.Bool && leafOf(v.Type()).class != ClassDocument {
		return arg
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return arg
	}
	return json.RawMessage(text)
}

// setDocument sets the document that a variable holds to a value of another form: JSON as text or bytes, or what JSON can be made of.
func setDocument(to, value reflect.Value) bool {
	held := to
	w, wrapped := shapeOf(to.Type())
	if wrapped = wrapped && has[driver.Valuer](to.Type()); wrapped {
		held = to.FieldByIndex(w.value.Index)
	}
	if held.Kind() != reflect.Interface && value.Type() != held.Type() {
		text := []byte(nil)
		switch class := leafOf(value.Type()).class; {
		case class == ClassUUID, class == ClassTime:
			return false // they are not sent as JSON
		case value.Kind() == reflect.String:
			text = []byte(value.String())
		case value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Uint8:
			text = value.Bytes()
		default:
			var err error
			if text, err = json.Marshal(value.Interface()); err != nil {
				return false
			}
		}
		made := reflect.New(held.Type())
		if json.Unmarshal(text, made.Interface()) != nil {
			return false
		}
		value = made.Elem()
	}
	if !value.Type().AssignableTo(held.Type()) {
		return false
	}
	held.Set(value)
	if wrapped {
		to.FieldByIndex(w.valid.Index).SetBool(true)
	}
	return true
}

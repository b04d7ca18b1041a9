package structs

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// IsZero reports whether the field has the zero value of its type, as where it is behind a nil embedded pointer.
func (f *Field) IsZero(row Row) bool {
	p := f.find(row)
	if p != nil && f.leaf.plain == reflect.Int64 {
		return get[int64](p) == 0
	}
	return p == nil || pointer(f.Type, p).Elem().IsZero()
}

// SetZero gives the field the zero value of its type.
func (f *Field) SetZero(row Row) {
	if p := f.find(row); p != nil {
		pointer(f.Type, p).Elem().SetZero()
	}
}

// Copy gives the field of a row what it holds in another, NULL too.
func (f *Field) Copy(row, from Row) {
	p := f.find(from)
	if p == nil {
		f.SetZero(row)
		return
	}
	pointer(f.Type, f.reach(row)).Elem().Set(pointer(f.Type, p).Elem())
}

// Assign gives the field the value of another field, of another row: as it is where the types are the same but for pointers,
// converted between types of one class, and else by the field's sql.Scanner. NULL is an error, and so is a value that the
// field cannot hold exactly; the error names the fields' types and never the value.
func (f *Field) Assign(row Row, from *Field, fromRow Row) error {
	if f.leaf.plain == reflect.Int64 && from.leaf.plain == reflect.Int64 { // the common keys, without reflection
		if p := from.find(fromRow); p != nil {
			put(f.reach(row), get[int64](p))
			return nil
		}
	}
	what := fmt.Sprintf("%s.%s (%v)", from.owner, from.Name, from.Type)
	value, err := from.valueOf(fromRow)
	if err != nil {
		return fmt.Errorf("%s %w", what, err)
	}
	if spelled, ok := f.respelled(from, fromRow); ok {
		value = spelled
	}
	return f.assign(row, value, what)
}

// respelled returns the text that spells a key, an integer or a UUID, for a field of text; and for a field of such a key the one that
// a text spells.
func (f *Field) respelled(from *Field, row Row) (value reflect.Value, ok bool) {
	isKey := func(c Class) bool { return c == ClassInteger || c == ClassUUID }
	text := dialect.Keys{Kind: dialect.KeyOther}
	switch {
	case f.Class == ClassText && isKey(from.Class):
	case isKey(f.Class) && from.Class == ClassText:
	default:
		return value, false
	}
	if ok, err := from.AppendKey(&text, row); err != nil || !ok {
		return value, false
	}
	if f.Class == ClassText {
		return reflect.ValueOf(text.Texts[0]), true
	}
	switch n, ok := spelledKey(text.Texts[0], f.Key); {
	case !ok:
		return reflect.ValueOf(struct{}{}), true // which the field cannot hold
	case n.form == formInt:
		return reflect.ValueOf(n.num), true
	default:
		return reflect.ValueOf(n.uuid), true
	}
}

// AssignValue gives the field a value that is not NULL, as Assign does.
func (f *Field) AssignValue(row Row, v any) error {
	value, ok := follow(reflect.ValueOf(v))
	if !ok {
		return fmt.Errorf("%s.%s (%v) is given no value", f.owner, f.Name, f.Type)
	}
	return f.assign(row, value, fmt.Sprintf("a %v", value.Type()))
}

// SameKey reports whether the field has in a row the key that another has in another row.
func (f *Field) SameKey(row Row, other *Field, otherRow Row) (bool, error) {
	if f.leaf.plain == reflect.Int64 && other.leaf.plain == reflect.Int64 {
		if a, b := f.find(row), other.find(otherRow); a != nil && b != nil {
			return get[int64](a) == get[int64](b), nil
		}
	}
	a, b := dialect.Keys{Kind: dialect.KeyOther}, dialect.Keys{Kind: dialect.KeyOther}
	if _, err := f.AppendKey(&a, row); err != nil {
		return false, err
	}
	_, err := other.AppendKey(&b, otherRow)
	return slices.Equal(a.Texts, b.Texts), err
}

// Same reports whether the field has the same value in two rows. Times are the same that are so to the microsecond, behind which
// databases and their drivers cut them off, and values that cannot be compared in SQL if they are deeply equal in Go.
func (f *Field) Same(a, b Row) bool {
	var n [2]normal
	for i, row := range []Row{a, b} {
		p := f.find(row)
		if p == nil {
			continue
		}
		var err error
		if n[i], err = f.leaf.read(p); err != nil {
			return reflect.DeepEqual(f.Value(a), f.Value(b)) || sameDocument(f.Value(a), f.Value(b))
		}
	}
	if n[0] == n[1] || f.Class != ClassTime || n[0].form == formNull || n[1].form == formNull {
		return n[0] == n[1]
	}
	at := [2]time.Time{}
	for i := range n {
		var err error
		if at[i], err = time.Parse(time.RFC3339Nano, n[i].text); err != nil {
			return false
		}
	}
	return at[0].Truncate(time.Microsecond).Equal(at[1].Truncate(time.Microsecond))
}

// sameDocument reports whether two maps are one JSON: a map of values of any type has floats where integers were stored.
func sameDocument(a, b any) bool {
	isMap := func(v any) bool {
		value, ok := follow(reflect.ValueOf(v))
		return ok && value.Kind() == reflect.Map && value.NumMethod() == 0
	}
	if !isMap(a) || !isMap(b) {
		return false
	}
	one, err := json.Marshal(a)
	other, otherErr := json.Marshal(b)
	return err == nil && otherErr == nil && bytes.Equal(one, other)
}

// SameClock reports whether the times that the field has in two rows show the same date and time of day, each in its own zone; so do two
// that are NULL.
func (f *Field) SameClock(a, b Row) bool {
	var shown [2]string
	for i, row := range []Row{a, b} {
		p := f.find(row)
		if p == nil {
			continue
		}
		n, err := f.leaf.read(p)
		if err != nil {
			return false
		}
		if n.form == formTime {
			shown[i] = n.time.Format("2006-01-02T15:04:05.999999999")
		}
	}
	return shown[0] == shown[1]
}

// SameNumber reports whether the field has the same number in two rows, however it is written, 1.50 or 1.5.
func (f *Field) SameNumber(a, b Row) bool {
	var numbers [2]*big.Rat
	for i, row := range []Row{a, b} {
		p := f.find(row)
		if p == nil {
			return false
		}
		n, err := f.leaf.read(p)
		if err != nil || n.form == formNull || len(n.String()) > maxDigits {
			return false
		}
		var ok bool
		if numbers[i], ok = new(big.Rat).SetString(n.String()); !ok || strings.ContainsAny(n.String(), "/eEpPxX_") {
			return false
		}
	}
	return numbers[0].Cmp(numbers[1]) == 0
}

// maxDigits is how long a number may be that is compared here.
const maxDigits = 1000

// Plain returns text as a string, an integer as an int64, a boolean as a bool and a float as a float64, whatever their types, and all else
// as it is.
func Plain(v any) any {
	switch value := reflect.ValueOf(v); {
	case value.Kind() == reflect.String:
		return value.String()
	case value.CanInt():
		return value.Int()
	case value.CanUint() && value.Uint() <= math.MaxInt64:
		return int64(value.Uint())
	case value.Kind() == reflect.Bool:
		return value.Bool()
	case value.CanFloat():
		return value.Float()
	}
	return v
}

// NumberText returns the text of an integer or a float, in digits alone; ok is false for all else.
func NumberText(v any) (text string, ok bool) {
	value, ok := follow(reflect.ValueOf(v))
	if !ok {
		return "", false
	}
	switch class := leafOf(value.Type()).class; {
	case class != ClassInteger && class != ClassFloat:
		return "", false
	case value.CanInt():
		return strconv.FormatInt(value.Int(), 10), true
	case value.CanUint():
		return strconv.FormatUint(value.Uint(), 10), true
	case value.CanFloat() && !math.IsNaN(value.Float()) && !math.IsInf(value.Float(), 0):
		return strconv.FormatFloat(value.Float(), 'f', -1, value.Type().Bits()), true
	}
	return "", false
}

// valueOf returns what the field holds, pointers and null wrappers seen through.
func (f *Field) valueOf(row Row) (reflect.Value, error) {
	p := f.find(row)
	if p == nil {
		return reflect.Value{}, errNull
	}
	n, err := f.leaf.read(p)
	if err != nil {
		return reflect.Value{}, err
	}
	value, ok := follow(pointer(f.Type, p).Elem())
	if !ok || n.form == formNull {
		return reflect.Value{}, errNull
	}
	if w, ok := shapeOf(value.Type()); ok && f.Nullable {
		value = value.FieldByIndex(w.value.Index)
	}
	return value, nil
}

var errNull = errors.New("is NULL")

func (f *Field) assign(row Row, value reflect.Value, what string) error {
	to := pointer(f.Type, f.reach(row)).Elem()
	if set(to, value) {
		return nil
	}
	to.SetZero()
	return fmt.Errorf("%s.%s (%v) cannot hold what %s has", f.owner, f.Name, f.Type, what)
}

// set sets a variable to a value of any type, and reports whether it can hold that.
func set(to, value reflect.Value) bool {
	for to.Kind() == reflect.Pointer {
		made := reflect.New(to.Type().Elem())
		to.Set(made) // never through the old pointer, which others may share
		to = made.Elem()
	}
	if value.Type() == to.Type() {
		to.Set(value)
		return true
	}
	if n, ok := value.Interface().(json.Number); ok && leafOf(to.Type()).class != ClassDocument {
		if held, _, ok := jsonNumber(n); ok && (to.CanInt() || to.CanUint() || to.CanFloat()) {
			value = reflect.ValueOf(held)
		}
	}
	if leafOf(to.Type()).class == ClassDocument {
		return setDocument(to, value)
	}
	if convert(to, value) {
		return true
	}
	if s, ok := to.Addr().Interface().(sql.Scanner); ok {
		if src, err := scannable(value); err == nil && src != nil && scans(s, src) {
			return true
		}
	}
	u, ok := to.Addr().Interface().(encoding.TextUnmarshaler)
	return ok && value.Kind() == reflect.String && u.UnmarshalText([]byte(value.String())) == nil
}

// scans reports whether a Scanner takes a value. Some take a number as text alone.
func scans(s sql.Scanner, src any) bool {
	if s.Scan(src) == nil {
		return true
	}
	switch n := src.(type) {
	case int64:
		return s.Scan(strconv.FormatInt(n, 10)) == nil
	case float64:
		return s.Scan(strconv.FormatFloat(n, 'g', -1, 64)) == nil
	}
	return false
}

// scannable returns the value as database/sql would hand it to a Scanner.
func scannable(value reflect.Value) (any, error) {
	switch v, ok := value.Interface().(driver.Valuer); {
	case ok:
		return v.Value()
	case isUUID(value.Type()):
		return string(dialect.AppendUUID(nil, uuidBytes(value))), nil
	default:
		return driver.DefaultParameterConverter.ConvertValue(value.Interface())
	}
}

// convert sets a field to a value of another type if that changes nothing of it.
func convert(to, value reflect.Value) bool {
	switch {
	case value.CanInt() && to.CanInt() && !to.OverflowInt(value.Int()):
		to.SetInt(value.Int())
	case value.CanInt() && to.CanUint() && value.Int() >= 0 && !to.OverflowUint(uint64(value.Int())):
		to.SetUint(uint64(value.Int()))
	case value.CanUint() && to.CanUint() && !to.OverflowUint(value.Uint()):
		to.SetUint(value.Uint())
	case value.CanUint() && to.CanInt() && value.Uint() <= 1<<63-1 && !to.OverflowInt(int64(value.Uint())):
		to.SetInt(int64(value.Uint()))
	case value.Kind() == reflect.String && to.Kind() == reflect.String:
		to.SetString(value.String())
	case value.CanFloat() && to.CanInt() && float64(int64(value.Float())) == value.Float() && !to.OverflowInt(int64(value.Float())):
		to.SetInt(int64(value.Float())) // numbers of JSON
	case value.CanFloat() && to.CanUint() && value.Float() >= 0 && float64(uint64(value.Float())) == value.Float() &&
		!to.OverflowUint(uint64(value.Float())):
		to.SetUint(uint64(value.Float()))
	case value.CanFloat() && to.CanFloat() && !to.OverflowFloat(value.Float()):
		to.SetFloat(value.Float())
	case value.CanInt() && to.CanFloat() && int64(float64(value.Int())) == value.Int():
		to.SetFloat(float64(value.Int()))
	case value.CanUint() && to.CanFloat() && uint64(float64(value.Uint())) == value.Uint():
		to.SetFloat(float64(value.Uint()))
	case value.Kind() == reflect.Bool && to.Kind() == reflect.Bool:
		to.SetBool(value.Bool())
	case isUUID(to.Type()) && value.Kind() == reflect.String:
		id, ok := parseUUID(value.String())
		for i, b := range id {
			to.Index(i).SetUint(uint64(b))
		}
		return ok
	case to.Type() == reflect.TypeFor[time.Time]() && value.Kind() == reflect.String:
		t, err := timeOf(value.String())
		to.Set(reflect.ValueOf(t))
		return err == nil
	case leafOf(to.Type()).class == ClassBytes && leafOf(value.Type()).class == ClassBytes:
		to.SetBytes(value.Bytes())
	case isUUID(value.Type()) && isUUID(to.Type()):
		for i, b := range uuidBytes(value) {
			to.Index(i).SetUint(uint64(b))
		}
	default:
		return false
	}
	return true
}

func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8
}

// Increment adds one to an integer field. It is an error where that overflows, or where the field is NULL.
func (f *Field) Increment(row Row) error {
	value, err := f.valueOf(row)
	if err == nil {
		next := reflect.New(value.Type()).Elem()
		next.Set(value)
		switch {
		case value.CanInt() && value.Int() < 1<<63-1:
			next.SetInt(value.Int() + 1)
		case value.CanUint() && value.Uint() < 1<<64-1:
			next.SetUint(value.Uint() + 1)
		}
		if value.CanInt() && next.Int() > value.Int() || value.CanUint() && next.Uint() > value.Uint() {
			return f.assign(row, next, "the next number")
		}
		err = errOverflow
	}
	return fmt.Errorf("%s.%s %w", f.owner, f.Name, err)
}

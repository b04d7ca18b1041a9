package sqlite

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: a statement's arguments as the caller gave them. Output: the same, with those converted that
// database/sql or the driver would refuse. Nothing is written to the caller's slice.

func arguments(args []any) ([]any, error) {
	out := args
	for i, a := range args {
		v, changed, err := argument(a, maxPointers)
		var other otherKind
		switch {
		case errors.As(err, &other):
			return nil, otherKind(fmt.Sprintf("argument %d is %s", i+1, other))
		case err != nil:
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		if !changed {
			continue
		}
		if &out[0] == &args[0] {
			out = append([]any(nil), args...)
		}
		out[i] = v
	}
	return out, nil
}

// argument returns the value to send for a, and whether it is another than a.
func argument(a any, depth int) (v any, changed bool, err error) {
	switch a := a.(type) {
	case nil, string, []byte, int64, int, int32, bool, time.Time, sql.Out:
		return nil, false, nil
	case float64:
		return nil, false, number(a)
	case driver.Valuer:
		return heldInNull(a, depth)
	case sql.NamedArg:
		v, changed, err := argument(a.Value, depth)
		a.Value = v
		return a, changed, err
	case json.RawMessage:
		// As a blob SQLite would take it for its binary JSON.
		if a == nil {
			return nil, true, nil
		}
		return string(a), true, nil
	}
	p := reflect.ValueOf(a)
	switch p.Kind() {
	case reflect.Float32:
		return widened(p.Float()), true, number(p.Float())
	case reflect.Float64:
		return nil, false, number(p.Float())
	case reflect.Pointer:
		if p.IsNil() || depth == 0 {
			return nil, false, nil // database/sql sends NULL, or says what is wrong
		}
		if _, ok := a.(*time.Time); ok {
			return nil, false, nil
		}
		if v, ok, err := ownText(p); ok {
			return v, true, err
		}
		return argument(p.Elem().Interface(), depth-1)
	case reflect.Array, reflect.Map, reflect.Slice, reflect.Struct:
		return composite(p)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128:
		return nil, false, otherKind(fmt.Sprintf("a %T, which no database takes; give a scalar, or a type with a driver.Valuer", a))
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		if p.Uint() > math.MaxInt64 {
			return nil, false, otherKind("an integer over 63 bits, which this database cannot keep; give its digits as a string, beside numeric columns")
		}
	}
	return nil, false, nil
}

// number refuses what is no number: SQLite takes it for NULL, which a condition on NULL holds for.
func number(f float64) error {
	if math.IsNaN(f) {
		return otherKind("not a number, which SQLite takes for NULL; give a number, or nil where NULL is meant")
	}
	return nil
}

// heldInNull returns what to send for what a sql.Null holds, as if it stood alone: its own Valuer gives JSON as a blob, and a
// float32 as another number. Other Valuers are called.
func heldInNull(a driver.Valuer, depth int) (v any, changed bool, err error) {
	n := reflect.Indirect(reflect.ValueOf(a))
	if !n.IsValid() || !isNull(n.Type()) {
		return valued(a)
	}
	if !n.FieldByName("Valid").Bool() || depth == 0 {
		return nil, true, nil
	}
	held := n.FieldByName("V").Interface()
	if v, changed, err = argument(held, depth-1); !changed {
		v = held
	}
	return v, true, err
}

// widened returns the number that a float32 was read from if it has few digits: 0.15, and not what 0.15 is as a float32.
func widened(f float64) float64 {
	wide, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	if err != nil {
		return f
	}
	return wide
}

func composite(v reflect.Value) (any, bool, error) {
	if isUUID(v.Type()) {
		var id [16]byte
		for i := range id {
			id[i] = byte(v.Index(i).Uint())
		}
		return string(dialect.AppendUUID(nil, id)), true, nil
	}
	// The methods may be those of a pointer.
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	if valuer, ok := p.Interface().(driver.Valuer); ok {
		return valued(valuer)
	}
	if text, ok, err := ownText(p); ok {
		return text, true, err
	}
	switch {
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return nil, false, nil
	case (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.IsNil():
		return nil, true, nil
	}
	text, err := json.Marshal(p.Interface())
	var unsupported *json.UnsupportedTypeError
	var value *json.UnsupportedValueError
	switch {
	case errors.As(err, &value):
		return nil, false, otherKind(fmt.Sprintf("a %v, and JSON has no spelling of a value in it; leave out what is infinite or no number", v.Type()))
	case errors.As(err, &unsupported):
		return nil, false, otherKind(fmt.Sprintf("a %v, and JSON has no %v; give a scalar, or a type with a driver.Valuer", v.Type(), unsupported.Type))
	case err != nil:
		return nil, false, err
	}
	return string(text), true, nil
}

// ownText returns the text of a composite value that p points to and that writes its own. An empty one is NULL: it is
// that of a zero value, such as netip.Addr's.
func ownText(p reflect.Value) (text any, ok bool, err error) {
	switch t := p.Type().Elem(); t.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.Struct:
		if isUUID(t) || t == reflect.TypeFor[time.Time]() {
			return nil, false, nil
		}
	default:
		return nil, false, nil
	}
	m, ok := p.Interface().(encoding.TextMarshaler)
	if !ok {
		return nil, false, nil
	}
	b, err := m.MarshalText()
	if err != nil || len(b) == 0 {
		return nil, true, err
	}
	return string(b), true, nil
}

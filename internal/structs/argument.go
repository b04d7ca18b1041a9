package structs

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// ArgForm says what an argument is, as far as it matters to a driver that does not know the type wanted of it.
type ArgForm int

// The forms of arguments.
const (
	ArgPlain    ArgForm = iota // anything else
	ArgNull                    // NULL
	ArgFloat32                 // a float32 of any name, given as a float64
	ArgUUID                    // 16 bytes of any name, given as such
	ArgBytes                   // bytes of any name without a text form of their own, given as such
	ArgDocument                // a map or a struct without a text form of its own, or a list of such
)

// Argument returns what an argument holds, pointers followed up to one that alone has the driver.Valuer, and whether it was taken
// out of a sql.Null: the Valuer of that gives a duration as a number and JSON as bytes, no longer told from others.
func Argument(arg any) (held any, form ArgForm, fromNull bool) {
	v := reflect.ValueOf(arg)
	valuer := reflect.TypeFor[driver.Valuer]()
	for n := 0; n < maxPointers && v.Kind() == reflect.Pointer; n++ {
		if v.IsNil() {
			return arg, ArgNull, false
		}
		if v.Type().Implements(valuer) && !v.Type().Elem().Implements(valuer) {
			break
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil, ArgNull, false
	}
	if t := v.Type(); t.Kind() == reflect.Struct && t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null[") {
		if !v.FieldByName("Valid").Bool() {
			return nil, ArgNull, true
		}
		held, form, _ = Argument(v.FieldByName("V").Interface())
		return held, form, true
	}
	held, form = formOf(v)
	return held, form, false
}

func formOf(v reflect.Value) (any, ArgForm) {
	if raw, ok := v.Interface().(json.RawMessage); ok {
		return raw, ArgPlain // drivers know it for JSON
	}
	own := writesText(v.Type()) || v.Type().Implements(reflect.TypeFor[fmt.Stringer]())
	switch v.Kind() {
	case reflect.Float32:
		return v.Float(), ArgFloat32
	case reflect.Array:
		if isUUID(v.Type()) {
			return uuidBytes(v), ArgUUID
		}
		if !own && listsDocuments(v.Type()) {
			return v.Interface(), ArgDocument
		}
	case reflect.Slice:
		switch documents := !own && listsDocuments(v.Type()); {
		case v.Type().Elem().Kind() == reflect.Uint8 && !own:
			return v.Bytes(), ArgBytes
		case documents && v.IsNil():
			return nil, ArgNull
		case documents:
			return v.Interface(), ArgDocument
		}
	case reflect.Map, reflect.Struct:
		if v.Kind() == reflect.Map && v.IsNil() {
			return nil, ArgNull
		}
		if !own {
			return v.Interface(), ArgDocument
		}
	}
	return v.Interface(), ArgPlain
}

// listsDocuments reports whether a list is of maps or structs that only JSON can write, or of lists of them.
func listsDocuments(t reflect.Type) bool {
	item := pointee(t.Elem())
	switch item.Kind() {
	case reflect.Map, reflect.Struct:
		return item != reflect.TypeFor[time.Time]() && !has[driver.Valuer](item) && !writesText(item) && !has[fmt.Stringer](item)
	case reflect.Slice, reflect.Array:
		return !has[driver.Valuer](item) && !writesText(item) && listsDocuments(item)
	}
	return false
}

// uuidBytes returns the bytes of a value that isUUID says is one. A conversion would not do: their type may have a name.
func uuidBytes(v reflect.Value) (id [16]byte) {
	for i := range id {
		id[i] = byte(v.Index(i).Uint())
	}
	return id
}

// Float returns the number that a value of a float type of any name is.
func Float(v any) (f float64, ok bool) {
	if f, ok = v.(float64); ok {
		return f, true
	}
	if r := reflect.ValueOf(v); r.IsValid() && r.CanFloat() {
		return r.Float(), true
	}
	return 0, false
}

// Shortest returns a float32 of any name as the number that its digits are in Go, which not all databases make of it: 0.1, and not
// 0.10000000149011612. Other values are returned as they are.
func Shortest(v any) any {
	held, form, fromNull := Argument(v)
	if _, own := v.(driver.Valuer); form != ArgFloat32 || own && !fromNull {
		return v
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(held.(float64), 'g', -1, 32), 64)
	if err != nil {
		return v
	}
	return short
}

// Items returns the elements of a list that may be floats, times or durations, in one that may be changed; nil: v is no such list.
func Items(v any) []any {
	list := reflect.ValueOf(v)
	if k := list.Kind(); k != reflect.Slice && k != reflect.Array || !mayDiffer(pointee(list.Type().Elem())) {
		return nil
	}
	items := make([]any, list.Len())
	for i := range items {
		items[i] = list.Index(i).Interface()
	}
	return items
}

func mayDiffer(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Interface:
		return true
	}
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[time.Duration]() || has[driver.Valuer](t) && !isUUID(t)
}

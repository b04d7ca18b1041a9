package structs

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Value is an argument of a predicate, looked into: a scalar, NULL or a list.
type Value struct {
	Arg     any   // of a scalar, as a driver should be given it; nil for NULL and lists
	Null    bool  // the scalar is NULL
	List    bool  // the argument is a list, possibly empty
	Items   []any // of a list: its elements that are not NULL, in the form of Arg
	HasNull bool  // a list held a NULL
	Class   Class // of Arg or of every item; empty for NULL, and for an empty list of interfaces
	Mixed   error // of a list: its items are texts and numbers, all written as texts, which few columns can be compared with
}

var errNested = errors.New("a list of lists; give a flat list")

// ValueOf looks into an argument of a predicate. Pointers are followed, and a nil pointer at any level is NULL. So are
// a nil []byte and a driver.Valuer that gives nil, which is called once and never through a nil pointer.
//
// []byte, [16]byte under any name, json.RawMessage, and types with a driver.Valuer or text form are scalars. Other
// slices and arrays are lists; a nil slice is an empty one. Arg keeps a named type and a Valuer as they are, for the
// driver to convert; where only a pointer has the methods, Arg is a pointer.
//
// Maps, functions, channels, structs without a driver.Valuer, and lists that are nested or of mixed classes are errors,
// as is an error of the Valuer. Numbers are of one class if floats hold them all.
func ValueOf(v any) (Value, error) {
	if class := basicClass(v); class != "" {
		return Value{Arg: v, Class: class}, nil
	}
	rv, ok := follow(reflect.ValueOf(v))
	if !ok {
		return Value{Null: true}, nil
	}
	if isList(rv.Type()) {
		return listOf(rv)
	}
	arg, class, err := scalarOf(rv)
	if err != nil {
		return Value{}, err
	}
	return Value{Arg: arg, Null: arg == nil, Class: class}, nil
}

// basicClass returns the class of the most common types, which need no looking into, and the empty class for others.
func basicClass(v any) Class {
	switch v.(type) {
	case int, int64, int32:
		return ClassInteger
	case string:
		return ClassText
	case bool:
		return ClassBoolean
	case float64:
		return ClassFloat
	case time.Time:
		return ClassTime
	}
	return ""
}

// follow follows pointers and interfaces to a value, and reports whether there is one. It stops at too many pointers,
// at a value without a class.
func follow(v reflect.Value) (reflect.Value, bool) {
	for n := 0; n <= maxPointers && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface); n++ {
		v = v.Elem()
	}
	return v, v.IsValid()
}

// IsList reports whether an argument is a list of values, or a pointer to one, be it nil.
func IsList(arg any) bool {
	t := reflect.TypeOf(arg)
	return t != nil && isList(pointee(t))
}

// NilList reports whether a list is nil, which drivers send as NULL; known is false for anything but a list itself.
func NilList(arg any) (null, known bool) {
	v := reflect.ValueOf(arg)
	if !v.IsValid() || !isList(v.Type()) {
		return false, false
	}
	return v.Kind() == reflect.Slice && v.IsNil(), true
}

// NilDocument reports whether a document, or a list, is one that drivers send as NULL.
func NilDocument(arg any) bool {
	v, ok := follow(reflect.ValueOf(arg))
	return !ok || (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.IsNil()
}

func isList(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) &&
		leafOf(t).class == ClassDocument && t != reflect.TypeFor[json.RawMessage]()
}

// jsonNumber returns the number that JSON spells, if an integer or a float is exactly that.
func jsonNumber(n json.Number) (any, Class, bool) {
	if i, err := n.Int64(); err == nil {
		return i, ClassInteger, true
	}
	f, err := n.Float64()
	shortest := strconv.FormatFloat(f, 'f', -1, 64)
	const digits = 17 // that a float tells apart
	switch given := n.String(); {
	case err != nil:
		return nil, "", false
	case strings.ContainsAny(given, "eE"):
		return f, ClassFloat, len(given) <= digits
	default:
		return f, ClassFloat, given == shortest || strings.Contains(given, ".") && strings.TrimRight(strings.TrimRight(given, "0"), ".") == shortest
	}
}

// scalarOf returns the argument to send for v, nil when it is NULL.
func scalarOf(v reflect.Value) (any, Class, error) {
	if n, ok := v.Interface().(json.Number); ok {
		if held, class, ok := jsonNumber(n); ok {
			return held, class, nil
		}
	}
	l := leafOf(v.Type())
	sendable := l.class != "" && l.class != ClassDocument && !l.receives
	if !sendable && v.Type() != reflect.TypeFor[json.RawMessage]() {
		return nil, "", fmt.Errorf("cannot compare with a %v; give a scalar, a list of scalars, or a type "+
			"with a driver.Valuer", v.Type())
	}
	if v.Kind() == reflect.Slice && v.IsNil() && l.value == nil {
		return nil, "", nil
	}
	if l.class != ClassCustom && !l.nullable {
		return v.Interface(), l.class, nil
	}
	p := v
	if !v.CanAddr() {
		p = reflect.New(v.Type()).Elem()
		p.Set(v)
	}
	null, err := isNullArg(l, address(p.Addr()))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("cannot compare with a %v: %w", v.Type(), err)
	case null:
		return nil, "", nil
	case l.byPointer:
		return p.Addr().Interface(), l.class, nil
	}
	return v.Interface(), l.class, nil
}

// isNullArg asks the Valuer, which may give what has no normal form but a driver can send.
func isNullArg(l *leaf, p Row) (bool, error) {
	if l.value != nil {
		v, err := l.value(p)
		if b, ok := v.([]byte); ok && b == nil {
			return true, err
		}
		return v == nil, err
	}
	if l.class == ClassDocument {
		return false, nil
	}
	n, err := l.read(p)
	return n.form == formNull, err
}

// listOf returns the elements of a slice or array. The class is that of the element type, or of the first item where
// that is an interface.
func listOf(list reflect.Value) (Value, error) {
	elem := pointee(list.Type().Elem())
	v := Value{List: true, Items: make([]any, 0, list.Len())}
	if elem.Kind() != reflect.Interface {
		// The type is checked even when no element is.
		if isList(elem) {
			return Value{}, fmt.Errorf("cannot compare with a %v: %w", list.Type(), errNested)
		}
		if v.Class = leafOf(elem).class; v.Class == "" || v.Class == ClassDocument {
			if _, _, err := scalarOf(reflect.Zero(elem)); err != nil {
				return Value{}, err
			}
		}
	}
	for i := range list.Len() {
		arg, class, err := itemOf(list.Index(i))
		switch {
		case err != nil:
			return Value{}, fmt.Errorf("list item %d: %w", i, err)
		case arg == nil:
			v.HasNull = true
			continue
		case v.Class == "":
			v.Class = class
		case class != v.Class && v.Mixed == nil:
			v.Mixed = fmt.Errorf("a list holds values of one kind, and item %d is %s, those before it %s; give values of one, or join a condition for each by squirrel.Or", i, class, v.Class)
		}
		v.Items = append(v.Items, arg)
	}
	if v.Mixed != nil {
		return v.ofOneClass()
	}
	return v, nil
}

// ofOneClass returns a list of numbers and texts as one of floats, or else of texts.
func (v Value) ofOneClass() (Value, error) {
	texts, floats, exact := make([]any, len(v.Items)), make([]any, len(v.Items)), true
	for i, item := range v.Items {
		n, class, err := normalOf(item)
		switch {
		case err != nil, class != ClassInteger && class != ClassFloat && class != ClassText && class != ClassCustom,
			n.form != formInt && n.form != formBig && n.form != formText && n.form != formOther:
			return Value{}, v.Mixed
		}
		texts[i] = n.String()
		f, err := strconv.ParseFloat(n.String(), 64)
		if floats[i] = f; class == ClassFloat {
			floats[i] = item // whose digits are the driver's to tell
		}
		exact = exact && err == nil && (class == ClassFloat || class == ClassInteger && math.Abs(f) <= 1<<53)
	}
	if exact {
		return Value{List: true, Items: floats, HasNull: v.HasNull, Class: ClassFloat}, nil
	}
	v.Items, v.Class = texts, ClassText
	return v, nil
}

func itemOf(item reflect.Value) (any, Class, error) {
	item, ok := follow(item)
	if !ok {
		return nil, "", nil
	}
	if isList(item.Type()) {
		return nil, "", fmt.Errorf("cannot compare with %w", errNested)
	}
	return scalarOf(item)
}

// WholeList returns a copy of a list that is given as one value, pointers to it followed; nil if it is nil.
func WholeList(list any) any {
	v, ok := follow(reflect.ValueOf(list))
	if !ok || v.Kind() == reflect.Slice && v.IsNil() {
		return nil
	}
	if v.Kind() != reflect.Slice {
		return v.Interface() // an array is copied with its items
	}
	own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(own, v)
	return own.Interface()
}

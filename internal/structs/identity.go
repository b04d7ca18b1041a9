package structs

import (
	"math"
	"reflect"
)

// IDENTITY: what tells apart what is compared without being known.

// TypeID tells the type of a value from all other types.
func TypeID(v any) uintptr { return reflect.ValueOf(reflect.TypeOf(v)).Pointer() }

// PointerID tells a pointer from those to anything else, as long as what it points to is held.
func PointerID(p any) uintptr { return reflect.ValueOf(p).Pointer() }

// Comparable reports whether a value can be the key of a map.
func Comparable(v any) bool { return reflect.TypeOf(v).Comparable() }

// Equal reports whether values are equal, with all that they lead to, one that is no number to another of its type. Functions are equal to
// none.
func Equal(a, b any) bool {
	return reflect.DeepEqual(a, b) || reflect.TypeOf(a) == reflect.TypeOf(b) && isNaN(a) && isNaN(b)
}

func isNaN(v any) bool {
	value, ok := follow(reflect.ValueOf(v))
	return ok && value.CanFloat() && math.IsNaN(value.Float())
}

// SizeOf estimates the bytes that a value holds.
func SizeOf(v any) int {
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Invalid:
		return 0
	case reflect.String:
		return rv.Len()
	case reflect.Slice:
		return rv.Len() * int(rv.Type().Elem().Size())
	default:
		return int(rv.Type().Size())
	}
}

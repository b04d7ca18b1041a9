package structs

import "reflect"

// IsNil reports whether v is nil or a nil pointer, behind which no method can be called. Nil maps and slices are empty,
// not nil.
func IsNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// IsZero reports whether nothing in v was set.
func IsZero(v any) bool { return reflect.ValueOf(v).IsZero() }

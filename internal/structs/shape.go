package structs

import (
	"database/sql"
	"reflect"
)

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

// FieldsOf returns the fields of a struct type, or of the one that a pointer type leads to. There are none for other types,
// for those that scan themselves, and for structs that [Of] refuses.
func FieldsOf(t reflect.Type) []*Field {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]()) {
		return nil
	}
	s, err := Of(t)
	if err != nil {
		return nil
	}
	return s.Fields
}

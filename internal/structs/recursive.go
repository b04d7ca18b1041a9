package structs

import (
	"reflect"
	"strings"
)

// Recursive reports whether scany would never finish mapping the struct type t, or the one t points to: whether a walk
// through fields that are structs or pointers to structs reaches a type again on its own path. Embedded and named
// fields count; unexported named fields, fields tagged db:"-", slices and maps do not. path leads from t to the field
// that closes the first such loop, such as "Employee.Manager"; it is empty when there is none. Other types than structs
// are not recursive.
func Recursive(t reflect.Type) (path string, ok bool) {
	t, ok = structBehind(t)
	if !ok {
		return "", false
	}
	f := loopFinder{onPath: make(map[reflect.Type]bool), clear: make(map[reflect.Type]bool)}
	if names := f.find(t); names != nil {
		return typeName(t) + "." + strings.Join(names, "."), true
	}
	return "", false
}

type loopFinder struct {
	onPath map[reflect.Type]bool
	clear  map[reflect.Type]bool // walked to the end without a loop, so that a type is walked once
}

// find returns the field names from t to the field that closes a loop, nil when none does.
func (f *loopFinder) find(t reflect.Type) []string {
	f.onPath[t] = true
	for i := range t.NumField() {
		field := t.Field(i)
		tag, _, _ := strings.Cut(field.Tag.Get("db"), ",")
		if tag == "-" || !field.IsExported() && !field.Anonymous {
			continue
		}
		next, ok := structBehind(field.Type)
		if !ok || f.clear[next] {
			continue
		}
		if f.onPath[next] {
			return []string{field.Name}
		}
		if names := f.find(next); names != nil {
			return append([]string{field.Name}, names...)
		}
	}
	f.clear[t] = true
	delete(f.onPath, t)
	return nil
}

// structBehind returns the struct type that t is or points to. Scany follows one pointer.
func structBehind(t reflect.Type) (reflect.Type, bool) {
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t, t != nil && t.Kind() == reflect.Struct
}

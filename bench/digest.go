package main

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"reflect"
	"time"
)

// digest is a fingerprint of rows, with all that hangs onto them. A row that is met again on its own way down is left at that.
func digest(rows any) string {
	h := sha256.New()
	walk(h, reflect.ValueOf(rows), map[uintptr]bool{})
	return fmt.Sprintf("%x", h.Sum(nil))
}

func walk(h hash.Hash, v reflect.Value, above map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			fmt.Fprint(h, "nil;")
			return
		}
		if above[v.Pointer()] {
			fmt.Fprint(h, "above;")
			return
		}
		above[v.Pointer()] = true
		walk(h, v.Elem(), above)
		delete(above, v.Pointer())
	case reflect.Slice:
		fmt.Fprintf(h, "%d[", v.Len())
		for i := range v.Len() {
			walk(h, v.Index(i), above)
		}
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			fmt.Fprintf(h, "%d;", t.UnixMicro())
			return
		}
		for i := range v.NumField() {
			walk(h, v.Field(i), above)
		}
	default:
		fmt.Fprintf(h, "%v;", v.Interface())
	}
}

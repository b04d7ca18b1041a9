package main

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"reflect"
	"time"
)

// digest is a fingerprint of rows, with all that hangs onto them. A row that is met again on its own way down, be it the same or one
// like it, is left at its columns: what would hang onto it hangs above. So structs may differ, as long as their columns are in one order.
func digest(rows any) string {
	h := sha256.New()
	walk(h, reflect.ValueOf(rows), map[row]bool{})
	return fmt.Sprintf("%x", h.Sum(nil))
}

// row is a row of a table, however often it was read.
type row struct {
	of  reflect.Type
	key int64
}

func walk(h hash.Hash, v reflect.Value, above map[row]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		rows := v.Type().Elem().Kind() == reflect.Struct
		switch {
		case v.IsNil() && rows:
			return
		case v.IsNil():
			fmt.Fprint(h, "nil;")
			return
		case !rows:
			walk(h, v.Elem(), above)
			return
		}
		r := row{v.Type(), key(v.Elem())}
		if above[r] {
			columns(h, v.Elem(), above)
			return
		}
		above[r] = true
		walk(h, v.Elem(), above)
		delete(above, r)
	case reflect.Slice:
		if v.Len() == 0 {
			return
		}
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

// key is the first column.
func key(v reflect.Value) int64 {
	for v.Kind() == reflect.Struct {
		v = v.Field(0)
	}
	return v.Int()
}

// columns walks the fields of a struct that hold no rows.
func columns(h hash.Hash, v reflect.Value, above map[row]bool) {
	for i := range v.NumField() {
		f := v.Field(i)
		if related := f.Kind() == reflect.Slice || f.Kind() == reflect.Pointer && f.Type().Elem().Kind() == reflect.Struct; !related {
			walk(h, f, above)
		}
	}
}

package structs

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"reflect"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Class says what a field or value holds, as far as comparing it is concerned. The empty class is that of NULL, of an
// empty list whose type does not tell, and of types that no column can hold.
type Class string

// The classes.
const (
	ClassInteger Class = "integer"
	ClassUUID    Class = "uuid" // any [16]byte, whatever its name and methods
	ClassText    Class = "text"
	ClassBoolean Class = "boolean"
	ClassFloat   Class = "float"
	ClassTime    Class = "time"
	ClassBytes   Class = "bytes"
	// ClassCustom is a type that converts itself, by driver.Valuer, sql.Scanner or encoding.TextMarshaler, so that
	// only the database knows which values are equal.
	ClassCustom Class = "custom"
	// ClassDocument is a map, slice, array, struct or interface without such methods, or a json.RawMessage. SQL has
	// no equality for it.
	ClassDocument Class = "document"
)

// key returns how keys of the class are compared.
func (c Class) key() dialect.KeyKind {
	switch c {
	case ClassInteger:
		return dialect.KeyInt
	case ClassUUID:
		return dialect.KeyUUID
	case ClassText:
		return dialect.KeyText
	}
	return dialect.KeyOther
}

// leaf is what is known of a type that one column holds.
type leaf struct {
	class     Class // empty: no column can hold it
	nullable  bool
	byPointer bool                        // only a pointer to it has the methods that a driver calls
	plain     reflect.Kind                // set for integers that AppendKey reads itself
	read      func(p Row) (normal, error) // the normal form of the value at p
	value     func(Row) (any, error)      // what its driver.Valuer gives; nil without one, and for pointers
	receives  bool                        // a composite that has sql.Scanner only: no driver can send it
	lasting   bool                        // it is a time.Duration
}

type leafKey struct{ t reflect.Type }

func leafOf(t reflect.Type) *leaf {
	known, ok := cache.Load(leafKey{t})
	if !ok {
		known, _ = cache.LoadOrStore(leafKey{t}, classify(t))
	}
	return known.(*leaf)
}

// maxPointers is how many pointers are followed to a value. A pointer type can lead back to itself.
const maxPointers = 4

func classify(t reflect.Type) *leaf {
	if pointee(t).Kind() == reflect.Pointer {
		return &leaf{read: readDocument}
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return pointerLeaf(leafOf(t.Elem()))
	case t == reflect.TypeFor[time.Time]():
		return &leaf{class: ClassTime, read: readTime}
	case t == reflect.TypeFor[time.Duration]():
		return &leaf{class: ClassInteger, plain: t.Kind(), read: readDuration, lasting: true}
	case t == reflect.TypeFor[json.RawMessage](), t.Kind() == reflect.Interface:
		return &leaf{class: ClassDocument, nullable: true, read: readDocument}
	case t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8:
		return &leaf{class: ClassUUID, read: readUUID}
	case has[driver.Valuer](t):
		if l := wrapperLeaf(t); l != nil {
			return l
		}
		return customLeaf(t)
	case has[sql.Scanner](t) && t.Kind() != reflect.String, isComposite(t) && writesText(t):
		return customLeaf(t)
	}
	return kindLeaf(t)
}

// pointee returns the type at the end of t's pointers, still a pointer when there are too many.
func pointee(t reflect.Type) reflect.Type {
	for n := 0; n < maxPointers && t.Kind() == reflect.Pointer; n++ {
		t = t.Elem()
	}
	return t
}

// has reports whether t or a pointer to it implements M.
func has[M any](t reflect.Type) bool { return reflect.PointerTo(t).Implements(reflect.TypeFor[M]()) }

func isComposite(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return false
}

// writesText reports whether the type has a text form of its own. The network types of the standard library that have
// only a String method are known by name.
func writesText(t reflect.Type) bool {
	return has[encoding.TextMarshaler](t) ||
		t == reflect.TypeFor[net.HardwareAddr]() || t == reflect.TypeFor[net.IPNet]()
}

// pointerLeaf returns the leaf of the pointer type to elem's type.
func pointerLeaf(elem *leaf) *leaf {
	return &leaf{class: elem.class, nullable: true, lasting: elem.lasting, read: func(p Row) (normal, error) {
		if p = pointed(p); p == nil {
			return normal{}, nil
		}
		return elem.read(p)
	}}
}

// kindLeaf returns the leaf of a type without methods of interest.
func kindLeaf(t reflect.Type) *leaf {
	switch t.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &leaf{class: ClassInteger, plain: t.Kind(), read: integerReader(t.Kind())}
	case reflect.Int8, reflect.Int16, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &leaf{class: ClassInteger, read: integerReader(t.Kind())}
	case reflect.String:
		return &leaf{class: ClassText, read: readText}
	case reflect.Bool:
		return &leaf{class: ClassBoolean, read: readBool}
	case reflect.Float32:
		return &leaf{class: ClassFloat, read: readFloat32}
	case reflect.Float64:
		return &leaf{class: ClassFloat, read: readFloat64}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &leaf{class: ClassBytes, read: readBytes}
		}
		return &leaf{class: ClassDocument, nullable: true, read: readDocument}
	case reflect.Map, reflect.Array, reflect.Struct:
		return &leaf{class: ClassDocument, nullable: t.Kind() == reflect.Map || has[nullScanner](t), read: readDocument}
	}
	return &leaf{read: readDocument}
}

// nullScanner is a type that can hold NULL by a flag of its own, as pgx asks for it.
type nullScanner interface{ ScanNull() error }

// customLeaf returns the leaf of a type that converts itself. Whether it can hold NULL only its methods know, so its
// zero value is asked.
func customLeaf(t reflect.Type) *leaf {
	l := &leaf{class: ClassCustom, byPointer: sentByPointer(t)}
	switch {
	case has[driver.Valuer](t):
		l.value = valuerOf(t)
		l.read = valuerReader(l.value)
	case isComposite(t) && writesText(t):
		l.read = textReader(t)
	case isComposite(t):
		l.receives, l.read = true, readOpaque
	default:
		l.read = kindLeaf(t).read
	}
	l.nullable = isNull(l.read, reflect.New(t))
	return l
}

// sentByPointer reports whether a driver must be given a pointer to the type for its methods to be found.
func sentByPointer(t reflect.Type) bool {
	if has[driver.Valuer](t) {
		return !t.Implements(reflect.TypeFor[driver.Valuer]())
	}
	return has[encoding.TextMarshaler](t) && !t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func valuerOf(t reflect.Type) func(Row) (any, error) {
	return func(p Row) (any, error) {
		return pointer(t, p).Interface().(driver.Valuer).Value()
	}
}

// valuerReader returns the reader of what value gives.
func valuerReader(value func(Row) (any, error)) func(Row) (normal, error) {
	return func(p Row) (normal, error) {
		v, err := value(p)
		if err != nil {
			return normal{}, fmt.Errorf("has a driver.Valuer that fails: %w", err)
		}
		return normalOfDriverValue(v)
	}
}

var errPanicked = errors.New("panicked")

// try reads the value that v points to. It is one that the program did not make, so its methods may panic on it.
func try[T any](read func(Row) (T, error), v reflect.Value) (found T, err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()
	return read(address(v))
}

// isNull reports whether the value that v points to reads as NULL.
func isNull(read func(Row) (normal, error), v reflect.Value) bool {
	n, err := try(read, v)
	return err == nil && n.form == formNull
}

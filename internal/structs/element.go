package structs

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: a field of many rows. Output: its values as elements of an array, each as a driver would be given it alone.

// element is how a type goes into an array.
type element struct {
	kind dialect.ElementKind // ElementNone: it does not
	add  func(dialect.Elements, Row) error
}

type elementKey struct{ t reflect.Type }

// Element returns what the values of the field are in an array; ElementNone if they convert themselves, or a driver would look at
// more than what they hold.
func (f *Field) Element() dialect.ElementKind { return f.element.kind }

// AddTo adds the field's value to an array. The error is that of a document that cannot be written as JSON.
func (f *Field) AddTo(to dialect.Elements, row Row) error {
	p := f.find(row)
	if p == nil {
		to.Null()
		return nil
	}
	if err := f.element.add(to, p); err != nil {
		return fmt.Errorf("field %s.%s %w", f.owner, f.Name, err)
	}
	return nil
}

func elementOf(t reflect.Type) *element {
	known, ok := cache.Load(elementKey{t})
	if !ok {
		known, _ = cache.LoadOrStore(elementKey{t}, newElement(t))
	}
	return known.(*element)
}

func newElement(t reflect.Type) *element {
	if pointee(t).Kind() == reflect.Pointer {
		return &element{}
	}
	l := leafOf(t)
	switch {
	case t.Kind() == reflect.Pointer:
		return elementBehind(elementOf(t.Elem()))
	case t == reflect.TypeFor[json.RawMessage]():
		return &element{dialect.ElementJSON, addRaw}
	case l.class == ClassUUID:
		return &element{dialect.ElementUUID, func(to dialect.Elements, p Row) error { to.UUID(get[[16]byte](p)); return nil }}
	case l.value != nil:
		return elementInWrapper(t, l)
	case l.class == ClassDocument && t.Kind() != reflect.Interface:
		return &element{dialect.ElementJSON, documentAdder(t)}
	}
	return plainElement(t, l.class)
}

// elementBehind is the element of a pointer.
func elementBehind(held *element) *element {
	return &element{held.kind, func(to dialect.Elements, p Row) error {
		if p = pointed(p); p == nil {
			to.Null()
			return nil
		}
		return held.add(to, p)
	}}
}

// elementInWrapper is the element of a null wrapper that gives what it holds.
func elementInWrapper(t reflect.Type, l *leaf) *element {
	w, ok := shapeOf(t)
	if !ok || w.modified || l.class == ClassCustom || l.class == ClassDocument {
		return &element{}
	}
	held, value, valid := elementOf(w.value.Type), insideOf(w.value), insideOf(w.valid)
	return &element{held.kind, func(to dialect.Elements, p Row) error {
		if !get[bool](valid.of(p)) {
			to.Null()
			return nil
		}
		return held.add(to, value.of(p))
	}}
}

// plainElement is the element of a type of a plain kind. One that writes its own text is not the text it holds.
func plainElement(t reflect.Type, class Class) *element {
	writes := has[encoding.TextMarshaler](t) || has[fmt.Stringer](t)
	switch {
	case t == reflect.TypeFor[time.Time]():
		return &element{dialect.ElementTime, func(to dialect.Elements, p Row) error { to.Time(get[time.Time](p)); return nil }}
	case class == ClassInteger && t.Kind() != reflect.Uint && t.Kind() != reflect.Uint64:
		return &element{dialect.ElementInt, integerAdder(t.Kind())}
	case writes, class == ClassCustom:
		return &element{}
	case class == ClassText:
		return &element{dialect.ElementText, func(to dialect.Elements, p Row) error { to.Text(get[string](p)); return nil }}
	case class == ClassBoolean:
		return &element{dialect.ElementBool, func(to dialect.Elements, p Row) error { to.Bool(get[bool](p)); return nil }}
	case t.Kind() == reflect.Float64:
		return &element{dialect.ElementFloat, func(to dialect.Elements, p Row) error { to.Float(get[float64](p)); return nil }}
	case t.Kind() == reflect.Float32:
		return &element{dialect.ElementFloat32, func(to dialect.Elements, p Row) error { to.Float(float64(get[float32](p))); return nil }}
	case class == ClassBytes:
		return &element{dialect.ElementBytes, addBytes}
	}
	return &element{}
}

func addBytes(to dialect.Elements, p Row) error {
	if b := get[[]byte](p); b != nil {
		to.Bytes(b)
	} else {
		to.Null()
	}
	return nil
}

func addRaw(to dialect.Elements, p Row) error {
	if b := get[[]byte](p); b != nil {
		to.JSON(b)
	} else {
		to.Null()
	}
	return nil
}

// documentAdder writes a document as JSON; a nil map or list is NULL.
func documentAdder(t reflect.Type) func(dialect.Elements, Row) error {
	return func(to dialect.Elements, p Row) error {
		v := pointer(t, p).Elem()
		if (t.Kind() == reflect.Map || t.Kind() == reflect.Slice) && v.IsNil() {
			to.Null()
			return nil
		}
		text, err := json.Marshal(v.Interface())
		if err != nil {
			return fmt.Errorf("cannot be written as JSON: %w", err)
		}
		to.JSON(text)
		return nil
	}
}

func integerAdder(k reflect.Kind) func(dialect.Elements, Row) error {
	switch k {
	case reflect.Int8:
		return addInt[int8]
	case reflect.Int16:
		return addInt[int16]
	case reflect.Int32:
		return addInt[int32]
	case reflect.Int64:
		return addInt[int64]
	case reflect.Uint8:
		return addInt[uint8]
	case reflect.Uint16:
		return addInt[uint16]
	case reflect.Uint32:
		return addInt[uint32]
	}
	return addInt[int]
}

func addInt[T int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](to dialect.Elements, p Row) error {
	to.Int(int64(get[T](p)))
	return nil
}

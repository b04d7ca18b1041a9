package structs

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Field describes one field of a [Struct] that is a column or holds related rows. It is shared and must not be changed.
// Its methods are safe for concurrent use as long as no two goroutines use the same row, one of them writing.
type Field struct {
	Name     string          // the Go selector from the struct: "ID", also when promoted, unless another field hides it
	Column   string          // the column's name; empty exactly when Relation is set
	Relation string          // the relation named in the field's rel tag; empty without one
	Plain    string          // what Column would be without a naming function, by which relations know their fields too
	Tagged   bool            // its db tag names the column
	Computed bool            // tagged computed: no table column backs it
	Type     reflect.Type    // of the field itself, pointers included
	Class    Class           // what the field holds, pointers and null wrappers seen through
	Key      dialect.KeyKind // how the database compares keys of this field
	Lasting  bool            // it is a time.Duration, an integer in Go and perhaps an interval in the database
	Nullable bool            // whether the field can hold NULL: a pointer, a null wrapper, a map or a slice that is a document

	hops    []hop
	in      inside // what the last hop leads to, or the row
	leaf    *leaf
	element *element
	dest    func(Row) any
	owner   string // the struct's name, for errors

	linked, link reflect.Type // of a slice of Linked: the types of its rows and links
}

// find returns the field's address, or nil when it is behind a nil embedded pointer.
func (f *Field) find(row Row) Row {
	for _, h := range f.hops {
		if row = pointed(h.in.of(row)); row == nil {
			return nil
		}
	}
	return f.in.of(row)
}

// reach returns the field's address after allocating the nil embedded pointers on the way.
func (f *Field) reach(row Row) Row {
	for _, h := range f.hops {
		link := h.in.of(row)
		if row = pointed(link); row == nil {
			row = address(reflect.New(h.elem))
			point(link, row)
		}
	}
	return f.in.of(row)
}

// Dest returns a pointer to the field, of type *Type, for a scan to write to. Nil embedded pointers on the way are
// allocated; for other fields Dest does not allocate.
func (f *Field) Dest(row Row) any { return f.dest(f.reach(row)) }

// Value returns the field's value, as it would be handed to a driver, or nil when the field is behind a nil embedded
// pointer. A nil pointer field gives a nil pointer of its type. Where only a pointer to the type has the driver.Valuer
// or text method, the value is a pointer to the field.
func (f *Field) Value(row Row) any {
	p := f.find(row)
	if p == nil {
		return nil
	}
	v := pointer(f.Type, p)
	if f.leaf.byPointer {
		return v.Interface()
	}
	return v.Elem().Interface()
}

// AppendKey appends the field's value to keys in the normal form of keys.Kind, which is f.Key or a kind that the caller
// forces: [dialect.KeyUUID] reads text in any usual spelling of a UUID, [dialect.KeyOther] and [dialect.KeyText] take
// every field. It returns false, and appends nothing, for NULL: a nil pointer, a null wrapper that is not valid, a nil
// []byte, a driver.Valuer that gives nil, a field behind a nil embedded pointer.
//
// The text form is one that PostgreSQL reads as the column's own type: times in RFC 3339 and UTC, bytes as \x and hex
// digits, floats in as few digits as identify them, UUIDs in lower case. Errors are those of a driver.Valuer or
// text method, a document, an integer over 64 bits under [dialect.KeyInt], and a value that is not of the forced kind;
// their text never holds the value unless the Valuer put it there.
func (f *Field) AppendKey(keys *dialect.Keys, row Row) (ok bool, err error) {
	p := f.find(row)
	if p == nil {
		return false, nil
	}
	return f.appendKey(keys, p)
}

// AppendSpelledKey appends the integer or UUID that the field's text spells. It reports false where it spells none, or not as the
// database would: digits without zeros before them, a UUID in lower case.
func (f *Field) AppendSpelledKey(keys *dialect.Keys, row Row) (ok bool, err error) {
	text := dialect.Keys{Kind: dialect.KeyText}
	if ok, err := f.AppendKey(&text, row); err != nil || !ok {
		return false, err
	}
	n, ok := spelledKey(text.Texts[0], keys.Kind)
	if ok {
		err = n.appendTo(keys)
	}
	return ok, err
}

// spelledKey returns the key of a kind that a text spells.
func spelledKey(text string, kind dialect.KeyKind) (n normal, ok bool) {
	if kind == dialect.KeyInt {
		i, err := strconv.ParseInt(text, 10, 64)
		n = normal{form: formInt, num: i}
		return n, err == nil && n.String() == text
	}
	id, ok := parseUUID(text)
	n = normal{form: formUUID, uuid: id}
	return n, ok && n.String() == text
}

func (f *Field) appendKey(keys *dialect.Keys, p Row) (bool, error) {
	if keys.Kind == dialect.KeyInt {
		// The common keys, without a call.
		switch f.leaf.plain {
		case reflect.Int64:
			keys.Ints = append(keys.Ints, get[int64](p))
			return true, nil
		case reflect.Int:
			keys.Ints = append(keys.Ints, int64(get[int](p)))
			return true, nil
		case reflect.Int32:
			keys.Ints = append(keys.Ints, int64(get[int32](p)))
			return true, nil
		}
	}
	n, err := f.leaf.read(p)
	if err == nil {
		err = n.appendTo(keys)
	}
	if err != nil {
		return false, fmt.Errorf("key field %s.%s %w", f.owner, f.Name, err)
	}
	return n.form != formNull, nil
}

// Holder is a variable of a field's type for a column that is selected beside the struct. Its methods are not safe for
// concurrent use.
type Holder struct {
	field *Field
	value Row
	dest  any
}

// NewHolder returns a holder with the zero value. One holder serves all rows of a result: every scan overwrites it.
func (f *Field) NewHolder() *Holder {
	v := reflect.New(f.Type)
	return &Holder{field: f, value: address(v), dest: v.Interface()}
}

// Dest returns the pointer to scan into; it is the same at every call.
func (h *Holder) Dest() any { return h.dest }

// AppendKey appends the value that was scanned last, as [Field.AppendKey] does.
func (h *Holder) AppendKey(keys *dialect.Keys) (ok bool, err error) {
	return h.field.appendKey(keys, h.value)
}

// NullableDest returns a pointer to a new variable for the field's column, for a scan to write to: of the field's type where
// that takes NULL, else of a pointer to it.
func (f *Field) NullableDest() any {
	t := f.Type
	if !f.Nullable && f.Class != ClassBytes {
		t = reflect.PointerTo(t)
	}
	return reflect.New(t).Interface()
}

// Pointee returns what a pointer points to.
func Pointee(p any) any { return reflect.ValueOf(p).Elem().Interface() }

// destOf returns the function that makes a *t of an address. The usual types are converted by the compiler; the rest
// costs a look-up of the pointer type in package reflect.
func destOf(t reflect.Type) func(Row) any {
	switch t {
	case reflect.TypeFor[int64]():
		return dest[int64]
	case reflect.TypeFor[int32]():
		return dest[int32]
	case reflect.TypeFor[int]():
		return dest[int]
	case reflect.TypeFor[string]():
		return dest[string]
	case reflect.TypeFor[bool]():
		return dest[bool]
	case reflect.TypeFor[float64]():
		return dest[float64]
	case reflect.TypeFor[time.Time]():
		return dest[time.Time]
	case reflect.TypeFor[[]byte]():
		return dest[[]byte]
	case reflect.TypeFor[*int64]():
		return dest[*int64]
	case reflect.TypeFor[*string]():
		return dest[*string]
	case reflect.TypeFor[*time.Time]():
		return dest[*time.Time]
	}
	return func(p Row) any { return pointer(t, p).Interface() }
}

func dest[T any](p Row) any { return pointerOf[T](p) }

package structs

import (
	"database/sql/driver"
	"reflect"
	"time"
)

// A null wrapper is a struct with one value and a Valid bool whose driver.Valuer gives that value, or nil: the
// sql.Null types and most of pgtype. Seeing through it tells the class of its value and saves the call. The shape alone
// would mistake a type whose Valuer rewrites the value (pgtype.Time counts microseconds and gives "15:04:05"), so a
// few values are tried, once for each type.

// wrapperLeaf returns the leaf of the null wrapper t, or nil when t is none.
func wrapperLeaf(t reflect.Type) *leaf {
	if t.Kind() != reflect.Struct {
		return nil
	}
	if t.NumField() == 1 && t.Field(0).Anonymous {
		return embeddedWrapper(t)
	}
	w, ok := shapeOf(t)
	if !ok {
		return nil
	}
	inner := leafOf(w.value.Type)
	l := &leaf{class: inner.class, nullable: true, byPointer: sentByPointer(t), value: valuerOf(t)}
	l.read = w.reader()
	switch {
	case inner.class == ClassDocument && !w.givesDriverValue(t):
		l.read = readDocument
		return l
	case inner.class == ClassDocument, inner.class == ClassCustom, inner.class == "", inner.value != nil,
		!w.agrees(t, l):
		return nil
	case w.modified:
		l.read = valuerReader(l.value) // infinity has no time.Time
	}
	return l
}

// embeddedWrapper returns the leaf of a struct that embeds a null wrapper and nothing else, or nil.
func embeddedWrapper(t reflect.Type) *leaf {
	embedded := t.Field(0)
	if !has[driver.Valuer](embedded.Type) {
		return nil
	}
	inner := wrapperLeaf(embedded.Type)
	if inner == nil || inner.class == ClassDocument {
		return nil
	}
	w, ok := shapeOf(embedded.Type)
	if !ok || w.modified {
		return nil
	}
	w.in = insideOf(embedded)
	l := *inner
	l.read, l.value, l.byPointer = w.reader(), valuerOf(t), sentByPointer(t)
	if !w.agrees(t, &l) {
		return nil
	}
	return &l
}

// shape is the shape of a null wrapper.
type shape struct {
	value, valid reflect.StructField
	modified     bool   // it has pgtype's InfinityModifier too
	in           inside // the type that has it, where that embeds it
}

// reader returns the reader of what the wrapper holds.
func (w shape) reader() func(Row) (normal, error) {
	value, valid := w.in.then(insideOf(w.value)), w.in.then(insideOf(w.valid))
	held := leafOf(w.value.Type)
	return func(p Row) (normal, error) {
		if !get[bool](valid.of(p)) {
			return normal{}, nil
		}
		return held.read(value.of(p))
	}
}

// shapeOf returns the shape of t, and whether it is that of a null wrapper. A value behind a pointer does not count: it
// could lead back to t.
func shapeOf(t reflect.Type) (w shape, ok bool) {
	if t.Kind() != reflect.Struct {
		return w, false
	}
	values, valids := 0, 0
	for i := range t.NumField() {
		switch f := t.Field(i); {
		case f.Name == "Valid" && f.Type.Kind() == reflect.Bool:
			w.valid, valids = f, valids+1
		case f.Name == "InfinityModifier" && f.Type.Kind() == reflect.Int8:
			w.modified = true
		case f.IsExported() && f.Type.Kind() != reflect.Pointer:
			w.value, values = f, values+1
		default:
			return w, false
		}
	}
	return w, values == 1 && valids == 1
}

// agrees reports whether the Valuer of t gives what l reads from the fields of a valid t, and nil for one that is not.
func (w shape) agrees(t reflect.Type, l *leaf) bool {
	byValuer := valuerReader(l.value)
	if !isNull(byValuer, reflect.New(t)) {
		return false
	}
	for _, zero := range []bool{true, false} {
		v := w.filled(t)
		field := pointer(w.value.Type, w.in.then(insideOf(w.value)).of(address(v))).Elem()
		if !zero || l.class == ClassBytes { // no bytes are NULL themselves
			field.Set(sampleOf(l.class).Convert(field.Type()))
		}
		want, err := try(l.read, v)
		if err != nil {
			return false
		}
		got, err := try(byValuer, v)
		if err != nil || got.form == formNull || got.String() != want.String() {
			return false
		}
		if want.form == formBool && got.form != formBool { // text that reads like one
			return false
		}
	}
	return true
}

// givesDriverValue reports whether the Valuer of t, around an empty document, gives something a driver can send.
func (w shape) givesDriverValue(t reflect.Type) bool {
	value := valuerOf(t)
	n, err := try(func(p Row) (normal, error) {
		v, err := value(p)
		if err != nil || v == nil || !driver.IsValue(v) {
			return normal{}, err
		}
		return normal{form: formOther}, nil
	}, w.filled(t))
	return err == nil && n.form == formOther
}

// filled returns a pointer to a new t that is valid.
func (w shape) filled(t reflect.Type) reflect.Value {
	v := reflect.New(t)
	put(w.in.then(insideOf(w.valid)).of(address(v)), true)
	return v
}

// sampleOf returns a value of the class that a Valuer is unlikely to give unless it gives what it holds.
func sampleOf(c Class) reflect.Value {
	switch c {
	case ClassInteger:
		return reflect.ValueOf(int64(71))
	case ClassUUID:
		return reflect.ValueOf([16]byte{1, 0xab, 3, 15: 7})
	case ClassText:
		return reflect.ValueOf("aB c")
	case ClassBoolean:
		return reflect.ValueOf(true)
	case ClassFloat:
		return reflect.ValueOf(1.5)
	case ClassTime:
		return reflect.ValueOf(time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC))
	}
	return reflect.ValueOf([]byte{1, 0xab})
}

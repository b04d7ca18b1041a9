package structs

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"net"
	"net/netip"
	"reflect"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Stored returns what a column for the field stores, or nothing when the Go type does not tell: an interface, and a
// composite type that converts itself.
func (f *Field) Stored() dialect.Stored { return storedAs(f.Type) }

// List reports whether the field holds a list, as a column of an array type does.
func (f *Field) List() bool {
	t := pointee(f.Type)
	return f.Class == ClassDocument && isList(t)
}

// storedTypes are the types that are stored by name.
var storedTypes = [...]struct {
	t  reflect.Type
	as dialect.Stored
}{
	{reflect.TypeFor[time.Time](), dialect.StoredTime},
	{reflect.TypeFor[json.RawMessage](), dialect.StoredJSON},
	{reflect.TypeFor[netip.Addr](), dialect.StoredAddr},
	{reflect.TypeFor[net.IP](), dialect.StoredAddr},
	{reflect.TypeFor[netip.Prefix](), dialect.StoredPrefix},
	{reflect.TypeFor[net.IPNet](), dialect.StoredPrefix},
	{reflect.TypeFor[net.HardwareAddr](), dialect.StoredMAC},
}

func storedAs(t reflect.Type) dialect.Stored {
	for n := 0; n < maxPointers && t.Kind() == reflect.Pointer; n++ {
		t = t.Elem()
	}
	for _, known := range storedTypes {
		if known.t == t {
			return known.as
		}
	}
	if leafOf(t).class == ClassUUID {
		return dialect.StoredUUID
	}
	switch {
	case t.Kind() == reflect.Struct && has[driver.Valuer](t):
		return storedInWrapper(t)
	case has[driver.Valuer](t):
		return storedByValuer(t)
	case isComposite(t) && (has[sql.Scanner](t) || writesText(t)):
		return ""
	}
	return storedKind(t)
}

// storedInWrapper returns what a null wrapper holds. Those of pgtype that may be infinite all hold a time.Time, and differ by
// name.
func storedInWrapper(t reflect.Type) dialect.Stored {
	if wrapperLeaf(t) == nil {
		return ""
	}
	if t.NumField() == 1 {
		return storedInWrapper(t.Field(0).Type)
	}
	w, _ := shapeOf(t)
	switch {
	case w.modified && t.Name() == "Date":
		return dialect.StoredDate
	case w.modified && t.Name() == "Timestamp":
		return dialect.StoredTimestamp
	}
	return storedAs(w.value.Type)
}

// storedByValuer goes by what the driver.Valuer of a plain kind makes of its zero value. That of a composite may give text
// for anything, such as a decimal number.
func storedByValuer(t reflect.Type) dialect.Stored {
	if isComposite(t) {
		return ""
	}
	var given any
	_, err := try(func(p Row) (normal, error) {
		var err error
		given, err = valuerOf(t)(p)
		return normal{}, err
	}, reflect.New(t))
	if err != nil || given == nil {
		return ""
	}
	as := reflect.TypeOf(given)
	if isComposite(as) && as != reflect.TypeFor[time.Time]() {
		return ""
	}
	return storedAs(as)
}

func storedKind(t reflect.Type) dialect.Stored {
	switch t.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Uint8:
		return dialect.StoredInt16
	case reflect.Int32, reflect.Uint16:
		return dialect.StoredInt32
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return dialect.StoredInt64
	case reflect.Float32:
		return dialect.StoredFloat32
	case reflect.Float64:
		return dialect.StoredFloat64
	case reflect.Bool:
		return dialect.StoredBool
	case reflect.String:
		return dialect.StoredText
	case reflect.Map, reflect.Struct:
		return dialect.StoredJSON
	case reflect.Slice, reflect.Array:
		return storedList(t.Elem())
	}
	return ""
}

// storedList returns what a list of the type is stored as: a list of documents is a document.
func storedList(elem reflect.Type) dialect.Stored {
	if elem.Kind() == reflect.Uint8 {
		return dialect.StoredBytes
	}
	item := storedAs(elem)
	if _, nested := item.Item(); nested || item == "" || item == dialect.StoredJSON {
		if item == "" {
			return ""
		}
		return dialect.StoredJSON
	}
	return dialect.List(item)
}

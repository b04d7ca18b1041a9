package dialect

import "time"

// Arrayed is a [Dialect] of a database that takes the values of many rows as one array for each column, so that the text of a
// statement does not depend on how many rows there are.
type Arrayed interface {
	Dialect

	// ElementType returns the type of the elements of an array for a column, each of which means for the column what the value
	// means as an argument alone. ok is false where it would not, or where that is not known.
	ElementType(kind ElementKind, column KeyType) (sql string, ok bool)

	// ArraySource returns the FROM item, without an alias, that yields a row for each position in arrays of these types of elements,
	// each a `?`: the elements, and the position counted from 1.
	ArraySource(types []string) string

	// NewElements returns an array without elements.
	NewElements() Elements
}

// ElementKind says what the Go values of a column are, as far as an array of them is concerned.
type ElementKind uint8

// The kinds of elements. Each may be NULL.
const (
	ElementNone  ElementKind = iota // what goes in no array
	ElementInt                      // integers of up to 64 bits, with a sign or up to 32 without
	ElementFloat                    // float64
	ElementFloat32
	ElementBool
	ElementText
	ElementBytes
	ElementUUID
	ElementTime
	ElementJSON // JSON, and what becomes it
)

// Elements collects the values of one column in the order of the rows. It is not safe for concurrent use.
type Elements interface {
	Null()
	Int(v int64)
	Float(v float64) // of both sizes
	Bool(v bool)
	Text(v string)
	Bytes(v []byte)
	UUID(v [16]byte)
	Time(v time.Time)
	JSON(v []byte)

	// Size returns how many bytes there are.
	Size() int

	// Arg returns the array as an argument. Nothing may be added after.
	Arg() any
}

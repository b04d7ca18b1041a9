package structs

import "github.com/dovetail-go/dovetail/dialect"

// SentInt reads the integers of a column as the database sent them, before they are in any field. The zero value reads none.
type SentInt struct {
	column int
	read   func(src []byte) (int64, bool) // nil: it reads none
}

// NewSentInt returns what reads a column whose values go into the field. It reads none where the key that the field gives may be
// another number, or none.
func NewSentInt(column int, f *Field, as dialect.Encoding) SentInt {
	if f.Key != dialect.KeyInt || leafOf(pointee(f.Type)).plain == 0 || storeFor(f.Type, as) == nil {
		return SentInt{}
	}
	switch as {
	case dialect.EncodingInt2:
		return SentInt{column, int2Of}
	case dialect.EncodingInt4:
		return SentInt{column, int4Of}
	case dialect.EncodingInt8:
		return SentInt{column, int8Of}
	}
	return SentInt{}
}

// Known reports whether it reads any.
func (s SentInt) Known() bool { return s.read != nil }

// Of returns the integer of the row whose values are given; ok is false where it reads none, or NULL.
func (s SentInt) Of(values [][]byte) (n int64, ok bool) {
	if s.read == nil || s.column >= len(values) {
		return 0, false
	}
	return s.read(values[s.column])
}

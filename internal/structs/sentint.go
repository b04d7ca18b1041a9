package structs

import (
	"encoding/binary"

	"github.com/dovetail-go/dovetail/dialect"
)

// SentInt reads the integers of a column as the database sent them, before they are in any field. The zero value reads none.
type SentInt struct {
	column int
	size   int // of the encoding; 0: it reads none
}

// NewSentInt returns what reads a column whose values go into the field. It reads none where the key that the field gives may be
// another number, or none.
func NewSentInt(column int, f *Field, as dialect.Encoding) SentInt {
	if f.Key != dialect.KeyInt || leafOf(pointee(f.Type)).plain == 0 || storeFor(f.Type, as) == nil {
		return SentInt{}
	}
	switch as {
	case dialect.EncodingInt2:
		return SentInt{column, 2}
	case dialect.EncodingInt4:
		return SentInt{column, 4}
	case dialect.EncodingInt8:
		return SentInt{column, 8}
	}
	return SentInt{}
}

// Known reports whether it reads any.
func (s SentInt) Known() bool { return s.size > 0 }

// Of returns the integer of the row whose values are given; ok is false where it reads none, or NULL.
func (s SentInt) Of(values [][]byte) (n int64, ok bool) {
	if s.size == 0 || s.column >= len(values) || len(values[s.column]) != s.size {
		return 0, false
	}
	switch src := values[s.column]; s.size {
	case 8:
		return int64(binary.BigEndian.Uint64(src)), true
	case 4:
		return int64(int32(binary.BigEndian.Uint32(src))), true
	default:
		return int64(int16(binary.BigEndian.Uint16(src))), true
	}
}

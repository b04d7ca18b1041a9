package structs

import (
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// DECODE: values that a database sent in a form which is known are written straight into fields. Whatever a field cannot hold as it is
// (a NULL without a place, an overflow, infinity) is left to the driver's scan, which has the errors and the rules of the rest.
//
// What it relies on: a cell's store is made for the very type of its field, and is called with the address of one; a row is of the
// struct that the cell's field belongs to; texts are copied, because the values are the driver's memory until the next row.

// Cells are columns of a result, and the fields or variables their values go to. Once all are added they are safe for concurrent use.
type Cells struct {
	list    []cell
	pointed int // how many are pointers
}

// NewCells returns cells with room for n columns.
func NewCells(n int) Cells { return Cells{list: make([]cell, 0, n)} }

// cell is a column, and the variable its values go to.
type cell struct {
	column  int
	in      inside // the row
	fixed   Row    // nil: it lies in the row
	store   store
	common  common       // what store does, where that is done without a call
	pointed int          // the number of the slab, from 1, that the values are of which the variable points to; 0: it is no pointer
	elem    reflect.Type // of those
}

// Decoder writes values of one result. It is not safe for concurrent use.
type Decoder struct {
	texts   texts
	pointed []*Slab
}

// common are the stores that most columns have.
type common uint8

const (
	uncommon common = iota
	commonInt
	commonText
)

// store writes a value, nil for NULL, into a variable of its type, and reports whether that can hold it.
type store func(to Row, src []byte, t *texts) bool

// Add has a column written into a field of the row, and reports whether it can be.
func (c *Cells) Add(column int, f *Field, as dialect.Encoding) bool {
	if len(f.hops) > 0 {
		return false
	}
	return c.add(f.Type, as, cell{column: column, in: f.in})
}

// AddVariable has a column written into what a pointer points to, and reports whether it can be.
func (c *Cells) AddVariable(column int, pointer any, as dialect.Encoding) bool {
	v := reflect.ValueOf(pointer)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return false
	}
	return c.add(v.Type().Elem(), as, cell{column: column, fixed: address(v)})
}

func (c *Cells) add(t reflect.Type, as dialect.Encoding, to cell) bool {
	if to.store = storeFor(t, as); to.store == nil {
		return false
	}
	switch kind := t.Kind(); {
	case kind == reflect.Pointer:
		c.pointed++
		to.pointed, to.elem = c.pointed, t.Elem()
	case kind == reflect.Int64 && as == dialect.EncodingInt8:
		to.common = commonInt
	case kind == reflect.String && as == dialect.EncodingText:
		to.common = commonText
	}
	c.list = append(c.list, to)
	return true
}

// Decode writes the columns of a row of the result, always by the same cells. It reports whether all could be; where not, any of them may
// be written.
func (d *Decoder) Decode(cells *Cells, row Row, values [][]byte) bool {
	for i := range cells.list {
		c := &cells.list[i]
		to := c.fixed
		if to == nil {
			to = c.in.of(row)
		}
		src := values[c.column]
		switch {
		case c.common == commonInt && len(src) == 8:
			put(to, int64(binary.BigEndian.Uint64(src)))
		case c.common == commonText && src != nil:
			put(to, d.texts.of(src))
		case c.pointed > 0:
			if !d.point(cells, c, to, src) {
				return false
			}
		case !c.store(to, src, &d.texts):
			return false
		}
	}
	return true
}

// point makes a pointer to a value, nil for NULL. It never writes through an old one, which others may share.
func (d *Decoder) point(cells *Cells, c *cell, to Row, src []byte) bool {
	var made Row
	if src != nil {
		if d.pointed == nil {
			d.pointed = make([]*Slab, cells.pointed)
		}
		slab := &d.pointed[c.pointed-1]
		if *slab == nil {
			*slab = newPointed(c.elem)
		}
		if made = (*slab).New(); !c.store(made, src, &d.texts) {
			return false
		}
	}
	point(to, made)
	return true
}

// texts makes strings of texts, many in one piece of memory, which lives as long as any of them.
type texts struct {
	piece []byte
	next  int
}

const (
	firstPiece = 64
	maxPiece   = 2048 // so much a string can keep alive beside itself
	maxShared  = 256  // longer texts have a piece of their own
)

func (t *texts) of(src []byte) string {
	if len(src) == 0 {
		return ""
	}
	if len(src) > maxShared {
		return string(src)
	}
	if len(src) > cap(t.piece)-len(t.piece) {
		t.next = min(max(2*t.next, firstPiece), maxPiece)
		t.piece = make([]byte, 0, max(t.next, len(src)))
	}
	at := len(t.piece)
	t.piece = append(t.piece, src...)
	return shared(t.piece[at:])
}

// storeKey is what a store is remembered by.
type storeKey struct {
	t  reflect.Type
	as dialect.Encoding
}

// storeFor returns the store of a type for values of an encoding, nil where only the driver's scan reads them. That of a pointer is the
// store of what it points to.
func storeFor(t reflect.Type, as dialect.Encoding) store {
	if as == dialect.EncodingOther {
		return nil
	}
	known, ok := cache.Load(storeKey{t, as})
	if !ok {
		known, _ = cache.LoadOrStore(storeKey{t, as}, newStore(t, as))
	}
	return known.(store)
}

func newStore(t reflect.Type, as dialect.Encoding) store {
	switch {
	case as&dialect.EncodingArray != 0:
		return arrayStore(t, as&^dialect.EncodingArray)
	case as == dialect.EncodingJSON:
		return jsonStore(t)
	case t.Kind() == reflect.Pointer:
		return valueStore(t.Elem(), as)
	case t.PkgPath() == "database/sql":
		return nullStore(t, as)
	}
	return valueStore(t, as)
}

// valueStore is that of a type which holds no NULL.
func valueStore(t reflect.Type, as dialect.Encoding) store {
	if t == reflect.TypeFor[time.Time]() {
		return timeStores[as]
	}
	if t == reflect.TypeFor[[]byte]() && as == dialect.EncodingBytes {
		return storeBytes
	}
	if readsItself(t) {
		return nil
	}
	switch kind := t.Kind(); {
	case kind == reflect.String && as == dialect.EncodingText:
		return storeText
	case kind == reflect.Bool && as == dialect.EncodingBool:
		return storeBool
	case kind == reflect.Float64 && as == dialect.EncodingFloat8:
		return storeFloat8
	case kind == reflect.Float64 && as == dialect.EncodingNumeric:
		return storeNumeric
	case kind == reflect.Float32 && as == dialect.EncodingFloat4:
		return storeFloat4
	case isUUID(t) && as == dialect.EncodingUUID:
		return storeUUID
	default:
		return integerStores[as][kind]
	}
}

// readsItself reports whether a type, or a pointer to it, has methods by which a driver may scan it.
func readsItself(t reflect.Type) bool {
	if t.PkgPath() == "" {
		return false
	}
	p := reflect.PointerTo(t)
	for i := range p.NumMethod() {
		switch name := p.Method(i).Name; {
		case strings.HasPrefix(name, "Scan"), strings.HasPrefix(name, "Unmarshal"), name == "SkipUnderlyingTypePlan":
			return true
		}
	}
	return false
}

// nullStore is that of a null wrapper of package database/sql.
func nullStore(t reflect.Type, as dialect.Encoding) store {
	w, ok := shapeOf(t)
	if !ok || as == dialect.EncodingUUID || as == dialect.EncodingNumeric { // which are texts to a sql.Scanner
		return nil
	}
	value := valueStore(w.value.Type, as)
	if value == nil {
		return nil
	}
	at, valid := insideOf(w.value), insideOf(w.valid)
	return func(to Row, src []byte, texts *texts) bool {
		if src == nil {
			pointer(t, to).Elem().SetZero()
			return true
		}
		put(valid.of(to), true)
		return value(at.of(to), src, texts)
	}
}

func storeText(to Row, src []byte, t *texts) bool {
	if src == nil {
		return false
	}
	put(to, t.of(src))
	return true
}

func storeBool(to Row, src []byte, _ *texts) bool {
	if len(src) != 1 {
		return false
	}
	put(to, src[0] == 1)
	return true
}

func storeBytes(to Row, src []byte, _ *texts) bool {
	if src == nil {
		put[[]byte](to, nil)
		return true
	}
	own := make([]byte, len(src))
	copy(own, src)
	put(to, own)
	return true
}

func storeUUID(to Row, src []byte, _ *texts) bool {
	if len(src) != 16 {
		return false
	}
	put(to, [16]byte(src))
	return true
}

func storeFloat8(to Row, src []byte, _ *texts) bool {
	if len(src) != 8 {
		return false
	}
	put(to, math.Float64frombits(binary.BigEndian.Uint64(src)))
	return true
}

func storeFloat4(to Row, src []byte, _ *texts) bool {
	if len(src) != 4 {
		return false
	}
	put(to, math.Float32frombits(binary.BigEndian.Uint32(src)))
	return true
}

func int2Of(src []byte) (int64, bool) {
	if len(src) != 2 {
		return 0, false
	}
	return int64(int16(binary.BigEndian.Uint16(src))), true
}

func int4Of(src []byte) (int64, bool) {
	if len(src) != 4 {
		return 0, false
	}
	return int64(int32(binary.BigEndian.Uint32(src))), true
}

func int8Of(src []byte) (int64, bool) {
	if len(src) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(src)), true
}

// integerStores are the stores of integers by encoding and kind.
var integerStores = map[dialect.Encoding]map[reflect.Kind]store{
	dialect.EncodingInt2: integers(int2Of),
	dialect.EncodingInt4: integers(int4Of),
	dialect.EncodingInt8: integers(int8Of), dialect.EncodingNumeric: integers(numericInt),
}

func integers(read func([]byte) (int64, bool)) map[reflect.Kind]store {
	return map[reflect.Kind]store{
		reflect.Int: integer[int](read), reflect.Int8: integer[int8](read), reflect.Int16: integer[int16](read),
		reflect.Int32: integer[int32](read), reflect.Int64: integer[int64](read),
		reflect.Uint: integer[uint](read), reflect.Uint8: integer[uint8](read), reflect.Uint16: integer[uint16](read),
		reflect.Uint32: integer[uint32](read), reflect.Uint64: integer[uint64](read),
	}
}

func integer[T int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64](read func([]byte) (int64, bool)) store {
	return func(to Row, src []byte, _ *texts) bool {
		n, ok := read(src)
		held := T(n)
		if !ok || int64(held) != n || held < 0 != (n < 0) {
			return false
		}
		put(to, held)
		return true
	}
}

// timeStores are the stores of time.Time by encoding. Microseconds and days count from 2000.
var timeStores = map[dialect.Encoding]store{
	dialect.EncodingDate: func(to Row, src []byte, _ *texts) bool {
		days, ok := int4Of(src)
		if !ok || days < firstDay || days >= endDay {
			return false
		}
		put(to, time.Unix(y2k+days*secondsOfDay, 0).UTC())
		return true
	},
	dialect.EncodingTimestamp: func(to Row, src []byte, _ *texts) bool {
		at, ok := instant(src)
		put(to, at.UTC())
		return ok
	},
	dialect.EncodingTimestampTZ: func(to Row, src []byte, _ *texts) bool {
		at, ok := instant(src)
		put(to, at)
		return ok
	},
}

const (
	secondsOfDay = 24 * 60 * 60
	y2k          = 946_684_800 // in seconds of Unix

	// The days that a date can be, and the microseconds of a timestamp: from 4713 BC to AD 5874897 and 294276. Beyond them is infinity.
	firstDay, endDay     = -2_451_545, 2_145_031_949
	firstMicro, endMicro = -211_813_488_000_000_000, 9_223_371_331_200_000_000
)

func instant(src []byte) (time.Time, bool) {
	micros, ok := int8Of(src)
	if !ok || micros < firstMicro || micros >= endMicro {
		return time.Time{}, false
	}
	return time.Unix(y2k+micros/1_000_000, micros%1_000_000*1000), true
}

package structs

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"strconv"

	"github.com/dovetail-go/dovetail/dialect"
)

// COMPOSED: values of which the form has parts: arrays, numbers of any length, JSON.

// arrayStore is that of a slice for arrays of one dimension. Elements that are NULL need a type that the driver knows more of.
func arrayStore(t reflect.Type, as dialect.Encoding) store {
	if t.Kind() != reflect.Slice || t.Elem().Kind() == reflect.Uint8 || readsItself(t) || as == dialect.EncodingJSON {
		return nil
	}
	elem, size := valueStore(t.Elem(), as), t.Elem().Size()
	if elem == nil {
		return nil
	}
	return func(to Row, src []byte, texts *texts) bool {
		list := pointer(t, to).Elem()
		if src == nil {
			list.SetZero()
			return true
		}
		n, src, ok := arrayHeader(src)
		if !ok {
			return false
		}
		if n == 0 {
			list.Set(reflect.MakeSlice(t, 0, 0))
			return true
		}
		list.SetZero()
		list.Grow(n)
		list.SetLen(n)
		at := memoryOf(list)
		for i := range n {
			value, rest, ok := arrayElement(src)
			if !ok || !elem(nth(at, i, size), value, texts) {
				return false
			}
			src = rest
		}
		return true
	}
}

// arrayHeader reads how many elements an array of at most one dimension has, before the first of them. What it has: the number of
// dimensions, whether elements are NULL, their type, and of each dimension the length and the first index.
func arrayHeader(src []byte) (n int, elements []byte, ok bool) {
	const fixed, each = 12, 8
	if len(src) < fixed {
		return 0, nil, false
	}
	switch binary.BigEndian.Uint32(src) {
	case 0:
		return 0, nil, true
	case 1:
		if len(src) < fixed+each {
			return 0, nil, false
		}
		n, src = int(int32(binary.BigEndian.Uint32(src[fixed:]))), src[fixed+each:]
		return n, src, n >= 0 && n <= len(src)/4 // a length before each
	}
	return 0, nil, false
}

// arrayElement reads the first element and returns what is behind it. NULL is none.
func arrayElement(src []byte) (value, rest []byte, ok bool) {
	if len(src) < 4 {
		return nil, nil, false
	}
	n := int(int32(binary.BigEndian.Uint32(src)))
	if src = src[4:]; n < 0 || n > len(src) {
		return nil, nil, false
	}
	return src[:n:n], src[n:], true
}

// numeric is a number in base 10,000: its first digit counts so many of 10,000^weight.
type numeric struct {
	negative bool
	weight   int
	digits   []byte // two bytes each
}

// numericOf reads a number; ok is false where it is none.
func numericOf(src []byte) (n numeric, ok bool) {
	const head = 8
	if len(src) < head {
		return n, false
	}
	count, sign := int(binary.BigEndian.Uint16(src)), binary.BigEndian.Uint16(src[4:])
	n = numeric{sign == 0x4000, int(int16(binary.BigEndian.Uint16(src[2:]))), src[head:]}
	return n, len(n.digits) == 2*count && (sign == 0 || sign == 0x4000)
}

func (n numeric) digit(i int) int64 { return int64(binary.BigEndian.Uint16(n.digits[2*i:])) }

// numericInt reads a number that is an integer.
func numericInt(src []byte) (int64, bool) {
	n, ok := numericOf(src)
	if !ok {
		return 0, false
	}
	count, sum := len(n.digits)/2, int64(0)
	if count > 0 && n.weight > 4 { // beyond 19 digits
		return 0, false
	}
	for i := range max(count, n.weight+1) {
		digit := int64(0)
		if i < count {
			digit = n.digit(i)
		}
		if i > n.weight {
			if digit != 0 {
				return 0, false // a part of 1
			}
			continue
		}
		if sum < (math.MinInt64+digit)/10_000 {
			return 0, false
		}
		sum = sum*10_000 - digit // the negative integers reach one farther
	}
	if n.negative {
		return sum, true
	}
	return -sum, sum != math.MinInt64
}

// storeNumeric stores a number as the nearest float.
func storeNumeric(to Row, src []byte, _ *texts) bool {
	n, ok := numericOf(src)
	if !ok {
		return false
	}
	var room [64]byte
	b := room[:0]
	if n.negative {
		b = append(b, '-')
	}
	b = append(b, '0')
	count := len(n.digits) / 2
	for i := range count {
		d := n.digit(i)
		b = append(b, byte('0'+d/1000), byte('0'+d/100%10), byte('0'+d/10%10), byte('0'+d%10))
	}
	b = append(b, 'e')
	b = strconv.AppendInt(b, int64(4*(n.weight+1-count)), 10)
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return false
	}
	put(to, f)
	return true
}

// ReadsJSON reports whether the function is that of package json, by which documents are read as they are here.
func ReadsJSON(unmarshal func([]byte, any) error) bool {
	return reflect.ValueOf(unmarshal).Pointer() == reflect.ValueOf(json.Unmarshal).Pointer()
}

// jsonStore is that of the types that hold a document as it was sent.
func jsonStore(t reflect.Type) store {
	switch t {
	case reflect.TypeFor[string]():
		return storeText
	case reflect.TypeFor[[]byte]():
		return storeBytes
	case reflect.TypeFor[json.RawMessage]():
		return storeRaw
	}
	return nil
}

// storeRaw stores a document as package json gives it: without white space around it, and no deeper than package json goes.
func storeRaw(to Row, src []byte, t *texts) bool {
	const deepest = 10_000
	if bytes.Count(src, []byte{'['})+bytes.Count(src, []byte{'{'}) > deepest {
		return false
	}
	if src != nil {
		src = bytes.Trim(src, " \t\r\n")
	}
	return storeBytes(to, src, t)
}

package postgres

import (
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/internal/structs"
)

// fuzzedTypes are the types of columns that are read past pgx, and those of variables.
var (
	fuzzedTypes = []uint32{
		pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.BoolOID, pgtype.TextOID, pgtype.VarcharOID,
		pgtype.BPCharOID, pgtype.NameOID, pgtype.ByteaOID, pgtype.UUIDOID, pgtype.DateOID, pgtype.TimestampOID, pgtype.TimestamptzOID, pgtype.NumericOID,
		pgtype.JSONOID, pgtype.JSONBOID, pgtype.Int2ArrayOID, pgtype.Int4ArrayOID, pgtype.Int8ArrayOID, pgtype.Float8ArrayOID, pgtype.BoolArrayOID,
		pgtype.TextArrayOID, pgtype.ByteaArrayOID, pgtype.UUIDArrayOID, pgtype.TimestamptzArrayOID,
	}
	fuzzedVariables = []reflect.Type{
		reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[uint8](),
		reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[[16]byte](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[*int64](), reflect.TypeFor[*string](),
		reflect.TypeFor[*time.Time](), reflect.TypeFor[sql.NullInt64](), reflect.TypeFor[sql.NullFloat64](), reflect.TypeFor[sql.NullString](), reflect.TypeFor[sql.NullTime](),
		reflect.TypeFor[sql.Null[int32]](), reflect.TypeFor[[]int64](), reflect.TypeFor[[]int32](), reflect.TypeFor[[]float64](), reflect.TypeFor[[]bool](),
		reflect.TypeFor[[]string](), reflect.TypeFor[[][]byte](), reflect.TypeFor[[][16]byte](), reflect.TypeFor[[]time.Time](),
	}
)

// FuzzDirect reads bytes, whatever they are, as a value of every type: what is read past pgx is what pgx reads.
func FuzzDirect(f *testing.F) {
	m := pgtype.NewMap()
	for i, oid := range fuzzedTypes {
		for _, value := range []any{int64(7), 1.5, "ab", true, []byte{1, 2}, time.Unix(1e9, 5000), [16]byte{3}, []int64{1, -2}, []string{"a", ""}} {
			if src, err := m.Encode(oid, pgtype.BinaryFormatCode, value, nil); err == nil {
				f.Add(uint8(i), src)
			}
		}
	}
	numeric := binary.BigEndian.AppendUint16(nil, 2) // digits, weight, sign, scale and the digits
	for _, n := range []uint16{math.MaxUint16, 0x4000, 8, 1234, 9999} {
		numeric = binary.BigEndian.AppendUint16(numeric, n)
	}
	f.Add(uint8(15), numeric)
	f.Add(uint8(18), []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, of uint8, src []byte) {
		oid := fuzzedTypes[int(of)%len(fuzzedTypes)]
		typ, _ := m.TypeForOID(oid)
		if !isSent(oid, src) {
			return
		}
		for _, variable := range fuzzedVariables {
			into := reflect.New(variable)
			var cells structs.Cells
			if !cells.AddVariable(0, into.Interface(), encodingOf(typ.Codec, false)) || !new(structs.Decoder).Decode(&cells, nil, [][]byte{src}) {
				continue // it is left to pgx
			}
			want := reflect.New(variable)
			if err := pgtype.NewMap().Scan(oid, pgtype.BinaryFormatCode, src, want.Interface()); err != nil {
				t.Errorf("%x as %s into %v: read as %v, and pgx says %v", src, typ.Name, variable, into.Elem(), err)
			} else if !sameBits(into.Elem(), want.Elem()) {
				t.Errorf("%x as %s into %v: read as %#v, and by pgx as %#v", src, typ.Name, variable, into.Elem(), want.Elem())
			}
		}
	})
}

// isSent reports whether a server may send the bytes: no JSON that is none, and no number with digits beyond its scale.
func isSent(oid uint32, src []byte) bool {
	switch {
	case oid == pgtype.JSONOID || oid == pgtype.JSONBOID:
		return json.Valid(src)
	case oid != pgtype.NumericOID || len(src) < 10:
		return true
	}
	field := func(i int) int { return int(int16(binary.BigEndian.Uint16(src[2*i:]))) }
	beyond := 4*(field(0)-field(1)-1) - field(3)
	return beyond <= 0 || beyond < 4 && len(src)%2 == 0 && field(len(src)/2-1)%int(math.Pow10(beyond)) == 0
}

// sameBits is deep equality in which NaN is NaN.
func sameBits(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Float32, reflect.Float64:
		return a.Float() == b.Float() || math.IsNaN(a.Float()) && math.IsNaN(b.Float())
	case reflect.Slice:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameBits(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[sql.NullFloat64]() {
			return a.Field(1).Bool() == b.Field(1).Bool() && sameBits(a.Field(0), b.Field(0))
		}
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

package structs_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

const null = "NULL" // in the tables: the value is NULL

// leafCase is one Go type: its class, whether it can hold NULL, and the text form of one value.
type leafCase struct {
	field    *structs.Field
	row      structs.Row
	class    structs.Class
	nullable bool
	text     string
}

func leafOf[T any](t testing.TB, v T, class structs.Class, nullable bool, text string) leafCase {
	t.Helper()
	f, row := mustFieldOf(t, v)
	return leafCase{f, row, class, nullable, text}
}

func at(year int) time.Time {
	return time.Date(year, 2, 29, 23, 30, 0, 1500, time.FixedZone("", -3600))
}

var (
	someUUID = uuid.MustParse("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")
	uuidText = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
)

func plainCases(t *testing.T) []leafCase {
	return []leafCase{
		leafOf(t, int(-1), "integer", false, "-1"),
		leafOf(t, int8(-8), "integer", false, "-8"),
		leafOf(t, int16(16), "integer", false, "16"),
		leafOf(t, int32(32), "integer", false, "32"),
		leafOf(t, int64(math.MinInt64), "integer", false, "-9223372036854775808"),
		leafOf(t, uint(1), "integer", false, "1"),
		leafOf(t, uint8(255), "integer", false, "255"),
		leafOf(t, uint16(16), "integer", false, "16"),
		leafOf(t, uint32(math.MaxUint32), "integer", false, "4294967295"),
		leafOf(t, uint64(math.MaxUint64), "integer", false, "18446744073709551615"),
		leafOf(t, namedInt(3), "integer", false, "3"),
		leafOf(t, time.Second, "integer", false, "1000000 microseconds"),
		leafOf(t, new(int64), "integer", true, "0"),
		leafOf(t, (*int64)(nil), "integer", true, null),
		leafOf(t, new(*int64), "integer", true, null),
		leafOf(t, "aB", "text", false, "aB"),
		leafOf(t, namedString(""), "text", false, ""),
		leafOf(t, (*string)(nil), "text", true, null),
		leafOf(t, scannerString("s"), "text", false, "s"),
		leafOf(t, true, "boolean", false, "true"),
		leafOf(t, namedBool(false), "boolean", false, "false"),
		leafOf(t, 1.5, "float", false, "1.5"),
		leafOf(t, float32(0.1), "float", false, "0.1"),
		leafOf(t, 1e100, "float", false, "1e+100"),
		leafOf(t, math.Copysign(0, -1), "float", false, "0"),
		leafOf(t, math.NaN(), "float", false, "NaN"),
		leafOf(t, math.Inf(1), "float", false, "Infinity"),
		leafOf(t, float32(math.Inf(-1)), "float", false, "-Infinity"),
		leafOf(t, at(2024), "time", false, "2024-03-01T00:30:00.0000015Z"),
		leafOf(t, time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), "time", false, "2024-05-06T07:08:09Z"),
		leafOf(t, time.Date(-3, 2, 28, 0, 0, 0, 0, time.UTC), "time", false, "0004-02-28T00:00:00Z BC"),
		leafOf(t, time.Date(0, 2, 29, 0, 0, 0, 0, time.UTC), "time", false, "0001-02-29T00:00:00Z BC"),
		leafOf(t, (*time.Time)(nil), "time", true, null),
		leafOf(t, []byte{1, 0xab}, "bytes", false, `\x01ab`),
		leafOf(t, []byte{}, "bytes", false, `\x`),
		leafOf(t, []byte(nil), "bytes", false, null),
		leafOf(t, namedBytes("a"), "bytes", false, `\x61`),
		leafOf(t, [16]byte(someUUID), "uuid", false, uuidText),
		leafOf(t, someUUID, "uuid", false, uuidText),
		leafOf(t, namedID(someUUID), "uuid", false, uuidText),
		leafOf(t, &someUUID, "uuid", true, uuidText),
	}
}

func wrapperCases(t *testing.T) []leafCase {
	return []leafCase{
		leafOf(t, sql.NullInt64{Int64: 7, Valid: true}, "integer", true, "7"),
		leafOf(t, sql.NullInt64{Int64: 7}, "integer", true, null),
		leafOf(t, sql.NullInt32{Int32: 7, Valid: true}, "integer", true, "7"),
		leafOf(t, sql.NullInt16{Int16: 7, Valid: true}, "integer", true, "7"),
		leafOf(t, sql.NullByte{Byte: 7, Valid: true}, "integer", true, "7"),
		leafOf(t, sql.NullString{String: "s", Valid: true}, "text", true, "s"),
		leafOf(t, sql.NullBool{Bool: true, Valid: true}, "boolean", true, "true"),
		leafOf(t, sql.NullFloat64{Float64: 2, Valid: true}, "float", true, "2"),
		leafOf(t, sql.NullTime{Time: at(2024), Valid: true}, "time", true, "2024-03-01T00:30:00.0000015Z"),
		leafOf(t, sql.Null[int32]{V: 7, Valid: true}, "integer", true, "7"),
		leafOf(t, sql.Null[namedString]{V: "s", Valid: true}, "text", true, "s"),
		leafOf(t, sql.Null[[]byte]{V: []byte{1}, Valid: true}, "bytes", true, `\x01`),
		leafOf(t, sql.Null[uuid.UUID]{V: someUUID, Valid: true}, "uuid", true, uuidText),
		leafOf(t, sql.Null[decimal]{V: decimal{1, 2}, Valid: true}, "custom", true, "1.02"),
		leafOf(t, sql.Null[sql.NullInt64]{}, "custom", true, null),
		leafOf(t, struct{ sql.NullInt64 }{sql.NullInt64{Int64: 7, Valid: true}}, "integer", true, "7"),
		leafOf(t, uuid.NullUUID{UUID: someUUID, Valid: true}, "uuid", true, uuidText),
		leafOf(t, uuid.NullUUID{}, "uuid", true, null),
		leafOf(t, &uuid.NullUUID{}, "uuid", true, null),
		leafOf(t, pgtype.Int2{Int16: 2, Valid: true}, "integer", true, "2"),
		leafOf(t, pgtype.Int4{Int32: 4, Valid: true}, "integer", true, "4"),
		leafOf(t, pgtype.Int8{Int64: 8, Valid: true}, "integer", true, "8"),
		leafOf(t, pgtype.Int8{}, "integer", true, null),
		leafOf(t, pgtype.Uint32{Uint32: 8, Valid: true}, "integer", true, "8"),
		leafOf(t, pgtype.Uint64{Uint64: math.MaxUint64, Valid: true}, "integer", true, "18446744073709551615"),
		leafOf(t, pgtype.Text{String: "s", Valid: true}, "text", true, "s"),
		leafOf(t, pgtype.Bool{Bool: true, Valid: true}, "boolean", true, "true"),
		leafOf(t, pgtype.Float4{Float32: 1.5, Valid: true}, "float", true, "1.5"),
		leafOf(t, pgtype.Float8{Float64: 1.5, Valid: true}, "float", true, "1.5"),
		leafOf(t, pgtype.UUID{Bytes: someUUID, Valid: true}, "uuid", true, uuidText),
		leafOf(t, pgtype.UUID{}, "uuid", true, null),
		leafOf(t, pgtype.Timestamptz{Time: at(2024), Valid: true}, "time", true, "2024-03-01T00:30:00.0000015Z"),
		leafOf(t, pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}, "time", true, "infinity"),
		leafOf(t, pgtype.Timestamptz{}, "time", true, null),
		leafOf(t, pgtype.Timestamp{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, "time", true, "-infinity"),
		leafOf(t, pgtype.Date{Time: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), Valid: true}, "time", true,
			"2024-02-29T00:00:00Z"),
	}
}

func customCases(t *testing.T) []leafCase {
	return []leafCase{
		leafOf(t, decimal{12, 5}, "custom", false, "12.05"),
		leafOf(t, &decimal{12, 5}, "custom", true, "12.05"),
		leafOf(t, (*decimal)(nil), "custom", true, null),
		leafOf(t, nullDecimal{}, "custom", true, null),
		leafOf(t, nullDecimal{decimal{1, 2}, true}, "custom", true, "1.02"),
		leafOf(t, money{250, true}, "custom", true, "2.50"),
		leafOf(t, zeroNull{0, true}, "custom", true, null),
		leafOf(t, zeroNull{3, true}, "custom", true, "3"),
		leafOf(t, always{3, false}, "custom", false, "3"),
		leafOf(t, doubled{sql.NullInt64{Int64: 3, Valid: true}}, "custom", true, "6"),
		leafOf(t, struct{ decimal }{decimal{1, 2}}, "custom", false, "1.02"),
		leafOf(t, struct{ *decimal }{&decimal{1, 2}}, "custom", false, "1.02"),
		leafOf(t, pointerValuer{3}, "custom", false, "3"),
		leafOf(t, valuerString("x"), "custom", false, "<x>"),
		leafOf(t, scannerInt(4), "custom", false, "4"),
		leafOf(t, panickingValuer{new(int)}, "custom", false, "0"),
		leafOf(t, oddValuer{int16(3)}, "custom", true, "3"),
		leafOf(t, oddValuer{[16]byte(someUUID)}, "custom", true, uuidText),
		leafOf(t, oddValuer{[]byte("a")}, "custom", true, `\x61`),
		leafOf(t, oddValuer{at(2024)}, "custom", true, "2024-03-01T00:30:00.0000015Z"),
		leafOf(t, valuerList{"a"}, "custom", true, "{1}"),
		leafOf(t, valuerList(nil), "custom", true, null),
		leafOf(t, textSlice{1}, "custom", false, "text"),
		leafOf(t, pgtype.Numeric{Int: big.NewInt(15), Exp: -1, Valid: true}, "custom", true, "1.5"),
		leafOf(t, pgtype.Numeric{}, "custom", true, null),
		leafOf(t, pgtype.Time{Microseconds: 1e6, Valid: true}, "custom", true, "00:00:01.000000"),
		leafOf(t, pgtype.Interval{Days: 1, Valid: true}, "custom", true, "1 day 00:00:00"),
		leafOf(t, pgtype.Point{P: pgtype.Vec2{X: 1, Y: 2}, Valid: true}, "custom", true, "(1,2)"),
		leafOf(t, pgtype.Hstore(nil), "custom", true, null),
		leafOf(t, netip.MustParseAddr("::1"), "custom", true, "::1"),
		leafOf(t, netip.Addr{}, "custom", true, null),
		leafOf(t, netip.MustParsePrefix("10.0.0.0/8"), "custom", true, "10.0.0.0/8"),
		leafOf(t, net.IPv4(10, 0, 0, 1), "custom", true, "10.0.0.1"),
		leafOf(t, net.HardwareAddr{1, 2, 3, 4, 5, 6}, "custom", true, "01:02:03:04:05:06"),
		leafOf(t, net.IPNet{IP: net.IPv4(10, 0, 0, 0), Mask: net.CIDRMask(8, 32)}, "custom", false, "10.0.0.0/8"),
		leafOf(t, *big.NewInt(12), "custom", false, "12"),
	}
}

func TestClassAndTextForm(t *testing.T) {
	t.Parallel()
	for _, c := range append(append(plainCases(t), wrapperCases(t)...), customCases(t)...) {
		f := c.field
		if f.Class != c.class || f.Nullable != c.nullable {
			t.Errorf("%v: class %s, nullable %v", f.Type, f.Class, f.Nullable)
		}
		want := map[structs.Class]dialect.KeyKind{
			"integer": dialect.KeyInt, "uuid": dialect.KeyUUID, "text": dialect.KeyText,
		}[c.class]
		if f.Key != want {
			t.Errorf("%v: key kind %d, expected %d", f.Type, f.Key, want)
		}
		var keys dialect.Keys
		ok, err := f.AppendKey(&keys, c.row)
		got := null
		if ok && len(keys.Texts) == 1 {
			got = keys.Texts[0]
		}
		if err != nil || got != c.text || !ok && len(keys.Texts) > 0 {
			t.Errorf("%v: key %q, ok %v, error %v; expected %q", f.Type, keys.Texts, ok, err, c.text)
		}
	}
}

func TestDocumentsHaveNoKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []leafCase{
		leafOf(t, map[string]any{}, "document", true, ""),
		leafOf(t, []string{}, "document", true, ""),
		leafOf(t, [4]int{}, "document", false, ""),
		leafOf(t, struct{ A int }{}, "document", false, ""),
		leafOf(t, &struct{ A int }{}, "document", true, ""),
		leafOf(t, json.RawMessage("1"), "document", true, ""),
		leafOf(t, any(1), "document", true, ""),
		leafOf(t, error(errValuer), "document", true, ""),
		leafOf(t, pgtype.Range[pgtype.Int4]{}, "document", true, ""),
		leafOf(t, sql.Null[map[string]int]{Valid: true}, "document", true, ""),
	} {
		f := c.field
		if f.Class != c.class || f.Nullable != c.nullable || f.Key != dialect.KeyOther {
			t.Errorf("%v: class %s, nullable %v", f.Type, f.Class, f.Nullable)
		}
		var keys dialect.Keys
		ok, err := f.AppendKey(&keys, c.row)
		if ok || err == nil || !strings.HasSuffix(err.Error(), ".F is a document, which SQL cannot compare") {
			t.Errorf("%v: ok %v, error %v", f.Type, ok, err)
		}
	}
}

func TestAppendKeyForcedKind(t *testing.T) {
	t.Parallel()
	id := [16]byte(someUUID)
	for _, s := range []string{
		uuidText, strings.ToUpper(uuidText), "{" + uuidText + "}", "urn:uuid:" + uuidText, "URN:UUID:" + uuidText,
		strings.ReplaceAll(uuidText, "-", ""), "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
	} {
		f, row := mustFieldOf(t, s)
		keys := dialect.Keys{Kind: dialect.KeyUUID}
		if ok, err := f.AppendKey(&keys, row); !ok || err != nil || keys.UUIDs[0] != id {
			t.Errorf("%q: %v, %v, %v", s, keys.UUIDs, ok, err)
		}
	}
	for _, s := range []string{
		"", "secret", uuidText[1:], uuidText + "0", "{" + uuidText, "-" + uuidText, uuidText + "-", "{}",
		strings.Replace(uuidText, "-", "--", 1), strings.Replace(uuidText, "a", "g", 1), "a0-eebc999c0b4ef8bb6d6bb9bd380a11",
	} {
		f, row := mustFieldOf(t, s)
		keys := dialect.Keys{Kind: dialect.KeyUUID}
		ok, err := f.AppendKey(&keys, row)
		if ok || err == nil || len(keys.UUIDs) > 0 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, %v, %v", s, keys.UUIDs, ok, err)
		}
	}
	for _, c := range []struct {
		leafCase
		kind dialect.KeyKind
		ok   bool
	}{
		{leafOf(t, id[:], "", false, ""), dialect.KeyUUID, true},
		{leafOf(t, id[:15], "", false, ""), dialect.KeyUUID, false},
		{leafOf(t, append(id[:], 1), "", false, ""), dialect.KeyUUID, false},
		{leafOf(t, oddValuer{uuidText}, "", false, ""), dialect.KeyUUID, true},
		{leafOf(t, 1, "", false, ""), dialect.KeyUUID, false},
		{leafOf(t, pointerValuer{3}, "", false, ""), dialect.KeyInt, true},
		{leafOf(t, scannerInt(3), "", false, ""), dialect.KeyInt, true},
		{leafOf(t, "3", "", false, ""), dialect.KeyInt, false},
		{leafOf(t, 3, "", false, ""), dialect.KeyText, true},
		{leafOf(t, someUUID, "", false, ""), dialect.KeyText, true},
	} {
		keys := dialect.Keys{Kind: c.kind}
		ok, err := c.field.AppendKey(&keys, c.row)
		if n := len(keys.Ints) + len(keys.UUIDs) + len(keys.Texts); ok != c.ok || (err == nil) != c.ok || (n == 1) != c.ok {
			t.Errorf("%v as kind %d: %+v, %v, %v", c.field.Type, c.kind, keys, ok, err)
		}
	}
}

func TestAppendKeyErrors(t *testing.T) {
	t.Parallel()
	type Account struct {
		Big    uint64
		Fail   failingValuer
		Odd    oddValuer
		Opaque scannerStruct
		Text   failingText
		Nested oddValuer
	}
	row := &Account{Big: math.MaxUint64, Odd: oddValuer{map[string]string{"secret": ""}}, Nested: oddValuer{&decimal{}}}
	s := mustFor[Account](t)
	for name, want := range map[string]string{
		"Big":    "key field Account.Big overflows a 64-bit integer",
		"Fail":   "key field Account.Fail has a driver.Valuer that fails: cannot say",
		"Odd":    "key field Account.Odd has a driver.Valuer that gives a map[string]string, which is not a driver.Value",
		"Opaque": "key field Account.Opaque has no driver.Valuer or encoding.TextMarshaler to tell its value",
		"Text":   "key field Account.Text has a MarshalText that fails: cannot say",
		"Nested": "key field Account.Nested has a driver.Valuer that gives a *structs_test.decimal, " +
			"which is not a driver.Value",
	} {
		f := mustField(t, s, name)
		keys := dialect.Keys{Kind: f.Key}
		ok, err := f.AppendKey(&keys, structs.RowsOf([]*Account{row})[0])
		if ok || err == nil || err.Error() != want {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		if name == "Fail" && !errors.Is(err, errValuer) {
			t.Errorf("%v hides the Valuer's error", err)
		}
	}
}

func TestUnsupportedTypesAreErrors(t *testing.T) {
	t.Parallel()
	for _, typ := range []reflect.Type{
		reflect.TypeFor[struct{ F func() }](), reflect.TypeFor[struct{ F chan int }](),
		reflect.TypeFor[struct{ F complex128 }](), reflect.TypeFor[struct{ F uintptr }](),
		reflect.TypeFor[struct{ F loop }](), reflect.TypeFor[struct{ F *****int }](),
	} {
		if _, err := structs.Of(typ); err == nil || !strings.Contains(err.Error(), "which no column can hold") {
			t.Errorf("%v: %v", typ, err)
		}
	}
}

// spelledBool has the shape of a null wrapper, but writes a word.
type spelledBool struct{ Bool, Valid bool }

func (b spelledBool) Value() (driver.Value, error) {
	if !b.Valid {
		return nil, nil
	}
	return strconv.FormatBool(b.Bool), nil
}

// TestKeysSayWhatTheyWereMadeOf: the texts alone do not.
func TestKeysSayWhatTheyWereMadeOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		leafCase
		want dialect.KeyForm
	}{
		{leafOf(t, "true", "", false, ""), dialect.FormText},
		{leafOf(t, uuidText, "", false, ""), dialect.FormText},
		{leafOf(t, 3, "", false, ""), dialect.FormText},
		{leafOf(t, 1.5, "", false, ""), dialect.FormFloat},
		{leafOf(t, float32(1.5), "", false, ""), dialect.FormFloat},
		{leafOf(t, math.Inf(1), "", false, ""), dialect.FormText},
		{leafOf(t, netip.MustParseAddr("::1"), "", false, ""), dialect.FormText},
		{leafOf(t, true, "", false, ""), dialect.FormBool},
		{leafOf(t, ptr(true), "", false, ""), dialect.FormBool},
		{leafOf(t, sql.NullBool{Valid: true}, "", false, ""), dialect.FormBool},
		{leafOf(t, spelledBool{true, true}, "", false, ""), dialect.FormText},
		{leafOf(t, oddValuer{"true"}, "", false, ""), dialect.FormText},
		{leafOf(t, oddValuer{true}, "", false, ""), dialect.FormBool},
		{leafOf(t, at(2024), "", false, ""), dialect.FormTime},
		{leafOf(t, oddValuer{at(2024)}, "", false, ""), dialect.FormTime},
		{leafOf(t, []byte("a"), "", false, ""), dialect.FormBytes},
		{leafOf(t, oddValuer{[]byte("a")}, "", false, ""), dialect.FormBytes},
		{leafOf(t, someUUID, "", false, ""), dialect.FormUUID},
	} {
		var keys dialect.Keys
		if _, err := c.field.AppendKey(&keys, c.row); err != nil || len(keys.Forms) != 1 || keys.Forms[0] != c.want {
			t.Errorf("%v: form %v, error %v; expected %d", c.field.Type, keys.Forms, err, c.want)
		}
	}
	texts := dialect.Keys{Kind: dialect.KeyText}
	text := leafOf(t, "a", "", false, "")
	if _, err := text.field.AppendKey(&texts, text.row); err != nil || texts.Forms != nil {
		t.Errorf("forms %v of text, error %v", texts.Forms, err)
	}
}

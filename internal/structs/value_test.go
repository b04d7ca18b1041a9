package structs_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

func ptr[T any](v T) *T { return &v }

func TestValueOfScalars(t *testing.T) {
	t.Parallel()
	now := time.Now()
	valuer, number := &pointerValuer{3}, big.NewInt(3)
	for _, c := range []struct {
		in    any
		arg   any
		class structs.Class
	}{
		{1, 1, "integer"}, {int64(1), int64(1), "integer"}, {uint64(math.MaxUint64), uint64(math.MaxUint64), "integer"},
		{namedInt(1), namedInt(1), "integer"}, {ptr(namedInt(1)), namedInt(1), "integer"}, {ptr(ptr(2)), 2, "integer"},
		{"a", "a", "text"}, {namedString("a"), namedString("a"), "text"}, {true, true, "boolean"},
		{1.5, 1.5, "float"}, {float32(1), float32(1), "float"}, {now, now, "time"}, {&now, now, "time"},
		{[]byte("a"), []byte("a"), "bytes"}, {ptr([]byte("a")), []byte("a"), "bytes"}, {namedBytes{}, namedBytes{}, "bytes"},
		{[16]byte{1}, [16]byte{1}, "uuid"}, {someUUID, someUUID, "uuid"}, {&someUUID, someUUID, "uuid"},
		{namedID{1}, namedID{1}, "uuid"}, {json.RawMessage("{}"), json.RawMessage("{}"), "document"},
		{sql.NullInt64{Int64: 1, Valid: true}, sql.NullInt64{Int64: 1, Valid: true}, "integer"},
		{pgtype.Text{Valid: true}, pgtype.Text{Valid: true}, "text"},
		{decimal{1, 2}, decimal{1, 2}, "custom"}, {&decimal{1, 2}, decimal{1, 2}, "custom"},
		{valuer, valuer, "custom"}, {&valuer, valuer, "custom"}, {*valuer, valuer, "custom"},
		{number, number, "custom"}, {valuerList{"a"}, valuerList{"a"}, "custom"}, {textSlice{1}, textSlice{1}, "custom"},
		{netip.IPv6Loopback(), netip.IPv6Loopback(), "custom"}, {money{1, true}, money{1, true}, "custom"},
		{oddValuer{map[string]int{}}, oddValuer{map[string]int{}}, "custom"},
	} {
		v, err := structs.ValueOf(c.in)
		if want := (structs.Value{Arg: c.arg, Class: c.class}); err != nil || !reflect.DeepEqual(v, want) {
			t.Errorf("%T: got %+v, %v; expected %+v", c.in, v, err, want)
		}
	}
}

func TestValueOfNull(t *testing.T) {
	t.Parallel()
	for _, in := range []any{
		nil, (*int)(nil), ptr((*int)(nil)), (*string)(nil), (*[]int)(nil), (*decimal)(nil), (*pointerValuer)(nil),
		(*panickingValuer)(nil), (*uuid.UUID)(nil), (*map[string]int)(nil), []byte(nil), json.RawMessage(nil),
		namedBytes(nil),
		sql.NullInt64{Int64: 3}, &sql.NullString{}, pgtype.UUID{}, pgtype.Numeric{}, uuid.NullUUID{}, nullDecimal{}, money{},
		zeroNull{0, true}, oddValuer{}, oddValuer{[]byte(nil)}, valuerList(nil), netip.Addr{}, pgtype.Date{},
	} {
		v, err := structs.ValueOf(in)
		if err != nil || !reflect.DeepEqual(v, structs.Value{Null: true}) {
			t.Errorf("%T: got %+v, %v", in, v, err)
		}
	}
}

func TestValueOfLists(t *testing.T) {
	t.Parallel()
	type list = []any
	one := ptr(int64(1))
	for _, c := range []struct {
		in      any
		items   list
		hasNull bool
		class   structs.Class
	}{
		{[]int64{1, 2}, list{int64(1), int64(2)}, false, "integer"},
		{&[]int64{1}, list{int64(1)}, false, "integer"},
		{[2]string{"a", "b"}, list{"a", "b"}, false, "text"},
		{[]int64(nil), list{}, false, "integer"},
		{[]any{}, list{}, false, ""},
		{[]any{nil}, list{}, true, ""},
		{[]*int64{one, nil, one}, list{int64(1), int64(1)}, true, "integer"},
		{[]**int64{&one, ptr((*int64)(nil))}, list{int64(1)}, true, "integer"},
		{[]*int64{nil}, list{}, true, "integer"},
		{[]any{nil, 1, one, ptr(any(3))}, list{1, int64(1), 3}, true, "integer"},
		{[]sql.NullString{{String: "a", Valid: true}, {}}, list{sql.NullString{String: "a", Valid: true}}, true, "text"},
		{[]uuid.UUID{someUUID}, list{someUUID}, false, "uuid"},
		{[][]byte{{1}, nil}, list{[]byte{1}}, true, "bytes"},
		{[]namedString{"x"}, list{namedString("x")}, false, "text"},
		{pgtype.FlatArray[int32]{5}, list{int32(5)}, false, "integer"},
		{[]decimal{{1, 2}}, list{decimal{1, 2}}, false, "custom"},
		{[]valuerList{{"a"}, nil}, list{valuerList{"a"}}, true, "custom"},
		{[]pointerValuer{{1}}, list{&pointerValuer{1}}, false, "custom"},
		{[3]byte{1, 2, 3}, list{byte(1), byte(2), byte(3)}, false, "integer"},
		{[]json.RawMessage{json.RawMessage("1")}, list{json.RawMessage("1")}, false, "document"},
	} {
		v, err := structs.ValueOf(c.in)
		want := structs.Value{List: true, Items: c.items, HasNull: c.hasNull, Class: c.class}
		if err != nil || !reflect.DeepEqual(v, want) {
			t.Errorf("%T: got %+v, %v; expected %+v", c.in, v, err, want)
		}
	}
}

func TestValueOfErrors(t *testing.T) {
	t.Parallel()
	const rest = "; give a scalar, a list of scalars, or a type with a driver.Valuer"
	const nested = "a list of lists; give a flat list"
	self := new(loop)
	*self = self
	for _, c := range []struct {
		in   any
		want string
	}{
		{map[string]any{"secret": 1}, "cannot compare with a map[string]interface {}" + rest},
		{func() {}, "cannot compare with a func()" + rest},
		{make(chan int), "cannot compare with a chan int" + rest},
		{complex(1, 1), "cannot compare with a complex128" + rest},
		{child{}, "cannot compare with a structs_test.child" + rest},
		{&child{}, "cannot compare with a structs_test.child" + rest},
		{scannerStruct{}, "cannot compare with a structs_test.scannerStruct" + rest},
		{sql.Null[map[string]int]{Valid: true}, "cannot compare with a sql.Null[map[string]int]" + rest},
		{self, "cannot compare with a structs_test.loop" + rest},
		{failingValuer{}, "cannot compare with a structs_test.failingValuer: cannot say"},
		{[]child{}, "cannot compare with a structs_test.child" + rest},
		{[]*func(){}, "cannot compare with a func()" + rest},
		{[]any{1, child{}}, "list item 1: cannot compare with a structs_test.child" + rest},
		{[][]int{}, "cannot compare with a [][]int: " + nested},
		{[]any{[]int{1}}, "list item 0: cannot compare with " + nested},
		{[]any{1, nil, true}, "a list holds values of one kind, and item 2 is boolean, those before it integer; give values of one, or join a condition for each by squirrel.Or"},
		{[]failingValuer{{}}, "list item 0: cannot compare with a structs_test.failingValuer: cannot say"},
	} {
		v, err := structs.ValueOf(c.in)
		if err == nil || err.Error() != c.want || !reflect.DeepEqual(v, structs.Value{}) {
			t.Errorf("%T: got %+v, %v; expected %q", c.in, v, err, c.want)
		}
	}
	if _, err := structs.ValueOf(failingValuer{}); !errors.Is(err, errValuer) {
		t.Errorf("%v hides the Valuer's error", err)
	}
}

func TestKeysOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []any
		want dialect.Keys
	}{
		{nil, dialect.Keys{}},
		{[]any{1, int64(2), uint8(3), namedInt(4), sql.NullInt16{Int16: 5, Valid: true}, ptr(6)},
			dialect.Keys{Kind: dialect.KeyInt, Ints: []int64{1, 2, 3, 4, 5, 6}}},
		{[]any{someUUID, [16]byte(someUUID), pgtype.UUID{Bytes: someUUID, Valid: true}},
			dialect.Keys{Kind: dialect.KeyUUID, UUIDs: [][16]byte{someUUID, someUUID, someUUID}}},
		{[]any{"a", namedString("b")}, dialect.Keys{Kind: dialect.KeyText, Texts: []string{"a", "b"}}},
		{[]any{decimal{1, 2}, valuerString("x")}, dialect.Keys{Texts: []string{"1.02", "<x>"}, Forms: make([]dialect.KeyForm, 2)}},
		{[]any{1.5, float32(0.1)}, dialect.Keys{Texts: []string{"1.5", "0.1"},
			Forms: []dialect.KeyForm{dialect.FormFloat, dialect.FormFloat}}},
		{[]any{[]byte("a"), namedBytes("b")}, dialect.Keys{Texts: []string{`\x61`, `\x62`},
			Forms: []dialect.KeyForm{dialect.FormBytes, dialect.FormBytes}}},
		{[]any{1, uint64(math.MaxUint64)}, dialect.Keys{Texts: []string{"1", "18446744073709551615"},
			Forms: []dialect.KeyForm{dialect.FormText, dialect.FormText}}},
		{[]any{true, namedBool(false)}, dialect.Keys{Texts: []string{"true", "false"},
			Forms: []dialect.KeyForm{dialect.FormBool, dialect.FormBool}}},
	} {
		got, err := structs.KeysOf(c.in)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: got %+v, %v", c.in, got, err)
		}
	}
	for _, c := range []struct {
		in   []any
		want string
	}{
		{[]any{1, "secret"}, "list item 1 is text, but item 0 is integer"},
		{[]any{1, nil}, "list item 1 is NULL"},
		{[]any{(*int)(nil)}, "list item 0 is NULL"},
		{[]any{json.RawMessage("secret")}, "list item 0 is a document, which SQL cannot compare"},
		{[]any{failingValuer{}}, "list item 0 has a driver.Valuer that fails: cannot say"},
	} {
		got, err := structs.KeysOf(c.in)
		if err == nil || err.Error() != c.want || !reflect.DeepEqual(got, dialect.Keys{}) {
			t.Errorf("%v: got %+v, %v", c.in, got, err)
		}
	}
}

func TestHolder(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    int64
		Owner sql.NullInt64
		Code  *string
	}
	s := mustFor[row](t)
	id := mustField(t, s, "ID").NewHolder()
	ints := dialect.Keys{Kind: dialect.KeyInt}
	for n := range 3 {
		*id.Dest().(*int64) = int64(n)
		if ok, err := id.AppendKey(&ints); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	owner := mustField(t, s, "Owner").NewHolder()
	if ok, err := owner.AppendKey(&ints); ok || err != nil {
		t.Errorf("NULL gives %v, %v", ok, err)
	}
	if err := owner.Dest().(sql.Scanner).Scan(int64(9)); err != nil {
		t.Fatal(err)
	}
	if ok, err := owner.AppendKey(&ints); !ok || err != nil || fmt.Sprint(ints.Ints) != "[0 1 2 9]" {
		t.Errorf("got %v, %v, %v", ints.Ints, ok, err)
	}
	code := mustField(t, s, "Code").NewHolder()
	*code.Dest().(**string) = ptr("secret")
	ok, err := code.AppendKey(&dialect.Keys{Kind: dialect.KeyUUID})
	if ok || err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, %v", ok, err)
	}
}

// Texts and numbers are of one class, as far as a column may be compared with both.
func TestValueOfMixedLists(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    []any
		items []any
		class structs.Class
		mixed string
	}{
		{[]any{1, nil, 2.5}, []any{1.0, 2.5}, structs.ClassFloat, ""},
		{[]any{2.5, uint8(3)}, []any{2.5, 3.0}, structs.ClassFloat, ""},
		{[]any{"1.50", 2, 2.5, nil}, []any{"1.50", "2", "2.5"}, structs.ClassText, "item 1 is integer, those before it text"},
		{[]any{int64(1<<62 + 1), 2.5}, []any{"4611686018427387905", "2.5"}, structs.ClassText, "item 1 is float, those before it integer"},
	} {
		v, err := structs.ValueOf(c.in)
		if err != nil || !reflect.DeepEqual(v.Items, c.items) || v.Class != c.class {
			t.Errorf("%v: got %+v, %v", c.in, v, err)
		}
		if got := v.Mixed; (got == nil) != (c.mixed == "") || got != nil && !strings.Contains(got.Error(), c.mixed) {
			t.Errorf("%v: expected %q, got %v", c.in, c.mixed, got)
		}
	}
}

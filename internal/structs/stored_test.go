package structs_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
)

// shade is a number that is stored as a word.
type shade int

func (s shade) Value() (driver.Value, error) { return [...]string{"red", "blue"}[s], nil }

// unborn has no zero value that could be stored.
type unborn string

func (u unborn) Value() (driver.Value, error) {
	if u == "" {
		return nil, errors.New("empty")
	}
	return string(u), nil
}

type (
	named   string
	numbers []int32
)

func storedOf[T any](t testing.TB) dialect.Stored {
	t.Helper()
	var zero T
	f, _ := mustFieldOf(t, zero)
	return f.Stored()
}

func TestStoredFollowsFromTheGoType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		got, want dialect.Stored
	}{
		{"int8", storedOf[int8](t), dialect.StoredInt16},
		{"uint8", storedOf[uint8](t), dialect.StoredInt16},
		{"uint16", storedOf[uint16](t), dialect.StoredInt32},
		{"int32", storedOf[int32](t), dialect.StoredInt32},
		{"uint32", storedOf[uint32](t), dialect.StoredInt64},
		{"int", storedOf[int](t), dialect.StoredInt64},
		{"time.Duration", storedOf[time.Duration](t), dialect.StoredInt64},
		{"float32", storedOf[float32](t), dialect.StoredFloat32},
		{"bool", storedOf[bool](t), dialect.StoredBool},
		{"a named string", storedOf[named](t), dialect.StoredText},
		{"a pointer to a pointer", storedOf[**named](t), dialect.StoredText},
		{"[]byte", storedOf[[]byte](t), dialect.StoredBytes},
		{"time.Time", storedOf[*time.Time](t), dialect.StoredTime},
		{"json.RawMessage", storedOf[json.RawMessage](t), dialect.StoredJSON},
		{"a map", storedOf[map[string]int](t), dialect.StoredJSON},
		{"a struct", storedOf[struct{ A int }](t), dialect.StoredJSON},
		{"a slice of structs", storedOf[[]struct{ A int }](t), dialect.StoredJSON},
		{"a slice of slices", storedOf[[][]int64](t), dialect.StoredJSON},
		{"[16]byte", storedOf[[16]byte](t), dialect.StoredUUID},
		{"uuid.UUID", storedOf[uuid.UUID](t), dialect.StoredUUID},
		{"uuid.NullUUID", storedOf[uuid.NullUUID](t), dialect.StoredUUID},
		{"netip.Addr", storedOf[netip.Addr](t), dialect.StoredAddr},
		{"net.IP", storedOf[net.IP](t), dialect.StoredAddr},
		{"netip.Prefix", storedOf[*netip.Prefix](t), dialect.StoredPrefix},
		{"net.HardwareAddr", storedOf[net.HardwareAddr](t), dialect.StoredMAC},
		{"[]string", storedOf[[]string](t), dialect.List(dialect.StoredText)},
		{"[]*int64", storedOf[[]*int64](t), dialect.List(dialect.StoredInt64)},
		{"a named slice", storedOf[numbers](t), dialect.List(dialect.StoredInt32)},
		{"[][]byte", storedOf[[][]byte](t), dialect.List(dialect.StoredBytes)},
		{"sql.NullInt32", storedOf[sql.NullInt32](t), dialect.StoredInt32},
		{"sql.Null[string]", storedOf[sql.Null[string]](t), dialect.StoredText},
		{"pgtype.Int2", storedOf[pgtype.Int2](t), dialect.StoredInt16},
		{"pgtype.Timestamptz", storedOf[pgtype.Timestamptz](t), dialect.StoredTime},
		{"pgtype.Timestamp", storedOf[pgtype.Timestamp](t), dialect.StoredTimestamp},
		{"pgtype.Date", storedOf[pgtype.Date](t), dialect.StoredDate},
		{"a number with a Valuer of words", storedOf[shade](t), dialect.StoredText},
		{"a Valuer that fails", storedOf[unborn](t), ""},
		{"a decimal", storedOf[decimal](t), ""},
		{"pgtype.Numeric", storedOf[pgtype.Numeric](t), ""},
		{"big.Int", storedOf[big.Int](t), ""},
		{"an interface", storedOf[any](t), ""},
		{"a slice of interfaces", storedOf[[]any](t), ""},
	} {
		if test.got != test.want {
			t.Errorf("%s: expected %q, got %q", test.name, test.want, test.got)
		}
	}
}

package structs_test

import (
	"database/sql"
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

type elWord string

type elSpelled string

func (elSpelled) String() string { return "spelled" }

type elLevel int

func (elLevel) String() string { return "level" }

type elRow struct {
	A int32
	B *int64
	C uint32
	D uint64 // may be more than an element
	E elLevel
	F string
	G elWord
	H elSpelled // a driver may send what it spells
	I **string
	J sql.NullString
	K sql.Null[int64]
	L pgtype.Int4
	M pgtype.Timestamptz // may be infinite
	N pgtype.Numeric
	O time.Time
	P *time.Time
	Q []byte
	R uuid.UUID
	S json.RawMessage
	T map[string]int
	U []string
	V any
	W netip.Addr
	X float32
	Y float64
	Z bool
}

func TestElementsAreOfTypesThatDoNotConvertThemselves(t *testing.T) {
	t.Parallel()
	s, err := structs.Of(reflect.TypeFor[elRow]())
	if err != nil {
		t.Fatal(err)
	}
	none := dialect.ElementNone
	want := map[string]dialect.ElementKind{
		"A": dialect.ElementInt, "B": dialect.ElementInt, "C": dialect.ElementInt, "D": none, "E": dialect.ElementInt, "F": dialect.ElementText,
		"G": dialect.ElementText, "H": none, "I": dialect.ElementText, "J": dialect.ElementText, "K": dialect.ElementInt, "L": dialect.ElementInt, "M": none,
		"N": none, "O": dialect.ElementTime, "P": dialect.ElementTime, "Q": dialect.ElementBytes, "R": dialect.ElementUUID, "S": dialect.ElementJSON,
		"T": dialect.ElementJSON, "U": dialect.ElementJSON, "V": none, "W": none, "X": dialect.ElementFloat32, "Y": dialect.ElementFloat, "Z": dialect.ElementBool,
	}
	for _, f := range s.Fields {
		if got := f.Element(); got != want[f.Name] {
			t.Errorf("%s (%v): expected %d, got %d", f.Name, f.Type, want[f.Name], got)
		}
	}
}

//lint:file-ignore U1000 unused fields and types are there for reflection to find

package structs_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/dovetail-go/dovetail/internal/structs"
)

func mustFor[T any](t testing.TB) *structs.Struct {
	t.Helper()
	s, err := structs.Of(reflect.TypeFor[T]())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustField(t testing.TB, s *structs.Struct, name string) *structs.Field {
	t.Helper()
	for _, f := range s.Fields {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("%v has no field %q", s.Type, name)
	return nil
}

// mustFieldOf returns the only field of struct{ F T }, and a row that holds v in it.
func mustFieldOf[T any](t testing.TB, v T) (*structs.Field, structs.Row) {
	t.Helper()
	row := &struct{ F T }{v}
	s, err := structs.Of(reflect.TypeOf(row).Elem())
	if err != nil {
		t.Fatal(err)
	}
	return s.Fields[0], structs.RowOf(row)
}

// The types of this file convert themselves in ways that cannot be known.

// decimal is a struct with a Valuer, as the usual decimal types are.
type decimal struct {
	units int64
	scale int
}

func (d decimal) Value() (driver.Value, error) { return fmt.Sprintf("%d.%02d", d.units, d.scale), nil }
func (d *decimal) Scan(any) error              { return nil }

type nullDecimal struct {
	Decimal decimal
	Valid   bool
}

func (d nullDecimal) Value() (driver.Value, error) {
	if !d.Valid {
		return nil, nil
	}
	return d.Decimal.Value()
}

// money has the shape of a null wrapper, but writes its value another way.
type money struct {
	Cents int64
	Valid bool
}

func (m money) Value() (driver.Value, error) {
	if !m.Valid {
		return nil, nil
	}
	return fmt.Sprintf("%d.%02d", m.Cents/100, m.Cents%100), nil
}

// zeroNull has the shape of a null wrapper, but takes zero for NULL.
type zeroNull struct {
	N     int64
	Valid bool
}

func (z zeroNull) Value() (driver.Value, error) {
	if !z.Valid || z.N == 0 {
		return nil, nil
	}
	return z.N, nil
}

// pointerValuer has its Valuer on the pointer only.
type pointerValuer struct{ n int64 }

func (p *pointerValuer) Value() (driver.Value, error) { return p.n, nil }

type valuerString string

func (v valuerString) Value() (driver.Value, error) { return "<" + string(v) + ">", nil }

type scannerString string

func (s *scannerString) Scan(any) error { return nil }

type scannerInt int

func (s *scannerInt) Scan(any) error { return nil }

type scannerStruct struct{ A int }

func (s *scannerStruct) Scan(any) error { return nil }

type failingValuer struct{ A int }

var errValuer = errors.New("cannot say")

func (failingValuer) Value() (driver.Value, error) { return nil, errValuer }

type panickingValuer struct{ p *int }

func (p panickingValuer) Value() (driver.Value, error) { return int64(*p.p), nil }

type oddValuer struct{ v any }

func (o oddValuer) Value() (driver.Value, error) { return o.v, nil }

// valuerList is a slice that a driver takes as one value.
type valuerList []string

func (l valuerList) Value() (driver.Value, error) {
	if l == nil {
		return nil, nil
	}
	return fmt.Sprintf("{%d}", len(l)), nil
}

type textSlice []int

func (textSlice) MarshalText() ([]byte, error) { return []byte("text"), nil }

// always has the shape of a null wrapper, but is never NULL.
type always struct {
	N     int64
	Valid bool
}

func (a always) Value() (driver.Value, error) { return a.N, nil }

// doubled embeds a null wrapper and overrides its Valuer.
type doubled struct{ sql.NullInt64 }

func (d doubled) Value() (driver.Value, error) {
	if !d.Valid {
		return nil, nil
	}
	return 2 * d.Int64, nil
}

type failingText struct{ a int }

func (failingText) MarshalText() ([]byte, error) { return nil, errValuer }

type (
	namedInt    int32
	namedString string
	namedBytes  []byte
	namedID     [16]byte
	namedBool   bool
	loop        *loop
)

// childOf returns the child that a row is.
func childOf(row structs.Row) *child { return structs.Typed[*child]([]structs.Row{row})[0] }

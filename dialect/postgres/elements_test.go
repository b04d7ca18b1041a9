package postgres

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// TestUsualTimesAreWrittenAsALayoutSays compares with package time.
func TestUsualTimesAreWrittenAsALayoutSays(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		zone := time.FixedZone("", (r.IntN(24*60)-12*60)*60)
		if r.IntN(3) == 0 {
			zone = time.UTC
		}
		at := time.Date(1+r.IntN(9998), 1, 1, 0, 0, r.IntN(366*86400), []int{0, 1, 999, 1000, 123_456_000, 999_999_999, 100_000_000, r.IntN(1e9)}[r.IntN(8)], zone)
		if got, want := timeText(at), at.Format("2006-01-02 15:04:05.999999Z07:00"); got != want {
			t.Fatalf("expected %s, got %s", want, got)
		}
	}
}

func TestElementsAreWrittenSoThatEachIsReadAlone(t *testing.T) {
	t.Parallel()
	add := []struct {
		want string
		add  func(e dialect.Elements)
	}{
		{`{}`, func(dialect.Elements) {}},
		{`{NULL,"NULL","","a\"b\\c,{}"}`, func(e dialect.Elements) { e.Null(); e.Text("NULL"); e.Text(""); e.Text(`a"b\c,{}`) }},
		{`{-9223372036854775808,0}`, func(e dialect.Elements) { e.Int(math.MinInt64); e.Int(0) }},
		{`{0.1,1e+300,NaN,+Inf,-0,0.10000000149011612}`, func(e dialect.Elements) {
			for _, f := range []float64{0.1, 1e300, math.NaN(), math.Inf(1), math.Copysign(0, -1), float64(float32(0.1))} {
				e.Float(f)
			}
		}},
		{`{true,false}`, func(e dialect.Elements) { e.Bool(true); e.Bool(false) }},
		{`{"\\x","\\x00ff"}`, func(e dialect.Elements) { e.Bytes([]byte{}); e.Bytes([]byte{0, 255}) }},
		{`{01000000-0000-0000-0000-0000000000ff}`, func(e dialect.Elements) { e.UUID([16]byte{1, 15: 255}) }},
		{`{"2001-02-03 04:05:06.5+01:00","0001-12-31 00:00:00Z BC"}`, func(e dialect.Elements) {
			e.Time(time.Date(2001, 2, 3, 4, 5, 6, 500_000_999, time.FixedZone("", 3600)))
			e.Time(time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC))
		}},
		{`{"{\"a\": \"\\\\\"}"}`, func(e dialect.Elements) { e.JSON([]byte(`{"a": "\\"}`)) }},
	}
	for _, a := range add {
		e := Dialect.(dialect.Arrayed).NewElements()
		a.add(e)
		if got := e.Arg(); got != a.want {
			t.Errorf("expected %s, got %s", a.want, got)
		}
	}
}

// TestArraysAreForColumnsThatReadTheirElements has the pairs that a parameter and an element mean the same of, and others.
func TestArraysAreForColumnsThatReadTheirElements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind dialect.ElementKind
		sql  string
		ok   bool
	}{
		{dialect.ElementInt, "bigint", true}, {dialect.ElementInt, "numeric", true}, {dialect.ElementInt, "text", false}, {dialect.ElementInt, "interval", false},
		{dialect.ElementFloat, "real", false}, {dialect.ElementFloat32, "real", true}, {dialect.ElementText, "bpchar", true},
		{dialect.ElementText, `app."mood"`, true}, {dialect.ElementText, "jsonb", false}, {dialect.ElementText, "text[]", false}, {dialect.ElementText, "bytea", false},
		{dialect.ElementText, "box", false}, {dialect.ElementText, "", false}, {dialect.ElementTime, "date", true}, {dialect.ElementTime, "text", false},
		{dialect.ElementJSON, "jsonb", true}, {dialect.ElementJSON, "text[]", false}, {dialect.ElementUUID, "uuid", true}, {dialect.ElementUUID, "bytea", false},
		{dialect.ElementNone, "bigint", false}, {dialect.ElementBytes, "bytea", true}, {dialect.ElementBool, "boolean", true},
	} {
		if sql, ok := Dialect.(dialect.Arrayed).ElementType(c.kind, dialect.KeyType{SQL: c.sql}); ok != c.ok || ok && sql != c.sql {
			t.Errorf("%d in %s: expected %t, got %s, %t", c.kind, c.sql, c.ok, sql, ok)
		}
	}
}

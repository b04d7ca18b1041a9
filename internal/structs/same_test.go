package structs_test

import (
	"database/sql"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/internal/structs"
)

type compared struct {
	Number  int64
	Pointer *int64
	Text    sql.NullString
	At      time.Time
	Until   *time.Time
	Doc     json.RawMessage
	Tree    map[string]int
}

func TestSame(t *testing.T) {
	t.Parallel()
	s, err := structs.Of(reflect.TypeFor[compared]())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	there, closeBy := at.In(time.FixedZone("", 3600)), at.Add(400*time.Nanosecond)
	one, uno, two := int64(1), int64(1), int64(2)
	for _, test := range []struct {
		field string
		a, b  compared
		same  bool
	}{
		{"Number", compared{Number: 1}, compared{Number: 1}, true},
		{"Number", compared{Number: 1}, compared{Number: 2}, false},
		{"Pointer", compared{Pointer: &one}, compared{Pointer: &uno}, true},
		{"Pointer", compared{Pointer: &one}, compared{Pointer: &two}, false},
		{"Pointer", compared{Pointer: &one}, compared{}, false},
		{"Pointer", compared{}, compared{}, true},
		{"Text", compared{Text: sql.NullString{String: "x"}}, compared{}, true}, // both NULL
		{"Text", compared{Text: sql.NullString{Valid: true}}, compared{}, false},
		{"At", compared{At: at}, compared{At: there}, true},
		{"At", compared{At: at}, compared{At: closeBy}, true},                       // as a database keeps it
		{"At", compared{At: at}, compared{At: at.Add(900 * time.Nanosecond)}, true}, // cut off, not rounded
		{"At", compared{At: at}, compared{At: at.Add(-100 * time.Nanosecond)}, false},
		{"At", compared{At: at}, compared{At: at.Add(time.Millisecond)}, false},
		{"Until", compared{Until: &at}, compared{Until: &closeBy}, true},
		{"Until", compared{Until: &at}, compared{}, false},
		{"Tree", compared{Tree: map[string]int{"a": 1}}, compared{Tree: map[string]int{"a": 1}}, true},
		{"Tree", compared{Tree: map[string]int{"a": 1}}, compared{Tree: map[string]int{"a": 2}}, false},
		{"Doc", compared{Doc: json.RawMessage("1")}, compared{Doc: json.RawMessage("1")}, true},
	} {
		for _, f := range s.Fields {
			if f.Name != test.field {
				continue
			}
			if got := f.Same(structs.RowOf(&test.a), structs.RowOf(&test.b)); got != test.same {
				t.Errorf("%s of %+v and %+v: expected %v, got %v", test.field, test.a, test.b, test.same, got)
			}
		}
	}
}

func TestAssignValue(t *testing.T) {
	t.Parallel()
	fields, to := fieldsOf(t), assigned{}
	for name, v := range map[string]any{"ID": 7, "Small": int64(7), "Pointer": 7, "Text": assignName("x"), "UUID": [16]byte{1}} {
		if err := fields[name].AssignValue(structs.RowOf(&to), v); err != nil {
			t.Error(err)
		}
	}
	if to.ID != 7 || to.Small != 7 || *to.Pointer != 7 || to.Text != "x" || to.UUID[0] != 1 {
		t.Errorf("got %+v", to)
	}
	for _, v := range []any{nil, (*int64)(nil), "secret"} {
		if err := fields["ID"].AssignValue(structs.RowOf(&to), v); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: expected an error that does not name the value, got %v", v, err)
		}
	}
}

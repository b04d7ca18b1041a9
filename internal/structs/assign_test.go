package structs_test

import (
	"database/sql"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail/internal/structs"
)

type AssignBase struct{ Embedded int64 }

type assigned struct {
	ID      int64
	Small   int8
	Big     uint64
	Pointer *int32
	Wrapped sql.NullInt64
	Text    string
	Name    assignName
	Label   *string
	Nick    sql.NullString
	UUID    uuid.UUID
	Bytes   [16]byte
	Odd     [16]assignByte // reflection converts it to no other type
	Maybe   uuid.NullUUID
	When    sql.NullTime
	*AssignBase
}

type assignName string

type assignByte byte

func fieldsOf(t *testing.T) map[string]*structs.Field {
	t.Helper()
	s, err := structs.Of(reflect.TypeFor[assigned]())
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]*structs.Field{}
	for _, f := range s.Fields {
		fields[f.Name] = f
	}
	return fields
}

func TestAssign(t *testing.T) {
	t.Parallel()
	fields := fieldsOf(t)
	id, n, text := uuid.MustParse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"), int32(7), "x"
	for _, test := range []struct {
		from, to string
		row      assigned
		fails    string
	}{
		{from: "ID", to: "Small", row: assigned{ID: 7}},
		{from: "ID", to: "Small", row: assigned{ID: 700}, fails: "assigned.Small (int8) cannot hold what assigned.ID (int64) has"},
		{from: "ID", to: "Big", row: assigned{ID: -1}, fails: "cannot hold"},
		{from: "Big", to: "ID", row: assigned{Big: 1 << 63}, fails: "cannot hold"},
		{from: "Big", to: "ID", row: assigned{Big: 7}},
		{from: "ID", to: "Pointer", row: assigned{ID: 7}},
		{from: "Pointer", to: "ID", row: assigned{Pointer: &n}},
		{from: "Pointer", to: "ID", row: assigned{}, fails: "assigned.Pointer (*int32) is NULL"},
		{from: "ID", to: "Wrapped", row: assigned{ID: 7}},
		{from: "Wrapped", to: "ID", row: assigned{Wrapped: sql.NullInt64{Int64: 7, Valid: true}}},
		{from: "Wrapped", to: "Pointer", row: assigned{Wrapped: sql.NullInt64{Int64: 7, Valid: true}}},
		{from: "Wrapped", to: "ID", row: assigned{Wrapped: sql.NullInt64{Int64: 7}}, fails: "is NULL"},
		{from: "ID", to: "Embedded", row: assigned{ID: 7}},
		{from: "Embedded", to: "ID", row: assigned{AssignBase: &AssignBase{7}}},
		{from: "Embedded", to: "ID", row: assigned{}, fails: "is NULL"},
		{from: "Text", to: "Name", row: assigned{Text: "x"}},
		{from: "Name", to: "Label", row: assigned{Name: "x"}},
		{from: "Label", to: "Nick", row: assigned{Label: &text}},
		{from: "Nick", to: "Text", row: assigned{Nick: sql.NullString{String: "x", Valid: true}}},
		{from: "Text", to: "ID", row: assigned{Text: "x"}, fails: "cannot hold"},
		{from: "UUID", to: "Bytes", row: assigned{UUID: id}},
		{from: "Bytes", to: "Maybe", row: assigned{Bytes: id}},
		{from: "Maybe", to: "UUID", row: assigned{Maybe: uuid.NullUUID{UUID: id, Valid: true}}},
		{from: "UUID", to: "Odd", row: assigned{UUID: id}},
		{from: "Odd", to: "Bytes", row: assigned{Odd: [16]assignByte{1, 15: 7}}},
		{from: "Odd", to: "Maybe", row: assigned{Odd: [16]assignByte{1, 15: 7}}},
		{from: "UUID", to: "When", row: assigned{UUID: id}, fails: "cannot hold"},
	} {
		t.Run(test.from+" to "+test.to, func(t *testing.T) {
			t.Parallel()
			to := assigned{}
			err := fields[test.to].Assign(structs.RowOf(&to), fields[test.from], structs.RowOf(&test.row))
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("expected %q, got %v", test.fails, err)
				}
				if !fields[test.to].IsZero(structs.RowOf(&to)) {
					t.Errorf("expected nothing assigned, got %+v", to)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, f := range []struct {
				field *structs.Field
				row   *assigned
				into  *[]string
			}{{fields[test.from], &test.row, &want}, {fields[test.to], &to, &got}} {
				v, err := structs.ValueOf(f.field.Value(structs.RowOf(f.row)))
				if err != nil {
					t.Fatal(err)
				}
				keys, err := structs.KeysOf([]any{v.Arg})
				if err != nil {
					t.Fatal(err)
				}
				*f.into = append(keys.Texts, string(v.Class))
				for _, n := range keys.Ints {
					*f.into = append(*f.into, string(rune('0'+n)))
				}
				for _, id := range keys.UUIDs {
					*f.into = append(*f.into, uuid.UUID(id).String())
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("expected %v, got %v", want, got)
			}
		})
	}
}

func TestAssignDoesNotWriteThroughTheOldPointer(t *testing.T) {
	t.Parallel()
	fields, n := fieldsOf(t), int32(1)
	from, to := assigned{ID: 7}, assigned{Pointer: &n}
	if err := fields["Pointer"].Assign(structs.RowOf(&to), fields["ID"], structs.RowOf(&from)); err != nil || *to.Pointer != 7 || n != 1 {
		t.Errorf("expected a new pointer, got %v, %d, %d", err, *to.Pointer, n)
	}
}

func TestSaveAndRestore(t *testing.T) {
	t.Parallel()
	s, err := structs.Of(reflect.TypeFor[assigned]())
	if err != nil {
		t.Fatal(err)
	}
	base := &AssignBase{1}
	row := assigned{ID: 1, AssignBase: base}
	held := s.Save(structs.RowOf(&row))
	row.ID, row.Embedded = 2, 2
	held.Restore()
	if row.ID != 1 || row.Embedded != 1 || row.AssignBase != base {
		t.Errorf("expected what was saved, got %+v, %+v", row, row.AssignBase)
	}
	row = assigned{}
	held = s.Save(structs.RowOf(&row))
	row.AssignBase = &AssignBase{2}
	held.Restore()
	if row.AssignBase != nil {
		t.Error("expected the nil pointer that was saved")
	}
}

func TestARowSavedAgainIsRestoredToWhatItHeldFirst(t *testing.T) {
	t.Parallel()
	s, err := structs.Of(reflect.TypeFor[assigned]())
	if err != nil {
		t.Fatal(err)
	}
	rows := []assigned{{ID: 1, AssignBase: &AssignBase{1}}, {ID: 2}, {ID: 3, AssignBase: &AssignBase{3}}}
	held := s.Save(structs.RowOf(&rows[0]), structs.RowOf(&rows[1]))
	rows[0].ID, rows[0].Embedded, rows[2].ID = 10, 10, 30
	held.Add(structs.RowOf(&rows[0]))
	held.Add(structs.RowOf(&rows[2]))
	rows[0].AssignBase, rows[2].Embedded = nil, 30
	held.Restore()
	if rows[0].ID != 1 || rows[0].AssignBase == nil || rows[0].Embedded != 1 || rows[1].ID != 2 || rows[2].ID != 30 || rows[2].Embedded != 3 {
		t.Errorf("expected what each row held when it was saved first, got %+v", rows)
	}
}

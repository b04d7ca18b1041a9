package structs_test

import (
	"database/sql"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/internal/structs"
)

type targetBase struct {
	ID   int
	Note string
}

type TargetPlace struct {
	City string
	At   *struct{ Lat, Lon float64 }
}

type target struct {
	targetBase
	*TargetPlace `db:"place"`
	Name         string `db:"full_name"`
	Note         string // hides the embedded one
	When         time.Time
	Left         string `db:"-"`
	Made         int    `db:"made,computed"`
	Rows         []targetBase
	hidden       int
}

var _ = target{}.hidden // no column is read into it, which is the test

var snakeCased *structs.Naming

func TestTargetSaysWhatIsWrongWithColumns(t *testing.T) {
	t.Parallel()
	tables := []reflect.Type{reflect.TypeFor[targetBase]()}
	all := "id note full_name when place.city place.at.lat place.at.lon"
	for _, c := range []struct {
		t       reflect.Type
		columns string
		want    string // column, field, and how the problem begins
	}{
		{reflect.TypeFor[target](), all, ""},
		{reflect.TypeFor[*target](), all + " made", ""},
		{reflect.TypeFor[target](), all + " left", "left||target has no field"},
		{reflect.TypeFor[target](), all + " place.at.alt", "place.at.alt||target has no field"},
		{reflect.TypeFor[target](), all + " hidden", "hidden||target has no field"},
		{reflect.TypeFor[target](), all + " id", "id||two columns"},
		{reflect.TypeFor[target](), strings.Replace(all, "when", "", 1), "when|target.When|the query selects no such column"},
		{reflect.TypeFor[target](), strings.Replace(all, "id", "", 1), "id|target.ID|the query selects no such column"},
		{reflect.TypeFor[target](), strings.Replace(all, "place.at.lon", "", 1),
			"place.at.lon|target.TargetPlace.At.Lon|the query selects no such column"},
		{reflect.TypeFor[target](), strings.Replace(all, "place.at.lat place.at.lon", "", 1),
			"place.at|target.TargetPlace.At|the query selects no such column"},
		{reflect.TypeFor[target](), "id ?", ""}, // it may be any of the others
		{reflect.TypeFor[struct{ A int }](), "b", "b||struct { A int } has no field"},
		{reflect.TypeFor[int](), "a", ""},
		{reflect.TypeFor[int](), "a b", "||the query selects 2 columns"},
		{reflect.TypeFor[time.Time](), "a", ""},
		{reflect.TypeFor[sql.NullInt64](), "a", ""},
		{reflect.TypeFor[netip.Addr](), "a b", "||the query selects 2 columns"},
		{reflect.TypeFor[map[string]any](), "a b", ""},
		{reflect.TypeFor[map[string]any](), "a a", "a||two columns"},
	} {
		shape, refused := snakeCased.TargetOf(c.t)
		if refused != "" {
			t.Fatalf("%v: %s", c.t, refused)
		}
		columns := strings.Fields(c.columns)
		for i := range columns {
			columns[i] = strings.TrimPrefix(columns[i], "?")
		}
		column, field, problem := shape.Mistake(columns, tables)
		if got := column + "|" + field + "|" + problem; c.want == "" && problem != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%v of %s: expected %q, got %q", c.t, c.columns, c.want, got)
		}
	}
}

func TestTargetRefusesShapesThatCannotBeFilled(t *testing.T) {
	t.Parallel()
	type tree struct {
		ID     int
		Parent *tree
	}
	type hidden struct{ *targetBase }
	for _, shape := range []reflect.Type{reflect.TypeFor[tree](), reflect.TypeFor[*tree](), reflect.TypeFor[hidden](),
		reflect.TypeFor[map[int]string]()} {
		if _, refused := snakeCased.TargetOf(shape); refused == "" {
			t.Errorf("%v: expected it to be refused", shape)
		}
	}
}

func TestTargetForgetsNestedPointers(t *testing.T) {
	t.Parallel()
	shape, _ := snakeCased.TargetOf(reflect.TypeFor[target]())
	nested := shape.Nested([]string{"id", "place.at.lat", "place.city"})
	if len(nested) != 2 || !reflect.DeepEqual(nested[0].Columns, []int{1, 2}) || !reflect.DeepEqual(nested[1].Columns, []int{1}) {
		t.Fatalf("expected place, and at in it, got %v", nested)
	}
	place := func() *TargetPlace { return &TargetPlace{At: new(struct{ Lat, Lon float64 })} }
	rows := []target{{TargetPlace: place()}, {TargetPlace: place()}, {}}
	nested[1].Forget(rows, 0)
	nested[1].Forget(rows, 2)
	if rows[0].TargetPlace == nil || rows[0].At != nil || rows[1].At == nil {
		t.Errorf("expected the first place alone to be without at, got %v", rows)
	}
}

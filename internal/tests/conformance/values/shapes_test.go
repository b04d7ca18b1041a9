package values_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TestWhatIsNoScalarBesideOneIsRefused gives SQL text maps, structs, lists and what no database takes, beside columns and expressions of every kind:
// SQLite would compare the JSON of most, and find nothing.
func TestWhatIsNoScalarBesideOneIsRefused(t *testing.T) {
	t.Parallel()
	type shape struct{ A string }
	values := []any{
		map[string]int{}, map[string]any{"s3cret": 1}, &map[string]int{"s3cret": 1}, shape{"s3cret"}, &shape{"s3cret"}, struct{}{}, []shape{{"s3cret"}},
		[]map[string]int{{"s3cret": 1}}, []any{"s3cret", 1}, []string{"s3cret"}, [][]int64{{1}}, [2]int{1, 2}, func() {}, make(chan int), complex(1, 2), []func(){nil},
	}
	rows := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds")
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		refused := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, dovetail.ErrArgType) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: expected it refused without its value, got %v", what, err)
			}
		}
		for of := range kindsValues() {
			for _, v := range values {
				late := dovetail.FromContext(func(context.Context) (any, error) { return v, nil })
				for _, f := range kindsForms {
					text, n := strings.ReplaceAll(f.text, "X", of), strings.Count(f.text, "?")
					_, err := dovetail.Select(rows).Where(text, []any{v, v}[:n]...).Count(t.Context(), d.DB)
					refused(fmt.Sprintf("%s with a %T", text, v), err)
					if k := reflect.TypeOf(v).Kind(); k == reflect.Slice || k == reflect.Array {
						continue // a context gives one value
					}
					_, err = dovetail.Select(rows).Where(text, []any{late, late}[:n]...).Count(t.Context(), d.DB)
					refused(fmt.Sprintf("%s with a %T of a context", text, v), err)
				}
			}
		}
		for _, v := range values {
			for _, text := range []string{"?", "coalesce(?, 'x')", "CASE WHEN kinds.n = 2 THEN ? ELSE kinds.name END"} {
				_, err := dovetail.Update(rows).Set("name", sq.Expr(text, v)).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
				refused(fmt.Sprintf("a text set to %s, a %T", text, v), err)
			}
		}
		for _, v := range []any{func() {}, make(chan int), complex(1, 2), []func(){nil}, map[string]chan int{"s3cret": nil}} {
			_, err := dovetail.Select(rows).Where("CAST(? AS TEXT) IS NULL", v).Count(t.Context(), d.DB)
			refused(fmt.Sprintf("beside nothing, a %T", v), err)
		}
	})
}

// TestDocumentsOfSQLTextAreSentAsJSON gives them to functions of JSON, and beside columns where they are NULL.
func TestDocumentsOfSQLTextAreSentAsJSON(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds")
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		texts := map[string]any{
			"id IN (SELECT value FROM json_each(?))": []int{2, 9},
			"id = json_extract(?, '$.a')":            map[string]int{"a": 2},
			"json_extract(?, '$.A') = n":             struct{ A int }{2},
			"name = ? OR id = 2":                     map[string]int(nil),
			"id = 2 AND coalesce(?, 5) = 5":          (*struct{})(nil),
			"json_valid(?) AND id = 2":               json.RawMessage(`{}`),
		}
		if d.Postgres() {
			texts = map[string]any{
				"id = ANY(?)": []int64{2, 9},
				"id = CAST(CAST(? AS jsonb) ->> 'a' AS bigint)": map[string]int{"a": 2},
				"CAST(CAST(? AS jsonb) ->> 'A' AS bigint) = n":  struct{ A int }{2},
				"name = ? OR id = 2":                            map[string]int(nil),
			}
		}
		for text, v := range texts {
			n, err := dovetail.Select(rows).Where(text, v).Count(t.Context(), d.DB)
			if err != nil || n != 1 {
				t.Errorf("%s: expected one row, got %d, %v", text, n, err)
			}
		}
	})
}

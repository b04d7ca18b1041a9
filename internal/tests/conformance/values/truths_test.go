package values_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// truthForms are conditions in which an argument is a truth value itself, and how many of the rows of kinds hold for true, and for false.
var truthForms = []struct {
	text    string
	yes, no int64
	sqlite  bool // PostgreSQL has no such function
	besides []any
}{
	{text: "?", yes: 4},
	{text: "(?)", yes: 4},
	{text: "id = 1 OR ?", yes: 4, no: 1},
	{text: "? OR n > 3", yes: 4, no: 1},
	{text: "name = ? OR ?", yes: 4, besides: []any{"x"}},
	{text: "? AND id > 1", yes: 3},
	{text: "n > ? AND ?", yes: 3, besides: []any{1}},
	{text: "NOT ?", no: 4},
	{text: "NOT (id = 1 AND ?)", yes: 3, no: 4},
	{text: "CASE WHEN ? THEN n ELSE 0 END = 1", yes: 1},
	{text: "iif(?, n, 0) = 1", yes: 1, sqlite: true},
	{text: "id = 9 OR coalesce(?, ?)", yes: 4, sqlite: true},
	{text: "id IN (SELECT k.id FROM kinds AS k WHERE ?)", yes: 4},
	{text: "id IN (SELECT k.id FROM kinds AS k JOIN kinds AS l ON ? WHERE l.id = k.id)", yes: 4},
	{text: "EXISTS (SELECT 1 FROM kinds AS k GROUP BY k.n HAVING ?)", yes: 4},
	{text: "(SELECT count(*) FILTER (WHERE ?) FROM kinds AS k) > 3", yes: 4},
}

// TestAnArgumentThatIsATruthValue: a text or a number where a condition stands means what PostgreSQL takes it for, or is refused.
func TestAnArgumentThatIsATruthValue(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[kindsRow](r, "kinds")
	late := func(v any) any { return dovetail.FromContext(func(context.Context) (any, error) { return v, nil }) }
	text := "on"
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		ctx := t.Context()
		tell := func(what string, v any, want int64, q kindsQuery) {
			switch got, err := q.Count(ctx, d.DB); {
			case want < 0 && !errors.Is(err, dovetail.ErrArgType):
				t.Errorf("%s with %v, a %T: expected it refused, got %d and %v", what, v, v, got, err)
			case want >= 0 && (err != nil || got != want):
				t.Errorf("%s with %v, a %T: expected %d rows, got %d and %v", what, v, v, want, got, err)
			}
		}
		for _, f := range truthForms {
			if f.sqlite && d.Postgres() {
				continue
			}
			ask := func(v any, want int64) {
				args := append([]any{}, f.besides...)
				for range strings.Count(f.text, "?") - len(args) {
					args = append(args, v)
				}
				tell(f.text, v, want, dovetail.Select(rows).Where(f.text, args...))
				tell(f.text+" of Or", v, want, dovetail.Select(rows).Where(sq.Or{sq.Expr(f.text, args...), sq.Eq{"id": 9}}))
				tell(f.text+" of And", v, want, dovetail.Select(rows).Where(sq.And{sq.Expr(f.text, args...), sq.NotEq{"id": 9}}))
				tell(f.text+" within text", v, want, dovetail.Select(rows).Where("? AND id < 9", sq.Expr(f.text, args...)))
				if want >= 0 {
					tell(f.text+" of Not", v, 4-want, dovetail.Select(rows).Where(dovetail.Not(sq.Expr(f.text, args...))))
				}
				if len(f.besides) == 0 {
					tell(f.text+" of a context", v, want, dovetail.Select(rows).Where(f.text, lates(late, args)...))
				}
			}
			for _, v := range []any{true, "true", "t", kindsText("yes"), &text, []byte("true"), sql.NullString{String: "1", Valid: true}} {
				ask(v, f.yes)
			}
			for _, v := range []any{false, "false", "f", kindsText("no"), []byte("off"), "0"} {
				ask(v, f.no)
			}
			for _, v := range []any{"x", "", 5, 1.5, sql.NullInt64{Int64: 3, Valid: true}} {
				ask(v, -1)
			}
		}
		tell("Having", "true", 4, dovetail.Select(rows).Columns("n").GroupBy("n").Having("?", "true"))
		if n, err := dovetail.Update(rows).Set("fee", 0).Where("id < 3 AND ?", "true").Exec(ctx, d.DB); err != nil || n != 2 {
			t.Errorf("update: expected 2 rows, got %d and %v", n, err)
		}
		if n, err := dovetail.Delete(rows).Where("id < 3 AND ?", "true").Exec(ctx, d.DB); err != nil || n != 2 {
			t.Errorf("delete: expected 2 rows, got %d and %v", n, err)
		}
	})
}

func lates(late func(any) any, args []any) (all []any) {
	for _, arg := range args {
		all = append(all, late(arg))
	}
	return all
}

// kindsCount is a type of the program's own that is sent as an integer.
type kindsCount struct{ n int64 }

func (c kindsCount) Value() (driver.Value, error) { return c.n, nil }

// TestWhatAValuerGivesIsHeldToItsColumn compares a column of texts with types of the program's own that are none of texts, and stores them.
func TestWhatAValuerGivesIsHeldToItsColumn(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[kindsRow](r, "kinds")
	numbered := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds", dovetail.Type("name", "numeric"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		ctx := t.Context()
		for _, v := range []any{kindsCount{5}, sql.NullInt64{Int64: 5, Valid: true}, sql.NullFloat64{Float64: 1.5, Valid: true}, sql.NullBool{Bool: true, Valid: true}} {
			for _, cond := range []any{sq.Eq{"name": v}, sq.NotEq{"name": v}, sq.Lt{"name": v}, sq.Eq{"name": []any{v}}} {
				for what, q := range map[string]dovetail.Query[*kindsRow]{
					"a map":            dovetail.Select(rows).Where(cond),
					"a map in text":    dovetail.Select(rows).Where("? IS NOT NULL", cond),
					"one among others": dovetail.Select(rows).Where(sq.Or{cond.(sq.Sqlizer), sq.Eq{"id": 1}}),
				} {
					if n, err := q.Count(ctx, d.DB); !errors.Is(err, dovetail.ErrArgType) {
						t.Errorf("%s, a %T in %s: expected it refused, got %d and %v", fmt.Sprintf("%T", cond), v, what, n, err)
					}
				}
			}
			if _, err := dovetail.Update(rows).Set("name", v).Where(sq.Eq{"id": 1}).Exec(ctx, d.DB); !errors.Is(err, dovetail.ErrArgType) {
				t.Errorf("a %T is set: got %v", v, err)
			}
		}
		if !d.Postgres() { // whose column is one of texts
			if _, err := dovetail.Select(numbered).Where(sq.Eq{"name": kindsCount{5}}).Count(ctx, d.DB); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestAUUIDBesideBytesIsItsBytes: a []byte field holds UUIDs as a database without a type for them may.
func TestAUUIDBesideBytesIsItsBytes(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds")
	d := kit.SQLiteDB(t, kindsDDL(false)+fmt.Sprintf("UPDATE kinds SET data = X'%s' WHERE id = 2", strings.ReplaceAll(kindsUIDText(2), "-", "")))
	for _, text := range []string{"data = ?", "data IN (?)", "coalesce(data, data) = ?"} {
		kit.Equal(t, text, kit.Must[int64](t)(dovetail.Select(rows).Where(text, kindsUID(2)).Count(t.Context(), d.DB)), 1)
	}
}

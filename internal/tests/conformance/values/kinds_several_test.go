package values_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type severalRow struct {
	ID   int64
	Name string
	N    int64
	Done bool
	At   time.Time
}

// TestAnArgumentBesideSeveralKinds: an expression whose values are of several kinds asks for none of them, whichever is first, and one whose
// values are of one asks for that. PostgreSQL has no such expressions.
func TestAnArgumentBesideSeveralKinds(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[severalRow](r, "several")
	d := kit.SQLiteDB(t, `CREATE TABLE several (id INTEGER PRIMARY KEY, name TEXT, n INTEGER, done BOOLEAN, at TIMESTAMP);
		INSERT INTO several VALUES (1, 'ann', 10, 1, '2024-03-01 10:00:00'), (2, 'bob', 7, 0, '2024-03-02 10:00:00')`)
	for _, c := range []struct {
		text string
		arg  any
		want string // the ids; empty: it is refused
	}{
		{"CASE WHEN id = 1 THEN name ELSE n END = ?", "ann", "[1]"},
		{"CASE WHEN id = 1 THEN n ELSE name END = ?", "bob", "[2]"},
		{"CASE WHEN id = 2 THEN n ELSE name END = ?", "ann", "[1]"},
		{"CASE WHEN id = 2 THEN name ELSE n END = ?", 10, "[1]"},
		{"CASE WHEN id = 1 THEN done ELSE name END = ?", "bob", "[2]"},
		{"CASE WHEN id = 1 THEN name ELSE done END = ?", "ann", "[1]"},
		{"CASE WHEN id = 1 THEN name ELSE 'none' END = ?", "ann", "[1]"},
		{"CASE WHEN id = 1 THEN n ELSE 0 END = ?", 10, "[1]"},
		{"CASE WHEN id = 1 THEN n ELSE 0 END = ?", "ann", ""},
		{"CASE WHEN id = 1 THEN done ELSE done END = ?", "ann", ""},
		{"CASE WHEN id = 1 THEN done ELSE 0 = 1 END = ?", true, "[1]"},
	} {
		got, err := dovetail.Select(rows).Where(c.text, c.arg).OrderBy("id").All(t.Context(), d.DB)
		switch ids := fmt.Sprint(kit.Pluck(got, func(r *severalRow) int64 { return r.ID })); {
		case c.want == "" && !errors.Is(err, dovetail.ErrArgType):
			t.Errorf("%s with %v: expected it refused, got %s and %v", c.text, c.arg, ids, err)
		case c.want != "" && (err != nil || ids != c.want):
			t.Errorf("%s with %v: expected %s, got %s and %v", c.text, c.arg, c.want, ids, err)
		}
	}
}

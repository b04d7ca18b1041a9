package compile_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/plan"
)

func TestRowsThatAreLockedAreFoundFirst(t *testing.T) {
	t.Parallel()
	d := newNumbering()
	d.has.RowLocks = true
	q := build(t, &plan.Compare{Col: plan.Ref{Name: "boss_id"}, Op: "=", Arg: 1})
	plain, err := compile.Delete(q, d)
	if want := `DELETE FROM "people" WHERE ("people"."boss_id" = $1)`; err != nil || plain.SQL != want {
		t.Errorf("expected %s, got %s, %v", want, plain.SQL, err)
	}
	q.Lock = plan.Lock{Method: "ForUpdate", Strength: "UPDATE"}
	q.OrderBy = []plan.Order{{Ref: plan.Ref{Name: "id", Binding: q.Base, Column: "id"}}}
	locked, err := compile.Delete(q, d)
	want := `DELETE FROM "people" WHERE ("people"."id") IN (SELECT "people"."id" FROM "people" WHERE ("people"."boss_id" = $1) ` +
		`ORDER BY "people"."id" FOR UPDATE OF "people")`
	if err != nil || locked.SQL != want {
		t.Errorf("expected %s, got %s, %v", want, locked.SQL, err)
	}
}

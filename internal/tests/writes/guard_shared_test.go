package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type gUnit struct {
	OrgCode, Code string
	ParentCode    *string
	Units         []*gUnit
	Parent        *gUnit
}

const gUnits = `
CREATE TABLE g_units (org_code TEXT NOT NULL, code TEXT NOT NULL, parent_code TEXT, PRIMARY KEY (org_code, code),
  FOREIGN KEY (org_code, parent_code) REFERENCES g_units (org_code, code));
INSERT INTO g_units VALUES ('x', 'a', NULL), ('x', 'b', 'a'), ('x', 'c', 'b'), ('y', 'a', NULL), ('y', 'b', NULL), ('y', 'c', 'b');`

// TestAcyclicOfAKeyThatSharesTheTenant moves rows by the one column that is not of their own primary key.
func TestAcyclicOfAKeyThatSharesTheTenant(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	units := dovetail.NewTable[gUnit](r, "g_units", dovetail.PrimaryKey("org_code", "code"))
	below := dovetail.HasMany(units, "units", units, dovetail.ForeignKey("org_code", "parent_code"), dovetail.Inverse("parent"), dovetail.Acyclic())
	unit := func(org, code, parent string) *gUnit {
		if parent == "" {
			return &gUnit{OrgCode: org, Code: code}
		}
		return &gUnit{OrgCode: org, Code: code, ParentCode: &parent}
	}
	kit.OnEach(t, gUnits, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		dump := func() []string {
			return kit.Texts(t, d.DB, "SELECT org_code || code || coalesce(parent_code, '-') FROM g_units ORDER BY org_code, code")
		}
		before := dump()
		// a lies above c in x, and not in y
		kit.Refused(t, dovetail.Save(ctx, d.DB, units, unit("x", "a", "c"), "parent_code"), dovetail.ErrCycle, "g_units.units")
		err := dovetail.SaveAll(ctx, d.DB, units, []*gUnit{unit("y", "a", "c"), unit("x", "a", "c")}, "parent_code")
		kit.Refused(t, err, dovetail.ErrCycle, "g_units.units")
		_, err = below.Move(ctx, d.DB, unit("x", "c", ""), unit("x", "a", ""))
		kit.Refused(t, err, dovetail.ErrCycle, "g_units.units")
		under := func(where squirrel.Eq) dovetail.Change[*gUnit] {
			return dovetail.Update(units).Set("parent_code", "c").Where(where)
		}
		_, err = under(squirrel.Eq{"code": "a"}).Exec(ctx, d.DB) // of both: what the rows have in the other column is read
		kit.Refused(t, err, dovetail.ErrCycle, "g_units.units")
		_, err = under(squirrel.Eq{"code": "a"}).Returning(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrCycle, "g_units.units")
		kit.Same(t, "after refusals", dump(), before...)

		n, err := under(squirrel.Eq{"org_code": "y", "code": "a"}).Exec(ctx, d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "updated", n, 1)
		back, err := under(squirrel.Eq{"org_code": "y", "code": "a"}).Returning(ctx, d.DB)
		kit.NoError(t, err)
		if len(back) != 1 || back[0].OrgCode != "y" || back[0].ParentCode == nil || *back[0].ParentCode != "c" {
			t.Errorf("expected the row as it is after, got %+v", back)
		}
		n, err = under(squirrel.Eq{"org_code": "z"}).Exec(ctx, d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "updated none", n, 0)
		kit.NoError(t, dovetail.Save(ctx, d.DB, units, unit("y", "a", "c"), "parent_code"))
		kit.NoError(t, dovetail.SaveAll(ctx, d.DB, units, []*gUnit{unit("x", "c", "a"), unit("x", "b", "c")}, "parent_code"))
		kit.NoError(t, dovetail.Save(ctx, d.DB, units, unit("y", "c", ""), "parent_code"))
		kit.Same(t, "after moves", dump(), "xa-", "xbc", "xca", "yac", "yb-", "yc-")
	})
}

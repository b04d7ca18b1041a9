package writes_test

import (
	"context"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Keys that are NULL in part point at nothing, whatever their other columns hold.

type (
	pnOrg struct {
		A, B  string
		Men   []*pnMan
		Badge *pnBadge
	}
	pnMan struct {
		ID         int64
		OrgA, OrgB *string
		Org        *pnOrg
	}
	pnBadge struct {
		ID         int64
		OrgA, OrgB *string
	}
	pnHouse struct{ ID int64 }
	pnNote  struct {
		ID     int64
		OfType *string
		OfID   *int64
	}
	pnPerson struct{ TenantID, ID int64 }
	pnTask   struct {
		ID                          int64
		TenantID, OwnerID, HelperID *int64
	}
)

const pnDDL = `
CREATE TABLE pn_orgs (a TEXT, b TEXT, PRIMARY KEY (a, b));
CREATE TABLE pn_men (id BIGINT PRIMARY KEY, org_a TEXT, org_b TEXT, FOREIGN KEY (org_a, org_b) REFERENCES pn_orgs);
CREATE TABLE pn_badges (id BIGINT PRIMARY KEY, org_a TEXT, org_b TEXT);
CREATE TABLE pn_houses (id BIGINT PRIMARY KEY);
CREATE TABLE pn_notes (id BIGINT PRIMARY KEY, of_type TEXT, of_id BIGINT);
CREATE TABLE pn_people (tenant_id BIGINT, id BIGINT, PRIMARY KEY (tenant_id, id));
CREATE TABLE pn_tasks (id BIGINT PRIMARY KEY, tenant_id BIGINT, owner_id BIGINT, helper_id BIGINT);
INSERT INTO pn_orgs VALUES ('1', '2'), ('o', 'p');
INSERT INTO pn_men VALUES (1, 'x', NULL), (2, NULL, 'y'), (3, NULL, NULL), (4, '1', NULL), (5, 'o', 'p');
INSERT INTO pn_badges VALUES (1, 'x', NULL), (2, 'o', 'p');
INSERT INTO pn_houses VALUES (1);
INSERT INTO pn_notes VALUES (1, 'car', NULL), (2, NULL, 7), (3, NULL, NULL), (4, 'car', 7);
INSERT INTO pn_people VALUES (1, 1), (2, 1);
INSERT INTO pn_tasks VALUES (1, 1, NULL, NULL), (2, 2, NULL, NULL), (3, NULL, 9, NULL), (4, 2, 1, NULL);`

type pnTables struct {
	orgs   *dovetail.Table[pnOrg]
	men    *dovetail.ToMany[*pnOrg, *pnMan]
	badge  *dovetail.ToOne[*pnOrg, *pnBadge]
	notes  *dovetail.ToMany[*pnHouse, *pnNote]
	owned  *dovetail.ToMany[*pnPerson, *pnTask]
	people *dovetail.Table[pnPerson]
}

func newPnTables() pnTables {
	r := dovetail.NewRegistry()
	orgs, houses := dovetail.NewTable[pnOrg](r, "pn_orgs", dovetail.PrimaryKey("a", "b")), dovetail.NewTable[pnHouse](r, "pn_houses")
	people, tasks := dovetail.NewTable[pnPerson](r, "pn_people", dovetail.PrimaryKey("tenant_id", "id"), dovetail.AssignedKey()), dovetail.NewTable[pnTask](r, "pn_tasks")
	key := dovetail.ForeignKey("org_a", "org_b")
	dovetail.HasMany(people, "helped", tasks, dovetail.ForeignKey("tenant_id", "helper_id"))
	return pnTables{
		orgs,
		dovetail.HasMany(orgs, "men", dovetail.NewTable[pnMan](r, "pn_men"), key, dovetail.Inverse("org")),
		dovetail.HasOne(orgs, "badge", dovetail.NewTable[pnBadge](r, "pn_badges"), key),
		dovetail.MorphMany(houses, "notes", dovetail.NewTable[pnNote](r, "pn_notes"), dovetail.MorphKey("of_type", "of_id"), dovetail.MorphValue("house")),
		dovetail.HasMany(people, "owned", tasks, dovetail.ForeignKey("tenant_id", "owner_id")),
		people,
	}
}

// TestAKeyThatIsNullInPartPointsAtNothing: such a row is linked by every call that links, and by none taken for one of another owner.
func TestAKeyThatIsNullInPartPointsAtNothing(t *testing.T) {
	t.Parallel()
	s, x, y, one := newPnTables(), "x", "y", "1"
	org := func() *pnOrg { return &pnOrg{A: "1", B: "2"} }
	men := func() []*pnMan { // as they are there
		return []*pnMan{{ID: 1, OrgA: &x}, {ID: 2, OrgB: &y}, {ID: 3}, {ID: 4, OrgA: &one}}
	}
	const allMen, oneMan = "1 1 2, 2 1 2, 3 1 2, 4 1 2, 5 o p", "1 1 2, 2 - y, 3 - -, 4 1 -, 5 o p"
	diff := func(n int) func(dovetail.Diff[*pnMan], error) (int64, error) {
		return func(d dovetail.Diff[*pnMan], err error) (int64, error) {
			if err == nil && (len(d.Added) != n || len(d.Removed)+len(d.Changed) > 0) {
				t.Errorf("expected %d to be added, got %+v", n, d)
			}
			return int64(len(d.Added)), err
		}
	}
	const asMen, asBadges, asNotes = "pn_men org_a org_b", "pn_badges org_a org_b", "pn_notes of_type of_id"
	const asTasks, sameTasks = "pn_tasks tenant_id owner_id", "1 1 -, 2 2 -, 3 - 9, 4 2 1"
	for name, tt := range map[string]struct {
		do    func(ctx context.Context, db dovetail.DB) (int64, error)
		table string
		rows  string // afterwards
		n     int64
		is    error
	}{
		"Link": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.men.Link(ctx, db, org(), men()...)
		}, asMen, allMen, 4, nil},
		"Move": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.men.Move(ctx, db, org(), men()...)
		}, asMen, allMen, 4, nil},
		"Replace": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return diff(4)(s.men.Replace(ctx, db, org(), men()...))
		}, asMen, allMen, 4, nil},
		"Sync": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return diff(4)(s.men.Sync(ctx, db, org(), men()...))
		}, asMen, allMen, 4, nil},
		"Sync of bare keys": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return diff(4)(s.men.Sync(ctx, db, org(), &pnMan{ID: 1}, &pnMan{ID: 2}, &pnMan{ID: 3}, &pnMan{ID: 4}))
		}, asMen, allMen, 4, nil},
		"Replace of what a row belongs to": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			d, err := s.men.Inverse().Replace(ctx, db, men()[0], org())
			if len(d.Removed) > 0 {
				t.Errorf("expected none before, got %v", d.Removed)
			}
			return int64(len(d.Added)), err
		}, asMen, oneMan, 1, nil},
		"Unlink": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.men.Unlink(ctx, db, org(), men()...)
		}, asMen, "1 x -, 2 - y, 3 - -, 4 1 -, 5 o p", 0, nil},
		"another owner": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.men.Link(ctx, db, org(), men()[0], &pnMan{ID: 5})
		}, asMen, "1 x -, 2 - y, 3 - -, 4 1 -, 5 o p", 0, dovetail.ErrInvalidRow},
		"HasOne": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			d, err := s.badge.Replace(ctx, db, org(), &pnBadge{ID: 1})
			return int64(len(d.Added)), err
		}, asBadges, "1 1 2, 2 o p", 1, nil},
		"a type without an id, and an id without a type": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.notes.Link(ctx, db, &pnHouse{ID: 1}, &pnNote{ID: 1}, &pnNote{ID: 2}, &pnNote{ID: 3})
		}, asNotes, "1 house 1, 2 house 1, 3 house 1, 4 car 7", 3, nil},
		"a whole reference": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.notes.Link(ctx, db, &pnHouse{ID: 1}, &pnNote{ID: 4})
		}, asNotes, "1 car -, 2 - 7, 3 - -, 4 car 7", 0, dovetail.ErrInvalidRow},
		"the tenant of the owner, and none": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.owned.Link(ctx, db, &pnPerson{1, 1}, &pnTask{ID: 1}, &pnTask{ID: 3})
		}, asTasks, "1 1 1, 2 2 -, 3 1 1, 4 2 1", 2, nil},
		"another tenant, which other keys share": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return s.owned.Link(ctx, db, &pnPerson{1, 1}, &pnTask{ID: 2})
		}, asTasks, sameTasks, 0, dovetail.ErrInvalidRow},
		"a row in hand that says another": {func(ctx context.Context, db dovetail.DB) (int64, error) {
			return 0, dovetail.Insert(s.orgs, &pnOrg{A: "7", B: "8", Men: []*pnMan{{ID: 9, OrgA: &x}}}).With("men").Exec(ctx, db)
		}, asMen, "1 x -, 2 - y, 3 - -, 4 1 -, 5 o p", 0, dovetail.ErrInvalidRow},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, pnDDL, func(t *testing.T, d kit.Database) {
				n, err := tt.do(t.Context(), d.DB)
				if tt.is != nil {
					kit.Refused(t, err, tt.is)
				} else {
					kit.NoError(t, err)
				}
				kit.Equal(t, "the number", n, tt.n)
				of := strings.Fields(tt.table)
				rows, err := kit.SQL[string](t.Context(), d.DB, "SELECT id || ' ' || coalesce(CAST("+of[1]+" AS TEXT), '-') || ' ' || coalesce(CAST("+of[2]+
					" AS TEXT), '-') FROM "+of[0]+" ORDER BY id")
				kit.NoError(t, err)
				kit.Equal(t, "the rows", strings.Join(rows, ", "), tt.rows)
			})
		})
	}
	kit.OnEach(t, pnDDL, func(t *testing.T, d kit.Database) {
		orgs := kit.All(t, d.DB, dovetail.Select(s.orgs).Preload("men").OrderBy("a"))
		if len(orgs[0].Men) != 0 || len(orgs[1].Men) != 1 {
			t.Errorf("expected the men of whole keys alone, got %v, %v", orgs[0].Men, orgs[1].Men)
		}
		n, err := dovetail.Select(s.orgs).Where(dovetail.Has("men")).Where(squirrel.Eq{"a": "1"}).Count(t.Context(), d.DB)
		if n != 0 || err != nil {
			t.Errorf("expected an org without men, got %d, %v", n, err)
		}
	})
}

package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	olUser struct {
		Tenant string
		ID     int64
		Card   *olCard
		Photo  *olPhoto
		Labels []*olLabel
	}
	olCard struct {
		Tenant string
		ID     int64
		UserID int64
		Gone   bool
		User   *olUser
		Badge  *olBadge
	}
	olBadge struct {
		ID        int64
		Tenant    string
		CardID    int64
		DeletedAt *time.Time
	}
	olPhoto struct {
		ID     int64
		Tenant string
		Kind   *string
		Item   *int64
	}
	olLabel struct {
		Tenant string
		ID     int64
		Gone   bool
	}
	olLabelling struct {
		Tenant  string
		Kind    string
		Item    int64
		LabelID int64
	}
)

type olTenant struct{}

// TestOneOfTheRowsThatAreSeen has to-one relations to tables with scopes: DDL makes sure of the one row among those that are seen
// together, Check finds and mends where nothing does, and a link's pair is unique whatever the scope of the row it leads to.
func TestOneOfTheRowsThatAreSeen(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	tenant := dovetail.Scope("tenant", sq.Eq{"tenant": dovetail.FromContext(func(ctx context.Context) (any, error) { return ctx.Value(olTenant{}), nil })})
	key := dovetail.PrimaryKey("tenant", "id")
	users := dovetail.NewTable[olUser](r, "user", tenant, key)
	cards := dovetail.NewTable[olCard](r, "card", tenant, key, dovetail.SoftDelete("gone"))
	badges := dovetail.NewTable[olBadge](r, "badge", tenant, dovetail.SoftDelete("deleted_at"))
	photos := dovetail.NewTable[olPhoto](r, "photo", tenant)
	labels := dovetail.NewTable[olLabel](r, "label", tenant, key, dovetail.SoftDelete("gone"))
	labellings := dovetail.NewTable[olLabelling](r, "labelling", tenant)
	dovetail.HasOne(users, "card", cards, dovetail.ForeignKey("tenant", "user_id"), dovetail.Inverse("user"))
	dovetail.HasOne(cards, "badge", badges, dovetail.ForeignKey("tenant", "card_id"))
	dovetail.MorphOne(users, "photo", photos, dovetail.MorphKey("kind", "item"), dovetail.MorphValue("user"), dovetail.References("id"))
	hasLabels := dovetail.MorphToMany(users, "labels", labels, labellings, dovetail.MorphKey("kind", "item"), dovetail.MorphValue("user"),
		dovetail.References("id"), dovetail.ForeignKey("tenant", "label_id"))
	user, item := "user", int64(1)
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		one, two := context.WithValue(t.Context(), olTenant{}, "1"), context.WithValue(t.Context(), olTenant{}, "true")
		kit.NoError(t, r.CreateAll(one, d.DB))
		check := func() []dovetail.Finding {
			findings, err := r.Check(one, d.DB)
			kit.NoError(t, err)
			return findings
		}
		if f := check(); len(f) > 0 {
			t.Fatalf("expected the tables to be as declared, got %v", f)
		}
		for _, ctx := range []context.Context{one, two} { // one id in two tenants
			kit.NoError(t, dovetail.Insert(users, &olUser{ID: 1}).Exec(ctx, d.DB))
			kit.NoError(t, dovetail.Insert(cards, &olCard{ID: 1, UserID: 1}, &olCard{ID: 2, UserID: 1, Gone: true}).Exec(ctx, d.DB))
			kit.NoError(t, dovetail.Insert(badges, &olBadge{CardID: 1}, &olBadge{CardID: 2, DeletedAt: &time.Time{}}).Exec(ctx, d.DB))
			kit.NoError(t, dovetail.Insert(photos, &olPhoto{ID: int64(len(ctx.Value(olTenant{}).(string))), Kind: &user, Item: &item}).
				Exec(ctx, d.DB))
			kit.NoError(t, dovetail.Insert(labels, &olLabel{ID: 1}).Exec(ctx, d.DB))
			n, err := hasLabels.Link(ctx, d.DB, &olUser{Tenant: ctx.Value(olTenant{}).(string), ID: 1}, &olLabel{Tenant: ctx.Value(olTenant{}).(string), ID: 1})
			kit.NoError(t, err)
			kit.Equal(t, "links", n, 1)
		}
		refused := func(what string, err error) {
			t.Helper()
			var constraint *dovetail.ConstraintError
			if !errors.As(err, &constraint) || constraint.Kind != dovetail.UniqueConstraint {
				t.Errorf("%s: expected a unique constraint to refuse the second, got %v", what, err)
			}
		}
		second := func() error { return dovetail.Insert(cards, &olCard{ID: 3, UserID: 1}).Exec(one, d.DB) }
		refused("card", second())
		refused("badge", dovetail.Insert(badges, &olBadge{CardID: 1}).Exec(one, d.DB))
		kit.NoError(t, dovetail.Insert(badges, &olBadge{CardID: 2}).Exec(one, d.DB))
		refused("photo", dovetail.Insert(photos, &olPhoto{ID: 9, Kind: &user, Item: &item}).Exec(one, d.DB))
		kit.NoError(t, dovetail.DeleteRows(one, d.DB, cards, &olCard{Tenant: "1", ID: 1}))
		kit.NoError(t, second())

		d.Exec(t, "DROP INDEX card_tenant_user_id_key")
		found := check()
		if len(found) != 1 || !strings.Contains(found[0].Problem, "two rows for one owner") || len(found[0].Mend) != 1 {
			t.Fatalf("expected that nothing keeps a card unique, got %v", found)
		}
		d.Exec(t, found[0].Mend[0])
		if f := check(); len(f) > 0 {
			t.Errorf("expected it to be mended, got %v", f)
		}
		refused("card", dovetail.Insert(cards, &olCard{ID: 4, UserID: 1}).Exec(one, d.DB))
	})
}

type (
	olOwner struct {
		ID    int64
		Prof  *olProf
		Every *olEvery
	}
	olHolder struct {
		ID   int64
		Prof *olProf
	}
	olProf struct {
		ID      int64
		OwnerID int64
		Gone    bool
	}
	olEvery struct {
		ID      int64
		OwnerID int64
		Gone    bool
	}
)

// TestOneOfTheMarkedRowsToo: a key of all rows keeps a row away that comes after one which is marked as deleted, and Check says so.
func TestOneOfTheMarkedRowsToo(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[olHolder](r, "owner")
	profs := dovetail.NewTable[olProf](r, "prof", dovetail.SoftDelete("gone"))
	dovetail.HasOne(owners, "prof", profs, dovetail.ForeignKey("owner_id"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		kit.NoError(t, r.CreateAll(ctx, d.DB))
		d.Exec(t, "DROP INDEX prof_owner_id_key; CREATE UNIQUE INDEX of_all ON prof (owner_id); INSERT INTO owner (id) VALUES (1)")
		prof := &olProf{OwnerID: 1}
		kit.NoError(t, dovetail.Insert(profs, prof).Exec(ctx, d.DB))
		kit.NoError(t, dovetail.DeleteRows(ctx, d.DB, profs, prof))
		another := func() error { return dovetail.Insert(profs, &olProf{OwnerID: 1}).Exec(ctx, d.DB) }
		if another() == nil {
			t.Error("expected the key to keep another row away")
		}
		found, err := r.Check(ctx, d.DB)
		kit.NoError(t, err)
		if len(found) != 1 || found[0].Severity != dovetail.SeverityWarning || found[0].Relation != "owner.prof" || len(found[0].Mend) > 0 ||
			!strings.Contains(found[0].Problem, "drop it by hand") {
			t.Fatalf("expected a warning of the key, got %v", found)
		}
		d.Exec(t, "DROP INDEX of_all")
		found, err = r.Check(ctx, d.DB)
		kit.NoError(t, err)
		if len(found) != 1 || len(found[0].Mend) != 1 {
			t.Fatalf("expected the index of the rows that are not marked, got %v", found)
		}
		d.Exec(t, found[0].Mend[0])
		kit.NoError(t, another())
	})
}

// TestOneRowOfEachBinding binds a table twice, with a soft delete and without: the relation says which of its rows there may be one of, and
// not which of the bindings was declared first. An index of another name is taken for the one that is asked for.
func TestOneRowOfEachBinding(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		everyFirst, oneOfAll bool
	}{
		"deleted rows are seen first": {true, false}, "deleted rows are seen last": {false, false},
		"also one of all, first": {true, true}, "also one of all, last": {false, true},
	} {
		r := dovetail.NewRegistry()
		owners := dovetail.NewTable[olOwner](r, "owner")
		var every *dovetail.Table[olEvery]
		bindEvery := func() {
			every = dovetail.NewTable[olEvery](r, "prof", dovetail.ScopesDiffer("the trash is read by it"))
		}
		if test.everyFirst {
			bindEvery()
		}
		profs := dovetail.NewTable[olProf](r, "prof", dovetail.SoftDelete("gone"))
		if !test.everyFirst {
			bindEvery()
		}
		dovetail.HasOne(owners, "prof", profs, dovetail.ForeignKey("owner_id"))
		options := []dovetail.RelationOption{dovetail.ForeignKey("owner_id")}
		if !test.oneOfAll {
			options = append(options, dovetail.OrderBy("id")) // the first of several
		}
		dovetail.HasOne(owners, "every", every, options...)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
				kit.NoError(t, r.CreateAll(t.Context(), d.DB))
				owner := &olOwner{}
				kit.NoError(t, dovetail.Insert(owners, owner).Exec(t.Context(), d.DB))
				prof := &olProf{OwnerID: owner.ID}
				kit.NoError(t, dovetail.Insert(profs, prof).Exec(t.Context(), d.DB))
				if err := dovetail.Insert(profs, &olProf{OwnerID: owner.ID}).Exec(t.Context(), d.DB); err == nil {
					t.Error("expected a second row to be refused")
				}
				kit.NoError(t, dovetail.DeleteRows(t.Context(), d.DB, profs, prof))
				err := dovetail.Insert(profs, &olProf{OwnerID: owner.ID}).Exec(t.Context(), d.DB)
				kit.Equal(t, "a row after one that was deleted", err == nil, !test.oneOfAll)
				if !test.oneOfAll {
					d.Exec(t, "DROP INDEX prof_owner_id_key")
					d.Exec(t, "CREATE UNIQUE INDEX of_another_name ON prof (owner_id) WHERE NOT gone")
				}
				findings, err := r.Check(t.Context(), d.DB)
				kit.NoError(t, err)
				kit.Equal(t, "findings", len(findings), 0)
			})
		})
	}
}

package reads_test

import (
	"context"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// A polymorphic reference by an enum and a UUID, of a tenant that is a UUID.

type asset struct {
	ID     string
	Tenant string
	Marks  []*mark
}

type mark struct {
	ID       int64
	ItemType assetKind
	ItemID   *string
	Item     any
	Asset    *asset
}

type assetKind string

const assetRows = `
INSERT INTO assets (id, tenant) VALUES
  ('00000000-0000-0000-0000-0000000000aa', '00000000-0000-0000-0000-0000000000f1'),
  ('00000000-0000-0000-0000-0000000000bb', '00000000-0000-0000-0000-0000000000f2');
INSERT INTO marks (id, item_type, item_id) VALUES
  (1, 'asset', '00000000-0000-0000-0000-0000000000aa'), (2, 'asset', '00000000-0000-0000-0000-0000000000bb'),
  (3, 'asset', NULL), (4, 'asset', '00000000-0000-0000-0000-0000000000aa');
`

func TestPolymorphicReferenceByEnumAndUUID(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	assets := dovetail.NewTable[asset](r, "assets", dovetail.Scope("tenant", sq.Eq{"tenant": dovetail.FromContext(
		func(ctx context.Context) (any, error) { return ctx.Value(models.TenantKey{}), nil })}))
	marks := dovetail.NewTable[mark](r, "marks")
	key := dovetail.MorphKey("item_type", "item_id")
	dovetail.MorphMany(assets, "marks", marks, key, dovetail.MorphValue("asset"), dovetail.Inverse("asset"))
	dovetail.MorphTo(marks, "item", key, dovetail.MorphType("asset", assets))
	test := func(t *testing.T, d kit.Database) {
		d.Exec(t, assetRows)
		tenant := "00000000-0000-0000-0000-0000000000f1"
		ctx := context.WithValue(t.Context(), models.TenantKey{}, &tenant)
		found, err := dovetail.Select(assets).Preload("marks.asset").Join("marks").Distinct().All(ctx, d.DB)
		if err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "assets", len(found), 1)
		kit.Same(t, "marks", kit.Pluck(found[0].Marks, func(m *mark) int64 { return m.ID }), 1, 4)
		all, err := dovetail.Select(marks).OrderBy("id").Preload("item").Preload("asset").All(ctx, d.DB)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []bool{true, false, false, true} { // the second is of another tenant
			a, ok := all[i].Item.(*asset)
			if ok != want || (all[i].Asset != nil) != want || want && a.Tenant != tenant {
				t.Errorf("mark %d: expected its asset: %v, got %v and %v", i+1, want, all[i].Item, all[i].Asset)
			}
		}
		n, err := dovetail.Select(marks).Has("asset").Count(ctx, d.DB)
		if err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "marks with an asset", n, 2)
		_, err = dovetail.Select(assets).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidQuery, "FromContext")
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, kit.PostgresPool(t, `CREATE TYPE asset_kind AS ENUM ('asset', 'other');
			CREATE TABLE assets (id UUID PRIMARY KEY, tenant UUID NOT NULL);
			CREATE TABLE marks (id BIGINT PRIMARY KEY, item_type asset_kind NOT NULL, item_id UUID);`))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, kit.SQLiteDB(t, `CREATE TABLE assets (id TEXT PRIMARY KEY, tenant TEXT NOT NULL);
			CREATE TABLE marks (id BIGINT PRIMARY KEY, item_type TEXT NOT NULL, item_id TEXT);`))
	})
}

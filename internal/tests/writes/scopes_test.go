package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Tables of which every tenant sees his own rows. Shops have goods, whose deletes are marked, and tags past a join table.

type sShop struct {
	ID       int64
	TenantID int64
	Name     string
	Goods    []*sGood
	Tags     []*sTag
}

type sGood struct {
	ID        int64
	TenantID  int64
	ShopID    *int64
	Name      string
	DeletedAt *time.Time
	Shop      *sShop
}

type sTag struct {
	ID       int64
	TenantID int64
	Word     string
}

type sShopTag struct{ ShopID, TagID int64 }

var (
	sSchema   = dovetail.NewRegistry()
	sTenant   = dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)})
	sShops    = dovetail.NewTable[sShop](sSchema, "shops", sTenant)
	sGoods    = dovetail.NewTable[sGood](sSchema, "goods", sTenant, dovetail.SoftDelete("deleted_at"))
	sTags     = dovetail.NewTable[sTag](sSchema, "tags", sTenant)
	sShopTags = dovetail.NewTable[sShopTag](sSchema, "shop_tags", dovetail.PrimaryKey("shop_id", "tag_id"))

	sShopGoods = dovetail.HasMany(sShops, "goods", sGoods, dovetail.ForeignKey("shop_id"))
	sGoodShop  = dovetail.BelongsTo(sGoods, "shop", sShops, dovetail.ForeignKey("shop_id"))
	sTagsOf    = dovetail.ManyToMany(sShops, "tags", sTags, sShopTags, dovetail.ThroughKeys("shop_id", "tag_id"))
)

// sDDL has a shop, goods and tags of each of the tenants 1 and 2; good 12 is marked as deleted. Names and words are unique.
const sDDL = `
CREATE TABLE shops (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, name TEXT NOT NULL UNIQUE);
CREATE TABLE goods (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, shop_id BIGINT, name TEXT NOT NULL UNIQUE,
  deleted_at TIMESTAMP);
CREATE TABLE tags (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, word TEXT NOT NULL);
CREATE TABLE shop_tags (shop_id BIGINT, tag_id BIGINT, PRIMARY KEY (shop_id, tag_id));
INSERT INTO shops VALUES (1, 1, 'one'), (2, 2, 'two');
INSERT INTO goods VALUES (11, 1, 1, 'apple', NULL), (12, 1, 1, 'pear', '2024-01-01 00:00:00'), (21, 2, 2, 'plum', NULL);
INSERT INTO tags VALUES (1, 1, 'red'), (2, 2, 'blue'), (3, 1, 'ripe');
INSERT INTO shop_tags VALUES (1, 1), (2, 2), (1, 2);`

// sAs is the context of a tenant; 0: of none.
func sAs(t *testing.T, tenant int64) context.Context {
	if tenant == 0 {
		return t.Context()
	}
	return context.WithValue(t.Context(), models.TenantKey{}, tenant)
}

// sAll is all that the tables hold.
func sAll(t *testing.T, d kit.Database) string {
	t.Helper()
	var all []string
	for _, q := range []dovetail.AnyQuery{
		dovetail.Select(sShops).Unscoped("tenant").Columns().Column("'shop ' || id || ' ' || tenant_id || ' ' || name").OrderBy("id"),
		dovetail.Select(sGoods).Unscoped("tenant", "deleted").Columns().Column("'good ' || id || ' ' || tenant_id || ' ' || " +
			"coalesce(shop_id, 0) || ' ' || name || CASE WHEN deleted_at IS NULL THEN '' ELSE ' gone' END").OrderBy("id"),
		dovetail.Select(sShopTags).Columns().Column("'tagged ' || shop_id || ' ' || tag_id").OrderBy("shop_id", "tag_id"),
	} {
		rows, err := dovetail.Collect[string](t.Context(), d.DB, q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	return strings.Join(all, "\n")
}

// sUnchanged runs calls that must change nothing.
func sUnchanged(t *testing.T, d kit.Database, calls map[string]func() error, is error) {
	t.Helper()
	for name, call := range calls {
		before := sAll(t, d)
		if err := call(); !errors.Is(err, is) {
			t.Errorf("%s: expected %v, got %v", name, is, err)
		}
		kit.Equal(t, name, sAll(t, d), before)
	}
}

// TestAConditionThatHoldsForEveryRowIsNone asks for writes by conditions in which there is nothing.
func TestAConditionThatHoldsForEveryRowIsNone(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, sDDL, func(t *testing.T, d kit.Database) {
		ctx, goods := sAs(t, 1), dovetail.Select(sGoods)
		none := map[string]any{
			"empty text": "", "spaces": "  ", "an empty expression": squirrel.Expr(""), "Eq": squirrel.Eq{}, "NotEq": squirrel.NotEq{},
			"And": squirrel.And{}, "Gt": squirrel.Gt{}, "nested": squirrel.And{squirrel.Eq{}, squirrel.And{squirrel.And{}}},
			"or all": squirrel.Or{squirrel.Eq{"id": 11}, squirrel.And{}}, "matching": dovetail.Matching(goods),
			"matching nothing": dovetail.Matching(goods.Where(squirrel.Eq{})), "not one of none": dovetail.Not(squirrel.Or{}),
			"not nothing": dovetail.Not(squirrel.Eq{}), "not matching": dovetail.Not(dovetail.Matching(goods)),
			"not among none": squirrel.NotEq{"id": []int64{}}, "not not": dovetail.Not(dovetail.Not(squirrel.And{})),
			"true": "TRUE", "one": "(1 = 1)", "an expression of it": squirrel.Expr("?", squirrel.Eq{}),
			"an empty expression within": squirrel.And{squirrel.Expr("")},
		}
		calls := map[string]func() error{}
		for name, pred := range none {
			calls["update, "+name] = func() error {
				_, err := dovetail.Update(sGoods).Set("name", "x").Where(pred).Exec(ctx, d.DB)
				return err
			}
			calls["delete, "+name] = func() error {
				_, err := dovetail.Delete(sGoods).Where(pred).Where(squirrel.Eq{}).Exec(ctx, d.DB)
				return err
			}
			calls["impact, "+name] = func() error {
				_, err := dovetail.Delete(sGoods).Where(pred).Impact(ctx, d.DB)
				return err
			}
		}
		sUnchanged(t, d, calls, dovetail.ErrMissingWhere)
		for name, pred := range map[string]any{
			"one among several": squirrel.And{squirrel.Eq{}, squirrel.Eq{"id": 99}}, "none of none": squirrel.Or{},
			"among none": squirrel.Eq{"id": []int64{}}, "not among some": squirrel.NotEq{"id": []int64{11, 21}},
		} {
			if n, err := dovetail.Delete(sGoods).Where(squirrel.Eq{}).Where(pred).Exec(ctx, d.DB); n != 0 || err != nil {
				t.Errorf("%s: expected no rows, got %d, %v", name, n, err)
			}
		}
	})
}

// TestRowsInHandAreWithinTheScope writes and reads rows of another tenant, and deleted ones, by their keys.
func TestRowsInHandAreWithinTheScope(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, sDDL, func(t *testing.T, d kit.Database) {
		one, two := sAs(t, 1), sAs(t, 2)
		plum, pear := func() *sGood { return &sGood{ID: 21, Name: "mine"} }, func() *sGood { return &sGood{ID: 12, Name: "mine"} }
		calls := func(ctx context.Context) map[string]func() error {
			return map[string]func() error{
				"save":                  func() error { return dovetail.Save(ctx, d.DB, sGoods, plum(), "name") },
				"save a deleted one":    func() error { return dovetail.Save(ctx, d.DB, sGoods, pear(), "name") },
				"refresh":               func() error { return dovetail.Refresh(ctx, d.DB, sGoods, plum()) },
				"refresh a deleted one": func() error { return dovetail.Refresh(ctx, d.DB, sGoods, pear()) },
				"delete":                func() error { return dovetail.DeleteRows(ctx, d.DB, sGoods, plum()) },
				"delete several":        func() error { return dovetail.DeleteRows(ctx, d.DB, sGoods, &sGood{ID: 11}, plum()) },
				"delete a deleted one":  func() error { return dovetail.DeleteRows(ctx, d.DB, sGoods, pear()) },
				"delete what others point at": func() error {
					return dovetail.DeleteRows(ctx, d.DB, sShops, &sShop{ID: 2})
				},
			}
		}
		sUnchanged(t, d, calls(one), dovetail.ErrNoRows)
		db := d.Record()
		d.DB = db
		sUnchanged(t, kit.Database{DB: db.DB, Name: d.Name}, calls(sAs(t, 0)), models.ErrNoTenant)
		db.Expect(t, 0, 0)

		held := plum()
		if err := dovetail.Refresh(one, d.DB, sGoods, held); err == nil || held.TenantID != 0 || held.Name != "mine" {
			t.Errorf("expected the struct as it was, got %+v, %v", held, err)
		}
		if err := dovetail.Refresh(two, d.DB, sGoods, held); err != nil || held.Name != "plum" {
			t.Errorf("expected the tenant's own, got %+v, %v", held, err)
		}
		held.Name = "damson"
		if err := dovetail.Save(two, d.DB, sGoods, held, "name"); err != nil {
			t.Fatal(err)
		}
		if err := dovetail.DeleteRows(two, d.DB, sGoods, held); err != nil {
			t.Fatal(err)
		}
		n, err := dovetail.Select(sGoods).Unscoped("deleted").Where("goods.deleted_at IS NOT NULL").Count(two, d.DB)
		if n != 1 || err != nil {
			t.Errorf("expected one deleted row of tenant 2 alone, got %d, %v", n, err)
		}
	})
}

// TestUpsertHoldsTheScope meets rows of another tenant, and deleted ones.
func TestUpsertHoldsTheScope(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, sDDL, func(t *testing.T, d kit.Database) {
		one := sAs(t, 1)
		for name, taken := range map[string]string{"another tenant's": "plum", "deleted": "pear"} {
			for _, set := range [][]string{nil, {"shop_id"}} {
				row := &sGood{ID: 31, TenantID: 1, Name: taken}
				before, held := sAll(t, d), *row
				other := &sGood{ID: 32, TenantID: 1, Name: "fig"}
				err := dovetail.Upsert(sGoods, other, row).OnConflict("name").Set(set...).Exec(one, d.DB)
				if !errors.Is(err, dovetail.ErrInvalidRow) || !strings.Contains(err.Error(), "out of scope (tenant, deleted)") {
					t.Errorf("%s, set %v: expected the error to say so, got %v", name, set, err)
				} else if strings.Contains(err.Error(), taken) {
					t.Errorf("%s: the error holds a value: %v", name, err)
				}
				kit.Equal(t, name, sAll(t, d), before)
				if *row != held {
					t.Errorf("%s: something was read into the struct: %+v", name, *row)
				}
			}
		}
		mine := &sGood{ID: 31, TenantID: 1, Name: "apple", ShopID: new(int64)}
		if err := dovetail.Upsert(sGoods, mine).OnConflict("name").Set("shop_id").Exec(one, d.DB); err != nil || mine.ID != 11 {
			t.Errorf("expected the tenant's own row to be changed, got %+v, %v", mine, err)
		}
		pear := &sGood{ID: 31, TenantID: 1, Name: "pear"}
		if err := dovetail.Upsert(sGoods, pear).OnConflict("name").Unscoped("deleted").Exec(one, d.DB); err != nil || pear.ID != 12 {
			t.Errorf("expected the deleted row to be read, got %+v, %v", pear, err)
		}
		if err := dovetail.Upsert(sGoods, pear).OnConflict("name").Set("deleted_at").Unscoped("deleted").Exec(one, d.DB); err != nil {
			t.Errorf("expected the deleted row to be changed, got %v", err)
		}
		plum := &sGood{ID: 31, TenantID: 1, Name: "plum"}
		for _, u := range []dovetail.Upsertion[*sGood]{
			dovetail.Upsert(sGoods, plum).OnConflict("name").Unscoped(), dovetail.Upsert(sGoods, plum).OnConflict("name").Unscoped("tenent"),
		} {
			if err := u.Exec(one, d.DB); !errors.Is(err, dovetail.ErrInvalidQuery) || !strings.Contains(err.Error(), `"tenant", "deleted"`) {
				t.Errorf("expected the scopes to be listed, got %v", err)
			}
		}
		db := d.Record()
		if err := dovetail.Upsert(sGoods, plum).OnConflict("name").Exec(sAs(t, 0), db); !errors.Is(err, models.ErrNoTenant) {
			t.Errorf("expected nobody to be logged in, got %v", err)
		}
		db.Expect(t, 0, 0)
	})
}

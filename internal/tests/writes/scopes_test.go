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

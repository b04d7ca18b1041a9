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

// sOften negates a condition n times.
func sOften(pred any, n int) any {
	for range n {
		pred = dovetail.Not(pred)
	}
	return pred
}

func sCollation(d kit.Database) string {
	if d.Postgres() {
		return `"C"`
	}
	return "nocase"
}

// sText is a condition of text with arguments, and sFlag a boolean of a type of its own.
type (
	sText struct {
		text string
		args []any
	}
	sFlag bool
)

// sWhere adds a condition.
func sWhere[C interface{ Where(any, ...any) C }](c C, pred any) C {
	if t, ok := pred.(sText); ok {
		return c.Where(t.text, t.args...)
	}
	return c.Where(pred)
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
			"not among none": squirrel.NotEq{"id": []int64{}}, "not not": dovetail.Not(dovetail.Not(squirrel.And{})),
			"true": "TRUE", "one": "(1 = 1)", "an expression of it": squirrel.Expr("?", squirrel.Eq{}),
			"an empty expression within": squirrel.And{squirrel.Expr("")},
			"no row among none":          dovetail.HasNone("shop", squirrel.Eq{"id": []int64{}}), "no row of none": dovetail.HasNone("shop", squirrel.Or{}),
			"every row of nothing": dovetail.HasEvery("shop", squirrel.Eq{}),
			"a comment":            "/* all */ true", "both true": "true AND true", "not false": "NOT FALSE", "in parentheses": "((true))",
			"two texts": "'a' = 'a'", "a cast": "CAST('1' AS integer) = 1 -- all", "a call": "lower('A') = 'a'", "not unknown": "NULL IS NULL",
			"an argument": squirrel.Expr("?", true), "two arguments": squirrel.Expr("? = ?", 1, 1), "one of a context": squirrel.Expr("? > 0", dovetail.FromContext(models.TenantOf)),
			"or a text": squirrel.Or{squirrel.Eq{"id": 11}, squirrel.Expr("2 > 1")}, "not a false text": dovetail.Not(squirrel.Expr("false")),
			"an empty search": dovetail.Contains("name", ""), "a like of anything": squirrel.Like{"name": "%%"}, "itself": squirrel.Eq{"id": dovetail.Col("id")},
			"itself by its path": squirrel.Eq{"id": dovetail.Col("self.id")}, "itself by the table": squirrel.LtOrEq{"goods.id": dovetail.Col("id")},
			"not other than itself": dovetail.Not(squirrel.NotEq{"id": dovetail.Col("id")}), "not less than itself, not": dovetail.Not(squirrel.Lt{"id": dovetail.Col("self.id")}),
			"not unlike anything":  dovetail.Not(squirrel.NotLike{"name": "%"}),
			"not less than itself": squirrel.GtOrEq{"id": dovetail.Col("id")}, "not, often": sOften(squirrel.Eq{}, 300),
			"a query of nothing": "EXISTS (SELECT 1)", "not a key without a value": squirrel.NotEq{"id": nil}, "among no values": squirrel.NotEq{"goods.id": []any{nil}},
			"not a missing name": dovetail.Not(squirrel.Eq{"self.name": nil}), "a collation": "'a' = 'a' COLLATE " + sCollation(d), "a blank case": "CASE WHEN true THEN 1 END = 1",
			"an empty condition beside a text": squirrel.Expr("? OR id = 1", squirrel.Eq{}), "one in a text": sText{"? OR id = 1", []any{squirrel.Eq{}}},
			"not among none in a text": sText{"id = 1 OR (?)", []any{squirrel.NotEq{"id": []int64{}}}}, "a text in a text": sText{"(id = 1) OR ?", []any{squirrel.Expr("1=1")}},
			"nested in a text": sText{"id = 1 OR ((NOT NOT ?) OR id = 2)", []any{squirrel.And{squirrel.Eq{}, squirrel.And{}}}}, "not of none in a text": sText{"id = 1 OR NOT ?", []any{squirrel.Or{}}},
			"both sides": sText{"? AND (id = 1 OR ?)", []any{squirrel.Eq{}, squirrel.And{}}}, "numbered": sText{"id = 1 OR $1", []any{squirrel.Eq{}}},
			"no row among none in a text": sText{"? OR id = 1", []any{dovetail.HasNone("shop", squirrel.Or{})}}, "matching in a text": sText{"? OR id = 1", []any{dovetail.Matching(goods)}},
			"within a call": sText{"coalesce(?, id = 1)", []any{squirrel.Eq{}}}, "within a case": sText{"CASE WHEN ? THEN true ELSE id = 1 END", []any{dovetail.Not(squirrel.Or{})}},
			"a literal beside": "id = 1 OR TRUE", "one that is a comparison": "id = 1 OR 2 > 1", "a range": "id BETWEEN 1 AND 2 OR 1 BETWEEN 0 AND 2",
			"a true argument beside": sText{"? OR id = 1", []any{sFlag(true)}}, "no filter": sText{"? = '' OR name = ?", []any{"", ""}}, "no filter, by NULL": sText{"? IS NULL OR name = ?", []any{(*string)(nil), nil}},
			"a value of a context beside": sText{"? = 1 OR id = 1", []any{dovetail.FromContext(models.TenantOf)}}, "a list that may be NULL": sText{"? IS NULL OR id = 1", []any{[]int64(nil)}},
			"what is not true of nothing": dovetail.HasEvery("shop", squirrel.And{}),
			"a long number":               "9007199254740993 <> 9007199254740992", "or a call": "id = 1 OR lower('A') = 'a'",
			"not one that never holds": dovetail.Not(squirrel.And{dovetail.Not(squirrel.Eq{}), squirrel.NotEq{"id": 1}}), "in a text": sText{"NOT (NOT ? AND id <> 1)", []any{squirrel.Eq{}}},
			"not what is not known": dovetail.Not(squirrel.And{squirrel.Expr("lower('A') = 'b'"), squirrel.NotEq{"id": 1}}), "the same as text": "NOT (lower('A') = 'b' AND id <> 1)",
			"only a comment": "/* all */", "a text within": squirrel.Expr("? AND ?", squirrel.Expr("1 = 1"), squirrel.Expr("2 = 2")),
		}
		if d.Postgres() {
			for _, text := range []string{
				"current_user = current_user", "localtimestamp > '2000-01-01'", "extract(year from now()) > 1", "1 = ANY(ARRAY[1])", "'a' SIMILAR TO 'a'",
				"1 BETWEEN SYMMETRIC 2 AND 0", "now() AT TIME ZONE 'utc' > '2000-01-01'", "(1 = 1) IS NOT UNKNOWN", "interval '1' day < interval '2 days'",
				"EXISTS (SELECT 1 FROM generate_series(1, 3) AS n)", "make_interval(days => 1) > interval '1 hour'",
			} {
				none[text] = text
			}
		}
		calls := map[string]func() error{}
		for name, pred := range none {
			calls["update, "+name] = func() error {
				_, err := sWhere(dovetail.Update(sGoods).Set("name", "x"), pred).Exec(ctx, d.DB)
				return err
			}
			calls["delete, "+name] = func() error {
				_, err := sWhere(dovetail.Delete(sGoods), pred).Where(squirrel.Eq{}).Exec(ctx, d.DB)
				return err
			}
			calls["impact, "+name] = func() error {
				_, err := sWhere(dovetail.Delete(sGoods), pred).Impact(ctx, d.DB)
				return err
			}
		}
		sUnchanged(t, d, calls, dovetail.ErrMissingWhere)
		if d.Postgres() {
			listed := sText{"CAST(? AS bigint[]) IS NULL OR id = ANY(?)", []any{[]int64{99}, []int64{99}}}
			if n, err := sWhere(dovetail.Delete(sGoods).Where(squirrel.Eq{}), listed).Exec(ctx, d.DB); n != 0 || err != nil {
				t.Errorf("a list that is there: expected no rows, got %d, %v", n, err)
			}
		}
		text := "x"
		for name, pred := range map[string]any{
			"one among several": squirrel.And{squirrel.Eq{}, squirrel.Eq{"id": 99}}, "none of none": squirrel.Or{},
			"among none": squirrel.Eq{"id": []int64{}}, "not among some": squirrel.NotEq{"id": []int64{11, 21}},
			"no value in what has one": squirrel.Eq{"id": nil}, "another row without a value": squirrel.And{squirrel.Eq{"id": 99}, dovetail.HasNone("shop", squirrel.Eq{"name": nil})},
			"false": "FALSE", "no number": "1 = 0", "a false argument": squirrel.Expr("?", false), "a text that names": "true AND id = 99",
			"an argument that names": squirrel.Expr("? = ?", squirrel.Expr("id"), 99), "a query": squirrel.Expr("(?) = ?", goods.Columns("id").Where("id = 99"), 99),
			"less than itself": squirrel.Lt{"id": dovetail.Col("id")}, "not, even more often": sOften(squirrel.Eq{"id": 99}, 300),
			"not nothing": dovetail.Not(squirrel.Eq{}), "not matching": dovetail.Not(dovetail.Matching(goods)), "nothing beside, not": dovetail.Not(squirrel.Or{squirrel.Eq{}, squirrel.Eq{"id": 11}}),
			"unknown": "NULL", "neither": "NOT NULL", "unknown beside": "NULL OR FALSE", "not true": "NOT (1 = 1)", "more than less": "1 > 2", "other texts": "'a' = 'b'",
			"a false argument of a name": squirrel.Expr("?", sFlag(false)), "NULL as an argument": squirrel.Expr("?", nil), "not always": dovetail.Not(squirrel.NotEq{"id": []int64{}}),
			"not like anything": dovetail.Not(squirrel.Like{"name": "%"}), "false beside": sText{"? OR id = 99", []any{false}}, "none of none beside": sText{"? OR id = 99", []any{squirrel.Or{}}},
			"a filter": sText{"? = '' OR name = ?", []any{"x", "x"}}, "not nothing in a text": sText{"NOT (?)", []any{squirrel.Eq{}}}, "a filter that is there": sText{"CAST(? AS text) IS NULL OR name = ?", []any{&text, "x"}}, "an empty one and another": sText{"? AND id = 99", []any{squirrel.Eq{}}},
			"numbers apart": sText{"? > 1 OR id = 99", []any{int32(1)}}, "in a query of its own": sText{"EXISTS (SELECT 1 WHERE ? AND id = 99)", []any{squirrel.Eq{}}},
			"a value that is an expression": sText{"id = ?", []any{squirrel.Expr("99 + 0")}},
			"one of two texts":              squirrel.Or{squirrel.Expr("1 = 0"), squirrel.Eq{"id": 99}}, "a related row": dovetail.Has("shop", squirrel.Expr("?", true), squirrel.Eq{"id": 99}),
		} {
			del := dovetail.Delete(sGoods).Where(squirrel.Eq{})
			if n, err := sWhere(del, pred).Exec(ctx, d.DB); n != 0 || err != nil {
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
				if !errors.Is(err, dovetail.ErrInvalidRow) || !strings.Contains(err.Error(), "out of its Scope (tenant, deleted)") {
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
		for said, u := range map[string]dovetail.Upsertion[*sGood]{
			`"tenant", "deleted"`:    dovetail.Upsert(sGoods, plum).OnConflict("name").Unscoped(),
			`did you mean "tenant"?`: dovetail.Upsert(sGoods, plum).OnConflict("name").Unscoped("tenent"),
		} {
			kit.Refused(t, u.Exec(one, d.DB), dovetail.ErrInvalidQuery, said)
		}
		db := d.Record()
		if err := dovetail.Upsert(sGoods, plum).OnConflict("name").Exec(sAs(t, 0), db); !errors.Is(err, models.ErrNoTenant) {
			t.Errorf("expected nobody to be logged in, got %v", err)
		}
		db.Expect(t, 0, 0)
	})
}

// sLinks are calls that link and unlink rows of other tenants, or of another tenant's shop.
func sLinks(ctx context.Context, db dovetail.DB) map[string]func() error {
	one, two := &sShop{ID: 1}, &sShop{ID: 2}
	apple, pear, plum := &sGood{ID: 11}, &sGood{ID: 12}, &sGood{ID: 21}
	red, blue, ripe := &sTag{ID: 1}, &sTag{ID: 2}, &sTag{ID: 3}
	with := func(tag *sTag) dovetail.Linked[sTag, sShopTag] {
		return dovetail.Linked[sTag, sShopTag]{Row: tag, Link: &sShopTag{}}
	}
	n := func(call func() (int64, error)) func() error {
		return func() error { _, err := call(); return err }
	}
	tags := func(call func() (dovetail.Diff[*sTag], error)) func() error {
		return func() error { _, err := call(); return err }
	}
	goods := func(call func() (dovetail.Diff[*sGood], error)) func() error {
		return func() error { _, err := call(); return err }
	}
	shops := func(call func() (dovetail.Diff[*sShop], error)) func() error {
		return func() error { _, err := call(); return err }
	}
	return map[string]func() error{
		"link, owner":         n(func() (int64, error) { return sTagsOf.Link(ctx, db, two, red) }),
		"link, far":           n(func() (int64, error) { return sTagsOf.Link(ctx, db, one, blue) }),
		"link, one of two":    n(func() (int64, error) { return sTagsOf.Link(ctx, db, one, ripe, blue) }),
		"link with, owner":    n(func() (int64, error) { return dovetail.LinkWith(ctx, db, sTagsOf, two, with(red)) }),
		"link with, far":      n(func() (int64, error) { return dovetail.LinkWith(ctx, db, sTagsOf, one, with(ripe), with(blue)) }),
		"unlink, owner":       n(func() (int64, error) { return sTagsOf.Unlink(ctx, db, two, blue) }),
		"unlink all, owner":   n(func() (int64, error) { return sTagsOf.UnlinkAll(ctx, db, two) }),
		"replace, owner":      tags(func() (dovetail.Diff[*sTag], error) { return sTagsOf.Replace(ctx, db, two) }),
		"replace, far":        tags(func() (dovetail.Diff[*sTag], error) { return sTagsOf.Replace(ctx, db, one, blue) }),
		"replace with, owner": tags(func() (dovetail.Diff[*sTag], error) { return dovetail.ReplaceWith(ctx, db, sTagsOf, two, with(red)) }),
		"replace with, far":   tags(func() (dovetail.Diff[*sTag], error) { return dovetail.ReplaceWith(ctx, db, sTagsOf, one, with(blue)) }),

		"key: link, owner":       n(func() (int64, error) { return sShopGoods.Link(ctx, db, two, apple) }),
		"key: link, far":         n(func() (int64, error) { return sShopGoods.Link(ctx, db, one, plum) }),
		"key: link, deleted":     n(func() (int64, error) { return sShopGoods.Link(ctx, db, one, pear) }),
		"key: move, owner":       n(func() (int64, error) { return sShopGoods.Move(ctx, db, two, apple) }),
		"key: move, far":         n(func() (int64, error) { return sShopGoods.Move(ctx, db, one, plum) }),
		"key: unlink, owner":     n(func() (int64, error) { return sShopGoods.Unlink(ctx, db, two, plum) }),
		"key: unlink all, owner": n(func() (int64, error) { return sShopGoods.UnlinkAll(ctx, db, two) }),
		"key: replace, owner":    goods(func() (dovetail.Diff[*sGood], error) { return sShopGoods.Replace(ctx, db, two) }),
		"key: replace, far":      goods(func() (dovetail.Diff[*sGood], error) { return sShopGoods.Replace(ctx, db, one, plum) }),

		"insert, far": func() error {
			return dovetail.Insert(sShops, &sShop{ID: 4, Name: "four", Tags: []*sTag{ripe, blue}}).WithLinks("tags").Exec(ctx, db)
		},
		"insert, pointing": func() error { return dovetail.Insert(sGoods, &sGood{ID: 41, Name: "kiwi", Shop: two}).Exec(ctx, db) },

		"to one: replace, owner":   shops(func() (dovetail.Diff[*sShop], error) { return sGoodShop.Replace(ctx, db, plum, one) }),
		"to one: replace, far":     shops(func() (dovetail.Diff[*sShop], error) { return sGoodShop.Replace(ctx, db, apple, two) }),
		"to one: replace, deleted": shops(func() (dovetail.Diff[*sShop], error) { return sGoodShop.Replace(ctx, db, pear, one) }),
		"to one: none, owner":      shops(func() (dovetail.Diff[*sShop], error) { return sGoodShop.Replace(ctx, db, plum, nil) }),
	}
}

// TestLinksAreWithinTheScopesOfTheirEnds links and unlinks rows of which one is another tenant's.
func TestLinksAreWithinTheScopesOfTheirEnds(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, sDDL, func(t *testing.T, d kit.Database) {
		sUnchanged(t, d, sLinks(sAs(t, 1), d.DB), dovetail.ErrNoRows)
		db := d.Record()
		sUnchanged(t, d, sLinks(sAs(t, 0), db), models.ErrNoTenant)
		db.Expect(t, 0, 0)

		ctx, shop := sAs(t, 1), &sShop{ID: 1}
		diff, err := sTagsOf.Replace(ctx, d.DB, shop, &sTag{ID: 3})
		if err != nil || len(diff.Added) != 1 || len(diff.Removed) != 1 || diff.Removed[0].ID != 1 {
			t.Errorf("expected tag 3 in place of tag 1, got %+v, %v", diff, err)
		}
		for what, call := range map[string]func() (int64, error){
			"another tenant's tag": func() (int64, error) { return sTagsOf.Unlink(ctx, d.DB, shop, &sTag{ID: 2}) },
		} {
			if n, err := call(); n != 0 || err != nil {
				t.Errorf("%s: expected none to be unlinked, got %d, %v", what, n, err)
			}
		}
		if n, err := sTagsOf.UnlinkAll(ctx, d.DB, shop); n != 1 || err != nil {
			t.Errorf("expected the tenant's tag to be unlinked, got %d, %v", n, err)
		}
		if n, err := sTagsOf.Link(ctx, d.DB, shop, &sTag{ID: 1}, &sTag{ID: 3}); n != 2 || err != nil {
			t.Errorf("expected two tags to be linked, got %d, %v", n, err)
		}
		kiwi := &sGood{ID: 41, Name: "kiwi", Shop: shop}
		if err := dovetail.Insert(sGoods, kiwi).Exec(ctx, d.DB); err != nil || *kiwi.ShopID != 1 {
			t.Errorf("expected a good of the tenant's shop, got %+v, %v", kiwi, err)
		}
		if err := dovetail.DeleteRows(ctx, d.DB, sGoods, kiwi); err != nil {
			t.Error(err)
		}
		if n, err := sShopGoods.UnlinkAll(ctx, d.DB, shop); n != 1 || err != nil {
			t.Errorf("expected the good that is not deleted to be unlinked, got %d, %v", n, err)
		}
		if n, err := sShopGoods.Link(ctx, d.DB, shop, &sGood{ID: 11}); n != 1 || err != nil {
			t.Errorf("expected a good to be linked, got %d, %v", n, err)
		}
		if !strings.Contains(sAll(t, d), "good 12 1 1 pear gone\ngood 21 2 2 plum\ngood 41 1 1 kiwi gone\ntagged 1 1\ntagged 1 2\ntagged 1 3\ntagged 2 2") {
			t.Errorf("unexpected rows:\n%s", sAll(t, d))
		}
	})
}

// TestRowsOfAnotherTenantAreNotThere reads them, by their keys too, and writes them by conditions.
func TestRowsOfAnotherTenantAreNotThere(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, sDDL, func(t *testing.T, d kit.Database) {
		ctx, goods, shops := sAs(t, 1), dovetail.Select(sGoods), dovetail.Select(sShops)
		sUnchanged(t, d, map[string]func() error{
			"get":           func() error { _, err := shops.Get(ctx, d.DB, 2); return err },
			"one":           func() error { _, err := goods.Where(squirrel.Eq{"name": "plum"}).One(ctx, d.DB); return err },
			"a deleted one": func() error { _, err := goods.Get(ctx, d.DB, 12); return err },
			"in the trash":  func() error { _, err := goods.Unscoped("deleted").Get(ctx, d.DB, 21); return err },
		}, dovetail.ErrNoRows)
		for what, q := range map[string]dovetail.Query[*sGood]{
			"apple":             goods,
			"apple, pear":       goods.Unscoped("deleted"),
			"apple, plum":       goods.Unscoped("tenant"),
			"apple, pear, plum": goods.Unscoped("tenant", "deleted"),
		} {
			rows, err := q.OrderBy("name").All(ctx, d.DB)
			if err != nil {
				t.Fatal(err)
			}
			kit.Equal(t, what, strings.Join(kit.Pluck(rows, func(g *sGood) string { return g.Name }), ", "), what)
		}
		for what, call := range map[string]func() (int64, error){
			"update": func() (int64, error) {
				return dovetail.Update(sGoods).Set("name", "mine").Where(squirrel.Eq{"id": []int64{12, 21}}).Exec(ctx, d.DB)
			},
			"update in the trash": func() (int64, error) {
				return dovetail.Update(sGoods).Set("name", "mine").Where(squirrel.Eq{"id": 21}).Unscoped("deleted").Exec(ctx, d.DB)
			},
			"delete": func() (int64, error) {
				return dovetail.Delete(sGoods).Where(squirrel.Eq{"id": []int64{12, 21}}).Exec(ctx, d.DB)
			},
			"delete in the trash": func() (int64, error) {
				return dovetail.Delete(sGoods).Where(squirrel.Eq{"id": 21}).Unscoped("deleted").Hard().Exec(ctx, d.DB)
			},
			"delete by another": func() (int64, error) {
				return dovetail.Delete(sGoods).Where(squirrel.Eq{"shop.name": "two"}).Unscoped("tenant").Exec(ctx, d.DB)
			},
		} {
			if n, err := call(); n != 0 || err != nil {
				t.Errorf("%s: expected no rows, got %d, %v", what, n, err)
			}
		}
		held := []*sShop{{ID: 1}, {ID: 2}}
		for _, path := range []string{"goods", "tags"} {
			if err := dovetail.Load(ctx, d.DB, sShops, held, path); err != nil {
				t.Fatal(err)
			}
		}
		if len(held[0].Goods) != 1 || len(held[0].Tags) != 1 || len(held[1].Goods)+len(held[1].Tags) != 0 {
			t.Errorf("expected what is the tenant's, got %+v and %+v", held[0], held[1])
		}
		trash, err := shops.Preload("goods").UnscopedAt("goods", "deleted").All(ctx, d.DB)
		if err != nil || len(trash) != 1 || len(trash[0].Goods) != 2 {
			t.Errorf("expected one shop with two goods, got %+v", trash)
		}
	})
}

// TestBindingsOfOneTableAgree declares a table twice.
func TestBindingsOfOneTableAgree(t *testing.T) {
	t.Parallel()
	type row struct {
		ID        int64
		TenantID  int64
		Kind      string
		DeletedAt *time.Time
	}
	type other row
	tenant := func() dovetail.TableOption {
		return dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)})
	}
	someone := func(context.Context) (any, error) { return int64(1), nil }
	kinds := func(args ...any) dovetail.TableOption {
		return dovetail.Scope("kind", squirrel.Or{squirrel.Eq{"kind": args}, dovetail.Not("kind = ? OR tenant_id > ?", "x", 1), dovetail.Contains("kind", "a")})
	}
	ids := dovetail.Scope("ids", squirrel.Eq{"id": dovetail.Select(sGoods).Columns("id")})
	soft := dovetail.SoftDelete("deleted_at")
	opts := func(list ...dovetail.TableOption) []dovetail.TableOption { return list }
	for name, test := range map[string]struct {
		a, b []dovetail.TableOption
		ok   bool
	}{
		"none":                  {ok: true},
		"the same":              {opts(tenant(), soft), opts(soft, tenant()), true},
		"one option":            {opts(sTenant), opts(sTenant), true},
		"one with a query":      {opts(ids), opts(ids), true},
		"of many forms":         {opts(kinds("a", "b")), opts(kinds("a", "b")), true},
		"other values":          {opts(kinds("a", "b")), opts(kinds("a", "c")), false},
		"one without":           {opts(tenant()), nil, false},
		"the other without":     {nil, opts(tenant()), false},
		"soft delete":           {opts(tenant(), soft), opts(tenant()), false},
		"other name":            {opts(dovetail.Scope("a", squirrel.Eq{"kind": "x"})), opts(dovetail.Scope("b", squirrel.Eq{"kind": "x"})), false},
		"other value":           {opts(dovetail.Scope("a", squirrel.Eq{"kind": "x"})), opts(dovetail.Scope("a", squirrel.Eq{"kind": "y"})), false},
		"other text":            {opts(dovetail.Scope("a", "kind = ?", "x")), opts(dovetail.Scope("a", "kind <> ?", "x")), false},
		"other form":            {opts(dovetail.Scope("a", squirrel.Eq{"kind": "x"})), opts(dovetail.Scope("a", "kind = ?", "x")), false},
		"other function":        {opts(tenant()), opts(dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(someone)})), false},
		"said":                  {opts(tenant(), soft), opts(dovetail.ScopesDiffer("the archive")), true},
		"said of the first":     {opts(dovetail.ScopesDiffer("the archive")), opts(tenant()), true},
		"said without a reason": {opts(tenant()), opts(dovetail.ScopesDiffer("")), false},
	} {
		r := dovetail.NewRegistry()
		dovetail.NewTable[row](r, "rows", test.a...)
		dovetail.NewTable[other](r, "rows", test.b...)
		dovetail.NewTable[row](r, "rows", dovetail.Schema("elsewhere"))
		err := r.Validate()
		if test.ok && err != nil || !test.ok && !errors.Is(err, dovetail.ErrInvalidRelation) {
			t.Errorf("%s: expected ok %v, got %v", name, test.ok, err)
		}
	}
}

// TestBindingsThatMayBeOneTableAgree declares a table twice, by names that a database may take for one: SQLite, whatever their case, and each
// with and without the schema that it looks into by itself.
func TestBindingsThatMayBeOneTableAgree(t *testing.T) {
	t.Parallel()
	type row struct{ ID, TenantID int64 }
	type other row
	tenant := dovetail.Scope("tenant", squirrel.Eq{"tenant_id": 1})
	for name, test := range map[string]struct {
		name, schema   string // of one
		name2, schema2 string // of the other, without the scope
		one            bool
	}{
		"public":              {"rows", "", "rows", "public", true},
		"public of the first": {"rows", "public", "rows", "", true},
		"main":                {"rows", "main", "rows", "", true},
		"main, in capitals":   {"rows", "", "rows", "MAIN", true},
		"case":                {"rows", "", "Rows", "", true},
		"case of a schema":    {"rows", "archive", "rows", "Archive", true},
		"both":                {"Rows", "public", "rows", "", true},
		"another schema":      {"rows", "", "rows", "archive", false},
		"another name":        {"rows", "", "rows_2", "public", false},
	} {
		declare := func(second ...dovetail.TableOption) error {
			r := dovetail.NewRegistry()
			dovetail.NewTable[row](r, test.name, tenant, dovetail.Schema(test.schema))
			dovetail.NewTable[other](r, test.name2, append(second, dovetail.Schema(test.schema2))...)
			return r.Validate()
		}
		if err := declare(); errors.Is(err, dovetail.ErrInvalidRelation) != test.one || err != nil && !strings.Contains(err.Error(), "ScopesDiffer") {
			t.Errorf("%s: expected to be taken for one %v, got %v", name, test.one, err)
		}
		for _, option := range []dovetail.TableOption{tenant, dovetail.ScopesDiffer("another table")} {
			if err := declare(option); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestConstantsOfAScopeAreKept fills, refuses and keeps the tenant of rows that are written.
func TestConstantsOfAScopeAreKept(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, sDDL, func(t *testing.T, d kit.Database) {
		ctx := sAs(t, 1)
		named := squirrel.Eq{"name": "apple"}
		set := func(value any) dovetail.Change[*sGood] {
			return dovetail.Update(sGoods).Set("tenant_id", value).Where(named)
		}
		exec := func(c dovetail.Change[*sGood]) func() error {
			return func() error { _, err := c.Exec(ctx, d.DB); return err }
		}
		foreign := &sGood{ID: 31, TenantID: 2, Name: "fig"}
		sUnchanged(t, d, map[string]func() error{
			"set":          exec(set(2)),
			"set zero":     exec(set(0)),
			"set by SQL":   exec(set(squirrel.Expr("tenant_id + 0"))),
			"set, deleted": exec(set(2).Unscoped("deleted")),
			"save":         func() error { return dovetail.Save(ctx, d.DB, sGoods, &sGood{ID: 11, TenantID: 2}, "tenant_id") },
			"save zero":    func() error { return dovetail.Save(ctx, d.DB, sGoods, &sGood{ID: 11}, "tenant_id") },
			"insert":       func() error { return dovetail.Insert(sGoods, foreign).Exec(ctx, d.DB) },
			"upsert":       func() error { return dovetail.Upsert(sGoods, foreign).OnConflict("name").Exec(ctx, d.DB) },
			"upsert, set": func() error {
				return dovetail.Upsert(sGoods, foreign).OnConflict("id").Set("tenant_id").Exec(ctx, d.DB)
			},
			"below a shop": func() error {
				return dovetail.Insert(sShops, &sShop{ID: 3, Name: "three", Goods: []*sGood{foreign}}).With("goods").Exec(ctx, d.DB)
			},
		}, dovetail.ErrInvalidRow)
		db := d.Record()
		for name, call := range map[string]func() error{
			"insert": func() error { return dovetail.Insert(sGoods, &sGood{ID: 31, Name: "fig"}).Exec(sAs(t, 0), db) },
			"set":    func() error { _, err := set(1).Exec(sAs(t, 0), db); return err },
		} {
			if err := call(); !errors.Is(err, models.ErrNoTenant) {
				t.Errorf("%s: expected nobody to be logged in, got %v", name, err)
			}
		}
		db.Expect(t, 0, 0)

		fig := &sGood{ID: 31, Name: "fig"}
		if err := dovetail.Upsert(sGoods, fig).OnConflict("name").Exec(ctx, d.DB); err != nil || fig.TenantID != 1 {
			t.Errorf("expected the tenant to be filled, got %+v, %v", fig, err)
		}
		if err := dovetail.Save(ctx, d.DB, sGoods, fig, "tenant_id", "name"); err != nil {
			t.Errorf("expected the tenant that it is to be written, got %v", err)
		}
		for name, c := range map[string]dovetail.Change[*sGood]{"what it is": set(1), "by its words": set(2).Unscoped("tenant")} {
			if n, err := c.Where(squirrel.Eq{"tenant_id": 1}).Exec(ctx, d.DB); n > 1 || err != nil {
				t.Errorf("%s: got %d, %v", name, n, err)
			}
		}
		moved := dovetail.Upsert(sGoods, &sGood{ID: 32, TenantID: 2, Name: "lime"}).OnConflict("name").Unscoped("tenant")
		if err := moved.Exec(ctx, d.DB); err != nil {
			t.Errorf("expected a row of another tenant where that is meant, got %v", err)
		}
	})
}

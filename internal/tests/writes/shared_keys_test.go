package writes_test

import (
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Foreign keys that share a column, with the primary key of their own table or with each other, as where every key begins with the
// tenant's.

type sharedEmployee struct {
	CompanyID, ID int64
	BossID        *int64
	Reports       []*sharedEmployee
	Boss          *sharedEmployee
}

type sharedProduct struct {
	ShopID, ID int64
	Tags       []dovetail.Linked[sharedTag, sharedProductTag]
}

type sharedTag struct{ ShopID, ID int64 }

type sharedProductTag struct {
	ShopID, ProductID, TagID int64
	Pos                      int64
}

type sharedOrder struct {
	ID, ShopID int64
	Lines      []*sharedLine
}

type sharedLine struct {
	ID, ShopID int64
	OrderID    int64
}

const sharedKeys = `
CREATE TABLE employees (company_id BIGINT NOT NULL, id BIGINT NOT NULL, boss_id BIGINT, PRIMARY KEY (company_id, id),
  FOREIGN KEY (company_id, boss_id) REFERENCES employees (company_id, id));
CREATE TABLE products (shop_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (shop_id, id));
CREATE TABLE tags (shop_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (shop_id, id));
CREATE TABLE product_tags (shop_id BIGINT NOT NULL, product_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, pos BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, product_id, tag_id),
  FOREIGN KEY (shop_id, product_id) REFERENCES products (shop_id, id), FOREIGN KEY (shop_id, tag_id) REFERENCES tags (shop_id, id));
INSERT INTO employees VALUES (1, 1, NULL), (1, 2, NULL), (1, 3, 1), (2, 1, NULL), (2, 2, 1);
INSERT INTO products VALUES (7, 1), (7, 2), (8, 1);
INSERT INTO tags VALUES (7, 1), (7, 2), (7, 3), (8, 1);
`

func TestARowKeepsThePrimaryKeyThatAForeignKeyShares(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	employees := dovetail.NewTable[sharedEmployee](r, "employees", dovetail.PrimaryKey("company_id", "id"))
	reports := dovetail.HasMany(employees, "reports", employees, dovetail.ForeignKey("company_id", "boss_id"))
	boss := dovetail.BelongsTo(employees, "boss", employees, dovetail.ForeignKey("company_id", "boss_id"))
	kit.OnEach(t, sharedKeys, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		one := func() *sharedEmployee { return &sharedEmployee{CompanyID: 1, ID: 1} }
		other := func() *sharedEmployee { return &sharedEmployee{CompanyID: 2, ID: 2} }
		dump := func() []string {
			return kit.Texts(t, d.DB, "SELECT company_id || '.' || id || '<' || coalesce(boss_id, 0) FROM employees ORDER BY company_id, id")
		}
		before := dump()
		for name, call := range map[string]func() error{
			"Link": func() error {
				_, err := reports.Link(ctx, d.DB, one(), &sharedEmployee{CompanyID: 2, ID: 1})
				return err
			},
			"Move": func() error { _, err := reports.Move(ctx, d.DB, one(), other()); return err },
			"Replace": func() error {
				_, err := reports.Replace(ctx, d.DB, one(), &sharedEmployee{CompanyID: 2, ID: 1})
				return err
			},
			"Replace of the boss": func() error { _, err := boss.Replace(ctx, d.DB, one(), other()); return err },
			"Add":                 func() error { return reports.Add(one(), other()) },
			"Set":                 func() error { return boss.Set(other(), one()) },
		} {
			err := call()
			kit.Refused(t, err, dovetail.ErrInvalidRow, `column "company_id" is of the primary key of "employees"`)
			kit.Same(t, "employees after "+name, dump(), before...)
		}
		// Within the company all is as elsewhere, and no key is written.
		db := d.Record()
		if n, err := reports.Link(ctx, db, one(), &sharedEmployee{CompanyID: 1, ID: 2}); err != nil || n != 1 {
			t.Errorf("expected to link one, got %d, %v", n, err)
		}
		if n, err := reports.Move(ctx, db, &sharedEmployee{CompanyID: 1, ID: 2}, &sharedEmployee{CompanyID: 1, ID: 3}); err != nil || n != 1 {
			t.Errorf("expected to move one, got %d, %v", n, err)
		}
		if _, err := boss.Replace(ctx, db, &sharedEmployee{CompanyID: 1, ID: 2}, nil); err != nil {
			t.Error(err)
		}
		kit.Same(t, "bosses", dump(),
			"1.1<0", "1.2<0", "1.3<2", "2.1<0", "2.2<1")
		for _, stmt := range db.Stmts {
			if strings.Contains(stmt.SQL, `SET "company_id"`) {
				t.Errorf("expected no key to be written, got %s", stmt.SQL)
			}
		}
		added := &sharedEmployee{ID: 9}
		if err := reports.Add(one(), added); err != nil || added.CompanyID != 1 || *added.BossID != 1 {
			t.Errorf("expected a new row to get the whole key, got %+v, %v", added, err)
		}
	})
}

func TestInsertTakesTheColumnsOfAKeyThatAreKnown(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	orders, lines := dovetail.NewTable[sharedOrder](r, "orders"), dovetail.NewTable[sharedLine](r, "lines")
	dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("shop_id", "order_id"), dovetail.References("shop_id", "id"))
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		if err := r.CreateAll(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		order := &sharedOrder{ShopID: 7, Lines: []*sharedLine{{ShopID: 7}, {}}}
		if err := dovetail.Insert(orders, order).With("lines").Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		for _, l := range order.Lines {
			if l.ShopID != 7 || l.OrderID != order.ID || l.OrderID == 0 {
				t.Errorf("expected the whole key, got %+v", l)
			}
		}
		for name, line := range map[string]*sharedLine{"of another shop": {ShopID: 8}, "of another order": {ShopID: 7, OrderID: 1}} {
			err := dovetail.Insert(orders, &sharedOrder{ShopID: 7, Lines: []*sharedLine{line}}).With("lines").Exec(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrInvalidRow, "points at another row")
			if n := kit.Texts(t, d.DB, "SELECT count(*) FROM orders")[0]; n != "1" {
				t.Errorf("%s: there are %s orders", name, n)
			}
		}
	})
}

func TestLinksWhoseKeysShareAColumn(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	products := dovetail.NewTable[sharedProduct](r, "products", dovetail.PrimaryKey("shop_id", "id"))
	tags := dovetail.NewTable[sharedTag](r, "tags", dovetail.PrimaryKey("shop_id", "id"))
	links := dovetail.NewTable[sharedProductTag](r, "product_tags", dovetail.PrimaryKey("shop_id", "product_id", "tag_id"))
	productTags := dovetail.ManyToMany(products, "tags", tags, links,
		dovetail.ThroughKeys([]string{"shop_id", "product_id"}, []string{"shop_id", "tag_id"}), dovetail.OnDelete(dovetail.Cascade))
	kit.OnEach(t, sharedKeys, func(t *testing.T, d kit.Database) {
		ctx, product := t.Context(), &sharedProduct{ShopID: 7, ID: 1}
		tag := func(id int64) *sharedTag { return &sharedTag{ShopID: 7, ID: id} }
		expect := func(after string, want ...string) {
			t.Helper()
			kit.Same(t, after, kit.Texts(t, d.DB, "SELECT shop_id || '.' || product_id || '.' || tag_id || ':' || pos FROM product_tags ORDER BY 1"), want...)
		}
		if n, err := productTags.Link(ctx, d.DB, product, tag(1), tag(2)); err != nil || n != 2 {
			t.Errorf("expected two links, got %d, %v", n, err)
		}
		expect("Link", "7.1.1:0", "7.1.2:0")
		linked := func(id, pos int64) dovetail.Linked[sharedTag, sharedProductTag] {
			return dovetail.Linked[sharedTag, sharedProductTag]{Row: tag(id), Link: &sharedProductTag{Pos: pos}}
		}
		if _, err := dovetail.LinkWith(ctx, d.DB, productTags, product, linked(2, 5), linked(3, 6)); err != nil {
			t.Error(err)
		}
		expect("LinkWith", "7.1.1:0", "7.1.2:5", "7.1.3:6")
		if _, err := dovetail.ReplaceWith(ctx, d.DB, productTags, product, linked(3, 1), linked(1, 2)); err != nil {
			t.Error(err)
		}
		expect("ReplaceWith", "7.1.1:2", "7.1.3:1")
		if diff, err := productTags.Replace(ctx, d.DB, product, tag(2), tag(3)); err != nil || len(diff.Added) != 1 || len(diff.Removed) != 1 {
			t.Errorf("expected one in and one out, got %+v, %v", diff, err)
		}
		expect("Replace", "7.1.2:0", "7.1.3:1")
		if n, err := productTags.Unlink(ctx, d.DB, product, tag(2)); err != nil || n != 1 {
			t.Errorf("expected one less, got %d, %v", n, err)
		}
		expect("Unlink", "7.1.3:1")
		_, err := productTags.Link(ctx, d.DB, product, &sharedTag{ShopID: 8, ID: 1})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `column "shop_id" of a link is of the keys of both its rows, which differ in it`)
		fresh := &sharedProduct{ShopID: 7, ID: 9, Tags: []dovetail.Linked[sharedTag, sharedProductTag]{linked(1, 4)}}
		if err := dovetail.Insert(products, fresh).WithLinks("tags").Exec(ctx, d.DB); err != nil {
			t.Error(err)
		}
		expect("WithLinks", "7.1.3:1", "7.9.1:4")
		if _, err := dovetail.Delete(products).Where(squirrel.Eq{"id": 1, "shop_id": 7}).Exec(ctx, d.DB); err != nil {
			t.Error(err)
		}
		expect("Delete", "7.9.1:4")
	})
}

func TestNoUniqueKeyTellsALink(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	products := dovetail.NewTable[sharedProduct](r, "products", dovetail.PrimaryKey("shop_id", "id"))
	tags := dovetail.NewTable[sharedTag](r, "tags", dovetail.PrimaryKey("shop_id", "id"))
	links := dovetail.NewTable[sharedProductTag](r, "product_tags", dovetail.PrimaryKey("shop_id", "product_id", "tag_id"))
	productTags := dovetail.ManyToMany(products, "tags", tags, links,
		dovetail.ThroughKeys([]string{"shop_id", "product_id"}, []string{"shop_id", "tag_id"}))
	kit.OnEach(t, sharedKeys, func(t *testing.T, d kit.Database) {
		d.Exec(t, `DROP TABLE product_tags; CREATE TABLE product_tags (shop_id BIGINT, product_id BIGINT, tag_id BIGINT, pos BIGINT DEFAULT 0)`)
		_, err := productTags.Link(t.Context(), d.DB, &sharedProduct{ShopID: 7, ID: 1}, &sharedTag{ShopID: 7, ID: 1})
		kit.Refused(t, err, dovetail.ErrUnsupported, `no unique key of "product_tags"`, "create one")
		err = dovetail.Upsert(links, &sharedProductTag{ShopID: 7, ProductID: 1, TagID: 1}).OnConflict("tag_id").Set("pos").Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, `no unique key of "product_tags"`, "OnConflict")
	})
}

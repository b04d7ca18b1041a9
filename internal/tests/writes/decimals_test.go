package writes_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type decimalOrder struct {
	ID    int64
	Items []dovetail.Linked[decimalItem, decimalLine]
}

type decimalItem struct{ ID int64 }

type decimalLine struct {
	OrderID, ItemID int64
	Price           string
}

const decimalDDL = `CREATE TABLE dc_orders (id BIGINT PRIMARY KEY);
CREATE TABLE dc_items (id BIGINT PRIMARY KEY);
CREATE TABLE dc_lines (order_id BIGINT NOT NULL, item_id BIGINT NOT NULL, price NUMERIC(12, 2) NOT NULL, PRIMARY KEY (order_id, item_id));
INSERT INTO dc_orders VALUES (1);
INSERT INTO dc_items VALUES (1), (2), (3);
INSERT INTO dc_lines VALUES (1, 1, 1.5), (1, 2, 10), (1, 3, 0.25);
`

// TestDecimalsOfLinksAreComparedAsNumbers replaces links by links with the same prices, written otherwise: nothing changes.
func TestDecimalsOfLinksAreComparedAsNumbers(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	orders := dovetail.NewTable[decimalOrder](r, "dc_orders")
	items := dovetail.NewTable[decimalItem](r, "dc_items")
	lines := dovetail.NewTable[decimalLine](r, "dc_lines", dovetail.PrimaryKey("order_id", "item_id"), dovetail.Type("price", "numeric(12, 2)"))
	orderItems := dovetail.ManyToMany(orders, "items", items, lines, dovetail.ThroughKeys("order_id", "item_id"))
	scoped := dovetail.NewTable[decimalLine](dovetail.NewRegistry(), "dc_lines", dovetail.PrimaryKey("order_id", "item_id"),
		dovetail.Type("price", "numeric(12, 2)"), dovetail.Scope("one price", sq.Eq{"price": 1.5}))
	kit.OnEach(t, decimalDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		order := &decimalOrder{ID: 1}
		link := func(item int64, price string) dovetail.Linked[decimalItem, decimalLine] {
			return dovetail.Linked[decimalItem, decimalLine]{Row: &decimalItem{ID: item}, Link: &decimalLine{Price: price}}
		}
		for _, prices := range [][3]string{{"1.50", "10.00", "0.250"}, {"1.5", "10", ".25"}, {"01.500", "+10.0", "0.25"}} {
			db := d.Record()
			diff, err := dovetail.ReplaceWith(ctx, db, orderItems, order, link(1, prices[0]), link(2, prices[1]), link(3, prices[2]))
			kit.NoError(t, err)
			if len(diff.Added)+len(diff.Removed)+len(diff.Changed) != 0 {
				t.Errorf("%v: expected no difference, got %+v", prices, diff)
			}
		}
		diff, err := dovetail.ReplaceWith(ctx, d.DB, orderItems, order, link(1, "1.51"), link(2, "10"), link(3, "0.25"))
		kit.NoError(t, err)
		if len(diff.Changed) != 1 || diff.Changed[0].ID != 1 {
			t.Errorf("expected one to have changed, got %+v", diff)
		}
		// A scope that says a price is met by that number, and fills it.
		given, empty := &decimalLine{OrderID: 2, ItemID: 1, Price: "1.50"}, &decimalLine{OrderID: 2, ItemID: 2}
		kit.Insert(t, d.DB, dovetail.Insert(scoped, given, empty))
		kit.Equal(t, "filled", empty.Price, "1.5")
		kit.Refused(t, dovetail.Insert(scoped, &decimalLine{OrderID: 2, ItemID: 3, Price: "1.51"}).Exec(ctx, d.DB), dovetail.ErrInvalidRow)
	})
}

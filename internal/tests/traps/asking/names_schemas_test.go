package asking_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TRAPS H, continued: schemas, dots, and names that are values elsewhere.

func TestTrap_H7_SameTableInTwoSchemas(t *testing.T) {
	t.Parallel()
	type item struct {
		ID    int64
		Code  string
		Place string
	}
	type box struct {
		ID    int64
		Code  string
		Place string
		Items []*item
	}
	p := kit.PostgresProbe(t, "", nil)
	here := p.Ask(t, "SELECT current_schema()")[0]
	other := here[:min(len(here), 50)] + "_other"
	p.Exec(t, "CREATE SCHEMA "+other)
	t.Cleanup(func() { // the test's own context is done by now
		if _, err := p.Pool.Exec(context.Background(), "DROP SCHEMA "+other+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	p.Exec(t, `CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`)
	for schema, text := range map[string]string{here: "text COLLATE ci", other: "text"} {
		p.Exec(t, fmt.Sprintf(`CREATE TABLE %[1]s.boxes (id bigint PRIMARY KEY, code %[2]s, place text);
CREATE TABLE %[1]s.items (id bigint PRIMARY KEY, code %[2]s, place text);
INSERT INTO %[1]s.boxes VALUES (1, 'A', '%[1]s'), (2, 'b', '%[1]s');
INSERT INTO %[1]s.items VALUES (1, 'a', '%[1]s'), (2, 'b', '%[1]s'), (3, 'B', '%[1]s');`, schema, text))
	}
	r := dovetail.NewRegistry()
	nearBoxes, nearItems := dovetail.NewTable[box](r, "boxes"), dovetail.NewTable[item](r, "items")
	farBoxes := dovetail.NewTable[box](r, "boxes", dovetail.Schema(other))
	farItems := dovetail.NewTable[item](r, "items", dovetail.Schema(other))
	key := []dovetail.RelationOption{dovetail.ForeignKey("code"), dovetail.References("code")}
	dovetail.HasMany(nearBoxes, "items", nearItems, key...)
	dovetail.HasMany(farBoxes, "items", farItems, key...)
	for _, c := range []struct {
		table  *dovetail.Table[box]
		schema string
		want   []string
	}{
		// Only the collation of the first schema ignores case.
		{nearBoxes, here, []string{"1 1", "2 2", "2 3"}},
		{farBoxes, other, []string{"2 2"}},
	} {
		boxes, err := dovetail.Select(c.table).OrderBy("id").Where(squirrel.NotEq{"boxes.id": 9}).Preload("items").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, b := range boxes {
			for _, i := range b.Items {
				got = append(got, fmt.Sprint(b.ID, " ", i.ID))
				if b.Place != c.schema || i.Place != c.schema {
					t.Errorf("%s: rows of %s and %s", c.schema, b.Place, i.Place)
				}
			}
		}
		asked := p.Ask(t, fmt.Sprintf("SELECT b.id, i.id FROM %[1]s.boxes b JOIN %[1]s.items i ON i.code = b.code ORDER BY 1, 2", c.schema))
		if !slices.Equal(got, c.want) || !slices.Equal(asked, c.want) {
			t.Errorf("%s: expected %q, got %q, by hand %q", c.schema, c.want, got, asked)
		}
		n, err := dovetail.Select(c.table).Join("items").Count(t.Context(), p.DB)
		if err != nil || int(n) != len(c.want) {
			t.Errorf("%s: expected %d joined rows, got %d, %v", c.schema, len(c.want), n, err)
		}
	}
}

type dottedAddress struct {
	City string
	Zip  *string
}

type dottedLine struct {
	ID    int64
	Order int64 `db:"order.id"`
}

type dottedOrder struct {
	ID            int64  `db:"order.id"`
	Dotted        string `db:"a.b"`
	Plain         string `db:"a"`
	dottedAddress `db:"ship.to"`
	Lines         []*dottedLine
}

const dottedDDL = `CREATE TABLE "dotted.orders" ("order.id" BIGINT PRIMARY KEY, "a.b" TEXT, a TEXT, "ship.to.city" TEXT, "ship.to.zip" TEXT);
CREATE TABLE dotted_lines (id BIGINT PRIMARY KEY, "order.id" BIGINT);
INSERT INTO "dotted.orders" VALUES (1, 'x', 'y', 'Ulm', NULL), (2, 'y', 'x', 'Bonn', '5');
INSERT INTO dotted_lines VALUES (1, 2), (2, 2), (3, 1);`

func dottedOrders() *dovetail.Table[dottedOrder] {
	r := dovetail.NewRegistry()
	orders := dovetail.NewTable[dottedOrder](r, "dotted.orders", dovetail.PrimaryKey("order.id"))
	lines := dovetail.NewTable[dottedLine](r, "dotted_lines")
	dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("order.id"))
	return orders
}

func TestTrap_H8_DotsInColumnNames(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, dottedDDL, func(t *testing.T, p kit.Probe) {
		orders := dottedOrders()
		got, err := dovetail.Select(orders).Where(squirrel.Eq{"a.b": "y", "ship.to.city": "Bonn"}).OrderBy("a.b DESC", "ship.to.zip").
			Has("lines", squirrel.Eq{"order.id": 2}).Preload("lines").One(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != 2 || got.Dotted != "y" || got.Plain != "x" || got.City != "Bonn" || *got.Zip != "5" || len(got.Lines) != 2 {
			t.Errorf("expected order 2 with its two lines, got %+v", got)
		}
	})
}

func TestTrap_H8_DottedColumnOfARelationIsReached(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, dottedDDL, func(t *testing.T, p kit.Probe) {
		got, err := dovetail.Select(dottedOrders()).Join("lines").Where(squirrel.Eq{"lines.order.id": 1}).One(t.Context(), p.DB)
		if err != nil || got.ID != 1 {
			t.Errorf("expected order 1, got %+v, %v", got, err)
		}
	})
}

func TestTrap_H9_NamesThatAreValuesElsewhere(t *testing.T) {
	t.Parallel()
	type row struct {
		ID          int64
		CurrentDate string
		CurrentUser string
		Value       string
		Rownum      int64
		Rowid       *int64 `db:"row_id"`
		True        string
		Null        string
		Localtime   string
		SessionUser string
		Related     []*row
	}
	columns := []string{"current_date", "current_user", "value", "rownum", "row_id", "true", "null", "localtime", "session_user"}
	var b strings.Builder
	b.WriteString(`CREATE TABLE "current_timestamp" (id BIGINT PRIMARY KEY`)
	for _, c := range columns {
		kind := "TEXT"
		if strings.HasPrefix(c, "row") {
			kind = "BIGINT"
		}
		fmt.Fprintf(&b, ", %q %s", c, kind)
	}
	b.WriteString(`); INSERT INTO "current_timestamp" VALUES (1, 'x current_date', 'x current_user', 'x value', 7, NULL,
'x true', 'x null', 'x localtime', 'x session_user'), (2, 'd2', 'u2', 'v2', 8, 7, 't2', 'n2', 'l2', 's2');`)
	kit.OnEachProbe(t, b.String(), func(t *testing.T, p kit.Probe) {
		r := dovetail.NewRegistry()
		rows := dovetail.NewTable[row](r, "current_timestamp")
		dovetail.HasMany(rows, "related", rows, dovetail.ForeignKey("row_id"), dovetail.References("rownum"))
		q := dovetail.Select(rows)
		for _, c := range columns {
			if !strings.HasPrefix(c, "row") {
				q = q.Where(squirrel.Eq{c: "x " + c}).Where(squirrel.NotEq{"current_timestamp." + c: "?"}).OrderBy(c)
			}
		}
		got, err := q.Preload("related").One(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		want := row{ID: 1, CurrentDate: "x current_date", CurrentUser: "x current_user", Value: "x value", Rownum: 7,
			True: "x true", Null: "x null", Localtime: "x localtime", SessionUser: "x session_user"}
		if len(got.Related) != 1 || got.Related[0].ID != 2 || got.Related[0].CurrentDate != "d2" {
			t.Errorf("expected row 2 to be related, got %+v", got.Related)
		}
		got.Related = nil
		if fmt.Sprint(*got) != fmt.Sprint(want) {
			t.Errorf("expected %+v, got %+v", want, *got)
		}
		n, err := dovetail.Select(rows).Has("related", squirrel.Eq{"value": "v2", "current_user": "u2"}).Count(t.Context(), p.DB)
		if err != nil || n != 1 {
			t.Errorf("expected one row with a related one, got %d, %v", n, err)
		}
	})
}

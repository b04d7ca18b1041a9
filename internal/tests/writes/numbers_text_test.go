package writes_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

// nPrice is a decimal that writes its own text.
type nPrice struct{ text string }

func (p nPrice) Value() (driver.Value, error) { return p.text, nil }

func (p *nPrice) Scan(v any) error {
	p.text = fmt.Sprint(v)
	return nil
}

type nShop struct {
	ID    int64
	Sales []*nSale
}

type nSale struct {
	ID, ShopID int64
	Price      string
	Net        nPrice
	Pieces     string
	Weight     *string
	Name       string
}

const nDDL = `CREATE TABLE n_shops (id BIGINT PRIMARY KEY);
CREATE TABLE n_sales (id BIGINT PRIMARY KEY, shop_id BIGINT NOT NULL, price NUMERIC(12, 2) NOT NULL, net NUMERIC NOT NULL, pieces INTEGER NOT NULL,
  weight DOUBLE PRECISION, name TEXT NOT NULL);
INSERT INTO n_shops VALUES (1);
INSERT INTO n_sales VALUES (1, 1, 1.5, 2, 3, 4.5, 'abc');`

// TestATextThatIsNoNumberIsRefused writes and compares texts with columns that are declared to be of numbers: SQLite would store them as they
// are, and find nothing.
func TestATextThatIsNoNumberIsRefused(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	shops := dovetail.NewTable[nShop](r, "n_shops")
	sales := dovetail.NewTable[nSale](r, "n_sales", dovetail.AssignedKey(), dovetail.Type("price", "numeric(12, 2)"), dovetail.Type("net", "NUMERIC"),
		dovetail.Type("pieces", "integer"), dovetail.Type("weight", "double precision"))
	of := dovetail.HasMany(shops, "sales", sales, dovetail.ForeignKey("shop_id"), dovetail.DeleteOrphans())
	sale := func(column, text string) *nSale {
		s := &nSale{ID: 1, ShopID: 1, Price: "1.5", Net: nPrice{"2"}, Pieces: "3", Name: "abc"}
		switch column {
		case "price":
			s.Price = text
		case "net":
			s.Net.text = text
		case "pieces":
			s.Pieces = text
		case "weight":
			s.Weight = &text
		}
		return s
	}
	value := func(column, text string) any {
		if column == "net" {
			return nPrice{text}
		}
		return text
	}
	kit.OnEach(t, nDDL, func(t *testing.T, d kit.Database) {
		ctx, before := t.Context(), kit.Must[[]*nSale](t)(dovetail.Select(sales).All(t.Context(), d.DB))
		for _, column := range []string{"price", "net", "pieces", "weight"} {
			for _, text := range []string{"abc", "1,5", "", "1.5.", "--1", "1 2", "1e", "12abc"} {
				calls := map[string]func(db dovetail.DB) error{
					"insert": func(db dovetail.DB) error {
						s := sale(column, text)
						s.ID = 2
						return dovetail.Insert(sales, s).Exec(ctx, db)
					},
					"save": func(db dovetail.DB) error { return dovetail.Save(ctx, db, sales, sale(column, text), column) },
					"upsert": func(db dovetail.DB) error {
						return dovetail.Upsert(sales, sale(column, text)).OnConflict("id").Set(column).Exec(ctx, db)
					},
					"set": func(db dovetail.DB) error {
						_, err := dovetail.Update(sales).Set(column, value(column, text)).Where(sq.Eq{"id": 1}).Exec(ctx, db)
						return err
					},
					"sync": func(db dovetail.DB) error {
						_, err := of.Sync(ctx, db, &nShop{ID: 1}, sale(column, text))
						return err
					},
					"equal": func(db dovetail.DB) error {
						_, err := dovetail.Select(sales).Where(sq.Eq{column: value(column, text)}).Count(ctx, db)
						return err
					},
					"greater": func(db dovetail.DB) error {
						_, err := dovetail.Select(sales).Where(sq.Gt{column: value(column, text)}).Count(ctx, db)
						return err
					},
					"sum": func(db dovetail.DB) error {
						_, err := dovetail.Select(shops).With(dovetail.Sum("sales."+column).As("n")).Where(sq.Gt{"n": value(column, text)}).Count(ctx, db)
						return err
					},
					"sum, of a context": func(db dovetail.DB) error {
						late := dovetail.FromContext(func(context.Context) (any, error) { return value(column, text), nil })
						_, err := dovetail.Select(shops).With(dovetail.Sum("sales."+column).As("n")).Where(sq.Gt{"n": late}).Count(ctx, db)
						return err
					},
					"greatest": func(db dovetail.DB) error {
						_, err := dovetail.Select(shops).With(dovetail.Max("sales."+column).As("n")).Where(sq.Lt{"n": value(column, text)}).Count(ctx, db)
						return err
					},
					"among": func(db dovetail.DB) error {
						if column == "net" {
							return dovetail.ErrArgType // a list of such values is none that both databases are sent
						}
						_, err := dovetail.Select(sales).Where(sq.Eq{column: []string{"1", text}}).Count(ctx, db)
						return err
					},
				}
				for _, form := range []string{"X < ?", "? = self.X", "coalesce(X, ?) > 1", "id IN (SELECT x.id FROM n_sales AS x WHERE x.X * 1 > ?)"} {
					calls["text "+form] = func(db dovetail.DB) error {
						_, err := dovetail.Select(sales).Where(strings.ReplaceAll(form, "X", column), value(column, text)).Count(ctx, db)
						return err
					}
				}
				for _, form := range []string{"?", "coalesce(?, 1)", "CASE WHEN self.id > 0 THEN ? END", "(SELECT ?)"} {
					calls["text of Set "+form] = func(db dovetail.DB) error {
						_, err := dovetail.Update(sales).Set(column, sq.Expr(form, value(column, text))).Where(sq.Eq{"id": 1}).Exec(ctx, db)
						return err
					}
					calls["text of SetExpr "+form] = func(db dovetail.DB) error {
						return dovetail.Upsert(sales, sale("", "")).OnConflict("id").SetExpr(column, form, value(column, text)).Exec(ctx, db)
					}
				}
				for name, call := range calls {
					db := d.Record()
					err := call(db)
					if d.Postgres() && strings.HasPrefix(name, "text ") && err != nil {
						continue // the database has types, and says so
					}
					if !errors.Is(err, dovetail.ErrArgType) {
						t.Errorf("%s of %q in %q: expected ErrArgType, got %v", name, text, column, err)
					} else if len(text) > 3 && strings.Contains(err.Error(), text) {
						t.Errorf("%s of %q in %q: the error holds the value: %v", name, text, column, err)
					}
					if !d.Postgres() && writesIn(db) {
						t.Errorf("%s of %q in %q: expected it before anything is written", name, text, column)
					}
				}
			}
			for _, text := range []string{"1", " 1 ", "+7", "-0"} {
				kit.NoError(t, dovetail.Save(ctx, d.DB, sales, sale(column, text), column))
			}
		}
		for _, text := range []string{"1.5", ".5", "5.", "1e2", "-1.5E-1"} {
			kit.NoError(t, dovetail.Save(ctx, d.DB, sales, sale("price", text), "price"))
		}
		kit.NoError(t, dovetail.Save(ctx, d.DB, sales, before[0], "price", "net", "pieces", "weight"))
		people.ExpectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM n_sales WHERE price = 1.5 AND net = 2 AND pieces = 3 AND weight = 4.5", "1")
		// Whether a text fits is for the database to say where its column is not declared to be of numbers.
		if n := kit.Must[int64](t)(dovetail.Select(sales).Where(sq.Eq{"name": "abc"}).Count(ctx, d.DB)); n != 1 {
			t.Errorf("expected one sale of that name, got %d", n)
		}
	})
}

// writesIn reports whether something was sent that changes rows.
func writesIn(db *kit.Recorder) bool {
	for _, s := range db.Stmts {
		if !s.Reads && !strings.HasPrefix(s.SQL, "SELECT") {
			return true
		}
	}
	return false
}

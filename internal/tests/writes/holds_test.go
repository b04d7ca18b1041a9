package writes_test

import (
	"database/sql"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	hoShape struct {
		Side int `json:"side"`
	}
	hoRow struct {
		ID    int64
		Shape hoShape
		Pair  [2]int
		Maybe *hoShape
		Addr  netip.Addr
		Net   *netip.Prefix
	}
)

const hoDDL = `CREATE TABLE ho_rows (id BIGINT PRIMARY KEY, shape {json}, pair {json}, maybe {json}, addr {inet}, net {cidr})`

// TestWhatAFieldReadsBackIsWhatItIsGiven sets a column to what its field could not hold: a document of a struct or an array is never NULL,
// and a type that is read from text is given text, or itself.
func TestWhatAFieldReadsBackIsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[hoRow](dovetail.NewRegistry(), "ho_rows", dovetail.AssignedKey())
	addr, net := netip.MustParseAddr("10.0.0.1"), netip.MustParsePrefix("10.0.0.0/8")
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ddl := strings.NewReplacer("{json}", "TEXT", "{inet}", "TEXT", "{cidr}", "TEXT").Replace(hoDDL)
		if d.Postgres() {
			ddl = strings.NewReplacer("{json}", "JSONB", "{inet}", "INET", "{cidr}", "CIDR").Replace(hoDDL)
		}
		d.Exec(t, ddl)
		kit.Insert(t, d.DB, dovetail.Insert(rows, &hoRow{ID: 1, Shape: hoShape{Side: 2}, Pair: [2]int{1, 2}, Addr: addr, Net: &net}))
		set := func(column string, value any) error {
			_, err := dovetail.Update(rows).Set(column, value).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
			return err
		}
		read := func() *hoRow {
			row, err := dovetail.Select(rows).Get(t.Context(), d.DB, 1)
			kit.NoError(t, err)
			return row
		}
		for _, column := range []string{"shape", "pair"} {
			for _, null := range []any{nil, (*hoShape)(nil), (*string)(nil), sql.NullString{}, map[string]int(nil), json.RawMessage(nil)} {
				kit.Refused(t, set(column, null), dovetail.ErrInvalidQuery, column, "NULL")
			}
		}
		for _, column := range []string{"addr", "net"} {
			for _, value := range []any{12, 1.5, true, []byte("zz"), map[string]int{"a": 1}, []string{"a"}, hoShape{}, "no address"} {
				kit.Refused(t, set(column, value), dovetail.ErrArgType, column)
			}
		}
		kit.Equal(t, "the row", read().Addr, addr)
		other := netip.MustParseAddr("10.0.0.2")
		for column, value := range map[string]any{
			"maybe": nil, "net": nil, "shape": hoShape{Side: 3}, "pair": [2]int{3, 4}, "addr": other,
		} {
			kit.NoError(t, set(column, value))
		}
		row := read()
		kit.Equal(t, "shape", row.Shape.Side, 3)
		kit.Equal(t, "pair", row.Pair, [2]int{3, 4})
		kit.Equal(t, "addr", row.Addr, other)
		kit.NoError(t, set("addr", "10.0.0.3"))
		n, err := dovetail.Select(rows).Where(sq.Eq{"addr": "10.0.0.3", "net": nil, "maybe": nil}).Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "found", n, 1)
	})
}

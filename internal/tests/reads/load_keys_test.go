package reads_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The catalog's look-up for keys of text rides with the first statements of a Load that do not need it.

type depot struct {
	ID   int64
	Bays []*bay
}

type bay struct {
	ID      int64
	DepotID int64
	Code    string
	Depot   *depot
	Codes   []*bayCode
}

type bayCode struct {
	ID   int64
	Code string
}

const depotDDL = `CREATE TABLE depots (id BIGINT PRIMARY KEY);
CREATE TABLE bays (id BIGINT PRIMARY KEY, depot_id BIGINT NOT NULL, code TEXT NOT NULL);
CREATE TABLE bay_codes (id BIGINT PRIMARY KEY, code TEXT NOT NULL);
INSERT INTO depots VALUES (1), (2);
INSERT INTO bays VALUES (1, 1, 'a'), (2, 1, 'b');
INSERT INTO bay_codes VALUES (1, 'a'), (2, 'a'), (3, 'b')`

func depotTables() (*dovetail.Table[depot], *dovetail.Table[bay]) {
	r := dovetail.NewRegistry()
	depots := dovetail.NewTable[depot](r, "depots")
	bays := dovetail.NewTable[bay](r, "bays")
	codes := dovetail.NewTable[bayCode](r, "bay_codes")
	dovetail.HasMany(depots, "bays", bays, dovetail.ForeignKey("depot_id"), dovetail.Inverse("depot"))
	dovetail.HasMany(bays, "codes", codes, dovetail.ForeignKey("code"), dovetail.References("code"), dovetail.Logical())
	return depots, bays
}

func TestALookUpOfKeysRidesWithALoad(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB, string) kit.Database{"postgres": kit.PostgresPool, "sqlite": kit.SQLiteDB} {
		for _, c := range []struct {
			name        string
			of          int64
			path        string
			stmts, trip int // without the look-up
			alone       int // trips of the look-up's own
			found       int
		}{
			{"below integers", 1, "bays.codes", 2, 2, 0, 3},
			{"of the first level", 0, "codes", 1, 1, 1, 3},
			{"below nothing", 2, "bays.codes", 1, 1, 0, 0},
		} {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				d := open(t, depotDDL)
				asks := 0
				if d.Postgres() {
					asks = 1
				}
				depots, bays := depotTables()
				found := 0
				count := func(of []*bay) {
					for _, b := range of {
						found += len(b.Codes)
					}
				}
				rec := d.Record()
				for _, once := range []int{asks, 0} {
					found = 0
					if c.of == 0 {
						rows := []*bay{{ID: 1, Code: "a"}, {ID: 2, Code: "b"}}
						kit.NoError(t, dovetail.Load(t.Context(), rec, bays, rows, c.path))
						count(rows)
					} else {
						rows := []*depot{{ID: c.of}}
						kit.NoError(t, dovetail.Load(t.Context(), rec, depots, rows, c.path))
						count(rows[0].Bays)
					}
					rec.Expect(t, c.stmts+once, c.trip+once*c.alone)
					kit.Equal(t, "rows", found, c.found)
				}
			})
		}
	}
}

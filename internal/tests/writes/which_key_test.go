package writes_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	whPort struct {
		ID   int64
		Name string
	}
	whShip struct {
		ID   int64
		Name string
	}
	whTrip struct {
		ID           int64
		FromID, ToID int64
		ShipID       *int64
	}
)

// TestWhichOfSeveralKeysFailed: several keys of a table point at columns of one name, and a constraint that refuses says which by its name or, where
// that says nothing, the error names all that it may be.
func TestWhichOfSeveralKeysFailed(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		r := dovetail.NewRegistry()
		ports, ships := dovetail.NewTable[whPort](r, "wh_ports"), dovetail.NewTable[whShip](r, "wh_ships")
		trips := dovetail.NewTable[whTrip](r, "wh_trips", dovetail.AssignedKey())
		dovetail.BelongsTo(trips, "from", ports, dovetail.ForeignKey("from_id"), dovetail.OnDelete(dovetail.NoAction))
		dovetail.BelongsTo(trips, "to", ports, dovetail.ForeignKey("to_id"), dovetail.OnDelete(dovetail.NoAction))
		dovetail.BelongsTo(trips, "ship", ships, dovetail.ForeignKey("ship_id"), dovetail.OnDelete(dovetail.NoAction))
		for named, constraints := range map[string][2]string{
			"by their columns": {"", ""}, "otherwise": {"CONSTRAINT leaves ", "CONSTRAINT arrives "},
		} {
			d.Exec(t, `DROP TABLE IF EXISTS wh_trips; DROP TABLE IF EXISTS wh_ports; DROP TABLE IF EXISTS wh_ships;
				CREATE TABLE wh_ports (id BIGINT PRIMARY KEY, name TEXT); CREATE TABLE wh_ships (id BIGINT PRIMARY KEY, name TEXT);
				CREATE TABLE wh_trips (id BIGINT PRIMARY KEY, from_id BIGINT `+constraints[0]+`REFERENCES wh_ports (id) DEFERRABLE INITIALLY DEFERRED,
					to_id BIGINT `+constraints[1]+`REFERENCES wh_ports (id) DEFERRABLE INITIALLY DEFERRED, ship_id BIGINT REFERENCES wh_ships (id));
				INSERT INTO wh_ports VALUES (1, ''), (2, ''), (3, ''); INSERT INTO wh_ships VALUES (1, ''); INSERT INTO wh_trips VALUES (1, 1, 2, 1)`)
			one := int64(1)
			for _, c := range []struct {
				call     func() error
				path     string // that of constraints named by their columns
				paths    string // those of constraints named otherwise
				onSQLite string
			}{
				{func() error {
					_, err := dovetail.Delete(ports).Where(squirrel.Eq{"id": 2}).Returning(t.Context(), d.DB)
					return err
				}, "wh_trips.to", "wh_trips.from, wh_trips.to, wh_trips.ship", ""},
				{func() error {
					_, err := dovetail.Delete(ports).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), d.DB)
					return err
				}, "wh_trips.from", "wh_trips.from, wh_trips.to", "wh_trips.from, wh_trips.to"},
				{func() error {
					return dovetail.Insert(trips, &whTrip{ID: 2, FromID: 3, ToID: 9, ShipID: &one}).Exec(t.Context(), d.DB)
				}, "wh_trips.to", "wh_trips.to", "wh_trips.from, wh_trips.to, wh_trips.ship"},
				{func() error {
					_, err := dovetail.Delete(ships).All().Exec(t.Context(), d.DB)
					return err
				}, "wh_trips.ship", "wh_trips.ship", "wh_trips.ship"},
			} {
				var refused *dovetail.ConstraintError
				err := c.call()
				if !errors.As(err, &refused) {
					t.Fatalf("named %s: expected a ConstraintError, got %v", named, err)
				}
				want := c.path
				if d.Postgres() && named == "otherwise" {
					want = c.paths
				}
				if !d.Postgres() {
					want = c.onSQLite
				}
				got := strings.Join(append(refused.Paths, refused.Path), ", ")
				if got = strings.Trim(got, ", "); got != want || strings.Count(err.Error(), "wh_trips.") < len(refused.Paths) {
					t.Errorf("named %s: expected %q, got %q: %v", named, want, got, err)
				}
			}
		}
	})
}

type (
	whCrate struct {
		ID     int64
		Labels []*whLabel
	}
	whLabel   struct{ ID int64 }
	whSticker struct {
		CrateID, LabelID int64
		ShipID           *int64
	}
)

// TestKeysOfALinkAreToldApart: both keys of a join table go along one relation, and where SQLite does not say which of them failed each has a name.
func TestKeysOfALinkAreToldApart(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	crates, labels := dovetail.NewTable[whCrate](r, "wh_crates", dovetail.AssignedKey()), dovetail.NewTable[whLabel](r, "wh_labels", dovetail.AssignedKey())
	ships := dovetail.NewTable[whShip](r, "wh_ships")
	stickers := dovetail.NewTable[whSticker](r, "wh_stickers", dovetail.PrimaryKey("crate_id", "label_id"))
	dovetail.ManyToMany(crates, "labels", labels, stickers, dovetail.ThroughKeys("crate_id", "label_id"))
	dovetail.BelongsTo(stickers, "ship", ships, dovetail.ForeignKey("ship_id"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		kit.NoError(t, r.CreateAll(t.Context(), d.DB))
		kit.NoError(t, dovetail.Insert(crates, &whCrate{ID: 1}).Exec(t.Context(), d.DB))
		one := int64(1)
		err := dovetail.Insert(stickers, &whSticker{CrateID: 1, LabelID: 9, ShipID: &one}).Exec(t.Context(), d.DB)
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) {
			t.Fatalf("expected a refusal, got %v", err)
		}
		if !d.Postgres() {
			kit.Equal(t, "the keys", strings.Join(refused.Paths, "; "), "wh_stickers.crate_id; wh_stickers.label_id; wh_stickers.ship")
		}
	})
}

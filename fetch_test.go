package dovetail_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// Ships have logs without a primary key, entries below those, and rows that break what is declared about them.

type fetchShip struct {
	ID      int64
	Name    *string
	PlanID  int64
	Meta    json.RawMessage
	Title   string `db:"logs.text"` // the name that a fetched column would have
	Logs    []*fetchLog
	Crew    []*fetchSailor
	Captain *fetchSailor
	Plan    fetchPlan
}

type fetchLog struct {
	ShipID  int64
	Text    *string
	Ship    *fetchShip
	Entries []*fetchSailor
	Head    *fetchSailor
}

type fetchSailor struct {
	ID     int64
	ShipID *int64
	Rank   *string
	Ship   *fetchShip
}

type fetchPlan struct {
	ID int64
	A  *string
	B  *int64
}

var (
	fetchRegistry = dovetail.NewRegistry()
	fetchShips    = dovetail.NewTable[fetchShip](fetchRegistry, "ships")
	fetchLogs     = dovetail.NewTable[fetchLog](fetchRegistry, "logs")
	fetchCrew     = dovetail.NewTable[fetchSailor](fetchRegistry, "sailors")
	fetchPlans    = dovetail.NewTable[fetchPlan](fetchRegistry, "plans")

	_ = dovetail.HasMany(fetchShips, "logs", fetchLogs, dovetail.ForeignKey("ship_id"), dovetail.Inverse("ship"))
	_ = dovetail.HasMany(fetchShips, "crew", fetchCrew, dovetail.ForeignKey("ship_id"), dovetail.Inverse("ship"))
	_ = dovetail.HasOne(fetchShips, "captain", fetchCrew, dovetail.ForeignKey("ship_id"))
	_ = dovetail.BelongsTo(fetchShips, "plan", fetchPlans, dovetail.ForeignKey("plan_id"))
	_ = dovetail.HasMany(fetchLogs, "entries", fetchCrew, dovetail.ForeignKey("ship_id"), dovetail.References("ship_id"))
	_ = dovetail.HasOne(fetchLogs, "head", fetchCrew, dovetail.ForeignKey("ship_id"), dovetail.References("ship_id"))
	_ = dovetail.HasMany(fetchShips, "fieldless", fetchCrew, dovetail.ForeignKey("ship_id"))
)

const fetchDDL = `
CREATE TABLE plans (id BIGINT PRIMARY KEY, a TEXT, b BIGINT);
CREATE TABLE ships (id BIGINT PRIMARY KEY, name TEXT, plan_id BIGINT NOT NULL, meta JSON, "logs.text" TEXT NOT NULL);
CREATE TABLE logs (ship_id BIGINT NOT NULL, text TEXT);
CREATE TABLE sailors (id BIGINT PRIMARY KEY, ship_id BIGINT, rank TEXT);
INSERT INTO plans VALUES (7, NULL, NULL);
INSERT INTO ships VALUES (1, 'Argo', 7, '{"a": 1}', 'kept'), (2, NULL, 7, NULL, 'too'), (3, 'Pequod', 99, NULL, '');
INSERT INTO logs VALUES (1, 'x'), (1, 'x'), (1, NULL), (2, 'y');
INSERT INTO sailors VALUES (1, 1, NULL), (2, 1, 'first'), (3, 2, NULL), (4, NULL, NULL);
`

func TestFetchWithoutAPrimaryKeyKeepsEveryRow(t *testing.T) {
	t.Parallel()
	onEach(t, fetchDDL, func(t *testing.T, d database) {
		ships := confAll(t, d.db, dovetail.Select(fetchShips).Fetch("logs.ship"))
		confSame(t, "numbers of logs", confPluck(ships, func(s *fetchShip) int { return len(s.Logs) }), 3, 1, 0)
		confEqual(t, "each is a row of its own", ships[0].Logs[0] != ships[0].Logs[1], true)
		confEqual(t, "the owner", ships[0].Logs[2].Ship, ships[0])
		confSame(t, "a column named like a fetched one", confPluck(ships, func(s *fetchShip) string { return s.Title }), "kept", "too", "")

		logs := confAll(t, d.db, dovetail.Select(fetchLogs).Fetch("ship").OrderBy("ship_id").Where(squirrel.Eq{"text": "x"}))
		confEqual(t, "rows of a table without a key are kept", len(logs), 2)
		confEqual(t, "and share what they have in common", logs[0].Ship, logs[1].Ship)
	})
}

// TestFetchTellsPresenceByTheKey has related rows of NULLs, which are rows.
func TestFetchTellsPresenceByTheKey(t *testing.T) {
	t.Parallel()
	onEach(t, fetchDDL, func(t *testing.T, d database) {
		ships := confAll(t, d.db, dovetail.Select(fetchShips).Where(squirrel.Lt{"id": 3}).Fetch("plan", "crew"))
		confSame(t, "plans", confPluck(ships, func(s *fetchShip) int64 { return s.Plan.ID }), 7, 7)
		confSame(t, "crew", confPluck(ships, func(s *fetchShip) int { return len(s.Crew) }), 2, 1)
		confEqual(t, "a sailor of NULLs", *ships[1].Crew[0].ShipID, 2)
		confEqual(t, "a document", strings.ReplaceAll(string(ships[0].Meta), " ", ""), `{"a":1}`)
	})
}

func TestFetchOfToOneFindsSeveralRowsOrNone(t *testing.T) {
	t.Parallel()
	onEach(t, fetchDDL, func(t *testing.T, d database) {
		captain := dovetail.Select(fetchShips).Fetch("captain")
		_, err := captain.All(t.Context(), d.db)
		if !errors.Is(err, dovetail.ErrTooManyRows) || !strings.Contains(err.Error(), `"ships.captain"`) {
			t.Errorf("expected ErrTooManyRows of the relation, got %v", err)
		}
		ships := confAll(t, d.db, captain.Where("ships.id > ?", 1).OrderBy("id"))
		confEqual(t, "one captain", ships[0].Captain.ID, 3)
		confEqual(t, "no captain", ships[1].Captain, nil)
		ships = confAll(t, d.db, dovetail.Select(fetchShips).Join("captain", squirrel.NotEq{"rank": nil}).Fetch("captain"))
		confEqual(t, "the one that is joined", ships[0].Captain.ID, 2)

		_, err = dovetail.Select(fetchShips).Fetch("plan").All(t.Context(), d.db)
		if !errors.Is(err, dovetail.ErrNoRows) || !strings.Contains(err.Error(), "make it a pointer") {
			t.Errorf("expected ErrNoRows for the field that holds a value, got %v", err)
		}
		_, err = dovetail.Select(fetchCrew).Preload("ship", dovetail.Select(fetchShips).Fetch("captain")).All(t.Context(), d.db)
		if !errors.Is(err, dovetail.ErrTooManyRows) || !strings.Contains(err.Error(), "ship.captain") {
			t.Errorf("expected ErrTooManyRows that names the path, got %v", err)
		}
	})
}

// TestFetchNamesTheColumnThatCannotBeScanned has a NULL where the struct of a related row has no room for it.
func TestFetchNamesTheColumnThatCannotBeScanned(t *testing.T) {
	t.Parallel()
	type plain struct {
		ID   int64
		Rank string
	}
	type ship struct {
		ID   int64
		Crew []*plain
	}
	type sailor = plain
	registry := dovetail.NewRegistry()
	ships, crew := dovetail.NewTable[ship](registry, "ships"), dovetail.NewTable[sailor](registry, "sailors")
	dovetail.HasMany(ships, "crew", crew, dovetail.ForeignKey("id"))
	onEach(t, fetchDDL, func(t *testing.T, d database) {
		_, err := dovetail.Select(ships).Fetch("crew").All(t.Context(), d.db)
		var scan *dovetail.ScanError
		if !errors.As(err, &scan) || scan.Column != "sailors.rank" || scan.Field != "plain.Rank" || scan.Path != "crew" {
			t.Errorf("expected an error of sailors.rank, got %v", err)
		}
	})
}

// TestFetchNamesColumnsApart has a path whose columns have longer names than the server allows.
func TestFetchNamesColumnsApart(t *testing.T) {
	t.Parallel()
	path := "parent" + strings.Repeat(".parent", 11)
	q := dovetail.Select(Categories).Fetch(path)
	text, _, err := q.SQL(postgres.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	selected, _, _ := strings.Cut(text, " FROM ")
	for _, part := range strings.Split(selected, ` AS "`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if len(name) > 63 || names[name] {
			t.Errorf("%q is too long, or names two columns", name)
		}
		names[name] = true
	}
	confEqual(t, "names", len(names), 36)
	onEach(t, readings(t), func(t *testing.T, d database) {
		rows := confAll(t, d.db, q.Where(squirrel.Eq{"name": "mallets"}))
		confEqual(t, "great-grandparent", rows[0].Parent.Parent.Parent.Name, "things")
		confEqual(t, "above the root", rows[0].Parent.Parent.Parent.Parent, nil)
	})
}

package reads_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
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
	kit.OnEach(t, fetchDDL, func(t *testing.T, d kit.Database) {
		ships := kit.All(t, d.DB, dovetail.Select(models.Ships).Fetch("logs.ship"))
		kit.Same(t, "numbers of logs", kit.Pluck(ships, func(s *models.Ship) int { return len(s.Logs) }), 3, 1, 0)
		kit.Equal(t, "each is a row of its own", ships[0].Logs[0] != ships[0].Logs[1], true)
		kit.Equal(t, "the owner", ships[0].Logs[2].Ship, ships[0])
		kit.Same(t, "a column named like a fetched one", kit.Pluck(ships, func(s *models.Ship) string { return s.Title }), "kept", "too", "")

		logs := kit.All(t, d.DB, dovetail.Select(models.Logs).Fetch("ship").OrderBy("ship_id").Where(squirrel.Eq{"text": "x"}))
		kit.Equal(t, "rows of a table without a key are kept", len(logs), 2)
		kit.Equal(t, "and share what they have in common", logs[0].Ship, logs[1].Ship)
	})
}

// TestFetchTellsPresenceByTheKey has related rows of NULLs, which are rows.
func TestFetchTellsPresenceByTheKey(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, fetchDDL, func(t *testing.T, d kit.Database) {
		ships := kit.All(t, d.DB, dovetail.Select(models.Ships).Where(squirrel.Lt{"id": 3}).Fetch("plan", "crew"))
		kit.Same(t, "plans", kit.Pluck(ships, func(s *models.Ship) int64 { return s.Plan.ID }), 7, 7)
		kit.Same(t, "crew", kit.Pluck(ships, func(s *models.Ship) int { return len(s.Crew) }), 2, 1)
		kit.Equal(t, "a sailor of NULLs", *ships[1].Crew[0].ShipID, 2)
		kit.Equal(t, "a document", strings.ReplaceAll(string(ships[0].Meta), " ", ""), `{"a":1}`)
	})
}

func TestFetchOfToOneFindsSeveralRowsOrNone(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, fetchDDL, func(t *testing.T, d kit.Database) {
		captain := dovetail.Select(models.Ships).Fetch("captain")
		_, err := captain.All(t.Context(), d.DB)
		if !errors.Is(err, dovetail.ErrTooManyRows) || !strings.Contains(err.Error(), `"ships.captain"`) {
			t.Errorf("expected ErrTooManyRows of the relation, got %v", err)
		}
		ships := kit.All(t, d.DB, captain.Where("ships.id > ?", 1).OrderBy("id"))
		kit.Equal(t, "one captain", ships[0].Captain.ID, 3)
		kit.Equal(t, "no captain", ships[1].Captain, nil)
		ships = kit.All(t, d.DB, dovetail.Select(models.Ships).Join("captain", squirrel.NotEq{"rank": nil}).Fetch("captain"))
		kit.Equal(t, "the one that is joined", ships[0].Captain.ID, 2)

		_, err = dovetail.Select(models.Ships).Fetch("plan").All(t.Context(), d.DB)
		if !errors.Is(err, dovetail.ErrNoRows) || !strings.Contains(err.Error(), "make it a pointer") {
			t.Errorf("expected ErrNoRows for the field that holds a value, got %v", err)
		}
		_, err = dovetail.Select(models.Crew).Preload("ship", dovetail.Select(models.Ships).Fetch("captain")).All(t.Context(), d.DB)
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
	kit.OnEach(t, fetchDDL, func(t *testing.T, d kit.Database) {
		_, err := dovetail.Select(ships).Fetch("crew").All(t.Context(), d.DB)
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
	q := dovetail.Select(models.Categories).Fetch(path)
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
	kit.Equal(t, "names", len(names), 36)
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		rows := kit.All(t, d.DB, q.Where(squirrel.Eq{"name": "mallets"}))
		kit.Equal(t, "great-grandparent", rows[0].Parent.Parent.Parent.Name, "things")
		kit.Equal(t, "above the root", rows[0].Parent.Parent.Parent.Parent, nil)
	})
}

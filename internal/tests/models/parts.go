package models

import (
	"fmt"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The models of a bill of materials: parts that are made of parts, each in a quantity.

// Part is made of parts, and parts are made of it.
type Part struct {
	ID          int64
	Name        string
	Price       int64
	RemovedAt   *time.Time
	Level       int   `db:"level,computed"`
	Below       int64 `db:"below,computed"`
	Parts       []dovetail.Linked[Part, Component]
	Wholes      []dovetail.Linked[Part, Component]
	Screwed     []dovetail.Linked[Part, Component]
	Substitutes []*Part
	Stock       []*Stock
}

// Component says how many of a part are in another, and how they are fixed.
type Component struct {
	WholeID   int64
	PartID    int64
	Quantity  int64
	Fixing    string
	StationID int64
	Station   *Station
}

// Station is where parts are put together.
type Station struct {
	ID   int64
	Name string
}

type substitute struct{ PartID, OtherID int64 }

// Stock is how many of a part lie in a place.
type Stock struct {
	ID     int64
	PartID int64
	Place  string
	Amount int64
	Part   *Part
}

var (
	Bills = dovetail.NewRegistry()

	Parts       = dovetail.NewTable[Part](Bills, "parts", dovetail.SoftDelete("removed_at"))
	Components  = dovetail.NewTable[Component](Bills, "components", dovetail.PrimaryKey("whole_id", "part_id"))
	Stations    = dovetail.NewTable[Station](Bills, "stations")
	substitutes = dovetail.NewTable[substitute](Bills, "substitutes", dovetail.PrimaryKey("part_id", "other_id"))
	Stocks      = dovetail.NewTable[Stock](Bills, "stocks")

	_ = dovetail.ManyToMany(Parts, "parts", Parts, Components, dovetail.ThroughKeys("whole_id", "part_id"), dovetail.Inverse("wholes"))
	_ = dovetail.ManyToMany(Parts, "screwed", Parts, Components, dovetail.ThroughKeys("whole_id", "part_id"),
		dovetail.Where(sq.Eq{"link.fixing": "screw"}), dovetail.OrderBy("link.quantity DESC"))
	_ = dovetail.BelongsTo(Components, "station", Stations, dovetail.ForeignKey("station_id"))
	_ = dovetail.ManyToMany(Parts, "substitutes", Parts, substitutes, dovetail.ThroughKeys("part_id", "other_id"), dovetail.Cyclic())
	_ = dovetail.HasMany(Parts, "stock", Stocks, dovetail.ForeignKey("part_id"), dovetail.Inverse("part"))
)

// PartsDDL makes a bike of two wheels, a frame, four screws and a bell; a wheel of a rim, 36 spokes and two screws; a rim of three
// screws. The bell is removed, with the clapper in it. The spokes can be replaced by wires, those by rods, those by spokes.
const PartsDDL = `
CREATE TABLE parts (id BIGINT PRIMARY KEY, name TEXT NOT NULL, price BIGINT NOT NULL, removed_at TIMESTAMP);
CREATE TABLE components (whole_id BIGINT NOT NULL, part_id BIGINT NOT NULL, quantity BIGINT NOT NULL, fixing TEXT NOT NULL,
  station_id BIGINT NOT NULL, PRIMARY KEY (whole_id, part_id));
CREATE INDEX components_part_id ON components (part_id);
CREATE TABLE stations (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE substitutes (part_id BIGINT NOT NULL, other_id BIGINT NOT NULL, PRIMARY KEY (part_id, other_id));
CREATE TABLE stocks (id BIGINT PRIMARY KEY, part_id BIGINT NOT NULL, place TEXT NOT NULL, amount BIGINT NOT NULL);
INSERT INTO parts (id, name, price, removed_at) VALUES
  (1, 'bike', 0, NULL), (2, 'wheel', 0, NULL), (3, 'frame', 90, NULL), (4, 'screw', 1, NULL), (5, 'rim', 20, NULL), (6, 'spoke', 2, NULL),
  (7, 'bell', 0, '2024-01-01 00:00:00+00:00'), (8, 'clapper', 3, NULL), (9, 'wire', 3, NULL), (10, 'rod', 4, NULL);
INSERT INTO stations (id, name) VALUES (1, 'assembly'), (2, 'wheels');
INSERT INTO components (whole_id, part_id, quantity, fixing, station_id) VALUES
  (1, 2, 2, 'screw', 1), (1, 3, 1, 'none', 1), (1, 4, 4, 'none', 1), (1, 7, 1, 'screw', 1),
  (2, 5, 1, 'screw', 2), (2, 6, 36, 'nipple', 2), (2, 4, 2, 'none', 2), (5, 4, 3, 'screw', 2), (7, 8, 1, 'screw', 1);
INSERT INTO substitutes (part_id, other_id) VALUES (6, 9), (9, 10), (10, 6), (4, 4);
INSERT INTO stocks (id, part_id, place, amount) VALUES
  (1, 4, 'north', 500), (2, 4, 'south', 20), (3, 6, 'north', 100), (4, 5, 'south', 2), (5, 8, 'north', 9);
`

// PartsList writes a part with those that it is made of, and how many of each: "rim(3 screw)".
func PartsList(p *Part) string {
	if p.Parts == nil {
		return p.Name + "?"
	}
	if len(p.Parts) == 0 {
		return p.Name
	}
	texts := make([]string, 0, len(p.Parts))
	for _, l := range p.Parts {
		texts = append(texts, fmt.Sprintf("%d %s", l.Link.Quantity, PartsList(l.Row)))
	}
	return p.Name + "(" + strings.Join(texts, " ") + ")"
}

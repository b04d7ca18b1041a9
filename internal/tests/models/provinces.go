package models

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The models of relations by a condition: the seat of a province is a code made of two columns of a town, its towns are those of a
// range of sizes, and provinces lie below others by their paths.

type Province struct {
	ID   int64
	Code string
	Seat *string
	Low  *int64
	High *int64
	Path string
	N    *int64 `db:"n,computed"`

	Capital    *Town
	Sized      []*Town
	Biggest    *Town
	Below      []*Province
	Children   []*Province
	BelowTowns []*Town
}

type Town struct {
	ID       int64
	Province string
	Code     string
	Size     int64
	Gone     *string

	In      *Province
	SeatOf  *Province
	Capital *Town `rel:"capital_there"`
}

var (
	Realm = dovetail.NewRegistry()

	Provinces = dovetail.NewTable[Province](Realm, "provinces")
	Towns     = dovetail.NewTable[Town](Realm, "towns", dovetail.Scope("there", sq.Eq{"gone": nil}))

	sized = dovetail.On("self.size >= coalesce(outer.low, 0) AND (outer.high IS NULL OR self.size <= outer.high)")

	Capital = dovetail.HasOne(Provinces, "capital", Towns, dovetail.On("outer.seat = self.province || self.code"))
	Sized   = dovetail.HasMany(Provinces, "sized", Towns, sized, dovetail.OrderBy("size DESC"))
	Biggest = dovetail.HasOne(Provinces, "biggest", Towns, sized, dovetail.OrderBy("size DESC"))
	Below   = dovetail.HasMany(Provinces, "below", Provinces,
		dovetail.On("self.path LIKE outer.path || '%'"), dovetail.Where("self.id <> outer.id"))
	Children   = dovetail.HasMany(Provinces, "children", Provinces, dovetail.On("self.path LIKE outer.path || '_'"))
	BelowTowns = dovetail.HasManyThrough(Provinces, "below_towns", Towns, "below.sized")

	In           = dovetail.BelongsTo(Towns, "in", Provinces, dovetail.On(sq.Eq{"code": dovetail.Col("outer.province")}))
	SeatOf       = dovetail.BelongsTo(Towns, "seat_of", Provinces, dovetail.On("self.seat = outer.province || outer.code"))
	CapitalThere = dovetail.HasOneThrough(Towns, "capital_there", Towns, "in.capital")
)

// RealmDDL is read by PostgreSQL and SQLite. The last province has one town of its range, which is gone.
const RealmDDL = `
CREATE TABLE provinces (id BIGINT PRIMARY KEY, code TEXT NOT NULL, seat TEXT, low BIGINT, high BIGINT, path TEXT NOT NULL);
CREATE TABLE towns (id BIGINT PRIMARY KEY, province TEXT NOT NULL, code TEXT NOT NULL, size BIGINT NOT NULL, gone TEXT);
INSERT INTO provinces (id, code, seat, low, high, path) VALUES
  (1, 'A', 'A1', NULL, 10, '1'), (2, 'B', 'B9', 5, NULL, '11'), (3, 'C', NULL, 3, 7, '12'), (4, 'D', 'D1', 100, 200, '111');
INSERT INTO towns (id, province, code, size, gone) VALUES (1, 'A', '1', 10, NULL), (2, 'A', '2', 4, NULL), (3, 'B', '9', 7, NULL),
  (4, 'B', '8', 50, NULL), (5, 'C', '1', 3, NULL), (6, 'D', '1', 150, 'gone'), (7, 'B', '7', 50, NULL);
`

func ProvincesQ() dovetail.Query[*Province] { return dovetail.Select(Provinces).OrderBy("id") }

func TownsQ() dovetail.Query[*Town] { return dovetail.Select(Towns).OrderBy("id") }

func TownID(t *Town) int64 { return t.ID }

func ProvinceID(p *Province) int64 { return p.ID }

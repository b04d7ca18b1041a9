package models

import (
	"encoding/json"

	"github.com/dovetail-go/dovetail"
)

// Ships have logs without a primary key, entries below those, and rows that break what is declared about them.

type Ship struct {
	ID      int64
	Name    *string
	PlanID  int64
	Meta    json.RawMessage
	Title   string `db:"logs.text"` // the name that a fetched column would have
	Logs    []*Log
	Crew    []*Sailor
	Captain *Sailor
	Plan    Plan
}

type Log struct {
	ShipID  int64
	Text    *string
	Ship    *Ship
	Entries []*Sailor
	Head    *Sailor
}

type Sailor struct {
	ID     int64
	ShipID *int64
	Rank   *string
	Ship   *Ship
}

type Plan struct {
	ID int64
	A  *string
	B  *int64
}

var (
	Fleet      = dovetail.NewRegistry()
	Ships      = dovetail.NewTable[Ship](Fleet, "ships")
	Logs       = dovetail.NewTable[Log](Fleet, "logs")
	Crew       = dovetail.NewTable[Sailor](Fleet, "sailors")
	fetchPlans = dovetail.NewTable[Plan](Fleet, "plans")

	_ = dovetail.HasMany(Ships, "logs", Logs, dovetail.ForeignKey("ship_id"), dovetail.Inverse("ship"))
	_ = dovetail.HasMany(Ships, "crew", Crew, dovetail.ForeignKey("ship_id"), dovetail.Inverse("ship"))
	_ = dovetail.HasOne(Ships, "captain", Crew, dovetail.ForeignKey("ship_id"))
	_ = dovetail.BelongsTo(Ships, "plan", fetchPlans, dovetail.ForeignKey("plan_id"))
	_ = dovetail.HasMany(Logs, "entries", Crew, dovetail.ForeignKey("ship_id"), dovetail.References("ship_id"))
	_ = dovetail.HasOne(Logs, "head", Crew, dovetail.ForeignKey("ship_id"), dovetail.References("ship_id"))
	_ = dovetail.HasMany(Ships, "fieldless", Crew, dovetail.ForeignKey("ship_id"))
)

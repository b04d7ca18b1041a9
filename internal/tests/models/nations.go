package models

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The models of symmetric relations: nations that share a border, stored once for both, and treaties between two of them, of several
// kinds.

type Nation struct {
	ID         int64
	Neighbours []*Nation
	Further    []*Nation
	Partners   []dovetail.Linked[Nation, Treaty]
	Allies     []*Nation
	N          *int64 `db:"n,computed"`
}

type Border struct{ Nation1, Nation2 int64 }

type Treaty struct {
	ID         int64
	One, Other int64
	Kind       string
}

var (
	World = dovetail.NewRegistry()

	Nations  = dovetail.NewTable[Nation](World, "nations")
	Borders  = dovetail.NewTable[Border](World, "borders", dovetail.PrimaryKey("nation1", "nation2"))
	Treaties = dovetail.NewTable[Treaty](World, "treaties")

	Neighbours = dovetail.ManyToMany(Nations, "neighbours", Nations, Borders, dovetail.ThroughKeys("nation1", "nation2"), dovetail.Symmetric())
	Further    = dovetail.HasManyThrough(Nations, "further", Nations, "neighbours.neighbours")
	Partners   = dovetail.ManyToMany(Nations, "partners", Nations, Treaties, dovetail.ThroughKeys("one", "other"), dovetail.Symmetric())
	Allies     = dovetail.ManyToMany(Nations, "allies", Nations, Treaties, dovetail.ThroughKeys("one", "other"), dovetail.Symmetric(),
		dovetail.Where(sq.Eq{"link.kind": "ally"}))
)

// NationsDDL is read by PostgreSQL and SQLite. One border is stored in both orders, and one nation borders on itself.
const NationsDDL = `
CREATE TABLE nations (id BIGINT PRIMARY KEY);
CREATE TABLE borders (nation1 BIGINT NOT NULL REFERENCES nations (id), nation2 BIGINT NOT NULL REFERENCES nations (id),
  PRIMARY KEY (nation1, nation2));
CREATE TABLE treaties (id BIGINT PRIMARY KEY, one BIGINT NOT NULL REFERENCES nations (id), other BIGINT NOT NULL REFERENCES nations (id),
  kind TEXT NOT NULL);
INSERT INTO nations (id) VALUES (1), (2), (3), (4), (5), (6);
INSERT INTO borders (nation1, nation2) VALUES (1, 2), (3, 1), (2, 3), (4, 4), (5, 1), (1, 5);
INSERT INTO treaties (id, one, other, kind) VALUES (1, 1, 2, 'ally'), (2, 2, 1, 'trade'), (3, 3, 1, 'ally'), (4, 5, 5, 'ally');
`

func NationsQ() dovetail.Query[*Nation] { return dovetail.Select(Nations).OrderBy("id") }

func NationID(n *Nation) int64 { return n.ID }

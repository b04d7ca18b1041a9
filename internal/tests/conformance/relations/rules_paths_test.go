package relations_test

import (
	"fmt"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models of declared conditions that name rows behind the owner, and behind the row itself: players of a team that is in a city.

type pathCity struct {
	ID      int64
	Country *string
	Since   time.Time
	Gone    bool
	Teams   []*pathTeam
	Locals  []*pathPlayer
}

type pathTeam struct {
	ID      int64
	CityID  *int64
	N       int64 `db:"n,computed"`
	City    *pathCity
	Players []*pathPlayer
	Locals  []*pathPlayer
	Mates   []*pathPlayer
	Fans    []*pathPlayer
	Captain *pathPlayer
	Badge   *pathBadge
}

type pathPlayer struct {
	ID      int64
	TeamID  int64
	Country *string
	Leads   bool
	Joined  time.Time
	Team    *pathTeam
	Host    *pathTeam
}

type pathFan struct{ TeamID, PlayerID int64 }

type pathBadge struct {
	ID, TeamID int64
	Colour     string
}

const pathDDL = `
CREATE TABLE cities (id BIGINT PRIMARY KEY, country TEXT, since TIMESTAMP NOT NULL, gone BOOLEAN NOT NULL);
CREATE TABLE teams (id BIGINT PRIMARY KEY, city_id BIGINT);
CREATE TABLE players (id BIGINT PRIMARY KEY, team_id BIGINT NOT NULL, country TEXT, leads BOOLEAN NOT NULL, joined TIMESTAMP NOT NULL);
CREATE TABLE fans (team_id BIGINT NOT NULL, player_id BIGINT NOT NULL, PRIMARY KEY (team_id, player_id));
CREATE TABLE badges (id BIGINT PRIMARY KEY, team_id BIGINT NOT NULL, colour TEXT NOT NULL);
INSERT INTO cities (id, country, since, gone) VALUES (1, 'IT', '2020-01-01 00:00:00', FALSE), (2, 'NO', '2021-01-01 00:00:00', FALSE),
  (3, 'NO', '2022-01-01 00:00:00', TRUE), (4, NULL, '2023-01-01 00:00:00', FALSE);
INSERT INTO teams (id, city_id) VALUES (1, 1), (2, 2), (3, 3), (4, NULL), (5, 4), (6, 1);
INSERT INTO players (id, team_id, country, leads, joined) VALUES
  (1, 1, 'IT', TRUE, '2021-01-01 00:00:00'), (2, 1, 'NO', FALSE, '2019-01-01 00:00:00'), (3, 1, 'IT', FALSE, '2020-01-01 00:00:00'),
  (4, 2, 'NO', FALSE, '2020-06-01 00:00:00'), (5, 2, NULL, TRUE, '2022-01-01 00:00:00'), (6, 3, 'NO', TRUE, '2022-01-01 00:00:00'),
  (7, 4, 'IT', TRUE, '2022-01-01 00:00:00'), (8, 5, NULL, TRUE, '2024-01-01 00:00:00');
INSERT INTO fans (team_id, player_id) VALUES (1, 1), (1, 4), (2, 1), (2, 4), (2, 6), (4, 1);
INSERT INTO badges (id, team_id, colour) VALUES (1, 1, 'IT'), (2, 2, 'NO'), (3, 2, 'SE');`

type pathTables struct {
	cities  *dovetail.Table[pathCity]
	teams   *dovetail.Table[pathTeam]
	players *dovetail.Table[pathPlayer]
}

// newPaths declares the relations, with a condition on players whom their team's city has something in common with.
func newPaths(pred any) pathTables {
	r := dovetail.NewRegistry()
	t := pathTables{
		cities: dovetail.NewTable[pathCity](r, "cities", dovetail.SoftDelete("gone")),
		teams:  dovetail.NewTable[pathTeam](r, "teams"), players: dovetail.NewTable[pathPlayer](r, "players"),
	}
	fans := dovetail.NewTable[pathFan](r, "fans", dovetail.PrimaryKey("team_id", "player_id"))
	badges := dovetail.NewTable[pathBadge](r, "badges")
	team := dovetail.ForeignKey("team_id")
	dovetail.BelongsTo(t.teams, "city", t.cities, dovetail.ForeignKey("city_id"), dovetail.Inverse("teams"))
	dovetail.HasMany(t.teams, "players", t.players, team, dovetail.Inverse("team"))
	dovetail.HasMany(t.teams, "locals", t.players, team, dovetail.Where(pred))
	dovetail.ManyToMany(t.teams, "fans", t.players, fans, dovetail.ThroughKeys("team_id", "player_id"), dovetail.Where(pred))
	dovetail.HasOne(t.teams, "captain", t.players, team, dovetail.Where("self.leads"), dovetail.Where(pred))
	dovetail.HasOne(t.teams, "badge", badges, team, dovetail.Where(sq.Eq{"colour": dovetail.Col("outer.city.country")}))
	dovetail.HasMany(t.teams, "mates", t.players, team, dovetail.Where("outer.badge.colour = self.country"))
	dovetail.HasManyThrough(t.cities, "locals", t.players, "teams.locals")
	dovetail.BelongsTo(t.players, "host", t.teams, team, dovetail.Where(sq.Eq{"city.country": dovetail.Col("outer.country")}))
	return t
}

// TestRulesNamePathsFromTheOwner has conditions of relations that go on from the owner. Whatever asks for the rows has the same.
func TestRulesNamePathsFromTheOwner(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, pathDDL, func(t *testing.T, d kit.Database) {
		for name, pred := range map[string]any{
			"map": sq.Eq{"country": dovetail.Col("outer.city.country")}, "turned": sq.Eq{"outer.city.country": dovetail.Col("country")},
			"text": "outer.city.country = self.country", "in Has": dovetail.Has("team", sq.Eq{"outer.country": dovetail.Col("outer.outer.city.country")}),
			"in a query": sq.Eq{"id": dovetail.Select(newPaths(sq.Eq{"leads": true}).players).Columns("id").Where("self.country = outer.outer.city.country")},
		} {
			t.Run(name, func(t *testing.T) { samePlayers(t, d, newPaths(pred)) })
		}
	})
}

func samePlayers(t *testing.T, d kit.Database, tables pathTables) {
	t.Helper()
	teams := dovetail.Select(tables.teams).OrderBy("id")
	players := dovetail.Select(tables.players)
	id := func(team *pathTeam) int64 { return team.ID }
	lists := func(rows []*pathTeam, of func(*pathTeam) []*pathPlayer) string {
		return kit.Lists(rows, func(team *pathTeam) any { return team.ID }, of, func(p *pathPlayer) any { return p.ID })
	}
	locals := func(team *pathTeam) []*pathPlayer { return team.Locals }
	const want = "1:1,3 2:4 3: 4: 5: 6:"
	kit.Same(t, "joined", kit.Pluck(kit.All(t, d.DB, teams.Join("locals").Distinct()), id), 1, 2)
	kit.Same(t, "left joined", kit.Pluck(kit.All(t, d.DB, teams.LeftJoin("locals").Where(sq.Eq{"locals.id": nil})), id), 3, 4, 5, 6)
	kit.Same(t, "has", kit.Pluck(kit.All(t, d.DB, teams.Has("locals")), id), 1, 2)
	kit.Same(t, "has at least", kit.Pluck(kit.All(t, d.DB, teams.HasAtLeast(2, "locals")), id), 1)
	kit.Same(t, "counted", kit.Pluck(kit.All(t, d.DB, teams.With(dovetail.Count("locals").As("n"))), func(team *pathTeam) int64 { return team.N }),
		2, 1, 0, 0, 0, 0)
	kit.Equal(t, "preloaded", lists(kit.All(t, d.DB, teams.Preload("locals")), locals), want)
	kit.Equal(t, "fetched", lists(kit.All(t, d.DB, teams.Fetch("locals")), locals), want)
	limited := players.OrderBy("id DESC").Limit(1)
	kit.Equal(t, "limited", lists(kit.All(t, d.DB, teams.Preload("locals", limited)), locals), "1:3 2:4 3: 4: 5: 6:")
	bare := kit.All(t, d.DB, teams)
	kit.Load(t, d.DB, tables.teams, bare, "locals")
	kit.Equal(t, "loaded", lists(bare, locals), want)

	mates := func(team *pathTeam) []*pathPlayer { return team.Mates }
	kit.Equal(t, "behind a relation with a condition", lists(kit.All(t, d.DB, teams.Preload("mates")), mates), want)
	kit.Equal(t, "behind a relation with a condition, fetched", lists(kit.All(t, d.DB, teams.Fetch("mates")), mates), want)

	fans := func(team *pathTeam) []*pathPlayer { return team.Fans }
	kit.Same(t, "links: has", kit.Pluck(kit.All(t, d.DB, teams.Has("fans")), id), 1, 2)
	kit.Equal(t, "links: preloaded", lists(kit.All(t, d.DB, teams.Preload("fans")), fans), "1:1 2:4,6 3: 4: 5: 6:")
	kit.Equal(t, "links: fetched", lists(kit.All(t, d.DB, teams.Fetch("fans")), fans), "1:1 2:4,6 3: 4: 5: 6:")
	kit.Equal(t, "links: limited", lists(kit.All(t, d.DB, teams.Preload("fans", limited)), fans), "1:1 2:6 3: 4: 5: 6:")

	captain := func(team *pathTeam) []*pathPlayer {
		if team.Captain == nil {
			return nil
		}
		return []*pathPlayer{team.Captain}
	}
	kit.Equal(t, "one: preloaded", lists(kit.All(t, d.DB, teams.Preload("captain")), captain), "1:1 2: 3: 4: 5: 6:")
	kit.Equal(t, "one: named", fmt.Sprint(kit.Pluck(kit.All(t, d.DB, teams.Where(sq.Eq{"captain.country": "IT"})), id)), "[1]")
	badges := kit.Pluck(kit.All(t, d.DB, teams.Preload("badge")), func(team *pathTeam) bool { return team.Badge != nil })
	kit.Same(t, "one of two rows", badges, true, true, false, false, false, false)

	cities := dovetail.Select(tables.cities).OrderBy("id")
	show := func(rows []*pathCity) string {
		return kit.Lists(rows, func(c *pathCity) any { return c.ID }, func(c *pathCity) []*pathPlayer { return c.Locals },
			func(p *pathPlayer) any { return p.ID })
	}
	kit.Equal(t, "past the owner", show(kit.All(t, d.DB, cities.Preload("locals"))), "1:1,3 2:4 4:")
	kit.Equal(t, "past the owner, fetched", show(kit.All(t, d.DB, cities.Fetch("locals"))), "1:1,3 2:4 4:")
	kit.Equal(t, "past the owner, tested", fmt.Sprint(kit.Pluck(kit.All(t, d.DB, cities.Has("locals")), func(c *pathCity) int64 { return c.ID })), "[1 2]")
	kit.Equal(t, "from another root", fmt.Sprint(kit.Pluck(kit.All(t, d.DB, players.OrderBy("id").Has("team.locals", sq.Eq{"id": 3})),
		func(p *pathPlayer) int64 { return p.ID })), "[1 2 3]")

	ids := func(rows []*pathPlayer) string {
		return fmt.Sprint(kit.Pluck(rows, func(p *pathPlayer) int64 { return p.ID }))
	}
	kit.Equal(t, "a key that many share: joined", ids(kit.All(t, d.DB, players.OrderBy("id").Join("host"))), "[1 3 4]")
	hosted := kit.Pluck(kit.All(t, d.DB, players.OrderBy("id").Fetch("host")), func(p *pathPlayer) bool { return p.Host != nil })
	kit.Same(t, "a key that many share: fetched", hosted, true, false, true, true, false, false, false, false)
	_, err := players.Preload("host").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnsupported, `"players.host"`, "use Join, Fetch or Has")
}

type scopedPlayer struct {
	ID      int64
	TeamID  int64
	Country *string
	Leads   bool
	Joined  time.Time
	Team    *pathTeam
}

// TestScopesNamePaths has a scope that reads a to-one path, and so keeps rows from reads, writes and deletes.
func TestScopesNamePaths(t *testing.T) {
	t.Parallel()
	declare := func(pred any) (*dovetail.Table[scopedPlayer], *dovetail.Table[pathTeam]) {
		r := dovetail.NewRegistry()
		cities := dovetail.NewTable[pathCity](r, "cities", dovetail.SoftDelete("gone"))
		teams := dovetail.NewTable[pathTeam](r, "teams")
		players := dovetail.NewTable[scopedPlayer](r, "players", dovetail.Scope("early", pred))
		dovetail.BelongsTo(teams, "city", cities, dovetail.ForeignKey("city_id"), dovetail.Inverse("teams"))
		dovetail.BelongsTo(players, "team", teams, dovetail.ForeignKey("team_id"))
		return players, teams
	}
	at := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, pred := range map[string]any{
		"map": sq.LtOrEq{"team.city.since": at}, "list": sq.Eq{"team.city.since": []time.Time{at, at.AddDate(-1, 0, 0)}},
		"text": sq.Expr("team.city.since <= ?", at), "column": sq.Expr("self.team.city.since < ? AND team.city.id > 0", at.Add(time.Second)),
	} {
		players, _ := declare(pred)
		q := dovetail.Select(players).OrderBy("id")
		id := func(p *scopedPlayer) int64 { return p.ID }
		kit.OnEach(t, pathDDL, func(t *testing.T, d kit.Database) {
			kit.Same(t, name, kit.Pluck(kit.All(t, d.DB, q), id), 1, 2, 3, 4, 5)
			kit.Same(t, name, kit.Pluck(kit.All(t, d.DB, q.Where(sq.Eq{"team.city.country": "IT"})), id), 1, 2, 3)
			kit.Same(t, name+", lifted", kit.Pluck(kit.All(t, d.DB, q.Unscoped("early").Limit(6)), id), 1, 2, 3, 4, 5, 6)
			n, err := dovetail.Update(players).Set("leads", true).Where(sq.Gt{"id": 4}).Exec(t.Context(), d.DB)
			kit.NoError(t, err)
			kit.Equal(t, name+", updated", n, 1)
			err = dovetail.Save(t.Context(), d.DB, players, &scopedPlayer{ID: 6, TeamID: 3, Leads: true, Joined: at}, "leads")
			kit.Refused(t, err, dovetail.ErrNoRows)
			n, err = dovetail.Delete(players).All().Exec(t.Context(), d.DB)
			kit.NoError(t, err)
			kit.Equal(t, name+", deleted", n, 5)
		})
	}
}

type keylessPlayer struct {
	ID      int64
	N       *int64 `db:"n,computed"`
	Follows []*pathFan
}

// TestFirstOfRowsWithoutAKey takes any of them.
func TestFirstOfRowsWithoutAKey(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	players, fans := dovetail.NewTable[keylessPlayer](r, "players"), dovetail.NewTable[pathFan](r, "fans")
	dovetail.HasMany(players, "follows", fans, dovetail.ForeignKey("player_id"))
	kit.OnEach(t, pathDDL, func(t *testing.T, d kit.Database) {
		rows := kit.All(t, d.DB, dovetail.Select(players).Where(sq.Eq{"id": []int{3, 6}}).OrderBy("id").With(dovetail.FirstOf("follows.team_id").As("n")))
		if rows[0].N != nil || *rows[1].N != 2 {
			t.Errorf("expected none and 2, got %v and %v", rows[0].N, rows[1].N)
		}
	})
}

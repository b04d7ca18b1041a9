package writes_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

// Teams and players of one league point at each other, by keys that begin with the league.
type (
	cycTeam struct {
		LeagueID, ID int64
		CaptainID    *int64
		Captain      *cycPlayer
		Players      []*cycPlayer
	}
	cycPlayer struct {
		LeagueID, ID int64
		TeamID       *int64
		Team         *cycTeam
	}
)

// TestInsertAroundKeysThatShareAColumn inserts rows that point at each other by keys of which one column can be NULL: that is set when all are
// there. Keys are made by the database, given by the program, or the primary keys themselves.
func TestInsertAroundKeysThatShareAColumn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []dovetail.TableOption
		given   bool
	}{
		"made":             {nil, false},
		"given":            {[]dovetail.TableOption{dovetail.AssignedKey()}, true},
		"the primary keys": {[]dovetail.TableOption{dovetail.PrimaryKey("league_id", "id"), dovetail.AssignedKey()}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			teams, players := dovetail.NewTable[cycTeam](r, "cyc_teams", test.options...), dovetail.NewTable[cycPlayer](r, "cyc_players", test.options...)
			to := dovetail.References("league_id", "id")
			dovetail.HasMany(teams, "players", players, dovetail.ForeignKey("league_id", "team_id"), to, dovetail.Inverse("team"))
			dovetail.BelongsTo(teams, "captain", players, dovetail.ForeignKey("league_id", "captain_id"), to)
			kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
				ctx := t.Context()
				kit.NoError(t, r.CreateAll(ctx, d.DB))
				team, ann, bob := &cycTeam{LeagueID: 7}, &cycPlayer{LeagueID: 7}, &cycPlayer{}
				team.Captain, team.Players = ann, []*cycPlayer{bob, ann}
				ann.Team = team
				if test.given {
					team.ID, ann.ID, bob.ID = 1, 1, 2
				}
				kit.Insert(t, d.DB, dovetail.Insert(teams, team).With("captain", "players"))
				if team.CaptainID == nil || *team.CaptainID != ann.ID || ann.TeamID == nil || *ann.TeamID != team.ID || bob.LeagueID != 7 || *bob.TeamID != team.ID {
					t.Errorf("expected the structs to point at each other, got %+v, %+v, %+v", team, ann, bob)
				}
				people.ExpectLines(t, d, "SELECT 'ok' FROM cyc_teams AS t JOIN cyc_players AS c ON c.league_id = t.league_id AND c.id = t.captain_id "+
					"AND c.team_id = t.id JOIN cyc_players AS p ON p.league_id = 7 AND p.team_id = t.id", "ok", "ok")

				// A key of which nothing can be NULL, or that is not known but for the update, is a cycle still.
				lost := &cycTeam{Captain: &cycPlayer{}}
				lost.Captain.Team = lost
				if !test.given {
					kit.Refused(t, dovetail.Insert(teams, lost).With("captain.team").Exec(ctx, d.DB), dovetail.ErrCycle, "cyc_teams")
				}
			})
		})
	}
}

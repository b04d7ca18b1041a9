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

// Heads of departments are told by their department and a code, and departments point at them by their own key and the code.
type (
	cycDept struct {
		ID       string
		HeadCode *string
		Head     *cycEmp
		Emps     []*cycEmp
	}
	cycEmp struct {
		DeptID, Code string
		MentorCode   *string
		Dept         *cycDept
		Mentor       *cycEmp
	}
	cycShop struct {
		ID        int64
		FirstCode *string
		First     *cycShelf
		Shelves   []*cycShelf
	}
	cycShelf struct {
		ShopID int64
		Code   string
	}
	cycFirm struct {
		Tenant, ID string
		Chiefs     []*cycChief
	}
	cycChief struct {
		Tenant, ID, FirmID string
		DeputyID           *string
		Deputy             *cycDeputy
	}
	cycDeputy struct {
		Tenant, ID, ChiefID string
		Chief               *cycChief
	}
)

// TestInsertAroundAColumnOfBothKeys inserts rows that point at each other by a key of which one column is of the row's own primary key: its value
// is that of the row itself, or of yet another.
func TestInsertAroundAColumnOfBothKeys(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	depts := dovetail.NewTable[cycDept](r, "cyc_depts")
	emps := dovetail.NewTable[cycEmp](r, "cyc_emps", dovetail.PrimaryKey("dept_id", "code"))
	dovetail.HasMany(depts, "emps", emps, dovetail.ForeignKey("dept_id"), dovetail.Inverse("dept"))
	dovetail.BelongsTo(depts, "head", emps, dovetail.ForeignKey("id", "head_code"))
	dovetail.BelongsTo(emps, "mentor", emps, dovetail.ForeignKey("dept_id", "mentor_code"))
	shops := dovetail.NewTable[cycShop](r, "cyc_shops", dovetail.Identity("id"))
	shelves := dovetail.NewTable[cycShelf](r, "cyc_shelves", dovetail.PrimaryKey("shop_id", "code"))
	dovetail.HasMany(shops, "shelves", shelves, dovetail.ForeignKey("shop_id"))
	dovetail.BelongsTo(shops, "first", shelves, dovetail.ForeignKey("id", "first_code"))
	two := dovetail.PrimaryKey("tenant", "id")
	firms, chiefs, deputies := dovetail.NewTable[cycFirm](r, "cyc_firms", two), dovetail.NewTable[cycChief](r, "cyc_chiefs", two), dovetail.NewTable[cycDeputy](r, "cyc_deputies", two)
	dovetail.HasMany(firms, "chiefs", chiefs, dovetail.ForeignKey("tenant", "firm_id"))
	dovetail.BelongsTo(chiefs, "deputy", deputies, dovetail.ForeignKey("tenant", "deputy_id"))
	dovetail.BelongsTo(deputies, "chief", chiefs, dovetail.ForeignKey("tenant", "chief_id"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		kit.NoError(t, r.CreateAll(ctx, d.DB))
		pair := func(id, of string) *cycDept {
			h, x := &cycEmp{DeptID: of, Code: "h"}, &cycEmp{Code: "x"}
			return &cycDept{ID: id, Head: h, Emps: []*cycEmp{x, h}}
		}
		one := pair("1", "")
		kit.Insert(t, d.DB, dovetail.Insert(depts, one).With("head", "emps"))
		if one.HeadCode == nil || *one.HeadCode != "h" || one.Head.DeptID != "1" || one.Emps[0].DeptID != "1" {
			t.Errorf("expected the structs to point at each other, got %+v, %+v", one, one.Head)
		}
		kit.Insert(t, d.DB, dovetail.Insert(depts, pair("2", "2")).With("emps", "head"))
		mentors := pair("3", "")
		mentors.Head.Mentor, mentors.Emps[0].Mentor = mentors.Emps[0], mentors.Head
		kit.Insert(t, d.DB, dovetail.Insert(depts, mentors).With("head", "emps.mentor"))
		given := pair("4", "4")
		given.HeadCode, given.Emps[0].DeptID = &given.Head.Code, "4"
		kit.Insert(t, d.DB, dovetail.Insert(depts, given).With("head", "emps"))
		keys := pair("5", "5") // which no field tells
		keys.Head, keys.HeadCode = nil, &keys.Emps[1].Code
		kit.Insert(t, d.DB, dovetail.Insert(depts, keys).With("emps"))
		people.ExpectLines(t, d, "SELECT d.id || ' ' || d.head_code || ' ' || e.code || coalesce(' ' || e.mentor_code, '') FROM cyc_depts AS d JOIN cyc_emps AS e "+
			"ON e.dept_id = d.id ORDER BY d.id, e.code",
			"1 h h", "1 h x", "2 h h", "2 h x", "3 h h x", "3 h x h", "4 h h", "4 h x", "5 h h", "5 h x")

		shelf := &cycShelf{Code: "top"}
		shop := &cycShop{First: shelf, Shelves: []*cycShelf{shelf, {Code: "low"}}}
		kit.Insert(t, d.DB, dovetail.Insert(shops, shop).With("first", "shelves"))
		people.ExpectLines(t, d, "SELECT s.first_code || ' ' || h.code FROM cyc_shops AS s JOIN cyc_shelves AS h ON h.shop_id = s.id ORDER BY h.code", "top low", "top top")
		if shop.ID == 0 || shelf.ShopID != shop.ID {
			t.Errorf("expected the shelf to have the number that the database made, got %+v, %+v", shop, shelf)
		}

		chief := &cycChief{ID: "c", Deputy: &cycDeputy{ID: "d"}}
		chief.Deputy.Chief = chief
		kit.Insert(t, d.DB, dovetail.Insert(firms, &cycFirm{Tenant: "t", ID: "f", Chiefs: []*cycChief{chief}}).With("chiefs.deputy.chief"))
		people.ExpectLines(t, d, "SELECT c.tenant || c.firm_id || c.deputy_id || d.chief_id FROM cyc_chiefs AS c JOIN cyc_deputies AS d ON d.tenant = c.tenant", "tfdc")

		// What nobody knows is what the message names.
		err := dovetail.Insert(depts, pair("", "")).With("head", "emps").Exec(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrCycle, `"cyc_depts" -> "cyc_emps"`, `could be NULL in "head_code"`, `its "id" has no value`)
		if err := dovetail.Insert(depts, pair("6", "7")).With("head", "emps").Exec(ctx, d.DB); err == nil {
			t.Error("expected a row that is in the field of one department and points at another to be refused")
		}
	})
}

package writes_test

import (
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

// Rows that are taken out of a relation go as a delete would have them go.

type oTeam struct {
	ID      int64
	Members []*oMember
	Guests  []*oGuest
	Tags    []*oTag
}

type oMember struct {
	ID, TeamID int64
	Cards      []*oCard
	Notes      []*oNote
	Tags       []*oTag
	Lockers    []*oLocker
}

type oGuest struct {
	ID, TeamID int64
	LeftAt     *time.Time
}

type oCard struct{ ID, MemberID int64 }

type oLocker struct {
	ID       int64
	MemberID int64
}

type oNote struct {
	ID       int64
	ItemType *string
	ItemID   *int64
}

type oTag struct{ ID int64 }

type oMemberTag struct{ MemberID, TagID int64 }

type oTeamTag struct {
	TeamID, TagID int64
	Rank          int64
	Gone          bool
}

type oTables struct {
	teams    *dovetail.Table[oTeam]
	members  *dovetail.Table[oMember]
	of       *dovetail.ToMany[*oTeam, *oMember]
	guests   *dovetail.ToMany[*oTeam, *oGuest]
	teamTags *dovetail.ToMany[*oTeam, *oTag]

	guestTable *dovetail.Table[oGuest]
}

func newOTables(link ...dovetail.TableOption) oTables {
	r := dovetail.NewRegistry()
	teams, members := dovetail.NewTable[oTeam](r, "teams"), dovetail.NewTable[oMember](r, "members")
	guests := dovetail.NewTable[oGuest](r, "guests", dovetail.SoftDelete("left_at"))
	cards, lockers := dovetail.NewTable[oCard](r, "cards"), dovetail.NewTable[oLocker](r, "lockers")
	notes, tags := dovetail.NewTable[oNote](r, "notes"), dovetail.NewTable[oTag](r, "tags")
	memberTags := dovetail.NewTable[oMemberTag](r, "member_tags", dovetail.PrimaryKey("member_id", "tag_id"))
	teamTags := dovetail.NewTable[oTeamTag](r, "team_tags", append(link, dovetail.PrimaryKey("team_id", "tag_id"))...)
	key := dovetail.ForeignKey("team_id")
	dovetail.HasMany(members, "cards", cards, dovetail.ForeignKey("member_id"), dovetail.OnDelete(dovetail.Cascade))
	dovetail.HasMany(members, "lockers", lockers, dovetail.ForeignKey("member_id"))
	dovetail.MorphMany(members, "notes", notes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("member"),
		dovetail.OnDelete(dovetail.SetNull))
	dovetail.ManyToMany(members, "tags", tags, memberTags, dovetail.ThroughKeys("member_id", "tag_id"))
	return oTables{
		teams, members,
		dovetail.HasMany(teams, "members", members, key, dovetail.DeleteOrphans(), dovetail.OnDelete(dovetail.Cascade)),
		dovetail.HasMany(teams, "guests", guests, key, dovetail.DeleteOrphans(), dovetail.OnDelete(dovetail.Cascade)),
		dovetail.ManyToMany(teams, "tags", tags, teamTags, dovetail.ThroughKeys("team_id", "tag_id")),
		guests,
	}
}

const oDDL = `
CREATE TABLE teams (id BIGINT PRIMARY KEY);
CREATE TABLE members (id BIGINT PRIMARY KEY, team_id BIGINT NOT NULL REFERENCES teams);
CREATE TABLE guests (id BIGINT PRIMARY KEY, team_id BIGINT NOT NULL REFERENCES teams, left_at TIMESTAMP);
CREATE TABLE cards (id BIGINT PRIMARY KEY, member_id BIGINT NOT NULL REFERENCES members);
CREATE TABLE lockers (id BIGINT PRIMARY KEY, member_id BIGINT NOT NULL);
CREATE TABLE notes (id BIGINT PRIMARY KEY, item_type TEXT, item_id BIGINT);
CREATE TABLE tags (id BIGINT PRIMARY KEY);
CREATE TABLE member_tags (member_id BIGINT REFERENCES members, tag_id BIGINT REFERENCES tags, PRIMARY KEY (member_id, tag_id));
CREATE TABLE team_tags (team_id BIGINT REFERENCES teams, tag_id BIGINT REFERENCES tags, rank BIGINT NOT NULL DEFAULT 0,
  gone BOOLEAN NOT NULL DEFAULT FALSE, PRIMARY KEY (team_id, tag_id));
INSERT INTO teams (id) VALUES (1), (2);
INSERT INTO members (id, team_id) VALUES (1, 1), (2, 1), (3, 1), (4, 2);
INSERT INTO guests (id, team_id) VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO cards (id, member_id) VALUES (1, 1), (2, 2), (3, 3), (4, 4);
INSERT INTO lockers (id, member_id) VALUES (3, 3);
INSERT INTO notes (id, item_type, item_id) VALUES (1, 'member', 1), (2, 'team', 1), (3, 'member', 2);
INSERT INTO tags (id) VALUES (1), (2), (3);
INSERT INTO member_tags (member_id, tag_id) VALUES (1, 1), (2, 1), (4, 1);
INSERT INTO team_tags (team_id, tag_id, rank, gone) VALUES (1, 1, 1, FALSE), (1, 2, 2, TRUE), (2, 1, 3, FALSE);
`

const (
	oCards    = "SELECT CAST(id AS TEXT) FROM cards ORDER BY id"
	oNotes    = "SELECT id || ' ' || coalesce(item_type, '-') || ' ' || coalesce(CAST(item_id AS TEXT), '-') FROM notes ORDER BY id"
	oLinks    = "SELECT CAST(member_id AS TEXT) FROM member_tags ORDER BY 1"
	oMembers  = "SELECT CAST(id AS TEXT) FROM members ORDER BY id"
	oTeamTags = "SELECT tag_id || ' ' || rank || CASE WHEN gone THEN ' gone' ELSE '' END FROM team_tags WHERE team_id = 1 ORDER BY tag_id"
)

// TestUnlinkedOrphansTakeWhatPointsAtThem: the policies of what points at an orphan are followed.
func TestUnlinkedOrphansTakeWhatPointsAtThem(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, oDDL, func(t *testing.T, d kit.Database) {
		tables, team, ctx := newOTables(), &oTeam{ID: 1}, t.Context()
		if n := people.Done(t)(tables.of.Unlink(ctx, d.DB, team, &oMember{ID: 1})); n != 1 {
			t.Errorf("expected one member to go, got %d", n)
		}
		people.ExpectLines(t, d, oCards, "2", "3", "4")
		people.ExpectLines(t, d, oNotes, "1 - -", "2 team 1", "3 member 2")
		people.ExpectLines(t, d, oLinks, "2", "4")
		diff, err := tables.of.Replace(ctx, d.DB, team, &oMember{ID: 3})
		if err != nil || len(diff.Removed) != 1 || diff.Removed[0].ID != 2 {
			t.Errorf("got %+v, %v", diff, err)
		}
		people.ExpectLines(t, d, oCards, "3", "4")
		people.ExpectLines(t, d, oNotes, "1 - -", "2 team 1", "3 - -")
		people.ExpectLines(t, d, oLinks, "4")

		_, err = tables.of.UnlinkAll(ctx, d.DB, team)
		kit.Refused(t, err, dovetail.ErrRestricted, "unlink teams.members", `rows of "lockers" by relation "members.lockers"`, "OnDelete(Cascade)")
		_, err = tables.of.Replace(ctx, d.DB, team)
		kit.Refused(t, err, dovetail.ErrRestricted, "replace teams.members")
		people.ExpectLines(t, d, oMembers, "3", "4")
	})
}

// TestUnlinkedOrphansAreMarked: orphans of a table with a soft delete stay, marked.
func TestUnlinkedOrphansAreMarked(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, oDDL, func(t *testing.T, d kit.Database) {
		tables, team, ctx := newOTables(), &oTeam{ID: 1}, t.Context()
		marked := "SELECT CAST(id AS TEXT) FROM guests WHERE left_at IS NOT NULL ORDER BY id"
		people.Done(t)(tables.guests.Unlink(ctx, d.DB, team, &oGuest{ID: 1}))
		people.ExpectLines(t, d, marked, "1")
		diff, err := tables.guests.Replace(ctx, d.DB, team)
		if err != nil || len(diff.Removed) != 1 || diff.Removed[0].ID != 2 {
			t.Errorf("got %+v, %v", diff, err)
		}
		people.ExpectLines(t, d, marked, "1", "2")
		if n := people.Done(t)(tables.guests.UnlinkAll(ctx, d.DB, team)); n != 0 {
			t.Errorf("expected nobody to be left, got %d", n)
		}
		people.ExpectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM guests", "3")
	})
}

// TestLinksOfATableWithASoftDelete: links are marked when they go, and no longer when they come back.
func TestLinksOfATableWithASoftDelete(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, oDDL, func(t *testing.T, d kit.Database) {
		tables, team, ctx, n := newOTables(dovetail.SoftDelete("gone")), &oTeam{ID: 1}, t.Context(), people.Done(t)
		one, two, three := &oTag{ID: 1}, &oTag{ID: 2}, &oTag{ID: 3}
		if got := n(tables.teamTags.Unlink(ctx, d.DB, team, one, two)); got != 1 {
			t.Errorf("expected one to be unlinked, got %d", got)
		}
		people.ExpectLines(t, d, oTeamTags, "1 1 gone", "2 2 gone")
		if got := n(tables.teamTags.Link(ctx, d.DB, team, one, three)); got != 2 {
			t.Errorf("expected two new links, got %d", got)
		}
		people.ExpectLines(t, d, oTeamTags, "1 1", "2 2 gone", "3 0")
		diff, err := tables.teamTags.Replace(ctx, d.DB, team, one, two)
		if err != nil || len(diff.Added) != 1 || len(diff.Removed) != 1 {
			t.Errorf("got %+v, %v", diff, err)
		}
		people.ExpectLines(t, d, oTeamTags, "1 1", "2 2", "3 0 gone")
		again, err := tables.teamTags.Replace(ctx, d.DB, team, one, two)
		if err != nil || len(again.Added)+len(again.Removed) != 0 {
			t.Errorf("expected nothing to do, got %+v, %v", again, err)
		}
		if got := n(dovetail.LinkWith(ctx, d.DB, tables.teamTags, team, dovetail.Linked[oTag, oTeamTag]{Row: three, Link: &oTeamTag{Rank: 7}})); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}
		people.ExpectLines(t, d, oTeamTags, "1 1", "2 2", "3 7")
		n(tables.teamTags.UnlinkAll(ctx, d.DB, team))
		people.ExpectLines(t, d, oTeamTags, "1 1 gone", "2 2 gone", "3 7 gone")
	})
}

// TestLinksOutOfScopeAreRefused: a link that a condition keeps out of sight cannot be made, and the call says so.
func TestLinksOutOfScopeAreRefused(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, oDDL, func(t *testing.T, d kit.Database) {
		tables, team, ctx := newOTables(dovetail.Scope("low", squirrel.Lt{"rank": 2})), &oTeam{ID: 1}, t.Context()
		one, two, three := &oTag{ID: 1}, &oTag{ID: 2}, &oTag{ID: 3}
		_, err := tables.teamTags.Link(ctx, d.DB, team, one, two, three)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "link teams.tags", `1 of 3 rows is linked to the owner by rows of "team_tags"`)
		_, err = tables.teamTags.Replace(ctx, d.DB, team, two)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "replace teams.tags")
		people.ExpectLines(t, d, oTeamTags, "1 1", "2 2 gone")
		if got := people.Done(t)(tables.teamTags.Link(ctx, d.DB, team, one, three)); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}
	})
}

// TestDeleteAsksBeforeLinksWithDataGo: a many-to-many takes the rows of its join table along only where nothing is lost by it.
func TestDeleteAsksBeforeLinksWithDataGo(t *testing.T) {
	t.Parallel()
	type tag struct{ ID int64 }
	type tagging struct {
		ID, TeamID, TagID int64
		Kind              string
	}
	type team struct {
		ID   int64
		Tags []*tag
	}
	const ddl = `
CREATE TABLE teams (id BIGINT PRIMARY KEY);
CREATE TABLE tags (id BIGINT PRIMARY KEY);
CREATE TABLE taggings (id BIGINT PRIMARY KEY, team_id BIGINT NOT NULL, tag_id BIGINT NOT NULL,
	kind TEXT NOT NULL, UNIQUE (team_id, tag_id));
INSERT INTO teams (id) VALUES (1);
INSERT INTO tags (id) VALUES (1);
INSERT INTO taggings (id, team_id, tag_id, kind) VALUES (1, 1, 1, 'own');`
	pair := []dovetail.TableOption{dovetail.PrimaryKey("team_id", "tag_id")}
	cascade, byTeam := []dovetail.RelationOption{dovetail.OnDelete(dovetail.Cascade)}, dovetail.ForeignKey("team_id")
	for name, test := range map[string]struct {
		key    []dovetail.TableOption
		policy []dovetail.RelationOption
		many   []dovetail.RelationOption
		goes   bool
	}{
		"with data":                    {nil, nil, nil, false},
		"with data, told by both keys": {pair, nil, nil, false},
		"with a policy":                {nil, cascade, nil, true},
		"beside a has-many":            {pair, nil, []dovetail.RelationOption{byTeam}, false},
		"beside a has-many of some rows": {
			pair, nil, []dovetail.RelationOption{byTeam, dovetail.Where(squirrel.Eq{"kind": "own"})}, false,
		},
		"beside a has-many of others": {
			pair, nil, []dovetail.RelationOption{byTeam, dovetail.Where(squirrel.Eq{"kind": "other"})}, false,
		},
		"beside a has-many with a policy": {
			pair, cascade, []dovetail.RelationOption{byTeam, dovetail.Where(squirrel.Eq{"kind": "other"}), dovetail.OnDelete(dovetail.Restrict)}, true,
		},
		"with a policy beside a has-many of some rows": {
			pair, cascade, []dovetail.RelationOption{byTeam, dovetail.Where(squirrel.Eq{"kind": "own"})}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			teams, tags := dovetail.NewTable[team](r, "teams"), dovetail.NewTable[tag](r, "tags")
			taggings := dovetail.NewTable[tagging](r, "taggings", test.key...)
			dovetail.ManyToMany(teams, "tags", tags, taggings, append(test.policy, dovetail.ThroughKeys("team_id", "tag_id"))...)
			if test.many != nil {
				dovetail.HasMany(teams, "taggings", taggings, test.many...)
			}
			kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
				_, err := dovetail.Delete(teams).All().Exec(t.Context(), d.DB)
				left := "SELECT CAST(id AS TEXT) FROM taggings"
				if test.goes {
					kit.NoError(t, err)
					people.ExpectLines(t, d, left)
					return
				}
				kit.Refused(t, err, dovetail.ErrRestricted, `rows of "taggings" by relation "teams.ta`, "declare OnDelete(Cascade)")
				people.ExpectLines(t, d, left, "1")
			})
		})
	}
}

package writes_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// timeOptions are ways in which the driver for SQLite writes times.
func timeOptions() []string {
	return []string{
		"", "_time_format=sqlite", "_time_format=datetime", "_time_format=sqlite&_timezone=Europe/Berlin", "_time_integer_format=unix&_inttotime=1",
		"_time_integer_format=unix_milli&_inttotime=1", "_time_integer_format=unix_micro&_inttotime=1", "_time_integer_format=unix_nano&_inttotime=1",
		"_time_integer_format=unix_milli",
	}
}

// onTimeOptions opens an empty database for each of these ways, and one of PostgreSQL.
func onTimeOptions(t *testing.T, test func(t *testing.T, db dialect.DB)) {
	t.Helper()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		if d.Postgres() {
			test(t, d.DB)
			return
		}
		for _, options := range timeOptions() {
			t.Run("driver "+options, func(t *testing.T) {
				pool := kit.Must[*sql.DB](t)(sql.Open("sqlite", "file:"+t.TempDir()+"/t.db?_pragma=foreign_keys(1)&"+options))
				defer func() { kit.NoError(t, pool.Close()) }()
				test(t, sqlite.New(pool))
			})
		}
	})
}

type tnOwner struct {
	ID     int64
	Notes  []*tnNote
	Latest *tnNote
	Tags   []*tnTag
	Last   *time.Time `db:"last,computed"`
}

type tnNote struct {
	ID, OwnerID int64
	Text        string
	MadeAt      time.Time
	ChangedAt   time.Time
}

type tnTag struct{ ID int64 }

type tnTagging struct {
	OwnerID, TagID int64
	At             time.Time
}

// What now() fills is what a program gives of the same time: it is ordered, compared, told apart and paged alike, whatever makes the table.
func TestTheTimeOfTheStatementIsSpelledAsOthersAre(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners, tags := dovetail.NewTable[tnOwner](r, "tn_owners", dovetail.AssignedKey()), dovetail.NewTable[tnTag](r, "tn_tags", dovetail.AssignedKey())
	notes := dovetail.NewTable[tnNote](r, "tn_notes", dovetail.Default("made_at", "now()"), dovetail.Default("changed_at", "CURRENT_TIMESTAMP"),
		dovetail.OnUpdate("changed_at", "now()"))
	taggings := dovetail.NewTable[tnTagging](r, "tn_taggings", dovetail.PrimaryKey("owner_id", "tag_id"), dovetail.Default("at", "now()"))
	dovetail.HasMany(owners, "notes", notes, dovetail.ForeignKey("owner_id"))
	dovetail.HasOne(owners, "latest", notes, dovetail.ForeignKey("owner_id"), dovetail.OrderBy("made_at DESC"))
	tagged := dovetail.ManyToMany(owners, "tags", tags, taggings, dovetail.ThroughKeys("owner_id", "tag_id"))
	onTimeOptions(t, func(t *testing.T, db dialect.DB) {
		ctx := t.Context()
		kit.NoError(t, r.CreateAll(ctx, db))
		ahead := time.Now().Add(240 * time.Hour).UTC().Truncate(time.Second)
		first := &tnNote{Text: "first", MadeAt: ahead, ChangedAt: ahead}
		kit.NoError(t, dovetail.Insert(owners, &tnOwner{ID: 1, Notes: []*tnNote{first, {Text: "beside"}}}).With("notes").Exec(ctx, db))
		second, third := &tnNote{OwnerID: 1, Text: "second"}, &tnNote{OwnerID: 1, Text: "third"}
		kit.NoError(t, dovetail.Insert(notes, second, third).Exec(ctx, db))
		kit.Equal(t, "the rows of one call", third.MadeAt, second.MadeAt)
		kit.NoError(t, dovetail.Upsert(notes, &tnNote{ID: 9, OwnerID: 1, Text: "upserted"}).OnConflict("id").Set("text").Exec(ctx, db))

		last := kit.Must[*tnNote](t)(dovetail.Select(notes).OrderBy("made_at DESC").First(ctx, db))
		kit.Equal(t, "the last", last.Text, "first")
		owner := kit.Must[*tnOwner](t)(dovetail.Select(owners).With(dovetail.FirstOf("notes.made_at").OrderBy("made_at DESC").As("last")).
			Preload("latest").One(ctx, db))
		kit.Equal(t, "the latest", owner.Latest.Text, "first")
		kit.Equal(t, "FirstOf", owner.Last.UTC(), ahead)
		count := func(what string, want int64, pred any) {
			kit.Equal(t, what, kit.Must[int64](t)(dovetail.Select(notes).Where(pred).Count(ctx, db)), want)
		}
		count("after", 1, sq.Gt{"made_at": time.Now().Add(time.Hour)})
		count("before", 4, sq.Lt{"made_at": time.Now().Add(time.Hour)})
		count("equal to each other", 5, sq.Eq{"changed_at": dovetail.Col("made_at")})
		count("as read", 2, sq.And{sq.Eq{"made_at": second.MadeAt}, sq.Eq{"text": []string{"second", "third"}}})

		third.ChangedAt = second.ChangedAt
		kit.NoError(t, dovetail.Save(ctx, db, notes, third, "changed_at"))
		groups := kit.Must[[]time.Time](t)(dovetail.Collect[time.Time](ctx, db, dovetail.Select(notes).Columns("changed_at").
			Where(sq.Eq{"text": []string{"second", "third"}}).Distinct()))
		kit.Equal(t, "different times", len(groups), 1)
		kit.Equal(t, "paged", len(pagedNotes(t, db, dovetail.Select(notes).OrderBy("made_at", "id"))), 5)

		kit.Must[int64](t)(dovetail.Update(notes).Set("text", "changed").Where("id = ?", 9).Exec(ctx, db))
		kit.Equal(t, "paged by what changes", len(pagedNotes(t, db, dovetail.Select(notes).OrderBy("changed_at", "id"))), 5)

		kit.NoError(t, dovetail.Insert(tags, &tnTag{1}, &tnTag{2}, &tnTag{3}).Exec(ctx, db))
		kit.NoError(t, dovetail.Insert(taggings, &tnTagging{1, 1, ahead}).Exec(ctx, db))
		kit.Must[int64](t)(tagged.Link(ctx, db, owner, &tnTag{2}, &tnTag{3}))
		linked := kit.Must[*tnTagging](t)(dovetail.Select(taggings).OrderBy("at DESC").First(ctx, db))
		kit.Equal(t, "the last link", linked.TagID, 1)
		findings := kit.Must[[]dovetail.Finding](t)(r.Check(ctx, db))
		kit.Equal(t, "findings", len(findings), 0)
	})
}

// pagedNotes reads rows one by one, each after the position of the one before.
func pagedNotes(t *testing.T, db dialect.DB, q dovetail.Query[*tnNote]) (all []*tnNote) {
	t.Helper()
	q = q.Limit(1)
	page := kit.Must[[]*tnNote](t)(q.All(t.Context(), db))
	for len(page) > 0 {
		all = append(all, page...)
		page = kit.Must[[]*tnNote](t)(q.After(kit.Must[[]any](t)(q.Position(page[0]))...).All(t.Context(), db))
	}
	return all
}

// A table that an older version made has a default that spells times in SQLite's own way, which the rows that come keep to.
func TestTheTimeOfTheStatementKeepsToAnOlderTable(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	notes := dovetail.NewTable[tnNote](r, "tn_notes", dovetail.Default("made_at", "now()"), dovetail.Default("changed_at", "now()"))
	d := kit.SQLiteDB(t, `CREATE TABLE tn_notes (id INTEGER PRIMARY KEY, owner_id BIGINT NOT NULL, "text" TEXT NOT NULL,
		made_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, changed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
		INSERT INTO tn_notes (owner_id, "text") VALUES (1, 'there')`)
	ahead := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	kit.NoError(t, dovetail.Insert(notes, &tnNote{Text: "given", MadeAt: ahead, ChangedAt: ahead}, &tnNote{Text: "filled"}).Exec(t.Context(), d.DB))
	kit.Equal(t, "paged", len(pagedNotes(t, d.DB, dovetail.Select(notes).OrderBy("made_at", "id"))), 3)
	findings := kit.Must[[]dovetail.Finding](t)(r.Check(t.Context(), d.DB))
	kit.Equal(t, "findings", len(findings), 0)
}

// What is made of a column of times is read in the unit that the driver writes, and refused where that leaves open what it is.
func TestTimesThatAreMadeOfAColumnAreReadInItsUnit(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners, notes := dovetail.NewTable[tnOwner](r, "tn_owners", dovetail.AssignedKey()), dovetail.NewTable[tnNote](r, "tn_notes")
	tags := dovetail.NewTable[tnTag](r, "tn_tags", dovetail.AssignedKey())
	taggings := dovetail.NewTable[tnTagging](r, "tn_taggings", dovetail.PrimaryKey("owner_id", "tag_id"))
	dovetail.HasMany(owners, "notes", notes, dovetail.ForeignKey("owner_id"))
	dovetail.HasOne(owners, "latest", notes, dovetail.ForeignKey("owner_id"), dovetail.OrderBy("made_at DESC"))
	dovetail.ManyToMany(owners, "tags", tags, taggings, dovetail.ThroughKeys("owner_id", "tag_id"))
	onTimeOptions(t, func(t *testing.T, db dialect.DB) {
		ctx := t.Context()
		kit.NoError(t, r.CreateAll(ctx, db))
		early, late := time.Date(1972, 5, 5, 5, 5, 5, 0, time.UTC), time.Date(2024, 5, 5, 5, 5, 6, 0, time.UTC)
		kit.NoError(t, dovetail.Insert(owners, &tnOwner{ID: 1, Notes: []*tnNote{{MadeAt: early, ChangedAt: late}, {MadeAt: late, ChangedAt: late}}}).
			With("notes").Exec(ctx, db))
		one := func(what string, q dovetail.Query[*tnOwner]) {
			owner := kit.Must[*tnOwner](t)(q.One(ctx, db))
			kit.Equal(t, what, owner.Last.UTC(), late)
		}
		one("Max", dovetail.Select(owners).With(dovetail.Max("notes.made_at").As("last")))
		one("Min", dovetail.Select(owners).With(dovetail.Min("notes.changed_at").As("last")))
		one("Column", dovetail.Select(owners).LeftJoin("notes").GroupBy("id").Column("max(notes.made_at) AS last"))
		found := kit.Must[[]time.Time](t)(dovetail.Collect[time.Time](ctx, db, dovetail.Select(notes).Columns().Column("max(made_at) AS m")))
		kit.Equal(t, "Collect", found[0].UTC(), late)
		owner, err := dovetail.Select(owners).With(dovetail.Min("notes.made_at").As("last")).One(ctx, db)
		if err == nil { // else it says that it does not know
			kit.Equal(t, "Min of early times", owner.Last.UTC(), early)
		}
	})
}

// A fraction of a second is not cut from the first time of a column, whatever writes the texts.
func TestTimesKeepTheirFractions(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	taggings := dovetail.NewTable[tnTagging](r, "tn_taggings", dovetail.PrimaryKey("owner_id", "tag_id"))
	onTimeOptions(t, func(t *testing.T, db dialect.DB) {
		kit.NoError(t, r.CreateAll(t.Context(), db))
		if strings.HasSuffix(t.Name(), "=unix&_inttotime=1") {
			return // whole seconds, as documented
		}
		at := time.Date(2024, 5, 5, 5, 5, 6, 750e6, time.UTC)
		kit.NoError(t, dovetail.Insert(taggings, &tnTagging{1, 1, at}).Exec(t.Context(), db))
		kit.NoError(t, dovetail.Insert(taggings, &tnTagging{1, 2, at.Truncate(time.Second)}).Exec(t.Context(), db))
		found := kit.Must[*tnTagging](t)(dovetail.Select(taggings).Where(sq.Eq{"at": at}).One(t.Context(), db))
		kit.Equal(t, "the time that was given", found.At.UTC(), at)
		after := kit.Must[int64](t)(dovetail.Select(taggings).Where(sq.Gt{"at": at.Truncate(time.Second)}).Count(t.Context(), db))
		kit.Equal(t, "after the second", after, 1)
	})
}

package writes_test

import (
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type defaultTimeLink struct {
	TopicID, TagID int64
	At             time.Time
}

// Those of links, too: of which Link gives nothing but the keys.
func TestTimesByDefaultOfLinksAreFound(t *testing.T) {
	t.Parallel()
	type tag struct{ ID int64 }
	type topic struct {
		ID   int64
		Tags []*tag
	}
	r := dovetail.NewRegistry()
	topics, tags := dovetail.NewTable[topic](r, "topics", dovetail.AssignedKey()), dovetail.NewTable[tag](r, "tags", dovetail.AssignedKey())
	links := dovetail.NewTable[defaultTimeLink](r, "topic_tags", dovetail.PrimaryKey("topic_id", "tag_id"), dovetail.Default("at", "CURRENT_TIMESTAMP"))
	of := dovetail.ManyToMany(topics, "tags", tags, links, dovetail.ThroughKeys("topic_id", "tag_id"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		kit.NoError(t, r.CreateAll(t.Context(), d.DB))
		d.Exec(t, "INSERT INTO topics VALUES (1); INSERT INTO tags VALUES (1), (2), (3)")
		count := func(at time.Time) int64 {
			return kit.Must[int64](t)(dovetail.Select(links).Where(sq.Eq{"at": at}).Count(t.Context(), d.DB))
		}
		given := &defaultTimeLink{TopicID: 1, TagID: 1, At: time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)}
		kit.NoError(t, dovetail.Insert(links, given).Exec(t.Context(), d.DB))
		kit.Equal(t, "given", count(given.At), 1) // by a way to spell times that is known from now on
		kit.Must[int64](t)(of.Link(t.Context(), d.DB, &topic{ID: 1}, &tag{ID: 2}))
		made := kit.Must[*defaultTimeLink](t)(dovetail.Select(links).Where(sq.Eq{"tag_id": 2}).One(t.Context(), d.DB))
		kit.Equal(t, "made", count(made.At), 1)
	})
}

type defaultTime struct {
	ID int64
	At time.Time
	N  int
}

// A time that the database gives by Default, which SQLite spells in its own way, is found as those that programs give, also where
// the way these are spelled was looked up before.
func TestTimesByDefaultAreFound(t *testing.T) {
	t.Parallel()
	table := dovetail.NewTable[defaultTime](dovetail.NewRegistry(), "events", dovetail.Default("at", "CURRENT_TIMESTAMP"))
	const identity = "CREATE TABLE events (id INTEGER PRIMARY KEY GENERATED ALWAYS AS IDENTITY, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, n INTEGER NOT NULL)"
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ddl := identity
		if !d.Postgres() {
			ddl = "CREATE TABLE events (id INTEGER PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, n INTEGER NOT NULL)"
		}
		d.Exec(t, ddl)
		ctx := t.Context()
		count := func(pred any, args ...any) int64 {
			n, err := dovetail.Select(table).Where(pred, args...).Count(ctx, d.DB)
			if err != nil {
				t.Error(err)
			}
			return n
		}
		given := &defaultTime{At: time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)}
		if err := dovetail.Insert(table, given).Exec(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "given", count(sq.Eq{"at": given.At}), 1)
		made := &defaultTime{}
		if err := dovetail.Insert(table, made).Exec(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "made", count(sq.Eq{"at": made.At}), 1)
		kit.Equal(t, "given, after", count(sq.Eq{"at": given.At}), 1)
		kit.Equal(t, "before", count(sq.Lt{"at": made.At}), 1)
		kit.Equal(t, "from it on", count(sq.GtOrEq{"at": made.At}), 1)
		kit.Equal(t, "both", count(sq.Eq{"at": []time.Time{made.At, given.At}}), 2)
		n, err := dovetail.Update(table).Set("n", 1).Where("at = ?", made.At).Exec(ctx, d.DB)
		if n != 1 || err != nil {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

package values_test

import (
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type dsOwner struct {
	ID   int64
	Days []*dsDay
	Tags []dovetail.Linked[dsTag, dsLink]
}

type dsDay struct {
	ID      int64
	OwnerID int64
	Day     time.Time
}

type dsTag struct{ ID int64 }

type dsLink struct {
	OwnerID int64
	TagID   int64
	Since   *time.Time
}

// TestDatesGivenWithATimeOfDayAreTheSame: a column that is declared a date keeps the day of a time, or, on SQLite, all of it; in both
// cases the same row given again has not changed.
func TestDatesGivenWithATimeOfDayAreTheSame(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[dsOwner](r, "ds_owners")
	days := dovetail.NewTable[dsDay](r, "ds_days", dovetail.Type("day", "date"), dovetail.AssignedKey())
	tags := dovetail.NewTable[dsTag](r, "ds_tags")
	links := dovetail.NewTable[dsLink](r, "ds_links", dovetail.PrimaryKey("owner_id", "tag_id"), dovetail.Type("since", "date"))
	ownerDays := dovetail.HasMany(owners, "days", days, dovetail.ForeignKey("owner_id"), dovetail.DeleteOrphans())
	ownerTags := dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys("owner_id", "tag_id"))
	const ddl = `CREATE TABLE ds_owners (id BIGINT PRIMARY KEY);
CREATE TABLE ds_tags (id BIGINT PRIMARY KEY);
CREATE TABLE ds_days (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, day DATE NOT NULL);
CREATE TABLE ds_links (owner_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, since DATE, PRIMARY KEY (owner_id, tag_id));
INSERT INTO ds_owners VALUES (1);
INSERT INTO ds_tags VALUES (1);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		zone := time.FixedZone("", -5*60*60)
		at := time.Date(2024, 3, 1, 22, 30, 0, 0, zone) // the 2nd in UTC
		for _, want := range []struct {
			at             time.Time
			changed, added int
		}{{at, 0, 1}, {at, 0, 0}, {at.AddDate(0, 0, 1), 1, 0}, {at.AddDate(0, 0, 1), 0, 0}} {
			diff, err := ownerDays.Sync(t.Context(), d.DB, &dsOwner{ID: 1}, &dsDay{ID: 7, Day: want.at})
			kit.NoError(t, err)
			kit.Equal(t, "rows changed", len(diff.Changed), want.changed)
			kit.Equal(t, "rows added", len(diff.Added), want.added)
			links, err := dovetail.ReplaceWith(t.Context(), d.DB, ownerTags, &dsOwner{ID: 1},
				dovetail.Linked[dsTag, dsLink]{Row: &dsTag{ID: 1}, Link: &dsLink{Since: &want.at}})
			kit.NoError(t, err)
			kit.Equal(t, "links changed", len(links.Changed), want.changed)
			kit.Equal(t, "links added", len(links.Added), want.added)
		}
	})
}

package writes_test

import (
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TestTimesOfOneMomentThatTheirColumnTellsApartAreWritten: Sync and ReplaceWith write a time of the moment that is there where the column
// goes by the clock, as Save does, and none that it stores as what is there.
func TestTimesOfOneMomentThatTheirColumnTellsApartAreWritten(t *testing.T) {
	t.Parallel()
	east, west := time.FixedZone("east", 7200), time.FixedZone("west", -3600)
	ten, midnight := time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		postgres, sqlite string
		declared         []dovetail.TableOption
		held, given      time.Time
		written          bool
	}{
		{"timestamp", "", nil, ten, ten.In(east), true},
		{"timestamp(3)", "", nil, ten, ten.In(east), true},
		{"timestamp", "", []dovetail.TableOption{dovetail.Type("v", "timestamp")}, ten, ten.In(east), true},
		{"timestamp", "", nil, ten, ten.Add(time.Nanosecond), false},
		{"ag_clock", "", nil, ten, ten.In(east), true},
		{"date", "DATE", nil, midnight, midnight.In(west), true},
		{"date", "", []dovetail.TableOption{dovetail.Type("v", "date")}, midnight, midnight.In(west), true},
		{"date", "", nil, midnight, midnight.Add(time.Hour), false},
		{"timestamptz", "DATETIME", nil, ten, ten.In(east), false},
		{"timestamptz", "", nil, ten, ten.Add(time.Nanosecond), false},
		{"timestamptz", "DATETIME", nil, ten, ten.Add(time.Second), true},
		{"", "DATETIME", nil, ten, ten.Add(time.Nanosecond), true},
		{"", "DATE", nil, midnight, midnight.Add(time.Hour), true},
	} {
		ddl := func(column string) string {
			return `CREATE TABLE ag_owners (id BIGINT PRIMARY KEY); CREATE TABLE ag_tags (id BIGINT PRIMARY KEY);
				CREATE TABLE ag_rows (id BIGINT PRIMARY KEY, owner_id BIGINT REFERENCES ag_owners, v ` + column + ` NOT NULL, ver BIGINT NOT NULL);
				CREATE TABLE ag_links (owner_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, v ` + column + ` NOT NULL, ver BIGINT NOT NULL, PRIMARY KEY (owner_id, tag_id));
				INSERT INTO ag_owners VALUES (1); INSERT INTO ag_tags VALUES (1)`
		}
		run := func(t *testing.T, d kit.Database) {
			t.Helper()
			ctx, db, r := t.Context(), d.DB, dovetail.NewRegistry()
			owners := dovetail.NewTable[agOwner](r, "ag_owners", dovetail.AssignedKey())
			rows := dovetail.NewTable[agRow[time.Time]](r, "ag_rows", append(c.declared, dovetail.Version("ver"), dovetail.AssignedKey())...)
			tags := dovetail.NewTable[agTag](r, "ag_tags", dovetail.AssignedKey())
			links := dovetail.NewTable[agLink[time.Time]](r, "ag_links", append(c.declared, dovetail.PrimaryKey("owner_id", "tag_id"), dovetail.Version("ver"))...)
			rowsOf := dovetail.HasMany(owners, "rows", rows, dovetail.ForeignKey("owner_id"))
			tagsOf := dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys("owner_id", "tag_id"))
			for i, v := range []time.Time{c.held, c.given} {
				want := 0
				if i == 1 && c.written {
					want = 1
				}
				row := &agRow[time.Time]{ID: 1, V: v, Ver: 1}
				if diff, err := rowsOf.Sync(ctx, db, &agOwner{1}, row); err != nil || len(diff.Changed) != want {
					t.Errorf("sync %d: expected %d to be changed, got %d, %v", i, want, len(diff.Changed), err)
				}
				link := dovetail.Linked[agTag, agLink[time.Time]]{Row: &agTag{1}, Link: &agLink[time.Time]{V: v, Ver: 1}}
				if diff, err := dovetail.ReplaceWith(ctx, db, tagsOf, &agOwner{1}, link); err != nil || len(diff.Changed) != want {
					t.Errorf("replace %d: expected %d to be changed, got %d, %v", i, want, len(diff.Changed), err)
				}
			}
		}
		t.Run(c.postgres+" "+c.sqlite, func(t *testing.T) {
			t.Parallel()
			if c.postgres != "" {
				t.Run("postgres", func(t *testing.T) {
					run(t, kit.PostgresPool(t, "CREATE DOMAIN ag_clock AS timestamp;"+ddl(c.postgres)))
				})
			}
			if c.sqlite != "" {
				t.Run("sqlite", func(t *testing.T) { run(t, kit.SQLiteDB(t, ddl(c.sqlite))) })
			}
		})
	}
}

package writes_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	dtDay struct {
		Shop   int64
		Day    string
		Visits []*dtVisit
	}
	dtVisit struct {
		ID    int64
		Shop  int64
		Day   string
		DayOf *dtDay
	}
)

// TestStringsOverDatesFindTheirRows: the driver of SQLite makes a time of a date, which a string has as database/sql prints it. A preload looks for what
// the column has, also of a column of texts, which has that very text.
func TestStringsOverDatesFindTheirRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, first, second string
		whole               bool // the key is two columns
	}{
		"dates":            {"DATE", "2024-01-02", "2024-01-03", false},
		"dates of two":     {"DATE", "2024-01-02", "2024-01-03", true},
		"times":            {"TIMESTAMP", "2024-01-02 10:00:00", "2024-01-02 11:00:00", false},
		"times as JSON":    {"DATETIME", "2024-01-02T10:00:00Z", "2024-01-02T11:00:00Z", false},
		"texts as printed": {"TEXT", "2024-01-02T00:00:00Z", "2024-01-02T00:00:00.000Z", false},
		"texts of two":     {"TEXT", "2024-01-02T00:00:00Z", "2024-01-02 00:00:00", true},
		"other texts":      {"TEXT", "a", "b", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
				if d.Postgres() {
					return // which refuses to give a date to a string
				}
				r := dovetail.NewRegistry()
				key := []string{"day"}
				if c.whole {
					key = []string{"shop", "day"}
				}
				days := dovetail.NewTable[dtDay](r, "dt_days", dovetail.PrimaryKey(key...), dovetail.AssignedKey())
				visits := dovetail.NewTable[dtVisit](r, "dt_visits", dovetail.AssignedKey())
				dovetail.HasMany(days, "visits", visits, dovetail.ForeignKey(key...), dovetail.Inverse("day_of"))
				d.Exec(t, "CREATE TABLE dt_days (shop BIGINT, day "+c.kind+" PRIMARY KEY); CREATE TABLE dt_visits (id BIGINT PRIMARY KEY, shop BIGINT, day "+c.kind+")")
				d.Exec(t, "INSERT INTO dt_days VALUES (1, '"+c.first+"'), (1, '"+c.second+"'); INSERT INTO dt_visits VALUES (1, 1, '"+c.first+"'), (2, 1, '"+c.second+"'), (3, 1, '"+c.second+"')")
				all := kit.Must[[]*dtDay](t)(dovetail.Select(days).OrderBy("day").Preload("visits").All(t.Context(), d.DB))
				for i, day := range all {
					if len(day.Visits) == 0 {
						t.Errorf("expected the visits of day %d", i)
					}
				}
				for _, v := range kit.Must[[]*dtVisit](t)(dovetail.Select(visits).Preload("day_of").All(t.Context(), d.DB)) {
					if v.DayOf == nil || v.DayOf.Day != v.Day {
						t.Errorf("expected the day of visit %d, got %v", v.ID, v.DayOf)
					}
				}
			})
		})
	}
}

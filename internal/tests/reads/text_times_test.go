package reads_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type visit struct {
	ID    int64
	At    time.Time
	Stamp time.Time
	Mixed time.Time
}

// TestTimesBesideColumnsThatDiffer: what is refused is said of what is so: two columns that spell times alike each, and one that does not.
func TestTimesBesideColumnsThatDiffer(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[visit](dovetail.NewRegistry(), "rt_visits")
	db := kit.SQLiteDB(t, `CREATE TABLE rt_visits (id INTEGER PRIMARY KEY, at TEXT, stamp TEXT, mixed TEXT);
INSERT INTO rt_visits VALUES (1, '2024-03-01 10:00:00', '2024-03-01T10:00:00Z', '2024-03-01 10:00:00'),
  (2, '2024-03-02 10:00:00', '2024-03-02T10:00:00Z', '2024-03-02T10:00:00Z');`).DB
	noon := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, said := range map[string][]string{
		"min(at, stamp) < ?":         {`"rt_visits.at" and "rt_visits.stamp"`, "differently from each other", "datetime(at), datetime(stamp) and datetime(?)"},
		"coalesce(stamp, at) = ?":    {"differently from each other"},
		"coalesce(mixed, mixed) = ?": {`beside "rt_visits.mixed", where times are spelled in several ways`},
		"min(at, mixed) < ?":         {"where times are spelled in several ways"},
	} {
		_, err := dovetail.Select(rows).Where(text, noon).All(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrUnsupported, said...)
		if differ := strings.Contains(err.Error(), "differently"); differ == strings.Contains(text, "mixed") {
			t.Errorf("%s: %v", text, err)
		}
	}
	// Each by itself is spelled, also of a table that the text reads by itself.
	for _, text := range []string{"at < ? AND stamp < ?", "EXISTS (SELECT 1 FROM rt_visits o WHERE o.id = self.id AND o.stamp < ? AND o.at < ?)",
		"self.id IN (SELECT id FROM rt_visits WHERE ? > stamp AND at < ?)", "min(datetime(at), datetime(stamp)) < datetime(?) AND ? > at"} {
		found, err := dovetail.Select(rows).Where(text, noon, noon).All(t.Context(), db)
		kit.NoError(t, err)
		kit.Same(t, text, kit.Pluck(found, func(v *visit) int64 { return v.ID }), 1)
	}
}

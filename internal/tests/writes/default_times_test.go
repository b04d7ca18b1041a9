package writes_test

import (
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

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

package writes_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type spList struct {
	ID    int64
	Items []dovetail.Linked[spItem, spPlace]
}

type spItem struct{ Code string }

type spPlace struct {
	ListID  int64
	Item    string
	Rank    *string
	Day     *time.Time
	Fixed   string
	Version int64
}

const spelledDDL = `CREATE TABLE sp_lists (id BIGINT PRIMARY KEY);
CREATE TABLE sp_items (code VARCHAR(4) PRIMARY KEY);
CREATE TABLE sp_places (list_id BIGINT NOT NULL REFERENCES sp_lists, item VARCHAR(4) NOT NULL REFERENCES sp_items, rank NUMERIC(6, 2), day DATE,
  fixed NUMERIC(6, 2) NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (list_id, item), UNIQUE (list_id, rank), UNIQUE (list_id, day), UNIQUE (list_id, fixed));
INSERT INTO sp_lists VALUES (1);
INSERT INTO sp_items VALUES ('a'), ('b');
`

func spellings() (items *dovetail.ToMany[*spList, *spItem], places *dovetail.Table[spPlace]) {
	r := dovetail.NewRegistry()
	lists := dovetail.NewTable[spList](r, "sp_lists", dovetail.AssignedKey())
	of := dovetail.NewTable[spItem](r, "sp_items", dovetail.PrimaryKey("code"))
	places = dovetail.NewTable[spPlace](r, "sp_places", dovetail.PrimaryKey("list_id", "item"), dovetail.Type("rank", "numeric(6, 2)"),
		dovetail.Type("fixed", "numeric(6, 2)"), dovetail.Version("version"),
		dovetail.Unique("list_id", "rank"), dovetail.Unique("list_id", "day"), dovetail.Unique("list_id", "fixed"))
	return dovetail.ManyToMany(lists, "items", of, places, dovetail.ThroughKeys("list_id", "item")), places
}

// TestPlacesThatTheDatabaseSpellsOtherwise exchanges values that are equal in the database and not in Go: decimals with and without
// zeros at their end, days given as times.
func TestPlacesThatTheDatabaseSpellsOtherwise(t *testing.T) {
	t.Parallel()
	items, places := spellings()
	day := func(n int) *time.Time {
		at := time.Date(2024, 1, n, 15, 4, 5, 6, time.FixedZone("", 3600))
		return &at
	}
	kit.OnEach(t, spelledDDL, func(t *testing.T, d kit.Database) {
		entries := func(rank string, days, fixed [2]int) []dovetail.Linked[spItem, spPlace] {
			var all []dovetail.Linked[spItem, spPlace]
			for i, r := range strings.Fields(rank) {
				all = append(all, dovetail.Linked[spItem, spPlace]{Row: &spItem{Code: string(rune('a' + i))}, Link: &spPlace{
					Rank: &r, Day: day(days[i]), Fixed: fmt.Sprint(fixed[i])}})
			}
			return all
		}
		list := &spList{ID: 1}
		replace := func(e []dovetail.Linked[spItem, spPlace]) error {
			_, err := dovetail.ReplaceWith(t.Context(), d.DB, items, list, e...)
			return err
		}
		shown := func() string {
			var b strings.Builder
			for _, p := range kit.All(t, d.DB, dovetail.Select(places).OrderBy("item")) {
				fmt.Fprintf(&b, "%s %.3s %d %.1s ", p.Item, *p.Rank, p.Day.Day(), p.Fixed)
			}
			return b.String()
		}
		kit.NoError(t, replace(entries("1.5 2.50", [2]int{1, 2}, [2]int{1, 2})))
		kit.Equal(t, "made", shown(), "a 1.5 1 1 b 2.5 2 2 ")
		kit.NoError(t, replace(entries("2.5 1.50", [2]int{1, 2}, [2]int{1, 2})))
		kit.Equal(t, "ranks exchanged", shown(), "a 2.5 1 1 b 1.5 2 2 ")
		kit.NoError(t, replace(entries("2.50 1.5", [2]int{2, 1}, [2]int{1, 2})))
		kit.Equal(t, "days exchanged", shown(), "a 2.5 2 1 b 1.5 1 2 ")
		// Where nothing can go in between, that is said if Go can tell, and else by the constraint.
		var refused *dovetail.ConstraintError
		err := replace(entries("2.50 1.5", [2]int{2, 1}, [2]int{2, 1}))
		if !errors.Is(err, dovetail.ErrUnsupported) && !errors.As(err, &refused) || !strings.Contains(fmt.Sprint(err), "(list_id, fixed)") {
			t.Errorf("expected an exchange without a value in between to be refused, got %v", err)
		}
		kit.Equal(t, "nothing in between", shown(), "a 2.5 2 1 b 1.5 1 2 ")

		// A place that a third one has is refused as ever.
		d.Exec(t, "INSERT INTO sp_items VALUES ('z')")
		d.Exec(t, "INSERT INTO sp_lists VALUES (2)")
		d.Exec(t, "INSERT INTO sp_places VALUES (2, 'z', 9, NULL, 9, 0)")
		same := entries("7 7.00", [2]int{1, 2}, [2]int{1, 2})
		if err := replace(same); !errors.As(err, &refused) || refused.Kind != dovetail.UniqueConstraint {
			t.Errorf("expected one place for two links to be refused by its constraint, got %v", err)
		}
	})
}

// TestLinksCountTheirVersion finds that a link was changed by others, whoever changed it.
func TestLinksCountTheirVersion(t *testing.T) {
	t.Parallel()
	items, places := spellings()
	kit.OnEach(t, spelledDDL, func(t *testing.T, d kit.Database) {
		ctx, list := t.Context(), &spList{ID: 1}
		entry := func(fixed string) dovetail.Linked[spItem, spPlace] {
			return dovetail.Linked[spItem, spPlace]{Row: &spItem{Code: "a"}, Link: &spPlace{Fixed: fixed}}
		}
		stale := func(what string) {
			t.Helper()
			old := kit.Must[*spPlace](t)(dovetail.Select(places).Get(ctx, d.DB, 1, "a"))
			if what == "linked" {
				kit.Must[int64](t)(dovetail.LinkWith(ctx, d.DB, items, list, entry("8")))
			} else {
				kit.Must[dovetail.Diff[*spItem]](t)(dovetail.ReplaceWith(ctx, d.DB, items, list, entry("7")))
			}
			old.Fixed = "1"
			kit.Refused(t, dovetail.Save(ctx, d.DB, places, old, "fixed"), dovetail.ErrStale)
		}
		kit.Must[int64](t)(dovetail.LinkWith(ctx, d.DB, items, list, entry("3")))
		stale("linked")
		stale("replaced")
		kit.Same(t, "versions", kit.Collect[int64](t, d.DB, dovetail.Select(places).Columns("version")), 2)
	})
}

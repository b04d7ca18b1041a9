package writes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type tkHouse struct {
	Code   string
	Guests []*tkGuest
	Labels []*tkLabel
}

type tkGuest struct {
	Name, Code string
	HouseCode  *string
}

type tkLabel struct{ Kind, Code string }

type tkLabeled struct{ HouseCode, Kind, Code string }

const textKeysDDL = `CREATE TABLE tk_houses (code TEXT PRIMARY KEY);
CREATE TABLE tk_guests (name TEXT NOT NULL, code TEXT NOT NULL, house_code TEXT, PRIMARY KEY (name, code));
CREATE TABLE tk_labels (kind TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (kind, code));
CREATE TABLE tk_labeled (house_code TEXT NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (house_code, kind, code));
`

// TestTextKeysAreWrittenByThatTextAlone writes to rows whose keys, of several columns, read like values of other types: the one
// that is named is written to, and no other.
func TestTextKeysAreWrittenByThatTextAlone(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	houses := dovetail.NewTable[tkHouse](r, "tk_houses", dovetail.PrimaryKey("code"))
	guests := dovetail.NewTable[tkGuest](r, "tk_guests", dovetail.PrimaryKey("name", "code"))
	labels := dovetail.NewTable[tkLabel](r, "tk_labels", dovetail.PrimaryKey("kind", "code"))
	labeled := dovetail.NewTable[tkLabeled](r, "tk_labeled", dovetail.PrimaryKey("house_code", "kind", "code"))
	houseGuests := dovetail.HasMany(houses, "guests", guests, dovetail.ForeignKey("house_code"))
	houseLabels := dovetail.ManyToMany(houses, "labels", labels, labeled,
		dovetail.ThroughKeys([]string{"house_code"}, []string{"kind", "code"}))

	kit.OnEach(t, textKeysDDL, func(t *testing.T, d kit.Database) {
		house := &tkHouse{Code: "true"}
		var people []*tkGuest
		var marks []*tkLabel
		for _, text := range kit.Lookalikes {
			people = append(people, &tkGuest{Name: "false", Code: text, HouseCode: &house.Code})
			marks = append(marks, &tkLabel{Kind: "1", Code: text})
		}
		kit.Insert(t, d.DB, dovetail.Insert(houses, house, &tkHouse{Code: "1"}))
		kit.Insert(t, d.DB, dovetail.Insert(guests, people...))
		kit.Insert(t, d.DB, dovetail.Insert(labels, marks...))
		left := func(what, query string, want []string) {
			t.Helper()
			got, err := kit.SQL[string](t.Context(), d.DB, query)
			kit.NoError(t, err)
			slices.Sort(got)
			want = slices.Sorted(slices.Values(want))
			if strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("%s: expected %q, got %q", what, want, got)
			}
		}
		one := func(n int64, err error) {
			t.Helper()
			kit.NoError(t, err)
			kit.Equal(t, "rows written", n, 1)
		}

		ctx := t.Context()
		_, err := houseLabels.Replace(ctx, d.DB, house, marks...)
		kit.NoError(t, err)
		for i, text := range kit.Lookalikes {
			rest := kit.Lookalikes[i+1:]
			one(houseLabels.Unlink(ctx, d.DB, house, marks[i]))
			left("labels after "+text, "SELECT code FROM tk_labeled", rest)
			one(houseGuests.Unlink(ctx, d.DB, house, people[i]))
			left("guests after "+text, "SELECT code FROM tk_guests WHERE house_code IS NOT NULL", rest)
			kit.NoError(t, dovetail.DeleteRows(ctx, d.DB, labels, marks[i]))
			left("rows after "+text, "SELECT code FROM tk_labels", rest)
		}

		// What is replaced is what was there beside the rows that are given.
		for i, text := range kit.Lookalikes {
			if _, err := houseGuests.Replace(ctx, d.DB, house, people[i]); err != nil {
				t.Fatal(err)
			}
			left("guests replaced by "+text, "SELECT code FROM tk_guests WHERE house_code IS NOT NULL", []string{text})
		}
		err = dovetail.DeleteRows(ctx, d.DB, guests, people[0], &tkGuest{Name: "0", Code: "true"})
		kit.Refused(t, err, dovetail.ErrNoRows, "1 of the 2 rows")
		kit.NoError(t, dovetail.DeleteRows(ctx, d.DB, guests, people[1:]...))
		left("the last guest", "SELECT code FROM tk_guests", kit.Lookalikes[:1])
	})
}

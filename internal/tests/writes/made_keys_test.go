package writes_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

type mkPlace struct {
	Code   string
	Name   string
	Guests []*mkGuest
	Signs  []*mkSign
}

type mkGuest struct {
	Code      string
	PlaceCode *string
	Place     *mkPlace
}

type mkSign struct{ Code string }

type mkPlaceSign struct{ PlaceCode, SignCode string }

const madeKeysDDL = `CREATE TABLE mk_places (code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE mk_guests (code TEXT NOT NULL PRIMARY KEY, place_code TEXT REFERENCES mk_places);
CREATE TABLE mk_signs (code TEXT NOT NULL PRIMARY KEY);
CREATE TABLE mk_place_signs (place_code TEXT NOT NULL REFERENCES mk_places, sign_code TEXT NOT NULL REFERENCES mk_signs,
  PRIMARY KEY (place_code, sign_code));
`

// TestAnEmptyTextIsAKey links to and from rows whose key, which the program gives, is "".
func TestAnEmptyTextIsAKey(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	places := dovetail.NewTable[mkPlace](r, "mk_places", dovetail.PrimaryKey("code"))
	guests := dovetail.NewTable[mkGuest](r, "mk_guests", dovetail.PrimaryKey("code"))
	signs := dovetail.NewTable[mkSign](r, "mk_signs", dovetail.PrimaryKey("code"))
	placeSigns := dovetail.NewTable[mkPlaceSign](r, "mk_place_signs", dovetail.PrimaryKey("place_code", "sign_code"))
	placeGuests := dovetail.HasMany(places, "guests", guests, dovetail.ForeignKey("place_code"))
	guestPlace := dovetail.BelongsTo(guests, "place", places, dovetail.ForeignKey("place_code"))
	placeSign := dovetail.ManyToMany(places, "signs", signs, placeSigns, dovetail.ThroughKeys([]string{"place_code"}, []string{"sign_code"}))

	kit.OnEach(t, madeKeysDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		none, a := &mkPlace{Name: "none"}, &mkPlace{Code: "a"}
		kit.Insert(t, d.DB, dovetail.Insert(places, none).Only("name")) // a key is given, whatever is left out
		kit.Insert(t, d.DB, dovetail.Insert(places, a))
		g, h := &mkGuest{}, &mkGuest{Code: "h"}
		kit.Insert(t, d.DB, dovetail.Insert(guests, g, h))
		sign, other := &mkSign{}, &mkSign{Code: "s"}
		kit.Insert(t, d.DB, dovetail.Insert(signs, sign, other))
		holds := func(what, query string, want int64) {
			t.Helper()
			got, err := kit.SQL[int64](ctx, d.DB, query)
			kit.NoError(t, err)
			kit.Equal(t, what, got[0], want)
		}
		one := func(what string, n int64, err error) {
			t.Helper()
			kit.NoError(t, err)
			kit.Equal(t, what, n, 1)
		}

		n, err := placeGuests.Link(ctx, d.DB, none, g)
		one("linked", n, err)
		n, err = placeGuests.Move(ctx, d.DB, a, g)
		one("moved away", n, err)
		n, err = placeGuests.Move(ctx, d.DB, none, g)
		one("moved back", n, err)
		holds("rows that point at it", "SELECT count(*) FROM mk_guests WHERE place_code = ''", 1)
		diff, err := placeGuests.Replace(ctx, d.DB, none, h)
		kit.NoError(t, err)
		kit.Equal(t, "replaced", len(diff.Added)+len(diff.Removed), 2)
		holds("rows that point at it now", "SELECT count(*) FROM mk_guests WHERE place_code = '' AND code = 'h'", 1)
		_, err = guestPlace.Replace(ctx, d.DB, g, none)
		kit.NoError(t, err)
		holds("rows that point at it from their side", "SELECT count(*) FROM mk_guests WHERE place_code = ''", 2)

		n, err = placeSign.Link(ctx, d.DB, none, sign)
		one("links", n, err)
		_, err = placeSign.Replace(ctx, d.DB, none, other, sign)
		kit.NoError(t, err)
		holds("links after", "SELECT count(*) FROM mk_place_signs WHERE place_code = ''", 2)

		kit.Load(t, d.DB, places, []*mkPlace{none}, "guests")
		kit.Equal(t, "loaded", len(none.Guests), 2)

		x := &mkGuest{Code: "x"}
		kit.NoError(t, placeGuests.Add(none, x))
		if x.PlaceCode == nil || *x.PlaceCode != "" {
			t.Errorf("expected the key of the owner, got %v", x.PlaceCode)
		}
		// What may still be given different keys is not one row.
		kit.NoError(t, placeGuests.Add(a, &mkGuest{}, &mkGuest{}))
		kit.Equal(t, "rows without a key", len(a.Guests), 2)
	})
}

// TestLoadNeedsAKey loads onto an owner whose key is still to be made, with what is to be inserted in its fields.
func TestLoadNeedsAKey(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		owner := &written.Account{Activities: []*written.Activity{{Amount: 1}}}
		err := dovetail.Load(t.Context(), db, written.Accounts, []*written.Account{nil, owner}, "activities.tags")
		kit.Refused(t, err, dovetail.ErrInvalidRow, "row 2 has no key yet")
		db.Expect(t, 0, 0)
		kit.Equal(t, "what it held", len(owner.Activities), 1)
		// A foreign key is no key that the database makes.
		kit.Load(t, d.DB, written.Activities, []*written.Activity{{}}, "account")
	})
}

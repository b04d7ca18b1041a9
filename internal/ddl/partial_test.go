package ddl_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	cardHolder struct {
		ID    int64
		Card  *heldCard
		Photo *heldPhoto
	}
	heldCard struct {
		ID        int64
		HolderID  *int64
		DeletedAt *time.Time
	}
	heldPhoto struct {
		ID   int64
		Kind *string
		Item *int64
		Gone bool
	}
)

// holding has to-one relations to tables of which some rows may be marked as deleted, if they are.
func holding(marked bool) *dovetail.Registry {
	r := dovetail.NewRegistry()
	options := func(column string) []dovetail.TableOption {
		if !marked {
			return nil
		}
		return []dovetail.TableOption{dovetail.SoftDelete(column)}
	}
	holders := dovetail.NewTable[cardHolder](r, "holders")
	cards := dovetail.NewTable[heldCard](r, "cards", options("deleted_at")...)
	photos := dovetail.NewTable[heldPhoto](r, "photos", options("gone")...)
	dovetail.HasOne(holders, "card", cards, dovetail.ForeignKey("holder_id"))
	dovetail.MorphOne(holders, "photo", photos, dovetail.MorphKey("kind", "item"), dovetail.MorphValue("holder"))
	return r
}

// TestOneOfAllAfterOneOfTheUnmarked: where rows are no more marked as deleted, the index of those that are not is there still, by the name that
// the key of all rows would have. The other way round the key of all rows is told, and stays.
func TestOneOfAllAfterOneOfTheUnmarked(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		kit.NoError(t, holding(true).CreateAll(t.Context(), s.DB))
		if found := s.check(t, holding(true)); len(found) > 0 {
			t.Errorf("expected what was made to be as it was declared, got\n%s", text(found))
		}
		found := s.check(t, holding(false))
		if len(found) != 2 {
			t.Errorf("expected a finding of each of the relations, got\n%s", text(found))
		}
		kit.NoError(t, mend(t, s, found))
		if left := s.check(t, holding(false)); len(left) > 0 {
			t.Errorf("after all mends there is\n%s", text(left))
		}
	})
}

// TestIndexOfTheUnmarked takes an index over some of the rows for that of those which are not marked, whatever its name, if it is.
func TestIndexOfTheUnmarked(t *testing.T) {
	t.Parallel()
	const card, photo = "UNIQUE INDEX mine ON cards ", "UNIQUE INDEX mine ON photos "
	for index, test := range map[string]struct{ is bool }{
		card + "(holder_id) WHERE deleted_at IS NULL":                               {is: true},
		card + "(holder_id) WHERE ((deleted_at is null))":                           {is: true},
		card + `(holder_id) WHERE "deleted_at" IS NULL AND holder_id IS NOT NULL`:   {is: true},
		card + "(holder_id) WHERE holder_id IS NOT NULL":                            {is: true},
		card + "(holder_id) WHERE deleted_at IS NOT NULL":                           {},
		card + "(holder_id) WHERE deleted_at IS NULL AND id > 7":                    {},
		card + "(holder_id) WHERE deleted_at IS NULL AND (id > 7 AND id < 9)":       {},
		card + "(holder_id) WHERE deleted_at IS NULL AND id IS NOT NULL":            {},
		card + "(holder_id, id) WHERE deleted_at IS NULL":                           {},
		card + "(id) WHERE deleted_at IS NULL":                                      {},
		card + "((holder_id + 0)) WHERE deleted_at IS NULL":                         {},
		card + "(holder_id) WHERE NOT (deleted_at IS NULL)":                         {},
		card + "(holder_id) WHERE (deleted_at IS NULL) OR id = 1":                   {},
		"INDEX mine ON cards (holder_id) WHERE deleted_at IS NULL":                  {},
		photo + "(kind, item) WHERE NOT gone":                                       {is: true},
		photo + "(item, kind) WHERE (NOT (gone)) AND kind IS NOT NULL":              {is: true},
		photo + "(kind, item) WHERE gone = false":                                   {is: true},
		photo + "(kind, item) WHERE gone IS NOT TRUE":                               {is: true},
		photo + "(kind, item) WHERE gone <> true":                                   {is: true},
		photo + "(item) WHERE NOT gone":                                             {is: true},
		photo + "(kind, item) WHERE gone":                                           {},
		photo + "(kind, item) WHERE NOT (gone AND kind IS NOT NULL)":                {},
		photo + "(item) WHERE kind = 'holder' AND NOT gone":                         {},
		photo + "(kind, item) WHERE (kind = 'x' OR id = 3) AND NOT gone":            {},
		photo + "(kind, item) WHERE kind = 'a AND b' AND NOT gone AND item IS NULL": {},
	} {
		t.Run(index, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s server) {
				kit.NoError(t, holding(true).CreateAll(t.Context(), s.DB))
				name := "cards_holder_id_key"
				if strings.Contains(index, "photos") {
					name = "photos_kind_item_key"
				}
				s.must(t, "DROP INDEX "+name, "CREATE "+index)
				found := s.check(t, holding(true))
				if (len(found) == 0) != test.is {
					t.Errorf("expected it to be taken for the one: %t, got\n%s", test.is, text(found))
				}
				kit.NoError(t, mend(t, s, found))
				if left := s.check(t, holding(true)); len(left) > 0 {
					t.Errorf("after all mends there is\n%s", text(left))
				}
			})
		})
	}
}

type (
	twiceOwner struct {
		ID   int64
		Card *twiceCard
		Old  *twiceOld
	}
	twiceCard struct {
		ID        int64
		OwnerID   *int64
		DeletedAt *time.Time
	}
	twiceOld struct {
		ID         int64
		OwnerID    *int64
		ArchivedAt *time.Time
	}
)

// TestTwoUniqueKeys of the same columns have names of their own, and what two structs declare is made once.
func TestTwoUniqueKeys(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[twiceOwner](r, "owners")
	same := []dovetail.TableOption{dovetail.Unique("id", "owner_id"), dovetail.Index("owner_id", "id")}
	cards := dovetail.NewTable[twiceCard](r, "cards", append(same, dovetail.SoftDelete("deleted_at"), dovetail.ScopesDiffer("each its own"))...)
	olds := dovetail.NewTable[twiceOld](r, "cards", append(same, dovetail.SoftDelete("archived_at"), dovetail.ScopesDiffer("each its own"))...)
	dovetail.HasOne(owners, "card", cards, dovetail.ForeignKey("owner_id"))
	dovetail.HasOne(owners, "old", olds, dovetail.ForeignKey("owner_id"))
	onEach(t, func(t *testing.T, s server) {
		kit.NoError(t, r.CreateAll(t.Context(), s.DB))
		if found := s.check(t, r); len(found) > 0 {
			t.Errorf("expected what was made to be as it was declared, got\n%s", text(found))
		}
	})
}

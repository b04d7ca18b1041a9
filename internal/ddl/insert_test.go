package ddl_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
)

type item struct {
	ID     int64
	Price  int64
	Count  int64
	Total  int64
	MadeAt time.Time
	Parts  []*itemPart
}

type itemPart struct {
	ID     int64
	ItemID int64
	Name   string
}

// What CreateAll makes takes what Insert writes: numbers, defaults and generated values come from the database, and a key that
// the program gives is kept when it is zero.
func TestCreatedTablesTakeInsertedRows(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	items := dovetail.NewTable[item](r, "items", dovetail.Default("made_at", "CURRENT_TIMESTAMP"),
		dovetail.Generated("total", "price * count"))
	parts := dovetail.NewTable[itemPart](r, "parts")
	dovetail.HasMany(items, "parts", parts, dovetail.ForeignKey("item_id"), dovetail.OnDelete(dovetail.Cascade))
	tags := dovetail.NewTable[tag](r, "tags", dovetail.AssignedKey())
	onEach(t, func(t *testing.T, s server) {
		if err := r.CreateAll(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		one := &item{Price: 3, Count: 7, Parts: []*itemPart{{Name: "a"}, {Name: "b"}}}
		two := &item{Price: 1, Count: 2}
		if err := dovetail.Insert(items, one, two).With("parts").Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if err := dovetail.Insert(tags, &tag{Name: "zero"}).Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if one.ID == 0 || two.ID == 0 || one.ID == two.ID || one.Total != 21 || two.Total != 2 || one.MadeAt.IsZero() {
			t.Errorf("expected keys, totals and a time from the database, got %+v and %+v", one, two)
		}
		got, err := dovetail.Select(items).OrderBy("total DESC").Preload("parts").First(t.Context(), s)
		if err != nil || len(got.Parts) != 2 || got.Parts[0].ItemID != one.ID {
			t.Errorf("expected the first with its parts, got %+v, %v", got, err)
		}
		if zero, err := dovetail.Select(tags).Get(t.Context(), s, 0); err != nil || zero.Name != "zero" {
			t.Errorf("expected the tag 0, got %+v, %v", zero, err)
		}
	})
}

type branch struct {
	ID    int64
	UpID  *int64
	Below []*branch
}

// TestDeleteParentsAndChildrenTogether: rows that go together do not hold each other, whatever the database checks row by row.
func TestDeleteParentsAndChildrenTogether(t *testing.T) {
	t.Parallel()
	for _, policy := range [][]dovetail.RelationOption{nil, {dovetail.OnDelete(dovetail.Restrict)}} {
		r := dovetail.NewRegistry()
		branches := dovetail.NewTable[branch](r, "branches")
		dovetail.HasMany(branches, "below", branches, append(policy, dovetail.ForeignKey("up_id"))...)
		onEach(t, func(t *testing.T, s server) {
			ctx := t.Context()
			if err := r.CreateAll(ctx, s); err != nil {
				t.Fatal(err)
			}
			tree := &branch{Below: []*branch{{Below: []*branch{{}}}, {}}}
			if err := dovetail.Insert(branches, tree).With("below.below").Exec(ctx, s); err != nil {
				t.Fatal(err)
			}
			if _, err := dovetail.Delete(branches).Where("up_id IS NULL").Exec(ctx, s); !errors.Is(err, dovetail.ErrRestricted) {
				t.Errorf("expected the branches above to be held, got %v", err)
			}
			if n, err := dovetail.Delete(branches).All().Exec(ctx, s); err != nil || n != 4 {
				t.Errorf("expected all to go, got %d, %v", n, err)
			}
			if found, err := r.Check(ctx, s); err != nil || len(found) > 0 {
				t.Errorf("expected nothing to mend, got %v, %v", found, err)
			}
		})
	}
}

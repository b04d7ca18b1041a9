package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

const kindedNotes = "SELECT id || ' ' || kind || ' ' || item_code || ' ' || text FROM item_notes WHERE id > 5 OR kind > 1 ORDER BY id"

// TestMorphKindsAreWritten: integer types, and keys by another column than the primary key, are filled and compared.
func TestMorphKindsAreWritten(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.KindedDDL, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		kit.NoError(t, dovetail.Insert(models.Gadgets, &models.Gadget{ID: 10, Code: "x", Notes: []*models.ItemNote{{ID: 10, Text: "of x"}},
			Crates: []*models.Crate{{ID: 10}}}).With("notes", "crates").Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(models.ItemNotes, &models.ItemNote{ID: 11, Text: "of y", Item: &models.Gizmo{ID: 11, Code: "y"}}).
			With("item").Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(models.ItemNotes, &models.ItemNote{ID: 12, Kind: 9, ItemCode: "?", Text: "of others"}).Exec(ctx, d.DB))
		gadget := &models.Gadget{ID: 2, Code: "b"}
		_, err := models.GadgetNotes.Link(ctx, d.DB, gadget, &models.ItemNote{ID: 3})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "another owner")
		if got := n(models.GadgetNotes.Move(ctx, d.DB, gadget, &models.ItemNote{ID: 3})); got != 1 {
			t.Errorf("expected one note to be moved, got %d", got)
		}
		people.ExpectLines(t, d, kindedNotes, "4 7 b n4", "10 1 x of x", "11 2 y of y", "12 9 ? of others")
		if got := n(models.GadgetCrates.Link(ctx, d.DB, gadget, &models.Crate{ID: 2}, &models.Crate{ID: 1})); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}
		if got := n(models.GadgetCrates.InverseMany().Unlink(ctx, d.DB, &models.Crate{ID: 1}, gadget)); got != 1 {
			t.Errorf("expected one link to go, got %d", got)
		}
		people.ExpectLines(t, d, "SELECT kind || ' ' || item_code || ' ' || crate_id FROM crate_items ORDER BY 1", "1 a 1", "1 b 2", "1 x 10", "2 b 2")
		n(dovetail.Update(models.ItemNotes).Set("kind", 5).Where(squirrel.Eq{"id": 12}).Exec(ctx, d.DB))
		n(dovetail.Delete(models.Gadgets).Where(squirrel.Eq{"code": "b"}).Exec(ctx, d.DB))
		people.ExpectLines(t, d, "SELECT text FROM item_notes ORDER BY id", "n1", "n4", "n5", "of x", "of y", "of others")
		people.ExpectLines(t, d, "SELECT kind || ' ' || item_code || ' ' || crate_id FROM crate_items ORDER BY 1", "1 a 1", "1 x 10", "2 b 2")
	})
}

// TestMorphKindsDeclared: what a reference points at is unique, and types of no table are refused unless there may be some.
func TestMorphKindsDeclared(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		kit.NoError(t, models.Kinded.CreateAll(t.Context(), d.DB))
		if findings := kit.MustFind(t, models.Kinded, d.DB); len(findings) > 0 {
			t.Error(kit.ListFindings(findings))
		}
		d.Exec(t, "INSERT INTO gadgets (id, code) VALUES (1, 'a')")
		if _, err := kit.SQL[int64](t.Context(), d.DB, "INSERT INTO gadgets (id, code) VALUES (2, 'a') RETURNING id"); err == nil {
			t.Error("expected the code to be unique")
		}
	})
	r := dovetail.NewRegistry()
	gadgets, notes := dovetail.NewTable[models.Gizmo](r, "gadgets"), dovetail.NewTable[mkNote](r, "notes")
	dovetail.MorphTo(notes, "item", dovetail.MorphKey("kind", "item_id"), dovetail.MorphType(1, gadgets))
	kit.OnEach(t, "CREATE TABLE notes (id BIGINT PRIMARY KEY, kind BIGINT NOT NULL, item_id BIGINT NOT NULL)", func(t *testing.T, d kit.Database) {
		_, err := dovetail.Update(notes).Set("kind", 7).All().Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidQuery, "kind", "give it one of 1")
		err = dovetail.Insert(notes, &mkNote{ID: 1, Kind: 7}).Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "kind", "give it one of 1")
		err = dovetail.Insert(notes, &mkNote{ID: 1}).Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "kind", "no value")
		d.Exec(t, "INSERT INTO notes (id, kind, item_id) VALUES (1, 7, 1)")
		_, err = dovetail.Select(notes).Preload("item").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "kind 7", "MorphOthers")
	})
}

type mkNote struct {
	ID     int64
	Kind   int64
	ItemID int64
	Item   any
}

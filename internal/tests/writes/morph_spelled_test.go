package writes_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

const (
	spelledMentions = "SELECT id || about_type || coalesce(about_id, '-') FROM mentions ORDER BY id"
	spelledLinks    = "SELECT stamp_id || about_type || about_id FROM stamp_links ORDER BY stamp_id, about_type, about_id"
)

// TestMorphSpelledIsWritten: a polymorphic key that is text is filled with the spelling of the key that it points at, and rows are
// linked, moved and removed along it.
func TestMorphSpelledIsWritten(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.SpelledDDL, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), kit.Must[int64](t)
		_, err := dovetail.Delete(models.Mentions).All().Exec(ctx, d.DB)
		kit.NoError(t, err)
		d.Exec(t, "DELETE FROM stamp_links")
		kit.NoError(t, dovetail.Insert(models.Panels, &models.Panel{ID: 20, Mentions: []*models.Mention{{ID: 1}}, Stamps: []*models.Stamp{{ID: 1}}}).
			With("mentions").WithLinks("stamps").Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(models.Mentions, &models.Mention{ID: 2, About: &models.Binder{ID: models.BinderID(5), Nr: 5}}).With("about").
			Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(models.Mentions, &models.Mention{ID: 3, AboutType: "panel", Panel: &models.Panel{ID: -5}}).Exec(ctx, d.DB))
		kit.Equal(t, "inserted", linesOf(t, d, spelledMentions), "1panel20 2binderab000000-0000-0000-0000-000000000005 3panel-5")
		seven, binder := &models.Panel{ID: 7}, &models.Binder{ID: models.BinderID(2)}
		kit.Equal(t, "moved", n(models.PanelMentions.Move(ctx, d.DB, seven, &models.Mention{ID: 3})), 1)
		_, err = models.PanelMentions.Link(ctx, d.DB, seven, &models.Mention{ID: 1})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "another owner")
		kit.Equal(t, "unlinked", n(models.BinderMentions.UnlinkAll(ctx, d.DB, &models.Binder{ID: models.BinderID(5)})), 1)
		kit.Equal(t, "linked", n(models.BinderMentions.Move(ctx, d.DB, binder, &models.Mention{ID: 2})), 1)
		mention := &models.Mention{ID: 1}
		diff, err := models.PanelMentions.Inverse().Replace(ctx, d.DB, mention, seven)
		kit.NoError(t, err)
		kit.Equal(t, "the panel before", diff.Removed[0].ID, 20)
		kit.Equal(t, "rows", linesOf(t, d, spelledMentions), "1panel7 2binderab000000-0000-0000-0000-000000000002 3panel7")
		kit.Equal(t, "labelled", n(models.PanelStamps.Link(ctx, d.DB, seven, &models.Stamp{ID: 2}, &models.Stamp{ID: 1})), 2)
		kit.Equal(t, "from the stamp", n(models.BinderStamps.InverseMany().Link(ctx, d.DB, &models.Stamp{ID: 2}, binder)), 1)
		d.Exec(t, "INSERT INTO stamp_links (stamp_id, about_type, about_id) VALUES (2, 'panel', '007')")
		replaced, err := models.PanelStamps.InverseMany().Replace(ctx, d.DB, &models.Stamp{ID: 2}, &models.Panel{ID: 1})
		kit.NoError(t, err)
		kit.Equal(t, "what is spelled otherwise is not there", len(replaced.Removed), 1)
		kit.Equal(t, "links", linesOf(t, d, spelledLinks), "1panel20 1panel7 2binderab000000-0000-0000-0000-000000000002 2panel007 2panel1")
		d.Exec(t, "INSERT INTO mentions (id, about_type, about_id) VALUES (4, 'panel', '007')")
		kit.Equal(t, "panels go", n(dovetail.Delete(models.Panels).Where(sq.Eq{"id": 7}).Exec(ctx, d.DB)), 1)
		kit.Equal(t, "binders go", n(dovetail.Delete(models.Binders).Where(sq.Eq{"nr": 2}).Exec(ctx, d.DB)), 1)
		kit.Equal(t, "what pointed at them", linesOf(t, d, spelledMentions), "2binder- 4panel007")
		kit.Equal(t, "links", linesOf(t, d, spelledLinks), "1panel20 2panel007 2panel1")
	})
}

// TestMorphSpelledDeclared: tables are made and checked so, and other types are refused.
func TestMorphSpelledDeclared(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		kit.NoError(t, models.Spelled.CreateAll(t.Context(), d.DB))
		if findings := kit.MustFind(t, models.Spelled, d.DB); len(findings) > 0 {
			t.Error(kit.ListFindings(findings))
		}
	})
}

package relations_test

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestMorphSpelled: a polymorphic key may be text, of tables whose keys are integers, UUIDs and text, and spells each in one way.
func TestMorphSpelled(t *testing.T) {
	t.Parallel()
	var cases []kit.Case
	add := func(some []kit.Case, warm func(t *testing.T, d kit.Database)) {
		for _, c := range some {
			run := c.Run
			c.Run = func(t *testing.T, d kit.Database) {
				warm(t, d) // the catalog knows the keys after it
				run(t, d)
			}
			cases = append(cases, c)
		}
	}
	panels, binders, leaves := dovetail.Select(models.Panels).OrderBy("id"), dovetail.Select(models.Binders).OrderBy("nr"), dovetail.Select(models.Leaves).OrderBy("nr")
	warm := func(t *testing.T, d kit.Database) { kit.All(t, d.DB, panels.Preload("mentions").Preload("stamps")) }
	partID, mentionID := func(p *models.Panel) int64 { return p.ID }, func(r *models.Mention) int64 { return r.ID }
	stampID := func(l *models.Stamp) int64 { return l.ID }
	ids := []int64{-5, 1, 2, 7, 9223372036854775807}
	add(byCondition[models.Panel, models.Mention]{"mentions", panels, models.Panels, models.Mentions, ids, partID,
		func(p *models.Panel) []*models.Mention { return p.Mentions }, mentionID, false, [][]int64{{11}, nil, nil, {1, 10}, {8}}}.cases(), warm)
	add(byCondition[models.Panel, models.Mention]{"last", panels, models.Panels, models.Mentions, ids, partID,
		func(p *models.Panel) []*models.Mention { return oneOf(p.Last) }, mentionID, true, [][]int64{{11}, nil, nil, {10}, {8}}}.cases(), warm)
	add(byCondition[models.Panel, models.Stamp]{"stamps", panels, models.Panels, models.Stamps, ids, partID,
		func(p *models.Panel) []*models.Stamp { return p.Stamps }, stampID, false, [][]int64{{2}, nil, nil, {1, 2}, nil}}.cases(), warm)
	add(byCondition[models.Binder, models.Mention]{"mentions", binders, models.Binders, models.Mentions, []int64{1, 2}, binderNr,
		func(f *models.Binder) []*models.Mention { return f.Mentions }, mentionID, false, [][]int64{{5}, nil}}.cases(), warm)
	add(byCondition[models.Leaf, models.Mention]{"mentions", leaves, models.Leaves, models.Mentions, []int64{1, 2, 3},
		func(l *models.Leaf) int64 { return l.Nr }, func(l *models.Leaf) []*models.Mention { return l.Mentions }, mentionID, false,
		[][]int64{{7}, {9}, nil}}.cases(), warm)
	stamps, mentions := dovetail.Select(models.Stamps).OrderBy("id"), dovetail.Select(models.Mentions).OrderBy("id")
	add(byCondition[models.Stamp, models.Panel]{"panels", stamps, models.Stamps, models.Panels, []int64{1, 2, 3}, stampID,
		func(l *models.Stamp) []*models.Panel { return l.Panels }, partID, false, [][]int64{{7}, {-5, 7}, nil}}.cases(), warm)
	all := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	add(byCondition[models.Mention, models.Panel]{"panel", mentions, models.Mentions, models.Panels, all, mentionID,
		func(r *models.Mention) []*models.Panel { return oneOf(r.Panel) }, partID, true,
		[][]int64{{7}, nil, nil, nil, nil, nil, nil, {9223372036854775807}, nil, {7}, {-5}, nil, nil, nil}}.cases()[:1], warm)
	cases = append(cases, kit.Case{Name: "any way", Run: spelledUses})
	kit.RunCases(t, models.SpelledDDL, cases)
}

func binderNr(f *models.Binder) int64 { return f.Nr }

func spelledUses(t *testing.T, d kit.Database) {
	mentions := dovetail.Select(models.Mentions).OrderBy("id")
	text := ""
	for _, r := range kit.All(t, d.DB, mentions.Preload("about")) {
		switch about := r.About.(type) {
		case *models.Panel:
			text += fmt.Sprintf("%d:panel%d ", r.ID, about.ID)
		case *models.Binder:
			text += fmt.Sprintf("%d:binder%d ", r.ID, about.Nr)
		case *models.Leaf:
			text += fmt.Sprintf("%d:leaf%s ", r.ID, about.ID)
		}
	}
	kit.Equal(t, "MorphTo", text, "1:panel7 5:binder1 7:leaf007 8:panel9223372036854775807 9:leaf7 10:panel7 11:panel-5 ")
	ids := func(what string, q dovetail.Query[*models.Mention], want ...int64) {
		t.Helper()
		kit.Same(t, what, kit.Pluck(kit.All(t, d.DB, q), func(r *models.Mention) int64 { return r.ID }), want...)
	}
	ids("Has along the key", mentions.Has("panel"), 1, 8, 10, 11)
	ids("Where past it", mentions.Where(sq.Gt{"panel.id": 0}), 1, 8, 10)
	ids("Join", mentions.Join("binder"), 5)
	ids("named", mentions.Where(sq.Eq{"binder.nr": []int{1, 2}}), 5)
	ids("and back", mentions.Has("panel.mentions", sq.Eq{"id": 10}), 1, 10)
	ids("through links", mentions.Has("panel.stamps", sq.Eq{"id": 1}), 1, 10)
	sql, _, err := mentions.Where(sq.Gt{"panel.id": 0}).ToSql()
	kit.NoError(t, err)
	kit.Equal(t, "for any database", strings.Contains(sql, `CAST("panel"."id" AS TEXT) = "mentions"."about_id"`), true)
	stamps := kit.All(t, d.DB, dovetail.Select(models.Stamps).OrderBy("id").Preload("binders").Preload("panels", dovetail.Select(models.Panels).OrderBy("id").Limit(1)))
	kit.Same(t, "binders", kit.Pluck(stamps[2].Binders, binderNr), 2)
	kit.Same(t, "the first panel", kit.Pluck(stamps[1].Panels, func(p *models.Panel) int64 { return p.ID }), -5)
}

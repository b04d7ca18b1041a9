package reads_test

import (
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestALiftThatNothingMeetsIsRefused lifts scopes at paths that some part of a query names, and at others that none does.
func TestALiftThatNothingMeetsIsRefused(t *testing.T) {
	t.Parallel()
	writers, articles := dovetail.Select(models.Writers), dovetail.Select(models.Articles)
	type query = dovetail.Query[*models.Writer]
	met := map[string]query{
		"a join":            writers.Join("articles").Distinct().UnscopedAt("articles", "alive"),
		"a condition":       writers.Has("articles").UnscopedAt("articles", "alive"),
		"one inside":        writers.Has("articles", dovetail.Has("topics")).UnscopedAt("articles.topics", "alive"),
		"a path":            writers.Where(sq.Eq{"boss.name": "x"}).UnscopedAt("boss", "alive"),
		"text":              writers.Where("boss.name = 'x'").UnscopedAt("boss", "alive"),
		"an order":          writers.OrderBy("boss.name").UnscopedAt("boss", "alive"),
		"a value":           writers.With(dovetail.Count("articles").As("n")).UnscopedAt("articles", "alive"),
		"a preload":         writers.Preload("articles").UnscopedAt("articles", "alive"),
		"one below":         writers.Preload("articles.topics").UnscopedAt("articles.topics", "alive"),
		"one on the way":    writers.Preload("articles.topics").UnscopedAt("articles", "alive"),
		"a fetch":           writers.Fetch("articles").UnscopedAt("articles", "alive"),
		"back to the owner": writers.Preload("articles.writer").UnscopedAt("articles.writer", "alive"),
		"several tables":    writers.Preload("heard.item").UnscopedAt("heard.item", "alive"),
		"of a preload":      writers.Preload("articles", articles.Preload("topics").UnscopedAt("topics", "alive")),
		"for a preload":     writers.Preload("articles", articles.Has("topics")).UnscopedAt("articles.topics", "alive"),
		"two ways":          writers.Has("articles").Preload("articles").UnscopedAt("articles", "alive").UnscopedAt("articles", "alive"),
		"at once":           writers.Preload("articles").UnscopedAt("articles", "alive").OneRoundTrip(),
		"a subquery":        writers.Where(sq.Eq{"id": articles.Columns("writer_id").Preload("topics").UnscopedAt("topics", "alive")}),
		"a list":            writers.Where(sq.Expr("id IN (?)", articles.Columns("writer_id").Has("topics").UnscopedAt("topics", "alive"))),
	}
	unmet := map[string]struct {
		q     query
		names string
	}{
		"nothing":            {writers.UnscopedAt("articles", "alive"), `"articles"`},
		"another path":       {writers.Has("articles").UnscopedAt("topics", "alive"), `"articles"`},
		"below a preload":    {writers.Preload("articles").UnscopedAt("articles.topics", "alive"), `"articles"`},
		"of a preload":       {writers.Preload("articles", articles.UnscopedAt("topics", "alive")), `preload articles`},
		"of a subquery":      {writers.Where(sq.Expr("id IN (?)", articles.Columns("writer_id").UnscopedAt("topics", "alive"))), `"topics"`},
		"one of two":         {writers.Has("articles").UnscopedAt("articles", "alive").UnscopedAt("reports", "alive"), `"reports"`},
		"a condition's path": {writers.Has("articles", dovetail.Has("topics")).UnscopedAt("topics", "alive"), `"articles.topics"`},
	}
	kit.OnEach(t, models.RulesDDL, func(t *testing.T, d kit.Database) {
		for name, q := range met {
			for range 2 { // the second time from a program that is kept
				if _, err := q.All(t.Context(), d.DB); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := q.Count(t.Context(), d.DB); err != nil {
				t.Errorf("Count, %s: %v", name, err)
			}
			if _, err := q.Exists(t.Context(), d.DB); err != nil {
				t.Errorf("Exists, %s: %v", name, err)
			}
		}
		for name, test := range unmet {
			for range 2 {
				db := d.Record()
				_, err := test.q.All(t.Context(), db)
				if !errors.Is(err, dovetail.ErrInvalidQuery) || !strings.Contains(err.Error(), "UnscopedAt") || !strings.Contains(err.Error(), test.names) || len(db.Stmts) > 0 {
					t.Errorf("%s: expected a refusal that names %s before any statement, got %v and %d", name, test.names, err, len(db.Stmts))
				}
			}
		}
		for name, test := range map[string]query{"nothing": unmet["nothing"].q, "another path": unmet["another path"].q} {
			if _, err := test.Count(t.Context(), d.DB); !errors.Is(err, dovetail.ErrInvalidQuery) {
				t.Errorf("Count, %s: %v", name, err)
			}
		}
		if err := dovetail.Load(t.Context(), d.DB, models.Writers, []*models.Writer{{ID: 1}}, "articles", articles.UnscopedAt("topics", "alive")); !errors.Is(err, dovetail.ErrInvalidQuery) {
			t.Errorf("Load: %v", err)
		}
		_, err := dovetail.Update(models.Writers).Set("name", "x").Where(sq.Eq{"id": 0}).UnscopedAt("articles", "alive").Exec(t.Context(), d.DB)
		if !errors.Is(err, dovetail.ErrInvalidQuery) {
			t.Errorf("Update: %v", err)
		}
		if _, err := dovetail.Delete(models.Writers).Where(sq.Eq{"id": 0}).UnscopedAt("articles", "alive").Exec(t.Context(), d.DB); !errors.Is(err, dovetail.ErrInvalidQuery) {
			t.Errorf("Delete: %v", err)
		}
	})
}

package oracle_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// randomRows replaces writers, articles and topics by random ones, some of them deleted.
func randomRows(random *rand.Rand) string {
	var b strings.Builder
	deleted := func() string { return []string{"NULL", "NULL", "NULL", "'gone'"}[random.IntN(4)] }
	for _, table := range []string{"writers", "articles", "topics", "article_topics"} {
		fmt.Fprintf(&b, "DELETE FROM %s;\n", table)
	}
	for id := 1; id <= 5; id++ {
		fmt.Fprintf(&b, "INSERT INTO writers VALUES (%d, %d, 'w%d', %s);\n", id, 1+random.IntN(5), id, deleted())
		fmt.Fprintf(&b, "INSERT INTO topics VALUES (%d, 't%d', %s);\n", id, id, deleted())
	}
	for id := 1; id <= 12; id++ {
		fmt.Fprintf(&b, "INSERT INTO articles VALUES (%d, %d, 'a%d', %d, %s);\n", id, 1+random.IntN(5), id, random.IntN(9), deleted())
		for topic := 1; topic <= 5; topic++ {
			if random.IntN(3) == 0 {
				fmt.Fprintf(&b, "INSERT INTO article_topics VALUES (%d, %d, %s);\n", id, topic, deleted())
			}
		}
	}
	return b.String()
}

// composed are the distinct topics that the relations of the path lead to one after the other, by name, the last first.
func composed(w *models.Writer) []string {
	var names []string
	for _, a := range w.Articles {
		names = append(names, kit.Pluck(a.Topics, models.TopicName)...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	slices.Reverse(names)
	return names
}

// TestThroughIsComposition compares a relation along others with those others, on random rows.
func TestThroughIsComposition(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.RulesDDL, func(t *testing.T, d kit.Database) {
		shared := 0
		for seed := range uint64(15) {
			d.Exec(t, randomRows(rand.New(rand.NewPCG(seed, 18))))
			for name, q := range map[string]dovetail.Query[*models.Writer]{
				"scoped": models.WritersQ().Preload("articles.topics").Preload("topics"),
				"unscoped": models.WritersQ().Preload("articles.topics").Preload("topics").
					UnscopedAt("articles", "alive").UnscopedAt("articles.topics", "alive").UnscopedAt("topics", "alive"),
				"limited": models.WritersQ().Preload("articles.topics").Preload("topics", dovetail.Select(models.Topics).Limit(9)),
			} {
				for _, w := range kit.All(t, d.DB, q) {
					kit.Same(t, fmt.Sprintf("seed %d, %s, %s", seed, name, w.Name), kit.Pluck(w.Topics, models.TopicName), composed(w)...)
					if len(w.Articles) > 1 && len(w.Topics) > 1 {
						shared++
					}
				}
			}
			counted := kit.All(t, d.DB, models.WritersQ().Preload("topics").With(dovetail.Count("topics").As("n")))
			for _, w := range counted {
				kit.Equal(t, fmt.Sprintf("seed %d, count of %s", seed, w.Name), w.N, int64(len(w.Topics)))
			}
			for n := 1; n <= 3; n++ {
				var want []string
				for _, w := range counted {
					if len(w.Topics) >= n {
						want = append(want, w.Name)
					}
				}
				kit.Same(t, fmt.Sprintf("seed %d, at least %d", seed, n), kit.Pluck(kit.All(t, d.DB, models.WritersQ().HasAtLeast(n, "topics")), models.WriterName), want...)
			}
		}
		if shared < 50 {
			t.Errorf("only %d writers had several articles and topics", shared)
		}
	})
}

// randomPages returns a query of pages with random clauses, and their names.
func randomPages(random *rand.Rand, pages *dovetail.Table[models.Page]) (dovetail.Query[*models.Page], []string) {
	q := dovetail.Select(pages).Preload("writer.articles")
	n := func() int { return 1 + random.IntN(5) }
	type query = dovetail.Query[*models.Page]
	clauses := []struct {
		name string
		add  func(query) query
	}{
		{"eq", func(q query) query { return q.Where(sq.Eq{"writer_id": []int{n(), n()}}) }},
		{"or", func(q query) query { return q.Where(sq.Or{sq.Gt{"rank": n()}, sq.Eq{"writer_id": n()}}) }},
		{"text", func(q query) query { return q.Where("articles.rank > ? OR articles.writer_id = ?", n(), n()) }},
		{"or named", func(q query) query { return q.Where(sq.Or{sq.Eq{"writer.id": nil}, sq.Gt{"writer.id": n()}}) }},
		{"not", func(q query) query { return q.HasNone("writer", sq.Eq{"id": n()}) }},
		{"has", func(q query) query { return q.Where(sq.Or{dovetail.Has("writer"), sq.Eq{"rank": n()}}) }},
		{"every", func(q query) query { return q.HasEvery("writer.articles", sq.GtOrEq{"rank": 0}) }},
		{"left", func(q query) query { return q.LeftJoin("writer", sq.Gt{"id": n()}) }},
		{"many", func(q query) query { return q.Join("writer.articles").Distinct() }},
		{"limit", func(q query) query { return q.OrderBy("title").Distinct().Limit(n()) }},
		{"subquery", func(q query) query {
			return q.Where(sq.Or{sq.Eq{"rank": n()}, sq.Eq{"id": dovetail.Select(pages).Columns("id").Where(sq.Gt{"rank": n()})}})
		}},
		{"matching", func(q query) query {
			return q.Where(dovetail.Matching(dovetail.Select(pages).Where(sq.Or{sq.Eq{"writer_id": n()}, sq.Gt{"rank": 1}})))
		}},
	}
	var names []string
	for range random.IntN(4) {
		c := clauses[random.IntN(len(clauses))]
		q, names = c.add(q), append(names, c.name)
	}
	return q, names
}

// TestAScopedQueryIsASubsetOfItsScope runs random queries for random tenants: no row of another tenant comes, whatever the
// query says.
func TestAScopedQueryIsASubsetOfItsScope(t *testing.T) {
	t.Parallel()
	_, pages := models.Tenants()
	kit.OnEach(t, models.RulesDDL, func(t *testing.T, d kit.Database) {
		found := 0
		for seed := range uint64(150) {
			random := rand.New(rand.NewPCG(seed, 11))
			if seed%30 == 0 {
				d.Exec(t, randomRows(random))
			}
			tenant := int64(1 + random.IntN(5))
			ctx := context.WithValue(t.Context(), models.TenantKey{}, tenant)
			q, clauses := randomPages(random, pages)
			rows, err := q.All(ctx, d.DB)
			if err != nil {
				t.Fatalf("seed %d, %v: %v", seed, clauses, err)
			}
			n, err := q.Count(ctx, d.DB)
			if err != nil || n != int64(len(rows)) {
				t.Errorf("seed %d, %v: %d rows, counted %d, %v", seed, clauses, len(rows), n, err)
			}
			for _, p := range rows {
				found++
				if p.WriterID != tenant || p.Writer == nil || p.Writer.ID != tenant {
					t.Errorf("seed %d, %v: tenant %d got row %d of %d", seed, clauses, tenant, p.ID, p.WriterID)
					continue
				}
				for _, more := range p.Writer.Articles {
					if more.WriterID != tenant {
						t.Errorf("seed %d, %v: tenant %d got preloaded row %d of %d", seed, clauses, tenant, more.ID, more.WriterID)
					}
				}
			}
		}
		if found < 100 {
			t.Errorf("only %d rows came", found)
		}
	})
}

package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenRules has declared rules, relations through others and polymorphic ones.
func goldenRules() []goldenCase {
	writers, articles := dovetail.Select(models.Writers).Columns("id"), dovetail.Select(models.Articles).Columns("id")
	remarks, shelves := dovetail.Select(models.Remarks).Columns("id"), dovetail.Select(models.Shelves)
	topics := dovetail.Select(models.Topics).Columns("id")
	return []goldenCase{
		{name: "rules_scope", query: articles},
		{name: "rules_unscoped", query: articles.Unscoped("alive")},
		{name: "rules_scope_before_conditions", query: writers.Where(sq.Eq{"name": "Ann"})},
		{name: "rules_join", query: articles.Join("writer")},
		{name: "rules_left_join_many_to_many", query: articles.LeftJoin("topics", sq.Eq{"name": "go"})},
		{name: "rules_left_join_many_to_many_unscoped", query: articles.LeftJoin("topics").UnscopedAt("topics", "alive")},
		{name: "rules_named_path", query: articles.Where(sq.Eq{"writer.boss.name": "Ann"})},
		{name: "rules_has", query: writers.Has("articles.topics", sq.Eq{"name": "go"})},
		{name: "rules_has_every", query: writers.HasEvery("articles", sq.Gt{"rank": 1})},
		{name: "rules_subquery", query: writers.Where(sq.Eq{"id": dovetail.Select(models.Articles).Columns("writer_id")})},
		{name: "rules_where", query: writers.Join("top").Preload("top")},
		{name: "rules_order", query: writers.Preload("articles").With(dovetail.FirstOf("articles.title").As("n"))},
		{name: "rules_self", query: writers.Join("reports").Where(sq.Eq{"boss.name": "Ann"})},
		{name: "rules_distinct", query: writers.Join("articles").Distinct().Limit(2)},
		{name: "rules_composite", query: shelves.Preload("jars")},
		{name: "rules_count", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := articles.Count(ctx, db)
			return err
		}},
		{name: "through_joined", query: writers.Join("topics")},
		{name: "through_left_joined", query: writers.LeftJoin("topics")},
		{name: "through_has", query: writers.Has("topics", sq.Eq{"name": "go"})},
		{name: "through_has_none", query: writers.HasNone("topics", sq.Eq{"name": "go"})},
		{name: "through_has_all", query: writers.HasAll("topics", 1, 2)},
		{name: "through_summed", query: writers.With(dovetail.Sum("topics.id").As("n"))},
		{name: "through_has_at_least", query: topics.HasAtLeast(2, "writers")},
		{name: "through_one_way_has", query: articles.Has("siblings")},
		{name: "through_counted", query: writers.With(dovetail.Count("topics").As("n"))},
		{name: "through_counted_below", query: articles.With(dovetail.Count("writer.topics").As("n"))},
		{name: "through_preloaded", query: writers.Preload("topics")},
		{name: "through_limited", query: writers.Preload("topics", dovetail.Select(models.Topics).Limit(2))},
		{name: "through_one_way_limited", query: articles.Preload("siblings", dovetail.Select(models.Articles).Limit(2))},
		{name: "through_composite", query: shelves.Preload("kinds")},
		{name: "through_composite_limited", query: shelves.Preload("kinds", dovetail.Select(models.Kinds).Limit(1))},
		{name: "morph_many_joined", query: articles.Join("remarks")},
		{name: "morph_many_preloaded", query: articles.Preload("remarks.article")},
		{name: "morph_inverse_joined", query: remarks.Join("article")},
		{name: "morph_inverse_named", query: remarks.Where(sq.Eq{"product.name": "pen"})},
		{name: "morph_inverse_preloaded", query: remarks.Preload("article")},
		{name: "morph_to", query: remarks.Preload("item.writer")},
		{name: "matching_joined", query: articles.Join("remarks", dovetail.Matching(dovetail.Select(models.Remarks).Where("remarks.stars > ?", 2)))},
		{name: "matching_has", query: topics.Has("articles", dovetail.Matching(dovetail.Select(models.Articles).Where(sq.Eq{"writer.name": "Ann"})))},
	}
}

package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenFilters has filters by quantity, locks, and values made of related rows.
func goldenFilters() []goldenCase {
	accounts, posts := dovetail.Select(models.Accounts).Columns("id"), dovetail.Select(models.Posts).Columns("id")
	return []goldenCase{
		{name: "has_every", query: accounts.HasEvery("activities", sq.Gt{"amount": 100})},
		{name: "has_every_of_two", query: accounts.HasEvery("activities", sq.Gt{"amount": 100}, sq.Eq{"activity_type": models.Deposit})},
		{name: "has_every_over_a_path", query: dovetail.Select(models.Users).Columns("id").HasEvery("posts.tags", sq.Eq{"name": "go"})},
		{name: "has_at_least_1", query: accounts.HasAtLeast(1, "activities")},
		{name: "has_at_least_2", query: accounts.HasAtLeast(2, "activities", sq.Eq{"activity_type": models.Deposit})},
		{name: "has_at_least_over_many_to_many", query: posts.HasAtLeast(2, "tags")},
		{name: "has_all_of_none", query: posts.HasAll("tags")},
		{name: "has_all", query: posts.HasAll("tags", 1, 2)},
		{name: "has_long_list", query: posts.Has("tags", sq.Eq{"id": []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}})},
		{name: "has_all_of_many", query: posts.HasAll("tags", 1, 2, 3, 2, 4)},
		{name: "for_no_key_update", query: accounts.ForNoKeyUpdate()},
		{name: "for_share_below_left_join", query: posts.LeftJoin("editor").Where(sq.Eq{"editor.name": nil}).ForShare()},
		{name: "for_key_share_no_wait", query: accounts.ForKeyShare().NoWait()},
		{name: "for_update_skip_locked", query: accounts.Limit(3).ForUpdate().SkipLocked()},
		{name: "with_count", query: dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count"))},
		{name: "with_all_kinds", query: accounts.With(
			dovetail.Count("activities").As("n"), dovetail.Exists("activities").Where("amount > ?", 800).As("big"),
			dovetail.Sum("activities.amount").As("total"), dovetail.Avg("activities.amount").As("mean"),
			dovetail.Min("activities.amount").As("least"), dovetail.Max("activities.amount").As("most"),
			dovetail.FirstOf("activities.amount").OrderBy("created_at DESC").As("last"))},
		{name: "with_of", query: accounts.Columns("id").With(
			dovetail.Sum("activities").Of("self.amount * CASE self.activity_type WHEN ? THEN 1 ELSE -1 END", models.Deposit).As("total"),
			dovetail.Count("activities").Of("activity_type").Distinct().As("kinds"), dovetail.Sum("activities.amount").Distinct().As("sums"),
			dovetail.Max("activities").Of("self.amount - outer.balance").As("most"),
			dovetail.FirstOf("activities").Of("upper(self.activity_type)").OrderBy("created_at DESC").As("last"))},
		{name: "with_of_path", query: dovetail.Select(models.Students).Columns("id").With(
			dovetail.Count("enrollments.course").Of("self.title || enrollments.grade").Where(sq.Eq{"enrollments.grade": "A"}).As("n"))},
		{name: "with_of_several_ways", query: dovetail.Select(models.Writers).With(dovetail.Sum("topics").Of("self.id * 2").As("n"),
			dovetail.Count("topics").Of("id").As("m"), dovetail.Sum("topics.id").Distinct().As("d"))},
		{name: "with_filter_and_order", query: accounts.With(dovetail.Count("activities").As("n")).
			Where(sq.Eq{"n": []int{1, 2}}).OrderBy("n DESC").Limit(2)},
		{name: "with_over_many_to_many", query: posts.With(dovetail.Count("tags").Where(sq.NotEq{"name": "go"}).As("others"))},
		{name: "with_over_distinct_join", query: accounts.Join("activities").Distinct().With(dovetail.Count("activities").As("n"))},
		{name: "with_to_one_path_in_condition", query: dovetail.Select(models.Users).Columns("id").With(
			dovetail.Count("posts").Where(sq.Eq{"editor.name": "bea"}).As("n"))},
	}
}

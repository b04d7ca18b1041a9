package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenFirst has to-one relations that are the first of several rows, and those along others.
func goldenFirst() []goldenCase {
	workers, depts := dovetail.Select(models.Workers).Columns("id"), dovetail.Select(models.Depts)
	amount := sq.Gt{"amount": 5}
	return []goldenCase{
		{name: "first_joined", query: workers.Join("current_salary", amount)},
		{name: "first_left_joined", query: workers.LeftJoin("base_salary")},
		{name: "first_named", query: workers.Where(sq.Eq{"post.rank": 5}).OrderBy("post.id")},
		{name: "first_by_a_path", query: workers.Join("last_post")},
		{name: "first_has", query: workers.Has("current_salary", amount)},
		{name: "first_counted", query: workers.With(dovetail.Count("current_salary").As("n"))},
		{name: "first_fetched", query: workers.Fetch("current_salary")},
		{name: "first_preloaded", query: workers.Preload("current_salary")},
		{name: "first_preloaded_and_tested", query: workers.Preload("current_salary", dovetail.Select(models.Salaries).Where(amount))},
		{name: "first_of_the_owner", query: workers.Preload("early_salary").Has("early_salary")},
		{name: "first_morph", query: workers.Join("top_medal").Preload("top_medal")},
		{name: "first_tree", query: workers.PreloadTree("first_report", 0)},
		{name: "first_through_many", query: depts.Has("current_salaries", amount).Preload("current_salaries")},
		{name: "first_through_many_limited", query: depts.Preload("current_salaries", dovetail.Select(models.Salaries).Limit(1))},
		{name: "through_one_joined", query: workers.Join("dept")},
		{name: "through_one_named", query: workers.Where(sq.Eq{"dept.name": "dev"})},
		{name: "through_one_has", query: workers.Has("chief", sq.Eq{"name": "Ann"})},
		{name: "through_one_fetched", query: workers.Fetch("dept")},
		{name: "through_one_preloaded", query: workers.Preload("chief")},
	}
}

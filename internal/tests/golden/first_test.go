package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenByCondition has relations by a condition in place of keys.
func goldenByCondition() []goldenCase {
	provinces, towns := dovetail.Select(models.Provinces).Columns("id"), dovetail.Select(models.Towns).Columns("id")
	small := sq.Lt{"size": 5}
	return []goldenCase{
		{name: "condition_joined", query: provinces.Join("capital", small)},
		{name: "condition_left_joined", query: provinces.LeftJoin("sized")},
		{name: "condition_named", query: provinces.Where(sq.Eq{"capital.size": 5})},
		{name: "condition_has", query: provinces.HasNone("below", sq.Eq{"code": "A"})},
		{name: "condition_counted", query: provinces.With(dovetail.Count("sized").As("n"))},
		{name: "condition_fetched", query: provinces.Fetch("below")},
		{name: "condition_preloaded", query: provinces.Preload("sized", dovetail.Select(models.Towns).Where(small)).Preload("capital.seat_of")},
		{name: "condition_limited", query: provinces.Preload("sized", dovetail.Select(models.Towns).Limit(2))},
		{name: "condition_first", query: provinces.Join("biggest").Preload("biggest")},
		{name: "condition_tree", query: provinces.PreloadTree("children", 2)},
		{name: "condition_compared", query: towns.Join("in")},
		{name: "condition_through", query: provinces.Has("below_towns", small).Preload("below_towns")},
		{name: "condition_through_limited", query: provinces.Preload("below_towns", dovetail.Select(models.Towns).Limit(1))},
		{name: "condition_through_one", query: towns.Where(sq.Eq{"capital_there.code": "1"}).Preload("capital_there")},
	}
}

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

package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func goldenFetches() []goldenCase {
	accounts, posts := dovetail.Select(models.Accounts).Columns("id"), dovetail.Select(models.Posts).Columns("id")
	return []goldenCase{
		{name: "fetch_has_many", query: accounts.Fetch("activities")},
		{name: "fetch_joined", query: accounts.Join("activities").Where("activities.amount >= ?", 750).Fetch("activities")},
		{name: "fetch_left_joined_on", query: accounts.LeftJoin("activities", sq.Eq{"activity_type": models.Deposit}).Fetch("activities")},
		{name: "fetch_belongs_to", query: posts.Fetch("author", "editor").OrderBy("title").Limit(3)},
		{name: "fetch_named_to_one", query: posts.Where(sq.Eq{"editor.name": "ann"}).Fetch("editor").OrderBy("editor.name DESC")},
		{name: "fetch_has_one", query: dovetail.Select(models.Users).Columns("name").Fetch("profile")},
		{name: "fetch_many_to_many", query: posts.Fetch("tags")},
		{name: "fetch_nested", query: dovetail.Select(models.Users).Fetch("posts.tags", "posts.editor")},
		{name: "fetch_owner", query: accounts.Fetch("activities.account")},
		{name: "fetch_below_owner", query: accounts.Fetch("activities.account.activities")},
		{name: "fetch_self", query: dovetail.Select(models.Categories).Fetch("parent.parent", "subcategories")},
		{name: "fetch_composite", query: dovetail.Select(models.Orders).Fetch("lines.labels")},
		{name: "fetch_order", query: accounts.Fetch("activities").OrderBy("activities.amount DESC", "id")},
		{name: "fetch_distinct", query: accounts.Join("activities").Fetch("activities").Distinct()},
		{name: "fetch_with", query: dovetail.Select(models.Authors).Fetch("books").With(dovetail.Count("books").As("book_count")).
			OrderBy("book_count DESC")},
		{name: "fetch_then_preload", query: accounts.Fetch("activities").Preload("activities.account.activities")},
		{name: "fetch_in_preload", query: accounts.Preload("activities", dovetail.Select(models.Activities).Fetch("account.activities"))},
		{name: "fetch_in_limited_preload", query: accounts.Preload("activities",
			dovetail.Select(models.Activities).Columns("amount").Join("account").Fetch("account").OrderBy("amount DESC").Limit(2))},
		{name: "fetch_in_linked_preload", query: posts.Preload("tags", dovetail.Select(models.Tags).Fetch("posts.editor"))},
		{name: "fetch_in_preload_by_text_key",
			query: dovetail.Select(models.Orders).Preload("lines", dovetail.Select(models.OrderLines).Fetch("labels", "order"))},
		{name: "fetch_in_subquery", query: accounts.Where(sq.Eq{"id": dovetail.Select(models.Activities).Columns("account_id").
			Fetch("account").Where(sq.Gt{"amount": 10})})},
	}
}

func goldenJoins() []goldenCase {
	accounts, posts := dovetail.Select(models.Accounts).Columns("id"), dovetail.Select(models.Posts).Columns("id")
	return []goldenCase{
		{name: "join_has_many", query: accounts.Join("activities")},
		{name: "join_has_one", query: dovetail.Select(models.Users).Join("profile")},
		{name: "join_belongs_to", query: dovetail.Select(models.Activities).Columns("id").Join("account")},
		{name: "join_many_to_many", query: posts.Join("tags")},
		{name: "join_many_to_many_inverse", query: dovetail.Select(models.Tags).Join("posts")},
		{name: "join_self", query: dovetail.Select(models.Categories).Columns("id").Join("parent").Join("subcategories")},
		{name: "join_composite", query: dovetail.Select(models.Orders).Columns("number").Join("lines")},
		{name: "join_composite_many_to_many", query: dovetail.Select(models.OrderLines).Columns("line").Join("labels")},
		{name: "join_two_relations_to_one_table", query: posts.Join("author").Join("editor")},
		{name: "join_nested", query: dovetail.Select(models.Users).Join("posts.tags")},
		{name: "join_prefix_first", query: dovetail.Select(models.Users).Join("posts").Join("posts.tags").Join("posts")},
		{name: "join_and_back", query: accounts.Join("activities.account")},
		{name: "join_link_as_a_table", query: dovetail.Select(models.Students).Columns("name").Join("enrollments.course").
			Columns("enrollments.grade", "enrollments.course.title")},
		{name: "join_on", query: accounts.Join("activities", sq.Eq{"activity_type": models.Deposit},
			sq.Expr("amount > accounts.balance"))},
		{name: "join_on_many_to_many", query: posts.Join("tags", sq.Eq{"name": "go"})},
		{name: "left_join_has_many", query: accounts.LeftJoin("activities")},
		{name: "left_join_on", query: accounts.LeftJoin("activities", sq.Eq{"activity_type": models.Deposit}).
			Where(sq.Eq{"activities.id": nil})},
		{name: "left_join_on_or", query: accounts.LeftJoin("activities", sq.Or{sq.Eq{"amount": 1}, sq.Eq{"amount": 2}})},
		{name: "left_join_many_to_many", query: posts.LeftJoin("tags")},
		{name: "left_join_many_to_many_on", query: posts.LeftJoin("tags", sq.Eq{"name": "go"})},
		{name: "left_join_nested", query: dovetail.Select(models.Users).LeftJoin("posts.tags")},
		{name: "left_join_below_join", query: dovetail.Select(models.Users).Join("posts").LeftJoin("posts.tags")},
		{name: "join_below_left_join", query: dovetail.Select(models.Users).LeftJoin("posts").Join("posts.tags")},
		{name: "left_join_then_join", query: accounts.LeftJoin("activities").Join("activities")},
		{name: "left_join_path_below_is_left", query: dovetail.Select(models.Accounts).Columns("id").LeftJoin("activities").
			Where("activities.account.owner IS NULL")},
		{name: "join_on_path", query: accounts.Join("activities.account").Join("activities", sq.Eq{"account_id": 1})},
		{name: "has", query: accounts.Has("activities")},
		{name: "has_conditions", query: accounts.Has("activities", sq.Eq{"activity_type": models.Deposit},
			sq.GtOrEq{"amount": 750})},
		{name: "has_or", query: accounts.Has("activities", sq.Or{sq.Eq{"amount": 1}, sq.Eq{"amount": 2}})},
		{name: "has_none", query: accounts.HasNone("activities", sq.Gt{"amount": 750})},
		{name: "has_to_one", query: dovetail.Select(models.Users).Has("profile", sq.NotEq{"bio": nil})},
		{name: "has_many_to_many", query: posts.Has("tags", sq.Eq{"name": []string{"go", "sql"}})},
		{name: "has_composite_many_to_many",
			query: dovetail.Select(models.OrderLines).Columns("line").Has("labels", sq.Eq{"text": "new"})},
		{name: "has_path", query: dovetail.Select(models.Users).Has("posts.tags", sq.Eq{"name": "go"})},
		{name: "has_self", query: dovetail.Select(models.Categories).Columns("id").Has("subcategories.subcategories")},
		{name: "has_nested", query: dovetail.Select(models.Users).Has("posts", dovetail.Has("tags", sq.Eq{"name": "go"}),
			dovetail.HasNone("tags", sq.Eq{"name": "sql"}))},
		{name: "has_self_nested", query: dovetail.Select(models.Employees).Columns("id").
			Has("subordinates", dovetail.HasNone("subordinates"))},
		{name: "has_in_or", query: accounts.Where(sq.Or{sq.Eq{"owner": "Sandy"}, dovetail.Has("activities"),
			dovetail.HasNone("activities")})},
		{name: "has_root_reached", query: accounts.Has("activities", sq.Expr("amount > accounts.balance"),
			sq.Eq{"accounts.owner": "x"})},
		{name: "has_implicit_join_inside", query: accounts.Has("activities", sq.Eq{"account.owner": "SpongeBob"})},
		{name: "has_beside_join", query: accounts.Join("activities").Has("activities", sq.Gt{"amount": 5})},
		{name: "has_on_joined_path", query: dovetail.Select(models.Users).Join("posts").
			Where(sq.Eq{"posts.title": "Joins"}).Has("posts", dovetail.Has("editor"))},
	}
}

func goldenClauses() []goldenCase {
	accounts := dovetail.Select(models.Accounts).Columns("id")
	grouped := dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count")
	return []goldenCase{
		{name: "distinct_join", query: accounts.Join("activities").Distinct()},
		{name: "distinct_order_is_selected",
			query: dovetail.Select(models.Activities).Columns("amount").Distinct().OrderBy("account.owner", "amount DESC")},
		{name: "distinct_limit", query: accounts.Join("activities").Distinct().OrderBy("owner").Limit(3)},
		{name: "distinct_limit_without_key",
			query: dovetail.Select(models.Activities).Columns("amount").Distinct().OrderBy("amount").Limit(3)},
		{name: "distinct_json_by_key",
			query: dovetail.Select(goldenDocs).Join("notes").Where(sq.Eq{"notes.text": "x"}).Distinct()},
		{name: "distinct_json_by_key_limit",
			query: dovetail.Select(goldenDocs).Join("notes").Distinct().OrderBy("title DESC").Limit(2).Offset(1)},
		{name: "distinct_json_left_out", query: dovetail.Select(goldenDocs).Columns("title").Join("notes").Distinct()},
		{name: "order_by", query: accounts.OrderBy("owner", "created_at desc", "balance ASC")},
		{name: "order_by_nulls", query: dovetail.Select(models.Posts).Columns("id").OrderBy("editor_id DESC NULLS LAST",
			"title nulls first")},
		{name: "order_by_path", query: dovetail.Select(models.Posts).Columns("id").OrderBy("editor.name", "author.name DESC")},
		{name: "order_by_clause", query: accounts.OrderByClause("length(owner) DESC").OrderByClause("accounts.balance + ?", 1)},
		{name: "order_by_clause_sqlizer",
			query: accounts.OrderByClause(sq.Expr("CASE WHEN owner = ? THEN 0 ELSE 1 END", "Sandy")).OrderBy("id")},
		{name: "order_by_computed", query: grouped.OrderBy("book_count DESC", "name")},
		{name: "limit", query: accounts.Limit(10)},
		{name: "limit_zero", query: accounts.Limit(0)},
		{name: "limit_offset", query: accounts.OrderBy("owner").Limit(10).Offset(20)},
		{name: "limit_keeps_given_key_order", query: accounts.OrderBy("id DESC", "owner").Limit(1)},
		{name: "limit_composite_key", query: dovetail.Select(models.Orders).OrderBy("number").Limit(1)},
		{name: "offset", query: accounts.Offset(20)},
		{name: "limit_over_to_one_join",
			query: dovetail.Select(models.Posts).Columns("id").Join("author").LeftJoin("editor").Limit(5)},
		{name: "group_by_key", query: grouped},
		{name: "group_by_having", query: grouped.Having("count(books.id) > ?",
			1).Having(sq.Eq{"name": []string{"a", "b"}})},
		{name: "group_by_columns", query: dovetail.Select(models.Activities).Columns("account_id", "activity_type").
			GroupBy("account_id", "activity_type").Column("sum(activity.amount) AS total")},
		{name: "group_by_path", query: dovetail.Select(models.Books).Columns("author.name").Column("sum(pages) AS pages").GroupBy("author.name")},
		{name: "group_by_limit", query: grouped.OrderBy("name").Limit(3)},
		{name: "group_by_args_in_order", query: grouped.Where("authors.id > ?", 1).Having("count(books.id) > ?", 2).
			OrderByClause("count(books.id) + ?", 3).Where("authors.name <> ?", "x")},
		{name: "aggregate_without_group",
			query: dovetail.Select(models.Books).Columns().Column("sum(pages) AS pages").Column("count(*) AS n")},
		{name: "for_update", query: accounts.Where(sq.Eq{"id": 1}).ForUpdate()},
		{name: "for_update_left_join", query: dovetail.Select(models.Posts).Columns("id").LeftJoin("editor").ForUpdate()},
		{name: "for_update_limit", query: accounts.OrderBy("owner").Limit(1).ForUpdate()},
	}
}

func goldenPreloads() []goldenCase {
	accounts := dovetail.Select(models.Accounts).Columns("id")
	activities := dovetail.Select(models.Activities).Columns("amount")
	preload := func(name string, q renderable) goldenCase { return goldenCase{name: "preload_" + name, query: q} }
	return []goldenCase{
		preload("has_many", accounts.Preload("activities")),
		preload("has_one", dovetail.Select(models.Users).Preload("profile")),
		preload("belongs_to", dovetail.Select(models.Books).Preload("author")),
		preload("belongs_to_optional", dovetail.Select(models.Posts).Preload("editor")),
		preload("many_to_many", dovetail.Select(models.Posts).Preload("tags")),
		preload("many_to_many_inverse", dovetail.Select(models.Tags).Preload("posts")),
		preload("self", dovetail.Select(models.Employees).Preload("manager").Preload("subordinates")),
		preload("composite", dovetail.Select(models.Orders).Preload("lines")),
		preload("composite_belongs_to", dovetail.Select(models.OrderLines).Preload("order")),
		preload("composite_many_to_many", dovetail.Select(models.OrderLines).Preload("labels")),
		preload("text_key", dovetail.Select(goldenTeams).Preload("members")),
		preload("text_key_belongs_to", dovetail.Select(goldenMembers).Preload("team")),
		preload("uuid_key", dovetail.Select(goldenMembers).Preload("badges")),
		preload("key_is_added_to_columns",
			dovetail.Select(models.Activities).Columns("amount").Preload("account", dovetail.Select(models.Accounts).Columns("owner"))),
		preload("nested", dovetail.Select(models.Users).Preload("posts.tags")),
		preload("nested_with_queries", dovetail.Select(models.Users).
			Preload("posts", dovetail.Select(models.Posts).Where(sq.NotEq{"title": "Nulls"}).Preload("tags",
				dovetail.Select(models.Tags).OrderBy("name")))),
		preload("nested_merged", dovetail.Select(models.Users).Preload("posts.tags").Preload("posts",
			dovetail.Select(models.Posts).OrderBy("title")).
			Preload("posts.editor")),
		preload("siblings", dovetail.Select(models.Posts).Preload("author").Preload("editor").Preload("tags")),
		preload("inverse", accounts.Preload("activities.account")),
		preload("below_inverse", dovetail.Select(models.Users).Preload("posts.author.profile")),
		preload("inverse_with_query", accounts.Preload("activities.account", dovetail.Select(models.Accounts).Columns("owner"))),
		preload("many_to_many_and_back", dovetail.Select(models.Posts).Preload("tags.posts")),
		preload("link_as_a_table", dovetail.Select(models.Students).Preload("enrollments.course")),
		preload("where", accounts.Preload("activities",
			activities.Where(sq.Or{sq.Eq{"amount": 1}, sq.Eq{"amount": 2}}).Where("amount > ?", 0))),
		preload("order", accounts.Preload("activities", activities.OrderBy("created_at DESC"))),
		preload("order_by_path", accounts.Preload("activities", activities.OrderBy("account.owner"))),
		preload("limit", accounts.Preload("activities", activities.OrderBy("created_at DESC").Limit(5))),
		preload("limit_offset", accounts.Preload("activities", activities.Limit(5).Offset(2))),
		preload("offset", accounts.Preload("activities", activities.Offset(2))),
		preload("limit_with_args", accounts.Where(sq.Gt{"id": 0}).Preload("activities",
			activities.Where(sq.Eq{"activity_type": models.Deposit}).OrderByClause("amount % ?", 7).Limit(1))),
		preload("limit_to_one", dovetail.Select(models.Users).Preload("profile",
			dovetail.Select(models.Profiles).OrderBy("id DESC").Limit(1))),
		preload("limit_many_to_many",
			dovetail.Select(models.Posts).Preload("tags", dovetail.Select(models.Tags).OrderBy("name").Limit(2))),
		preload("limit_composite", dovetail.Select(models.Orders).Preload("lines", dovetail.Select(models.OrderLines).Limit(1))),
		preload("limit_composite_many_to_many",
			dovetail.Select(models.OrderLines).Preload("labels", dovetail.Select(models.Labels).Limit(1))),
		preload("limit_self", dovetail.Select(models.Categories).Preload("subcategories", dovetail.Select(models.Categories).Limit(3))),
		preload("limit_nested", dovetail.Select(models.Users).Preload("posts", dovetail.Select(models.Posts).Limit(2).
			Preload("tags", dovetail.Select(models.Tags).Limit(1)))),
		preload("join_inside", dovetail.Select(models.Users).Preload("posts", dovetail.Select(models.Posts).Join("tags").
			Where(sq.Eq{"tags.name": "go"}).Distinct())),
		preload("implicit_join_inside", accounts.Preload("activities", activities.Where(sq.Eq{"account.owner": "x"}))),
		preload("has_inside", dovetail.Select(models.Users).Preload("posts",
			dovetail.Select(models.Posts).Has("tags", sq.Eq{"name": "go"}))),
		preload("column_inside", dovetail.Select(models.Books).Preload("author", dovetail.Select(models.Authors).
			Column("(SELECT count(*) FROM books AS b WHERE b.author_id = authors.id) AS book_count"))),
		preload("distinct_inside", dovetail.Select(models.Posts).Preload("tags", dovetail.Select(models.Tags).Distinct())),
		preload("json_inside", dovetail.Select(goldenNotes).Preload("doc")),
		preload("for_update_inside", accounts.Preload("activities", activities.ForUpdate())),
		preload("under_join", dovetail.Select(models.Posts).Join("author").Where(sq.Eq{"author.name": "ann"}).Preload("author")),
	}
}

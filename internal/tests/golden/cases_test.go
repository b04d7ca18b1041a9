package golden_test

import (
	"context"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

var (
	goldenUUID  = uuid.MustParse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
	goldenUUID2 = uuid.MustParse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c")
	goldenTime  = time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)
)

func goldenSelects() []goldenCase {
	return []goldenCase{
		{name: "select_all", query: dovetail.Select(models.Accounts)},
		{name: "select_reserved_word", query: dovetail.Select(models.Users)},
		{name: "select_without_primary_key", query: dovetail.Select(models.LineLabels).Limit(2)},
		{name: "columns", query: dovetail.Select(models.Accounts).Columns("owner", "id")},
		{name: "columns_twice_add", query: dovetail.Select(models.Accounts).Columns("owner").Columns("id")},
		{name: "columns_none", query: dovetail.Select(models.Accounts).Columns().Column("count(*) AS n")},
		{name: "columns_of_to_one_path", query: dovetail.Select(models.Books).Columns("title", "author.name")},
		{name: "columns_of_optional_path", query: dovetail.Select(models.Posts).Columns("title", "editor.name")},
		{name: "columns_of_joined_path",
			query: dovetail.Select(models.Accounts).Join("activities").Columns("owner", "activities.amount")},
		{name: "column_computed", query: dovetail.Select(models.Authors).
			Column("(SELECT count(*) FROM books WHERE books.author_id = authors.id) AS book_count")},
		{name: "column_args", query: dovetail.Select(models.Tags).Columns("id").Column("coalesce(nullif(name, ?), ?) AS label", "", "none")},
		{name: "column_sqlizer", query: dovetail.Select(models.Activities).Columns("id").
			Column(sq.Alias(sq.Case("activity_type").When("'DEP'", "amount").Else("-amount"), "signed"))},
		{name: "column_all_of_path", query: dovetail.Select(models.Posts).Join("author").Columns("title").Column("author.*")},
		{name: "distinct", query: dovetail.Select(models.Activities).Columns("account_id").Distinct()},
	}
}

func goldenConditions() []goldenCase {
	where := func(name string, pred any, args ...any) goldenCase {
		return goldenCase{name: "where_" + name, query: dovetail.Select(models.Accounts).Columns("id").Where(pred, args...)}
	}
	members := func(name string, pred any, args ...any) goldenCase {
		return goldenCase{name: "where_" + name, query: dovetail.Select(goldenMembers).Columns("id").Where(pred, args...)}
	}
	return []goldenCase{
		{name: "design_section_1", query: dovetail.Select(models.Accounts).Join("activities").
			Where(sq.Eq{"activities.activity_type": models.Deposit}).Where("activities.amount >= ?", 750).Distinct().
			Preload("activities", dovetail.Select(models.Activities).OrderBy("created_at DESC").Limit(5))},
		where("eq", sq.Eq{"owner": "SpongeBob"}),
		where("eq_map_of_four", sq.Eq{"owner": "SpongeBob", "id": 1, "email": "bob@sea.example", "balance": 30}),
		where("eq_empty_map", sq.Eq{}),
		where("eq_nil", sq.Eq{"owner": nil}),
		where("eq_nil_pointer", sq.Eq{"owner": (*string)(nil)}),
		where("eq_pointer", sq.Eq{"id": new(int64)}),
		where("eq_list_of_integers", sq.Eq{"id": []int{3, 1, 2}}),
		where("eq_list_of_texts", sq.Eq{"owner": []string{"a,b", `quo"te`, `back\slash`, "{}"}}),
		where("eq_list_of_one", sq.Eq{"id": []int64{7}}),
		where("eq_list_with_null", sq.Eq{"owner": []*string{nil, new(string)}}),
		where("eq_empty_list", sq.Eq{"id": []int64{}}),
		where("not_eq_empty_list", sq.NotEq{"id": []int64{}}),
		where("not_eq", sq.NotEq{"owner": "SpongeBob"}),
		where("not_eq_nil", sq.NotEq{"owner": nil}),
		where("not_eq_list", sq.NotEq{"id": []int64{1, 2}}),
		where("not_eq_list_with_null", sq.NotEq{"owner": []any{"x", nil}}),
		where("not_eq_map_of_two", sq.NotEq{"owner": "x", "id": 2}),
		where("not_eq_or_null", dovetail.NotEqOrNull{"owner": "SpongeBob"}),
		where("comparisons", sq.And{sq.Lt{"id": 9}, sq.LtOrEq{"id": 8}, sq.Gt{"id": 1}, sq.GtOrEq{"id": 2}}),
		where("comparison_map_of_two", sq.Gt{"id": 1, "balance": 2}),
		where("like", sq.And{sq.Like{"owner": "S%"}, sq.NotLike{"owner": "%x"}, sq.ILike{"owner": "s%"},
			sq.NotILike{"owner": "%X"}}),
		where("match_literally", sq.And{dovetail.Contains("owner", "50%_!"), dovetail.StartsWith("owner", "S*"),
			dovetail.EndsWith("owner", "b")}),
		where("and_of_one", sq.And{sq.Eq{"id": 1}}),
		where("and_empty", sq.And{}),
		where("or_empty", sq.Or{}),
		where("or_of_ands", sq.Or{sq.And{sq.Eq{"id": 1}, sq.Eq{"owner": "a"}},
			sq.And{sq.Eq{"id": 2}, sq.Eq{"owner": "b"}}}),
		where("and_of_ors", sq.And{sq.Or{sq.Eq{"id": 1}, sq.Eq{"id": 2}}, sq.Or{sq.Eq{"owner": "a"}, sq.Eq{"owner": "b"}}}),
		where("or_with_text", sq.Or{sq.Expr("id = 1 OR id = 2"), sq.Eq{"id": 3}}),
		where("or_with_list_and_null", sq.And{sq.Eq{"owner": []any{"x", nil}}, sq.Eq{"id": 1}}),
		where("text", "id > ? AND owner <> ?", 5, "x"),
		where("text_with_literals", "owner <> 'why? accounts.id' AND accounts.id > ? /* really? */", 5),
		where("text_with_line_comment", "id > ? -- up to here", 5),
		where("text_numbered", "id = $2 OR id = $1 OR id = $2", 1, 2),
		where("text_names", "accounts.id = 1 AND accounts . owner = ? AND \"accounts\".balance > 0", "x"),
		where("text_subquery", "id IN (SELECT activity.account_id FROM activity WHERE activity.amount > ?)", 10),
		where("eq_query", sq.Eq{"id": dovetail.Select(models.Activities).Columns("account_id").Where(sq.Gt{"amount": 10})}),
		where("not_eq_query", sq.NotEq{"id": dovetail.Select(models.Activities).Columns("account_id")}),
		where("eq_query_nested", sq.Eq{"id": dovetail.Select(models.Activities).Columns("account_id").Where(sq.Gt{"amount": 1}).
			Where("account_id IN (?) OR amount < ?",
				dovetail.Select(models.Accounts).Columns("id").Where(sq.Eq{"id": []int{2, 3}}).
					Where(dovetail.Contains("owner", "x")).OrderBy("owner").Limit(4), 5)}),
		where("eq_query_with_join_and_has", sq.NotEq{"id": dovetail.Select(models.Activities).Columns("account_id").
			Where(sq.Eq{"account.owner": "x"}).Has("account.activities", sq.Eq{"amount": 2})}),
		where("eq_squirrel_select", sq.Eq{"id": sq.Select("account_id").From("activity").Where(sq.Eq{"amount": 30})}),
		where("expr_query", sq.Expr("id IN (?)",
			dovetail.Select(models.Activities).Columns("account_id").Where(sq.Eq{"amount": 30}))),
		where("text_query_argument", "id IN (?) AND id > ?",
			dovetail.Select(models.Activities).Columns("account_id").Where(sq.Eq{"amount": 30}), 0),
		where("squirrel_dollar_builder", sq.Expr("EXISTS (?)",
			sq.Select("1").From("activity").Where(sq.Eq{"amount": 30}).PlaceholderFormat(sq.Dollar))),
		where("several_are_anded", "id = 1 OR id = 2"),
		{name: "where_two", query: dovetail.Select(models.Accounts).Columns("id").Where("id = 1 OR id = 2").Where("owner = 'a' OR owner = 'b'")},
		{name: "where_json_operator",
			query: dovetail.Select(goldenDocs).Columns("id").Where("CAST(body AS jsonb) ?? ?", "key")},
		{name: "where_question_mark_in_literal",
			query: dovetail.Select(goldenNotes).Columns("id").Where("text = 'really?'")},
		members("uuid", sq.Eq{"id": goldenUUID}),
		members("uuid_as_text", sq.Eq{"id": goldenUUID.String()}),
		members("uuid_list", sq.Eq{"id": []uuid.UUID{goldenUUID, goldenUUID2}}),
		members("time", sq.GtOrEq{"joined_at": goldenTime}),
		members("time_list", sq.Eq{"joined_at": []time.Time{goldenTime}}),
		members("float_list", sq.Eq{"score": []float64{0.1, 1e21}}),
		members("boolean_bytes_float_map", sq.Eq{"active": true, "photo": []byte{0xff}, "score": 1.5}),
		{name: "where_named_type_list", query: dovetail.Select(models.Activities).Columns("id").
			Where(sq.Eq{"activity_type": []models.ActivityType{models.Deposit, models.Withdrawal}})},
		{name: "where_to_one_path", query: dovetail.Select(models.Activities).Where(sq.Eq{"account.owner": "SpongeBob"})},
		{name: "where_optional_path", query: dovetail.Select(models.Posts).Columns("id").Where(sq.Eq{"editor.name": nil})},
		{name: "where_path_below_optional",
			query: dovetail.Select(models.Posts).Columns("id").Where("editor.profile.bio IS NULL")},
		{name: "where_path_twice_joins_once", query: dovetail.Select(models.Posts).Columns("id").
			Where(sq.Eq{"author.name": "ann"}).Where("author.id > ?", 0).OrderBy("author.name")},
		{name: "where_map_of_paths", query: dovetail.Select(models.Posts).Columns("id").
			Where(sq.Eq{"title": "Joins", "author.name": "ann", "editor.name": "bea"})},
		{name: "where_self_path", query: dovetail.Select(models.Employees).Columns("id").Where(sq.Eq{"manager.manager.name": "x"})},
		{name: "where_composite_path",
			query: dovetail.Select(models.OrderLines).Columns("line").Where(sq.Eq{"order.customer": nil})},
	}
}

func goldenCalls() []goldenCase {
	call := func(name string, run func(context.Context, dovetail.DB) error) goldenCase {
		return goldenCase{name: "call_" + name, call: run}
	}
	type query = dovetail.Query[*models.Account]
	count := func(name string, q query) goldenCase {
		return call("count_"+name, func(ctx context.Context, db dovetail.DB) error {
			_, err := q.Count(ctx, db)
			return err
		})
	}
	exists := func(name string, q query) goldenCase {
		return call("exists_"+name, func(ctx context.Context, db dovetail.DB) error {
			_, err := q.Exists(ctx, db)
			return err
		})
	}
	accounts := dovetail.Select(models.Accounts)
	joined := accounts.Join("activities")
	return []goldenCase{
		count("all", accounts.OrderBy("owner").Preload("activities")),
		count("where", accounts.Where(sq.Eq{"owner": "SpongeBob"})),
		count("join", joined),
		count("join_distinct", joined.Distinct().OrderBy("owner")),
		count("distinct_columns", accounts.Columns("owner").Distinct()),
		count("fetch", joined.Fetch("activities").Where("activities.amount >= ?", 750)),
		exists("fetch", accounts.Fetch("activities")),
		call("one_fetched", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Fetch("activities").One(ctx, db)
			return err
		}),
		count("limit", accounts.Limit(2).Offset(1)),
		count("group", joined.GroupBy("id").Having("count(activities.id) > ?", 1)),
		call("count_distinct_json", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Select(goldenDocs).Join("notes").Distinct().Count(ctx, db)
			return err
		}),
		call("count_for_update", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Where(sq.Eq{"id": 1}).ForUpdate().Count(ctx, db)
			return err
		}),
		exists("all", accounts),
		exists("where", joined.Where(sq.Gt{"activities.amount": 5})),
		exists("limit", accounts.Limit(0)),
		exists("offset", accounts.Offset(3)),
		exists("group", joined.GroupBy("id").Having("count(activities.id) > ?", 1)),
		exists("distinct_offset", joined.Distinct().Offset(1)),
		call("first", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.OrderBy("owner").First(ctx, db)
			return err
		}),
		call("first_without_order", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.First(ctx, db)
			return err
		}),
		call("one", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Where(sq.Eq{"owner": "Sandy"}).One(ctx, db)
			return err
		}),
		call("one_of_limit_1", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Limit(1).One(ctx, db)
			return err
		}),
		call("one_joined", func(ctx context.Context, db dovetail.DB) error {
			_, err := joined.One(ctx, db)
			return err
		}),
		call("get", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Where(sq.Eq{"owner": "Sandy"}).Get(ctx, db, 4)
			return err
		}),
		call("get_composite", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Select(models.Orders).Get(ctx, db, "north", 7)
			return err
		}),
		call("collect", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[struct {
				Title  string
				Author struct{ Name string }
			}](ctx, db, dovetail.Select(models.Books).Columns("title", "author.name"))
			return err
		}),
		call("load_m2m", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, models.Posts, []*models.Post{{ID: 1}, {ID: 2}, {ID: 1}, nil}, "tags",
				dovetail.Select(models.Tags).OrderBy("name"))
		}),
		call("load_uuid", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, goldenMembers, []*goldenMember{{ID: goldenUUID}, {ID: goldenUUID2}}, "badges")
		}),
		// PostgreSQL is asked for the types of text keys before.
		{name: "call_load_composite", only: "sqlite", call: func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, models.Orders,
				[]*models.Order{{Warehouse: "north", Number: 7}, {Warehouse: `s"o,uth`, Number: 8}}, "lines")
		}},
		call("load_limited", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, models.Accounts, []*models.Account{{ID: 3}, {ID: 1}}, "activities",
				dovetail.Select(models.Activities).Where(sq.Gt{"amount": 5}).Limit(2))
		}),
	}
}

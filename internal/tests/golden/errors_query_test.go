package golden_test

import (
	"context"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func pathErrorCases() []errorCase {
	relation, column := dovetail.ErrUnknownRelation, dovetail.ErrUnknownColumn
	accounts := dovetail.Select(models.Accounts)
	return []errorCase{
		failed("path_join_misspelt", relation, accounts.Join("activites")),
		failed("path_left_join_misspelt", relation, accounts.LeftJoin("Activities ")),
		failed("path_has_misspelt", relation, accounts.Has("activitys")),
		failed("path_has_none_unknown", relation, accounts.HasNone("zzzzzzzz")),
		failed("path_preload_misspelt", relation, accounts.Preload("activites")),
		failed("path_hop_misspelt", relation, accounts.Join("activities.acount")),
		failed("path_hop_unknown", relation, dovetail.Select(models.Posts).Preload("author.zzzzzzzz")),
		failed("path_of_a_table_without_relations", relation, dovetail.Select(models.PostTags).Join("post")),
		failed("path_empty", relation, accounts.Join("")),
		failed("path_empty_segment", relation, accounts.Join("activities..account")),
		failed("path_ends_in_a_dot", relation, accounts.Preload("activities.")),
		failed("path_too_deep", relation, dovetail.Select(models.Categories).Join(strings.Repeat("parent.", 16)+"parent")),
		failed("path_is_a_column", relation, accounts.Join("owner")),
		failed("path_is_a_table", relation, accounts.Join("activity")),
		failed("path_to_many_not_joined", relation, accounts.Where(sq.Eq{"activities.amount": kit.SecretNumber})),
		failed("path_to_many_not_joined_in_text", relation, accounts.Where("activities.amount > ?", kit.SecretNumber)),
		failed("path_to_many_not_joined_in_order", relation, accounts.OrderBy("activities.amount")),
		failed("path_below_to_many_not_joined", relation,
			dovetail.Select(models.Books).Where(sq.Eq{"author.books.title": kit.SecretText})),
		failed("path_not_joined_in_on", relation, dovetail.Select(models.Users).Join("posts", sq.Eq{"editor.name": kit.SecretText})).
			without(`Join("posts.editor") before`),
		failed("path_joined_after_on", relation, accounts.Join("activities.account").
			Join("activities", sq.Eq{"account.owner": kit.SecretText})).
			saying(`"activities.account"`).without(`Join("activities.account") before`),
		failed("column_unknown", column, accounts.Where(sq.Eq{"zzzzzzzz": kit.SecretText})),
		failed("column_misspelt", column, accounts.Where(sq.Eq{"ownr": kit.SecretText})),
		failed("column_in_wrong_case", column, accounts.Where(sq.Eq{"CreatedAt": kit.SecretText})),
		failed("column_of_path_misspelt", column, dovetail.Select(models.Books).Where(sq.Eq{"author.nmae": kit.SecretText})),
		failed("column_in_text_misspelt", column, accounts.Where("accounts.ownr = ?", kit.SecretText)),
		failed("column_in_has_misspelt", column, accounts.Has("activities", sq.Gt{"amout": kit.SecretNumber})),
		failed("column_in_on_misspelt", column, accounts.Join("activities", sq.Gt{"amout": kit.SecretNumber})),
		failed("column_is_a_relation", column, accounts.Where(sq.Eq{"activities": kit.SecretText})),
		failed("column_is_a_star", column, accounts.Join("activities").Where(sq.Eq{"activities.*": kit.SecretText})),
		failed("column_is_computed", column,
			dovetail.Select(models.Authors).Where(sq.Gt{"book_count": kit.SecretNumber})).saying("computed"),
		failed("column_with_sql", column, accounts.Where(sq.Eq{"id = 1 OR 1": 1})),
		failed("columns_misspelt", column, accounts.Columns("ownr")),
		failed("columns_empty", column, accounts.Columns("")).without("did you mean"),
		failed("group_by_misspelt", column, accounts.GroupBy("ownr")),
		failed("order_by_misspelt", column, accounts.OrderBy("ownr")),
		failed("distinct_join_of_many_tables_unknown", column, dovetail.Select(models.Orders).Join("lines").Columns("lines.itm")),
		{name: "ambiguous_dotted_column", is: []error{dovetail.ErrAmbiguous}, as: "relation", make: ambiguousDotted},
		{name: "ambiguous_root_in_has", is: []error{dovetail.ErrAmbiguous}, as: "relation", make: ambiguousRoot},
	}
}

type errDotted struct {
	ID     int64
	Sub    *int64 `db:"sub"`
	Dotted int64  `db:"kid.id"`
	Kid    *errDotted
}

func ambiguousDotted(context.Context) error {
	r := dovetail.NewRegistry()
	t := dovetail.NewTable[errDotted](r, "dotted")
	dovetail.BelongsTo(t, "kid", t, dovetail.ForeignKey("sub"))
	_, _, err := dovetail.Select(t).Where(sq.Eq{"kid.id": kit.SecretNumber}).ToSql()
	return err
}

// ambiguousRoot selects from a table whose name is also a to-one relation of the related table.
func ambiguousRoot(context.Context) error {
	_, _, err := dovetail.Select(models.Orders).Has("lines", sq.Eq{"order.customer": kit.SecretText}).ToSql()
	return err
}

func conditionErrorCases() []errorCase {
	invalid, count, kind := dovetail.ErrInvalidQuery, dovetail.ErrArgCount, dovetail.ErrArgType
	where := func(name string, is error, pred any, args ...any) errorCase {
		return failed("where_"+name, is, dovetail.Select(models.Accounts).Where(pred, args...))
	}
	return []errorCase{
		where("too_few_arguments", count, "id = ? AND owner = ?", kit.SecretNumber),
		where("too_many_arguments", count, "id = ?", kit.SecretNumber, kit.SecretText),
		where("argument_and_no_placeholder", count, "id = 1", kit.SecretNumber),
		where("json_operator_single", count, "owner ? 'x'").saying("??"),
		where("numbered_too_few", count, "id = $2", kit.SecretNumber),
		where("argument_beside_expression", count, sq.Eq{"id": 1}, kit.SecretNumber),
		where("nil", invalid, nil),
		where("typed_nil", invalid, (*sq.SelectBuilder)(nil)),
		where("number", invalid, kit.SecretNumber),
		where("map", invalid, map[string]any{"id": kit.SecretNumber}),
		where("empty_text", invalid, ""),
		where("unterminated_literal", invalid, "owner = 's3cret"),
		where("unbalanced", invalid, "(owner = 'x'"),
		where("closes_nothing", invalid, "id = 1) OR (1 = 1"),
		where("semicolon", invalid, "id = 1; DROP TABLE accounts"),
		where("two_placeholder_styles", invalid, "id = ? AND owner = $2", kit.SecretNumber, kit.SecretText),
		where("less_than_nil", invalid, sq.Lt{"id": nil}),
		where("like_nil", invalid, sq.Like{"owner": nil}),
		where("greater_than_list", invalid, sq.Gt{"id": []int{kit.SecretNumber}}),
		where("greater_than_query", invalid, sq.Gt{"id": dovetail.Select(models.Accounts).Columns("id")}).saying("subquery"),
		where("not_eq_or_null_nil", invalid, dovetail.NotEqOrNull{"owner": nil}),
		where("not_eq_or_null_list", invalid, dovetail.NotEqOrNull{"owner": []string{kit.SecretText}}),
		where("list_of_lists", kind, sq.Eq{"id": [][]int{{kit.SecretNumber}}}),
		where("list_of_mixed", kind, sq.Eq{"id": []any{kit.SecretNumber, kit.SecretText}}),
		where("map_as_value", kind, sq.Eq{"id": map[string]any{"n": kit.SecretNumber}}).saying("a scalar"),
		where("struct", kind, sq.Eq{"id": struct{ N int }{kit.SecretNumber}}),
		where("text_for_integer", kind, sq.Eq{"id": kit.SecretText}),
		where("boolean_for_integer", kind, sq.Eq{"id": true}),
		where("contains_for_time", kind, dovetail.Contains("created_at", kit.SecretText)),
		where("like_for_time", kind, sq.NotLike{"created_at": kit.SecretText}),
		where("starts_with_for_integer", kind, dovetail.StartsWith("id", kit.SecretText)),
		where("integer_for_text", kind, sq.Eq{"owner": kit.SecretNumber}),
		where("list_in_text", kind, "owner not in ( ?)", []string{kit.SecretText}).saying("squirrel.Eq"),
		where("list_in_expression", kind, sq.Expr("id > 0 AND id IN (?)", []int{kit.SecretNumber})).saying("argument 1"),
		where("list_in_numbered_text", kind, "id > $2 AND id IN ($1)", []int{kit.SecretNumber}, 0).saying("argument 1"),
		where("list_of_anything_in_text", kind, "id IN (?)", []any{dovetail.Col("id"), kit.SecretNumber}).saying("squirrel.Eq"),
		where("list_of_lists_in_text", kind, "id IN (?)", [][]int{{kit.SecretNumber}}).saying("squirrel.Eq"),
		where("nil_pointer_to_list_in_text", kind, "id IN (?)", (*[]int)(nil)).saying("squirrel.Eq"),
		where("nil_query_as_value", invalid, sq.Eq{"id": (*dovetail.Query[*models.Account])(nil)}).saying("the expression is nil"),
		where("nil_query_in_text", invalid, "id = ?", (*dovetail.Query[*models.Account])(nil)).saying("the expression is nil"),
		where("nil_builder_as_value", invalid, sq.NotEq{"id": (*sq.SelectBuilder)(nil)}).saying("the expression is nil"),
		failed("from_nil_query", invalid, dovetail.Select(models.Accounts).From((*dovetail.Query[*models.Account])(nil))),
		where("contains_for_integer", kind, dovetail.Contains("id", kit.SecretText)),
		where("nested_in_or", kind, sq.Or{sq.And{sq.Eq{"id": kit.SecretText}}}),
		where("broken_squirrel", invalid, sq.Select()),
		where("nil_in_and", invalid, sq.And{nil}),
		where("broken_subquery", dovetail.ErrUnknownColumn, sq.Eq{"id": dovetail.Select(models.Activities).Columns("acount_id")}),
		where("subquery_of_several_columns", invalid, sq.Eq{"id": dovetail.Select(models.Activities)}).saying("Columns"),
		where("subquery_with_a_value", invalid, sq.Eq{"id": dovetail.Select(models.Accounts).Columns("id").With(dovetail.Count("activities").As("n"))}).
			saying("With", "From"),
		where("beyond_the_way", dovetail.ErrUnknownRelation, dovetail.Has("activities.account", sq.Eq{"outer.activities.account.owner": kit.SecretText})).
			saying(`Has("activities", …, Has("account", …))`, `"account"`),
		failed("on_number_of_arguments", count,
			dovetail.Select(models.Accounts).Join("activities", sq.Expr("amount > ? + ?", kit.SecretNumber))),
		failed("where_first_mistake_is_kept", count, dovetail.Select(models.Accounts).Where("id = ?").Where(nil).Join("nowhere")),
	}
}

func clauseErrorCases() []errorCase {
	invalid, fanOut, unsupported := dovetail.ErrInvalidQuery, dovetail.ErrFanOut, dovetail.ErrUnsupported
	accounts := dovetail.Select(models.Accounts)
	joined := accounts.Join("activities")
	docs := dovetail.Select(goldenDocs).Join("notes").Distinct()
	twoLists := dovetail.Select(models.Students).Join("courses").Join("enrollments").GroupBy("id")
	return []errorCase{
		failed("limit_negative", invalid, accounts.Limit(-1)),
		failed("offset_negative", invalid, accounts.Offset(-5)),
		failed("limit_over_to_many_join", fanOut, joined.Limit(10)),
		failed("offset_over_to_many_join", fanOut, joined.Offset(10)),
		failed("for_update_over_to_many_join", fanOut, joined.ForUpdate()).saying("Has(").without("Distinct",
			"GroupBy", "would count"),
		failed("limit_over_nested_to_many_join", fanOut, dovetail.Select(models.Posts).Join("author.posts").Limit(1)),
		failed("order_by_sql", invalid, accounts.OrderBy("length(owner) DESC")).saying("OrderByClause"),
		failed("order_by_injection", invalid, accounts.OrderBy("id; DROP TABLE accounts")),
		failed("order_by_empty", invalid, accounts.OrderBy(" ")),
		failed("order_by_two_names", invalid, accounts.OrderBy("id, owner")),
		failed("order_by_nulls_what", invalid, accounts.OrderBy("id NULLS MIDDLE")),
		failed("order_by_clause_number", invalid, accounts.OrderByClause(kit.SecretNumber)),
		failed("order_by_clause_empty", invalid, accounts.OrderByClause("")),
		failed("column_number", invalid, accounts.Column(kit.SecretNumber)),
		failed("column_argument_count", dovetail.ErrArgCount, accounts.Column("? + ?", kit.SecretNumber)),
		failed("column_argument_beside_expression", dovetail.ErrArgCount, accounts.Column(sq.Expr("1"), kit.SecretNumber)),
		failed("distinct_order_by_to_many", fanOut, joined.Distinct().OrderBy("activities.amount")),
		failed("distinct_order_by_expression", unsupported, joined.Distinct().OrderByClause("length(owner)")),
		failed("distinct_json_order_by_path", unsupported, docs.OrderBy("notes.text")),
		failed("distinct_json_and_expression", unsupported, docs.Column("1 AS one")).without("other tables' columns"),
		failed("distinct_json_and_other_table", unsupported, docs.Columns("body", "notes.text")),
		failed("aggregate_over_two_lists", fanOut, twoLists.Column("count(courses.id) AS n")),
		failed("aggregate_beside_columns", invalid, accounts.Column("count(*) AS n")),
		failed("aggregate_max_beside_columns", invalid, accounts.Column("max(balance) AS n")),
		failed("aggregate_beside_value", invalid, accounts.Columns().Column("count(*) AS n").With(dovetail.Count("activities").As("m"))).
			saying(`"m"`),
		failed("having_without_group_by", invalid, accounts.Having("count(*) > ?", kit.SecretNumber)),
		failed("group_by_column_not_grouped", invalid, accounts.GroupBy("owner")),
		failed("group_by_order_not_grouped", invalid, accounts.Columns("owner").GroupBy("owner").OrderBy("balance")),
		failed("group_by_path_not_grouped", invalid, joined.Columns("activities.amount").GroupBy("id")),
		failed("for_update_distinct", unsupported, accounts.Distinct().ForUpdate()),
		failed("for_update_group_by", unsupported, accounts.GroupBy("id").ForUpdate()),
		failed("select_empty", dovetail.ErrUnknownTable, dovetail.Select(new(dovetail.Table[models.Account]))),
		failed("preload_nil_query", dovetail.ErrUnknownTable, dovetail.Select(models.Accounts).Preload("activities", nil)),
		failed("preload_tree_nil_query", dovetail.ErrUnknownTable,
			dovetail.Select(models.Categories).PreloadTree("subcategories", 2, (*dovetail.Query[*models.Category])(nil))),
		failed("select_nil", dovetail.ErrUnknownTable, dovetail.Select[models.Account](nil)),
		failed("query_zero", dovetail.ErrUnknownTable, dovetail.Query[*models.Account]{}),
		failed("query_zero_with_clause", dovetail.ErrUnknownTable, dovetail.Query[*models.Account]{}.Where("id = 1")),
		failed("name_over_63_bytes", unsupported,
			dovetail.Select(dovetail.NewTable[errOwner](dovetail.NewRegistry(), strings.Repeat("long_", 13)))).
			without("Column("),
		failed("alias_over_63_bytes_of_a_column", unsupported,
			dovetail.Select(models.Categories).Columns(strings.Repeat("parent.", 9)+"name")),
		{name: "sqlite_row_locks", is: []error{unsupported}, as: "query", make: func(context.Context) error {
			_, _, err := accounts.ForUpdate().SQL(sqlite.Dialect)
			return err
		}},
		{name: "sqlite_json_operator", is: []error{unsupported}, as: "query", make: func(context.Context) error {
			_, _, err := accounts.Where("owner ?? 'x'").SQL(sqlite.Dialect)
			return err
		}, says: []string{"??"}},
		{name: "to_sql_question_mark", is: []error{unsupported}, as: "query", make: func(context.Context) error {
			_, _, err := accounts.Where("owner = 'really?'").ToSql()
			return err
		}},
		{name: "has_outside_a_query", is: []error{invalid}, as: "query", make: func(context.Context) error {
			_, _, err := sq.Select("1").From("accounts").Where(dovetail.Has("activities")).ToSql()
			return err
		}},
		{name: "contains_outside_a_query", is: []error{invalid}, as: "query", make: func(context.Context) error {
			_, _, err := dovetail.Contains("owner", kit.SecretText).ToSql()
			return err
		}},
		{name: "not_eq_or_null_outside_a_query", is: []error{invalid}, as: "query", make: func(context.Context) error {
			_, _, err := dovetail.NotEqOrNull{"owner": kit.SecretText}.ToSql()
			return err
		}},
	}
}

type errFieldless struct {
	ID     int64
	UpID   *int64
	OverID *int64
}

func fetchErrorCases() []errorCase {
	invalid, fanOut, unsupported := dovetail.ErrInvalidQuery, dovetail.ErrFanOut, dovetail.ErrUnsupported
	unknown := dovetail.ErrUnknownRelation
	accounts := dovetail.Select(models.Accounts)
	fetched := accounts.Fetch("activities")
	return []errorCase{
		failed("fetch_misspelt", unknown, accounts.Fetch("activites")).saying(`did you mean "activities"`),
		failed("fetch_misspelt_below", unknown, accounts.Fetch("activities.acount")).saying("activities.acount"),
		failed("fetch_empty_path", unknown, accounts.Fetch("activities", "")),
		failed("fetch_column", unknown, accounts.Fetch("owner")),
		failed("fetch_without_field", dovetail.ErrInvalidRelation, dovetail.Select(models.Ships).Fetch("fieldless")).saying("rel:"),
		failed("fetch_limit", fanOut, fetched.Limit(10)).saying("Preload").without("Distinct"),
		failed("fetch_limit_distinct", fanOut, fetched.Distinct().Limit(10)).saying("Preload"),
		failed("fetch_offset", fanOut, fetched.Offset(10)),
		failed("fetch_limit_below_to_one", fanOut, dovetail.Select(models.Posts).Fetch("author.edited").Limit(1)).saying("author.edited"),
		failed("fetch_for_update", fanOut, fetched.ForUpdate()),
		failed("fetch_group_by", unsupported, fetched.GroupBy("id")).saying("Preload"),
		failed("fetch_group_by_to_one", unsupported, dovetail.Select(models.Activities).GroupBy("id").Fetch("account")),
		failed("fetch_aggregate", invalid, accounts.Columns().Column("count(*) AS n").Fetch("activities")),
		failed("fetch_and_preload_query", invalid, fetched.Preload("activities", dovetail.Select(models.Activities).Limit(1))),
		failed("fetch_below_and_preload_query", invalid,
			accounts.Fetch("activities.account.activities").Preload("activities.account", dovetail.Select(models.Accounts))),
		failed("fetch_root_without_key", invalid, dovetail.Select(models.Logs).Fetch("entries")).saying("logs", "PrimaryKey"),
		failed("fetch_has_one_of_root_without_key", invalid, dovetail.Select(models.Logs).Fetch("head")),
		failed("fetch_without_key_beside", invalid, dovetail.Select(models.Ships).Fetch("logs", "crew")).saying("logs"),
		failed("fetch_without_key_below", invalid, dovetail.Select(models.Ships).Fetch("logs.entries")).saying("logs"),
		failed("fetch_without_key_in_preload", invalid,
			dovetail.Select(models.Crew).Preload("ship", dovetail.Select(models.Ships).Fetch("logs"))).saying("preload ship"),
		failed("fetch_limit_in_preload", fanOut,
			dovetail.Select(models.Users).Preload("posts", dovetail.Select(models.Posts).Fetch("tags").Limit(1))),
		{name: "fetch_first", is: []error{fanOut}, as: "query", says: []string{"First"}, make: func(ctx context.Context) error {
			_, err := fetched.First(ctx, &kit.AnswerDB{})
			return err
		}},
		{name: "fetch_collect", is: []error{invalid}, as: "query", says: []string{"use All"}, make: func(ctx context.Context) error {
			_, err := dovetail.Collect[struct{ ID int64 }](ctx, &kit.AnswerDB{}, fetched)
			return err
		}},
	}
}

func preloadErrorCases() []errorCase {
	invalid, unsupported := dovetail.ErrInvalidQuery, dovetail.ErrUnsupported
	accounts, activities := dovetail.Select(models.Accounts), dovetail.Select(models.Activities)
	return []errorCase{
		failed("preload_two_queries", invalid, accounts.Preload("activities", activities, activities.Limit(1))),
		failed("preload_twice_with_queries", invalid,
			accounts.Preload("activities", activities.Limit(1)).Preload("activities", activities.Limit(2))),
		failed("preload_query_of_another_table", dovetail.ErrInvalidRelation,
			accounts.Preload("activities", dovetail.Select(models.Posts))),
		failed("preload_query_zero", dovetail.ErrUnknownTable, accounts.Preload("activities", dovetail.Query[*models.Activity]{})),
		failed("preload_query_with_mistake", invalid, accounts.Preload("activities", activities.Limit(-1))),
		failed("preload_query_with_argument_mistake", dovetail.ErrArgCount,
			dovetail.Select(models.Users).Preload("posts.tags", dovetail.Select(models.Tags).Where("name = ?"))),
		failed("preload_query_misspelt_column", dovetail.ErrUnknownColumn,
			dovetail.Select(models.Users).Preload("posts.tags", dovetail.Select(models.Tags).OrderBy("nmae"))),
		failed("preload_query_group_by", unsupported, accounts.Preload("activities", activities.GroupBy("id"))),
		failed("preload_query_having", unsupported, accounts.Preload("activities", activities.Having("1 = 1"))),
		failed("preload_query_distinct_limit", unsupported, accounts.Preload("activities", activities.Distinct().Limit(1))),
		failed("preload_query_for_update_limit", unsupported,
			accounts.Preload("activities", activities.ForUpdate().Limit(1))),
		failed("preload_query_limit_over_join", dovetail.ErrFanOut,
			dovetail.Select(models.Users).Preload("posts", dovetail.Select(models.Posts).Join("tags").Limit(1))),
		failed("preload_query_columns_of_path", dovetail.ErrUnknownColumn,
			accounts.Preload("activities", activities.Columns("amount", "account.owner"))),
		failed("preload_below_misspelt", dovetail.ErrUnknownRelation,
			accounts.Preload("activities", activities.Preload("acount"))),
		failed("preload_of_group_by", invalid, accounts.Columns("owner").GroupBy("owner").Preload("activities")).
			saying("preload", `"id"`),
		{name: "preload_without_field", is: []error{dovetail.ErrInvalidRelation}, as: "query",
			make: func(context.Context) error {
				r := dovetail.NewRegistry()
				t := dovetail.NewTable[errFieldless](r, "fieldless")
				dovetail.BelongsTo(t, "up", t, dovetail.ForeignKey("up_id"))
				_, _, err := dovetail.Select(t).Preload("up").SQL(postgres.Dialect)
				return err
			}},
	}
}

package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenValues are queries that name what they select.
func goldenValues() []goldenCase {
	accounts := dovetail.Select(models.Accounts).Columns("id")
	grouped := dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS n")
	counted := accounts.With(dovetail.Count("activities").As("n"))
	labelled := dovetail.Select(models.Tags).Columns("id").Column("coalesce(nullif(name, ?), ?) AS label", "", "none")
	return []goldenCase{
		{name: "column_alias_order", query: labelled.OrderBy("label DESC", "self.id")},
		{name: "column_alias_order_quoted", query: accounts.Column(`length(owner) AS "My length"`).OrderBy("My length DESC NULLS LAST")},
		{name: "column_alias_order_unquoted", query: accounts.Column("length(owner) AS Size").OrderBy("Size", "size DESC")},
		{name: "column_alias_order_in_text", query: accounts.Column("length(owner) AS size").OrderByClause("size % ? DESC", 3)},
		{name: "column_alias_where", query: labelled.Where(sq.Eq{"label": "go"}).Where("label > ?", "a")},
		{name: "column_alias_where_of_path", query: dovetail.Select(models.Books).Columns("id").
			Column("lower(author.name) AS writer").Where(sq.Eq{"writer": []string{"lem", "clarke"}}).OrderBy("writer")},
		{name: "column_alias_where_subquery", query: accounts.Column("(SELECT max(a.amount) FROM activity AS a WHERE a.account_id = accounts.id) AS top").
			Where(sq.GtOrEq{"top": 10})},
		{name: "column_alias_having", query: grouped.Having(sq.Gt{"n": 1}).Having("n < ? OR Authors_n = n", 9).
			Column("count(books.id) AS authors_n").OrderBy("n DESC")},
		{name: "column_alias_group", query: dovetail.Select(models.Books).Columns().Column("pages / 100 AS hundreds").
			Column("count(*) AS n").GroupBy("hundreds").OrderBy("hundreds")},
		{name: "column_alias_keeps_a_column", query: accounts.Column("lower(owner) AS owner").OrderBy("owner").Where("owner > ?", "a")},
		{name: "column_alias_in_preload", query: dovetail.Select(models.Users).Columns("id").Preload("posts",
			dovetail.Select(models.Posts).Columns("id").Column("length(title) AS size").OrderBy("size").Limit(2))},
		{name: "column_names_a_value", query: counted.Column("n * ? AS twice", 2)},
		{name: "with_in_text", query: counted.Where("n > accounts.balance AND balance > n")},
		{name: "with_in_having", query: dovetail.Select(models.Accounts).GroupBy("id").With(dovetail.Count("activities").As("n")).
			Having(sq.Gt{"n": 2}).Having("n < ?", 5)},
		{name: "with_of_self", query: counted.Where(sq.Gt{"self.n": 1}).Where("self.n < ?", 7).OrderBy("self.n")},
		{name: "with_once_of_several", query: dovetail.Select(models.Posts).Columns("id").With(dovetail.Count("tags").As("n"),
			dovetail.FirstOf("tags.name").OrderBy("name").As("first"), dovetail.Exists("tags").As("tagged"), dovetail.Max("tags.id").As("most")).
			Where(sq.Gt{"n": 1, "editor.name": "a"}).Where("first <> ? AND tagged", "x").OrderBy("most", "n")},
		{name: "with_once_distinct", query: dovetail.Select(models.Accounts).Join("activities").Distinct().
			With(dovetail.Count("activities").As("n")).Where(sq.Gt{"n": 1}).OrderBy("n")},
		{name: "with_twice_for_update", query: counted.Where(sq.Gt{"n": 1}).ForUpdate()},
		{name: "with_once_in_preload", query: dovetail.Select(models.Books).Columns("id").Preload("author",
			dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).Where(sq.Gt{"book_count": 1}))},
		{name: "with_once_in_limited_preload", query: dovetail.Select(models.Books).Columns("id").Preload("author",
			dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).OrderBy("book_count DESC").Limit(1))},
		{name: "with_once_in_has", query: counted.Has("activities", sq.Gt{"amount": dovetail.Col("outer.n")})},
		{name: "with_once_counted", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := counted.Where(sq.Gt{"n": 1}).Count(ctx, db)
			return err
		}},
		{name: "with_grouped_first_of_the_order", query: counted.OrderBy("n DESC", "id").Limit(3)},
		{name: "with_kept_beside_a_condition", query: counted.Where(sq.Gt{"n": 1}).Where(sq.Gt{"balance": 5}).OrderBy("id")},
		{name: "with_grouped_counted", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := counted.OrderBy("n").Count(ctx, db)
			return err
		}},
		{name: "with_grouped_composite_key", query: dovetail.Select(models.Orders).With(dovetail.Sum("lines.line").As("n"))},
		{name: "with_each_row_for_a_page", query: counted.OrderBy("id").Limit(3)},
		{name: "with_each_row_found_early", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := counted.Where(sq.Gt{"n": 1}).Exists(ctx, db)
			return err
		}},
		{name: "with_each_row_of_some", query: counted.Where(sq.Gt{"n": 1, "id": 7})},
		{name: "with_each_row_of_some_in_text", query: counted.Where("n > ? AND self.id > ?", 1, 7)},
		{name: "columns_renamed", query: dovetail.Select(models.Books).Columns("title AS called", `author.name AS "the Author"`).
			Where(sq.NotEq{"called": "x", "the Author": "y"}).Where("called <> ?", "z").OrderBy("called").Distinct()},
		{name: "columns_renamed_beside_a_key", query: dovetail.Select(models.Authors).Columns("id as book_count").Preload("books")},
	}
}

func valueErrorCases() []errorCase {
	accounts := dovetail.Select(models.Accounts)
	authors := dovetail.Select(models.Authors)
	grouped := authors.LeftJoin("books").GroupBy("id").Column("max(books.pages) AS most")
	window := accounts.Column("row_number() OVER (ORDER BY id) AS place")
	column, invalid, unsupported := dovetail.ErrUnknownColumn, dovetail.ErrInvalidQuery, dovetail.ErrUnsupported
	return []errorCase{
		failed("value_of_a_group_in_where", invalid, grouped.Where(sq.Gt{"most": kit.SecretNumber})).saying("Having", "With("),
		failed("value_of_a_group_in_text", invalid, grouped.Where("most > ?", kit.SecretNumber)).saying("Having", "With("),
		failed("value_of_a_group_in_group_by", invalid, authors.Columns().Column("count(*) AS n").GroupBy("n")),
		failed("value_of_with_in_group_by", unsupported, accounts.Columns("id").With(dovetail.Count("activities").As("n")).GroupBy("n")).
			saying("From", `Column("n AS value")`),
		failed("value_of_a_window_in_where", unsupported, window.Where(sq.Lt{"place": kit.SecretNumber})).saying("From"),
		failed("value_twice", dovetail.ErrAmbiguous, accounts.Column("1 AS n").Column("2 AS n").OrderBy("n")),
		failed("value_named_like_a_joined_column", dovetail.ErrAmbiguous, authors.LeftJoin("books").GroupBy("id").
			Column("count(books.id) AS pages").Having("pages > ?", kit.SecretNumber)).saying(`"books.pages"`),
		failed("value_with_arguments_in_group_by", unsupported,
			dovetail.Select(models.Books).Columns().Column("pages / ? AS part", kit.SecretNumber).GroupBy("part")),
		failed("value_without_as", column, accounts.Column("length(owner) size").OrderBy("size")),
		failed("value_around", invalid, accounts.Column("balance + 1 AS more").
			Has("activities", sq.Gt{"amount": dovetail.Col("outer.more")})).saying(`"outer.column"`),
		failed("value_around_in_order", invalid, accounts.With(dovetail.Count("activities").As("n")).Where("id IN (?)",
			dovetail.Select(models.Activities).Columns("account_id").OrderBy("outer.n"))),
		failed("expression_in_having", column, authors.LeftJoin("books").GroupBy("id").Having(sq.Gt{"count(books.id)": kit.SecretNumber})).
			saying(`Having("… > ?", value)`),
		failed("expression_in_where", column, accounts.Where(sq.Eq{"lower(owner)": kit.SecretText})).saying(`Where("… > ?", value)`),
		failed("aggregate_in_where", column, authors.Where(sq.Gt{"count(*)": kit.SecretNumber})).saying(`Having("… > ?", value)`),
		failed("expression_in_has", column, accounts.Has("activities", sq.Eq{"abs(amount)": kit.SecretNumber})).saying("squirrel.Expr"),
		failed("expression_in_columns", column, accounts.Columns("count(*) AS y")).saying("Column"),
		failed("expression_in_group_by", column, accounts.Columns().GroupBy("lower(owner)")).saying("Column("),
		failed("columns_renamed_misspelt", column, accounts.Columns("ownr AS name")),
		failed("columns_renamed_value", invalid, accounts.With(dovetail.Count("activities").As("n")).Columns("n AS m")),
	}
}

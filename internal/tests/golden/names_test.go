package golden_test

import (
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenNames are queries whose names must be quoted, shortened or told apart.
func goldenNames() []goldenCase {
	deep := func(name string, n int) string { return strings.TrimSuffix(strings.Repeat(name+".", n), ".") }
	weird := dovetail.Select(goldenWeirds)
	long := deep("parent", 10) // 69 bytes, PostgreSQL keeps 63
	other := deep("parent", 9) + ".subcategories"
	return []goldenCase{
		{name: "alias_of_63_bytes", query: dovetail.Select(models.Categories).Columns("id").Join(deep("parent", 9))},
		{name: "alias_over_63_bytes",
			query: dovetail.Select(models.Categories).Columns("id").Join(long).Where(sq.Eq{long + ".name": "x"})},
		{name: "alias_over_63_bytes_in_text",
			query: dovetail.Select(models.Categories).Columns("id").LeftJoin(long).Where(long + ".name = 'x'")},
		{name: "alias_over_63_bytes_apart",
			query: dovetail.Select(models.Categories).Columns("id").Join(long).Join(other).Distinct()},
		{name: "alias_over_63_bytes_in_has",
			query: dovetail.Select(models.Categories).Columns("id").Has(long, sq.Eq{"name": "x"})},
		{name: "alias_over_63_bytes_in_many_to_many", query: dovetail.Select(models.Tags).Columns("id").
			Join(deep("posts.tags", 6)).Distinct()},
		{name: "alias_over_63_bytes_in_columns",
			query: dovetail.Select(models.Categories).Columns("id", deep("parent", 8)+".name")},
		{name: "alias_of_multibyte_names", query: weird.Columns(`sel"ect`).Join(deep("öffnung", 8))},
		{name: "alias_numbered_when_taken",
			query: dovetail.Select(goldenKins).Join("kin.kin").Where(sq.Eq{"self.kin.kin.id": 1})},
		{name: "alias_keys_is_taken", query: dovetail.Select(goldenDocs).Columns("title").
			Preload("keys", dovetail.Select(goldenKeys).Limit(1))},
		{name: "alias_of_nested_has", query: dovetail.Select(models.Categories).Columns("id").Join("subcategories").
			Has("subcategories", dovetail.Has("subcategories", dovetail.Has("parent"))).Distinct()},
		{name: "names_select", query: weird},
		{name: "names_where_map", query: weird.Columns(`sel"ect`).Where(sq.Eq{`sel"ect`: 1, "a b": "x", "dot.ted": 2,
			"日本": nil})},
		{name: "names_join", query: weird.Columns("a b").LeftJoin("öffnung",
			sq.Eq{"dot.ted": 2}).Where(sq.Eq{"öffnung.a b": "x"})},
		{name: "names_in_text", query: weird.Columns("a b").Join("öffnung").Where(`öffnung.from > ? AND "we""ird; table"."a b" = ?`, 1, "x")},
		{name: "names_order_group", query: weird.Columns("a b", "日本").GroupBy("a b", "日本").OrderBy("日本 DESC")},
		{name: "names_order_spaced", query: weird.Columns("a b").LeftJoin("öffnung").OrderBy("a b", "öffnung.a b DESC NULLS LAST")},
		{name: "names_has", query: weird.Columns("a b").Has("öffnungen", sq.Gt{"dot.ted": 1})},
		{name: "names_preload", query: weird.Preload("öffnungen.öffnung").Preload("öffnung")},
		{name: "names_preload_limit", query: weird.Preload("öffnungen", weird.OrderBy("日本").Limit(1))},
		{name: "names_distinct_limit", query: weird.Distinct().Limit(1)},
		{name: "names_for_update", query: weird.ForUpdate()},
		{name: "names_question_mark", query: dovetail.Select(goldenAsks).Where(sq.Eq{"really?": "yes"})},
		{name: "schema", query: dovetail.Select(goldenClasses).Where("pg_class.relname = ?", "pg_class"), only: "postgres"},
		{name: "schema_join", query: dovetail.Select(goldenNamespaces).Join("classes").Distinct(), only: "postgres"},
		{name: "schema_preload", query: dovetail.Select(goldenNamespaces).Preload("classes",
			dovetail.Select(goldenClasses).Limit(1)), only: "postgres"},
		{name: "schema_for_update", query: dovetail.Select(goldenClasses).Columns("oid").Limit(0).ForUpdate(),
			only: "postgres"},
	}
}

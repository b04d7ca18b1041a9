package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenShared are queries over relations that have the names of columns: a bare name is the column, and the relation is what a
// path goes on behind, or what is asked for.
func goldenShared() []goldenCase {
	countries, cities := dovetail.Select(models.Countries).Columns("code"), dovetail.Select(models.Cities).Columns("id")
	full := dovetail.Select(models.Cities)
	return []goldenCase{
		{name: "names_shared", query: full},
		{name: "names_shared_where", query: cities.Where(sq.Eq{"country": "fr", "country.name": "France", "twin": nil, "twin.twin": 3})},
		{name: "names_shared_in_text", query: cities.Where("country = ? AND country.name <> city.country AND cities > 1", "de")},
		{name: "names_shared_joined", query: cities.Join("country").Where("country = ? AND country.code = city.country", "de").OrderBy("country", "country.name")},
		{name: "names_shared_join_on", query: cities.LeftJoin("country", sq.Expr("country.name = outer.name AND self.code = outer.country"),
			sq.NotEq{"capital": dovetail.Col("outer.twin"), "outer.country": "x"})},
		{name: "names_shared_has", query: countries.Has("capital", sq.Eq{"country": "de", "self.country.name": "Germany"},
			sq.Expr("self.country = outer.code AND outer.capital = self.id")).HasNone("cities", sq.Eq{"twin": dovetail.Col("outer.capital")})},
		{name: "names_shared_columns", query: full.Columns("country", "country.name", "twin.country").OrderBy("country", "twin.country DESC")},
		{name: "names_shared_grouped", query: full.Columns("country").Column("count(*) AS n").GroupBy("country").Having("count(country) > ?", 1).OrderBy("country")},
		{name: "names_shared_with", query: countries.With(dovetail.Count("cities").Where("country = outer.code").As("n"),
			dovetail.Max("capital.country").As("top")).Where(sq.Eq{"cities": dovetail.Col("n")})},
		{name: "names_shared_fetch", query: full.Fetch("country").Fetch("twin.country").Where(sq.Eq{"country": "de"}).OrderBy("country")},
		{name: "names_shared_preload", query: full.Preload("country.capital").Preload("twin").Preload("twins")},
		{name: "names_shared_preload_limited", query: countries.Preload("cities", cities.Columns("country").OrderBy("country", "country.name").Limit(1))},
		{name: "names_shared_linked", query: dovetail.Select(models.Languages).Where(sq.Eq{"country": "fr"}).Preload("country").
			Has("country", sq.Eq{"link.country": "de", "link.language": dovetail.Col("outer.name"), "code": dovetail.Col("outer.country")})},
		{name: "names_shared_through", query: full.Columns("country").Preload("spoken").Has("spoken", sq.Eq{"country": "fr"})},
		{name: "names_shared_tree", query: full.Columns("id", "twin").PreloadTree("twins", 2)},
		{name: "names_shared_page", query: cities.OrderBy("country", "id").After("de", 1).Limit(1)},
		{name: "names_shared_in_a_query", query: countries.Where(sq.Eq{"code": full.Columns("country").Where("country = outer.code AND self.country.name <> outer.name")})},
		{name: "names_shared_of_a_select", query: cities.Where("EXISTS (SELECT 1 FROM country WHERE country.code = city.country AND cities > 1)")},
		{name: "names_shared_in_upsert", call: func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Upsert(models.Cities, &models.City{ID: 1, Name: "x", Country: "de", Code: "de"}).OnConflict("id").Exec(ctx, db)
		}},
		{name: "names_shared_in_update", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Update(models.Cities).Set("country", dovetail.Col("nation")).Set("twin", nil).
				Where(sq.Eq{"country": "de", "country.name": "Germany"}).Exec(ctx, db)
			return err
		}},
		{name: "names_shared_in_delete", call: func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(models.Cities).Where(sq.Eq{"country": "de", "country.name": "Germany"}).Where("country <> nation").Exec(ctx, db)
			return err
		}},
	}
}

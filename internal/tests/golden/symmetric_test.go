package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenSymmetric has relations whose pairs are seen from both ends: by a join table of nothing else, and by one with columns of its own.
func goldenSymmetric() []goldenCase {
	nations := dovetail.Select(models.Nations)
	return []goldenCase{
		{name: "symmetric_joined", query: nations.Join("neighbours")},
		{name: "symmetric_left_joined", query: nations.LeftJoin("allies")},
		{name: "symmetric_has", query: nations.Has("neighbours", sq.Eq{"id": 1})},
		{name: "symmetric_counted", query: nations.With(dovetail.Count("neighbours").As("n"))},
		{name: "symmetric_preloaded", query: nations.Preload("neighbours")},
		{name: "symmetric_preloaded_with_links", query: nations.Preload("partners", dovetail.Select(models.Nations).Where(sq.Eq{"link.kind": "ally"}))},
		{name: "symmetric_limited", query: nations.Preload("neighbours", dovetail.Select(models.Nations).Limit(2))},
		{name: "symmetric_fetched", query: nations.Fetch("partners")},
		{name: "symmetric_through", query: nations.Preload("further").Has("further", sq.Eq{"id": 1})},
	}
}

package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenFollowed has relations of a table with itself that tests and values follow as far as they lead.
func goldenFollowed() []goldenCase {
	folders, parts := dovetail.Select(models.Folders).Columns("id"), dovetail.Select(models.Parts).Columns("id")
	stocks, nations := dovetail.Select(models.Stocks).Columns("id"), dovetail.Select(models.Nations)
	named := sq.Eq{"name": "x"}
	return []goldenCase{
		{name: "follow_has", query: folders.Has("kids*", named)},
		{name: "follow_has_above", query: folders.Has("parent*", named)},
		{name: "follow_has_any", query: folders.Has("kids*")},
		{name: "follow_has_none", query: folders.HasNone("kids*", named)},
		{name: "follow_has_levels", query: folders.Has("kids*2", named)},
		{name: "follow_has_behind", query: folders.Has("kids*.papers", sq.Eq{"title": "x", "kids*.name": "y"})},
		{name: "follow_has_links_and_scopes", query: parts.Has("parts*", named)},
		{name: "follow_has_rules", query: parts.Has("screwed*", named)},
		{name: "follow_has_composite", query: dovetail.Select(models.Boxes).Has("boxes_within*", sq.Eq{"no": 1})},
		{name: "follow_has_from_another", query: stocks.Has("part.wholes*", sq.Eq{"name": "x", "part.name": "y"})},
		{name: "follow_has_of_the_row_around", query: parts.Has("parts*", sq.Expr("self.price > outer.price"))},
		{name: "follow_has_of_pairs", query: nations.Has("neighbours*", sq.Eq{"id": 1})},
		{name: "follow_has_by_condition", query: dovetail.Select(models.Provinces).Has("children*", sq.Eq{"code": "x"})},
		{name: "follow_at_least", query: folders.HasAtLeast(2, "kids*", named)},
		{name: "follow_count", query: folders.With(dovetail.Count("kids*").As("files")).Where("files > ?", 1).OrderBy("files DESC")},
		{name: "follow_count_levels", query: folders.With(dovetail.Count("parent*2").As("files"))},
		{name: "follow_count_by_condition", query: dovetail.Select(models.Provinces).HasAtLeast(2, "children*")},
		{name: "follow_sum_behind", query: parts.With(dovetail.Sum("parts*.stock.amount").As("below"))},
		{name: "follow_unscoped", query: parts.UnscopedAt("parts*", "deleted").With(dovetail.Count("parts*").As("below"))},
		{name: "tree_links", query: parts.PreloadTree("parts", 0)},
		{name: "tree_links_levels", query: parts.PreloadTree("parts", 2, dovetail.Select(models.Parts).Columns("name", "link.quantity").
			Where(sq.Gt{"link.quantity": 1}).OrderBy("link.station.name", "link.quantity DESC"))},
		{name: "tree_level", query: parts.PreloadTree("substitutes", 0, dovetail.Select(models.Parts).With(dovetail.Level().As("level")))},
	}
}

// followErrorCases are paths that follow what cannot be followed, or stand where rows are not tested.
func followErrorCases() []errorCase {
	invalid, unsupported, unknown := dovetail.ErrInvalidQuery, dovetail.ErrUnsupported, dovetail.ErrUnknownRelation
	folders, parts := dovetail.Select(models.Folders), dovetail.Select(models.Parts)
	level := dovetail.Level()
	tree := func(with ...dovetail.Aggregate) dovetail.Query[*models.Part] {
		return parts.PreloadTree("parts", 0, dovetail.Select(models.Parts).With(with...))
	}
	return []errorCase{
		failed("follow_misspelt", unknown, folders.Has("kid*")),
		failed("follow_another_table", unknown, folders.Has("papers*")),
		failed("follow_several_tables", unknown, dovetail.Select(models.Remarks).Has("item*")),
		failed("follow_without_key", invalid, dovetail.Select(models.Keylesses).Has("downs*")),
		failed("follow_no_level", unknown, folders.Has("kids*0")),
		failed("follow_half_a_level", unknown, folders.Has("kids*1.5")),
		failed("follow_a_sign", unknown, folders.Has("kids*-1")),
		failed("follow_the_link", unknown, parts.Has("parts*", sq.Eq{"link.quantity": 1})),
		failed("follow_the_link_behind", unknown, parts.HasAtLeast(2, "parts*.link.station")),
		failed("follow_join", unsupported, folders.Join("kids*")),
		failed("follow_left_join_behind", unsupported, folders.LeftJoin("parent.kids*.papers")),
		failed("follow_preload", unsupported, folders.Preload("kids*")),
		failed("follow_preload_tree", unsupported, folders.PreloadTree("kids*", 0)),
		failed("follow_fetch", unsupported, folders.Fetch("parent*")),
		failed("follow_name", unknown, folders.Where(sq.Eq{"parent*.name": "x"})),
		failed("follow_order", unknown, folders.OrderBy("kids*.name")),
		failed("follow_lift", invalid, parts.UnscopedAt("parts*", "gone")),
		failed("tree_links_without_key", invalid, dovetail.Select(looseParts()).PreloadTree("parts", 0)),
		failed("level_of_no_tree", invalid, parts.With(level.As("level"))),
		failed("level_of_a_preload", invalid, parts.Preload("parts", parts.With(level.As("level")))),
		failed("level_without_name", invalid, tree(level)),
		failed("level_twice", invalid, tree(level.As("level"), level.As("below"))),
		failed("level_without_field", dovetail.ErrUnknownColumn, tree(level.As("depth"))),
		failed("level_where", invalid, tree(level.Where("id = 1").As("level"))),
		failed("level_of_text", invalid, tree(level.Of("id").As("level"))),
		failed("level_named", unsupported, parts.PreloadTree("parts", 0, parts.With(level.As("level")).Where("level < ?", 3))),
		failed("level_ordered_by", unsupported, parts.PreloadTree("parts", 0, parts.With(level.As("level")).OrderBy("level"))),
	}
}

type loosePart struct {
	ID    int64
	Parts []dovetail.Linked[loosePart, looseLink]
}

type looseLink struct{ WholeID, PartID int64 }

// looseParts has links that nothing tells apart.
func looseParts() *dovetail.Table[loosePart] {
	r := dovetail.NewRegistry()
	parts := dovetail.NewTable[loosePart](r, "loose_parts")
	dovetail.ManyToMany(parts, "parts", parts, dovetail.NewTable[looseLink](r, "loose_links"), dovetail.ThroughKeys("whole_id", "part_id"))
	return parts
}

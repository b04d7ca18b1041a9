package golden_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenTrees has the statements of trees.
func goldenTrees() []goldenCase {
	roots := dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil})
	some := dovetail.Select(models.Folders).Columns("id").Where(sq.Eq{"id": 1})
	return []goldenCase{
		{name: "tree", query: roots.PreloadTree("subcategories", 0)},
		{name: "tree_levels", query: roots.PreloadTree("subcategories", 3)},
		{name: "tree_above", query: dovetail.Select(models.Employees).Columns("name").PreloadTree("manager", 0)},
		{name: "tree_above_level", query: dovetail.Select(models.Employees).Columns("name").PreloadTree("manager", 1)},
		{name: "tree_parents", query: roots.PreloadTree("subcategories", 0).Preload("subcategories.parent")},
		{name: "tree_many_to_many", query: some.PreloadTree("targets", 0)},
		{name: "tree_composite", query: dovetail.Select(models.Boxes).PreloadTree("boxes_within", 2)},
		{name: "tree_query", query: some.PreloadTree("kids", 2, dovetail.Select(models.Folders).Columns("name").
			Where(sq.Eq{"owner.name": "ann"}).Where("size > ? OR size < ?", 5, 1).
			OrderByClause("size * ?", -1).OrderBy("name DESC"))},
		{name: "tree_query_has_and_with", query: some.PreloadTree("kids", 0, dovetail.Select(models.Folders).
			With(dovetail.Count("papers").As("files")).Has("kids", sq.Eq{"size": 7}).OrderBy("files DESC"))},
		{name: "tree_preloads", query: some.PreloadTree("kids", 0).Preload("kids.papers").Preload("kids.owner")},
		{name: "tree_below_preload", query: dovetail.Select(models.Persons).PreloadTree("boss.staff", 0)},
	}
}

// treeErrorCases are the trees that cannot be loaded.
func treeErrorCases() []errorCase {
	invalid, unsupported := dovetail.ErrInvalidQuery, dovetail.ErrUnsupported
	roots, sub := dovetail.Select(models.Folders), dovetail.Select(models.Folders)
	cases := []errorCase{
		failed("tree_negative_depth", invalid, roots.PreloadTree("kids", -1)),
		failed("tree_misspelt", dovetail.ErrUnknownRelation, roots.PreloadTree("kid", 0)),
		failed("tree_of_another_table", dovetail.ErrUnknownRelation, roots.PreloadTree("papers", 0)),
		failed("tree_of_another_table_below", dovetail.ErrUnknownRelation, dovetail.Select(models.Persons).PreloadTree("boss.folders", 0)),
		failed("tree_without_key", invalid, dovetail.Select(models.Keylesses).PreloadTree("downs", 0)).saying("PrimaryKey"),
		failed("tree_of_values", dovetail.ErrInvalidRelation, dovetail.Select(models.Valueds).PreloadTree("downs", 0)),
		failed("tree_two_queries", invalid, roots.PreloadTree("kids", 0, sub, sub.OrderBy("name"))),
		failed("tree_twice_with_depths", invalid, roots.PreloadTree("kids", 1).PreloadTree("kids", 2)),
		failed("tree_twice_with_queries", invalid, roots.PreloadTree("kids", 0, sub).PreloadTree("kids", 0, sub.OrderBy("name"))),
		failed("tree_and_preload_with_query", invalid, roots.Preload("kids", sub).PreloadTree("kids", 0)),
		failed("tree_and_preload_with_query_after", invalid, roots.PreloadTree("kids", 0).Preload("kids", sub)),
		failed("tree_again_below", invalid, roots.PreloadTree("kids", 0).Preload("kids.kids")),
		failed("tree_again_in_query", invalid, roots.PreloadTree("kids", 0, sub.PreloadTree("kids", 0))),
		failed("tree_query_of_another_table", dovetail.ErrInvalidRelation, roots.PreloadTree("kids", 0, dovetail.Select(models.Papers))),
		failed("tree_query_limit", unsupported, roots.PreloadTree("kids", 0, sub.Limit(3))),
		failed("tree_query_offset", unsupported, roots.PreloadTree("kids", 0, sub.Offset(3))),
		failed("tree_query_distinct", unsupported, roots.PreloadTree("kids", 0, sub.Distinct())),
		failed("tree_query_group_by", unsupported, roots.PreloadTree("kids", 0, sub.GroupBy("id"))),
		failed("tree_query_lock", unsupported, roots.PreloadTree("kids", 0, sub.ForUpdate())),
		failed("tree_query_join", dovetail.ErrFanOut, roots.PreloadTree("kids", 0, sub.Join("papers"))),
		failed("tree_query_misspelt_column", dovetail.ErrUnknownColumn, roots.PreloadTree("kids", 0, sub.OrderBy("nmae"))),
		{name: "tree_load_misspelt", is: []error{dovetail.ErrUnknownRelation}, as: "query", make: func(ctx context.Context) error {
			return dovetail.LoadTree(ctx, &kit.AnswerDB{}, models.Folders, []*models.Folder{{ID: 1}}, "kid", 0)
		}},
		{name: "tree_load_negative_depth", is: []error{invalid}, as: "query", make: func(ctx context.Context) error {
			return dovetail.LoadTree(ctx, &kit.AnswerDB{}, models.Folders, []*models.Folder{{ID: 1}}, "kids", -1)
		}},
	}
	return append(cases, treeResultErrorCases()...)
}

// treeResultErrorCases are what the rows of a tree can show.
func treeResultErrorCases() []errorCase {
	load := func(name string, is error, as, path string, depth int, rows ...[]any) errorCase {
		return errorCase{name: "tree_" + name, is: []error{is}, as: as, make: func(ctx context.Context) error {
			q := dovetail.Select(models.Folders).Columns("id")
			columns := []string{"id", "up#1", "ord#", "level#"}[:3+min(depth, 1)]
			if path == "kids" { // whose key is selected too
				columns = slices.Insert(columns, 1, "parent_id")
				for i, row := range rows {
					parent := row[1].(int64)
					rows[i] = slices.Insert(slices.Clone(row), 1, any(&parent))
				}
			}
			parent := int64(4)
			return dovetail.LoadTree(ctx, &kit.AnswerDB{Answers: []kit.Answer{{Names: columns, Lines: rows}}}, models.Folders,
				[]*models.Folder{{ID: 1, ParentID: &parent}}, path, depth, q)
		}}
	}
	n := func(n int64) any { return n }
	var long [][]any
	for i := range int64(14) {
		ord := n(-1)
		if i == 0 {
			ord = n(0)
		}
		long = append(long, []any{100 + i, 99 + i, ord})
	}
	long = append(long, []any{n(100), n(113), n(-1)})
	return []errorCase{
		load("cycle_of_one", dovetail.ErrCycle, "query", "kids", 0, []any{n(2), n(2), n(0)}, []any{n(2), n(2), n(-1)}),
		load("cycle_of_three", dovetail.ErrCycle, "query", "kids", 0, []any{n(2), n(2), n(0)}, []any{n(3), n(2), n(-1)},
			[]any{n(4), n(3), n(-1)}, []any{n(2), n(4), n(-1)}),
		load("cycle_through_a_root", dovetail.ErrCycle, "query", "kids", 2, []any{n(2), n(2), n(0), n(1)},
			[]any{n(1), n(2), n(-1), n(2)}),
		load("cycle_long", dovetail.ErrCycle, "query", "kids", 0, long...),
		load("several_parents", dovetail.ErrTooManyRows, "query", "parent", 0, []any{n(4), n(4), n(0)}, []any{n(5), n(5), n(0)}),
	}
}

// TestTreeRefusesRowsThatFitNowhere gives rows that no database should: they are errors, not dropped.
func TestTreeRefusesRowsThatFitNowhere(t *testing.T) {
	t.Parallel()
	for name, row := range map[string][]any{
		"a row above that was not found": {int64(2), new(int64), int64(3), int64(-1)},
		"a key that was not asked for":   {int64(2), new(int64), int64(2), int64(1)},
	} {
		db := &kit.AnswerDB{Answers: []kit.Answer{{Names: []string{"id", "parent_id", "up#1", "ord#"}, Lines: [][]any{row}}}}
		root := &models.Folder{ID: 1}
		err := dovetail.LoadTree(t.Context(), db, models.Folders, []*models.Folder{root}, "kids", 0, dovetail.Select(models.Folders).Columns("id"))
		var scan *dovetail.ScanError
		if !errors.As(err, &scan) || scan.Path != "kids" || root.Kids != nil {
			t.Errorf("%s: expected a ScanError and no change, got %v, %v", name, err, root.Kids)
		}
	}
}

package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// eachVariant puts the variants of relations that lead to several tables in their place. What is to be loaded below such a
// relation is loaded onto the rows of those tables that have it.
func eachVariant(merged []*mergedPreload) ([]*mergedPreload, error) {
	var each []*mergedPreload
	for _, m := range merged {
		if len(m.relation.Variants) == 0 {
			each = append(each, m)
			continue
		}
		if m.fetch || m.tree != nil {
			return nil, &PathError{Path: m.relation.Name, Err: m.relation.Single()}
		}
		if m.spec != nil {
			return nil, &PathError{Path: m.relation.Name, Err: graph.Problemf(ErrInvalid, "it leads to several tables, so a query "+
				"for one of them does not fit; leave the query out, or preload the inverse of a MorphMany")}
		}
		taken := make([]bool, len(m.below))
		for _, v := range m.relation.Variants {
			variant := &mergedPreload{relation: v}
			for i, c := range m.below {
				first, _, _ := strings.Cut(c.Path, ".")
				if _, ok := v.Related.Relation(first); ok {
					variant.below, taken[i] = append(variant.below, c), true
				}
			}
			each = append(each, variant)
		}
		if i := slices.Index(taken, false); i >= 0 {
			first, _, _ := strings.Cut(m.below[i].Path, ".")
			return nil, &PathError{Method: m.below[i].Method, Err: graph.Problemf(graph.ErrUnknownRelation, "path %q: no table that "+
				"relation %q leads to has a relation %q", m.relation.Name+"."+m.below[i].Path, m.relation, first)}
		}
	}
	return each, nil
}

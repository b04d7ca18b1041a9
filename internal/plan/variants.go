package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// addVariant takes in a query for one of the tables that the relation leads to. The others are loaded without.
func (m *mergedPreload) addVariant(c PreloadClause) error {
	leads := func(v *graph.Relation) bool { return v.Related == c.Spec.Table }
	if !slices.ContainsFunc(m.relation.Variants, leads) {
		return graph.Problemf(graph.ErrInvalidRelation, "%q: a query selects from %q, to which relation %q does not lead; give it a Select of a table "+
			"that it leads to", c.Path, c.Spec.Table.Name, m.relation)
	}
	if known := m.of(c.Spec.Table); known != nil && known != c.Spec {
		return graph.Problemf(ErrInvalid, "%q is given two different queries of %q; make them one", c.Path, c.Spec.Table.Name)
	}
	m.variants = append(m.variants, c.Spec)
	return m.addTree(c)
}

// of returns the query that was given for the rows of a table.
func (m *mergedPreload) of(t *graph.Table) *Spec {
	if i := slices.IndexFunc(m.variants, func(s *Spec) bool { return s.Table == t }); i >= 0 {
		return m.variants[i]
	}
	return nil
}

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
		taken := make([]bool, len(m.below))
		for _, v := range m.relation.Variants {
			variant := &mergedPreload{relation: v, spec: m.of(v.Related)}
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

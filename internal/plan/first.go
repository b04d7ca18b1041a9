package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: a to-one relation whose key matches several rows of an owner. The first by its order is the related row,
// wherever the relation is used: so the choice is among what always holds of the rows, and conditions of a use test the row that was
// chosen.

// First tests that a row is the first, by an order, of those that a relation's key matches.
type First struct {
	Key   []Ref   // what tells the row from the others
	Sub   *Scope  // those that it is the first of
	Order []Order // ended by the key
}

// first binds the choice of the row of at along a relation from the row before. bound says that this row can be named where the
// condition stands; else the rows to choose from are those that have the same key as the row of at.
func (s *Scope) first(r *graph.Relation, at, before *Binding, path string, bound bool) (Expr, error) {
	if s.applied.depth == maxRules {
		return nil, graph.Problemf(ErrInvalid, "the order of relation %q goes along others whose own orders lead back to it; leave the "+
			"relation out of one of them", r)
	}
	inner := &Binding{Alias: s.names.pick(at.Alias + "#first"), Table: at.Table}
	sub := newScope(inner, s.names, s.applied.inside())
	step := r.Steps[0]
	for _, p := range step.On {
		is := &CompareColumns{Col: Ref{Name: p.To, Binding: inner, Column: p.To}, Op: "=", With: Ref{Name: p.To, Binding: at, Column: p.To}}
		if bound {
			is.With, is.Spelling = Ref{Name: p.From, Binding: before, Column: p.From}, p.Spelling
		}
		sub.Where = append(sub.Where, is)
	}
	sub.Where = append(sub.Where, constants(inner, step.OnTo)...)
	rule := s.applied.rules.Relations[r]
	defaults, err := s.defaults(inner, path)
	if err != nil {
		return nil, err
	}
	declared, err := s.declared(inner, before, rule.conditions())
	if err != nil {
		return nil, err
	}
	sub.Where = slices.Concat(sub.Where, defaults, declared)
	first := &First{Sub: sub}
	if first.Order, err = sub.order(rule.First); err != nil {
		return nil, err
	}
	for _, c := range r.ChoiceKey() {
		first.Key = append(first.Key, Ref{Name: c, Binding: at, Column: c})
		end := Ref{Name: c, Binding: inner, Column: c}
		if !ordersBy(first.Order, end) {
			first.Order = append(first.Order, Order{Ref: end})
		}
	}
	return first, nil
}

// limitedToFirst returns the query for the related rows of a preload with a limit in the place of the choice, where that comes to
// the same: databases find one row for each owner faster than they test all. Nothing in the query may be about fewer or more rows
// than those to choose from.
func (b *builder) limitedToFirst(spec *Spec, at place) (*Spec, bool) {
	r := at.relation
	if r == nil || !r.First || at.tree != nil || !spec.wholeTable() {
		return spec, false
	}
	one := *spec
	one.Limit, one.OrderBy = 1, b.rules.Relations[r].First
	return &one, true
}

// wholeTable reports whether the query says nothing but which columns of its table are read, and what is loaded onto the rows.
func (s *Spec) wholeTable() bool {
	return len(s.Joins)+len(s.Where)+len(s.Having)+len(s.GroupBy)+len(s.OrderBy)+len(s.With) == 0 && s.Source == nil && !s.Distinct &&
		s.limiting() == "" && s.paged() == "" && s.Lock.Strength == "" &&
		!slices.ContainsFunc(s.Outputs, func(o OutputClause) bool { return o.Expr != nil }) &&
		!slices.ContainsFunc(s.Preloads, func(p PreloadClause) bool { return p.Fetch })
}

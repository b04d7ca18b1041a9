package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Model is what was declared of tables and relations beside their keys: conditions that hold wherever they are named, and
// orders. It is not changed once queries use it.
type Model struct {
	Tables    map[*graph.Table][]Expr // the default conditions of a table's rows
	Relations map[*graph.Relation]Rule
}

// Rule is what was declared of a relation's rows.
type Rule struct {
	Where   []Expr
	OrderBy []OrderClause
}

// Check binds everything the model holds once, so that no query finds a mistake in it. mistake is called with the table
// or relation of each.
func (m *Model) Check(tables []*graph.Table, mistake func(*graph.Table, *graph.Relation, error)) {
	scope := func(t *graph.Table) *Scope {
		return newScope(&Binding{Table: t}, nil, &aliases{taken: map[string]bool{}}, &rules{model: m})
	}
	for _, t := range tables {
		s := scope(t)
		if _, err := s.defaults(s.Base, ""); err != nil {
			mistake(t, nil, fmt.Errorf("Scope: %w", err))
			continue
		}
		for _, r := range t.Relations() {
			rule := m.Relations[r]
			if len(rule.Where) == 0 && len(rule.OrderBy) == 0 {
				continue
			}
			s := scope(r.Related)
			if r.Link != nil {
				s.Base.Link = s.Base.linkedBy(r.Link, "")
			}
			if _, err := s.declared(s.Base, rule.Where); err != nil {
				mistake(t, r, fmt.Errorf("Where: %w", err))
			}
			if _, err := s.order(rule.OrderBy); err != nil {
				mistake(t, r, fmt.Errorf("OrderBy: %w", err))
			}
		}
	}
}

// rules are the model as one statement applies it.
type rules struct {
	model  *Model
	lifted []string // the paths, from the statement's root, whose default conditions do not apply
	depth  int      // of conditions that test related rows, which have conditions of their own
}

// maxRules is how deep conditions may lead to further ones: deeper, they lead back to themselves.
const maxRules = 16

// defaults binds the default conditions of the table of at, which the path leads to.
func (s *Scope) defaults(at *Binding, path string) ([]Expr, error) {
	if s.rules == nil || s.rules.model == nil || slices.Contains(s.rules.lifted, path) {
		return nil, nil
	}
	return s.declared(at, s.rules.model.Tables[at.Table])
}

// declared binds conditions that were declared of the rows of at: the names in them are its own columns.
func (s *Scope) declared(at *Binding, exprs []Expr) ([]Expr, error) {
	if len(exprs) == 0 {
		return nil, nil
	}
	if s.rules.depth == maxRules {
		return nil, graph.Problemf(ErrInvalid, "the condition tests related rows whose own conditions lead back to it; leave the "+
			"relation out of one of them")
	}
	s.rules.depth++
	defer func() { s.rules.depth-- }()
	own := newScope(at, nil, s.names, s.rules)
	return own.exprs(exprs, false)
}

// relationRules binds what holds of the rows on the way to b: constants of its relation, default conditions of every
// table on the way, and what was declared of the relations that end there. There is a list for each step.
func (s *Scope) relationRules(b *Binding) ([][]Expr, error) {
	steps := b.Relation.Steps
	conditions := make([][]Expr, len(steps))
	for i, step := range steps {
		at := b
		if i < len(b.Links) {
			at = &Binding{Path: b.Path + "#" + step.Table.Name, Alias: b.Links[i], Table: step.Table}
		}
		list := constants(at, step.OnTo)
		if i == 0 && b.Parent != nil {
			list = append(constants(b.Parent, step.OnFrom), list...)
		}
		if i+1 < len(steps) {
			list = append(list, constants(at, steps[i+1].OnFrom)...)
		}
		more, err := s.stepRules(b.Relation, i, at, b.Path)
		if err != nil {
			return nil, err
		}
		conditions[i] = append(list, more...)
	}
	return conditions, nil
}

// stepRules binds the declared conditions of one step of a relation.
func (s *Scope) stepRules(r *graph.Relation, i int, at *Binding, path string) ([]Expr, error) {
	if s.rules == nil || s.rules.model == nil {
		return nil, nil
	}
	list, err := s.defaults(at, path)
	if err != nil {
		return nil, err
	}
	for _, ends := range r.EndsAt(i) {
		more, err := s.declared(at, s.rules.model.Relations[ends].Where)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// constants binds the constant values of columns.
func constants(at *Binding, list []graph.Constant) []Expr {
	var exprs []Expr
	for _, c := range list {
		exprs = append(exprs, &Compare{Col: Ref{Name: c.Column, Binding: at, Column: c.Column}, Op: "=", Arg: c.Value, Class: graph.ClassText})
	}
	return exprs
}

// under returns what is behind the prefix of those paths that have it.
func under(paths []string, prefix string) []string {
	if prefix == "" {
		return paths
	}
	var rest []string
	for _, path := range paths {
		if behind, ok := strings.CutPrefix(path, prefix+"."); ok {
			rest = append(rest, behind)
		}
	}
	return rest
}

// lift returns the paths whose default conditions a query does not apply: those it was told and those the query around it
// was told of the relation.
func lift(own []string, outer []string, r *graph.Relation) []string {
	lifted := slices.Clone(own)
	if r == nil {
		return lifted
	}
	for _, path := range outer {
		if path == r.Name {
			lifted = append(lifted, "")
		} else if rest, ok := strings.CutPrefix(path, r.Name+"."); ok {
			lifted = append(lifted, rest)
		}
	}
	return lifted
}

// declaredOrder returns the default order of a relation's rows.
func (s *Scope) declaredOrder(r *graph.Relation) []OrderClause {
	if s.rules == nil || s.rules.model == nil {
		return nil
	}
	return s.rules.model.Relations[r].OrderBy
}

// matching binds conditions made for a query of the table that the base is of.
func (s *Scope) matching(e *Matching, mayJoin bool) (Expr, error) {
	if e.Table != s.Base.Table {
		return nil, graph.Problemf(ErrInvalid, "Matching: the query is about %q, a bare name means a column of %q here",
			e.Table.Name, s.Base.Table.Name)
	}
	own := *s
	own.Root, own.with = s.Base, nil
	exprs, err := own.exprs(e.Exprs, mayJoin)
	s.Bindings = own.Bindings // with those that its names have joined
	return And(exprs), err
}

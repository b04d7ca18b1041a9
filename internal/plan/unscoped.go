package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: the default conditions that a query lifts, by name, of the table at a path. What comes back of a name that is
// not known says which are.

// Lift is default conditions that do not apply to the rows at a path; "": to the query's own.
type Lift struct {
	Path  string
	Names []string

	given *Lift // of the query, which this is a part of; nil: this
}

// lifting is what the parts of a query, planned apart, make of what it and they lift: what none of them has met is lifted nowhere.
type lifting struct {
	given []placedLift
	met   map[*Lift]bool
	paths []string // at which there are default conditions
}

// placedLift is what a query lifts behind a path, of which nothing is left out here.
type placedLift struct {
	*Lift
	at     string // the query: a preload's path, empty of the root
	unread []string
}

// give notes what a query lifts, and returns it.
func (l *lifting) give(spec *Spec, at string) []Lift {
	list := slices.Clone(spec.Unscoped)
	for i := range list {
		list[i].given = &spec.Unscoped[i]
		if list[i].Path != "" {
			l.given = append(l.given, placedLift{list[i].given, at, spec.Unread})
		}
	}
	return list
}

// check refuses what is lifted at a path that no part of the query has met, but for what is loaded otherwise and left out here.
func (l *lifting) check() error {
	for _, g := range l.given {
		along := func(path string) bool {
			return strings.HasPrefix(path+".", g.Path+".") || strings.HasPrefix(g.Path+".", path+".")
		}
		if l.met[g.Lift] || slices.ContainsFunc(g.unread, along) {
			continue
		}
		var known []string
		for _, path := range l.paths {
			below := true
			if g.at != "" {
				path, below = behind(path, g.at)
			}
			if below && path != "" && !slices.Contains(known, path) {
				known = append(known, path)
			}
		}
		remedy := "name the path in a join, a condition or a preload, or leave the call out"
		if len(known) > 0 {
			remedy += "; the paths with scopes that it names are " + graph.QuoteAll(known)
		}
		return &PathError{Method: "UnscopedAt", Path: g.at, Err: graph.Problemf(ErrInvalid, "nothing in the query is about %q, so no scope is lifted there; %s",
			g.Path, remedy)}
	}
	return nil
}

// lifts reports whether the condition of that name is lifted at the path, and notes what lifts it.
func (r *appliedRules) lifts(path, name string) (found bool) {
	for _, l := range r.lifted {
		if l.Path != path || !slices.Contains(l.Names, name) {
			continue
		}
		if found = true; r.lifting != nil {
			r.lifting.met[l.given] = true
		}
	}
	return found
}

// checkUnscoped refuses paths that lead nowhere, and names that no table there has.
func (s *Spec) checkUnscoped(rules *Rules, via *graph.Relation) error {
	for _, l := range s.Unscoped {
		if err := rules.checkLift(s.Table, via, l); err != nil {
			if l.Path != "" {
				return &PathError{Method: "UnscopedAt", Err: err}
			}
			return err
		}
	}
	return nil
}

// OfRow binds the default conditions of a row that a statement names by its table's name, without those that are lifted.
func (m *Rules) OfRow(t *graph.Table, lifted []Lift, features dialect.Features) ([]Expr, error) {
	return m.ofRow(t, t.Name, lifted, features)
}

// OfMet is OfRow for a row that an INSERT met.
func (m *Rules) OfMet(t *graph.Table, lifted []Lift, features dialect.Features) ([]Expr, error) {
	return m.ofRow(t, MetAlias(t), lifted, features)
}

func (m *Rules) ofRow(t *graph.Table, alias string, lifted []Lift, features dialect.Features) ([]Expr, error) {
	for _, l := range lifted {
		if err := m.checkLift(t, nil, l); err != nil {
			return nil, &PathError{Method: "Unscoped", Err: err}
		}
	}
	names := newAliases(features, nil)
	base := &Binding{Table: t, Alias: names.pick(alias)}
	return newScope(base, names, &appliedRules{rules: m, lifted: lifted}).defaults(base, "")
}

// Names returns the names of a table's default conditions, without those that are lifted.
func (m *Rules) Names(t *graph.Table, lifted []string) []string {
	var names []string
	for _, d := range m.Tables[t] {
		if !slices.Contains(lifted, d.Name) {
			names = append(names, d.Name)
		}
	}
	return names
}

// Hiding returns the names of those scopes of the table that can hide a row with a key of these columns which has what they say of
// them: all, but those that say nothing else.
func (m *Rules) Hiding(t *graph.Table, key []string) []string {
	var names []string
	for _, d := range m.Tables[t] {
		said := Constants([]Expr{d.Expr}, t, false)
		if said.Other || slices.ContainsFunc(said.Own, func(c graph.Constant) bool { return !slices.Contains(key, c.Column) }) {
			names = append(names, d.Name)
		}
	}
	return names
}

func (m *Rules) checkLift(t *graph.Table, via *graph.Relation, l Lift) error {
	tables := []*graph.Table{t}
	if l.Path != "" {
		var err error
		if tables, err = tablesAt(t, via, l.Path); err != nil {
			return err
		}
	}
	var known []string
	for _, at := range tables {
		for _, d := range m.Tables[at] {
			if !slices.Contains(known, d.Name) {
				known = append(known, d.Name)
			}
		}
	}
	last := tables[len(tables)-1]
	if len(known) == 0 {
		return graph.Problemf(ErrInvalid, "table %q has no scopes; leave the call out", last.Name)
	}
	if len(l.Names) == 0 {
		return graph.Problemf(ErrInvalid, "no scope is named; name those of %q that are meant, of %s", last.Name, graph.QuoteAll(known))
	}
	for _, name := range l.Names {
		if !slices.Contains(known, name) {
			return graph.Problemf(ErrInvalid, "table %q has no scope %q; %s", last.Name, name, graph.Hint(name, known, "it has"))
		}
	}
	return nil
}

// tablesAt returns the tables whose rows a path is about: that at its end, and before it those that its last relation leads past.
// Behind a relation to several tables it may lead on from any.
func tablesAt(t *graph.Table, via *graph.Relation, path string) ([]*graph.Table, error) {
	relations, rest, err := t.Walk(path, via)
	if err != nil {
		return nil, err
	}
	last := relations[len(relations)-1]
	var tables []*graph.Table
	if rest == "" {
		for _, one := range last.Each() {
			for _, step := range one.Steps {
				tables = append(tables, step.Table)
			}
		}
		return tables, nil
	}
	for _, v := range last.Variants {
		more, failed := tablesAt(v.Related, v, rest)
		tables, err = append(tables, more...), failed
	}
	if len(tables) > 0 {
		return tables, nil
	}
	return nil, err
}

// under returns what is lifted behind the prefix.
func under(list []Lift, prefix string) []Lift {
	if prefix == "" {
		return list
	}
	var rest []Lift
	for _, l := range list {
		if behind, ok := strings.CutPrefix(l.Path, prefix+"."); ok {
			rest = append(rest, Lift{behind, l.Names, l.given})
		}
	}
	return rest
}

// lift returns what a query does not apply: what it was told and what the query around it was told of the relation.
func lift(own, outer []Lift, r *graph.Relation) []Lift {
	lifted := slices.Clone(own)
	if r == nil {
		return lifted
	}
	for _, l := range outer {
		if l.Path == r.Name {
			lifted = append(lifted, Lift{"", l.Names, l.given})
		} else if rest, ok := strings.CutPrefix(l.Path, r.Name+"."); ok {
			lifted = append(lifted, Lift{rest, l.Names, l.given})
		}
	}
	return lifted
}

package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: SQL text with queries of its own. A name in such a query means its own tables first: one that is written there for a
// table around, which is called the same, would mean another row.

// hides reports whether one of the names is that of the table. Databases differ in whether case matters.
func hides(names []string, alias string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, alias) })
}

// checkHidden refuses text of which a query calls a table as one around is called that is meant in the query.
func (s *Scope) checkHidden(t *Text, hiding [][]string) error {
	hidden := func(what, alias string) error {
		return graph.Problemf(graph.ErrAmbiguous, "%s is about a row of %q around a query of the SQL text, and that reads a table called %q itself, "+
			"whose rows would be meant; give that table a name of its own, as in FROM %s AS other", what, alias, alias, alias)
	}
	for i, r := range t.Refs {
		if alias := s.hiddenBehind(r, hiding[i]); alias != "" {
			return hidden(graph.Textf("%q", r.Name), alias)
		}
	}
	for i, arg := range t.SQL.Arguments() {
		if alias := s.hiddenIn(t.Args[arg], hiding[i]); alias != "" {
			return hidden("an argument", alias)
		}
	}
	return nil
}

// hiddenBehind returns which of the names hides the table that a name means; empty: none does.
func (s *Scope) hiddenBehind(r Ref, names []string) string {
	switch {
	case len(names) == 0 || r.Bare || r.Binding == nil && r.Value == nil:
	case r.Value != nil || r.Binding.Aside != nil: // it is read for the own row
		if hides(names, s.Base.Alias) {
			return s.Base.Alias
		}
	case hides(names, r.Binding.Alias):
		return r.Binding.Alias
	}
	return ""
}

// hiddenIn is hiddenBehind for what an argument is about.
func (s *Scope) hiddenIn(arg any, names []string) string {
	e, isExpr := arg.(Expr)
	if !isExpr || len(names) == 0 {
		return ""
	}
	var about []string
	switch e := e.(type) {
	case *Subquery:
		about = e.Query.names.borrowed
	case *Text:
		for _, r := range e.Refs {
			if alias := s.hiddenBehind(r, names); alias != "" {
				return alias
			}
		}
		for _, arg := range e.Args {
			if alias := s.hiddenIn(arg, names); alias != "" {
				return alias
			}
		}
		return ""
	default:
		for o := s; o != nil; o = o.outer {
			about = append(about, o.Base.Alias)
			for _, b := range o.Bindings {
				about = append(about, b.Alias)
			}
		}
	}
	if i := slices.IndexFunc(about, func(alias string) bool { return hides(names, alias) }); i >= 0 {
		return about[i]
	}
	return ""
}

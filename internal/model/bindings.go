package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// BINDINGS: one table of the database may be declared several times, with a struct for each use. What protects its rows must not
// depend on which of them a call names.

// compareBindings refuses two bindings of a table that differ in their scopes, unless one says so.
func (r *Registry) compareBindings(fail func(*Table, string, error)) {
	for i, t := range r.Tables {
		for _, before := range r.Tables[:i] {
			if !mayBeSame(before.Graph, t.Graph) || before.Differs != "" || t.Differs != "" {
				continue
			}
			how := r.difference(before, t)
			if how == "" {
				continue
			}
			if !before.Graph.Same(t.Graph) {
				how += graph.Textf("; a database may take their names, %s and %s, for those of one table", fullName(before.Graph), fullName(t.Graph))
			}
			fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q is declared for %s and for %s, and %s; declare the same of both, or "+
				"say of one that it differs on purpose, with ScopesDiffer", t.Graph.Name, before.Type.Name(), t.Type.Name(), how))
		}
	}
}

// mayBeSame reports whether a database may take both for one table: by names that differ in their case alone, as SQLite does, or where one has
// no schema and the other that in which such a name lies unless the database is told otherwise: main, or public.
func mayBeSame(a, b *graph.Table) bool {
	schema := func(t *graph.Table) string {
		if s := strings.ToLower(t.Schema); s != "main" && s != "public" {
			return s
		}
		return ""
	}
	return a.Query == b.Query && strings.EqualFold(a.Name, b.Name) && schema(a) == schema(b)
}

func fullName(t *graph.Table) string {
	return fmt.Sprintf("%q", strings.TrimPrefix(t.Schema+"."+t.Name, "."))
}

// difference says how the scopes of two bindings differ; empty: they do not.
func (r *Registry) difference(a, b *Table) string {
	scopesA, scopesB := r.Rules.Tables[a.Graph], r.Rules.Tables[b.Graph]
	for _, one := range scopesA {
		i := slices.IndexFunc(scopesB, func(d plan.Default) bool { return d.Name == one.Name })
		switch {
		case i < 0:
			return only(a, one)
		case !plan.Same(one.Expr, scopesB[i].Expr):
			return "their scopes \"" + one.Name + "\" are not the same"
		}
	}
	for _, one := range scopesB {
		if !slices.ContainsFunc(scopesA, func(d plan.Default) bool { return d.Name == one.Name }) {
			return only(b, one)
		}
	}
	return ""
}

func only(t *Table, d plan.Default) string {
	return "only that for " + t.Type.Name() + " has the scope \"" + d.Name + "\""
}

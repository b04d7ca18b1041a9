package load

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// instead names what would have given the rows of many statements like this one at once, from the queries of their owners.
func (p *Program) instead(loaded []string) []string {
	tables := make([]*graph.Table, 0, len(p.Table.Registry.Tables))
	for _, t := range p.Table.Registry.Tables {
		tables = append(tables, t.Graph)
	}
	relations := p.Plan.LookedUp(tables)
	other := func(r *graph.Relation) bool { return !slices.Contains(loaded, r.Owner.Name) }
	if slices.ContainsFunc(relations, func(r *graph.Relation) bool { return !other(r) }) {
		relations = slices.DeleteFunc(relations, other)
	}
	phrases := make([]string, 0, len(relations))
	for _, r := range relations {
		phrases = append(phrases, graph.Textf("%s on the query of %q", p.insteadOf(r), r.Owner.Name))
	}
	return phrases
}

// insteadOf is the call that gives, for all owners, what the program gives for one.
func (p *Program) insteadOf(r *graph.Relation) string {
	verb, _, _ := strings.Cut(p.Op, " ")
	switch _, loadable := p.Table.Registry.TableOf(r.Owner).Relations[r]; {
	case verb == "count":
		return graph.Textf("With(Count(%q))", r.Name)
	case verb == "exists":
		return graph.Textf("With(Exists(%q))", r.Name)
	case !loadable:
		return graph.Textf("a field for the relation, and Preload(%q)", r.Name)
	default:
		return graph.Textf("Preload(%q)", r.Name)
	}
}

package plan

import (
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Constants tells which of the rules, declared of a table's rows or of a relation that leads to them, say that a column has a value.
// linked says that the relation goes past a join table, whose columns the rules can name too. The names are checked elsewhere.
func Constants(rules []Expr, t *graph.Table, linked bool) graph.Constants {
	var found graph.Constants
	for _, rule := range rules {
		found.Other = !equalities(&found, rule, t, linked) || found.Other
	}
	return found
}

// equalities adds the constants of one rule, and reports whether it is nothing else.
func equalities(found *graph.Constants, rule Expr, t *graph.Table, linked bool) bool {
	var name string
	var c graph.Constant
	switch e := rule.(type) {
	case And:
		all := true
		for _, part := range e {
			all = equalities(found, part, t, linked) && all
		}
		return all
	case *Compare:
		if e.Op != "=" {
			return false
		}
		name, c.Value, c.Class = e.Col.Name, e.Arg, e.Class
	case *IsNull:
		if e.Not {
			return false
		}
		name = e.Col.Name
	default:
		return false
	}
	of, column, behind := strings.Cut(name, ".")
	if !behind {
		of, column = graph.SelfName, name
	}
	c.Column = column
	switch {
	case strings.Contains(column, "."):
		return false
	case of == graph.SelfName, of == t.Name:
		found.Own = appendOnce(found.Own, c)
	case linked && of == graph.LinkName:
		found.Link = appendOnce(found.Link, c)
	default: // a row at the end of a path, or around
		return false
	}
	return true
}

func appendOnce(list []graph.Constant, c graph.Constant) []graph.Constant {
	for _, known := range list {
		if known.Same(c) {
			return list
		}
	}
	return append(list, c)
}

package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: SQL text inside of a subquery, of its own SELECT or of conditions on other rows. Output: why a bare word in it
// does not mean a value that the query selects. SQLite lets it mean that as long as the value is selected, which it is not where rows
// are counted, and PostgreSQL never does.

// checkWords refuses bare words that are names of values and of no column that could be meant.
func (s *Scope) checkWords(t *Text) error {
	var err error
	prefix := ""
	for o := s; o != nil; o, prefix = o.outer, prefix+graph.OuterName+"." {
		if o.values == nil || len(o.values.byName) == 0 || o == s && !t.SQL.Select {
			continue
		}
		t.SQL.Words(func(word string) bool {
			if v := o.wordValue(word); v == nil || v.of != "" || err != nil || s.hasUpTo(o, word) {
				return false
			}
			err = noValueHere(sqltext.Unquoted(word), prefix)
			return false
		})
	}
	return err
}

func noValueHere(word, prefix string) error {
	if prefix == "" {
		return graph.Problemf(graph.ErrUnknownColumn, "%q is selected by the query, and text with a SELECT of its own cannot name it; compare "+
			"outside of that SELECT, or write the table's alias before it if a column is meant", word)
	}
	return graph.Problemf(graph.ErrUnknownColumn, "%q is selected by a query around, which bare words here do not mean; write %q, or "+
		"\"self.column\" or an alias before it if a column is meant", word, prefix+word)
}

// hasUpTo reports whether a bare word may be another thing than a value of the scope around: a value of a scope nearer, or a column of
// a table of these scopes or of one that relations lead to.
func (s *Scope) hasUpTo(around *Scope, word string) bool {
	name := sqltext.Unquoted(word)
	var seen []*graph.Table
	var has func(t *graph.Table) bool
	has = func(t *graph.Table) bool {
		if t == nil || slices.Contains(seen, t) {
			return false
		}
		seen = append(seen, t)
		return hasWord(t, name) || slices.ContainsFunc(t.Relations(), func(r *graph.Relation) bool { return has(r.Related) })
	}
	for o := s; ; o = o.outer {
		if o != around && o.wordValue(word) != nil || slices.ContainsFunc(o.Bindings, func(b *Binding) bool { return has(b.Table) }) {
			return true
		}
		if o == around {
			return false
		}
	}
}

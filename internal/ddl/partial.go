package ddl

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: the condition of an index over some of the rows, as the database prints it. Output: whether the index keeps apart what
// was declared. A condition that cannot be read so is none that does; one that is not known may be.

// keepsApart reports whether an index over some of the rows keeps the columns apart in those that are not marked as deleted. Its name is its
// own. Rows with NULL in one of its columns need not be in it, as it would not keep them apart.
func (c *comparison) keepsApart(x liveIndex, u unique) bool {
	if !x.unique || !x.part || !within(x.columns, u.columns) {
		return false
	}
	if x.where == "" {
		return true
	}
	condition := lex(x.where)
	if i := slices.IndexFunc(condition, func(k textToken) bool { return k.depth == 0 && k.text == "WHERE" }); i >= 0 { // it is all of CREATE INDEX
		condition = condition[i+1:]
	}
	filled := func(term []textToken) bool {
		return slices.ContainsFunc(x.columns, func(name string) bool {
			return slices.Contains([]string{"# IS NOT NULL", "# NOTNULL"}, c.spelled(term, name))
		})
	}
	return !slices.ContainsFunc(conjuncts(condition), func(term []textToken) bool { return !c.isLiving(term, u.living) && !filled(term) })
}

// isLiving reports whether a condition holds for all rows that are not marked.
func (c *comparison) isLiving(term []textToken, mark string) bool {
	forms := []string{"# IS NULL", "# ISNULL"}
	if c.t.column(mark).Class == graph.ClassBoolean {
		forms = []string{"NOT #", "# = FALSE", "# = 0", "# IS FALSE", "# IS 0", "# IS NOT TRUE", "# IS NOT 1", "# < > TRUE", "# < > 1", "# ! = TRUE", "# ! = 1"}
	}
	return slices.Contains(forms, c.spelled(term, mark))
}

// spelled returns a condition on the column in words, in which # is the column.
func (c *comparison) spelled(term []textToken, column string) string {
	if have, ok := c.lt.column(column); ok {
		column = have.was
	}
	var words []string
	for term = bare(term); len(term) > 0; term = term[1:] {
		switch {
		case strings.EqualFold(term[0].name(), column):
			words = append(words, "#")
		default:
			words = append(words, term[0].text)
		}
		if len(words) == 1 && words[0] == "NOT" {
			term = append(term[:1:1], bare(term[1:])...)
		}
	}
	return strings.Join(words, " ")
}

// conjuncts returns the conditions that one is made of by AND.
func conjuncts(condition []textToken) (all [][]textToken) {
	condition = bare(condition)
	start := 0
	for i, k := range condition {
		if k.text == "AND" && k.depth == condition[0].depth {
			all = append(all, conjuncts(condition[start:i])...)
			start = i + 1
		}
	}
	if start == 0 {
		return [][]textToken{condition}
	}
	return append(all, conjuncts(condition[start:])...)
}

// bare returns tokens without the parentheses that they stand in.
func bare(tokens []textToken) []textToken {
	for len(tokens) > 1 && tokens[0].text == "(" {
		end := slices.IndexFunc(tokens[1:], func(k textToken) bool { return k.text == ")" && k.depth == tokens[0].depth })
		if end != len(tokens)-2 {
			break
		}
		tokens = tokens[1 : len(tokens)-1]
	}
	return tokens
}

package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// ColumnsIn returns those of a table's columns that SQL text of its own, such as a check, names. Text that this package cannot read, which
// a database may, names none.
func ColumnsIn(columns []graph.Column, sql string) []string {
	var named []string
	text, err := sqltext.Parse(sql)
	if err != nil {
		return nil
	}
	text.Words(func(word string) bool {
		name := sqltext.Unquoted(word)
		is := func(c graph.Column) bool { return c.Name == name && !c.Computed }
		if slices.ContainsFunc(columns, is) && !slices.Contains(named, name) {
			named = append(named, name)
		}
		return false
	})
	return named
}

// OfNoRow returns why SQL text of the caller's is no expression that can be written anywhere, without arguments and about no row of the
// table; nil: it is one.
func OfNoRow(columns []graph.Column, sql string) error {
	text, err := sqltext.Parse(sql)
	named := ColumnsIn(columns, sql)
	switch {
	case err != nil:
		return graph.Problemf(ErrInvalid, "cannot be read: %w", err)
	case text.Placeholders+text.Numbered > 0:
		return graph.Problemf(ErrInvalid, "has a placeholder, and there are no arguments; write the expression out")
	case text.LineComment:
		return graph.Problemf(ErrInvalid, "ends in a comment; leave that out")
	case len(named) > 0:
		return graph.Problemf(ErrInvalid, "names column %q, and an update and an upsert would mean different rows by it; use Generated, or a trigger "+
			"and ReadOnly", named[0])
	}
	return nil
}

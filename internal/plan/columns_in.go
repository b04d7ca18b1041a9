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

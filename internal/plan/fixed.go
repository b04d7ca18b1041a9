package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Fixed returns those of the conditions that say by equality which rows of the binding's table they are about, of columns of which the
// scopes of the table do. A statement that tells rows by keys, which a query gives or which are sent, says it again beside: where rows
// lie apart by such a column, as those of tenants may, a key that is still to be found leads to none of the places.
func (b *Binding) Fixed(conditions []Expr) (found []Expr) {
	for _, e := range conditions {
		switch e := e.(type) {
		case And:
			found = append(found, b.Fixed(e)...)
		case *Compare:
			// A tree binds its rows again, by the same alias.
			said := func(c graph.Constant) bool { return c.Column == e.Col.Column }
			if e.Op == "=" && e.Col.Binding != nil && e.Col.Binding.Alias == b.Alias && slices.ContainsFunc(b.Table.Constants, said) {
				found = append(found, e)
			}
		}
	}
	return found
}

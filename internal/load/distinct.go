package load

import (
	"context"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
)

// DISTINCT: a field of text may be of a column whose type has no equality, such as json. Only the catalog knows it, which is asked when the
// database does not understand the statement: nearly always a text is one, and costs no question.

// compileOn is prepared for what the catalog is known to say.
func compileOn(db dialect.DB, q *query.Request, f form, adjust func(*plan.Spec) error) (*Program, error) {
	p, err := prepared(q, f, db.Dialect(), adjust)
	if err != nil {
		return nil, err
	}
	unequal := p.unequal(db)
	if len(unequal) == 0 {
		return p, nil
	}
	return prepared(q, f, db.Dialect(), func(s *plan.Spec) error {
		s.Unequal = unequal
		if adjust == nil {
			return nil
		}
		return adjust(s)
	})
}

// misread reports whether the error is that rows were told apart by a type without equality, and the catalog has said so now, so that the
// query is compiled otherwise. In a transaction, which the error has aborted, nothing can be asked.
func (p *Program) misread(ctx context.Context, db dialect.DB, err error) bool {
	if err == nil || len(p.Plan.Untold) == 0 || !db.Dialect().Failure(err).Kind.Unread() {
		return false
	}
	return learnAll(ctx, db, p.Table.Registry, p.untold()) == nil && len(p.unequal(db)) > 0
}

// unequal returns the columns of text of which the catalog is known to say that their types have no equality.
func (p *Program) unequal(db dialect.DB) (columns []string) {
	for _, ref := range p.untold() {
		if t, _ := db.Catalog().KeyType(ref); plan.Incomparable(t.SQL) {
			columns = append(columns, ref.Column)
		}
	}
	return columns
}

// untold returns the columns of text that only the catalog knows the types of.
func (p *Program) untold() []dialect.ColumnRef {
	refs := make([]dialect.ColumnRef, len(p.Plan.Untold))
	for i, column := range p.Plan.Untold {
		refs[i] = compile.ColumnOf(p.Table.Graph, column)
	}
	return refs
}

package write

import (
	"strings"

	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
)

// SCOPE: rows that are told by their keys are told within the scopes of their tables, as those are that a condition tells.

// scoped reports whether not all rows of the table are seen.
func (w writing) scoped(t *model.Table) bool { return len(w.registry.Rules.Tables[t.Graph]) > 0 }

// scope returns the conditions of the table's scopes, but of those that are lifted.
func (w writing) scope(t *model.Table, lifted ...plan.Lift) ([]plan.Expr, error) {
	return w.registry.Rules.OfRow(t.Graph, lifted, w.db.Dialect().Features())
}

// known refuses arguments of which the context does not have the value, before a transaction is begun for them.
func (w writing) known(args []any) error {
	_, err := query.ValuesIn(w.ctx, args)
	return err
}

// knownScopes refuses a context without a value that the scopes of the tables compare with.
func (w writing) knownScopes(lifted []plan.Lift, tables ...*model.Table) error {
	for _, t := range tables {
		within, err := w.scope(t, lifted...)
		if err != nil {
			return err
		}
		if len(within) == 0 {
			continue
		}
		stmt, err := compile.Row{Table: t.Graph, Scope: within}.Select(t.Graph.PrimaryKey, w.db.Dialect())
		if err != nil {
			return err
		}
		if err := w.known(stmt.Args); err != nil {
			return err
		}
	}
	return nil
}

// orOut says of a row that was not found what else may be the case: nothing, where the table has no scopes.
func (w writing) orOut(t *model.Table) string {
	names := w.registry.Rules.Names(t.Graph)
	if len(names) == 0 {
		return ""
	}
	return ", or out of its Scope (" + strings.Join(names, ", ") + ")"
}

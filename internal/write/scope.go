package write

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SCOPE: rows that are told by their keys are told within the scopes of their tables, as those are that a condition tells.

// scoped reports whether not all rows of the table are seen.
func (w writing) scoped(t *model.Table) bool { return len(w.registry.Rules.Tables[t.Graph]) > 0 }

// scope returns the conditions of the table's scopes, but of those that are lifted.
func (w writing) scope(t *model.Table, lifted ...plan.Lift) ([]plan.Expr, error) {
	return w.registry.Rules.OfRow(t.Graph, lifted, w.db.Dialect().Features())
}

// metScope is scope for a row that an INSERT met.
func (w writing) metScope(t *model.Table, lifted ...plan.Lift) ([]plan.Expr, error) {
	return w.registry.Rules.OfMet(t.Graph, lifted, w.db.Dialect().Features())
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
	names := w.registry.Rules.Names(t.Graph, nil)
	if len(names) == 0 {
		return ""
	}
	return ", or out of its Scope (" + strings.Join(names, ", ") + ")"
}

// zeroed says of rows that were not found that a column of their keys is zero, of which the scope says another value.
func (w writing) zeroed(t *model.Table, key []*structs.Field, rows ...structs.Row) string {
	for _, c := range t.Graph.Constants {
		i := slices.IndexFunc(key, func(f *structs.Field) bool { return f.Column == c.Column })
		if i < 0 {
			continue
		}
		is, err := w.fix(t, []graph.Constant{c}, byScope(t))
		if err == nil && slices.ContainsFunc(rows, func(row structs.Row) bool { return key[i].IsZero(row) && !is.met(row) }) {
			return graph.Textf("; column %q of a key is zero, and the Scope says another value: rows that are there are told by whole keys, so fill it", c.Column)
		}
	}
	return ""
}

// notThere is the error of rows of which only some were found.
func (w writing) notThere(t *model.Table, found, wanted int) error {
	back := ""
	if t.Graph.SoftDelete != "" {
		back = "; RestoreRows brings back what is marked as deleted"
	}
	rows, are := lacking(wanted-found, wanted, t.Graph)
	return graph.Problemf(fault.ErrNoRows, "%s %s not there%s%s", rows, are, w.orOut(t), back)
}

// lacking names some of so many rows of a table, and returns the verb for them.
func lacking(n, of int, t *graph.Table) (rows, are string) {
	if of == 1 {
		return graph.Textf("the row of %q", t.Name), isOf(1)
	}
	return graph.Textf("%d of the %d rows of %q", n, of, t.Name), isOf(n)
}

// isOf and hasOf are the verbs of so many rows.
func isOf(n int) string  { return map[bool]string{true: "is", false: "are"}[n == 1] }
func hasOf(n int) string { return map[bool]string{true: "has", false: "have"}[n == 1] }

// unmarked is what the table's soft delete, if it has one, says of a row that is seen.
func (w writing) unmarked(t *model.Table) (fixed, error) {
	is, ok := t.Graph.Unmarked()
	if !ok {
		return fixed{}, nil
	}
	return w.fix(t, []graph.Constant{is}, byScope(t))
}

// heldColumn is a column that is given to rows that are there, with what a scope says of it.
type heldColumn struct {
	says graph.Constant
	is   fixed
}

// held returns what the scopes that hold for the call say of columns that rows are given which are there.
func (w writing) held(t *model.Table, lifted []string, set []*structs.Field) (held []heldColumn, err error) {
	for _, c := range graph.Held(t.Graph.Constants, lifted) {
		if !slices.ContainsFunc(set, func(f *structs.Field) bool { return f.Column == c.Column }) {
			continue
		}
		f, err := w.fix(t, []graph.Constant{c}, byScope(t))
		if err != nil {
			return nil, err
		}
		held = append(held, heldColumn{c, f})
	}
	return held, nil
}

// stays refuses to give a row other values than the scopes say: it would leave the call's sight.
func stays(held []heldColumn, row structs.Row) error {
	for _, h := range held {
		if !h.is.met(row) {
			return leavesScope(h.is.t, h.says)
		}
	}
	return nil
}

func leavesScope(t *model.Table, c graph.Constant) error {
	return graph.Problemf(fault.ErrInvalidRow, "column %q of %q is given another value than its Scope %q says, and the row would be out of it; "+
		"if that is meant, use Update with Unscoped(%q)", c.Column, t.Graph.Name, c.Scope, c.Scope)
}

// keepScopeSet refuses to set columns to other values than the scopes say that hold for the call.
func (w writing) keepScopeSet(t *model.Table, lifted []string, set []plan.SetClause) error {
	row := structs.NewSlab(t.Layout, 1).New()
	var fields []*structs.Field
	for _, c := range graph.Held(t.Graph.Constants, lifted) {
		i := slices.IndexFunc(set, func(s plan.SetClause) bool { return s.Column == c.Column })
		switch {
		case i < 0:
			continue
		case set[i].Expr != nil:
			return leavesScope(t, c) // nobody knows what it gives
		}
		field := t.Columns[c.Column]
		fields = append(fields, field)
		if set[i].Value.Null {
			continue
		}
		values, err := query.ValuesIn(w.ctx, []any{set[i].Value.Arg})
		if err != nil {
			return err
		}
		if err := t.SetValue(field, row, values[0]); err != nil {
			return err
		}
	}
	held, err := w.held(t, lifted, fields)
	if err != nil {
		return err
	}
	return stays(held, row)
}

package write

import (
	"maps"
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// FILL: rows in hand are filled from columns and values, and from keys.

// Fill sets the fields of rows to values given by the names of columns. No row is changed if one of them does not fit.
func Fill(q *query.Query, rows []structs.Row, values []map[string]any) error {
	if q.Err != nil {
		return &fault.QueryError{Op: "make rows", Err: q.Err}
	}
	if err := q.Table.Registry.Freeze(); err != nil {
		return err
	}
	t := q.Table.Graph
	fail := func(err error) error { return &fault.QueryError{Op: "make rows of " + t.Name, Err: err} }
	for i, row := range rows {
		for _, name := range slices.Sorted(maps.Keys(values[i])) {
			c, ok := t.Column(name)
			if !ok {
				return fail(t.UnknownColumn(name))
			}
			value, field := values[i][name], q.Table.Columns[name]
			switch {
			case !structs.IsNil(value):
				if err := q.Table.SetValue(field, row, value); err != nil {
					return fail(graph.Problemf(fault.ErrArgType, "row %d: column %q: %w", i+1, name, err))
				}
			case !c.Nullable:
				return fail(graph.Problemf(fault.ErrArgType, "row %d: column %q is NULL, which its field (%s) cannot hold", i+1, name, c.GoType))
			}
		}
	}
	return nil
}

// SetKeys gives rows their primary keys, of which one of several columns is a []any.
func SetKeys(q *query.Query, rows []structs.Row, keyOf func(int) any) error {
	if q.Err != nil {
		return &fault.QueryError{Op: "key rows", Err: q.Err}
	}
	t := q.Table
	if err := t.Registry.Freeze(); err != nil {
		return err
	}
	fail := func(err error) error { return &fault.QueryError{Op: "key " + t.Graph.Name, Err: err} }
	key := t.KeyFields()
	for i, row := range rows {
		given, several := keyOf(i).([]any)
		if !several {
			given = []any{keyOf(i)}
		}
		if len(given) != len(key) || len(key) == 0 {
			return fail(graph.Problemf(fault.ErrArgCount, "the primary key of %q has %d column(s), key %d has %d value(s)", t.Graph.Name, len(key),
				i+1, len(given)))
		}
		for n, f := range key {
			if err := t.SetValue(f, row, given[n]); err != nil {
				return fail(graph.Problemf(fault.ErrArgType, "key %d: %w", i+1, err))
			}
		}
	}
	return nil
}

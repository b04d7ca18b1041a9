package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: rows are refused that would not be stored as they are given.

// numbered refuses a row that would get a zero where its key was to have a number that nobody makes.
func (u *unit) numbered(n *node) error {
	unnumbered := n.table.Graph.Unnumbered()
	if len(unnumbered) == 0 {
		return nil
	}
	return numbered(n.table, n.row, func(f *structs.Field) bool {
		return !n.isFilled(f) && slices.Contains(u.jobOf(n).columns, f)
	})
}

// numbered refuses a row of which a zero is written where its key was to have a number that nobody makes.
func numbered(t *model.Table, row structs.Row, written func(*structs.Field) bool) error {
	for _, name := range t.Graph.Unnumbered() {
		if f := t.Columns[name]; f.IsZero(row) && written(f) {
			return graph.Problemf(fault.ErrInvalidRow, "column %q is of the primary key of %q, and zero; give it a value, or declare Identity(%q) if "+
				"the database numbers the rows, or AssignedKey if zero is a value like others", name, t.Graph.Name, name)
		}
	}
	return nil
}

// keepsNodes refuses rows of which the database would not keep what is given.
func (u *unit) keepsNodes() error {
	limits := u.db.Dialect().Features().Keeps
	limited := map[*model.Table][]*structs.Field{}
	for _, n := range u.nodes {
		fields, known := limited[n.table]
		if !known {
			for c := range n.table.Graph.Stored() {
				if f := n.table.Columns[c.Name]; n.table.Limited(f) {
					fields = append(fields, f)
				}
			}
			limited[n.table] = fields
		}
		if !slices.ContainsFunc(fields, func(f *structs.Field) bool { return n.table.Kept(f, n.row, limits) != nil }) {
			continue
		}
		if err := u.keeps(n.table, u.jobOf(n).columns, n.row); err != nil { // it may be one of those that are not given
			return &fault.QueryError{Op: u.op, Path: n.branch.path, Err: err}
		}
	}
	return nil
}

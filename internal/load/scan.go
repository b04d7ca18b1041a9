package load

import (
	"errors"
	"fmt"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SCAN: rows become structs. Those of tables are scanned by position with their own column plan; every other shape is scany's,
// which never sees a struct that reaches itself.

// rowScan scans the result of one statement into rows of a table's struct type.
type rowScan struct {
	part  // of the table itself
	plan  *plan.Query
	path  string // of the preload, for errors
	width int    // the number of columns
	hint  int    // how many rows are expected; 0: nobody knows
	dests []any  // where what is no field's goes, by column; nil: it is forgotten
	Rows  []structs.Row
	link  *part // the rows of the join table beside them; nil: none are selected
	bound bool

	layouts   *layouts
	layout    *layout         // once there is a row
	variables structs.Cells   // what is no field's and is read directly
	decoder   structs.Decoder // of those
	left      []any           // where the driver scans what is left to it; nil: nothing is

	owner  ownerKey // of the rows of a preload
	values [][]byte // of the current row, as the database sent them; nil: it did not, or not all

	fetched []*fetchedRelation // what comes with the rows, owners before what is below them
	of      []int32            // the numbers of rows that have something joined
}

// ownerKey is the column by which a row of a preload tells its owner, or the row of a tree that it is below.
type ownerKey struct {
	column int
	field  *structs.Field // that it is read into; nil: no column tells
	part   *part          // whose field that is; nil: a variable beside the rows
	ints   bool           // owners are looked for by integers
}

// prepare prepares scanning a result of width columns, those beyond the query's outputs being the caller's.
func (s *rowScan) prepare(t *model.Table, q *plan.Query, width, hint int, l *layouts) {
	s.plan, s.layouts, s.hint = q, l, hint
	known := l.columns()
	s.bound = known != nil
	c := known.next(func() *columns { return &columns{fields: t.FieldsFor(q)} })
	if q.ForOwners != nil && (q.ForOwners.Relation.Linked || q.ForOwners.ByLink) {
		s.link = newLinkPart(t.Registry, q, q.Base.Link, q.Folded || q.ForOwners.Tree != nil, known)
	}
	s.fetched = fetchedOf(t.Registry, q, q.Preloads, nil, known)
	s.part = newPart(t, c, newUniqueRows(t, len(s.fetched) > 0 && q.Identified, 0), hint)
	s.apart = !q.Folded
	s.width = max(width, len(s.fields), 1) // a table without columns is selected as 1
}

// beside has a column that is no field's scanned into dest.
func (s *rowScan) beside(column int, dest any) {
	if s.dests == nil {
		s.dests = make([]any, s.width)
	}
	s.dests[column] = dest
}

// bind finds the computed fields that expressions are selected for, by their names in the result.
func (s *rowScan) bind(rows dialect.Rows) error {
	s.bound = true
	columns := rows.Columns()
	if len(columns) != s.width {
		return &fault.ScanError{Path: s.path, Err: fmt.Errorf("expected %d columns, got %d", s.width, len(columns))}
	}
	for i, o := range s.plan.Outputs {
		if o.Expr == nil {
			continue
		}
		f := s.table.Columns[columns[i]]
		if f == nil || !f.Computed {
			return &fault.ScanError{Path: s.path, Column: columns[i], Err: graph.Problemf(fault.ErrUnknownColumn,
				"struct %s has no computed field for it; add one tagged `db:\"%s,computed\"`, name the expression with AS, "+
					"or use Collect", s.table.Graph.GoType, columns[i])}
		}
		s.fields[i] = f
	}
	return nil
}

// next reads the current row into a new struct, unless it is one that is known.
func (s *rowScan) next(rows dialect.Rows) error {
	if err := s.sent(rows); err != nil {
		return err
	}
	s.begin(true, s.values)
	if s.row != nil {
		s.table.LoadedFrom(s.row)
	}
	if s.link != nil {
		s.link.begin(true, s.values)
	}
	for _, j := range s.fetched {
		j.begin(rows, s.values)
	}
	if err := s.read(rows); err != nil {
		return s.failed(err)
	}
	return nil
}

// All reads every row.
func (s *rowScan) All(rows dialect.Rows) error {
	if err := s.open(rows); err != nil {
		return err
	}
	for rows.Next() {
		if err := s.next(rows); err != nil {
			return err
		}
		if len(s.fetched) > 0 {
			if err := s.fold(); err != nil {
				return err
			}
		}
	}
	if err := s.end(rows); err != nil {
		return err
	}
	s.Rows = s.all()
	s.layouts.came(len(s.Rows))
	return s.attach(s.Rows, s.of)
}

// open is called before the first row. A statement that will fail has no columns yet; nor has one whose columns come with
// the first row.
func (s *rowScan) open(rows dialect.Rows) error {
	if s.bound || len(rows.Columns()) == 0 {
		return nil
	}
	return s.bind(rows)
}

// end is called after the last row. Without any, what is wrong with the columns is found here at the latest.
func (s *rowScan) end(rows dialect.Rows) error {
	if err := rows.Err(); err != nil || s.bound {
		return err
	}
	return s.bind(rows)
}

// fieldOf returns the field that a column of the result is read into, nil where there is none, and the part it is of.
func (s *rowScan) fieldOf(column int) (*structs.Field, *part) {
	switch {
	case column < 0 || column >= len(s.fields):
		return nil, nil
	case s.link != nil && s.link.fields[column] != nil:
		return s.link.fields[column], s.link
	}
	return s.fields[column], &s.part
}

// failed says which column could not be scanned into which field.
func (s *rowScan) failed(err error) error {
	var column *dialect.ColumnError
	if !errors.As(err, &column) {
		return &fault.ScanError{Path: s.path, Err: err}
	}
	path, t, f := s.column(column.Index)
	if f == nil {
		return &fault.ScanError{Path: s.path, Err: err}
	}
	return t.ValueError(path, f, column)
}

// column returns what a column of the result is scanned into: the field, its table, and the path of a related row.
func (s *rowScan) column(i int) (path string, t *model.Table, f *structs.Field) {
	for _, j := range s.fetched {
		if at := i - j.first; at >= 0 && at < len(j.fields) {
			return j.preload.Path, j.table, j.fields[at]
		}
		if j.link != nil && i < len(j.link.fields) && j.link.fields[i] != nil {
			return j.preload.Path, j.link.table, j.link.fields[i]
		}
	}
	if f, p := s.fieldOf(i); f != nil {
		return s.path, p.table, f
	}
	return s.path, s.table, nil
}

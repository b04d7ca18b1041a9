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
	table   *model.Table
	plan    *plan.Query
	path    string // of the preload, for errors
	columns        // those that are fields' of the table
	dests   []any  // where what is no field's goes; nil: it is forgotten
	slab    *structs.Slab
	Rows    []structs.Row
	link    *linkScan // of the rows of the join table beside them; nil: none are selected
	bound   bool
	direct  *direct // once there is a row

	fetched []*fetchedRelation // what comes with the rows, owners before what is below them
	unique  *uniqueRows        // the rows that have something joined, numbered
	of      []int32            // the numbers of rows
}

// newRowScan prepares scanning a result of width columns, those beyond the query's outputs being the caller's.
func newRowScan(t *model.Table, q *plan.Query, path string, width, hint int) *rowScan {
	s := &rowScan{table: t, plan: q, path: path, columns: columns{fields: t.FieldsFor(q)}, slab: structs.NewSlab(t.Layout, hint)}
	if q.ForOwners != nil && (q.ForOwners.Relation.Linked || q.ForOwners.ByLink) {
		s.link = newLinkScan(t.Registry, q, q.Base.Link, q.Folded || q.ForOwners.Tree != nil)
	}
	s.dests = make([]any, max(width, len(s.fields), 1)) // a table without columns is selected as 1
	if s.fetched = fetchedOf(t.Registry, q, q.Preloads, nil); len(s.fetched) > 0 {
		s.unique = newUniqueRows(t, q.Identified)
	}
	if hint > 0 {
		s.Rows = make([]structs.Row, 0, min(hint, maxHint))
	}
	return s
}

// maxHint is how many rows memory is set aside for in advance, however large a limit is.
const maxHint = 16384

// bind finds the computed fields that expressions are selected for, by their names in the result.
func (s *rowScan) bind(rows dialect.Rows) error {
	s.bound = true
	columns := rows.Columns()
	if len(columns) != len(s.dests) {
		return &fault.ScanError{Path: s.path, Err: fmt.Errorf("expected %d columns, got %d", len(s.dests), len(columns))}
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

// next scans the current row into a new struct.
func (s *rowScan) next(rows dialect.Rows) (structs.Row, error) {
	if !s.bound {
		if err := s.bind(rows); err != nil {
			return nil, err
		}
	}
	row := s.slab.New()
	s.table.LoadedFrom(row)
	if s.link != nil {
		s.link.begin(true)
	}
	for _, j := range s.fetched {
		j.begin(rows)
	}
	if err := s.read(rows, row); err != nil {
		return nil, s.failed(err)
	}
	return row, nil
}

// All scans every row.
func (s *rowScan) All(rows dialect.Rows) error {
	if err := s.begin(rows); err != nil {
		return err
	}
	for rows.Next() {
		row, err := s.next(rows)
		if err != nil {
			return err
		}
		if len(s.fetched) > 0 {
			if err := s.fold(row); err != nil {
				return err
			}
			continue
		}
		s.Rows = append(s.Rows, row)
	}
	if err := s.end(rows); err != nil {
		return err
	}
	return s.attach(s.Rows, s.of)
}

// begin is called before the first row. A statement that will fail has no columns yet; nor has one whose columns come with
// the first row.
func (s *rowScan) begin(rows dialect.Rows) error {
	if len(rows.Columns()) == 0 {
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

// fieldOf returns the field that a column of the result is scanned into, nil where there is none, and whether it is one of
// the link's.
func (s *rowScan) fieldOf(column int) (f *structs.Field, inLink bool) {
	if column < 0 || column >= len(s.fields) {
		return nil, false
	}
	if s.link != nil && s.link.fields[column] != nil {
		return s.link.fields[column], true
	}
	return s.fields[column], false
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
	f, inLink := s.fieldOf(i)
	if inLink {
		return s.path, s.link.table, f
	}
	return s.path, s.table, f
}

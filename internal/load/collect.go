package load

import (
	"reflect"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// collect scans a result into shapes of the caller's, by scany.
func collect[D any](r *model.Registry, rows dialect.Rows) ([]D, error) {
	shape := reflect.TypeFor[D]()
	if path, loops := structs.Recursive(shape); loops {
		return nil, &fault.ScanError{Err: graph.Problemf(fault.ErrUnsupported, "%s reaches itself through %s, which scany cannot map; collect into a "+
			"struct with the columns alone, or tag the field `db:\"-\"`", shape, path)}
	}
	columns := rows.Columns() // before the last row, after which some drivers forget them
	var all []D
	if err := r.Scany.ScanAll(&all, scanyRows{rows}); err != nil {
		return nil, &fault.ScanError{Err: err}
	}
	if len(columns) == 0 {
		columns = rows.Columns()
	}
	if err := checkFilled(r, shape, columns); err != nil {
		return nil, err
	}
	if all == nil {
		all = []D{}
	}
	return all, nil
}

// checkFilled refuses a struct with a field that no column of the result fills: scany leaves it zero, as if the database had
// said so. Fields for related rows are not columns.
func checkFilled(r *model.Registry, shape reflect.Type, columns []string) error {
	for _, f := range structs.FieldsOf(shape) {
		filled := slices.ContainsFunc(columns, func(c string) bool {
			return c == f.Column || strings.HasPrefix(c, f.Column+".")
		})
		if !filled && !f.Computed && f.Relation == "" && r.HoldsTable(f) == nil {
			return &fault.ScanError{Column: f.Column, Field: f.Name, Err: graph.Problemf(fault.ErrUnknownColumn,
				"the query selects no such column; select it with Columns or Column, or tag the field `db:\"-\"`")}
		}
	}
	return nil
}

// scanyRows shows a result to scany.
type scanyRows struct{ dialect.Rows }

func (r scanyRows) Columns() ([]string, error) { return r.Rows.Columns(), nil }

func (r scanyRows) Close() error { return nil } // whoever ran the statement closes its rows

func (r scanyRows) NextResultSet() bool { return false }

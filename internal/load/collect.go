package load

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// COLLECT: rows of any shape. Structs and maps are scany's, which is asked only when nothing is wrong with the columns: what can be
// known of them is checked before the statement is sent, the rest when its first row is there.

// Collect collects what a query asks for.
func Collect[D any](ctx context.Context, db dialect.DB, q *query.Request) ([]D, error) {
	if err := CheckDB("collect", db); err != nil {
		return nil, err
	}
	p, err := compileOn(db, q, selected, func(s *plan.Spec) error {
		if len(s.Preloads) > 0 {
			c := s.Preloads[0]
			return &plan.PathError{Method: "Collect", Err: graph.Problemf(fault.ErrInvalidQuery, "%s %q needs the struct of %q; use All",
				strings.ToLower(c.Method), c.Path, s.Table.Name)}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	target, err := newCollected(q.Table.Registry, p.Plan, reflect.TypeFor[D]())
	if err != nil {
		return nil, &fault.QueryError{Op: p.Op, Err: err}
	}
	var all []D
	err = p.run(ctx, db, func(rows dialect.Rows) error {
		all, err = collect[D](target, rows)
		return err
	})
	switch {
	case p.misread(ctx, db, err):
		return Collect[D](ctx, db, q)
	case err != nil:
		return nil, err
	}
	if p.Plan.Reversed {
		slices.Reverse(all)
	}
	return all, nil
}

// collected is how rows are collected into a shape.
type collected struct {
	*structs.Target
	registry *model.Registry
	outputs  []plan.Output
	tables   []reflect.Type
}

// newCollected checks the shape against what is known of the columns of the query.
func newCollected(r *model.Registry, q *plan.Query, shape reflect.Type) (*collected, error) {
	target, refused := r.Naming.TargetOf(shape)
	if refused != "" {
		return nil, &fault.ScanError{Err: graph.Problemf(fault.ErrUnsupported, "%s", refused)}
	}
	c := &collected{Target: target, registry: r, outputs: q.Outputs}
	for _, t := range r.Tables {
		c.tables = append(c.tables, t.Type)
	}
	columns := make([]string, len(q.Outputs))
	for i, o := range q.Outputs {
		columns[i] = nameOf(o)
	}
	return c, c.check(columns)
}

// nameOf returns the name that an output has in the result; empty: only the database knows.
func nameOf(o plan.Output) string {
	t, isText := o.Expr.(*plan.Text)
	switch {
	case o.Alias != "":
		return o.Alias
	case o.Expr == nil:
		return o.Ref.Column
	case isText:
		_, name, _ := t.SQL.Named()
		return name
	}
	return ""
}

func (c *collected) check(columns []string) error {
	if column, field, problem := c.Mistake(columns, c.tables); problem != "" {
		return &fault.ScanError{Column: column, Field: field, Err: graph.Problemf(fault.ErrUnknownColumn, "%s", problem)}
	}
	return nil
}

// failed says which column could not be scanned into what.
func (c *collected) failed(columns []string, err error) error {
	var column *dialect.ColumnError
	if !errors.As(err, &column) || column.Index < 0 || column.Index >= len(columns) {
		return &fault.ScanError{Err: err}
	}
	name := columns[column.Index]
	field, held := c.Into(name)
	if len(columns) == len(c.outputs) {
		if o := c.outputs[column.Index]; o.Expr == nil {
			name = o.Ref.Binding.Table.Name + "." + o.Ref.Column
		}
	}
	return &fault.ScanError{Column: name, Field: field, Err: model.ValueError(held, column)}
}

// collect scans a result.
func collect[D any](c *collected, rows dialect.Rows) ([]D, error) {
	all := []D{}
	s := &scanyRows{Rows: rows, collected: c, row: -1}
	for c.Single() && s.Next() {
		var one D
		if err := s.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if !c.Single() {
		if err := c.registry.Scany.ScanAll(&all, s); err != nil {
			return nil, unwrapped(err, rows)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, a := range s.absent {
		a.nested.Forget(all, a.row)
	}
	return all, s.begin()
}

// unwrapped returns what scany has wrapped in words of its own. What cannot be scanned may end the rows too.
func unwrapped(err error, rows dialect.Rows) error {
	var failed *fault.ScanError
	switch {
	case errors.As(err, &failed):
		return failed
	case rows.Err() != nil:
		return rows.Err()
	}
	return &fault.ScanError{Err: err}
}

// scanyRows shows a result to scany, and says in the words of All what cannot be scanned.
type scanyRows struct {
	dialect.Rows
	*collected
	names   []string // of the columns, once they are known
	mistake error    // that is in them
	row     int
	nested  []structs.Nested
	absent  []absentRow
}

// absentRow is a nested struct without a row.
type absentRow struct {
	row    int
	nested structs.Nested
}

// begin reads the names of the columns and checks them, once. Some drivers know them with the first row, some forget them after the
// last.
func (r *scanyRows) begin() error {
	if names := r.Rows.Columns(); r.names == nil && len(names) > 0 {
		r.names, r.nested, r.mistake = names, r.Nested(names), r.check(names)
	}
	return r.mistake
}

func (r *scanyRows) Next() bool {
	r.row++
	return r.begin() == nil && r.Rows.Next()
}

func (r *scanyRows) Columns() ([]string, error) {
	err := r.begin()
	return r.Scany(r.names), err
}

// Scan leaves the fields of a nested struct alone whose columns are all NULL, as those of a row that is absent are.
func (r *scanyRows) Scan(dest ...any) error {
	if err := r.begin(); err != nil {
		return err
	}
	for _, n := range r.nested {
		if slices.ContainsFunc(n.Columns, func(i int) bool { return !r.Null(i) }) {
			continue
		}
		r.absent = append(r.absent, absentRow{r.row, n})
		for _, i := range n.Columns {
			dest[i] = nil
		}
	}
	if err := r.Rows.Scan(dest...); err != nil {
		return r.failed(r.names, err)
	}
	return nil
}

func (r *scanyRows) Close() error { return nil } // whoever ran the statement closes its rows

func (r *scanyRows) NextResultSet() bool { return false }

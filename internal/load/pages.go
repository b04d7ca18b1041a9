package load

import (
	"context"
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// PAGES: positions in a query's order are read from rows, and all rows are handed out chunk by chunk.

// PositionOf reads the values of the order's terms from a row.
func PositionOf(q *query.Request, row structs.Row) ([]any, error) {
	p, err := Plan(q, "position", dialect.Standard, func(s *plan.Spec) error {
		s.After, s.Before, s.Paged = nil, nil, "Position"
		return nil
	})
	if err != nil {
		return nil, err
	}
	values := make([]any, len(p.Plan.OrderBy))
	for i, o := range p.Plan.OrderBy {
		if row == nil {
			err = graph.Problemf(fault.ErrInvalidQuery, "the row is nil; give one that this query returned")
		} else {
			values[i], err = p.valueAt(row, o.Ref)
		}
		if err != nil {
			return nil, query.Failure(p.Op, &plan.PathError{Method: "Position", Err: err})
		}
	}
	return values, nil
}

// valueAt reads a column of the row, or of a row loaded onto it.
func (p *Program) valueAt(row structs.Row, ref plan.Ref) (any, error) {
	var path []*plan.Binding
	for b := ref.Binding; b.Relation != nil; b = b.Parent {
		path = append([]*plan.Binding{b}, path...)
	}
	fields, preloads := p.Table.FieldsFor(p.Plan), p.Plan.Preloads
	for _, b := range path {
		i := slices.IndexFunc(preloads, func(l *plan.Preload) bool { return l.Relation == b.Relation })
		if i < 0 || !sameRow(preloads[i], b) {
			return nil, graph.Problemf(fault.ErrInvalidQuery, "%q is not in the row; add Preload(%q) without a query, or give the values "+
				"yourself", ref.Name, ref.Binding.Path)
		}
		rows := p.Table.Registry.FieldOf(b.Relation).AppendRows(nil, row)
		switch {
		case len(rows) == 1:
		case b.Left:
			return nil, nil
		default:
			return nil, graph.Problemf(fault.ErrInvalidQuery, "%q is not loaded; give a row that this query returned", b.Path)
		}
		row = rows[0]
		fields = nil // all, of a row that was fetched
		if query := preloads[i].Query; query != nil {
			fields = p.Table.Registry.TableOf(b.Table).FieldsFor(query)
		}
		preloads = preloads[i].Next()
	}
	table := p.Table.Registry.TableOf(ref.Binding.Table)
	field := table.Columns[ref.Column]
	if fields != nil && !slices.Contains(fields, field) {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "%q is not selected; add it to Columns, or give the values yourself", ref.Name)
	}
	v, err := structs.ValueOf(field.Value(row))
	if err != nil || v.List {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "%q is %s, which is no single value; order by other columns", ref.Name, field.Type)
	}
	return v.Arg, nil
}

// sameRow reports whether the preload loads the row that the order goes by: the joined one, whatever joined it.
func sameRow(l *plan.Preload, b *plan.Binding) bool {
	return l.Fetched != nil || l.Whole && !l.FromOwner && len(b.On) == 0
}

// chunkRows is how many rows Each fetches at a time.
const chunkRows = 1000

// ErrStopped ends a sequence whose loop was left.
var ErrStopped = errors.New("stopped")

// Each hands all rows to emit, some at a time, and stops at its first error.
func Each(ctx context.Context, db dialect.DB, q *query.Request, emit func([]structs.Row) error) error {
	if err := CheckDB("select", db); err != nil {
		return err
	}
	p, err := Plan(q, "select", db.Dialect(), func(s *plan.Spec) error {
		s.Ordered = true
		if q.Tx.Snapshot {
			return &plan.PathError{Method: "Each", Err: graph.Problemf(fault.ErrUnsupported, "Snapshot would keep a transaction open while the loop runs; use All, "+
				"or a transaction of your own")}
		}
		if s.Before != nil {
			return &plan.PathError{Method: "Each", Err: graph.Problemf(fault.ErrInvalidQuery, "Before reverses the rows, which takes all of them; use All")}
		}
		return nil
	})
	if err != nil {
		return err
	}
	reason := p.Plan.Unpaged()
	switch {
	case reason == nil:
		if err := p.checkExact(db.Dialect().Features()); err != nil {
			return err
		}
		return chunks(ctx, db, q, emit)
	case len(p.Plan.Preloads) > 0:
		return query.Failure(p.Op, &plan.PathError{Method: "Each", Err: graph.Problemf(fault.ErrUnsupported,
			"preload %q is loaded for chunks of rows, which cannot be told here: %w", p.Plan.Preloads[0].Path, reason)})
	}
	return stream(ctx, db, q, emit)
}

// checkExact refuses an order by values that may not equal their column when they are sent back.
func (p *Program) checkExact(features dialect.Features) error {
	if features.Stored != "" {
		return nil
	}
	for _, o := range p.Plan.OrderBy {
		c, _ := o.Ref.Binding.Table.Column(o.Ref.Column)
		if c.SentBack() != graph.SentInexactly {
			continue
		}
		return query.Failure(p.Op, &plan.PathError{Method: "Each", Err: graph.Problemf(fault.ErrUnsupported,
			"%q is %s (%s), whose values may not equal the column when they are sent back; declare Type(%q, \"numeric\") of %q if it is one of "+
				"decimal numbers, order by other columns, or page with All and After", o.Ref.Name, c.GoType, c.Class, c.Name, o.Ref.Binding.Table.Name)})
	}
	return nil
}

// chunks runs a statement for each chunk.
func chunks(ctx context.Context, db dialect.DB, q *query.Request, emit func([]structs.Row) error) error {
	left, offset, position := q.Spec.Limit, q.Spec.Offset, q.Spec.After
	for left != 0 {
		size := int64(chunkRows)
		if left > 0 {
			size = min(size, left)
		}
		p, err := compileOn(db, q, rowsForm, func(s *plan.Spec) error {
			s.Limit, s.Offset, s.After = size, offset, position
			s.Paged, s.Positions = "Each", true
			return nil
		})
		if err != nil {
			return err
		}
		scan := p.Scan()
		read := p.positions(scan, db.Dialect().Features())
		rows, err := p.rowsOf(ctx, db, q, scan)
		switch {
		case p.misread(ctx, db, err):
			continue
		case err != nil:
			return err
		}
		if int64(len(rows)) == size {
			if position, err = read(); err != nil {
				return err
			}
		}
		if err := emit(rows); err != nil {
			return &fault.QueryError{Op: p.Op, Err: err}
		}
		if int64(len(rows)) < size {
			return nil
		}
		offset = -1
		if left > 0 {
			left -= size
		}
	}
	return nil
}

// positions has the values of the order's terms scanned beside the struct, and returns what reads those of the last row.
func (p *Program) positions(scan *rowScan, features dialect.Features) func() ([]plan.Value, error) {
	var dests []any
	var places []int
	for i, o := range p.Plan.Outputs {
		if !o.Position {
			continue
		}
		dest := any(new(any))
		switch {
		case o.Digits:
			dest = new(*string)
		case features.Stored == "":
			dest = p.Table.Registry.TableOf(o.Ref.Binding.Table).Columns[o.Ref.Column].NullableDest()
		}
		scan.beside(i, dest)
		dests, places = append(dests, dest), append(places, i)
	}
	return func() ([]plan.Value, error) {
		values := make([]plan.Value, len(dests))
		for i, dest := range dests {
			arg := structs.Pointee(dest)
			if features.Stored != "" {
				if b, ok := arg.([]byte); ok && b == nil {
					arg = []byte{} // an empty blob; NULL is no blob at all
				}
				values[i] = plan.Value{Arg: arg, Null: arg == nil}
				continue
			}
			v, err := structs.ValueOf(arg)
			if err != nil {
				return nil, &fault.QueryError{Op: p.Op, Err: err}
			}
			values[i] = query.PositionValue(v)
			if p.Plan.Outputs[places[i]].Digits {
				values[i].Class = "" // not a text
			}
		}
		return values, nil
	}
}

// stream runs the query as one statement and hands on each row as it is read.
func stream(ctx context.Context, db dialect.DB, q *query.Request, emit func([]structs.Row) error) error {
	p, err := compileOn(db, q, rowsForm, nil)
	if err != nil {
		return err
	}
	scan := p.Scan()
	scan.slab.Keep(false)
	one := make([]structs.Row, 1)
	err = p.run(ctx, db, func(rows dialect.Rows) error {
		if err := scan.open(rows); err != nil {
			return err
		}
		for rows.Next() {
			if err := scan.next(rows); err != nil {
				return err
			}
			one[0] = scan.row
			if err := emit(one); err != nil {
				return err
			}
		}
		return scan.end(rows)
	})
	if p.misread(ctx, db, err) {
		return stream(ctx, db, q, emit)
	}
	return err
}

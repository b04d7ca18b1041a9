package dovetail

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// BUILD and EXECUTE, continued: pages by position in the query's order, and rows one after the other.

// After keeps the rows that come after a position in the query's order: the next page, when the position is that of the last
// row of this one. The values are those of the order's terms, the primary key's columns at the end, because the primary key
// ends the order of such a query; [Query.Position] reads them from a row. A nil value is NULL. Unlike a page by
// [Query.Offset], one by After costs the same however far it lies, and rows that come or go before it do not shift it.
//
//	Select(Activities).OrderBy("created_at DESC").Limit(20).After(last.CreatedAt, last.ID)
//	… WHERE ("created_at" <= $1 AND ("created_at" < $2 OR "id" > $3)) ORDER BY "created_at" DESC, "id" LIMIT 20
//
//	Select(Activities).OrderBy("created_at DESC", "id DESC").Limit(20).After(last.CreatedAt, last.ID)
//	… WHERE (("created_at", "id") < ($1, $2)) ORDER BY "created_at" DESC, "id" DESC LIMIT 20
//
// The second form, one comparison, is what an index serves best: it is written where all terms go in one direction and no
// column can be NULL. A column can be NULL when its field can, or when it is reached by a left join; the others are taken to
// hold no NULL. NULLs stand where the order says, or else where the database puts them.
//
// In the query of a preload the position is the same for every owner. [Query.Count] and [Query.Exists] answer for the rows
// after the position.
//
// A wrong number of values is [ErrArgCount], a value of a kind that cannot be the column's [ErrArgType], and a second After
// [ErrInvalidQuery]. The order must tell rows apart by columns of the query's own table and of to-one paths. So it is
// [ErrFanOut] over a to-many join without [Query.Distinct], and [ErrUnsupported] with [Query.GroupBy], without a primary key,
// with an order by an expression or a computed value, and with an aggregate or a window among the columns. On SQLite a
// time.Time is refused too, because the same time may be stored as another text: give the text that is stored. A float that
// is read from a decimal column of the database may have lost digits, and is then another position.
func (q Query[R]) After(values ...any) Query[R] {
	return queryOf[R](q.q.position("After", func(s *plan.Spec) *[]plan.Value { return &s.After }, values))
}

// Before keeps the rows that come before a position in the query's order, and a limit keeps the nearest of them: the page
// before this one, when the position is that of this page's first row. The values, and the errors, are those of
// [Query.After], which may be given too.
//
// [Query.All] and [Collect] return the rows in the query's order. The statement itself has the order reversed, so [Query.SQL]
// and [Query.ToSql] show it so, and an offset counts from the position backwards. In [Query.First], [Query.Each] and the
// query of a preload, Before is an error.
//
//	Select(Books).OrderBy("title").Limit(20).Before(first.Title, first.ID)
//	… WHERE (("title", "id") < ($1, $2)) ORDER BY "title" DESC, "id" DESC LIMIT 20
func (q Query[R]) Before(values ...any) Query[R] {
	return queryOf[R](q.q.position("Before", func(s *plan.Spec) *[]plan.Value { return &s.Before }, values))
}

func (q *query) position(method string, of func(*plan.Spec) *[]plan.Value, values []any) *query {
	return q.with(method, func(n *query) error {
		position := of(&n.spec)
		if *position != nil {
			return graph.Problemf(ErrInvalidQuery, "given twice; give one position")
		}
		read := make([]plan.Value, len(values))
		for i, value := range values {
			v, err := structs.ValueOf(value)
			if err != nil {
				return graph.Problemf(ErrInvalidQuery, "value %d: %w", i+1, err)
			}
			if v.List {
				return graph.Problemf(ErrArgType, "value %d is a list; give one value for each column", i+1)
			}
			read[i] = positionValue(v)
		}
		*position = read
		return nil
	})
}

func positionValue(v structs.Value) plan.Value {
	return plan.Value{Arg: v.Arg, Null: v.Null, Class: string(v.Class)}
}

// Position returns the values to hand to [Query.After] or [Query.Before] for the row, which this query must have returned,
// with or without them. NULL is nil. It sends no statement.
//
// Columns of the order that are not selected cannot be read, nor can those of to-one paths unless the query preloads the path
// without a query of its own: both are [ErrInvalidQuery]. The other errors are those of [Query.After].
func (q Query[R]) Position(row R) ([]any, error) {
	return valuesOf(q.q.asked(), structs.RowOf(row))
}

// valuesOf reads the values of the order's terms from a row.
func valuesOf(q *request, row structs.Row) ([]any, error) {
	p, err := planned(q, "position", dialect.Standard, func(s *plan.Spec) error {
		s.After, s.Before, s.Paged = nil, nil, "Position"
		return nil
	})
	if err != nil {
		return nil, err
	}
	values := make([]any, len(p.plan.OrderBy))
	for i, o := range p.plan.OrderBy {
		if row == nil {
			err = graph.Problemf(ErrInvalidQuery, "the row is nil; give one that this query returned")
		} else {
			values[i], err = p.valueAt(row, o.Ref)
		}
		if err != nil {
			return nil, queryError(p.op, &plan.PathError{Method: "Position", Err: err})
		}
	}
	return values, nil
}

// valueAt reads a column of the row, or of a row loaded onto it.
func (p *program) valueAt(row structs.Row, ref plan.Ref) (any, error) {
	var path []*plan.Binding
	for b := ref.Binding; b.Relation != nil; b = b.Parent {
		path = append([]*plan.Binding{b}, path...)
	}
	fields, preloads := p.table.fieldsFor(p.plan), p.plan.Preloads
	for _, b := range path {
		i := slices.IndexFunc(preloads, func(l *plan.Preload) bool { return l.Relation == b.Relation })
		if i < 0 || !sameRow(preloads[i], b) {
			return nil, graph.Problemf(ErrInvalidQuery, "%q is not in the row; add Preload(%q) without a query, or give the values "+
				"yourself", ref.Name, ref.Binding.Path)
		}
		rows := p.table.registry.fieldOf(b.Relation).AppendRows(nil, row)
		switch {
		case len(rows) == 1:
		case b.Left:
			return nil, nil
		default:
			return nil, graph.Problemf(ErrInvalidQuery, "%q is not loaded; give a row that this query returned", b.Path)
		}
		row = rows[0]
		fields = nil // all, of a row that was fetched
		if query := preloads[i].Query; query != nil {
			fields = p.table.registry.tableOf(b.Table).fieldsFor(query)
		}
		preloads = preloads[i].Next()
	}
	table := p.table.registry.tableOf(ref.Binding.Table)
	field := table.columns[ref.Column]
	if fields != nil && !slices.Contains(fields, field) {
		return nil, graph.Problemf(ErrInvalidQuery, "%q is not selected; add it to Columns, or give the values yourself", ref.Name)
	}
	v, err := structs.ValueOf(field.Value(row))
	if err != nil || v.List {
		return nil, graph.Problemf(ErrInvalidQuery, "%q is %s, which is no single value; order by other columns", ref.Name, field.Type)
	}
	return v.Arg, nil
}

// sameRow reports whether the preload loads the row that the order goes by: the joined one, whatever joined it.
func sameRow(l *plan.Preload, b *plan.Binding) bool {
	return l.Joined != nil || l.Whole && !l.FromOwner && len(b.On) == 0
}

// chunkRows is how many rows Each fetches at a time.
const chunkRows = 1000

// Each returns the rows of [Query.All] one after the other, in memory that does not grow with their number. The sequence runs
// the query anew each time it is ranged over.
//
//	for account, err := range query.Each(ctx, db) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Rows are fetched in chunks of 1,000 in the query's order, which the primary key ends, each chunk after the position of the
// last row, as by [Query.After]: one statement for each chunk and one for each relation that is preloaded, in 1 + depth round
// trips, until a chunk is not full. No connection is held while the loop's body runs, so it may use the same connection or
// transaction, and break leaves nothing open. The limit is that of all rows; an offset applies once. Chunks are fetched at
// different moments: run it in a transaction that is REPEATABLE READ to see one state of the database.
//
// Where rows have no position (without a primary key, with [Query.GroupBy], [Query.OrderByClause] or an order by a computed
// value, with an aggregate or a window among the columns, over a to-many join without [Query.Distinct]) the query is one
// statement whose rows are read while the loop runs, in the order that was asked for. Its connection is held until then, and a
// transaction can do nothing else meanwhile; PostgreSQL reads what break leaves to its end. Preloads are [ErrUnsupported] there.
//
// Values of the order are sent back as they were read. Floats, and types that convert themselves, may then be others on
// PostgreSQL: an order by them is [ErrUnsupported] before any statement. Before is [ErrInvalidQuery].
//
// An error comes once, with a nil row, and ends the sequence; no row of the chunk that failed comes before it. Once ctx is done
// its error comes instead of the next row.
func (q Query[R]) Each(ctx context.Context, db dialect.DB) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		stopped := false
		err := eachRow(q.q.asked(), ctx, db, func(rows []structs.Row) error {
			for _, row := range structs.Typed[R](rows) {
				if err := ctx.Err(); err != nil {
					return err
				}
				if stopped = !yield(row, nil); stopped {
					return errStopped
				}
			}
			return nil
		})
		if err != nil && !stopped {
			var none R
			yield(none, err)
		}
	}
}

// errStopped ends a sequence whose loop was left.
var errStopped = errors.New("stopped")

// each hands all rows to emit, some at a time, and stops at its first error.
func eachRow(q *request, ctx context.Context, db dialect.DB, emit func([]structs.Row) error) error {
	if err := checkDB("select", db); err != nil {
		return err
	}
	p, err := planned(q, "select", db.Dialect(), func(s *plan.Spec) error {
		s.Ordered = true
		if q.tx.Snapshot {
			return &plan.PathError{Method: "Each", Err: graph.Problemf(ErrUnsupported, "Snapshot would keep a transaction open while the loop runs; use All, "+
				"or a transaction of your own")}
		}
		if s.Before != nil {
			return &plan.PathError{Method: "Each", Err: graph.Problemf(ErrInvalidQuery, "Before reverses the rows, which takes all of them; use All")}
		}
		return nil
	})
	if err != nil {
		return err
	}
	reason := p.plan.Unpaged()
	switch {
	case reason == nil:
		if err := p.checkExact(db.Dialect().Features()); err != nil {
			return err
		}
		return chunks(q, ctx, db, emit)
	case len(p.plan.Preloads) > 0:
		return queryError(p.op, &plan.PathError{Method: "Each", Err: graph.Problemf(ErrUnsupported,
			"preload %q is loaded for chunks of rows, which cannot be told here: %w", p.plan.Preloads[0].Path, reason)})
	}
	return stream(q, ctx, db, emit)
}

// checkExact refuses an order by values that may not equal their column when they are sent back.
func (p *program) checkExact(features dialect.Features) error {
	if features.Stored != "" {
		return nil
	}
	for _, o := range p.plan.OrderBy {
		c, _ := o.Ref.Binding.Table.Column(o.Ref.Column)
		switch c.Class {
		case graph.ClassInteger, graph.ClassUUID, graph.ClassText, graph.ClassBoolean, graph.ClassTime, graph.ClassBytes:
			continue
		}
		return queryError(p.op, &plan.PathError{Method: "Each", Err: graph.Problemf(ErrUnsupported,
			"%q is %s (%s), whose values may not equal the column when they are sent back; order by other columns, or page with All "+
				"and After", o.Ref.Name, c.GoType, c.Class)})
	}
	return nil
}

// chunks runs a statement for each chunk.
func chunks(q *request, ctx context.Context, db dialect.DB, emit func([]structs.Row) error) error {
	left, offset, position := q.spec.Limit, q.spec.Offset, q.spec.After
	for left != 0 {
		size := int64(chunkRows)
		if left > 0 {
			size = min(size, left)
			left -= size
		}
		p, err := modelled(q, "select", db.Dialect(), func(s *plan.Spec) error {
			s.Limit, s.Offset, s.After = size, offset, position
			s.Paged, s.Positions = "Each", true
			return nil
		})
		if err != nil {
			return err
		}
		scan := p.scan()
		read := p.positions(scan, db.Dialect().Features())
		rows, err := p.load(ctx, db, scan)
		if err != nil {
			return err
		}
		if int64(len(rows)) == size {
			if position, err = read(); err != nil {
				return err
			}
		}
		if err := emit(rows); err != nil {
			return &QueryError{Op: p.op, Err: err}
		}
		if int64(len(rows)) < size {
			return nil
		}
		offset = -1
	}
	return nil
}

// positions has the values of the order's terms scanned beside the struct, and returns what reads those of the last row.
func (p *program) positions(scan *rowScan, features dialect.Features) func() ([]plan.Value, error) {
	var dests []any
	for i, o := range p.plan.Outputs {
		if !o.Position {
			continue
		}
		dest := any(new(any))
		if features.Stored == "" {
			dest = p.table.registry.tableOf(o.Ref.Binding.Table).columns[o.Ref.Column].NullableDest()
		}
		scan.dests[i] = dest
		dests = append(dests, dest)
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
				return nil, &QueryError{Op: p.op, Err: err}
			}
			values[i] = positionValue(v)
		}
		return values, nil
	}
}

// stream runs the query as one statement and hands on each row as it is read.
func stream(q *request, ctx context.Context, db dialect.DB, emit func([]structs.Row) error) error {
	p, err := modelled(q, "select", db.Dialect(), nil)
	if err != nil {
		return err
	}
	scan := p.scan()
	one := make([]structs.Row, 1)
	return p.run(&loader{ctx: ctx, db: db, op: p.op}, func(rows dialect.Rows) error {
		if err := scan.begin(rows); err != nil {
			return err
		}
		for rows.Next() {
			if one[0], err = scan.next(rows); err != nil {
				return err
			}
			if err := emit(one); err != nil {
				return err
			}
		}
		return scan.end(rows)
	})
}

package write

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SAVE and REFRESH: rows in hand, told by their primary keys.

// Save writes the named columns of a row in hand.
func Save(ctx context.Context, db dialect.DB, q *query.Query, row structs.Row, columns []string) error {
	w, t, err := inHand(ctx, db, "save", q, row)
	if err != nil {
		return err
	}
	s := save{rowRead: rowRead{w: w, t: t, row: row}}
	held, err := s.asked("Save", columns)
	if err == nil {
		err = s.checked(held)
	}
	if err != nil {
		return &fault.QueryError{Op: w.op, Err: err}
	}
	return s.one()
}

// asked says which columns are written, and returns what the scopes say of them.
func (s *save) asked(method string, columns []string) (held []heldColumn, err error) {
	if err = s.columns(columns); err == nil {
		held, err = s.w.held(s.t, nil, s.set)
	}
	if err == nil {
		named := func(column string) bool { return slices.Contains(columns, column) }
		s.guards = guarded(s.t, named)
		err = whole(s.guards, func(column string) bool { return named(column) || slices.Contains(s.t.Graph.PrimaryKey, column) })
	}
	if err != nil {
		err = &plan.PathError{Method: method, Err: err}
	}
	return held, err
}

// checked refuses a row that would not be stored as it is, or would leave its scope.
func (s *save) checked(held []heldColumn) error {
	if err := stays(held, s.row); err != nil {
		return &plan.PathError{Method: "Save", Err: err}
	}
	if err := checkTypes(s.t, s.row, func(f *structs.Field) bool { return slices.Contains(s.set, f) }); err != nil {
		return err
	}
	if err := s.w.keeps(s.t, s.set, s.row); err != nil {
		return err
	}
	return s.w.storedGuards(s.t, s.guards, s.row)
}

// one writes the one row, by a statement of its own.
func (s *save) one() error {
	w, d := s.w, s.w.db.Dialect()
	within, err := w.scope(s.t)
	if err != nil {
		return query.Failure(w.op, err)
	}
	told := compile.Row{Table: s.t.Graph, Where: s.where, Scope: within}
	written, err := told.Update(model.ColumnNames(s.set), model.ColumnNames(s.back), d)
	if err != nil {
		return query.Failure(w.op, err)
	}
	held, ok := s.t.Layout.Save(s.row), false
	defer func() {
		if !ok {
			held.Restore()
		}
	}()
	args, err := s.args(d, written)
	if err != nil {
		return &fault.QueryError{Op: w.op, Err: err}
	}
	stmt := dialect.Statement{SQL: written.SQL, Args: args, Exec: len(s.back) == 0, Op: w.op, Table: s.t.Graph.Name}
	if len(s.guards) == 0 {
		err = w.one(stmt, s.t.Graph, s.read)
	} else {
		err = w.inTx(func(w writing) error {
			if err := w.one(stmt, s.t.Graph, s.read); err != nil {
				return err
			}
			return w.guard(s.t, s.guards, []structs.Row{s.row})
		})
	}
	ok = err == nil
	return err
}

// rowRead reads columns of a row in hand from the result of a statement about that one row.
type rowRead struct {
	w       writing
	t       *model.Table
	row     structs.Row
	back    []*structs.Field // what is read; none: the statement yields no rows
	none    error            // what it means for the row not to come; nil: it is not there
	version *structs.Field   // the statement is also about this; nil: it is not
}

// save is a row that is written: columns of it, told by others.
type save struct {
	rowRead
	set   []*structs.Field
	where []string // columns that tell the row

	guards []*graph.ForeignKey // what is made sure of when it is written
}

func (s *save) columns(names []string) error {
	t := s.t.Graph
	if err := t.Writable(); err != nil {
		return err
	}
	if len(names) == 0 {
		return graph.Problemf(fault.ErrInvalidQuery, "no columns; name those to be written")
	}
	s.where = slices.Clone(t.PrimaryKey)
	for i, name := range names {
		c, ok := t.Column(name)
		switch {
		case !ok:
			return t.UnknownColumn(name)
		case slices.Contains(t.PrimaryKey, name):
			return graph.Problemf(fault.ErrInvalidQuery, "column %q is of the primary key, which tells the row; change it with Update", name)
		case c.ReadOnly || name == t.Version:
			return graph.Problemf(fault.ErrInvalidQuery, "column %q is not written by hand; leave it out", name)
		case slices.Contains(names[:i], name):
			return graph.Problemf(fault.ErrInvalidQuery, "column %q is named twice; leave one out", name)
		}
		s.set = append(s.set, s.t.Columns[name])
	}
	for c := range t.Stored() {
		if c.ReadOnly || t.Touches(c.Name) && c.Name != t.Version && !slices.Contains(names, c.Name) {
			s.back = append(s.back, s.t.Columns[c.Name])
		}
	}
	if t.Version != "" {
		s.version = s.t.Columns[t.Version]
		s.set, s.where = append(s.set, s.version), append(s.where, t.Version)
	}
	return nil
}

// args returns the arguments of the statement, and counts up the row's version.
func (s *save) args(d dialect.Dialect, stmt compile.Statement) ([]any, error) {
	set, told, err := s.values(d)
	return stmt.With(set, told), err
}

// values returns what is set and what tells the row, and counts up its version.
func (s *save) values(d dialect.Dialect) (set, told []any, err error) {
	set = appendGiven(nil, d, s.t.Graph, s.set, s.row)
	told = appendTold(nil, d, s.t.Graph, s.t.KeyFields(), s.row)
	if s.version != nil {
		told = append(told, s.version.Value(s.row))
		if err := s.version.Increment(s.row); err != nil {
			return nil, nil, err
		}
		set[len(s.set)-1] = s.version.Value(s.row)
	}
	return set, told, nil
}

// scan reads what comes back into the row, and returns how many rows that were.
func (r *rowRead) scan(rows dialect.Rows) (n int64, err error) {
	for rows.Next() {
		n++
		dests := make([]any, len(r.back))
		for i, f := range r.back {
			dests[i] = f.Dest(r.row)
		}
		if err := rows.Scan(dests...); err != nil {
			return n, r.t.ScanFailed("", r.back, err)
		}
	}
	return n, rows.Err()
}

// read reads the result. It is an error for the row not to be there.
func (r *rowRead) read(rows dialect.Rows) error {
	n, err := r.scan(rows)
	if err != nil {
		return err
	}
	if len(r.back) == 0 {
		n = rows.Affected()
	}
	switch {
	case n == 1:
		return nil
	case n == 0 && r.none != nil:
		return r.none
	case n > 1 && len(r.back) == 0: // a statement of its own, which has been done
		return graph.Problemf(fault.ErrTooManyRows, "the primary key of %q tells %d rows, and all of them were written; give the table a "+
			"unique key, or declare one that it has", r.t.Graph.Name, n)
	case n > 1:
		return graph.Problemf(fault.ErrTooManyRows, "the primary key of %q tells %d rows; nothing tells which was meant", r.t.Graph.Name, n)
	case r.version != nil:
		return graph.Problemf(fault.ErrStale, "the row of %q is not there, or not with its %q%s; read it again", r.t.Graph.Name,
			r.t.Graph.Version, r.w.orOut(r.t))
	case r.w.scoped(r.t):
		return graph.Problemf(fault.ErrNoRows, "the row of %q is not there%s", r.t.Graph.Name, r.w.orOut(r.t))
	}
	return graph.Problemf(fault.ErrNoRows, "no row of %q has its primary key; insert it", r.t.Graph.Name)
}

// inHand prepares a write of a row in hand, which must have its primary key.
func inHand(ctx context.Context, db dialect.DB, verb string, q *query.Query, row structs.Row) (writing, *model.Table, error) {
	w, t, err := ofTable(ctx, db, verb, q)
	if err != nil {
		return w, nil, err
	}
	switch {
	case row == nil:
		err = graph.Problemf(fault.ErrInvalidRow, "the row is nil")
	case len(t.Graph.PrimaryKey) == 0:
		err = keyless(t)
	case t.IsNew(row):
		err = graph.Problemf(fault.ErrInvalidRow, "the row has no primary key yet; insert it")
	}
	if err != nil {
		return w, nil, &fault.QueryError{Op: w.op, Err: err}
	}
	return w, t, nil
}

// ofTable prepares a write to the rows of a table.
func ofTable(ctx context.Context, db dialect.DB, verb string, q *query.Query) (writing, *model.Table, error) {
	w := writing{ctx: query.Once(ctx), db: db, op: verb}
	if err := load.CheckDB(verb, db); err != nil {
		return w, nil, err
	}
	if q.Err != nil {
		return w, nil, &fault.QueryError{Op: verb, Err: q.Err}
	}
	t := q.Table
	w.op, w.registry = verb+" "+t.Graph.Name, t.Registry
	return w, t, t.Registry.Freeze()
}

func keyless(t *model.Table) error {
	return graph.Problemf(fault.ErrUnsupported, "table %q has no primary key to tell the row by; declare it with PrimaryKey", t.Graph.Name)
}

// Refresh reads the columns of rows in hand again.
func Refresh(ctx context.Context, db dialect.DB, q *query.Query, rows []structs.Row) error {
	if len(rows) == 0 {
		return nil
	}
	var w writing
	var t *model.Table
	var err error
	for _, row := range rows {
		if w, t, err = inHand(ctx, db, "refresh", q, row); err != nil {
			return err
		}
	}
	held, ok := t.Layout.Save(rows...), false
	defer func() {
		if !ok {
			held.Restore()
		}
	}()
	stmts, tables := make([]dialect.Statement, len(rows)), make([]*graph.Table, len(rows))
	fields := make([]*structs.Field, 0, len(t.Graph.Columns))
	for c := range t.Graph.Stored() {
		fields = append(fields, t.Columns[c.Name])
	}
	within, err := w.scope(t)
	if err != nil {
		return query.Failure(w.op, err)
	}
	stmt, err := compile.Row{Table: t.Graph, Where: t.Graph.PrimaryKey, Scope: within}.Select(model.ColumnNames(fields), db.Dialect())
	if err != nil {
		return query.Failure(w.op, err)
	}
	for i, row := range rows {
		tables[i] = t.Graph
		stmts[i] = dialect.Statement{SQL: stmt.SQL, Reads: true, Op: w.op, Table: t.Graph.Name}
		stmts[i].Args = append(appendTold(nil, db.Dialect(), t.Graph, t.KeyFields(), row), stmt.Args...)
	}
	err = w.send(stmts, tables, func(i int, found dialect.Rows) error {
		r := rowRead{w: w, t: t, row: rows[i], back: fields}
		return r.read(found)
	})
	ok = err == nil
	return err
}

package dovetail

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// WRITE, continued: changes of rows that a condition tells, and of rows in hand.

// Change changes the rows of a table that meet its conditions. It is immutable, as a [Query] is.
type Change[T any] struct{ c *change }

// change is a Change, or a Removal, without its type.
type change struct {
	q    *query // with the conditions, and what is set
	all  bool
	hard bool // of a Removal: rows are removed, even where they would only be marked
}

// with returns the change with another query.
func (c *change) with(q *query) *change {
	n := *c
	n.q = q
	return &n
}

// Update returns a change of the rows that its conditions will tell. It changes nothing until [Change.Exec].
//
//	Update(Accounts).Set("owner", "Sandy").Where(squirrel.Eq{"id": 7})
//	UPDATE "accounts" SET "owner" = $1 WHERE ("accounts"."id" = $2)
func Update[T any](t *Table[T]) Change[T] { return Change[T]{&change{q: Select(t).q}} }

// made returns the change, or one that says that there is none.
func (c *change) made() *change {
	if c == nil {
		return &change{q: failedQuery("the change is empty; make it with Update or Delete")}
	}
	return c
}

// Set gives a column a value. A nil value, and a nil pointer, is NULL. A squirrel expression is written as it is, after the names
// of the table's own columns in it have been checked, and a [Query] as a subquery:
//
//	Update(Accounts).Set("balance", squirrel.Expr("balance + ?", 100)).Where(…)
func (c Change[T]) Set(column string, value any) Change[T] { return Change[T]{c.c.set(column, value)} }

func (c *change) set(column string, value any) *change {
	c = c.made()
	return c.with(c.q.with("Set", func(n *query) error {
		clause, err := setClause(column, value)
		add(&n.spec.Set, clause)
		return err
	}))
}

// Where adds a condition, as [Query.Where] does. A condition along a path, and [Has], tells rows by related ones.
//
//	Update(Activities).Set("amount", 0).Where(squirrel.Eq{"account.owner": "Sandy"})
//	UPDATE "activity" SET "amount" = $1 WHERE ("activity"."id") IN (SELECT "activity"."id" FROM "activity" JOIN …)
func (c Change[T]) Where(pred any, args ...any) Change[T] { return Change[T]{c.c.where(pred, args)} }

func (c *change) where(pred any, args []any) *change {
	c = c.made()
	return c.with(c.q.addWhere(pred, args...))
}

// All says that all rows of the table are meant; without it a change without a condition is [ErrMissingWhere].
func (c Change[T]) All() Change[T] { return Change[T]{c.c.allRows()} }

func (c *change) allRows() *change {
	n := *c.made()
	n.all = true
	return &n
}

// Unscoped lifts default conditions as [Query.Unscoped] does: without paths, those of the table itself.
func (c Change[T]) Unscoped(paths ...string) Change[T] { return Change[T]{c.c.unscoped(paths)} }

func (c *change) unscoped(paths []string) *change {
	c = c.made()
	return c.with(c.q.addUnscoped(paths...))
}

// Exec changes the rows, by one statement, and returns how many there were. Rows that are out of the table's [Scope] stay.
// A table with a [Version] counts it up. Values are checked against the fields' types before anything is sent.
func (c Change[T]) Exec(ctx context.Context, db dialect.DB) (int64, error) { return c.c.exec(ctx, db) }

func (c *change) exec(ctx context.Context, db dialect.DB) (n int64, err error) {
	err = c.run(ctx, db, false, func(_ *program, rows dialect.Rows) error {
		n, err = affected(rows)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Returning is [Change.Exec] that returns the rows as they are afterwards, in no particular order. It uses a transaction, or a
// savepoint: a row that does not fit its struct leaves all as they were.
func (c Change[T]) Returning(ctx context.Context, db dialect.DB) ([]*T, error) {
	rows, err := c.c.returning(ctx, db)
	if err != nil {
		return nil, err
	}
	return structs.Typed[*T](rows), nil
}

func (c *change) returning(ctx context.Context, db dialect.DB) ([]structs.Row, error) {
	changed := []structs.Row{}
	err := c.run(ctx, db, true, func(p *program, rows dialect.Rows) error {
		scan := p.scan()
		if err := scan.all(rows); err != nil {
			return err
		}
		changed = append(changed, scan.rows...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// run sends the UPDATE.
func (c *change) run(ctx context.Context, db dialect.DB, back bool, read func(*program, dialect.Rows) error) error {
	if err := checkDB("update", db); err != nil {
		return err
	}
	p, err := c.planned("update", db.Dialect(), func(s *plan.Spec) error {
		if len(s.Set) == 0 {
			return graph.Problemf(ErrInvalidQuery, "nothing to change; call Set")
		}
		return nil
	})
	if err != nil {
		return err
	}
	stmt, err := compile.Update(p.plan, back, db.Dialect())
	if err != nil {
		return queryError(p.op, err)
	}
	w := writing{ctx, db, p.op, p.table.registry}
	s := dialect.Statement{SQL: stmt.SQL, Args: stmt.Args, Exec: !back, Op: p.op, Table: p.table.graph.Name}
	return w.one(s, p.table.graph, func(rows dialect.Rows) error { return read(p, rows) })
}

// planned plans the rows that are changed or deleted.
func (c *change) planned(verb string, d dialect.Dialect, check func(*plan.Spec) error) (*program, error) {
	c = c.made()
	p, err := planned(c.q.asked(), verb, d, func(s *plan.Spec) error {
		if err := check(s); err != nil {
			return err
		}
		switch {
		case len(s.Where) == 0 && !c.all:
			return graph.Problemf(ErrMissingWhere, "no condition, which would mean all rows of %q; add Where, or call All if that is meant",
				s.Table.Name)
		case len(s.Where) > 0 && c.all:
			return graph.Problemf(ErrInvalidQuery, "Where and All do not go together; leave one out")
		}
		if v := s.Table.Version; v != "" && len(s.Set) > 0 {
			next, err := parseText(s.Table.Name+"."+v+" + 1", nil)
			if err != nil {
				return err
			}
			s.Set = append(slices.Clone(s.Set), plan.SetClause{Column: v, Expr: next})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := p.plan.CheckRows(); err != nil {
		return nil, queryError(p.op, err)
	}
	return p, nil
}

// Version names the integer column that counts the changes of a row, for optimistic locking: [Save] changes a row only if the
// column is what it was when the row was read, and counts it up; else the error is [ErrStale]. [Update] counts it up too.
//
//	NewTable[Account](Schema, "accounts", Version("lock_version"))
//	UPDATE "accounts" SET "owner" = $1, "lock_version" = $2 WHERE "id" = $3 AND "lock_version" = $4
func Version(column string) TableOption {
	return func(t *table) {
		t.graph.Version = column
		t.setColumn(column, "Version", func(c *graph.Column) error {
			if c.Class != graph.ClassInteger || c.Nullable {
				return graph.Problemf(ErrInvalidRelation, "column %q (%s) cannot count; make it an integer", c.Name, c.GoType)
			}
			return nil
		})
	}
}

// Save writes the named columns of a row in hand to the row with its primary key, by one statement. Columns that are not named
// are not written, nor is any related row. [Generated] columns are read back. A row that is not there is [ErrNoRows] or, where
// the table has a [Version], [ErrStale]; the struct is then as it was. The table's [Scope] does not matter: the key does.
//
//	Save(ctx, db, Accounts, account, "owner")
//	UPDATE "accounts" SET "owner" = $1 WHERE "id" = $2
func Save[T any](ctx context.Context, db dialect.DB, t *Table[T], row *T, columns ...string) error {
	return saved(ctx, db, Select(t).q, structs.RowOf(row), columns)
}

func saved(ctx context.Context, db dialect.DB, q *query, row structs.Row, columns []string) error {
	w, t, err := inHand(ctx, db, "save", q, row)
	if err != nil {
		return err
	}
	s := save{t: t, row: row}
	if err := s.columns(columns); err != nil {
		return &QueryError{Op: w.op, Err: &plan.PathError{Method: "Save", Err: err}}
	}
	sql, err := compile.UpdateRow(t.graph, columnNames(s.set), s.where, columnNames(s.back), db.Dialect())
	if err != nil {
		return queryError(w.op, err)
	}
	held, ok := t.layout.Save(row), false
	defer func() {
		if !ok {
			held.Restore()
		}
	}()
	args, err := s.args()
	if err != nil {
		return &QueryError{Op: w.op, Err: err}
	}
	stmt := dialect.Statement{SQL: sql, Args: args, Exec: len(s.back) == 0, Op: w.op, Table: t.graph.Name}
	err = w.one(stmt, t.graph, s.read)
	ok = err == nil
	return err
}

// save is the columns of a row that is written.
type save struct {
	t         *table
	row       structs.Row
	set, back []*structs.Field
	where     []string // columns that tell the row
	version   *structs.Field
}

func (s *save) columns(names []string) error {
	t := s.t.graph
	if len(names) == 0 {
		return graph.Problemf(ErrInvalidQuery, "no columns; name those to be written")
	}
	s.where = slices.Clone(t.PrimaryKey)
	for i, name := range names {
		c, ok := t.Column(name)
		switch {
		case !ok:
			return t.UnknownColumn(name)
		case slices.Contains(t.PrimaryKey, name):
			return graph.Problemf(ErrInvalidQuery, "column %q is of the primary key, which tells the row; change it with Update", name)
		case c.Generated != "" || name == t.Version:
			return graph.Problemf(ErrInvalidQuery, "column %q is not written by hand; leave it out", name)
		case slices.Contains(names[:i], name):
			return graph.Problemf(ErrInvalidQuery, "column %q is named twice; leave one out", name)
		}
		s.set = append(s.set, s.t.columns[name])
	}
	for c := range t.Stored() {
		if c.Generated != "" {
			s.back = append(s.back, s.t.columns[c.Name])
		}
	}
	if t.Version != "" {
		s.version = s.t.columns[t.Version]
		s.set, s.where = append(s.set, s.version), append(s.where, t.Version)
	}
	return nil
}

// args returns the values in the order of the statement, and counts up the row's version.
func (s *save) args() ([]any, error) {
	var args []any
	for _, f := range s.set {
		args = append(args, f.Value(s.row))
	}
	for _, name := range s.t.graph.PrimaryKey {
		args = append(args, s.t.columns[name].Value(s.row))
	}
	if s.version == nil {
		return args, nil
	}
	args = append(args, s.version.Value(s.row))
	if err := s.version.Increment(s.row); err != nil {
		return nil, err
	}
	args[len(s.set)-1] = s.version.Value(s.row)
	return args, nil
}

func (s *save) read(rows dialect.Rows) error {
	n := int64(0)
	for rows.Next() {
		n++
		dests := make([]any, len(s.back))
		for i, f := range s.back {
			dests[i] = f.Dest(s.row)
		}
		if err := rows.Scan(dests...); err != nil {
			return s.t.scanFailed("", s.back, err)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(s.back) == 0 {
		n = rows.Affected()
	}
	switch {
	case n == 1:
		return nil
	case n > 1:
		return graph.Problemf(ErrTooManyRows, "the primary key of %q tells %d rows; nothing tells which was meant", s.t.graph.Name, n)
	case s.version != nil:
		return graph.Problemf(ErrStale, "the row of %q is not there, or not with its %q; read it again", s.t.graph.Name, s.t.graph.Version)
	}
	return graph.Problemf(ErrNoRows, "no row of %q has its primary key; insert it", s.t.graph.Name)
}

// inHand prepares a write of a row in hand, which must have its primary key.
func inHand(ctx context.Context, db dialect.DB, verb string, q *query, row structs.Row) (writing, *table, error) {
	w := writing{ctx: ctx, db: db, op: verb}
	if err := checkDB(verb, db); err != nil {
		return w, nil, err
	}
	if q.err != nil {
		return w, nil, &QueryError{Op: verb, Err: q.err}
	}
	t := q.table
	w.op, w.registry = verb+" "+t.graph.Name, t.registry
	if err := t.registry.freeze(); err != nil {
		return w, nil, err
	}
	fail := func(is error, format string, args ...any) (writing, *table, error) {
		return w, nil, &QueryError{Op: w.op, Err: graph.Problemf(is, format, args...)}
	}
	if row == nil {
		return fail(ErrInvalidRow, "the row is nil")
	}
	if len(t.graph.PrimaryKey) == 0 {
		return fail(ErrUnsupported, "table %q has no primary key to tell the row by; declare it with PrimaryKey", t.graph.Name)
	}
	for _, f := range t.keyFields() {
		if f.IsZero(row) && byDatabase(t.graph, f.Column) {
			return fail(ErrInvalidRow, "the row has no primary key yet; insert it")
		}
	}
	return w, t, nil
}

// Refresh reads the columns of rows in hand again, by one statement each, all in one round trip where the driver pipelines. What
// the fields of relations hold stays. A row that is not there is [ErrNoRows]; after an error the rows are as they were. The
// table's [Scope] does not matter: the key does.
func Refresh[T any](ctx context.Context, db dialect.DB, t *Table[T], rows ...*T) error {
	return refreshed(ctx, db, Select(t).q, structs.RowsOf(rows))
}

func refreshed(ctx context.Context, db dialect.DB, q *query, rows []structs.Row) error {
	if len(rows) == 0 {
		return nil
	}
	var w writing
	var t *table
	var err error
	held, ok := make([]structs.Saved, 0, len(rows)), false
	for _, row := range rows {
		if w, t, err = inHand(ctx, db, "refresh", q, row); err != nil {
			return err
		}
		held = append(held, t.layout.Save(row))
	}
	defer func() {
		for i := range held {
			if !ok {
				held[i].Restore()
			}
		}
	}()
	stmts, tables := make([]dialect.Statement, len(rows)), make([]*graph.Table, len(rows))
	fields := make([]*structs.Field, 0, len(t.graph.Columns))
	for c := range t.graph.Stored() {
		fields = append(fields, t.columns[c.Name])
	}
	sql, err := compile.SelectRow(t.graph, columnNames(fields), t.graph.PrimaryKey, db.Dialect())
	if err != nil {
		return queryError(w.op, err)
	}
	for i, row := range rows {
		tables[i] = t.graph
		stmts[i] = dialect.Statement{SQL: sql, Op: w.op, Table: t.graph.Name}
		for _, f := range t.keyFields() {
			stmts[i].Args = append(stmts[i].Args, f.Value(row))
		}
	}
	err = w.send(stmts, tables, func(i int, found dialect.Rows) error {
		s := save{t: t, row: rows[i], back: fields}
		return s.read(found)
	})
	ok = err == nil
	return err
}

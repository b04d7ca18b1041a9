package write

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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

// DELETE: rows go, and what the relations say happens to those that point at them.

// Removing says that rows with a soft delete are removed, not marked.
func (c *Change) Removing() *Change {
	n := *c.made()
	n.hard = true
	return &n
}

// DeleteRows deletes rows in hand, all or none.
func DeleteRows(ctx context.Context, db dialect.DB, q *query.Query, rows []structs.Row) error {
	return removeRows(ctx, db, &Change{Q: q}, rows)
}

// removeRows deletes rows in hand, or restores them, as the change does.
func removeRows(ctx context.Context, db dialect.DB, c *Change, rows []structs.Row) error {
	method := map[bool]string{false: "DeleteRows", true: "RestoreRows"}[c.restores]
	var w writing
	var t *model.Table
	var err error
	var told []structs.Row
	seen := map[structs.Row]bool{}
	for _, row := range rows {
		if w, t, err = inHand(ctx, db, c.removes(), c.Q, row); err != nil {
			return err
		}
		if !seen[row] {
			told = append(told, row)
		}
		seen[row] = true
	}
	if len(told) == 0 {
		return nil
	}
	fields := t.KeyFields()
	if t.Graph.Version != "" {
		fields = append(slices.Clip(fields), t.Columns[t.Graph.Version])
	}
	c = c.with(c.Q.Changed(method, func(n *query.Query) error {
		e, err := w.among(t, fields, told)
		query.Append(&n.Spec.Where, plan.Clause{Method: method, Expr: e})
		return err
	}))
	want := expected{n: int64(len(told)), t: t.Graph, or: w.orOut(t), how: "deleted"}
	if c.restores {
		want.or, want.how = ", or not marked as deleted, or out of its Scope", "restored"
	}
	_, err = c.Remove(ctx, db, want)
	return err
}

// expected is how many rows must be told, if that is known.
type expected struct {
	n    int64
	t    *graph.Table
	or   string // what else may be the case where there are fewer
	how  string // what is done to them
	done bool   // it is done when they are counted
}

// AnyNumber expects no number of rows.
var AnyNumber = expected{n: -1}

// check takes the number of rows.
func (e expected) check(n int64) error {
	switch {
	case e.n < 0 || n == e.n:
		return nil
	case n > e.n:
		return e.checkKeys(e.n, n)
	}
	rows, are := lacking(int(e.n-n), int(e.n), e.t)
	if e.t.Version != "" {
		return graph.Problemf(fault.ErrStale, "%s %s not there, or not with the %q given%s; read again", rows, are, e.t.Version, e.or)
	}
	return graph.Problemf(fault.ErrNoRows, "%s %s not there%s; none was %s", rows, are, e.or, e.how)
}

// checkKeys takes the number of keys that were found, and that of the rows that one of them tells.
func (e expected) checkKeys(n, most int64) error {
	if most <= 1 {
		return e.check(n)
	}
	what := "none was " + e.how
	if e.done {
		what = "all of them were " + e.how
	}
	return graph.Problemf(fault.ErrTooManyRows, "the primary key of %q tells %d rows, and %s; give the table a unique key, or declare one "+
		"that it has", e.t.Name, most, what)
}

// deletion is a delete that is being done.
type deletion struct {
	*compile.Removal
	want    expected
	deleted int64
	fewer   bool                     // than wanted were counted, and the others may have gone before the statement came to them
	back    func(dialect.Rows) error // reads the root's rows that went; nil: they do not come back
}

// planRemoval plans the delete.
func (c *Change) planRemoval(db dialect.DB) (*load.Program, *compile.Removal, error) {
	c = c.made()
	if err := load.CheckDB(c.removes(), db); err != nil {
		return nil, nil, err
	}
	if c.restores {
		return c.planRestoring(db)
	}
	soft := false
	p, err := c.planned(c.removes(), db.Dialect(), func(s *plan.Spec) error {
		soft = s.Table.SoftDelete != "" && !c.hard
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if soft {
		p.Plan.Unmarked()
	}
	r := compile.NewRemoval(p.Plan, p.Table.Graph.Reach(soft, p.Plan.Lifted()), db.Dialect())
	r.Now = time.Now()
	return p, r, nil
}

// Remove deletes the rows that the condition tells, and does to those that point at them what their relations say.
func (c *Change) Remove(ctx context.Context, db dialect.DB, want expected) (int64, error) {
	p, planned, err := c.planRemoval(db)
	if err != nil {
		return 0, err
	}
	r := &deletion{Removal: planned, want: want}
	w := writing{ctx, db, p.Op, p.Table.Registry}
	one := want.n < 0 || want.n == 1 && len(r.Reach.Parts[0].Into) == 0
	if one && r.alone() {
		r.want.done = true
		err = r.write(w, false)
	} else {
		err = w.all(r)
	}
	if err != nil {
		return 0, load.Advised(db.Dialect(), p.Plan, err)
	}
	return r.deleted, nil
}

// RemoveReturning is Remove that returns the rows of the table that went.
func (c *Change) RemoveReturning(ctx context.Context, db dialect.DB) ([]structs.Row, error) {
	p, planned, err := c.planRemoval(db)
	if err != nil {
		return nil, err
	}
	removed := []structs.Row{}
	planned.Back = true
	r := &deletion{Removal: planned, want: AnyNumber, back: func(rows dialect.Rows) error {
		scan := p.Scan()
		if err := scan.All(rows); err != nil {
			return err
		}
		removed = append(removed, scan.Rows...)
		return nil
	}}
	w := writing{ctx, db, p.Op, p.Table.Registry}
	if r.alone() {
		err = w.afterKnown(r, func() error { return w.inOne(func(w writing) error { return r.write(w, false) }) })
	} else {
		err = w.all(r)
	}
	if err != nil {
		return nil, load.Advised(db.Dialect(), p.Plan, err)
	}
	return removed, nil
}

// alone reports whether the delete is one statement, and nothing before it.
func (r *deletion) alone() bool { return r.OneStatement() && len(r.Held) == 0 && !r.CountsFirst() }

// all does everything in a transaction, which is begun only for values that are known.
func (w writing) all(r *deletion) error {
	return w.afterKnown(r, func() error { return w.inTx(r.run) })
}

// afterKnown does something if the values of the delete's condition are known.
func (w writing) afterKnown(r *deletion, do func() error) error {
	stmt, err := r.Lock()
	if err == nil {
		err = w.known(stmt.Args)
	}
	if err != nil {
		return query.Failure(w.op, err)
	}
	return do()
}

// run does everything in a transaction.
func (r *deletion) run(w writing) error {
	if err := hold(w, r.Removal); err != nil {
		return err
	}
	checks := slices.ContainsFunc(r.Reach.Ways, restricts)
	if checks || r.want.n >= 0 {
		if err := r.check(w); err != nil {
			return err
		}
		if err := r.write(w, false); err != nil || !r.fewer {
			return err
		}
		return r.checkGone(w)
	}
	return r.write(w, w.db.Dialect().Features().RowLocks)
}

func restricts(way *graph.Way) bool { return way.OnDelete == graph.Restrict }

// batch is statements that are sent together, each with what is done with its rows.
type batch struct {
	stmts  []dialect.Statement
	tables []*graph.Table
	reads  []func(dialect.Rows) error
	err    error
}

// add adds a statement along a way, if not nil, about a table. Without read it yields no rows.
func (b *batch) add(stmt compile.Statement, err error, t *graph.Table, way *graph.Way, read func(dialect.Rows) error) {
	s := dialect.Statement{SQL: stmt.SQL, Args: stmt.Args, Reads: read != nil, Table: t.Name}
	if way != nil {
		s.Path = way.Relation.String()
	}
	if read == nil {
		s.Exec = true
		read = ignored
	}
	if b.err == nil {
		b.err = err
	}
	b.stmts, b.tables, b.reads = append(b.stmts, s), append(b.tables, t), append(b.reads, read)
}

// oneValue reads the value of a result.
func oneValue[V any](read func(V) error) func(dialect.Rows) error {
	return func(rows dialect.Rows) error {
		var v V
		for rows.Next() {
			if err := rows.Scan(&v); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return read(v)
	}
}

func (b *batch) send(w writing) error {
	if b.err != nil {
		return query.Failure(w.op, b.err)
	}
	if len(b.stmts) == 0 {
		return nil
	}
	for i := range b.stmts {
		b.stmts[i].Op = w.op
	}
	return w.send(b.stmts, b.tables, func(i int, rows dialect.Rows) error { return b.reads[i](rows) })
}

// hold keeps the keys of the rows that go in temporary tables, for the parts that need it. Those tables are made in a round trip
// of their own, because a driver prepares what follows before it runs any of it.
func hold(w writing, r *compile.Removal) error {
	if len(r.Held) == 0 {
		return nil
	}
	var makes batch
	for _, p := range r.Held {
		stmt, err := r.Hold(p)
		makes.add(stmt, err, p.Table, nil, nil)
	}
	if err := makes.send(w); err != nil {
		return err
	}
	lock := w.db.Dialect().Features().RowLocks
	for added := int64(1); added > 0; {
		added = 0
		var fill batch
		if lock {
			stmt, err := r.Lock()
			fill.add(stmt, err, r.Reach.Parts[0].Table, nil, ignored)
			lock = false
		}
		for _, p := range r.Held {
			stmt, err := r.Fill(p)
			fill.add(stmt, err, p.Table, nil, nil)
			fill.reads[len(fill.reads)-1] = func(rows dialect.Rows) error {
				n, err := affected(rows)
				added += n
				return err
			}
		}
		if err := fill.send(w); err != nil {
			return err
		}
		if len(r.Held) == 1 && !r.Held[0].Cyclic {
			return nil
		}
	}
	return nil
}

// check locks the rows and looks for what refuses the delete, before anything changes.
func (r *deletion) check(w writing) error {
	var b batch
	table := r.Reach.Parts[0].Table
	switch {
	case r.want.n >= 0:
		stmt, err := r.LockKeys()
		b.add(stmt, err, table, nil, r.keys)
	case w.db.Dialect().Features().RowLocks:
		stmt, err := r.Lock()
		b.add(stmt, err, table, nil, ignored)
	}
	var by []*graph.Way
	for _, way := range r.Reach.Ways {
		if !restricts(way) {
			continue
		}
		stmt, err := r.Blocked(way)
		b.add(stmt, err, way.Table, way, oneValue(func(blocked bool) error {
			if blocked {
				by = append(by, way)
			}
			return nil
		}))
	}
	if err := b.send(w); err != nil {
		return err
	}
	if len(by) > 0 {
		return &fault.QueryError{Op: w.op, Err: restricted(by)}
	}
	return nil
}

// keys reads what LockKeys counts.
func (r *deletion) keys(rows dialect.Rows) error {
	n, most, err := keyCounts(rows)
	if err != nil {
		return err
	}
	return r.want.checkKeys(n, most)
}

// keyCounts reads how many keys there are, and how many rows that has which tells most.
func keyCounts(rows dialect.Rows) (n, most int64, err error) {
	for rows.Next() {
		if err := rows.Scan(&n, &most); err != nil {
			return 0, 0, err
		}
	}
	return n, most, rows.Err()
}

// checkGone makes sure that no row is left, where the statement that removes them has not met all: the database may have taken some by a key
// that is not declared, or kept them.
func (r *deletion) checkGone(w writing) error {
	var b batch
	stmt, err := r.LockKeys()
	b.add(stmt, err, r.Reach.Parts[0].Table, nil, func(rows dialect.Rows) error {
		left, _, err := keyCounts(rows)
		if err != nil {
			return err
		}
		return r.want.check(r.want.n - left)
	})
	return b.send(w)
}

// restricted is the error of rows that are pointed at along the ways.
func restricted(by []*graph.Way) error {
	var ways []string
	for _, way := range by {
		ways = append(ways, fmt.Sprintf("rows of %q by relation %q", way.Table.Name, way.Relation.String()))
	}
	return graph.Problemf(fault.ErrRestricted, "what would be deleted is still pointed at by %s; delete those first, or declare "+
		"OnDelete(Cascade) or OnDelete(SetNull); Impact counts them", strings.Join(ways, " and "))
}

// write sends the statements that change rows.
func (r *deletion) write(w writing, lock bool) error {
	var b batch
	root := r.Reach.Parts[0]
	if lock && len(r.Held) == 0 {
		stmt, err := r.Lock()
		b.add(stmt, err, root.Table, nil, ignored)
	}
	first := r.CountsFirst()
	if first {
		stmt, err := r.Told()
		read := r.back
		if read == nil {
			read = oneValue(func(n int64) error { r.deleted = n; return nil })
		}
		b.add(stmt, err, root.Table, nil, read)
	}
	for _, p := range r.Reach.Order {
		for _, way := range p.Out {
			if way.OnDelete == graph.SetNull {
				stmt, err := r.SetNull(way)
				b.add(stmt, err, way.Table, way, nil)
			}
			if r.Reach.Untied(way) {
				stmt, err := r.Untie(way)
				b.add(stmt, err, way.Table, way, nil)
			}
		}
		stmt, err := r.Remove(p)
		if p == root && !first {
			b.add(stmt, err, p.Table, nil, nil)
			last := len(b.reads) - 1
			b.reads[last] = r.count(len(b.reads) == 1 && len(r.Reach.Order) == 1)
			if r.back != nil {
				b.stmts[last].Exec, b.reads[last] = false, r.back
			}
			continue
		}
		var way *graph.Way
		if p != root {
			way = p.Into[0]
		}
		b.add(stmt, err, p.Table, way, nil)
	}
	for _, p := range r.Held {
		stmt, err := r.Release(p)
		b.add(stmt, err, p.Table, nil, nil)
	}
	return b.send(w)
}

// count notes how many rows of the root went; only: they were counted by nothing else.
func (r *deletion) count(only bool) func(dialect.Rows) error {
	return func(rows dialect.Rows) (err error) {
		if r.deleted, err = affected(rows); err != nil {
			return err
		}
		switch {
		case !only || len(r.Reach.Parts[0].Into) > 0:
			return nil
		case r.D.Features().CascadesByRow && r.want.n > 1 && r.deleted < r.want.n:
			r.fewer = true
			return nil
		}
		return r.want.check(r.deleted)
	}
}

package write

import (
	"context"
	"errors"
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

// deletion is a delete that is being done.
type deletion struct {
	*compile.Removal
	want    expected
	deleted int64
	locked  int64                    // how many rows of the root there were when they were locked; -1: nobody has counted them
	found   int64                    // how many there were before they went, with those that follow them; -1: as above
	told    keySum                   // the keys of the root's rows before anything changed, where they are compared
	back    func(dialect.Rows) error // reads the root's rows that went; nil: they do not come back
}

func newDeletion(r *compile.Removal, want expected) *deletion {
	return &deletion{Removal: r, want: want, locked: -1, found: -1}
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
	r := newDeletion(planned, want)
	w := writing{ctx: query.Once(ctx), db: db, op: p.Op, registry: p.Table.Registry}
	if r.Alone() && (want.n < 0 || want.n == 1) {
		r.want.done = true
		err = r.writeAlone(w)
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
	r := newDeletion(planned, AnyNumber)
	r.back = func(rows dialect.Rows) error {
		scan := p.Scan()
		if err := scan.All(rows); err != nil {
			return err
		}
		removed = append(removed[:0], scan.Rows...)
		r.deleted = int64(len(removed))
		return nil
	}
	w := writing{ctx: query.Once(ctx), db: db, op: p.Op, registry: p.Table.Registry}
	if r.Alone() {
		err = w.afterKnown(r, func() error { return w.inOne(r.writeAlone) })
	} else {
		err = w.all(r)
	}
	if err != nil {
		return nil, load.Advised(db.Dialect(), p.Plan, err)
	}
	return removed, nil
}

// errOther is that other rows went than those that the delete was told to be about.
var errOther = errors.New("other rows went")

// all does everything in a transaction, which is begun only for values that are known. Where other rows go than were told, as others have
// them meet the condition between two statements, or what goes first moves it, or the database keeps some, all is undone, and done for rows
// that are held.
func (w writing) all(r *deletion) error {
	return w.afterKnown(r, func() error {
		err := w.inTx(r.run)
		if errors.Is(err, errOther) {
			r.HoldRoot()
			r.deleted, r.locked, r.found = 0, -1, -1
			err = w.inTx(r.run)
		}
		return err
	})
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
	if err := r.hold(w); err != nil {
		return err
	}
	checks := slices.ContainsFunc(r.Reach.Ways, restricts)
	if checks || r.want.n >= 0 {
		if err := r.check(w); err != nil {
			return err
		}
		return r.write(w, false)
	}
	return r.write(w, r.asksFirst(w) && len(r.Held) == 0 && !r.ComparesAll())
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
func (r *deletion) hold(w writing) error {
	if len(r.Held) == 0 {
		return nil
	}
	var makes batch
	for _, p := range r.Held {
		stmt, err := r.Hold(p)
		makes.add(stmt, err, p.Table, nil, nil)
	}
	if err := makes.send(w); err != nil {
		return w.unprivileged(err, r.Held[0].Table)
	}
	root := r.Reach.Parts[0]
	lock := r.asksFirst(w) && (root.Cyclic || !r.HoldsRoot()) // or filling does
	for added := int64(1); added > 0; {
		added = 0
		var fill batch
		if lock {
			r.askFirst(&fill)
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
	case r.asksFirst(w):
		r.askFirst(&b)
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

// restricted is the error of rows that are pointed at along the ways.
func restricted(by []*graph.Way) error {
	var ways []string
	for _, way := range by {
		ways = append(ways, fmt.Sprintf("rows of %q by relation %q", way.Table.Name, way.Relation.String()))
	}
	return graph.Problemf(fault.ErrRestricted, "what would be deleted is still pointed at by %s; delete those first, or declare "+
		"OnDelete(Cascade) or OnDelete(SetNull); Impact counts them", strings.Join(ways, " and "))
}

// writeAlone sends the one statement that is the delete.
func (r *deletion) writeAlone(w writing) error {
	var b batch
	stmt, err := r.Remove(r.Reach.Parts[0])
	r.addRoot(&b, stmt, err)
	err = b.send(w)
	if err == nil && r.back == nil {
		if err = r.want.check(r.deleted); err != nil {
			err = query.Failure(w.op, err)
		}
	}
	return err
}

// write sends the statements that change rows.
func (r *deletion) write(w writing, lock bool) error {
	var b batch
	root := r.Reach.Parts[0]
	r.countBefore(&b, lock)
	first, all := r.CountsFirst(), r.ComparesAll()
	tells := all || !first && !r.HoldsRoot() && len(root.Into) == 0 && (r.locked >= 0 || lock) // the number of rows that go tells whether some stay
	for _, p := range r.Reach.Order {
		r.clearKeys(&b, p)
		if p == root && r.compares() {
			r.compareKeys(&b)
		}
		stmt, err := r.Remove(p)
		switch {
		case p != root:
			b.add(stmt, err, p.Table, p.Into[0], nil)
		case first:
			b.add(stmt, err, p.Table, nil, nil)
		default:
			r.addRoot(&b, stmt, err)
		}
		if p == root && !tells || p != root && slices.ContainsFunc(p.Out, changes) {
			r.noneLeft(&b, p)
		}
	}
	for _, p := range r.Held {
		stmt, err := r.Release(p)
		b.add(stmt, err, p.Table, nil, nil)
	}
	err := b.send(w)
	switch {
	case err != nil:
		return err
	case all && r.deleted != r.found:
		return errOther
	case r.HoldsRoot() || len(root.Into) > 0 || r.locked < 0 || r.deleted == r.locked:
		return nil
	case r.deleted > r.locked || r.CanMove():
		return errOther
	}
	var left batch // or the database has taken the others, by a key that is not declared
	r.noneLeft(&left, root)
	return left.send(w)
}

// countBefore adds what is asked about the root's rows before anything goes.
func (r *deletion) countBefore(b *batch, lock bool) {
	table := r.Reach.Parts[0].Table
	if lock {
		r.askFirst(b)
	}
	if r.CountsFirst() {
		stmt, err := r.Told()
		read := r.back
		if read == nil {
			read = oneValue(func(n int64) error { r.deleted = n; return nil })
		}
		b.add(stmt, err, table, nil, read)
	}
	if r.ComparesAll() {
		stmt, err := r.There(r.Reach.Parts[0])
		b.add(stmt, err, table, nil, oneValue(func(n int64) error { r.found = n; return nil }))
	}
}

// changes reports whether rows along the way are changed by a delete of what they point at.
func changes(way *graph.Way) bool {
	return way.OnDelete == graph.Cascade || way.OnDelete == graph.SetNull
}

// clearKeys adds the statements that take away what points at the part's rows and stays, and what these point at and goes before them.
func (r *deletion) clearKeys(b *batch, p *graph.Part) {
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
}

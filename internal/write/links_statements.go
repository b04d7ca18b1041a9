package write

import (
	"errors"
	"slices"
	"strings"

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

// LINKS: the statements that linking along any relation sends, and the order of keys that they keep.

// lockOwner locks the owner's row, so that nobody else replaces its rows meanwhile. It does not keep others from pointing at it.
func (l *linking) lockOwner() error { return l.findOwner(noKeyUpdate) }

// findOwner looks for the owner within the scopes of its table, and locks it if a lock is given.
func (l *linking) findOwner(lock string) error {
	key := l.ownerKey()
	is, err := equalTo(key, l.Owner)
	if err != nil {
		return err
	}
	rows, err := l.read(query.Select(l.from).Columns(model.ColumnNames(key)...).Filtered(is), lock)
	if err == nil && len(rows) == 0 {
		err = &fault.QueryError{Op: l.op, Err: l.noOwner()}
	}
	return err
}

func (l *linking) noOwner() error {
	return graph.Problemf(fault.ErrNoRows, "the owner in %q is not there%s%s", l.from.Graph.Name, l.orOut(l.from),
		l.zeroed(l.from, l.ownerKey(), l.Owner))
}

// endsMatter reports whether a key does not say whether a row at an end of the relation may be linked: the owner, or one of the rows if
// there are some.
func (l *linking) endsMatter(rows []structs.Row) bool {
	return l.ownerFirst || l.scoped(l.from) || len(rows) > 0 && l.looksFar(l.relation)
}

// findEnds looks for the owner and the rows, where that matters. What is to be linked stays there until the commit.
func (l *linking) findEnds(rows []structs.Row) error {
	lock := ""
	switch {
	case l.ownerFirst:
		lock = noKeyUpdate
	case !l.parts && l.from.Graph.SoftDelete != "":
		lock = kept(l.from)
	}
	if l.ownerFirst || l.scoped(l.from) {
		if err := l.findOwner(lock); err != nil {
			return err
		}
	}
	return l.checkFar(l.relation, rows)
}

// atEnds does something that names the ends of the relation by their keys, when they are found. That is one transaction where they are
// looked for.
func atEnds[R any](l *linking, rows []structs.Row, do func() (R, error)) (R, error) {
	if !l.endsMatter(rows) {
		return do()
	}
	return allOrNone(l, func() (R, error) {
		if err := l.findEnds(rows); err != nil {
			var none R
			return none, err
		}
		return do()
	})
}

// namesOnce returns the names of columns, each once: a foreign key may be part of a primary key.
func namesOnce(fields ...[]*structs.Field) []string {
	var names []string
	for _, name := range model.ColumnNames(slices.Concat(fields...)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// The locks of rows: the weaker is for those that are deleted by nobody, and lets others point at them meanwhile.
const (
	forUpdate   = "UPDATE"
	noKeyUpdate = "NO KEY UPDATE"
)

// kept is the lock of rows that something is to point at, so that nobody deletes them before the commit: a delete that marks them changes no
// key of theirs, and takes a stronger one to keep out.
func kept(t *model.Table) string {
	if t.Graph.SoftDelete != "" {
		return "SHARE"
	}
	return "KEY SHARE"
}

// read runs a query whose rows are locked where the database can, if a lock is given.
func (l *linking) read(q *query.Query, lock string) ([]structs.Row, error) {
	if lock != "" && l.db.Dialect().Features().RowLocks {
		q = q.Lock("Replace", lock)
	}
	p, err := load.Compile(q.Asked(), l.Verb, l.db.Dialect(), nil)
	if err != nil {
		return nil, err
	}
	p.Op = l.op
	return p.Load(l.ctx, l.db, p.Scan())
}

// equalTo is the condition that columns have the values of a row.
func equalTo(fields []*structs.Field, row structs.Row) (plan.Expr, error) {
	var all plan.And
	for _, f := range fields {
		e, err := query.EqualTo(f.Column, f.Value(row))
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// among is the condition that columns of the table have the values of one of the rows. Values of several columns, and more than
// the database takes as arguments, go as one list of keys.
func (w writing) among(t *model.Table, fields []*structs.Field, rows []structs.Row) (plan.Expr, error) {
	if most := w.db.Dialect().Features().MaxArgs; len(fields) == 1 && (most == 0 || len(rows) <= most/3) { // a statement may have two such conditions
		values := make([]any, len(rows))
		for i, row := range rows {
			values[i] = fields[0].Value(row)
		}
		return query.EqualTo(fields[0].Column, values)
	}
	types, err := w.keyTypes(t, fields)
	if err != nil {
		return nil, err
	}
	keys, err := load.CollectKeys(fields, types, rows)
	if err != nil {
		return nil, err
	}
	if i := slices.Index(keys.Of, -1); i >= 0 {
		return nil, graph.Problemf(fault.ErrInvalidRow, "row %d of %q has a NULL among the columns that tell it (%s)", i+1, t.Graph.Name,
			strings.Join(model.ColumnNames(fields), ", "))
	}
	is := &plan.InKeys{Types: types, Keys: keys.Columns}
	for _, f := range fields {
		is.Cols = append(is.Cols, plan.Ref{Name: f.Column})
	}
	return is, nil
}

// except leaves out of a query the rows that the database finds equal to one of some in the columns. There are none where what is compared
// here and in the database is the same.
func (w writing) except(q *query.Query, fields []*structs.Field, rows []structs.Row) (*query.Query, error) {
	if len(rows) == 0 || !slices.ContainsFunc(fields, func(f *structs.Field) bool { return !load.EqualInGo(f.Key) }) {
		return q, nil
	}
	is, err := w.among(q.Table, fields, rows)
	return q.Filtered(&plan.Not{Expr: is}), err
}

// keyTypes says how keys of the columns are compared. It asks the database's catalog where the Go types do not say enough.
func (w writing) keyTypes(t *model.Table, fields []*structs.Field) ([]dialect.KeyType, error) {
	types := load.KindsOf(fields)
	refs := make([]dialect.ColumnRef, len(fields))
	var ask []dialect.ColumnRef
	for i, f := range fields {
		refs[i] = compile.ColumnOf(t.Graph, f.Column)
		if load.AsksType(f) {
			ask = append(ask, refs[i])
		}
	}
	if err := load.LearnKeyTypes(w.ctx, w.db, w.registry, ask); err != nil {
		return nil, err
	}
	for i, f := range fields {
		if load.AsksType(f) {
			types[i] = load.CommonType(w.db, types[i], refs[i], refs[i])
		}
	}
	return types, nil
}

// step is a statement that linking sends, or a removal that takes several.
type step struct {
	stmt   dialect.Statement
	remove *deletion
	want   int64 // how many rows it is to write to at least
	adds   bool  // it inserts links
	backs  bool  // it brings a link back
}

// removal plans that the rows of a query go as a delete would have them go. Where that is one statement, they are locked in the
// order of the columns first.
func (l *linking) removal(q *query.Query, order []*structs.Field) (step, error) {
	_, r, err := (&Change{Q: q}).planRemoval(l.db)
	if err != nil {
		return step{}, err
	}
	root := r.Reach.Parts[0]
	if !r.Alone() {
		return step{remove: newDeletion(r, AnyNumber)}, nil
	}
	r.InOrder(model.ColumnNames(order))
	stmt, err := r.Remove(root)
	return step{stmt: dialect.Statement{SQL: stmt.SQL, Args: stmt.Args}}, err
}

// take does the steps in their order, those that follow each other and are one statement in one batch, and returns how many rows each
// affected.
func (l *linking) take(steps []step, t *graph.Table) ([]int64, error) {
	var affected []int64
	var stmts []dialect.Statement
	flush := func() error {
		n, err := l.write(stmts, t)
		affected, stmts = append(affected, n...), nil
		return err
	}
	for _, s := range steps {
		if s.remove == nil {
			stmts = append(stmts, s.stmt)
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
		if err := l.all(s.remove); err != nil {
			return nil, err
		}
		affected = append(affected, s.remove.deleted)
	}
	return affected, flush()
}

// takeAll takes steps about rows that the call has locked: each writes to all of its own, or the database keeps some as they are.
func (l *linking) takeAll(steps []step, t *graph.Table) error {
	affected, err := l.take(steps, t)
	if err != nil {
		return err
	}
	for i, s := range steps {
		if err := wrote(affected[i], s.want, t); err != nil {
			return &fault.QueryError{Op: l.op, Err: err}
		}
	}
	return nil
}

// wrote refuses to have written to fewer rows than are there.
func wrote(n, want int64, t *graph.Table) error {
	if n >= want {
		return nil
	}
	return graph.Problemf(fault.ErrInvalidRow, "the database wrote to %d of the %d rows of %q that were to be written to; a trigger or a rule keeps some as "+
		"they are, and none was written to", n, want, t.Name)
}

// takeOne takes one step, in a transaction if it needs one, and returns how many rows it affected.
func (l *linking) takeOne(s step, t *graph.Table) (int64, error) {
	if s.remove == nil {
		n, err := l.write([]dialect.Statement{s.stmt}, t)
		if err != nil {
			return 0, err
		}
		return n[0], nil
	}
	err := l.all(s.remove)
	return s.remove.deleted, err
}

// update writes the UPDATE that gives the rows of a query what the fields hold in a row, or NULL if that is nil.
func (l *linking) update(q *query.Query, fields []*structs.Field, from structs.Row) (dialect.Statement, error) {
	for _, f := range fields {
		var value any
		if from != nil {
			value = f.Value(from)
		}
		q = q.Changed("Set", func(n *query.Query) error {
			clause, err := query.SetClause(f.Column, value)
			query.Append(&n.Spec.Set, clause)
			return err
		})
	}
	p, err := (&Change{Q: q}).planned(l.Verb, l.db.Dialect(), func(*plan.Spec) error { return nil })
	if err != nil {
		return dialect.Statement{}, err
	}
	stmt, err := compile.Update(p.Plan, false, l.db.Dialect())
	return dialect.Statement{SQL: stmt.SQL, Args: stmt.Args}, err
}

// inOrder has a query's rows locked in the order of the columns before they are written to, where the database can: two that
// write to the same rows then do not wait for each other.
func (l *linking) inOrder(q *query.Query, fields []*structs.Field, lock string) *query.Query {
	if !l.db.Dialect().Features().RowLocks || len(q.Table.Graph.PrimaryKey) == 0 {
		return q
	}
	return q.OrderBy(model.ColumnNames(fields)...).Lock("Unlink", lock)
}

// write sends statements and returns how many rows each affected. A foreign key that the join table's constraint refuses is said
// to be the relation's.
func (l *linking) write(stmts []dialect.Statement, t *graph.Table) ([]int64, error) {
	changed := make([]int64, len(stmts))
	tables := make([]*graph.Table, len(stmts))
	for i := range stmts {
		stmts[i].Exec, stmts[i].Op, stmts[i].Table, tables[i] = true, l.op, t.Name, t
	}
	if len(stmts) == 0 {
		return nil, nil
	}
	err := l.send(stmts, tables, func(i int, rows dialect.Rows) (err error) {
		changed[i], err = affected(rows)
		return err
	})
	l.checkOfAside(err, t)
	var refused *fault.ConstraintError
	switch {
	case !errors.As(err, &refused) || refused.Table != t.Name:
	case refused.Kind == fault.ForeignKeyConstraint && l.ownKey(t, err, refused):
		refused.Path = l.relation.String()
	case refused.Kind == fault.NotNullConstraint && l.relation.Link != nil && l.relation.Link.Same(t) && l.bare():
		with := "LinkWith"
		if l.Verb == "replace" {
			with = "ReplaceWith"
		}
		refused.How = "a link is given its two keys and nothing else; " + with + " gives it its other columns, or have the database give the column a DEFAULT"
	}
	return changed, err
}

// bare reports whether some of the rows have no link that the caller gave.
func (l *linking) bare() bool { return l.Links == nil || slices.Contains(l.Links, nil) }

// ownKey reports whether the key that refused a row is the relation's, and not another of the table. Where the database does not say
// which it was, it must be the only one that is written to.
func (l *linking) ownKey(t *graph.Table, err error, refused *fault.ConstraintError) bool {
	var failed *fault.QueryError
	if errors.As(err, &failed) && strings.HasPrefix(failed.SQL, "DELETE") {
		return false // something points at the row
	}
	var own [][]string
	for _, s := range l.relation.Steps {
		var columns []string
		for _, on := range s.On {
			if s.Forward {
				columns = append(columns, on.From)
			} else {
				columns = append(columns, on.To)
			}
		}
		own = append(own, columns)
	}
	isOwn := func(columns []string) bool {
		return slices.ContainsFunc(own, func(o []string) bool {
			return slices.Equal(slices.Sorted(slices.Values(o)), slices.Sorted(slices.Values(columns)))
		})
	}
	if len(refused.Columns) > 0 {
		return isOwn(refused.Columns)
	}
	return !slices.ContainsFunc(t.ForeignKeys(), func(k *graph.ForeignKey) bool {
		touched := func(c string) bool { return l.relation.Link != nil || slices.Contains(own[0], c) }
		return !k.Logical && !isOwn(k.Columns) && slices.ContainsFunc(k.Columns, touched)
	})
}

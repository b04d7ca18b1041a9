package dovetail

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// WRITE, continued: the statements that linking along any relation sends, and the order of keys that they keep.

// lockOwner locks the owner's row, so that nobody else replaces its rows meanwhile. It does not keep others from pointing at it.
func (l *linking) lockOwner() error {
	key := l.ownerKey()
	is, err := equalTo(key, l.owner)
	if err != nil {
		return err
	}
	rows, err := l.read(selectFrom(l.from).addColumns(columnNames(key)...).filtered(is), noKeyUpdate)
	if err == nil && len(rows) == 0 {
		err = &QueryError{Op: l.op, Err: l.noOwner()}
	}
	return err
}

func (l *linking) noOwner() error {
	return graph.Problemf(ErrNoRows, "the owner is not there, or out of the Scope of %q", l.from.graph.Name)
}

// namesOnce returns the names of columns, each once: a foreign key may be part of a primary key.
func namesOnce(fields ...[]*structs.Field) []string {
	var names []string
	for _, name := range columnNames(slices.Concat(fields...)) {
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

// read runs a query whose rows are locked where the database can, if a lock is given.
func (l *linking) read(q *query, lock string) ([]structs.Row, error) {
	if lock != "" && l.db.Dialect().Features().RowLocks {
		q = q.lock("Replace", lock)
	}
	p, err := modelled(q.asked(), l.verb, l.db.Dialect(), nil)
	if err != nil {
		return nil, err
	}
	p.op = l.op
	return p.load(l.ctx, l.db, p.scan())
}

// filtered adds a condition.
func (q *query) filtered(e plan.Expr) *query {
	return q.with("Where", func(n *query) error {
		add(&n.spec.Where, plan.Clause{Method: "Where", Expr: e})
		return nil
	})
}

// equalTo is the condition that columns have the values of a row.
func equalTo(fields []*structs.Field, row structs.Row) (plan.Expr, error) {
	var all plan.And
	for _, f := range fields {
		e, err := comparison(f.Column, f.Value(row), equal(false))
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// among is the condition that columns of the table have the values of one of the rows. Values of several columns, and more than
// the database takes as arguments, go as one list of keys.
func (w writing) among(t *table, fields []*structs.Field, rows []structs.Row) (plan.Expr, error) {
	if most := w.db.Dialect().Features().MaxArgs; len(fields) == 1 && (most == 0 || len(rows) <= most) {
		values := make([]any, len(rows))
		for i, row := range rows {
			values[i] = fields[0].Value(row)
		}
		return comparison(fields[0].Column, values, equal(false))
	}
	types, err := w.keyTypes(t, fields)
	if err != nil {
		return nil, err
	}
	keys, err := collectKeys(fields, types, rows)
	if err != nil {
		return nil, err
	}
	if i := slices.Index(keys.of, -1); i >= 0 {
		return nil, graph.Problemf(ErrInvalidRow, "row %d of %q has a NULL among the columns that tell it (%s)", i+1, t.graph.Name,
			strings.Join(columnNames(fields), ", "))
	}
	is := &plan.InKeys{Types: types, Keys: keys.columns}
	for _, f := range fields {
		is.Cols = append(is.Cols, plan.Ref{Name: f.Column})
	}
	return is, nil
}

// keyTypes says how keys of the columns are compared. It asks the database's catalog where the Go types do not say enough.
func (w writing) keyTypes(t *table, fields []*structs.Field) ([]dialect.KeyType, error) {
	types := kindsOf(fields)
	refs := make([]dialect.ColumnRef, len(fields))
	var ask []dialect.ColumnRef
	for i, f := range fields {
		refs[i] = dialect.ColumnRef{Schema: t.graph.Schema, Table: t.graph.Name, Column: f.Column}
		if !settled(f.Key) {
			ask = append(ask, refs[i])
		}
	}
	if err := learnKeyTypes(w.ctx, w.db, ask); err != nil {
		return nil, err
	}
	for i, f := range fields {
		if !settled(f.Key) {
			known, _ := w.db.Catalog().KeyType(refs[i])
			types[i] = commonType(f.Key, known, known)
		}
	}
	return types, nil
}

// removal writes the DELETE of the rows of a query.
func (l *linking) removal(q *query) (dialect.Statement, error) {
	p, err := (&change{q: q}).planned(l.verb, l.db.Dialect(), func(*plan.Spec) error { return nil })
	if err != nil {
		return dialect.Statement{}, err
	}
	stmt, err := compile.Delete(p.plan, l.db.Dialect())
	return dialect.Statement{SQL: stmt.SQL, Args: stmt.Args}, err
}

// update writes the UPDATE that gives the rows of a query what the fields hold in a row, or NULL if that is nil.
func (l *linking) update(q *query, fields []*structs.Field, from structs.Row) (dialect.Statement, error) {
	for _, f := range fields {
		var value any
		if from != nil {
			value = f.Value(from)
		}
		q = q.with("Set", func(n *query) error {
			clause, err := setClause(f.Column, value)
			add(&n.spec.Set, clause)
			return err
		})
	}
	p, err := (&change{q: q}).planned(l.verb, l.db.Dialect(), func(*plan.Spec) error { return nil })
	if err != nil {
		return dialect.Statement{}, err
	}
	stmt, err := compile.Update(p.plan, false, l.db.Dialect())
	return dialect.Statement{SQL: stmt.SQL, Args: stmt.Args}, err
}

// inOrder has a query's rows locked in the order of the columns before they are written to, where the database can: two that
// write to the same rows then do not wait for each other.
func (l *linking) inOrder(q *query, fields []*structs.Field, lock string) *query {
	if !l.db.Dialect().Features().RowLocks || len(q.table.graph.PrimaryKey) == 0 {
		return q
	}
	return q.addOrderBy(columnNames(fields)...).lock("Unlink", lock)
}

// distinct returns the places of the rows in the order of their keys, each key once, the first that has it.
func distinct(fields []*structs.Field, rows []structs.Row) ([]int, error) {
	keys, err := collectKeys(fields, kindsOf(fields), rows)
	if err != nil {
		return nil, err
	}
	places := make([]int, 0, keys.len())
	for i, at := range keys.of {
		if int(at) == len(places) {
			places = append(places, i)
		}
	}
	slices.SortFunc(places, func(a, b int) int { return keys.compare(keys.of[a], keys.of[b]) })
	return places, nil
}

// compare orders two keys, the same way in every process.
func (k *keyList) compare(a, b int32) int {
	for _, c := range k.columns {
		order := 0
		switch c.Kind {
		case dialect.KeyInt:
			order = cmp.Compare(c.Ints[a], c.Ints[b])
		case dialect.KeyUUID:
			order = bytes.Compare(c.UUIDs[a][:], c.UUIDs[b][:])
		default:
			order = cmp.Compare(c.Texts[a], c.Texts[b])
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// textOfKey writes the key of a row so that equal ones are equal texts.
func textOfKey(key []*structs.Field, row structs.Row) (string, error) {
	return keyText(key, func(i int, k *dialect.Keys) (bool, error) { return key[i].AppendKey(k, row) })
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
	var refused *ConstraintError
	if errors.As(err, &refused) && refused.Kind == ForeignKeyConstraint && refused.Table == t.Name {
		refused.Path = l.relation.String()
	}
	return changed, err
}

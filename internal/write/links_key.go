package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS that are foreign keys, of the related rows or of the owner.

// allOrNone does what a call does in one transaction, which its statements go to from then on.
func allOrNone[R any](l *linking, do func() (R, error)) (result R, err error) {
	err = l.inTx(func(w writing) error {
		l.writing = w
		result, err = do()
		return err
	})
	if err != nil {
		var none R
		return none, err
	}
	return result, nil
}

// foreignKey is the key that a row is linked by.
type foreignKey struct {
	t       *model.Table
	fields  []*structs.Field // of the key, and then those of its constants
	n       int              // how many are of the key
	cleared []*structs.Field // what becomes NULL when the row is unlinked
	value   structs.Row      // a row that has the key the linked rows have, and nothing else
}

// foreignKey returns the key of a relation of one key. It is an error if rows are to be unlinked and the key cannot be NULL.
func (l *linking) foreignKey() (foreignKey, error) {
	step := l.relation.Steps[0]
	k := foreignKey{t: l.to, n: len(step.On)}
	constants := step.OnTo
	if step.Forward {
		k.t, constants = l.from, step.OnFrom
	}
	k.fields = model.KeyHolders(l.registry, l.relation, k.t, constants)
	k.cleared = k.t.Cleared(k.fields)
	free := slices.ContainsFunc(k.fields[:k.n], func(f *structs.Field) bool { return slices.Contains(k.cleared, f) })
	if l.parts && !free && !l.relation.DeleteOrphans && (!step.Forward || len(l.Rows) == 0) {
		remedy := "declare the relation with DeleteOrphans to have its rows deleted, or move them to another owner"
		if step.Forward {
			remedy = "give a row"
		}
		return k, graph.Problemf(fault.ErrInvalidRelation, "column %q of %q cannot be NULL, so no row can be unlinked; make the field a "+
			"pointer, or %s", k.fields[0].Column, k.t.Graph.Name, remedy)
	}
	k.value = structs.NewSlab(k.t.Layout, 1).New()
	from := l.Owner
	if step.Forward {
		if len(l.Rows) == 0 {
			return k, nil
		}
		from = l.Rows[0]
	}
	for _, p := range model.KeyPairs(step, l.from, l.to) {
		if err := p.Holder.Assign(k.value, p.Referenced, from); err != nil {
			return k, graph.Problemf(fault.ErrInvalidRow, "the key of the row it points at: %w", err)
		}
	}
	for _, c := range constants {
		if err := k.t.Columns[c.Column].AssignText(k.value, c.Value); err != nil {
			return k, graph.Problemf(fault.ErrInvalidRow, "%w", err)
		}
	}
	return k, nil
}

// linked reports whether the row has the key.
func (k *foreignKey) linked(row structs.Row) bool {
	return !slices.ContainsFunc(k.fields, func(f *structs.Field) bool { return !f.Same(row, k.value) })
}

// free reports whether the row points at nothing, and no column of its key says otherwise.
func (k *foreignKey) free(row structs.Row) bool {
	nulls := 0
	for _, f := range k.fields[:k.n] {
		found := dialect.Keys{Kind: dialect.KeyOther}
		if ok, err := f.AppendKey(&found, row); err == nil && !ok {
			nulls++
		} else if !f.Same(row, k.value) {
			return false
		}
	}
	return nulls > 0
}

// point gives the row the key.
func (k *foreignKey) point(row structs.Row) {
	for _, f := range k.fields {
		_ = f.Assign(row, f, k.value) // the same field holds it
	}
}

// byRows links by the foreign key of the related rows.
type byRows struct {
	*linking
	foreignKey
	key  []*structs.Field // the primary key
	rows []structs.Row    // in the order of their keys, each once
}

func (l *linking) byRows() (linker, error) {
	k := &byRows{linking: l, key: l.to.KeyFields()}
	var err error
	if k.foreignKey, err = l.foreignKey(); err != nil {
		return nil, err
	}
	places, err := load.Distinct(k.key, l.Rows)
	for _, i := range places {
		k.rows = append(k.rows, l.Rows[i])
	}
	return k, err
}

// theirs is the query for rows by their keys, and mine for those that have the owner's key.
func (k *byRows) theirs(rows []structs.Row) (*query.Query, error) {
	is, err := k.among(k.to, k.key, rows)
	return query.Select(k.to).Filtered(is), err
}

func (k *byRows) mine() (plan.Expr, error) { return equalTo(k.fields, k.value) }

// current reads and locks rows, in the order of their keys: no more of each than its key and its foreign key.
func (k *byRows) current(q *query.Query) ([]structs.Row, error) {
	return k.read(q.Columns(namesOnce(k.key, k.fields)...).OrderBy(model.ColumnNames(k.key)...), k.lock())
}

// lock is how the rows are locked: they are pointed at by others, and perhaps by the owner's own table.
func (k *byRows) lock() string {
	if k.parts && k.relation.DeleteOrphans {
		return forUpdate
	}
	return noKeyUpdate
}

func (k *byRows) link() (int64, error) {
	return allOrNone(k.linking, func() (int64, error) {
		if err := k.findEnds(nil); err != nil { // the rows are read with their keys
			return 0, err
		}
		return k.pointed()
	})
}

// pointed points the rows at the owner.
func (k *byRows) pointed() (int64, error) {
	q, err := k.theirs(k.rows)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	there, err := k.current(q)
	if err != nil {
		return 0, err
	}
	if err := k.complete(len(there)); err != nil {
		return 0, &fault.QueryError{Op: k.op, Err: err}
	}
	var left []structs.Row
	for _, row := range there {
		switch {
		case k.linked(row):
		case k.Move || k.free(row):
			left = append(left, row)
		default:
			return 0, &fault.QueryError{Op: k.op, Err: k.ofAnother()}
		}
	}
	if len(left) == 0 {
		return 0, nil
	}
	stmt, err := k.points(left)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	if _, err := k.write([]dialect.Statement{stmt}, k.to.Graph); err != nil {
		return 0, err
	}
	return int64(len(left)), nil
}

// complete refuses to link rows of which only some were found.
func (k *byRows) complete(found int) error {
	if found == len(k.rows) {
		return nil
	}
	return k.noRows(found, len(k.rows))
}

func (k *byRows) ofAnother() error {
	return graph.Problemf(fault.ErrInvalidRow, "a row of %q points at another owner; use Move to take it from there", k.to.Graph.Name)
}

// points writes the UPDATE that points rows at the owner.
func (k *byRows) points(rows []structs.Row) (dialect.Statement, error) {
	q, err := k.theirs(rows)
	if err != nil {
		return dialect.Statement{}, err
	}
	return k.update(q, k.fields, k.value)
}

// parted writes the statement that unlinks the rows of a query.
func (k *byRows) parted(q *query.Query) (dialect.Statement, error) {
	if k.relation.DeleteOrphans {
		return k.removal(q)
	}
	return k.update(q, k.cleared, nil)
}

func (k *byRows) unlink() (int64, error) { return atEnds(k.linking, nil, k.unlinked) }

func (k *byRows) unlinked() (int64, error) {
	q := query.Select(k.to)
	var err error
	if len(k.rows) > 0 {
		if q, err = k.theirs(k.rows); err != nil {
			return 0, query.Failure(k.op, err)
		}
	}
	is, err := k.mine()
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	stmt, err := k.parted(k.inOrder(q.Filtered(is), k.key, k.lock()))
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	affected, err := k.write([]dialect.Statement{stmt}, k.to.Graph)
	if err != nil {
		return 0, err
	}
	return affected[0], nil
}

func (k *byRows) replace() (Diff, error) { return allOrNone(k.linking, k.replaced) }

func (k *byRows) replaced() (Diff, error) {
	if err := k.lockOwner(); err != nil {
		return Diff{}, err
	}
	is, err := k.mine()
	if err == nil && len(k.rows) > 0 {
		var theirs plan.Expr
		theirs, err = k.among(k.to, k.key, k.rows)
		is = plan.Or{is, theirs}
	}
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	there, err := k.current(query.Select(k.to).Filtered(is))
	if err != nil {
		return Diff{}, err
	}
	d, stmts, err := k.difference(there)
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	_, err = k.write(stmts, k.to.Graph)
	return d, err
}

// difference compares the rows that are there with those that are wanted, and writes the statements that make them so. All are
// locked; those that leave come first, because a unique key may let the owner have no more than one.
func (k *byRows) difference(there []structs.Row) (d Diff, stmts []dialect.Statement, err error) {
	wanted := map[string]structs.Row{}
	for _, row := range k.rows {
		text, err := load.TextOfKey(k.key, row)
		if err != nil {
			return d, nil, err
		}
		wanted[text] = row
	}
	found := 0
	for _, row := range there {
		text, err := load.TextOfKey(k.key, row)
		if err != nil {
			return d, nil, err
		}
		given, ok := wanted[text]
		if ok {
			found++
		}
		switch linked := k.linked(row); {
		case ok && linked:
		case ok && k.free(row):
			d.Added = append(d.Added, given)
		case ok:
			return d, nil, k.ofAnother()
		case linked:
			d.Removed = append(d.Removed, k.bare(row))
		}
	}
	if err := k.complete(found); err != nil {
		return d, nil, err
	}
	if len(d.Removed) > 0 {
		q, err := k.theirs(d.Removed)
		if err != nil {
			return d, nil, err
		}
		stmt, err := k.parted(q)
		if err != nil {
			return d, nil, err
		}
		stmts = append(stmts, stmt)
	}
	if len(d.Added) > 0 {
		stmt, err := k.points(d.Added)
		if err != nil {
			return d, nil, err
		}
		stmts = append(stmts, stmt)
	}
	return d, stmts, nil
}

// bare returns a row with nothing but the primary key of another.
func (k *byRows) bare(row structs.Row) structs.Row {
	made := structs.NewSlab(k.to.Layout, 1).New()
	for _, f := range k.key {
		_ = f.Assign(made, f, row) // the same field holds it
	}
	return made
}

func (k *byRows) apply() {
	for _, row := range k.linking.Rows {
		switch {
		case k.Verb != "unlink":
			k.point(row)
		case k.linked(row):
			k.to.Clear(row, k.fields)
		}
	}
}

func (k *byRows) restore() {}

// byOwner links by the foreign key of the owner, which points at one row.
type byOwner struct {
	*linking
	foreignKey
}

func (l *linking) byOwner() (linker, error) {
	k := &byOwner{linking: l}
	var err error
	k.foreignKey, err = l.foreignKey()
	return k, err
}

// link and unlink are those of a relation to many rows, which has no key of the owner.
func (k *byOwner) link() (int64, error) { return 0, nil }

func (k *byOwner) unlink() (int64, error) { return 0, nil }

func (k *byOwner) replace() (Diff, error) { return allOrNone(k.linking, k.replaced) }

func (k *byOwner) replaced() (d Diff, err error) {
	key := k.ownerKey()
	is, err := equalTo(key, k.Owner)
	if err != nil {
		return d, query.Failure(k.op, err)
	}
	mine := query.Select(k.from).Filtered(is)
	there, err := k.read(mine.Columns(namesOnce(key, k.fields)...), noKeyUpdate)
	if err != nil {
		return d, err
	}
	if len(there) == 0 {
		return d, &fault.QueryError{Op: k.op, Err: k.noOwner()}
	}
	if err := k.findFar(k.Rows); err != nil {
		return d, err
	}
	before, err := k.before(there[0])
	if err != nil {
		return d, query.Failure(k.op, err)
	}
	fields, value := k.fields, k.value
	switch {
	case len(k.Rows) == 0 && before == nil, len(k.Rows) > 0 && k.linked(there[0]):
		return d, nil
	case len(k.Rows) == 0:
		fields, value = k.cleared, nil
	default:
		d.Added = k.Rows
	}
	if before != nil {
		d.Removed = []structs.Row{before}
	}
	stmt, err := k.update(mine, fields, value)
	if err != nil {
		return d, query.Failure(k.op, err)
	}
	_, err = k.write([]dialect.Statement{stmt}, k.from.Graph)
	return d, err
}

// before returns the row that the owner points at, with nothing but its key; nil if there is none, or one of another table.
func (k *byOwner) before(owner structs.Row) (structs.Row, error) {
	for _, c := range k.relation.Steps[0].OnFrom {
		held := dialect.Keys{Kind: dialect.KeyText}
		if ok, err := k.from.Columns[c.Column].AppendKey(&held, owner); err != nil || !ok || held.Texts[0] != c.Value {
			return nil, err
		}
	}
	row := structs.NewSlab(k.to.Layout, 1).New()
	for _, p := range model.KeyPairs(k.relation.Steps[0], k.from, k.to) {
		held := dialect.Keys{Kind: dialect.KeyOther}
		if ok, err := p.Holder.AppendKey(&held, owner); err != nil || !ok {
			return nil, err
		}
		if err := p.Referenced.Assign(row, p.Holder, owner); err != nil {
			return nil, err
		}
	}
	return row, nil
}

func (k *byOwner) apply() {
	if len(k.Rows) > 0 {
		k.point(k.Owner)
	} else {
		k.t.Clear(k.Owner, k.fields)
	}
}

func (k *byOwner) restore() {}

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
	if l.began {
		return do()
	}
	err = l.inTx(func(w writing) error {
		l.writing, l.began = w, true
		result, err = do()
		return err
	})
	if err != nil {
		var none R
		return none, err
	}
	return result, nil
}

// byRows links by the foreign key of the related rows.
type byRows struct {
	*linking
	foreignKey
	key  []*structs.Field // the primary key
	told load.Key
	rows []structs.Row // in the order of their keys, each once
}

func (l *linking) byRows() (linker, error) {
	k := &byRows{linking: l, key: l.to.KeyFields()}
	var err error
	if k.told, err = l.key(l.to, k.key, l.Rows...); err != nil {
		return nil, err
	}
	if k.foreignKey, err = l.foreignKey(); err != nil {
		return nil, err
	}
	places, err := k.told.Distinct(l.Rows)
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

func (k *byRows) mine() (plan.Expr, error) {
	is, err := equalTo(k.fields, k.value)
	if own := k.relation.Rules.Own; len(own) > 0 {
		is = plan.And{is, are(own)}
	}
	return is, err
}

// mineOrTheirs is the query for the rows that have the owner's key, and those of the call.
func (k *byRows) mineOrTheirs() (*query.Query, error) {
	is, err := k.mine()
	if err == nil && len(k.rows) > 0 {
		var theirs plan.Expr
		theirs, err = k.among(k.to, k.key, k.rows)
		is = plan.Or{is, theirs}
	}
	return query.Select(k.to).Filtered(is), err
}

// current reads and locks rows, in the order of their keys: no more of each than its key and its foreign key.
func (k *byRows) current(q *query.Query) ([]structs.Row, error) {
	return k.read(q.Columns(namesOnce(k.key, k.fields, k.rules.columns())...).OrderBy(model.ColumnNames(k.key)...), k.lock())
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
		if err := k.rules.checkHeld(row); err != nil {
			return 0, &fault.QueryError{Op: k.op, Err: err}
		}
		if k.linked(row) {
			continue
		}
		if err := k.takes(row); err != nil {
			return 0, &fault.QueryError{Op: k.op, Err: err}
		}
		left = append(left, row)
	}
	if len(left) == 0 {
		return 0, nil
	}
	stmt, err := k.points(left)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	if err := k.takeAll([]step{{stmt: stmt, want: int64(len(left))}}, k.to.Graph); err != nil {
		return 0, err
	}
	return int64(len(left)), k.guardKey()
}

// complete refuses to link rows of which only some were found.
func (k *byRows) complete(found int) error {
	if found == len(k.rows) {
		return nil
	}
	return graph.Problemf(fault.ErrNoRows, "%w%s%s", k.notThere(k.to, found, len(k.rows)), k.zeroed(k.to, k.key, k.rows...), k.orSync())
}

// takes refuses to point a row at the owner: one of another owner, unless it is to be moved, and one whose own key that would change.
func (k *byRows) takes(row structs.Row) error {
	if err := k.keepsKey(row); err != nil || k.Move || k.free(row) {
		return err
	}
	how := "use Move"
	if k.relation.Cardinality == graph.One {
		how = "call Replace of the relation's Inverse() for the row"
		if k.relation.Inverse == nil {
			how = "declare the relation with Inverse, and call Replace of its Inverse() for the row"
		}
	}
	return graph.Problemf(fault.ErrInvalidRow, "a row of %q points at another owner; %s to take it from there", k.to.Graph.Name, how)
}

// points writes the UPDATE that points rows at the owner.
func (k *byRows) points(rows []structs.Row) (dialect.Statement, error) {
	q, err := k.theirs(rows)
	if err != nil {
		return dialect.Statement{}, err
	}
	return k.update(q, k.set(), k.value)
}

// parted plans that the rows of a query are unlinked.
func (k *byRows) parted(q *query.Query) (step, error) {
	if k.relation.DeleteOrphans {
		return k.removal(q, k.key)
	}
	stmt, err := k.update(k.inOrder(q, k.key, k.lock()), k.cleared, nil)
	return step{stmt: stmt}, err
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
	parted, err := k.parted(q.Filtered(is))
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	return k.takeOne(parted, k.to.Graph)
}

func (k *byRows) replace() (Diff, error) { return allOrNone(k.linking, k.replaced) }

func (k *byRows) replaced() (Diff, error) {
	if err := k.lockOwner(); err != nil {
		return Diff{}, err
	}
	q, err := k.mineOrTheirs()
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	there, err := k.current(q)
	if err != nil {
		return Diff{}, err
	}
	d, steps, err := k.difference(there)
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	if err = k.takeAll(steps, k.to.Graph); err != nil || len(d.Added) == 0 {
		return d, err
	}
	return d, k.guardKey()
}

// guardKey makes sure of the key that rows were given.
func (k *byRows) guardKey() error { return guardKey(k.linking, k.foreignKey) }

func guardKey(l *linking, k foreignKey) error {
	written := func(column string) bool {
		return slices.ContainsFunc(k.fields, func(f *structs.Field) bool { return f.Column == column })
	}
	return l.guard(k.t, guarded(k.t, written), []structs.Row{k.value})
}

// difference compares the rows that are there with those that are wanted, and writes the statements that make them so. All are
// locked; those that leave come first, because a unique key may let the owner have no more than one.
func (k *byRows) difference(there []structs.Row) (d Diff, steps []step, err error) {
	if k.told, err = k.linking.key(k.to, k.key, slices.Concat(k.rows, there)...); err != nil {
		return d, nil, err
	}
	wanted := map[string]structs.Row{}
	for _, row := range k.rows {
		text, err := k.told.Text(row)
		if err != nil {
			return d, nil, err
		}
		wanted[text] = row
	}
	found := 0
	for _, row := range there {
		text, err := k.told.Text(row)
		if err != nil {
			return d, nil, err
		}
		given, ok := wanted[text]
		if ok {
			found++
			if err := k.rules.checkHeld(row); err != nil {
				return d, nil, err
			}
		}
		switch linked := k.linked(row); {
		case ok && linked:
		case ok:
			if err := k.takes(row); err != nil {
				return d, nil, err
			}
			d.Added = append(d.Added, given)
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
		parted, err := k.parted(q)
		if err != nil {
			return d, nil, err
		}
		parted.want = int64(len(d.Removed))
		steps = append(steps, parted)
	}
	if len(d.Added) > 0 {
		stmt, err := k.points(d.Added)
		if err != nil {
			return d, nil, err
		}
		steps = append(steps, step{stmt: stmt, want: int64(len(d.Added))})
	}
	return d, steps, nil
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
	if err := k.checkFar(k.relation, k.Rows); err != nil { // first, as a delete of that row begins with it
		return d, err
	}
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
	before, err := k.before(there[0])
	if err != nil {
		return d, query.Failure(k.op, err)
	}
	if before, err = k.related(before); err != nil {
		return d, err
	}
	fields, value := k.set(), k.value
	switch {
	case len(k.Rows) == 0 && before == nil, len(k.Rows) > 0 && k.linked(there[0]):
		return d, nil
	case len(k.Rows) == 0:
		fields, value = k.cleared, nil
	default:
		if err := k.keepsKey(there[0]); err != nil {
			return d, &fault.QueryError{Op: k.op, Err: err}
		}
		d.Added = k.Rows
	}
	if before != nil {
		d.Removed = []structs.Row{before}
	}
	stmt, err := k.update(mine, fields, value)
	if err != nil {
		return d, query.Failure(k.op, err)
	}
	if err = k.takeAll([]step{{stmt: stmt, want: 1}}, k.from.Graph); err != nil || len(k.Rows) == 0 {
		return d, err
	}
	return d, guardKey(k.linking, k.foreignKey)
}

// related returns the row that the owner points at, if that is related by the rules too.
func (k *byOwner) related(before structs.Row) (structs.Row, error) {
	if before == nil || len(k.relation.Rules.Own) == 0 {
		return before, nil
	}
	found, err := k.meeting(k.relation, []structs.Row{before}, false)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return before, nil
}

// before returns the row that the owner points at, with nothing but its key; nil if there is none, or one of another table.
func (k *byOwner) before(owner structs.Row) (structs.Row, error) {
	for _, c := range k.relation.Steps[0].OnFrom {
		typ := k.from.TypeReader(c.Column)
		if ok, err := typ.Read(owner); err != nil || !ok || !typ.Is(c.Value) {
			return nil, err
		}
	}
	row := structs.NewSlab(k.to.Layout, 1).New()
	for _, p := range model.KeyPairs(k.relation.Steps[0], k.from, k.to) {
		held := dialect.Keys{Kind: dialect.KeyOther}
		if ok, err := p.Holder.AppendKey(&held, owner); err != nil || !ok {
			return nil, err
		}
		if err := p.Referenced.Assign(row, p.Holder, owner); err != nil && p.Spelled != "" {
			return nil, nil // it spells no key
		} else if err != nil {
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

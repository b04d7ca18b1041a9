package write

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SYNC: the rows that point at an owner become the given ones: new rows are inserted, those that are there changed, the others
// unlinked.

// syncing is a Sync along a foreign key of the related rows. The rows of byRows are those that have their keys.
type syncing struct {
	*byRows
	given   []structs.Row    // each once, in the order of the call
	columns []*structs.Field // that a row that is there may get other values in
	saved   *structs.Saved
	others  [][]string // unique keys that two rows may meet in
}

func (l *linking) syncing() (linker, error) {
	if l.relation.Link != nil {
		return nil, graph.Problemf(fault.ErrInvalidRelation, "it goes by join table %q, and its rows have owners beside this one; use Replace or ReplaceWith "+
			"for the links, and Insert for new rows", l.relation.Link.Name)
	}
	k := &syncing{byRows: &byRows{linking: l, key: l.to.KeyFields()}, saved: l.to.Layout.Saving(len(l.Rows))}
	var err error
	if k.told, err = l.key(l.to, k.key, l.Rows...); err != nil {
		return nil, err
	}
	if k.foreignKey, err = l.foreignKey(); err != nil {
		return nil, err
	}
	for c := range k.to.Graph.Stored() {
		if !c.ReadOnly && !k.to.Graph.Touches(c.Name) && !slices.Contains(k.to.Graph.PrimaryKey, c.Name) {
			k.columns = append(k.columns, k.to.Columns[c.Name])
		}
	}
	k.others = k.uniques(k.to)
	given := make(map[structs.Row]bool, len(l.Rows))
	for _, row := range l.Rows {
		if !given[row] {
			given[row], k.given = true, append(k.given, row)
			k.saved.Add(row)
		}
	}
	if err := k.prepare(); err != nil {
		k.restore()
		return nil, err
	}
	return k, nil
}

// prepare gives the rows the owner's key, and what rules say, and refuses those that cannot be written.
func (k *syncing) prepare() error {
	scope, err := k.fix(k.to, k.to.Graph.Constants, byScope(k.to))
	if err != nil {
		return err
	}
	if field := k.rules.against(scope); field != nil && len(k.given) > 0 {
		return graph.Problemf(fault.ErrInvalidRow, "%s and %s say different things of column %q of a row, which no row has", k.rules.by, scope.by,
			field.Column)
	}
	unmarked, err := k.unmarked(k.to)
	if err != nil {
		return err
	}
	var keyed []structs.Row
	for i, row := range k.given {
		if err := k.own(row, scope, unmarked); err != nil {
			return graph.Problemf(fault.ErrInvalidRow, "row %d: %w", i+1, err)
		}
		if k.to.IsNew(row) {
			continue
		}
		if why := k.to.NoKey(k.key, row); why != "" {
			return graph.Problemf(fault.ErrInvalidRow, "row %d %s", i+1, why)
		}
		keyed = append(keyed, row)
	}
	places, err := k.told.Distinct(keyed)
	if err == nil && len(places) < len(keyed) {
		err = graph.Problemf(fault.ErrInvalidRow, "two rows have the same primary key; which of them is meant is not known")
	}
	k.rows = nil
	for _, i := range places {
		k.rows = append(k.rows, keyed[i])
	}
	return err
}

// own makes a row one of the owner's.
func (k *syncing) own(row structs.Row, scope, unmarked fixed) error {
	if err := scope.fits(row); err != nil { // what no Move changes is told as it is
		return err
	}
	free := k.free(row)
	for _, f := range k.fields {
		switch {
		case f.IsZero(row):
			_ = f.Assign(row, f, k.value) // the same field holds it
		case k.alike(f, row, k.value):
		case slices.Contains(k.to.Graph.PrimaryKey, f.Column):
			return changesKey(k.to, f)
		case free:
			_ = f.Assign(row, f, k.value)
		default:
			return graph.Problemf(fault.ErrInvalidRow, "column %q points at another owner; make it zero to have it filled, and use Move to take the row "+
				"from there", f.Column)
		}
	}
	for _, f := range []fixed{k.rules, scope} {
		if err := f.fill(row); err != nil {
			return err
		}
	}
	if err := unmarked.check(row); err != nil {
		return err
	}
	all := func(*structs.Field) bool { return true }
	if err := checkTypes(k.to, row, all); err != nil {
		return err
	}
	if err := numbered(k.to, row, all); err != nil {
		return err
	}
	if err := k.storedGuards(k.to, guarded(k.to, anyColumn), row); err != nil {
		return err
	}
	return k.keeps(k.to, slices.DeleteFunc(slices.Clone(k.columns), func(f *structs.Field) bool { // an INSERT leaves them out
		return model.MadeByDatabase(k.to.Graph, f.Column) && f.IsZero(row)
	}), row)
}

// replace makes the rows the owner's. A unique key that is not declared is learned of when it refuses a change, and all is done
// again in the order that it needs.
func (k *syncing) replace() (Diff, error) {
	outside, began := k.writing, k.began
	for {
		d, err := allOrNone(k.linking, k.replaced)
		if err == nil {
			return d, nil
		}
		key, refused := refusedKey(err)
		if !refused || !learned(&k.others, key) {
			return d, err
		}
		k.restore()
		k.writing, k.began = outside, began
		if err := k.prepare(); err != nil {
			return d, &fault.QueryError{Op: k.op, Err: err}
		}
	}
}

func (k *syncing) replaced() (Diff, error) {
	if err := k.lockOwner(); err != nil {
		return Diff{}, err
	}
	q, err := k.mineOrTheirs()
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	var all []string
	for c := range k.to.Graph.Stored() {
		all = append(all, c.Name)
	}
	there, err := k.read(q.Columns(all...).OrderBy(model.ColumnNames(k.key)...), k.lock())
	if err != nil {
		return Diff{}, err
	}
	set, err := k.compared(there)
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	if err := k.unseen(set.missing); err != nil {
		return Diff{}, err
	}
	return set.diff, k.write(set, there)
}

// syncSet is what has to be done for the rows to be the given ones.
type syncSet struct {
	diff    Diff
	changes []*rowChange
	missing []structs.Row // to be inserted, in the order of the call
}

// compared compares the rows that are there with those that are given.
func (k *syncing) compared(there []structs.Row) (s syncSet, err error) {
	if k.told, err = k.linking.key(k.to, k.key, slices.Concat(k.rows, there)...); err != nil {
		return s, err
	}
	held := map[string]structs.Row{}
	for _, row := range there {
		text, err := k.told.Text(row)
		if err != nil {
			return s, err
		}
		held[text] = row
	}
	found := map[structs.Row]structs.Row{} // by what is given
	for _, row := range k.rows {
		text, err := k.told.Text(row)
		if err != nil {
			return s, err
		}
		if found[row] = held[text]; found[row] == nil {
			continue
		}
		delete(held, text)
		if err := k.compare(&s, found[row], row); err != nil {
			return s, err
		}
	}
	for _, row := range there {
		text, err := k.told.Text(row)
		if err != nil {
			return s, err
		}
		if held[text] != nil && k.linked(row) {
			s.diff.Removed = append(s.diff.Removed, k.bare(row))
		}
	}
	gone := 0
	for _, row := range k.given {
		switch {
		case found[row] != nil:
		case !k.to.IsNew(row) && k.numbersKeys():
			gone++
		default:
			s.missing = append(s.missing, row)
		}
	}
	s.diff.Added = append(s.diff.Added, s.missing...)
	if gone > 0 {
		rows, are := lacking(gone, len(k.given), k.to.Graph)
		return s, graph.Problemf(fault.ErrNoRows, "%s %s a key that the database makes, and %s not there%s; make the key zero to have a row "+
			"inserted", rows, hasOf(gone), are, k.orOut(k.to))
	}
	return s, nil
}

// numbersKeys reports whether the database makes the keys of rows, so that one that is given is of a row that was there.
func (k *syncing) numbersKeys() bool {
	made := func(f *structs.Field) bool { return model.MadeByDatabase(k.to.Graph, f.Column) }
	identity, numbered := k.to.Graph.Identity()
	return numbered && slices.Contains(k.to.Graph.PrimaryKey, identity.Name) ||
		!slices.ContainsFunc(k.key, func(f *structs.Field) bool { return !made(f) })
}

// compare compares a row that is there with what is given.
func (k *syncing) compare(s *syncSet, held, given structs.Row) error {
	if k.keyed(held) { // by another relation, if the rules say otherwise
		if err := k.rules.checkHeld(held); err != nil {
			return err
		}
	}
	linked := k.linked(held)
	if !linked {
		if err := k.takes(held); err != nil {
			return err
		}
		s.diff.Added = append(s.diff.Added, given)
	}
	var differ []*structs.Field
	for _, f := range k.columns {
		if linked && slices.Contains(k.fields, f) { // which own has compared
			continue
		}
		if same, err := k.sameStored(k.to, f, held, given); err != nil {
			return err
		} else if !same {
			differ = append(differ, f)
		}
	}
	if len(differ) == 0 {
		for c := range k.to.Graph.Stored() {
			if f := k.to.Columns[c.Name]; c.ReadOnly || k.to.Graph.Touches(c.Name) {
				f.Copy(given, held)
			}
		}
		return nil
	}
	if err := k.keeps(k.to, differ, given); err != nil {
		return err
	}
	if linked {
		s.diff.Changed = append(s.diff.Changed, given)
	}
	s.changes = append(s.changes, &rowChange{held: held, wanted: given, payload: differ})
	return nil
}

// unseen refuses rows that would be inserted and are there, out of the scopes of their table.
func (k *syncing) unseen(missing []structs.Row) error {
	names := k.registry.Rules.Hiding(k.to.Graph, model.ColumnNames(k.key))
	missing = slices.DeleteFunc(slices.Clone(missing), k.to.IsNew)
	if len(missing) == 0 || len(names) == 0 {
		return nil
	}
	is, err := k.among(k.to, k.key, missing)
	if err != nil {
		return query.Failure(k.op, err)
	}
	found, err := k.read(query.Select(k.to).Filtered(is).Columns(model.ColumnNames(k.key)...).Unscoped(names), "")
	if err == nil && len(found) > 0 {
		back := "change what keeps them out by Update with Unscoped"
		if k.to.Graph.SoftDelete != "" {
			back = "bring back by RestoreRows those that are marked as deleted"
		}
		rows, are := lacking(len(found), len(missing), k.to.Graph)
		err = &fault.QueryError{Op: k.op, Err: graph.Problemf(fault.ErrInvalidRow, "%s with given keys %s out of its Scope (%s); leave out what is, or %s",
			rows, are, strings.Join(names, ", "), back)}
	}
	return err
}

// write removes rows, changes those that stay, and inserts those that are missing. A row that is to point at one of those by its key is changed
// afterwards.
func (k *syncing) write(s syncSet, there []structs.Row) error {
	var b syncBatch
	if len(s.diff.Removed) > 0 {
		q, err := k.theirs(s.diff.Removed)
		if err != nil {
			return query.Failure(k.op, err)
		}
		if q, err = k.except(q, k.key, slices.DeleteFunc(slices.Clone(s.missing), k.to.IsNew)); err != nil {
			return query.Failure(k.op, err)
		}
		parted, err := k.parted(q)
		if err != nil {
			return query.Failure(k.op, err)
		}
		parted.want = int64(len(s.diff.Removed))
		if parted.remove != nil {
			if err := k.takeAll([]step{parted}, k.to.Graph); err != nil {
				return err
			}
		} else {
			parted.stmt.Exec = true
			b.add(parted.stmt, func(rows dialect.Rows) error {
				n, err := affected(rows)
				if err != nil {
					return err
				}
				return wrote(n, parted.want, k.to.Graph)
			})
		}
	}
	order, err := k.change(&b, s, there)
	if err != nil {
		return query.Failure(k.op, err)
	}
	if err := k.sendAll(&b); err != nil {
		return err
	}
	if err := k.insert(s.missing); err != nil {
		return err
	}
	b = syncBatch{}
	if err := order.rest(s.changes); err != nil {
		return query.Failure(k.op, err)
	}
	if err := k.sendAll(&b); err != nil {
		return err
	}
	var changed []structs.Row
	for _, c := range s.changes {
		changed = append(changed, c.wanted)
	}
	return k.guard(k.to, guarded(k.to, anyColumn), changed)
}

// syncBatch is statements about rows of one table, each with what is done with its rows.
type syncBatch struct {
	stmts []dialect.Statement
	reads []func(dialect.Rows) error
}

func (b *syncBatch) add(stmt dialect.Statement, read func(dialect.Rows) error) {
	b.stmts, b.reads = append(b.stmts, stmt), append(b.reads, read)
}

func (b *syncBatch) send(w writing, t *graph.Table) error {
	if len(b.stmts) == 0 {
		return nil
	}
	for i := range b.stmts {
		b.stmts[i].Op, b.stmts[i].Table = w.op, t.Name
	}
	return w.send(b.stmts, slices.Repeat([]*graph.Table{t}, len(b.stmts)), func(i int, rows dialect.Rows) error { return b.reads[i](rows) })
}

func (k *syncing) sendAll(b *syncBatch) error {
	err := b.send(k.writing, k.to.Graph)
	k.checkOfAside(err, k.to.Graph)
	return err
}

// change adds the UPDATEs of rows, but of those that point at rows which are to be inserted; they are the rest of the order.
func (k *syncing) change(b *syncBatch, s syncSet, there []structs.Row) (*turns, error) {
	within, err := k.scope(k.to)
	if err != nil {
		return nil, err
	}
	d, t := k.db.Dialect(), k.to.Graph
	o := &turns{linking: k.linking, t: k.to, taken: slices.Concat(there, k.given)}
	o.update = func(c *rowChange, set []*structs.Field, values structs.Row) error {
		s := &save{rowRead: rowRead{w: k.writing, t: k.to, row: c.wanted}}
		final := values == c.wanted // and not a step aside
		if final {
			if err := s.columns(model.ColumnNames(set)); err != nil {
				return err
			}
		} else {
			s.set, s.where = set, t.PrimaryKey
		}
		stmt, err := compile.Row{Table: t, Where: s.where, Scope: within, Aside: !final}.Update(model.ColumnNames(s.set), model.ColumnNames(s.back), d)
		if err != nil {
			return err
		}
		args := stmt.With(appendGiven(nil, d, t, set, values), appendTold(nil, d, t, k.key, c.held))
		if final {
			args, err = s.args(d, stmt)
		}
		b.add(dialect.Statement{SQL: stmt.SQL, Args: args, Exec: len(s.back) == 0}, s.read)
		return err
	}
	k.behind(k.to, s.changes, s.missing)
	if err := o.all(k.others, s.changes); err != nil {
		return nil, err
	}
	return o, o.makeRoom(s.missing)
}

// insert inserts rows as Insert does. The owner's key is in them.
func (k *syncing) insert(rows []structs.Row) error {
	if len(rows) == 0 {
		return nil
	}
	u := &unit{writing: k.writing}
	if err := u.gather(rows, &branch{table: k.to}); err != nil {
		return &fault.QueryError{Op: k.op, Err: err}
	}
	for _, n := range u.nodes {
		n.fillAll(k.fields)
		n.fillAll(k.rules.columns())
	}
	return u.insertWithin()
}

func (k *syncing) apply() {}

func (k *syncing) restore() {
	k.saved.Restore()
}

package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// ROUNDED KEYS: a column may store another key than it is given, which is then not the one that the row in hand is told by.

// stored refuses rows that have a key in one of the fields, of a table, that its column would store as another. The database is asked what
// its columns keep only where there are columns that would.
func (w writing) stored(t *model.Table, fields []*structs.Field, rows ...structs.Row) error {
	for _, f := range fields {
		if err := w.storedIn(t, f, f, rows); err != nil {
			return err
		}
	}
	return nil
}

// storedIn refuses rows that have a value in a field which the column of another, or the same, would store as another one.
func (w writing) storedIn(t *model.Table, column, f *structs.Field, rows []structs.Row) error {
	if load.EqualInGo(column.Key) || t.Graph.Query != "" {
		return nil
	}
	var is string
	var err error
	switch by := w.db.Dialect().(type) {
	case dialect.Rounding:
		is, err = w.rounds(by, t, column, f, rows)
	case dialect.Timed:
		is, err = w.spellsLess(by, t, column, f, rows)
	}
	if err == nil && is != "" {
		err = graph.Problemf(fault.ErrArgType, "column %q of %q %s and would store the key that is given as another, by which the row would not be told; "+
			"give the key as the column stores it", column.Column, t.Graph.Name, is)
	}
	return err
}

// rounds says what a column is that would store the value that a field has in one of the rows as another one; empty: it would not.
func (w writing) rounds(by dialect.Rounding, t *model.Table, column, f *structs.Field, rows []structs.Row) (is string, err error) {
	ref := compile.ColumnOf(t.Graph, column.Column)
	typ, known := w.db.Catalog().KeyType(ref)
	if c, ok := t.Graph.Column(column.Column); ok && !known {
		typ.SQL = c.SQLType
	}
	rounded := func(row structs.Row) bool { return f.Rounded(by.Precision(typ), row) }
	if !slices.ContainsFunc(rows, func(row structs.Row) bool { return rounded(row) || !known && f.MayBeRounded(row) }) {
		return "", nil
	}
	w.db.Catalog().Forget(ref) // it may keep more by now
	if err := load.LearnKeyTypes(w.ctx, w.db, w.registry, []dialect.ColumnRef{ref}); err != nil {
		return "", err
	}
	if typ, known = w.db.Catalog().KeyType(ref); !known || !slices.ContainsFunc(rows, rounded) {
		return "", nil
	}
	return "is " + typ.Stored, nil
}

// spellsLess says of a column whose rows spell times that they do not spell all of one that a field has in one of the rows; empty: they do.
// Times of whole minutes are in all spellings.
func (w writing) spellsLess(by dialect.Timed, t *model.Table, column, f *structs.Field, rows []structs.Row) (is string, err error) {
	var times []any
	for _, row := range rows {
		if f.HasSeconds(row) {
			times = append(times, f.Value(row))
		}
	}
	if len(times) == 0 {
		return "", nil
	}
	stmt := by.TimesKept(compile.ColumnOf(t.Graph, column.Column), times)
	stmt.Op = w.op
	err = w.send([]dialect.Statement{stmt}, []*graph.Table{t.Graph}, func(_ int, found dialect.Rows) error {
		var kept int64
		for found.Next() {
			if err := found.Scan(&kept); err != nil {
				return err
			}
		}
		if kept == 0 {
			is = "has rows that spell times with less of them"
		}
		return found.Err()
	})
	return is, err
}

// storedPairs is stored for keys that a row of a table holds of other rows: its own columns keep them, and those that they point at.
func (w writing) storedPairs(t *model.Table, pairs []model.FieldPair, row structs.Row) error {
	for _, p := range pairs {
		if p.To == nil || load.EqualInGo(p.Referenced.Key) {
			continue
		}
		rows := []structs.Row{row}
		if err := w.storedIn(t, p.Holder, p.Holder, rows); err != nil {
			return err
		}
		if err := w.storedIn(p.To, p.Referenced, p.Holder, rows); err != nil {
			return err
		}
	}
	return nil
}

// storedGuards is stored for keys that are looked along when the rows have been written.
func (w writing) storedGuards(t *model.Table, keys []*graph.ForeignKey, rows ...structs.Row) error {
	for _, k := range keys {
		if err := w.stored(t, t.FieldsOf(k.Columns), rows...); err != nil {
			return err
		}
	}
	return nil
}

// storedEnds is stored for the rows of a call that links: they are told by their keys, and links hold those.
func (l *linking) storedEnds() error {
	if err := l.stored(l.from, l.ownerKey(), l.Owner); err != nil {
		return err
	}
	return l.stored(l.to, l.rowKey(), l.Rows...)
}

// storedNodes is stored for the rows of an insertion, whose keys others take, and by whose keys it may be told which of them comes back.
func (u *unit) storedNodes() error {
	for _, n := range u.nodes {
		err := u.storedPairs(n.table, n.filled(), n.row)
		for _, i := range n.needs {
			if err == nil {
				err = u.storedPairs(n.table, u.needs[i].pairs, n.row)
			}
		}
		key := n.table.KeyFields()
		if err == nil && slices.ContainsFunc(key, func(f *structs.Field) bool { return !load.EqualInGo(f.Key) && f.MayBeRounded(n.row) }) {
			if job := u.jobOf(n); job.match == matchKey && len(job.back) > 0 {
				err = u.stored(n.table, key, n.row)
			}
		}
		if err != nil {
			return &fault.QueryError{Op: u.op, Path: n.branch.path, Err: err}
		}
	}
	for _, g := range u.guards(true) {
		if err := u.storedGuards(g.table, g.keys, g.rows...); err != nil {
			return &fault.QueryError{Op: u.op, Err: err}
		}
	}
	return nil
}

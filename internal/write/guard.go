package write

import (
	"fmt"
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

// GUARD: when rows have been written, and before that is committed, it is made sure that they point where the declarations say, as far
// as no constraint of the database does: at a row that is there (Enforced), and not at one below themselves (Acyclic).

// guarded returns the keys of the table that are guarded, and that something written to the columns may have changed.
func guarded(t *model.Table, written func(column string) bool) []*graph.ForeignKey {
	return slices.DeleteFunc(slices.Clone(t.Graph.Guarded()), func(k *graph.ForeignKey) bool { return !slices.ContainsFunc(k.Holds(), written) })
}

func anyColumn(string) bool { return true }

// whole refuses to write some of the columns of a key where it is not known what rows that are there have in the others, and so what they
// point at.
func whole(keys []*graph.ForeignKey, known func(column string) bool) error {
	for _, k := range keys {
		if holds := k.Holds(); slices.ContainsFunc(holds, func(c string) bool { return !known(c) }) {
			return graph.Problemf(fault.ErrInvalidQuery, "relation %q looks where its rows point, which takes columns %s together; write all of them", k.Guard.String(),
				graph.QuoteAll(holds))
		}
	}
	return nil
}

// guard makes sure of keys of rows, which have been written as they are in hand.
func (w writing) guard(t *model.Table, keys []*graph.ForeignKey, rows []structs.Row) error {
	for _, k := range keys {
		pointing, err := w.pointingAlong(t, k, rows)
		if err == nil && len(pointing) > 0 && k.Enforced {
			err = w.pointAtRows(t, k, pointing)
		}
		if err == nil && len(pointing) > 0 && k.Acyclic {
			err = w.belowNoneOf(t, k, pointing)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pointingAlong returns those of the rows that point at one by the key, one for each that is pointed at.
func (w writing) pointingAlong(t *model.Table, k *graph.ForeignKey, rows []structs.Row) ([]structs.Row, error) {
	fields := t.FieldsOf(k.Columns)
	is, typed := k.Type()
	var pointing []structs.Row
	for _, row := range rows {
		if typed {
			reader := t.TypeReader(is.Column)
			if ok, err := reader.Read(row); err != nil || !ok || !reader.Is(is.Value) {
				continue // checkTypes has looked at it
			}
		}
		null := slices.ContainsFunc(fields, func(f *structs.Field) bool {
			ok, err := f.AppendKey(&dialect.Keys{Kind: dialect.KeyOther}, row)
			return err == nil && !ok
		})
		if !null {
			pointing = append(pointing, row)
		}
	}
	key, err := w.key(t, fields, pointing...)
	if err != nil || len(pointing) == 0 {
		return nil, err
	}
	places, err := key.Distinct(pointing)
	each := make([]structs.Row, len(places))
	for i, at := range places {
		each[i] = pointing[at]
	}
	return each, err
}

// pointAtRows makes sure that the rows point at rows that are there, within the scopes of their table, and locks those against a delete.
func (w writing) pointAtRows(t *model.Table, k *graph.ForeignKey, rows []structs.Row) error {
	to := w.registry.TableOf(k.References)
	key, held, slab := to.FieldsOf(k.Referenced), t.FieldsOf(k.Columns), structs.NewSlab(to.Layout, len(rows))
	wanted := make([]structs.Row, 0, len(rows))
	for _, row := range rows {
		one, spelled := slab.New(), true
		for i, f := range key {
			spelled = spelled && f.Assign(one, held[i], row) == nil
		}
		if spelled { // what spells no key points at no row
			wanted = append(wanted, one)
		}
	}
	if len(wanted) == 0 {
		return w.absent(t, to, k, len(rows), len(rows))
	}
	is, err := w.among(to, key, wanted)
	if err != nil {
		return query.Failure(w.op, err)
	}
	names := model.ColumnNames(key)
	q := query.Select(to).Columns(names...).Filtered(is)
	if w.db.Dialect().Features().RowLocks {
		q = q.OrderBy(names...).Lock("Enforced", kept(to))
	}
	p, err := load.Compile(q.Asked(), "check", w.db.Dialect(), nil)
	if err != nil {
		return err
	}
	p.Op = w.op
	found, err := p.Load(w.ctx, w.db, p.Scan())
	if err == nil && len(found) < len(rows) {
		err = w.absent(t, to, k, len(rows)-len(found), len(rows))
	}
	return err
}

// absent is the error of rows that are pointed at and are not there.
func (w writing) absent(t, to *model.Table, k *graph.ForeignKey, n, of int) error {
	is, _ := k.Type()
	rows, are := lacking(n, of, to.Graph)
	return &fault.QueryError{Op: w.op, Path: k.Guard.String(), Err: graph.Problemf(fault.ErrNoRows, "%s that rows of %q with the %s %q point at %s not there%s; "+
		"insert what is pointed at first", rows, t.Graph.Name, is.Column, fmt.Sprint(is.Value), are, w.orOut(to))}
}

// guardedSet is what an UPDATE sets of guarded keys.
type guardedSet struct {
	keys []*graph.ForeignKey // none: there is nothing to make sure of
	row  structs.Row         // that has what is set
	part bool                // rows keep what they have in a column of a key, as that of a tenant
}

// columns returns those of the keys, each once.
func (s guardedSet) columns() []string {
	var columns []string
	for _, k := range s.keys {
		for _, c := range k.Holds() {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	return columns
}

// rows returns those that tell what the rows point at which were changed.
func (s guardedSet) rows(changed []structs.Row) []structs.Row {
	if s.part {
		return changed
	}
	return []structs.Row{s.row}
}

// guardSet finds what an UPDATE sets of guarded keys.
func (w writing) guardSet(t *model.Table, set []plan.SetClause) (s guardedSet, err error) {
	clause := func(column string) int {
		return slices.IndexFunc(set, func(c plan.SetClause) bool { return c.Column == column })
	}
	written := func(column string) bool { return clause(column) >= 0 }
	keys := slices.DeleteFunc(guarded(t, written), func(k *graph.ForeignKey) bool { // that points at nothing then
		return slices.ContainsFunc(k.Holds(), func(c string) bool { i := clause(c); return i >= 0 && set[i].Expr == nil && set[i].Value.Null })
	})
	if len(keys) == 0 {
		return s, nil
	}
	s = guardedSet{keys: keys, row: structs.NewSlab(t.Layout, 1).New()}
	for _, k := range keys {
		if _, typed := k.Type(); typed {
			if err := whole([]*graph.ForeignKey{k}, written); err != nil {
				return s, err
			}
		}
		for _, column := range k.Holds() {
			if !written(column) {
				s.part = true
				continue
			}
			c := set[clause(column)]
			if c.Expr != nil {
				return s, graph.Problemf(fault.ErrUnsupported, "relation %q looks where its rows point, and column %q is set by an expression, whose value "+
					"the database alone knows; give a value, or Save the rows", k.Guard.String(), column)
			}
			values, err := query.ValuesIn(w.ctx, []any{c.Value.Arg})
			if err == nil {
				err = t.SetValue(t.Columns[column], s.row, values[0])
			}
			if err != nil {
				return s, err
			}
		}
	}
	return s, w.storedGuards(t, keys, s.row)
}

// guardedRows are rows of a table that are inserted, and what is made sure of.
type guardedRows struct {
	table *model.Table
	keys  []*graph.ForeignKey
	rows  []structs.Row
}

// guards returns what has to be made sure of when the rows are there. Nothing lies below a row whose key the database is to make, unless
// some are told what they point at only afterwards.
func (u *unit) guards(postponed bool) []guardedRows {
	var all []guardedRows
	for _, n := range u.nodes {
		for _, k := range guarded(n.table, anyColumn) {
			isMade := func(f *structs.Field) bool { return f.IsZero(n.row) && model.MadeByDatabase(n.table.Graph, f.Column) }
			if k.Acyclic && !postponed && slices.ContainsFunc(n.table.FieldsOf(k.Referenced), isMade) {
				continue
			}
			i := slices.IndexFunc(all, func(g guardedRows) bool { return g.table == n.table && g.keys[0] == k })
			if i < 0 {
				i = len(all)
				all = append(all, guardedRows{table: n.table, keys: []*graph.ForeignKey{k}})
			}
			all[i].rows = append(all[i].rows, n.row)
		}
	}
	return all
}

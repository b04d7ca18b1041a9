package write

import (
	"context"
	"fmt"
	"slices"
	"strconv"
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

// SAVE ALL: rows in hand, each with values of its own, by few statements.

// SaveAll writes the named columns of rows in hand, all or none.
func SaveAll(ctx context.Context, db dialect.DB, q *query.Query, rows []structs.Row, columns []string) error {
	w, t, err := ofTable(ctx, db, "save", q)
	if err != nil {
		return err
	}
	a := &saveAll{save: save{rowRead: rowRead{w: w, t: t}}}
	if err := a.prepare(rows, columns); err != nil {
		return &fault.QueryError{Op: w.op, Err: err}
	}
	switch len(a.rows) {
	case 0:
		return nil
	case 1:
		a.row = a.rows[0]
		return a.one()
	}
	return a.all()
}

// saveAll is rows that are written. Its row is the one at hand.
type saveAll struct {
	save
	rows   []structs.Row // in the order of their keys
	within []plan.Expr
	types  []dialect.KeyType // of what is set, and of what tells the rows
	given  []structs.Row     // in their order
	found  map[structs.Row]bool
}

// prepare refuses rows that Save would refuse, and those of which nobody knows which is meant.
func (a *saveAll) prepare(rows []structs.Row, columns []string) error {
	held, err := a.asked("SaveAll", columns)
	if err != nil {
		return err
	}
	if len(a.t.Graph.PrimaryKey) == 0 {
		return keyless(a.t)
	}
	key := a.t.KeyFields()
	a.given, a.found = rows, map[structs.Row]bool{}
	for i, row := range rows {
		if row == nil {
			return graph.Problemf(fault.ErrInvalidRow, "row %d is nil", i+1)
		}
		if why := a.t.NoKey(key, row); why != "" {
			return graph.Problemf(fault.ErrInvalidRow, "row %d %s", i+1, why)
		}
		a.row = row
		if err := a.checked(held); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	told, err := a.w.key(a.t, key, rows...)
	if err != nil {
		return err
	}
	places, err := told.Distinct(rows)
	if err == nil && len(places) < len(rows) {
		err = graph.Problemf(fault.ErrInvalidRow, "two rows have the same primary key; give one of them")
	}
	for _, at := range places {
		a.rows = append(a.rows, rows[at])
	}
	return err
}

// all writes the rows in one transaction.
func (a *saveAll) all() (err error) {
	if a.within, err = a.w.scope(a.t); err == nil {
		err = a.w.knownScopes(nil, a.t)
	}
	if err != nil {
		return query.Failure(a.w.op, err)
	}
	if err := a.w.learnTypes(a.fields(), a.t); err != nil {
		return err
	}
	if err := a.w.stored(a.t, a.t.KeyFields(), a.rows...); err != nil { // the types are known
		return &fault.QueryError{Op: a.w.op, Err: err}
	}
	a.types = a.w.types(a.t, a.fields())
	saved := a.t.Layout.Save()
	if a.version != nil || len(a.back) > 0 {
		saved = a.t.Layout.Save(a.rows...)
	}
	done := false
	defer func() {
		if !done {
			saved.Restore()
		}
	}()
	err = a.w.inTx(func(w writing) error {
		a.w = w
		if err := a.run(); err != nil {
			return err
		}
		return w.guard(a.t, a.guards, a.rows)
	})
	done = err == nil
	a.w.forgetTypes(err, a.t)
	return err
}

// fields returns the fields of what is set, and then of what tells a row.
func (a *saveAll) fields() []*structs.Field { return slices.Concat(a.set, a.t.FieldsOf(a.where)) }

// run sends the statements.
func (a *saveAll) run() error {
	var b syncBatch
	together := a.together()
	elements, arrays := elementTypes(a.w.db.Dialect(), a.fields(), a.types)
	for left := a.rows; len(left) > 0; {
		var n int
		var err error
		switch {
		case !together:
			n, err = 1, a.addOne(&b, left[0])
		case arrays && len(left) > fewRows:
			n, err = a.addArrays(&b, left, elements)
		default:
			n = insertSize(len(left), len(a.types), a.w.db.Dialect().Features())
			err = a.addValues(&b, left[:n])
		}
		if err != nil {
			return query.Failure(a.w.op, err)
		}
		left = left[n:]
	}
	if err := b.send(a.w, a.t.Graph); err != nil {
		return err
	}
	if len(a.found) < len(a.rows) {
		return &fault.QueryError{Op: a.w.op, Err: a.gone()}
	}
	return nil
}

// together reports whether a statement may be about several rows: what comes back says which they are, by their positions or by keys
// that are equal in Go as they are in the database, and the types of the columns are known where values need them.
func (a *saveAll) together() bool {
	d := a.w.db.Dialect()
	_, typed := d.KeyTypes([]dialect.ColumnRef{compile.ColumnOf(a.t.Graph, a.where[0])})
	if typed && slices.ContainsFunc(a.types, func(t dialect.KeyType) bool { return t.SQL == "" }) {
		return false
	}
	return d.Features().JoinedReturning ||
		!slices.ContainsFunc(a.t.KeyFields(), func(f *structs.Field) bool { return !load.EqualInGo(f.Key) })
}

// gone is the error of rows that were not found.
func (a *saveAll) gone() error {
	t := a.t.Graph
	if a.version != nil {
		rows, are := lacking(len(a.rows)-len(a.found), len(a.rows), t)
		return graph.Problemf(fault.ErrStale, "%s %s not there, or not with the %q given%s: %s; read again", rows, are, t.Version, a.w.orOut(a.t),
			a.missing())
	}
	return graph.Problemf(fault.ErrNoRows, "%w: %s", a.w.notThere(a.t, len(a.found), len(a.rows)), a.missing())
}

// missing names the rows that were not found by their places in the call.
func (a *saveAll) missing() string {
	var numbers []string
	for i, row := range a.given {
		if !a.found[row] {
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	more := ""
	if n := len(numbers) - mostNamed; n > 0 {
		numbers, more = numbers[:mostNamed], fmt.Sprintf(" and %d more", n)
	}
	return "row " + strings.Join(numbers, ", ") + more
}

const mostNamed = 10 // rows in an error

// addOne adds the statement of one row.
func (a *saveAll) addOne(b *syncBatch, row structs.Row) error {
	told := compile.Row{Table: a.t.Graph, Where: a.where, Scope: a.within}
	stmt, err := told.Update(model.ColumnNames(a.set), model.ColumnNames(a.back), a.w.db.Dialect())
	if err != nil {
		return err
	}
	a.row = row
	args, err := a.args(a.w.db.Dialect(), stmt)
	one := a.rowRead
	b.add(dialect.Statement{SQL: stmt.SQL, Args: args, Exec: len(a.back) == 0}, func(rows dialect.Rows) error {
		n, err := one.scan(rows)
		if len(one.back) == 0 {
			n = rows.Affected()
		}
		if n > 0 {
			a.found[row] = true
		}
		if err == nil && n > 1 {
			err = a.tooMany()
		}
		return err
	})
	return err
}

func (a *saveAll) tooMany() error {
	return graph.Problemf(fault.ErrTooManyRows, "the primary key of %q tells several rows, and none was written; give the table a unique key, or "+
		"declare one that it has", a.t.Graph.Name)
}

// add adds the statement of several rows, with the arguments that are theirs.
func (a *saveAll) add(b *syncBatch, rows []structs.Row, given compile.Rows, args []any) error {
	given.Table, given.Set, given.Where, given.Scope = a.t.Graph, model.ColumnNames(a.set), a.where, a.within
	stmt, err := given.Update(model.ColumnNames(a.back), a.w.db.Dialect())
	b.add(dialect.Statement{SQL: stmt.SQL, Args: append(args, stmt.Args...)}, func(found dialect.Rows) error { return a.readAll(rows, found) })
	return err
}

func (a *saveAll) addValues(b *syncBatch, rows []structs.Row) error {
	var args []any
	for _, row := range rows {
		a.row = row
		set, told, err := a.values(a.w.db.Dialect())
		if err != nil {
			return err
		}
		args = append(append(args, set...), told...)
	}
	types := make([]string, len(a.types))
	for i, t := range a.types {
		types[i] = t.SQL
	}
	return a.add(b, rows, compile.Rows{N: len(rows), Types: types}, args)
}

func (a *saveAll) addArrays(b *syncBatch, rows []structs.Row, elements []string) (int, error) {
	fields, counted := a.fields(), len(a.set)-1 // where the version is set
	args, n, err := inArrays(a.w.db.Dialect(), len(fields), len(rows), func(i int, to []dialect.Elements) error {
		for n, f := range fields {
			if f == a.version && n == counted {
				continue // it is told by first, and then counted
			}
			if err := f.AddTo(to[n], rows[i]); err != nil {
				return notElement(err)
			}
		}
		if a.version == nil {
			return nil
		}
		if err := a.version.Increment(rows[i]); err != nil {
			return err
		}
		return a.version.AddTo(to[counted], rows[i])
	})
	if err != nil {
		return 0, err
	}
	return n, a.add(b, rows[:n], compile.Rows{Types: elements}, args)
}

// readAll reads what comes back of several rows.
func (a *saveAll) readAll(rows []structs.Row, found dialect.Rows) error {
	seen := make([]bool, len(rows))
	lead, place, err := a.places(rows)
	if err != nil {
		return err
	}
	dests := make([]any, len(lead)+len(a.back))
	for found.Next() {
		copy(dests, lead)
		clear(dests[len(lead):])
		if err := found.Scan(dests...); err != nil {
			return a.t.ScanFailed("", append(a.t.KeyFields(), a.back...), err)
		}
		at, ok := place()
		switch {
		case !ok || at < 0 || at >= len(rows):
			return graph.Problemf(fault.ErrInvalidRow, "the database changed the primary key of a row of %q; take away the trigger", a.t.Graph.Name)
		case seen[at]:
			return a.tooMany()
		}
		seen[at] = true
		a.found[rows[at]] = true
		if len(a.back) == 0 {
			continue
		}
		clear(dests)
		for i, f := range a.back {
			dests[len(lead)+i] = f.Dest(rows[at])
		}
		if err := found.Scan(dests...); err != nil {
			return a.t.ScanFailed("", append(make([]*structs.Field, len(lead)), a.back...), err)
		}
	}
	return found.Err()
}

// places returns where the first columns that come back are scanned to, and what they tell: which of the rows it is.
func (a *saveAll) places(rows []structs.Row) (dests []any, place func() (int, bool), err error) {
	if a.w.db.Dialect().Features().JoinedReturning {
		var ord int64
		return []any{&ord}, func() (int, bool) { return int(ord) - 1, true }, nil
	}
	keys, err := newKeyPlaces(load.KeyOf(a.w.db, a.t, a.t.KeyFields()), len(rows), func(i int) structs.Row { return rows[i] })
	if err != nil {
		return nil, nil, err
	}
	return keys.dests(), keys.scanned, nil
}

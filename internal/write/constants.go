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

// CONSTANTS: what the rules of relations and the scopes of tables say of columns is filled in rows that are written, and compared
// in those that are there.

// fixed are columns of a table with the values that they must have.
type fixed struct {
	t      *model.Table
	fields []*structs.Field
	value  structs.Row      // a row that has the values
	nulls  []*structs.Field // those that must be NULL
	by     saidBy           // what says so, for messages
	w      writing          // that they are read in; without a database where structs alone are changed
}

// same reports whether two rows have the same in a field, as far as it is known how the database compares.
func (f fixed) same(field *structs.Field, a, b structs.Row) bool {
	return f.t.SameValue(field, a, b) || f.w.db != nil && load.KeyOf(f.w.db, f.t, []*structs.Field{field}).Same(a, b)
}

// fix reads the constants with the values that the context gives.
func (w writing) fix(t *model.Table, constants []graph.Constant, by saidBy) (fixed, error) {
	f := fixed{t: t, by: by, w: w}
	for _, c := range constants {
		field := t.Columns[c.Column]
		if col, ok := t.Graph.Column(c.Column); !ok || col.ReadOnly {
			continue // the database makes it
		}
		if c.Value == nil {
			if slices.Contains(f.fields, field) {
				return f, twoValues(t, c, by)
			}
			f.nulls = append(f.nulls, field)
			continue
		}
		if f.value == nil {
			f.value = structs.NewSlab(t.Layout, 1).New()
		}
		values, err := query.ValuesIn(w.ctx, []any{c.Value})
		if err != nil {
			return f, graph.Problemf(fault.ErrInvalidRow, "%s gives column %q of %q a value: %w", by, c.Column, t.Graph.Name, err)
		}
		given := structs.NewSlab(t.Layout, 1).New()
		if err := t.SetValue(field, given, values[0]); err != nil {
			return f, graph.Problemf(fault.ErrInvalidRow, "%s gives column %q of %q a value: %w", by, c.Column, t.Graph.Name, err)
		}
		if slices.Contains(f.nulls, field) || slices.Contains(f.fields, field) && !f.same(field, given, f.value) {
			return f, twoValues(t, c, by)
		}
		_ = field.Assign(f.value, field, given) // the same field holds it
		f.fields = append(f.fields, field)
	}
	return f, nil
}

func twoValues(t *model.Table, c graph.Constant, by saidBy) error {
	return graph.Problemf(fault.ErrInvalidRow, "%s gives column %q of %q two values, which no row has", by, c.Column, t.Graph.Name)
}

// against returns a column of which the two say different things; nil if there is none.
func (f fixed) against(other fixed) *structs.Field {
	for _, field := range f.columns() {
		null, value := slices.Contains(other.nulls, field), slices.Contains(other.fields, field)
		isNull := slices.Contains(f.nulls, field)
		if null && !isNull || value && (isNull || !f.same(field, f.value, other.value)) {
			return field
		}
	}
	return nil
}

// fits refuses a row that has other values, once it is known how the database compares them.
func (f fixed) fits(row structs.Row) error {
	err := f.check(row)
	if err != nil && f.w.db != nil { // which may be one that is not yet known to be the same
		if _, failed := f.w.key(f.t, f.fields, row, f.value); failed != nil {
			return failed
		}
		err = f.check(row)
	}
	return err
}

// fill gives a row the values where it has none. It is an error for it to have others.
func (f fixed) fill(row structs.Row) error {
	if err := f.fits(row); err != nil {
		return err
	}
	for _, field := range f.fields {
		if field.IsZero(row) {
			_ = field.Assign(row, field, f.value) // the same field holds it
		}
	}
	return nil
}

// check refuses a row that has other values. Zero is none.
func (f fixed) check(row structs.Row) error {
	switch field, isNull := f.other(row); {
	case field == nil:
		return nil
	case isNull:
		return graph.Problemf(fault.ErrInvalidRow, "%s says that column %q of a row of %q is NULL, and the row has a value; make it NULL, or "+
			"leave the row out", f.by, field.Column, f.t.Graph.Name)
	default:
		return graph.Problemf(fault.ErrInvalidRow, "%s says what column %q of a row of %q is, and the row has another value; make it zero to "+
			"have it filled, or leave the row out", f.by, field.Column, f.t.Graph.Name)
	}
}

// checkHeld is check for a row as the database has it.
func (f fixed) checkHeld(row structs.Row) error {
	field, isNull := f.other(row)
	if field == nil {
		return nil
	}
	is := "what column %q of a row of %q is, and the row in the database has another value"
	if isNull {
		is = "that column %q of a row of %q is NULL, and the row in the database has a value"
	}
	return graph.Problemf(fault.ErrInvalidRow, "%s says "+is+"; change that by Update first, or leave the row out", f.by, field.Column, f.t.Graph.Name)
}

// other returns a field in which the row has another value, and whether it must be NULL.
func (f fixed) other(row structs.Row) (field *structs.Field, isNull bool) {
	for _, field := range f.fields {
		if !field.IsZero(row) && !f.same(field, row, f.value) {
			return field, false
		}
	}
	for _, field := range f.nulls {
		if ok, err := field.AppendKey(&dialect.Keys{Kind: dialect.KeyOther}, row); ok && err == nil {
			return field, true
		}
	}
	return nil, false
}

// met reports whether a row has the values.
func (f fixed) met(row structs.Row) bool {
	return f.check(row) == nil && !slices.ContainsFunc(f.fields, func(field *structs.Field) bool { return !f.same(field, row, f.value) })
}

// columns returns all the columns.
func (f fixed) columns() []*structs.Field { return slices.Concat(f.fields, f.nulls) }

// saidBy is what says what columns have: a relation, or else the scopes of a table.
type saidBy struct {
	relation *graph.Relation
	table    *graph.Table
}

func byRelation(r *graph.Relation) saidBy { return saidBy{relation: r} }

func byScope(t *model.Table) saidBy { return saidBy{table: t.Graph} }

// String says it in messages.
func (by saidBy) String() string {
	if by.relation != nil {
		return graph.Textf("relation %q", by.relation)
	}
	return graph.Textf("the Scope of %q", by.table.Name)
}

// are is the condition that columns have the values of constants.
func are(constants []graph.Constant) plan.Expr {
	all := make(plan.And, 0, len(constants))
	for _, c := range constants {
		col := plan.Ref{Name: c.Column}
		if c.Value == nil {
			all = append(all, &plan.IsNull{Col: col})
			continue
		}
		all = append(all, &plan.Compare{Col: col, Op: "=", Arg: c.Value, Class: c.Class})
	}
	return all
}

// farKey returns the fields by which the relation's key tells a related row.
func farKey(registry *model.Registry, r *graph.Relation) []*structs.Field {
	t := registry.TableOf(r.Related)
	var fields []*structs.Field
	for _, on := range r.Steps[len(r.Steps)-1].On {
		fields = append(fields, t.Columns[on.To])
	}
	return fields
}

// meeting reads which of the rows, which are there, are within the scopes of their table and have what the relation's rules demand of a
// related row. stay: those that could be marked as deleted are locked, so that nobody does before the commit.
func (w writing) meeting(r *graph.Relation, rows []structs.Row, stay bool) ([]structs.Row, error) {
	t, key := w.registry.TableOf(r.Related), farKey(w.registry, r)
	is, err := w.among(t, key, rows)
	if err != nil {
		return nil, query.Failure(w.op, err)
	}
	q := query.Select(t).Columns(model.ColumnNames(key)...).Filtered(is)
	if stay && t.Graph.SoftDelete != "" && w.db.Dialect().Features().RowLocks {
		q = q.OrderBy(model.ColumnNames(key)...).Lock("Link", kept(t))
	}
	if own := r.Rules.Own; len(own) > 0 {
		q = q.Filtered(are(own))
	}
	p, err := load.Compile(q.Asked(), "check", w.db.Dialect(), nil)
	if err != nil {
		return nil, err
	}
	p.Op = w.op
	return p.Load(w.ctx, w.db, p.Scan())
}

// looksFar reports whether checkFar looks for rows: their keys do not say whether they may be linked.
func (w writing) looksFar(r *graph.Relation) bool {
	return len(r.Rules.Own) > 0 || w.scoped(w.registry.TableOf(r.Related))
}

// checkFar refuses rows that are there, and are not written to, if they are out of the scopes of their table or without what the
// relation's rules demand of a related row.
func (w writing) checkFar(r *graph.Relation, rows []structs.Row) error {
	if len(rows) == 0 || !w.looksFar(r) {
		return nil
	}
	key, err := w.key(w.registry.TableOf(r.Related), farKey(w.registry, r), rows...)
	if err != nil {
		return query.Failure(w.op, err)
	}
	places, err := key.Distinct(rows)
	if err != nil {
		return &fault.QueryError{Op: w.op, Err: err}
	}
	found, err := w.meeting(r, rows, true)
	switch {
	case err != nil || len(found) == len(places):
	case len(r.Rules.Own) == 0:
		t := w.registry.TableOf(r.Related)
		err = &fault.QueryError{Op: w.op, Err: graph.Problemf(fault.ErrNoRows, "%w%s", w.notThere(t, len(found), len(places)),
			w.zeroed(t, farKey(w.registry, r), rows...))}
	default:
		err = &fault.QueryError{Op: w.op, Err: graph.Problemf(fault.ErrInvalidRow, "%s says what columns of a row of %q are, and %d of %d rows "+
			"%s not there, or %s other values; change those rows first, or leave them out", byRelation(r), r.Related.Name, len(places)-len(found),
			len(places), isOf(len(places)-len(found)), hasOf(len(places)-len(found)))}
	}
	return err
}

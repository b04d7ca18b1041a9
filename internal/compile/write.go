package compile

import (
	"slices"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Insert is an INSERT of rows that give the same columns.
type Insert struct {
	Table     *graph.Table
	Columns   []string // that the rows give; none: all are left to the database, one row at a time
	Rows      int
	Arrays    []string // the types of the elements of one array for each column, in place of a value for each row; nil: values
	Conflict  *Conflict
	Returning []string // columns to be read back of each row
}

// Conflict is what happens to a row that the table has already.
type Conflict struct {
	Columns []string         // that tell it; empty: of any unique key
	Part    []plan.Expr      // the condition of an index over a part of the rows, which names columns of the table alone; none: it is over all
	Set     []string         // that are given to the row that is there
	Exprs   []plan.SetClause // that it is given beside; without them and Set it stays as it is
	Same    []string         // that the row that is there must have as given to be written to
	Scope   []plan.Expr      // that the row that is there must meet to be written to
	Unmark  bool             // the row that is there loses the mark of a soft delete
	Marked  bool             // it must have that to be written to
}

// Statement writes the INSERT. Its arguments are the values of the rows ([Given]), one row after the other, or the arrays, which the
// caller gives, and then those that come back.
func (i Insert) Statement(d dialect.Dialect) (Statement, error) {
	w, names := newWriter(d), namesBeside(i.Table)
	w.sql("INSERT INTO ")
	w.tableName(i.Table)
	if met := plan.MetAlias(i.Table); i.Conflict != nil && met != i.Table.Name {
		w.sql(" AS ")
		w.ident(met)
	}
	given := len(i.Columns)
	switch {
	case len(i.Columns) == 0:
		w.sql(" DEFAULT VALUES")
	case i.Arrays != nil:
		w.columnList(i.Columns)
		w.sql(" SELECT ")
		w.list(len(i.Columns), ", ", func(n int) { w.ident(names.value(n)) })
		w.sql(" FROM ")
		w.arrays(i.Arrays)
		w.sql(" AS ")
		w.rowsName(names, len(i.Columns), true)
		w.sql(" ORDER BY ")
		w.ident(names.ord())
	default:
		given *= i.Rows
		w.columnList(i.Columns)
		w.sql(" VALUES ")
		n := 0
		w.list(i.Rows, ", ", func(int) {
			w.sql("(")
			w.list(len(i.Columns), ", ", func(int) {
				n++
				w.b = d.AppendPlaceholder(w.b, n)
			})
			w.sql(")")
		})
	}
	if i.Conflict != nil {
		w.args = make([]any, given)
	}
	w.conflict(i.Table, i.Conflict)
	w.returning(i.Returning)
	return w.after(given)
}

// Filled gives the columns that the database would fill with the time of the statement, where it would spell that in a way of its own, and
// returns what each row has for them, behind its other values.
func (i *Insert) Filled(d dialect.Dialect, now time.Time) (values []any) {
	by := timed(d)
	if by == nil {
		return nil
	}
	for c := range i.Table.Stored() {
		if c.FilledNow() && !slices.Contains(i.Columns, c.Name) {
			i.Columns = append(i.Columns, c.Name)
			values = append(values, dialect.TimeArg{Use: dialect.TimeNow, Column: ColumnOf(i.Table, c.Name), Values: []any{now}, By: by})
		}
	}
	return values
}

func (w *writer) columnList(columns []string) {
	w.sql(" (")
	w.idents(columns)
	w.sql(")")
}

func (w *writer) conflict(t *graph.Table, c *Conflict) {
	if c == nil {
		return
	}
	w.sql(" ON CONFLICT ")
	if len(c.Columns) > 0 {
		w.sql("(")
		w.idents(c.Columns)
		w.sql(") ")
	}
	if len(c.Part) > 0 {
		w.unqualified = true
		w.where("WHERE ", c.Part)
		w.unqualified = false
		w.sql(" ")
	}
	if len(c.Set)+len(c.Exprs) == 0 && !c.Unmark {
		w.sql("DO NOTHING")
		return
	}
	w.sql("DO UPDATE SET ")
	w.touch(t, w.conflictSet(t, c), plan.MetAlias(t))
	keyword := " WHERE "
	if c.Marked {
		w.sql(keyword)
		w.column(plan.MetAlias(t), t.SoftDelete)
		w.sql(" IS NOT " + unmarked(t))
		keyword = " AND "
	}
	for _, name := range c.Same {
		w.sql(keyword)
		w.column(plan.MetAlias(t), name)
		w.sql(" = excluded.")
		w.ident(name)
		keyword = " AND "
	}
	w.where(keyword, c.Scope)
}

// conflictSet writes what the row that is there is given, and returns the columns.
func (w *writer) conflictSet(t *graph.Table, c *Conflict) []string {
	w.list(len(c.Set)+len(c.Exprs), ", ", func(n int) {
		if n < len(c.Set) {
			w.ident(c.Set[n])
			w.sql(" = excluded.")
			w.ident(c.Set[n])
			return
		}
		e := c.Exprs[n-len(c.Set)]
		w.ident(e.Column)
		w.sql(" = (")
		w.given(t, e.Column, e.Expr)
		w.sql(")")
	})
	set := slices.Clone(c.Set)
	for _, e := range c.Exprs {
		set = append(set, e.Column)
	}
	if !c.Unmark || slices.Contains(set, t.SoftDelete) {
		return set
	}
	if len(set) > 0 {
		w.sql(", ")
	}
	w.ident(t.SoftDelete)
	w.sql(" = " + unmarked(t))
	return append(set, t.SoftDelete)
}

// unmarked is what the column that marks a row as deleted holds in one that is not.
func unmarked(t *graph.Table) string {
	if t.MarksTrue() {
		return "FALSE"
	}
	return "NULL"
}

func (w *writer) returning(columns []string) {
	if len(columns) > 0 {
		w.sql(" RETURNING ")
		w.idents(columns)
	}
}

// tableName writes the name of a table that is written to, which needs no alias.
func (w *writer) tableName(t *graph.Table) {
	if t.Schema != "" {
		w.ident(t.Schema)
		w.sql(".")
	}
	w.ident(t.Name)
}

func (w *writer) idents(names []string) {
	w.list(len(names), ", ", func(i int) { w.ident(names[i]) })
}

// columns writes columns of what has the alias.
func (w *writer) columns(alias string, names []string) {
	w.list(len(names), ", ", func(i int) { w.column(alias, names[i]) })
}

// Row is one row of a table: that with given values in columns, none of them NULL, as long as it meets the conditions.
type Row struct {
	Table *graph.Table
	Where []string
	Scope []plan.Expr
	Aside bool // an UPDATE is no change of its own, and counts as none
}

// Update writes an UPDATE of the row. Its arguments are the values of the columns that are set ([Given]), then those of Where
// ([Told]), which the caller gives, and then those that come back: [Statement.With] puts them together.
func (r Row) Update(set, returning []string, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.sql("UPDATE ")
	w.tableName(r.Table)
	w.sql(" SET ")
	w.equals(set, ", ", 1)
	if !r.Aside {
		w.touch(r.Table, set, "")
	}
	touched := w.args
	w.args = nil
	w.row(r, len(set))
	w.returning(returning)
	stmt, err := w.after(len(set) + len(r.Where))
	stmt.touched = touched
	return stmt, err
}

// With returns the arguments of an UPDATE of a row, of which the caller has those of the columns that are set and those that tell the row.
func (s Statement) With(set, told []any) []any { return slices.Concat(set, s.touched, told, s.Args) }

// Select writes a SELECT of the row, whose arguments are the values of Where ([Told]), which the caller gives, and then those that
// come back.
func (r Row) Select(columns []string, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.sql("SELECT ")
	w.idents(columns)
	w.sql(" FROM ")
	if r.Table.Query == "" {
		w.tableName(r.Table)
	} else {
		w.table(r.Table, r.Table.Name)
	}
	w.row(r, 0)
	return w.after(len(r.Where))
}

// row writes the condition that tells the row, behind the given number of arguments.
func (w *writer) row(r Row, before int) {
	w.sql(" WHERE ")
	w.tell(r.Table, r.Where, 1+before)
	w.args = make([]any, before+len(r.Where))
	keyword := " AND "
	if len(r.Where) == 0 {
		keyword = ""
	}
	w.where(keyword, r.Scope)
}

// after returns the statement with those of its arguments that come after the first n, which its caller gives.
func (w *writer) after(n int) (Statement, error) {
	stmt, err := w.statement()
	stmt.Args = stmt.Args[min(n, len(stmt.Args)):]
	return stmt, err
}

// equals writes columns and the placeholders they equal, of which the first has that number.
func (w *writer) equals(columns []string, sep string, first int) {
	w.list(len(columns), sep, func(i int) {
		w.ident(columns[i])
		w.sql(" = ")
		w.b = w.d.AppendPlaceholder(w.b, first+i)
	})
}

// tell writes the columns that tell a row and the placeholders of their values, of which the first has that number.
func (w *writer) tell(t *graph.Table, columns []string, first int) {
	w.list(len(columns), " AND ", func(i int) {
		if w.timed == nil || !isTimeColumn(t, columns[i]) {
			w.equals(columns[i:i+1], "", first+i)
			return
		}
		w.ident(columns[i])
		w.sql(" " + w.timed.TimeIn(false)) // this database's placeholders have no numbers
	})
}

// Update writes an UPDATE of the rows of a query. The columns of the query are what comes back of each row, if back says so.
func Update(q *plan.Query, back bool, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.sql("UPDATE ")
	w.table(q.Base.Table, q.Base.Alias)
	w.sql(" SET ")
	w.list(len(q.Set), ", ", func(i int) {
		w.ident(q.Set[i].Column)
		w.sql(" = ")
		if e := q.Set[i].Expr; e != nil {
			w.sql("(")
			w.given(q.Base.Table, q.Set[i].Column, e)
			w.sql(")")
			return
		}
		w.arg(given(w.timed, q.Base.Table, q.Set[i].Column, dialect.TimeStored, q.Set[i].Value.Arg))
	})
	set := make([]string, len(q.Set))
	for i := range q.Set {
		set[i] = q.Set[i].Column
	}
	w.touch(q.Base.Table, set, "")
	w.rowsOf(q)
	if back {
		w.outputsBack(q)
	}
	return w.statement()
}

// given writes what a column is given.
func (w *writer) given(t *graph.Table, column string, e plan.Expr) {
	if c, ok := t.Column(column); ok && w.timed != nil {
		o := kindOf(c, ColumnOf(t, column))
		o.given, o.of = true, c.Given()
		w.besides(e, func() origin { return o })
	}
	w.expr(e)
}

// outputsBack has the columns of the query come back of each row that is written to.
func (w *writer) outputsBack(q *plan.Query) {
	w.sql(" RETURNING ")
	w.list(len(q.Outputs), ", ", func(i int) { w.ref(q.Outputs[i].Ref) })
}

// Delete writes a DELETE of the rows of a query.
func Delete(q *plan.Query, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.sql("DELETE FROM ")
	w.table(q.Base.Table, q.Base.Alias)
	w.rowsOf(q)
	return w.statement()
}

// rowsOf writes the condition that a row is one of the query's. A query that joins, or is limited, is asked for the keys of
// its rows: what it joins could repeat them. So is one that locks its rows, in its order, before they are written to.
func (w *writer) rowsOf(q *plan.Query) {
	if len(q.Bindings) == 1 && q.Limit < 0 && q.Offset < 0 && q.Source == nil && q.Lock.Strength == "" {
		w.where(" WHERE ", q.Where)
		return
	}
	key := q.Base.Table.PrimaryKey
	w.sql(" WHERE ")
	for _, e := range q.Base.Fixed(q.Where) {
		w.expr(e)
		w.sql(" AND ")
	}
	w.sql("(")
	w.columns(q.Base.Alias, key)
	w.sql(") IN (")
	keys := *q
	keys.Outputs = slices.Clone(q.Outputs[:0:0])
	for _, k := range key {
		keys.Outputs = append(keys.Outputs, plan.Output{Ref: plan.Ref{Name: k, Binding: q.Base, Column: k}})
	}
	w.query(&keys)
	w.sql(")")
}

package plan

import (
	"errors"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// ExcludedName names the row that was to be inserted, where an INSERT met one that is there.
const ExcludedName = "excluded"

// MetAlias names the row that is there, where an INSERT met one: the table by its own name, unless that is the name of the other row.
func MetAlias(t *graph.Table) string {
	if strings.EqualFold(t.Name, ExcludedName) {
		return t.Name + "#met"
	}
	return t.Name
}

// setBy returns the method that Set was given by.
func (s *Spec) setBy() string {
	if s.Excluded {
		return "SetExpr"
	}
	return "Set"
}

// set binds what rows are given. Its expressions stand outside the query's joins: they can name the table's own columns.
func (q *Query) set(spec *Spec) error {
	if spec.Excluded {
		q.excluded = &Binding{Path: ExcludedName, Alias: ExcludedName, Table: q.Base.Table}
	}
	for _, c := range spec.Set {
		col, ok := q.Base.Table.Column(c.Column)
		switch {
		case !ok:
			return q.Base.Table.UnknownColumn(c.Column)
		case col.ReadOnly:
			return graph.Problemf(ErrInvalid, "column %q is made by the database; set the columns it is made of", c.Column)
		case c.Value.Null && !col.Nullable && c.Expr == nil:
			return graph.Problemf(ErrInvalid, "column %q is given NULL, which its field (%s) cannot hold; give a value", c.Column, col.GoType)
		case slices.ContainsFunc(q.Set, func(known SetClause) bool { return known.Column == c.Column }):
			return graph.Problemf(ErrInvalid, "column %q is set twice; leave one out", c.Column)
		}
		if c.Expr == nil && !c.Value.Null && col.Class != graph.ClassDocument && !col.Comparable(c.Value.Class) {
			return notComparable(Ref{Name: c.Column}, col, c.Value.Class)
		}
		if c.Expr == nil && !c.Value.Null {
			if err := q.fits(q.own(c.Column), &c.Value.Arg, c.Value.Class, false); err != nil {
				return err
			}
			if rules := q.applied.rules; col.Class == graph.ClassDocument && rules != nil && rules.DocumentAs != nil {
				c.Value.Arg = rules.DocumentAs(q.Base.Table, c.Column, c.Value.Arg)
			}
		}
		if c.Expr != nil {
			var err error
			c.Expr, err = q.expr(c.Expr, false)
			if errors.Is(err, graph.ErrUnknownRelation) {
				return graph.Problemf(graph.ErrUnknownRelation, "the value of %q names a path, which is not joined to be changed; name columns of "+
					"%q alone, or give a Query", c.Column, q.Base.Table.Name)
			}
			if err != nil {
				return err
			}
		}
		for _, r := range q.Base.Table.Relations() {
			value, known := typeValue(c.Value.Arg)
			is := func(v any) bool { return v == value }
			if known && c.Expr == nil && r.TypeColumn == c.Column && !r.HasType(is) {
				return graph.Problemf(ErrInvalid, "%s", r.TypeRefused(value == "" || value == int64(0)))
			}
		}
		q.Set = append(q.Set, c)
	}
	return nil
}

// typeValue returns a value as one of a type column, if it is of a type that says what it is.
func typeValue(arg any) (value any, ok bool) {
	switch v := arg.(type) {
	case string:
		return v, true
	case int:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return nil, false
}

// CheckRows refuses a query whose rows cannot be named to be changed or deleted.
func (q *Query) CheckRows() error {
	if len(q.Bindings) > 1 && len(q.Base.Table.PrimaryKey) == 0 {
		return graph.Problemf(ErrUnsupported, "the condition names %q, and rows of %q cannot be told apart: the table has no primary key; "+
			"declare it with PrimaryKey, or use Has", q.Bindings[1].Path, q.Base.Table.Name)
	}
	return nil
}

// Lifted returns the names of its own table's default conditions that are lifted.
func (q *Query) Lifted() []string {
	var names []string
	for _, l := range q.applied.lifted {
		if l.Path == "" {
			names = append(names, l.Names...)
		}
	}
	return names
}

// Unmarked leaves out the rows that are marked as deleted already, whatever scope was lifted.
func (q *Query) Unmarked() {
	if q.applied.lifts("", graph.SoftDeleteName) {
		q.Where = append(q.Where, q.unmarked())
	}
}

// Marked leaves out the rows that are not marked as deleted.
func (q *Query) Marked() {
	is := q.unmarked()
	switch e := is.(type) {
	case *IsNull:
		e.Not = true
	case *Compare:
		e.Arg = true
	}
	q.Where = append(q.Where, is)
}

func (q *Query) unmarked() Expr {
	ref := q.own(q.Base.Table.SoftDelete)
	if q.Base.Table.MarksTrue() {
		return &Compare{Col: ref, Op: "=", Arg: false, Class: graph.ClassBoolean}
	}
	return &IsNull{Col: ref}
}

// Reading is what the conditions of a query depend on.
type Reading struct {
	All     bool           // any table: the caller's SQL text selects from some
	Tables  []*graph.Table // beside the rows of the query's own table that it selects
	Columns []string       // of its own rows
	Text    bool           // SQL text names columns of its own rows that are not known
	Again   bool           // SQL text may say something else when it is asked again
}

// Beyond reports whether the query reads more of a row than these columns, or more than the row.
func (r *Reading) Beyond(columns []string) bool {
	return r.All || r.Text || len(r.Tables) > 0 || slices.ContainsFunc(r.Columns, func(c string) bool { return !slices.Contains(columns, c) })
}

// Reads returns what must not change for the query to select the same rows.
func (q *Query) Reads() *Reading {
	r := &Reading{}
	r.scope(q.Scope, q.Base)
	r.exprs(q.Base, q.Where...)
	if q.Source != nil {
		r.All = true
	}
	return r
}

func (r *Reading) scope(s *Scope, base *Binding) {
	for _, b := range s.Bindings {
		if b != base {
			r.Tables = append(r.Tables, b.Table)
		}
		if b.Relation != nil {
			for _, step := range b.Relation.Steps {
				r.Tables = append(r.Tables, step.Table)
			}
		}
		for _, rules := range b.Rules {
			r.exprs(base, rules...)
		}
		r.exprs(base, b.On...)
		for _, of := range b.scopes() {
			r.scope(of, base)
		}
	}
	r.exprs(base, s.Where...)
}

func (r *Reading) exprs(base *Binding, exprs ...Expr) {
	for _, e := range exprs {
		switch e := e.(type) {
		case *Compare:
			r.ref(base, e.Col)
		case *RowCompare:
			for _, c := range e.Cols {
				r.ref(base, c)
			}
		case *In:
			r.ref(base, e.Col)
		case *InKeys:
			for _, c := range e.Cols {
				r.ref(base, c)
			}
		case *CompareColumns:
			r.ref(base, e.Col)
			r.ref(base, e.With)
		case *Column:
			r.ref(base, e.Col)
		case *IsNull:
			r.ref(base, e.Col)
		case *Match:
			r.ref(base, e.Col)
		case And:
			r.exprs(base, e...)
		case Or:
			r.exprs(base, e...)
		case *Not:
			r.exprs(base, e.Expr)
		case *NotTrue:
			r.exprs(base, e.Expr)
		case *Exists:
			for _, of := range e.scopes() {
				r.scope(of, base)
			}
			r.Text = true // the key that it is joined by
		case Const:
		case *Text:
			r.All = r.All || e.SQL.Select
			r.Text = true
			r.Again = r.Again || e.SQL.Volatile()
			for _, arg := range e.Args {
				if sub, ok := arg.(Expr); ok {
					r.exprs(base, sub)
				}
			}
		default: // a query of its own
			r.All = true
		}
	}
}

func (r *Reading) ref(base *Binding, ref Ref) {
	switch {
	case ref.Value != nil:
		r.All = true
	case ref.Binding == base:
		r.Columns = append(r.Columns, ref.Column)
	}
}

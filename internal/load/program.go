package load

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// COMPILE: a request becomes a program: a plan (internal/plan), its text and arguments (internal/compile), and those of its
// preloads. Everything that can be found wrong without a database is found here, so that a mistaken query sends no statement.

// Program is a query compiled for one database, with the values that its call gives.
type Program struct {
	Table *model.Table
	Op    string // for errors: "select accounts"
	Plan  *plan.Query

	stmt       compile.Statement
	statements *preloadStatements
	given      []any                   // values of the call that statements are made for, where those serve other calls too
	missing    func([]string) []string // of the statement, see dialect.Statement
	layouts    *layouts                // of its results

	// Of a call, which has the program to itself.
	kept   bool // it is one that is kept, for the values of the call
	ends   bool // its last statement is that of its transaction
	loader loader
	rows   rowScan
	sent   [1]dialect.Statement
	beside *besides
	into   *rowScan
	look   *keyLookup
	read   func(int, dialect.Rows) error // readOne, made once for the memory
}

// form is what is made of a query.
type form struct {
	verb  string // for errors
	write func(*plan.Query, dialect.Dialect) (compile.Statement, error)
	model bool // its rows are structs of its table
}

// selected is the form of rows of any shape.
var selected = form{"select", compile.Select, false}

// rowsForm is the form of rows that are structs of their table.
var rowsForm = form{"select", compile.Select, true}

// Plan plans the query after adjust has changed its clauses.
func Plan(q *query.Request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error) (*Program, error) {
	spec := new(plan.Spec)
	if err := asked(q, verb, d, adjust, spec); err != nil {
		return nil, err
	}
	p := &Program{Table: q.Table}
	return p, p.plan(spec, verb, d)
}

// asked sets spec to the clauses of a query after adjust has changed them, if they can be planned.
func asked(q *query.Request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error, spec *plan.Spec) error {
	switch {
	case q == nil:
		return &fault.QueryError{Op: verb, Err: graph.Problemf(fault.ErrUnknownTable, "the query is empty; make it with Select")}
	case q.Err != nil:
		return query.Failure(opOn(q.Table, verb), q.Err)
	}
	if err := q.Table.Registry.Freeze(); err != nil {
		return err
	}
	if structs.IsNil(d) {
		return &fault.QueryError{Op: opOn(q.Table, verb), Err: graph.Problemf(fault.ErrInvalidQuery, "the dialect is nil; use that of postgres or sqlite")}
	}
	*spec = q.Spec
	if adjust != nil {
		if err := adjust(spec); err != nil {
			return query.Failure(opOn(q.Table, verb), err)
		}
	}
	return nil
}

// opOn names, for errors, what is done with rows of a table, which may not be known.
func opOn(t *model.Table, verb string) string {
	if t == nil {
		return verb
	}
	return verb + " " + t.Graph.Name
}

func (p *Program) plan(spec *plan.Spec, verb string, d dialect.Dialect) (err error) {
	p.Op, p.missing, p.layouts = opOn(p.Table, verb), p.instead, new(layouts)
	if p.Plan, err = plan.Build(spec, &p.Table.Registry.Rules, d.Features()); err != nil {
		return query.Failure(p.Op, err)
	}
	return nil
}

// compile plans a query and writes it in a form.
func (p *Program) compile(spec *plan.Spec, f form, d dialect.Dialect) (err error) {
	if err := p.plan(spec, f.verb, d); err != nil {
		return err
	}
	if p.stmt, err = f.write(p.Plan, d); err != nil {
		return query.Failure(p.Op, err)
	}
	p.statements = &preloadStatements{d: d}
	if err := p.statements.write(p.Table.Registry, p.Plan.Preloads); err != nil {
		return err
	}
	if f.model {
		return checkModel(p.Table.Registry, p.Plan, "")
	}
	return nil
}

// compileAs compiles the query after adjust has changed its clauses. What a program that is kept has for them does not matter.
func compileAs(q *query.Request, f form, d dialect.Dialect, adjust func(*plan.Spec) error) (*Program, error) {
	spec := new(plan.Spec)
	if err := asked(q, f.verb, d, adjust, spec); err != nil {
		return nil, err
	}
	p := &Program{Table: q.Table}
	if err := p.compile(spec, f, d); err != nil {
		return nil, err
	}
	return p, nil
}

// Compile returns the program of the query for rows of its table's struct, after adjust has changed its clauses.
func Compile(q *query.Request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error) (*Program, error) {
	return prepared(q, form{verb, compile.Select, true}, d, adjust)
}

// checkModel refuses columns that the struct of the query's table has no place for.
func checkModel(r *model.Registry, q *plan.Query, path string) error {
	table := r.TableOf(q.Base.Table)
	if err := checkLevel(table, q.Level); err != nil {
		return query.Failure("select "+q.Base.Table.Name, &plan.PathError{Method: "With", Path: path, Err: err})
	}
	for _, o := range q.Outputs {
		method := ""
		if _, ok := o.Expr.(*plan.Aggregate); ok {
			method = "With"
		} else if o.Renamed {
			method = "Columns"
		}
		if method != "" && table.ComputedField(o.Alias) == nil {
			return query.Failure("select "+q.Base.Table.Name, &plan.PathError{Method: method, Path: path, Err: graph.Problemf(fault.ErrUnknownColumn,
				"struct %s has no computed field for %q; add one tagged `db:\"%s,computed\"`, or use Collect",
				q.Base.Table.GoType, o.Alias, o.Alias)})
		}
		if o.Expr == nil && !o.Renamed && o.Ref.Binding != q.Base && o.Ref.Binding != q.Base.Link && !o.Added {
			return query.Failure("select "+q.Base.Table.Name, &plan.PathError{Method: "Columns", Path: path, Err: graph.Problemf(fault.ErrUnknownColumn,
				"%q is a column of %q, for which struct %s has no place; use Collect", o.Ref.Name, o.Ref.Binding.Table.Name,
				q.Base.Table.GoType)})
		}
	}
	return nil
}

// checkLevel refuses a name for the level of a tree's rows that the struct has no place for.
func checkLevel(t *model.Table, name string) error {
	if name == "" {
		return nil
	}
	switch f := t.ComputedField(name); {
	case f == nil:
		return graph.Problemf(fault.ErrUnknownColumn, "struct %s has no computed field for %q; add one tagged `db:\"%s,computed\"`", t.Graph.GoType,
			name, name)
	case f.Class != structs.ClassInteger:
		return graph.Problemf(fault.ErrArgType, "the level of a tree is a number, and field %s.%s is %s; make it an int", t.Graph.GoType, f.Name, f.Type)
	}
	return nil
}

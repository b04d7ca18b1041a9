package load

import (
	"slices"

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

// Program is a query compiled for one database.
type Program struct {
	Table      *model.Table
	Op         string // for errors: "select accounts"
	Plan       *plan.Query
	stmt       compile.Statement
	statements preloadStatements
}

// preloadStatements are the statements of preloads, written for what is known of their keys without asking the database.
type preloadStatements map[*plan.Preload]preloadStatement

type preloadStatement struct {
	types []dialect.KeyType
	stmt  compile.PreloadStatement
}

// of returns the statement of a preload whose keys are of the types.
func (s preloadStatements) of(p *plan.Preload, d dialect.Dialect, types []dialect.KeyType) (compile.PreloadStatement, error) {
	if known, ok := s[p]; ok && slices.Equal(known.types, types) {
		return known.stmt, nil
	}
	return compile.Preload(p.Query, d, types)
}

// Plan plans the query after adjust has changed its clauses.
func Plan(q *query.Request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error) (*Program, error) {
	p := &Program{Op: verb}
	if q == nil {
		return nil, &fault.QueryError{Op: verb, Err: graph.Problemf(fault.ErrUnknownTable, "the query is empty; make it with Select")}
	}
	if q.Table != nil {
		p.Op, p.Table = verb+" "+q.Table.Graph.Name, q.Table
	}
	if q.Err != nil {
		return nil, query.Failure(p.Op, q.Err)
	}
	if err := q.Table.Registry.Freeze(); err != nil {
		return nil, err
	}
	if structs.IsNil(d) {
		return nil, &fault.QueryError{Op: p.Op, Err: graph.Problemf(fault.ErrInvalidQuery, "the dialect is nil; use that of postgres or sqlite")}
	}
	spec := q.Spec
	if adjust != nil {
		if err := adjust(&spec); err != nil {
			return nil, query.Failure(p.Op, err)
		}
	}
	var err error
	if p.Plan, err = plan.Build(&spec, &q.Table.Registry.Rules, d.Features()); err != nil {
		return nil, query.Failure(p.Op, err)
	}
	return p, nil
}

// compileAs plans the query after adjust has changed its clauses, and writes it.
func compileAs(q *query.Request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error,
	write func(*plan.Query, dialect.Dialect) (compile.Statement, error),
) (*Program, error) {
	p, err := Plan(q, verb, d, adjust)
	if err != nil {
		return nil, err
	}
	if p.stmt, err = write(p.Plan, d); err != nil {
		return nil, query.Failure(p.Op, err)
	}
	p.statements = make(preloadStatements, len(p.Plan.Preloads))
	if err := writePreloads(q.Table.Registry, p.Plan.Preloads, d, p.statements); err != nil {
		return nil, err
	}
	return p, nil
}

// Compile compiles the query for rows of its table's struct.
func Compile(q *query.Request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error) (*Program, error) {
	p, err := compileAs(q, verb, d, adjust, compile.Select)
	if err != nil {
		return nil, err
	}
	return p, checkModel(q.Table.Registry, p.Plan, "")
}

// writePreloads writes the statements of preloads, and finds what is wrong with them before any is sent.
func writePreloads(r *model.Registry, preloads []*plan.Preload, d dialect.Dialect, written preloadStatements) error {
	for _, p := range preloads {
		owner := r.TableOf(p.Relation.Owner)
		if r.FieldOf(p.Relation) == nil && !p.Links {
			op := "preload"
			if p.Fetched != nil {
				op = "fetch"
			}
			return &fault.QueryError{Op: op, Path: p.Path, Err: &fault.RelationError{
				Table: p.Relation.Owner.Name, Relation: p.Relation.Name, Path: p.Path,
				Err: graph.Problemf(fault.ErrInvalidRelation, "relation %q: struct %s has no field for it; add one tagged `rel:%q`",
					p.Relation.String(), owner.Graph.GoType, p.Relation.Name),
			}}
		}
		if !p.InHand() {
			if err := checkTreeField(p, r.FieldOf(p.Relation)); err != nil {
				return err
			}
			types := r.KeyKinds(p.Relation)
			stmt, err := compile.Preload(p.Query, d, types)
			if err != nil {
				return &fault.QueryError{Op: "preload", Path: p.Path, Err: err}
			}
			written[p] = preloadStatement{types, stmt}
			if err := checkModel(r, p.Query, p.Path); err != nil {
				return err
			}
		}
		if err := writePreloads(r, p.Next(), d, written); err != nil {
			return err
		}
	}
	return nil
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

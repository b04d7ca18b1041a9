package model

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// RULES: conditions and orders that are declared once, of a table or a relation, and hold in every query.

// Declaration is a relation as declared, until the registry is frozen.
type Declaration struct {
	graph.Declaration
	OwnerTable   *Table
	RelatedTable *Table              // nil when the caller had none
	FieldName    string              // the Go field, when it was named
	InverseField string              // that of the other direction, when it was named
	InverseMore  bool                // the other direction was given other options too
	On           []DeclaredCondition // in place of keys
	TypeMore     bool                // a type was given other options than References
	NilOption    bool                // an option is nil
	Conditions   []DeclaredCondition
	Orders       []DeclaredOrder

	opposite *opposite // nil: it was declared
}

// String returns the relation's name with its owner's.
func (d *Declaration) String() string {
	if d == nil {
		return nobody
	}
	return d.Owner.Name + "." + d.Name
}

// AddType adds a table that a relation may lead to, by a type value. It has one option of its own: References.
func (d *Declaration) AddType(value any, t *Table, options func(*Declaration) bool) {
	var of Declaration
	d.NilOption = options(&of) || d.NilOption
	one := graph.Type{Value: value, References: of.References}
	if t != nil {
		one.Table = t.Graph
	}
	of.References = nil
	d.TypeMore = d.TypeMore || !structs.IsZero(of)
	d.Types = append(d.Types, one)
}

// DeclaredAt returns file:line of a declaration in the user's code, which so many calls lead from.
func DeclaredAt(calls int) string {
	_, file, line, ok := runtime.Caller(calls)
	if !ok {
		return "unknown place"
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

// Names are the names that an option was given, as one or as a list.
func Names(v any) []string {
	if list, ok := v.([]string); ok {
		return slices.Clone(list)
	}
	return []string{v.(string)}
}

// DeclaredOrder is a term of an order as it was declared.
type DeclaredOrder struct {
	Clause plan.OrderClause
	Err    error
}

// DeclaredCondition is a condition as it was declared.
type DeclaredCondition struct {
	Expr plan.Expr
	Err  error
}

// DeclaredScope is a default condition of a table as it was declared.
type DeclaredScope struct {
	Name string
	DeclaredCondition
	soft bool // it is the soft delete's
}

// SoftDeleteScope is the scope that a soft delete has.
func SoftDeleteScope(unmarked DeclaredCondition) DeclaredScope {
	return DeclaredScope{Name: graph.SoftDeleteName, DeclaredCondition: unmarked, soft: true}
}

// bindRules gathers what was declared for the planner.
func (r *Registry) bindRules(fail func(*Table, string, error)) {
	r.Rules = plan.Rules{Tables: map[*graph.Table][]plan.Default{}, Relations: map[*graph.Relation]plan.Rule{}, Fits: r.fits, As: as, DocumentAs: r.documentAs}
	for _, t := range r.Tables {
		r.Rules.Tables[t.Graph] = t.defaults(func(err error) {
			fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: %w", t.Graph.Name, err))
		})
	}
	for _, d := range r.Relations {
		rule := d.rule(func(err error) {
			fail(d.OwnerTable, d.Name, graph.Problemf(fault.ErrInvalidRelation, "relation %q: %w", d.String(), err))
		})
		if relation, ok := d.OwnerTable.Graph.Relation(d.Name); ok {
			if relation.Cardinality == graph.One { // which of several it is
				rule.First, rule.OrderBy = rule.OrderBy, nil
			}
			r.Rules.Relations[relation] = rule
		}
	}
}

// constants returns what the table's scope says of columns. A scope that asks for NULL, such as that of a soft delete, lets a row
// through until something happens to it, and says nothing of how it is made. more: beside, it has conditions that say which rows are seen.
func (t *Table) constants() (all []graph.Constant, more bool) {
	for _, s := range t.Scopes {
		if s.Err != nil || s.soft {
			continue
		}
		said := plan.Constants([]plan.Expr{s.Expr}, t.Graph, false)
		more = more || said.Other
		for _, c := range said.Own {
			more = more || c.Value == nil
			if c.Scope = s.Name; c.Value != nil && !slices.ContainsFunc(all, c.Same) {
				all = append(all, c)
			}
		}
	}
	return all, more
}

// constants returns what the relation's conditions say of columns.
func (d *Declaration) constants() graph.Constants {
	if d.Related == nil {
		return graph.Constants{}
	}
	return plan.Constants(expressions(d.Conditions, func(error) {}), d.Related, d.Through != nil)
}

// fits returns what returns a value as a column is to be sent it, or says why its field cannot hold it.
func (r *Registry) fits(t *graph.Table, column string, keeps dialect.Limits) func(arg any) (any, error) {
	if bound := r.TableOf(t); bound != nil && bound.Columns[column] != nil {
		return bound.fits(bound.Columns[column], keeps)
	}
	return func(arg any) (any, error) { return arg, nil }
}

// as returns a value as one of a class, within what a database keeps.
func as(class string, of graph.Numbers, v any, keeps dialect.Limits) (any, error) {
	if err := structs.Kept(v, keeps); err != nil {
		return nil, err
	}
	if of == graph.WrittenNumber && structs.IsNumber(v) || (of == graph.WrittenNumber || of == graph.ComparedNumber) && structs.IsWide(v) {
		if err := structs.Number(v, false); err != nil {
			return nil, err
		}
	}
	return structs.As(structs.Class(class), of == graph.WholeNumber, v)
}

// documentAs returns a value as the field of a column would hold it, which is of lists or of JSON.
func (r *Registry) documentAs(t *graph.Table, column string, value any) any {
	if bound := r.TableOf(t); bound != nil && bound.Columns[column] != nil {
		return bound.Columns[column].DocumentAs(value)
	}
	return value
}

// checkRules returns the mistakes in what was gathered. The names in it are checked only when the tables and relations are sound:
// else they would repeat those mistakes.
func (r *Registry) checkRules() []error {
	if !r.sound {
		return nil
	}
	tables := make([]*graph.Table, len(r.Tables))
	for i, t := range r.Tables {
		tables[i] = t.Graph
	}
	var errs []error
	r.Rules.Check(tables, func(t *graph.Table, relation *graph.Relation, err error) {
		mistake := &fault.RelationError{Table: t.Name, Err: graph.Problemf(fault.ErrInvalidRelation, "table %q: %w", t.Name, err)}
		if relation != nil {
			mistake.Relation, mistake.Err = relation.Name, graph.Problemf(fault.ErrInvalidRelation, "relation %q: %w", relation.String(), err)
		}
		errs = append(errs, mistake)
	})
	return errs
}

func expressions(list []DeclaredCondition, fail func(error)) []plan.Expr {
	exprs := make([]plan.Expr, 0, len(list))
	for _, c := range list {
		if c.Err != nil {
			fail(c.Err)
			continue
		}
		exprs = append(exprs, c.Expr)
	}
	return exprs
}

// defaults returns what was declared of all rows of the table.
func (t *Table) defaults(fail func(error)) []plan.Default {
	list := make([]plan.Default, 0, len(t.Scopes))
	for _, c := range t.Scopes {
		method := graph.Textf("Scope(%q)", c.Name)
		switch {
		case c.Name == "":
			fail(&plan.PathError{Method: method, Err: graph.Problemf(fault.ErrInvalidRelation, "the name is empty; give the scope one, by which Unscoped lifts it")})
		case c.Name == graph.SoftDeleteName && !c.soft:
			fail(&plan.PathError{Method: method, Err: graph.Problemf(fault.ErrInvalidRelation, "the name is the soft delete's; declare "+
				"SoftDelete, or give the scope another name")})
		case slices.ContainsFunc(list, func(known plan.Default) bool { return known.Name == c.Name }):
			fail(&plan.PathError{Method: method, Err: graph.Problemf(fault.ErrInvalidRelation, "the table has two scopes of that name; give each its own")})
		case c.Err != nil:
			fail(&plan.PathError{Method: method, Err: c.Err})
		default:
			list = append(list, plan.Default{Name: c.Name, Expr: c.Expr})
		}
	}
	return list
}

// rule returns what was declared of the relation's rows.
func (d *Declaration) rule(fail func(error)) plan.Rule {
	rule := plan.Rule{Where: expressions(d.Conditions, func(err error) { fail(&plan.PathError{Method: "Where", Err: err}) })}
	rule.On = expressions(d.On, func(err error) { fail(&plan.PathError{Method: "On", Err: err}) })
	if len(d.Conditions) > 0 && d.Declaration.Inverse != "" {
		fail(graph.Problemf(fault.ErrInvalidRelation, "Where and Inverse do not go together, because the inverse would be about all rows; "+
			"declare the inverse on a relation without the condition"))
	}
	if d.InverseMore {
		fail(graph.Problemf(fault.ErrInvalidRelation, "Inverse takes a name and Field, which names the field of the other direction; give "+
			"other options to the relation itself"))
	}
	if d.TypeMore {
		fail(graph.Problemf(fault.ErrInvalidRelation, "MorphType takes References, which names the column that the key points at; give other options "+
			"to the relation itself"))
	}
	if len(d.Conditions) > 0 && len(d.Types) > 0 {
		fail(graph.Problemf(fault.ErrInvalidRelation, "Where is about rows of one table, and it leads to several; declare a Scope of each"))
		rule.Where = nil
	}
	for _, o := range d.Orders {
		if o.Err != nil {
			fail(&plan.PathError{Method: "OrderBy", Err: o.Err})
			continue
		}
		rule.OrderBy = append(rule.OrderBy, o.Clause)
	}
	return rule
}

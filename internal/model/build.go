package model

import (
	"errors"
	"slices"

	"github.com/georgysavva/scany/v2/dbscan"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// BUILD: what was declared is bound to the fields of structs, and the tables are linked by the relations between them.

// build runs once, under the lock.
func (r *Registry) build() {
	fail := func(t *Table, relation string, err error) {
		r.mistakes = append(r.mistakes, &fault.RelationError{Table: t.Graph.Name, Relation: relation, Err: err})
	}
	r.checkOptions(fail)
	var sound []*Table // the others' mistakes are reported; relations over them would repeat those
	for _, t := range r.Tables {
		layout, err := r.Naming.Of(t.Type)
		if err != nil {
			fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: %w", t.Graph.Name, err))
			continue
		}
		t.Layout = layout
		sound = append(sound, t)
	}
	fields := map[*Table]map[*structs.Field]string{}
	for _, t := range sound {
		t.Graph.GoType = t.Type.Name()
		fields[t] = r.fieldsOf(t)
		r.bindColumns(t, fields[t], fail)
	}
	r.checkIndexNames(fail)
	r.mistakes = append(r.mistakes, r.buildGraph(sound)...)
	for _, t := range sound {
		r.bindRelations(t, fields[t], fail)
	}
	r.sound = len(r.mistakes) == 0
	r.bindRules(fail)
	r.compareBindings(fail)
	var err error
	if r.Scany, err = dbscan.NewAPI(dbscan.WithFieldNameMapper(r.Naming.Column)); err != nil {
		r.mistakes = append(r.mistakes, err)
	}
}

// checkOptions refuses declarations with an option that is nil.
func (r *Registry) checkOptions(fail func(*Table, string, error)) {
	const remedy = "an option is nil; give one, or leave it out"
	if r.NilOption {
		r.mistakes = append(r.mistakes, &fault.RelationError{Err: graph.Problemf(fault.ErrInvalidRelation, "the registry: "+remedy)})
	}
	for _, t := range r.Tables {
		if t.NilOption {
			fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: "+remedy, t.Graph.Name))
		}
	}
	for _, d := range r.Relations {
		if d.NilOption {
			fail(d.OwnerTable, d.Name, graph.Problemf(fault.ErrInvalidRelation, "relation %q: "+remedy, d.String()))
		}
	}
}

// buildGraph links the sound tables by the relations between them.
func (r *Registry) buildGraph(sound []*Table) []error {
	var errs []error
	tables := make([]*graph.Table, 0, len(sound))
	for _, t := range sound {
		t.Graph.Constants, t.Graph.Hiding = t.constants()
		for _, c := range t.Graph.Constants {
			if t.Graph.Touches(c.Column) {
				errs = append(errs, &fault.RelationError{Table: t.Graph.Name, Err: graph.Problemf(fault.ErrInvalidRelation, "table %q: every change of a row "+
					"writes column %q, whose value Scope %q says; leave it out of Version and OnUpdate", t.Graph.Name, c.Column, c.Scope)})
			}
		}
		tables = append(tables, t.Graph)
	}
	declarations := make([]*graph.Declaration, 0, len(r.Relations))
	for _, d := range r.Relations {
		ends := []*graph.Table{d.Owner, d.Related, d.Through}
		for _, one := range d.Types {
			ends = append(ends, one.Table)
		}
		if slices.ContainsFunc(ends, func(t *graph.Table) bool { return t != nil && r.TableOf(t) == nil }) {
			errs = append(errs, &fault.RelationError{Table: d.Owner.Name, Relation: d.Name, Err: graph.Problemf(fault.ErrUnknownTable,
				"relation %q: a table is nil or of another registry; declare both tables with NewTable on one registry", d.String())})
			continue
		}
		if slices.ContainsFunc(ends, func(t *graph.Table) bool { return t != nil && !slices.Contains(tables, t) }) {
			continue
		}
		d.Partial = len(d.Conditions) > 0
		d.Ordered, d.ByCondition = len(d.Orders) > 0, len(d.On) > 0
		d.Rules = d.constants()
		declarations = append(declarations, &d.Declaration)
	}
	for _, err := range graph.Build(tables, declarations) {
		declared := &fault.RelationError{Err: err}
		var p *graph.Problem
		if errors.As(err, &p) {
			declared.Table, declared.Relation = p.Table, p.Relation
		}
		errs = append(errs, declared)
	}
	return errs
}

// bindColumns makes columns of all fields but the relations'.
func (r *Registry) bindColumns(t *Table, relations map[*structs.Field]string, fail func(*Table, string, error)) {
	t.Columns = map[string]*structs.Field{}
	for _, f := range t.Layout.Fields {
		if _, ok := relations[f]; ok {
			continue
		}
		if f.Relation != "" {
			fail(t, f.Relation, graph.Problemf(fault.ErrInvalidRelation, "table %q: field %s.%s is tagged `rel:%q`, but no such relation "+
				"is declared; declare it, or correct the tag", t.Graph.Name, t.Graph.GoType, f.Name, f.Relation))
			continue
		}
		if other := r.HoldsTable(f); other != nil {
			fail(t, "", r.unclaimed(t, f, other))
			continue
		}
		if other := t.Columns[f.Column]; other != nil {
			fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: %w", t.Graph.Name, f.SameColumn(other)))
			continue
		}
		t.Columns[f.Column] = f
		t.Graph.Columns = append(t.Graph.Columns, graph.Column{
			Name: f.Column, Class: string(f.Class), Nullable: f.Nullable, Computed: f.Computed, GoType: f.Type.String(),
			Stored: string(f.Stored()), List: f.List(),
		})
	}
	t.Graph.PrimaryKey = t.Key
	if id := r.Naming.Column("ID"); t.Key == nil && t.Columns[id] != nil {
		t.Graph.PrimaryKey = []string{id}
	}
	t.setColumns(fail)
}

// HoldsTable returns the table whose rows a field of struct type could hold.
func (r *Registry) HoldsTable(f *structs.Field) *Table {
	for _, t := range r.Tables {
		if f.ShapeFor(t.Type) != structs.ShapeNone {
			return t
		}
	}
	return nil
}

// bindRelations checks the fields of the table's relations.
func (r *Registry) bindRelations(t *Table, fields map[*structs.Field]string, fail func(*Table, string, error)) {
	t.Relations = map[*graph.Relation]*RelationField{}
	r.checkClaims(t, fields, fail)
	for _, f := range t.Layout.Fields {
		name, ok := fields[f]
		if !ok {
			continue
		}
		relation, ok := t.Graph.Relation(name)
		if !ok {
			continue // its declaration has a mistake
		}
		if other, taken := t.Relations[relation]; taken {
			fail(t, name, graph.Problemf(fault.ErrInvalidRelation, "relation %q has two fields, %s and %s; tag one `db:\"-\"`",
				relation.String(), other.Name, f.Name))
			continue
		}
		for _, one := range relation.Each() {
			shape, want := r.shapeOf(f, one)
			if want != "" {
				fail(t, name, graph.Problemf(fault.ErrInvalidRelation, "relation %q: field %s.%s must be %s, got %s",
					relation.String(), t.Graph.GoType, f.Name, want, f.TypeName()))
				break
			}
			t.bindField(one, f, shape, r.TableOf(one.Related).Type)
			t.Relations[relation] = t.Relations[one]
			one.Linked = shape == structs.ShapeLinked
		}
	}
	t.trackLoads(fail)
}

// shapeOf returns how the field holds the rows of the relation and, where it cannot, what the field should be.
func (r *Registry) shapeOf(f *structs.Field, relation *graph.Relation) (shape structs.Shape, want string) {
	related := r.TableOf(relation.Related)
	name := related.Type.Name()
	switch shape = f.ShapeFor(related.Type); {
	case relation.VariantOf != nil && f.HoldsAny(related.Type):
		return structs.ShapeAny, ""
	case relation.VariantOf != nil:
		return shape, "an interface that *" + name + " implements, such as any"
	case relation.Cardinality == graph.Many && relation.Link != nil:
		link := r.TableOf(relation.Link)
		if shape.Many() && (shape != structs.ShapeLinked || f.LinkType() == link.Type) {
			return shape, ""
		}
		return shape, "[]*" + name + ", []" + name + " or []dovetail.Linked[" + name + ", " + link.Type.Name() + "]"
	case relation.Cardinality == graph.Many:
		if shape.Many() && shape != structs.ShapeLinked {
			return shape, ""
		}
		return shape, "[]*" + name + " or []" + name
	case shape == structs.ShapePointer || shape == structs.ShapeValue && !relation.Optional:
		return shape, ""
	case relation.Optional:
		return shape, "*" + name + " (a row may be missing)"
	}
	return shape, "*" + name + " or " + name
}

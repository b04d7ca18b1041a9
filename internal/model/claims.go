package model

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CLAIMS: which fields of a table's struct are those of its relations. A relation has the field that Field names, the one tagged
// with its name, or else the one that is named like it and is of a type for related rows. All other fields are columns: a column may
// have the name of a relation.

// claim is what one direction of a relation asks of the owner's struct.
type claim struct {
	relation string           // its name
	field    string           // that Field names; empty: none
	related  []*Table         // the tables whose rows it leads to
	several  bool             // the field holds rows of any of them
	fields   []*structs.Field // those it gets; more than one is a mistake
}

// claimsOf returns the claims of the table's relations, each with the fields it gets.
func (r *Registry) claimsOf(t *Table) []*claim {
	var all []*claim
	add := func(c *claim) {
		twice := slices.ContainsFunc(all, func(o *claim) bool { return o.relation == c.relation })
		if c.relation == "" || twice {
			return // a mistake of its own
		}
		for _, f := range t.Layout.Fields {
			if r.claims(c, f) {
				c.fields = append(c.fields, f)
			}
		}
		all = append(all, c)
	}
	for _, d := range r.Relations {
		if d.OwnerTable == t {
			c := &claim{relation: d.Name, field: d.FieldName, related: tablesOf(d.RelatedTable), several: len(d.Types) > 0}
			for _, one := range d.Types {
				c.related = append(c.related, tablesOf(r.TableOf(one.Table))...)
			}
			add(c)
		}
		if d.RelatedTable == t && d.Declaration.Inverse != "" {
			add(&claim{relation: d.Declaration.Inverse, field: d.InverseField, related: tablesOf(d.OwnerTable)})
		}
	}
	return all
}

func tablesOf(t *Table) []*Table {
	if t == nil || t.Type == nil {
		return nil
	}
	return []*Table{t}
}

// claims reports whether a field is the relation's.
func (r *Registry) claims(c *claim, f *structs.Field) bool {
	switch {
	case f.Name == c.field, f.Relation == c.relation:
		return true
	case c.field != "", f.Relation != "":
		return false
	case f.Column != c.relation && f.Plain != c.relation || f.Computed:
		return false
	case slices.ContainsFunc(c.related, func(t *Table) bool { return f.ShapeFor(t.Type) != structs.ShapeNone }):
		return true
	case c.several && f.IsInterface():
		return true
	}
	// What holds rows of another table, or a struct that is no value, was meant for the relation and does not fit it, unless a tag
	// says that it is a column.
	return r.HoldsTable(f) != nil || f.LooksRelated() && !f.Tagged
}

// fieldsOf returns the fields that belong to relations of the table, and the relations' names.
func (r *Registry) fieldsOf(t *Table) map[*structs.Field]string {
	fields := map[*structs.Field]string{}
	for _, c := range r.claimsOf(t) {
		for _, f := range c.fields {
			if fields[f] == "" { // else a mistake, see checkClaims
				fields[f] = c.relation
			}
		}
	}
	return fields
}

// checkClaims reports the claims that cannot be: of no field of the struct, and of one that is another relation's.
func (r *Registry) checkClaims(t *Table, fields map[*structs.Field]string, fail func(*Table, string, error)) {
	for _, c := range r.claimsOf(t) {
		name := t.Graph.Name + "." + c.relation
		if c.field != "" && len(c.fields) == 0 {
			fail(t, c.relation, graph.Problemf(fault.ErrInvalidRelation, "relation %q: struct %s has no field %q; its exported fields are %s",
				name, t.Graph.GoType, c.field, fieldNames(t.Layout)))
		}
		for _, f := range c.fields {
			if first := fields[f]; first != c.relation {
				fail(t, c.relation, graph.Problemf(fault.ErrInvalidRelation, "relations %q and %q both claim field %s.%s; give one of them another, "+
					"by Field or by a tag such as `rel:%q`", t.Graph.Name+"."+first, name, t.Graph.GoType, f.Name, c.relation))
			}
		}
	}
}

// unclaimed is the mistake of a field that holds rows of another table and is no relation's.
func (r *Registry) unclaimed(t *Table, f *structs.Field, other *Table) error {
	var names []string // of relations that lead there and have no field
	for _, c := range r.claimsOf(t) {
		if len(c.fields) == 0 && slices.Contains(c.related, other) {
			names = append(names, c.relation)
		}
	}
	holds := graph.Textf("table %q: field %s.%s holds rows of %q, ", t.Graph.Name, t.Graph.GoType, f.Name, other.Graph.Name)
	if len(names) == 0 {
		return graph.Problemf(fault.ErrInvalidRelation, "%sbut no relation %q is declared; declare it, or tag the field `db:\"-\"`",
			holds, f.Column)
	}
	return graph.Problemf(fault.ErrInvalidRelation, "%sbut no relation %q is declared; if it is for relation %[3]q, tag it `rel:%[4]q` or "+
		"declare that with Field(%[5]q), else tag it `db:\"-\"`", holds, f.Column, t.Graph.Name+"."+names[0], names[0], f.Name)
}

func fieldNames(s *structs.Struct) string {
	names := make([]string, 0, len(s.Fields))
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

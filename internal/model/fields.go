package model

import (
	"reflect"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// FIELDS that related rows are put into. Every way to attach goes through them, and so does every note of what was loaded.

// RelationField is the struct field that a relation is loaded into. Setting it is what makes the relation loaded.
type RelationField struct {
	*structs.Field
	Shape   structs.Shape
	related reflect.Type
	owner   *Table
	bit     uint64 // in the owner's Loads
}

// bindField makes f the field of the relation. The variants of a relation share a field.
func (t *Table) bindField(r *graph.Relation, f *structs.Field, shape structs.Shape, related reflect.Type) {
	if len(t.fields) == 0 || t.fields[len(t.fields)-1] != f {
		t.fields = append(t.fields, f)
	}
	t.Relations[r] = &RelationField{Field: f, Shape: shape, related: related, owner: t, bit: 1 << (len(t.fields) - 1)}
}

// AppendRows appends the rows of the relation that the owner's field holds. What a field for several tables holds is a row of
// the relation's if its struct is that of the table.
func (f *RelationField) AppendRows(rows []structs.Row, owner structs.Row) []structs.Row {
	if f.Shape != structs.ShapeAny {
		return f.Field.AppendRows(rows, owner)
	}
	if typ, row := f.Any(owner); row != nil && typ == f.related {
		rows = append(rows, row)
	}
	return rows
}

// SetOne puts the related row, or nil for none, into a to-one field of the owner.
func (f *RelationField) SetOne(owner, related structs.Row) {
	if f.Shape == structs.ShapeAny {
		f.SetAny(owner, related, f.related)
	} else {
		f.Field.SetOne(owner, related)
	}
	f.setLoaded(owner)
}

// SetMany puts the related rows into a to-many field of the owner, which takes over the slice.
func (f *RelationField) SetMany(owner structs.Row, related []structs.Row) {
	f.Field.SetMany(owner, related)
	f.setLoaded(owner)
}

// SetPairs puts the related rows with their links into a field of the owner, which takes over the slice.
func (f *RelationField) SetPairs(owner structs.Row, related []structs.Pair) {
	f.Field.SetPairs(owner, related)
	f.setLoaded(owner)
}

// setLoaded notes that the relation is loaded into the owner. A struct may be that of several tables, each with relations
// of its own.
func (f *RelationField) setLoaded(owner structs.Row) {
	if f.owner.loads == nil {
		return
	}
	l := f.owner.Registry.Tracking.Loads(f.owner.loads, owner)
	if l.table != f.owner {
		*l = Loads{table: f.owner}
	}
	l.set |= f.bit
}

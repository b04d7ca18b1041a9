package model

import (
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// HANDLES: what a program holds of a relation leads to it once the registry is frozen.

// opposite says that a handle is of the other direction of a declared relation.
type opposite struct {
	of          *Declaration
	cardinality graph.Cardinality // that the handle's type has
}

// Opposite returns a handle of the declaration's other direction, which is of one row or of many. It is looked for when it is used.
func (d *Declaration) Opposite(cardinality graph.Cardinality) *Declaration {
	if d == nil {
		return nil
	}
	o := &Declaration{OwnerTable: d.RelatedTable, RelatedTable: d.OwnerTable, opposite: &opposite{d, cardinality}}
	if o.OwnerTable == nil { // a mistake that is reported
		o.OwnerTable = d.OwnerTable
	}
	o.Owner, o.Name = o.OwnerTable.Graph, d.Declaration.Inverse
	if d.opposite != nil {
		o.Name = d.opposite.of.Name
	}
	return o
}

// Bound returns the handle's relation. The registry is frozen, and sound.
func (d *Declaration) Bound() (*graph.Relation, error) {
	if d.opposite == nil {
		r, _ := d.OwnerTable.Graph.Relation(d.Name)
		return r, nil
	}
	of, err := d.opposite.of.Bound()
	switch {
	case err != nil:
		return nil, err
	case of.Inverse == nil:
		return nil, graph.Problemf(fault.ErrUnknownRelation, "relation %q has no inverse; declare one by Inverse(name)", of.String())
	case of.Inverse.Cardinality != d.opposite.cardinality && d.opposite.cardinality == graph.One:
		return nil, graph.Problemf(fault.ErrInvalidRelation, "relation %q leads to many rows; take its handle by InverseMany", of.Inverse.String())
	case of.Inverse.Cardinality != d.opposite.cardinality:
		return nil, graph.Problemf(fault.ErrInvalidRelation, "relation %q leads to one row; take its handle by Inverse", of.Inverse.String())
	}
	return of.Inverse, nil
}

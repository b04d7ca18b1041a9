package model

import (
	"reflect"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// Loads is what a row remembers.
type Loads struct {
	table *Table // that the row was loaded from; nil: not by this package
	set   uint64 // the bits of the relations that were loaded
}

// Tracking is how the rows of a registry remember what was loaded.
type Tracking struct {
	Type  reflect.Type                                   // embedded in the structs of those that do
	Loads func(f *structs.Field, row structs.Row) *Loads // that are in a field of the type
}

// Has reports whether the relation was loaded. Nothing was into a row that did not come from a query.
func (l Loads) Has(relation string) (bool, error) {
	if l.table == nil {
		return false, nil
	}
	r, ok := l.table.Graph.Relation(relation)
	if !ok {
		return false, &fault.RelationError{
			Table: l.table.Graph.Name, Relation: relation,
			Err: graph.Problemf(fault.ErrUnknownRelation, "Loaded: %w", l.table.Graph.UnknownRelation(relation)),
		}
	}
	f := l.table.Relations[r]
	return f != nil && l.set&f.bit != 0, nil
}

// trackLoads finds where the table's rows remember what was loaded.
func (t *Table) trackLoads(fail func(*Table, string, error)) {
	var byPointer bool
	t.loads, byPointer = t.Layout.Embedded(t.Registry.Tracking.Type)
	switch {
	case t.loads == nil:
	case byPointer:
		fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: struct %s embeds dovetail.Loads by a pointer, which may be nil; "+
			"embed it by value", t.Graph.Name, t.Graph.GoType))
	case !t.loads.Exported():
		fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: struct %s embeds dovetail.Loads by the unexported name %s, which reflection "+
			"cannot set; embed dovetail.Loads itself", t.Graph.Name, t.Graph.GoType, t.loads.Name))
	case len(t.fields) > maxTracked:
		fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: struct %s has fields for %d relations, of which dovetail.Loads remembers %d; "+
			"do not embed it, or remove fields", t.Graph.Name, t.Graph.GoType, len(t.fields), maxTracked))
	}
}

// maxTracked is how many relations a Loads has bits for.
const maxTracked = 64

// LoadedFrom notes that the row is one of the table's.
func (t *Table) LoadedFrom(row structs.Row) {
	if t.loads != nil {
		t.Registry.Tracking.Loads(t.loads, row).table = t
	}
}

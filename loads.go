package dovetail

import (
	"reflect"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// ATTACH, continued: the fields that related rows are put into, and which of them were filled. Every way to attach goes
// through relationField.

// Loads is embedded in the struct of a table to make its rows remember which of their relations were loaded, for
// [Loaded]. It is no column and prints nothing in JSON.
//
//	type Post struct {
//		dovetail.Loads
//		ID     int64
//		Editor *User // nil: there is none, or it was not loaded
//	}
//
// It is embedded by value, directly or within another embedded struct; a pointer is an error of the declaration, as are
// more than 64 relations with a field in one such struct. A copy of a row remembers what the row did when it was
// copied. It costs 16 bytes a row; tables without it pay nothing. Rows that are compared by == or reflect.DeepEqual
// differ if different relations were loaded.
type Loads struct{ l loads }

func (l Loads) loads() loads { return l.l }

// Tracked is a row whose struct embeds [Loads], or a pointer to one. No other type is Tracked.
type Tracked interface{ loads() loads }

// Loaded reports whether the relation was loaded into the row: by [Query.Preload], [Query.Fetch] or [Query.PreloadTree], by
// [Load] or [LoadTree], or as the owner of a row that was. It tells the two meanings of a to-one field that is nil apart: with
// true there is no related row, with false it is not known. It issues no statement.
//
// Nothing is loaded into a row that did not come from a query of its table, nor into a nil row. For other rows a name
// that is no relation of the table is an error, [ErrUnknownRelation]. Loaded may be called by several goroutines, but
// not while the row is being loaded onto.
//
//	loaded, err := dovetail.Loaded(post, "editor")
func Loaded(row Tracked, relation string) (bool, error) {
	if structs.IsNil(row) {
		return false, nil
	}
	return row.loads().has(relation)
}

// loads is what a row remembers.
type loads struct {
	table *table // that the row was loaded from; nil: not by this package
	set   uint64 // the bits of the relations that were loaded
}

func (l loads) has(relation string) (bool, error) {
	if l.table == nil {
		return false, nil
	}
	r, ok := l.table.graph.Relation(relation)
	if !ok {
		return false, &RelationError{
			Table: l.table.graph.Name, Relation: relation,
			Err: graph.Problemf(ErrUnknownRelation, "Loaded: %w", l.table.graph.UnknownRelation(relation)),
		}
	}
	f := l.table.relations[r]
	return f != nil && l.set&f.bit != 0, nil
}

// trackLoads finds where the table's rows remember what was loaded.
func (t *table) trackLoads(fail func(*table, string, error)) {
	var byPointer bool
	t.loads, byPointer = t.layout.Embedded(t.registry.tracking)
	switch {
	case t.loads == nil:
	case byPointer:
		fail(t, "", graph.Problemf(ErrInvalidRelation, "table %q: struct %s embeds dovetail.Loads by a pointer, which may be nil; "+
			"embed it by value", t.graph.Name, t.graph.GoType))
	case len(t.fields) > maxTracked:
		fail(t, "", graph.Problemf(ErrInvalidRelation, "table %q: struct %s has fields for %d relations, of which dovetail.Loads remembers %d; "+
			"do not embed it, or remove fields", t.graph.Name, t.graph.GoType, len(t.fields), maxTracked))
	}
}

// maxTracked is how many relations a Loads has bits for.
const maxTracked = 64

// loadedFrom notes that the row is one of the table's.
func (t *table) loadedFrom(row structs.Row) {
	if t.loads != nil {
		structs.At[loads](t.loads, row).table = t
	}
}

// relationField is the struct field that a relation is loaded into. Setting it is what makes the relation loaded.
type relationField struct {
	*structs.Field
	shape   structs.Shape
	related reflect.Type
	owner   *table
	bit     uint64 // in the owner's Loads
}

// bindField makes f the field of the relation. The variants of a relation share a field.
func (t *table) bindField(r *graph.Relation, f *structs.Field, shape structs.Shape, related reflect.Type) {
	if len(t.fields) == 0 || t.fields[len(t.fields)-1] != f {
		t.fields = append(t.fields, f)
	}
	t.relations[r] = &relationField{Field: f, shape: shape, related: related, owner: t, bit: 1 << (len(t.fields) - 1)}
}

// AppendRows appends the rows of the relation that the owner's field holds. What a field for several tables holds is a row of
// the relation's if its struct is that of the table.
func (f *relationField) AppendRows(rows []structs.Row, owner structs.Row) []structs.Row {
	if f.shape != structs.ShapeAny {
		return f.Field.AppendRows(rows, owner)
	}
	if typ, row := f.Any(owner); row != nil && typ == f.related {
		rows = append(rows, row)
	}
	return rows
}

// SetOne puts the related row, or nil for none, into a to-one field of the owner.
func (f *relationField) SetOne(owner, related structs.Row) {
	if f.shape == structs.ShapeAny {
		f.SetAny(owner, related, f.related)
	} else {
		f.Field.SetOne(owner, related)
	}
	f.setLoaded(owner)
}

// SetMany puts the related rows into a to-many field of the owner, which takes over the slice.
func (f *relationField) SetMany(owner structs.Row, related []structs.Row) {
	f.Field.SetMany(owner, related)
	f.setLoaded(owner)
}

// SetPairs puts the related rows with their links into a field of the owner, which takes over the slice.
func (f *relationField) SetPairs(owner structs.Row, related []structs.Pair) {
	f.Field.SetPairs(owner, related)
	f.setLoaded(owner)
}

// setLoaded notes that the relation is loaded into the owner. A struct may be that of several tables, each with relations
// of its own.
func (f *relationField) setLoaded(owner structs.Row) {
	if f.owner.loads == nil {
		return
	}
	l := structs.At[loads](f.owner.loads, owner)
	if l.table != f.owner {
		*l = loads{table: f.owner}
	}
	l.set |= f.bit
}

package model

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// TABLE: a declared table with the layout of its struct, and what its fields say of keys.

// Table is a declared table, whatever its struct type. The fields after columnOptions are filled by freezing.
type Table struct {
	Registry  *Registry
	Type      reflect.Type
	Key       []string // nil: the column id, if there is one
	Scopes    []DeclaredScope
	NilOption bool   // an option is nil
	Differs   string // why its scopes are not those of other bindings of the table; empty: they are
	Graph     *graph.Table

	ColumnOptions []ColumnOption

	Layout    *structs.Struct
	Columns   map[string]*structs.Field          // by column name, computed ones included
	Relations map[*graph.Relation]*RelationField // those that have a field
	fields    []*structs.Field                   // of the relations
	loads     *structs.Field                     // of the registry's Tracking; nil: the rows do not remember what was loaded
}

// nobody is the name of a table or a relation that was not declared.
const nobody = "<nil>"

// Name returns the table's name.
func (t *Table) Name() string {
	if t == nil {
		return nobody
	}
	return t.Graph.Name
}

// KeyFields returns the fields of the primary key.
func (t *Table) KeyFields() []*structs.Field { return t.FieldsOf(t.Graph.PrimaryKey) }

// FieldsOf returns the field of each column, nil where there is none.
func (t *Table) FieldsOf(columns []string) []*structs.Field {
	fields := make([]*structs.Field, len(columns))
	for i, name := range columns {
		fields[i] = t.Columns[name]
	}
	return fields
}

// FieldsFor returns the struct field of each output, nil where there is none. A column under another name is a computed field's.
func (t *Table) FieldsFor(q *plan.Query) []*structs.Field {
	fields := t.FieldsAt(q, q.Base)
	for i, o := range q.Outputs {
		if o.Renamed {
			fields[i] = t.ComputedField(o.Alias)
		}
	}
	return fields
}

// ComputedField returns the computed field of that name, nil if there is none.
func (t *Table) ComputedField(name string) *structs.Field {
	if f := t.Columns[name]; f != nil && f.Computed {
		return f
	}
	return nil
}

// FieldsAt returns the struct field of each output that is a column of the binding, which is the table's.
func (t *Table) FieldsAt(q *plan.Query, b *plan.Binding) []*structs.Field {
	fields := make([]*structs.Field, len(q.Outputs))
	for i, o := range q.Outputs {
		if o.Expr == nil && o.Ref.Binding == b && !o.Position && !o.Renamed {
			fields[i] = t.Columns[o.Ref.Column]
		}
	}
	return fields
}

// Same reports whether two structs are one row: one struct, or of one primary key. Structs whose key is all zeros are not told
// by it: the program may still give them different ones.
func (t *Table) Same(a, b structs.Row) bool {
	if a == b {
		return true
	}
	key := t.KeyFields()
	return t.HasKey(key, a) && t.HasKey(key, b) && !slices.ContainsFunc(key, func(f *structs.Field) bool { return !t.SameValue(f, a, b) }) &&
		slices.ContainsFunc(key, func(f *structs.Field) bool { return !f.IsZero(a) })
}

// HasKey reports whether a row has a key by which another can point at it.
func (t *Table) HasKey(key []*structs.Field, row structs.Row) bool { return t.NoKey(key, row) == "" }

// NoKey says why a row has no key by which another can point at it; empty: it has one. A key that the program gives may be zero.
func (t *Table) NoKey(key []*structs.Field, row structs.Row) string {
	for _, f := range key {
		switch zero := f.IsZero(row); {
		case zero && MadeByDatabase(t.Graph, f.Column):
			return "has no key yet; insert it first, or declare AssignedKey if the program gives the keys, zero too"
		case zero && (f.Nullable || f.Class == structs.ClassBytes):
			return fmt.Sprintf("has NULL in column %q, by which it would be told; give it a value", f.Column)
		}
	}
	return ""
}

// IsNew reports whether the database is still to make the row's primary key, or a column of it.
func (t *Table) IsNew(row structs.Row) bool {
	return slices.ContainsFunc(t.KeyFields(), func(f *structs.Field) bool { return f.IsZero(row) && MadeByDatabase(t.Graph, f.Column) })
}

// Cleared returns those of the fields of a foreign key that are cleared when it points at nothing any more.
func (t *Table) Cleared(fields []*structs.Field) []*structs.Field {
	freed := t.Graph.Freed(ColumnNames(fields))
	return slices.DeleteFunc(slices.Clone(fields), func(f *structs.Field) bool { return !slices.Contains(freed, f.Column) })
}

// Clear makes a foreign key point at nothing: by NULL where it can be NULL, else by zeros. A primary key stays.
func (t *Table) Clear(row structs.Row, fields []*structs.Field) {
	clear := t.Cleared(fields)
	if len(clear) == 0 {
		clear = slices.DeleteFunc(slices.Clone(fields), func(f *structs.Field) bool {
			return slices.Contains(t.Graph.PrimaryKey, f.Column)
		})
	}
	for _, f := range clear {
		f.SetZero(row)
	}
}

// ColumnNames returns the columns of the fields.
func ColumnNames(fields []*structs.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Column
	}
	return names
}

// FieldPair is a field of a foreign key, and the field it is filled from.
type FieldPair struct {
	Holder, Referenced *structs.Field
	Spelled            string // the class of Referenced, where Holder holds it as text
	To                 *Table // of Referenced
}

// KeyPairs returns the fields of the key of a step between two tables.
func KeyPairs(s graph.Step, from, to *Table) []FieldPair {
	pairs := make([]FieldPair, len(s.On))
	for i, on := range s.On {
		if s.Forward {
			pairs[i] = FieldPair{from.Columns[on.From], to.Columns[on.To], on.Key, to}
		} else {
			pairs[i] = FieldPair{to.Columns[on.To], from.Columns[on.From], on.Key, from}
		}
	}
	return pairs
}

// KeyHolders returns the fields of the foreign key of a relation of one key, and then those of its constants.
func KeyHolders(registry *Registry, r *graph.Relation, t *Table, constants []graph.Constant) []*structs.Field {
	var fields []*structs.Field
	for _, p := range KeyPairs(r.Steps[0], registry.TableOf(r.Owner), registry.TableOf(r.Related)) {
		fields = append(fields, p.Holder)
	}
	for _, c := range constants {
		fields = append(fields, t.Columns[c.Column])
	}
	return fields
}

// MadeByDatabase reports whether the database makes the column's value if it is zero.
func MadeByDatabase(t *graph.Table, column string) bool {
	c, ok := t.Column(column)
	identity, numbered := t.Identity()
	return ok && (c.Default != "" || c.ReadOnly || numbered && identity.Name == column)
}

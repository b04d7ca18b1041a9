package model

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// ScanFailed says which of the fields, one a column of the result, could not be scanned.
func (t *Table) ScanFailed(path string, fields []*structs.Field, err error) error {
	var column *dialect.ColumnError
	if !errors.As(err, &column) {
		return &fault.ScanError{Path: path, Err: err}
	}
	return t.ValueError(path, fields[column.Index], column)
}

// ValueError says which field cannot hold a value.
func (t *Table) ValueError(path string, f *structs.Field, column *dialect.ColumnError) error {
	return &fault.ScanError{
		Path: path, Column: t.Graph.Name + "." + f.Column, Field: t.Graph.GoType + "." + f.Name,
		Err: ValueError(f.Type, column),
	}
}

// ValueError says that a value cannot be held by a field of the type.
func ValueError(t reflect.Type, column *dialect.ColumnError) error { return &valueError{t, column} }

// valueError is a value that its field cannot hold. The driver's error stays in the chain; its text may hold the value,
// which does not belong in a message.
type valueError struct {
	held   reflect.Type
	column *dialect.ColumnError
}

func (e *valueError) Error() string {
	written := ""
	if e.column.Unknown {
		written = "; the row may have been written all the same: look before you write again"
	}
	if e.column.Null {
		return fmt.Sprintf("the value is NULL and the field is %s; make it *%s or a null type%s", e.held, e.held, written)
	}
	value, remedy := "the value", "give the field a type that holds all values of the column"
	if e.column.Given != "" {
		value += ", which the database gave as " + e.column.Given + ","
	}
	if e.column.Remedy != "" {
		remedy = e.column.Remedy
	}
	return fmt.Sprintf("%s cannot be held by a %s; %s%s", value, e.held, remedy, written)
}

// Is matches [dialect.ErrCommitUnknown] where that is so.
func (e *valueError) Is(target error) bool { return e.column.Is(target) }

func (e *valueError) Unwrap() error { return e.column.Err }

// numeric reports whether the column of a field is declared to be numeric.
func (t *Table) numeric(f *structs.Field) bool {
	c, ok := t.Graph.Column(f.Column)
	return ok && c.Numeric()
}

// texts reports whether values of a field go as text to a column that is declared to be of numbers, or of whole ones.
func (t *Table) texts(f *structs.Field) (whole, ok bool) {
	if f.Class != structs.ClassText && f.Class != structs.ClassCustom {
		return false, false
	}
	if c, found := t.Graph.Column(f.Column); found {
		return c.Numbers()
	}
	return false, false
}

// Limited reports whether there are values of the field that a database may not keep, or not give back.
func (t *Table) Limited(f *structs.Field) bool {
	_, number := t.texts(f)
	return number || f.Limited()
}

// Kept says why what a field holds in a row would not come back from a database with these limits. The error continues a sentence about the
// value.
func (t *Table) Kept(f *structs.Field, row structs.Row, keeps dialect.Limits) error {
	if whole, number := t.texts(f); number && keeps.AnyText {
		if err := f.NumberKept(row, whole); err != nil {
			return err
		}
	}
	return f.Kept(row, keeps)
}

// fits returns what returns a value as a field's column is to be sent it, or says why the field could not hold it when it comes back. Numbers
// of a column that is numeric come back to a string as texts, and a float32 as the digits that Go writes it with.
func (t *Table) fits(f *structs.Field, keeps dialect.Limits) func(arg any) (any, error) {
	whole, number := t.texts(f)
	numeric := t.numeric(f)
	return func(arg any) (any, error) {
		if number && keeps.AnyText {
			if err := structs.Number(arg, whole); err != nil {
				return nil, err
			}
		}
		if numeric && f.Class == structs.ClassText && structs.IsNumber(arg) {
			return structs.Shortest(arg), structs.Kept(arg, keeps)
		}
		if numeric && f.Class == structs.ClassFloat {
			arg = structs.Shortest(arg)
		}
		return f.Fits(arg, keeps)
	}
}

// SetValue gives a field a value that is not NULL, as [structs.Field.AssignValue] does. A string whose column is numeric takes numbers,
// as conditions with it do.
func (t *Table) SetValue(f *structs.Field, row structs.Row, value any) error {
	if f.Class == structs.ClassText && t.numeric(f) {
		if text, ok := structs.NumberText(value); ok {
			value = text
		}
	}
	return f.AssignValue(row, value)
}

// TypeReader reads what rows have in the type column of a polymorphic reference, text or an integer.
type TypeReader struct {
	field *structs.Field
	keys  dialect.Keys
}

// TypeReader returns one for the column. It is not safe for concurrent use.
func (t *Table) TypeReader(column string) *TypeReader {
	r := &TypeReader{field: t.Columns[column], keys: dialect.Keys{Kind: dialect.KeyText}}
	if r.field.Class == structs.ClassInteger {
		r.keys.Kind = dialect.KeyInt
	}
	return r
}

// Read reads the value of a row; ok is false where it is NULL.
func (r *TypeReader) Read(row structs.Row) (ok bool, err error) {
	r.keys.Ints, r.keys.Texts = r.keys.Ints[:0], r.keys.Texts[:0]
	return r.field.AppendKey(&r.keys, row)
}

// Is reports whether the value that was read last is that of a type.
func (r *TypeReader) Is(value any) bool {
	if r.keys.Kind == dialect.KeyInt {
		return r.keys.Ints[0] == value
	}
	return r.keys.Texts[0] == value
}

// Value returns the value that was read last.
func (r *TypeReader) Value() any {
	if r.keys.Kind == dialect.KeyInt {
		return r.keys.Ints[0]
	}
	return r.keys.Texts[0]
}

// SameStored reports whether every type of column stores what a field has in two rows as one value. Times that are of one moment in two
// zones, or that differ behind the microsecond, are that in some alone.
func (t *Table) SameStored(f *structs.Field, a, b structs.Row) bool {
	return t.SameValue(f, a, b) && (f.Class != structs.ClassTime || f.SameClock(a, b))
}

// SameValue reports whether two rows have the same value in a column. Numbers of one that is numeric are the same however they
// are written.
func (t *Table) SameValue(f *structs.Field, a, b structs.Row) bool {
	return f.Same(a, b) || t.numeric(f) && f.SameNumber(a, b)
}

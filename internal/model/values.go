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
	if e.column.Null {
		return fmt.Sprintf("the value is NULL and the field is %s; make it *%s or a null type", e.held, e.held)
	}
	value, remedy := "the value", "give the field a type that holds all values of the column"
	if e.column.Given != "" {
		value += ", which the database gave as " + e.column.Given + ","
	}
	if e.column.Remedy != "" {
		remedy = e.column.Remedy
	}
	return fmt.Sprintf("%s cannot be held by a %s; %s", value, e.held, remedy)
}

func (e *valueError) Unwrap() error { return e.column.Err }

package write

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// ARRAYS: the values of many rows go to the database as one array for each column, where it takes such and each means there what it
// means alone.

// A statement is given so many rows as arrays, or so many bytes of them and the row that comes with the last.
const (
	maxArrayRows  = 16384
	maxArrayBytes = 16 << 20
)

// learnTypes asks for the types that the database has for the columns of the tables, unless those of the fields of the first are known,
// or it needs none.
func (w writing) learnTypes(fields []*structs.Field, tables ...*model.Table) error {
	if !slices.ContainsFunc(w.types(tables[0], fields), func(t dialect.KeyType) bool { return t.SQL == "" }) {
		return nil
	}
	var refs []dialect.ColumnRef
	for _, t := range tables {
		for c := range t.Graph.Stored() {
			refs = append(refs, compile.ColumnOf(t.Graph, c.Name))
		}
	}
	return load.LearnKeyTypes(w.ctx, w.db, w.registry, refs)
}

// forgetTypes forgets the types of the table's columns where a statement that was written by them has failed, and no constraint says why: a
// column may have got another type since.
func (w writing) forgetTypes(err error, t *model.Table) {
	var failed *dialect.StatementError
	var refused *fault.ConstraintError
	if !errors.As(err, &failed) || errors.As(err, &refused) {
		return
	}
	for c := range t.Graph.Stored() {
		w.db.Catalog().Forget(compile.ColumnOf(t.Graph, c.Name))
	}
}

// types returns the types that the database has for the columns of the fields, as far as they are known.
func (w writing) types(t *model.Table, fields []*structs.Field) []dialect.KeyType {
	types := make([]dialect.KeyType, len(fields))
	for i, f := range fields {
		types[i], _ = w.db.Catalog().KeyType(compile.ColumnOf(t.Graph, f.Column))
	}
	return types
}

// elementTypes returns the types of the elements of an array for each of the fields; ok is false where one takes none.
func elementTypes(d dialect.Dialect, fields []*structs.Field, types []dialect.KeyType) (elements []string, ok bool) {
	by, ok := d.(dialect.Arrayed)
	elements = make([]string, len(fields))
	for i := 0; ok && i < len(fields); i++ {
		elements[i], ok = by.ElementType(fields[i].Element(), types[i])
	}
	return elements, ok
}

// mayGoInArrays reports whether the fields go in arrays if their columns' types let them.
func mayGoInArrays(d dialect.Dialect, fields []*structs.Field) bool {
	_, ok := d.(dialect.Arrayed)
	for i := 0; ok && i < len(fields); i++ {
		ok = fields[i].Element() != dialect.ElementNone
	}
	return ok
}

// inArrays makes arrays of the next rows, as many as a statement is given, and returns how many those are. add adds the i-th row.
func inArrays(d dialect.Dialect, columns, rows int, add func(i int, to []dialect.Elements) error) (args []any, taken int, err error) {
	by, _ := d.(dialect.Arrayed)
	to, size := make([]dialect.Elements, columns), 0
	for i := range to {
		to[i] = by.NewElements()
	}
	for taken < min(rows, maxArrayRows) && size < maxArrayBytes {
		if err := add(taken, to); err != nil {
			return nil, 0, err
		}
		taken, size = taken+1, 0
		for _, e := range to {
			size += e.Size()
		}
	}
	args = make([]any, columns)
	for i, e := range to {
		args[i] = e.Arg()
	}
	return args, taken, nil
}

// notElement says that a value does not become an element.
func notElement(err error) error { return graph.Problemf(fault.ErrArgType, "%w", err) }

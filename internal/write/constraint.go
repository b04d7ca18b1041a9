package write

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// CONSTRAINTS: what the database refuses becomes an error that names the relation.

// refused turns an error of the database into a ConstraintError if it is one. The table is the one written to.
func (w writing) refused(t *graph.Table, err error) error {
	f := w.db.Dialect().Failure(err)
	switch f.Kind {
	case dialect.FailureNoUnique:
		return &unfit{noUnique, t.Name, err}
	case dialect.FailureDeferrable:
		return &unfit{deferrable, t.Name, err}
	case dialect.FailureNumbered:
		return &unfit{numberedAlways, t.Name, err}
	}
	e := f.Refusal(err)
	if e == nil {
		return err
	}
	if e.Table == "" {
		e.Table = t.Name
	}
	verb, _, _ := strings.Cut(w.op, " ")
	if e.Kind == fault.ForeignKeyConstraint && e.How == "" {
		e.How = offences[verb]
	}
	locate(t, e, f)
	return e
}

// offences are how rows can offend a foreign key by calls that do one thing alone.
var offences = map[string]string{
	"insert": "it points at a row that is not there",
	"delete": "it is still pointed at",
}

// unfit is a statement that the database could never do with the table as it is.
type unfit struct {
	why, table string
	err        error
}

// What the database lacks, or has too much, for a statement.
const (
	noUnique = "the database has no unique key of %q over the columns by which rows are known to be there: for links those of both keys " +
		"and what rules say, for Upsert those of OnConflict; create one, and declare it with PrimaryKey or Unique; where a pair may be linked twice, insert the rows of the join " +
		"table with Insert; and give Upsert the condition that its index has by Where"
	deferrable = "the unique key of %q by which rows are known to be there is DEFERRABLE in the database, which checks it too late to tell; make it " +
		"NOT DEFERRABLE, or add a unique index over the same columns"
	numberedAlways = "the database always makes a column of %q that is given a value: it is GENERATED ALWAYS; leave its field zero, or declare it by ReadOnly " +
		"or Generated, or have the database number it BY DEFAULT"
	noTemporary = "the delete keeps keys of %q in a temporary table, which the user may not create: GRANT TEMPORARY ON DATABASE … TO the user"
)

// unprivileged says of a temporary table that could not be made what to do.
func (w writing) unprivileged(err error, t *graph.Table) error {
	var failed *fault.QueryError
	if errors.As(err, &failed) && w.db.Dialect().Failure(failed.Err).Kind == dialect.FailurePrivilege {
		failed.Err = &unfit{noTemporary, t.Name, failed.Err}
	}
	return err
}

func (e *unfit) Error() string { return fmt.Sprintf(e.why, e.table) }

// Is matches [fault.ErrUnsupported].
func (e *unfit) Is(target error) bool { return target == fault.ErrUnsupported }

// Unwrap returns the error of the database.
func (e *unfit) Unwrap() error { return e.err }

// locate names the relation along the foreign key that failed, if it can be told.
func locate(t *graph.Table, e *fault.ConstraintError, said dialect.Failure) {
	switch known := len(e.Columns) > 0 || e.Table != t.Name; {
	case known:
	case e.Kind == fault.CheckConstraint:
		e.Columns = checked(t, e.Constraint)
	case e.Kind == fault.UniqueConstraint:
		e.Columns = indexed(t, e.Constraint)
	}
	if e.Kind != fault.ForeignKeyConstraint {
		return
	}
	keys := keysThatFailed(t, e.How, said)
	if len(keys) == 1 {
		e.Table, e.Columns, e.Path = keys[0].Table.Name, keys[0].Columns, pathOf(keys[0])
		return
	}
	e.Paths = pathsOf(keys)
}

// pathsOf names each of the keys: by a relation along it or, where that goes along another of them too, as a link does, by its columns.
func pathsOf(keys []*graph.ForeignKey) []string {
	paths := make([]string, len(keys))
	for i, k := range keys {
		paths[i] = pathOf(k)
		if slices.ContainsFunc(keys, func(other *graph.ForeignKey) bool { return other != k && pathOf(other) == paths[i] }) {
			paths[i] = k.Table.Name + "." + strings.Join(k.Columns, ", ")
		}
	}
	return paths
}

// settle has an error speak of the declared table, and of its constraint, where the database told those of one that holds some of its rows, as a partition
// does. It asks the database for it behind the transaction, which can be asked nothing once it has failed.
func (w writing) settle(err error) {
	var e *fault.ConstraintError
	if !errors.As(err, &e) || w.tableNamed(e.Table) != nil && len(e.Paths) == 0 {
		return
	}
	f := w.db.Dialect().Failure(e.Err)
	of, known := w.db.Catalog().Whole(f.Table, f.Constraint)
	if !known && !w.inside {
		if of, known = w.whole(e.Err); known {
			w.db.Catalog().SetWhole(f.Table, f.Constraint, of)
		}
	}
	if of.Constraint == "" && len(of.Tables) == 0 {
		return
	}
	if of.Constraint != "" {
		e.Constraint, f.Constraint = of.Constraint, of.Constraint
	}
	for _, name := range append([]string{f.Table}, of.Tables...) {
		t := w.tableNamed(name)
		if t == nil {
			continue
		}
		among := e.Paths
		e.Table, f.Table, e.Paths = name, name, nil
		if locate(t, e, f); len(among) > 0 && len(e.Paths) > 0 {
			e.Paths = among
		}
		return
	}
}

// whole asks the database what the table and the constraint that an error names are parts of.
func (w writing) whole(err error) (of dialect.Whole, ok bool) {
	d, inherits := w.db.Dialect().(dialect.Inheriting)
	if !inherits {
		return of, false
	}
	stmt, ok := d.Inherited(err)
	if !ok {
		return of, false
	}
	stmt.Op = w.op
	_, err = load.Run(w.ctx, w.db, []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var isConstraint bool
			var name string
			var depth int64
			if err := rows.Scan(&isConstraint, &name, &depth); err != nil {
				return err
			}
			if isConstraint {
				of.Constraint = name
			} else {
				of.Tables = append(of.Tables, name)
			}
		}
		return rows.Err()
	})
	return of, err == nil
}

// checked returns the columns that a CHECK constraint is declared to be about, known by its name.
func checked(t *graph.Table, constraint string) []string {
	for i, c := range t.Checks {
		if c.Name == constraint || c.Name == "" && constraint == t.ConstraintName("check"+strconv.Itoa(i+1), nil) {
			return slices.Clone(c.Columns)
		}
	}
	for c := range t.Stored() {
		if len(c.Values) > 0 && constraint == t.ConstraintName("check", []string{c.Name}) {
			return []string{c.Name}
		}
	}
	return nil
}

// indexed returns the columns that an index is declared to be on, known by its name.
func indexed(t *graph.Table, name string) []string {
	var columns []string
	for _, x := range t.Special {
		if x.Name != name {
			continue
		}
		for _, term := range x.On {
			columns = append(columns, plan.ColumnsIn(t.Columns, term)...)
		}
	}
	return columns
}

// keysThatFailed returns the foreign keys of which one failed, as far as the database says which, and how a row offends it. SQLite says nothing.
func keysThatFailed(t *graph.Table, how string, f dialect.Failure) []*graph.ForeignKey {
	sides := slices.Concat(t.ForeignKeys(), t.ReferencedBy())
	switch {
	case f.Table != "": // which is the one that the key is of
	case how == offences["insert"]:
		sides = t.ForeignKeys()
	case how == offences["delete"]:
		sides = t.ReferencedBy()
	}
	var fits, named []*graph.ForeignKey
	for _, k := range sides {
		// A row that is still pointed at fails with the columns that are.
		said := len(f.Columns) == 0 || !f.Pointed && slices.Equal(k.Columns, f.Columns) || slices.Equal(k.Referenced, f.Columns)
		if !said || f.Table != "" && k.Table.Name != f.Table || slices.Contains(fits, k) {
			continue
		}
		fits = append(fits, k)
		for _, columns := range [][]string{k.Columns, k.Named()} {
			if f.Constraint == k.Table.ConstraintName("fkey", columns) && !slices.Contains(named, k) {
				named = append(named, k)
			}
		}
	}
	if len(named) > 0 {
		return named
	}
	return fits
}

// pathOf names a foreign key by a relation along it, from the end that holds it if one is declared there.
func pathOf(k *graph.ForeignKey) string {
	for _, r := range k.Relations {
		if r.Owner == k.Table {
			return r.String()
		}
	}
	return k.String()
}

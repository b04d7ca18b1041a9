package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// CONSTRAINTS: what the database refuses becomes an error that names the relation.

var constraintKinds = map[dialect.FailureKind]fault.ConstraintKind{
	dialect.FailureForeignKey: fault.ForeignKeyConstraint,
	dialect.FailureUnique:     fault.UniqueConstraint,
	dialect.FailureNotNull:    fault.NotNullConstraint,
	dialect.FailureCheck:      fault.CheckConstraint,
	dialect.FailureExclusion:  fault.ExclusionConstraint,
	dialect.FailurePartition:  fault.PartitionConstraint,
}

// refused turns an error of the database into a ConstraintError if it is one. The table is the one written to, nil if it is not
// known.
func refused(d dialect.Dialect, t *graph.Table, err error) error {
	f := d.Failure(err)
	kind, ok := constraintKinds[f.Kind]
	if !ok {
		return err
	}
	e := &fault.ConstraintError{Kind: kind, Table: f.Table, Columns: f.Columns, Constraint: f.Constraint, Err: err}
	if t == nil {
		return e
	}
	if e.Table == "" {
		e.Table = t.Name
	}
	if kind != fault.ForeignKeyConstraint {
		return e
	}
	if k := keyThatFailed(t, f); k != nil {
		e.Table, e.Columns, e.Path = k.Table.Name, k.Columns, pathOf(k)
	}
	return e
}

// keyThatFailed returns the foreign key that failed, nil where it cannot be told: SQLite does not say which.
func keyThatFailed(t *graph.Table, f dialect.Failure) *graph.ForeignKey {
	var fits []*graph.ForeignKey
	for _, k := range slices.Concat(t.ForeignKeys(), t.ReferencedBy()) {
		// A row that is still pointed at fails with the columns that are.
		said := len(f.Columns) == 0 || slices.Equal(k.Columns, f.Columns) || slices.Equal(k.Referenced, f.Columns)
		if said && (f.Table == "" || k.Table.Name == f.Table) && !slices.Contains(fits, k) {
			fits = append(fits, k)
		}
	}
	if len(fits) != 1 {
		return nil
	}
	return fits[0]
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

package dovetail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// WRITE, continued: what all writes have in common.

// writing is one call that writes.
type writing struct {
	ctx      context.Context
	db       dialect.DB
	op       string
	registry *registry
}

// inTx runs do, and everything it sends, in one transaction.
func (w writing) inTx(do func(writing) error) error {
	d := w.db.Dialect()
	err := w.db.InTx(w.ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
		w.db = tx
		return do(w)
	})
	if failed, ok := err.(*dialect.TxError); ok && !failed.Unknown { //nolint:errorlint // see txError
		failed.Err = refused(d, w.tableNamed(d.Failure(err).Table), failed.Err) // constraints that are checked at the commit
	}
	return txError(w.op, err)
}

// tableNamed returns the table that the database calls so, nil if none is declared.
func (w writing) tableNamed(name string) *graph.Table {
	for _, t := range w.registry.tables {
		if t.graph.Name == name {
			return t.graph
		}
	}
	return nil
}

// send sends statements and says of an error which one it belongs to, and which constraint refused it.
func (w writing) send(stmts []dialect.Statement, tables []*graph.Table, each func(int, dialect.Rows) error) error {
	at, err := runOn(w.ctx, w.db, stmts, each)
	if err == nil {
		return nil
	}
	at = min(at, len(stmts)-1)
	var failed *dialect.StatementError
	if errors.As(err, &failed) {
		err = refused(w.db.Dialect(), tables[at], err)
	}
	return &QueryError{Op: w.op, Path: stmts[at].Path, SQL: stmts[at].SQL, Err: err}
}

// affected returns how many rows a statement that yields none has affected.
func affected(rows dialect.Rows) (int64, error) {
	for rows.Next() { // the number comes at the end
	}
	return rows.Affected(), rows.Err()
}

// ignored is a statement of which it does not matter how many rows it affects.
func ignored(rows dialect.Rows) error {
	_, err := affected(rows)
	return err
}

// one sends one statement. What comes back may not fit its field, which is known only when the statement has been executed, so
// that takes a transaction.
func (w writing) one(stmt dialect.Statement, t *graph.Table, read func(dialect.Rows) error) error {
	send := func(w writing) error {
		return w.send([]dialect.Statement{stmt}, []*graph.Table{t}, func(_ int, rows dialect.Rows) error { return read(rows) })
	}
	if stmt.Exec {
		return send(w)
	}
	return w.inTx(send)
}

// ConstraintKind is the kind of a constraint.
type ConstraintKind string

// The kinds of constraint.
const (
	ForeignKeyConstraint ConstraintKind = "foreign key"
	UniqueConstraint     ConstraintKind = "unique"
	NotNullConstraint    ConstraintKind = "not null"
	CheckConstraint      ConstraintKind = "check"
	ExclusionConstraint  ConstraintKind = "exclusion"
)

var constraintKinds = map[dialect.FailureKind]ConstraintKind{
	dialect.FailureForeignKey: ForeignKeyConstraint,
	dialect.FailureUnique:     UniqueConstraint,
	dialect.FailureNotNull:    NotNullConstraint,
	dialect.FailureCheck:      CheckConstraint,
	dialect.FailureExclusion:  ExclusionConstraint,
}

// ConstraintError is a row that a constraint of the database refuses. What the database says, which may hold values, is in the
// chain and not in the text.
type ConstraintError struct {
	Kind       ConstraintKind
	Table      string   // the table whose constraint it is; SQLite does not say it of a foreign key: the table written to
	Columns    []string // those the constraint is about, if the database says them
	Constraint string   // its name, if the database says it
	Path       string   // of a foreign key, the declared relation along it: "activity.account"; empty if it is not known
	Err        error    // the database's
}

func (e *ConstraintError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, graph.Prefix+"%s constraint", e.Kind)
	if e.Constraint != "" {
		fmt.Fprintf(&b, " %q", e.Constraint)
	}
	if e.Table != "" {
		fmt.Fprintf(&b, " of %q", e.Table)
	}
	if len(e.Columns) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(e.Columns, ", "))
	}
	if e.Path != "" {
		fmt.Fprintf(&b, ", relation %q,", e.Path)
	}
	b.WriteString(" refuses a row")
	if how, ok := constraintRemedies[e.Kind]; ok {
		b.WriteString(": " + how)
	}
	return b.String()
}

var constraintRemedies = map[ConstraintKind]string{
	ForeignKeyConstraint: "it points at a row that is not there, or is still pointed at",
	UniqueConstraint:     "another row has the same value",
	NotNullConstraint:    "the column must have a value",
}

// Unwrap returns the error of the database.
func (e *ConstraintError) Unwrap() error { return e.Err }

// refused turns an error of the database into a ConstraintError if it is one. The table is the one written to, nil if it is not
// known.
func refused(d dialect.Dialect, t *graph.Table, err error) error {
	f := d.Failure(err)
	kind, ok := constraintKinds[f.Kind]
	if !ok {
		return err
	}
	e := &ConstraintError{Kind: kind, Table: f.Table, Columns: f.Columns, Constraint: f.Constraint, Err: err}
	if t == nil {
		return e
	}
	if e.Table == "" {
		e.Table = t.Name
	}
	if kind != ForeignKeyConstraint {
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

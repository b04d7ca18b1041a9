package dialect

import (
	"errors"
	"fmt"
	"strings"
)

// ErrCommitUnknown is a write of which nobody knows whether it happened, because its answer was lost: that of a commit, or of one
// statement outside a transaction. Look before you write again.
var ErrCommitUnknown = errors.New("commit unknown")

// ErrUnsupported is what a database, or this library, does not do.
var ErrUnsupported = errors.New("unsupported")

// prefix begins the text of the library's public errors. It is printed once, however they are nested.
const prefix = "dovetail: "

// body returns an error's text as a part of another's.
func body(err error) string {
	if err == nil {
		return "no cause"
	}
	return strings.TrimPrefix(err.Error(), prefix)
}

// told returns the text of an error of the database, which may be unknown.
func told(unknown bool, text string) string {
	if unknown {
		return ErrCommitUnknown.Error() + ": " + text
	}
	return text
}

// TxError is a transaction that could not be begun, committed or rolled back.
type TxError struct {
	Step string // "begin", "commit" or "rollback"
	// Unknown says that nobody knows whether the transaction was committed, because the answer was lost: it is
	// [ErrCommitUnknown].
	Unknown bool
	Err     error
}

func (e *TxError) Error() string { return prefix + told(e.Unknown, e.Step+": "+body(e.Err)) }

// Is matches [ErrCommitUnknown] where that is so.
func (e *TxError) Is(target error) bool { return e.Unknown && target == ErrCommitUnknown }

// Unwrap returns the error of the database or its driver.
func (e *TxError) Unwrap() error { return e.Err }

// StatementError is an error of the database or its driver, with the number of the statement it belongs to.
type StatementError struct {
	Index int // which of Run's statements failed
	// Unknown says that nobody knows whether the statement, and those before it, were executed, because the answer was lost: it
	// is [ErrCommitUnknown].
	Unknown bool
	Err     error
}

func (e *StatementError) Error() string { return told(e.Unknown, body(e.Err)) }

// Is matches [ErrCommitUnknown] where that is so.
func (e *StatementError) Is(target error) bool { return e.Unknown && target == ErrCommitUnknown }

// Unwrap returns the error of the database or its driver.
func (e *StatementError) Unwrap() error { return e.Err }

// ConstraintKind is the kind of a constraint.
type ConstraintKind string

// The kinds of constraint.
const (
	ForeignKeyConstraint ConstraintKind = "foreign key"
	UniqueConstraint     ConstraintKind = "unique"
	NotNullConstraint    ConstraintKind = "not null"
	CheckConstraint      ConstraintKind = "check"
	ExclusionConstraint  ConstraintKind = "exclusion"
	// PartitionConstraint is a partitioned table without a partition for the row, or a partition that is not the row's.
	PartitionConstraint ConstraintKind = "partition"
	// ViewConstraint is a view WITH CHECK OPTION that would not have the row.
	ViewConstraint ConstraintKind = "view"
)

// ConstraintError is a row that a constraint of the database refuses. What the database says, which may hold values, is in the
// chain and not in the text.
type ConstraintError struct {
	Kind       ConstraintKind
	Table      string   // the table whose constraint it is; SQLite does not say it of a foreign key: the table written to
	Columns    []string // those the constraint is about, if the database says them
	Constraint string   // its name, if the database says it
	Path       string   // of a foreign key, the declared relation along it: "activity.account"; empty if it is not known
	Paths      []string // where that is not known, the relations of which it is one, as far as the database tells; a key that shares its relation with another is named by its columns
	How        string   // how the row offends it, and perhaps what to do, where more is known than its kind
	Err        error    // the database's
}

func (e *ConstraintError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, prefix+"%s constraint", e.Kind)
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
	for i, path := range e.Paths {
		fmt.Fprintf(&b, "%s %q%s", []string{", one of the relations", " or"}[min(i, 1)], path, []string{"", ","}[(i+1)/len(e.Paths)])
	}
	b.WriteString(" refuses a row")
	how := e.How
	if how == "" {
		how = constraintRemedies[e.Kind]
	}
	if how != "" {
		b.WriteString(": " + how)
	}
	return b.String()
}

// stillPointedAt is how a row offends a foreign key that it is found by.
const stillPointedAt = "it is still pointed at"

var constraintRemedies = map[ConstraintKind]string{
	ForeignKeyConstraint: "it points at a row that is not there, or is still pointed at",
	UniqueConstraint:     "another row has the same value",
	NotNullConstraint:    "the column must have a value",
	ViewConstraint:       "the view would not have it, and is declared WITH CHECK OPTION",
	PartitionConstraint:  "there is no partition for its key, or it is not this one; create the partition, or a DEFAULT one",
}

// Unwrap returns the error of the database.
func (e *ConstraintError) Unwrap() error { return e.Err }

var constraintKinds = map[FailureKind]ConstraintKind{
	FailureForeignKey: ForeignKeyConstraint,
	FailureUnique:     UniqueConstraint,
	FailureNotNull:    NotNullConstraint,
	FailureCheck:      CheckConstraint,
	FailureExclusion:  ExclusionConstraint,
	FailurePartition:  PartitionConstraint,
	FailureView:       ViewConstraint,
}

// Refusal returns what the failure, which err is, says of a constraint that refuses a row; nil if it is another one.
func (f Failure) Refusal(err error) *ConstraintError {
	kind, ok := constraintKinds[f.Kind]
	if !ok {
		return nil
	}
	e := &ConstraintError{Kind: kind, Table: f.Table, Columns: f.Columns, Constraint: f.Constraint, Err: err}
	if f.Pointed { // the columns are of another table
		e.Columns, e.How = nil, stillPointedAt
	}
	return e
}

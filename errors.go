package dovetail

import (
	"github.com/dovetail-go/dovetail/fault"
)

// ERRORS: their types and identities are those of package fault, whose page shows the types' fields and methods.

// The identities of errors, for [errors.Is]. Errors of the database and its driver stay in the chain as they are.
var (
	// ErrUnknownTable is a table that is nil, or belongs to another registry.
	ErrUnknownTable = fault.ErrUnknownTable
	// ErrUnknownRelation is a path that names no relation, or one that cannot be used where it is named.
	ErrUnknownRelation = fault.ErrUnknownRelation
	// ErrUnknownColumn is a name that is no column of its table.
	ErrUnknownColumn = fault.ErrUnknownColumn
	// ErrAmbiguous is a name with two meanings.
	ErrAmbiguous = fault.ErrAmbiguous
	// ErrInvalidRelation is a declaration that cannot work.
	ErrInvalidRelation = fault.ErrInvalidRelation
	// ErrFrozen is a declaration made after the registry's first use.
	ErrFrozen = fault.ErrFrozen
	// ErrFanOut is a query in which a join's repetitions would be taken for rows of the root.
	ErrFanOut = fault.ErrFanOut
	// ErrArgCount is SQL text with more or fewer placeholders than arguments, and a key or a position in an order with more or
	// fewer values than columns.
	ErrArgCount = fault.ErrArgCount
	// ErrArgType is an argument of a kind that cannot be compared with its column.
	ErrArgType = fault.ErrArgType
	// ErrInvalidQuery is a query whose clauses make no sense by themselves or together.
	ErrInvalidQuery = fault.ErrInvalidQuery
	// ErrUnsupported is something that the database, or dovetail on it, cannot do, such as a write through a handle on a standby, or
	// in another transaction that only reads.
	ErrUnsupported = fault.ErrUnsupported
	// ErrNoRows is the answer of [Query.One], [Query.First] and [Query.Get] when there is no row. It also matches
	// sql.ErrNoRows and pgx.ErrNoRows.
	ErrNoRows = fault.ErrNoRows
	// ErrTooManyRows is the answer of [Query.One] to a second row, that of a to-one relation with several, and that of a write
	// to a row whose primary key, declared but not unique in the database, tells several; the message says whether they were written.
	ErrTooManyRows = fault.ErrTooManyRows
	// ErrCycle is a row that lies below itself in what [Query.PreloadTree] or [LoadTree] finds, and rows to be inserted that
	// each need another of them to be there first.
	ErrCycle = fault.ErrCycle
	// ErrInvalidRow is a row that cannot be written as it is.
	ErrInvalidRow = fault.ErrInvalidRow
	// ErrMissingWhere is an [Update] or a [Delete] of all rows of a table, or by a condition that may hold for them all, that does not say All.
	ErrMissingWhere = fault.ErrMissingWhere
	// ErrStale is a row that somebody else has changed or deleted since it was read, as its version tells (see [Version]).
	ErrStale = fault.ErrStale
	// ErrRestricted is a delete of rows that others point at by a relation whose policy is [Restrict].
	ErrRestricted = fault.ErrRestricted
	// ErrCommitUnknown is a write of which nobody knows whether it happened, because its answer was lost: that of a commit, or of
	// one statement outside a transaction. Look before you write again.
	ErrCommitUnknown = fault.ErrCommitUnknown
)

// RelationError is a mistake in a declaration, or in a path that is followed along the declarations. Its fields are Table,
// Relation, Path and Err; see [fault.RelationError].
type RelationError = fault.RelationError

// QueryError is a query that could not be compiled or executed. Nothing of its result was returned. Its fields are Op, Path, SQL
// and Err; see [fault.QueryError].
type QueryError = fault.QueryError

// ScanError is a row that could not be put into its struct, or not be attached to its owner. Its fields are Path, Column, Field
// and Err; see [fault.ScanError].
type ScanError = fault.ScanError

// ConstraintError is a row that a constraint of the database refuses. Its fields are Kind, Table, Columns, Constraint, Path, Paths,
// How and Err; see [fault.ConstraintError].
type ConstraintError = fault.ConstraintError

// ConstraintKind is the kind of a constraint, a string.
type ConstraintKind = fault.ConstraintKind

// The kinds of constraint.
const (
	ForeignKeyConstraint = fault.ForeignKeyConstraint
	UniqueConstraint     = fault.UniqueConstraint
	NotNullConstraint    = fault.NotNullConstraint
	CheckConstraint      = fault.CheckConstraint
	PartitionConstraint  = fault.PartitionConstraint
	ViewConstraint       = fault.ViewConstraint
	ExclusionConstraint  = fault.ExclusionConstraint
)

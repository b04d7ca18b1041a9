package fault

import "github.com/dovetail-go/dovetail/dialect"

// ConstraintKind is the kind of a constraint.
type ConstraintKind = dialect.ConstraintKind

// The kinds of constraint.
const (
	ForeignKeyConstraint = dialect.ForeignKeyConstraint
	UniqueConstraint     = dialect.UniqueConstraint
	NotNullConstraint    = dialect.NotNullConstraint
	CheckConstraint      = dialect.CheckConstraint
	ExclusionConstraint  = dialect.ExclusionConstraint
	// PartitionConstraint is a partitioned table without a partition for the row, or a partition that is not the row's.
	PartitionConstraint = dialect.PartitionConstraint
	// ViewConstraint is a view WITH CHECK OPTION that would not have the row.
	ViewConstraint = dialect.ViewConstraint
)

// ConstraintError is a row that a constraint of the database refuses. It is declared in package dialect, because a commit may be
// refused too. What the database says, which may hold values, is in the chain and not in the text. Its fields are Kind, Table,
// Columns, Constraint, Path, Paths, How and Err; see [dialect.ConstraintError].
type ConstraintError = dialect.ConstraintError

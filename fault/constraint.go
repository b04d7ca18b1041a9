package fault

import (
	"fmt"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

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
)

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
	PartitionConstraint:  "there is no partition for its key, or it is not this one; create the partition, or a DEFAULT one",
}

// Unwrap returns the error of the database.
func (e *ConstraintError) Unwrap() error { return e.Err }

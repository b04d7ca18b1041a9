// Package fault has the types and identities of dovetail's errors.
//
// Package dovetail has all of them under the same names; this page shows the fields and methods of the types. An error is one of
// four types by what failed, found by [errors.As]: a [*RelationError] is a mistake in a declaration or in a path along the
// declarations, a [*QueryError] a query or a write that could not be compiled or executed, a [*ScanError] a row that could not be
// put into its struct, and a [*ConstraintError], inside a QueryError, a row that the database refused. What it was is told by an
// identity, such as [ErrUnknownColumn], found by [errors.Is]. The driver's error stays in the chain.
//
// The text of an error begins with "dovetail: ", once however errors are nested, and never holds an argument's value.
package fault

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// The identities of errors, for [errors.Is]. Errors of the database and its driver stay in the chain as they are.
var (
	// ErrUnknownTable is a table that is nil, or belongs to another registry.
	ErrUnknownTable = graph.ErrUnknownTable
	// ErrUnknownRelation is a path that names no relation, or one that cannot be used where it is named.
	ErrUnknownRelation = graph.ErrUnknownRelation
	// ErrUnknownColumn is a name that is no column of its table.
	ErrUnknownColumn = graph.ErrUnknownColumn
	// ErrAmbiguous is a name with two meanings.
	ErrAmbiguous = graph.ErrAmbiguous
	// ErrInvalidRelation is a declaration that cannot work.
	ErrInvalidRelation = graph.ErrInvalidRelation
	// ErrFrozen is a declaration made after the registry's first use.
	ErrFrozen = errors.New("registry already in use")
	// ErrFanOut is a query in which a join's repetitions would be taken for rows of the root.
	ErrFanOut = plan.ErrFanOut
	// ErrArgCount is SQL text with more or fewer placeholders than arguments, and a key or a position in an order with more or
	// fewer values than columns.
	ErrArgCount = plan.ErrArgCount
	// ErrArgType is an argument of a kind that cannot be compared with its column, and a value that the database or its driver does
	// not take in the form that it has.
	ErrArgType = plan.ErrArgType
	// ErrInvalidQuery is a query whose clauses make no sense by themselves or together.
	ErrInvalidQuery = plan.ErrInvalid
	// ErrUnsupported is something that the database, or dovetail on it, cannot do, such as a write through a handle on a standby, or
	// in another transaction that only reads.
	ErrUnsupported = plan.ErrUnsupported
	// ErrNoRows is the answer of Query.One, Query.First and Query.Get when there is no row. It also matches
	// sql.ErrNoRows and pgx.ErrNoRows.
	ErrNoRows error = noRows{}
	// ErrTooManyRows is the answer of Query.One to a second row, that of a to-one relation with several, and that of a write to
	// a row whose primary key tells several.
	ErrTooManyRows = errors.New("too many rows")
	// ErrCycle is a row that lies below itself in what Query.PreloadTree or LoadTree finds, and rows to be inserted that
	// each need another of them to be there first.
	ErrCycle = errors.New("rows form a cycle")
	// ErrInvalidRow is a row that cannot be written as it is.
	ErrInvalidRow = errors.New("invalid row")
	// ErrMissingWhere is an Update or a Delete of all rows of a table, or by a condition that may hold for them all, that does not say All.
	ErrMissingWhere = errors.New("no condition")
	// ErrStale is a row that somebody else has changed or deleted since it was read, as its version tells (see Version).
	ErrStale = errors.New("row changed by others")
	// ErrRestricted is a delete of rows that others point at by a relation whose policy is Restrict.
	ErrRestricted = errors.New("rows are pointed at")
	// ErrCommitUnknown is a write of which nobody knows whether it happened, because its answer was lost: that of a commit, or of
	// one statement outside a transaction. Look before you write again.
	ErrCommitUnknown = dialect.ErrCommitUnknown
)

type noRows struct{}

func (noRows) Error() string { return "no rows" }

// Is matches every error that is sql.ErrNoRows underneath, as pgx.ErrNoRows is.
func (noRows) Is(target error) bool { return errors.Is(target, sql.ErrNoRows) }

// RelationError is a mistake in a declaration, or in a path that is followed along the declarations.
type RelationError struct {
	Table    string // the table it is declared on, if it is about one
	Relation string // the relation's name, if it is about one
	Path     string // the path that was followed, if any
	Err      error  // what is wrong
}

func (e *RelationError) Error() string { return graph.Prefix + graph.Body(e.Err) }

// Unwrap returns what is wrong.
func (e *RelationError) Unwrap() error { return e.Err }

// QueryError is a query that could not be compiled or executed. Nothing of its result was returned.
type QueryError struct {
	Op   string // what was being done: "select accounts", "preload"
	Path string // the path being preloaded; empty for the query itself
	SQL  string // the statement, when there was one; its arguments are never kept
	Err  error
}

func (e *QueryError) Error() string {
	if e.Path == "" || strings.HasSuffix(e.Op, " "+e.Path) { // which says it already
		return graph.Prefix + e.Op + ": " + graph.Body(e.Err)
	}
	return graph.Prefix + e.Op + " " + graph.Short(e.Path) + ": " + graph.Body(e.Err)
}

// Unwrap returns the cause.
func (e *QueryError) Unwrap() error { return e.Err }

// ScanError is a row that could not be put into its struct, or not be attached to its owner.
type ScanError struct {
	Path   string // the path being preloaded; empty for the query itself
	Column string // "accounts.age"
	Field  string // "Account.Age"; empty when there is none
	Err    error
}

func (e *ScanError) Error() string {
	var b strings.Builder
	b.WriteString(graph.Prefix + "scan")
	if e.Column != "" {
		b.WriteString(" " + e.Column)
	}
	if e.Field != "" {
		b.WriteString(" into " + e.Field)
	}
	b.WriteString(": " + graph.Body(e.Err))
	return b.String()
}

// Unwrap returns the cause.
func (e *ScanError) Unwrap() error { return e.Err }

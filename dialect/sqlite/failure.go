package sqlite

import (
	"errors"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// failures are the kinds by SQLite's own words, which every driver has in its errors; their codes each driver has in its own
// way.
var failures = []struct {
	words string
	kind  dialect.FailureKind
}{
	{"FOREIGN KEY constraint failed", dialect.FailureForeignKey},
	{"UNIQUE constraint failed: ", dialect.FailureUnique},
	{"NOT NULL constraint failed: ", dialect.FailureNotNull},
	{"CHECK constraint failed: ", dialect.FailureCheck},
	{"no such column: ", dialect.FailureColumn},
	{"ambiguous column name: ", dialect.FailureAmbiguous},
	{"no such table: ", dialect.FailureTable},
	{"ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint", dialect.FailureNoUnique},
	{"database is locked", dialect.FailureSerialization},
	{"database table is locked", dialect.FailureSerialization},
	{"cannot INSERT into generated column ", dialect.FailureNumbered},
	{"cannot UPDATE generated column ", dialect.FailureNumbered},
	{strictly, dialect.FailureValue},
	{"datatype mismatch", dialect.FailureValue}, // a key that is no integer, or a LIMIT
	{"integer overflow", dialect.FailureValue},
	{"string or blob too big", dialect.FailureValue},
	{"malformed JSON", dialect.FailureValue},
	{"bad JSON path", dialect.FailureValue}, // which it prints
	{"JSON cannot hold BLOB values", dialect.FailureValue},
	{"labels must be TEXT", dialect.FailureValue},
	{"ESCAPE expression must be a single character", dialect.FailureValue},
}

// strictly begins what a STRICT table says of a value: "cannot store TEXT value in INTEGER column t.n".
const strictly = "cannot store "

// otherKind is why a value cannot stand where it does.
type otherKind string

func (e otherKind) Error() string { return string(e) }

// Failure reads the message of SQLite. It does not say which foreign key failed.
func (sqlDialect) Failure(err error) dialect.Failure {
	if err == nil {
		return dialect.Failure{}
	}
	var kind otherKind
	if errors.As(err, &kind) {
		return dialect.Failure{Kind: dialect.FailureValue, Text: string(kind)}
	}
	text := err.Error()
	for _, known := range failures {
		_, rest, ok := strings.Cut(text, known.words)
		if !ok {
			continue
		}
		f := dialect.Failure{Kind: known.kind}
		switch known.kind {
		case dialect.FailureUnique, dialect.FailureNotNull:
			f.Table, f.Columns = columnsOf(rest)
			if name, isIndex := strings.CutPrefix(rest, "index '"); isIndex { // one that has an expression
				f.Constraint, _, _ = strings.Cut(name, "'")
			}
		case dialect.FailureCheck:
			f.Constraint, _, _ = strings.Cut(rest, " (")
		case dialect.FailureValue:
			f.Text = "the database refuses a value: " + known.words
			if known.words == strictly {
				said, _, _ := strings.Cut(rest, " (")
				f.Text += said
			}
		case dialect.FailureColumn, dialect.FailureAmbiguous, dialect.FailureTable, dialect.FailureNumbered:
			f.Name, _, _ = strings.Cut(rest, " (")
			f.Name, _, _ = strings.Cut(f.Name, " - ") // SQLite's own advice
			f.Name = strings.Trim(f.Name, `"`)
		}
		return f
	}
	return dialect.Failure{}
}

// columnsOf reads "t.a, t.b", and what a driver adds behind it.
func columnsOf(text string) (table string, columns []string) {
	text, _, _ = strings.Cut(text, " (")
	for _, name := range strings.Split(text, ", ") {
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return "", nil // "index 'name'", which has an expression
		}
		table, columns = name[:dot], append(columns, name[dot+1:])
	}
	return table, columns
}

// unsupportedError is what the database does not do, and why.
type unsupportedError struct {
	why string
	err error
}

func (e *unsupportedError) Error() string { return e.why + ": " + e.err.Error() }

// Is matches [dialect.ErrUnsupported].
func (e *unsupportedError) Is(target error) bool { return target == dialect.ErrUnsupported }

func (e *unsupportedError) Unwrap() error { return e.err }

const (
	readOnly = "the database only reads, and the statement has written nothing: it was opened with mode=ro or immutable=1, or its connection has " +
		"PRAGMA query_only, or the file may not be written; write through a handle on one that was opened with mode=rw"
	tooDeep = "rows point at each other in a chain longer than SQLite follows by ON DELETE or triggers, which is 1,000 unless the connection's limit is " +
		"another; delete those at its end first, a part at a time"
)

// snapshotError is a statement that would write in a transaction that is to read only.
type snapshotError struct{}

var errSnapshot snapshotError

func (snapshotError) Error() string {
	return "the transaction only reads, and the statement has written nothing: it was begun with Snapshot; write in one that was begun without"
}

// Is matches [dialect.ErrUnsupported].
func (snapshotError) Is(target error) bool { return target == dialect.ErrUnsupported }

// readsOnly reports whether an error is that nothing may be written.
func readsOnly(err error) bool {
	return err != nil && strings.Contains(err.Error(), "attempt to write a readonly database")
}

// explained says what to do about a write where nothing may be written, and about one that goes too deep.
func explained(err error) error {
	switch {
	case readsOnly(err):
		return &unsupportedError{readOnly, err}
	case err != nil && strings.Contains(err.Error(), "too many levels of trigger recursion"):
		return &unsupportedError{tooDeep, err}
	}
	return err
}

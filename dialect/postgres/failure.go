package postgres

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail/dialect"
)

// failures are the kinds by SQLSTATE.
var failures = map[string]dialect.FailureKind{
	"23503": dialect.FailureForeignKey,
	"23001": dialect.FailureForeignKey, // ON DELETE RESTRICT
	"23505": dialect.FailureUnique,
	"23502": dialect.FailureNotNull,
	"23514": dialect.FailureCheck,
	"23P01": dialect.FailureExclusion,
	"40001": dialect.FailureSerialization,
	"40P01": dialect.FailureDeadlock,
	"42703": dialect.FailureColumn,
	"42702": dialect.FailureAmbiguous,
	"42P01": dialect.FailureTable,
	"428C9": dialect.FailureNumbered,
	"42501": dialect.FailurePrivilege,
	"44000": dialect.FailureView,
}

// The classes of SQLSTATEs about the form of a value, and about the text of a statement.
const (
	dataException = "22"
	misread       = "42"
)

// Failure reads the answer of the server. The columns of a key are taken from its detail, in whatever language, and the values
// beside them are left there.
func (sqlDialect) Failure(err error) dialect.Failure {
	var unsent *encodeError
	if errors.As(err, &unsent) {
		return dialect.Failure{Kind: dialect.FailureValue, Text: unsent.Error()}
	}
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return dialect.Failure{}
	}
	if strings.HasPrefix(answer.Code, dataException) {
		text := "the database refuses a value: " + withoutValue(answer.Message) + " (SQLSTATE " + answer.Code + ")"
		if answer.Code == "22P02" && intervalForInteger.MatchString(answer.Message) {
			text += "; in the modes exec and simple_protocol a time.Duration is sent as an interval: give an int64, or make the column an interval"
		}
		if answer.Code == "22021" && strings.HasSuffix(answer.Message, ": 0x00") { // arguments that are texts have none
			text = "the database refuses a time beside a text: give the text, or write CAST(? AS timestamptz) beside times (SQLSTATE " + answer.Code + ")"
		}
		if answer.Code == "22P02" && floatForInteger.MatchString(answer.Message) {
			text += "; where a float stands for an integer write CAST(? AS double precision), or give an integer"
		}
		return dialect.Failure{Kind: dialect.FailureValue, Text: text}
	}
	kind, ok := failures[answer.Code]
	if answer.Code == "0A000" && (answer.Routine == "RevalidateCachedQuery" || answer.Message == stalePlan) {
		return dialect.Failure{Kind: dialect.FailureStalePlan}
	}
	if answer.Code == "42P10" && answer.Routine == "infer_arbiter_indexes" {
		return dialect.Failure{Kind: dialect.FailureNoUnique}
	}
	if answer.Code == "55000" && answer.Routine == "ExecCheckIndexConstraints" {
		return dialect.Failure{Kind: dialect.FailureDeferrable, Constraint: answer.ConstraintName}
	}
	switch {
	case !ok && strings.HasPrefix(answer.Code, misread):
		return dialect.Failure{Kind: dialect.FailureText}
	case !ok:
		return dialect.Failure{}
	}
	if kind == dialect.FailureCheck && answer.ConstraintName == "" && strings.Contains(answer.Routine, "Partition") {
		kind = dialect.FailurePartition // it has no SQLSTATE of its own
	}
	f := dialect.Failure{Kind: kind, Constraint: answer.ConstraintName, Table: answer.TableName}
	switch kind {
	case dialect.FailureView:
		f.Table = nameIn(answer.Message)
		return f
	case dialect.FailureColumn, dialect.FailureAmbiguous, dialect.FailureTable, dialect.FailureNumbered:
		f.Name = nameIn(answer.Message)
		return f
	}
	switch {
	case answer.ColumnName != "":
		f.Columns = []string{answer.ColumnName}
	case kind == dialect.FailureForeignKey || kind == dialect.FailureUnique:
		f.Columns = keyColumns(answer.Detail)
		// The server names the table that the row is of, the constraint and, where another row is at fault, the table of that.
		f.Pointed = kind == dialect.FailureForeignKey && len(quotedName.FindAllString(answer.Message, -1)) > 2
	}
	return f
}

// stalePlan is what the server says of a statement whose tables were altered since it was prepared, where it speaks English.
const stalePlan = "cached plan must not change result type"

// abortedError is a statement that is refused because one before it failed.
type abortedError struct{ err error }

func (e *abortedError) Error() string {
	return "the transaction was aborted by a statement that failed before, and can only be rolled back; run what may fail in InTx of " +
		"its handle, which is a savepoint: " + e.err.Error()
}

func (e *abortedError) Unwrap() error { return e.err }

// untypedError is a parameter for which nothing in the statement tells a type.
type untypedError struct{ err error }

func (e *untypedError) Error() string {
	return "nothing beside a ? tells its type, as in ? IS NULL; write the type, as in CAST(? AS text): " + e.err.Error()
}

func (e *untypedError) Unwrap() error { return e.err }

// explained says what to do about an error of a transaction that was aborted, a parameter without a type, a type without equality,
// or a write where nothing may be written.
func explained(err error) error {
	var answer *pgconn.PgError
	switch {
	case errors.As(err, &answer) && answer.Code == "42P18":
		return &untypedError{err}
	case errors.As(err, &answer) && answer.Code == "25P02":
		return &abortedError{err}
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return &abortedError{err}
	case errors.As(err, &answer) && (answer.Code == "26000" || answer.Code == "42P05"):
		return &pooledError{err}
	case Dialect.Failure(err).Kind == dialect.FailureStalePlan:
		return &staleError{err}
	case errors.As(err, &answer) && answer.Code == "25006":
		return &readOnlyError{err}
	case errors.As(err, &answer) && answer.Code == "0A000" && strings.Contains(answer.Message, "hot standby"): // it is said nowhere else
		return &standbyError{err}
	case errors.As(err, &answer) && answer.Code == "42883" && answer.Routine == "get_sort_group_operators":
		return &unequalError{err}
	}
	return err
}

// readOnlyError is a statement that would write, or lock rows, where nothing may.
type readOnlyError struct{ err error }

func (e *readOnlyError) Error() string {
	return "the transaction only reads, and the statement has written nothing: it is on a standby, or was begun READ ONLY, or " +
		"default_transaction_read_only is on; write through a handle on the primary, whose connections target_session_attrs=read-write " +
		"finds: " + e.err.Error()
}

// Is matches [dialect.ErrUnsupported].
func (e *readOnlyError) Is(target error) bool { return target == dialect.ErrUnsupported }

func (e *readOnlyError) Unwrap() error { return e.err }

// standbyError is a transaction that is SERIALIZABLE on a standby.
type standbyError struct{ err error }

func (e *standbyError) Error() string {
	return "a standby has no transactions that are SERIALIZABLE; read by InTx with Snapshot, or through a handle on the primary: " + e.err.Error()
}

// Is matches [dialect.ErrUnsupported].
func (e *standbyError) Is(target error) bool { return target == dialect.ErrUnsupported }

func (e *standbyError) Unwrap() error { return e.err }

// unequalError is a DISTINCT, a GROUP BY or an ORDER BY of a column whose type has no equality and no order, which its field does not show. The server
// says which operator it lacks in words of its language alone.
type unequalError struct{ err error }

func (e *unequalError) Error() string {
	return "rows are told apart, grouped or ordered by a column whose type has no equality and no order. For Distinct, declare the type, as in " +
		"Type(\"note\", \"json\"), so that it goes by the primary key, or leave the column out with Columns; for GroupBy and OrderBy, name a text of it, as in " +
		"Column(\"note::text AS written\"): " + e.err.Error()
}

func (e *unequalError) Unwrap() error { return e.err }

// staleError is a statement that is refused because it was prepared before a table was altered, and was not executed.
type staleError struct{ err error }

func (e *staleError) Error() string {
	return "a table was altered since the statement was prepared, and nothing was done; run it again, or what may meet that in Retry, which does: " +
		e.err.Error()
}

func (e *staleError) Unwrap() error { return e.err }

// pooledError is a statement prepared under a name that the server's connection does not know, or knows already.
type pooledError struct{ err error }

func (e *pooledError) Error() string {
	return "the statements prepared are those of another connection; behind a pooler that gives each transaction one of its own, connect with " +
		"default_query_exec_mode=exec, cache_describe or simple_protocol: " + e.err.Error()
}

func (e *pooledError) Unwrap() error { return e.err }

// intervalForInteger is what the server says, in whatever language, of an interval as the value of an integer.
var intervalForInteger = regexp.MustCompile(`(smallint|integer|bigint|numeric)\W.*\d:\d\d:\d\d`)

// floatForInteger is the same of a number that is no integer.
var floatForInteger = regexp.MustCompile(`(smallint|integer|bigint|oid)\W+([-+]?\d+(\.\d+)?(e[-+]?\d+)?|[-+]?Inf(inity)?|NaN)\W*$`)

// quotedName is a name between quotation marks of some language, dottedName one that the server prints without.
var (
	quotedName = regexp.MustCompile(`["„“”«»]([^"„“”«»]+)["„“”«»]`)
	dottedName = regexp.MustCompile(`\S+\.\S+`)
)

// nameIn reads the name from a text such as `column "x" does not exist` or `column t.x does not exist`, in whatever language.
func nameIn(message string) string {
	if m := quotedName.FindStringSubmatch(message); m != nil {
		return strings.TrimSpace(m[1])
	}
	return dottedName.FindString(message)
}

// keyColumns reads the columns from a text such as `Key (a, b)=(1, 2) is not present in table "t".`.
func keyColumns(detail string) []string {
	_, rest, ok := strings.Cut(detail, "(")
	list, _, ends := strings.Cut(rest, ")=(")
	if !ok || !ends {
		return nil
	}
	columns := strings.Split(list, ", ")
	for i, c := range columns {
		if strings.ContainsAny(c, "()") {
			return nil // the key of an expression
		}
		if len(c) > 1 && c[0] == '"' {
			columns[i] = strings.ReplaceAll(c[1:len(c)-1], `""`, `"`)
		}
	}
	return columns
}

// withoutValue returns a message of the server without the value in it: what is between its first quotation mark and its last,
// and, where the value ends the message or a colon announces it, all that follows.
func withoutValue(message string) string {
	first, last := strings.IndexByte(message, '"'), strings.LastIndexByte(message, '"')
	if first < 0 {
		return message
	}
	rest := message[last+1:]
	if strings.HasSuffix(message[:first], ": ") || strings.HasPrefix(rest, ":") || first == last {
		rest = ""
	}
	return message[:first] + "…" + rest
}

// encodeError is an argument that pgx cannot send. What pgx says of it shows the value, and stays in the chain.
type encodeError struct {
	arg    string // its number and Go type, if they are known
	unread bool   // pgx does not know the type that the statement has for it
	valuer error  // of its driver.Valuer; nil: that gives a value
	err    error
}

func (e *encodeError) Error() string {
	switch {
	case e.valuer != nil:
		return e.arg + " has " + e.valuer.Error()
	case errors.Is(e.err, errZeroByte):
		return e.arg + " is text with a zero byte, which PostgreSQL cannot hold; remove it, or make the column bytea and give bytes"
	case errors.Is(e.err, errOption):
		return e.arg + " is of a type by which pgx is told how to run a statement, such as pgx.NamedArgs and pgx.QueryExecMode, and no value; convert it to one, as to a map[string]any"
	case e.unread:
		return e.arg + " is for a type that pgx does not know; " + registering
	}
	if errors.Is(e.err, errNoInteger) {
		return e.arg + " stands for an integer and is none; write CAST(? AS double precision) in its place, or give an integer"
	}
	if errors.Is(e.err, errNoText) {
		return e.arg + " is a duration and stands for a text; give the text, or write CAST(? AS interval) beside intervals"
	}
	return e.arg + " cannot be sent as the type that the statement has for it; give a value of that type"
}

func (e *encodeError) Unwrap() []error {
	if e.valuer != nil {
		return []error{e.valuer, e.err}
	}
	return []error{e.err}
}

// registering says how pgx is told of a type.
const registering = "register it, and for an array its elements' type first, on every connection: " +
	`types, err := conn.LoadTypes(ctx, []string{"mood", "_mood"}), then conn.TypeMap().RegisterTypes(types); a pool does it in ` +
	"AfterConnect"

var (
	unencoded = regexp.MustCompile(`(?:failed to encode args\[(\d+)\]: )?unable to encode `)
	noType    = regexp.MustCompile(`for unknown type \(OID [1-9]\d*\): cannot find encode plan$`)
)

// unsent makes an encodeError of what pgx returns for an argument that it cannot encode: it has no type for that. index is the
// statement, if it is certain which one it is, or -1.
func (s *sending) unsent(index int, err error) error {
	var answer *pgconn.PgError
	text := err.Error()
	found := unencoded.FindStringSubmatch(text)
	if found == nil || errors.As(err, &answer) {
		return err
	}
	e := &encodeError{unread: noType.MatchString(text), err: err}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		n = -1
	}
	for _, failed := range s.failing {
		if (index < 0 || failed.stmt == index) && (n < 0 || failed.arg == n) && strings.HasSuffix(text, failed.err.Error()) {
			e.valuer, index, n = failed, failed.stmt, failed.arg
			break
		}
	}
	switch {
	case n < 0:
		e.arg = "an argument"
	case index < 0 || n >= len(s.stmts[index].Args):
		e.arg = fmt.Sprintf("argument %d", n+1)
	default:
		e.arg = fmt.Sprintf("argument %d, a %T,", n+1, asGiven(s.stmts[index].Args[n]))
	}
	return e
}

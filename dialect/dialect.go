// Package dialect is the seam between dovetail and a database: what the compiler must know about the database's SQL
// ([Dialect]), and what the executor must be able to ask of a connection ([DB]).
//
// Users pick an implementation (dialect/postgres, dialect/sqlite) and hand its DB to a query; they do not implement
// these interfaces, except to wrap a DB in one that counts or logs. The interfaces may grow in minor versions.
package dialect

import (
	"context"
	"encoding/hex"
)

// Statement is one SQL statement as the database is sent it, and where it comes from. A DB needs SQL and Args alone; the
// rest is for what wraps a DB.
type Statement struct {
	SQL   string
	Args  []any
	Exec  bool   // it yields no rows: of its result only the number of rows affected is asked for
	Reads bool   // it changes nothing, so that it may be sent again, and nothing was written when its answer is lost
	Last  bool   // nothing follows in its transaction, which only reads: that may end with it
	Op    string // the call it belongs to, as errors name it: "select accounts", "load accounts"
	Path  string // the relation path whose rows it loads; empty for the root of a query

	// Table is the table whose rows it yields; empty for a question to the database's catalog, which is asked once for
	// each handle and belongs to no query.
	Table string

	// Missing says what would have made this statement needless when it is one of many like it, such as a preload
	// that another query lacks: each a phrase for a message. loaded are the tables whose rows the other statements
	// yield; relations of other tables are named only when none of these fits. It may be nil. It is safe for concurrent
	// use, and holds on to the statement's arguments and to no rows.
	Missing func(loaded []string) []string
}

// DB runs statements on one database. An implementation is safe for concurrent use exactly when the connection,
// pool or transaction it was made from is.
type DB interface {
	// Dialect returns the SQL this database speaks.
	Dialect() Dialect

	// Run sends the statements in order, pipelined into one round trip where the driver can, and calls each with
	// the rows of every statement in turn. Rows are valid only during that call and are closed by Run. stmts is the caller's again when Run
	// returns: an implementation that keeps statements copies them. Run stops at
	// the first error: an error that each returns is returned as it is, an error of the database comes as a
	// [*StatementError]. At most one connection is held, and none when Run returns. Outside a transaction an error of a
	// statement that may have been executed all the same is [ErrCommitUnknown], unless the statement only Reads.
	Run(ctx context.Context, stmts []Statement, each func(i int, rows Rows) error) error

	// InTx calls do with a handle on one transaction, which is committed when do returns nil, and rolled back when it
	// returns an error, which is then returned as it is, or does not return. On a handle that is in a transaction already it
	// is a savepoint of that. What fails of the transaction itself is a [*TxError]; a commit whose answer is lost is
	// [ErrCommitUnknown], and one that a deferred constraint refuses has a [*ConstraintError] in it. The handle must not be used once do has
	// returned, nor while a nested InTx of it runs. What wraps a DB wraps the handle that do is given too, or it sees nothing
	// of what runs inside.
	InTx(ctx context.Context, opts TxOptions, do func(tx DB) error) error

	// Catalog returns the cache of what is known of this database's columns.
	Catalog() *Catalog

	// Records reports whether [Rows.Records] can read the rows that a result of this database holds as values.
	Records() bool
}

// TxOptions say what a transaction is for. The zero value is one that writes, at the database's default isolation.
type TxOptions struct {
	// Snapshot says that it only reads, and that all its statements see the database as it is for the first. In a
	// transaction that is open already it asks for one that does.
	Snapshot bool

	// Serializable says that it has the effect of running after or before every other one, as a whole, or else fails with
	// FailureSerialization.
	Serializable bool

	// Alone says that it must not be part of another: in a transaction that is open already it fails.
	Alone bool

	// Lazy says that nothing but do sends anything on the connection meanwhile, so that the transaction may begin with the first
	// statement in it. It may anyway where do alone has the connection.
	Lazy bool

	// Joined says that it is of one statement, so that in a transaction that is open already no savepoint is wanted where that
	// costs anything: when do fails, the transaction may be left as one that can only be rolled back, unless the statement had
	// changed nothing.
	Joined bool
}

// Rows is the result of one statement.
type Rows interface {
	// Columns returns the names of the result's columns.
	Columns() []string
	Next() bool
	// Null reports whether a column of the current row, counted from 0, is NULL. When the rows have ended early it is
	// false, and Scan returns the error.
	Null(column int) bool
	// Scan copies the current row into dest, one pointer a column; a nil leaves its column out. A column that cannot be
	// scanned is reported as a [*ColumnError].
	Scan(dest ...any) error
	// Sent returns the values of the current row as the database sent them, nil for NULL, and how those of each column are
	// written, which is the same for all rows. They are valid until Next or Scan. Nil: only Scan reads them.
	Sent() (values [][]byte, written []Encoding)
	// Records returns what gathers the rows that a column holds as values, whose own columns have those names; nil: they cannot be read.
	Records(column int, names []string) Records
	// Err returns the error that ended the rows early, if any. Run checks it too, so that a result cut short is never
	// taken for a whole one.
	Err() error
	// Affected returns how many rows a Statement with Exec has inserted, changed or deleted. It is not safe to ask before
	// Next has returned false.
	Affected() int64
}

// Records are rows that the rows of a result hold as values. Once they are gathered they are read like a result of their own, until Run's
// each returns.
type Records interface {
	Rows
	// Add adds the value of the current row of the result as the row of that place, and reports whether it can be read as the row of a
	// result would be.
	Add(place int64) bool
}

// ColumnError says which column of a row could not be scanned.
type ColumnError struct {
	Index int  // the column's position in the row, from 0
	Null  bool // whether the database's value was NULL
	Err   error

	// Unknown says that the row is one of a statement that writes, outside a transaction: it may have been executed, which is
	// [ErrCommitUnknown].
	Unknown bool

	Given  string // what kind of value the driver gave, such as "text"; empty: that is not known
	Remedy string // what to do, where the driver knows
}

func (e *ColumnError) Error() string {
	if e.Err == nil {
		return "a column could not be scanned"
	}
	return e.Err.Error()
}

// Unwrap returns the driver's error.
func (e *ColumnError) Unwrap() error { return e.Err }

// Is matches [ErrCommitUnknown] where that is so.
func (e *ColumnError) Is(target error) bool { return e.Unknown && target == ErrCommitUnknown }

// Dialect is the SQL of one database, as far as databases differ in what dovetail writes. SQL fragments it returns hold a
// `?` for every argument; the compiler numbers them with [Dialect.AppendPlaceholder] when the whole text is known.
// Implementations are immutable values.
type Dialect interface {
	// Name returns the dialect's name in errors and golden files, such as "postgres".
	Name() string

	// AppendIdent appends name as a quoted identifier, its delimiter doubled.
	AppendIdent(b []byte, name string) []byte

	// AppendPlaceholder appends the placeholder of the n-th argument, counted from 1.
	AppendPlaceholder(b []byte, n int) []byte

	// AppendLimit appends LIMIT and OFFSET as literals (a parameter would be planned anew at every execution), each
	// with a leading space. A negative number means none.
	AppendLimit(b []byte, limit, offset int64) []byte

	// Features returns what the database can do.
	Features() Features

	// In returns the text that tests the expression before it for membership in a list of at least one value, none
	// of them NULL: `= ANY(?)`, `IN (?, ?)`, or their negation. items are the values as the caller gave them, keys
	// the same in normal form.
	In(items []any, keys Keys, not bool) (Fragment, error)

	// Match returns the text that tests the expression before it for containing text literally, without wildcards,
	// case sensitively.
	Match(m Match, text string) Fragment

	// KeyMember returns the text that tests the column before it against all keys of a preload at once, and whether
	// there is such a form in which equal keys are also equal in Go. Its one argument is KeyArgs of those keys.
	KeyMember(t KeyType) (sql string, ok bool)

	// KeySource returns a row source that yields the keys of a preload with their positions, for joining, so that
	// the database decides which keys are equal. SQL text of callers stands beside it: the names of its columns begin with the
	// alias, which no name of theirs is.
	KeySource(alias string, types []KeyType) KeySource

	// KeyArgs returns the arguments for the KeyMember or KeySource of these keys, one for each `?`.
	KeyArgs(keys []Keys) []any

	// KeyText writes the text that spells a key, an integer or a UUID, as another column holds it: digits without zeros before them,
	// and a UUID in lower case.
	KeyText(column string, kind KeyKind) string

	// KeyOfText writes the key of that kind which a column of text spells as KeyText would, and NULL where it spells none, so that it
	// can be looked for by the index of the key. It is empty where there is no such expression.
	KeyOfText(column string, kind KeyKind) string

	// KeyTypes returns the statement that looks up the types of the columns, and whether this database needs them
	// for keys of that kind at all. The statement yields a row for each column it finds: the position of the column in
	// cols, the type's name, a collation to compare with or "", and whether equality of text is equality of bytes.
	KeyTypes(cols []ColumnRef) (Statement, bool)

	// Comparison says how values of a column of the type are compared. The name of the type is the database's own or one that was
	// declared; of one that it does not know the catalog is asked.
	Comparison(t KeyType) Comparison

	// Failure says what an error of the database means, as far as that matters to a program. The zero value is anything else.
	Failure(err error) Failure
}

// Failure is what an error of a database means.
type Failure struct {
	Kind FailureKind

	// Of a constraint, as far as the database says it.
	Constraint string   // its name
	Table      string   // the table it was checked on
	Columns    []string // those the constraint is about; where Pointed, those that are pointed at
	Pointed    bool     // a row is known to be still pointed at

	// Text says what is wrong with a value, without the value.
	Text string

	// Name is what the statement has and the database does not know, as far as it says so: "x", or "alias.x".
	Name string
}

// FailureKind is a kind of error of a database.
type FailureKind int

// The kinds of failure.
const (
	FailureOther         FailureKind = iota
	FailureForeignKey                // a row points at none, or is still pointed at
	FailureUnique                    // two rows have what only one may have
	FailureNotNull                   // a column that must have a value has none
	FailureCheck                     // a row is not as a CHECK constraint says
	FailureExclusion                 // two rows exclude each other
	FailureSerialization             // the transaction must be run again: others ran at the same time
	FailureDeadlock                  // the transaction must be run again: it and another waited for each other
	FailurePartition                 // a partitioned table has no partition for a row, or a partition is not the row's
	FailureView                      // a view would not have a row that is written through it
	FailureValue                     // a value has not the form that is wanted of it
	FailureStalePlan                 // the transaction must be run again: a table was altered since the statement was prepared
	FailureColumn                    // a name is no column
	FailureAmbiguous                 // a name is a column of several tables
	FailureTable                     // a name is no table
	FailureNoUnique                  // no unique key is of the columns that ON CONFLICT names
	FailureDeferrable                // the unique key of those is checked at the commit, and tells nothing before
	FailureNumbered                  // a column is given a value, and the database always makes it
	FailurePrivilege                 // the user may not do it
	FailureText                      // the database does not understand the statement, for another reason than a name
)

// Unread reports whether the database did not understand the statement, so that nothing of it was executed.
func (k FailureKind) Unread() bool {
	switch k {
	case FailureColumn, FailureAmbiguous, FailureTable, FailurePrivilege, FailureText:
		return true
	}
	return false
}

// Features says what a database can do. The zero value can do nothing beyond the common ground.
type Features struct {
	MaxIdent int    // bytes an identifier may have; 0: no limit
	MaxCols  int    // columns a result may have; 0: no limit
	MaxArgs  int    // arguments a statement may have; 0: no limit
	Lateral  bool   // CROSS JOIN LATERAL; without it row_number() limits rows per owner, and a value of With for each row has a Fence, or is written where it is named
	Fence    string // without Lateral: the end of a subquery that the database does not make part of the query around; empty: it has none
	RowLocks bool   // SELECT … FOR UPDATE OF
	JSONOps  bool   // the operators ?, ?| and ?&
	ILike    string // the operator of a case-insensitive LIKE

	// FlatAliases says that an alias inside a parenthesized join must not hold a dot. SQLite looks such a column up by
	// "alias.column" and takes the first dot for the one between them.
	FlatAliases bool

	// Nulls says where NULLs stand in an order that does not say so itself.
	Nulls NullOrder

	// Stored is the operator before a column by which a driver gives its value as it is stored, so that it equals the column
	// when it is sent back. Empty: every value does; else a time that was read need not.
	Stored string

	// TypeOf is the function that names the type of a value, 'integer' and 'real' those of numbers, where only columns have types and
	// an argument is compared with what is made of them as it comes. Empty: every expression has a type.
	TypeOf string

	// Unindexed is the operator before a column by which no index of it is used, where a list of keys that is tested for each row of the
	// statement around would be read again for each. Empty: the database chooses by itself.
	Unindexed string

	// NullKeys says that a column of a primary key can hold NULL, unless it says otherwise: an insert that leaves it out may not fail.
	NullKeys bool

	// Records says that a result can hold rows as values, and a statement read the rows of a common table expression as an array: ROW(…),
	// ARRAY(SELECT …) and AS MATERIALIZED.
	Records bool

	// JoinedReturning says that RETURNING of an UPDATE may name what the table is joined with.
	JoinedReturning bool

	// EnumText is the type that a column declared by Enum is cast to where texts are matched; empty: it is a text by itself.
	EnumText string

	// LoneNumbers says that a column by which the database numbers rows is unique by itself, and that ON CONFLICT cannot name it beside
	// others.
	LoneNumbers bool

	// Reserved are the words, in lower case, that are no column where they are not quoted, and "is word" those that are none behind IS or
	// IS NOT. It is never changed. A word that is not among them may be one.
	Reserved map[string]bool

	// CascadesByRow says that what a foreign key cascades to goes as each row does: a DELETE does not count the rows of its own that went
	// so before it came to them.
	CascadesByRow bool

	Keeps Limits
}

// Limits are the values of Go that a database does not keep as they are, so that a field could not read them back. The zero
// value knows none.
type Limits struct {
	FirstYear, LastYear int  // of times; both 0: any
	NoNaN               bool // a float that is not a number becomes NULL
	Int64               bool // no integer is greater than a signed one of 64 bits
	AnyText             bool // a text that is no number stays one in a column of numbers
}

// NullOrder is where NULLs stand in an order by default.
type NullOrder int

// The places of NULLs in an order.
const (
	NullsUnknown  NullOrder = iota // it depends on the database
	NullsLargest                   // after all values; before them where the order descends
	NullsSmallest                  // before all values; after them where the order descends
)

// Match is where a literal text must stand.
type Match int

// The places a text may stand in.
const (
	MatchAnywhere Match = iota
	MatchStart
	MatchEnd
)

// Fragment is a piece of SQL with `?` placeholders and its arguments.
type Fragment struct {
	SQL  string
	Args []any
}

// KeySource is a FROM item that yields the keys of a preload.
type KeySource struct {
	From    string   // the FROM item, alias included
	Columns []string // the expression of each key column
	Ord     string   // the expression of the key's position
	First   int64    // the position of the first key: 0 or 1

	// Sort is the operator before the first column of the rows' order by which the database sorts what the keys find, rather than go
	// through the whole table in that order with all keys for each row. Empty: it knows by itself.
	Sort string
}

// KeyKind says how keys of a column are compared.
type KeyKind int

// The kinds of key.
const (
	KeyOther KeyKind = iota // only the database can tell which are equal
	KeyInt                  // integers of any size
	KeyUUID
	KeyText // text: equality is bytewise unless the column's collation says otherwise
)

// KeyForm says what a text of [KeyOther] was made of. A database whose columns have no types stores such a value in one of
// several forms; which, the text itself never tells: the string "true" is no boolean.
type KeyForm uint8

// The forms of keys.
const (
	FormText  KeyForm = iota // text, and what is sent as its text: integers, decimals, types that write their own
	FormUUID                 // in its canonical text
	FormBool                 // true or false
	FormTime                 // in RFC 3339 and UTC
	FormBytes                // in hex digits after \x
	FormFloat                // the digits of a floating-point number that is finite
)

// KeyType is what is known of a key column.
type KeyType struct {
	Kind      KeyKind
	SQL       string // the database's name of the type, for casts; empty when it was not looked up
	Collation string // the quoted collation to compare in; empty for the default
	Bytewise  bool   // whether equality of text is equality of bytes
	Spelled   bool   // the owners hold the key, an integer or a UUID, as text
	Lasting   bool   // the key, an integer, is a time.Duration: the column may be an interval
	Mixed     bool   // the columns that are matched have two collations, neither of them the default
	Stored    string // the database's name of the type with its length or precision, as numeric(10,2); empty when it was not looked up
	Unique    string // the collation of the unique key that the column is in; empty when it is in none, or was not looked up
}

// Keys are the values of one key column in normal form: those of exactly one of the three slices, by Kind.
type Keys struct {
	Kind  KeyKind
	Ints  []int64    // KeyInt
	UUIDs [][16]byte // KeyUUID
	Texts []string   // KeyText, and KeyOther in the text form that every database reads
	Forms []KeyForm  // KeyOther: what each of Texts was made of; none: all of text
	Text  bool       // KeyOther: the columns are known to hold text, and bytes are that

	// Column is the one that the keys are compared with, where it is known.
	Column ColumnRef

	// Local are the Texts of KeyOther with each time in its own zone, to the microsecond, for columns that keep none. It is
	// filled where it is not nil.
	Local []string
}

// Form returns what the text at i was made of.
func (k Keys) Form(i int) KeyForm {
	if len(k.Forms) == 0 {
		return FormText
	}
	return k.Forms[i]
}

// ColumnRef names a column of a table in the database, or of a query.
type ColumnRef struct {
	Query  string // SQL that makes the rows; empty: they are of a table
	Schema string // empty: found along the search path
	Table  string
	Column string
}

// AppendUUID appends the canonical text form of a UUID: lower case, with hyphens.
func AppendUUID(b []byte, id [16]byte) []byte {
	b = append(hex.AppendEncode(b, id[:4]), '-')
	b = append(hex.AppendEncode(b, id[4:6]), '-')
	b = append(hex.AppendEncode(b, id[6:8]), '-')
	b = append(hex.AppendEncode(b, id[8:10]), '-')
	return hex.AppendEncode(b, id[10:])
}

// AppendQuoted appends name between quotes, with every quote inside doubled.
func AppendQuoted(b []byte, name string, quote byte) []byte {
	b = append(b, quote)
	for i := 0; i < len(name); i++ {
		if name[i] == quote {
			b = append(b, quote)
		}
		b = append(b, name[i])
	}
	return append(b, quote)
}

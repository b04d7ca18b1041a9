package dialect

// Stored is what the values of a column are, as far as its SQL type is concerned. A list of any of the plain ones is written
// with [List]. The empty Stored is that of a Go type that tells nothing of its column.
type Stored string

// What a column may store.
const (
	StoredInt16     Stored = "int16"
	StoredInt32     Stored = "int32"
	StoredInt64     Stored = "int64"
	StoredFloat32   Stored = "float32"
	StoredFloat64   Stored = "float64"
	StoredBool      Stored = "bool"
	StoredText      Stored = "text"
	StoredBytes     Stored = "bytes"
	StoredTime      Stored = "time" // a point in time
	StoredDate      Stored = "date"
	StoredTimestamp Stored = "timestamp" // a date and a time of day without a zone
	StoredUUID      Stored = "uuid"
	StoredJSON      Stored = "json"
	StoredAddr      Stored = "addr"   // an address of a network
	StoredPrefix    Stored = "prefix" // a network
	StoredMAC       Stored = "mac"
)

const list = "[]"

// List returns a list of what s is.
func List(s Stored) Stored { return list + s }

// Item returns what a list holds, and whether s is one.
func (s Stored) Item() (Stored, bool) {
	if len(s) > len(list) && s[:len(list)] == list {
		return s[len(list):], true
	}
	return s, false
}

// TableRef names a table of the database.
type TableRef struct {
	Schema string // empty: found along the search path
	Table  string
}

// Definer is a [Dialect] of a database whose tables can be defined and inspected.
type Definer interface {
	Dialect

	// ColumnType returns the SQL type for what a column stores, if there is one.
	ColumnType(s Stored) (sql string, ok bool)

	// Identity returns what follows the name of a primary key's only column whose numbers the database makes, and whether
	// that says already that it is the primary key.
	Identity(sqlType string) (sql string, primary bool)

	// Alters says that the constraints of a table that exists can be changed. Else the table is made anew.
	Alters() bool

	// NullsColumns says that a foreign key can make some of its columns NULL on a delete: ON DELETE SET NULL (a, b).
	NullsColumns() bool

	// Schemas says that a table lies in a schema that CREATE SCHEMA makes, and may point at tables of others.
	Schemas() bool

	// Enums says that a type of its own may have a list of texts (CREATE TYPE … AS ENUM), and Methods that an index may be by one of
	// several methods (USING).
	Enums() bool
	Methods() bool

	// FoldsCase says that two names that differ in case alone name one column.
	FoldsCase() bool

	// Inspect returns the statements that read what is known of the tables. Each yields rows that begin with the position
	// of the table in the list, followed
	//
	//	by the first     for each column, in order: name, SQL type, the type as far as it decides what is equal, whether it
	//	                 is never NULL, whether the database fills it, the SQL of its default, whether it belongs to a view, how the
	//	                 database fills it: "generated" from other columns, with a number "always" or when there is none
	//	                 ("identity"), by "default", or ""
	//	by the second    for each column of an index, in order: the index's name, the column ("" for an expression), whether it is unique,
	//	                 whether it is the primary key, whether it has but some of the rows, and which, as the database prints it: the condition,
	//	                 or all of CREATE INDEX; "" where that is not known
	//	by the third     for each column of a foreign key, in order: the key's name, the column, the position of the table it
	//	                 points at or -1, that table's name, the column it points at or "" for the primary key's, ON DELETE, with the
	//	                 columns that become NULL if they are not all: "SET NULL (a, b)"
	//	by the fourth    where tables are made anew: the SQL of the table, of its indexes and triggers, and whether it is the table's;
	//	                 else "check", "" and the name of a CHECK constraint, "enum", a column and a text of its type, in order, or
	//	                 "use", a column and what uses it so that its type cannot be changed
	//	by the fifth     for each table, there or not: the schema it lies in, "", ""; for each constraint of a table, where their names are kept
	//	                 apart: "", its name, what it is; and for all that has a name in one of the schemas, with the position -1: the schema, the
	//	                 name, what it is
	//
	// A table without a row from the first is not there.
	Inspect(tables []TableRef) []Statement
}

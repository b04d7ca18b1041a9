// Package sqlite runs dovetail's queries on SQLite (3.41 or newer) through database/sql, with whatever driver the
// program registers. It imports no driver; it is tested with modernc.org/sqlite, which needs no cgo.
//
// [New] makes a handle, a [DB], from a *sql.DB, a *sql.Conn or a *sql.Tx. It opens and closes nothing, and starts no
// goroutine.
//
//	db := sqlite.New(pool)
//	accounts, err := query.All(ctx, db)
//	accounts, err = query.All(ctx, db.With(tx)) // the same inside of a transaction
//
// # Concurrency and consistency
//
// A handle is safe for concurrent use when what it was made from is, as all three of database/sql's are. SQLite has no
// round trips to save: the statements of a run are executed one after the other, on a *sql.DB perhaps on different
// connections, so that each sees what was committed before it. Use a transaction for one state of the database.
//
// # Values
//
// SQLite stores integers, floating-point numbers, text and blobs, and a column may hold any of them. Besides what
// database/sql converts by itself, these Go types are read and written:
//
//	time.Time               written as the driver does; read from the text forms that SQLite and drivers write, without
//	                        a zone as UTC, and from integers as seconds since 1970
//	[16]byte of any name    without methods of its own: written as a UUID in text; read from every spelling of one and
//	                        from a blob of 16 bytes
//	types with a text form  composite types that have encoding.TextMarshaler and TextUnmarshaler, such as netip.Addr
//	maps, structs, slices,  without such methods: JSON text; json.RawMessage is text as it is; []byte of any name is
//	arrays                  a blob, read also from text
//
// Pointers to these are nil for NULL. A nil map or slice is written as NULL, and NULL is read as nil; NULL cannot be
// read into a struct or an array.
//
// # Positions
//
// A time.Time is no value for Query.After and Query.Before on a time's column: the same time may be stored as another text,
// which SQLite does not find equal, so that rows would be lost. Give the text that is stored, or use Query.Each, which reads
// the values of its order as they are stored and so works with times, in whatever form. The order itself is that of the
// texts. UUIDs are sent as text, and are no position in a column of blobs.
//
// # Keys
//
// The keys of a preload are sent as one JSON array and joined, so that SQLite decides which are equal, with the
// affinity and the collation of the column. An index on the column is used. Integers and text need nothing more: the
// key of a string field is that text and nothing else, whatever it looks like. A UUID finds canonical lower-case text as
// well as blobs of 16 bytes. For keys whose Go type, or what its driver.Valuer gives, is a time, a bool or a []byte, the
// forms in which drivers store that type are looked for, which has limits:
//
//   - Times are found as text in UTC in the layouts of SQLite's functions, RFC 3339 and Go's time.String, or as seconds
//     in an integer. Text in another zone or with trailing zeros in the fraction is not found, nor are integers of
//     other units. With modernc.org/sqlite, _timezone=UTC or _time_format with UTC times keep to this.
//   - Floating-point keys and decimals are compared as text, which SQLite converts for columns of numeric affinity (REAL,
//     NUMERIC, INTEGER), not for columns declared without a type.
//   - Booleans are found as 1 and 0, not as the texts true and false.
//   - []byte keys are found as blobs, not as text.
//   - A string field over a column declared as a DATE, TIMESTAMP or BOOLEAN holds what the driver made of the value, which need
//     not be the text that is stored, and so finds nothing. Give the field the type of the column.
//   - The keys of a string field over an INTEGER column are compared with a TEXT column as text: '01' is not 1, though a
//     join of the two columns says it is. Give the column the type of the field.
package sqlite

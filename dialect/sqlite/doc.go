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
// A write that a constraint refuses has written nothing, but where the table itself says otherwise: with ON CONFLICT FAIL behind a constraint, or
// RAISE(FAIL) in a trigger, SQLite keeps what the statement had changed before the row that is refused. In InTx it goes with the transaction;
// of a call that is one statement outside of any it stays. Use ABORT there, which is the default, or InTx.
//
// # Values
//
// SQLite stores integers, floating-point numbers, text and blobs, and a column may hold any of them. Besides what
// database/sql converts by itself, these Go types are read and written:
//
//	time.Time               written as the rows of the column spell theirs, see below; read from the text forms that SQLite
//	                        and drivers write, without a zone as UTC, and from integers since 1970, see below
//	[16]byte of any name    without methods of its own: written as a UUID in text; read from every spelling of one and
//	                        from a blob of 16 bytes
//	types with a text form  composite types that have encoding.TextMarshaler and TextUnmarshaler, such as netip.Addr
//	maps, structs, slices,  without such methods: JSON text; json.RawMessage is text as it is; []byte of any name is
//	arrays                  a blob, read also from text
//
// Pointers to these are nil for NULL. A nil map or slice is written as NULL, and NULL is read as nil; NULL cannot be
// read into a struct or an array.
//
// A number is never equal to a text, and less than every text, unless a column with a type is compared. What a query makes of
// columns has none, and is compared as its column would be: an argument that goes as text, such as "8.50" or a decimal with a
// driver.Valuer, is a number to Sum, Avg and Count, has the type of the column to Min, Max and FirstOf, and is a number to the name of
// a Column("sum(fee) AS total") and to a column of a query in From where that gives one. So it is in SQL text beside what is made of
// numbers: "coalesce(fee, 0) < ?", "fee + 1 BETWEEN ? AND ?", "max(fee, ?)" send CAST(? AS NUMERIC), by the functions and operators of
// SQLite that give numbers, numeric literals, other arguments that are numbers, and columns whose field is a number or whose Type is one of
// numbers; and beside the names that a SELECT in the text gives to such, by a query in its FROM or WITH, or by AS. There a text that is no
// number is an error that is ErrArgType, as it is in maps. Beside what may be numbers or not, a text that reads as a number is
// [dialect.ErrUnsupported]: columns of types of their own and no declared Type, numbers among texts, what other functions give, such as
// json_extract, names that nobody knows, and text that is not understood. Declare the Type, or write CAST(? AS NUMERIC), or CAST(? AS TEXT)
// beside texts. A string field whose Type is not declared holds texts, whatever its column does. The columns of tables and views that the
// registry does not have are compared as SQLite does it: by the type that they are declared with.
//
// # Kinds
//
// SQLite compares values of different kinds without a word: every number is before every text, every text before every blob, and none equals
// one of another kind. So an argument of SQL text is held to the kind of what it meets, as the values of maps are to their fields: a column of
// the registry by its field and Type, and what functions, operators and casts give of which it is known that it is a number, a text or a truth
// value. A text that spells a value means that value, as it does for PostgreSQL: a time ("2024-03-01 12:30:45", RFC 3339; in UTC where it names
// no zone) that is spelled as the rows of the column spell theirs, in maps too; a UUID in any of its spellings, which is sent as canonical
// lower-case text; true, false, t, f, yes, no, on, off, 1 and 0 beside a bool; the bytes of a text, or \x and hex digits, beside a blob. A []byte
// beside texts is the text. A UUID beside a []byte field is its 16 bytes, and 16 bytes beside a UUID field
// are that UUID, which is text: give a column of blobs a []byte field. The numbers 1 and 0 are truth values. An argument that is a truth value itself ("id = 1 OR ?", "NOT ?", a
// condition that is "?") is held to that, where SQLite takes the text true for 0. All else is ErrArgType before the statement: a number beside a text
// ("lower(name) <> ?"), a text that is no number in arithmetic ("fee + ?"), a []byte or a bool beside numbers, 1.5 in the arithmetic that a
// column of integers is given ("n * ?"). A number beside a column of times is so unless some row holds a number, or none holds anything. Beside what is not known, or of several kinds, an argument is sent as it is.
//
// # Times
//
// SQLite has no type for times: a column holds whatever was written, and compares that. So a time that meets a column, whether it
// is stored, compared, a key or a position, is spelled as the rows of the column spell theirs: a value that was read finds its row,
// and written back it stays the text it was. The spelling is looked up once for a handle and a column, in up to 5,000 rows from
// either end of the table, when the first time meets the column; rows that somebody else spells in another way later are not
// noticed. Drivers write times differently, so rows that two of them have written are compared as the texts that they hold: spell them
// alike by the drivers' options. A handle on a *sql.Tx keeps to itself what it finds, one of InTx keeps it when the transaction is committed.
//
//	2024-03-01                      a date; a time of day is not cut off but written behind it
//	2024-03-01 12:30[:45[.678]]     also with T between, and with Z, +02:00 or what Go's time.String writes behind; without a zone it
//	                                is in that of the driver's option _timezone, by default UTC
//	1709296245                      seconds since 1970; where the driver reads them as times (_inttotime), also other units
//
// So "day = ?" with a time of day finds no day and "day < ?" the day itself, where PostgreSQL has types: its DATE is compared with the day that the time's
// clock shows, its TIMESTAMP with what that shows, whatever the zone. Here a time is its instant, in the zone that the rows are in. Give both
// databases the start of a day, and times in UTC.
//
// A column without times is given a date if its declared type is DATE (of a time that is midnight in its own zone), seconds if that
// type has INT in it, and else what the driver writes by its options _time_format or _time_integer_format; without such an option,
// which SQLite's functions could not read, 2024-03-01 12:30:45.678+00:00 in UTC. Fractions are written as long as needed; only before
// a Z and in integers they are cut to what the rows have, and by a driver with both _time_format=datetime and _timezone, which cuts the first
// times of a column.
//
// The time of the statement, which now() and CURRENT_TIMESTAMP of a Default, an OnUpdate and a mark of a SoftDelete are, is spelled so too: an insert
// gives it, to whole seconds. Rows that others insert, or structs that lack the column, have it from the table's DEFAULT, which DDL writes as
// 2024-03-01 12:30:45+00:00, in a column of integers in seconds. That is not what a driver writes that is told to by _time_format=datetime or
// _time_integer_format: have such rows give the time. CURRENT_TIMESTAMP of a table that is there names no zone, and rows that come keep to that.
//
// Rows may spell their times in several ways. Then = and lists compare with each of these forms, and a write takes the most frequent
// one. An order (<, >=, After, Before) is an error where that of the texts is not that of the times, as with a T here and a blank
// there, or two offsets; dates among times of day are fine. A position must also have one form. What is no time at all in a
// column, such as 03/01/2024, has no order either.
//
// In SQL text a time is spelled for the columns whose values it meets, read as SQLite reads the text: those that it is compared with,
// in whatever form ("day >= ?", "? <= (day)", "day BETWEEN ? AND ?", "day IN (?, ?)", "CASE day WHEN ? …"), and those in whose place it
// may stand ("coalesce(day, ?)", "max(day, ?)", CASE). A column is named by its path, as a bare word, in quotes of any kind, by an alias
// of With or Column, or as an argument ("? = ?" with Col("day")). Right behind a column, by its path or bare, = and the like compare with
// all spellings of its rows, as maps do, and <, <=, >, >= and BETWEEN do so wherever columns alone stand on the other side. Anywhere
// else one text must do: where the columns that the time meets spell it in several ways, or cut fractions that it has, it is
// [dialect.ErrUnsupported] before the statement, and the error says what to write.
//
// A time that meets no column, such as the argument of a function ("julianday(day) = julianday(?)"), is 2024-03-01 12:30:45.678 in UTC, as
// SQLite's functions read and write times. Beside what a function, an operator or a CAST makes ("date(day) = ?", "day - ? > 0"), a column
// that is none of times, or a name that nobody knows, it is an error: give it to the same
// function ("date(day) = date(?)"), write the column by its path, or pass the text that is stored. What Set and an upsertion's SetExpr
// give a column is spelled for that column as well. In a SELECT of the text's own, the columns of tables that the registry has are known, with
// or without an alias, and what queries in its FROM and WITH make of them. A bare word there that is no declared column of these tables is
// not: it may be one that is not declared, or that of a row around; write "self.day" for that.
//
// The columns of a query in From spell times as the columns that they are made of, those of SQL text in From as its rows do, which are
// looked up by running it; where that has arguments they are not known, and a time is an error.
//
// Two columns of times that are compared with each other, by Col or in SQL text, are compared as they are stored: spelled in two ways,
// the same instant is not equal and their order is that of the texts. Compare what SQLite's functions make of them, as in
// julianday(self.day) = julianday(outer.created_at), or spell both columns alike.
//
// An integer that the driver gives as a number, as it does for max(at) and the like, which are no column, is a time in the unit of
// _time_integer_format, by default seconds. Where that is not seconds and the integer could be seconds of the years up to 9999, as those of
// 1970 to 1977 in milliseconds, it is an error; in a column whose declared type has INT in it, it is seconds.
//
// With modernc.org/sqlite all options work. _texttotime changes what a string field reads of a column declared without a type.
//
// # Numbers
//
// An argument that is not a number (NaN), or an integer over 63 bits, is refused with [dialect.FailureValue] wherever it stands: the driver sends the
// one as NULL, and has no form of the other. Infinity is an argument like others; a column declared REAL keeps it.
//
// So is what SQLite itself says of a value: one that a STRICT table or an INTEGER PRIMARY KEY does not take, an overflow, a text that is no JSON.
// The failure's text has none of SQLite's that holds the value.
//
// # Documents
//
// A map, a struct or a list as an argument of SQL text is sent as JSON, for the functions of JSON, as in "id IN (SELECT value FROM json_each(?))". Beside
// numbers, texts, times, bytes, UUIDs and truth values, of a column or of what an expression makes, it is ErrArgType, as it is in a map of
// conditions: SQLite would compare its JSON, and find nothing. What has a text form, or a driver.Valuer, is that value.
//
// # Positions
//
// The order of times is that of what is stored. UUIDs are sent as text, and are no position in a column of blobs.
//
// # Keys
//
// The keys of a preload are sent as one JSON array and joined, so that SQLite decides which are equal, with the
// affinity and the collation of the column. An index on the column is used. Integers and text need nothing more: the
// key of a string field is that text and nothing else, whatever it looks like. A UUID finds canonical lower-case text as
// well as blobs of 16 bytes. For keys whose Go type, or what its driver.Valuer gives, is a time, a bool or a []byte, the
// forms in which drivers store that type are looked for, which has limits:
//
//   - Times are looked for as the column spells them. Where that is not known, as in statements that others run, they are
//     found as text in UTC in the layouts of SQLite's functions, RFC 3339 and Go's time.String, or as seconds in an integer.
//   - Floating-point keys and decimals are compared as text, which SQLite converts for columns of numeric affinity (REAL,
//     NUMERIC, INTEGER), not for columns declared without a type.
//   - Booleans are found as 1 and 0, not as the texts true and false.
//   - []byte keys are found as blobs, not as text.
//   - A string field over a column declared as a DATE, TIMESTAMP or BOOLEAN holds what the driver made of the value, which need
//     not be the text that is stored, and so finds nothing. Give the field the type of the column.
//   - The keys of a string field over an INTEGER column are compared with a TEXT column as text: '01' is not 1, though a
//     join of the two columns says it is. Give the column the type of the field.
package sqlite

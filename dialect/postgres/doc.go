// Package postgres runs dovetail's queries on PostgreSQL (12 or newer) through pgx v5.
//
// [New] makes a handle, a [DB], from a pool, a connection or a transaction. It holds nothing but that and a cache of
// the types of key columns: it opens and closes nothing, and starts no goroutine.
//
//	db := postgres.New(pool)
//	accounts, err := query.All(ctx, db)
//
//	// The same database inside of a transaction. The cache is shared.
//	accounts, err = query.All(ctx, db.With(tx))
//
// # Concurrency
//
// A handle is safe for concurrent use exactly when what it was made from is: a *pgxpool.Pool is; a *pgx.Conn, a
// *pgxpool.Conn and a transaction are not. A handle on a pool takes one connection for a run of statements and gives it
// back when the run ends, also after an error or a panic.
//
// # Round trips
//
// One statement is a Query of pgx. Several are one pgx.Batch: they are sent together and their results are read in
// order, which costs one round trip once the connection knows the statements. A batch outside of a transaction is a
// transaction of its own in which, at the default isolation level, each statement has its own snapshot. Results that
// the caller leaves unread are read to their end, because the connection can be used for nothing else before.
//
// What begins a transaction goes in one batch with its first statements, if nobody else can send anything on the connection
// meanwhile: in calls of the library, and in InTx of a handle on a pool. It goes by itself where the connection has
// not been sent one of the statements in a transaction before, with numbers as long, or where pgx might be unable to send an argument. What ends
// a transaction that only reads goes with its last statement where that is known. A commit of what was written goes by itself.
//
// # Query exec modes
//
// Statements are run in the mode that the connection was configured with (DefaultQueryExecMode of pgx). Results and keys
// are the same in all five. The modes differ in round trips, in arguments, and in how a batch reports a mistake in a
// statement's text:
//
//   - QueryExecModeExec and QueryExecModeSimpleProtocol do not ask the server for the types of parameters. pgx then
//     refuses arguments whose Go type does not tell, such as a [16]byte without driver.Valuer.
//   - The modes that describe statements first report a mistake before any result, QueryExecModeExec in its turn. In
//     QueryExecModeSimpleProtocol the server parses the batch as one text, so a syntax error anywhere in it is reported as
//     one of the first statement.
//
// Behind a pooler that gives each transaction a connection of its own, such as pgbouncer in transaction mode, connect with
// default_query_exec_mode=exec, cache_describe or simple_protocol. QueryExecModeCacheStatement, pgx's own, works there only where the
// pooler knows prepared statements (pgbouncer 1.21 with max_prepared_statements); else the server refuses statements, and the error says
// so. Never use QueryExecModeDescribeExec behind one: it prepares a statement without a name in a round trip of its own, and what
// is executed in the next one may be that of another client.
//
// # Numbers
//
// A parameter has the type that the server finds for it: in "balance > ?" that of balance. A float that is no integer is refused beside
// integers, with [dialect.FailureValue] before the statement is executed, where pgx would cut off its fraction: write
// "balance > CAST(? AS double precision)". In QueryExecModeExec and
// QueryExecModeSimpleProtocol the server refuses it. A float that a real would hold as infinite, or as 0, is refused beside a real by the server, in every mode.
//
// # Bytes
//
// A []byte is the text that it holds beside a text, these bytes beside bytea, and beside a uuid its 16 bytes or what it spells; else that is refused. In
// QueryExecModeExec and QueryExecModeSimpleProtocol nobody tells what it stands beside: bytes with a backslash in them, and those that are
// no text, are for bytea alone. Give a string beside texts, and a [16]byte beside UUIDs.
//
// # JSON
//
// What a column's field is of is told to the server, so that a condition in a map, a change and an insert mean the same in every mode. Of an argument of SQL
// text the server tells whether it is JSON: a map, a struct or a list is JSON beside json and jsonb, and refused beside a text. In QueryExecModeExec and
// QueryExecModeSimpleProtocol nobody tells: maps and structs are the text of their JSON beside whatever they stand, lists are arrays, and a list of any
// type is refused. Give a json.RawMessage beside JSON, which is the same in every mode.
//
// # Times
//
// Beside timestamptz a time is its instant. Beside a timestamp it is what its clock shows, and beside a date the day that this shows: the zone, and the time
// of day, are dropped. "day = ?" with 10:30 finds the day, "day < ?" does not. Texts of times are read by the server in the same way. SQLite
// has no such types and compares the instant, see its package. Give times for a timestamp in one zone, best UTC, in which they are read. The server
// compares columns of both kinds by the session's TimeZone.
//
// A time, or a time.Duration, beside a text is refused with [dialect.FailureValue], where pgx would send it as Go prints it for people: of a time by the
// server, of a duration before the statement is executed. In QueryExecModeExec and QueryExecModeSimpleProtocol, and for a type that pgx does not know, as
// citext, it is its text, as in 2024-05-17 12:00:00+02:00. What else has a String method is that text beside texts.
//
// # Zero bytes
//
// Text with a zero byte, which PostgreSQL cannot hold, is refused before anything is sent.
//
// # Keys
//
// Keys are sent as arrays, so that the text of a statement does not depend on their number. Integers, UUIDs and text
// whose collation is deterministic are compared with = ANY; for keys of every other type a join with unnest lets the
// database decide which are equal, in the column's own type and collation.
package postgres

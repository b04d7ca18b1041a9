// Package dovetail is a query builder that knows how tables are related. Relations are declared once; from that one
// declaration come joins, EXISTS conditions, and the loading of related rows into nested structs. There is no code
// generation, and nothing is lazy: the statements of a call are known before it is made.
//
// # Declare
//
// A [Registry] holds tables and the relations between them. A table binds a struct type to a table of the database; a
// relation names its keys and, if wanted, its other direction.
//
//	var (
//		Schema     = dovetail.NewRegistry()
//		Accounts   = dovetail.NewTable[Account](Schema, "accounts")
//		Activities = dovetail.NewTable[Activity](Schema, "activity")
//
//		// One declaration, both directions: accounts.activities and activity.account.
//		AccountActivities = dovetail.HasMany(Accounts, "activities", Activities,
//			dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
//	)
//
// The kinds are [HasMany], [HasOne], [BelongsTo] and [ManyToMany]; [HasManyThrough] and [HasOneThrough], a path of relations declared as one;
// and [MorphMany], [MorphOne], [MorphTo] and [MorphToMany], references to rows of several tables. A relation is loaded into the struct
// field of its name (here Account.Activities and Activity.Account); without a field it can be joined and filtered by. The
// first use of the registry checks all declarations and freezes it; [Registry.Validate] does so earlier.
//
// [On] relates rows by a condition in place of keys, [Symmetric] pairs that are stored once from both ends. [Scope] declares a condition of a table, [Where] and [OrderBy] those of a relation: they hold wherever a query names the
// table; scopes hold for rows that are told by keys and for links too. A scope has a name, that of [SoftDelete] is "deleted":
// [Query.Unscoped] lifts those named of the query's own table, [Query.UnscopedAt] at a path. [FromContext] is a value known only at the call, such as the tenant.
//
// [Registry.DDL] writes the tables that the declarations ask of a database, with keys, constraints and indexes;
// [Registry.CreateAll] makes them, and [Registry.Check] compares them with those of a live database, and says how to mend what
// differs. [OnDelete] is what a delete does; [Default], [Generated], [Unique] and their like are about a table's columns.
//
// # Build
//
// A [Query] is an immutable value. Its methods return a new one and never fail; the first mistake is kept for the call
// that compiles or executes the query.
//
//	accounts, err := dovetail.Select(Accounts).
//		Join("activities").
//		Where(sq.Eq{"activities.activity_type": Deposit}). // sq is github.com/Masterminds/squirrel
//		Where("activities.amount >= ?", 750).
//		Distinct().
//		Preload("activities", dovetail.Select(Activities).OrderBy("created_at DESC").Limit(5)). // 5 per account
//		All(ctx, db) // []*Account
//
// Names in conditions, orders and columns are checked against the declarations. Conditions are squirrel's expressions, SQL text
// with arguments, or those of this package ([Has], [Not], [Contains], [NotEqOrNull] and others). [Query.With] selects values
// made of related rows; [Matching] is the conditions of another query.
//
// # Names
//
// One rule says what a name means, in squirrel's maps and in SQL text alike. Every condition, order and column is about one
// row, its own: that of the query or, in [Has] and its like, in the conditions of a join, in a relation's [Where], in an
// aggregate's Where and in the query of a preload, the related row at the end of the path.
//
//   - amount is a column of the own row; in SQL text the database looks for it, among all tables of the statement.
//   - self.amount is the same, where SQL text needs it said.
//   - account.owner goes from the own row along the relation account; paths may be longer.
//   - outer.balance is the row around, that of the query or condition in which this one stands; outer.account.owner goes on from
//     it, and outer.outer is the one around that.
//   - link.grade is the row of the join table by which a many-to-many reached the own row, see [Linked]; paths go on from it.
//
// In a relation's Where the row around is the owner, from which to-one paths go on too (outer.city.country); in a [Query] given as an argument, the row of the query that it stands in.
// A preload is a statement of its own, with no row around. Beside, the table's name stands for the row of the nearest query of
// that table, and the path as it was given for the own row: in Has("activities", …) "accounts.balance" is the account's and
// "activities.amount" the activity's. A name that could mean two rows is [ErrAmbiguous], with what to write for each. In maps
// [Col] is a column as a value: sq.GtOrEq{"amount": dovetail.Col("outer.balance")} is what this has as text.
//
//	dovetail.Select(Accounts).Columns("owner").Has("activities", sq.Expr("self.amount >= outer.balance"))
//
// A relation may have the name of a column, as country of a city: where a path goes on behind the name, as in country.name, or a
// relation is asked for, it is the relation; the name alone is the column.
//
// In SQL text a name that SQL reads only in quotes has them on its part, as in self."first name"; one that begins with a quote is
// left to the database. Other dotted names are the caller's, and so are all names that a SELECT in the text gives to tables of its own.
// [Query.ToSql] has no row around: give a Query as an argument of Where or Column, not of squirrel's Expr, to name it. There the name of a relation
// that is not joined, and is also the name of its table, is [ErrAmbiguous]: self.country.code is the related row's.
//
// # Compile
//
// Compiling resolves names, writes the text and finds what is wrong without a database, preloads included, so that a
// mistaken query sends no statement. [Query.SQL] returns the statement, [Query.Explain] all statements of a query and
// the number of round trips, [Query.ToSql] the text for use inside squirrel. The first statement of the query above
// is, on PostgreSQL,
//
//	SELECT DISTINCT "accounts"."id", "accounts"."owner", "accounts"."email", "accounts"."balance",
//	  "accounts"."created_at"
//	FROM "accounts" JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
//	WHERE ("activities"."activity_type" = $1) AND ("activities"."amount" >= $2)
//
// The alias of a joined table is its path, here "activities", and the alias of a join table is the path with the
// link's name, as in "courses#enrollments". A path longer than the database's names may be is cut and ends in a hash.
// Two bindings of one path, as a join and an EXISTS along it, are told apart by a number: "posts_2". On SQLite the
// alias of a path that ends in a many-to-many has ':' for '.', because SQLite does not find other ones inside a
// parenthesized join.
//
// # Execute
//
// A [DB] runs statements: postgres.New (package dialect/postgres) makes one from a pool, a connection or a transaction
// of pgx, sqlite.New (package dialect/sqlite) from those of database/sql. [Query.All] returns every row,
// [Query.First], [Query.One] and [Query.Get] one, [Query.Count] and [Query.Exists] a value. Each sends one statement,
// and those that return rows one more for each relation that is preloaded; preloads of one depth share a round trip
// where the driver pipelines. The first preload by a key that is neither an integer nor a UUID also asks PostgreSQL's
// catalog, once for a handle and all keys of the registry, in the round trip of the query's own statement. A result is
// returned whole or not at all.
//
// [Query.After] and [Query.Before] keep the rows on one side of a position in the query's order, which is how pages are
// told apart that do not shift; [Query.Position] reads it from a row. [Query.Each] goes through all rows in chunks, by
// position. [Query.Snapshot] has a query and its preloads see the database as of one moment, and [Query.OneRoundTrip] makes one
// statement of them.
//
// [WithHooks] wraps a DB so that hooks see every statement with its relation path, and afterwards its duration, rows and
// error. Package dovetailtest counts statements in tests, and names the preload that is missing where one is sent for
// every row.
//
// # Scan
//
// Rows are scanned into the structs of the query's table by position. [Collect] scans them, by name and by scany, into
// any other shape: structs of the caller's, maps, single values.
//
// # Attach
//
// [Query.Preload] loads related rows, level by level, into the fields of the rows they belong to; [Load] does it for
// rows in hand. After a load a to-many field is never nil: nil means not loaded. Within one preload, rows that are the
// same related row share one pointer. A row that the database matched and that fits no owner is an error, never
// dropped.
//
// [Query.Fetch] fills relations from the rows of the query's own statement: those its joins and conditions leave. Rows of
// the root that the join repeats are folded into one. What is preloaded below a fetched path is loaded onto those rows.
//
// [Query.PreloadTree] loads a relation of a table with itself to any depth by one statement; [LoadTree] does it for rows
// in hand. A row that lies below itself is [ErrCycle], unless the relation is [Cyclic]. [Query.Has] and the like, and [Query.With], follow
// such a relation by a star: "subcategories*" is all rows below, each once, "subcategories*2" those of two levels.
//
// A struct that embeds [Loads] remembers which of its relations were loaded, which [Loaded] tells; it is the way to tell
// a to-one relation without a row from one that was not loaded.
//
// # Write
//
// [Insert] writes rows and, along the paths of [Insertion.With], those related to them: what is pointed at comes first,
// foreign keys are filled, and what the database makes is read back. [Update], [Delete] and their conditions are those of
// queries, paths and [Has] included; [Save], [Refresh] and [DeleteRows] are about rows in hand, [Upsert] about rows that
// may be there. [ToMany.Link], Unlink, Move and Replace write a relation between rows that are there; [ToMany.Sync]
// makes the rows of an owner the given ones; [ToMany.Add], Remove and Set change the structs alone, both sides of a relation in step. What a delete does to the rows that point at
// what goes is declared by [OnDelete]; [Removal.Impact] tells it without doing it.
//
// A call writes only what it names, all of it or nothing: a call of one statement that reads nothing back is that statement, one of
// several, or that reads back what may not fit its fields, is one transaction or, where the handle is in one, one savepoint of that. There
// one statement alone is sent as it is on PostgreSQL, whatever it reads back, and docs/statements.md says it call by call. So inside a PostgreSQL transaction a failed single statement
// leaves it aborted, as plain SQL does; InTx of the transaction's handle round what may fail keeps it usable. When a call fails, the
// structs hold what they held. A row that a constraint refuses is a *[ConstraintError], at the commit too. A write whose answer is
// lost, that of a commit or of one statement outside a transaction, is [ErrCommitUnknown]. No write is sent twice by itself: [Retry]
// runs a whole function again when the database asks for it.
//
// # Join, Preload or Has
//
// Use Preload to have related rows, [Query.Has] and its like to filter by them, and [Query.Join] to use their
// columns in the query. A to-many join repeats the row it starts from; where those repetitions would be taken for
// rows, as under a limit, the query is refused with [ErrFanOut]. Use Fetch to have the related rows that a join matched,
// without another statement.
//
// # Words
//
//	table           a table of the database, declared with a struct type
//	relation        a declared link from one table to another
//	owner, related  the table a relation starts from, and the one it reaches
//	owner key       the owner's columns that are matched, with as many related key columns
//	cardinality     one or many: how many related rows an owner may have
//	join table      the table between the two of a many-to-many relation
//	path            names of relations, joined by dots, from the query's own table: "activities.account"
//	binding         one occurrence of a table in a statement, with its alias
//	join            adds a binding, and repeats rows when its path is to-many
//	preload         loads a relation by a statement of its own
//	fetch           fill a relation from the rows of the statement's own join
//	fold            make one row of those that a to-many join repeats
//	link            the join table's row that links a related row of a many-to-many to its owner
//	match           a row that was found for an owner
//	foreign key     the columns of one table that point at another; all relations along it share one
//	policy          what a delete does to the rows that point at what is deleted
//	finding         a difference between the declarations and a live database
//	scope           the default condition of a table
//	rule            a condition or an order declared of a relation's rows
//	through         a chain of relations declared as one
//	variant         the part of a polymorphic reference (type column and id column) about one table
//	tree            a relation of a table with itself, followed level after level from the rows it is loaded onto
//	position        the values of the order's terms in one row, the primary key's at the end: a place between rows
//	keyset          the condition that keeps the rows on one side of a position
//	run             the statements sent together, in one round trip where the driver pipelines
//	hook            is shown every run of a database handle
//	unit            the rows that an insert gathers, and what each needs of the others
//	level           rows that need nothing but those of the levels before: one round trip of an insert
//	attach          put related rows into the fields of their owners
//	request         what a call asks of the rows of a table: the clauses of a query, without its type
//	plan            the query with every name bound: bindings, columns, preloads
//	program         a plan with its text for one database, and those of its preloads
//	reach           the tables and keys that a delete leads to
//
// # Concurrency
//
// Queries, tables and relations are safe for concurrent use. So is a registry once it is frozen; declarations are
// usually the initial values of package variables. A [DB] is as safe as what it was made from: a pool is, a connection
// and a transaction of pgx are not. No call starts a goroutine.
//
// # Errors
//
// Errors are a *[RelationError] for declarations and paths, a *[QueryError] for compiling and executing, and a
// *[ScanError] for scanning and attaching. [errors.Is] finds the kind of mistake, such as [ErrUnknownColumn], and the
// error of the driver or of the context. Messages say where, what was given, what is allowed and what to do; they
// never hold an argument. [ErrNoRows] also matches sql.ErrNoRows and pgx.ErrNoRows.
//
// # Compatibility
//
// Semantic versioning covers the exported API, the identities of errors, and the aliases, because callers write them
// into SQL text. It does not cover the exact text of statements and of messages.
package dovetail

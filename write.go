package dovetail

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
	"github.com/dovetail-go/dovetail/internal/write"
)

// WRITE: rows are inserted with those related to them, in the order in which their foreign keys need each other, changed by a
// condition or in hand, and deleted. Only what a call names is written, and all of it or nothing.

// Insertion is rows to be inserted, and paths of related rows to be inserted with them. It is immutable, as a [Query] is; the
// rows are not, and must not be used by others while Exec runs.
type Insertion[R any] struct{ i *write.Insertion }

// Insert returns an insertion of the rows. It inserts nothing until [Insertion.Exec].
//
//	Insert(Accounts, a, b).With("activities", "activities.tags").Exec(ctx, db)
//	INSERT INTO "accounts" ("owner", …) VALUES ($1, …), ($5, …) RETURNING "id"
//	INSERT INTO "activity" ("account_id", …) VALUES ($1, …), … RETURNING "id"
func Insert[T any](t *Table[T], rows ...*T) Insertion[*T] {
	i := &write.Insertion{Rows: slices.Clone(structs.RowsOf(rows))}
	var missing string
	if i.Table, missing = t.declared(); missing != "" {
		i.Err = graph.Problemf(ErrUnknownTable, "%s", missing)
	}
	return Insertion[*T]{i}
}

// Rows makes rows of data that comes as columns and values, such as a decoded document, for [Insert] and [Save]. A value is
// converted where that changes nothing of it: a number with nothing behind the point becomes an integer, and text becomes what
// its type reads from text, such as a time. nil is NULL.
//
// A name that is no column is [ErrUnknownColumn], a value that the field cannot hold [ErrArgType], and no row is made then. Data
// from outside may name any column; say which are written, with [Insertion.Only].
//
//	rows, err := Rows(Accounts, map[string]any{"owner": "Sandy", "balance": 50})
func Rows[T any](t *Table[T], values ...map[string]any) ([]*T, error) {
	rows := make([]*T, len(values))
	for i := range rows {
		rows[i] = new(T)
	}
	if err := write.Fill(Select(t).untyped(), structs.RowsOf(rows), values); err != nil {
		return nil, err
	}
	return rows, nil
}

// With names relations whose rows are inserted too, those that the fields of the rows hold now, with all relations on the way
// to them: to-one, to-many and many-to-many, whose rows of the join table are made. A path that goes on behind a [MorphTo] goes
// along the rows whose table has the relation. Rows of relations that are not named are not written, whatever the fields hold.
func (i Insertion[R]) With(paths ...string) Insertion[R] { return Insertion[R]{i.i.With(paths, false)} }

// WithLinks names many-to-many relations whose related rows are there already, or are new: those that have a primary key are linked, by
// rows of the join table, and not written; those whose key the database is still to make are inserted first, as by [Insertion.With].
// A key that the program gives says nothing: such rows are there.
func (i Insertion[R]) WithLinks(paths ...string) Insertion[R] {
	return Insertion[R]{i.i.With(paths, true)}
}

// Only names the columns that are written, zero or not, of rows of the insertion's own table or, as "activities.amount", of those
// at a path, or, as "tags.link.rank", of the join table's rows there; the others are left to the database, and read back. The primary key is written all the same if it is not zero,
// and foreign keys that the insertion fills. Tables of which no column is named are written whole.
func (i Insertion[R]) Only(columns ...string) Insertion[R] {
	return Insertion[R]{i.i.Changed(func(n *write.Insertion) { query.Append(&n.Only, columns...) })}
}

// Omit names columns that are not written, as [Insertion.Only] names them: they are left to the database, and read back.
func (i Insertion[R]) Omit(columns ...string) Insertion[R] {
	return Insertion[R]{i.i.Changed(func(n *write.Insertion) { query.Append(&n.Omit, columns...) })}
}

// Exec inserts the rows, all or none: a failure at any statement, and of the commit, leaves the database and the rows as they
// were. It uses one transaction or, where the handle is in one, a savepoint of that, and never commits that. One row is one
// statement without a savepoint, and without a transaction where nothing but its number is read back.
//
// Rows come after those they point at, by fields or by keys that are given; where rows point at each other in a cycle, a foreign key of which
// a column can be NULL is set afterwards by an UPDATE of that, and if there is none the error is [ErrCycle]. Given keys may go around in a
// cycle in one INSERT, which the database checks at its end. The same pointer, wherever it is found, is one row.
// Rows of one table that can go together go in one INSERT, up to 1,024, and all that need not wait for each other in one round
// trip where the driver pipelines: round trips = levels of rows, and one for the commit. In it they are in the order of
// their keys where those are given, so that two calls with the same rows do not wait for each other, else in that of the call; but where one
// INSERT does not hold them, those that point at none of them by given keys go first, then those that point at them, and so on.
//
// Foreign keys are filled from the rows they point at: from the owner whose field holds the row, and from a row in a to-one
// field, which need not be inserted too but must have its key. So is the type column of a polymorphic reference. A foreign key
// or a type that is not zero and is another is [ErrInvalidRow].
//
// What the database makes is read back into the rows: keys that it numbers (see [Identity]), columns with [Default] whose
// fields are zero, [Generated] columns, and those left out by Only and Omit. Every other field is written as it is, zero or
// not; a nil pointer is NULL.
//
// A constraint that refuses a row is a *[ConstraintError]. A commit whose answer is lost, and a single statement whose answer is, is
// [ErrCommitUnknown]. Inside a PostgreSQL transaction of the caller's a single statement that fails leaves that aborted, so that it
// can only be rolled back; call it in InTx of the handle where it may fail.
func (i Insertion[R]) Exec(ctx context.Context, db DB) error { return i.i.Exec(ctx, db) }

// Change changes the rows of a table that meet its conditions. It is immutable, as a [Query] is.
type Change[R any] struct{ c *write.Change }

// Update returns a change of the rows that its conditions will tell. It changes nothing until [Change.Exec].
//
//	Update(Accounts).Set("owner", "Sandy").Where(squirrel.Eq{"id": 7})
//	UPDATE "accounts" SET "owner" = $1 WHERE ("accounts"."id" = $2)
func Update[T any](t *Table[T]) Change[*T] { return Change[*T]{&write.Change{Q: Select(t).untyped()}} }

// Set gives a column a value. A nil value, and a nil pointer, is NULL. A squirrel expression is written as it is, after the names
// of the table's own columns in it have been checked, and a [Query] as a subquery:
//
//	Update(Accounts).Set("balance", squirrel.Expr("balance + ?", 100)).Where(…)
func (c Change[R]) Set(column string, value any) Change[R] { return Change[R]{c.c.Set(column, value)} }

// Where adds a condition, as [Query.Where] does. A condition along a path, and [Has], tells rows by related ones. One that holds for every row is
// none, see All.
//
//	Update(Activities).Set("amount", 0).Where(squirrel.Eq{"account.owner": "Sandy"})
//	UPDATE "activity" SET "amount" = $1 WHERE ("activity"."id") IN (SELECT "activity"."id" FROM "activity" JOIN …)
func (c Change[R]) Where(pred any, args ...any) Change[R] { return Change[R]{c.c.Where(pred, args)} }

// All says that all rows of the table may be meant; without it a change without a condition is [ErrMissingWhere], and so is one whose condition holds
// for every row, as its form and the table's columns show, or may because what decides names no column and is not known before. Beside
// Where it lifts that check and no condition: the rows are those that Where tells.
func (c Change[R]) All() Change[R] { return Change[R]{c.c.AllRows()} }

// Unscoped lifts the scopes of these names of the table, as [Query.Unscoped] does.
func (c Change[R]) Unscoped(names ...string) Change[R] { return Change[R]{c.c.Unscoped(names)} }

// UnscopedAt lifts the scopes of these names at a path, as [Query.UnscopedAt] does.
func (c Change[R]) UnscopedAt(path string, names ...string) Change[R] {
	return Change[R]{c.c.UnscopedAt(path, names)}
}

// Exec changes the rows, by one statement, and returns how many there were. Rows that are out of the table's [Scope] stay.
// A table with a [Version] counts it up. Values are checked against the fields' types before anything is sent. Outside a transaction
// an answer that is lost is [ErrCommitUnknown]; inside a PostgreSQL transaction of the caller's a failure leaves that aborted:
// call it in InTx of the handle where it may fail.
//
// PostgreSQL locks the rows in whatever order it finds them: two changes of several rows, or one beside a call that writes to the same rows in the
// order of their keys, may wait for each other, and one of them is ended (SQLSTATE 40P01); [Retry] runs it again.
func (c Change[R]) Exec(ctx context.Context, db DB) (int64, error) { return c.c.Exec(ctx, db) }

// Returning is [Change.Exec] that returns the rows as they are afterwards, in no particular order. It uses a transaction, so that
// a row that does not fit its struct leaves all as they were; a PostgreSQL transaction of the caller's is aborted then:
// call it in InTx of the handle where it may fail.
func (c Change[R]) Returning(ctx context.Context, db DB) ([]R, error) {
	return several[R](c.c.Returning(ctx, db))
}

// Version names the integer column that counts the changes of a row, for optimistic locking: [Save] changes a row only if the
// column is what it was when the row was read, and counts it up; else the error is [ErrStale]. [Update] counts it up too, and so do calls that
// link, move or unlink rows by their foreign keys, and those that change links; the structs in hand keep what they have: [Refresh] them
// before a Save.
//
//	NewTable[Account](Schema, "accounts", Version("lock_version"))
//	UPDATE "accounts" SET "owner" = $1, "lock_version" = $2 WHERE "id" = $3 AND "lock_version" = $4
func Version(column string) TableOption {
	return func(t *model.Table) {
		t.Graph.Version = column
		t.SetColumn(column, "Version", func(c *graph.Column) error {
			if c.Class != graph.ClassInteger || c.Nullable {
				return graph.Problemf(ErrInvalidRelation, "column %q (%s) cannot count; make it an integer", c.Name, c.GoType)
			}
			return nil
		})
	}
}

// OnUpdate says that every change of a row writes the column, by the SQL expression sql: [Update], [Save], an [Upsert] that meets the row,
// calls that link, move or unlink it by its foreign key, [OnDelete] SetNull, a [SoftDelete] and [Restore], and, of a row of a join table,
// calls that change its other columns. An Update or a Save that names the column itself gives it that value instead. Where a call reads rows back, so
// it does the column; [Save] reads it. Inserts write the field, or leave it to a [Default]. What the database does by itself, such
// as ON DELETE SET NULL where no call deletes, writes nothing.
//
// The expression names no columns and has no arguments, and is written as it is for every database, as that of a Default is. now() and
// CURRENT_TIMESTAMP of a column of times mean the time of the statement on each: SQLite gets it in the form that the column's rows have. In a
// link that is given, [LinkWith] and [ReplaceWith] leave the column to it. The
// text is trusted: never put input into it.
//
//	NewTable[Account](Schema, "accounts", Default("updated_at", "CURRENT_TIMESTAMP"), OnUpdate("updated_at", "now()"))
//	UPDATE "accounts" SET "owner" = $1, "updated_at" = (now()) WHERE "id" = $2 RETURNING "updated_at"
func OnUpdate(column, sql string) TableOption {
	return func(t *model.Table) {
		t.SetColumn(column, "OnUpdate", func(*graph.Column) error { return model.NotEmpty(sql) })
		t.Graph.OnUpdates = append(t.Graph.OnUpdates, graph.OnUpdate{Column: column, SQL: sql})
	}
}

// Save writes the named columns of a row in hand to the row with its primary key, by one statement. Columns that are not named
// are not written, nor is any related row. [Generated] columns are read back. A row that is not there is [ErrNoRows] or, where
// the table has a [Version], [ErrStale]; the struct is then as it was. So it is for a row that is out of the table's [Scope].
// A primary key that tells several rows of the database is [ErrTooManyRows], which says whether they were written. Other failures
// are those of [Change.Exec]: inside a PostgreSQL transaction of the caller's call it in InTx of the handle where it may fail.
//
//	Save(ctx, db, Accounts, account, "owner")
//	UPDATE "accounts" SET "owner" = $1 WHERE "id" = $2
func Save[T any](ctx context.Context, db DB, t *Table[T], row *T, columns ...string) error {
	return write.Save(ctx, db, Select(t).untyped(), structs.RowOf(row), columns)
}

// SaveAll writes the named columns of rows in hand, each with its own values, to the rows with their primary keys, all or none. It
// means what [Save] of each means, in no order: a row that is not there, or out of the table's [Scope], is [ErrNoRows] or, with a
// [Version], [ErrStale], and the message says how many those are; two rows with one primary key are [ErrInvalidRow]. After an error the
// structs are as they were. No rows are nothing to do, and one is Save.
//
// It is one statement in a transaction, or a savepoint; more, in one round trip where the driver pipelines, where the rows have more
// values than a statement takes. On PostgreSQL that is for more than 16,384 rows if the columns' types let their values go as
// arrays, which is asked of the catalog once, and else for more than 1,024. Rows are locked in the order of their keys before one
// is written, so that two who save the same do not wait for each other. On SQLite rows whose key is neither an integer nor a UUID are
// a statement each. The database checks a unique key row by row: what rows exchange is refused, unless its constraint is deferred.
//
//	SaveAll(ctx, db, Accounts, []*Account{a, b}, "owner")
//	WITH "rows#" (…) AS (VALUES ($1, $2, 1), ($3, $4, 2)), "locked#" AS (SELECT … FOR NO KEY UPDATE OF "accounts")
//	UPDATE "accounts" SET "owner" = "locked#"."v#1" FROM "locked#" WHERE "accounts"."id" = "locked#"."v#2" RETURNING …
func SaveAll[T any](ctx context.Context, db DB, t *Table[T], rows []*T, columns ...string) error {
	return write.SaveAll(ctx, db, Select(t).untyped(), structs.RowsOf(rows), columns)
}

// Refresh reads the columns of rows in hand again, by one statement each, all in one round trip where the driver pipelines. What
// the fields of relations hold stays. A row that is not there, or out of the table's [Scope], is [ErrNoRows]; after an error the rows
// are as they were.
func Refresh[T any](ctx context.Context, db DB, t *Table[T], rows ...*T) error {
	return write.Refresh(ctx, db, Select(t).untyped(), structs.RowsOf(rows))
}

// Upsertion is rows to be inserted or, where the table has them already, changed. It is immutable, as a [Query] is.
type Upsertion[R any] struct{ u *write.Upsertion }

// Upsert returns an upsertion of the rows. It does nothing until [Upsertion.Exec].
//
//	Upsert(Accounts, a, b).OnConflict("email").Set("owner").Exec(ctx, db)
//	INSERT INTO "accounts" ("owner", "email", …) VALUES ($1, $2, …)
//	ON CONFLICT ("email") DO UPDATE SET "owner" = excluded."owner" RETURNING "id", "owner", …
func Upsert[T any](t *Table[T], rows ...*T) Upsertion[*T] {
	u := &write.Upsertion{Rows: slices.Clone(structs.RowsOf(rows))}
	var missing string
	if u.Table, missing = t.declared(); missing != "" {
		u.Err = graph.Problemf(ErrUnknownTable, "%s", missing)
	}
	return Upsertion[*T]{u}
}

// OnConflict names the columns that tell whether a row is there. They must be those of a primary key or of a unique constraint, or
// of a unique index over a part of the rows whose condition [Upsertion.Where] gives.
func (u Upsertion[R]) OnConflict(columns ...string) Upsertion[R] {
	return Upsertion[R]{u.u.Changed(func(n *write.Upsertion) { query.Append(&n.Key, columns...) })}
}

// Where gives the condition of the unique index over the columns of OnConflict, where that is over a part of the table's rows, such as
// those that no [SoftDelete] has marked. It is SQL text as the index has it, without arguments, or squirrel.Eq with nil, and
// names columns of the table alone; it tests no row.
//
//	Upsert(Users, u).OnConflict("email").Where("deleted_at IS NULL").Set("name").Exec(ctx, db)
//	INSERT INTO "users" … ON CONFLICT ("email") WHERE (deleted_at IS NULL) DO UPDATE SET "name" = excluded."name" …
func (u Upsertion[R]) Where(pred any, args ...any) Upsertion[R] {
	return Upsertion[R]{u.u.Where(pred, args)}
}

// Set names the columns that are written to a row that is there, with what the row to be inserted has. Without Set and
// [Upsertion.SetExpr] a row that is there stays as it is. Its primary key it keeps: a column of that is refused, as are the Version, which is
// counted without being named, and columns that the database makes.
func (u Upsertion[R]) Set(columns ...string) Upsertion[R] {
	return Upsertion[R]{u.u.Changed(func(n *write.Upsertion) { query.Append(&n.Set, columns...) })}
}

// SetExpr gives a column of a row that is there the value of an expression: SQL text with its arguments, a squirrel expression, or a
// [Query]. In it self.column is the row that is there, and excluded.column that which was to be inserted. A bare column is the row that
// is there on SQLite; PostgreSQL refuses it, and the error says what to write.
//
//	Upsert(Pages, p).OnConflict("url").SetExpr("hits", "self.hits + excluded.hits").Exec(ctx, db)
//	INSERT INTO "pages" … ON CONFLICT ("url") DO UPDATE SET "hits" = ("pages"."hits" + "excluded"."hits") RETURNING …
func (u Upsertion[R]) SetExpr(column string, expr any, args ...any) Upsertion[R] {
	return Upsertion[R]{u.u.SetExpr(column, expr, args)}
}

// DoNothing says that a row that is there stays as it is, and is read, which is also what is done where nothing is set; beside
// Set it is [ErrInvalidQuery].
func (u Upsertion[R]) DoNothing() Upsertion[R] {
	return Upsertion[R]{u.u.Changed(func(n *write.Upsertion) { n.Stays = true })}
}

// Unscoped lifts the scopes of these names of the table, as [Query.Unscoped] does: rows that are out of them are changed too.
func (u Upsertion[R]) Unscoped(names ...string) Upsertion[R] {
	return Upsertion[R]{u.u.Unscoped(names)}
}

// Exec inserts or changes the rows, all or none, and reads all of their columns back: afterwards each struct is what the table
// has. A row whose number is among the columns of OnConflict and is still to be made by the database cannot be there: it is inserted.
// Columns are given and left to the database as [Insertion.Exec] does it. After an error the structs are as they were. A row that is
// there and out of the table's [Scope], such as another tenant's, is neither changed nor read: it is [ErrInvalidRow]. One that is not there
// is inserted as by [Insert], with the mark of a [SoftDelete] if it has one; Unscoped("deleted") with Set of the mark's column brings a
// marked row back.
//
// It sends a statement for each row, and one more to read a row that stays as it is, all in one round trip where the driver
// pipelines, in the order of their keys, so that two writers do not wait for each other, but for rows that point at others of them by
// given keys: these come behind those. It uses one transaction, or a savepoint. Where the columns of OnConflict are integers or UUIDs and something is set, rows that follow each other and give the same
// columns go in one statement, up to 1,024. Two rows with the same key are [ErrInvalidRow] before any statement. One row, of which
// something is set, is one statement without a savepoint: inside a PostgreSQL transaction of the caller's a failure leaves that aborted:
// call it in InTx of the handle where it may fail.
func (u Upsertion[R]) Exec(ctx context.Context, db DB) error { return u.u.Exec(ctx, db) }

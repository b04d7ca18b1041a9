package dovetail

import (
	"context"

	"github.com/dovetail-go/dovetail/internal/structs"
	"github.com/dovetail-go/dovetail/internal/write"
)

// WRITE, continued: deletes, and what they do to the rows that point at what is deleted.

// Removal deletes the rows of a table that meet its conditions. It is immutable, as a [Query] is.
type Removal[R any] struct{ c *write.Change }

// Delete returns a removal of the rows that its conditions will tell. It deletes nothing until [Removal.Exec].
//
//	Delete(Accounts).Where(squirrel.Eq{"id": 7})
//	DELETE FROM "accounts" WHERE ("accounts"."id" = $1)
func Delete[T any](t *Table[T]) Removal[*T] {
	return Removal[*T]{&write.Change{Q: Select(t).untyped()}}
}

// Where adds a condition, as [Query.Where] does. A condition along a path, and [Has], tells rows by related ones. One that holds for every row is
// none, see All.
func (r Removal[R]) Where(pred any, args ...any) Removal[R] { return Removal[R]{r.c.Where(pred, args)} }

// All says that all rows of the table may be meant; without it a removal without a condition is [ErrMissingWhere], and so is one whose condition holds
// for every row, as its form and the table's columns show, or may because what decides names no column and is not known before. Beside
// Where it lifts that check and no condition: the rows are those that Where tells.
func (r Removal[R]) All() Removal[R] { return Removal[R]{r.c.AllRows()} }

// Unscoped lifts the scopes of these names of the table, as [Query.Unscoped] does.
func (r Removal[R]) Unscoped(names ...string) Removal[R] { return Removal[R]{r.c.Unscoped(names)} }

// UnscopedAt lifts the scopes of these names at a path, as [Query.UnscopedAt] does.
func (r Removal[R]) UnscopedAt(path string, names ...string) Removal[R] {
	return Removal[R]{r.c.UnscopedAt(path, names)}
}

// Hard says that rows of a table with a [SoftDelete] are removed, not marked. Those marked before are out of the table's
// [Scope], and stay without [Removal.Unscoped].
func (r Removal[R]) Hard() Removal[R] { return Removal[R]{r.c.Removing()} }

// Exec deletes the rows, and does to those that point at them what the relations' [OnDelete] says. It returns how many rows of
// the table itself are gone, those included that followed others in a tree; [Removal.Impact] tells the rest.
//
// Which rows are meant is decided by the condition, within the table's [Scope], before anything changes, and once: what it says later, or of rows that
// others write meanwhile, does not matter. All of them go or none: where the database keeps one without an error, by a trigger, a rule or a
// policy, though what points at it went, the call fails with [ErrInvalidRow], and nothing has changed; where nothing else is changed, the
// number says how many went. Rows that follow
// them are told by their keys, and by the values that a relation's [Where] and their table's Scope give columns; other terms of a
// Scope do not matter. A row that several keys lead to goes once, and one that goes
// restricts nothing. A delete that marks rows goes on to what points at rows that it marks itself, and ends at those that were marked already.
// A row that stays and points at one that goes by [Restrict] makes the call fail with [ErrRestricted];
// [NoAction] leaves that to the database, whose refusal is a [ConstraintError]: of a deferred constraint at the commit, which in a
// transaction of the caller's is the caller's.
//
// Where no key points at the table it is one statement, whose failures are those of [Change.Exec]: inside a PostgreSQL transaction of the caller's
// call it in InTx of the handle where it may fail. Where its rows only
// follow each other they are counted first, in the round trip of that statement, in a transaction. Where other rows go than were told, since the database kept some
// or what went first moved the condition, all is undone, and done once more for keys that are held, in a temporary table. SQLite's own CASCADE takes rows before the
// statement comes to them. Along a key of the
// table to itself that is not declared SQLite takes them too, and does not count them; nor does PostgreSQL count rows that others insert meanwhile and that its
// own CASCADE takes. Else it is one transaction, or a savepoint of the handle's own: it
// locks the rows where the database has row locks, and checks what restricts them, in one round trip; then come a statement for
// each table that loses rows, one for each key that becomes NULL, and counts of rows that are there still, in another. Where the condition reads more
// than the primary key, a trigger or a foreign key of the database may move it when those statements change other rows: the keys of the table's own
// rows are read before, and compared with those that it tells right before they go. None is kept: a million
// rows need no more memory than one. Where the condition names tables that the delete changes, or calls a function that may say something
// else when it is asked again, as random() does, and where tables follow each other in a cycle or themselves, the keys are kept in temporary
// tables of the database meanwhile, which PostgreSQL wants the TEMPORARY privilege for; without it the delete is [ErrUnsupported]. So they are where the condition
// was moved, or where others write rows, on PostgreSQL, so that it comes to hold for them between two statements: the delete is
// undone and done again.
func (r Removal[R]) Exec(ctx context.Context, db DB) (int64, error) {
	return r.c.Remove(ctx, db, write.AnyNumber)
}

// Returning is [Removal.Exec] that returns the rows of the table itself that are gone, in no particular order, as they were when they
// went, or with their marks: a key among them that the delete itself made NULL before, of rows that point at each other, is
// NULL. It uses a transaction, as [Change.Returning] does.
func (r Removal[R]) Returning(ctx context.Context, db DB) ([]R, error) {
	return several[R](r.c.RemoveReturning(ctx, db))
}

// Effect is what a delete does to rows of one table along one relation, see [Removal.Impact].
type Effect struct {
	Relation string       // "accounts.activities"; empty: the rows that the condition tells
	Table    string       // whose rows they are: of a many-to-many, the join table
	Key      string       // the columns by which they point: of a many-to-many of a table with itself there are two keys
	Policy   DeletePolicy // the zero one, "no policy", where the condition tells the rows
	Deleted  int64        // rows that go; a row that several relations lead to is counted along the first
	Nulled   int64        // rows whose key becomes NULL
	Blocking int64        // rows that refuse the delete: by Restrict, or in the database: by NoAction, as no relation's, or hidden by a Scope
	Pointing int64        // rows to which the database does what it is to do ByDatabase
}

// Impact tells what [Removal.Exec] would do, without doing it: first the rows that the condition tells, then an effect for each
// key that it would reach, those that reach no row included. Where all relations along a key have rows of some value alone, as those with
// Where(squirrel.Eq{"link.kind": "y"}) do, the rows along it that are of none of them are an effect of their own behind theirs, with the
// name of the first: the delete does nothing to them, and the database's constraint refuses. It is a statement for each, all in one round trip where the driver
// pipelines; the counts are exact as long as nobody writes. Rows of another tenant that point at what would go, as links of a row that tenants share, are counted as
// Blocking, as the foreign key of the database refuses to let it go. Where tables follow each other in a cycle it makes
// temporary tables, in a transaction of its own.
func (r Removal[R]) Impact(ctx context.Context, db DB) ([]Effect, error) {
	found, err := r.c.Impact(ctx, db)
	if err != nil {
		return nil, err
	}
	effects := make([]Effect, len(found))
	for i, e := range found {
		effects[i] = Effect{e.Relation, e.Table, e.Key, DeletePolicy(e.Policy), e.Deleted, e.Nulled, e.Blocking, e.Pointing}
	}
	return effects, nil
}

// DeleteRows deletes rows in hand, told by their primary keys, and does to those that point at them what [Removal.Exec] does. A
// row that is not there is [ErrNoRows] or, where the table has a [Version], [ErrStale], which a row is too that has
// another version, or is out of the table's [Scope]; then none is deleted. A primary key that tells several rows of the database is
// [ErrTooManyRows], which says whether they were deleted: a delete of one row by one statement has been done. The structs stay as
// they are.
//
// As of [Removal.Exec], rows that point at them by [NoAction] are left to the database, an answer that is lost is [ErrCommitUnknown], and a single
// statement that fails leaves a PostgreSQL transaction of the caller's aborted: call it in InTx of the handle where it may fail.
func DeleteRows[T any](ctx context.Context, db DB, t *Table[T], rows ...*T) error {
	return write.DeleteRows(ctx, db, Select(t).untyped(), structs.RowsOf(rows))
}

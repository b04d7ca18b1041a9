package dovetail

import (
	"context"

	"github.com/dovetail-go/dovetail/internal/structs"
	"github.com/dovetail-go/dovetail/internal/write"
)

// WRITE, continued: deletes that only marked rows are undone.

// Restoration brings rows of a table with a [SoftDelete] back that a delete has marked. It is immutable, as a [Query] is.
type Restoration[R any] struct{ c *write.Change }

// Restore returns a restoration of the marked rows that its conditions will tell. It does nothing until [Restoration.Exec].
//
//	Restore(Posts).Where(squirrel.Eq{"id": 7}).Exec(ctx, db)
//	UPDATE "posts" SET "deleted_at" = NULL WHERE ("posts"."id" = $1) AND ("posts"."deleted_at" IS NOT NULL)
func Restore[T any](t *Table[T]) Restoration[*T] {
	return Restoration[*T]{write.Restoring(Select(t).untyped())}
}

// Where adds a condition, as [Query.Where] does. Rows at a path are within their scopes, also that of their SoftDelete.
func (r Restoration[R]) Where(pred any, args ...any) Restoration[R] {
	return Restoration[R]{r.c.Where(pred, args)}
}

// All says that all marked rows may be meant; without it a restoration without a condition, or by one that holds for every row, is
// [ErrMissingWhere], as in [Removal.All].
func (r Restoration[R]) All() Restoration[R] { return Restoration[R]{r.c.AllRows()} }

// Unscoped lifts the scopes of these names of the table beside "deleted", as [Query.Unscoped] does.
func (r Restoration[R]) Unscoped(names ...string) Restoration[R] {
	return Restoration[R]{r.c.Unscoped(names)}
}

// UnscopedAt lifts the scopes of these names at a path, as [Query.UnscopedAt] does.
func (r Restoration[R]) UnscopedAt(path string, names ...string) Restoration[R] {
	return Restoration[R]{r.c.UnscopedAt(path, names)}
}

// Alone says that what the delete marked along with the rows stays marked.
func (r Restoration[R]) Alone() Restoration[R] { return Restoration[R]{r.c.Alone()} }

// Exec takes the marks of the rows away, and of those that the delete marked along with them, by [Cascade]: those that point at a
// restored row and have the mark that it had. It returns how many rows of the table itself came back. A [Version] counts it, and [OnUpdate]
// is written. Scopes but "deleted" hold, for what follows too; what a row itself points at stays as it is, marked or not.
//
// A delete marks all its rows with one time, on PostgreSQL that of its transaction, on SQLite to the second. Rows that were marked
// earlier on their own stay marked; those that were so by another delete of the same transaction, or second, cannot be told apart, and come back.
// The columns of the marks are of one type, then; and where one is a boolean, which tells no delete from another, the call is
// [ErrUnsupported] unless it is [Restoration.Alone].
//
// The statements are those of [Removal.Exec]: one where nothing follows, else a transaction that locks the rows, on PostgreSQL, and
// has a statement for each table, those that follow first. A row that meets another by a unique key, such as one that took its name
// meanwhile, is a *[ConstraintError], and nothing has come back. Other failures are those of [Removal.Exec]: inside a PostgreSQL
// transaction of the caller's call it in InTx of the handle where it may fail.
func (r Restoration[R]) Exec(ctx context.Context, db DB) (int64, error) {
	return r.c.Remove(ctx, db, write.AnyNumber)
}

// Returning is [Restoration.Exec] that returns the rows of the table itself that came back, as they are then, in no particular order. It
// uses a transaction, as [Change.Returning] does.
func (r Restoration[R]) Returning(ctx context.Context, db DB) ([]R, error) {
	return several[R](r.c.RemoveReturning(ctx, db))
}

// RestoreRows restores rows in hand, told by their primary keys, and what the delete marked along with them, as [Restoration.Exec] does. A
// row that is not there, not marked, or out of the table's [Scope], is [ErrNoRows] or, where the table has a [Version], as is a row with
// another version, [ErrStale]; then none is restored. The structs stay as they are: [Refresh] them.
func RestoreRows[T any](ctx context.Context, db DB, t *Table[T], rows ...*T) error {
	return write.RestoreRows(ctx, db, Select(t).untyped(), structs.RowsOf(rows))
}

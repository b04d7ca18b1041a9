package dovetail

import (
	"context"
	"iter"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// EXECUTE: compile, send, scan, attach. A result is returned whole or not at all.

// DB is a database to run queries on: postgres.New or sqlite.New make one from a pool, a connection or a transaction. It
// is safe for concurrent use exactly when that is. Programs need one of its methods, InTx(ctx, [TxOptions], func(tx DB)
// error) error, which runs a function in a transaction, or in a savepoint of one that is open: see [dialect.DB]. A commit that a
// deferred constraint refuses is a *[ConstraintError] there, and one whose answer is lost [ErrCommitUnknown].
type DB = dialect.DB

// All returns the rows. Without any it returns an empty slice.
//
// It issues one statement for the query and one for each relation that is preloaded, in 1 + depth round trips where the
// driver pipelines. The first preload by a text key on PostgreSQL asks its catalog too, by a statement that rides along with the
// query's own. When any statement fails, or ctx is done, nothing is returned but the error.
func (q Query[R]) All(ctx context.Context, db DB) ([]R, error) {
	return several[R](load.Rows(ctx, db, q.untyped().Asked()))
}

// several gives rows their type.
func several[R any](rows []structs.Row, err error) ([]R, error) {
	if err != nil {
		return nil, err
	}
	return structs.Typed[R](rows), nil
}

// One returns the only row. It is [ErrNoRows] when there is none, and [ErrTooManyRows] when there are more; two rows at
// most are read, except with a fetched to-many relation, which is read whole.
func (q Query[R]) One(ctx context.Context, db DB) (R, error) {
	return one[R](load.One(ctx, db, q.untyped().Asked()))
}

// one gives a row its type.
func one[R any](rows []structs.Row, err error) (row R, _ error) {
	if err != nil {
		return row, err
	}
	return structs.Typed[R](rows)[0], nil
}

// First returns the first row in the query's order, which the primary key ends. It is [ErrNoRows] when there is no row, and
// [ErrFanOut] with a fetched to-many relation.
func (q Query[R]) First(ctx context.Context, db DB) (R, error) {
	return one[R](load.First(ctx, db, q.untyped().Asked()))
}

// Get returns the row with the primary key, of those the query selects. The values are those of the key's columns, in the
// order of its declaration. It is [ErrNoRows] when there is no such row.
func (q Query[R]) Get(ctx context.Context, db DB, key ...any) (R, error) {
	return one[R](load.Get(ctx, db, q.untyped().Asked(), key))
}

// Count returns the number of rows that [Query.All] would return, in one statement.
func (q Query[R]) Count(ctx context.Context, db DB) (int64, error) {
	return load.Scalar[int64](ctx, db, q.untyped().Asked(), "count", compile.Count)
}

// AllWithCount returns the rows, and how many there are without Limit, Offset, After and Before: a page and the number of all. The count is
// a statement of its own, which is [Query.Count]'s, in the round trip of the query's own. Rows that others write meanwhile may be in one of them alone;
// with [Query.Snapshot] they see one moment. When any statement fails, or ctx is done, nothing is returned but the error.
func (q Query[R]) AllWithCount(ctx context.Context, db DB) (rows []R, count int64, err error) {
	found, count, err := load.Counted(ctx, db, q.untyped().Asked())
	if err != nil {
		return nil, 0, err
	}
	return structs.Typed[R](found), count, nil
}

// Exists reports whether [Query.All] would return any row, in one statement.
func (q Query[R]) Exists(ctx context.Context, db DB) (bool, error) {
	return load.Scalar[bool](ctx, db, q.untyped().Asked(), "exists", compile.Exists)
}

// Each returns the rows of [Query.All] one after the other, in memory that does not grow with their number. The sequence runs
// the query anew each time it is ranged over.
//
//	for account, err := range query.Each(ctx, db) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Rows are fetched in chunks of 1,000 in the query's order, which the primary key ends, each chunk after the position of the
// last row, as by [Query.After]: one statement for each chunk and one for each relation that is preloaded, in 1 + depth round
// trips, until a chunk is not full. No connection is held while the loop's body runs, so it may use the same connection or
// transaction, and break leaves nothing open. The limit is that of all rows; an offset applies once. Chunks are fetched at
// different moments: run it in a transaction that is REPEATABLE READ to see one state of the database.
//
// Where rows have no position (without a primary key, with [Query.GroupBy], [Query.OrderByClause] or an order by a computed
// value, with an aggregate or a window among the columns, over a to-many join without [Query.Distinct]) the query is one
// statement whose rows are read while the loop runs, in the order that was asked for. Its connection is held until then, and a
// transaction can do nothing else meanwhile; PostgreSQL reads what break leaves to its end. Preloads are [ErrUnsupported] there.
//
// Values of the order are sent back as they were read. Floats, and types that convert themselves, may then be others on
// PostgreSQL: an order by them is [ErrUnsupported] before any statement, but of columns that [Type] declares numeric. Before is [ErrInvalidQuery].
//
// An error comes once, with a nil row, and ends the sequence; no row of the chunk that failed comes before it. Once ctx is done
// its error comes instead of the next row.
func (q Query[R]) Each(ctx context.Context, db DB) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		stopped := false
		err := load.Each(ctx, db, q.untyped().Asked(), func(rows []structs.Row) error {
			for _, row := range structs.Typed[R](rows) {
				if err := ctx.Err(); err != nil {
					return err
				}
				if stopped = !yield(row, nil); stopped {
					return load.ErrStopped
				}
			}
			return nil
		})
		if err != nil && !stopped {
			var none R
			yield(none, err)
		}
	}
}

// TxOptions say what a transaction is for, see [DB]. Its fields are Snapshot (it only reads, and sees one moment),
// Serializable, Alone (it must not be a savepoint of another), Joined (it is of one statement, and
// needs none) and Lazy (nothing else is sent on the connection meanwhile); see [dialect.TxOptions].
type TxOptions = dialect.TxOptions

// Retry runs do in a transaction of its own, and commits it when do returns nil. When the database asks for the transaction to
// be run again, because it cannot be put in order with others that ran at the same time, because it and another waited for
// each other, or because a table was altered since a statement was prepared, all of it is rolled back and do is called again: up to 20 times, after a random wait that grows to a second. Any
// other error is returned at once, and so is a commit whose answer is lost, [ErrCommitUnknown]: do may have happened.
//
// What do does elsewhere, it does again at every call; use only the handle it is given, and set only what a later call sets
// anew. The isolation is the database's default; a handle that is in a transaction already is an error, because that one
// would have to be run again from its beginning: call Retry round the whole of it, with the pool, or InTx for a savepoint.
//
//	err := Retry(ctx, db, func(tx DB) error {
//		account, err := Select(Accounts).ForUpdate().Get(ctx, tx, id)
//		…
//		return Save(ctx, tx, Accounts, account, "balance")
//	})
func Retry(ctx context.Context, db DB, do func(tx DB) error) error {
	return load.Retry(ctx, db, TxOptions{Alone: true}, do)
}

// RetrySerializable is [Retry] in transactions that are SERIALIZABLE: they have the effect of running one after the other.
func RetrySerializable(ctx context.Context, db DB, do func(tx DB) error) error {
	return load.Retry(ctx, db, TxOptions{Alone: true, Serializable: true}, do)
}

// ProgramStats are the numbers of a registry's programs. Kept is how many there are, Found how many queries have found theirs, and
// Missed how many have not.
type ProgramStats = model.ProgramStats

// Programs returns the numbers of the registry's programs. Queries of one shape, which differ in the values that they compare with and in
// nothing else, are planned and written once: the second of a shape leaves a program that the others put their values into, also where
// the query is built anew each time. Text, names, the types of values, limits and offsets are part of a shape. Up to some thousand
// programs are kept, those that were asked for last. On SQLite, where a value may decide how it is written, only queries are counted whose values
// are numbers, truth values, and texts that a name is compared with; nowhere are those with a list of several kinds. It is safe for concurrent use.
func (r *Registry) Programs() ProgramStats {
	if r == nil {
		return ProgramStats{}
	}
	return r.r.Programs.Stats()
}

package dovetail

import (
	"context"

	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// ATTACH: related rows are put into the fields of the rows that a query returns, or of rows in hand. What is loaded is named
// here; how is internal/load's.

// Preload loads the relation at the path, and those on the way to it, into the fields of the rows that the query returns:
// one statement for each relation, whatever the number of rows, sent with the others of its depth in one round trip where
// the driver can. A query given with the path filters, orders and limits the related rows, selects their columns, and may
// have preloads of its own; its Limit and Offset count the rows of each owner.
//
//	Select(Accounts).Preload("activities", Select(Activities).OrderBy("created_at DESC").Limit(5))
//
// After a load a to-many field is never nil, and a to-one field is nil when there is no row. Rows that are the same related
// row share one pointer. The related rows of one owner come in the query's order, ended by the primary key. Where Columns
// leaves out columns, the primary key, and the foreign key by which the rows belong to the owner, are filled all the same. A
// limit finds the rows of each owner by itself: it wants an index on the foreign key. Freshly filled tables of PostgreSQL want an ANALYZE
// for thousands of owners: until then, or until autovacuum has come by, the server may compare all keys of several columns with all rows,
// under a limit those of one too.
//
// The inverse of a has-many or has-one, such as "activities.account", is the owner itself and costs no statement; like any field
// it stays nil where no path names it. What is preloaded below it goes onto the owner, by a statement of its own. Where a query is
// given for the inverse, or what is below it would replace what the owner has, as in "activities.account.activities", it is read
// by a statement into another struct.
//
// Use Preload to have related rows, [Query.Has] to filter by them, and [Query.Join] to use their columns in the query.
func (q Query[R]) Preload(path string, queries ...AnyQuery) Query[R] {
	return queryOf[R](q.untyped().Preload("Preload", path, nil, untypedAll(queries)))
}

// Fetch fills the relations at the paths, and those on the way to them, from the rows of the query's own statement. A path
// that is joined is filled with the rows that are joined: those its ON clause and the query's Where leave. A path that is not
// joined is joined by a LEFT JOIN, which loses no row of the root; after that it can be named like one that is joined.
//
//	Select(Activities).Fetch("account.branch")
//	Select(Accounts).Join("activities").Where("activities.amount >= ?", 750).Fetch("activities")
//
// It costs no statement and no round trip. The columns of the related tables, all of them, are selected beside those of the
// root, under the names "path.column". When a to-many relation is fetched, each row of the root comes once, where it first
// appears in the result, and has each of its related rows as often as a preload gives it: once, and along a many-to-many once
// for each row of the join table. They come in the order of the result, which the orders declared of the relations and the
// primary keys of the root and of the fetched rows end. Rows that are the same related row share one pointer. A to-many field
// is never nil after, and a to-one field is nil when there is no row. The inverse of a has-many or has-one, such as
// "activities.account", is the owner and is not joined again, unless its path is joined or something is fetched below it.
//
// A list that a condition has filtered looks like a whole one: use Fetch for the rows that matched, and [Query.Preload] for
// all of them. To-many relations fetched side by side multiply each other in the result of the database; Preload does not.
//
// What is preloaded below a fetched path is loaded onto the fetched rows. That includes what a row of a join table leads to, such as
// "addresses.link.kind", which itself is not fetched ([ErrUnsupported]): the rows of a result are folded by the rows that related ones
// have, and those of a join table have none in common, so that the same kind would be sent again for each pair. With a fetched to-many relation, Limit, Offset,
// [Query.First] and the row locks are [ErrFanOut], [Query.Count] counts rows of the root, and [Query.One] reads them all.
// GroupBy and [Collect] are errors, and so is a table without a primary key whose rows come several times: a join table too,
// unless the keys of a link are declared to be unique. A to-one relation
// with several rows for one owner is [ErrTooManyRows]. In a subquery nothing is fetched.
func (q Query[R]) Fetch(paths ...string) Query[R] { return queryOf[R](q.untyped().Fetch(paths...)) }

// PreloadTree loads a relation of a table with itself, and again onto the rows it finds, level after level: a category's
// subcategories and theirs, or, along a to-one relation, its parent and that one's parent. It is one statement, whatever the
// number of levels and of rows, sent with the other preloads of its depth. The path may lead to other tables before:
// "boss.subordinates" preloads the bosses, and the tree onto them.
//
//	Select(Categories).PreloadTree("subcategories", 0)
//	WITH RECURSIVE "tree#"(…) AS (
//	  SELECT … FROM unnest($1::bigint[]) … JOIN "categories" ON "categories"."parent_id" = "keys#"."keys#1"
//	  UNION SELECT … FROM "tree#" JOIN "categories" ON "categories"."parent_id" = "tree#"."key#1")
//	SELECT "categories"."id", … FROM "tree#" JOIN "categories" ON "categories"."id" = "tree#"."row#1" ORDER BY …
//
// A depth above 0 is the number of levels that are loaded below the nearest of the rows loaded onto; 0 loads all; a negative
// one is an error. Fields at the last of those levels stay nil: not loaded. All others are set, to-many fields without rows
// to an empty slice.
//
// A query given with the path filters every level: what lies below a row that is filtered away is not reached. Its order is
// that of the rows of each list, ended by the primary key; its Columns are selected, with the primary key and the key
// that it is found by. Limit, Offset, Distinct, GroupBy, locks and joins along to-many paths are errors. What it
// preloads, and what is preloaded by a path
// through the tree, such as "subcategories.products", is loaded onto the rows of all levels, one statement for each
// relation. "subcategories.parent" costs none.
//
// A row is below another once, whatever number of links put it there; in a field of [Linked] it is there once for each row of the join table,
// which needs a primary key and whose columns the query may name, as "link.quantity". Rows of the tree that are the same row share one
// pointer. The rows loaded onto stay what they are: where one of them is also found below another, there it is another struct.
// Of two structs of one parent, a row's parent is that of the tree.
//
// A row that lies below itself is [ErrCycle], and nothing is returned; with a depth, where that shows within it. Along a relation that is
// [Cyclic] it is one struct that is reached again. With([Level]) of the query says how many levels a row lies below the rows loaded onto. The table
// needs a primary key, and the relation's field must hold pointers. An index on the columns that are matched, such as
// parent_id, decides how fast the statement is.
func (q Query[R]) PreloadTree(path string, depth int, queries ...AnyQuery) Query[R] {
	return queryOf[R](q.untyped().PreloadTree("PreloadTree", path, depth, untypedAll(queries)))
}

// Load loads the relation at the path onto rows in hand, as [Query.Preload] does for the rows of a query: one statement for
// each relation of the path. What the fields held before is replaced. Nil rows are skipped; without rows no statement is
// issued. A row whose key the database is still to make is [ErrInvalidRow]. It is not safe to use the rows in other goroutines meanwhile.
// After an error all rows are as they were.
func Load[T any](ctx context.Context, db DB, t *Table[T], rows []*T, path string, queries ...AnyQuery) error {
	return load.Onto(ctx, db, Select(t).untyped().Preload("Load", path, nil, untypedAll(queries)).Asked(), structs.RowsOf(rows))
}

// LoadTree loads a relation of a table with itself onto rows in hand, level after level, as [Query.PreloadTree] does for the
// rows of a query: one statement for each relation of the path. Else it is as [Load]. When the rows found form a cycle, it
// returns [ErrCycle].
func LoadTree[T any](
	ctx context.Context, db DB, t *Table[T], rows []*T, path string, depth int, queries ...AnyQuery,
) error {
	return load.Onto(ctx, db, Select(t).untyped().PreloadTree("LoadTree", path, depth, untypedAll(queries)).Asked(), structs.RowsOf(rows))
}

package dovetail

import (
	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// BUILD: a Query records clauses. Nothing is resolved and nothing fails here; the first mistake is kept and returned when
// the query is compiled or executed.

// Query selects rows of one table. [Select] makes one.
//
// A Query is immutable: every method returns a new one, so a base query may be shared by goroutines and extended by each.
// Methods never fail; the first mistake is returned by the methods that compile or execute the query, and then no
// statement is sent.
//
// In conditions, orders and columns a bare name is a column of the query's own table, and "path.column" one of a related
// table, such as "activities.amount" or "activities.branch.city"; the package's documentation has the whole rule, under Names. A
// to-one path that is named but not joined is joined:
// INNER when its row cannot be missing, else LEFT (also where the relation is [Logical], or polymorphic). A to-many path that is named but not joined is an error that offers
// [Query.Join] and [Query.Has]. The row of a many-to-many's join table is named "link", see [Linked].
//
// R is what a row is read into: Select of a Table[Account] gives a Query[*Account], whose [Query.All] returns a []*Account. So a
// named scope is a function such as
//
//	func Recent(q Query[*Post]) Query[*Post] { return q.OrderBy("created_at DESC").Limit(10) }
//
// A Query is a squirrel.Sqlizer, so it can be used as a subquery in squirrel, and in another Query.
type Query[R any] struct {
	_ [0]*R // so that queries of different rows cannot be converted into each other
	untypedQuery
}

// untypedQuery is how a query is recognised inside another, wherever squirrel's expressions carry it.
type untypedQuery = query.Carrier

// queryOf gives a query the type of its rows.
func queryOf[R any](q *query.Query) Query[R] { return Query[R]{untypedQuery: query.Carry(q)} }

// AnyQuery is a [Query] of whatever rows.
type AnyQuery interface {
	squirrel.Sqlizer
	untyped() *query.Query
}

func (q Query[R]) untyped() *query.Query { return q.Carried() }

// untypedAll returns queries without their types.
func untypedAll(queries []AnyQuery) []*query.Query {
	all := make([]*query.Query, len(queries))
	for i, q := range queries {
		all[i] = untypedOf(q)
	}
	return all
}

// untypedOf returns a query without its type; one that is nil is as an empty one.
func untypedOf(q AnyQuery) *query.Query {
	if structs.IsNil(q) {
		return nil
	}
	return q.untyped()
}

// Select returns the query for all rows of the table.
//
//	SELECT "accounts"."id", "accounts"."owner", … FROM "accounts"
func Select[T any](t *Table[T]) Query[*T] {
	if _, missing := t.declared(); missing != "" {
		return queryOf[*T](query.Failed(missing))
	}
	return queryOf[*T](t.all)
}

// Join adds an inner join along a path of relations, and those of its prefixes that are not joined yet. The conditions in
// on are added to the ON clause; in them a bare name is a column of the table joined, as is "self.amount" or
// "activities.amount", and "outer.balance" is a column of the root. They can name what is joined before. Joining a path twice
// joins it once.
//
//	Select(Accounts).Join("activities")
//	… FROM "accounts" JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
//
// Joining a to-many path gives a row of the root once for each of its related rows, and none without any: use [Query.Has]
// to filter by related rows, [Query.Preload] to load them, and Join to use their columns, or with [Query.Distinct].
func (q Query[R]) Join(path string, on ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.untyped().Join("Join", plan.JoinClause{Path: path}, on))
}

// LeftJoin is [Query.Join] with a left join: rows of the root without related rows are kept. A condition in on restricts
// the rows that are joined; the same condition in Where would drop the root's rows that have none.
func (q Query[R]) LeftJoin(path string, on ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.untyped().Join("LeftJoin", plan.JoinClause{Path: path, Left: true}, on))
}

// Where adds a condition. Several are ANDed, each in parentheses.
//
// pred is a squirrel expression (Eq, NotEq, Lt, LtOrEq, Gt, GtOrEq, Like, NotLike, ILike, NotILike, And, Or, Expr, or any
// other Sqlizer), a condition of this package, or SQL text with a ? for each of args.
//
//	Where(squirrel.Eq{"owner": "SpongeBob"})           ("accounts"."owner" = $1)
//	Where(squirrel.Eq{"id": []int64{1, 2}})             ("accounts"."id" = ANY($1::bigint[]))
//	Where("activities.amount >= ?", 750)               ("activities"."amount" >= $1)
//
// The keys of squirrel's maps are names of columns, checked and quoted; a nil value is IS NULL, an empty list holds no
// value, and a NULL in a list is looked for by IS NULL. Where the field is a slice or an array, other than of bytes, the column
// holds lists, and Eq with a list is equality with that list: Eq{"tags": []string{"a"}} is tags = '{a}'. An empty Eq or And
// holds for every row, an empty Or for none, as in squirrel. SQL text is the caller's: in it, dotted names that begin with a
// relation, or with the root's table, are checked and quoted, outside literals, comments and quoted names; everything else is
// sent as it is. A question mark of a JSON operator is written ??. An argument may be another Query, which is written in the
// place of its ?, so that it stands in parentheses: "n = (?)". Of squirrel's maps Eq and NotEq alone take a Query as a value,
// and mean by it the list of the values it selects: a column that is NULL is not NotEq of them, unless there are none. Where nothing
// beside a ? tells its type, as in "? IS NULL OR n = ?", PostgreSQL wants it said: CAST(? AS bigint). A list is one argument, so it cannot be that of IN (?), which is [ErrArgType]: squirrel.Eq takes lists on
// every database, = ANY(?) on PostgreSQL.
func (q Query[R]) Where(pred any, args ...any) Query[R] {
	return queryOf[R](q.untyped().Where(pred, args...))
}

// Has keeps the rows of the root that have at least one row at the path for which all conditions hold. In them a bare
// name is a column of the related table, as is "self.amount", and "outer.balance" is one of the row that is tested for having
// it: the root's, or that of a Has around. It never repeats a row of the root. In SQL text bare names are the database's to
// resolve, among all tables of the path.
//
// The path names the row that is tested also where the query has joined the same path: its conditions cannot compare the two.
// A path that goes on from a to-many join is [ErrAmbiguous]: to test the rows that are joined, give the condition to
// [Query.Join].
//
//	Select(Accounts).Has("activities", squirrel.GtOrEq{"amount": 750})
//	… WHERE (EXISTS (SELECT 1 FROM "activity" AS "activities"
//	  WHERE "activities"."account_id" = "accounts"."id" AND ("activities"."amount" >= $1)))
//
// A star behind a relation of a table with itself follows it again and again: Has("subcategories*", …) tests the rows of all levels below,
// Has("parent*", …) those above, "subcategories*3" three levels; each row once, cycles or not, and none below a row that is out of scope
// or does not meet a rule of the relation. It is one WITH RECURSIVE: rows that meet the conditions first, then those above them, unless a
// condition names the row around. The table needs a primary key. [Query.HasNone], [Query.HasAtLeast] and the others take such a path, and
// so does [Query.With]; there, and behind another relation, the rows are found for each row of the query. Elsewhere it is [ErrUnsupported].
func (q Query[R]) Has(path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.untyped().Has("Has", query.HasPred{Path: path, Preds: preds}))
}

// HasNone keeps the rows of the root that have no row at the path for which all conditions hold: [Query.Has] negated.
func (q Query[R]) HasNone(path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.untyped().Has("HasNone", query.HasPred{Path: path, Preds: preds, Not: true}))
}

// HasEvery keeps the rows of the root for which all conditions hold for every row at the path; a condition that is unknown,
// because of a NULL, does not hold. Rows of the root without any row at the path are kept: add [Query.Has] to drop them. Without
// a condition, which every row would meet, it is an error.
//
//	Select(Accounts).HasEvery("activities", squirrel.Gt{"amount": 0})
//	… WHERE (NOT EXISTS (SELECT 1 FROM "activity" AS "activities"
//	  WHERE "activities"."account_id" = "accounts"."id" AND (("activities"."amount" > $1) IS NOT TRUE)))
func (q Query[R]) HasEvery(path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.untyped().Has("HasEvery", query.HasPred{Path: path, Preds: preds, Every: true}))
}

// HasAtLeast keeps the rows of the root that have at least n rows at the path for which all conditions hold. A row that two
// rows of a join table link counts twice; one of a [HasManyThrough] counts once, in however many ways it is reached. No more
// than n are counted, but of those that several ways may reach, on PostgreSQL.
//
//	Select(Accounts).HasAtLeast(2, "activities")
//	… WHERE ((SELECT count(*) FROM (SELECT 1 FROM "activity" AS "activities"
//	  WHERE "activities"."account_id" = "accounts"."id" LIMIT 2) AS "counted") >= 2)
func (q Query[R]) HasAtLeast(n int, path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.untyped().Has("HasAtLeast", query.HasPred{Path: path, Preds: preds, Counted: true, AtLeast: n}))
}

// HasAll keeps the rows of the root that have all of the rows with these primary keys at the path, such as the posts with
// all of some tags: an EXISTS for each; four or more integers or UUIDs are one list, and an EXISTS for the first. Without keys it keeps
// every row. The related table's primary key must be one column; of others, write a [Query.Has] with their values for each row.
func (q Query[R]) HasAll(path string, keys ...any) Query[R] {
	return queryOf[R](q.untyped().Has("HasAll", query.HasAllPred{Path: path, Keys: keys}))
}

// Distinct drops repeated rows. Rows are compared by all selected columns; where one has no equality, as json, or where its Go
// type does not show whether it has one (bytes, and types that convert themselves), by the primary key if that is selected. That the column
// of a string, or one of those without the key, is of json or a point the catalog tells when the statement has failed for it, once for each handle:
// two statements more. In a transaction, which that aborts, for a composite type with such a part, and for [Query.ToSql], declare it by Type.
//
// With Distinct, an order by a column of a to-many path that is not selected is an error, because each row left has several values to
// order by; columns of to-one paths that are ordered by are selected along.
func (q Query[R]) Distinct() Query[R] { return queryOf[R](q.untyped().Distinct()) }

// OrderBy adds terms to the order: a column's name, spaces included, optionally followed by ASC or DESC and by NULLS FIRST or
// NULLS LAST. A computed field may be named too. Without OrderBy the order is the database's choice, except that a limit, and
// the rows of a to-many preload, are ordered by the primary key; under a limit, or in a preload, the primary key also ends any
// other order, so that ties come the same way each time.
//
//	OrderBy("activities.amount DESC NULLS LAST", "id")
func (q Query[R]) OrderBy(terms ...string) Query[R] { return queryOf[R](q.untyped().OrderBy(terms...)) }

// OrderByClause adds an expression to the order: SQL text with arguments, or a squirrel.Sqlizer.
//
//	OrderByClause("length(owner) DESC")
func (q Query[R]) OrderByClause(expr any, args ...any) Query[R] {
	return queryOf[R](q.untyped().OrderByClause(expr, args...))
}

// Limit keeps at most n rows. In the query of a preload: n rows for each owner. Over a to-many join it needs Distinct or
// GroupBy, else it is [ErrFanOut]. A negative n is an error.
func (q Query[R]) Limit(n int) Query[R] { return queryOf[R](q.untyped().Limit(n)) }

// Offset skips the first n rows. In the query of a preload: the first n for each owner.
func (q Query[R]) Offset(n int) Query[R] { return queryOf[R](q.untyped().Offset(n)) }

// Columns selects only the named columns. For [Query.All] and the others that return R they are columns of its table,
// and the other fields stay zero; keys that a preload needs are selected too. For [Collect] they may be those of related
// tables, and their names in the result are as written here. Without names, no column of the table is selected: only the
// expressions of [Query.Column]. A name may be followed by AS and another for the result, in quotes where that is no single word. It fills the field of
// that name in [Collect].
//
//	Columns("id", "owner")
//	Columns("author.name AS n", "title AS \"its title\"")
//	Columns().Column("sum(pages) AS pages")
func (q Query[R]) Columns(names ...string) Query[R] { return queryOf[R](q.untyped().Columns(names...)) }

// Column selects an expression beside the columns: SQL text with arguments, or a squirrel.Sqlizer. The name it has in the
// result must be that of a computed field of the table's struct, or of a field of the shape given to [Collect].
//
//	Column("count(books.id) AS book_count")
func (q Query[R]) Column(expr any, args ...any) Query[R] {
	return queryOf[R](q.untyped().Column(expr, args...))
}

// GroupBy groups by columns. Every selected column must be one of them, or belong to a table whose primary key is among
// them, and so must be the columns by which [Query.With] finds the rows of a value. Expressions over the group are selected with
// [Query.Column].
func (q Query[R]) GroupBy(names ...string) Query[R] { return queryOf[R](q.untyped().GroupBy(names...)) }

// Having adds a condition on the groups, as [Query.Where] adds one on the rows. Columns that it tests outside of SQL text must be
// grouped, as those that are selected.
func (q Query[R]) Having(pred any, args ...any) Query[R] {
	return queryOf[R](q.untyped().Having(pred, args...))
}

// ForUpdate locks the rows of the query's own table, and no others, until the transaction ends. It is an error with
// Distinct and GroupBy, over a to-many join, and on databases without row locks. Other transactions wait for the rows, and
// so does this one for theirs, unless [Query.SkipLocked] or [Query.NoWait] says otherwise.
//
//	… FOR UPDATE OF "accounts"
func (q Query[R]) ForUpdate() Query[R] { return queryOf[R](q.untyped().Lock("ForUpdate", "UPDATE")) }

// ForNoKeyUpdate is [Query.ForUpdate] for changes that leave keys alone: rows that refer to the locked ones can be written
// meanwhile.
func (q Query[R]) ForNoKeyUpdate() Query[R] {
	return queryOf[R](q.untyped().Lock("ForNoKeyUpdate", "NO KEY UPDATE"))
}

// ForShare keeps the rows from being changed, as [Query.ForUpdate] does, but lets others share the lock.
func (q Query[R]) ForShare() Query[R] { return queryOf[R](q.untyped().Lock("ForShare", "SHARE")) }

// ForKeyShare is [Query.ForShare] against changes of keys, and deletion, alone.
func (q Query[R]) ForKeyShare() Query[R] {
	return queryOf[R](q.untyped().Lock("ForKeyShare", "KEY SHARE"))
}

// SkipLocked leaves out rows that another transaction has locked, instead of waiting for them. It goes with [Query.ForUpdate]
// and the other locks.
func (q Query[R]) SkipLocked() Query[R] {
	return queryOf[R](q.untyped().LockWait("SkipLocked", "SKIP LOCKED"))
}

// NoWait fails when another transaction has locked a row, instead of waiting for it. It goes with [Query.ForUpdate] and the
// other locks.
func (q Query[R]) NoWait() Query[R] { return queryOf[R](q.untyped().LockWait("NoWait", "NOWAIT")) }

// From reads the query's own rows from a subquery in place of its table: a Query, a squirrel builder, or SQL text with a ? for
// each of args, such as a UNION of the table and its archive. The subquery must give the table's columns under their names;
// it has the table's name as its alias, so that everything else works as it does on the table: names, joins, preloads, the
// table's default conditions. Names inside the text are its own, and none of them is checked.
// Args are of the kind of the columns that they are compared with; one that the text selects is sent as it is given.
//
//	Select(Accounts).From("SELECT * FROM account UNION ALL SELECT * FROM old_account WHERE closed > ?", 2020)
//	SELECT … FROM (SELECT * FROM account UNION ALL SELECT * FROM old_account WHERE closed > $1) AS "account"
//
// Where it gives a row twice, a preload takes both for the same row if their primary keys are equal. Locks are
// [ErrUnsupported].
func (q Query[R]) From(source any, args ...any) Query[R] {
	return queryOf[R](q.untyped().From(source, args))
}

// Unscoped lifts the scopes of these names ([Scope]) of the query's own table; that of a [SoftDelete] is "deleted", so that
// Select(Posts).Unscoped("deleted") shows deleted posts too, and still none of another tenant. No name, or an unknown one, is an error.
func (q Query[R]) Unscoped(names ...string) Query[R] { return queryOf[R](q.untyped().Unscoped(names)) }

// UnscopedAt lifts scopes of the table at a path, and of those that its relation leads past: of deleted posts, as in
// Preload("posts").UnscopedAt("posts", "deleted"). A path that nothing else in the query names (a join, a condition, a value, a preload, a query
// given to one) is ErrInvalidQuery, before any statement: nothing would be lifted. A relation's own condition stays, and so do the scopes of all tables that it asks
// for, by [Has] or a subquery: they are what the relation means. Where it is to see more, its condition says so itself, by a subquery
// such as Select(Comments).Unscoped("deleted").
func (q Query[R]) UnscopedAt(path string, names ...string) Query[R] {
	return queryOf[R](q.untyped().UnscopedAt(path, names))
}

// After keeps the rows that come after a position in the query's order: the next page, when the position is that of the last
// row of this one. The values are those of the order's terms, the primary key's columns at the end, because the primary key
// ends the order of such a query; [Query.Position] reads them from a row. A nil value is NULL. Unlike a page by
// [Query.Offset], one by After costs the same however far it lies, and rows that come or go before it do not shift it.
//
//	Select(Activities).OrderBy("created_at DESC").Limit(20).After(last.CreatedAt, last.ID)
//	… WHERE ("created_at" <= $1 AND ("created_at" < $2 OR "id" > $3)) ORDER BY "created_at" DESC, "id" LIMIT 20
//
//	Select(Activities).OrderBy("created_at DESC", "id DESC").Limit(20).After(last.CreatedAt, last.ID)
//	… WHERE (("created_at", "id") < ($1, $2)) ORDER BY "created_at" DESC, "id" DESC LIMIT 20
//
// The second form, one comparison, is what an index serves best: it is written where all terms go in one direction and no
// column can be NULL. A column can be NULL when its field can, or when it is reached by a left join; the others are taken to
// hold no NULL. NULLs stand where the order says, or else where the database puts them.
//
// In the query of a preload the position is the same for every owner. [Query.Count] and [Query.Exists] answer for the rows
// after the position.
//
// A wrong number of values is [ErrArgCount], a value of a kind that cannot be the column's [ErrArgType], and a second After
// [ErrInvalidQuery]. The order must tell rows apart by columns of the query's own table and of to-one paths. So it is
// [ErrFanOut] over a to-many join without [Query.Distinct], and [ErrUnsupported] with [Query.GroupBy], without a primary key,
// with an order by an expression or a computed value, and with an aggregate or a window among the columns. On SQLite a
// time.Time is refused with [ErrUnsupported] where the column spells its times in ways that do not sort as they do. A float that
// is read from a decimal column of the database may have lost digits, and is then another position.
func (q Query[R]) After(values ...any) Query[R] {
	return queryOf[R](q.untyped().Position("After", func(s *plan.Spec) *[]plan.Value { return &s.After }, values))
}

// Before keeps the rows that come before a position in the query's order, and a limit keeps the nearest of them: the page
// before this one, when the position is that of this page's first row. The values, and the errors, are those of
// [Query.After], which may be given too.
//
// [Query.All] and [Collect] return the rows in the query's order. The statement itself has the order reversed, so [Query.SQL]
// and [Query.ToSql] show it so, and an offset counts from the position backwards. In [Query.First], [Query.Each] and the
// query of a preload, Before is an error.
//
//	Select(Books).OrderBy("title").Limit(20).Before(first.Title, first.ID)
//	… WHERE (("title", "id") < ($1, $2)) ORDER BY "title" DESC, "id" DESC LIMIT 20
func (q Query[R]) Before(values ...any) Query[R] {
	return queryOf[R](q.untyped().Position("Before", func(s *plan.Spec) *[]plan.Value { return &s.Before }, values))
}

// Position returns the values to hand to [Query.After] or [Query.Before] for the row, which this query must have returned,
// with or without them. NULL is nil. It sends no statement.
//
// Columns of the order that are not selected cannot be read, nor can those of to-one paths unless the query preloads the path
// without a query of its own: both are [ErrInvalidQuery]. The other errors are those of [Query.After].
func (q Query[R]) Position(row R) ([]any, error) {
	return load.PositionOf(q.untyped().Asked(), structs.RowOf(row))
}

// Snapshot has all statements of the query see the database as of one moment, so that no related row is newer than its owner:
// they run in one transaction that only reads (REPEATABLE READ READ ONLY on PostgreSQL). There it begins in the round trip of the
// first statement and ends in that of the last, once the connection knows the statements; where no row is left that the last could
// be about, its end is one more. A query that is one statement sees one moment anyway, and is sent without.
//
// In a transaction of the caller's its isolation must be REPEATABLE READ or SERIALIZABLE on PostgreSQL, which one statement
// asks for before; else it is an error. The query of a preload, and one inside another, cannot have it: it is the outermost's to ask
// for. Nor can [Query.Each].
func (q Query[R]) Snapshot() Query[R] { return queryOf[R](q.untyped().Snapshot()) }

// OneRoundTrip has the rows of all preloads come in the statement of the query, on PostgreSQL: one statement and one round trip, which sees
// one moment and reads the query's own rows once. Without it there is a round trip for each level. It pays where the network takes time; on
// a fast one it takes longer, for the rows are more bytes, which are gathered before they are read (docs/performance.md).
//
// The statement is WITH "rows#0"(…) AS MATERIALIZED (the query), "rows#1"(…) AS (SELECT … WHERE "account_id" = ANY(ARRAY(SELECT … FROM "rows#0"))),
// and so on, and then UNION ALL of their rows, each as one value beside the number of what it is of.
//
// The statements are those of any other query, and the rows are the same, where that cannot be: for trees, row locks, keys of which only the
// database can tell which are equal, a column of SQL text without a name, in the modes exec and simple_protocol of pgx, on SQLite, and where a column
// is of a type that pgx does not know, such as an enum that is not registered, which the first calls show by a statement more. [Query.Explain] says what
// of it concerns the query. The first call of a handle that must ask the catalog
// for the types of text keys does so beside the query as ever. The query of a preload, and one inside another, cannot have it.
func (q Query[R]) OneRoundTrip() Query[R] { return queryOf[R](q.untyped().OneRoundTrip()) }

// Aggregate is one value made of the related rows of each row, for [Query.With]. It is immutable; its methods return a new
// one, and keep the first mistake for the query to return.
type Aggregate struct{ a query.Aggregate }

// Count counts the rows at the path: 0 without any. Along a many-to-many they are the rows of the join table, as many as a
// preload gives; those of a [HasManyThrough] are counted once each, and so are those of "parts*", a relation that is followed to any depth
// (see [Query.Has]).
func Count(path string) Aggregate { return Aggregate{query.AggregateOfRows("count", path)} }

// Exists tells whether there is a row at the path.
func Exists(path string) Aggregate { return Aggregate{query.AggregateOfRows("exists", path)} }

// Sum adds up a column of the rows at a path, such as "activities.amount": NULL without any.
func Sum(column string) Aggregate { return Aggregate{query.AggregateOfColumn("sum", column)} }

// Avg is the mean of a column of the rows at a path: NULL without any.
func Avg(column string) Aggregate { return Aggregate{query.AggregateOfColumn("avg", column)} }

// Min is the least value of a column of the rows at a path: NULL without any.
func Min(column string) Aggregate { return Aggregate{query.AggregateOfColumn("min", column)} }

// Max is the greatest value of a column of the rows at a path: NULL without any.
func Max(column string) Aggregate { return Aggregate{query.AggregateOfColumn("max", column)} }

// FirstOf is a column of the first row at a path in the order of [Aggregate.OrderBy], which the primary key ends: NULL
// without any.
//
//	FirstOf("activities.amount").OrderBy("created_at DESC").As("last_amount")
func FirstOf(column string) Aggregate { return Aggregate{query.AggregateOfColumn("first", column)} }

// Level is how many levels a row of a tree lies below the rows that the tree is loaded onto: 1 directly below one, and where several ways
// lead to the row, the least. It is for the query that is given to [Query.PreloadTree] or [LoadTree], and goes into a computed field, an
// integer; rows that no tree has loaded have the zero there. It is counted from the rows when they are there, and costs nothing of a
// statement; so nothing but its name can be said of it, and no condition or order of the query names it.
//
//	PreloadTree("subcategories", 0, Select(Categories).With(Level().As("level")))
func Level() Aggregate { return Aggregate{query.LevelOfTree()} }

// Of says what the value is made of, for each row at the path: a column's name, of letters, digits and underscores, or SQL text with
// a ? for each of args. All that the function was given is then the path. In SQL text "self.column" is one of the related row,
// "outer.column" one of the query's own, "path.column" one along a relation of the related row, or of a table on the way to it; a
// bare word is the database's to resolve, among all tables of the path.
//
//	Sum("tracks.invoice_lines").Of("self.unit_price * quantity").As("revenue")
//	(SELECT sum(("tracks.invoice_lines"."unit_price" * quantity)) FROM …) AS "revenue"
//
// [Count] then counts the rows whose value is not NULL. [Exists] has no value.
func (a Aggregate) Of(expr any, args ...any) Aggregate { return Aggregate{a.a.OfText(expr, args)} }

// Distinct has [Sum], [Avg] and [Count] take equal values once. Count is of rows unless [Aggregate.Of] says whose values it counts:
//
//	Count("tracks").Of("genre_id").Distinct().As("genres")
//	(SELECT count(DISTINCT "tracks"."genre_id") FROM …) AS "genres"
func (a Aggregate) Distinct() Aggregate { return Aggregate{a.a.Apart()} }

// Where restricts the related rows, as [Query.Has] does: a bare name is a column of the related table, "outer.column" one of the
// query's own. A table on the way is named by its path: that of Sum("tracks.invoice_lines.quantity") takes
// Where(squirrel.Eq{"tracks.genre_id": 1}). Several conditions are ANDed.
func (a Aggregate) Where(pred any, args ...any) Aggregate { return Aggregate{a.a.Where(pred, args)} }

// OrderBy says which row [FirstOf] takes; the other aggregates have no order. Terms are those of [Query.OrderBy], over the
// related table.
func (a Aggregate) OrderBy(terms ...string) Aggregate { return Aggregate{a.a.OrderBy(terms)} }

// As names the value: a computed field of the query's struct, or a field of the shape given to [Collect]. The name is made
// of letters, digits and underscores.
func (a Aggregate) As(name string) Aggregate { return Aggregate{a.a.As(name)} }

// With selects values made of related rows, each apart, so that two of them never multiply each other
// and no row of the root is dropped or repeated. They can be named in [Query.Where] and [Query.OrderBy].
//
//	Select(Authors).With(Count("books").As("book_count")).OrderBy("name").Limit(20)
//	SELECT "authors"."id", …, (SELECT count(*) FROM "books" WHERE "books"."author_id" = "authors"."id") AS "book_count" …
//
// A [Count], [Sum] or [Avg] that every row of the table needs is made of all rows at once, by a join with what GROUP BY gives: where the
// query has no other table, no condition but on the value, and no limit, or one of an order by the value. docs/queries.md says when exactly.
// Any other is a subquery that is run for each row, and wants an index on the key of the related rows. An order names the value
// that is selected; a condition that names it, in a map or in SQL text, reads what is made once on
// PostgreSQL, and has the subquery written again on SQLite and beside a lock or GroupBy. To find the values of many rows without
// an index, or to filter many rows by a value beside another condition, join and group, which reads the related rows once:
//
//	Select(Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count").Having("count(books.id) > ?", 1)
func (q Query[R]) With(aggregates ...Aggregate) Query[R] {
	given := make([]query.Aggregate, len(aggregates))
	for i, a := range aggregates {
		given[i] = a.a
	}
	return queryOf[R](q.untyped().With(given))
}

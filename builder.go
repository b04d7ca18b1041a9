package dovetail

import (
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
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
// table, such as "activities.amount" or "activities.branch.city". A to-one path that is named but not joined is joined:
// INNER when its row cannot be missing, else LEFT. A to-many path that is named but not joined is an error that offers
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
	q *query
}

// queryOf gives a query the type of its rows.
func queryOf[R any](q *query) Query[R] { return Query[R]{q: q} }

// AnyQuery is a [Query] of whatever rows.
type AnyQuery interface {
	squirrel.Sqlizer
	untyped() *query
}

func (q Query[R]) untyped() *query { return q.q }

var _ = setUnwrap(func(s squirrel.Sqlizer) (*query, bool) {
	ours, ok := s.(AnyQuery)
	if !ok {
		return nil, false
	}
	return ours.untyped(), true
})

// untypedAll returns queries without their types.
func untypedAll(queries []AnyQuery) []*query {
	all := make([]*query, len(queries))
	for i, q := range queries {
		all[i] = q.untyped()
	}
	return all
}

// query is a Query without its type. It is never changed once it is reachable. What methods do they do here: the compiler
// makes those of a Query anew for every T, so they are no more than calls.
type query struct {
	request
	beyond string // the first method called that gives more than a condition
}

// asked returns what the query asks for, nil for an empty one.
func (q *query) asked() *request {
	if q == nil {
		return nil
	}
	return &q.request
}

// Select returns the query for all rows of the table.
//
//	SELECT "accounts"."id", "accounts"."owner", … FROM "accounts"
func Select[T any](t *Table[T]) Query[*T] {
	if t == nil {
		return queryOf[*T](failedQuery("the table is nil; declare it with NewTable"))
	}
	return queryOf[*T](selectFrom(t.t))
}

func selectFrom(t *table) *query {
	return &query{request: request{table: t, spec: *plan.NewSpec(t.graph)}}
}

func failedQuery(why string) *query {
	return &query{request: request{err: graph.Problemf(ErrUnknownTable, "%s", why)}}
}

// with returns a copy of the query that change was made to.
func (q *query) with(method string, change func(*query) error) *query {
	next := failedQuery("the query is empty; make it with Select")
	if q != nil {
		copied := *q
		next = &copied
	}
	if next.beyond == "" && !slices.Contains(conditions, method) {
		next.beyond = method
	}
	if next.err == nil {
		if err := change(next); err != nil {
			next.err = &plan.PathError{Method: method, Err: err}
		}
	}
	return next
}

// conditions are the methods that do nothing but add a condition.
var conditions = []string{"Where", "Has", "HasNone", "HasEvery", "HasAtLeast", "HasAll"}

// add appends without touching what other queries share.
func add[E any](list *[]E, items ...E) { *list = append(slices.Clip(*list), items...) }

// Join adds an inner join along a path of relations, and those of its prefixes that are not joined yet. The conditions in
// on are added to the ON clause; in them a bare name is a column of the table joined, and the root is reached by its
// table's name. The alias of a joined table is its path, which is how SQL text in on names it: "activities".amount. Joining
// a path twice joins it once.
//
//	Select(Accounts).Join("activities")
//	… FROM "accounts" JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
//
// Joining a to-many path gives a row of the root once for each of its related rows, and none without any: use [Query.Has]
// to filter by related rows, [Query.Preload] to load them, and Join to use their columns, or with [Query.Distinct].
func (q Query[R]) Join(path string, on ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.q.join("Join", plan.JoinClause{Path: path}, on))
}

// LeftJoin is [Query.Join] with a left join: rows of the root without related rows are kept. A condition in on restricts
// the rows that are joined; the same condition in Where would drop the root's rows that have none.
func (q Query[R]) LeftJoin(path string, on ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.q.join("LeftJoin", plan.JoinClause{Path: path, Left: true}, on))
}

func (q *query) join(method string, j plan.JoinClause, on []squirrel.Sqlizer) *query {
	return q.with(method, func(n *query) error {
		exprs, err := exprsOf(on)
		j.On = exprs
		add(&n.spec.Joins, j)
		return err
	})
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
// value, and a NULL in a list is looked for by IS NULL. An empty Eq or And holds for every row, an empty Or for none, as in
// squirrel. SQL text is the caller's: in it, dotted names that begin with a relation, or with the root's table, are checked
// and quoted, outside literals, comments and quoted names; everything else is sent as it is. A question mark of a JSON
// operator is written ??. An argument may be another Query, which is written in the place of its ?.
func (q Query[R]) Where(pred any, args ...any) Query[R] {
	return queryOf[R](q.q.addWhere(pred, args...))
}

func (q *query) addWhere(pred any, args ...any) *query {
	return q.with("Where", func(n *query) error {
		e, err := exprOf(pred, args)
		add(&n.spec.Where, plan.Clause{Method: "Where", Expr: e})
		return err
	})
}

// Has keeps the rows of the root that have at least one row at the path for which all conditions hold. In them a bare
// name is a column of the related table, and the root is reached by its table's name. It never repeats a row of the root.
// In SQL text bare names are the database's to resolve, among all tables of the path; nest Has for each relation where
// they would be ambiguous.
//
// The path names the row that is tested also where the query has joined the same path: its conditions cannot compare the two.
//
//	Select(Accounts).Has("activities", squirrel.GtOrEq{"amount": 750})
//	… WHERE (EXISTS (SELECT 1 FROM "activity" AS "activities"
//	  WHERE "activities"."account_id" = "accounts"."id" AND ("activities"."amount" >= $1)))
func (q Query[R]) Has(path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.q.has("Has", hasPred{path: path, preds: preds}))
}

// HasNone keeps the rows of the root that have no row at the path for which all conditions hold: [Query.Has] negated.
func (q Query[R]) HasNone(path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.q.has("HasNone", hasPred{path: path, preds: preds, not: true}))
}

// HasEvery keeps the rows of the root for which all conditions hold for every row at the path; a condition that is unknown,
// because of a NULL, does not hold. Rows of the root without any row at the path are kept: add [Query.Has] to drop them. Without
// a condition, which every row would meet, it is an error.
//
//	Select(Accounts).HasEvery("activities", squirrel.Gt{"amount": 0})
//	… WHERE (NOT EXISTS (SELECT 1 FROM "activity" AS "activities"
//	  WHERE "activities"."account_id" = "accounts"."id" AND (("activities"."amount" > $1) IS NOT TRUE)))
func (q Query[R]) HasEvery(path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.q.has("HasEvery", hasPred{path: path, preds: preds, every: true}))
}

// HasAtLeast keeps the rows of the root that have at least n rows at the path for which all conditions hold. A row that is
// reached in two ways, such as by two rows of a join table, counts twice. No more than n are counted.
//
//	Select(Accounts).HasAtLeast(2, "activities")
//	… WHERE ((SELECT count(*) FROM (SELECT 1 FROM "activity" AS "activities"
//	  WHERE "activities"."account_id" = "accounts"."id" LIMIT 2) AS "counted") >= 2)
func (q Query[R]) HasAtLeast(n int, path string, preds ...squirrel.Sqlizer) Query[R] {
	return queryOf[R](q.q.has("HasAtLeast", hasPred{path: path, preds: preds, counted: true, atLeast: n}))
}

// HasAll keeps the rows of the root that have all of the rows with these primary keys at the path, such as the posts with
// all of some tags: an EXISTS for each. Without keys it keeps every row. The related table's primary key must be one
// column.
func (q Query[R]) HasAll(path string, keys ...any) Query[R] {
	return queryOf[R](q.q.has("HasAll", hasAllPred{path, keys}))
}

func (q *query) has(method string, p expression) *query {
	return q.with(method, func(n *query) error {
		e, err := p.expr()
		add(&n.spec.Where, plan.Clause{Method: method, Expr: e})
		return err
	})
}

// Distinct drops repeated rows. Rows are compared by all selected columns; where one has no equality, as json, by the
// primary key.
//
// With Distinct, an order by a column of a to-many path is an error, because each row left has several values to order
// by; columns of to-one paths that are ordered by are selected along.
func (q Query[R]) Distinct() Query[R] { return queryOf[R](q.q.addDistinct()) }

func (q *query) addDistinct() *query {
	return q.with("Distinct", func(n *query) error {
		n.spec.Distinct = true
		return nil
	})
}

// OrderBy adds terms to the order: a column's name, optionally followed by ASC or DESC and by NULLS FIRST or NULLS LAST.
// A computed field may be named too. Without OrderBy the order is the database's choice, except that a limit, and the rows
// of a to-many preload, are ordered by the primary key; under a limit, or in a preload, the primary key also ends any
// other order, so that ties come the same way each time.
//
//	OrderBy("activities.amount DESC NULLS LAST", "id")
func (q Query[R]) OrderBy(terms ...string) Query[R] { return queryOf[R](q.q.addOrderBy(terms...)) }

func (q *query) addOrderBy(terms ...string) *query {
	return q.with("OrderBy", func(n *query) error {
		for _, term := range terms {
			o, err := parseOrder(term)
			if err != nil {
				return err
			}
			add(&n.spec.OrderBy, o)
		}
		return nil
	})
}

// parseOrder reads "name [ASC|DESC] [NULLS FIRST|LAST]".
func parseOrder(term string) (plan.OrderClause, error) {
	words := strings.Fields(term)
	refuse := func() (plan.OrderClause, error) {
		return plan.OrderClause{}, graph.Problemf(ErrInvalidQuery, "%q is not a name with ASC or DESC and NULLS FIRST or NULLS LAST; "+
			"for an expression use OrderByClause", term)
	}
	if len(words) == 0 {
		return refuse()
	}
	o := plan.OrderClause{Name: words[0]}
	words = words[1:]
	if len(words) > 0 && (strings.EqualFold(words[0], "ASC") || strings.EqualFold(words[0], "DESC")) {
		o.Desc = strings.EqualFold(words[0], "DESC")
		words = words[1:]
	}
	if len(words) == 2 && strings.EqualFold(words[0], "NULLS") {
		o.Nulls = strings.ToUpper(words[1])
		words = words[2:]
	}
	if len(words) > 0 || o.Nulls != "" && o.Nulls != "FIRST" && o.Nulls != "LAST" {
		return refuse()
	}
	if strings.ContainsAny(o.Name, "()") {
		return refuse()
	}
	return o, nil
}

// OrderByClause adds an expression to the order: SQL text with arguments, or a squirrel.Sqlizer.
//
//	OrderByClause("length(owner) DESC")
func (q Query[R]) OrderByClause(expr any, args ...any) Query[R] {
	return queryOf[R](q.q.addOrderByClause(expr, args...))
}

func (q *query) addOrderByClause(expr any, args ...any) *query {
	return q.with("OrderByClause", func(n *query) error {
		t, err := textOf(expr, args)
		add(&n.spec.OrderBy, plan.OrderClause{Expr: t})
		return err
	})
}

// Limit keeps at most n rows. In the query of a preload: n rows for each owner. Over a to-many join it needs Distinct or
// GroupBy, else it is [ErrFanOut]. A negative n is an error.
func (q Query[R]) Limit(n int) Query[R] { return queryOf[R](q.q.addLimit(n)) }

func (q *query) addLimit(n int) *query {
	return q.with("Limit", func(next *query) error {
		next.spec.Limit = int64(n)
		return notNegative(n)
	})
}

// Offset skips the first n rows. In the query of a preload: the first n for each owner.
func (q Query[R]) Offset(n int) Query[R] { return queryOf[R](q.q.addOffset(n)) }

func (q *query) addOffset(n int) *query {
	return q.with("Offset", func(next *query) error {
		next.spec.Offset = int64(n)
		return notNegative(n)
	})
}

func notNegative(n int) error {
	if n < 0 {
		return graph.Problemf(ErrInvalidQuery, "the number is negative; give 0 or more")
	}
	return nil
}

// Columns selects only the named columns. For [Query.All] and the others that return R they are columns of its table,
// and the other fields stay zero; keys that a preload needs are selected too. For [Collect] they may be those of related
// tables, and their names in the result are as written here. Without names, no column of the table is selected: only the
// expressions of [Query.Column].
//
//	Columns("id", "owner")
//	Columns().Column("sum(pages) AS pages")
func (q Query[R]) Columns(names ...string) Query[R] { return queryOf[R](q.q.addColumns(names...)) }

func (q *query) addColumns(names ...string) *query {
	return q.with("Columns", func(n *query) error {
		n.spec.Bare = true
		for _, name := range names {
			add(&n.spec.Outputs, plan.OutputClause{Name: name})
		}
		return nil
	})
}

// Column selects an expression beside the columns: SQL text with arguments, or a squirrel.Sqlizer. The name it has in the
// result must be that of a computed field of the table's struct, or of a field of the shape given to [Collect].
//
//	Column("count(books.id) AS book_count")
func (q Query[R]) Column(expr any, args ...any) Query[R] {
	return queryOf[R](q.q.addColumn(expr, args...))
}

func (q *query) addColumn(expr any, args ...any) *query {
	return q.with("Column", func(n *query) error {
		t, err := textOf(expr, args)
		add(&n.spec.Outputs, plan.OutputClause{Expr: t})
		return err
	})
}

// GroupBy groups by columns. Every selected column must be one of them, or belong to a table whose primary key is among
// them. Expressions over the group are selected with [Query.Column].
func (q Query[R]) GroupBy(names ...string) Query[R] { return queryOf[R](q.q.addGroupBy(names...)) }

func (q *query) addGroupBy(names ...string) *query {
	return q.with("GroupBy", func(n *query) error {
		add(&n.spec.GroupBy, names...)
		return nil
	})
}

// Having adds a condition on the groups, as [Query.Where] adds one on the rows.
func (q Query[R]) Having(pred any, args ...any) Query[R] {
	return queryOf[R](q.q.addHaving(pred, args...))
}

func (q *query) addHaving(pred any, args ...any) *query {
	return q.with("Having", func(n *query) error {
		e, err := exprOf(pred, args)
		add(&n.spec.Having, plan.Clause{Method: "Having", Expr: e})
		return err
	})
}

// ForUpdate locks the rows of the query's own table, and no others, until the transaction ends. It is an error with
// Distinct and GroupBy, over a to-many join, and on databases without row locks. Other transactions wait for the rows, and
// so does this one for theirs, unless [Query.SkipLocked] or [Query.NoWait] says otherwise.
//
//	… FOR UPDATE OF "accounts"
func (q Query[R]) ForUpdate() Query[R] {
	return queryOf[R](q.q.lock("ForUpdate", "UPDATE"))
}

// ForNoKeyUpdate is [Query.ForUpdate] for changes that leave keys alone: rows that refer to the locked ones can be written
// meanwhile.
func (q Query[R]) ForNoKeyUpdate() Query[R] {
	return queryOf[R](q.q.lock("ForNoKeyUpdate", "NO KEY UPDATE"))
}

// ForShare keeps the rows from being changed, as [Query.ForUpdate] does, but lets others share the lock.
func (q Query[R]) ForShare() Query[R] {
	return queryOf[R](q.q.lock("ForShare", "SHARE"))
}

// ForKeyShare is [Query.ForShare] against changes of keys, and deletion, alone.
func (q Query[R]) ForKeyShare() Query[R] {
	return queryOf[R](q.q.lock("ForKeyShare", "KEY SHARE"))
}

func (q *query) lock(method, strength string) *query {
	return q.with(method, func(n *query) error {
		n.spec.Lock.Method, n.spec.Lock.Strength = method, strength
		return nil
	})
}

// SkipLocked leaves out rows that another transaction has locked, instead of waiting for them. It goes with [Query.ForUpdate]
// and the other locks.
func (q Query[R]) SkipLocked() Query[R] {
	return queryOf[R](q.q.lockWait("SkipLocked", "SKIP LOCKED"))
}

// NoWait fails when another transaction has locked a row, instead of waiting for it. It goes with [Query.ForUpdate] and the
// other locks.
func (q Query[R]) NoWait() Query[R] {
	return queryOf[R](q.q.lockWait("NoWait", "NOWAIT"))
}

func (q *query) lockWait(method, wait string) *query {
	return q.with(method, func(n *query) error {
		if n.spec.Lock.Wait != "" && n.spec.Lock.Wait != wait {
			return graph.Problemf(ErrInvalidQuery, "SkipLocked and NoWait do not go together; leave one out")
		}
		n.spec.Lock.Wait = wait
		return nil
	})
}

// Preload loads the relation at the path, and those on the way to it, into the fields of the rows that the query returns:
// one statement for each relation, whatever the number of rows, sent with the others of its depth in one round trip where
// the driver can. A query given with the path filters, orders and limits the related rows, selects their columns, and may
// have preloads of its own; its Limit and Offset count the rows of each owner.
//
//	Select(Accounts).Preload("activities", Select(Activities).OrderBy("created_at DESC").Limit(5))
//
// After a load a to-many field is never nil, and a to-one field is nil when there is no row. Rows that are the same
// related row share one pointer. The related rows of one owner come in the query's order, ended by the primary key. A limit
// finds the rows of each owner by itself: it wants an index on the foreign key, and on a freshly filled PostgreSQL table an
// ANALYZE.
//
// The inverse of a has-many or has-one, such as "activities.account", is the owner itself and costs no statement. What is
// preloaded below it goes onto the owner, by a statement of its own. Where a query is given for the inverse, or what is below
// it would replace what the owner has, as in "activities.account.activities", it is read by a statement into another struct.
//
// Use Preload to have related rows, [Query.Has] to filter by them, and [Query.Join] to use their columns in the query.
func (q Query[R]) Preload(path string, queries ...AnyQuery) Query[R] {
	return queryOf[R](q.q.preload("Preload", path, nil, untypedAll(queries)))
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
// appears in the result, and has each of its related rows once, in the order of the result, which the primary keys of the root
// and of the fetched rows end. Rows that are the same related row share one pointer. A to-many field is never nil after, and a
// to-one field is nil when there is no row. The inverse of a has-many or has-one, such as "activities.account", is the
// owner and is not joined again, unless its path is joined or something is fetched below it.
//
// A list that a condition has filtered looks like a whole one: use Fetch for the rows that matched, and [Query.Preload] for
// all of them. To-many relations fetched side by side multiply each other in the result of the database; Preload does not.
//
// What is preloaded below a fetched path is loaded onto the fetched rows. With a fetched to-many relation, Limit, Offset,
// [Query.First] and the row locks are [ErrFanOut], [Query.Count] counts rows of the root, and [Query.One] reads them all.
// GroupBy and [Collect] are errors, and so is a table without a primary key whose rows come several times. A to-one relation
// with several rows for one owner is [ErrTooManyRows]. In a subquery nothing is fetched.
func (q Query[R]) Fetch(paths ...string) Query[R] { return queryOf[R](q.q.addFetch(paths...)) }

func (q *query) addFetch(paths ...string) *query {
	return q.with("Fetch", func(n *query) error {
		for _, path := range paths {
			add(&n.spec.Preloads, plan.PreloadClause{Method: "Fetch", Path: path, Joined: true})
		}
		return nil
	})
}

// preload adds a preload, of a tree unless that is nil.
func (q *query) preload(method, path string, tree *plan.Tree, queries []*query) *query {
	return q.with(method, func(n *query) error {
		c, err := preloadClause(path, queries)
		c.Method, c.Tree = method, tree
		add(&n.spec.Preloads, c)
		return err
	})
}

func preloadClause(path string, queries []*query) (plan.PreloadClause, error) {
	c := plan.PreloadClause{Path: path}
	switch len(queries) {
	case 0:
	case 1:
		sub := queries[0]
		if sub == nil {
			return c, graph.Problemf(ErrUnknownTable, "%q: the query is empty; make it with Select", path)
		}
		if sub.err != nil {
			return c, graph.Problemf(ErrInvalidQuery, "%q: %w", path, sub.err)
		}
		if err := sub.alone(); err != nil {
			return c, graph.Problemf(ErrInvalidQuery, "%q: %w", path, err)
		}
		c.Spec = &sub.spec
	default:
		return c, graph.Problemf(ErrInvalidQuery, "%q: %d queries given; make them one", path, len(queries))
	}
	return c, nil
}

package dovetail

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// BUILD, continued: where the rows come from, and as of which moment.

// From reads the query's own rows from a subquery in place of its table: a Query, a squirrel builder, or SQL text with a ? for
// each of args, such as a UNION of the table and its archive. The subquery must give the table's columns under their names;
// it has the table's name as its alias, so that everything else works as it does on the table: names, joins, preloads, the
// table's default conditions. Names inside the text are its own, and none of them is checked.
//
//	Select(Accounts).From("SELECT * FROM account UNION ALL SELECT * FROM old_account WHERE closed > ?", 2020)
//	SELECT … FROM (SELECT * FROM account UNION ALL SELECT * FROM old_account WHERE closed > $1) AS "account"
//
// Where it gives a row twice, a preload takes both for the same row if their primary keys are equal. Locks are
// [ErrUnsupported].
func (q Query[R]) From(source any, args ...any) Query[R] { return queryOf[R](q.q.from(source, args)) }

func (q *query) from(source any, args []any) *query {
	return q.with("From", func(n *query) error {
		e, err := sourceOf(source, args)
		n.spec.Source = e
		return err
	})
}

// Snapshot has all statements of the query see the database as of one moment, so that no related row is newer than its owner:
// they run in one transaction that only reads (REPEATABLE READ READ ONLY on PostgreSQL), for which its beginning and its end
// are two round trips more. A query that is one statement sees one moment anyway, and is sent without.
//
// In a transaction of the caller's its isolation must be REPEATABLE READ or SERIALIZABLE on PostgreSQL, which one statement
// asks for; else it is an error. The query of a preload, and one inside another, cannot have it: it is the outermost's to ask
// for. Nor can [Query.Each].
func (q Query[R]) Snapshot() Query[R] { return queryOf[R](q.q.snapshot()) }

func (q *query) snapshot() *query {
	return q.with("Snapshot", func(n *query) error {
		n.tx = dialect.TxOptions{Snapshot: true}
		return nil
	})
}

// alone refuses, for a query inside another, what only the outermost can have.
func (q *query) alone() error {
	if q.tx != (dialect.TxOptions{}) {
		return graph.Problemf(ErrInvalidQuery, "Snapshot is for a query that is run by itself; call it on the outermost one")
	}
	return nil
}

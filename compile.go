package dovetail

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/load"
)

// SQL returns the query's own statement, exactly as that database will be sent it, without the statements of its preloads.
func (q Query[R]) SQL(d dialect.Dialect) (string, []any, error) {
	return load.SQL(q.untyped().Asked(), d)
}

// ToSql makes the query a squirrel.Sqlizer, for use as a subquery in squirrel and in other queries: placeholders are
// question marks and names are in double quotes. It is an error for the text to hold a question mark inside a literal,
// because squirrel would take it for a placeholder.
//
//	squirrel.Select("count(*)").FromSelect(…)
//	squirrel.Expr("id IN (?)", Select(Activities).Columns("account_id"))
//
// Inside another dovetail Query give it to Where directly, as a value of squirrel.Eq or as an argument of SQL text: then it
// is written for the same database.
func (q Query[R]) ToSql() (string, []any, error) { //nolint:revive // the name makes it a squirrel.Sqlizer
	return load.SQL(q.untyped().Asked(), dialect.Standard)
}

// Explain returns what the query does, before it does anything: what each join does to the rows of the root, every statement
// that [Query.All] issues, and the number of round trips. Where a database decides by its catalog how the keys of a
// preload are sent, the usual form is shown.
//
//	join activities: n per row of accounts: multiplies, drops accounts without one
//	left join branch: 0..1 per row of accounts: null-extends
//	join branch.city: 0..1 per row of accounts: drops accounts without one
//
// A join multiplies when its relation is to-many. An inner join drops the rows without a related row, and a left join
// null-extends them, when there may be such: the key can be NULL, the related row need not exist, the join has a condition, or
// the join it starts from null-extends. "neither, while its foreign key holds" is a join that does none of this as long as each row's
// key points at one, which the database's constraint sees to, and [Registry.Check] looks for that: where there is none, say [Logical].
func (q Query[R]) Explain(d dialect.Dialect) (string, error) {
	return load.Explain(q.untyped().Asked(), d)
}

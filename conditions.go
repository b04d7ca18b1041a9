package dovetail

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CONDITIONS: what squirrel's cannot say, to stand wherever those may: on related rows, on columns and values, and known late.

// Has is [Query.Has] as a condition, for use inside squirrel's And and Or, and in another Has.
//
//	Where(squirrel.Or{squirrel.Eq{"vip": true}, dovetail.Has("activities", squirrel.GtOrEq{"amount": 750})})
func Has(path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return query.HasPred{Path: path, Preds: preds}
}

// HasNone is [Query.HasNone] as a condition.
func HasNone(path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return query.HasPred{Path: path, Preds: preds, Not: true}
}

// HasEvery is [Query.HasEvery] as a condition.
func HasEvery(path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return query.HasPred{Path: path, Preds: preds, Every: true}
}

// HasAtLeast is [Query.HasAtLeast] as a condition.
func HasAtLeast(n int, path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return query.HasPred{Path: path, Preds: preds, Counted: true, AtLeast: n}
}

// HasAll is [Query.HasAll] as a condition.
func HasAll(path string, keys ...any) squirrel.Sqlizer {
	return query.HasAllPred{Path: path, Keys: keys}
}

// Contains holds for text columns that contain the text literally: %, _ and \ have no meaning. It is case sensitive on
// every database. A column of another kind, such as a time, is [ErrArgType].
func Contains(column, text string) squirrel.Sqlizer {
	return query.MatchPred{Column: column, Where: dialect.MatchAnywhere, Text: text}
}

// StartsWith holds for text columns that begin with the text, literally.
func StartsWith(column, text string) squirrel.Sqlizer {
	return query.MatchPred{Column: column, Where: dialect.MatchStart, Text: text}
}

// EndsWith holds for text columns that end in the text, literally.
func EndsWith(column, text string) squirrel.Sqlizer {
	return query.MatchPred{Column: column, Where: dialect.MatchEnd, Text: text}
}

// FromContext is an argument whose value is taken from the context when the statement is run, such as the tenant of a
// [Scope]. It stands where one value may stand: in squirrel.Eq and the like, and as an argument of SQL text. When value
// fails or returns nil, the call fails and no statement of that round trip is sent: without a tenant nothing is read.
//
//	Scope("tenant", squirrel.Eq{"tenant_id": FromContext(func(ctx context.Context) (any, error) { … })})
//
// value is called for each place that it has in a statement, just before the statement is sent, and must be safe for
// concurrent use; a call that writes asks it once, so that all of its statements are about the same rows. Other values than one scalar are an error. [Query.SQL] shows the argument as it is.
func FromContext(value func(context.Context) (any, error)) any { return query.NewContextValue(value) }

// Matching is the conditions of another query as one condition on rows of its table. It carries named scopes, plain
// functions from query to query, to where related rows are tested or joined:
//
//	func Deposits(q Query[*Activity]) Query[*Activity] { return q.Where(squirrel.Eq{"activity_type": Deposit}) }
//
//	Deposits(Select(Activities))                                                the rows themselves
//	Select(Accounts).Has("activities", Matching(Deposits(Select(Activities))))  accounts with one
//	Select(Accounts).Join("activities", Matching(Deposits(Select(Activities)))) joined with them
//
// The query may have no other clauses than conditions, and must be of the table that a bare name means where it is used.
func Matching(q AnyQuery) squirrel.Sqlizer {
	if structs.IsNil(q) {
		return query.MatchingPred{}
	}
	return query.MatchingPred{Q: q.untyped()}
}

// Not negates a condition of any kind: a squirrel expression, a condition of this package, or SQL text with a ? for each of
// args, as [Query.Where] takes them. Where the condition is unknown, because of a NULL, so is its negation, as in SQL.
//
//	Where(Not(Or{Has("activities"), squirrel.Eq{"owner": "x"}}))
//	… WHERE (NOT (EXISTS (…) OR "accounts"."owner" = $1))
func Not(pred any, args ...any) squirrel.Sqlizer { return query.NotPred{Pred: pred, Args: args} }

// Col is a column as a value of squirrel's maps, or of [Change.Set]: of the same row, of one along a path, or of the row around
// ("outer.store_id"), by the rule for names that the package's documentation has.
//
//	Has("rentals", squirrel.NotEq{"staff_id": Col("outer.store_id")})
//	… AND ("rentals"."staff_id" <> "customer"."store_id")
func Col(name string) squirrel.Sqlizer { return query.ColumnValue{Name: name} }

// NotEqOrNull is squirrel.NotEq that also holds where the column is NULL; SQL's own <> never does. Like squirrel's it is a
// map[string]any from the names of columns to values.
//
//	Where(NotEqOrNull{"note": "x"})           ("accounts"."note" IS DISTINCT FROM $1)
type NotEqOrNull = query.NotEqOrNull

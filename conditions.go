package dovetail

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// BUILD, continued: conditions made elsewhere, and values known later.

// FromContext is an argument whose value is taken from the context when the statement is run, such as the tenant of a
// [Scope]. It stands where one value may stand: in squirrel.Eq and the like, and as an argument of SQL text. When value
// fails or returns nil, the call fails and no statement of that round trip is sent: without a tenant nothing is read.
//
//	Scope(squirrel.Eq{"tenant_id": FromContext(func(ctx context.Context) (any, error) { … })})
//
// value is called for each place that it has in a statement, just before the statement is sent, and must be safe for
// concurrent use. Other values than one scalar are an error. [Query.SQL] shows the argument as it is.
func FromContext(value func(context.Context) (any, error)) any { return contextValue{value} }

type contextValue struct {
	value func(context.Context) (any, error)
}

// Value refuses to be sent as it is, where somebody else runs the statement.
func (contextValue) Value() (driver.Value, error) {
	return nil, graph.Problemf(ErrInvalidQuery, "a value of FromContext is known only to statements that dovetail runs")
}

// valuesIn returns the arguments with what they are in this context.
func valuesIn(ctx context.Context, args []any) ([]any, error) {
	found := args
	for i, a := range args {
		late, ok := a.(contextValue)
		if !ok {
			continue
		}
		v, err := late.in(ctx)
		if err != nil {
			return nil, graph.Problemf(ErrInvalidQuery, "FromContext: %w", err)
		}
		if &found[0] == &args[0] {
			found = slices.Clone(args)
		}
		found[i] = v
	}
	return found, nil
}

// in returns the value in this context, as a driver should be given it.
func (c contextValue) in(ctx context.Context) (any, error) {
	given, err := c.value(ctx)
	if err != nil {
		return nil, err
	}
	v, err := structs.ValueOf(given)
	switch {
	case err != nil:
		return nil, err
	case v.Null:
		return nil, graph.Problemf(ErrInvalidQuery, "the context has no value; put one into it before the call")
	case v.List:
		return nil, graph.Problemf(ErrInvalidQuery, "the value is a list; give one value")
	}
	return v.Arg, nil
}

// checkLate refuses an argument that could give no value in any context.
func checkLate(arg any) error {
	if late, ok := arg.(contextValue); ok && late.value == nil {
		return graph.Problemf(ErrInvalidQuery, "FromContext: the function is nil")
	}
	return nil
}

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
		return matchingPred{}
	}
	return matchingPred{q.untyped()}
}

type matchingPred struct{ q *query }

func (p matchingPred) expr() (plan.Expr, error) {
	if p.q == nil {
		return nil, graph.Problemf(ErrUnknownTable, "Matching: the query is empty; make it with Select")
	}
	q := p.q
	if q.err != nil {
		return nil, graph.Problemf(ErrInvalidQuery, "Matching: %w", q.err)
	}
	if q.beyond != "" {
		return nil, graph.Problemf(ErrInvalidQuery, "Matching: the query of %q has %s beside its conditions; leave it out",
			q.spec.Table.Name, q.beyond)
	}
	e := &plan.Matching{Table: q.spec.Table}
	for _, c := range q.spec.Where {
		e.Exprs = append(e.Exprs, c.Expr)
	}
	return e, nil
}

// ToSql fails: the names are known only inside a query.
func (p matchingPred) ToSql() (string, []any, error) { return outsideQuery("Matching") } //nolint:revive // squirrel's name

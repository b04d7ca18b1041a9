package query

import (
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CLAUSES: each method adds one to a copy of the query.

// Join adds a join, with conditions of its ON clause.
func (q *Query) Join(method string, j plan.JoinClause, on []squirrel.Sqlizer) *Query {
	return q.Changed(method, func(n *Query) error {
		exprs, err := exprsOf(on)
		j.On = exprs
		Append(&n.Spec.Joins, j)
		return err
	})
}

// Where adds a condition.
func (q *Query) Where(pred any, args ...any) *Query {
	return q.Changed("Where", func(n *Query) error {
		e, err := exprOf(pred, args)
		Append(&n.Spec.Where, plan.Clause{Method: "Where", Expr: e})
		return err
	})
}

// Filtered adds a condition.
func (q *Query) Filtered(e plan.Expr) *Query {
	return q.Changed("Where", func(n *Query) error {
		Append(&n.Spec.Where, plan.Clause{Method: "Where", Expr: e})
		return nil
	})
}

// Has adds a condition that the method gives.
func (q *Query) Has(method string, p expression) *Query {
	return q.Changed(method, func(n *Query) error {
		e, err := p.expr()
		Append(&n.Spec.Where, plan.Clause{Method: method, Expr: e})
		return err
	})
}

// Distinct drops repeated rows.
func (q *Query) Distinct() *Query {
	return q.Changed("Distinct", func(n *Query) error {
		n.Spec.Distinct = true
		return nil
	})
}

// OrderBy adds terms to the order.
func (q *Query) OrderBy(terms ...string) *Query {
	return q.Changed("OrderBy", func(n *Query) error {
		for _, term := range terms {
			o, err := ParseOrder(term)
			if err != nil {
				return err
			}
			Append(&n.Spec.OrderBy, o)
		}
		return nil
	})
}

// ParseOrder reads "name [ASC|DESC] [NULLS FIRST|LAST]". A name may have spaces of its own: whether there is such a column, the
// planner knows.
func ParseOrder(term string) (plan.OrderClause, error) {
	o := plan.OrderClause{Term: term, Name: strings.TrimSpace(term)}
	last := func() (word, before string) {
		at := strings.LastIndexAny(o.Name, " \t\n\r") + 1
		if at == 0 {
			return "", "" // a name alone
		}
		return strings.ToUpper(o.Name[at:]), strings.TrimSpace(o.Name[:at])
	}
	if word, before := last(); word == "FIRST" || word == "LAST" {
		name := o.Name
		o.Name = before
		if nulls, before := last(); nulls == "NULLS" && before != "" {
			o.Name, o.Nulls = before, word
		} else {
			o.Name = name
		}
	}
	if word, before := last(); before != "" && (word == "ASC" || word == "DESC") {
		o.Name, o.Desc = before, word == "DESC"
	}
	if o.Name == "" || strings.ContainsAny(o.Name, "()") {
		return plan.OrderClause{}, o.NoName()
	}
	return o, nil
}

// OrderByClause adds an expression to the order.
func (q *Query) OrderByClause(expr any, args ...any) *Query {
	return q.Changed("OrderByClause", func(n *Query) error {
		t, err := textOf(expr, args)
		Append(&n.Spec.OrderBy, plan.OrderClause{Expr: t})
		return err
	})
}

// Limit sets the limit.
func (q *Query) Limit(n int) *Query {
	return q.Changed("Limit", func(next *Query) error {
		next.Spec.Limit = int64(n)
		return notNegative(n)
	})
}

// Offset sets the offset.
func (q *Query) Offset(n int) *Query {
	return q.Changed("Offset", func(next *Query) error {
		next.Spec.Offset = int64(n)
		return notNegative(n)
	})
}

func notNegative(n int) error {
	if n < 0 {
		return graph.Problemf(fault.ErrInvalidQuery, "the number is negative; give 0 or more")
	}
	return nil
}

// Columns selects columns in place of all.
func (q *Query) Columns(names ...string) *Query {
	return q.Changed("Columns", func(n *Query) error {
		n.Spec.Bare = true
		for _, name := range names {
			Append(&n.Spec.Outputs, plan.OutputClause{Name: name})
		}
		return nil
	})
}

// Column selects an expression.
func (q *Query) Column(expr any, args ...any) *Query {
	return q.Changed("Column", func(n *Query) error {
		t, err := textOf(expr, args)
		Append(&n.Spec.Outputs, plan.OutputClause{Expr: t})
		return err
	})
}

// GroupBy adds columns to group by.
func (q *Query) GroupBy(names ...string) *Query {
	return q.Changed("GroupBy", func(n *Query) error {
		Append(&n.Spec.GroupBy, names...)
		return nil
	})
}

// Having adds a condition on groups.
func (q *Query) Having(pred any, args ...any) *Query {
	return q.Changed("Having", func(n *Query) error {
		e, err := exprOf(pred, args)
		Append(&n.Spec.Having, plan.Clause{Method: "Having", Expr: e})
		return err
	})
}

// Lock locks the rows of the query's own table.
func (q *Query) Lock(method, strength string) *Query {
	return q.Changed(method, func(n *Query) error {
		n.Spec.Lock.Method, n.Spec.Lock.Strength = method, strength
		return nil
	})
}

// LockWait says what is done about rows that others have locked.
func (q *Query) LockWait(method, wait string) *Query {
	return q.Changed(method, func(n *Query) error {
		if n.Spec.Lock.Wait != "" && n.Spec.Lock.Wait != wait {
			return graph.Problemf(fault.ErrInvalidQuery, "SkipLocked and NoWait do not go together; leave one out")
		}
		n.Spec.Lock.Wait = wait
		return nil
	})
}

// From reads the rows from a subquery in place of the table.
func (q *Query) From(source any, args []any) *Query {
	return q.Changed("From", func(n *Query) error {
		e, err := sourceOf(source, args)
		n.Spec.Source = e
		return err
	})
}

// Snapshot has the statements run in one transaction that sees one moment.
func (q *Query) Snapshot() *Query {
	return q.Changed("Snapshot", func(n *Query) error {
		n.Tx = dialect.TxOptions{Snapshot: true}
		return nil
	})
}

// OneRoundTrip has the rows of the preloads come in the statement of the query, where that can be.
func (q *Query) OneRoundTrip() *Query {
	return q.Changed("OneRoundTrip", func(n *Query) error {
		n.AtOnce = true
		return nil
	})
}

// Unscoped lifts scopes of the query's own table.
func (q *Query) Unscoped(names []string) *Query {
	return q.Changed("Unscoped", func(n *Query) error {
		Append(&n.Spec.Unscoped, plan.Lift{Names: slices.Clone(names)})
		return nil
	})
}

// UnscopedAt lifts scopes of the table at a path.
func (q *Query) UnscopedAt(path string, names []string) *Query {
	return q.Changed("UnscopedAt", func(n *Query) error {
		if path == "" {
			return graph.Problemf(fault.ErrUnknownRelation, "the path is empty; use Unscoped for the query's own table")
		}
		Append(&n.Spec.Unscoped, plan.Lift{Path: path, Names: slices.Clone(names)})
		return nil
	})
}

// Position sets one of the query's positions, which must not be set yet.
func (q *Query) Position(method string, of func(*plan.Spec) *[]plan.Value, values []any) *Query {
	return q.Changed(method, func(n *Query) error {
		position := of(&n.Spec)
		if *position != nil {
			return graph.Problemf(fault.ErrInvalidQuery, "given twice; give one position")
		}
		read := make([]plan.Value, len(values))
		for i, value := range values {
			v, err := structs.ValueOf(value)
			if err != nil {
				return graph.Problemf(fault.ErrArgType, "value %d: %w", i+1, err)
			}
			if v.List {
				return graph.Problemf(fault.ErrArgType, "value %d is a list; give one value for each column", i+1)
			}
			read[i] = PositionValue(v)
		}
		*position = read
		return nil
	})
}

// PositionValue is a value as a position has it.
func PositionValue(v structs.Value) plan.Value {
	return plan.Value{Arg: v.Arg, Null: v.Null, Class: string(v.Class)}
}

package query

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"sync"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// VALUES KNOWN LATE: what the context says when a statement is run.

// ContextValue is an argument whose value the context gives when the statement is run.
type ContextValue struct {
	Of func(context.Context) (any, error)

	asked *byte // tells it from others; nil: it is one that others are made of
}

// NewContextValue returns the argument whose value the function gives.
func NewContextValue(of func(context.Context) (any, error)) ContextValue {
	return ContextValue{of, new(byte)}
}

// Checked returns the argument with a check of the value that it has then, which returns it as it is to be sent.
func (c ContextValue) Checked(check func(any) (any, error)) any {
	return ContextValue{Of: func(ctx context.Context) (any, error) {
		v, err := c.In(ctx)
		if err != nil {
			return nil, err
		}
		return check(v)
	}}
}

// onceKey is where a context has what its values were.
type onceKey struct{}

// answers are the values of a call, by what they were asked of.
type answers struct {
	mu sync.Mutex
	of map[*byte]any
}

// Once returns the context of a call whose statements are to have the same values: each is asked for once.
func Once(ctx context.Context) context.Context {
	if ctx == nil || ctx.Value(onceKey{}) != nil {
		return ctx
	}
	return context.WithValue(ctx, onceKey{}, new(answers))
}

// ask returns what the function gives, in a call that asks once what it gave before.
func (c ContextValue) ask(ctx context.Context) (any, error) {
	known, _ := ctx.Value(onceKey{}).(*answers)
	if known == nil || c.asked == nil {
		return c.Of(ctx)
	}
	known.mu.Lock()
	v, ok := known.of[c.asked]
	known.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := c.Of(ctx) // which may run calls of its own
	if err != nil {
		return nil, err
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	if first, ok := known.of[c.asked]; ok {
		return first, nil
	}
	if known.of == nil {
		known.of = map[*byte]any{}
	}
	known.of[c.asked] = v
	return v, nil
}

// String is what SQL shows of it.
func (ContextValue) String() string { return "FromContext" }

// Value refuses to be sent as it is, where somebody else runs the statement.
func (ContextValue) Value() (driver.Value, error) {
	return nil, graph.Problemf(fault.ErrInvalidQuery, "a value of FromContext is known only to statements that dovetail runs")
}

// Same reports whether the value is found by the same function.
func (c ContextValue) Same(value any) bool {
	other, ok := value.(ContextValue)
	return ok && fmt.Sprintf("%p", c.Of) == fmt.Sprintf("%p", other.Of)
}

// ValuesIn returns the arguments with what they are in this context.
func ValuesIn(ctx context.Context, args []any) ([]any, error) {
	found := args
	for i, a := range args {
		late, ok := a.(dialect.Late)
		if !ok {
			continue
		}
		v, err := late.In(ctx)
		if err != nil {
			return nil, graph.Problemf(fault.ErrInvalidQuery, "FromContext: %w", err)
		}
		if &found[0] == &args[0] {
			found = slices.Clone(args)
		}
		found[i] = v
	}
	return found, nil
}

// In returns the value in this context, as a driver should be given it.
func (c ContextValue) In(ctx context.Context) (any, error) {
	if ctx == nil {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "the context is nil; use context.Background")
	}
	given, err := c.ask(ctx)
	if err != nil {
		return nil, err
	}
	v, err := structs.ValueOf(given)
	switch {
	case err != nil:
		return nil, graph.Problemf(fault.ErrArgType, "%w", err)
	case v.Null:
		return nil, graph.Problemf(fault.ErrInvalidQuery, "the context has no value; put one into it before the call")
	case v.List:
		return nil, graph.Problemf(fault.ErrInvalidQuery, "the value is a list; give one value")
	}
	return v.Arg, nil
}

// checkLate refuses an argument that could give no value in any context.
func checkLate(arg any) error {
	if late, ok := arg.(ContextValue); ok && late.Of == nil {
		return graph.Problemf(fault.ErrInvalidQuery, "FromContext: the function is nil")
	}
	return nil
}

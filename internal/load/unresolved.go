package load

import (
	"errors"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// UNRESOLVED: bare words of SQL text are the database's to resolve. When it cannot, the error says what to write.

// unresolved is a name that the database could not resolve, with what to write. What the database says stays in the chain.
type unresolved struct {
	advice string
	err    error
}

func (e *unresolved) Error() string { return e.err.Error() + "; " + e.advice }

func (e *unresolved) Unwrap() error { return e.err }

// Advised adds to the error of a statement what to write for a name that the database could not resolve.
func Advised(d dialect.Dialect, q *plan.Query, err error) error {
	var failed *fault.QueryError
	if q == nil || !errors.As(err, &failed) {
		return err
	}
	f := d.Failure(failed.Err)
	switch f.Kind {
	case dialect.FailureColumn, dialect.FailureAmbiguous, dialect.FailureTable:
	default:
		return err
	}
	if len(q.Preloads) > 0 { // else the path is that of a way along which rows are written, all told by the one condition
		q = q.At(failed.Path)
	}
	if q == nil || f.Name == "" {
		return err
	}
	if advice := q.Advice(f); advice != "" {
		failed.Err = &unresolved{advice, failed.Err}
	}
	return err
}

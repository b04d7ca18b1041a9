package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// The waits of Retry.
const (
	retries   = 20
	firstWait = 5 * time.Millisecond
	longWait  = time.Second
)

// again reports whether a transaction that failed so may not fail when it is run again.
func again(kind dialect.FailureKind) bool {
	switch kind {
	case dialect.FailureSerialization, dialect.FailureDeadlock, dialect.FailureStalePlan:
		return true
	}
	return false
}

// Retry runs do in transactions until one is committed, or fails for another reason than that others ran at the same time.
func Retry(ctx context.Context, db dialect.DB, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	if err := CheckDB("retry", db); err != nil {
		return err
	}
	if ctx == nil {
		return &fault.QueryError{Op: "retry", Err: graph.Problemf(fault.ErrInvalidQuery, "the context is nil; use context.Background")}
	}
	wait := firstWait
	for n := 1; ; n++ {
		err := TxError("retry", db.InTx(ctx, opts, do))
		switch {
		case err == nil, errors.Is(err, fault.ErrCommitUnknown), ctx.Err() != nil, !again(db.Dialect().Failure(err).Kind):
			return err
		case n == retries:
			return &fault.QueryError{Op: "retry", Err: fmt.Errorf("gave up after %d times: %w", n, err)}
		}
		timer := time.NewTimer(rand.N(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return &fault.QueryError{Op: "retry", Err: ctx.Err()}
		case <-timer.C:
		}
		wait = min(2*wait, longWait)
	}
}

package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
)

// The waits of Retry.
const (
	retries   = 20
	firstWait = 5 * time.Millisecond
	longWait  = time.Second
)

// Retry runs do in transactions until one is committed, or fails for another reason than that others ran at the same time.
func Retry(ctx context.Context, db dialect.DB, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	if err := CheckDB("retry", db); err != nil {
		return err
	}
	wait := firstWait
	for n := 1; ; n++ {
		err := TxError("retry", db.InTx(ctx, opts, do))
		switch kind := db.Dialect().Failure(err).Kind; {
		case err == nil, errors.Is(err, fault.ErrCommitUnknown), ctx.Err() != nil,
			kind != dialect.FailureSerialization && kind != dialect.FailureDeadlock:
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

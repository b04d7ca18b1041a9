package dovetail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// TxOptions say what a transaction is for, see [DB.InTx].
type TxOptions = dialect.TxOptions

// The waits of Retry.
const (
	retries   = 20
	firstWait = 5 * time.Millisecond
	longWait  = time.Second
)

// Retry runs do in a transaction of its own, and commits it when do returns nil. When the database asks for the transaction to
// be run again, because it cannot be put in order with others that ran at the same time or because it and another waited for
// each other, all of it is rolled back and do is called again: up to 20 times, after a random wait that grows to a second. Any
// other error is returned at once, and so is a commit whose answer is lost, [ErrCommitUnknown]: do may have happened.
//
// What do does elsewhere, it does again at every call; use only the handle it is given, and set only what a later call sets
// anew. The isolation is the database's default; a handle that is in a transaction already is an error, because that one
// would have to be run again from its beginning.
//
//	err := Retry(ctx, db, func(tx dialect.DB) error {
//		account, err := Select(Accounts).ForUpdate().Get(ctx, tx, id)
//		…
//		return Save(ctx, tx, Accounts, account, "balance")
//	})
func Retry(ctx context.Context, db dialect.DB, do func(tx dialect.DB) error) error {
	return retry(ctx, db, TxOptions{Alone: true}, do)
}

// RetrySerializable is [Retry] in transactions that are SERIALIZABLE: they have the effect of running one after the other.
func RetrySerializable(ctx context.Context, db dialect.DB, do func(tx dialect.DB) error) error {
	return retry(ctx, db, TxOptions{Alone: true, Serializable: true}, do)
}

func retry(ctx context.Context, db dialect.DB, opts TxOptions, do func(tx dialect.DB) error) error {
	if err := checkDB("retry", db); err != nil {
		return err
	}
	wait := firstWait
	for n := 1; ; n++ {
		err := txError("retry", db.InTx(ctx, opts, do))
		switch kind := db.Dialect().Failure(err).Kind; {
		case err == nil, errors.Is(err, ErrCommitUnknown), ctx.Err() != nil,
			kind != dialect.FailureSerialization && kind != dialect.FailureDeadlock:
			return err
		case n == retries:
			return &QueryError{Op: "retry", Err: fmt.Errorf("gave up after %d times: %w", n, err)}
		}
		timer := time.NewTimer(rand.N(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return &QueryError{Op: "retry", Err: ctx.Err()}
		case <-timer.C:
		}
		wait = min(2*wait, longWait)
	}
}

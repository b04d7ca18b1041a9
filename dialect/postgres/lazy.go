package postgres

import (
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Input of this file: statements of a transaction that has not begun yet. Output: one batch in which BEGIN goes before
// them, and, behind the last ones of a transaction that only reads, what ends it. On the wire the order is what it would be if each
// went by itself. Its beginning rides only with statements of which neither the text nor the arguments can be expected to
// fail before it is executed, see [lazyTx.ride].

// sender is what sends statements.
type sender interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// session is a connection, or the caller's transaction on one.
type session interface {
	sender
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// transaction is what a handle needs of a pgx.Tx.
type transaction interface {
	session
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	Conn() *pgx.Conn
}

var (
	_ transaction = (pgx.Tx)(nil)
	_ transaction = (*lazyTx)(nil)
)

const (
	commitSQL    = "commit"
	isolationSQL = "SELECT current_setting('transaction_isolation')"
)

// lazyTx is a transaction, or a savepoint of one, that begins with the first statement in it. Nobody but its handles sends anything
// on its session meanwhile.
type lazyTx struct {
	on        session
	outer     *lazyTx // what it is a savepoint of, if that is one too
	inner     *lazyTx // a savepoint of it that has not ended
	begins    pgx.TxOptions
	savepoint string                   // what makes it, if it is one
	isolated  func(level string) error // refuses the isolation of the transaction around a savepoint; nil: any will do
	reads     bool                     // it only reads, so that its end may ride too
	ends      bool                     // with what is sent next

	state txState
	err   error  // why it was refused, or what came of its end
	held  bool   // the server has begun it
	tx    pgx.Tx // then, unless it is a savepoint
	sent  []sent // in it
}

// txState is how far a lazyTx has come.
type txState int

const (
	txWaiting txState = iota // nothing was sent
	txBegun
	txRefused // it could not begin
	txAborted // a statement failed that would have aborted it, before it had begun
	txEnded   // with its last statement
	txOver
)

// savepointOf returns a savepoint. Its name tells how deep it lies: the texts are few, so that they stay prepared, and one that is
// rolled back is released too, so that none is left to be taken for a later one of its name.
func savepointOf(on session, outer *lazyTx) *lazyTx {
	depth := 1
	for at := outer; at != nil; at = at.outer {
		depth++
	}
	return &lazyTx{on: on, outer: outer, savepoint: "savepoint dovetail_" + strconv.Itoa(depth)}
}

// within returns a savepoint of the transaction.
func (t *lazyTx) within() *lazyTx {
	t.inner = savepointOf(t.on, t)
	return t.inner
}

// usable says why nothing can be sent.
func (t *lazyTx) usable() error {
	for ; t != nil; t = t.outer {
		switch t.state {
		case txRefused:
			return t.err
		case txAborted:
			return pgx.ErrTxCommitRollback
		case txEnded, txOver:
			return pgx.ErrTxClosed
		}
	}
	return nil
}

// waiting returns what must begin before the next statement, the outermost first. A savepoint in it is part of that: whoever
// sends the statement, it comes behind what was asked for before.
func (t *lazyTx) waiting() (list []*lazyTx) {
	last := t
	for last.inner != nil {
		last = last.inner
	}
	for ; last != nil && last.state == txWaiting; last = last.outer {
		list = append(list, last)
	}
	slices.Reverse(list)
	return list
}

// beginNow begins what waits by itself.
func beginNow(ctx context.Context, waiting []*lazyTx) error {
	for _, w := range waiting {
		if err := w.begin(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin begins it by itself.
func (t *lazyTx) begin(ctx context.Context) (err error) {
	if t.savepoint == "" {
		t.tx, err = t.on.(*pgx.Conn).BeginTx(ctx, t.begins)
	} else {
		if t.isolated != nil {
			err = checked(t.isolated)(t.on.Query(ctx, isolationSQL))
		}
		if err == nil {
			_, err = t.on.Exec(ctx, t.savepoint)
		}
	}
	if err != nil {
		t.state, t.err = txRefused, err
		return err
	}
	t.state, t.held = txBegun, true
	return nil
}

// checked returns a function that reads the answer to isolationSQL.
func checked(isolated func(level string) error) func(pgx.Rows, error) error {
	return func(rows pgx.Rows, err error) error {
		if err != nil {
			return err
		}
		level, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		return isolated(level)
	}
}

// read reads what came of a beginning that rode.
func (t *lazyTx) read(results pgx.BatchResults) error {
	if _, err := results.Exec(); err != nil {
		return err
	}
	t.state, t.held, t.tx = txBegun, true, results.Tx()
	return nil
}

func (t *lazyTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	var b pgx.Batch
	b.Queue(sql, args...)
	together, err := t.ready(ctx, &b)
	switch {
	case err != nil:
		return nil, err
	case !together:
		rows, err := t.on.Query(ctx, sql, args...)
		if err == nil {
			t.note(&b)
		}
		return rows, err
	}
	results := t.send(ctx, &b)
	rows, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return &batchedRows{Rows: rows, results: results}, nil
}

func (t *lazyTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	together, err := t.ready(ctx, b)
	switch {
	case err != nil:
		return pgx.FailedBatchResults(b, err)
	case !together:
		return &noting{t.on.SendBatch(ctx, b), t, b}
	}
	return t.send(ctx, b)
}

// ready begins what waits unless that rides with the statements, and reports whether anything does.
func (t *lazyTx) ready(ctx context.Context, b *pgx.Batch) (together bool, err error) {
	if err := t.usable(); err != nil {
		return false, err
	}
	waiting := t.waiting()
	rides := len(waiting) > 0 && t.ride(waiting, b)
	if !rides {
		if err := beginNow(ctx, waiting); err != nil {
			return false, err
		}
	}
	return rides || t.ends, nil
}

// send sends the statements behind what begins before them and, if they are the last, before what ends it.
func (t *lazyTx) send(ctx context.Context, b *pgx.Batch) *ridden {
	var all pgx.Batch
	s := &ridden{t: t, left: len(b.QueuedQueries)}
	if t.state == txWaiting {
		all.BeginTx(t.begins)
		s.beginning = all.QueuedQueries[0].SQL
	}
	all.QueuedQueries = append(all.QueuedQueries, b.QueuedQueries...)
	if t.ends {
		end := commitSQL
		if t.savepoint != "" {
			end = "release " + t.savepoint
		}
		all.Queue(end).Exec(func(tag pgconn.CommandTag) error {
			t.held = false
			if t.state == txBegun {
				t.state = txEnded
				if tag.String() == "ROLLBACK" {
					t.err = pgx.ErrTxCommitRollback
				}
			}
			return nil
		})
	}
	s.BatchResults = t.on.SendBatch(ctx, &all)
	t.note(b)
	return s
}

// Exec is for what is none of the statements of a call.
func (t *lazyTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := t.usable(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return t.on.Exec(ctx, sql, args...)
}

func (t *lazyTx) Conn() *pgx.Conn {
	if conn, ok := t.on.(*pgx.Conn); ok {
		return conn
	}
	return t.on.(transaction).Conn()
}

func (t *lazyTx) Commit(ctx context.Context) (err error) {
	switch {
	case t.state == txAborted:
		err = pgx.ErrTxCommitRollback
	case t.state == txOver:
		err = pgx.ErrTxClosed
	case !t.held:
		err = t.err
	case t.tx != nil:
		err = t.tx.Commit(ctx)
	default:
		_, err = t.on.Exec(ctx, "release "+t.savepoint)
	}
	if err == nil {
		t.remember()
	}
	t.over()
	return err
}

func (t *lazyTx) Rollback(ctx context.Context) (err error) {
	switch {
	case !t.held || t.state == txOver:
	case t.tx != nil:
		err = t.tx.Rollback(ctx)
	default:
		_, err = t.on.Exec(ctx, "rollback to "+t.savepoint+"; release "+t.savepoint)
	}
	t.over()
	return err
}

func (t *lazyTx) over() {
	t.state = txOver
	if t.outer != nil {
		t.outer.inner = nil
	}
}

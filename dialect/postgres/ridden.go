package postgres

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ridden is the results of statements that were sent with a beginning or an end.
type ridden struct {
	pgx.BatchResults

	t         *lazyTx
	beginning string   // what begins it before them, until the answer to that is read; empty: nothing
	left      int      // results that were not asked for yet
	last      pgx.Rows // that was
	err       error    // of the beginning
	closed    bool
}

func (r *ridden) Query() (pgx.Rows, error) {
	if err := r.begun(); err != nil {
		return nil, err
	}
	r.left--
	rows, err := r.BatchResults.Query()
	r.last = rows
	return rows, err
}

// begun reads what came of the beginning.
func (r *ridden) begun() error {
	if r.beginning == "" {
		return r.err
	}
	if r.err = r.t.read(r.BatchResults); r.err != nil {
		if r.beforehand(r.err) {
			r.t.state = txAborted
		} else {
			r.t.state, r.t.err = txRefused, r.err
		}
	}
	r.beginning = ""
	return r.err
}

// beforehand reports whether the error in place of the beginning's result is one of a statement behind it: of its arguments, or of its
// text, which the server reads before it executes anything.
func (r *ridden) beforehand(err error) bool {
	var unread pgx.ErrPreprocessingBatch
	if errors.As(err, &unread) {
		return unread.SQL() != r.beginning
	}
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || len(answer.Code) < 2 {
		return false
	}
	class := answer.Code[:2]
	return class == syntaxError || class == dataException
}

// syntaxError is the class of SQLSTATEs about text.
const syntaxError = "42"

// Close reads the rest. An error that comes when all statements have been answered is that of the end, and is kept for it.
func (r *ridden) Close() error {
	if r.closed {
		return r.err
	}
	r.closed = true
	begun := r.begun()
	err := r.BatchResults.Close()
	switch {
	case begun != nil:
		return begun
	case err != nil && r.t.ends && r.t.state == txBegun && r.left == 0 && r.last.Err() == nil:
		r.t.state, r.t.held, r.t.err = txEnded, false, err
		return nil
	}
	r.err = err
	return err
}

// batchedRows is the rows of a statement that was sent by itself.
type batchedRows struct {
	pgx.Rows

	results *ridden
	err     error
}

func (r *batchedRows) Close() {
	r.Rows.Close()
	r.err = r.results.Close()
}

func (r *batchedRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// What rides is what a connection has been sent before, in a transaction that was committed, with numbers as long: the server has read the text
// then, and found the types of its parameters, which hold such numbers.
const (
	knownData = "dovetail" // the texts, in what pgx keeps for a connection
	maxKnown  = 512        // texts
)

// known returns the texts that the connection knows.
func (t *lazyTx) known() map[string]bool {
	conn := t.Conn()
	if conn == nil {
		return nil // of a transaction that is none of pgx's
	}
	data := conn.PgConn().CustomData()
	texts, _ := data[knownData].(map[string]bool)
	if texts == nil || len(texts) > maxKnown {
		texts = map[string]bool{}
		data[knownData] = texts
	}
	return texts
}

// noting is the results of statements that were sent by themselves, if pgx did send them.
type noting struct {
	pgx.BatchResults

	t *lazyTx
	b *pgx.Batch
}

func (r *noting) Close() error {
	err := r.BatchResults.Close()
	if err == nil {
		r.t.note(r.b)
	}
	return err
}

// note has the transaction know what was sent in it.
func (t *lazyTx) note(b *pgx.Batch) {
	for _, q := range b.QueuedQueries {
		if len(t.texts) < maxKnown {
			t.texts = append(t.texts, sent(q))
		}
	}
}

// remember has the connection know what was sent.
func (t *lazyTx) remember() {
	if len(t.texts) == 0 {
		return
	}
	if known := t.known(); known != nil {
		for _, text := range t.texts {
			known[text] = true
		}
	}
}

// ride reports whether what begins a transaction may be sent with the statements. It may not where the server could refuse a text before
// it has begun; nor where pgx could refuse an argument, for it closes the connection when anything is queued before that. A savepoint
// never rides: there is a transaction around it that has to outlive all of this, whatever is wrong with the statements.
func (t *lazyTx) ride(waiting []*lazyTx, b *pgx.Batch) bool {
	if len(waiting) > 1 || waiting[0].savepoint != "" {
		return false
	}
	known := t.known()
	return !slices.ContainsFunc(b.QueuedQueries, func(q *pgx.QueuedQuery) bool {
		return !known[sent(q)] || slices.ContainsFunc(q.Arguments, doubtful)
	})
}

// doubtful reports whether there may be a type that pgx can send other values of the same Go type as, and this one not.
func doubtful(arg any) bool {
	switch v := arg.(type) {
	case nil, string, bool, []byte, octets, []string, [16]byte, time.Time, json.RawMessage, int, int16, int32, int64, []int64:
		return false
	case float64:
		return !(math.Abs(v) <= math.MaxInt32)
	case number:
		return !(math.Abs(v.float) <= math.MaxInt32)
	}
	return true
}

// sent is what a statement is remembered by: its text, and which of its numbers are of more than two bytes, and of more than four. The column of
// one that was sent holds the others that are no longer.
func sent(q *pgx.QueuedQuery) string {
	var lengths []byte // of the numbers, by the number of the argument
	for i, arg := range q.Arguments {
		if n := length(arg); n > 2 {
			lengths = append(strconv.AppendInt(append(lengths, ' '), int64(i), 10), '0'+n)
		}
	}
	return q.SQL + string(lengths)
}

// noInteger is the length of a number that is none: what integers were sent for may not take it.
const noInteger = 9

// length is how many bytes hold an argument that is a number, or a list of them: two, four or eight.
func length(arg any) byte {
	switch v := arg.(type) {
	case int:
		return lengthOf(int64(v))
	case int32:
		return lengthOf(int64(v))
	case int64:
		return lengthOf(v)
	case []int64:
		longest := byte(2)
		for _, n := range v {
			longest = max(longest, lengthOf(n))
		}
		return longest
	case float64:
		if !(math.Abs(v) <= math.MaxInt16) {
			return 4
		}
	case number:
		return noInteger
	}
	return 2
}

func lengthOf(n int64) byte {
	switch {
	case math.MinInt16 <= n && n <= math.MaxInt16:
		return 2
	case math.MinInt32 <= n && n <= math.MaxInt32:
		return 4
	}
	return 8
}

package postgres

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail/internal/structs"
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

// What rides is what a connection has been sent before, in a transaction that was committed, with arguments of the same kinds: the server has read
// the text then, and found the types of its parameters, which take such arguments.
const (
	knownData = "dovetail" // the statements, in what pgx keeps for a connection
	maxKnown  = 512
)

// known returns the statements that the connection knows.
func (t *lazyTx) known() map[sent]bool {
	conn := t.Conn()
	if conn == nil {
		return nil // of a transaction that is none of pgx's
	}
	data := conn.PgConn().CustomData()
	known, _ := data[knownData].(map[sent]bool)
	if known == nil || len(known) > maxKnown {
		known = map[sent]bool{}
		data[knownData] = known
	}
	return known
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
		if s, ok := sentAs(q); ok && len(t.sent) < maxKnown {
			t.sent = append(t.sent, s)
		}
	}
}

// remember has the connection know what was sent.
func (t *lazyTx) remember() {
	if len(t.sent) == 0 {
		return
	}
	if known := t.known(); known != nil {
		for _, s := range t.sent {
			known[s] = true
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
		s, ok := sentAs(q)
		return !ok || !known[s]
	})
}

// sent is what a statement is remembered by: its text, and the kinds of its arguments. A kind is such that what takes one argument of it takes all
// others.
type sent struct {
	text  string
	kinds [24]byte // of the first ones, so that those of most statements take no memory
	more  string   // of the others
}

// sentAs returns what a statement is remembered by; ok is false where it never rides, because there may be a type that pgx can send another value of
// an argument's Go type as, and not this one.
func sentAs(q *pgx.QueuedQuery) (s sent, ok bool) {
	s = sent{text: q.SQL}
	first := min(len(q.Arguments), len(s.kinds))
	for i, arg := range q.Arguments[:first] {
		s.kinds[i] = kindOf(arg)
	}
	if rest := q.Arguments[first:]; len(rest) > 0 {
		more := make([]byte, len(rest))
		for i, arg := range rest {
			more[i] = kindOf(arg)
		}
		s.more = string(more)
	}
	return s, bytes.IndexByte(s.kinds[:], doubtful) < 0 && strings.IndexByte(s.more, doubtful) < 0
}

// doubtful is the kind of arguments that have none.
const doubtful = '?'

// kindOf returns the kind of an argument.
func kindOf(arg any) byte {
	switch v := arg.(type) {
	case nil:
		return 'n'
	case string:
		return 's'
	case int:
		return 'i' + lengthOf(int64(v))
	case int16:
		return 'i' + lengthOf(int64(v))
	case int32:
		return 'i' + lengthOf(int64(v))
	case int64:
		return 'i' + lengthOf(v)
	case []int64:
		longest := byte(2)
		for _, n := range v {
			longest = max(longest, lengthOf(n))
		}
		return listKind(v == nil, 'I'+longest)
	case float64:
		switch size := math.Abs(v); {
		case size <= math.MaxInt16:
			return 'f'
		case size <= math.MaxInt32:
			return 'F'
		}
	case single:
		return kindOf(v.number)
	case number:
		if math.Abs(v.float) <= math.MaxInt32 {
			return '.' // no integer takes it
		}
	case bool:
		return 'b'
	case [16]byte:
		return 'u'
	case []byte: // of which a UUID can be made
		return listKind(v == nil, 'U')
	case octets:
		if _, spelled := structs.UUIDOf(string(v)); spelled {
			return 'o'
		}
		return 'O' // no UUID takes it
	case time.Time:
		return 't'
	case json.RawMessage:
		return listKind(v == nil, 'j')
	case []string:
		return listKind(v == nil, 'S')
	}
	return doubtful
}

// listKind is the kind of what is sent as NULL where it is nil.
func listKind(null bool, kind byte) byte {
	if null {
		return kindOf(nil)
	}
	return kind
}

// lengthOf is how many bytes hold an integer: two, four or eight.
func lengthOf(n int64) byte {
	switch {
	case math.MinInt16 <= n && n <= math.MaxInt16:
		return 2
	case math.MinInt32 <= n && n <= math.MaxInt32:
		return 4
	}
	return 8
}

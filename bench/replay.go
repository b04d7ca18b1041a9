package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// REPLAY: the server's answers are remembered by what was asked, and given from memory. What is left of the time is the client's.

// tape remembers answers. It records until it is told to play.
type tape struct {
	answers map[string][]byte
	playing atomic.Bool
	delay   time.Duration // of what comes after a question

	mu    sync.Mutex
	conns []*tapeConn
}

// play turns the tape to playing, or to recording. Where a write took long, pgx keeps a read waiting for the next answer, which comes from
// the other side then.
func (t *tape) play(on bool) {
	t.playing.Store(on)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.conns {
		c.turn(on)
	}
}

// connect opens a connection whose answers the tape knows, or learns.
func (t *tape) connect(ctx context.Context, config *pgx.ConnConfig) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, t.dialing(config))
}

// open is connect for database/sql. A connection is not asked whether it lives, which it is by the clock otherwise.
func (t *tape) open(config *pgx.ConnConfig) *sql.DB {
	db := stdlib.OpenDB(*t.dialing(config), stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false }))
	db.SetMaxOpenConns(1)
	return db
}

func (t *tape) dialing(config *pgx.ConnConfig) *pgx.ConnConfig {
	own := config.Copy()
	dial := own.DialFunc
	own.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c := &tapeConn{Conn: conn, tape: t}
		c.ready.L = &c.mu
		t.mu.Lock()
		defer t.mu.Unlock()
		t.conns = append(t.conns, c)
		return c, nil
	}
	return own
}

// tapeConn is a connection through a tape.
type tapeConn struct {
	net.Conn
	tape *tape

	mu       sync.Mutex
	ready    sync.Cond
	asked    []byte      // since the last answer
	due      time.Time   // when the answer comes
	key      string      // what the answer being read belongs to
	answer   []byte      // what is left of it
	patience *time.Timer // runs while there is no answer to what was asked, as a question may come in pieces
	late     bool        // it ended
	closed   bool
}

var (
	// errNotRecorded is a question that the tape has never heard.
	errNotRecorded = errors.New("the tape has no answer to what was asked")
	// errTurned says that what is waited for comes from the other side.
	errTurned = errors.New("the tape was turned")
)

// turn wakes a read that waits.
func (c *tapeConn) turn(playing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked, c.key = nil, ""
	ends := time.Time{}
	if playing {
		ends = time.Unix(1, 0)
	}
	_ = c.Conn.SetReadDeadline(ends)
	c.ready.Broadcast()
}

func (c *tapeConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	if c.key != "" { // the answer before was read
		c.key, c.asked = "", nil
	}
	c.asked = append(c.asked, b...)
	if !c.tape.playing.Load() {
		c.due = time.Now().Add(c.tape.delay)
		c.mu.Unlock()
		return c.Conn.Write(b)
	}
	defer c.mu.Unlock()
	if c.patience != nil {
		c.patience.Stop()
		c.patience = nil
	}
	if answer, ok := c.tape.answers[string(c.asked)]; ok {
		c.answer, c.asked = answer, c.asked[:0]
		c.ready.Broadcast()
		return len(b), nil
	}
	c.patience = time.AfterFunc(5*time.Second, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.late = len(c.answer) == 0 && len(c.asked) > 0
		c.ready.Broadcast()
	})
	return len(b), nil
}

func (c *tapeConn) Read(b []byte) (int, error) {
	for {
		read := c.record
		if c.tape.playing.Load() {
			read = c.play
		}
		if n, err := read(b); !errors.Is(err, errTurned) {
			return n, err
		}
	}
}

func (c *tapeConn) record(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, errTurned
	}
	c.mu.Lock()
	due := c.due
	if len(c.asked) > 0 {
		if c.key == "" { // the first of the answer
			c.key = string(c.asked)
			c.tape.answers[c.key] = nil
		}
		c.tape.answers[c.key] = append(c.tape.answers[c.key], b[:n]...)
	}
	c.mu.Unlock()
	time.Sleep(time.Until(due))
	return n, err
}

func (c *tapeConn) play(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.answer) == 0 {
		switch {
		case c.closed:
			return 0, io.EOF
		case c.late:
			return 0, fmt.Errorf("%w: %q", errNotRecorded, c.asked)
		case !c.tape.playing.Load():
			return 0, errTurned
		}
		c.ready.Wait()
	}
	n := copy(b, c.answer)
	c.answer = c.answer[n:]
	return n, nil
}

func (c *tapeConn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.ready.Broadcast()
	c.mu.Unlock()
	return c.Conn.Close()
}

func (c *tapeConn) SetDeadline(time.Time) error      { return nil }
func (c *tapeConn) SetReadDeadline(time.Time) error  { return nil }
func (c *tapeConn) SetWriteDeadline(time.Time) error { return nil }

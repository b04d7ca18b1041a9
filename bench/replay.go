package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// REPLAY: the server's answers are remembered by what was asked, and given from memory. What is left of the time is the client's.

// tape remembers answers. It records until it is told to play.
type tape struct {
	answers map[string][]byte
	playing bool
	delay   time.Duration // of what comes after a question
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
		return c, nil
	}
	return own
}

// tapeConn is a connection through a tape.
type tapeConn struct {
	net.Conn
	tape *tape

	mu     sync.Mutex
	ready  sync.Cond
	asked  []byte    // since the last answer
	due    time.Time // when the answer comes
	key    string    // what the answer being read belongs to
	answer []byte    // what is left of it
	closed bool
	late   bool // nothing has come for long
}

// errNotRecorded is a question that the tape has never heard.
var errNotRecorded = errors.New("the tape has no answer to what was asked")

func (c *tapeConn) Write(b []byte) (int, error) {
	if c.key != "" { // the answer before was read
		c.key, c.asked = "", nil
	}
	if !c.tape.playing {
		c.asked = append(c.asked, b...)
		c.due = time.Now().Add(c.tape.delay)
		return c.Conn.Write(b)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, b...)
	if answer, ok := c.tape.answers[string(c.asked)]; ok {
		c.answer, c.asked = answer, c.asked[:0]
		c.ready.Broadcast()
	}
	return len(b), nil
}

func (c *tapeConn) Read(b []byte) (int, error) {
	if !c.tape.playing {
		n, err := c.Conn.Read(b)
		time.Sleep(time.Until(c.due))
		if len(c.asked) > 0 {
			if c.key == "" { // the first of the answer
				c.key = string(c.asked)
				c.tape.answers[c.key] = nil
			}
			c.tape.answers[c.key] = append(c.tape.answers[c.key], b[:n]...)
		}
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answer) == 0 { // a question may come in pieces
		patience := time.AfterFunc(time.Second, func() {
			c.mu.Lock()
			c.late = len(c.answer) == 0
			c.ready.Broadcast()
			c.mu.Unlock()
		})
		defer patience.Stop()
	}
	for len(c.answer) == 0 {
		if c.closed {
			return 0, io.EOF
		}
		if c.late {
			return 0, fmt.Errorf("%w: %q", errNotRecorded, c.asked)
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

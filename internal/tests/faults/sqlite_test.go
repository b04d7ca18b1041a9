package faults_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// Failures of SQLite and its driver: before and after a statement was executed, the COMMIT among them.

// failure is what befalls one statement.
type failure struct {
	name  string
	after bool  // the statement was executed
	undo  bool  // SQLite has rolled back by itself
	err   error // what the driver says; nil: that the context has ended, which it does at that moment
	never bool  // it surely has written nothing
}

var errDisk = errors.New("disk I/O error (10)")

var failuresOfSQLite = []failure{
	{"lost, before", false, false, io.ErrUnexpectedEOF, false},
	{"lost, after", true, false, io.ErrUnexpectedEOF, false},
	{"closed, before", false, false, driver.ErrBadConn, false},
	{"closed, after", true, false, driver.ErrBadConn, false},
	{"the context ends, before", false, false, nil, false},
	{"the context ends, after", true, false, nil, false},
	{"the disk fails", false, true, errDisk, false},
	{"locked", false, false, errors.New("database is locked (5)"), true},
	{"full", false, false, errors.New("database or disk is full (13)"), true},
	{"refused", false, false, errors.New("constraint failed: CHECK constraint failed: c (275)"), true},
}

// brittle is a driver's connections, of which a statement fails.
type brittle struct {
	driver.Driver
	dsn string

	mu     sync.Mutex
	fault  failure
	left   int                // statements until it happens; below 0: never
	cancel context.CancelFunc // of the call's context
	at     string             // the statement that it befell
}

func (b *brittle) Connect(context.Context) (driver.Conn, error) {
	c, err := b.Open(b.dsn)
	if err != nil {
		return nil, err
	}
	return &brittleConn{c.(sqliteConn), b}, nil
}

// sqliteConn is what the driver's connections have.
type sqliteConn interface {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.SessionResetter
	driver.Validator
}

type brittleConn struct {
	sqliteConn
	b *brittle
}

// next returns the failure of the statement, if it is its turn.
func (b *brittle) next(query string) (f failure, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 0 {
		return failure{}, false
	}
	if b.left--; b.left >= 0 {
		return failure{}, false
	}
	b.at = query
	return b.fault, true
}

// during makes a call in which the failure befalls statement k, and returns which that was; none: there are not so many.
func (b *brittle) during(ctx context.Context, f failure, k int, call func(context.Context) error) (at string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.mu.Lock()
	b.fault, b.left, b.cancel, b.at = f, k, cancel, ""
	b.mu.Unlock()
	err = call(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = -1
	return b.at, err
}

// fail has a failure happen round what executes the statement.
func (c *brittleConn) fail(ctx context.Context, f failure, execute func(context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	if f.undo {
		_, _ = c.sqliteConn.ExecContext(ctx, "ROLLBACK", nil)
	}
	if f.after {
		if err := execute(ctx); err != nil {
			return err
		}
	}
	if f.err == nil {
		c.b.cancel()
		return context.Canceled
	}
	return f.err
}

func (c *brittleConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	f, ok := c.b.next(query)
	if !ok {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return nil, c.fail(ctx, f, func(ctx context.Context) error {
		_, err := c.sqliteConn.ExecContext(ctx, query, args)
		return err
	})
}

func (c *brittleConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	f, ok := c.b.next(query)
	if !ok {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	return nil, c.fail(ctx, f, func(ctx context.Context) error {
		rows, err := c.sqliteConn.QueryContext(ctx, query, args)
		if err != nil {
			return err
		}
		values := make([]driver.Value, len(rows.Columns()))
		for err = rows.Next(values); err == nil; err = rows.Next(values) { // it is executed as it is read
		}
		return errors.Join(rows.Close(), unless(err, io.EOF))
	})
}

// unless returns an error if it is another one.
func unless(err, other error) error {
	if err == other { //nolint:errorlint // as the driver returns it
		return nil
	}
	return err
}

// breakableSQLite makes the tables, and returns them with a pool of one connection which a failure can befall.
func breakableSQLite(t *testing.T) (direct kit.Database, b *brittle, db dovetail.DB) {
	t.Helper()
	pool := dbtest.SQLite(t)
	direct = kit.Database{Name: "sqlite/db", DB: sqlite.New(pool), Exec: func(tb testing.TB, text string) {
		tb.Helper()
		if _, err := pool.ExecContext(tb.Context(), text); err != nil {
			tb.Fatal(err)
		}
	}}
	prepare(t, direct)
	files, err := kit.SQL[string](t.Context(), direct.DB, "SELECT file FROM pragma_database_list WHERE name = 'main'")
	kit.NoError(t, err)
	query := url.Values{"_pragma": {"busy_timeout(1000)", "foreign_keys(1)"}, "_time_format": {"sqlite"}, "_timezone": {"UTC"}}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(files[0]), OmitHost: true, RawQuery: query.Encode()}
	b = &brittle{Driver: pool.Driver(), dsn: dsn.String(), left: -1}
	broken := sql.OpenDB(connector{b})
	broken.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = broken.Close() })
	return direct, b, sqlite.New(broken)
}

// connector makes the connections; a driver is what it says of itself.
type connector struct{ *brittle }

func (c connector) Driver() driver.Driver { return c.brittle.Driver }

// TestFailuresOfSQLite has every statement of every call fail in every way: an error is of what is not written, unless it says that it
// does not know, which it does where it is written.
func TestFailuresOfSQLite(t *testing.T) {
	t.Parallel()
	direct, b, db := breakableSQLite(t)
	ready := func() string {
		fill(t, direct) // which waits for who has left a transaction open
		direct.Exec(t, `INSERT INTO accounts (id, owner, balance) VALUES (1000, 'Zoe', 0); INSERT INTO activity (id, account_id, kind, amount) VALUES (1000, 1000, 'DEP', 0);
			INSERT INTO students (id, name) VALUES (1000, 'zed')`) // keys that the database makes come behind
		return written.Dump(t, direct, tables...)
	}
	unknown := map[string]int{}
	for _, c := range append(transactions[:len(transactions):len(transactions)], statements...) {
		before := ready()
		if _, err := c.do(t.Context(), db); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		after := written.Dump(t, direct, tables...)
		for _, f := range failuresOfSQLite {
			for k := 0; ; k++ {
				kit.Equal(t, "the tables", ready(), before)
				var value any
				at, err := b.during(t.Context(), f, k, func(ctx context.Context) (err error) {
					value, err = c.do(ctx, db)
					return err
				})
				if at == "" {
					kit.Equal(t, c.name+" that nothing befell", fmt.Sprint(err), "<nil>")
					break
				}
				what := fmt.Sprintf("%s, statement %d, %s: %s", c.name, k, f.name, at)
				is := written.Dump(t, direct, tables...)
				if errors.Is(err, dovetail.ErrCommitUnknown) {
					unknown[strings.Fields(at)[0]]++
				}
				toldOfSQLite(t, what, f, err, map[string]string{before: "before", after: "after"}[is])
				if none := value == nil || value == int64(0) || value == 0; err != nil && !none {
					t.Errorf("%s: %v beside %v", what, value, err)
				}
			}
		}
	}
	for _, statement := range []string{"COMMIT", "UPDATE", "INSERT", "DELETE"} {
		if unknown[statement] == 0 {
			t.Errorf("expected not to know of some %s, got %v", statement, unknown)
		}
	}
}

// TestFailuresOfSavepoints: what is said of a savepoint holds for who goes on after it, and of the whole for all of it.
func TestFailuresOfSavepoints(t *testing.T) {
	t.Parallel()
	direct, b, db := breakableSQLite(t)
	set := func(ctx context.Context, tx dovetail.DB, id, balance int64) error {
		return dovetail.Save(ctx, tx, written.Accounts, &written.Account{ID: id, Balance: balance}, "balance")
	}
	for _, goesOn := range []bool{false, true} {
		for _, f := range failuresOfSQLite {
			for k := 0; ; k++ {
				fill(t, direct)
				var inner error
				at, err := b.during(t.Context(), f, k, func(ctx context.Context) error {
					return db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
						if err := set(ctx, tx, -1, 91); err != nil {
							return err
						}
						inner = tx.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error { return set(ctx, tx, -2, 92) })
						if inner != nil && !goesOn {
							return inner
						}
						return set(context.WithoutCancel(ctx), tx, -3, 93)
					})
				})
				if at == "" {
					break
				}
				what := fmt.Sprintf("goes on %v, statement %d, %s: %s", goesOn, k, f.name, at)
				is := fmt.Sprint(kit.Texts(t, direct.DB, "SELECT CAST(balance AS TEXT) FROM accounts ORDER BY id DESC"))
				done := map[string]string{"[10 20 30]": "before", "[91 92 93]": "after"}
				if inner != nil {
					done["[91 20 93]"] = "after"
				}
				if errors.Is(inner, dovetail.ErrCommitUnknown) {
					t.Errorf("%s: a savepoint is never committed by itself: %v", what, inner)
				}
				if inner != nil && is == "[91 92 93]" {
					t.Errorf("%s: the savepoint has failed, and is written: %v, %v", what, inner, err)
				}
				if errors.Is(err, dovetail.ErrCommitUnknown) && at != "COMMIT" {
					t.Errorf("%s: no more than the commit can have written: %v", what, err)
				}
				toldOfSQLite(t, what, f, err, done[is])
			}
		}
	}
}

// toldOfSQLite checks what is said of the tables after a failure.
func toldOfSQLite(t *testing.T, what string, f failure, err error, is string) {
	t.Helper()
	unknown := errors.Is(err, dovetail.ErrCommitUnknown)
	switch {
	case is == "":
		t.Errorf("%s: a part is written: %v", what, err)
	case err == nil && is == "before":
		t.Errorf("%s: nothing is written, and nothing is said", what)
	case err != nil && is == "after" && !unknown:
		t.Errorf("%s: it is written, and the error says that it is not: %v", what, err)
	case unknown && f.never:
		t.Errorf("%s: it surely has not written: %v", what, err)
	}
}

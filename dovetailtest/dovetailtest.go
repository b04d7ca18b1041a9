// Package dovetailtest helps to test code that queries through dovetail: it keeps a test to a budget of statements, and
// names the preload that is missing where a query is sent once for every row.
//
//	func TestReport(t *testing.T) {
//		db := dovetailtest.MaxQueries(t, postgres.New(pool), 2) // fails the test if Report needs more than two
//		Report(t.Context(), db)
//	}
package dovetailtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// Counter is a database handle that counts the statements sent through it. Make one with [MaxQueries]. It is as safe for
// concurrent use as the handle it was made of.
type Counter struct {
	dovetail.DB

	mu    sync.Mutex
	count int
	sent  []*sent // each statement once, in the order in which they were first sent
}

// sent is a statement that was sent, once or several times.
type sent struct {
	dialect.Statement // without its arguments
	times             int
}

// MaxQueries returns a handle on db with a budget: when the test ends, t fails if more than n statements were sent through
// the handle. The report lists them in order, with the call and the relation path that each belongs to, repeated ones
// once with their number; of those it names the preload that would make one statement of them, if a declared relation does.
//
// Counted are statements, not round trips, and those that fail too. What is sent through db itself is not counted, so
// that rows can be made there; nor are questions to the database's catalog, which are asked once for a handle and would
// make the number depend on which test runs first. To keep a budget for a part of a test, make a handle for that part, or
// call [Counter.Reset] before it. A negative n or a nil db ends the test at once.
func MaxQueries(t testing.TB, db dovetail.DB, n int) *Counter {
	t.Helper()
	if n < 0 {
		t.Fatalf("dovetailtest: MaxQueries: the number is negative; give 0 or more")
	}
	c := &Counter{}
	c.DB = dovetail.WithHooks(db, hook{c})
	if c.DB == db {
		t.Fatalf("dovetailtest: MaxQueries: the database is nil; make one with postgres.New or sqlite.New")
	}
	t.Cleanup(func() {
		t.Helper()
		if report := c.report(n); report != "" {
			t.Error(report)
		}
	})
	return c
}

// Count returns the number of statements sent since the handle was made, or since the last Reset.
func (c *Counter) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// Reset forgets what was sent so far: it counts for no budget.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count, c.sent = 0, nil
}

// hook tells a counter of statements before they are sent.
type hook struct{ c *Counter }

func (h hook) Before(ctx context.Context, run *dovetail.Run) context.Context {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	for _, s := range run.Statements {
		if s.Table != "" {
			h.c.add(s)
		}
	}
	return ctx
}

func (hook) After(context.Context, *dovetail.Run) {}

func (c *Counter) add(s dialect.Statement) {
	c.count++
	i := slices.IndexFunc(c.sent, func(known *sent) bool {
		return known.SQL == s.SQL && known.Op == s.Op && known.Path == s.Path
	})
	if i >= 0 {
		c.sent[i].times++
		return
	}
	s.Args = nil
	c.sent = append(c.sent, &sent{s, 1})
}

// report says what was sent, if it was more than the budget.
func (c *Counter) report(budget int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count <= budget {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "dovetailtest: expected at most %d statement(s), got %d:", budget, c.count)
	for _, s := range c.sent {
		fmt.Fprintf(&b, "\n\t%d × %s", s.times, s.Op)
		if s.Path != "" {
			fmt.Fprintf(&b, ", path %q", s.Path)
		}
		fmt.Fprintf(&b, "\n\t\t%s", strings.ReplaceAll(s.SQL, "\n", "\n\t\t"))
		if advice := c.missing(s); advice != "" {
			fmt.Fprintf(&b, "\n\t\tinstead of %d statements use %s", s.times, advice)
		}
	}
	return b.String()
}

// missing names what would have made one statement of those that were sent, if they were several.
func (c *Counter) missing(s *sent) string {
	if s.times == 1 || s.Missing == nil {
		return ""
	}
	var others []string
	for _, other := range c.sent {
		if other != s {
			others = append(others, other.Table)
		}
	}
	return strings.Join(s.Missing(others), ", or ")
}

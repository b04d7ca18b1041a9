package model_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/model"
)

// findProgram asks for a shape, and keeps a program where one is wanted.
func findProgram(c *model.Programs, d dialect.Dialect, shape string) string {
	program, keep := c.Find(d, []byte(shape))
	if program != nil {
		return program.(string)
	}
	if keep {
		c.Keep(d, []byte(shape), "program of "+shape)
		return "kept"
	}
	return "new"
}

const keptAtLeast = 512

func TestASecondQueryOfAShapeIsKept(t *testing.T) {
	t.Parallel()
	var c model.Programs
	for i, want := range []string{"new", "kept", "program of a", "program of a"} {
		if got := findProgram(&c, postgres.Dialect, "a"); got != want {
			t.Errorf("query %d: expected %q, got %q", i+1, want, got)
		}
	}
	if got := findProgram(&c, sqlite.Dialect, "a"); got == "program of a" {
		t.Error("a program of one database served another")
	}
	if got := findProgram(&c, postgres.Dialect, "b"); got != "new" {
		t.Errorf("another shape is %q", got)
	}
	if got := c.Stats(); got.Found != 2 || got.Missed != 4 {
		t.Errorf("got %+v", got)
	}
}

// What is asked for stays, whatever comes and goes beside it.
func TestProgramsThatAreAskedForStay(t *testing.T) {
	t.Parallel()
	var c model.Programs
	findProgram(&c, postgres.Dialect, "hot")
	findProgram(&c, postgres.Dialect, "hot")
	for i := range 20 * keptAtLeast {
		shape := fmt.Sprint("page ", i)
		c.Keep(postgres.Dialect, []byte(shape), "program of "+shape)
		if i%keptAtLeast == 0 {
			if got := findProgram(&c, postgres.Dialect, "hot"); got != "program of hot" {
				t.Fatalf("after %d others: %q", i, got)
			}
		}
	}
	if got := c.Stats().Kept; got > 2*keptAtLeast {
		t.Errorf("%d programs are kept", got)
	}
	if got := findProgram(&c, postgres.Dialect, "page 1"); got == "program of page 1" {
		t.Error("what nobody asked for is still kept")
	}
}

func TestACacheIsSharedByGoroutines(t *testing.T) {
	t.Parallel()
	var c model.Programs
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 5000 {
				shape := fmt.Sprint(i % 1500)
				if got := findProgram(&c, postgres.Dialect, shape); got != "new" && got != "kept" && got != "program of "+shape {
					t.Errorf("shape %s: %q", shape, got)
				}
			}
		})
	}
	all.Wait()
}

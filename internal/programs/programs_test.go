package programs_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/dovetail-go/dovetail/internal/programs"
)

// find asks for a shape, and keeps a program where one is wanted.
func find(c *programs.Cache, d any, shape string) string {
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

func TestASecondQueryOfAShapeIsKept(t *testing.T) {
	t.Parallel()
	var c programs.Cache
	for i, want := range []string{"new", "kept", "program of a", "program of a"} {
		if got := find(&c, 1, "a"); got != want {
			t.Errorf("query %d: expected %q, got %q", i+1, want, got)
		}
	}
	if got := find(&c, 2, "a"); got == "program of a" {
		t.Error("a program of one database served another")
	}
	if got := find(&c, 1, "b"); got != "new" {
		t.Errorf("another shape is %q", got)
	}
	if got := c.Stats(); got.Found != 2 || got.Missed != 4 {
		t.Errorf("got %+v", got)
	}
}

// What is asked for stays, whatever comes and goes beside it.
func TestProgramsThatAreAskedForStay(t *testing.T) {
	t.Parallel()
	var c programs.Cache
	find(&c, 1, "hot")
	find(&c, 1, "hot")
	for i := range 20 * programs.Most {
		shape := fmt.Sprint("page ", i)
		c.Keep(1, []byte(shape), "program of "+shape)
		if i%programs.Most == 0 {
			if got := find(&c, 1, "hot"); got != "program of hot" {
				t.Fatalf("after %d others: %q", i, got)
			}
		}
	}
	if got := c.Stats().Kept; got > 2*programs.Most {
		t.Errorf("%d programs are kept", got)
	}
	if got := find(&c, 1, "page 1"); got == "program of page 1" {
		t.Error("what nobody asked for is still kept")
	}
}

func TestACacheIsSharedByGoroutines(t *testing.T) {
	t.Parallel()
	var c programs.Cache
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 5000 {
				shape := fmt.Sprint(i % 1500)
				if got := find(&c, 1, shape); got != "new" && got != "kept" && got != "program of "+shape {
					t.Errorf("shape %s: %q", shape, got)
				}
			}
		})
	}
	all.Wait()
}

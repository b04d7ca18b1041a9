package model

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/dovetail-go/dovetail/dialect"
)

// PROGRAMS: what was made of queries is kept for the next of the same shape.

// mostPrograms is how many programs are kept at least, of those that are asked for: there are two halves of so many, and the elder is
// forgotten when the younger is full. What is asked for becomes young.
const mostPrograms = 512

// sights is how many shapes are remembered that were seen once.
const sights = 1024

// programKey tells a program: the dialect that it was written for, and the shape of its query.
type programKey struct {
	d     dialect.Dialect
	shape string
}

// Programs are the programs of a registry. The zero value has none. It is safe for concurrent use.
type Programs struct {
	Scratch sync.Pool // memory that queries are looked at in
	Calls   sync.Pool // memory of calls that are done

	mu         sync.RWMutex
	young, old map[programKey]any
	seen       [sights]atomic.Uint64 // hashes of shapes
	found      atomic.Int64
	missed     atomic.Int64
}

var shapeSeed = maphash.MakeSeed()

// Find returns the program for the shape. The dialect must be comparable. Where there is none, it reports whether one is to be kept: a shape that is seen the first time
// may be the last of its kind, such as one of a page's number.
func (c *Programs) Find(d dialect.Dialect, shape []byte) (program any, keep bool) {
	c.mu.RLock()
	program, ok := c.young[programKey{d, string(shape)}]
	aged := false
	if !ok {
		program, aged = c.old[programKey{d, string(shape)}]
	}
	c.mu.RUnlock()
	switch {
	case aged:
		c.Keep(d, shape, program)
		fallthrough
	case ok:
		c.found.Add(1)
		return program, false
	}
	c.missed.Add(1)
	hash := maphash.Bytes(shapeSeed, shape)
	return nil, c.seen[hash%sights].Swap(hash) == hash
}

// Keep keeps a program.
func (c *Programs) Keep(d dialect.Dialect, shape []byte, program any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= mostPrograms || c.young == nil {
		c.young, c.old = make(map[programKey]any), c.young
	}
	c.young[programKey{d, string(shape)}] = program
}

// ProgramStats are the numbers of programs that are kept, and of queries that found theirs and that did not.
type ProgramStats struct {
	Kept          int
	Found, Missed int64
}

// Stats returns what became of queries so far.
func (c *Programs) Stats() ProgramStats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	kept := len(c.young)
	for k := range c.old {
		if _, again := c.young[k]; !again {
			kept++
		}
	}
	return ProgramStats{Kept: kept, Found: c.found.Load(), Missed: c.missed.Load()}
}

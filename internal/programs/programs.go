// Package programs keeps what was made of queries for the next of the same shape.
package programs

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// Most is how many programs a cache keeps at least, of those that are asked for: it has two halves of so many, and forgets the elder
// when the younger is full. What is asked for becomes young.
const Most = 512

// sights is how many shapes are remembered that were seen once.
const sights = 1024

// Verify has each program that is found compared with one that is made anew, and one kept of each shape from its first query on. Tests
// set it.
var Verify atomic.Bool

// Key tells a program: what it was written for, and the shape of its query.
type Key struct {
	For   any // comparable
	Shape string
}

// Cache keeps programs. The zero value is empty. It is safe for concurrent use.
type Cache struct {
	mu         sync.RWMutex
	young, old map[Key]any
	seen       [sights]atomic.Uint64 // hashes of shapes
	found      atomic.Int64
	missed     atomic.Int64
}

var seed = maphash.MakeSeed()

// Find returns the program for the shape. Where there is none, it reports whether one is to be kept: a shape that is seen the first time
// may be the last of its kind, such as one of a page's number.
func (c *Cache) Find(d any, shape []byte) (program any, keep bool) {
	c.mu.RLock()
	program, ok := c.young[Key{d, string(shape)}]
	aged := false
	if !ok {
		program, aged = c.old[Key{d, string(shape)}]
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
	hash := maphash.Bytes(seed, shape)
	return nil, c.seen[hash%sights].Swap(hash) == hash || Verify.Load()
}

// Keep keeps a program. What it is for and its shape must not be changed.
func (c *Cache) Keep(d any, shape []byte, program any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= Most || c.young == nil {
		c.young, c.old = make(map[Key]any), c.young
	}
	c.young[Key{d, string(shape)}] = program
}

// Stats are the numbers of programs that are kept, and of queries that found theirs and that did not.
type Stats struct {
	Kept          int
	Found, Missed int64
}

// Stats returns what became of queries so far.
func (c *Cache) Stats() Stats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	kept := len(c.young)
	for k := range c.old {
		if _, again := c.young[k]; !again {
			kept++
		}
	}
	return Stats{Kept: kept, Found: c.found.Load(), Missed: c.missed.Load()}
}

package load

import (
	"math/bits"
	"math/rand/v2"
)

// intTable finds the numbers of integer keys, which is all that is asked of it: none is ever removed, nor are they listed. Keys that lie
// close together, as most do, are places of an array; others are hashed. It costs less than a map (BenchmarkIntTable).
type intTable struct {
	dense []int32 // the number and 1 more of the keys from base on; 0: there is none
	base  int64
	room  int // how many keys are expected

	slots []intSlot // a power of two of them, at least half of them free; nil: the keys lie close together
	used  int
	shift uint8 // from a hash to a slot
}

type intSlot struct {
	key int64
	at  int32 // the number and 1 more; 0: the slot is free
}

// spread is multiplied with keys to find their slots. Which keys meet in one slot nobody can know who gives them.
var spread = rand.Uint64() | 1

// newIntTable returns a table with room for n keys.
func newIntTable(n int) *intTable { return &intTable{room: n} }

// slot returns the slot of the key: the one that has it, or the free one where it belongs.
func (t *intTable) slot(key int64) *intSlot {
	mask := len(t.slots) - 1
	for i := int(uint64(key) * spread >> t.shift); ; i++ {
		s := &t.slots[i&mask]
		if s.at == 0 || s.key == key {
			return s
		}
	}
}

// find returns the number of a key.
func (t *intTable) find(key int64) (int32, bool) {
	if i := uint64(key - t.base); i < uint64(len(t.dense)) {
		at := t.dense[i]
		return at - 1, at != 0
	}
	if t.slots == nil {
		return 0, false
	}
	at := t.slot(key).at
	return at - 1, at != 0
}

// add returns the number of a key, which is next where it has none yet.
func (t *intTable) add(key int64, next int32) (at int32, isNew bool) {
	if at, known := t.find(key); known {
		return at, false
	}
	t.used++
	if t.slots == nil && t.reach(key) {
		t.dense[key-t.base] = next + 1
		return next, true
	}
	if 2*t.used > len(t.slots) {
		t.grow(2 * max(t.used, t.room))
	}
	*t.slot(key) = intSlot{key, next + 1}
	return next, true
}

// reach makes the array reach to the key, unless that would take more memory than to hash all keys. Distances wrap around, as keys do.
func (t *intTable) reach(key int64) bool {
	n, most := uint64(len(t.dense)), 8*uint64(max(t.used, t.room, 8))
	after, before := uint64(key-t.base), uint64(t.base-key)
	switch {
	case n == 0:
		t.base, t.dense = key, make([]int32, max(t.room, 16))
	case after < n:
	case after < most:
		t.widen(0, min(max(after+1, 2*n), most))
	case before <= most-n:
		before = min(max(before, n), most-n)
		t.widen(before, before+n)
	default:
		return false
	}
	return true
}

// widen makes the array larger, with places before those it has.
func (t *intTable) widen(before, size uint64) {
	old := t.dense
	t.dense = make([]int32, size)
	copy(t.dense[before:], old)
	t.base -= int64(before)
}

// grow hashes all keys into a table with so many slots.
func (t *intTable) grow(slots int) {
	old, log := t.slots, bits.Len(uint(max(slots, 16)-1))
	t.slots, t.shift = make([]intSlot, 1<<log), uint8(64-log)
	for _, s := range old {
		if s.at != 0 {
			*t.slot(s.key) = s
		}
	}
	for i, at := range t.dense {
		if at != 0 {
			key := t.base + int64(i)
			*t.slot(key) = intSlot{key, at}
		}
	}
	t.dense = nil
}

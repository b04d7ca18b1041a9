package load

import (
	"math/bits"
	"math/rand/v2"
)

// intTable finds the numbers of integer keys, which is all that is asked of it: none is ever removed, nor are they listed. It costs
// less than a map (BenchmarkIntTable).
type intTable struct {
	slots []intSlot // a power of two of them, at least half of them free
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
func newIntTable(n int) *intTable {
	t := &intTable{}
	t.grow(max(2*n, 16))
	return t
}

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
	at := t.slot(key).at
	return at - 1, at != 0
}

// add returns the number of a key, which is next where it has none yet.
func (t *intTable) add(key int64, next int32) (at int32, isNew bool) {
	s := t.slot(key)
	if s.at != 0 {
		return s.at - 1, false
	}
	*s = intSlot{key, next + 1}
	if t.used++; 2*t.used > len(t.slots) {
		t.grow(2 * len(t.slots))
	}
	return next, true
}

func (t *intTable) grow(slots int) {
	old := t.slots
	log := bits.Len(uint(slots - 1))
	t.slots, t.shift = make([]intSlot, 1<<log), uint8(64-log)
	for _, s := range old {
		if s.at != 0 {
			*t.slot(s.key) = s
		}
	}
}

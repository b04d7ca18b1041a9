package write

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// PLACES: rows that come back are told by their keys.

// keyPlaces says which of some rows has the key that was scanned last.
type keyPlaces struct {
	key     []*structs.Field
	holders []*structs.Holder
	ints    map[int64]int  // of a key that is one integer
	texts   map[string]int // of others
	probe   dialect.Keys
}

func newKeyPlaces(key []*structs.Field, n int, row func(i int) structs.Row) (*keyPlaces, error) {
	k := &keyPlaces{key: key, holders: make([]*structs.Holder, len(key)), probe: dialect.Keys{Kind: dialect.KeyInt}}
	for i, f := range key {
		k.holders[i] = f.NewHolder()
	}
	if len(key) == 1 && key[0].Key == dialect.KeyInt {
		k.ints = make(map[int64]int, n)
	} else {
		k.texts = make(map[string]int, n)
	}
	for i := range n {
		if k.ints == nil {
			text, err := load.TextOfKey(key, row(i))
			if err != nil {
				return nil, err
			}
			k.texts[text] = i
			continue
		}
		k.probe.Ints = k.probe.Ints[:0]
		if ok, err := key[0].AppendKey(&k.probe, row(i)); err != nil {
			return nil, err
		} else if ok {
			k.ints[k.probe.Ints[0]] = i
		}
	}
	return k, nil
}

// dests returns where the columns of the key are scanned to.
func (k *keyPlaces) dests() []any {
	dests := make([]any, len(k.holders))
	for i, h := range k.holders {
		dests[i] = h.Dest()
	}
	return dests
}

// scanned returns the place of the row whose key was scanned; ok is false where none has it.
func (k *keyPlaces) scanned() (at int, ok bool) {
	if k.ints == nil {
		text, err := load.KeyText(k.key, func(i int, keys *dialect.Keys) (bool, error) { return k.holders[i].AppendKey(keys) })
		at, ok = k.texts[text]
		return at, ok && err == nil
	}
	k.probe.Ints = k.probe.Ints[:0]
	if ok, err := k.holders[0].AppendKey(&k.probe); !ok || err != nil {
		return 0, false
	}
	at, ok = k.ints[k.probe.Ints[0]]
	return at, ok
}

package write

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// PLACES: rows that come back are told by their keys.

// keyPlaces says which of some rows has the key that was scanned last.
type keyPlaces struct {
	key     load.Key
	holders []*structs.Holder
	ints    map[int64]int  // of a key that is one integer
	texts   map[string]int // of others
	probe   dialect.Keys
	n       int
	row     func(i int) structs.Row
}

func newKeyPlaces(key load.Key, n int, row func(i int) structs.Row) (*keyPlaces, error) {
	k := &keyPlaces{key: key, holders: make([]*structs.Holder, len(key.Fields)), probe: dialect.Keys{Kind: dialect.KeyInt}, n: n, row: row}
	for i, f := range key.Fields {
		k.holders[i] = f.NewHolder()
	}
	if len(key.Fields) == 1 && key.Fields[0].Key == dialect.KeyInt {
		k.ints = make(map[int64]int, n)
	} else {
		k.texts = make(map[string]int, n)
	}
	for i := range n {
		if k.ints == nil {
			text, err := key.Text(row(i))
			if err != nil {
				return nil, err
			}
			k.texts[text] = i
			continue
		}
		k.probe.Ints = k.probe.Ints[:0]
		if ok, err := key.Fields[0].AppendKey(&k.probe, row(i)); err != nil {
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
		text, err := k.key.Held(k.holders)
		if at, ok = k.texts[text]; !ok && err == nil { // the database spells it in its own way
			at, ok = k.key.Among(k.n, k.row, k.holders)
		}
		return at, ok && err == nil
	}
	k.probe.Ints = k.probe.Ints[:0]
	if ok, err := k.holders[0].AppendKey(&k.probe); !ok || err != nil {
		return 0, false
	}
	at, ok = k.ints[k.probe.Ints[0]]
	return at, ok
}

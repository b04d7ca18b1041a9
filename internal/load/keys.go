package load

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// KEYS: those of owners, each once, and the places of the owners that have them.

// keyList is the distinct keys of a list of owners. Keys of several columns are kept column by column.
type keyList struct {
	Columns []dialect.Keys
	Of      []int32 // for each owner its key; -1: it has none, because a column is NULL

	ints    *intTable // one of these finds a key of one column
	uuids   map[[16]byte]int32
	texts   map[string]int32  // and this one those of several, encoded
	spelled []bool            // the owners hold the column as text
	holders []*structs.Holder // the key of a fetched row, where it is selected beside the struct
	probe   []dialect.Keys    // one key, while it is looked for
}

// textTypes are the types of PostgreSQL into which pgx sends bytes as the text that they are.
var textTypes = []string{"text", "character varying", "character", "bpchar", "name", "citext"}

// KindsOf returns what the Go types of the fields say of their keys.
func KindsOf(fields []*structs.Field) []dialect.KeyType {
	types := make([]dialect.KeyType, len(fields))
	for i, f := range fields {
		types[i].Kind, types[i].Lasting = f.Key, f.Lasting
	}
	return types
}

func (k *keyList) len() int {
	c := k.Columns[0]
	return len(c.Ints) + len(c.UUIDs) + len(c.Texts)
}

// CollectKeys reads the owners' keys. An owner with a NULL in its key, and a nil one, is related to nothing.
func CollectKeys(fields []*structs.Field, types []dialect.KeyType, owners []structs.Row) (*keyList, error) {
	k := &keyList{Columns: make([]dialect.Keys, len(fields)), Of: make([]int32, len(owners)), spelled: make([]bool, len(fields))}
	for i := range fields {
		k.spelled[i] = types[i].Spelled
		if k.Columns[i].Kind = types[i].Kind; types[i].Kind == dialect.KeyOther {
			k.Columns[i].Local, k.Columns[i].Text = []string{}, slices.Contains(textTypes, types[i].SQL)
		}
	}
	k.probe = slices.Clone(k.Columns)
	switch {
	case len(fields) > 1 || types[0].Kind == dialect.KeyText || types[0].Kind == dialect.KeyOther:
		k.texts = make(map[string]int32, len(owners))
	case types[0].Kind == dialect.KeyInt:
		k.ints = newIntTable(len(owners))
	default:
		k.uuids = make(map[[16]byte]int32, len(owners))
	}
	if k.ints != nil {
		return k, k.addInts(fields[0], owners)
	}
	for i, owner := range owners {
		if owner == nil {
			k.Of[i] = -1
			continue
		}
		at, err := k.add(fields, owner)
		if err != nil {
			return nil, err
		}
		k.Of[i] = at
	}
	return k, nil
}

// addInts reads the owners' keys of one integer.
func (k *keyList) addInts(f *structs.Field, owners []structs.Row) error {
	c := &k.Columns[0]
	c.Ints = make([]int64, 0, len(owners))
	for i, owner := range owners {
		k.Of[i] = -1
		if owner == nil {
			continue
		}
		next := int32(len(c.Ints))
		ok, err := k.read(0, f, owner)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		at, isNew := k.ints.add(c.Ints[next], next)
		if k.Of[i] = at; !isNew {
			c.Ints = c.Ints[:next]
		}
	}
	return nil
}

// read appends a column of the owner's key.
func (k *keyList) read(i int, f *structs.Field, owner structs.Row) (ok bool, err error) {
	if k.spelled[i] {
		return f.AppendSpelledKey(&k.Columns[i], owner)
	}
	return f.AppendKey(&k.Columns[i], owner)
}

// add returns the place of the owner's key, which it appends if it is new.
func (k *keyList) add(fields []*structs.Field, owner structs.Row) (int32, error) {
	next := int32(k.len())
	for i, f := range fields {
		ok, err := k.read(i, f, owner)
		if err != nil {
			return -1, err
		}
		if !ok {
			k.truncate(next, i)
			return -1, nil
		}
	}
	at, known := k.lookup(k.Columns, int(next))
	if known {
		k.truncate(next, len(fields))
		return at, nil
	}
	switch {
	case k.uuids != nil:
		k.uuids[k.Columns[0].UUIDs[next]] = next
	default:
		k.texts[encodeKey(k.Columns, int(next))] = next
	}
	return next, nil
}

// truncate drops the key at n, of which the first columns have been appended.
func (k *keyList) truncate(n int32, columns int) {
	for i := range k.Columns[:columns] {
		c := &k.Columns[i]
		c.Ints, c.UUIDs, c.Texts = cut(c.Ints, n), cut(c.UUIDs, n), cut(c.Texts, n)
		c.Forms, c.Local = cut(c.Forms, n), cut(c.Local, n)
	}
}

func cut[E any](list []E, n int32) []E {
	if len(list) > int(n) {
		return list[:n]
	}
	return list
}

// lookup finds the key that stands at i of the columns.
func (k *keyList) lookup(columns []dialect.Keys, i int) (int32, bool) {
	var at int32
	var ok bool
	switch {
	case k.uuids != nil:
		at, ok = k.uuids[columns[0].UUIDs[i]]
	default:
		at, ok = k.texts[encodeKey(columns, i)]
	}
	return at, ok
}

// hold returns what the next column of a fetched row's key, which the field of a table holds, is scanned into beside the struct.
func (k *keyList) hold(field *structs.Field) any {
	h := field.NewHolder()
	k.holders = append(k.holders, h)
	return h.Dest()
}

// find returns the place of the key that a fetched row holds, in a field of its own or beside it.
func (k *keyList) find(field *structs.Field, row structs.Row) (at int32, ok bool, err error) {
	for i := range k.probe {
		p := &k.probe[i]
		p.Ints, p.UUIDs, p.Texts, p.Forms, p.Local = p.Ints[:0], p.UUIDs[:0], p.Texts[:0], p.Forms[:0], p.Local[:0]
		if field != nil {
			ok, err = field.AppendKey(p, row)
		} else {
			ok, err = k.holders[i].AppendKey(p)
		}
		if err != nil || !ok {
			return -1, false, err
		}
	}
	if k.ints != nil {
		at, ok = k.ints.find(k.probe[0].Ints[0])
		return at, ok, nil
	}
	at, ok = k.lookup(k.probe, 0)
	return at, ok, nil
}

// encodeKey makes one comparable value of a key, in which no two keys run together. Times of one moment in two zones are two keys: a column
// may hold what a clock shows.
func encodeKey(columns []dialect.Keys, i int) string {
	if c := columns[0]; len(columns) == 1 && c.Texts != nil && (len(c.Local) == 0 || c.Local[i] == c.Texts[i]) {
		return c.Texts[i]
	}
	var b []byte
	for _, c := range columns {
		switch c.Kind {
		case dialect.KeyInt:
			b = binary.BigEndian.AppendUint64(b, uint64(c.Ints[i]))
		case dialect.KeyUUID:
			b = append(b, c.UUIDs[i][:]...)
		default:
			b = binary.AppendUvarint(b, uint64(len(c.Texts[i])))
			b = append(b, c.Texts[i]...)
			if len(c.Local) > 0 && c.Local[i] != c.Texts[i] {
				b = append(b, c.Local[i]...)
			}
			b = append(b, 0xff) // which is in no text
		}
	}
	return string(b)
}

// text returns the key at n as messages show it.
func (k *keyList) text(n int32) string {
	parts := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		switch c.Kind {
		case dialect.KeyInt:
			parts[i] = strconv.FormatInt(c.Ints[n], 10)
		case dialect.KeyUUID:
			parts[i] = string(dialect.AppendUUID(nil, c.UUIDs[n]))
		default:
			parts[i] = strconv.Quote(c.Texts[n])
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// compare orders two keys, the same way in every process.
func (k *keyList) compare(a, b int32) int {
	for _, c := range k.Columns {
		order := 0
		switch c.Kind {
		case dialect.KeyInt:
			order = cmp.Compare(c.Ints[a], c.Ints[b])
		case dialect.KeyUUID:
			order = bytes.Compare(c.UUIDs[a][:], c.UUIDs[b][:])
		default:
			order = cmp.Compare(c.Texts[a], c.Texts[b])
		}
		if order == 0 && len(c.Local) > 0 {
			order = cmp.Compare(c.Local[a], c.Local[b])
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

package dovetail

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// ATTACH, continued: the keys of owners, each once, and the rows that were fetched, each once.

// keyList is the distinct keys of a list of owners. Keys of several columns are kept column by column.
type keyList struct {
	columns []dialect.Keys
	of      []int32 // for each owner its key; -1: it has none, because a column is NULL

	ints   map[int64]int32 // one of these finds a key of one column
	uuids  map[[16]byte]int32
	texts  map[string]int32 // and this one those of several, encoded
	holder *structs.Holder  // the key of a fetched row, where it is selected beside the struct
	probe  dialect.Keys     // one key, while it is looked for
}

// kindsOf returns what the Go types of the fields say of their keys.
func kindsOf(fields []*structs.Field) []dialect.KeyType {
	types := make([]dialect.KeyType, len(fields))
	for i, f := range fields {
		types[i].Kind = f.Key
	}
	return types
}

func (k *keyList) len() int {
	c := k.columns[0]
	return len(c.Ints) + len(c.UUIDs) + len(c.Texts)
}

// collectKeys reads the owners' keys. An owner with a NULL in its key, and a nil one, is related to nothing.
func collectKeys(fields []*structs.Field, types []dialect.KeyType, owners []structs.Row) (*keyList, error) {
	k := &keyList{columns: make([]dialect.Keys, len(fields)), of: make([]int32, len(owners))}
	for i := range fields {
		k.columns[i].Kind = types[i].Kind
	}
	k.probe.Kind = types[0].Kind
	switch {
	case len(fields) > 1 || types[0].Kind == dialect.KeyText || types[0].Kind == dialect.KeyOther:
		k.texts = make(map[string]int32, len(owners))
	case types[0].Kind == dialect.KeyInt:
		k.ints = make(map[int64]int32, len(owners))
	default:
		k.uuids = make(map[[16]byte]int32, len(owners))
	}
	for i, owner := range owners {
		if owner == nil {
			k.of[i] = -1
			continue
		}
		at, err := k.add(fields, owner)
		if err != nil {
			return nil, err
		}
		k.of[i] = at
	}
	return k, nil
}

// add returns the place of the owner's key, which it appends if it is new.
func (k *keyList) add(fields []*structs.Field, owner structs.Row) (int32, error) {
	next := int32(k.len())
	for i, f := range fields {
		ok, err := f.AppendKey(&k.columns[i], owner)
		if err != nil {
			return -1, err
		}
		if !ok {
			k.truncate(next, i)
			return -1, nil
		}
	}
	at, known := k.lookup(k.columns, int(next))
	if known {
		k.truncate(next, len(fields))
		return at, nil
	}
	switch {
	case k.ints != nil:
		k.ints[k.columns[0].Ints[next]] = next
	case k.uuids != nil:
		k.uuids[k.columns[0].UUIDs[next]] = next
	default:
		k.texts[encodeKey(k.columns, int(next))] = next
	}
	return next, nil
}

// truncate drops the key at n, of which the first columns have been appended.
func (k *keyList) truncate(n int32, columns int) {
	for i := range k.columns[:columns] {
		c := &k.columns[i]
		c.Ints, c.UUIDs, c.Texts = cut(c.Ints, n), cut(c.UUIDs, n), cut(c.Texts, n)
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
	case k.ints != nil:
		at, ok = k.ints[columns[0].Ints[i]]
	case k.uuids != nil:
		at, ok = k.uuids[columns[0].UUIDs[i]]
	case len(columns) == 1:
		at, ok = k.texts[columns[0].Texts[i]]
	default:
		at, ok = k.texts[encodeKey(columns, i)]
	}
	return at, ok
}

// find returns the place of the key that a fetched row holds, in a field of its own or beside it.
func (k *keyList) find(field *structs.Field, row structs.Row) (at int32, ok bool, err error) {
	k.probe.Ints, k.probe.UUIDs, k.probe.Texts = k.probe.Ints[:0], k.probe.UUIDs[:0], k.probe.Texts[:0]
	if field != nil {
		ok, err = field.AppendKey(&k.probe, row)
	} else {
		ok, err = k.holder.AppendKey(&k.probe)
	}
	if err != nil || !ok {
		return -1, false, err
	}
	at, ok = k.lookup([]dialect.Keys{k.probe}, 0)
	return at, ok, nil
}

// encodeKey makes one comparable value of a key of several columns, in which no two keys run together.
func encodeKey(columns []dialect.Keys, i int) string {
	if len(columns) == 1 && columns[0].Texts != nil {
		return columns[0].Texts[i]
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
		}
	}
	return string(b)
}

// text returns the key at n as messages show it.
func (k *keyList) text(n int32) string {
	parts := make([]string, len(k.columns))
	for i, c := range k.columns {
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

// keyFields returns the fields of the primary key.
func (t *table) keyFields() []*structs.Field {
	fields := make([]*structs.Field, len(t.graph.PrimaryKey))
	for i, c := range t.graph.PrimaryKey {
		fields[i] = t.columns[c]
	}
	return fields
}

// uniqueRows numbers rows, in the order they come, and gives those that are the same row one number.
type uniqueRows struct {
	rows    []structs.Row    // by number, each once
	key     []*structs.Field // of the primary key; empty: every row stands for itself
	columns []dialect.Keys   // one primary key, while it is looked for
	ints    map[int64]int32
	texts   map[string]int32 // for a primary key that is not one integer
}

// newUniqueRows returns a list that compares nothing when rows cannot repeat, or the table has no primary key to tell by.
func newUniqueRows(t *table, repeats bool) *uniqueRows {
	u := &uniqueRows{}
	if !repeats {
		return u
	}
	u.key = t.keyFields()
	for _, f := range u.key {
		u.columns = append(u.columns, dialect.Keys{Kind: f.Key})
	}
	if len(u.key) == 1 && u.key[0].Key == dialect.KeyInt {
		u.ints = map[int64]int32{}
	} else {
		u.texts = map[string]int32{}
	}
	return u
}

// of returns the number of the row, which is that of the first with its primary key, and whether it is that row.
func (u *uniqueRows) of(row structs.Row) (at int32, isNew bool, err error) {
	next := int32(len(u.rows))
	at, isNew = next, true
	for i, f := range u.key {
		c := &u.columns[i]
		c.Ints, c.UUIDs, c.Texts = c.Ints[:0], c.UUIDs[:0], c.Texts[:0]
		ok, err := f.AppendKey(c, row)
		if err != nil {
			return -1, false, err
		}
		if !ok {
			u.rows = append(u.rows, row)
			return next, true, nil
		}
	}
	switch {
	case len(u.key) == 0:
	case u.ints != nil:
		at, isNew = first(u.ints, u.columns[0].Ints[0], next)
	default:
		at, isNew = first(u.texts, encodeKey(u.columns, 0), next)
	}
	if isNew {
		u.rows = append(u.rows, row)
	}
	return at, isNew, nil
}

func first[K comparable](numbers map[K]int32, key K, next int32) (int32, bool) {
	if known, ok := numbers[key]; ok {
		return known, false
	}
	numbers[key] = next
	return next, true
}

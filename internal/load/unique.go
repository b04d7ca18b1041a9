package load

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// uniqueRows numbers rows, in the order they come, and gives those that are the same row one number.
type uniqueRows struct {
	n       int32            // of numbers
	nulls   bool             // a row has a NULL in its key, and stands for itself
	key     []*structs.Field // of the primary key; empty: every row stands for itself
	columns []dialect.Keys   // one primary key, while it is looked for
	ints    *intTable
	texts   map[string]int32 // for a primary key that is not one integer
}

// newUniqueRows returns a list for about hint rows, that compares nothing when rows cannot repeat, or the table has no primary key to tell by.
func newUniqueRows(t *model.Table, repeats bool, hint int) (u uniqueRows) {
	if !repeats {
		return u
	}
	u.key = t.KeyFields()
	for _, f := range u.key {
		u.columns = append(u.columns, dialect.Keys{Kind: f.Key})
	}
	if len(u.key) == 1 && u.key[0].Key == dialect.KeyInt {
		u.ints = newIntTable(hint)
	} else {
		u.texts = map[string]int32{}
	}
	return u
}

// of returns the number of the row, which is that of the first with its primary key, and whether it is that row.
func (u *uniqueRows) of(row structs.Row) (at int32, isNew bool, err error) {
	next := u.n
	ok, err := u.read(row)
	switch {
	case err != nil:
		return -1, false, err
	case !ok || len(u.key) == 0:
		u.nulls = u.nulls || !ok
		at, isNew = next, true
	case u.ints != nil:
		at, isNew = u.ints.add(u.columns[0].Ints[0], next)
	default:
		at, isNew = first(u.texts, encodeKey(u.columns, 0), next)
	}
	if isNew {
		u.n++
	}
	return at, isNew, nil
}

// find returns the number of the row with the primary key of this one.
func (u *uniqueRows) find(row structs.Row) (at int32, known bool, err error) {
	if ok, err := u.read(row); err != nil || !ok {
		return -1, false, err
	}
	at, known = u.lookup(u.columns, 0)
	return at, known, nil
}

// lookup returns the number of the row with the primary key that stands at i of the columns.
func (u *uniqueRows) lookup(columns []dialect.Keys, i int) (at int32, known bool) {
	if u.ints != nil {
		return u.ints.find(columns[0].Ints[i])
	}
	at, known = u.texts[encodeKey(columns, i)]
	return at, known
}

// read reads the primary key of the row; ok is false where a column of it is NULL.
func (u *uniqueRows) read(row structs.Row) (ok bool, err error) {
	for i, f := range u.key {
		c := &u.columns[i]
		c.Ints, c.UUIDs, c.Texts = c.Ints[:0], c.UUIDs[:0], c.Texts[:0]
		if ok, err := f.AppendKey(c, row); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func first[K comparable](numbers map[K]int32, key K, next int32) (int32, bool) {
	if known, ok := numbers[key]; ok {
		return known, false
	}
	numbers[key] = next
	return next, true
}

package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// KEYS: what rows in hand have, and what was read of rows that are there, is the same where the database says so.

// key returns columns by which the rows, of a table, are told. The database is asked how it compares them only where some of the rows may
// have one key in two spellings.
func (w writing) key(t *model.Table, fields []*structs.Field, rows ...structs.Row) (load.Key, error) {
	return w.heldKey(t, fields, nil, rows)
}

// heldKey is key for fields that hold keys of other rows, as the pairs say: those are compared as the keys of the rows they point at.
func (w writing) heldKey(t *model.Table, fields []*structs.Field, pairs []model.FieldPair, rows []structs.Row) (load.Key, error) {
	k := w.keyAs(t, fields, pairs, func(t *model.Table, f *structs.Field) load.Key { return load.KeyOf(w.db, t, []*structs.Field{f}) })
	if unclear, err := k.Ambiguous(rows); err != nil || !unclear {
		return k, err
	}
	var failed error
	k = w.keyAs(t, fields, pairs, func(t *model.Table, f *structs.Field) load.Key {
		one, err := load.Learn(w.ctx, w.db, t, []*structs.Field{f})
		if err != nil {
			failed = err
			return load.KeyOf(w.db, t, []*structs.Field{f})
		}
		return one
	})
	if failed != nil {
		return k, failed
	}
	return k.Settled(w.ctx, w.db, rows)
}

func (w writing) keyAs(t *model.Table, fields []*structs.Field, pairs []model.FieldPair, as func(*model.Table, *structs.Field) load.Key) load.Key {
	var k load.Key
	for i, f := range fields {
		of, at := t, f
		if n := slices.IndexFunc(pairs, func(p model.FieldPair) bool { return p.Holder == f && p.Spelled == "" }); n >= 0 {
			of, at = pairs[n].To, pairs[n].Referenced
		}
		k = k.With(as(of, at).HeldBy(fields[i : i+1]))
	}
	return k
}

// same reports whether two rows have the same in a field, which may be one of the pairs of a key.
func (w writing) same(t *model.Table, f *structs.Field, pairs []model.FieldPair, a, b structs.Row) bool {
	if t.SameStored(f, a, b) {
		return true
	}
	if load.EqualInGo(f.Key) {
		return false
	}
	k, err := w.heldKey(t, []*structs.Field{f}, pairs, []structs.Row{a, b})
	return err == nil && k.Same(a, b)
}

// sameStored reports whether a row that is there has in a field what a row is to have, in whichever form that is given.
func (w writing) sameStored(t *model.Table, f *structs.Field, held, given structs.Row) (bool, error) {
	if t.SameStored(f, held, given) {
		return true, nil
	}
	return load.StoredAlike(w.ctx, w.db, t, f, [2]structs.Row{held, given})
}

// sameKey reports whether a foreign key has in its row what the row that it may point at has.
func (w writing) sameKey(p model.FieldPair, holder, from structs.Row) (bool, error) {
	same, err := p.Holder.SameKey(holder, p.Referenced, from)
	if err != nil || same || load.EqualInGo(p.Referenced.Key) {
		return same, err
	}
	k, err := load.Learn(w.ctx, w.db, p.To, []*structs.Field{p.Referenced})
	if err != nil {
		return false, err
	}
	return k.SameAs(w.ctx, w.db, from, p.Holder, holder)
}

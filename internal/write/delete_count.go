package write

import (
	"fmt"
	"hash/maphash"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// DELETE: how many rows there were, how many went, and whether that is what was wanted.

// expected is how many rows must be told, if that is known.
type expected struct {
	n    int64
	t    *graph.Table
	or   string // what else may be the case where there are fewer
	how  string // what is done to them
	done bool   // it is done when they are counted
}

// AnyNumber expects no number of rows.
var AnyNumber = expected{n: -1}

// check takes the number of rows.
func (e expected) check(n int64) error {
	switch {
	case e.n < 0 || n == e.n:
		return nil
	case n > e.n:
		return e.checkKeys(e.n, n)
	}
	rows, are := lacking(int(e.n-n), int(e.n), e.t)
	if e.t.Version != "" {
		return graph.Problemf(fault.ErrStale, "%s %s not there, or not with the %q given%s; read again", rows, are, e.t.Version, e.or)
	}
	return graph.Problemf(fault.ErrNoRows, "%s %s not there%s; none was %s", rows, are, e.or, e.how)
}

// checkKeys takes the number of keys that were found, and that of the rows that one of them tells.
func (e expected) checkKeys(n, most int64) error {
	if most <= 1 {
		return e.check(n)
	}
	what := "none was " + e.how
	if e.done {
		what = "all of them were " + e.how
	}
	return graph.Problemf(fault.ErrTooManyRows, "the primary key of %q tells %d rows, and %s; give the table a unique key, or declare one "+
		"that it has", e.t.Name, most, what)
}

// keys reads what LockKeys counts.
func (r *deletion) keys(rows dialect.Rows) error {
	var n, most int64
	for rows.Next() {
		if err := rows.Scan(&n, &most); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	r.locked = n
	return r.want.checkKeys(n, most)
}

// keySum stands for keys that are not kept.
type keySum struct {
	n   int64
	sum uint64 // of what each hashes to, in whatever order
}

// compares reports whether the keys of the root's rows are compared. Of rows in hand each key is wanted, so that their number tells.
func (r *deletion) compares() bool { return r.want.n < 0 && r.Compares() }

// asksFirst reports whether the root's rows are asked for before anything changes.
func (r *deletion) asksFirst(w writing) bool {
	return w.db.Dialect().Features().RowLocks || r.compares()
}

// askFirst adds the statement that locks the root's rows and counts them, or reads their keys.
func (r *deletion) askFirst(b *batch) {
	if r.compares() {
		r.addKeys(b, func(keys keySum) error { r.told, r.locked = keys, keys.n; return nil })
		return
	}
	stmt, err := r.Lock()
	b.add(stmt, err, r.Reach.Parts[0].Table, nil, oneValue(func(n int64) error { r.locked = n; return nil }))
}

// compareKeys adds the statement that reads the keys again. Rows that the condition tells by now are not removed: what points at them did
// not go.
func (r *deletion) compareKeys(b *batch) {
	r.addKeys(b, func(keys keySum) error {
		if keys != r.told {
			return errOther
		}
		return nil
	})
}

// addKeys adds the statement that reads the keys of the root's rows.
func (r *deletion) addKeys(b *batch, read func(keySum) error) {
	stmt, err := r.Keys()
	key := make([]*string, r.KeyColumns())
	dest := make([]any, len(key))
	for i := range key {
		dest[i] = &key[i]
	}
	b.add(stmt, err, r.Reach.Parts[0].Table, nil, func(rows dialect.Rows) error {
		var keys keySum
		for rows.Next() {
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			keys.n++
			keys.sum += hashOf(key)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return read(keys)
	})
}

var seed = maphash.MakeSeed()

func hashOf(key []*string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, c := range key {
		if c == nil {
			maphash.WriteComparable(&h, -1)
			continue
		}
		maphash.WriteComparable(&h, len(*c))
		_, _ = h.WriteString(*c)
	}
	return h.Sum64()
}

// addRoot adds the statement that takes the root's rows, by which they are counted, or come back.
func (r *deletion) addRoot(b *batch, stmt compile.Statement, err error) {
	count := func(rows dialect.Rows) (err error) {
		r.deleted, err = affected(rows)
		return err
	}
	b.add(stmt, err, r.Reach.Parts[0].Table, nil, nil)
	last := len(b.reads) - 1
	b.reads[last] = count
	if r.back != nil {
		b.stmts[last].Exec, b.reads[last] = false, r.back
	}
}

// noneLeft adds the statement that makes sure that the part's rows went: what pointed at them did. Which rows of a part between they are
// is told by the condition, which others may have further rows of the root meet, unless the root's are held.
func (r *deletion) noneLeft(b *batch, p *graph.Part) {
	done := map[bool]string{false: "deleted", true: "restored"}[r.Restores]
	stmt, err := r.There(p)
	b.add(stmt, err, p.Table, nil, oneValue(func(left int64) error {
		switch {
		case left == 0:
			return nil
		case p != r.Reach.Parts[0] && !r.HoldsRoot():
			return errOther
		}
		rows, are, them := "1 row", "is", "it"
		if left > 1 {
			rows, are, them = fmt.Sprintf("%d rows", left), "are", "them"
		}
		return graph.Problemf(fault.ErrInvalidRow, "%s of %q would be %s, and %s as before: a trigger, a rule or a policy of the database keeps %s so, or "+
			"others wrote %s meanwhile; none was %s", rows, p.Table.Name, done, are, them, them, done)
	}))
}

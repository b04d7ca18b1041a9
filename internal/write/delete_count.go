package write

import (
	"fmt"

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

// lockedRows reads what Lock counts.
func (r *deletion) lockedRows() func(dialect.Rows) error {
	return oneValue(func(n int64) error { r.locked = n; return nil })
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

// noneLeft adds the statement that makes sure that the part's rows went: what pointed at them did.
func (r *deletion) noneLeft(b *batch, p *graph.Part) {
	done := map[bool]string{false: "deleted", true: "restored"}[r.Restores]
	stmt, err := r.There(p)
	b.add(stmt, err, p.Table, nil, oneValue(func(left int64) error {
		if left == 0 {
			return nil
		}
		rows, are, them := "1 row", "is", "it"
		if left > 1 {
			rows, are, them = fmt.Sprintf("%d rows", left), "are", "them"
		}
		return graph.Problemf(fault.ErrInvalidRow, "%s of %q would be %s, and %s as before: a trigger, a rule or a policy of the database keeps %s so, or "+
			"others wrote %s meanwhile; none was %s", rows, p.Table.Name, done, are, them, them, done)
	}))
}

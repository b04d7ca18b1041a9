package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: what comes back of rows that were inserted goes into each of them.

// read puts what comes back into the rows.
func (j *insertJob) read(rows dialect.Rows) error {
	if j.match == matchNone || len(j.back) == 0 {
		n, err := affected(rows)
		if err != nil {
			return err
		}
		return j.complete(int(n))
	}
	place, err := j.places()
	if err != nil {
		return err
	}
	dests := make([]any, 0, len(j.back)+len(j.table.Graph.PrimaryKey))
	n := 0
	for ; rows.Next(); n++ {
		if n == len(j.nodes) {
			return j.complete(n + 1)
		}
		if dests, err = place(rows, dests[:0], n); err != nil {
			return err
		}
		if err := rows.Scan(dests...); err != nil {
			return j.scanError(err)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := j.complete(n); err != nil {
		return err
	}
	return j.checkNumbers()
}

// places returns the function that tells where the n-th row that comes back is scanned to.
func (j *insertJob) places() (func(rows dialect.Rows, dests []any, n int) ([]any, error), error) {
	into := func(dests []any, n *node) []any {
		for _, f := range j.back {
			dests = append(dests, f.Dest(n.row))
		}
		return dests
	}
	if j.match != matchKey {
		return func(_ dialect.Rows, dests []any, n int) ([]any, error) { return into(dests, j.nodes[n]), nil }, nil
	}
	keys, err := newKeyPlaces(j.told, len(j.nodes), func(i int) structs.Row { return j.nodes[i].row })
	if err != nil {
		return nil, err
	}
	first, seen := j.keyDests(keys), make([]bool, len(j.nodes))
	return func(rows dialect.Rows, dests []any, n int) ([]any, error) {
		// The key is scanned by itself first: it says into which row the rest goes.
		if err := rows.Scan(first...); err != nil {
			return nil, j.scanError(err)
		}
		at, ok := keys.scanned()
		if !ok || seen[at] {
			return nil, graph.Problemf(fault.ErrInvalidRow, "the database changed the primary key of a row of %q, so what it made cannot be told "+
				"apart; leave the key to the database, or take away the trigger", j.table.Graph.Name)
		}
		seen[at] = true
		if j.key == nil {
			dests = append(dests, first[:len(j.told.Fields)]...)
		}
		return into(dests, j.nodes[at]), nil
	}, nil
}

// keyDests returns where the columns of a row are scanned to for its key alone.
func (j *insertJob) keyDests(keys *keyPlaces) []any {
	if j.key == nil {
		return append(keys.dests(), make([]any, len(j.back))...)
	}
	dests := make([]any, len(j.back))
	for i, f := range j.back {
		if at := slices.Index(j.key, f); at >= 0 {
			dests[i] = keys.holders[at].Dest()
		}
	}
	return dests
}

// scanError says which field could not be scanned; the primary key is before the columns that are read back, if it is matched.
func (j *insertJob) scanError(err error) error {
	fields := j.back
	if j.match == matchKey && j.key == nil {
		fields = append(j.table.KeyFields(), j.back...)
	}
	return j.table.ScanFailed(j.path, fields, err)
}

// complete refuses a number of rows that is not that of the rows sent, as a trigger may make it.
func (j *insertJob) complete(n int) error {
	if n == len(j.nodes) {
		return nil
	}
	if j.short != nil {
		return j.short
	}
	return graph.Problemf(fault.ErrInvalidRow, "the database inserted %d for the %d rows of %q that were sent; a trigger or a rule keeps some out, "+
		"which cannot be told apart", n, len(j.nodes), j.table.Graph.Name)
}

// checkNumbers refuses keys that were counted in another order than the rows were sent in, so that nobody knows whose they are.
func (j *insertJob) checkNumbers() error {
	if j.match != matchNumber || len(j.nodes) < 2 {
		return nil
	}
	identity, _ := j.table.Graph.Identity()
	field := j.table.Columns[identity.Name]
	keys := dialect.Keys{Kind: dialect.KeyInt}
	for _, n := range j.nodes {
		if _, err := field.AppendKey(&keys, n.row); err != nil {
			return err
		}
	}
	up := keys.Ints[1] > keys.Ints[0]
	for i := 1; i < len(keys.Ints); i++ {
		if keys.Ints[i] == keys.Ints[i-1] || keys.Ints[i] > keys.Ints[i-1] != up {
			return graph.Problemf(fault.ErrInvalidRow, "the database numbered the rows of %q in another order than they were sent in, so their keys cannot "+
				"be told apart; insert them one by one", j.table.Graph.Name)
		}
	}
	return nil
}

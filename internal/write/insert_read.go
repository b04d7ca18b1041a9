package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
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
	key := j.key
	if key == nil {
		key = j.table.KeyFields()
	}
	holders := make([]*structs.Holder, len(key))
	for i, f := range key {
		holders[i] = f.NewHolder()
	}
	byKey := map[string]*node{}
	for _, n := range j.nodes {
		text, err := load.TextOfKey(key, n.row)
		if err != nil {
			return nil, err
		}
		byKey[text] = n
	}
	return func(rows dialect.Rows, dests []any, n int) ([]any, error) {
		// The key is scanned by itself first: it says into which row the rest goes.
		dests = append(dests, j.keyDests(key, holders)...)
		if err := rows.Scan(dests...); err != nil {
			return nil, j.scanError(err)
		}
		dests = dests[:len(dests)-len(j.back)]
		text, err := load.KeyText(key, func(i int, k *dialect.Keys) (bool, error) { return holders[i].AppendKey(k) })
		if err != nil {
			return nil, err
		}
		node := byKey[text]
		if node == nil {
			return nil, graph.Problemf(fault.ErrInvalidRow, "the database changed the primary key of a row of %q, so what it made cannot be told "+
				"apart; leave the key to the database, or take away the trigger", j.table.Graph.Name)
		}
		delete(byKey, text)
		return into(dests, node), nil
	}, nil
}

// keyDests returns where the columns of a row are scanned to for its key alone.
func (j *insertJob) keyDests(key []*structs.Field, holders []*structs.Holder) []any {
	var dests []any
	if j.key == nil {
		for _, h := range holders {
			dests = append(dests, h.Dest())
		}
		return append(dests, make([]any, len(j.back))...)
	}
	for _, f := range j.back {
		if i := slices.Index(key, f); i >= 0 {
			dests = append(dests, holders[i].Dest())
		} else {
			dests = append(dests, nil)
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
	return graph.Problemf(fault.ErrInvalidRow, "the database inserted %d rows of %q for %d that were sent; a trigger or a rule keeps some out, which "+
		"cannot be told apart", n, j.table.Graph.Name, len(j.nodes))
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

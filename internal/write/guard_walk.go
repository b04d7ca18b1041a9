package write

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/levels"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// GUARD: that no row lies below itself (Acyclic) is found out by a walk from the rows that were written to the rows above.

// mostWalks is how many rows' walks go into one statement.
const mostWalks = 500

// belowNoneOf makes sure that the rows do not lie below themselves: none of those that they point at does.
func (w writing) belowNoneOf(t *model.Table, k *graph.ForeignKey, rows []structs.Row) error {
	in, err := w.starts(t, k, rows)
	if err != nil {
		return query.Failure(w.op, err)
	}
	most := mostWalks
	if in != nil {
		most = len(rows)
	}
	for some := range slices.Chunk(rows, most) {
		cyclic, err := w.walk(t, compile.Walk{Key: k, Starts: len(some), In: in}, some)
		if err == nil && cyclic {
			err = &fault.QueryError{Op: w.op, Path: k.Guard.String(), Err: graph.Problemf(fault.ErrCycle, "a row of %q would lie below itself by its %s, and the relation is "+
				"Acyclic; move the rows below it elsewhere first", t.Graph.Name, graph.QuoteAll(k.Columns))}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// starts returns the keys of the rows that rows point at as one list; nil: they are few, or no list has such keys.
func (w writing) starts(t *model.Table, k *graph.ForeignKey, rows []structs.Row) (*plan.InKeys, error) {
	held, key := t.FieldsOf(k.Columns), t.FieldsOf(k.Referenced)
	for i, f := range key {
		if len(rows) <= fewRows || f.Key == dialect.KeyOther || held[i].Key != f.Key {
			return nil, nil
		}
	}
	types, err := w.keyTypes(t, key)
	if err != nil {
		return nil, err
	}
	keys, err := load.CollectKeys(held, types, rows)
	if err != nil {
		return nil, err
	}
	for i := range keys.Columns {
		keys.Columns[i].Column = compile.ColumnOf(t.Graph, k.Referenced[i])
	}
	return &plan.InKeys{Types: types, Keys: keys.Columns}, nil
}

// walk reports whether a walk from the rows that rows point at, to the rows above, comes back to where it began. Nobody else changes
// the way meanwhile: the rows on it are locked where the database locks rows, and the way is walked again until it is one of locked
// rows.
func (w writing) walk(t *model.Table, along compile.Walk, rows []structs.Row) (cyclic bool, err error) {
	stmts, err := w.walks(t, along, rows)
	if err != nil {
		return false, err
	}
	n := len(along.Key.Columns)
	locked := map[string]bool{}
	for {
		again, seen := false, newAscent()
		err := w.send(stmts, slices.Repeat([]*graph.Table{t.Graph}, len(stmts)), func(i int, found dialect.Rows) error {
			if i < len(stmts)-1 {
				return eachTexts(found, n, false, func(texts []string, _ bool) { locked[strings.Join(texts, "\x00")] = true })
			}
			return eachTexts(found, 2*n, true, func(texts []string, begins bool) {
				at := strings.Join(texts[n:], "\x00")
				seen.add(strings.Join(texts[:n], "\x00"), at, begins)
				again = again || len(stmts) > 1 && !locked[at]
			})
		})
		if err != nil || !again {
			return err == nil && seen.comesBack(), err
		}
	}
}

// walks writes the statements of walks: the lock, where the database locks rows, and what finds the way.
func (w writing) walks(t *model.Table, along compile.Walk, rows []structs.Row) ([]dialect.Statement, error) {
	d := w.db.Dialect()
	var err error
	if along.Staying, err = w.staying(t, along.Key, rows); err != nil {
		return nil, err
	}
	above, err := along.Above(d)
	if err != nil {
		return nil, query.Failure(w.op, err)
	}
	args := above.Args
	if along.In == nil {
		args = make([]any, 0, len(rows)*len(along.Key.Columns))
		for _, row := range rows {
			args = appendGiven(args, d, t.Graph, t.FieldsOf(along.Key.Columns), row)
		}
	}
	stay := appendGiven(nil, d, t.Graph, t.FieldsOf(along.Stay()), rows[0])
	args = slices.Concat(args, stay)
	stmts := []dialect.Statement{{SQL: above.SQL, Args: args, Reads: true, Op: w.op, Path: along.Key.Guard.String(), Table: t.Graph.Name}}
	if d.Features().RowLocks {
		lock, err := along.LockAbove(d)
		if err != nil {
			return nil, query.Failure(w.op, err)
		}
		stmts = append([]dialect.Statement{stmts[0]}, stmts...)
		stmts[0].SQL, stmts[0].Reads, stmts[0].Args = lock.SQL, false, slices.Concat(args, stay)
	}
	return stmts, nil
}

// ascent is rows that walks came to, each with those that it came to them from.
type ascent struct {
	numbers map[string]int
	steps   []levels.Need
	starts  []int
}

func newAscent() *ascent { return &ascent{numbers: map[string]int{}} }

func (y *ascent) number(row string) int {
	n, known := y.numbers[row]
	if !known {
		n = len(y.numbers)
		y.numbers[row] = n
	}
	return n
}

// add adds that a walk came from one row to another, or begins there.
func (y *ascent) add(from, at string, begins bool) {
	if begins {
		y.starts = append(y.starts, y.number(at))
		return
	}
	y.steps = append(y.steps, levels.Need{Of: y.number(from), On: y.number(at), Beside: true})
}

// comesBack reports whether a walk comes back to where it began.
func (y *ascent) comesBack() bool {
	order, _ := levels.Of(len(y.numbers), y.steps)
	around := make([]bool, len(y.numbers))
	for _, step := range order.Unkept {
		around[y.steps[step].Of] = true
	}
	return slices.ContainsFunc(y.starts, func(n int) bool { return around[n] })
}

// staying returns the places of columns, such as a tenant's, that the key has in common with what it points at, and that are the same in
// all of the rows: no walk along the key leaves their values. There are none where rows differ in them.
func (w writing) staying(t *model.Table, k *graph.ForeignKey, rows []structs.Row) ([]int, error) {
	var places []int
	var columns []string
	for i, c := range k.Columns {
		if c == k.Referenced[i] {
			places, columns = append(places, i), append(columns, c)
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	key, err := w.key(t, t.FieldsOf(columns), rows...)
	if err != nil {
		return nil, err
	}
	if distinct, err := key.Distinct(rows); err != nil || len(distinct) > 1 {
		return nil, err
	}
	return places, nil
}

// eachTexts reads rows of n texts and, if flagged, a number that says yes or no.
func eachTexts(rows dialect.Rows, n int, flagged bool, each func(texts []string, flag bool)) error {
	texts, flag := make([]string, n), int64(0)
	var dests []any
	for i := range texts {
		dests = append(dests, &texts[i])
	}
	if flagged {
		dests = append(dests, &flag)
	}
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			return err
		}
		each(texts, flag == 1)
	}
	return rows.Err()
}

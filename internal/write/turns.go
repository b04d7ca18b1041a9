package write

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CHANGES of rows that are there, in an order in which what one gives up in a unique key another may take.

// rowChange is a row that is there and gets other values.
type rowChange struct {
	held    structs.Row // as it is
	wanted  structs.Row // as it is to be, in the columns of payload
	payload []*structs.Field
	back    bool // its mark of a soft delete is taken away: it may hold nothing yet, and is not seen
	moving  bool // what it wants is being freed
	moved   bool

	after []*rowChange // that give their rows what it points at
	late  bool         // it points at a row that is not there yet
}

// text writes what a row has in a unique key, as it is or is to be, so that equal ones are equal texts; empty: it has a NULL, and
// meets no other row.
func (c *rowChange) text(key load.Key, wanted bool) (string, error) {
	null := false
	text, err := key.TextOf(func(i int) (string, bool, error) {
		row := c.held
		if wanted && slices.Contains(c.payload, key.Fields[i]) {
			row = c.wanted
		}
		text, ok, err := key.In(i, row)
		null = null || !ok
		return text, ok, err
	})
	if null {
		return "", err
	}
	return text, err
}

// turns writes changes so that each row finds what it wants free: after that which holds it has gone on. Where they wait for each
// other in a circle, one goes aside first.
type turns struct {
	*linking
	t      *model.Table
	keys   []load.Key
	holder []map[string]*rowChange // of each key: by what it has
	taken  []structs.Row           // that are there or wanted

	byAside [][]string // unique keys in which every row goes aside first
	aside   [2]side    // numbers that nobody has or wants: above all of them, and below
	update  writeChange
}

// side is what is known of the numbers of fields, seen from one side.
type side struct {
	last  map[*structs.Field]int64 // the outermost that is held, wanted or taken in between
	asked map[string]bool          // of which rows of the database that has been asked
}

// writeChange writes the UPDATE that gives the row of a change what fields hold in another.
type writeChange func(c *rowChange, set []*structs.Field, values structs.Row) error

// all has the changes written.
func (o *turns) all(keys [][]string, changes []*rowChange) error {
	for i := range o.aside {
		o.aside[i] = side{map[*structs.Field]int64{}, map[string]bool{}}
	}
	for _, key := range keys {
		if fields := o.t.FieldsOf(key); !slices.Contains(fields, nil) {
			key, err := o.key(o.t, fields)
			if err != nil {
				return err
			}
			o.keys, o.holder = append(o.keys, key), append(o.holder, map[string]*rowChange{})
		}
	}
	for _, c := range changes {
		for i, key := range o.keys {
			text, err := c.text(key, false)
			if err != nil {
				return err
			}
			if held := o.holder[i][text]; held == nil || held.back {
				o.holder[i][text] = c
			}
		}
	}
	for _, c := range changes {
		for i, key := range o.keys {
			aside := slices.ContainsFunc(o.byAside, func(names []string) bool { return slices.Equal(names, model.ColumnNames(key.Fields)) })
			free := slices.ContainsFunc(key.Fields, func(f *structs.Field) bool { return slices.Contains(c.payload, f) })
			if !aside || !free {
				continue
			}
			if err := o.stepAside(c, i); err != nil {
				return err
			}
		}
	}
	for _, c := range changes {
		if c.late {
			continue
		}
		if err := o.move(c); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom has late changes step aside whose rows hold what others that are to be inserted want.
func (o *turns) makeRoom(rows []structs.Row) error {
	for _, row := range rows {
		for i, key := range o.keys {
			text, err := (&rowChange{held: row}).text(key, false)
			if err != nil {
				return err
			}
			if held := o.holder[i][text]; text != "" && held != nil && held.late {
				if err := o.stepAside(held, i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// rest writes the late changes.
func (o *turns) rest(changes []*rowChange) error {
	late := slices.DeleteFunc(slices.Clone(changes), func(c *rowChange) bool { return !c.late })
	for _, c := range late {
		c.late = false
	}
	for _, c := range late {
		if err := o.move(c); err != nil {
			return err
		}
	}
	return nil
}

// move writes the change of a row, after the changes of those that hold what it wants.
func (o *turns) move(c *rowChange) error {
	if c.moved {
		return nil
	}
	c.moving = true
	for _, other := range c.after {
		if other.moving {
			continue
		}
		if err := o.move(other); err != nil {
			return err
		}
	}
	for i, key := range o.keys {
		text, err := c.text(key, true)
		if err != nil {
			return err
		}
		other := o.holder[i][text]
		switch {
		case text == "" || other == nil || other == c || other.moved:
		case other.moving, other.late:
			err = o.stepAside(other, i)
		default:
			err = o.move(other)
		}
		if err != nil {
			return err
		}
	}
	c.moved = true
	return o.update(c, c.payload, c.wanted)
}

// stepAside gives a row a value that no row has or wants in a column of a key, for as long as another takes what it had.
func (o *turns) stepAside(c *rowChange, key int) error {
	free := func(f *structs.Field) bool { return slices.Contains(c.payload, f) }
	at := structs.NewSlab(o.t.Layout, 1).New()
	field := inBetween(o.t, o.keys[key].Fields, free)
	switch {
	case field != nil && becomesNull(o.t, field):
	case field != nil:
		if err := o.number(c, field, at); err != nil {
			return err
		}
	default:
		names := model.ColumnNames(o.keys[key].Fields)
		return graph.Problemf(fault.ErrUnsupported, "rows exchange their values in a unique key of %q (%s), which takes a value in between: an "+
			"integer, or NULL; make one of the columns so, or unlink one of the rows first", o.t.Graph.Name, strings.Join(names, ", "))
	}
	o.stoodAside = true
	err := o.update(c, []*structs.Field{field}, at)
	for i, k := range o.keys {
		if !slices.Contains(k.Fields, field) {
			continue
		}
		text, textErr := c.text(k, false)
		err = errors.Join(err, textErr)
		delete(o.holder[i], text)
	}
	return err
}

// inBetween returns the one of the fields, among those that are free, that can take a value which no row has: NULL, or else a number; nil:
// there is none.
func inBetween(t *model.Table, key []*structs.Field, free func(*structs.Field) bool) (number *structs.Field) {
	for _, f := range key {
		switch {
		case !free(f):
		case becomesNull(t, f):
			return f
		case number == nil && f.Class == structs.ClassInteger:
			number = f
		}
	}
	return number
}

func becomesNull(t *model.Table, f *structs.Field) bool {
	c, ok := t.Graph.Column(f.Column)
	return ok && c.Nullable && !c.NotNull
}

// number gives the field of a row a number for the row of a change, one beyond those of all rows that may meet that in a unique key.
func (o *turns) number(c *rowChange, f *structs.Field, at structs.Row) error {
	err := errors.New("there is none of 64 bits")
	for i := range o.aside {
		last := o.aside[i].last
		if err := o.outermost(c, f, i); err != nil {
			return err
		}
		if last[f] == math.MaxInt64 {
			continue
		}
		if err = f.AssignValue(at, seenFrom(i, last[f]+1)); err == nil {
			last[f]++
			return nil
		}
	}
	return graph.Problemf(fault.ErrInvalidRow, "column %q has no number left for rows that exchange theirs: %w", f.Column, err)
}

// seenFrom is a number seen from a side, from which those farther out are greater; and back.
func seenFrom(side int, n int64) int64 {
	if side > 0 {
		return ^n
	}
	return n
}

// outermost learns which number of a field is the outermost on a side: of the rows that are written, and of those of the database that the
// row of a change may meet in a unique key, whosever they are and whether a scope shows them or not.
func (o *turns) outermost(c *rowChange, f *structs.Field, i int) error {
	of := o.aside[i]
	learn := func(rows []structs.Row) error {
		numbers := dialect.Keys{Kind: dialect.KeyInt}
		for _, row := range rows {
			if _, err := f.AppendKey(&numbers, row); err != nil {
				return err
			}
		}
		for _, n := range numbers.Ints {
			if last, ok := of.last[f]; !ok || seenFrom(i, n) > last {
				of.last[f] = seenFrom(i, n)
			}
		}
		return nil
	}
	if _, ok := of.last[f]; !ok {
		if err := learn(o.taken); err != nil {
			return err
		}
	}
	for _, key := range o.keys {
		if !slices.Contains(key.Fields, f) {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(key.Fields), func(other *structs.Field) bool { return other == f })
		text, err := c.text(load.KeyOf(o.db, o.t, others), false)
		name := strings.Join(model.ColumnNames(append(others, f)), " ") + ": " + text
		if err != nil || text == "" && len(others) > 0 || of.asked[name] {
			if err != nil {
				return err
			}
			continue
		}
		of.asked[name] = true
		found, err := o.group(others, c.held, f, []string{" DESC NULLS LAST", " ASC NULLS LAST"}[i])
		if err == nil {
			err = learn(found)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// group reads the row that is the first in an order of a field among those that have the others as in a row; none if there is no such.
func (o *turns) group(others []*structs.Field, row structs.Row, f *structs.Field, order string) ([]structs.Row, error) {
	q := query.Select(o.t)
	if len(others) > 0 {
		is, err := equalTo(others, row)
		if err != nil {
			return nil, err
		}
		q = q.Filtered(is)
	}
	if names := o.registry.Rules.Names(o.t.Graph, nil); len(names) > 0 {
		q = q.Unscoped(names)
	}
	return o.read(q.Columns(f.Column).OrderBy(f.Column+order).Limit(1), "")
}

// checkOfAside says of a CHECK that it may have refused the value that a row goes by in between, where one does.
func (l *linking) checkOfAside(err error, t *graph.Table) {
	var refused *fault.ConstraintError
	if l.stoodAside && errors.As(err, &refused) && refused.Kind == fault.CheckConstraint && refused.Table == t.Name && refused.How == "" {
		refused.How = "where rows exchange their values in a unique key, one of them goes by NULL or, where its column holds none, by a number beyond all that there are, " +
			"which this may be about: have it allow such a number, make the column one that can be NULL, or take one of the rows away by a call before"
	}
}

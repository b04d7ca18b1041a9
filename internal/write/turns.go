package write

import (
	"errors"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CHANGES of rows that are there, in an order in which what one gives up in a unique key another may take.

// rowChange is a row that is there and gets other values.
type rowChange struct {
	held    structs.Row // as it is
	wanted  structs.Row // as it is to be, in the columns of payload
	payload []*structs.Field
	moving  bool // what it wants is being freed
	moved   bool
}

// text writes what a row has in a unique key, as it is or is to be, so that equal ones are equal texts; empty: it has a NULL, and
// meets no other row.
func (c *rowChange) text(key []*structs.Field, wanted bool) (string, error) {
	null := false
	text, err := load.KeyText(key, func(i int, keys *dialect.Keys) (bool, error) {
		row := c.held
		if wanted && slices.Contains(c.payload, key[i]) {
			row = c.wanted
		}
		ok, err := key[i].AppendKey(keys, row)
		null = null || !ok
		return ok, err
	})
	if null {
		return "", err
	}
	return text, err
}

// turns writes changes so that each row finds what it wants free: after that which holds it has gone on. Where they wait for each
// other in a circle, one goes aside first.
type turns struct {
	t      *model.Table
	keys   [][]*structs.Field
	holder []map[string]*rowChange // of each key: by what it has
	taken  []structs.Row           // that are there or wanted

	byAside [][]string               // unique keys in which every row goes aside first
	aside   map[*structs.Field]int64 // the last number that nobody has or wants
	write   writeChange
}

// writeChange writes the UPDATE that gives the row of a change what fields hold in another.
type writeChange func(c *rowChange, set []*structs.Field, values structs.Row) error

// writeInTurn has the changes written in their turns. keys are the unique keys that two of the rows can meet in, taken the rows that
// are there or wanted.
func writeInTurn(t *model.Table, keys [][]string, taken []structs.Row, changes []*rowChange, write writeChange) error {
	o := turns{t: t, taken: taken, write: write}
	return o.all(keys, changes)
}

// all has the changes written.
func (o *turns) all(keys [][]string, changes []*rowChange) error {
	o.aside = map[*structs.Field]int64{}
	for _, key := range keys {
		fields := make([]*structs.Field, len(key))
		for i, name := range key {
			fields[i] = o.t.Columns[name]
		}
		if !slices.Contains(fields, nil) {
			o.keys, o.holder = append(o.keys, fields), append(o.holder, map[string]*rowChange{})
		}
	}
	for _, c := range changes {
		for i, key := range o.keys {
			text, err := c.text(key, false)
			if err != nil {
				return err
			}
			o.holder[i][text] = c
		}
	}
	for _, c := range changes {
		for i, key := range o.keys {
			aside := slices.ContainsFunc(o.byAside, func(names []string) bool { return slices.Equal(names, model.ColumnNames(key)) })
			free := slices.ContainsFunc(key, func(f *structs.Field) bool { return slices.Contains(c.payload, f) })
			if !aside || !free {
				continue
			}
			if err := o.stepAside(c, i); err != nil {
				return err
			}
		}
	}
	for _, c := range changes {
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
	for i, key := range o.keys {
		text, err := c.text(key, true)
		if err != nil {
			return err
		}
		other := o.holder[i][text]
		switch {
		case text == "" || other == nil || other == c || other.moved:
		case other.moving:
			err = o.stepAside(other, i)
		default:
			err = o.move(other)
		}
		if err != nil {
			return err
		}
	}
	c.moved = true
	return o.write(c, c.payload, c.wanted)
}

// stepAside gives a row a value that no row has or wants in a column of a key, for as long as another takes what it had.
func (o *turns) stepAside(c *rowChange, key int) error {
	free := func(f *structs.Field) bool { return slices.Contains(c.payload, f) }
	var value any
	field := inBetween(o.t, o.keys[key], free)
	switch {
	case field != nil && becomesNull(o.t, field):
	case field != nil:
		if err := o.next(field); err != nil {
			return err
		}
		value = o.aside[field]
	default:
		names := model.ColumnNames(o.keys[key])
		return graph.Problemf(fault.ErrUnsupported, "rows exchange their values in a unique key of %q (%s), which takes a value in between: an "+
			"integer, or NULL; make one of the columns so, or unlink one of the rows first", o.t.Graph.Name, strings.Join(names, ", "))
	}
	at := structs.NewSlab(o.t.Layout, 1).New()
	if value != nil {
		if err := field.AssignValue(at, value); err != nil {
			return graph.Problemf(fault.ErrInvalidRow, "column %q has no number left for rows that exchange theirs: %w", field.Column, err)
		}
	}
	err := o.write(c, []*structs.Field{field}, at)
	for i, k := range o.keys {
		if !slices.Contains(k, field) {
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

// next makes the number for a field that nobody has or wants: one beyond all of them.
func (o *turns) next(f *structs.Field) error {
	if _, ok := o.aside[f]; !ok {
		numbers := dialect.Keys{Kind: dialect.KeyInt}
		for _, row := range o.taken {
			if _, err := f.AppendKey(&numbers, row); err != nil {
				return err
			}
		}
		o.aside[f] = slices.Max(numbers.Ints)
	}
	o.aside[f]++
	return nil
}

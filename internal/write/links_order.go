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

// LINKS of a join table with unique keys beside that of its links, such as one position in each list: what one link gives up another
// may take, so that the order of the keys of links is not the order in which they can be written.

// otherKeys returns the unique keys that are declared of the join table and that two different links may meet in.
func (k *throughLinks) otherKeys() [][]string {
	link := k.relation.LinkKey(model.ColumnNames(k.own()))
	var keys [][]string
	for _, t := range k.registry.Tables {
		if !t.Graph.Same(k.t.Graph) {
			continue
		}
		for _, key := range t.Graph.Uniques {
			if slices.ContainsFunc(link, func(c string) bool { return !slices.Contains(key, c) }) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// replace replaces the links. A unique key that is not declared is learned of when it refuses a link, and all is done again in the order
// that it needs.
func (k *throughLinks) replace() (Diff, error) {
	outside, began := k.writing, k.began
	for {
		d, err := allOrNone(k.linking, k.replaced)
		if err == nil || !k.learns(err) {
			return d, err
		}
		k.writing, k.began = outside, began
	}
}

// learns reports whether the error is of a unique key that was not known.
func (k *throughLinks) learns(err error) bool {
	var e *fault.ConstraintError
	if !errors.As(err, &e) || e.Kind != fault.UniqueConstraint {
		return false
	}
	known := len(e.Columns) == 0 || slices.ContainsFunc(k.others, func(key []string) bool { return slices.Equal(key, e.Columns) })
	if known && k.removesFirst {
		return k.stepsAside(e.Columns)
	}
	if !known {
		k.others = append(k.others, e.Columns)
	}
	k.removesFirst = true
	return true
}

// stepsAside notes that a unique key, or any if it is not told, refuses a link although all were moved in order: the database finds
// values equal that are not so in Go, as a time that it cuts to its day. All changed links then go aside in it first, where there is a
// value to take in between. It reports whether that is new.
func (k *throughLinks) stepsAside(refused []string) bool {
	n := len(k.byAside)
	for _, key := range k.others {
		may := slices.ContainsFunc(key, func(name string) bool {
			f := k.t.Columns[name]
			return f != nil && !slices.Contains(k.own(), f) && (f.Class == structs.ClassInteger || k.becomesNull(f))
		})
		known := slices.ContainsFunc(k.byAside, func(o []string) bool { return slices.Equal(o, key) })
		if may && !known && (len(refused) == 0 || slices.Equal(refused, key)) {
			k.byAside = append(k.byAside, key)
		}
	}
	return len(k.byAside) > n
}

// linkChange is a link that is there and gets other values.
type linkChange struct {
	linkEntry
	held    structs.Row // as it is
	payload []*structs.Field
	moving  bool // what it wants is being freed
	moved   bool
}

// text writes what a link has in a unique key, as it is or is to be, so that equal ones are equal texts; empty: it has a NULL, and
// meets no other link.
func (c *linkChange) text(key []*structs.Field, wanted bool) (string, error) {
	null := false
	text, err := load.KeyText(key, func(i int, keys *dialect.Keys) (bool, error) {
		row := c.held
		if wanted && slices.Contains(c.payload, key[i]) {
			row = c.link
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

// linkChanges writes changes so that each link finds what it wants free: after that which holds it has gone on. Where they wait for
// each other in a circle, one goes aside first.
type linkChanges struct {
	*throughLinks
	changes []*linkChange
	keys    [][]*structs.Field
	holder  []map[string]*linkChange // of each key: by what it has
	steps   []step
	aside   map[*structs.Field]int64 // the last number that nobody has or wants
}

// changed writes the UPDATEs of links.
func (k *throughLinks) changed(changes []*linkChange) ([]step, error) {
	o := linkChanges{throughLinks: k, changes: changes, aside: map[*structs.Field]int64{}}
	for _, key := range k.others {
		fields := make([]*structs.Field, len(key))
		for i, name := range key {
			fields[i] = k.t.Columns[name]
		}
		if !slices.Contains(fields, nil) {
			o.keys, o.holder = append(o.keys, fields), append(o.holder, map[string]*linkChange{})
		}
	}
	for _, c := range changes {
		for i, key := range o.keys {
			text, err := c.text(key, false)
			if err != nil {
				return nil, err
			}
			o.holder[i][text] = c
		}
	}
	for _, c := range changes {
		for i := range o.keys {
			aside := slices.ContainsFunc(k.byAside, func(key []string) bool { return slices.Equal(key, model.ColumnNames(o.keys[i])) })
			free := slices.ContainsFunc(o.keys[i], func(f *structs.Field) bool { return slices.Contains(c.payload, f) })
			if !aside || !free {
				continue
			}
			if err := o.stepAside(c, i); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range changes {
		if err := o.move(c); err != nil {
			return nil, err
		}
	}
	return o.steps, nil
}

// move writes the change of a link, after the changes of those that hold what it wants.
func (o *linkChanges) move(c *linkChange) error {
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
	stmt, err := o.change(c.payload, c.linkEntry)
	o.steps = append(o.steps, step{stmt: stmt})
	c.moved = true
	return err
}

// stepAside gives a link a value that no link has or wants in a column of a key, for as long as another takes what it had.
func (o *linkChanges) stepAside(c *linkChange, key int) error {
	free := func(f *structs.Field) bool { return slices.Contains(c.payload, f) }
	var field *structs.Field
	var value any
	if i := slices.IndexFunc(o.keys[key], func(f *structs.Field) bool { return free(f) && o.becomesNull(f) }); i >= 0 {
		field = o.keys[key][i]
	} else if i := slices.IndexFunc(o.keys[key], func(f *structs.Field) bool { return free(f) && f.Class == structs.ClassInteger }); i >= 0 {
		field = o.keys[key][i]
		if err := o.next(field); err != nil {
			return err
		}
		value = o.aside[field]
	} else {
		names := model.ColumnNames(o.keys[key])
		return graph.Problemf(fault.ErrUnsupported, "links exchange their values in a unique key of %q (%s), which takes a value in between: an "+
			"integer, or NULL; make one of the columns so, or unlink one of the rows first", o.t.Graph.Name, strings.Join(names, ", "))
	}
	at := structs.NewSlab(o.t.Layout, 1).New()
	for _, f := range o.own() {
		_ = f.Assign(at, f, c.link) // the same field holds it
	}
	if value != nil {
		if err := field.AssignValue(at, value); err != nil {
			return graph.Problemf(fault.ErrInvalidRow, "column %q has no number left for links that exchange theirs: %w", field.Column, err)
		}
	}
	stmt, err := o.change([]*structs.Field{field}, linkEntry{link: at})
	o.steps = append(o.steps, step{stmt: stmt})
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

func (k *throughLinks) becomesNull(f *structs.Field) bool {
	c, ok := k.t.Graph.Column(f.Column)
	return ok && c.Nullable && !c.NotNull
}

// next makes the number for a field that nobody has or wants: one beyond all of them.
func (o *linkChanges) next(f *structs.Field) error {
	if _, ok := o.aside[f]; !ok {
		numbers := dialect.Keys{Kind: dialect.KeyInt}
		for _, row := range o.there {
			if _, err := f.AppendKey(&numbers, row); err != nil {
				return err
			}
		}
		for _, e := range o.entries {
			if _, err := f.AppendKey(&numbers, e.link); err != nil {
				return err
			}
		}
		o.aside[f] = slices.Max(numbers.Ints)
	}
	o.aside[f]++
	return nil
}

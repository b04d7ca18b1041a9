package oracle_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dovetail-go/dovetail"
)

// checkSingle: First, One and Get return the rows that All would, or say why there is none.
func (c *oraCase) checkSingle(rows []reflect.Value, _ []*oraRow) error {
	if len(c.spec.table.key) == 0 {
		return nil
	}
	bare := *c.spec
	bare.preloads, bare.part = nil, true
	q := bare.build()
	ordered := bare
	ordered.order = slices.Clone(bare.order)
	for _, k := range bare.missingKey() {
		ordered.order = append(ordered.order, oraOrderTerm{ref: oraRef{col: k}})
	}
	want := c.data.run(&ordered, c.data.rows[c.spec.table])
	first, err := q.first(c.ctx, c.d.DB)
	if c.spec.before != nil {
		if !errors.Is(err, dovetail.ErrInvalidQuery) {
			return fmt.Errorf("First with Before: expected ErrInvalidQuery, got %v", err)
		}
	} else if err := c.single("First", first, err, want[:min(1, len(want))]); err != nil {
		return err
	}
	c.meet("first", len(want) > 1)
	one, err := q.one(c.ctx, c.d.DB)
	if err := c.single("One", one, err, want); err != nil {
		return err
	}
	c.meet("one", len(want) == 1)
	if c.spec.limit >= 0 || c.spec.offset >= 0 || len(c.data.rows[c.spec.table]) == 0 {
		return nil // Get would look among the rows before the limit
	}
	wanted := oraPick(c.g, c.data.rows[c.spec.table])
	var key []any
	for _, k := range c.spec.table.key {
		key = append(key, wanted.vals[c.spec.table.index(k)])
	}
	var found []*oraRow
	for _, row := range want {
		if row == wanted {
			found = append(found, row)
		}
	}
	got, err := q.get(c.ctx, c.d.DB, key)
	c.meet("get", len(found) == 1)
	return c.single("Get", got, err, found)
}

// single compares the answer of a method that returns one row with the rows that there are.
func (c *oraCase) single(method string, got reflect.Value, err error, want []*oraRow) error {
	switch {
	case len(want) == 0 && !errors.Is(err, dovetail.ErrNoRows):
		return fmt.Errorf("%s: expected ErrNoRows, got %v", method, err)
	case len(want) > 1 && !errors.Is(err, dovetail.ErrTooManyRows):
		return fmt.Errorf("%s: expected ErrTooManyRows for %d rows, got %v", method, len(want), err)
	case len(want) != 1:
		return nil
	case err != nil:
		return fmt.Errorf("%s failed: %w", method, err)
	}
	if text := oraStructText(c.spec.table, got.Elem()); text != want[0].text() {
		return oraMismatch(method+" and the only row", text, want[0].text())
	}
	return nil
}

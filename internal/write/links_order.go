package write

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS of a join table with unique keys beside that of its links, such as one position in each list: what one link gives up another
// may take, so that the order of the keys of links is not the order in which they can be written.

// otherKeys returns the unique keys that are declared of the join table and that two different links may meet in.
func (k *throughLinks) otherKeys() [][]string {
	return slices.DeleteFunc(k.uniques(k.t), func(key []string) bool {
		return !slices.ContainsFunc(k.told, func(c string) bool { return !slices.Contains(key, c) })
	})
}

// uniques returns the unique keys that are declared of the table, in any of its bindings.
func (w writing) uniques(of *model.Table) [][]string {
	var keys [][]string
	for _, t := range w.registry.Tables {
		if t.Graph.Same(of.Graph) {
			keys = append(keys, t.Graph.Uniques...)
		}
	}
	return keys
}

// replace replaces the links. What is not known of the join table is learned of when it refuses a link.
func (k *throughLinks) replace() (Diff, error) { return untilKnown(k, k.replaced, k.learns) }

// untilKnown does what a call does in one transaction, and all of it again for as long as its error teaches something.
func untilKnown[R any](k *throughLinks, do func() (R, error), learns func(error) bool) (R, error) {
	outside, began, entries := k.writing, k.began, k.entries
	for {
		result, err := allOrNone(k.linking, do)
		if err == nil && len(k.refused) > 0 {
			k.remember(k.told)
		}
		if err == nil || !learns(err) {
			return result, err
		}
		k.writing, k.began, k.entries = outside, began, entries
	}
}

// learns reports whether the error is of what was not known: a unique key that needs an order, or a link that is there and not seen.
func (k *throughLinks) learns(err error) bool {
	key, refused := refusedKey(err)
	if !refused {
		return k.looksAgain(err)
	}
	known := !learned(&k.others, key)
	if known && k.removesFirst {
		return k.mayBringBack() && k.looks() || k.stepsAside(key)
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
		may := inBetween(k.t, k.t.FieldsOf(key), func(f *structs.Field) bool { return f != nil && !slices.Contains(k.own(), f) }) != nil
		known := slices.ContainsFunc(k.byAside, func(o []string) bool { return slices.Equal(o, key) })
		if may && !known && (len(refused) == 0 || slices.Equal(refused, key)) {
			k.byAside = append(k.byAside, key)
		}
	}
	return len(k.byAside) > n
}

// refusedKey returns the columns of the unique key that refused a row, as far as the database names them, and whether one did.
func refusedKey(err error) ([]string, bool) {
	var e *fault.ConstraintError
	if !errors.As(err, &e) || e.Kind != fault.UniqueConstraint {
		return nil, false
	}
	return e.Columns, true
}

// learned adds a unique key to those that are known, and reports whether it was not.
func learned(keys *[][]string, key []string) bool {
	if len(key) == 0 || containsKey(*keys, key) {
		return false
	}
	*keys = append(*keys, key)
	return true
}

// change writes the UPDATEs of links, but of those that point at links which are to be inserted; they are the rest of the order.
func (s *linkSteps) change() (*turns, error) {
	o := &turns{linking: s.linking, t: s.t, taken: slices.Concat(s.there, s.links()), byAside: s.byAside}
	o.update = func(c *rowChange, set []*structs.Field, values structs.Row) error {
		stmt, err := s.throughLinks.change(set, values, c)
		s.steps = append(s.steps, step{stmt: stmt, want: 1, backs: c.back && values == c.wanted})
		return err
	}
	missing := make([]structs.Row, len(s.missing))
	for i, e := range s.missing {
		missing[i] = e.link
	}
	s.behind(s.t, s.changes, missing)
	if err := o.all(s.others, s.changes); err != nil {
		return o, err
	}
	return o, o.makeRoom(missing)
}

package write

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS that a Replace finds in a join table, and those that it is to leave there: the steps from these to those.

// difference compares the links that are there with those that are wanted, and writes the statements that make them so.
func (k *throughLinks) difference(there []structs.Row) (Diff, []step, error) {
	s := linkSteps{throughLinks: k}
	unseen, err := k.unseen()
	if err != nil {
		return Diff{}, nil, err
	}
	keys, err := k.linkKey(k.order(), slices.Concat(k.links(), there, unseen))
	if err != nil {
		return Diff{}, nil, err
	}
	hidden, known := map[string]structs.Row{}, map[string]structs.Row{}
	for i, link := range slices.Concat(unseen, there) {
		text, err := keys.Text(link)
		if err != nil {
			return Diff{}, nil, err
		}
		if i < len(unseen) {
			hidden[text] = link
		} else {
			known[text] = link
		}
	}
	for _, e := range k.entries {
		text, err := keys.Text(e.link)
		if err != nil {
			return Diff{}, nil, err
		}
		if known[text] == nil {
			s.added = append(s.added, e.link)
		}
	}
	all := append(k.links(), there...)
	places, err := k.placesOf(all) // of a link that is wanted and there, that which is wanted
	if err != nil {
		return Diff{}, nil, err
	}
	for _, i := range places {
		if i >= len(k.entries) {
			s.remove(all[i])
			continue
		}
		e := k.entries[i]
		text, err := keys.Text(e.link)
		if err != nil {
			return Diff{}, nil, err
		}
		payload := k.payload(e)
		held, ok := known[text]
		if !ok {
			s.add(e, hidden[text])
		} else if differs, err := k.differs(payload, held, e.link); err != nil {
			return Diff{}, nil, err
		} else if differs {
			s.update(&rowChange{held: held, wanted: e.link, payload: payload}, e.row)
		}
	}
	s.flush()
	return s.diff, s.steps, s.err
}

// differs reports whether a link that is there has something else than it is to have.
func (k *throughLinks) differs(payload []*structs.Field, held, wanted structs.Row) (bool, error) {
	for _, f := range payload {
		if same, err := k.sameStored(k.t, f, held, wanted); err != nil || !same {
			return !same, err
		}
	}
	return false, nil
}

// linkSteps are the statements of a difference. They write to links in the order of the keys, whatever they do to each: links
// that follow each other are one statement if the same is done to them. Whoever links or unlinks at the same time keeps that
// order too, so that no two wait for each other. Where what one link gives up another may take, links are removed first, then
// changed, then added; those who link and unlink wait for each other at the owner.
type linkSteps struct {
	*throughLinks
	diff    Diff
	steps   []step
	err     error
	added   []structs.Row // that are wanted and not there, which no removal takes
	gone    []structs.Row // to be deleted next
	changes []*rowChange  // to be changed next
	missing []linkEntry   // to be inserted next
}

// then says that something else is done to the next link than to those before it that wait.
func (s *linkSteps) then(other bool) {
	if other && !s.removesFirst {
		s.flush()
	}
}

// add has a link inserted or, where it is there and was not seen, brought back: what it gives up on the way others may take.
func (s *linkSteps) add(e linkEntry, hidden structs.Row) {
	s.diff.Added = append(s.diff.Added, e.row)
	switch {
	case hidden == nil:
		s.then(len(s.gone)+len(s.changes) > 0)
		s.missing = append(s.missing, e)
	case e.given:
		s.then(len(s.gone)+len(s.missing) > 0)
		s.changes = append(s.changes, &rowChange{held: hidden, wanted: e.link, payload: s.returning(e), back: true})
	}
}

func (s *linkSteps) remove(link structs.Row) {
	s.then(len(s.missing)+len(s.changes) > 0)
	s.gone = append(s.gone, link)
	row := structs.NewSlab(s.to.Layout, 1).New()
	for _, p := range s.far {
		s.err = errors.Join(s.err, p.Referenced.Assign(row, p.Holder, s.facing(s.way, []structs.Row{link})[0]))
	}
	if n := len(s.diff.Removed); n == 0 || !s.to.Same(s.diff.Removed[n-1], row) {
		s.diff.Removed = append(s.diff.Removed, row)
	}
}

func (s *linkSteps) update(c *rowChange, of structs.Row) {
	s.then(len(s.gone)+len(s.missing) > 0)
	s.changes = append(s.changes, c)
	if n := len(s.diff.Changed); n == 0 || s.diff.Changed[n-1] != of {
		s.diff.Changed = append(s.diff.Changed, of)
	}
}

func (s *linkSteps) flush() {
	if len(s.gone) > 0 {
		removed, err := s.removes(s.gone, s.added)
		s.steps, s.err = append(s.steps, removed), errors.Join(s.err, err)
	}
	changed, err := s.changed(s.changes)
	s.steps, s.err = append(s.steps, changed...), errors.Join(s.err, err)
	stmts, err := s.inserts(s.missing)
	for _, stmt := range stmts {
		s.steps = append(s.steps, step{stmt: stmt})
	}
	s.err = errors.Join(s.err, err)
	s.gone, s.changes, s.missing = nil, nil, nil
}

package write

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS that a Replace finds in a join table, and those that it is to leave there: the steps from these to those.

func (k *throughLinks) replaced() (Diff, error) {
	ends, err := k.lockEnds()
	if err != nil {
		return Diff{}, err
	}
	if err := k.checkFar(k.relation, k.linking.Rows); err != nil {
		return Diff{}, err
	}
	q, err := k.linksOfOwner(nil)
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	q = q.OrderBy(model.ColumnNames(k.order())...)
	if !slices.ContainsFunc(k.entries, func(e linkEntry) bool { return e.given }) {
		q = q.Columns(namesOnce(k.keys())...)
	}
	lock := "" // the owner's is enough, and a link that was locked here would be locked out of order
	if k.removesFirst {
		lock = forUpdate
	}
	if k.there, err = k.read(q, lock); err != nil {
		return Diff{}, err
	}
	k.there = slices.DeleteFunc(k.there, k.leadsNowhere)
	if err := k.arrange(ends, k.there); err != nil {
		return Diff{}, err
	}
	d, steps, err := k.difference(k.there)
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	affected, err := k.take(steps, k.t.Graph)
	if err != nil {
		return Diff{}, err
	}
	if err = k.done(d, steps, affected); err == nil {
		err = k.guardLinks()
	}
	return d, err
}

// done makes sure that the steps of a difference have done what it says: others may have linked or unlinked the same rows since the links were
// read. Rows that were to be added, and that no step is about, come back.
func (k *throughLinks) done(d Diff, steps []step, affected []int64) error {
	added := int64(len(d.Added))
	for i, s := range steps {
		switch {
		case s.adds:
			added -= affected[i]
		case affected[i] < s.want:
			return &fault.QueryError{Op: k.op, Err: &goneLink{notWritten(k.t.Graph)}}
		case s.backs:
			added--
		}
	}
	if len(d.Added) == 0 {
		return nil
	}
	all, adds := k.entries, map[structs.Row]bool{}
	for _, row := range d.Added {
		adds[row] = true
	}
	k.entries = slices.DeleteFunc(slices.Clone(all), func(e linkEntry) bool { return !adds[e.row] }) // the others are their own affair
	back, err := k.bringBack(0)
	k.entries = all
	if err == nil && added > back {
		err = &fault.QueryError{Op: k.op, Err: &goneLink{notWritten(k.t.Graph)}}
	}
	return err
}

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
		removed.want = int64(len(s.gone))
		s.steps, s.err = append(s.steps, removed), errors.Join(s.err, err)
	}
	order, err := s.change()
	s.err = errors.Join(s.err, err)
	added, err := s.inserts(s.missing, true)
	s.steps = append(s.steps, added...)
	s.err = errors.Join(s.err, err, order.rest(s.changes))
	s.gone, s.changes, s.missing = nil, nil, nil
}

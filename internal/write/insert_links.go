package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: the rows of join tables, between rows that are inserted and those that they are linked to.

// newPair is the row of a symmetric relation's join table, whose keys are put into order when those of both its rows are known.
type newPair struct {
	relation *graph.Relation
	node     int
	ends     [2]structs.Row
}

// link adds the row of a join table, between the owner and a row that is related or, if it is not inserted, there already.
func (u *unit) link(owner, related int, row structs.Row, b *branch, entry *structs.Entry) error {
	r, t := b.relation, u.registry.TableOf(b.relation.Link)
	made, done, err := u.newLink(u.nodes[owner].row, row, r, entry)
	if err != nil || done {
		return err
	}
	n := u.node(t, made, b.link)
	if err := u.fix(u.nodes[n], r.Demands(0), byRelation(r)); err != nil {
		return err
	}
	steps := r.Steps
	if turned := r.Turned(); turned != nil {
		ends := [2]structs.Row{u.nodes[owner].row, row}
		switch first, second := u.keyed(made, steps, ends), u.keyed(made, turned, ends); {
		case second && !first:
			steps = turned
		case !first:
			u.pairs = append(u.pairs, newPair{r, n, ends})
		}
	}
	u.addNeed(r, steps[0], owner, n)
	if related >= 0 {
		u.addNeed(r, steps[1], n, related)
		return u.fix(u.nodes[related], r.Rules.Own, byRelation(r))
	}
	u.there = append(u.there, thereRow{r, row})
	return u.fillFrom(r, steps[1], u.nodes[n], row)
}

// newLink returns the row of a join table between two rows, and whether it is made already: two ends of one relation may ask for the same.
func (u *unit) newLink(owner, row structs.Row, r *graph.Relation, entry *structs.Entry) (made structs.Row, done bool, err error) {
	near, far := r.Steps[0].On[0].To, r.Steps[1].On[0].From
	if r.Turned() != nil {
		far = near // a pair has two ends alike
	}
	made = u.links[linkKey{r.Link, owner, row, near}]
	if made == nil {
		made = u.links[linkKey{r.Link, row, owner, far}]
	}
	switch {
	case made != nil && entry == nil:
		return made, true, nil
	case made != nil && r.Turned() != nil && entry.Link != nil && entry.Link != made:
		return nil, false, graph.Problemf(fault.ErrInvalidRow, "relation %q: both rows of a pair hold a link of %q to each other, and the pair has one; "+
			"let both hold the same, or leave it out of one", r.String(), r.Link.Name)
	case made != nil && r.Turned() != nil:
		u.linkOf(entry, made)
		return made, true, nil
	}
	made = structs.NewSlab(u.registry.TableOf(r.Link).Layout, 1).New()
	if entry != nil && entry.Link != nil {
		made = entry.Link
	} else if entry != nil {
		u.linkOf(entry, made)
	}
	u.links[linkKey{r.Link, owner, row, near}] = made
	return made, false, nil
}

// linkOf gives an entry its link, until the insertion fails.
func (u *unit) linkOf(entry *structs.Entry, link structs.Row) {
	before := entry.Link
	entry.SetLink(link)
	u.undo = append(u.undo, func() { entry.SetLink(before) })
}

// keyed reports whether a link has a key of one of its ends already, and none that is another row's.
func (u *unit) keyed(link structs.Row, steps []graph.Step, ends [2]structs.Row) bool {
	some := false
	for i, end := range ends {
		from, to := u.registry.TableOf(steps[1].Table), u.registry.TableOf(steps[0].Table)
		pairs := model.KeyPairs(steps[0], from, to)
		if i == 1 {
			pairs = model.KeyPairs(steps[1], to, from)
		}
		for _, p := range pairs {
			if p.Holder.IsZero(link) {
				continue
			}
			made := structs.NewSlab(to.Layout, 1).New()
			if p.Holder.Assign(made, p.Referenced, end) != nil || !u.same(to, p.Holder, pairs, link, made) {
				return false
			}
			some = true
		}
	}
	return some
}

// orderPairs puts the keys of the pairs of a level into the order of the database, with the smaller first. Nobody else writes to them, as
// one row of each is not yet seen by others.
func (u *unit) orderPairs(level []int) error {
	byRelation, relations := map[*graph.Relation][]newPair{}, []*graph.Relation(nil)
	for _, p := range u.pairs {
		if !slices.Contains(level, p.node) {
			continue
		}
		if byRelation[p.relation] == nil {
			relations = append(relations, p.relation)
		}
		byRelation[p.relation] = append(byRelation[p.relation], p)
	}
	for _, r := range relations {
		pairs := byRelation[r]
		var rows []structs.Row
		for _, p := range pairs {
			rows = append(rows, p.ends[:]...)
		}
		places, err := u.keyOrder(r, rows)
		if err != nil {
			return err
		}
		from, to := u.registry.TableOf(r.Owner), u.registry.TableOf(r.Link)
		near, far := model.KeyPairs(r.Steps[0], from, to), model.KeyPairs(r.Steps[1], to, from)
		for i, p := range pairs {
			if places[2*i] <= places[2*i+1] {
				continue
			}
			link := u.nodes[p.node].row
			kept := structs.NewSlab(to.Layout, 1).New()
			for j := range near {
				near[j].Holder.Copy(kept, link)
				_ = near[j].Holder.Assign(link, far[j].Holder, link) // both are keys of the same rows
				_ = far[j].Holder.Assign(link, near[j].Holder, kept)
			}
		}
	}
	return nil
}

// keyOrder returns for each of the rows, which are of both ends of a relation, the place of its key in the database's order.
func (u *unit) keyOrder(r *graph.Relation, rows []structs.Row) ([]int, error) {
	t, key := u.registry.TableOf(r.Related), farKey(u.registry, r)
	is, err := u.among(t, key, rows)
	if err != nil {
		return nil, query.Failure(u.op, err)
	}
	q := query.Select(t).Columns(model.ColumnNames(key)...).Filtered(is).OrderBy(model.ColumnNames(key)...)
	said, err := u.saidOfKeys(t, key, rows)
	if err != nil {
		return nil, &fault.QueryError{Op: u.op, Err: err}
	}
	if len(said) > 0 {
		q = q.Filtered(are(said))
	}
	if names := u.registry.Rules.Names(t.Graph, nil); len(names) > 0 {
		q = q.Unscoped(names) // they are only compared
	}
	p, err := load.Compile(q.Asked(), "order", u.db.Dialect(), nil)
	if err != nil {
		return nil, err
	}
	p.Op = u.op
	there, err := p.Load(u.ctx, u.db, p.Scan())
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	told, err := u.key(t, key, slices.Concat(there, rows)...)
	if err != nil {
		return nil, query.Failure(u.op, err)
	}
	for i, row := range there {
		text, err := told.Text(row)
		if err != nil {
			return nil, query.Failure(u.op, err)
		}
		at[text] = i
	}
	places := make([]int, len(rows))
	for i, row := range rows {
		text, err := told.Text(row)
		if err != nil {
			return nil, query.Failure(u.op, err)
		}
		var ok bool
		if places[i], ok = at[text]; !ok {
			return nil, &fault.QueryError{Op: u.op, Err: u.notThere(t, len(there), len(rows))}
		}
	}
	return places, nil
}

// saidOfKeys returns what the scope of a table says of columns of a key, where all the rows have it: it tells the database in which part of
// a table their keys are.
func (u *unit) saidOfKeys(t *model.Table, key []*structs.Field, rows []structs.Row) ([]graph.Constant, error) {
	said := slices.DeleteFunc(slices.Clone(t.Graph.Constants), func(c graph.Constant) bool {
		return !slices.ContainsFunc(key, func(f *structs.Field) bool { return f.Column == c.Column })
	})
	is, err := u.writing.fix(t, said, byScope(t))
	if err != nil || slices.ContainsFunc(rows, func(row structs.Row) bool { return !is.met(row) }) {
		return nil, err
	}
	return said, nil
}

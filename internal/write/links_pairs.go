package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS of a symmetric relation: a pair is stored in one order or the other, and whoever writes to it looks for both.

// pointsBy reports whether the keys that a link has, if any, are those of the owner and the row in the one way.
func (k *throughLinks) pointsBy(w way, link, row structs.Row) bool {
	for _, end := range []struct {
		pairs []model.FieldPair
		from  structs.Row
	}{{w.near, k.Owner}, {w.far, row}} {
		for _, p := range end.pairs {
			if p.Holder.IsZero(link) {
				continue
			}
			made := structs.NewSlab(k.t.Layout, 1).New()
			if p.Holder.Assign(made, p.Referenced, end.from) != nil || !k.same(k.t, p.Holder, end.pairs, link, made) {
				return false
			}
		}
	}
	return true
}

// given returns the way in which a link is to be filled, and whether its keys say so: those of both ends, of which it has one.
func (k *throughLinks) given(link, row structs.Row) (w way, ordered bool) {
	if k.turned == nil {
		return k.way, false
	}
	for i, p := range k.near {
		if far := k.far[i].Holder; p.Holder != far && !(p.Holder.IsZero(link) && far.IsZero(link)) {
			ordered = true
		}
	}
	if ordered && !k.pointsBy(k.way, link, row) && k.pointsBy(*k.turned, link, row) {
		return *k.turned, true
	}
	return k.way, ordered
}

// isTurned reports whether a link of the owner's is stored with the owner at the other end.
func (k *throughLinks) isTurned(link structs.Row) bool {
	return k.turned != nil && slices.ContainsFunc(k.near, func(p model.FieldPair) bool { return !k.same(k.t, p.Holder, k.near, link, k.mine) })
}

// storedBy returns the way of links that are stored with the owner at its own end, or at the other.
func (k *throughLinks) storedBy(turned bool) way {
	if turned {
		return *k.turned
	}
	return k.way
}

// faced returns a link of the owner's as it would be stored in another way: its keys alone.
func (k *throughLinks) faced(slab *structs.Slab, link structs.Row, w way) structs.Row {
	made, from := slab.New(), k.storedBy(k.isTurned(link))
	for i := range from.near { // each can hold what the other does, as both are keys of the same rows
		_ = w.near[i].Holder.Assign(made, from.near[i].Holder, link)
		_ = w.far[i].Holder.Assign(made, from.far[i].Holder, link)
	}
	return made
}

// facing returns links of the owner's by keys in one way, whichever they are stored in.
func (k *throughLinks) facing(w way, links []structs.Row) []structs.Row {
	if k.turned == nil {
		return links
	}
	faced, slab := make([]structs.Row, len(links)), structs.NewSlab(k.t.Layout, len(links))
	for i, link := range links {
		faced[i] = k.faced(slab, link, w)
	}
	return faced
}

// turn gives a link its keys in another way.
func (k *throughLinks) turn(link structs.Row, w way) {
	keys := k.faced(structs.NewSlab(k.t.Layout, 1), link, w)
	for _, f := range k.keys() {
		f.Copy(link, keys)
	}
}

// order returns the fields by which links are locked: the keys that tell those of one owner apart or, where they may be another's too,
// both keys.
func (k *throughLinks) order() []*structs.Field {
	if k.turned == nil {
		return holders(k.far)
	}
	return k.keys()
}

// pairs returns what its keys are filled from.
func (k *throughLinks) pairs() []model.FieldPair { return slices.Concat(k.near, k.far) }

// linkKey returns fields by which links are told. Keys of rows are compared as those are.
func (k *throughLinks) linkKey(fields []*structs.Field, links []structs.Row) (load.Key, error) {
	return k.heldKey(k.t, fields, k.pairs(), links)
}

// placesOf returns the places of links, each once, in the order of the keys of the rows that they lead to.
func (k *throughLinks) placesOf(links []structs.Row) ([]int, error) {
	told, err := k.linkKey(k.order(), links)
	if err != nil {
		return nil, err
	}
	places, err := told.Distinct(links)
	if err != nil || k.turned == nil {
		return places, err
	}
	if err := k.learnRows(links); err != nil {
		return nil, err
	}
	rows, err := k.rowKey.Distinct(k.facing(k.way, links))
	if err != nil {
		return nil, err
	}
	texts, rank := make([]string, len(links)), map[string]int{}
	for i, link := range links {
		if texts[i], err = k.rowText(link); err != nil {
			return nil, err
		}
	}
	for n, at := range rows {
		rank[texts[at]] = n
	}
	slices.SortStableFunc(places, func(a, b int) int { return rank[texts[a]] - rank[texts[b]] })
	return places, nil
}

// lockEnds locks the owner's row and, of a symmetric relation, those at the other ends, so that nobody else writes to a pair of them
// meanwhile, in whichever order it is stored. It returns the places of their keys in the database's order.
func (k *throughLinks) lockEnds() (map[string]int, error) {
	if k.turned == nil {
		return nil, k.lockOwner()
	}
	key, rows := farKey(k.registry, k.relation), append([]structs.Row{k.Owner}, k.linking.Rows...)
	names := model.ColumnNames(key)
	is, err := k.among(k.to, key, rows)
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	there, err := k.read(query.Select(k.to).Columns(names...).Filtered(is).OrderBy(names...), noKeyUpdate)
	if err != nil {
		return nil, err
	}
	told, err := k.key(k.to, key, slices.Concat(rows, there)...)
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	ends := map[string]int{}
	for i, row := range there {
		text, err := told.Text(row)
		if err != nil {
			return nil, query.Failure(k.op, err)
		}
		ends[text] = i
	}
	if err := k.complete(ends, told, rows); err != nil {
		return nil, query.Failure(k.op, err)
	}
	return ends, nil
}

// complete refuses rows of which not all are among those that are there.
func (k *throughLinks) complete(ends map[string]int, key load.Key, rows []structs.Row) error {
	places, err := key.Distinct(rows)
	if err != nil {
		return err
	}
	missing := 0
	for _, at := range places {
		text, err := key.Text(rows[at])
		if err != nil {
			return err
		}
		if _, ok := ends[text]; ok {
			continue
		}
		if missing++; rows[at] == k.Owner && len(ends) < len(places) {
			return k.noOwner()
		}
	}
	switch {
	case missing == 0:
		return nil
	case len(ends) == len(places):
		rows, _ := lacking(missing, len(places), k.to.Graph)
		return graph.Problemf(fault.ErrInvalidRow, "%s %s a key that the database has in another spelling; give the rows as they are read", rows,
			hasOf(missing))
	}
	return graph.Problemf(fault.ErrNoRows, "%w%s", k.notThere(k.to, len(places)-missing, len(places)), k.zeroed(k.to, key.Fields, rows...))
}

// linkPairs links rows of a symmetric relation, within a transaction.
func (k *throughLinks) linkPairs() (int64, error) {
	ends, err := k.lockEnds()
	if err != nil {
		return 0, err
	}
	if err := k.checkFar(k.relation, k.linking.Rows); err != nil {
		return 0, err
	}
	q, err := k.linksOfOwner(k.links())
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	there, err := k.read(q.Columns(model.ColumnNames(k.keys())...), "")
	if err != nil {
		return 0, err
	}
	if err := k.arrange(ends, there); err != nil {
		return 0, err
	}
	k.entries = slices.DeleteFunc(k.entries, func(e linkEntry) bool { return e.there && !e.given })
	if len(k.entries) == 0 {
		return 0, nil
	}
	return k.linkRest()
}

// links returns those of the entries.
func (k *throughLinks) links() []structs.Row {
	links := make([]structs.Row, len(k.entries))
	for i, e := range k.entries {
		links[i] = e.link
	}
	return links
}

// arrange puts the keys of the links into the order in which the pair is stored. One that is stored in both has an entry for each. A new
// pair is stored as its keys were given or, without, with the smaller key first, as a CHECK would have it: the database has said which is.
func (k *throughLinks) arrange(ends map[string]int, there []structs.Row) error {
	if k.turned == nil {
		return nil
	}
	seen, err := k.byRow(there)
	if err != nil {
		return query.Failure(k.op, err)
	}
	hidden, err := k.outOfSight()
	if err != nil {
		return err
	}
	var entries []linkEntry
	for _, e := range k.entries {
		text, err := k.rowText(e.link)
		if err != nil {
			return query.Failure(k.op, err)
		}
		switch {
		case len(seen[text]) > 0:
			e.there = true
			entries = append(entries, k.asStored(e, seen[text])...)
			continue
		case len(hidden[text]) > 0:
			e = k.asStored(e, hidden[text])[0]
		case !e.ordered:
			if err := k.smallerFirst(e, ends); err != nil {
				return query.Failure(k.op, err)
			}
		}
		entries = append(entries, e)
	}
	k.entries = entries
	return nil
}

// smallerFirst puts the keys of a link into the order of the ends.
func (k *throughLinks) smallerFirst(e linkEntry, ends map[string]int) error {
	key, err := k.key(k.to, farKey(k.registry, k.relation))
	if err != nil {
		return err
	}
	owner, err := key.Text(k.Owner)
	if err != nil {
		return err
	}
	row, err := key.Text(e.row)
	if err == nil && ends[owner] > ends[row] {
		k.turn(e.link, *k.turned)
	}
	return err
}

// asStored returns an entry for each order in which its pair is stored, that of its own keys first.
func (k *throughLinks) asStored(e linkEntry, links []structs.Row) []linkEntry {
	own := k.isTurned(e.link)
	in := func(turned bool) bool {
		return slices.ContainsFunc(links, func(link structs.Row) bool { return k.isTurned(link) == turned })
	}
	switch {
	case !in(own):
		k.turn(e.link, k.storedBy(!own))
		fallthrough
	case !in(!own):
		return []linkEntry{e}
	}
	other := e
	other.link = structs.NewSlab(k.t.Layout, 1).New()
	for _, f := range k.t.Columns {
		f.Copy(other.link, e.link)
	}
	k.turn(other.link, k.storedBy(!own))
	return []linkEntry{e, other}
}

// outOfSight returns links that keep the entries' from being inserted, by the rows that they lead to: in either order, and whether or
// not they are the relation's and within the scopes of the join table.
func (k *throughLinks) outOfSight() (map[string][]structs.Row, error) {
	if !k.hides() || len(k.entries) == 0 {
		return nil, nil
	}
	q, err := k.inTheWay()
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	there, err := k.read(q.Columns(model.ColumnNames(k.keys())...), "")
	if err != nil {
		return nil, err
	}
	found, err := k.byRow(there)
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	return found, nil
}

// inTheWay is the query for what keeps the links of the entries from being inserted, seen or not.
func (k *throughLinks) inTheWay() (*query.Query, error) {
	ways := []way{k.way}
	if k.turned != nil {
		ways = append(ways, *k.turned)
	}
	var either plan.Or
	for _, w := range ways {
		owner, err := equalTo(holders(w.near), w.mine)
		if err != nil {
			return nil, err
		}
		row, err := k.among(k.t, holders(w.far), k.facing(w, k.links()))
		if err != nil {
			return nil, err
		}
		either = append(either, plan.And{owner, row})
	}
	q := query.Select(k.t).Filtered(either)
	if names := k.registry.Rules.Names(k.t.Graph, nil); len(names) > 0 {
		q = q.Unscoped(names)
	}
	for _, f := range k.rules {
		fields := slices.DeleteFunc(slices.Clone(f.fields), func(f *structs.Field) bool { return !slices.Contains(k.told, f.Column) })
		is, err := equalTo(fields, f.value)
		if err != nil {
			return nil, err
		}
		if len(fields) > 0 {
			q = q.Filtered(is)
		}
	}
	return q, nil
}

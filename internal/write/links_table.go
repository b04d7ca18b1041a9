package write

import (
	"slices"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS that are rows of a join table. Each is made as a row in hand first, keys and all, and those are what is sent, compared and
// put into order.

// throughLinks links by rows of a join table.
type throughLinks struct {
	*linking
	t       *model.Table   // the join table
	way                    // in which its rows are links of the owner
	turned  *way           // of a symmetric relation: the other, of those that hold the owner at the other end
	rules   [2]fixed       // what the relation and the join table's scope say of a link
	rowKey  load.Key       // of the rows that links of the way lead to
	entries []linkEntry    // in the order of their keys, each once
	saved   *structs.Saved // of the links that the caller gave

	others       [][]string    // unique keys of the join table that two different links may meet in
	byAside      [][]string    // unique keys in which every change goes by a value in between
	removesFirst bool          // what is removed goes before what is changed, and that before what is added
	there        []structs.Row // of Replace: the links that are there
	looksFirst   bool          // what is there and not seen is looked for before anything is written
	told         []string      // the columns that tell a link from others
	tells        [][]string    // those by which the database may tell links, first those by which it should
	refused      [][]string    // those by which it does not
	tries        int           // that failed because links went meanwhile
}

// way is what points where in a link.
type way struct {
	near, far []model.FieldPair // its fields that point at the owner and at the related row, and what they are filled from
	mine      structs.Row       // a link with the owner's key alone
}

// way returns that of the relation's steps, for links that the slab makes.
func (k *throughLinks) wayOf(steps []graph.Step, slab *structs.Slab) (way, error) {
	w := way{near: model.KeyPairs(steps[0], k.from, k.t), far: model.KeyPairs(steps[1], k.t, k.to), mine: slab.New()}
	_, err := k.fillKey(k.relation, w.near, w.mine, k.Owner)
	return w, err
}

// linkEntry is a related row and its link.
type linkEntry struct {
	row, link structs.Row
	given     bool // the caller gave the link: its other columns count
	ordered   bool // and its keys: of a symmetric relation, the order in which the pair is to be stored
	there     bool // a pair of that is seen already
}

func (l *linking) throughLinks() (linker, error) {
	t := l.registry.TableOf(l.relation.Link)
	k := &throughLinks{linking: l, t: t, saved: t.Layout.Save()}
	slab := structs.NewSlab(k.t.Layout, len(l.Rows)+2)
	var err error
	if k.way, err = k.wayOf(l.relation.Steps, slab); err != nil {
		return nil, err
	}
	if steps := l.relation.Turned(); steps != nil {
		turned, err := k.wayOf(steps, slab)
		if err != nil {
			return nil, err
		}
		k.turned = &turned
	}
	if err := k.fixLinks(); err != nil {
		return nil, err
	}
	unmarked, err := l.unmarked(k.t)
	if err != nil {
		return nil, err
	}
	k.tells = k.relation.LinkKeys(model.ColumnNames(k.own()))
	k.told = k.toldBy()
	k.others = k.otherKeys()
	k.removesFirst = len(k.others) > 0 || k.turned != nil || l.Links != nil && pointsAtItself(k.t.Graph)
	l.ownerFirst = k.removesFirst && l.db.Dialect().Features().RowLocks
	if err := k.enter(slab, unmarked); err != nil {
		k.restore()
		return nil, err
	}
	return k, nil
}

// enter makes the links, each once and in order. The marks of those that are given are checked.
func (k *throughLinks) enter(slab *structs.Slab, unmarked fixed) error {
	links, ordered := make([]structs.Row, len(k.Rows)), make([]bool, len(k.Rows))
	for i, row := range k.Rows {
		if k.Links == nil || k.Links[i] == nil {
			links[i] = slab.New()
		} else {
			links[i] = k.Links[i]
			if err := unmarked.check(links[i]); err != nil {
				return err
			}
			k.saved.Add(links[i])
		}
		var w way
		w, ordered[i] = k.given(links[i], row)
		if err := k.fill(w, links[i], row); err != nil {
			return err
		}
		if err := k.storedPairs(k.t, k.pairs(), links[i]); err != nil {
			return err
		}
	}
	if err := k.learnRows(links); err != nil {
		return err
	}
	places, err := k.rowKey.Distinct(k.facing(k.way, links))
	switch {
	case err != nil:
		return err
	case k.Links != nil && len(places) < len(links):
		return graph.Problemf(fault.ErrInvalidRow, "two entries are for one row of %q; which of their links is meant is not known", k.to.Graph.Name)
	}
	for _, i := range places {
		e := linkEntry{row: k.Rows[i], link: links[i], given: k.Links != nil && k.Links[i] != nil, ordered: ordered[i]}
		columns := k.columns(e)
		if err := k.keeps(k.t, columns, e.link); err != nil {
			return err
		}
		if err := numbered(k.t, e.link, func(f *structs.Field) bool { return slices.Contains(columns[len(k.own()):], f) }); err != nil {
			return err
		}
		k.entries = append(k.entries, e)
	}
	return nil
}

// fixLinks reads what the relation and the join table's scope say of a link.
func (k *throughLinks) fixLinks() (err error) {
	if k.rules[0], err = k.fix(k.t, k.relation.Demands(0), byRelation(k.relation)); err != nil {
		return err
	}
	if k.rules[1], err = k.fix(k.t, k.t.Graph.Constants, byScope(k.t)); err != nil {
		return err
	}
	if field := k.rules[0].against(k.rules[1]); field != nil && len(k.Rows) > 0 {
		return graph.Problemf(fault.ErrInvalidRow, "%s and %s say different things of column %q of a link, which no row has", k.rules[0].by,
			k.rules[1].by, field.Column)
	}
	return nil
}

// fill gives a link its keys.
func (k *throughLinks) fill(w way, link, row structs.Row) error {
	for i, end := range []struct {
		pairs []model.FieldPair
		from  structs.Row
	}{{w.near, k.Owner}, {w.far, row}} {
		p, err := k.fillKey(k.relation, end.pairs, link, end.from)
		if err != nil {
			return err
		}
		switch {
		case p != nil && i > 0 && slices.Contains(holders(w.near), p.Holder):
			return graph.Problemf(fault.ErrInvalidRow, "column %q of a link is of the keys of both its rows, which differ in it; link rows of the "+
				"same %q", p.Holder.Column, p.Referenced.Column)
		case p != nil:
			return graph.Problemf(fault.ErrInvalidRow, "column %q of a link is not the key of its row; make it zero to have it filled",
				p.Holder.Column)
		}
	}
	for _, f := range k.rules {
		if err := f.fill(link); err != nil {
			return err
		}
	}
	return nil
}

// holders returns the fields that are filled.
func holders(pairs []model.FieldPair) []*structs.Field {
	fields := make([]*structs.Field, len(pairs))
	for i, p := range pairs {
		fields[i] = p.Holder
	}
	return fields
}

// keys returns the fields of both keys, the owner's first, each once.
func (k *throughLinks) keys() []*structs.Field {
	keys := holders(k.near)
	for _, f := range holders(k.far) {
		if !slices.Contains(keys, f) {
			keys = append(keys, f)
		}
	}
	return keys
}

// own returns the fields that every link of the owner has from the relation: both keys, and what the rules say.
func (k *throughLinks) own() []*structs.Field {
	own := k.keys()
	for _, f := range k.rules {
		for _, field := range f.fields {
			if !slices.Contains(own, field) {
				own = append(own, field)
			}
		}
	}
	return own
}

// columns returns the fields that an INSERT gives: its own and, of the others that the database does not make, those of a link that
// was given, or what every row begins with that is not deleted and was not changed. A link that was given is not marked, whatever the
// database would make of that.
func (k *throughLinks) columns(e linkEntry) []*structs.Field {
	columns, t := k.own(), k.t.Graph
	for c := range t.Stored() {
		f := k.t.Columns[c.Name]
		if !e.given && (c.Nullable || c.Name != t.SoftDelete && c.Name != t.Version) {
			continue
		}
		made := model.MadeByDatabase(k.t.Graph, c.Name) && f.IsZero(e.link) && !(e.given && c.Name == t.SoftDelete)
		if !c.ReadOnly && !slices.Contains(columns, f) && !made {
			columns = append(columns, f)
		}
	}
	return columns
}

// payload returns those of the columns that a link which was given may have other values in.
func (k *throughLinks) payload(e linkEntry) []*structs.Field {
	if !e.given {
		return nil
	}
	return slices.DeleteFunc(k.columns(e)[len(k.own()):], func(f *structs.Field) bool {
		return slices.Contains(k.t.Graph.PrimaryKey, f.Column) || k.t.Graph.Touches(f.Column)
	})
}

// inserts writes the INSERTs of links, which stay in their order, but behind those that they point at: those that follow each other and give
// the same columns are one. One that is there and marked as deleted comes back, whoever marks it meanwhile.
//
// missing: the links were looked for and not seen, so that one which is there is left alone unless it is marked. Else it is given what the
// caller gave.
func (k *throughLinks) inserts(entries []linkEntry, missing bool) ([]step, error) {
	var steps []step
	d, key, now := k.db.Dialect(), k.told, time.Now()
	within, err := k.backWithin()
	if err != nil {
		return nil, err
	}
	links := make([]structs.Row, len(entries))
	for i, e := range entries {
		links[i] = e.link
	}
	entries, _ = goneBehind(entries, k.pointingAmong(k.t, links))
	for len(entries) > 0 {
		columns, payload := k.columns(entries[0]), k.payload(entries[0])
		n := 1
		for n < len(entries) && slices.Equal(k.columns(entries[n]), columns) && len(k.payload(entries[n])) == len(payload) {
			n++
		}
		k.filled(k.t.Graph, columns)
		conflict := compile.Conflict{Columns: key, Set: model.ColumnNames(payload), Unmark: k.t.Graph.SoftDelete != ""}
		switch leave := missing || len(payload) == 0; {
		case leave && conflict.Unmark:
			conflict.Marked, conflict.Same, conflict.Scope = true, k.said(), within
		case leave:
			conflict.Set = nil
		}
		insert := compile.Insert{Table: k.t.Graph, Columns: model.ColumnNames(columns), Conflict: &conflict}
		filled := insert.Filled(d, now)
		n = insertSize(n, len(insert.Columns), d.Features())
		insert.Rows = n
		stmt, err := insert.Statement(d)
		if err != nil {
			return nil, err
		}
		args := make([]any, 0, n*len(insert.Columns)+len(stmt.Args))
		for _, e := range entries[:n] {
			args = appendGiven(args, d, k.t.Graph, columns, e.link)
			asKeys(args[len(args)-len(columns):], columns, key)
			args = append(args, filled...)
		}
		made := step{stmt: dialect.Statement{SQL: stmt.SQL, Args: append(args, stmt.Args...)}, want: int64(n), adds: true}
		steps, entries = append(steps, made), entries[n:]
	}
	return steps, nil
}

// backWithin returns the conditions within which a link that is marked as deleted comes back: the other scopes of the join table.
func (k *throughLinks) backWithin() ([]plan.Expr, error) {
	if k.t.Graph.SoftDelete == "" {
		return nil, nil
	}
	return k.metScope(k.t, plan.Lift{Names: []string{graph.SoftDeleteName}})
}

// said returns the columns of a link, beside those of its keys, that the rules say.
func (k *throughLinks) said() []string { return model.ColumnNames(k.own()[len(k.keys()):]) }

func (k *throughLinks) link() (int64, error) {
	if k.turned != nil {
		return untilKnown(k, k.linkPairs, k.looksAgain)
	}
	steps, err := k.inserts(k.entries, false)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	alone := len(steps) == 1 && !k.hides() && len(guarded(k.t, anyColumn)) == 0 && !k.endsMatter(k.linking.Rows)
	if alone && !slices.ContainsFunc(k.entries, k.lacks) {
		n, err := k.linksBy(steps)
		if lacksUnique(err) {
			k.remember(nil)
		}
		return n, err
	}
	told := k.told
	return untilKnown(k, func() (int64, error) {
		if err := k.findEnds(k.linking.Rows); err != nil {
			return 0, err
		}
		if k.looksFirst {
			return k.linkRest()
		}
		if !slices.Equal(k.told, told) { // it was learned that the database tells links by others
			if steps, err = k.inserts(k.entries, false); err != nil {
				return 0, query.Failure(k.op, err)
			}
		}
		return k.linksBy(steps)
	}, k.looksAgain)
}

// linksBy sends the INSERTs of the links, and returns how many were made, written to or brought back.
func (k *throughLinks) linksBy(steps []step) (total int64, err error) {
	affected, err := k.take(steps, k.t.Graph)
	for _, n := range affected {
		total += n
	}
	if err != nil {
		return 0, err
	}
	back, err := k.bringBack(total)
	if err == nil {
		err = k.guardLinks()
	}
	return total + back, err
}

// linksOfOwner is the query for the links of the owner that the relation is about: those that lead to the same rows as the links, if
// there are some.
func (k *throughLinks) linksOfOwner(links []structs.Row) (*query.Query, error) {
	terms, err := k.linksIn(k.way, links)
	if err != nil {
		return nil, err
	}
	if k.turned != nil {
		others, err := k.linksIn(*k.turned, links)
		return query.Select(k.t).Filtered(plan.Or{terms, others}), err
	}
	q := query.Select(k.t)
	for _, is := range terms {
		q = q.Filtered(is)
	}
	return q, nil
}

// linksIn is the condition of linksOfOwner for links that are stored in one way.
func (k *throughLinks) linksIn(w way, links []structs.Row) (plan.And, error) {
	is, err := equalTo(holders(w.near), w.mine)
	if err != nil {
		return nil, err
	}
	terms := plan.And{is}
	if link := k.relation.Demands(0); len(link) > 0 {
		terms = append(terms, are(link))
	}
	if own := k.relation.Rules.Own; len(own) > 0 || k.scoped(k.to) {
		terms = append(terms, k.leadsToSeen(w, own))
	}
	if len(links) > 0 {
		is, err := k.among(k.t, holders(w.far), k.facing(w, links))
		if err != nil {
			return nil, err
		}
		terms = append(terms, is)
	}
	return terms, nil
}

// leadsNowhere reports whether a link that is there has a text in the place of a key that spells none.
func (k *throughLinks) leadsNowhere(link structs.Row) bool {
	return slices.ContainsFunc(k.far, func(p model.FieldPair) bool {
		if p.Spelled == "" {
			return false
		}
		ok, err := p.Holder.AppendSpelledKey(&dialect.Keys{Kind: p.Referenced.Key}, link)
		return !ok && err == nil
	})
}

// leadsToSeen is the condition that a link leads to a row that is within the scopes of its table, and as the relation says of it.
func (k *throughLinks) leadsToSeen(w way, own []graph.Constant) plan.Expr {
	related := query.Select(k.to)
	if len(own) > 0 {
		related = related.Filtered(are(own))
	}
	seen := &plan.InRows{}
	for _, p := range w.far {
		related = related.Columns(p.Referenced.Column)
		seen.Cols = append(seen.Cols, plan.Ref{Name: p.Holder.Column})
		seen.Spelled = p.Spelled
	}
	seen.Query = &plan.Subquery{Spec: &related.Spec, Rules: k.registry.FrozenRules}
	return seen
}

// removes plans that links of the owner go, those alone if there are any. What the database finds equal to one that is kept does not go.
func (k *throughLinks) removes(links, kept []structs.Row) (step, error) {
	q, err := k.linksOfOwner(links)
	if err != nil {
		return step{}, err
	}
	if q, err = k.except(q, k.order(), kept); err != nil {
		return step{}, err
	}
	return k.removal(q, k.order())
}

func (k *throughLinks) unlink() (int64, error) { return atEnds(k.linking, nil, k.unlinked) }

func (k *throughLinks) unlinked() (int64, error) {
	removed, err := k.removes(k.links(), nil)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	return k.takeOne(removed, k.t.Graph)
}

// guardLinks makes sure of what the links point at.
func (k *throughLinks) guardLinks() error { return k.guard(k.t, guarded(k.t, anyColumn), k.links()) }

// change writes the UPDATE that gives the link of a change what fields hold in a row.
func (k *throughLinks) change(set []*structs.Field, values structs.Row, c *rowChange) (dialect.Statement, error) {
	var lifted []plan.Lift
	if c.back {
		lifted = append(lifted, plan.Lift{Names: []string{graph.SoftDeleteName}})
	}
	scope, err := k.scope(k.t, lifted...)
	if err != nil {
		return dialect.Statement{}, err
	}
	d := k.db.Dialect()
	row := compile.Row{Table: k.t.Graph, Where: model.ColumnNames(k.own()), Scope: scope, Aside: values != c.wanted}
	stmt, err := row.Update(model.ColumnNames(set), nil, d)
	args := stmt.With(appendGiven(nil, d, k.t.Graph, set, values), appendTold(nil, d, k.t.Graph, k.own(), c.wanted))
	return dialect.Statement{SQL: stmt.SQL, Args: args}, err
}

func (k *throughLinks) apply() {}

func (k *throughLinks) restore() {
	k.saved.Restore()
}

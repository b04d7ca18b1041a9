package write

import (
	"errors"
	"slices"

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
	t         *model.Table      // the join table
	near, far []model.FieldPair // its fields that point at the owner and at the related row, and what they are filled from
	mine      structs.Row       // a link with the owner's key alone
	rules     [2]fixed          // what the relation and the join table's scope say of a link
	entries   []linkEntry       // in the order of their keys, each once
	saved     []structs.Saved   // of the links that the caller gave

	others       [][]string    // unique keys of the join table that two different links may meet in
	byAside      [][]string    // unique keys in which every change goes by a value in between
	removesFirst bool          // what is removed goes before what is changed, and that before what is added
	there        []structs.Row // of Replace: the links that are there
}

// linkEntry is a related row and its link.
type linkEntry struct {
	row, link structs.Row
	given     bool // the caller gave the link: its other columns count
}

func (l *linking) throughLinks() (linker, error) {
	steps := l.relation.Steps
	k := &throughLinks{linking: l, t: l.registry.TableOf(l.relation.Link)}
	k.near, k.far = model.KeyPairs(steps[0], l.from, k.t), model.KeyPairs(steps[1], k.t, l.to)
	slab := structs.NewSlab(k.t.Layout, len(l.Rows)+1)
	k.mine = slab.New()
	if _, err := fillKey(l.relation, k.near, k.mine, l.Owner); err != nil {
		return nil, err
	}
	if err := k.fixLinks(); err != nil {
		return nil, err
	}
	unmarked, err := l.unmarked(k.t)
	if err != nil {
		return nil, err
	}
	k.others = k.otherKeys()
	k.removesFirst = len(k.others) > 0
	l.ownerFirst = k.removesFirst && l.db.Dialect().Features().RowLocks
	if err := k.enter(slab, unmarked); err != nil {
		k.restore()
		return nil, err
	}
	return k, nil
}

// enter makes the links, each once and in order. The marks of those that are given are checked.
func (k *throughLinks) enter(slab *structs.Slab, unmarked fixed) error {
	links := make([]structs.Row, len(k.Rows))
	for i, row := range k.Rows {
		if k.Links == nil || k.Links[i] == nil {
			links[i] = slab.New()
		} else {
			links[i] = k.Links[i]
			if err := unmarked.check(links[i]); err != nil {
				return err
			}
			k.saved = append(k.saved, k.t.Layout.Save(links[i]))
		}
		if err := k.fill(links[i], row); err != nil {
			return err
		}
	}
	places, err := load.Distinct(holders(k.far), links)
	switch {
	case err != nil:
		return err
	case k.Links != nil && len(places) < len(links):
		return graph.Problemf(fault.ErrInvalidRow, "two entries are for one row of %q; which of their links is meant is not known", k.to.Graph.Name)
	}
	for _, i := range places {
		e := linkEntry{k.Rows[i], links[i], k.Links != nil && k.Links[i] != nil}
		columns := k.columns(e)
		if err := k.keeps(columns, e.link); err != nil {
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
func (k *throughLinks) fill(link, row structs.Row) error {
	for i, end := range []struct {
		pairs []model.FieldPair
		from  structs.Row
	}{{k.near, k.Owner}, {k.far, row}} {
		p, err := fillKey(k.relation, end.pairs, link, end.from)
		if err != nil {
			return err
		}
		switch {
		case p != nil && i > 0 && slices.Contains(holders(k.near), p.Holder):
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

// columns returns the fields that an INSERT gives: its own and, of a link that was given, the others that the database does not
// make.
func (k *throughLinks) columns(e linkEntry) []*structs.Field {
	columns := k.own()
	if !e.given {
		return columns
	}
	for c := range k.t.Graph.Stored() {
		f := k.t.Columns[c.Name]
		if !c.ReadOnly && !slices.Contains(columns, f) && !(model.MadeByDatabase(k.t.Graph, c.Name) && f.IsZero(e.link)) {
			columns = append(columns, f)
		}
	}
	return columns
}

// payload returns those of the columns that a link may have other values in.
func (k *throughLinks) payload(columns []*structs.Field) []*structs.Field {
	return slices.DeleteFunc(slices.Clone(columns[len(k.own()):]), func(f *structs.Field) bool {
		return slices.Contains(k.t.Graph.PrimaryKey, f.Column) || k.t.Graph.Touches(f.Column)
	})
}

// inserts writes the INSERTs of links, which stay in their order: those that follow each other and give the same columns are one.
func (k *throughLinks) inserts(entries []linkEntry) ([]dialect.Statement, error) {
	var stmts []dialect.Statement
	d, key := k.db.Dialect(), k.relation.LinkKey(model.ColumnNames(k.own()))
	for len(entries) > 0 {
		columns := k.columns(entries[0])
		n := 1
		for n < len(entries) && slices.Equal(k.columns(entries[n]), columns) {
			n++
		}
		n = insertSize(n, len(columns), d.Features())
		stmt, err := compile.Insert{
			Table: k.t.Graph, Columns: model.ColumnNames(columns), Rows: n,
			Conflict: &compile.Conflict{Columns: key, Set: model.ColumnNames(k.payload(columns))},
		}.Statement(d)
		if err != nil {
			return nil, err
		}
		args := make([]any, 0, n*len(columns))
		for _, e := range entries[:n] {
			args = appendGiven(args, d, k.t.Graph, columns, e.link)
			asKeys(args[len(args)-len(columns):], columns, key)
		}
		stmts, entries = append(stmts, dialect.Statement{SQL: stmt.SQL, Args: args}), entries[n:]
	}
	return stmts, nil
}

func (k *throughLinks) link() (int64, error) {
	stmts, err := k.inserts(k.entries)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	send := func() (total int64, err error) {
		affected, err := k.write(stmts, k.t.Graph)
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
	if len(stmts) == 1 && !k.hides() && len(guarded(k.t, anyColumn)) == 0 && !k.endsMatter(k.linking.Rows) {
		return send()
	}
	return allOrNone(k.linking, func() (int64, error) {
		if err := k.findEnds(k.linking.Rows); err != nil {
			return 0, err
		}
		return send()
	})
}

// linksOfOwner is the query for the links of the owner that the relation is about.
func (k *throughLinks) linksOfOwner() (*query.Query, error) {
	is, err := equalTo(holders(k.near), k.mine)
	if err != nil {
		return nil, err
	}
	q := query.Select(k.t).Filtered(is)
	if link := k.relation.Demands(0); len(link) > 0 {
		q = q.Filtered(are(link))
	}
	own := k.relation.Rules.Own
	if len(own) == 0 && !k.scoped(k.to) {
		return q, nil
	}
	related := query.Select(k.to)
	if len(own) > 0 {
		related = related.Filtered(are(own))
	}
	seen := &plan.InRows{}
	for _, p := range k.far {
		related = related.Columns(p.Referenced.Column)
		seen.Cols = append(seen.Cols, plan.Ref{Name: p.Holder.Column})
	}
	seen.Query = &plan.Subquery{Spec: &related.Spec, Rules: k.registry.FrozenRules}
	return q.Filtered(seen), nil
}

// removes plans that links of the owner go, those alone if there are any.
func (k *throughLinks) removes(links []structs.Row) (step, error) {
	q, err := k.linksOfOwner()
	if len(links) > 0 {
		q, err = k.linksAmong(links)
	}
	if err != nil {
		return step{}, err
	}
	return k.removal(q, holders(k.far))
}

func (k *throughLinks) unlink() (int64, error) { return atEnds(k.linking, nil, k.unlinked) }

func (k *throughLinks) unlinked() (int64, error) {
	var links []structs.Row
	for _, e := range k.entries {
		links = append(links, e.link)
	}
	removed, err := k.removes(links)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	return k.takeOne(removed, k.t.Graph)
}

func (k *throughLinks) replaced() (Diff, error) {
	if err := k.lockOwner(); err != nil {
		return Diff{}, err
	}
	if err := k.checkFar(k.relation, k.linking.Rows); err != nil {
		return Diff{}, err
	}
	q, err := k.linksOfOwner()
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	q = q.OrderBy(model.ColumnNames(holders(k.far))...)
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
	d, steps, err := k.difference(k.there)
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	if _, err = k.take(steps, k.t.Graph); err != nil {
		return Diff{}, err
	}
	if len(d.Added) > 0 {
		_, err = k.bringBack(0)
	}
	if err == nil {
		err = k.guardLinks()
	}
	return d, err
}

// guardLinks makes sure of what the links point at.
func (k *throughLinks) guardLinks() error {
	links := make([]structs.Row, len(k.entries))
	for i, e := range k.entries {
		links[i] = e.link
	}
	return k.guard(k.t, guarded(k.t, anyColumn), links)
}

// difference compares the links that are there with those that are wanted, and writes the statements that make them so.
func (k *throughLinks) difference(there []structs.Row) (Diff, []step, error) {
	s := linkSteps{throughLinks: k}
	far := holders(k.far)
	known := map[string]structs.Row{}
	for _, link := range there {
		text, err := load.TextOfKey(far, link)
		if err != nil {
			return Diff{}, nil, err
		}
		known[text] = link
	}
	all := make([]structs.Row, 0, len(k.entries)+len(there))
	for _, e := range k.entries {
		all = append(all, e.link)
	}
	all = append(all, there...)
	places, err := load.Distinct(far, all) // of a link that is wanted and there, that which is wanted
	if err != nil {
		return Diff{}, nil, err
	}
	for _, i := range places {
		if i >= len(k.entries) {
			s.remove(all[i])
			continue
		}
		e := k.entries[i]
		text, err := load.TextOfKey(far, e.link)
		if err != nil {
			return Diff{}, nil, err
		}
		payload := k.payload(k.columns(e))
		held, ok := known[text]
		if !ok {
			s.insert(e)
		} else if slices.ContainsFunc(payload, func(f *structs.Field) bool { return !k.t.SameValue(f, held, e.link) }) {
			s.update(&rowChange{held: held, wanted: e.link, payload: payload}, e.row)
		}
	}
	s.flush()
	return s.diff, s.steps, s.err
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

func (s *linkSteps) insert(e linkEntry) {
	s.then(len(s.gone)+len(s.changes) > 0)
	s.missing, s.diff.Added = append(s.missing, e), append(s.diff.Added, e.row)
}

func (s *linkSteps) remove(link structs.Row) {
	s.then(len(s.missing)+len(s.changes) > 0)
	s.gone = append(s.gone, link)
	row := structs.NewSlab(s.to.Layout, 1).New()
	for _, p := range s.far {
		s.err = errors.Join(s.err, p.Referenced.Assign(row, p.Holder, link))
	}
	s.diff.Removed = append(s.diff.Removed, row)
}

func (s *linkSteps) update(c *rowChange, of structs.Row) {
	s.then(len(s.gone)+len(s.missing) > 0)
	s.changes, s.diff.Changed = append(s.changes, c), append(s.diff.Changed, of)
}

func (s *linkSteps) flush() {
	if len(s.gone) > 0 {
		removed, err := s.removes(s.gone)
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

// change writes the UPDATE that gives one link what fields hold in a row.
func (k *throughLinks) change(set []*structs.Field, values, link structs.Row) (dialect.Statement, error) {
	scope, err := k.scope(k.t)
	if err != nil {
		return dialect.Statement{}, err
	}
	d := k.db.Dialect()
	row := compile.Row{Table: k.t.Graph, Where: model.ColumnNames(k.own()), Scope: scope}
	stmt, err := row.Update(model.ColumnNames(set), nil, d)
	args := stmt.With(appendGiven(nil, d, k.t.Graph, set, values), appendTold(nil, d, k.t.Graph, k.own(), link))
	return dialect.Statement{SQL: stmt.SQL, Args: args}, err
}

func (k *throughLinks) apply() {}

func (k *throughLinks) restore() {
	for _, s := range k.saved {
		s.Restore()
	}
}

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
	for i, by := range []struct {
		constants []graph.Constant
		name      string
	}{{l.relation.Rules.Link, byRelation(l.relation)}, {k.t.Graph.Constants, byScope(k.t)}} {
		var err error
		if k.rules[i], err = l.fix(k.t, by.constants, by.name); err != nil {
			return nil, err
		}
	}
	links := make([]structs.Row, len(l.Rows))
	for i, row := range l.Rows {
		given := l.Links != nil && l.Links[i] != nil
		if given {
			links[i] = l.Links[i]
			k.saved = append(k.saved, k.t.Layout.Save(links[i]))
		} else {
			links[i] = slab.New()
		}
		if err := k.fill(links[i], row); err != nil {
			k.restore()
			return nil, err
		}
	}
	places, err := load.Distinct(holders(k.far), links)
	if err == nil && l.Links != nil && len(places) < len(links) {
		err = graph.Problemf(fault.ErrInvalidRow, "two entries are for one row of %q; which of their links is meant is not known", l.to.Graph.Name)
	}
	if err != nil {
		k.restore()
		return nil, err
	}
	for _, i := range places {
		e := linkEntry{l.Rows[i], links[i], l.Links != nil && l.Links[i] != nil}
		if err := k.keeps(k.columns(e), e.link); err != nil {
			k.restore()
			return nil, err
		}
		k.entries = append(k.entries, e)
	}
	return k, nil
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
		if c.Generated == "" && !slices.Contains(columns, f) && !(model.MadeByDatabase(k.t.Graph, c.Name) && f.IsZero(e.link)) {
			columns = append(columns, f)
		}
	}
	return columns
}

// payload returns those of the columns that a link may have other values in.
func (k *throughLinks) payload(columns []*structs.Field) []*structs.Field {
	return slices.DeleteFunc(slices.Clone(columns[len(k.own()):]), func(f *structs.Field) bool {
		return slices.Contains(k.t.Graph.PrimaryKey, f.Column) || f.Column == k.t.Graph.Version
	})
}

// inserts writes the INSERTs of links, which stay in their order: those that follow each other and give the same columns are one.
func (k *throughLinks) inserts(entries []linkEntry) ([]dialect.Statement, error) {
	var stmts []dialect.Statement
	d := k.db.Dialect()
	for len(entries) > 0 {
		columns := k.columns(entries[0])
		n := 1
		for n < len(entries) && slices.Equal(k.columns(entries[n]), columns) {
			n++
		}
		n = insertSize(n, len(columns), d.Features())
		stmt, err := compile.Insert{
			Table: k.t.Graph, Columns: model.ColumnNames(columns), Rows: n,
			Conflict: &compile.Conflict{Columns: k.relation.LinkKey(model.ColumnNames(k.own())), Set: model.ColumnNames(k.payload(columns))},
		}.Statement(d)
		if err != nil {
			return nil, err
		}
		args := make([]any, 0, n*len(columns))
		for _, e := range entries[:n] {
			args = appendGiven(args, d, k.t.Graph, columns, e.link)
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
		return total + back, err
	}
	if len(stmts) == 1 && !k.hides() && !k.endsMatter(k.linking.Rows) {
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
	if link := k.relation.Rules.Link; len(link) > 0 {
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

func (k *throughLinks) replace() (Diff, error) { return allOrNone(k.linking, k.replaced) }

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
	there, err := k.read(q, "") // the owner's lock is enough, and a link that was locked here would be locked out of order
	if err != nil {
		return Diff{}, err
	}
	d, steps, err := k.difference(there)
	if err != nil {
		return Diff{}, query.Failure(k.op, err)
	}
	if _, err = k.take(steps, k.t.Graph); err != nil {
		return Diff{}, err
	}
	if len(d.Added) > 0 {
		_, err = k.bringBack(0)
	}
	return d, err
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
			s.update(e, payload)
		}
	}
	s.flush()
	return s.diff, s.steps, s.err
}

// linkSteps are the statements of a difference. They write to links in the order of the keys, whatever they do to each: links
// that follow each other are one statement if the same is done to them. Whoever links or unlinks at the same time keeps that
// order too, so that no two wait for each other.
type linkSteps struct {
	*throughLinks
	diff    Diff
	steps   []step
	err     error
	missing []linkEntry   // to be inserted next
	others  []structs.Row // to be deleted next
}

func (s *linkSteps) insert(e linkEntry) {
	if len(s.others) > 0 {
		s.flush()
	}
	s.missing, s.diff.Added = append(s.missing, e), append(s.diff.Added, e.row)
}

func (s *linkSteps) remove(link structs.Row) {
	if len(s.missing) > 0 {
		s.flush()
	}
	s.others = append(s.others, link)
	row := structs.NewSlab(s.to.Layout, 1).New()
	for _, p := range s.far {
		s.err = errors.Join(s.err, p.Referenced.Assign(row, p.Holder, link))
	}
	s.diff.Removed = append(s.diff.Removed, row)
}

func (s *linkSteps) update(e linkEntry, payload []*structs.Field) {
	s.flush()
	s.diff.Changed = append(s.diff.Changed, e.row)
	stmt, err := s.change(payload, e)
	s.steps, s.err = append(s.steps, step{stmt: stmt}), errors.Join(s.err, err)
}

func (s *linkSteps) flush() {
	stmts, err := s.inserts(s.missing)
	for _, stmt := range stmts {
		s.steps = append(s.steps, step{stmt: stmt})
	}
	s.err = errors.Join(s.err, err)
	if len(s.others) > 0 {
		removed, err := s.removes(s.others)
		s.steps, s.err = append(s.steps, removed), errors.Join(s.err, err)
	}
	s.missing, s.others = nil, nil
}

// change writes the UPDATE of one link.
func (k *throughLinks) change(payload []*structs.Field, e linkEntry) (dialect.Statement, error) {
	scope, err := k.scope(k.t)
	if err != nil {
		return dialect.Statement{}, err
	}
	d := k.db.Dialect()
	row := compile.Row{Table: k.t.Graph, Where: model.ColumnNames(k.own()), Scope: scope}
	stmt, err := row.Update(model.ColumnNames(payload), nil, d)
	args := appendTold(appendGiven(nil, d, k.t.Graph, payload, e.link), d, k.t.Graph, k.own(), e.link)
	return dialect.Statement{SQL: stmt.SQL, Args: append(args, stmt.Args...)}, err
}

func (k *throughLinks) apply() {}

func (k *throughLinks) restore() {
	for _, s := range k.saved {
		s.Restore()
	}
}

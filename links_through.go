package dovetail

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// WRITE, continued: links that are rows of a join table. Each is made as a row in hand first, keys and all, and those are what is
// sent, compared and put into order.

// throughLinks links by rows of a join table.
type throughLinks struct {
	*linking
	t         *table          // the join table
	near, far []fieldPair     // its fields that point at the owner and at the related row, and what they are filled from
	mine      structs.Row     // a link with the owner's key alone
	entries   []linkEntry     // in the order of their keys, each once
	saved     []structs.Saved // of the links that the caller gave
}

// linkEntry is a related row and its link.
type linkEntry struct {
	row, link structs.Row
	given     bool // the caller gave the link: its other columns count
}

func (l *linking) throughLinks() (linker, error) {
	steps := l.relation.Steps
	k := &throughLinks{linking: l, t: l.registry.tableOf(l.relation.Link)}
	k.near, k.far = pairs(steps[0], l.from, k.t), pairs(steps[1], k.t, l.to)
	slab := structs.NewSlab(k.t.layout, len(l.rows)+1)
	k.mine = slab.New()
	if _, err := fillKey(l.relation, k.near, k.mine, l.owner); err != nil {
		return nil, err
	}
	links := make([]structs.Row, len(l.rows))
	for i, row := range l.rows {
		given := l.links != nil && l.links[i] != nil
		if given {
			links[i] = l.links[i]
			k.saved = append(k.saved, k.t.layout.Save(links[i]))
		} else {
			links[i] = slab.New()
		}
		if err := k.fill(links[i], row); err != nil {
			k.restore()
			return nil, err
		}
	}
	places, err := distinct(holders(k.far), links)
	if err == nil && l.links != nil && len(places) < len(links) {
		err = graph.Problemf(ErrInvalidRow, "two entries are for one row of %q; which of their links is meant is not known", l.to.graph.Name)
	}
	if err != nil {
		k.restore()
		return nil, err
	}
	for _, i := range places {
		k.entries = append(k.entries, linkEntry{l.rows[i], links[i], l.links != nil && l.links[i] != nil})
	}
	return k, nil
}

// fill gives a link its keys.
func (k *throughLinks) fill(link, row structs.Row) error {
	for _, end := range []struct {
		pairs []fieldPair
		from  structs.Row
	}{{k.near, k.owner}, {k.far, row}} {
		p, err := fillKey(k.relation, end.pairs, link, end.from)
		if err != nil {
			return err
		}
		if p != nil {
			return graph.Problemf(ErrInvalidRow, "column %q of a link is not the key of its row; make it zero to have it filled",
				p.holder.Column)
		}
	}
	return nil
}

// holders returns the fields that are filled.
func holders(pairs []fieldPair) []*structs.Field {
	fields := make([]*structs.Field, len(pairs))
	for i, p := range pairs {
		fields[i] = p.holder
	}
	return fields
}

// keys returns the fields of both keys, the owner's first.
func (k *throughLinks) keys() []*structs.Field { return slices.Concat(holders(k.near), holders(k.far)) }

// columns returns the fields that an INSERT gives: both keys and, of a link that was given, the others that the database does not
// make.
func (k *throughLinks) columns(e linkEntry) []*structs.Field {
	columns := k.keys()
	if !e.given {
		return columns
	}
	for c := range k.t.graph.Stored() {
		f := k.t.columns[c.Name]
		if c.Generated == "" && !slices.Contains(columns, f) && !(byDatabase(k.t.graph, c.Name) && f.IsZero(e.link)) {
			columns = append(columns, f)
		}
	}
	return columns
}

// payload returns those of the columns that a link may have other values in.
func (k *throughLinks) payload(columns []*structs.Field) []*structs.Field {
	return slices.DeleteFunc(slices.Clone(columns[len(k.near)+len(k.far):]), func(f *structs.Field) bool {
		return slices.Contains(k.t.graph.PrimaryKey, f.Column) || f.Column == k.t.graph.Version
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
		sql, err := compile.Insert{
			Table: k.t.graph, Columns: columnNames(columns), Rows: n,
			Conflict: &compile.Conflict{Columns: columnNames(k.keys()), Set: columnNames(k.payload(columns))},
		}.SQL(d)
		if err != nil {
			return nil, err
		}
		args := make([]any, 0, n*len(columns))
		for _, e := range entries[:n] {
			for _, f := range columns {
				args = append(args, f.Value(e.link))
			}
		}
		stmts, entries = append(stmts, dialect.Statement{SQL: sql, Args: args}), entries[n:]
	}
	return stmts, nil
}

func (k *throughLinks) link() (int64, error) {
	stmts, err := k.inserts(k.entries)
	if err != nil {
		return 0, queryError(k.op, err)
	}
	send := func() (total int64, err error) {
		affected, err := k.write(stmts, k.t.graph)
		for _, n := range affected {
			total += n
		}
		if err != nil {
			return 0, err
		}
		return total, nil
	}
	if len(stmts) == 1 {
		return send()
	}
	return allOrNone(k.linking, send)
}

// removes writes the DELETE of links of the owner, of those alone if there are any.
func (k *throughLinks) removes(links []structs.Row) (dialect.Statement, error) {
	is, err := equalTo(holders(k.near), k.mine)
	if err != nil {
		return dialect.Statement{}, err
	}
	q := selectFrom(k.t).filtered(is)
	if len(links) > 0 {
		if is, err = k.among(k.t, holders(k.far), links); err != nil {
			return dialect.Statement{}, err
		}
		q = q.filtered(is)
	}
	return k.removal(k.inOrder(q, holders(k.far), forUpdate))
}

func (k *throughLinks) unlink() (int64, error) {
	var links []structs.Row
	for _, e := range k.entries {
		links = append(links, e.link)
	}
	stmt, err := k.removes(links)
	if err != nil {
		return 0, queryError(k.op, err)
	}
	affected, err := k.write([]dialect.Statement{stmt}, k.t.graph)
	if err != nil {
		return 0, err
	}
	return affected[0], nil
}

func (k *throughLinks) replace() (diff, error) { return allOrNone(k.linking, k.replaced) }

func (k *throughLinks) replaced() (diff, error) {
	if err := k.lockOwner(); err != nil {
		return diff{}, err
	}
	is, err := equalTo(holders(k.near), k.mine)
	if err != nil {
		return diff{}, queryError(k.op, err)
	}
	q := selectFrom(k.t).filtered(is).addOrderBy(columnNames(holders(k.far))...)
	if !slices.ContainsFunc(k.entries, func(e linkEntry) bool { return e.given }) {
		q = q.addColumns(namesOnce(k.keys())...)
	}
	there, err := k.read(q, "") // the owner's lock is enough, and a link that was locked here would be locked out of order
	if err != nil {
		return diff{}, err
	}
	d, stmts, err := k.difference(there)
	if err != nil {
		return diff{}, queryError(k.op, err)
	}
	_, err = k.write(stmts, k.t.graph)
	return d, err
}

// difference compares the links that are there with those that are wanted, and writes the statements that make them so.
func (k *throughLinks) difference(there []structs.Row) (diff, []dialect.Statement, error) {
	s := linkSteps{throughLinks: k}
	far := holders(k.far)
	known := map[string]structs.Row{}
	for _, link := range there {
		text, err := textOfKey(far, link)
		if err != nil {
			return diff{}, nil, err
		}
		known[text] = link
	}
	all := make([]structs.Row, 0, len(k.entries)+len(there))
	for _, e := range k.entries {
		all = append(all, e.link)
	}
	all = append(all, there...)
	places, err := distinct(far, all) // of a link that is wanted and there, that which is wanted
	if err != nil {
		return diff{}, nil, err
	}
	for _, i := range places {
		if i >= len(k.entries) {
			s.remove(all[i])
			continue
		}
		e := k.entries[i]
		text, err := textOfKey(far, e.link)
		if err != nil {
			return diff{}, nil, err
		}
		payload := k.payload(k.columns(e))
		held, ok := known[text]
		if !ok {
			s.insert(e)
		} else if slices.ContainsFunc(payload, func(f *structs.Field) bool { return !f.Same(held, e.link) }) {
			s.update(e, payload)
		}
	}
	s.flush()
	return s.diff, s.stmts, s.err
}

// linkSteps are the statements of a difference. They write to links in the order of the keys, whatever they do to each: links
// that follow each other are one statement if the same is done to them. Whoever links or unlinks at the same time keeps that
// order too, so that no two wait for each other.
type linkSteps struct {
	*throughLinks
	diff    diff
	stmts   []dialect.Statement
	err     error
	missing []linkEntry   // to be inserted next
	others  []structs.Row // to be deleted next
}

func (s *linkSteps) insert(e linkEntry) {
	if len(s.others) > 0 {
		s.flush()
	}
	s.missing, s.diff.added = append(s.missing, e), append(s.diff.added, e.row)
}

func (s *linkSteps) remove(link structs.Row) {
	if len(s.missing) > 0 {
		s.flush()
	}
	s.others = append(s.others, link)
	row := structs.NewSlab(s.to.layout, 1).New()
	for _, p := range s.far {
		s.err = errors.Join(s.err, p.referenced.Assign(row, p.holder, link))
	}
	s.diff.removed = append(s.diff.removed, row)
}

func (s *linkSteps) update(e linkEntry, payload []*structs.Field) {
	s.flush()
	s.diff.changed = append(s.diff.changed, e.row)
	stmt, err := s.change(payload, e)
	s.stmts, s.err = append(s.stmts, stmt), errors.Join(s.err, err)
}

func (s *linkSteps) flush() {
	stmts, err := s.inserts(s.missing)
	s.stmts, s.err = append(s.stmts, stmts...), errors.Join(s.err, err)
	if len(s.others) > 0 {
		stmt, err := s.removes(s.others)
		s.stmts, s.err = append(s.stmts, stmt), errors.Join(s.err, err)
	}
	s.missing, s.others = nil, nil
}

// change writes the UPDATE of one link.
func (k *throughLinks) change(payload []*structs.Field, e linkEntry) (dialect.Statement, error) {
	sql, err := compile.UpdateRow(k.t.graph, columnNames(payload), columnNames(k.keys()), nil, k.db.Dialect())
	var args []any
	for _, f := range slices.Concat(payload, k.keys()) {
		args = append(args, f.Value(e.link))
	}
	return dialect.Statement{SQL: sql, Args: args}, err
}

func (k *throughLinks) settle() {}

func (k *throughLinks) restore() {
	for _, s := range k.saved {
		s.Restore()
	}
}

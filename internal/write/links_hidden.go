package write

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS that are there and not seen: rows of a join table that keep a link from being inserted, and are out of its scope or not what
// the relation is about.

// hides reports whether a link may be there and not seen.
func (k *throughLinks) hides() bool {
	return len(k.registry.Rules.Tables[k.t.Graph]) > 0 || len(k.told) < len(k.own())
}

// mayBringBack reports whether links that the caller gave may be there and marked as deleted.
func (k *throughLinks) mayBringBack() bool {
	return k.t.Graph.SoftDelete != "" && slices.ContainsFunc(k.entries, func(e linkEntry) bool { return e.given })
}

// looks has what is there and not seen looked for before anything is written, and reports whether that is new.
func (k *throughLinks) looks() bool {
	before := k.looksFirst
	k.looksFirst = true
	return !before
}

// lacks reports whether an INSERT of a link gives no value for a column that must have one, and that nothing else is known to give.
func (k *throughLinks) lacks(e linkEntry) bool {
	if e.given {
		return false
	}
	given := model.ColumnNames(k.columns(e))
	for c := range k.t.Graph.Stored() {
		if (!c.Nullable || c.NotNull) && !slices.Contains(given, c.Name) && !model.MadeByDatabase(k.t.Graph, c.Name) {
			return true
		}
	}
	return false
}

// looksAgain reports whether the error is of what a link without other columns lacks, which is asked of one that is there too: the
// database checks a row before it looks whether there is one of its key. Or it is of a key by which the database does not tell links, or of a
// link that went meanwhile.
func (k *throughLinks) looksAgain(err error) bool {
	if k.triesAgain(err) {
		return true
	}
	if lacksUnique(err) {
		return k.tellsOtherwise()
	}
	var e *fault.ConstraintError
	if !errors.As(err, &e) || e.Kind != fault.NotNullConstraint && e.Kind != fault.CheckConstraint || e.Table != k.t.Graph.Name {
		return false
	}
	return k.bare() && k.looks()
}

// lacksUnique reports whether the error is of columns that the database does not have unique.
func lacksUnique(err error) bool {
	var lacking *unfit
	return errors.As(err, &lacking) && lacking.why == noUnique
}

// toldBy returns the columns by which the database is known to tell links, else those by which it should.
func (k *throughLinks) toldBy() []string {
	t := k.t.Graph
	known, ok := k.db.Catalog().Unique(t.Schema, t.Name, k.tells[0])
	if !ok || !containsKey(k.tells, known) {
		return k.tells[0]
	}
	return known
}

// tellsOtherwise has links told by columns that the database has not refused yet, for it may have them unique for one tenant, for all, or for
// one kind. It reports whether there are any.
func (k *throughLinks) tellsOtherwise() bool {
	k.refused = append(k.refused, k.told)
	k.remember(nil)
	for _, columns := range k.tells {
		if !containsKey(k.refused, columns) {
			k.told = columns
			return true
		}
	}
	return false
}

// remember has other calls tell links as was learned, or as they should be told.
func (k *throughLinks) remember(told []string) {
	t := k.t.Graph
	k.db.Catalog().SetUnique(t.Schema, t.Name, k.tells[0], told)
}

func containsKey(keys [][]string, key []string) bool {
	return slices.ContainsFunc(keys, func(k []string) bool { return slices.Equal(k, key) })
}

// linkRest links by the entries that are not there: those without other columns, if that was looked for first.
func (k *throughLinks) linkRest() (int64, error) {
	unseen, err := k.unseen()
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	rest := slices.Clone(k.entries)
	if len(unseen) > 0 {
		there, err := k.byRow(unseen)
		if err != nil {
			return 0, query.Failure(k.op, err)
		}
		rest = slices.DeleteFunc(rest, func(e linkEntry) bool {
			text, err := k.rowText(e.link)
			return err == nil && !e.given && len(there[text]) > 0
		})
	}
	steps, err := k.inserts(rest, false)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	return k.linksBy(steps)
}

// unseen reads and locks what keeps the links of the entries from being inserted, whole rows, if that is looked for first.
func (k *throughLinks) unseen() ([]structs.Row, error) {
	if !k.looksFirst || len(k.entries) == 0 {
		return nil, nil
	}
	q, err := k.inTheWay()
	if err != nil {
		return nil, err
	}
	there, err := k.read(q.OrderBy(model.ColumnNames(k.order())...), noKeyUpdate)
	return slices.DeleteFunc(there, k.leadsNowhere), err
}

// returning returns what is written to a link that was given, and that is marked.
func (k *throughLinks) returning(e linkEntry) []*structs.Field {
	payload := k.payload(e)
	if mark := k.t.Columns[k.t.Graph.SoftDelete]; mark != nil && !slices.Contains(payload, mark) {
		payload = append(payload, mark)
	}
	return payload
}

// bringBack makes sure that the links of the entries are seen, and returns how many it has brought into the join table's scope, where that is a
// soft delete: those that no INSERT was about. inserted is how many were inserted or written to.
func (k *throughLinks) bringBack(inserted int64) (int64, error) {
	given := slices.ContainsFunc(k.entries, func(e linkEntry) bool { return e.given })
	if !k.hides() || inserted == int64(len(k.entries)) && !given {
		return 0, nil
	}
	hidden, err := k.hidden()
	if err != nil || len(hidden) == 0 {
		return 0, err
	}
	n := int64(0)
	if k.t.Graph.SoftDelete != "" {
		if n, err = k.unmark(hidden); err != nil {
			return 0, err
		}
		if hidden, err = k.hidden(); err != nil {
			return 0, err
		}
	}
	if len(hidden) > 0 {
		if hidden, err = k.stillHidden(hidden); err != nil {
			return 0, err
		}
	}
	if len(hidden) > 0 {
		return 0, &fault.QueryError{Op: k.op, Err: graph.Problemf(fault.ErrInvalidRow, "%d of %d rows %s linked to the owner by rows of %q that are out "+
			"of its Scope, or not what the relation says of a link; change or remove those rows", len(hidden), len(k.entries), isOf(len(hidden)),
			k.t.Graph.Name)}
	}
	return n, nil
}

// goneTries is how often rows are tried to be written while others remove them, or what is in the way.
const goneTries = 50

// goneLink is of links that are not as they were a statement before.
type goneLink struct{ error }

func (e *goneLink) Unwrap() error { return e.error }

// notInserted is the error of what was not inserted because something was in the way, which is not there.
func notInserted(what string, t *graph.Table) error {
	return graph.Problemf(fault.ErrInvalidRow, "%s was not inserted into %q, and is not there: others remove it meanwhile, or a trigger or a rule keeps "+
		"it out; call again, or look at the triggers", what, t.Name)
}

// notWritten is the error of links that were to be written to, and are not as they were when they were looked for.
func notWritten(t *graph.Table) error {
	return graph.Problemf(fault.ErrInvalidRow, "not all links in %q were written to that were to be: others link or unlink the same rows meanwhile, or a trigger or a "+
		"rule keeps some as they are; call again, or look at the triggers", t.Name)
}

// stillHidden locks what keeps the links from being inserted, so that it stays, and returns those of them that are not seen then. Where
// nothing does, another has removed it since: that is a [goneLink].
func (k *throughLinks) stillHidden(links []structs.Row) ([]structs.Row, error) {
	q, err := k.inTheWay()
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	there, err := k.read(q.OrderBy(model.ColumnNames(k.order())...), noKeyUpdate)
	if err != nil {
		return nil, err
	}
	found, err := k.byRow(there)
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	for _, link := range links {
		if text, err := k.rowText(link); err == nil && len(found[text]) == 0 {
			return nil, &fault.QueryError{Op: k.op, Err: &goneLink{notInserted("a link", k.t.Graph)}}
		}
	}
	return k.hidden()
}

// triesAgain reports whether the error is of links that others have written to between two statements, and that are to be tried again.
func (k *throughLinks) triesAgain(err error) bool {
	var gone *goneLink
	if !errors.As(err, &gone) || !k.db.Dialect().Features().RowLocks {
		return false
	}
	k.tries++
	return k.tries < goneTries
}

// hidden returns the links of the entries that are not seen.
func (k *throughLinks) hidden() ([]structs.Row, error) {
	links := k.links()
	q, err := k.linksOfOwner(links)
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	there, err := k.read(q.Columns(model.ColumnNames(k.order())...), "")
	if err != nil {
		return nil, err
	}
	seen, err := k.byRow(there)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(links, func(link structs.Row) bool {
		text, err := k.rowText(link)
		return err == nil && len(seen[text]) > 0
	}), nil
}

// rowText is the key of the row that a link leads to, so that equal ones are equal texts.
func (k *throughLinks) rowText(link structs.Row) (string, error) {
	return k.rowKey.Text(k.facing(k.way, []structs.Row{link})[0])
}

// learnRows finds how the rows are told that the links of the call and the given ones lead to.
func (k *throughLinks) learnRows(links []structs.Row) (err error) {
	k.rowKey, err = k.heldKey(k.t, holders(k.far), k.far, k.facing(k.way, append(k.links(), links...)))
	return err
}

// byRow returns links by the rows that they lead to.
func (k *throughLinks) byRow(links []structs.Row) (map[string][]structs.Row, error) {
	if err := k.learnRows(links); err != nil {
		return nil, err
	}
	found := map[string][]structs.Row{}
	for _, link := range links {
		if k.isTurned(link) && slices.ContainsFunc(k.turned.near, func(p model.FieldPair) bool { return !k.same(k.t, p.Holder, k.turned.near, link, k.turned.mine) }) {
			return nil, graph.Problemf(fault.ErrInvalidRow, "a row of %q has the owner's key in another spelling, so that it cannot be told at which end the "+
				"owner is; give keys one spelling in the database", k.t.Graph.Name)
		}
		text, err := k.rowText(link)
		if err != nil {
			return nil, err
		}
		found[text] = append(found[text], link)
	}
	return found, nil
}

// unmark takes the mark of a soft delete from those of the links that have it, and returns how many those are.
func (k *throughLinks) unmark(links []structs.Row) (int64, error) {
	q, err := k.linksOfOwner(links)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	unmarked, _ := k.t.Graph.Unmarked()
	is := &plan.NotTrue{Expr: are([]graph.Constant{unmarked})}
	q = k.inOrder(q.Unscoped([]string{graph.SoftDeleteName}).Filtered(is), k.order(), noKeyUpdate)
	stmt, err := k.update(q, []*structs.Field{k.t.Columns[unmarked.Column]}, structs.NewSlab(k.t.Layout, 1).New())
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	n, err := k.write([]dialect.Statement{stmt}, k.t.Graph)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

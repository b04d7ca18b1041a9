package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS that are there and not seen: rows of a join table that keep a link from being inserted, and are out of its scope or not what
// the relation is about.

// hides reports whether a link may be there and not seen.
func (k *throughLinks) hides() bool {
	own := model.ColumnNames(k.own())
	return len(k.registry.Rules.Tables[k.t.Graph]) > 0 || len(k.relation.LinkKey(own)) < len(own)
}

// bringBack brings links that were not inserted, because they are there, into the join table's scope where that is a soft delete,
// and returns how many of them the INSERT did not write to. inserted is how many were.
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
		n -= k.written(hidden)
		if hidden, err = k.hidden(); err != nil {
			return 0, err
		}
	}
	if len(hidden) > 0 {
		return 0, &fault.QueryError{Op: k.op, Err: graph.Problemf(fault.ErrInvalidRow, "%d of %d rows are linked to the owner by rows of %q that are out "+
			"of its Scope, or not what the relation says of a link; change or remove those rows", len(hidden), len(k.entries), k.t.Graph.Name)}
	}
	return n, nil
}

// written returns how many of the links, which are there, were written to by the INSERT, and are among those that it affected.
func (k *throughLinks) written(links []structs.Row) (n int64) {
	for _, e := range k.entries {
		if slices.Contains(links, e.link) && e.given && len(k.payload(k.columns(e))) > 0 {
			n++
		}
	}
	return n
}

// hidden returns the links of the entries that are not seen.
func (k *throughLinks) hidden() ([]structs.Row, error) {
	links := make([]structs.Row, len(k.entries))
	for i, e := range k.entries {
		links[i] = e.link
	}
	q, err := k.linksAmong(links)
	if err != nil {
		return nil, query.Failure(k.op, err)
	}
	far := holders(k.far)
	there, err := k.read(q.Columns(model.ColumnNames(far)...), "")
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, link := range there {
		text, err := load.TextOfKey(far, link)
		if err != nil {
			return nil, err
		}
		seen[text] = true
	}
	return slices.DeleteFunc(links, func(link structs.Row) bool {
		text, err := load.TextOfKey(far, link)
		return err == nil && seen[text]
	}), nil
}

// linksAmong is the query for those of the owner's links that lead to the same rows as the links.
func (k *throughLinks) linksAmong(links []structs.Row) (*query.Query, error) {
	q, err := k.linksOfOwner()
	if err != nil {
		return nil, err
	}
	is, err := k.among(k.t, holders(k.far), links)
	return q.Filtered(is), err
}

// unmark takes the mark of a soft delete from links.
func (k *throughLinks) unmark(links []structs.Row) (int64, error) {
	q, err := k.linksAmong(links)
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	mark := k.t.Columns[k.t.Graph.SoftDelete]
	stmt, err := k.update(q.Unscoped([]string{graph.SoftDeleteName}), []*structs.Field{mark}, structs.NewSlab(k.t.Layout, 1).New())
	if err != nil {
		return 0, query.Failure(k.op, err)
	}
	n, err := k.write([]dialect.Statement{stmt}, k.t.Graph)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

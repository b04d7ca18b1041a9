package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// check refuses what would be silently wrong.
func (q *Query) check(spec *Spec) error {
	for _, rule := range []func(*Spec) error{
		q.checkForOwners, q.checkTree, q.checkFetched, q.checkFanOut, q.checkAggregates, q.checkGrouped, q.checkLock,
	} {
		if err := rule(spec); err != nil {
			return err
		}
	}
	return nil
}

// multiplying returns the joins that give the root more than one row, innermost prefixes first.
func (q *Query) multiplying() []*Binding {
	return q.those(func(b *Binding) bool { return b.Many })
}

// those returns the bindings that are as asked, innermost prefixes first.
func (q *Query) those(are func(*Binding) bool) []*Binding {
	var all []*Binding
	for _, b := range q.Bindings {
		if are(b) {
			all = append(all, b)
		}
	}
	return all
}

func (q *Query) checkFanOut(spec *Spec) error {
	many := q.multiplying()
	if len(many) == 0 || q.Distinct || len(q.GroupBy) > 0 || q.Aggregated() && spec.Lock.Strength == "" {
		return nil
	}
	method := spec.limiting()
	switch {
	case method != "":
	case len(spec.With) > 0 && !q.Folded:
		method = "With"
	case spec.Lock.Strength != "":
		return graph.Problemf(ErrFanOut, "%s would lock a row of %q once for each row of join %q; use Has(%q, …) instead of the join",
			spec.Lock.Method, q.Base.Table.Name, many[0].Path, many[0].Path)
	default:
		return nil
	}
	path := many[0].Path
	return graph.Problemf(ErrFanOut, "%s would count rows of join %q, which gives a row of %q once for each of its related rows; "+
		"use Distinct() for each row once, Has(%q, …) instead of the join, or GroupBy", method, path, q.Base.Table.Name, path)
}

// checkAggregates refuses to count or sum over two lists joined side by side: each multiplies the other.
func (q *Query) checkAggregates(*Spec) error {
	if len(q.GroupBy) == 0 {
		return nil
	}
	// What a to-one join finds for a row multiplies nothing.
	many := slices.DeleteFunc(q.multiplying(), func(b *Binding) bool { return b.Relation.Cardinality != graph.Many })
	for i, a := range many {
		for _, b := range many[i+1:] {
			if strings.HasPrefix(b.Path+".", a.Path+".") {
				continue
			}
			for _, o := range q.Outputs {
				if t, ok := o.Expr.(*Text); ok && t.SQL.Aggregates {
					return graph.Problemf(ErrFanOut, "an aggregate over joins %q and %q would count every row of one for each row of the "+
						"other; aggregate one of them in a query of its own, or use DISTINCT inside the aggregate", a.Path, b.Path)
				}
			}
		}
	}
	return nil
}

// Aggregated reports whether all rows become one: there is an aggregate among the columns, as far as their text shows, and no group.
func (q *Query) Aggregated() bool {
	return len(q.GroupBy) == 0 && slices.ContainsFunc(q.Outputs, Output.aggregate)
}

// Gathers reports whether a row of the result is made of several rows.
func (q *Query) Gathers() bool { return len(q.GroupBy) > 0 || q.Aggregated() }

// aggregate reports whether the output is text with an aggregate of the query's own rows.
func (o Output) aggregate() bool {
	t, ok := o.Expr.(*Text)
	return ok && !t.SQL.Select && !t.SQL.Window && t.SQL.Groups()
}

// checkUngrouped refuses aggregates and values of a row side by side without a group: there is one row, of no row in particular.
// PostgreSQL does too, SQLite picks any row's.
func (q *Query) checkUngrouped() error {
	if len(q.Having) > 0 {
		return graph.Problemf(ErrInvalid, "Having without GroupBy; group by a column, or use Where")
	}
	if !q.Aggregated() {
		return nil
	}
	for _, o := range q.Outputs {
		if o.Expr == nil {
			return graph.Problemf(ErrInvalid, "Column: an aggregate beside columns without GroupBy; group by a column, or leave the "+
				"table's columns out with Columns()")
		}
		if a, ok := o.Expr.(*Aggregate); ok {
			if _, found := q.ungrouped(a); found {
				return &PathError{Method: "With", Err: graph.Problemf(ErrInvalid, "the value %q is made for each row of %q, and an aggregate "+
					"beside it makes one row of them all; group by a column, or ask for one of the two in a query of its own", a.Name,
					q.Base.Table.Name)}
			}
		}
	}
	return nil
}

func (q *Query) checkLock(*Spec) error {
	switch {
	case q.Lock.Strength == "" && q.Lock.Wait != "":
		return graph.Problemf(ErrInvalid, "%s without a lock; add ForUpdate or another", q.Lock.Wait)
	case q.Lock.Strength == "":
		return nil
	case q.Source != nil:
		return graph.Problemf(ErrUnsupported, "%s with From: a row of a subquery need not be a row of %q; lock the rows in a query of "+
			"their own", q.Lock.Method, q.Base.Table.Name)
	case q.Base.Table.Query != "":
		return graph.Problemf(ErrUnsupported, "%s: %q is a query, whose rows need not be those of a table; lock the rows in a query of their own",
			q.Lock.Method, q.Base.Table.Name)
	case q.Distinct:
		return graph.Problemf(ErrUnsupported, "%s with Distinct: no row of the result is one row of %q to lock; use Has "+
			"instead of the join that made Distinct necessary", q.Lock.Method, q.Base.Table.Name)
	case len(q.GroupBy) > 0:
		return graph.Problemf(ErrUnsupported, "%s with GroupBy: no row of the result is one row of %q to lock; lock them by a query of their own",
			q.Lock.Method, q.Base.Table.Name)
	}
	return nil
}

// checkForOwners refuses clauses that have no meaning for rows fetched for a list of owners.
func (q *Query) checkForOwners(spec *Spec) error {
	if q.ForOwners == nil {
		return nil
	}
	limited := spec.limiting() != ""
	switch {
	case len(q.GroupBy) > 0 || len(q.Having) > 0:
		return graph.Problemf(ErrUnsupported, "a query with GroupBy cannot be preloaded: its rows are not rows of %q; use With for "+
			"values of related rows, or Collect for groups", q.Base.Table.Name)
	case limited && q.Distinct:
		return graph.Problemf(ErrUnsupported, "Distinct and a limit for each owner do not go together; use Has instead of the join")
	case limited && q.Lock.Strength != "":
		return graph.Problemf(ErrUnsupported, "%s and a limit for each owner do not go together; leave one out", q.Lock.Method)
	case limited:
		return q.checkRanked()
	}
	return nil
}

// checkRanked refuses an order by what only the result has a name for: the rows of each owner are numbered before that.
func (q *Query) checkRanked() error {
	for _, o := range q.OrderBy {
		t, isText := o.Value.(*Text)
		if o.Output != "" && (o.Value == nil || isText && t.SQL.Window) {
			return &PathError{Method: "OrderBy", Err: graph.Problemf(ErrUnsupported, "%q is computed by Column, and a limit for each "+
				"owner cannot order by its name; use OrderByClause with the expression", o.Output)}
		}
	}
	return nil
}

// distinct makes DISTINCT and the order fit: what is ordered by must be selected, and of what is not yet, all rows that become one must
// have the same. Where a column has no equality, rows are told apart by the primary key.
func (q *Query) distinct(spec *Spec) error {
	if !q.Distinct {
		return nil
	}
	if done, err := q.distinctByKey(spec.Unequal); done || err != nil {
		return err
	}
	for _, o := range q.OrderBy {
		switch {
		case o.Output != "":
		case o.Expr != nil:
			return &PathError{Method: "OrderByClause", Err: graph.Problemf(ErrUnsupported,
				"with Distinct, an expression must be selected to be ordered by; select it with Column and order by its name")}
		case o.Ref.Binding.Varies:
			return &PathError{Method: "OrderBy", Err: graph.Problemf(ErrFanOut,
				"%q has several values for each row of %q that Distinct leaves; leave Distinct out, or make the field of relation %q a "+
					"[]dovetail.Linked", o.Ref.Name, q.Base.Table.Name, q.ForOwners.Relation)}
		case !q.Folded && q.selected(o.Ref): // a row of the result has one value of it
		case o.Ref.Binding.Many && !o.Ref.Binding.Fetched:
			return &PathError{Method: "OrderBy", Err: graph.Problemf(ErrFanOut,
				"%q has several values for each row of %q that Distinct leaves; say which: select With(Max(%q).As(…)) and order by its name, "+
					"or replace Distinct by GroupBy and order by an aggregate; if the order is not meant, use Has(%q, …) instead of the join",
				o.Ref.Name, q.Base.Table.Name, o.Ref.Binding.Path+"."+o.Ref.Column, o.Ref.Binding.joined().Path)}
		case !q.selected(o.Ref):
			q.Outputs = append(q.Outputs, Output{Ref: o.Ref, Added: true})
		}
	}
	return nil
}

// withoutEquality returns a selected column that has no equality, as its declaration or the database says, or else one of which the Go
// type does not tell. untold are those that the database may know to be of such a type: these, and texts, as which one of another type may be read.
func (q *Query) withoutEquality(unequal []string) (none, unknown *graph.Column, untold []string) {
	for _, o := range q.Outputs {
		if o.Expr != nil {
			continue
		}
		c, ok := o.Ref.Binding.Table.Column(o.Ref.Column)
		switch {
		case !ok:
		case c.Class == graph.ClassDocument, Incomparable(c.SQLType), o.Ref.Binding == q.Base && slices.Contains(unequal, c.Name):
			return c, nil, nil
		case c.Class == graph.ClassBytes, c.Class == graph.ClassCustom:
			unknown, untold = c, append(untold, c.Name)
		case c.Class == graph.ClassText && c.SQLType == "" && c.Enum == "":
			untold = append(untold, c.Name)
		}
	}
	return nil, unknown, untold
}

// Incomparable reports whether rows cannot be told apart by values of an SQL type, however their field is declared.
func Incomparable(sqlType string) bool {
	switch strings.TrimRight(strings.ToLower(sqlType), "[]") {
	case "json", "jsonpath", "xml", "point", "box", "path", "polygon", "circle", "line", "lseg", "refcursor", "pg_snapshot", "txid_snapshot":
		return true
	}
	return false
}

// distinctByKey tells rows apart by the primary key where a column that is selected has no equality. Where that is not known, and
// the primary key is selected, it comes to the same.
func (q *Query) distinctByKey(unequal []string) (done bool, err error) {
	none, unknown, untold := q.withoutEquality(unequal)
	if none == nil && len(untold) == 0 {
		return false, nil
	}
	why := q.notByKey()
	switch {
	case why == "" && (none != nil || unknown != nil && q.keySelected()):
		q.ByKey = true
		return true, nil
	case none == nil:
		if q.Source == nil || q.ofColumns(q.Source) {
			q.Untold = untold // where it fails, the database is asked which it is
		}
		return false, nil
	}
	mend := "leave the column out with Columns"
	switch {
	case q.Source != nil:
		mend += ", or use Distinct in the query of From"
	case len(q.multiplying()) > 0:
		mend += ", or use Has instead of the join"
	}
	return true, graph.Problemf(ErrUnsupported, "Distinct: column %q (%s) has no equality, and rows cannot be told apart by the primary "+
		"key because %s; %s", none.Name, none.GoType, why, mend)
}

// keySelected reports whether the result has the whole primary key.
func (q *Query) keySelected() bool {
	return !slices.ContainsFunc(q.Base.Table.PrimaryKey, func(c string) bool { return !q.selected(q.own(c)) })
}

// PerRow returns the query's scope with those of the joins alone that the result or its order is about and that give a row of the table
// once, for a query whose rows are told apart by the primary key. What a subquery of it names from the row around may be any of them.
func (q *Query) PerRow() *Scope {
	read := map[*Binding]bool{}
	add := func(b *Binding) {
		for ; b != nil && !b.Many; b = b.Parent {
			read[b] = true
		}
	}
	for _, o := range q.Outputs {
		add(o.Ref.Binding)
	}
	for _, o := range q.OrderBy {
		add(o.Ref.Binding)
	}
	s := *q.Scope
	s.Bindings = q.those(func(b *Binding) bool { return b == q.Base || read[b] || q.Base.Named && !b.Many })
	return &s
}

// ofColumns reports whether the rows that are read instead of the base's table have columns of that alone, under their names.
func (q *Query) ofColumns(source Expr) bool {
	sub, ok := source.(*Subquery)
	return ok && sub.Query.Base.Table.Same(q.Base.Table) && (sub.Query.Source == nil || sub.Query.ofColumns(sub.Query.Source)) &&
		!slices.ContainsFunc(sub.Query.Outputs, func(o Output) bool { return o.Expr != nil || o.Alias != "" || o.Ref.Binding != sub.Query.Base })
}

// onceBy reports whether the rows that are read instead of the base's table are known to have each of its primary keys once.
func (q *Query) onceBy(source Expr) bool {
	sub, ok := source.(*Subquery)
	if !ok || !sub.Query.Base.Table.Same(q.Base.Table) || sub.Query.Source != nil && !sub.Query.onceBy(sub.Query.Source) {
		return false
	}
	of := sub.Query
	for _, k := range q.Base.Table.PrimaryKey {
		own := func(o Output) bool {
			return o.Expr == nil && o.Alias == "" && o.Ref.Binding == of.Base && o.Ref.Column == k
		}
		if !slices.ContainsFunc(of.Outputs, own) {
			return false
		}
	}
	return of.ByKey || len(of.multiplying()) == 0
}

// notByKey says why the primary key does not tell the rows of the result apart; empty: it does.
func (q *Query) notByKey() string {
	if len(q.Base.Table.PrimaryKey) == 0 {
		return graph.Textf("table %q has none declared", q.Base.Table.Name)
	}
	if len(q.GroupBy) > 0 {
		return "of GroupBy"
	}
	if q.Source != nil && !q.onceBy(q.Source) {
		return "From may give one several times"
	}
	if q.ForOwners != nil {
		return "of the preload"
	}
	if many := q.multiplying(); len(many) > 0 && len(q.values.all) > 0 && q.Base.Named {
		return graph.Textf("values of With may be about rows of join %q", many[0].Path)
	}
	for _, o := range q.Outputs {
		if _, made := o.Expr.(*Text); made {
			return "an expression is selected"
		}
		if o.Expr == nil && o.Ref.Binding.Many {
			return graph.Textf("columns of join %q are selected", o.Ref.Binding.Path)
		}
	}
	for _, o := range q.OrderBy {
		switch {
		case o.Expr != nil:
			return "an expression is ordered by"
		case o.Output == "" && o.Ref.Binding.Many:
			return graph.Textf("columns of join %q are ordered by", o.Ref.Binding.Path)
		}
	}
	return ""
}

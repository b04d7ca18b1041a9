package oracle_test

import (
	"fmt"
	"slices"
	"strings"
)

// The queries of the oracle test, as plain data: they are turned into dovetail's queries by one file and evaluated by
// another.

type oraSpec struct {
	table    *oraTable
	joins    []*oraJoin
	where    []*oraPred
	distinct bool
	atOnce   bool // in one round trip, where that can be
	values   []*oraAggregate
	order    []oraOrderTerm
	limit    int // -1: none
	offset   int // -1: none
	after    []any
	before   []any // nil: none
	unscoped []oraLift
	part     bool // of another query: what is lifted elsewhere in that is left out
	preloads []*oraPreload
}

type oraJoin struct {
	path []*oraRelation
	left bool
	on   []*oraPred
}

type oraOrderTerm struct {
	ref   oraRef
	desc  bool
	nulls string // "", "FIRST" or "LAST"
}

type oraPreload struct {
	rel    *oraRelation
	spec   *oraSpec // nil: no query is given
	kids   []*oraPreload
	nested bool // the kids are preloads of spec, else they are given by their dotted paths

	fetched bool // with the rows it is loaded onto
}

// oraRef names a column: of the scope's own table, of the table at a path from there, of the join table that a many-to-many
// goes by, or of the statement's root. It may also name a value that the query selects.
type oraRef struct {
	up    int  // how many rows around the own one: their columns alone
	self  bool // the own row is said
	path  []*oraRelation
	link  bool
	root  *oraTable
	col   *oraColumn
	value *oraAggregate
}

// binding returns the path of the row that the name is about.
func (r oraRef) binding() string {
	if r.link {
		return oraJoinPath(oraPath(r.path), "link")
	}
	return oraPath(r.path)
}

// plain reports whether the name is about the scope's own row.
func (r oraRef) plain() bool { return len(r.path) == 0 && !r.link && r.value == nil && r.up == 0 }

func (r oraRef) String() string {
	var parts []string
	for range r.up {
		parts = append(parts, "outer")
	}
	if r.self {
		parts = append(parts, "self")
	}
	if r.root != nil {
		parts = append(parts, r.root.name)
	}
	if at := r.binding(); at != "" {
		parts = append(parts, at)
	}
	return strings.Join(append(parts, r.col.name), ".")
}

// shared reports whether the path goes along a relation that has the name of a column.
func (r oraRef) shared() bool {
	return slices.ContainsFunc(r.path, func(p *oraRelation) bool { return p.owner.column(p.name) != nil })
}

// orderable reports whether rows can be compared by the column.
func (r oraRef) orderable() bool { return r.col.kind != oraNote }

func oraPath(path []*oraRelation) string {
	names := make([]string, len(path))
	for i, r := range path {
		names[i] = r.name
	}
	return strings.Join(names, ".")
}

// oraPred is a condition. Its op is one of
//
//	= <> < <= > >=   with arg, or with another column
//	distinct         NotEqOrNull, with the same
//	in, not in       with list, in which nil is NULL
//	null, not null
//	contains, starts, ends   with arg
//	and, or          with kids
//	text             kids joined by OR, as one piece of SQL text without parentheses
//	matching         kids, of a query of the scope's table
//	has, has none    with path and kids
//	has every        with path and kids
//	has at least     with path, kids, and arg, a number
//	has all          with path and list, of primary keys
type oraPred struct {
	op   string
	ref  oraRef
	arg  any
	with *oraRef // instead of arg; nil: none
	list []any
	kids []*oraPred
	path []*oraRelation
}

func (p *oraPred) String() string {
	kids := make([]string, len(p.kids))
	for i, k := range p.kids {
		kids[i] = k.String()
	}
	switch p.op {
	case "and", "or", "text", "matching":
		return p.op + "{" + strings.Join(kids, "; ") + "}"
	case "has", "has none", "has every":
		return fmt.Sprintf("%s(%s: %s)", p.op, oraPath(p.path), strings.Join(kids, "; "))
	case "has at least", "has all":
		return fmt.Sprintf("%s %v%v(%s: %s)", p.op, p.arg, p.list, oraPath(p.path), strings.Join(kids, "; "))
	case "null", "not null":
		return fmt.Sprintf("%s is %s", p.ref, p.op)
	case "in", "not in":
		return fmt.Sprintf("%s %s %s", p.ref, p.op, oraListText(p.list))
	}
	if p.with != nil {
		return fmt.Sprintf("%s %s column %s", p.ref, p.op, p.with)
	}
	return fmt.Sprintf("%s %s %s", p.ref, p.op, oraValueText(p.arg))
}

func oraListText(list []any) string {
	items := make([]string, len(list))
	for i, v := range list {
		items[i] = oraValueText(v)
	}
	return "[" + strings.Join(items, " ") + "]"
}

func (s *oraSpec) String() string {
	var b strings.Builder
	s.write(&b, "")
	return b.String()
}

func (s *oraSpec) write(b *strings.Builder, indent string) {
	fmt.Fprintf(b, "%sselect %s", indent, s.table.name)
	if s.distinct {
		b.WriteString(" distinct")
	}
	if s.atOnce {
		b.WriteString(" in one round trip")
	}
	for _, l := range s.unscoped {
		fmt.Fprintf(b, " unscoped(%s %s)", l.path, l.name)
	}
	if s.limit >= 0 {
		fmt.Fprintf(b, " limit %d", s.limit)
	}
	if s.offset >= 0 {
		fmt.Fprintf(b, " offset %d", s.offset)
	}
	for _, at := range []struct {
		how    string
		values []any
	}{{"after", s.after}, {"before", s.before}} {
		if at.values != nil {
			fmt.Fprintf(b, " %s %s", at.how, oraListText(at.values))
		}
	}
	b.WriteString("\n")
	for _, j := range s.joins {
		kind := "join"
		if j.left {
			kind = "left join"
		}
		fmt.Fprintf(b, "%s  %s %s", indent, kind, oraPath(j.path))
		for _, p := range j.on {
			fmt.Fprintf(b, " on %s", p)
		}
		b.WriteString("\n")
	}
	for _, a := range s.values {
		fmt.Fprintf(b, "%s  with %s\n", indent, a)
	}
	for _, p := range s.where {
		fmt.Fprintf(b, "%s  where %s\n", indent, p)
	}
	for _, o := range s.order {
		fmt.Fprintf(b, "%s  order by %s\n", indent, o)
	}
	for _, p := range s.preloads {
		p.write(b, indent+"  ")
	}
}

func (o oraOrderTerm) String() string {
	text := o.ref.String()
	if o.desc {
		text += " DESC"
	}
	if o.nulls != "" {
		text += " NULLS " + o.nulls
	}
	return text
}

func (p *oraPreload) write(b *strings.Builder, indent string) {
	how := ""
	if p.nested {
		how = " (kids nested)"
	}
	fmt.Fprintf(b, "%spreload %s%s\n", indent, p.rel.name, how)
	if p.spec != nil {
		p.spec.write(b, indent+"  ")
	}
	for _, k := range p.kids {
		k.write(b, indent+"  ")
	}
}

// oraMany reports whether the path gives more than one row.
func oraMany(path []*oraRelation) bool {
	for _, r := range path {
		if r.many {
			return true
		}
	}
	return false
}

// joinsMany reports whether a join gives a row more than once.
func (s *oraSpec) joinsMany() bool {
	return slices.ContainsFunc(s.joins, func(j *oraJoin) bool { return oraMany(j.path) })
}

// positioned reports whether the query keeps the rows beyond a position.
func (s *oraSpec) positioned() bool { return s.after != nil || s.before != nil }

// ended reports whether the order ends in the primary key by the rules.
func (s *oraSpec) ended() bool { return s.limit >= 0 || s.offset >= 0 || s.positioned() }

// ordered returns the order with its end. The rows of an owner may have links, which are told apart too.
func (s *oraSpec) ordered(owner *oraRelation) []oraOrderTerm {
	order := slices.Clone(s.order)
	for _, k := range s.missingKey() {
		order = append(order, oraOrderTerm{ref: oraRef{col: k}})
	}
	if owner == nil || !owner.linked {
		return order
	}
	for _, k := range owner.steps[0].table.key {
		if owner.paired(k) {
			continue
		}
		named := slices.ContainsFunc(order, func(o oraOrderTerm) bool { return o.ref.col == k && o.ref.link && len(o.ref.path) == 0 })
		if !named {
			order = append(order, oraOrderTerm{ref: oraRef{link: true, col: k}})
		}
	}
	return order
}

// fansOut reports whether the query must be refused: a limit would count the rows of a to-many join.
func (s *oraSpec) fansOut() bool {
	return s.joinsMany() && !s.distinct && (s.limit >= 0 || s.offset >= 0 || len(s.values) > 0 || s.positioned())
}

// refused reports whether the query or one of its preloads fans out.
func (s *oraSpec) refused() bool {
	var below func([]*oraPreload) bool
	below = func(list []*oraPreload) bool {
		for _, p := range list {
			if p.spec != nil && p.spec.fansOut() || below(p.kids) {
				return true
			}
		}
		return false
	}
	return s.fansOut() || below(s.preloads)
}

// total reports whether the order of the rows is known, because it ends in the primary key by itself or by the rules.
func (s *oraSpec) total() bool {
	return len(s.table.key) > 0 && (s.ended() || len(s.missingKey()) == 0)
}

// missingKey returns the columns of the primary key that the order does not name.
func (s *oraSpec) missingKey() []*oraColumn {
	var missing []*oraColumn
	for _, k := range s.table.key {
		found := false
		for _, o := range s.order {
			found = found || o.ref.col == k && o.ref.plain()
		}
		if !found {
			missing = append(missing, k)
		}
	}
	return missing
}

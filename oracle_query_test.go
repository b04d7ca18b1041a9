package dovetail_test

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
	order    []oraOrderTerm
	limit    int // -1: none
	offset   int // -1: none
	unscoped []string
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

// oraRef names a column: of the scope's own table, of the table at a path from there, or of the statement's root.
type oraRef struct {
	path []*oraRelation
	root *oraTable
	col  *oraColumn
}

func (r oraRef) String() string {
	parts := make([]string, 0, len(r.path)+2)
	if r.root != nil {
		parts = append(parts, r.root.name)
	}
	if len(r.path) > 0 {
		parts = append(parts, oraPath(r.path))
	}
	return strings.Join(append(parts, r.col.name), ".")
}

// orderable reports whether OrderBy, which splits its terms at spaces, can name the column.
func (r oraRef) orderable() bool { return r.col.kind != oraNote && !strings.Contains(r.String(), " ") }

func oraPath(path []*oraRelation) string {
	names := make([]string, len(path))
	for i, r := range path {
		names[i] = r.name
	}
	return strings.Join(names, ".")
}

// oraPred is a condition. Its op is one of
//
//	= <> < <= > >=   with arg
//	distinct         NotEqOrNull, with arg
//	in, not in       with list, in which nil is NULL
//	null, not null
//	and, or          with kids
//	text             kids joined by OR, as one piece of SQL text without parentheses
//	has, has none    with path and kids
//	has every        with path and kids
//	has at least     with path, kids, and arg, a number
//	has all          with path and list, of primary keys
type oraPred struct {
	op   string
	ref  oraRef
	arg  any
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
	case "and", "or", "text":
		return p.op + "{" + strings.Join(kids, "; ") + "}"
	case "has", "has none", "has every":
		return fmt.Sprintf("%s(%s: %s)", p.op, oraPath(p.path), strings.Join(kids, "; "))
	case "has at least", "has all":
		return fmt.Sprintf("%s %v%v(%s: %s)", p.op, p.arg, p.list, oraPath(p.path), strings.Join(kids, "; "))
	case "null", "not null":
		return fmt.Sprintf("%s is %s", p.ref, p.op)
	case "in", "not in":
		items := make([]string, len(p.list))
		for i, v := range p.list {
			items[i] = oraValueText(v)
		}
		return fmt.Sprintf("%s %s [%s]", p.ref, p.op, strings.Join(items, " "))
	}
	return fmt.Sprintf("%s %s %s", p.ref, p.op, oraValueText(p.arg))
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
	for _, path := range s.unscoped {
		fmt.Fprintf(b, " unscoped(%s)", path)
	}
	if s.limit >= 0 {
		fmt.Fprintf(b, " limit %d", s.limit)
	}
	if s.offset >= 0 {
		fmt.Fprintf(b, " offset %d", s.offset)
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

// fansOut reports whether the query must be refused: a limit would count the rows of a to-many join.
func (s *oraSpec) fansOut() bool {
	many := false
	for _, j := range s.joins {
		many = many || oraMany(j.path)
	}
	return many && !s.distinct && (s.limit >= 0 || s.offset >= 0)
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
	return len(s.table.key) > 0 && (s.limit >= 0 || s.offset >= 0 || len(s.missingKey()) == 0)
}

// missingKey returns the columns of the primary key that the order does not name.
func (s *oraSpec) missingKey() []*oraColumn {
	var missing []*oraColumn
	for _, k := range s.table.key {
		found := false
		for _, o := range s.order {
			found = found || o.ref.col == k && len(o.ref.path) == 0
		}
		if !found {
			missing = append(missing, k)
		}
	}
	return missing
}

// oraPlan is what a preload comes to: one statement, or none where the related row is the owner.
type oraPlan struct {
	rel    *oraRelation
	spec   *oraSpec // nil: all rows
	path   string
	level  int
	kids   []*oraPlan
	back   *oraRelation // kids' relation that leads back to the owner, if it is asked for without a query
	below  []*oraPlan   // what is asked of the owner by way of back; these are also plans of the level of the owners
	again  bool         // leads back to the owner too, but by a statement
	sent   bool         // some owner had a key
	lifted []string     // paths from it whose tables' conditions do not apply
	once   bool         // a row that two link rows lead to comes once
}

// oraPlans returns the plans of the root's rows.
func oraPlans(preloads []*oraPreload) []*oraPlan {
	return oraPlansIn(&oraSpec{preloads: preloads})
}

// oraPlansIn returns the plans of a query's rows.
func oraPlansIn(s *oraSpec) []*oraPlan {
	plans, _, _ := oraPlansAt(s.preloads, oraPlace{level: 1, lifted: s.unscoped, own: map[*oraRelation]bool{}})
	return plans
}

// oraPlace is where preloads stand.
type oraPlace struct {
	by     *oraRelation // by which the rows were loaded that the preloads are for
	path   string
	level  int
	own    map[*oraRelation]bool // what is loaded onto those rows
	lifted []string
	owner  map[*oraRelation]bool // what is loaded onto the rows that they were loaded for
}

// oraPlansAt returns the plans of the rows at a place, the relation that leads back to their owner if that is asked
// for, and the plans that this gives the owner. The way back is free unless what is asked for below it is loaded
// onto the owner anyway: then the two could differ, and a statement fetches the owner again.
func oraPlansAt(preloads []*oraPreload, at oraPlace) (plans []*oraPlan, back *oraRelation, below []*oraPlan) {
	for _, p := range preloads {
		at.own[p.rel] = true
	}
	for _, p := range preloads {
		path := strings.TrimPrefix(at.path+"."+p.rel.name, ".")
		lifted := oraBehind(at.lifted, p.rel.name)
		if p.spec != nil {
			lifted = append(lifted, p.spec.unscoped...)
		}
		leadsBack := p.spec == nil && at.by != nil && p.rel.name == at.by.back
		if leadsBack && !slices.ContainsFunc(p.kids, func(k *oraPreload) bool { return at.owner[k.rel] }) {
			back = p.rel
			below, _, _ = oraPlansAt(p.kids, oraPlace{by: p.rel, path: path, level: at.level, lifted: lifted, own: at.owner})
			continue
		}
		n := &oraPlan{rel: p.rel, spec: p.spec, path: path, level: at.level, again: leadsBack, lifted: lifted,
			once: p.fetched || p.folded()}
		n.kids, n.back, n.below = oraPlansAt(p.kids,
			oraPlace{by: p.rel, path: path, level: at.level + 1, lifted: lifted, own: map[*oraRelation]bool{}, owner: at.own})
		plans = append(append(plans, n), n.below...)
	}
	return plans, back, below
}

// oraBehind returns the paths behind a relation.
func oraBehind(paths []string, relation string) []string {
	var behind []string
	for _, path := range paths {
		if path == relation {
			behind = append(behind, "")
		} else if rest, ok := strings.CutPrefix(path, relation+"."); ok {
			behind = append(behind, rest)
		}
	}
	return behind
}

// oraEach calls visit for each plan once.
func oraEach(plans []*oraPlan, visit func(*oraPlan)) {
	for _, p := range plans {
		visit(p)
		oraEach(p.kids, visit)
	}
}

package oracle_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// Values made of related rows, which queries select, filter and order by.

// oraBase holds the values that a query selects beside the columns.
type oraBase struct {
	Int1   *int64     `db:"int_1,computed"`
	Int2   *int64     `db:"int_2,computed"`
	Float1 *float64   `db:"float_1,computed"`
	Text1  *string    `db:"text_1,computed"`
	UUID1  *uuid.UUID `db:"uuid_1,computed"`
	Bool1  *bool      `db:"bool_1,computed"`
}

// oraSlots lists the fields of oraBase.
var oraSlots = []struct {
	name, field string
	kinds       []oraKind
}{
	{"int_1", "Int1", []oraKind{oraInt}},
	{"int_2", "Int2", []oraKind{oraInt}},
	{"float_1", "Float1", []oraKind{oraFloat}},
	{"text_1", "Text1", []oraKind{oraText, oraNote, oraType}},
	{"uuid_1", "UUID1", []oraKind{oraUUID}},
	{"bool_1", "Bool1", []oraKind{oraBool}},
}

// oraWord is a name that Of takes without quotes.
var oraWord = regexp.MustCompile(`^[a-z_]+$`)

// oraAggregate is one such value.
type oraAggregate struct {
	fn   string // count, exists, sum, avg, min, max or first
	path []*oraRelation
	ref  oraRef // of the rows at the path; exists has none, nor has count unless of
	of   string // the argument of Of, which names ref; empty: the function names it

	distinct bool

	where []*oraPred
	order []oraOrderTerm
	as    *oraColumn
}

func (a *oraAggregate) String() string {
	text := fmt.Sprintf("%s = %s(%s)", a.as.name, a.fn, a.name())
	if a.of != "" {
		text += fmt.Sprintf(" of %s", a.of)
	}
	if a.distinct {
		text += " distinct"
	}
	for _, p := range a.where {
		text += fmt.Sprintf(" where %s", p)
	}
	for _, o := range a.order {
		text += fmt.Sprintf(" order by %s", o)
	}
	return text
}

// name returns the path, or the path and the column.
func (a *oraAggregate) name() string {
	if a.ref.col == nil || a.of != "" {
		return oraPath(a.path)
	}
	return oraPath(a.path) + "." + a.ref.String()
}

func (a *oraAggregate) build() dovetail.Aggregate {
	of := map[string]func(string) dovetail.Aggregate{
		"count": dovetail.Count, "exists": dovetail.Exists, "sum": dovetail.Sum, "avg": dovetail.Avg,
		"min": dovetail.Min, "max": dovetail.Max, "first": dovetail.FirstOf,
	}[a.fn](a.name())
	if a.of != "" {
		of = of.Of(a.of)
	}
	if a.distinct {
		of = of.Distinct()
	}
	for _, p := range a.where {
		of = of.Where(p.build())
	}
	for _, o := range a.order {
		of = of.OrderBy(o.String())
	}
	return of.As(a.as.name)
}

// aggregate evaluates a value for one row.
func (d *oraData) aggregate(a *oraAggregate, e oraEnv) any {
	order := slices.Clone(a.order)
	last := a.path[len(a.path)-1]
	if len(order) == 0 && a.fn == "first" {
		order = append(order, last.order...)
	}
	for _, k := range last.related.key {
		order = append(order, oraOrderTerm{ref: oraRef{col: k}})
	}
	var rows []oraEnv
	for _, sub := range d.reach(a.path, a.where, append(order, oraOrderTerm{ref: a.ref}), e) {
		if d.holds(&oraPred{op: "and", kids: a.where}, sub) == oraTrue {
			rows = append(rows, sub)
		}
	}
	switch {
	case a.fn == "count" && a.ref.col == nil:
		return int64(len(rows))
	case a.fn == "exists":
		return len(rows) > 0
	case a.fn == "first" && len(rows) == 0:
		return nil
	case a.fn == "first":
		return d.value(slices.MinFunc(rows, func(v, w oraEnv) int { return d.compare(order, v, w) }), a.ref)
	}
	var values []any
	for _, row := range rows {
		if v := d.value(row, a.ref); v != nil {
			values = append(values, v)
		}
	}
	if a.distinct {
		slices.SortFunc(values, oraCompare)
		values = slices.CompactFunc(values, func(v, w any) bool { return oraCompare(v, w) == 0 })
	}
	switch {
	case a.fn == "count":
		return int64(len(values))
	case len(values) == 0:
		return nil
	}
	return oraReduce(a.fn, values)
}

func oraReduce(fn string, values []any) any {
	switch fn {
	case "min":
		return slices.MinFunc(values, oraCompare)
	case "max":
		return slices.MaxFunc(values, oraCompare)
	}
	var sum int64
	for _, v := range values {
		sum += v.(int64)
	}
	if fn == "sum" {
		return sum
	}
	return float64(sum) / float64(len(values))
}

// valuesText returns the values that a query selects for a row. Those that are NULL are in no field.
func (d *oraData) valuesText(s *oraSpec, row *oraRow, lifted []oraLift) string {
	defer d.lift(lifted)()
	text := ""
	for _, slot := range oraSlots {
		for _, a := range s.values {
			if a.as.name != slot.name {
				continue
			}
			if v := d.aggregate(a, oraEnvOf(oraWay{row: row}, row, "")); v != nil {
				text += " " + slot.name + "=" + oraValueText(v)
			}
		}
	}
	return text
}

// oraComputedText returns the same of a struct.
func oraComputedText(v reflect.Value) string {
	text := ""
	for _, slot := range oraSlots {
		if field := v.FieldByName(slot.field); field.IsValid() && !field.IsNil() {
			text += " " + slot.name + "=" + oraValueText(oraScalar(field))
		}
	}
	return text
}

// values draws values for a query to select.
func (g *oraGenerator) values(s *oraSpec) {
	if g.chance(2) {
		return
	}
	for range 1 + g.IntN(3) {
		a := g.aggregate(s.table)
		taken := slices.ContainsFunc(s.values, func(b *oraAggregate) bool { return a != nil && b.as.name == a.as.name })
		if a != nil && !taken {
			s.values = append(s.values, a)
		}
	}
}

// aggregate draws one, nil when the one drawn would depend on something that nothing says.
func (g *oraGenerator) aggregate(t *oraTable) *oraAggregate {
	a := &oraAggregate{fn: oraPick(g, []string{"count", "exists", "sum", "avg", "min", "max", "first", "first"})}
	if a.path = g.starred(g.path(t, 1+g.IntN(2), func(*oraRelation) bool { return true })); a.path == nil {
		return nil
	}
	if g.chance(2) { // rows that several ways lead to are few
		if ways := g.path(t, 1, func(r *oraRelation) bool { return r.ways }); ways != nil {
			a.path, a.fn = ways, oraPick(g, []string{"count", "sum", "avg"})
		}
	}
	last := a.path[len(a.path)-1]
	scope := &oraScope{table: last.related, root: t, implicit: true, at: oraPath(a.path), given: oraPath(a.path), link: last.joinTable(),
		outer: &oraScope{table: t}}
	for range g.IntN(2) {
		a.where = append(a.where, g.pred(scope, 1))
	}
	kind := oraInt
	switch a.fn {
	case "count":
		if ref, ok := g.aggregated(a, scope); ok && g.chance(2) {
			a.ref = ref
		}
	case "exists":
		kind = oraBool
	default:
		ref, ok := g.aggregated(a, scope)
		if !ok {
			return nil
		}
		if a.ref, kind = ref, ref.col.kind; a.fn == "avg" {
			kind = oraFloat
		}
	}
	if a.ref.col != nil && (a.fn == "count" || g.chance(3)) {
		quoted := `"` + strings.ReplaceAll(a.ref.col.name, `"`, `""`) + `"`
		if a.ref.link {
			quoted = `link.` + quoted
		}
		a.of = oraPick(g, []string{"self." + quoted, "(self." + quoted + ")"})
		if oraWord.MatchString(a.ref.col.name) && g.chance(2) {
			a.of = a.ref.String()
		}
	}
	a.distinct = a.ref.col != nil && slices.Contains([]string{"count", "sum", "avg"}, a.fn) && g.chance(3)
	var names []string
	for _, slot := range oraSlots {
		if slices.Contains(slot.kinds, kind) {
			names = append(names, slot.name)
		}
	}
	a.as = &oraColumn{name: oraPick(g, names), kind: kind, null: true}
	return a
}

// aggregated draws the column, and for the first row the order.
func (g *oraGenerator) aggregated(a *oraAggregate, scope *oraScope) (oraRef, bool) {
	var ref oraRef
	t := scope.table
	if scope.link != nil && g.chance(3) {
		ref.link, t = true, scope.link
	}
	var fit []*oraColumn
	for _, c := range t.columns {
		switch {
		case c.bare || a.fn != "first" && c.kind == oraNote, a.fn != "first" && c.kind == oraUUID:
		case (a.fn == "sum" || a.fn == "avg") && c.kind != oraInt:
		default:
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 || a.fn == "first" && len(scope.table.key) == 0 {
		return ref, false
	}
	ref.col = oraPick(g, fit)
	if a.fn != "first" {
		return ref, true
	}
	for range g.IntN(3) {
		order := oraOrderTerm{ref: g.ref(scope), desc: g.chance(2)}
		if order.ref.orderable() && order.ref.root == nil {
			a.order = append(a.order, order)
		}
	}
	if ref.link { // else nothing tells two links to one row apart
		if !ref.orderable() {
			return ref, false
		}
		a.order = append(a.order, oraOrderTerm{ref: ref, desc: g.chance(2)})
	}
	return ref, true
}

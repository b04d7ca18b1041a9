package oracle_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// What the library loaded, in the text that the oracle writes of what it should have.

// oraLoaded writes loaded structs, and notes what only their pointers show.
type oraLoaded struct {
	shared map[string]reflect.Value // by path and row: the pointer that stands for the row
	owners map[string]bool          // by path and address
	backs  []oraBack

	beside  string       // the link of the row that is written next
	tracked map[bool]int // how often a row was asked whether a relation is loaded, by the answer
}

// oraBack is a pointer that must be one to an owner.
type oraBack struct{ path, address, text string }

func newOraLoaded() *oraLoaded {
	return &oraLoaded{shared: map[string]reflect.Value{}, owners: map[string]bool{}, tracked: map[bool]int{}}
}

// oraScalar returns a field as the oracle holds values.
func oraScalar(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch v := v.Interface().(type) {
	case int64, string, uuid.UUID, float64, bool:
		return v
	default:
		return fmt.Sprintf("a %T", v)
	}
}

func oraStructText(t *oraTable, v reflect.Value) string {
	vals := make([]any, len(t.columns))
	for i, c := range t.columns {
		vals[i] = oraScalar(v.FieldByName(c.field))
	}
	return oraRowText(t, vals)
}

func oraAddress(v reflect.Value) string { return fmt.Sprintf("%p", v.Addr().Interface()) }

// row writes a struct of the table at a path.
func (l *oraLoaded) row(b *strings.Builder, t *oraTable, v reflect.Value, path string, plans []*oraPlan) {
	l.owners[path+" "+oraAddress(v)] = true
	b.WriteString(oraStructText(t, v) + oraComputedText(v))
	l.relations(b, t, v, path, plans, nil)
}

func (l *oraLoaded) relations(
	b *strings.Builder, t *oraTable, v reflect.Value, path string, plans []*oraPlan, by *oraPlan,
) {
	b.WriteString("{")
	for _, r := range t.relations {
		field := v.FieldByName(r.field)
		planned := false
		if by != nil && by.back == r {
			planned = true
			l.back(b, r, field, path, by)
		}
		for _, p := range plans {
			if p.rel == r {
				planned = true
				b.WriteString(r.name + "=")
				l.relation(b, field, p)
			}
		}
		if !planned && !field.IsZero() {
			b.WriteString(r.name + "=LOADED UNASKED")
		}
		l.remembered(b, v, r, planned)
	}
	for _, m := range t.morphs {
		l.morph(b, m, v, plans)
	}
	b.WriteString("}")
}

// remembered checks what Loaded says.
func (l *oraLoaded) remembered(b *strings.Builder, v reflect.Value, r *oraRelation, planned bool) {
	row, ok := v.Addr().Interface().(dovetail.Tracked)
	if !ok {
		return
	}
	l.tracked[planned]++
	if loaded, err := dovetail.Loaded(row, r.name); err != nil || loaded != planned {
		fmt.Fprintf(b, "%s IS LOADED: %t %v", r.name, loaded, err)
	}
}

// morph writes the row of whichever table a relation led to.
func (l *oraLoaded) morph(b *strings.Builder, m *oraRelation, v reflect.Value, plans []*oraPlan) {
	field := v.FieldByName(m.field)
	planned := slices.ContainsFunc(plans, func(p *oraPlan) bool { return p.rel.variant && p.rel.name == m.name })
	l.remembered(b, v, m, planned)
	if field.IsNil() {
		return
	}
	for _, p := range plans {
		if p.rel.variant && p.rel.name == m.name && p.rel.related.goType() == field.Elem().Type() {
			b.WriteString(m.name + "=")
			l.pointer(b, field.Elem(), p)
			return
		}
	}
	fmt.Fprintf(b, "%s=A %s UNASKED", m.name, field.Elem().Type())
}

// back writes the relation that leads back to the owner.
func (l *oraLoaded) back(b *strings.Builder, r *oraRelation, field reflect.Value, path string, by *oraPlan) {
	b.WriteString(r.name + "=")
	if !r.value && field.IsNil() {
		b.WriteString("NIL")
		return
	}
	owner := field
	if !r.value {
		owner = field.Elem()
		ownerPath := strings.TrimSuffix(strings.TrimSuffix(path, by.rel.name), ".")
		l.backs = append(l.backs, oraBack{ownerPath, oraAddress(owner), path + "." + r.name})
	}
	b.WriteString("^" + oraStructText(r.related, owner))
	b.WriteString("{")
	for _, below := range r.related.relations {
		for _, p := range by.below {
			if p.rel == below {
				b.WriteString(below.name + "=")
				l.relation(b, owner.FieldByName(below.field), p)
			}
		}
	}
	b.WriteString("}")
}

func (l *oraLoaded) relation(b *strings.Builder, field reflect.Value, p *oraPlan) {
	r := p.rel
	if !r.many {
		switch {
		case r.value:
			l.related(b, field, p)
		case field.IsNil():
			b.WriteString("nil")
		default:
			l.pointer(b, field, p)
		}
		return
	}
	if field.IsNil() {
		b.WriteString("NIL SLICE")
		return
	}
	items := make([]string, field.Len())
	for i := range items {
		var item strings.Builder
		switch {
		case r.linked:
			l.link(&item, field.Index(i), p)
		case r.value:
			l.related(&item, field.Index(i), p)
		default:
			l.pointer(&item, field.Index(i), p)
		}
		items[i] = item.String()
	}
	b.WriteString(p.listText(items))
}

// pointer writes a related row that must be shared with all others that are the same row.
func (l *oraLoaded) pointer(b *strings.Builder, v reflect.Value, p *oraPlan) {
	if v.IsNil() {
		b.WriteString("NIL POINTER")
		return
	}
	if len(p.rel.related.key) > 0 {
		// Rows of two types at the end of one path are loaded by a statement for each type.
		name := fmt.Sprintf("%s %p %s", p.path, p, oraStructText(p.rel.related, v.Elem()))
		if known, ok := l.shared[name]; ok && known.Pointer() != v.Pointer() {
			b.WriteString("NOT SHARED ")
		}
		l.shared[name] = v
	}
	l.related(b, v.Elem(), p)
}

// link writes a related row with the row of the join table, which no other entry of the list has.
func (l *oraLoaded) link(b *strings.Builder, v reflect.Value, p *oraPlan) {
	link := v.FieldByName("Link")
	if link.IsNil() {
		b.WriteString("NIL LINK")
		return
	}
	var beside strings.Builder
	beside.WriteString("/" + oraStructText(p.rel.joinTable(), link.Elem()))
	l.relations(&beside, p.rel.joinTable(), link.Elem(), p.path+".link", p.ofLink(), nil)
	l.beside = beside.String()
	l.pointer(b, v.FieldByName("Row"), p)
}

func (l *oraLoaded) related(b *strings.Builder, v reflect.Value, p *oraPlan) {
	l.owners[p.path+" "+oraAddress(v)] = true
	b.WriteString(oraStructText(p.rel.related, v) + l.beside + oraComputedText(v))
	l.beside = ""
	l.relations(b, p.rel.related, v, p.path, p.kids, p)
}

// strangers returns the pointers back to an owner that lead to none.
func (l *oraLoaded) strangers() []string {
	var found []string
	for _, b := range l.backs {
		if !l.owners[b.path+" "+b.address] {
			found = append(found, b.text)
		}
	}
	return found
}

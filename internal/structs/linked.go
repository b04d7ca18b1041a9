package structs

import (
	"reflect"
	"strings"
)

// Pair is the memory of a dovetail.Linked: a related row and the row of the join table that links it.
type Pair struct{ Row, Link Row }

// module is the import path of the package that declares Linked.
var module = strings.TrimSuffix(reflect.TypeFor[Pair]().PkgPath(), "/internal/structs")

// linkedBy returns the struct types of a slice of Linked, nil for other types. A type defined as a Linked is another type.
func linkedBy(t reflect.Type) (row, link reflect.Type) {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Struct {
		return nil, nil
	}
	e := t.Elem()
	if e.PkgPath() != module || !strings.HasPrefix(e.Name(), "Linked[") {
		return nil, nil
	}
	return e.Field(0).Type.Elem(), e.Field(1).Type.Elem()
}

// TypeName returns the name of the field's type for messages, with the names of packages but not their import paths.
func (f *Field) TypeName() string {
	var b strings.Builder
	name := f.Type.String()
	for {
		end := strings.IndexAny(name, "[],* ")
		part := name[:max(end, 0)]
		if end < 0 {
			part = name
		}
		b.WriteString(part[strings.LastIndexByte(part, '/')+1:])
		if end < 0 {
			return b.String()
		}
		b.WriteByte(name[end])
		name = name[end+1:]
	}
}

// LinkType returns the type of the join table's rows that the field holds, nil for a field that is no slice of Linked.
func (f *Field) LinkType() reflect.Type { return f.link }

// SetPairs sets a field that is a slice of Linked, which takes over the given slice, with its capacity cut to its length;
// without any pair it becomes empty, never nil. Fields of other types are left alone. Nil embedded pointers on the way are
// allocated.
func (f *Field) SetPairs(row Row, pairs []Pair) {
	if f.link == nil {
		return
	}
	if pairs == nil {
		pairs = []Pair{}
	}
	putPairs(f.reach(row), pairs[:len(pairs):len(pairs)])
}

// Pairs returns what a field that is a slice of Linked holds, which is not to be written to. It is nil for other fields, and behind a
// nil embedded pointer.
func (f *Field) Pairs(row Row) []Pair {
	p := f.find(row)
	if f.link == nil || p == nil {
		return nil
	}
	return pairsAt(p)
}

// Entry is an entry of a field that is a slice of Linked.
type Entry struct {
	Pair
	link Row // the address of the field's own Link
}

// SetLink gives the entry its link, in the field too.
func (e *Entry) SetLink(link Row) {
	e.Link = link
	point(e.link, link)
}

// Entries returns the entries that have a row, of what Pairs returns.
func (f *Field) Entries(row Row) []*Entry {
	pairs := f.Pairs(row)
	if len(pairs) == 0 {
		return nil
	}
	elem := f.Type.Elem()
	all, link := memoryOf(pointer(f.Type, f.find(row)).Elem()), insideOf(elem.Field(1))
	entries := make([]*Entry, 0, len(pairs))
	for i, pair := range pairs {
		if pair.Row != nil {
			entries = append(entries, &Entry{pair, link.of(nth(all, i, elem.Size()))})
		}
	}
	return entries
}

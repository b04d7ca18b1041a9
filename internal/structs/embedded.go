package structs

import (
	"go/token"
	"reflect"
)

// Embedded returns the struct of type t that s embeds, at whatever depth, or nil when it embeds none. Of several it is the
// least deep, whose methods s has. It is no column and holds no rows: [At] gives its address. byPointer tells whether
// there is an embedded pointer on the way, which may be nil.
func (s *Struct) Embedded(t reflect.Type) (f *Field, byPointer bool) {
	type level struct {
		typ reflect.Type
		at  place
	}
	seen := map[reflect.Type]bool{}
	for now := []level{{typ: s.Type}}; len(now) > 0; {
		var next []level
		for _, l := range now {
			for i := range l.typ.NumField() {
				field := l.typ.Field(i)
				if !field.Anonymous {
					continue
				}
				in := level{field.Type, l.at.inside(field)}
				if in.typ.Kind() == reflect.Pointer {
					in.typ = in.typ.Elem()
					in.at.hops = append(in.at.hops[:len(in.at.hops):len(in.at.hops)], hop{in.at.in, in.typ})
					in.at.in = itself
				}
				if in.typ == t {
					return &Field{Name: field.Name, Type: t, hops: in.at.hops, in: in.at.in}, len(in.at.hops) > 0
				}
				if in.typ.Kind() == reflect.Struct && !seen[in.typ] {
					seen[in.typ] = true
					next = append(next, in)
				}
			}
		}
		now = next
	}
	return nil, false
}

// Exported reports whether what Embedded returned has a name that package reflect sees: an alias of its type may have none.
func (f *Field) Exported() bool { return token.IsExported(f.Name) }

// At returns the field of the row. T must be the field's type. Nil embedded pointers on the way are allocated.
func At[T any](f *Field, row Row) *T { return pointerOf[T](f.reach(row)) }

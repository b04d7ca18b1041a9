// Package structs is the only place that looks into Go struct types and their memory: it tells which field is which
// column, which kind of key a field holds, and reads and sets fields of rows it has only an address of.
//
// Input is a [reflect.Type]; output is a [Struct], an immutable description that is built once for each type and may be
// used by any number of goroutines. The package knows neither relations nor SQL: that a field holds related rows is
// the caller's knowledge, and the caller asks with [Field.ShapeFor].
package structs

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Struct describes a struct type. It is shared and must not be changed.
type Struct struct {
	Type   reflect.Type
	Fields []*Field // in declaration order, embedded structs flattened in place

	slice reflect.Type // []Type
}

// cache holds what is known of types, so that a type is looked into once: *Struct or error by structKey, *leaf by
// leafKey, store by storeKey. Types are never forgotten, and nothing else is remembered between calls.
var cache sync.Map

type structKey struct{ t reflect.Type }

// Naming says how fields without a tag name their columns. Its nil value does so in snake_case. It may be used by any number of
// goroutines if its function may.
type Naming struct {
	column func(field string) string
	cache  sync.Map // as the one of all types, for those that are named by it
}

// NamedBy returns the naming by a function, which gives a field's column.
func NamedBy(column func(field string) string) *Naming { return &Naming{column: column} }

// Column returns the column of a field without a tag.
func (n *Naming) Column(field string) string {
	if n == nil {
		return snakeCase(field)
	}
	return n.column(field)
}

// Of returns the description of the struct type t. Fields are mapped to columns as scany maps them, which also takes a prefix of
// columns with its underscore:
//
//	type Base struct {
//		ID        int64
//		CreatedAt time.Time
//	}
//	type Account struct {
//		Base                              // id, created_at
//		Address  `db:"address"`           // address.city, …
//		Billing  Address `db:"billing_"`  // billing_city, …
//		HomeURL  string                   // home_url
//		Name     string `db:"full_name"`  // full_name
//		Books    int    `db:"book_count,computed"`
//		Cache    string `db:"-"`          // left out
//		Pets     []*Pet `rel:"pets"`      // no column: the field of the relation "pets"
//	}
//
// A field that is not embedded is one column, also when it is a struct, unless its tag ends in an underscore; an embedded field that is no struct, and has no
// rel tag, is left out. The error reports every mistake in the type at once: two fields with one column, unless one of them may be
// a relation's, which the caller knows; a column without a name, a type that no column can hold, an unexported field with a rel tag, an embedded pointer that leads
// back to its own type, and one to an unexported struct, which package reflect cannot set and scany so cannot fill.
// Description and error are cached. Of is safe for concurrent use.
func Of(t reflect.Type) (*Struct, error) { return (*Naming)(nil).Of(t) }

// Of is the function of that name with columns named by n.
func (n *Naming) Of(t reflect.Type) (*Struct, error) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("expected a struct type, got %v", t)
	}
	named := &cache
	if n != nil {
		named = &n.cache
	}
	known, ok := named.Load(structKey{t})
	if !ok {
		known, _ = named.LoadOrStore(structKey{t}, n.describe(t))
	}
	if err, failed := known.(error); failed {
		return nil, err
	}
	return known.(*Struct), nil
}

// describe returns a *Struct or an error.
func (n *Naming) describe(t reflect.Type) any {
	w := walker{naming: n, root: t, byColumn: make(map[string]*Field)}
	w.walk(t, place{})
	if err := errors.Join(w.errs...); err != nil {
		return err
	}
	return &Struct{Type: t, Fields: w.fields, slice: reflect.SliceOf(t)}
}

// walker collects the fields of one struct type and of the structs embedded in it.
type walker struct {
	naming   *Naming
	root     reflect.Type
	path     []reflect.Type // the types being walked, from the root to the innermost
	fields   []*Field
	byColumn map[string]*Field
	errs     []error
}

// place is where an embedded struct lies in the root struct.
type place struct {
	names    []string // the Go names on the way
	index    []int    // the same as indexes, for comparing with the field that a name selects
	prefix   string   // of the columns
	plain    string   // the same without a naming function
	hops     []hop
	in       inside // what the last hop leads to, or the root
	computed bool
}

// hop is an embedded pointer on the way from a row to a field.
type hop struct {
	in   inside       // what the hop before leads to, or the row
	elem reflect.Type // what it points to
}

// itself is where a variable is in itself.
var itself inside

// inside returns the place of the field within the struct at p.
func (p place) inside(f reflect.StructField) place {
	p.names = append(p.names[:len(p.names):len(p.names)], f.Name)
	p.index = append(p.index[:len(p.index):len(p.index)], f.Index...)
	p.in = p.in.then(insideOf(f))
	return p
}

func (w *walker) walk(t reflect.Type, at place) {
	w.path = append(w.path, t)
	for i := range t.NumField() {
		w.field(t.Field(i), at)
	}
	w.path = w.path[:len(w.path)-1]
}

func (w *walker) field(f reflect.StructField, at place) {
	tag, tagged := f.Tag.Lookup("db")
	name, options, _ := strings.Cut(tag, ",")
	relation := f.Tag.Get("rel")
	here := at.inside(f)
	here.computed = at.computed || hasOption(options, "computed")
	switch {
	case !f.IsExported() && relation != "":
		w.fail(here, `is unexported, so its tag rel:%q has no effect; export it`, relation)
	case relation != "":
		w.add(f, here, fieldNames{relation: relation})
	case name == "-", !f.IsExported() && !f.Anonymous:
	case f.Anonymous, nests(f, name):
		here.prefix, here.plain = joinColumn(at.prefix, name), joinColumn(at.plain, name)
		w.embedded(f, here)
	default:
		plain := name
		if !tagged {
			name, plain = w.naming.Column(f.Name), snakeCase(f.Name)
		}
		w.add(f, here, fieldNames{column: joinColumn(at.prefix, name), plain: joinColumn(at.plain, plain), tagged: tagged})
	}
}

// nests reports whether the fields of f's struct are columns under a prefix, although it is not embedded.
func nests(f reflect.StructField, name string) bool {
	t, isStruct := structBehind(f.Type)
	return strings.HasSuffix(name, "_") && isStruct && !holdsOne(t)
}

// embedded walks the struct that f embeds by value or by pointer.
func (w *walker) embedded(f reflect.StructField, here place) {
	t, pointer := f.Type, false
	if t.Kind() == reflect.Pointer {
		t, pointer = t.Elem(), true
	}
	if t.Kind() != reflect.Struct {
		return
	}
	if slices.Contains(w.path, t) {
		w.fail(here, `embeds %s within itself without end; give the field a name, or tag it db:"-"`, typeName(t))
		return
	}
	if !pointer {
		w.walk(t, here)
		return
	}
	here.hops = append(here.hops[:len(here.hops):len(here.hops)], hop{here.in, t})
	here.in = itself
	before := len(w.fields)
	w.walk(t, here)
	if !f.IsExported() && len(w.fields) > before {
		w.fail(here, "embeds a pointer to an unexported struct, which reflection cannot set, so no scan can fill it; "+
			"embed the struct by value or export its type")
	}
}

// fieldNames are what a field's tags, or its name, say that it is.
type fieldNames struct {
	column, relation string // one of them is empty
	plain            string // the column without a naming function
	tagged           bool   // a db tag names the column
}

// add adds the field; a relation's field has no column.
func (w *walker) add(f reflect.StructField, here place, names fieldNames) {
	l, column, relation := leafOf(f.Type), names.column, names.relation
	field := &Field{
		Name: goName(w.root, here.names, here.index), Column: column, Relation: relation, Plain: names.plain, Tagged: names.tagged, Computed: here.computed,
		Type: f.Type, Class: l.class, Key: l.class.key(), Lasting: l.lasting, Nullable: l.nullable,
		hops: here.hops, in: here.in, leaf: l, element: elementOf(f.Type), dest: destOf(f.Type), owner: typeName(w.root),
	}
	field.linked, field.link = linkedBy(f.Type)
	w.fields = append(w.fields, field)
	if relation != "" {
		return
	}
	if l.class == "" {
		w.fail(here, `is a %v, which no column can hold; leave it out with db:"-"`, f.Type)
	}
	if column == "" {
		given := "has a db tag without a column name; write the name before the comma"
		if !names.tagged {
			given = `is given no column name by Naming; name it in a db tag`
		}
		w.fail(here, given+`, or tag it db:"-"`)
		return
	}
	other, taken := w.byColumn[column]
	if taken && !field.mayBeRelated() && !other.mayBeRelated() {
		w.errs = append(w.errs, field.SameColumn(other))
	}
	if !taken || other.mayBeRelated() {
		w.byColumn[column] = field
	}
}

// SameColumn is the mistake of a field that is the same column as one before it.
func (f *Field) SameColumn(other *Field) error {
	return fmt.Errorf("struct %s: fields %s and %s are both column %q; "+
		`name another column in a db tag, or leave one out with db:"-"`, f.owner, other.Name, f.Name, f.Column)
}

func (w *walker) fail(at place, format string, args ...any) {
	where := typeName(w.root) + "." + strings.Join(at.names, ".")
	w.errs = append(w.errs, fmt.Errorf("field %s "+format, append([]any{where}, args...)...))
}

// goName returns the selector that Go source would write for the field: a promoted field has its bare name, and one
// that another field hides has as few names before it as make it clear.
func goName(t reflect.Type, names []string, index []int) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for n := len(names) - 1; n > 0; n-- {
		f, ok := t.FieldByName(names[n])
		if !ok || !slices.Equal(f.Index, index[:n+1]) {
			continue
		}
		if n == len(names)-1 {
			return names[n]
		}
		return names[n] + "." + goName(f.Type, names[n+1:], index[n+1:])
	}
	if len(names) == 1 {
		return names[0]
	}
	return names[0] + "." + goName(t.Field(index[0]).Type, names[1:], index[1:])
}

func hasOption(options, want string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if strings.TrimSpace(option) == want {
			return true
		}
	}
	return false
}

func joinColumn(prefix, name string) string {
	if name == "" {
		return prefix
	}
	return before(prefix) + name
}

// before is what stands before the columns of a struct whose field has a name.
func before(name string) string {
	if name == "" || strings.HasSuffix(name, "_") {
		return name
	}
	return name + "."
}

// snakeCase returns the column of a field name, as scany's SnakeCaseMapper does: an underscore goes before a capital
// that starts a word (a lower-case letter follows) or ends one (a lower-case letter or digit is before it).
func snakeCase(name string) string {
	b := make([]byte, 0, len(name)+4)
	for i := range len(name) {
		if i > 0 && isUpper(name[i]) {
			starts := i+1 < len(name) && isLower(name[i+1]) && name[i-1] != '\n'
			if before := name[i-1]; starts || isLower(before) || before >= '0' && before <= '9' {
				b = append(b, '_')
			}
		}
		b = append(b, name[i])
	}
	return strings.ToLower(string(b))
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

// typeName returns the type's name without its package, for messages.
func typeName(t reflect.Type) string {
	if name := t.Name(); name != "" {
		return name
	}
	return t.String()
}

package dovetail

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// DECLARE, continued: the kinds of relation and their options.

// ToMany is a declared relation that gives an owner P any number of rows C.
type ToMany[P, C any] struct{ d *declaration }

// String returns the relation's name with its owner's, such as "accounts.activities".
func (m *ToMany[P, C]) String() string { return m.d.String() }

// ToOne is a declared relation that gives an owner P at most one row C.
type ToOne[P, C any] struct{ d *declaration }

// String returns the relation's name with its owner's, such as "activity.account".
func (o *ToOne[P, C]) String() string { return o.d.String() }

// declaration is a relation as declared, until the registry is frozen.
type declaration struct {
	graph.Declaration
	owner   *table
	related *table // nil when the caller had none
	field   string // the Go field, when it was named
	where   []declared
	orderBy []declaredOrder
}

func (d *declaration) String() string { return d.Owner.Name + "." + d.Name }

// RelationOption is an option of a relation.
type RelationOption func(*declaration)

// ForeignKey names the columns that point from one table at the other. They belong to the related table for [HasMany] and
// [HasOne], and to the owner for [BelongsTo]. There is no default: a relation's key is written down.
func ForeignKey(columns ...string) RelationOption {
	return func(d *declaration) { d.ForeignKey = slices.Clone(columns) }
}

// References names the columns that the foreign key points at. The default is the primary key of their table.
func References(columns ...string) RelationOption {
	return func(d *declaration) { d.Declaration.References = slices.Clone(columns) }
}

// ThroughKeys names the columns of a many-to-many's join table: those that point at the owner's primary key and those that
// point at the related table's. Each is one name, or a list of names for a composite key, in the primary key's order.
func ThroughKeys[O, R string | []string](ownerColumns O, relatedColumns R) RelationOption {
	return func(d *declaration) {
		d.ThroughOwner, d.ThroughRelated = names(ownerColumns), names(relatedColumns)
	}
}

func names(v any) []string {
	if list, ok := v.([]string); ok {
		return slices.Clone(list)
	}
	return []string{v.(string)}
}

// Inverse declares the other direction of the relation under a name, on the related table. The inverse of [HasMany] and
// [HasOne] is a belongs-to; that of [BelongsTo] is a has-many (declare a one-to-one from its has-one side); that of
// [ManyToMany] is a many-to-many. Preloading "activities.account", a has-many and its inverse, costs no second statement:
// the account is the one the activities were loaded for.
func Inverse(name string) RelationOption {
	return func(d *declaration) { d.Declaration.Inverse = name }
}

// Field names the struct field that the relation is loaded into. The default is the field tagged `rel:"name"`, else the
// one whose name is the relation's in snake_case. A relation needs no field: without one it can be joined and filtered
// by, not preloaded.
func Field(name string) RelationOption {
	return func(d *declaration) { d.field = name }
}

// HasMany declares that rows of the related table point at one row of the owner's. The field is a []*C or []C.
//
//	HasMany(Accounts, "activities", Activities, ForeignKey("account_id"), Inverse("account"))
func HasMany[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToMany[P, C] {
	return &ToMany[P, C]{relate(graph.HasMany, tableOf(owner), name, tableOf(related), opts)}
}

// HasOne declares that at most one row of the related table points at one row of the owner's. The field is a *C. Nothing
// but a unique constraint of the database can keep a second row away: when a load finds two, it fails with
// [ErrTooManyRows].
func HasOne[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToOne[P, C] {
	return &ToOne[P, C]{relate(graph.HasOne, tableOf(owner), name, tableOf(related), opts)}
}

// BelongsTo declares that rows of the owner point at one row of the related table. The field is a *C, or a C where the
// foreign key cannot be NULL.
func BelongsTo[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToOne[P, C] {
	return &ToOne[P, C]{relate(graph.BelongsTo, tableOf(owner), name, tableOf(related), opts)}
}

// ManyToMany declares that rows of a join table point at rows of both tables. The field is a []*C or []C, or a
// []Linked[C, L], which holds the rows of the join table too. The join table may have any other columns, and relations of its
// own beside this one. In queries its row beside a related one is named "link", see [Linked].
//
//	ManyToMany(Students, "courses", Courses, Enrollments, ThroughKeys("student_id", "course_id"), Inverse("students"))
func ManyToMany[P, C, L any](
	owner *Table[P], name string, related *Table[C], through *Table[L], opts ...RelationOption,
) *ToMany[P, C] {
	link := tableOf(through)
	opts = append(slices.Clip(opts), func(d *declaration) {
		if link != nil {
			d.Through = link.graph
		}
	})
	return &ToMany[P, C]{relate(graph.ManyToMany, tableOf(owner), name, tableOf(related), opts)}
}

// HasManyThrough declares the rows of the related table that a path of relations leads to from the owner's, such as the tags
// of an author's books. The path may go along any relations, many-to-many and other paths included. The field is a []*C or
// []C. Each row comes once, in however many ways it is reached, in preloads and counts; a join has it once for each way.
// The relation can be read only.
//
//	HasManyThrough(Authors, "tags", Tags, "books.tags")
func HasManyThrough[P, C any](
	owner *Table[P], name string, related *Table[C], path string, opts ...RelationOption,
) *ToMany[P, C] {
	opts = append(slices.Clip(opts), func(d *declaration) { d.Path = path })
	return &ToMany[P, C]{relate(graph.HasManyThrough, tableOf(owner), name, tableOf(related), opts)}
}

// MorphMany declares that rows of the related table point at one row of the owner's or of another table's: [MorphKey] names
// their columns, [MorphValue] what the type column holds for the owner's. The field is a []*C or []C. Its inverse is a
// to-one relation that is empty for rows of the other types; [MorphTo] is the one for all types.
//
//	MorphMany(Posts, "comments", Comments, MorphKey("item_type", "item_id"), MorphValue("post"), Inverse("post"))
//	… JOIN "comments" ON "comments"."item_id" = "posts"."id" AND ("comments"."item_type" = $1)
func MorphMany[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToMany[P, C] {
	return &ToMany[P, C]{relate(graph.MorphMany, tableOf(owner), name, tableOf(related), opts)}
}

// MorphOne is [MorphMany] for at most one row. The field is a *C.
func MorphOne[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToOne[P, C] {
	return &ToOne[P, C]{relate(graph.MorphOne, tableOf(owner), name, tableOf(related), opts)}
}

// MorphTo declares that rows of the owner point at one row of one of several tables: [MorphKey] names the owner's columns,
// [MorphType] a table for each value of the type column. The field is of an interface type that a pointer to each of the
// tables' structs implements, such as any. It can be preloaded: one statement for each type, all in one round trip where the
// driver pipelines; what is preloaded below it goes onto the rows that have such a relation. A row whose type has no table
// is an error that names the type. [Insertion.Exec] fills both columns from the row in the field. To join or filter by one type
// use the inverse of its [MorphMany].
//
//	MorphTo(Comments, "item", MorphKey("item_type", "item_id"), MorphType("post", Posts), MorphType("product", Products))
func MorphTo[P any](owner *Table[P], name string, opts ...RelationOption) *ToOne[P, any] {
	return &ToOne[P, any]{relate(graph.MorphTo, tableOf(owner), name, nil, opts)}
}

// MorphKey names the two columns of a polymorphic reference: one that says which table it points at, and one with the
// primary key of the row.
func MorphKey(typeColumn, idColumn string) RelationOption {
	return func(d *declaration) { d.TypeColumn, d.ForeignKey = typeColumn, []string{idColumn} }
}

// MorphValue is what the type column holds for rows of the owner of a [MorphMany] or [MorphOne].
func MorphValue(value string) RelationOption {
	return func(d *declaration) { d.TypeValue = value }
}

// MorphType names a table that a [MorphTo] may lead to, and what the type column holds then.
func MorphType[T any](value string, t *Table[T]) RelationOption {
	return func(d *declaration) {
		one := graph.Type{Value: value}
		if t != nil {
			one.Table = t.t.graph
		}
		d.Types = append(d.Types, one)
	}
}

func tableOf[T any](t *Table[T]) *table {
	if t == nil {
		return nil
	}
	return t.t
}

// relate records a declaration. An owner that is nil has no registry to report to, so it gets one that always fails.
func relate(kind graph.Kind, owner *table, name string, related *table, opts []RelationOption) *declaration {
	if owner == nil {
		owner = &table{registry: &NewRegistry().r, graph: &graph.Table{Name: "<nil>"}}
		if related != nil {
			owner.registry = related.registry
		}
	}
	d := &declaration{owner: owner, related: related}
	d.Kind, d.Name, d.Owner, d.Where = kind, name, owner.graph, callerOutside()
	if related != nil {
		d.Related = related.graph
	}
	for _, opt := range opts {
		opt(d)
	}
	r := owner.registry
	r.declare(func() { r.relations = append(r.relations, d) }, "relation", d.String())
	return d
}

// callerOutside returns file:line of the declaration in the user's code.
func callerOutside() string {
	_, file, line, ok := runtime.Caller(3) // callerOutside, relate, HasMany…, the user
	if !ok {
		return "unknown place"
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

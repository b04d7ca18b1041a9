package dovetail

import (
	"reflect"
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// DECLARE: tables and relations are collected in a Registry, checked all at once at its first use, and never change
// after. This file knows struct types and names; what a relation kind means is internal/graph's.

// Registry holds the declarations of tables and of the relations between them.
//
// Declarations may be made in any order and from several packages, until the registry is first used: by [Registry.Validate]
// or by a query on one of its tables. From then on it is frozen and safe for concurrent use by any number of goroutines; a
// later declaration makes every use of the registry fail with [ErrFrozen].
type Registry struct{ r model.Registry }

// RegistryOption is an option of [NewRegistry].
type RegistryOption func(*Registry)

// Naming says how the fields of all structs of the registry name their columns, in place of snake_case: column is given the name of a
// Go field, and a tag `db:"name"` says otherwise for one. [Collect] maps the structs it fills by it too. The default primary key is
// then the column of a field ID. A nil function is none. Mind that PostgreSQL folds names
// without quotes: in SQL text a column with capitals is written self.AlbumId, or "AlbumId" in quotes, and so is a name behind AS. It must give the same each time, and may be called by several goroutines at once.
//
//	NewRegistry(Naming(func(field string) string { return field })) // AlbumId is "AlbumId"
func Naming(column func(field string) string) RegistryOption {
	return func(r *Registry) {
		if column != nil {
			r.r.Naming = structs.NamedBy(column)
		}
	}
}

// NewRegistry returns an empty registry.
func NewRegistry(opts ...RegistryOption) *Registry {
	r := &Registry{model.Registry{Tracking: model.Tracking{Type: reflect.TypeFor[Loads](), Loads: loadsIn}}}
	r.r.NilOption = apply(opts, r)
	return r
}

// Validate checks all declarations and freezes the registry. It reports every mistake at once: the error unwraps to one
// *[RelationError] for each. It needs no database. The first query validates too; calling Validate at start-up, or in a
// test, finds mistakes earlier.
func (r *Registry) Validate() error {
	if r == nil {
		return &RelationError{Err: graph.Problemf(ErrUnknownTable, "the registry is nil; make one with NewRegistry")}
	}
	return r.r.Freeze()
}

// apply gives options what they are options of, and reports whether one of them is nil, which is a mistake.
func apply[O ~func(*T), T any](opts []O, to *T) (none bool) {
	for _, opt := range opts {
		if opt != nil {
			opt(to)
		}
		none = none || opt == nil
	}
	return none
}

// Table is a database table bound to the struct type T. It is made by [NewTable] and handed to [Select] and to the
// relations.
type Table[T any] struct {
	t   *model.Table
	all *query.Query // of all its rows; queries are never changed
}

// Name returns the table's name, without its schema.
func (t *Table[T]) Name() string { return tableOf(t).Name() }

// declared returns what the table was declared as, or why there is nothing.
func (t *Table[T]) declared() (d *model.Table, missing string) {
	switch {
	case t == nil:
		return nil, "the table is nil; declare it with NewTable"
	case t.t == nil:
		return nil, "the table is empty; declare it with NewTable"
	}
	return t.t, ""
}

// TableOption is an option of [NewTable].
type TableOption func(*model.Table)

// PrimaryKey names the columns of the primary key. The default is the column "id"; a table without that column has no
// primary key unless it is named here.
func PrimaryKey(columns ...string) TableOption {
	return func(t *model.Table) { t.Key = slices.Clone(columns) }
}

// Schema names the database schema the table lies in. The default is none: the table is found along the search path.
func Schema(name string) TableOption {
	return func(t *model.Table) { t.Graph.Schema = name }
}

// As makes a table of a query: its rows are those of the SELECT sql, under the table's name, wherever a query reads the table. On SQLite, where expressions have no type, declare a column of decimal numbers by [Type], numeric.
// Nothing is
// written to it, nor along a relation whose key it has: that is [ErrInvalidRelation]. Relations to, from and past
// it are [Logical]; DDL leaves it out, and [Registry.Check] runs it for its columns. The text is trusted, and holds no placeholder: never
// put input into it.
//
//	NewTable[Neighbour](r, "neighbours", As("SELECT country1 AS country, country2 AS neighbour FROM borders"), PrimaryKey("country", "neighbour"))
//	SELECT … FROM (SELECT country1 AS country, …) AS "neighbours"
func As(sql string) TableOption {
	return func(t *model.Table) {
		var err error
		if t.Graph.Query, err = query.TableText(sql); err != nil {
			t.ColumnOptions = append(t.ColumnOptions, model.ColumnOption{Option: "As", Mistake: err})
		}
	}
}

// NewTable declares a table of the database whose rows are read into T, a struct type.
//
// T's exported fields are the columns, named by their `db:"name"` tag or else in snake_case, as scany maps them; [Naming] names them
// otherwise:
//
//	type Account struct {
//		ID        int64     // id
//		CreatedAt time.Time // created_at
//		Mail      string    `db:"email"`
//		Cache     any       `db:"-"` // no column
//		Count     int64     `db:"activity_count,computed"` // filled only by Column("count(…) AS activity_count")
//		Audit               // an embedded struct's fields are columns too
//		Billing Address `db:"billing_"` // billing_city, …: a prefix ends in an underscore
//		Activities []*Activity // the relation "activities", when it is declared: never a column
//	}
//
// The same T may be bound to several tables, and the same table to several struct types.
func NewTable[T any](r *Registry, name string, opts ...TableOption) *Table[T] {
	if r == nil {
		r = NewRegistry() // of its own, so that there is something to report the mistake
		r.r.Late.Store(&RelationError{Table: name, Err: graph.Problemf(ErrUnknownTable,
			"table %q: the registry is nil; make one with NewRegistry", name)})
	}
	t := &model.Table{Registry: &r.r, Type: reflect.TypeFor[T](), Graph: &graph.Table{Name: name}}
	t.NilOption = apply(opts, t)
	r.r.Declare(func() { r.r.Tables = append(r.r.Tables, t) }, "table", name)
	return &Table[T]{t, query.Select(t)}
}

// holdsRows reports whether the table's rows are read into L.
func holdsRows[L any](t *model.Table) bool { return t.Type == reflect.TypeFor[L]() }

// ToMany is a declared relation that gives an owner any number of rows. P and C are pointers to the structs of both tables: HasMany
// of a Table[Account] and a Table[Activity] returns a *ToMany[*Account, *Activity].
type ToMany[P, C any] struct{ d *model.Declaration }

// String returns the relation's name with its owner's, such as "accounts.activities".
func (m *ToMany[P, C]) String() string { return m.declared().String() }

// Inverse returns the handle of the other direction, to the one owner of a row, as [HasMany] and [MorphMany] declare it by [Inverse].
// Where there is none, and for a [ManyToMany], whose other direction is [ToMany.InverseMany], each use of the handle is an error.
//
//	ActivityAccount := AccountActivities.Inverse()
//	_, err := ActivityAccount.Replace(ctx, db, deposit, account)
func (m *ToMany[P, C]) Inverse() *ToOne[C, P] { return &ToOne[C, P]{m.declared().Opposite(graph.One)} }

// InverseMany returns the handle of the other direction of a [ManyToMany]; see [ToMany.Inverse].
//
//	CourseStudents := StudentCourses.InverseMany()
//	n, err := CourseStudents.Link(ctx, db, course, student)
func (m *ToMany[P, C]) InverseMany() *ToMany[C, P] {
	return &ToMany[C, P]{m.declared().Opposite(graph.Many)}
}

// ToOne is a declared relation that gives an owner at most one row. P and C are pointers to the structs of both tables, as those
// of a [ToMany]; for [MorphTo] C is any.
type ToOne[P, C any] struct{ d *model.Declaration }

// String returns the relation's name with its owner's, such as "activity.account".
func (o *ToOne[P, C]) String() string { return o.declared().String() }

// Inverse returns the handle of the other direction of a [HasOne] or [MorphOne]; see [ToMany.Inverse].
func (o *ToOne[P, C]) Inverse() *ToOne[C, P] { return &ToOne[C, P]{o.declared().Opposite(graph.One)} }

// InverseMany returns the handle of the other direction of a [BelongsTo]; see [ToMany.Inverse].
//
//	AccountActivities := ActivityAccount.InverseMany()
//	n, err := AccountActivities.Link(ctx, db, account, deposit)
func (o *ToOne[P, C]) InverseMany() *ToMany[C, P] {
	return &ToMany[C, P]{o.declared().Opposite(graph.Many)}
}

// RelationOption is an option of a relation.
type RelationOption func(*model.Declaration)

// ForeignKey names the columns that point from one table at the other. They belong to the related table for [HasMany] and
// [HasOne], to the owner for [BelongsTo], and to the join table for [MorphToMany]. There is no default: a relation's key is written down.
func ForeignKey(columns ...string) RelationOption {
	return func(d *model.Declaration) { d.ForeignKey = slices.Clone(columns) }
}

// References names the columns that the foreign key points at. The default is the primary key of their table. Of a [MorphMany],
// [MorphOne] or [MorphToMany] it names the owner's column that the key of [MorphKey] holds.
func References(columns ...string) RelationOption {
	return func(d *model.Declaration) { d.Declaration.References = slices.Clone(columns) }
}

// ThroughKeys names the columns of a many-to-many's join table: those that point at the owner's primary key and those that
// point at the related table's. Each is one name, or a list of names for a composite key, in the primary key's order.
func ThroughKeys[O, R string | []string](ownerColumns O, relatedColumns R) RelationOption {
	return func(d *model.Declaration) {
		d.ThroughOwner, d.ThroughRelated = model.Names(ownerColumns), model.Names(relatedColumns)
	}
}

// Inverse declares the other direction of the relation under a name, on the related table. The inverse of [HasMany] and
// [HasOne] is a belongs-to; that of [BelongsTo] is a has-many (declare a one-to-one from its has-one side); that of
// [ManyToMany] is a many-to-many. Preloading "activities.account", a has-many and its inverse, costs no second statement:
// the account is the one the activities were loaded for.
//
// Of options the other direction takes [Field], which names the field of the related table's struct: Inverse("account",
// Field("Holder")). All else is said once, of the relation.
func Inverse(name string, opts ...RelationOption) RelationOption {
	return func(d *model.Declaration) {
		d.Declaration.Inverse = name
		var other model.Declaration
		d.NilOption = apply(opts, &other) || d.NilOption
		d.InverseField, other.FieldName = other.FieldName, ""
		d.InverseMore = !structs.IsZero(other)
	}
}

// Field names the struct field that the relation is loaded into. The default is the field tagged `rel:"name"`, else the
// one whose name is the relation's in snake_case and whose type holds the related struct; a field of that name and any other type
// is a column. A relation needs no field: without one it can be joined and filtered by, not preloaded. Two relations with one
// field are a mistake.
func Field(name string) RelationOption {
	return func(d *model.Declaration) { d.FieldName = name }
}

// Logical says that the database has no constraint for the relation, as where data came without or rows are kept in several
// databases: a key may point at a row that is not there. [Registry.DDL] writes no foreign key then, nor what would keep the key of a
// has-one or the pairs of a join table unique, and [Registry.Check] asks for none; declare [Unique] where rows are so all the same.
// A delete leaves the rows alone unless [OnDelete] says otherwise, which is done by this package as for any relation.
//
// A to-one relation is then one that may have no row, also where the key cannot be NULL: a path that a condition or an order names
// is joined by LEFT JOIN, so that rows whose key points at nothing stay, as they do in Preload and Fetch. [Query.Join] drops them
// as it drops all rows without a related one, and [Query.Explain] says so. The field is a *C.
//
// It holds for the inverse, and for all relations along the same key. No database has a foreign key for a polymorphic relation; of
// one Logical says that deletes leave the rows alone, and that nothing keeps those of a [MorphOne] unique.
func Logical() RelationOption {
	return func(d *model.Declaration) { d.Logical = true }
}

// Symmetric says that a [ManyToMany] of a table with itself is the same from both ends, as borders of countries are: each pair is one row of
// the join table, in one order or the other, and each of its two rows is related to the other. In SQL the join table is a union of
// both orders, and wants an index on each key:
//
//	ManyToMany(Countries, "neighbours", Countries, Borders, ThroughKeys("country1", "country2"), Symmetric())
//	… JOIN (SELECT …, "country1" AS "country1#", "country2" AS "country2#" FROM "borders" UNION ALL
//	  SELECT …, "country2", "country1" FROM "borders" WHERE …) AS "neighbours#borders" ON …
//
// It has no [Inverse], being its own. A row that is paired with itself is related to itself once. A pair that is stored in both orders
// comes once where the join table has no other columns; else the two are two links, as any two rows of a join table are, and nothing
// but a constraint, such as CHECK (country1 < country2), keeps the second away. Under the name "link", and in a [Linked], the row is as it is
// stored, with the owner's key in one column or the other.
//
// [ToMany.Link], [ToMany.Unlink], [ToMany.Replace] and their like write it from either end. A pair that is there, in whichever order, is
// linked: Unlink removes every row of it, and [LinkWith] and [ReplaceWith] write to every row of it. A new one is stored as the keys of its
// Link say or, where those are zero, with the smaller key in the column that ThroughKeys names first, by the order that the database has
// of the primary key; so the CHECK above holds. An insert orders pairs so too, by one statement more. These calls are a
// transaction each, which locks the owner's row and those that are given first, in the order of their keys, so that two writers of one
// pair wait for each other and make one row of it; a row that is not there is [ErrNoRows]. A transaction of the caller's that sees the
// database as it was at its begin may still add the second order beside another writer: a unique index over least(…), greatest(…)
// keeps it away. [ToMany.Add] puts both rows into the fields of each other.
//
// A delete of a row takes its pairs of both orders along, as [OnDelete] says.
func Symmetric() RelationOption {
	return func(d *model.Declaration) { d.Symmetric = true }
}

// Cyclic says that rows of a relation of a table with itself may lie below themselves, as users who follow each other do. [Query.PreloadTree]
// and [LoadTree] then load such rows, each as one struct, instead of [ErrCycle]: whoever walks the loaded rows must remember where they have
// been, or stop at a row whose [Level] is not greater than the last one's, and printing them does not end. It holds for the inverse too.
// Without it a load finds a cycle before any field is set. [Query.Has], [Count] and the like along "follows*" need no such word.
//
//	ManyToMany(Users, "follows", Users, Follows, ThroughKeys("user_id", "follows_id"), Cyclic())
func Cyclic() RelationOption {
	return func(d *model.Declaration) { d.Cyclic = true }
}

// HasMany declares that rows of the related table point at one row of the owner's. The field is a []*C or []C.
//
//	HasMany(Accounts, "activities", Activities, ForeignKey("account_id"), Inverse("account"))
func HasMany[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToMany[*P, *C] {
	return &ToMany[*P, *C]{relate(graph.HasMany, tableOf(owner), name, tableOf(related), opts)}
}

// HasOne declares that at most one row of the related table points at one row of the owner's. The field is a *C. Nothing
// but a unique constraint of the database can keep a second row away: [Registry.DDL] makes it, and [Registry.Check] reports
// where it is missing. Of a table with a [SoftDelete] it is a unique index over the rows that are not marked; what a [Scope] says
// by equality of the context's value is part of it, and of a Scope that says anything else there is none. When a load finds a second row, it fails with [ErrTooManyRows]. What only the database evaluates takes
// all of them: a join, or a path that a condition or an order names, has the owner once for each, so that [Query.Count] counts
// it as often; [Query.Has] and a condition on a path hold when they do for one of them.
//
// With [OrderBy] it is the first of the rows that point at the owner, everywhere, and no constraint is asked for.
func HasOne[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToOne[*P, *C] {
	return &ToOne[*P, *C]{relate(graph.HasOne, tableOf(owner), name, tableOf(related), opts)}
}

// BelongsTo declares that rows of the owner point at one row of the related table. The field is a *C, or a C where the
// foreign key cannot be NULL.
func BelongsTo[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToOne[*P, *C] {
	return &ToOne[*P, *C]{relate(graph.BelongsTo, tableOf(owner), name, tableOf(related), opts)}
}

// ManyToMany declares that rows of a join table point at rows of both tables. The field is a []*C or []C, or a
// []Linked[C, L], which holds the rows of the join table too. The join table may have any other columns, and relations of its
// own beside this one. In queries its row beside a related one is named "link", see [Linked].
//
// An owner has a related row once for each row of the join table that links them, whatever the field is: in Preload, Load and
// Fetch, in joins, in [Count] and in [Query.HasAtLeast]. A unique constraint on both keys, declared by [PrimaryKey] or
// [Unique], keeps a second link away. Where it may be there, Distinct in the query of a preload, or a [HasManyThrough] along
// the join table, gives each related row once.
//
//	ManyToMany(Students, "courses", Courses, Enrollments, ThroughKeys("student_id", "course_id"), Inverse("students"))
func ManyToMany[P, C, L any](
	owner *Table[P], name string, related *Table[C], through *Table[L], opts ...RelationOption,
) *ToMany[*P, *C] {
	return &ToMany[*P, *C]{relate(graph.ManyToMany, tableOf(owner), name, tableOf(related), past(through, opts))}
}

// HasManyThrough declares the rows of the related table that a path of relations leads to from the owner's, such as the tags
// of an author's books. The path may go along any relations, many-to-many and other paths included. The field is a []*C or
// []C. Each row comes once, in however many ways it is reached, in preloads, Fetch, tests and counts; a join has it once for
// each way. The relation can be read only.
//
// Without an order of its own it has those declared of the relations of its path, the first relation's first. A row that
// may be reached in several ways, such as along a many-to-many, has a place by the last of them alone.
//
// The path has no star ("parts*.supplier"): what a relation means is a chain of joins, by which rows are joined, loaded and limited for each
// owner in one statement, and how far a star leads is known when the rows are there. [Query.Has], [Count] and the like take the path
// itself, and [Query.PreloadTree] loads it, with "parts.supplier" behind.
//
//	HasManyThrough(Authors, "tags", Tags, "books.tags")
func HasManyThrough[P, C any](
	owner *Table[P], name string, related *Table[C], path string, opts ...RelationOption,
) *ToMany[*P, *C] {
	opts = append(slices.Clip(opts), func(d *model.Declaration) { d.Path = path })
	return &ToMany[*P, *C]{relate(graph.HasManyThrough, tableOf(owner), name, tableOf(related), opts)}
}

// HasOneThrough declares the one row of the related table that a path of to-one relations leads to from the owner's, such as the club
// of a member's favourite membership. A [HasOne] with [OrderBy] on the path is the first of several rows. The field is a *C, or a C
// where no row on the way can be missing. The relation can be read only; in SQL it is a join of the whole path.
//
//	HasOneThrough(Members, "favourite_club", Clubs, "favourite_membership.club")
//	… LEFT JOIN ("memberships" AS "favourite_club#memberships" JOIN "clubs" AS "favourite_club" ON …) ON …
func HasOneThrough[P, C any](
	owner *Table[P], name string, related *Table[C], path string, opts ...RelationOption,
) *ToOne[*P, *C] {
	opts = append(slices.Clip(opts), func(d *model.Declaration) { d.Path = path })
	return &ToOne[*P, *C]{relate(graph.HasOneThrough, tableOf(owner), name, tableOf(related), opts)}
}

// MorphMany declares that rows of the related table point at one row of the owner's or of another table's: [MorphKey] names
// their columns, [MorphValue] what the type column holds for the owner's. The field is a []*C or []C. Its inverse is a
// to-one relation that is empty for rows of the other types; [MorphTo] is the one for all types.
//
//	MorphMany(Posts, "comments", Comments, MorphKey("item_type", "item_id"), MorphValue("post"), Inverse("post"))
//	… JOIN "comments" ON "comments"."item_id" = "posts"."id" AND ("comments"."item_type" = $1)
func MorphMany[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToMany[*P, *C] {
	return &ToMany[*P, *C]{relate(graph.MorphMany, tableOf(owner), name, tableOf(related), opts)}
}

// MorphOne is [MorphMany] for at most one row. The field is a *C.
func MorphOne[P, C any](owner *Table[P], name string, related *Table[C], opts ...RelationOption) *ToOne[*P, *C] {
	return &ToOne[*P, *C]{relate(graph.MorphOne, tableOf(owner), name, tableOf(related), opts)}
}

// MorphTo declares that rows of the owner point at one row of one of several tables: [MorphKey] names the owner's columns,
// [MorphType] a table for each value of the type column. The field is of an interface type that a pointer to each of the
// tables' structs implements, such as any. It can be preloaded: one statement for each type, all in one round trip where the
// driver pipelines; what is preloaded below it goes onto the rows that have such a relation. A preload takes a query for each of the
// tables, and loads the others whole: Preload("item", Select(Posts).Where(…), Select(Products).Columns(…)). A row whose type has no table
// is an error that names the type, unless [MorphOthers] is given. [Insertion.Exec] fills both columns from the row in the field. To join or filter by one type
// use the inverse of its [MorphMany].
//
//	MorphTo(Comments, "item", MorphKey("item_type", "item_id"), MorphType("post", Posts), MorphType("product", Products))
func MorphTo[P any](owner *Table[P], name string, opts ...RelationOption) *ToOne[*P, any] {
	return &ToOne[*P, any]{relate(graph.MorphTo, tableOf(owner), name, nil, opts)}
}

// MorphToMany is [ManyToMany] past a join table whose rows point at the related table, by the columns that [ForeignKey] names, and at
// one row of the owner's or of another table's: [MorphKey] names the columns of that reference, [MorphValue] what the type column
// holds for the owner's. Only rows of the join table with that type are its links. It is compared wherever they are read or removed,
// and filled where they are made; other rows of the join table are not touched. All else is as along a ManyToMany, in both directions: the
// other one leads from a related row to the owners of this type. The field is a []*C or []C, or a []Linked[C, L].
//
//	MorphToMany(Posts, "tags", Tags, Taggings, MorphKey("item_type", "item_id"), MorphValue("post"), ForeignKey("tag_id"), Inverse("posts"))
//	… JOIN "taggings" AS "tags#taggings" ON "tags#taggings"."item_id" = "posts"."id"
//	JOIN "tags" ON "tags"."id" = "tags#taggings"."tag_id" AND ("tags#taggings"."item_type" = $1)
//
// [Registry.DDL] makes the type, the id and the foreign key unique together, so that two rows are linked once, and
// [Registry.Check] asks for that and for the foreign key. For the reference no database has a constraint, so that a link may be made
// to an owner that is not there. A delete of a row of either end takes its links with it as those of a ManyToMany, unless [OnDelete] says
// otherwise; links of a type that no relation is about are left to the database.
func MorphToMany[P, C, L any](
	owner *Table[P], name string, related *Table[C], through *Table[L], opts ...RelationOption,
) *ToMany[*P, *C] {
	return &ToMany[*P, *C]{relate(graph.MorphToMany, tableOf(owner), name, tableOf(related), past(through, opts))}
}

// past says which join table a many-to-many goes past.
func past[L any](through *Table[L], opts []RelationOption) []RelationOption {
	link := tableOf(through)
	return append(slices.Clip(opts), func(d *model.Declaration) {
		if link != nil {
			d.Through = link.Graph
		}
	})
}

// MorphKey names the two columns of a polymorphic reference: one that says which table it points at, text or an integer, and one with the
// primary key of the row, or with the column of it that [References] names.
//
// The id column may be text (a string field) while the keys are integers or UUIDs, each table's of its own type. It then spells the key, in
// one way alone: digits without zeros before them, a UUID in lower case with hyphens. Writes fill it so, and "007" points at no number. In SQL
// the side that is known is converted, so that the other is found by its index:
//
//	… "comments"."item_id" = CAST("posts"."id" AS text)
//	… "posts"."id" = CASE WHEN "comments"."item_id" ~ '^(0|-{0,1}[1-9][0-9]{0,18})$' THEN … CAST("comments"."item_id" AS bigint) END
func MorphKey(typeColumn, idColumn string) RelationOption {
	return func(d *model.Declaration) { d.TypeColumn, d.IDColumn = typeColumn, idColumn }
}

// MorphValue is what the type column holds for rows of the owner of a [MorphMany], [MorphOne] or [MorphToMany]: text or an integer, of
// any type whose kind is that.
func MorphValue(value any) RelationOption {
	return func(d *model.Declaration) { d.TypeValue = structs.Plain(value) }
}

// MorphType names a table that a [MorphTo] may lead to, and what the type column holds then, as for [MorphValue]. Of options it takes
// [References], which names the column that the key points at there.
//
//	MorphType("post", Posts, References("uuid"))
func MorphType[T any](value any, t *Table[T], opts ...RelationOption) RelationOption {
	return func(d *model.Declaration) {
		d.AddType(structs.Plain(value), tableOf(t), func(o *model.Declaration) bool { return apply(opts, o) })
	}
}

// MorphOthers says that the type column of a [MorphTo] may hold other values than those declared by [MorphType]: rows of such types lead
// nowhere, so that their field is nil after a load, and they are written as they are. Without it, such a type is an error where it is met.
func MorphOthers() RelationOption {
	return func(d *model.Declaration) { d.OtherTypes = true }
}

func tableOf[T any](t *Table[T]) *model.Table {
	if t == nil {
		return nil
	}
	return t.t
}

// relate records a declaration. An owner that is nil has no registry to report to, so it gets one that always fails.
func relate(kind graph.Kind, owner *model.Table, name string, related *model.Table, opts []RelationOption) *model.Declaration {
	if owner == nil {
		owner = &model.Table{Registry: &NewRegistry().r, Graph: &graph.Table{Name: "<nil>"}}
		if related != nil {
			owner.Registry = related.Registry
		}
	}
	d := &model.Declaration{OwnerTable: owner, RelatedTable: related}
	d.Kind, d.Name, d.Owner = kind, name, owner.Graph
	d.Where = model.DeclaredAt(3) // the calls: of it, relate, HasMany…, the user's
	if related != nil {
		d.Related = related.Graph
	}
	d.NilOption = apply(opts, d) || d.NilOption
	r := owner.Registry
	r.Declare(func() { r.Relations = append(r.Relations, d) }, "relation", d.String())
	return d
}

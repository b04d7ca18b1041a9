package dovetail

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/georgysavva/scany/v2/dbscan"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// DECLARE: tables and relations are collected in a Registry, checked all at once at its first use, and never change
// after. This file knows struct types and names; what a relation kind means is internal/graph's.

// Registry holds the declarations of tables and of the relations between them.
//
// Declarations may be made in any order and from several packages, until the registry is first used: by [Registry.Validate]
// or by a query on one of its tables. From then on it is frozen and safe for concurrent use by any number of goroutines; a
// later declaration makes every use of the registry fail with [ErrFrozen].
type Registry struct{ r registry }

// registry is a Registry, as the machinery knows it.
type registry struct {
	mu        sync.Mutex
	tables    []*table
	relations []*declaration
	tracking  reflect.Type                  // embedded in the structs whose rows remember what was loaded; of the layout of loads
	late      atomic.Pointer[RelationError] // the first declaration made after freezing

	frozen   atomic.Bool
	bound    sync.Once
	mistakes []error // that binding found, and what it made; all read after bound
	sound    bool    // whether names in declared conditions can be checked
	model    plan.Model
	scany    *dbscan.API
	checked  sync.Once
	err      error // of all declarations; read after checked
}

// RegistryOption is an option of [NewRegistry]. There is none yet.
type RegistryOption func(*Registry)

// NewRegistry returns an empty registry.
func NewRegistry(opts ...RegistryOption) *Registry {
	r := &Registry{registry{tracking: reflect.TypeFor[Loads]()}}
	for _, opt := range opts {
		opt(r)
	}
	return r
}

// Validate checks all declarations and freezes the registry. It reports every mistake at once: the error unwraps to one
// *[RelationError] for each. It needs no database. The first query validates too; calling Validate at start-up, or in a
// test, finds mistakes earlier.
func (r *Registry) Validate() error { return r.r.freeze() }

func (r *registry) freeze() error {
	r.bind()
	r.checked.Do(func() {
		if errs := slices.Concat(r.mistakes, r.checkRules()); len(errs) > 0 {
			r.err = declarationErrors(errs)
		}
	})
	if late := r.late.Load(); late != nil {
		return late
	}
	return r.err
}

// bind turns the declarations into tables that queries use.
func (r *registry) bind() {
	r.bound.Do(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.frozen.Store(true)
		r.build()
	})
}

// frozenModel returns what queries of the registry inside others are planned with. Their declared conditions are checked when
// they are planned: those of two registries may have queries of each other.
func (r *registry) frozenModel() (*plan.Model, error) {
	r.bind()
	if late := r.late.Load(); late != nil {
		return nil, late
	}
	if len(r.mistakes) > 0 {
		return nil, declarationErrors(r.mistakes)
	}
	return &r.model, nil
}

// Table is a database table bound to the struct type T. It is made by [NewTable] and handed to [Select] and to the
// relations.
type Table[T any] struct{ t *table }

// Name returns the table's name, without its schema.
func (t *Table[T]) Name() string { return t.t.graph.Name }

// table is a declared table, whatever its struct type. The fields after columnOptions are filled by freezing.
type table struct {
	registry *registry
	typ      reflect.Type
	key      []string // nil: the column id, if there is one
	scope    []declared
	graph    *graph.Table

	columnOptions []columnOption

	layout    *structs.Struct
	columns   map[string]*structs.Field          // by column name, computed ones included
	relations map[*graph.Relation]*relationField // those that have a field
	fields    []*structs.Field                   // of the relations
	loads     *structs.Field                     // of type Loads; nil: the rows do not remember what was loaded
}

// TableOption is an option of [NewTable].
type TableOption func(*table)

// PrimaryKey names the columns of the primary key. The default is the column "id"; a table without that column has no
// primary key unless it is named here.
func PrimaryKey(columns ...string) TableOption {
	return func(t *table) { t.key = slices.Clone(columns) }
}

// Schema names the database schema the table lies in. The default is none: the table is found along the search path.
func Schema(name string) TableOption {
	return func(t *table) { t.graph.Schema = name }
}

// NewTable declares a table of the database whose rows are read into T, a struct type.
//
// T's exported fields are the columns, named by their `db:"name"` tag or else in snake_case, exactly as scany maps them:
//
//	type Account struct {
//		ID        int64     // id
//		CreatedAt time.Time // created_at
//		Mail      string    `db:"email"`
//		Cache     any       `db:"-"` // no column
//		Count     int64     `db:"activity_count,computed"` // filled only by Column("count(…) AS activity_count")
//		Audit               // an embedded struct's fields are columns too
//		Activities []*Activity // the relation "activities", when it is declared: never a column
//	}
//
// The same T may be bound to several tables, and the same table to several struct types.
func NewTable[T any](r *Registry, name string, opts ...TableOption) *Table[T] {
	if r == nil {
		r = NewRegistry() // of its own, so that there is something to report the mistake
		r.r.late.Store(&RelationError{Table: name, Err: graph.Problemf(ErrUnknownTable,
			"table %q: the registry is nil; make one with NewRegistry", name)})
	}
	t := &table{registry: &r.r, typ: reflect.TypeFor[T](), graph: &graph.Table{Name: name}}
	for _, opt := range opts {
		opt(t)
	}
	r.r.declare(func() { r.r.tables = append(r.r.tables, t) }, "table", name)
	return &Table[T]{t}
}

// declare adds to the registry, or remembers that it was too late.
func (r *registry) declare(add func(), what, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.frozen.Load() {
		add()
		return
	}
	late := &RelationError{Err: graph.Problemf(ErrFrozen,
		"cannot declare %s %q: registry already in use; declare before the first query", what, name)}
	r.late.CompareAndSwap(nil, late)
}

// build runs once, under the lock.
func (r *registry) build() {
	fail := func(t *table, relation string, err error) {
		r.mistakes = append(r.mistakes, &RelationError{Table: t.graph.Name, Relation: relation, Err: err})
	}
	var sound []*table // the others' mistakes are reported; relations over them would repeat those
	for _, t := range r.tables {
		layout, err := structs.Of(t.typ)
		if err != nil {
			fail(t, "", graph.Problemf(ErrInvalidRelation, "table %q: %w", t.graph.Name, err))
			continue
		}
		t.layout = layout
		r.bindColumns(t, r.fieldsOf(t), fail)
		sound = append(sound, t)
	}
	r.mistakes = append(r.mistakes, r.buildGraph(sound)...)
	for _, t := range sound {
		r.bindRelations(t, fail)
	}
	r.sound = len(r.mistakes) == 0
	r.bindRules(fail)
	var err error
	if r.scany, err = dbscan.NewAPI(); err != nil {
		r.mistakes = append(r.mistakes, err)
	}
}

// buildGraph links the sound tables by the relations between them.
func (r *registry) buildGraph(sound []*table) []error {
	var errs []error
	tables := make([]*graph.Table, 0, len(sound))
	for _, t := range sound {
		tables = append(tables, t.graph)
	}
	declarations := make([]*graph.Declaration, 0, len(r.relations))
	for _, d := range r.relations {
		ends := []*graph.Table{d.Owner, d.Related, d.Through}
		for _, one := range d.Types {
			ends = append(ends, one.Table)
		}
		if slices.ContainsFunc(ends, func(t *graph.Table) bool { return t != nil && r.tableOf(t) == nil }) {
			errs = append(errs, &RelationError{Table: d.Owner.Name, Relation: d.Name, Err: graph.Problemf(ErrUnknownTable,
				"relation %q: a table is nil or of another registry; declare both tables with NewTable on one registry", d.String())})
			continue
		}
		if slices.ContainsFunc(ends, func(t *graph.Table) bool { return t != nil && !slices.Contains(tables, t) }) {
			continue
		}
		d.Partial = len(d.where) > 0 || d.related != nil && len(d.related.scope) > 0
		declarations = append(declarations, &d.Declaration)
	}
	for _, err := range graph.Build(tables, declarations) {
		declared := &RelationError{Err: err}
		var p *graph.Problem
		if errors.As(err, &p) {
			declared.Table, declared.Relation = p.Table, p.Relation
		}
		errs = append(errs, declared)
	}
	return errs
}

// fieldsOf finds the fields that belong to relations of the table: by declaration, tag, or name.
func (r *registry) fieldsOf(t *table) map[*structs.Field]string {
	fields := map[*structs.Field]string{}
	claim := func(relation, goField string) {
		if relation == "" {
			return // a mistake of its own
		}
		for _, f := range t.layout.Fields {
			named := goField == "" && f.Relation == "" && f.Column == relation && !f.Computed
			if named || goField != "" && f.Name == goField || goField == "" && f.Relation == relation {
				fields[f] = relation
			}
		}
	}
	for _, d := range r.relations {
		if d.owner == t {
			claim(d.Name, d.field)
		}
		if d.related == t && d.Declaration.Inverse != "" {
			claim(d.Declaration.Inverse, "")
		}
	}
	return fields
}

// bindColumns makes columns of all fields but the relations'.
func (r *registry) bindColumns(t *table, relations map[*structs.Field]string, fail func(*table, string, error)) {
	t.columns = map[string]*structs.Field{}
	t.graph.GoType = t.typ.Name()
	for _, f := range t.layout.Fields {
		if _, ok := relations[f]; ok {
			continue
		}
		if f.Relation != "" {
			fail(t, f.Relation, graph.Problemf(ErrInvalidRelation, "table %q: field %s.%s is tagged `rel:%q`, but no such relation "+
				"is declared; declare it, or correct the tag", t.graph.Name, t.graph.GoType, f.Name, f.Relation))
			continue
		}
		if other := r.holdsTable(f); other != nil {
			fail(t, "", graph.Problemf(ErrInvalidRelation, "table %q: field %s.%s holds rows of %q, but no relation %q is declared; "+
				"declare it, or tag the field `db:\"-\"`", t.graph.Name, t.graph.GoType, f.Name, other.graph.Name, f.Column))
			continue
		}
		t.columns[f.Column] = f
		t.graph.Columns = append(t.graph.Columns, graph.Column{
			Name: f.Column, Class: string(f.Class), Nullable: f.Nullable, Computed: f.Computed, GoType: f.Type.String(),
			Stored: string(f.Stored()),
		})
	}
	t.graph.PrimaryKey = t.key
	if t.key == nil && t.columns["id"] != nil {
		t.graph.PrimaryKey = []string{"id"}
	}
	t.setColumns(fail)
}

// holdsTable returns the table whose rows a field of struct type could hold.
func (r *registry) holdsTable(f *structs.Field) *table {
	for _, t := range r.tables {
		if f.ShapeFor(t.typ) != structs.ShapeNone {
			return t
		}
	}
	return nil
}

// bindRelations checks the fields of the table's relations.
func (r *registry) bindRelations(t *table, fail func(*table, string, error)) {
	t.relations = map[*graph.Relation]*relationField{}
	fields := r.fieldsOf(t)
	for _, d := range r.relations {
		if d.owner == t && d.field != "" && !slices.Contains(mapValues(fields), d.Name) {
			fail(t, d.Name, graph.Problemf(ErrInvalidRelation, "relation %q: struct %s has no field %q; its exported fields are %s",
				d.String(), t.graph.GoType, d.field, fieldNames(t.layout)))
		}
	}
	for _, f := range t.layout.Fields {
		name, ok := fields[f]
		if !ok {
			continue
		}
		relation, ok := t.graph.Relation(name)
		if !ok {
			continue // its declaration has a mistake
		}
		if other, taken := t.relations[relation]; taken {
			fail(t, name, graph.Problemf(ErrInvalidRelation, "relation %q has two fields, %s and %s; tag one `db:\"-\"`",
				relation.String(), other.Name, f.Name))
			continue
		}
		for _, one := range relation.Each() {
			shape, want := r.shapeOf(f, one)
			if want != "" {
				fail(t, name, graph.Problemf(ErrInvalidRelation, "relation %q: field %s.%s must be %s, got %s",
					relation.String(), t.graph.GoType, f.Name, want, f.TypeName()))
				break
			}
			t.bindField(one, f, shape, r.tableOf(one.Related).typ)
			t.relations[relation] = t.relations[one]
			one.Linked = shape == structs.ShapeLinked
		}
	}
	t.trackLoads(fail)
}

// tableOf returns the declared table behind one of the graph, or nil when it is of another registry.
func (r *registry) tableOf(g *graph.Table) *table {
	for _, t := range r.tables {
		if t.graph == g {
			return t
		}
	}
	return nil
}

// holdsRows reports whether the table's rows are read into L.
func holdsRows[L any](t *table) bool { return t.typ == reflect.TypeFor[L]() }

func mapValues(m map[*structs.Field]string) []string {
	values := make([]string, 0, len(m))
	for _, v := range m {
		values = append(values, v)
	}
	return values
}

func fieldNames(s *structs.Struct) string {
	names := make([]string, 0, len(s.Fields))
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

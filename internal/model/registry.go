package model

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/georgysavva/scany/v2/dbscan"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// REGISTRY: tables and relations are collected, checked all at once at the first use, and never change after. What a relation kind
// means is internal/graph's.

// Registry is a Registry, as the machinery knows it.
type Registry struct {
	mu        sync.Mutex
	Tables    []*Table
	Relations []*Declaration
	NilOption bool // an option is nil
	Tracking  Tracking
	Naming    *structs.Naming                     // of columns; nil: snake_case
	Late      atomic.Pointer[fault.RelationError] // the first declaration made after freezing

	frozen   atomic.Bool
	bound    sync.Once
	mistakes []error // that binding found, and what it made; all read after bound
	sound    bool    // whether names in declared conditions can be checked
	Rules    plan.Rules
	Programs Programs // of queries of its tables
	Scany    *dbscan.API
	checked  sync.Once
	err      error // of all declarations; read after checked
}

// Declare adds to the registry, or remembers that it was too late.
func (r *Registry) Declare(add func(), what, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.frozen.Load() {
		add()
		return
	}
	late := &fault.RelationError{Err: graph.Problemf(fault.ErrFrozen,
		"cannot declare %s %q: registry already in use; declare before the first query", what, name)}
	r.Late.CompareAndSwap(nil, late)
}

// Freeze checks all declarations, once, and returns every mistake. Nothing can be declared after.
func (r *Registry) Freeze() error {
	r.bind()
	r.checked.Do(func() {
		if errs := slices.Concat(r.mistakes, r.checkRules()); len(errs) > 0 {
			r.err = Mistakes(errs)
		}
	})
	if late := r.Late.Load(); late != nil {
		return late
	}
	return r.err
}

// bind turns the declarations into tables that queries use.
func (r *Registry) bind() {
	r.bound.Do(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.frozen.Store(true)
		r.build()
	})
}

// FrozenRules returns what queries of the registry inside others are planned with. Their declared conditions are checked when
// they are planned: those of two registries may have queries of each other.
func (r *Registry) FrozenRules() (*plan.Rules, error) {
	r.bind()
	if late := r.Late.Load(); late != nil {
		return nil, late
	}
	if len(r.mistakes) > 0 {
		return nil, Mistakes(r.mistakes)
	}
	return &r.Rules, nil
}

// TableOf returns the declared table behind one of the graph, or nil when it is of another registry.
func (r *Registry) TableOf(g *graph.Table) *Table {
	for _, t := range r.Tables {
		if t.Graph == g {
			return t
		}
	}
	return nil
}

// FieldOf returns the field that a relation is loaded into.
func (r *Registry) FieldOf(relation *graph.Relation) *RelationField {
	return r.TableOf(relation.Owner).Relations[relation]
}

// KeyKinds returns what is known of the relation's keys without asking the database.
func (r *Registry) KeyKinds(relation *graph.Relation) []dialect.KeyType {
	holds, on := relation.Sent()
	owner, holder := r.TableOf(relation.Owner), r.TableOf(holds)
	types := make([]dialect.KeyType, len(on))
	for i, pair := range on {
		kind := owner.Columns[pair.From].Key
		switch as := holder.Columns[pair.To].Key; {
		case pair.Key != "":
			kind = as // which the owners' key spells, or is spelled by
		case as != kind:
			kind = dialect.KeyOther
		}
		types[i] = dialect.KeyType{Kind: kind, Spelled: pair.Key != "" && !pair.Spelling.To}
		types[i].Lasting = kind == dialect.KeyInt && (owner.Columns[pair.From].Lasting || holder.Columns[pair.To].Lasting)
		if kind == dialect.KeyText {
			// What a text column nearly always is; loads ask the catalog.
			types[i].SQL, types[i].Bytewise = "text", true
		}
	}
	return types
}

// Mistakes are all mistakes of a registry, each a *RelationError.
type Mistakes []error

func (e Mistakes) Error() string {
	if len(e) == 1 {
		return e[0].Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, graph.Prefix+"%d mistakes in the declarations:", len(e))
	for _, err := range e {
		b.WriteString("\n\t" + graph.Body(err))
	}
	return b.String()
}

// Unwrap returns each mistake.
func (e Mistakes) Unwrap() []error { return e }

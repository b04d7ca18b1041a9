package load

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// KEY TYPES: how keys are compared depends on the types of their columns, which the database's catalog knows.

// keyLookup asks the catalog for the types of columns.
type keyLookup struct {
	columns []dialect.ColumnRef
	stmt    dialect.Statement
}

// newKeyLookup returns a look-up if one of the needed columns is not known. It asks for all keys of the registry that are not: one
// look-up does for a handle. A column that the catalog does not have stays unknown: the statement that names it will fail
// and say so.
func newKeyLookup(db dialect.DB, r *model.Registry, needed []dialect.ColumnRef) (keyLookup, bool) {
	ask := unknown(db, needed)
	if len(ask) == 0 {
		return keyLookup{}, false
	}
	var columns []dialect.ColumnRef
	for _, ref := range append(ask, unknown(db, catalogKeys(r))...) {
		// A query that is not needed now is not asked: it may be one that fails.
		if !slices.Contains(columns, ref) && (ref.Query == "" || slices.Contains(needed, ref)) {
			columns = append(columns, ref)
		}
	}
	stmt, ok := db.Dialect().KeyTypes(columns)
	stmt.Op = "look up key types"
	return keyLookup{columns, stmt}, ok
}

// unknown returns those of the columns that the handle has not asked about.
func unknown(db dialect.DB, refs []dialect.ColumnRef) []dialect.ColumnRef {
	return slices.DeleteFunc(slices.Clone(refs), func(ref dialect.ColumnRef) bool {
		_, known := db.Catalog().KeyType(ref)
		return known
	})
}

// read remembers the types.
func (k keyLookup) read(catalog *dialect.Catalog, rows dialect.Rows) error {
	for rows.Next() {
		var at int64
		var t dialect.KeyType
		if err := rows.Scan(&at, &t.SQL, &t.Collation, &t.Bytewise, &t.Stored); err != nil {
			return err
		}
		catalog.SetKeyType(k.columns[at], t)
	}
	return rows.Err()
}

// catalogKeys returns the columns of the registry's keys of which the Go types do not say enough: those that relations match,
// and primary keys.
func catalogKeys(r *model.Registry) []dialect.ColumnRef {
	var refs []dialect.ColumnRef
	for _, t := range r.Tables {
		for _, relation := range t.Graph.Relations() {
			for _, one := range relation.Each() {
				refs = append(refs, matchedKeys(r, one)...)
			}
		}
		for _, f := range t.KeyFields() {
			if AsksType(f) {
				refs = append(refs, compile.ColumnOf(t.Graph, f.Column))
			}
		}
	}
	return refs
}

// matchedKeys returns the columns on both sides of the relation's key of which the Go types do not say enough.
func matchedKeys(r *model.Registry, relation *graph.Relation) []dialect.ColumnRef {
	var refs []dialect.ColumnRef
	for i, t := range r.KeyKinds(relation) {
		if !EqualInGo(t.Kind) || t.Lasting {
			both := keyColumns(relation, i)
			for n, ref := range both {
				if ref.Query == "" || both[1-n].Query != "" { // beside a column of a table, that tells
					refs = append(refs, ref)
				}
			}
		}
	}
	return refs
}

// lookup returns what must be asked before the preloads' statements can be written, if anything, and whether those of the
// first level need none of it.
func (l *loader) lookup(preloads []*plan.Preload) (look keyLookup, rides, ok bool) {
	var first, needed []dialect.ColumnRef
	var gather func([]*plan.Preload, int)
	gather = func(preloads []*plan.Preload, level int) {
		for _, p := range preloads {
			if p.InHand() {
				gather(p.Below, level)
				continue
			}
			keys := matchedKeys(l.registry, p.Relation)
			if needed = append(needed, keys...); level == 0 {
				first = append(first, keys...)
			}
			gather(p.Query.Preloads, level+1)
		}
	}
	gather(preloads, 0)
	if look, ok = newKeyLookup(l.db, l.registry, needed); !ok {
		return look, false, false
	}
	return look, len(unknown(l.db, first)) == 0, true
}

// keyTypes says how the keys of a relation are compared.
func (l *loader) keyTypes(r *graph.Relation) []dialect.KeyType {
	types := l.registry.KeyKinds(r)
	for i, t := range types {
		if !EqualInGo(t.Kind) || t.Lasting {
			refs := keyColumns(r, i)
			types[i] = CommonType(l.db, t, refs[0], refs[1])
		}
	}
	return types
}

// EqualInGo reports whether keys of the kind are equal in the database exactly when they are equal in Go.
func EqualInGo(kind dialect.KeyKind) bool { return kind == dialect.KeyInt || kind == dialect.KeyUUID }

// AsksType reports whether the type of the field's column says how its keys are sent: that of a key that is not equal in Go exactly where it is in
// the database, and of a duration, which is an integer there or an interval.
func AsksType(f *structs.Field) bool { return !EqualInGo(f.Key) || f.Lasting }

// LearnKeyTypes asks for the types of columns of the registry, by a statement of its own, unless they are known.
func LearnKeyTypes(ctx context.Context, db dialect.DB, r *model.Registry, needed []dialect.ColumnRef) error {
	ofTables := slices.DeleteFunc(slices.Clone(needed), func(ref dialect.ColumnRef) bool { return ref.Query != "" }) // others are only read
	return learnAll(ctx, db, r, ofTables)
}

// learnAll is LearnKeyTypes, of columns of queries too.
func learnAll(ctx context.Context, db dialect.DB, r *model.Registry, needed []dialect.ColumnRef) error {
	look, ok := newKeyLookup(db, r, needed)
	if !ok {
		return nil
	}
	return Send(ctx, db, look.stmt.Op, []dialect.Statement{look.stmt}, func(_ int, rows dialect.Rows) error {
		return look.read(db.Catalog(), rows)
	})
}

// keyColumns returns the owner's i-th key column and the one it is matched with.
func keyColumns(r *graph.Relation, i int) [2]dialect.ColumnRef {
	holder, on := r.Sent()
	match := compile.ColumnOf(holder, on[i].To)
	if on[i].Key != "" {
		return [2]dialect.ColumnRef{match, match} // the owner's is sent as that is
	}
	return [2]dialect.ColumnRef{compile.ColumnOf(r.Owner, on[i].From), match}
}

// CommonType says how keys are compared that their Go types say t of, by the types that their columns have in the database. Where
// the database needs none, as SQLite, what the Go types say stays: a string is looked for as that text, whatever it looks like.
func CommonType(db dialect.DB, t dialect.KeyType, ownerColumn, matchColumn dialect.ColumnRef) dialect.KeyType {
	owner, known := db.Catalog().KeyType(ownerColumn)
	match, alsoKnown := db.Catalog().KeyType(matchColumn)
	if !known && !alsoKnown {
		if _, needed := db.Dialect().KeyTypes([]dialect.ColumnRef{ownerColumn, matchColumn}); !needed {
			return t
		}
	}
	switch {
	case ownerColumn.Query != "" && matchColumn.Query != "" && !known && !alsoKnown:
		return t
	case ownerColumn.Query != "" && matchColumn.Query == "":
		owner = match
	case ownerColumn.Query == "" && matchColumn.Query != "":
		match = owner
	}
	switch {
	case t.Kind == dialect.KeyInt && owner.SQL != "interval" && match.SQL != "interval":
		return t
	case t.Kind == dialect.KeyText && owner.SQL == "uuid" && match.SQL == "uuid":
		return dialect.KeyType{Kind: dialect.KeyUUID, SQL: "uuid"}
	case t.Kind == dialect.KeyText && owner.Bytewise && match.Bytewise:
		mixed := owner.Collation != match.Collation && owner.Collation != "" && match.Collation != ""
		return dialect.KeyType{Kind: dialect.KeyText, SQL: "text", Bytewise: true, Mixed: mixed}
	}
	return dialect.KeyType{Kind: dialect.KeyOther, SQL: owner.SQL, Collation: owner.Collation}
}

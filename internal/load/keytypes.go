package load

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// KEY TYPES: how keys are compared depends on the types of their columns, which the database's catalog knows.

// learnKeyTypes learns the types of the key columns of all preloads where the Go types do not say enough.
func (l *loader) learnKeyTypes(preloads []*plan.Preload) error {
	var ask []dialect.ColumnRef
	var gather func([]*plan.Preload)
	gather = func(preloads []*plan.Preload) {
		for _, p := range preloads {
			if p.InHand() {
				gather(p.Below)
				continue
			}
			for i, t := range l.registry.KeyKinds(p.Relation) {
				if refs := keyColumns(p.Relation, i); !EqualInGo(t.Kind) {
					ask = append(ask, refs[:]...)
				}
			}
			gather(p.Query.Preloads)
		}
	}
	gather(preloads)
	return LearnKeyTypes(l.ctx, l.db, ask)
}

// keyTypes says how the keys of a relation are compared.
func (l *loader) keyTypes(r *graph.Relation) []dialect.KeyType {
	types := l.registry.KeyKinds(r)
	for i, t := range types {
		if !EqualInGo(t.Kind) {
			refs := keyColumns(r, i)
			types[i] = CommonType(l.db, t, refs[0], refs[1])
		}
	}
	return types
}

// EqualInGo reports whether keys of the kind are equal in the database exactly when they are equal in Go.
func EqualInGo(kind dialect.KeyKind) bool { return kind == dialect.KeyInt || kind == dialect.KeyUUID }

// LearnKeyTypes asks the database's catalog for the types of the columns that are not known yet, by one statement, and remembers
// them. A column that the catalog does not have stays unknown: the statement that names it will fail and say so.
func LearnKeyTypes(ctx context.Context, db dialect.DB, columns []dialect.ColumnRef) error {
	var ask []dialect.ColumnRef
	for _, ref := range columns {
		if _, known := db.Catalog().KeyType(ref); !known && !slices.Contains(ask, ref) {
			ask = append(ask, ref)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	stmt, ok := db.Dialect().KeyTypes(ask)
	if !ok {
		return nil
	}
	look := loader{ctx: ctx, db: db, op: "look up key types"}
	stmt.Op = look.op
	return look.run([]dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var at int64
			var t dialect.KeyType
			if err := rows.Scan(&at, &t.SQL, &t.Collation, &t.Bytewise); err != nil {
				return err
			}
			db.Catalog().SetKeyType(ask[at], t)
		}
		return rows.Err()
	})
}

// keyColumns returns the owner's i-th key column and the one it is matched with.
func keyColumns(r *graph.Relation, i int) [2]dialect.ColumnRef {
	step := r.Steps[0]
	return [2]dialect.ColumnRef{
		{Schema: r.Owner.Schema, Table: r.Owner.Name, Column: step.On[i].From},
		{Schema: step.Table.Schema, Table: step.Table.Name, Column: step.On[i].To},
	}
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
	case t.Kind == dialect.KeyText && owner.SQL == "uuid" && match.SQL == "uuid":
		return dialect.KeyType{Kind: dialect.KeyUUID, SQL: "uuid"}
	case t.Kind == dialect.KeyText && owner.Bytewise && match.Bytewise:
		return dialect.KeyType{Kind: dialect.KeyText, SQL: "text", Bytewise: true}
	}
	return dialect.KeyType{Kind: dialect.KeyOther, SQL: owner.SQL, Collation: owner.Collation}
}

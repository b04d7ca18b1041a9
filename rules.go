package dovetail

import (
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
)

// Scope declares a condition that the table's rows must meet wherever a query names the table: as the root, joined (in the
// ON clause, so that a left join keeps its owners), tested by [Query.Has] and its like, preloaded, counted by an aggregate,
// and as the join table of a many-to-many. It is the place for a soft delete or a tenant. [Query.Unscoped] lifts it.
//
//	NewTable[Post](Schema, "posts", Scope(squirrel.Eq{"deleted_at": nil}))
//	SELECT … FROM "users" LEFT JOIN "posts" ON "posts"."user_id" = "users"."id" AND ("posts"."deleted_at" IS NULL)
//
// pred and args are those of [Query.Where]; the names in it are the table's own columns. In SQL text write them behind "self" or
// the table's name, as in "posts.deleted_at IS NULL", since other tables of a query may have a column of that name. A value that
// is known only when a query runs, such as the tenant, is given as [FromContext]. Several scopes are ANDed.
func Scope(name string, pred any, args ...any) TableOption {
	return func(t *model.Table) {
		t.Scopes = append(t.Scopes, model.DeclaredScope{Name: name, DeclaredCondition: query.Declare(pred, args)})
	}
}

// Where declares a condition that a relation's related rows must meet, in every join, test, preload and aggregate along
// it. The names in it are columns of the related table, and "outer.column" is one of the owner; pred and args are those of
// [Query.Where]. A relation with a condition has no inverse: declare that on a relation without it. One that names the owner can be
// preloaded where its key is the owner's primary key.
//
//	HasMany(Accounts, "deposits", Activities, ForeignKey("account_id"), Where(squirrel.Eq{"activity_type": Deposit}))
func Where(pred any, args ...any) RelationOption {
	return func(d *model.Declaration) { d.Conditions = append(d.Conditions, query.Declare(pred, args)) }
}

// OrderBy declares the order of a to-many relation's related rows where a query gives none: in preloads, in lists filled by
// [Query.Fetch] and for [FirstOf].
// Terms are those of [Query.OrderBy], over the related table.
func OrderBy(terms ...string) RelationOption {
	return func(d *model.Declaration) {
		for _, term := range terms {
			o, err := query.ParseOrder(term)
			d.Orders = append(d.Orders, model.DeclaredOrder{Clause: o, Err: err})
		}
	}
}

package dovetail

import (
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
)

// Scope declares, under a name, a condition that the table's rows must meet wherever a call names the table: as the root, joined (in
// the ON clause, so that a left join keeps its owners), tested by [Query.Has] and its like, preloaded, counted by an aggregate, as the
// join table of a many-to-many, and where a row is told by its key, as [Save], [Upsert] and [ToMany.Link] do. To a call, rows that do not
// meet it are not there. It is the place for a tenant. [Query.Unscoped] lifts it by its name; a [SoftDelete] has the scope "deleted".
//
// Where it says that columns equal values (squirrel.Eq), rows that are written get these: a column that is zero is filled, and another
// value is [ErrInvalidRow], in [Insert], [Upsert], [Change.Set] and [Save].
//
//	NewTable[Post](Schema, "posts", Scope("alive", squirrel.Eq{"deleted_at": nil}))
//	SELECT … FROM "users" LEFT JOIN "posts" ON "posts"."user_id" = "users"."id" AND ("posts"."deleted_at" IS NULL)
//
// pred and args are those of [Query.Where]; the names in it are the table's own columns, and to-one paths from there ("team.tenant_id"),
// which are read by subqueries as in the [Where] of a relation. In SQL text write them behind "self" or
// the table's name, as in "posts.deleted_at IS NULL", since other tables of a query may have a column of that name. A value that
// is known only when a query runs, such as the tenant, is given as [FromContext]. Several scopes are ANDed.
//
// A value that a squirrel.Eq of a scope gives a column is filled in the rows that [Insert], [Upsert] and links write, where their own
// is zero, and a row with another is [ErrInvalidRow]. Deletes follow keys only to rows that have it, unless a scope of that
// name is lifted of the rows that are deleted. NULL is not filled, nor is the column of a [SoftDelete].
func Scope(name string, pred any, args ...any) TableOption {
	declared := model.DeclaredScope{Name: name, DeclaredCondition: query.Declare(pred, args)}
	return func(t *model.Table) { t.Scopes = append(t.Scopes, declared) }
}

// ScopesDiffer says that this binding of a table has other scopes than another one, on purpose, and why. Without it two tables of
// one name in a registry that differ in a [Scope] or in the [SoftDelete] are a mistake: who reads or deletes by one would go past
// what the other protects. Names that a database may take for those of one table count as one: they differ in case alone, as for SQLite,
// or one has the [Schema] public, or main, and the other none. What else a search path makes one is not seen: declare their scopes alike.
//
//	NewTable[Post](Schema, "posts", Scope("tenant", …))
//	NewTable[Audited](Schema, "posts", ScopesDiffer("the audit reads all tenants"))
func ScopesDiffer(reason string) TableOption {
	return func(t *model.Table) {
		t.Differs = reason
		if reason == "" {
			t.ColumnOptions = append(t.ColumnOptions, model.ColumnOption{Option: "ScopesDiffer", Mistake: graph.Problemf(ErrInvalidRelation,
				"the reason is empty; say why they differ")})
		}
	}
}

// Where declares a condition that a relation's related rows must meet, in every join, test, preload and aggregate along
// it. The names in it are columns of the related table, and "outer.column" is one of the owner; pred and args are those of
// [Query.Where]. A relation with a condition has no inverse: declare that on a relation without it. One that names the owner can be
// preloaded where its key is the owner's primary key, which is what a preload sends; else that is [ErrUnsupported], and [Query.Join],
// [Query.Fetch] and [Query.Has] have the rows.
//
// To-one paths go on from either row, "team.name" and "outer.city.country". Nothing is joined for them, and the statement stays one: a
// subquery reads the column, NULL where there is no row, from rows within the scopes of their tables. A to-many path is an error;
// such rows are tested by [Has].
//
//	HasMany(Teams, "locals", Players, ForeignKey("team_id"), Where(squirrel.Eq{"country": Col("outer.city.country")}))
//	… JOIN "players" AS "locals" ON "locals"."team_id" = "teams"."id" AND ("locals"."country" = (SELECT "#city"."country"
//	FROM "cities" AS "#city" WHERE "#city"."id" = "teams"."city_id"))
//
// What squirrel.Eq says of single values ("kind", and "link.kind" of the join table's row) holds for writes too. Inserts and links
// fill those columns where they are zero, and refuse rows that have another value; a row that is linked to and not written must have
// them; deletes, [ToMany.Unlink] and [ToMany.Replace] touch no row that has not. Several keys and squirrel.And do the same. A
// condition of any other form makes the relation one to read by: writes along it are [ErrInvalidRelation].
//
//	HasMany(Accounts, "deposits", Activities, ForeignKey("account_id"), Where(squirrel.Eq{"activity_type": Deposit}))
func Where(pred any, args ...any) RelationOption {
	return func(d *model.Declaration) { d.Conditions = append(d.Conditions, query.Declare(pred, args)) }
}

// On declares the condition that relates two rows, of a [HasMany], [HasOne] or [BelongsTo], in place of keys: any condition, such as a
// range of dates, a key made of several columns, or a path below another. In it "self.column", or a bare name in a map, is a column of the related
// table, and "outer.column" one of the owner; SQL text may leave out "self" where the owner has no column of that name; pred and args are those of [Query.Where]. Several are ANDed, and with those of [Where].
// One related row may belong to several owners. With [OrderBy] a HasOne is the first row for which the condition holds; without, a
// second one is [ErrTooManyRows] where rows are loaded.
//
//	HasOne(Departments, "capital", Towns, On("outer.capital = self.department || self.code"))
//	… JOIN "towns" AS "capital" ON ("departments"."capital" = "capital"."department" || "capital"."code")
//
// It is to read by: in joins, tests, paths of conditions and orders, Fetch, values, preloads, limits for each owner and trees. A
// preload is one statement, which sends the owners' primary keys and joins the owner's table by them, so that the condition reads the
// columns it names there, NULLs included: both tables need a primary key, the owner's for preloads alone. What it costs is the
// database's to say; an index that serves the condition is not declared by it. Nothing is written along it: [ErrInvalidRelation].
// Deletes leave its rows alone, and [Registry.DDL] and [Registry.Check] ask for nothing.
func On(pred any, args ...any) RelationOption {
	return func(d *model.Declaration) { d.On = append(d.On, query.Declare(pred, args)) }
}

// OrderBy declares the order of a to-many relation's related rows where a query gives none: in preloads, in lists filled by
// [Query.Fetch] and for [FirstOf].
// Terms are those of [Query.OrderBy], over the related table.
//
// Of a [HasOne] or [MorphOne] it says which of several rows is the related one: the first by this order, ended by the primary key, of
// those that the key matches, that the conditions of the relation hold for, and that are within the [Scope] of their table. It is that
// row in every use, in joins, tests, paths of conditions and orders, Fetch, preloads and aggregates; conditions of a use test the
// row that was chosen. The table needs a primary key. The database need not keep a second row away, a delete of the owner does to all
// rows that point at it what [OnDelete] says, and rows can be inserted along it, but not linked, replaced or set.
//
//	HasOne(Employees, "current_salary", Salaries, ForeignKey("employee_id"), OrderBy("from_date DESC"))
//	… JOIN "salaries" AS "current_salary" ON "current_salary"."employee_id" = "employees"."id" AND ("current_salary"."id" =
//	(SELECT "current_salary#first"."id" FROM "salaries" AS "current_salary#first"
//	WHERE ("current_salary#first"."employee_id" = "employees"."id") ORDER BY "current_salary#first"."from_date" DESC,
//	"current_salary#first"."id" LIMIT 1))
func OrderBy(terms ...string) RelationOption {
	return func(d *model.Declaration) {
		for _, term := range terms {
			o, err := query.ParseOrder(term)
			d.Orders = append(d.Orders, model.DeclaredOrder{Clause: o, Err: err})
		}
	}
}

// Enforced says that writes make sure that the row is there which a polymorphic reference points at, as a foreign key would, which no
// database has for one: [Insert], [Upsert], [Save], [Update] of the key, [ToMany.Link], Move, Replace and Sync of a row of any type that is so,
// and links of a [MorphToMany]. A row that is not there, or out of the scopes of its table, as one that is marked as deleted, is [ErrNoRows],
// which names the relation and the type. It is given to the [MorphTo], for all its types, or to a [MorphMany], [MorphOne] or MorphToMany, for
// its own. Save and Update write the type and the id together; by an expression they cannot be set. What a delete does is [OnDelete]'s.
//
// It is one statement more for each type, in the transaction of the write, after it, which locks the rows on PostgreSQL, FOR KEY SHARE as a
// foreign key does, and FOR SHARE where their table has a [SoftDelete], which changes no key: nobody deletes them before the commit, nor, of the
// latter, changes them. FOR SHARE takes the right to UPDATE them. What takes a row out of another scope of its table is not kept out.
//
//	MorphTo(Comments, "item", MorphKey("item_type", "item_id"), MorphType("post", Posts), Enforced())
func Enforced() RelationOption {
	return func(d *model.Declaration) { d.Enforced = true }
}

// Acyclic says that the rows of a relation of a table with itself are a tree: writes refuse a row that would lie below itself, by
// whatever number of rows in between, with [ErrCycle]. It holds for [Insert], [Upsert], [Save], [Update] of the key to a value, [ToMany.Link],
// Move, Replace and Sync, along either direction. It is given to a [HasMany], [HasOne] or [BelongsTo].
//
// When the rows are written, and before that is committed, one WITH RECURSIVE walks from what they point at to the rows above, from all of them
// at once, so that it meets each row above once, however many it leads to. On PostgreSQL a
// statement before it locks those FOR SHARE, and both are sent again if the way has changed meanwhile: of two writers that would make
// a cycle together, one waits for the other and is refused, or is the victim of a deadlock, at any isolation level; [Retry] runs it again.
// Writers of disjoint parts of a tree wait for each other only where they change rows above. SQLite has one writer. Rows that are inserted
// without a key, which the database makes, have nothing below them, and cost nothing. What others write is not looked at.
//
//	HasMany(Folders, "folders", Folders, ForeignKey("parent_id"), Inverse("parent"), Acyclic())
func Acyclic() RelationOption {
	return func(d *model.Declaration) { d.Acyclic = true }
}

package dovetail

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// DECLARE, continued: conditions and orders that are declared once, of a table or a relation, and hold in every query.

// declaredOrder is a term of an order as it was declared.
type declaredOrder struct {
	clause plan.OrderClause
	err    error
}

// declared is a condition as it was declared.
type declared struct {
	expr plan.Expr
	err  error
}

// Scope declares a condition that the table's rows must meet wherever a query names the table: as the root, joined (in the
// ON clause, so that a left join keeps its owners), tested by [Query.Has] and its like, preloaded, counted by an aggregate,
// and as the join table of a many-to-many. It is the place for a soft delete or a tenant. [Query.Unscoped] lifts it.
//
//	NewTable[Post](Schema, "posts", Scope(squirrel.Eq{"deleted_at": nil}))
//	SELECT … FROM "users" LEFT JOIN "posts" ON "posts"."user_id" = "users"."id" AND ("posts"."deleted_at" IS NULL)
//
// pred and args are those of [Query.Where]; the names in it are the table's own columns. In SQL text write them behind the
// table's name, as in "posts.deleted_at IS NULL", since other tables of a query may have a column of that name. A value that
// is known only when a query runs, such as the tenant, is given as [FromContext]. Several scopes are ANDed.
func Scope(pred any, args ...any) TableOption {
	return func(t *table) { t.scope = append(t.scope, declare(pred, args)) }
}

// Where declares a condition that a relation's related rows must meet, in every join, test, preload and aggregate along
// it. The names in it are columns of the related table; pred and args are those of [Query.Where]. A relation with a
// condition has no inverse: declare that on a relation without it.
//
//	HasMany(Accounts, "deposits", Activities, ForeignKey("account_id"), Where(squirrel.Eq{"activity_type": Deposit}))
func Where(pred any, args ...any) RelationOption {
	return func(d *declaration) { d.where = append(d.where, declare(pred, args)) }
}

// OrderBy declares the order of a to-many relation's related rows where a query gives none: in preloads, in lists filled by
// [Query.Fetch] and for [FirstOf].
// Terms are those of [Query.OrderBy], over the related table.
func OrderBy(terms ...string) RelationOption {
	return func(d *declaration) {
		for _, term := range terms {
			o, err := parseOrder(term)
			d.orderBy = append(d.orderBy, declaredOrder{o, err})
		}
	}
}

func declare(pred any, args []any) declared {
	e, err := exprOf(pred, args)
	return declared{e, err}
}

// Unscoped lifts the default conditions ([Scope]) of the tables at the paths, wherever the query names them: joined, tested,
// preloaded or counted. Without paths it lifts those of the query's own table. A relation's own condition ([Where]) stays.
//
//	Select(Posts).Unscoped()                           deleted posts too
//	Select(Users).Preload("posts").Unscoped("posts")   deleted posts of users that are not deleted
func (q Query[R]) Unscoped(paths ...string) Query[R] { return queryOf[R](q.q.addUnscoped(paths...)) }

func (q *query) addUnscoped(paths ...string) *query {
	return q.with("Unscoped", func(n *query) error {
		if len(paths) == 0 {
			paths = []string{""}
		} else if slices.Contains(paths, "") {
			return graph.Problemf(ErrUnknownRelation, "the path is empty; leave the paths out for the query's own table")
		}
		add(&n.spec.Unscoped, paths...)
		return nil
	})
}

// bindRules gathers what was declared for the planner.
func (r *registry) bindRules(fail func(*table, string, error)) {
	r.model = plan.Model{Tables: map[*graph.Table][]plan.Expr{}, Relations: map[*graph.Relation]plan.Rule{}}
	for _, t := range r.tables {
		r.model.Tables[t.graph] = expressions(t.scope, func(err error) {
			fail(t, "", graph.Problemf(ErrInvalidRelation, "table %q: Scope: %w", t.graph.Name, err))
		})
	}
	for _, d := range r.relations {
		rule := d.rule(func(err error) {
			fail(d.owner, d.Name, graph.Problemf(ErrInvalidRelation, "relation %q: %w", d.String(), err))
		})
		if relation, ok := d.owner.graph.Relation(d.Name); ok {
			r.model.Relations[relation] = rule
		}
	}
}

// checkRules returns the mistakes in what was gathered. The names in it are checked only when the tables and relations are sound:
// else they would repeat those mistakes.
func (r *registry) checkRules() []error {
	if !r.sound {
		return nil
	}
	tables := make([]*graph.Table, len(r.tables))
	for i, t := range r.tables {
		tables[i] = t.graph
	}
	var errs []error
	r.model.Check(tables, func(t *graph.Table, relation *graph.Relation, err error) {
		mistake := &RelationError{Table: t.Name, Err: graph.Problemf(ErrInvalidRelation, "table %q: %w", t.Name, err)}
		if relation != nil {
			mistake.Relation, mistake.Err = relation.Name, graph.Problemf(ErrInvalidRelation, "relation %q: %w", relation.String(), err)
		}
		errs = append(errs, mistake)
	})
	return errs
}

func expressions(list []declared, fail func(error)) []plan.Expr {
	exprs := make([]plan.Expr, 0, len(list))
	for _, c := range list {
		if c.err != nil {
			fail(c.err)
			continue
		}
		exprs = append(exprs, c.expr)
	}
	return exprs
}

// rule returns what was declared of the relation's rows.
func (d *declaration) rule(fail func(error)) plan.Rule {
	rule := plan.Rule{Where: expressions(d.where, func(err error) { fail(&plan.PathError{Method: "Where", Err: err}) })}
	if len(d.where) > 0 && d.Declaration.Inverse != "" {
		fail(graph.Problemf(ErrInvalidRelation, "Where and Inverse do not go together, because the inverse would be about all rows; "+
			"declare the inverse on a relation without the condition"))
	}
	if len(d.where) > 0 && len(d.Types) > 0 {
		fail(graph.Problemf(ErrInvalidRelation, "Where is about rows of one table, and it leads to several; declare a Scope of each"))
		rule.Where = nil
	}
	if len(d.orderBy) > 0 && d.Kind.Cardinality() != graph.Many {
		fail(graph.Problemf(ErrInvalidRelation, "OrderBy is for to-many relations; leave it out"))
	}
	for _, o := range d.orderBy {
		if o.err != nil {
			fail(&plan.PathError{Method: "OrderBy", Err: o.err})
			continue
		}
		rule.OrderBy = append(rule.OrderBy, o.clause)
	}
	return rule
}

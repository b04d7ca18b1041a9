// Package queries has calls with SQL text of all sorts, and says which of them dovetailvet reports.
package queries

import (
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

type account struct {
	ID    int64
	Owner string
}

const (
	column = "owner"
	rich   = "accounts.balance >= ?"
)

var (
	schema   = dovetail.NewRegistry()
	declared = "accounts.owner <> ''"
	tenant   = dovetail.Scope("tenant", "accounts.tenant_id = ?", 1)
	late     = dovetail.Scope("tenant", declared)                                    // want `dovetail\.Scope: the SQL text is not a constant; give values as arguments, as in Scope\("tenant", "tenant_id = \?", v\)`
	rule     = dovetail.Where("kind = '" + strings.ToLower("X") + "'")               // want `dovetail\.Where: the SQL text is not a constant`
	accounts = dovetail.NewTable[account](schema, strings.ToLower("Accounts"), late) // a name, which is checked
)

func constants(owner string, loud bool) {
	q := dovetail.Select(accounts)
	q.Where("accounts.owner = ?", owner)
	q.Where(column+" = ?", owner)
	q.Where(("accounts.") + column + ` = ?`)
	q.Where(rich, 750)
	q.Where(any(rich), 750)
	q.Where(fmt.Sprint)
	q.Where(nil)
	q.Having(string("count(*) > ") + "1")
	q.Column("length(" + column + ") AS length")
	q.OrderByClause("length(" + column + ")")
	dovetail.Count("activities").Where("amount > ?", len(owner))
	sq.Expr("owner = "+"?", owner)
	sq.ConcatExpr("owner", " = ", sq.Expr("?", owner))
	sq.Alias(sq.Expr("1"), "one")
}

func expressions(owner string, pred sq.Sqlizer, eq sq.Eq) {
	q := dovetail.Select(accounts)
	q.Where(pred)
	q.Where(eq)
	q.Where(sq.Eq{owner: owner}) // names are checked, values are arguments
	q.Where(dovetail.Contains(owner, owner))
	q.Join("activities", pred, eq).Has(owner, pred)
	q.OrderBy(owner+" DESC").Columns(owner).GroupBy(owner).Preload(owner, q)
}

func sources(owner string) {
	q := dovetail.Select(accounts)
	q.From("SELECT * FROM accounts WHERE owner = ?", owner)
	q.From(q.Where(rich, 1))
	q.From("SELECT * FROM " + owner) // want `Query\.From: the SQL text is not a constant`
	dovetail.Update(accounts).Set(owner, owner).Where(rich, 1)
	dovetail.Update(accounts).Where("owner = " + owner) // want `Change\.Where: the SQL text is not a constant`
	dovetail.Delete(accounts).Where("owner = " + owner) // want `Removal\.Where: the SQL text is not a constant`
}

func varying(owner string, pred any, text fmt.Stringer) {
	q := dovetail.Select(accounts)
	q.Where("owner = '" + owner + "'")             // want `Query\.Where: the SQL text is not a constant; give values as arguments, as in Where\("amount >= \?", v\)`
	q.Where(fmt.Sprintf("owner = '%s'", owner))    // want `Query\.Where: the SQL text is not a constant`
	q.Where(owner, 1)                              // want `Query\.Where: the SQL text is not a constant`
	q.Where(any(owner))                            // want `Query\.Where: the type any may hold SQL text that is not a constant; declare it as squirrel\.Sqlizer`
	q.Where(pred)                                  // want `Query\.Where: the type any may hold SQL text that is not a constant`
	q.Where(both(owner))                           // want `Query\.Where: the SQL text is not a constant`
	q.Where(text)                                  // no string has a method
	q.Having(owner)                                // want `Query\.Having: the SQL text is not a constant`
	q.Column(owner + " AS x")                      // want `Query\.Column: the SQL text is not a constant`
	q.OrderByClause(owner)                         // want `Query\.OrderByClause: the SQL text is not a constant; give values as arguments, as in OrderByClause\("note = \?", v\), and names to OrderBy, which checks them`
	dovetail.Sum("activities.amount").Where(owner) // want `Aggregate\.Where: the SQL text is not a constant`
	dovetail.Query[*account].Where(q, owner)       // want `Query\.Where: the SQL text is not a constant`
	dovetail.Query[*account].Where(q, rich, owner)
	wrapped{q}.Where(owner) // want `Query\.Where: the SQL text is not a constant`

	q.Join("activities", sq.Expr("owner = "+owner))                // want `squirrel\.Expr: the SQL text is not a constant`
	q.Has("activities", sq.Or{sq.Expr(owner)})                     // want `squirrel\.Expr: the SQL text is not a constant`
	q.Where(sq.ConcatExpr("owner = ", owner, sq.Expr("?")))        // want `squirrel\.ConcatExpr: the SQL text is not a constant`
	q.Where(sq.ConcatExpr([]any{"owner = ", owner}...))            // want `squirrel\.ConcatExpr: the type any may hold SQL text that is not a constant`
	q.Column(sq.Alias(sq.Expr("1"), owner))                        // want `squirrel\.Alias: the SQL text is not a constant`
	q.Preload("activities", q.Where("owner <> "+owner))            // want `Query\.Where: the SQL text is not a constant`
	q.Has("activities", dovetail.Matching(q.Having(column+owner))) // want `Query\.Having: the SQL text is not a constant`

	add := q.Where // want `Query\.Where is used as a value, which hides its SQL text; call it`
	add(owner)
}

func generic[S string | []byte, A any, E sq.Sqlizer](s S, a A, e E) {
	q := dovetail.Select(accounts)
	q.Where(s) // want `Query\.Where: the type S may hold SQL text`
	q.Where(a) // want `Query\.Where: the type A may hold SQL text`
	q.Where(e)
}

func allowed(text string) {
	q := dovetail.Select(accounts)
	q.Where(text) //dovetail:text made of constants by the caller
	//dovetail:text made of constants by the caller
	q.Where(text)
	q.Where(text) //dovetail:text made of constants by the caller
	q.Where(text) // want `Query\.Where: the SQL text is not a constant`
	q.
		//dovetail:text made of constants by the caller
		Where(text).
		Where(text) // want `Query\.Where: the SQL text is not a constant`
	//dovetail:texts is another comment
	q.Where(text) // want `Query\.Where: the SQL text is not a constant`
	/* want `gives no reason; write why this text is safe behind it` */ //dovetail:text
	q.Where(text)                                                       // want `Query\.Where: the SQL text is not a constant`
	/* want `allows nothing here; remove it` */ //dovetail:text left from an earlier call
	q.Where("owner IS NULL")
}

func both(text string) (string, any) { return text, 1 }

type wrapped struct{ dovetail.Query[*account] }

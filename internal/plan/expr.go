package plan

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Expr is a condition or a piece of SQL text. The builder makes expressions whose names are text; Build returns copies
// whose names are bound.
type Expr interface{ isExpr() }

// Ref names a column of a binding.
type Ref struct {
	Name    string   // as written: "amount", "activities.amount"
	Binding *Binding // nil until bound
	Column  string   // the column's own name; "*" for all

	Value Expr // instead of both, once bound: the *Aggregate of With, or the *Text of Column, that the name stands for

	Bare bool // a bare word of SQL text, written as it is
}

// Compare compares a column with one value that is not NULL.
type Compare struct {
	Col   Ref
	Op    string
	Arg   any
	Class string // of the argument

	Position bool // the argument is that of a row in an order
}

// In tests a column for being one of several values; without values nothing is in. NULLs among them are looked for apart: SQL's
// IN finds none, and its NOT IN finds nothing beside one. A column of lists is compared with the list itself.
type In struct {
	Col     Ref
	Not     bool
	Items   []any        // those that are not NULL
	Keys    dialect.Keys // the items in normal form
	HasNull bool         // until bound
	Whole   any          // the list as it was given; nil: NULL
	Class   string
	Mixed   error // why the list is none of one class: its items were numbers and texts; nil: it is one

	Given *Given // that stands for the list, which is an *In; nil: there is none
}

// InKeys tests columns for having the values of one of the keys, none of them NULL; there is at least one.
type InKeys struct {
	Cols  []Ref
	Types []dialect.KeyType
	Keys  []dialect.Keys // of each column
}

// InQuery tests a column for being among the rows of a subquery; Not holds for a column that is not NULL and equals
// none of them, whether or not there are NULLs among them, and for any column where there are none.
type InQuery struct {
	Col   Ref
	Not   bool
	Query Expr
}

// InRows tests columns for having the values of one of a subquery's rows.
type InRows struct {
	Cols    []Ref
	Query   Expr
	Spelled string // the class of the keys that the columns hold as text; empty: they hold them as they are
}

// IsNull tests a column for being NULL.
type IsNull struct {
	Col Ref
	Not bool
}

// Match tests a text column for containing a text literally.
type Match struct {
	Col   Ref
	Where dialect.Match
	Text  string

	Given *Given // that stands for the text; nil: there is none
}

// And holds when all of its conditions do; Or when one of them does.
type (
	And []Expr
	Or  []Expr
)

// Const is a condition that always or never holds.
type Const bool

// Text is SQL text written by the caller.
type Text struct {
	SQL  sqltext.Text
	Args []any // an Expr among them stands for its text, the others are values
	Refs []Ref // once bound: for each piece of SQL, the column it names, if any

	Own  *Binding // once bound: the row that bare words are about, if they are about any that is known
	Rows *Scope   // once bound: whose rows it can name
}

// Column is the value of a column, and as a condition that of a boolean one.
type Column struct{ Col Ref }

// CompareColumns compares a column with another.
type CompareColumns struct {
	Col  Ref
	Op   string
	With Ref

	graph.Spelling // of a key, from With to Col
}

// Not holds where a condition is false; where that is unknown, so is this.
type Not struct{ Expr Expr }

// NotTrue holds where a condition is false or unknown.
type NotTrue struct{ Expr Expr }

// Matching is conditions on the rows that a bare name means, in which the table's name means them too. It is written as
// the And it is bound to.
type Matching struct {
	Table *graph.Table
	Exprs []Expr
}

// Aggregate is one value made of the related rows of each row.
type Aggregate struct {
	Func     string // "count", "sum", "avg", "min", "max", "exists", or "first": the first row's column
	Path     string
	Column   string // of the related table; empty for rows themselves
	Of       *Text  // instead of Column: SQL text of a related row; nil: there is none
	Distinct bool   // equal values are taken once
	Preds    []Expr // on the related rows
	OrderBy  []OrderClause
	Name     string // in the result, in conditions and orders

	Sub   *Scope // once bound
	Col   Ref
	Order []Order
	Once  string // the alias of what gives the value to all that names it; empty: each has a subquery of its own

	Grouped bool     // with Once: it is made of all rows of the query's table at once, and is none where a row has no related rows
	Tested  bool     // something beside the result and its order names it
	Kept    *Binding // with Once, which is a column's name: the table with whose rows it is made
}

// Exists tests whether related rows exist.
type Exists struct {
	Path    string
	Not     bool
	AtLeast int64    // how many must exist, if more than one
	Key     *Compare // with the related table's primary key, which it leaves to be named; nil: none
	Keys    *In      // likewise, of which there must be a row for each; nil: none
	Apart   bool     // it is one of many tests, which a planner must not join all at once
	Preds   []Expr   // on the related rows

	Sub *Scope  // once bound: the related tables, joined to the outer ones by its base
	Up  *Ascent // the related rows are not joined to the outer ones, which are found from them; nil: they are
}

// AllOfNone tests for each of no keys, which every row passes; the path must be one all the same.
func AllOfNone(path string) *Exists { return &Exists{Path: path, Keys: &In{}} }

func (e *Exists) ofNone() bool { return e.Keys != nil && len(e.Keys.Items) == 0 }

// Subquery is a query inside another.
type Subquery struct {
	Spec  *Spec
	Rules func() (*Rules, error) // that its tables belong to

	Query *Query // once bound
}

func (*Aggregate) isExpr()      {}
func (*Column) isExpr()         {}
func (*CompareColumns) isExpr() {}
func (*Subquery) isExpr()       {}
func (*Matching) isExpr()       {}
func (*Compare) isExpr()        {}
func (*In) isExpr()             {}
func (*InKeys) isExpr()         {}
func (*InQuery) isExpr()        {}
func (*InRows) isExpr()         {}
func (*IsNull) isExpr()         {}
func (*Not) isExpr()            {}
func (*NotTrue) isExpr()        {}
func (*Match) isExpr()          {}
func (And) isExpr()             {}
func (Or) isExpr()              {}
func (Const) isExpr()           {}
func (*Text) isExpr()           {}
func (*Exists) isExpr()         {}
func (*First) isExpr()          {}

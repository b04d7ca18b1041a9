// Package plan says what a query means: which tables it binds under which aliases, how they are joined, what is
// selected, what is loaded after it, and how often a row can appear. It turns a Spec, the clauses as they were written,
// into a Query, in which every name is bound to a column. It writes no SQL and reads no values.
package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Spec is a query as its caller wrote it.
type Spec struct {
	Table    *graph.Table
	Source   Expr // a *Text or a *Subquery whose rows stand for the table's; nil: the table itself
	Set      []SetClause
	Excluded bool // Set is of rows that an INSERT met, and names the row that was to be inserted too
	Joins    []JoinClause
	Where    []Clause
	Having   []Clause
	GroupBy  []string
	OrderBy  []OrderClause
	Outputs  []OutputClause // without names: all columns of the table, unless Bare
	Bare     bool           // no column of the table but those named
	Ordered  bool           // the order must be total, as under a limit
	With     []*Aggregate
	Distinct bool
	Unequal  []string // columns of the table of which the database says that they have no equality
	Limit    int64    // -1: none
	Offset   int64    // -1: none
	Most     int64    // rows that are wanted at all, whatever the order; 0: no bound
	Lock     Lock
	Unscoped []Lift // default conditions that do not apply
	Preloads []PreloadClause
	Unread   []string // the paths of those that are left out, as nothing is loaded here

	After, Before []Value // the rows on one side of a position in the order alone; nil: all
	Paged         string  // the method for which the order must tell rows apart, if neither is given
	Positions     bool    // Paged: the values that tell each row's position are selected too

	Detached bool // it becomes part of text, in which a row around may have any table's name
}

// NewSpec returns the query for all rows of a table.
func NewSpec(t *graph.Table) *Spec { return &Spec{Table: t, Limit: -1, Offset: -1} }

// Unload leaves out the preloads that are meant, as nothing is loaded.
func (s *Spec) Unload(meant func(PreloadClause) bool) {
	loads := s.Preloads
	s.Preloads, s.Unread = nil, slices.Clip(s.Unread)
	for _, c := range loads {
		if meant(c) {
			s.Unread = append(s.Unread, c.Path)
		} else {
			s.Preloads = append(s.Preloads, c)
		}
	}
}

// limiting returns the method that counts rows of the result; empty: none does.
func (s *Spec) limiting() string {
	switch {
	case s.Limit >= 0:
		return "Limit"
	case s.Offset >= 0:
		return "Offset"
	}
	return ""
}

// Lock is how rows are locked. The zero value locks nothing.
type Lock struct {
	Method   string // "ForUpdate", for messages
	Strength string // "UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"
	Wait     string // "", "SKIP LOCKED" or "NOWAIT"
}

// Clause is a condition and the method it was given to.
type Clause struct {
	Method string // "Where", for messages
	Expr   Expr
}

// SetClause is a column that rows are given a value for.
type SetClause struct {
	Column string
	Value  Value
	Expr   Expr // instead of Value: a *Text or a *Subquery
}

// JoinClause is one call of Join or LeftJoin.
type JoinClause struct {
	Path string
	Left bool
	On   []Expr
}

// Method returns the name of the method the clause was written with.
func (j JoinClause) Method() string {
	if j.Left {
		return "LeftJoin"
	}
	return "Join"
}

// OrderClause is one term of an order: a name or an expression.
type OrderClause struct {
	Term  string // with what follows the name, for messages
	Name  string
	Expr  *Text // set instead of Name
	Desc  bool
	Nulls string // "", "FIRST" or "LAST"
}

// NoName is the error of a term that is not about one name.
func (c OrderClause) NoName() error {
	return graph.Problemf(ErrInvalid, "%q is not a name with ASC or DESC and NULLS FIRST or NULLS LAST; for an expression use "+
		"OrderByClause", c.Term)
}

// OutputClause is one selected column: a name or an expression.
type OutputClause struct {
	Name string
	Expr *Text // set instead of Name
}

// Tree is how far a relation of a table with itself is followed.
type Tree struct {
	Depth int // levels below the rows loaded onto; 0: all
}

// PreloadClause asks for the relation at a path to be loaded.
type PreloadClause struct {
	Method  string // "Preload", "Load" and the like, for messages
	Path    string
	Spec    *Spec // nil: all related rows
	Tree    *Tree // not nil: to load the rows related to those rows too, level after level
	Fetch   bool  // from the rows of the query's own statement
	Queries int   // how many the call was given, of which Spec is one
}

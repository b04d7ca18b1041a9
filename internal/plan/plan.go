package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// The identities of errors about queries.
var (
	ErrFanOut      = errors.New("join multiplies rows")
	ErrUnsupported = dialect.ErrUnsupported
	ErrArgType     = errors.New("wrong kind of argument")
	ErrInvalid     = errors.New("invalid query")
	ErrArgCount    = errors.New("wrong number of arguments")
)

// Binding is one occurrence of a table in a statement.
type Binding struct {
	Path     string // from the root of the statement; "" for the root itself
	Alias    string
	Table    *graph.Table
	Relation *graph.Relation // that leads here from Parent; nil for a root
	Parent   *Binding
	Left     bool
	Fetched  bool     // its columns are selected, and become rows of their own
	Links    []string // the aliases of the tables between Parent and Table
	Link     *Binding // the row of the join table that links the row to its owner; nil: none can be named
	Rules    [][]Expr // what always holds, for each step of the relation
	On       []Expr   // conditions beside the relation's keys
	Many     bool     // the path multiplies the root's rows
	Varies   bool     // of a link, and of what lies behind it: it may differ for the owners that share a row of the result
	Shared   bool     // of a link: it cannot be named now, because rows that several owners share are being made
	Named    bool     // a name in a scope inside its own means it, or leads on from it
	Joined   bool     // by a Join, not for a Fetch alone
	Along    bool     // its rules name rows on the way to it
	Limited  bool     // a limit takes the first of several rows, so that no condition needs to
	Aside    *Scope   // the subquery that its columns are read by; nil: it is joined
	Source   Expr     // a *Text or a *Subquery that its rows are read from; nil: its table
	Descent  *Descent // how its rows are found level by level; nil: by its relation
}

// Query is a planned query: every name is bound.
type Query struct {
	*Scope
	Source    Expr // a *Text or a *Subquery that is read instead of the base's table; nil: the table
	Set       []SetClause
	ForOwners *ForOwners // how its rows are found for a list of owners; nil for a query of its own
	Distinct  bool
	ByKey     bool     // Distinct by primary key, because a column has no equality
	Untold    []string // columns of which the database knows whether they have equality; that of the table, if one has none, rows are told by the key
	Outputs   []Output
	Level     string       // the computed field that has the level of a row of a tree; empty: none
	Once      []*Aggregate // made beside the tables, for all that name them
	Kept      *Kept        // instead: a value that is made with the rows of the table; nil: none
	Where     []Expr
	GroupBy   []Ref
	Having    []Expr
	OrderBy   []Order
	Limit     int64 // -1: none; of a preload: for each owner
	Offset    int64
	Reversed  bool // the rows come in the reverse of the order that was asked for
	Lock      Lock
	Preloads  []*Preload

	Folded     bool // rows of the statement that repeat a row are one: a to-many relation is fetched with it
	Identified bool // rows must be told apart by the primary key, because of what is fetched with them

	results *aliases // of the outputs
}

// Kept is a value that is made once for each row of the query's table, in a subquery that stands for the table.
type Kept struct {
	Value       *Aggregate
	Where, Rest []Expr // those of the query's conditions that the rows meet before, and those on the value
}

// Output is one column of the result.
type Output struct {
	Ref   Ref
	Expr  Expr   // instead of Ref: a *Text or an *Aggregate
	Alias string // the name in the result; "": the column's, or the one the text gives
	Added bool   // needed by the plan, not asked for

	Renamed bool // Alias was asked for: it is not the column's own place in the struct

	Position bool // the value of a term of the order, as the database stores it; beside the struct
	Digits   bool // Position: as the text of a decimal number, whatever the field makes of it
}

// Order is one term of the order.
type Order struct {
	Ref    Ref
	Expr   *Text  // instead of Ref
	Output string // instead of both: the name of a computed output
	Value  Expr   // that output, where it is known
	Desc   bool
	Nulls  string
}

// KeysName is the alias of a list of keys, and what the names of its columns begin with. Where SQL text of the caller's stands beside the list, it is
// set apart from the names of columns too, as any word of that text could be one of the list's otherwise.
const KeysName = "keys#"

// ForOwners says how the rows of a query are found for a list of owners.
type ForOwners struct {
	Relation *graph.Relation
	Links    []*Link // the tables between, from the related table to the owner
	Key      []Ref   // the columns that hold the owner's key
	Repeats  bool    // one related row may come for several owners
	Along    bool    // what always holds names rows on the way
	Inside   []Expr  // with Along and Among: what always holds
	Among    bool    // it is tested for being among those of the key, so that it comes once where several ways lead to it
	Once     bool    // it may come several times for one owner, who has it once
	ByLink   bool    // once for each row of the join table, whose key is selected
	Keys     string  // the alias of the list of keys, where the statement joins one
	Limited  string  // the alias of the rows within the limit of each owner
	Tree     *Tree   // not nil: the rows related to those rows are fetched too
	Found    string  // the alias of the rows of the tree found so far
}

// Link is a table between a related table and its owner.
type Link struct {
	Step  graph.Step // that leads to it
	Alias string
	On    []LinkPair
	Rules []Expr // what always holds of its rows
}

// LinkPair is a column of a link and the column it equals of the table before it.
type LinkPair struct {
	Column         string
	Prev           string // alias
	PrevOn         string // column
	graph.Spelling        // of the pair from Column to PrevOn
}

// Preload loads the relation of one level.
type Preload struct {
	Path      string // from the root
	Relation  *graph.Relation
	Query     *Query     // of the related rows; nil when they are in hand
	Whole     bool       // no query was given with it: all related rows are loaded
	FromOwner bool       // the related row is the owner of the level above: no statement
	Fetched   *Fetched   // the related rows come with the query's own: no statement
	Links     bool       // the rows are those of the join table that the rows above came with: no statement
	Below     []*Preload // of rows in hand: what to load onto them
}

// InHand reports whether the related rows are there without a statement of their own.
func (p *Preload) InHand() bool { return p.FromOwner || p.Links || p.Fetched != nil }

// Next returns what is loaded onto the related rows.
func (p *Preload) Next() []*Preload {
	if p.InHand() {
		return p.Below
	}
	return p.Query.Preloads
}

// Multiplicity says how many rows a root row has at a binding: "1", "0..1" or "n".
func (b *Binding) Multiplicity() string {
	if b.Many {
		return "n"
	}
	for at := b; at.Relation != nil; at = at.Parent {
		if at.optional() {
			return "0..1"
		}
	}
	return "1"
}

// optional reports whether a row of the parent may have no row here: because its key may be NULL or lie on this side, or
// because of conditions on the rows.
func (b *Binding) optional() bool {
	return b.Relation.Optional || len(b.On) > 0 ||
		slices.ContainsFunc(b.Rules, func(step []Expr) bool { return len(step) > 0 })
}

// mayMiss reports whether a row at Parent may have no row here, if only because there is none at Parent.
func (b *Binding) mayMiss() bool { return b.optional() || b.Parent.nullExtended() }

// nullExtended reports whether a row of the root may come without a row here, its columns all NULL.
func (b *Binding) nullExtended() bool {
	if at := b.joined(); at != b {
		return at.nullExtended()
	}
	return b.Relation != nil && b.Left && b.mayMiss()
}

// firstOfSeveral is what a plan says of a relation that is the first of the rows that its key matches.
const firstOfSeveral = "the first of several"

// effect says what this join does to the rows that the joins before it leave of the root: whether it multiplies them, drops
// those without a row here, or keeps those with NULLs in its place.
func (b *Binding) effect(root string) string {
	var effects []string
	if b.Relation.First {
		effects = append(effects, firstOfSeveral)
	}
	if b.Relation.Cardinality == graph.Many {
		effects = append(effects, "multiplies")
	}
	switch {
	case b.nullExtended():
		effects = append(effects, "null-extends")
	case b.mayMiss():
		drops := "drops " + root + " without one"
		if b.Relation.Logical && b.Relation.Cardinality == graph.One {
			drops += ", also those whose key points at nothing"
		}
		effects = append(effects, drops)
	}
	if len(effects) > 0 {
		return strings.Join(effects, ", ")
	}
	keys := "foreign key holds" // which the declaration says, and Check looks for
	if len(b.Relation.Chain) > 0 {
		keys = "foreign keys hold"
	}
	return "neither, while its " + keys
}

// String returns the plan as tests and Explain print it: a line for each binding, output count, and preload.
func (q *Query) String() string {
	var b strings.Builder
	q.write(&b, "")
	return b.String()
}

func (q *Query) write(b *strings.Builder, indent string) {
	for _, bind := range q.Bindings {
		if bind.Relation == nil {
			source := bind.Table.Name
			if q.Source != nil {
				source = "a subquery as " + source
			}
			fmt.Fprintf(b, "%sfrom %s, %d columns\n", indent, source, len(q.Outputs))
			continue
		}
		kind := "join"
		if bind.Left {
			kind = "left join"
		}
		root, fetched := q.Base.Table.Name, ""
		if bind.Fetched {
			fetched = ", fetched"
		}
		fmt.Fprintf(b, "%s%s %s: %s per row of %s: %s%s\n", indent, kind, bind.Path, bind.Multiplicity(), root,
			bind.effect(root), fetched)
	}
	for _, p := range q.Preloads {
		p.write(b, indent)
	}
}

func (p *Preload) write(b *strings.Builder, indent string) {
	if p.Fetched != nil { // written with the joins
		for _, below := range p.Below {
			below.write(b, indent)
		}
		return
	}
	if p.InHand() {
		what := "the owner"
		if p.Links {
			what = "rows of the join table"
		}
		fmt.Fprintf(b, "%spreload %s: %s, no statement\n", indent, p.Path, what)
		for _, below := range p.Below {
			below.write(b, indent+"  ")
		}
		return
	}
	first := ""
	if p.Relation.First {
		first = firstOfSeveral + ", "
	}
	fmt.Fprintf(b, "%spreload %s: %s%s1 statement\n", indent, p.Path, first, p.Query.ForOwners.Tree)
	p.Query.write(b, indent+"  ")
}

// Package graph says what a relation means. Tables and relations are plain data; each relation kind is turned, here
// and nowhere else, into the same three answers: which steps join the owner to the related table, which columns of the
// owner are matched, and where those keys sit in a result fetched for them. It knows no SQL, no structs, no database.
package graph

import (
	"iter"
	"slices"
	"strings"
)

// Cardinality is how many related rows one owner has.
type Cardinality int

// The cardinalities.
const (
	One Cardinality = iota
	Many
)

// Column is a column of a declared table.
type Column struct {
	Name     string
	Class    string // what kind of values it holds, see Comparable
	Nullable bool
	Computed bool   // no column of the table backs it; a query's own expression fills it
	GoType   string // for messages

	Default   string // SQL by which the database fills the column when an insert leaves it out; empty: none
	ReadOnly  bool   // the database always makes the value, which is read and never written
	Generated string // SQL by which it makes the value of such a column from the row's others; empty: not told
	Numbered  bool   // it was declared that the database numbers the rows by it

	List bool // its values are lists, such as arrays, so that a list is one value

	Stored  string   // what its SQL type must hold, in the words of package dialect; empty: the Go type does not tell
	SQLType string   // the type that was declared; empty: that of Stored
	NotNull bool     // it was declared to have no NULL, whatever the Go type can hold
	Values  []string // those that it may have; none: any
	Enum    string   // the type that has the Values, where the database has such types; empty: a CHECK says so
}

// Check is a condition that holds for every row.
type Check struct {
	Name    string // empty: it is named by its place
	SQL     string
	Columns []string // that it names
}

// Index is an index that is more than a list of columns.
type Index struct {
	Name   string
	On     []string // columns, or SQL
	Unique bool
	Using  string // the method; empty: the database's own
	Where  string // SQL: it has only the rows for which it holds; empty: all
}

// OnUpdate is what every change of a row writes to a column.
type OnUpdate struct{ Column, SQL string }

// Touches reports whether a change of a row that does not name the column writes it.
func (t *Table) Touches(column string) bool {
	return t.Version != "" && column == t.Version ||
		slices.ContainsFunc(t.OnUpdates, func(u OnUpdate) bool { return u.Column == column })
}

// Same reports whether both are declared alike.
func (x Index) Same(o Index) bool {
	return x.Name == o.Name && slices.Equal(x.On, o.On) && x.Unique == o.Unique && x.Using == o.Using && x.Where == o.Where
}

// SoftDeleteName is the name of the scope that a soft delete has.
const SoftDeleteName = "deleted"

// Table is a declared table. It is filled once, by Build, and only read afterwards.
type Table struct {
	Schema     string // empty: found along the search path
	Name       string
	Query      string // SQL that its rows are made of, and nothing is written to; empty: it is a table of the database
	GoType     string // the struct's name, for messages
	Columns    []Column
	PrimaryKey []string
	Assigned   bool       // the program gives the primary key: the database makes none
	Version    string     // the column that counts the changes of a row; empty: none does
	OnUpdates  []OnUpdate // what every change of a row writes
	SoftDelete string     // the column that marks a row as deleted; empty: rows are removed
	Uniques    [][]string // lists of columns that no two rows have alike, as declared
	Indexes    [][]string // as declared
	Checks     []Check    // what holds for every row, as declared
	Special    []Index    // indexes that are more than a list of columns
	Constants  []Constant // what its scope says of columns of every row
	Hiding     bool       // its scope says more of the rows that are seen than SoftDelete and Constants

	columns   map[string]int
	relations map[string]*Relation
	order     []*Relation // as declared
	holds     []*ForeignKey
	held      []*ForeignKey // those that point at it
	morphs    []Reference
	guarded   []*ForeignKey
	morphsAt  []*ForeignKey // polymorphic references to its rows
}

// Column returns the column of that name that the table really has; computed ones are not among them.
func (t *Table) Column(name string) (*Column, bool) {
	i, ok := t.columns[name]
	if !ok || t.Columns[i].Computed {
		return nil, false
	}
	return &t.Columns[i], true
}

// Stored yields the columns that the table really has, in their order.
func (t *Table) Stored() iter.Seq[*Column] {
	return func(yield func(*Column) bool) {
		for i := range t.Columns {
			if !t.Columns[i].Computed && !yield(&t.Columns[i]) {
				return
			}
		}
	}
}

// Relation returns the relation of that name that the table owns.
func (t *Table) Relation(name string) (*Relation, bool) {
	r, ok := t.relations[name]
	return r, ok
}

// Relations returns the table's relations in the order of their declaration, inverses after.
func (t *Table) Relations() []*Relation { return t.order }

// UnknownColumn is the error of a name that is no column of the table.
func (t *Table) UnknownColumn(name string, values ...string) error {
	names := make([]string, 0, len(t.Columns))
	for c := range t.Stored() {
		names = append(names, c.Name)
	}
	if _, ok := t.relations[name]; ok {
		return Problemf(ErrUnknownColumn, "table %q: %q is a relation, not a column; name one of its columns as %q",
			t.Name, name, name+".column")
	}
	if i, ok := t.columns[name]; ok && t.Columns[i].Computed {
		return Problemf(ErrUnknownColumn, "table %q: %q is a computed field, which nothing fills here; select it in a query of %q, "+
			"with With(….As(%q)) or Column(\"… AS %s\")", t.Name, name, t.Name, name, name)
	}
	return Problemf(ErrUnknownColumn, "table %q has no column %q; %s", t.Name, name, Hint(name, names, "its columns are", values...))
}

// UnknownRelation is the error of a name that is no relation of the table. rows are other names that rows have where it stands.
func (t *Table) UnknownRelation(name string, rows ...string) error {
	if _, ok := t.Column(name); ok {
		return Problemf(ErrUnknownRelation, "%q is a column of table %q, not a relation", name, t.Name)
	}
	names := make([]string, 0, len(t.order))
	for _, r := range t.order {
		names = append(names, r.Name)
	}
	known := Hint(name, names, "declared:", rows...)
	if len(names) == 0 && Nearest(name, rows) == "" {
		known = "none is declared"
	}
	if name == LinkName {
		known += "; the row of a join table is named beside the rows of its many-to-many: \"link.column\" where a bare name is " +
			"theirs, else \"path.link.column\""
	}
	return Problemf(ErrUnknownRelation, "table %q has no relation %q; %s", t.Name, name, known)
}

// Pair is two columns that a step matches: one of the table it comes from, one of the table it leads to.
type Pair struct {
	From, To string
	Spelling
}

// Spelling is how the columns of a pair differ, where one of them holds as text what the other is.
type Spelling struct {
	Key string // the class of the other: an integer or a UUID; empty: they do not differ
	To  bool   // the text is in the column of the pair's To, not of its From
}

// turned returns the pair as it is matched the other way.
func (p Pair) turned() Pair {
	return Pair{p.To, p.From, Spelling{p.Key, p.Key != "" && !p.Spelling.To}}
}

// Step is one join on the way from a relation's owner to the related table.
type Step struct {
	Table  *Table
	On     []Pair     // none: a condition that was declared relates the rows
	OnFrom []Constant // types of the table it comes from
	OnTo   []Constant // types of the table it leads to

	Forward bool // the table it comes from holds the foreign key; else Table does

	Mirror []Pair // each row of Table is seen a second time, with these columns exchanged; none: once
}

// Relation is a declared link from one table to another.
type Relation struct {
	Name        string
	Owner       *Table
	Related     *Table
	Cardinality Cardinality
	Optional    bool        // an owner may have no related row
	Inverse     *Relation   // the same link seen from the other side, or nil
	Steps       []Step      // at least one; the last one's table is Related
	Chain       []*Relation // the relations it goes along, each with its own steps; empty when it was declared by keys

	// Ways says that a related row may be reached in several ways from one owner, which has it once all the same.
	Ways bool

	Variants   []*Relation // of a relation to several tables, which has no steps: one for each; its other fields are theirs
	VariantOf  *Relation   // the relation to several tables that this is a variant of
	TypeColumn string      // with Variants: the owner's column that tells them apart
	OtherTypes bool        // with Variants: the column may have other values, and such rows lead nowhere
	Link       *Table      // the join table, whose row beside a related one a query names "link"; nil: there is none
	LinkOf     *Relation   // of the way from a related row to its row of the join table: the relation that both were reached by

	toLink *Relation // with Link: that way

	// Tree is, of a path's segment "subcategories*", the relation that is followed again from the rows it leads to, Levels times at
	// most; 0: as far as it leads. An owner has each of the rows once, however many ways lead to it.
	Tree   *Relation
	Levels int

	Cyclic bool // its rows may lie below themselves: it was declared so

	enforced, acyclic bool // as declared; see [ForeignKey]

	// Linked says that each related row is loaded together with its row of Link. Whoever knows what a load fills sets it,
	// before the relation is used.
	Linked bool

	// InverseIsOwner says that the inverse of a fetched row is exactly the owner it was fetched for, so that it needs no
	// statement: the key lies on the related side and points at one owner. Owners may share one that is Logical and no primary key.
	InverseIsOwner bool

	OnDelete      DeletePolicy // that was declared, of what a delete of the row that the key points at does to those that hold it
	DeleteOrphans bool         // a row that is taken out of the relation is deleted
	Partial       bool         // only some of the rows that point at the owner are related to it: a condition was declared, or an order
	First         bool         // it is the first of the rows that its key matches, by the order that was declared of it
	Rules         Constants

	// Logical says that no constraint of the database stands behind the relation: rows may point at nothing. It is settled for a
	// key, from whichever relation along it said so.
	Logical bool
}

// String returns the relation's name with its owner's, as messages have it.
func (r *Relation) String() string { return r.Owner.Name + "." + r.Name }

// ByCondition reports whether the first step matches no columns of the owner: a condition that was declared relates the rows.
func (r *Relation) ByCondition() bool { return len(r.Steps) > 0 && len(r.Steps[0].On) == 0 }

// Sent returns the owner's columns that a preload collects, and those that hold them in a fetch, with their table: that of the first
// step. By a condition it is the owner's own row that is there, and told by its primary key.
func (r *Relation) Sent() (holder *Table, on []Pair) {
	if r.ByCondition() {
		return r.Owner, pairs(r.Owner.PrimaryKey, r.Owner.PrimaryKey)
	}
	return r.Steps[0].Table, r.Steps[0].On
}

// OwnerKey returns the owner's columns that a preload collects.
func (r *Relation) OwnerKey() []string {
	_, on := r.Sent()
	cols := make([]string, len(on))
	for i, p := range on {
		cols[i] = p.From
	}
	return cols
}

// OwnerColumns returns all columns of the owner that say what is related to it.
func (r *Relation) OwnerColumns() []string {
	cols := r.OwnerKey()
	for _, c := range r.Steps[0].OnFrom {
		cols = append(cols, c.Column)
	}
	return cols
}

// MatchKey returns the columns that hold the owner's key in a fetch. They are those of the first step's table, which is
// the related table itself exactly when the relation is direct.
func (r *Relation) MatchKey() []string {
	_, on := r.Sent()
	cols := make([]string, len(on))
	for i, p := range on {
		cols[i] = p.To
	}
	return cols
}

// Direct reports whether the related table itself holds the columns that match the owner's key.
func (r *Relation) Direct() bool { return len(r.Steps) == 1 && !r.ByCondition() }

// EndsAt returns the relations whose rows are those of the i-th step's table.
func (r *Relation) EndsAt(i int) []*Relation {
	var ends []*Relation
	if i == len(r.Steps)-1 {
		ends = append(ends, r)
	}
	for _, part := range r.Chain {
		if n := len(part.Steps); i >= n {
			i -= n
			continue
		}
		return append(ends, part.EndsAt(i)...)
	}
	return ends
}

// NeverNull reports whether a column of the table is declared to hold no NULL. A []byte may be one, of whatever column.
func (t *Table) NeverNull(c *Column) bool {
	return c.NotNull || slices.Contains(t.PrimaryKey, c.Name) || !c.Nullable && c.Class != ClassBytes
}

// Surely reports whether every owner has a related row, and sees it, as it is declared: a key of columns without NULL, behind which a constraint of
// the database stands, points at a table of which no scope hides a row.
func (r *Relation) Surely() bool {
	t := r.Related
	hides := t.SoftDelete != "" || len(t.Constants) > 0 || t.Hiding || t.Query != ""
	return r.Cardinality == One && !r.Optional && !r.Logical && !r.Partial && r.Direct() && !hides &&
		!slices.ContainsFunc(r.OwnerKey(), func(name string) bool {
			c, ok := r.Owner.Column(name)
			return !ok || !r.Owner.NeverNull(c)
		})
}

// Sole reports whether the keys alone rule out a second related row for an owner: they hold the related table's whole
// primary key, or an order chooses one. A to-one relation by another key, such as a has-one, relies on the database to keep that key unique.
func (r *Relation) Sole() bool {
	if len(r.Chain) > 0 {
		return r.Cardinality == One && !slices.ContainsFunc(r.Chain, func(part *Relation) bool { return !part.Sole() })
	}
	if r.First {
		return true
	}
	if r.Tree != nil {
		return false
	}
	if len(r.Related.PrimaryKey) == 0 || !r.Direct() {
		return false
	}
	matched := r.MatchKey()
	return !slices.ContainsFunc(r.Related.PrimaryKey, func(c string) bool { return !slices.Contains(matched, c) })
}

// Presence returns the column of the related table that is NULL in a joined row exactly when there is no related row: a
// key that was matched is not NULL, nor is a primary key.
func (r *Relation) Presence() string {
	if on := r.Steps[len(r.Steps)-1].On; len(on) > 0 {
		return on[0].To
	}
	return r.Related.PrimaryKey[0]
}

// maxDepth is how many relations a path may name: deeper ones are taken for a mistake, such as a loop that builds them.
const maxDepth = 16

// LinkName is how a query names the row of the join table that links a row of a many-to-many: "courses.link.grade".
const LinkName = "link"

// SelfName and OuterName are how conditions name the row that they are about, and the row around that: "outer.store_id". No
// relation has one of these names.
const (
	SelfName  = "self"
	OuterName = "outer"
)

// SplitPath returns the names of a dotted path. It is an error for a path to be empty, to have an empty segment or to be
// deeper than 16 relations.
func SplitPath(path string) ([]string, error) {
	if path == "" {
		return nil, Problemf(ErrUnknownRelation, "the path is empty; name a relation")
	}
	if n := strings.Count(path, ".") + 1; n > maxDepth {
		return nil, Problemf(ErrUnknownRelation, "a path of %d relations is deeper than the %d allowed", n, maxDepth)
	}
	segments := strings.Split(path, ".")
	if i := slices.Index(segments, ""); i >= 0 {
		return nil, Problemf(ErrUnknownRelation, "path %q: empty segment at %d", path, i+1)
	}
	return segments, nil
}

// The classes of values that Comparable knows.
const (
	ClassInteger  = "integer"
	ClassUUID     = "uuid"
	ClassText     = "text"
	ClassBoolean  = "boolean"
	ClassFloat    = "float"
	ClassTime     = "time"
	ClassBytes    = "bytes"
	ClassCustom   = "custom"   // a type that converts itself; only the database knows what it holds
	ClassDocument = "document" // json and the like: no equality
)

// Comparable reports whether a value of the class can be compared with the column, and written to it: as Comparable says, and a
// number too where the column is declared to be numeric, whatever its field is.
func (c *Column) Comparable(value string) bool {
	return Comparable(c.Class, value) || c.Class == ClassText && c.Numeric() && (value == ClassInteger || value == ClassFloat)
}

// Numeric reports whether the column is declared to be one of decimal numbers, whatever its field is.
func (c *Column) Numeric() bool {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(c.SQLType)), "(")
	return slices.Contains([]string{"numeric", "decimal", "dec"}, strings.TrimSpace(name))
}

// Numbers says which numbers a value may be that stands beside numbers.
type Numbers int

// The kinds of numbers.
const (
	AnyNumber      Numbers = iota // infinity too
	ComparedNumber                // any that the database compares with written ones as it is
	WrittenNumber                 // one that has digits, as a text that a column of numbers holds
	WholeNumber                   // one without a fraction
)

// Given says which numbers a column may be given.
func (c *Column) Given() Numbers {
	switch whole, ok := c.Numbers(); {
	case whole, c.Class == ClassInteger:
		return WholeNumber
	case ok && (c.Class == ClassText || c.Class == ClassCustom):
		return WrittenNumber
	}
	return AnyNumber
}

// SentBack says how a value that was read from a column is sent back, so that it equals the column.
type SentBack int

// The ways.
const (
	SentInexactly SentBack = iota // it may be another then
	SentAsRead                    // as the field has it
	SentAsDigits                  // as the text of a decimal number, past the field
)

// SentBack returns the way in which values of the column equal it.
func (c *Column) SentBack() SentBack {
	switch c.Class {
	case ClassInteger, ClassUUID, ClassText, ClassBoolean, ClassTime, ClassBytes:
		return SentAsRead
	}
	if c.Numeric() {
		return SentAsDigits
	}
	return SentInexactly
}

// Numbers reports whether the column is declared to be one of numbers, whatever its field is, and whether of whole ones.
func (c *Column) Numbers() (whole, ok bool) {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(c.SQLType)), "(")
	switch strings.TrimSpace(name) {
	case "smallint", "int", "integer", "bigint", "int2", "int4", "int8":
		return true, true
	case "real", "float", "float4", "float8", "double", "double precision":
		return false, true
	}
	return false, c.Numeric()
}

// Comparable reports whether a value of one class can be compared with a column of another without the database guessing
// what was meant.
func Comparable(column, value string) bool {
	switch {
	case column == value, column == ClassCustom, value == ClassCustom, column == ClassDocument, value == "":
		return true
	case column == ClassFloat, column == ClassInteger:
		return value == ClassInteger || value == ClassFloat
	case column == ClassUUID, column == ClassTime:
		return value == ClassText // written out
	default:
		return false
	}
}

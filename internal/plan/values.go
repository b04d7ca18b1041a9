package plan

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: the names that a query gives to what it selects: the values of With, the expressions of Column, and the
// columns that Columns renames. They are looked up here, for every clause. An order by one names the result's column; any other
// clause has what it stands for written in its place.

// value is what a query has a name for beside the columns of its tables.
type value struct {
	name   string     // as the result has it
	with   *Aggregate // of With
	column *Text      // of Column
	of     string     // of Columns: the column's own name
	level  bool       // of With: known once the rows of a tree are there
	twice  bool       // another has the same name
	named  bool       // beside the result, where it would be written again

	bound *Text // column, once bound
	expr  *Text // the same without its name
}

// values are those of one query.
type values struct {
	byName  map[string]*value
	all     []*value
	unnamed bool   // some Column has a name that only the database knows
	clause  string // the method whose names are bound
}

// selecting is the clause of what is selected itself: there the values of With alone have names.
const selecting = "Column"

// newValues gathers what the outputs have names for.
func newValues(spec *Spec) *values {
	v := &values{byName: map[string]*value{}}
	for _, c := range spec.Outputs {
		if c.Expr == nil {
			if of, name, ok := renamed(spec.Table, c.Name); ok {
				v.add(&value{name: name, of: of})
			}
			continue
		}
		_, name, ok := c.Expr.SQL.Named()
		v.unnamed = v.unnamed || !ok
		if ok {
			v.add(&value{name: name, column: c.Expr})
		}
	}
	return v
}

// add adds a value. A name that two have is neither's.
func (v *values) add(added *value) {
	v.all = append(v.all, added)
	if other := v.byName[added.name]; other != nil {
		other.twice = true
		return
	}
	v.byName[added.name] = added
}

// names returns what the values are called.
func (v *values) names() []string {
	if v == nil {
		return nil
	}
	names := make([]string, len(v.all))
	for i, one := range v.all {
		names[i] = one.name
	}
	return names
}

// longestName is beyond all names, whose forms are looked for: of a text that is longer nothing is told by its form, which would take as long.
const longestName = 1 << 14

// asName is how Columns gives a column another name.
var asName = regexp.MustCompile(`(?is)^(.+?)\s+AS\s+("(?:[^"]|"")+"|[\pL_][\pL\pN_$]*)$`)

// renamed splits "column AS name", unless there is a column that is named so.
func renamed(t *graph.Table, written string) (of, name string, ok bool) {
	if _, ok := t.Column(written); ok {
		return "", "", false
	}
	if len(written) > longestName {
		return "", "", false
	}
	m := asName.FindStringSubmatch(strings.TrimSpace(written))
	if m == nil || isExpression(m[1]) {
		return "", "", false
	}
	return m[1], sqltext.Unquoted(m[2]), true
}

// manyWords is a name behind AS that wants quotes.
var manyWords = regexp.MustCompile(`(?is)^[^\s()]+\s+AS\s+[\pL_][\pL\pN_$]*(?:[\s-]+[\pL\pN_$]+)+$`)

func unquoted(written string) bool {
	return len(written) <= longestName && manyWords.MatchString(strings.TrimSpace(written))
}

// followed is where a path follows a relation again and again.
var followed = regexp.MustCompile(`[\pL\pN_]\*\d*\.`)

// followedLast is a path that ends so.
var followedLast = regexp.MustCompile(`[\pL\pN_]\*\d*$`)

// isExpression reports whether what stands for a name is SQL that computes something.
func isExpression(name string) bool {
	if len(name) <= longestName {
		name = followed.ReplaceAllString(name, ".")
	}
	return name != "*" && strings.ContainsAny(name, "()*/+|<>=,'")
}

// noName is the error of an expression where a name is expected: it says what takes expressions.
func (s *Scope) noName(name string) error {
	clause := ""
	if s.values != nil {
		clause = s.values.clause
	}
	way := `write the condition as SQL text, such as squirrel.Expr("… > ?", value)`
	switch clause {
	case "Columns":
		way = "select it with Column"
	case "GroupBy":
		way = `select it with Column("… AS name") and group by that name`
	case "Having", "Where":
		if parsed, err := sqltext.Parse(name); err == nil && parsed.Groups() {
			clause = "Having" // whatever was written
		}
		way = "write the condition as SQL text, as in " + clause + `("… > ?", value), or give the expression a name, as in ` +
			`Column("… AS name")`
	}
	return graph.Problemf(graph.ErrUnknownColumn, "%q is an expression, not the name of a column; %s", name, way)
}

// value returns what the query has the name for. What Column named without quotes may be written in any case.
func (s *Scope) value(name string) *value {
	v := s.values.find(name)
	if v == nil {
		if v = s.values.find(strings.ToLower(name)); v != nil && v.column == nil {
			return nil
		}
	}
	return v
}

// find returns the value of that name, of those that the clause can name.
func (v *values) find(name string) *value {
	if v == nil {
		return nil
	}
	found := v.byName[name]
	if found != nil && found.with == nil && !found.level && v.clause == selecting {
		return nil
	}
	return found
}

// during binds what a clause names. Column's expressions see the values of With alone, so that none is made of itself.
func (s *Scope) during(clause string, bind func() error) error {
	if s.values == nil {
		return bind()
	}
	before := s.values.clause
	s.values.clause = clause
	defer func() { s.values.clause = before }()
	return bind()
}

// valueRef binds the name of a value.
func (s *Scope) valueRef(v *value, name string, mayJoin bool) (ref Ref, err error) {
	switch {
	case v.twice:
		return Ref{}, graph.Problemf(graph.ErrAmbiguous, "%q is the name of two of the columns selected; name them apart with AS", name)
	case v.level:
		return Ref{}, graph.Problemf(ErrUnsupported, "%q is the level of a row, known once the tree is there; for the rows down to a level give "+
			"PreloadTree a depth", name)
	case v.with != nil:
		v.named = v.named || s.values.clause != "Columns" && s.values.clause != "OrderBy"
		return Ref{Name: name, Value: v.with}, nil
	case v.of != "":
		err = s.during(selecting, func() error {
			ref, err = s.ref(v.of, mayJoin)
			return err
		})
		ref.Name = name
		return ref, err
	}
	if err := s.checkValue(v, name); err != nil {
		return Ref{}, err
	}
	if err := s.bindValue(v); err != nil {
		return Ref{}, err
	}
	return Ref{Name: name, Value: v.expr}, nil
}

// checkValue refuses an expression that cannot be written into the clause that names it.
func (s *Scope) checkValue(v *value, name string) error {
	sql := v.column.SQL
	switch clause := s.values.clause; {
	case clause == "OrderBy":
		return nil
	case sql.Window:
		return graph.Problemf(ErrUnsupported, "%q is made by a window over the rows that the conditions leave, so none can name it; select it "+
			"in a query that another reads by From, and test it there", name)
	case clause == "Having" || sql.Select || !sql.Groups():
		return nil
	case clause == "GroupBy":
		return graph.Problemf(ErrInvalid, "%q is made of the rows of a group, which cannot be grouped by it", name)
	}
	return graph.Problemf(ErrInvalid, "%q is made of the rows of a group, which Where does not see; use Having, or With for a value of each "+
		"row, such as With(Count(…).As(%q))", name, v.name)
}

// bindValue binds the expression of Column, once.
func (s *Scope) bindValue(v *value) error {
	if v.bound != nil {
		return nil
	}
	err := s.during(selecting, func() error {
		return s.withoutLink(func() (err error) {
			v.bound, err = s.text(v.column, true)
			return err
		})
	})
	if err != nil {
		return &PathError{Method: selecting, Err: err}
	}
	v.expr = &Text{Args: v.bound.Args, Own: v.bound.Own, Rows: v.bound.Rows}
	v.expr.SQL, _, _ = v.bound.SQL.Named() // empty without a name: nothing can ask for it
	v.expr.Refs = v.bound.Refs[:len(v.expr.SQL.Pieces)]
	return nil
}

// valueWords splits SQL text at the bare words that name values. A word that is also a column of the query's tables is the
// database's to read, so there must be none.
func (s *Scope) valueWords(t sqltext.Text) (sqltext.Text, error) {
	if s.values == nil || t.Select || len(s.values.byName) == 0 {
		return t, nil
	}
	var err error
	split := t.Words(func(word string) bool {
		v := s.wordValue(word)
		if v == nil {
			return false
		}
		for _, b := range s.Bindings {
			if _, ok := b.Table.Column(v.name); !ok {
				continue
			}
			if b == s.Base {
				return false // as everywhere: the name of a column means that
			}
			err = graph.Problemf(graph.ErrAmbiguous, "%q in SQL text is the name of a value that is selected, and a column of %q; write %q for "+
				"the column, or give the value another name with AS", word, b.Table.Name, b.Path+"."+v.name)
		}
		return true
	})
	return split, err
}

// wordValue returns the value that a word of SQL text names: in quotes just that, else in any case.
func (s *Scope) wordValue(word string) *value {
	name := sqltext.Unquoted(word)
	if v := s.values.find(name); v != nil || name != word {
		return v
	}
	return s.values.find(strings.ToLower(word))
}

// Makes reports whether a word of SQL text may name a value that this query, or one around it, selects.
func (s *Scope) Makes(word string) bool {
	for ; s != nil; s = s.outer {
		if s.wordValue(word) != nil {
			return true
		}
	}
	return false
}

// columnText returns the bound expression of Column.
func (s *Scope) columnText(t *Text) (*Text, error) {
	i := slices.IndexFunc(s.values.all, func(v *value) bool { return v.column == t })
	if i < 0 { // without a name that is known
		unnamed := value{column: t}
		err := s.bindValue(&unnamed)
		return unnamed.bound, err
	}
	v := s.values.all[i]
	err := s.bindValue(v)
	return v.bound, err
}

// orderedBy returns the term for a value, which the result has a name for.
func (s *Scope) orderedBy(c OrderClause) (o Order, ok bool, err error) {
	o = Order{Desc: c.Desc, Nulls: c.Nulls}
	name := c.Name
	if _, isColumn := s.Base.Table.Column(name); !isColumn {
		name = strings.TrimPrefix(name, graph.SelfName+".")
	}
	v := s.value(name)
	_, isColumn := s.Base.Table.Column(name)
	switch {
	case isColumn:
		return o, false, nil
	case v == nil:
		// A Column without AS may fill a computed field.
		if s.Base != s.Root || s.values == nil || !s.values.unnamed || !computed(s.Base.Table, name) {
			return o, false, nil
		}
		o.Output = name
		return o, true, nil
	case v.of != "":
		return o, false, nil
	}
	ref, err := s.valueRef(v, name, true)
	o.Output, o.Value = v.name, ref.Value
	return o, true, err
}

// noTerm is the error of a term with blanks that names nothing.
func (s *Scope) noTerm(c OrderClause, err error) error {
	if inner, ok := strings.CutPrefix(c.Name, `"`); ok && strings.HasSuffix(inner, `"`) && strings.Count(inner, `"`) == 1 {
		return graph.Problemf(ErrInvalid, "%q has its name in quotes; write %q without them", c.Term, strings.TrimSuffix(inner, `"`))
	}
	dot := strings.LastIndexByte(c.Name, '.')
	of, column := s.Base.Table, c.Name[dot+1:]
	if dot > 0 && c.Name[:dot] != graph.SelfName {
		relations, problem := of.Row(c.Name[:dot], s.Base.via())
		if problem != nil {
			return c.NoName()
		}
		of = relations[len(relations)-1].Related
	}
	var blank []string // names that have blanks themselves
	for _, other := range of.Columns {
		if strings.ContainsAny(other.Name, " \t\n\r") {
			blank = append(blank, other.Name)
		}
	}
	if errors.Is(err, graph.ErrAmbiguous) || slices.Contains(blank, column) || graph.Nearest(column, blank) != "" {
		return err
	}
	return c.NoName()
}

// computed reports whether the name is a computed field of the table.
func computed(t *graph.Table, name string) bool {
	return slices.ContainsFunc(t.Columns, func(c graph.Column) bool { return c.Computed && c.Name == name })
}

// plainName is text that is a name and nothing else.
var plainName = regexp.MustCompile(`^[\pL_][\pL\pN_$]*(\.[\pL_][\pL\pN_$]*)*$`)

// name returns the column's name that the text is; ok is false where it is none.
func (t *Text) name() (name string, ok bool) {
	if t == nil || len(t.Args) > 0 {
		return "", false
	}
	name = strings.TrimSpace(t.SQL.String())
	return name, len(name) <= longestName && plainName.MatchString(name)
}

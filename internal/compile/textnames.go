package compile

import (
	"cmp"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: names in SQL text that selects by itself. Output: the columns that they are, of tables that the registry has, or of
// queries that are arguments.

// path is what a name is written as.
func (l leaf) path(tok sqltext.Token) []string {
	if l.in.Refs == nil {
		return tok.Path
	}
	switch ref := l.in.Refs[l.piece]; {
	case ref.Bare:
		return []string{sqltext.Unquoted(ref.Name)}
	case ref.Value != nil, ref.Binding != nil && ref.Binding.Aside != nil:
		return nil
	case ref.Binding != nil:
		return []string{ref.Binding.Alias, ref.Column}
	}
	return tok.Path
}

// has says whether what a text selects from has a column.
func (o *operands) has(of sqltext.Source, column string) sqltext.Has {
	if of.IsArg {
		sub, ok := o.leaves[of.Arg].arg.(*plan.Subquery)
		switch {
		case !ok:
			return sqltext.MayHave
		case outputNamed(sub, column) != nil:
			return sqltext.HasIt
		}
		return sqltext.HasNot
	}
	tables := o.tables(of)
	if len(tables) == 0 {
		return sqltext.MayHave
	}
	for _, t := range tables {
		if columnNamed(t, column) != "" {
			return sqltext.HasIt
		}
	}
	return sqltext.HasNot
}

// tables are those of the registry that a text names.
func (o *operands) tables(of sqltext.Source) []*graph.Table {
	switch n := len(of.Table); {
	case o.scope == nil || n == 0 || n > 2:
		return nil
	case n == 2 && !strings.EqualFold(of.Table[0], "main"):
		return o.scope.Named(of.Table[0], of.Table[1])
	default:
		return o.scope.Named("", of.Table[n-1])
	}
}

// readOrigin is the origin of a column that a text reads by itself.
func (w *writer) readOrigin(o *operands, c sqltext.Column) (all origin) {
	if !c.Known {
		return unknownName(c.Name)
	}
	if c.Of.IsArg {
		return w.outputOrigin(*outputNamed(o.leaves[c.Of.Arg].arg.(*plan.Subquery), c.Name))
	}
	for _, t := range o.tables(c.Of) {
		if name := columnNamed(t, c.Name); name != "" {
			column, _ := t.Column(name)
			all.add(kindOf(column, ColumnOf(t, name)))
		}
	}
	return all
}

// outputNamed returns what a query selects under a name; nil: nothing.
func outputNamed(sub *plan.Subquery, name string) *plan.Output {
	for i := range sub.Query.Outputs {
		if strings.EqualFold(outputName(sub.Query.Outputs[i]), name) {
			return &sub.Query.Outputs[i]
		}
	}
	return nil
}

// outputName returns the name of a column of a result.
func outputName(out plan.Output) string {
	if out.Alias != "" || out.Expr == nil {
		return cmp.Or(out.Alias, out.Ref.Column)
	}
	if text, ok := out.Expr.(*plan.Text); ok {
		_, name, _ := text.SQL.Named()
		return name
	}
	return ""
}

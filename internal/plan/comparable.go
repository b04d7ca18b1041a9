package plan

import (
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: columns that are compared with values or with each other. What cannot be compared is refused.

// column binds the name in ref and checks that a value of the class can be compared with it.
func (s *Scope) column(ref *Ref, class string, mayJoin bool) error {
	bound, err := s.ref(ref.Name, mayJoin)
	if err != nil {
		return err
	}
	*ref = bound
	if bound.Value != nil {
		return nil // what its values are like, only the database knows
	}
	c, _ := bound.Binding.Table.Column(bound.Column)
	if !c.Comparable(class) {
		return notComparable(*ref, c, class)
	}
	return nil
}

// compare binds the name, and checks the value. That of a pattern is any text.
func (s *Scope) compare(e *Compare, mayJoin bool) (Expr, error) {
	bound := *e
	if strings.HasSuffix(e.Op, "LIKE") {
		return &bound, s.pattern(&bound.Col, e.Class, mayJoin)
	}
	if err := s.column(&bound.Col, e.Class, mayJoin); err != nil {
		return &bound, err
	}
	return &bound, s.fits(bound.Col, &bound.Arg, bound.Class, false)
}

// pattern binds the name in ref, and checks that what it stands for is text, of which there are patterns. Those of bytes are bytes.
func (s *Scope) pattern(ref *Ref, class string, mayJoin bool) error {
	if err := s.column(ref, class, mayJoin); err != nil || ref.Value != nil {
		return err
	}
	c, _ := ref.Binding.Table.Column(ref.Column)
	_, number := c.Numbers()
	switch c.Class {
	case graph.ClassText:
		if !number {
			return nil
		}
	case graph.ClassCustom:
		return nil // what it is in the database, only that knows
	case graph.ClassBytes:
		if class == graph.ClassBytes {
			return nil
		}
	}
	is := c.Class
	if number {
		is = c.SQLType
	}
	return graph.Problemf(ErrArgType, "%q is %s (%s), which a pattern is not of; compare it with values, or write SQL text with CAST(%s AS text)",
		ref.Name, c.GoType, is, ref.Name)
}

// compareColumns binds both names, and checks that the columns can be compared.
func (s *Scope) compareColumns(e *CompareColumns, mayJoin bool) (Expr, error) {
	bound := *e
	if err := s.column(&bound.Col, "", mayJoin); err != nil {
		return nil, err
	}
	if err := s.column(&bound.With, "", mayJoin); err != nil {
		return nil, err
	}
	if bound.Col.Value != nil || bound.With.Value != nil {
		return &bound, nil
	}
	a, _ := bound.Col.Binding.Table.Column(bound.Col.Column)
	b, _ := bound.With.Binding.Table.Column(bound.With.Column)
	if !a.Comparable(b.Class) && !b.Comparable(a.Class) {
		return nil, graph.Problemf(ErrArgType, "%q is %s (%s), %q is %s (%s); they cannot be compared", bound.Col.Name, a.GoType,
			a.Class, bound.With.Name, b.GoType, b.Class)
	}
	return &bound, nil
}

func notComparable(ref Ref, c *graph.Column, class string) error {
	remedy := "convert it before"
	if c.Class == graph.ClassText && (class == graph.ClassInteger || class == graph.ClassFloat) {
		remedy += `, or declare Type("` + c.Name + `", "numeric") if the column holds numbers`
	}
	return graph.Problemf(ErrArgType, "%q is %s (%s), got a value of kind %s; %s", ref.Name, c.GoType, c.Class, class, remedy)
}

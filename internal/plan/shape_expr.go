package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

func (s *Shape) exprs(at *[]Expr) {
	if s.marks {
		*at = slices.Clone(*at)
	}
	s.items(*at)
}

func (s *Shape) items(list []Expr) {
	s.int(int64(len(list)))
	for i := range list {
		s.expr(&list[i])
	}
}

// optional reads SQL text that may be missing.
func (s *Shape) optional(at **Text) {
	if s.bool(*at != nil); *at != nil {
		s.sql(own(s, at))
	}
}

// ownExpr returns an expression, a copy where it is to be changed.
func ownExpr[E any, P interface {
	*E
	Expr
}](s *Shape, at *Expr, e P) P {
	if s.marks {
		copied := *e
		e = &copied
		*at = e
	}
	return e
}

// ownList is ownExpr of a list of expressions that is one.
func ownList[L interface {
	~[]Expr
	Expr
}](s *Shape, at *Expr, list L) L {
	if s.marks {
		list = slices.Clone(list)
		*at = list
	}
	return list
}

// expr reads a condition or a piece of SQL text.
func (s *Shape) expr(at *Expr) {
	switch e := (*at).(type) {
	case *Compare:
		s.byte('c')
		s.compare(ownExpr(s, at, e))
	case *In:
		s.byte('i')
		s.in(e, ownExpr(s, at, e))
	case *IsNull:
		s.byte('n')
		s.ref(e.Col)
		s.bool(e.Not)
	case *Match:
		s.byte('m')
		s.match(ownExpr(s, at, e))
	case *Text:
		s.byte('t')
		s.sql(ownExpr(s, at, e))
	case And:
		s.byte('&')
		s.items(ownList(s, at, e))
	case Or:
		s.byte('|')
		s.items(ownList(s, at, e))
	default:
		s.further(at)
	}
}

// further reads an expression about others.
func (s *Shape) further(at *Expr) {
	switch e := (*at).(type) {
	case Const:
		s.byte('b')
		s.bool(bool(e))
	case *Column:
		s.byte('o')
		s.ref(e.Col)
	case *CompareColumns:
		s.byte('C')
		s.ref(e.Col)
		s.text(e.Op)
		s.ref(e.With)
		s.unshaped = s.unshaped || e.Spelling != (graph.Spelling{}) // of what is bound
	case *Not:
		s.byte('!')
		s.expr(&ownExpr(s, at, e).Expr)
	case *NotTrue:
		s.byte('~')
		s.expr(&ownExpr(s, at, e).Expr)
	case *InQuery:
		s.byte('q')
		s.ref(e.Col)
		s.bool(e.Not)
		s.expr(&ownExpr(s, at, e).Query)
	case *Matching:
		s.byte('M')
		s.table(e.Table)
		s.exprs(&ownExpr(s, at, e).Exprs)
	case *Aggregate:
		s.byte('a')
		s.aggregate(ownExpr(s, at, e))
	case *Exists:
		s.byte('e')
		s.exists(ownExpr(s, at, e))
	case *Subquery:
		s.byte('s')
		s.query(&ownExpr(s, at, e).Spec) // its rules are those of the registry of its table
	default:
		s.unshaped = true
	}
}

func (s *Shape) compare(e *Compare) {
	s.ref(e.Col)
	s.text(e.Op)
	s.text(e.Class)
	s.bool(e.Position)
	s.value(&e.Arg)
}

// in reads a list, which is one value of the call: the expression itself.
func (s *Shape) in(e, own *In) {
	s.ref(e.Col)
	s.bool(e.Not)
	s.bool(e.HasNull)
	s.bool(len(e.Items) > 0)
	s.text(e.Class)
	s.int(int64(e.Keys.Kind))
	s.typeOf(e.Whole)
	s.Plain = s.Plain && (e.Class == graph.ClassInteger || e.Class == graph.ClassText || e.Class == graph.ClassFloat || e.Class == graph.ClassBoolean)
	s.unshaped = s.unshaped || e.Mixed != nil // which is told by the values
	if g := s.leave(e); g != nil {
		own.Given = g
	}
}

func (s *Shape) match(e *Match) {
	s.ref(e.Col)
	s.int(int64(e.Where))
	if g := s.leave(e.Text); g != nil {
		e.Given = g
	} else if s.other != nil {
		e.Text, _ = s.other(e.Text).(string)
	}
}

func (s *Shape) exists(e *Exists) {
	s.text(e.Path)
	s.bool(e.Not)
	s.int(e.AtLeast)
	s.bool(e.Apart)
	if s.bool(e.Key != nil); e.Key != nil {
		s.compare(own(s, &e.Key))
	}
	if s.bool(e.Keys != nil); e.Keys != nil {
		keys := e.Keys
		s.in(keys, own(s, &e.Keys))
	}
	s.exprs(&e.Preds)
}

// sql reads SQL text. What is known of it beside its pieces follows from them.
func (s *Shape) sql(t *Text) {
	s.int(int64(len(t.SQL.Pieces)))
	for _, p := range t.SQL.Pieces {
		s.byte(byte(p.Kind))
		s.text(p.Text)
		s.unshaped = s.unshaped || p.Kind == sqltext.Word // of what is bound
	}
	args := all(s, &t.Args)
	for i := range args {
		e, isExpr := args[i].(Expr)
		if s.bool(isExpr); !isExpr {
			_, text := args[i].(string)
			s.Plain = s.Plain && !text
			s.value(&args[i])
			continue
		}
		if s.expr(&e); s.marks {
			args[i] = e
		}
	}
}

// aggregate reads a value made of related rows.
func (s *Shape) aggregate(a *Aggregate) {
	s.text(a.Func)
	s.text(a.Path)
	s.text(a.Column)
	s.bool(a.Distinct)
	s.text(a.Name)
	s.optional(&a.Of)
	s.exprs(&a.Preds)
	s.order(&a.OrderBy)
}

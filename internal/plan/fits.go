package plan

import (
	"errors"
	"slices"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// FITS: a value that a column's field could not hold is refused where it is set or compared, before anything is sent. What a field
// can hold its Go type says; the rules ask it.

// laterArg is an argument whose value is known when the statement is run, and checked then.
type laterArg interface {
	Checked(check func(any) (any, error)) any
}

// fits refuses a value of a class that the field of the column could not hold, and makes it what is to be sent. The text of a place in
// an order is that which a row holds.
func (s *Scope) fits(col Ref, arg *any, class string, place bool) error {
	if ValueOf(*arg) == nil || col.Value != nil || s.applied == nil || s.applied.rules == nil || s.applied.rules.Fits == nil {
		return nil
	}
	c, _ := col.Binding.Table.Column(col.Column)
	keeps := s.names.features.Keeps
	fit := s.applied.rules.Fits(col.Binding.Table, col.Column, keeps)
	_, numbers := c.Numbers()
	check := func(value any) (any, error) {
		sent, err := fit(value)
		if err == nil && c.Class == graph.ClassText && !numbers {
			var text any
			if text, err = s.As(c.Class, graph.AnyNumber, sent); keeps.AnyText { // of what a driver.Valuer gives
				sent = text
			}
		}
		if err != nil {
			return nil, graph.Problemf(ErrArgType, "%q: the value %w", col.Name, err)
		}
		if _, isTime := sent.(time.Time); isTime && place && class == graph.ClassText {
			return value, nil
		}
		return sent, nil
	}
	var err error
	*arg, err = Checked(*arg, check)
	return err
}

// As returns a value that stands beside what is of a class in SQL text of this scope, as it is to be sent, or says why it is none of those, no
// such number, or one that the database would not keep. The error continues a sentence about the value.
func (s *Scope) As(class string, of graph.Numbers, arg any) (any, error) {
	if s == nil || s.applied == nil || s.applied.rules == nil || s.applied.rules.As == nil {
		return arg, nil
	}
	return s.applied.rules.As(class, of, arg, s.names.features.Keeps)
}

// ScopeOf returns the scope of what a name stands for.
func ScopeOf(value Expr) *Scope {
	switch value := value.(type) {
	case *Text:
		return value.Rows
	case *Aggregate:
		return value.Sub
	}
	return nil
}

// Checked checks a value, and returns it as it is to be sent: one that is told when the statement is run is checked then, and one that
// calls give in each call.
func Checked(arg any, check func(any) (any, error)) (any, error) {
	switch v := arg.(type) {
	case laterArg:
		return v.Checked(check), nil
	case *Given:
		sent, err := Checked(v.Value, check)
		if err != nil {
			return nil, err
		}
		_, isTime := sent.(time.Time)
		return v.into(sent, func(value any) (any, error) {
			sent, err := Checked(value, check)
			if _, is := sent.(time.Time); err == nil && is != isTime {
				return nil, errOtherKind
			}
			return sent, err
		}), nil
	}
	return check(arg)
}

// errOtherKind is the error of a value of another kind than that a plan was made for: times are written in texts of their own.
var errOtherKind = errors.New("the value is of another kind")

// fitAll refuses a list of which the field of the column could not hold a value, and makes its values what is to be sent. A number of a
// list that is beyond those of the column is no match; beside a document a number is another shape.
func (s *Scope) fitAll(col Ref, e *In) error {
	if col.Value != nil {
		return nil
	}
	if c, _ := col.Binding.Table.Column(col.Column); e.Class == graph.ClassInteger && e.Keys.Kind == dialect.KeyInt && c.Class != graph.ClassDocument {
		return nil
	}
	fitted := func(list *In) error {
		list.Items, list.Keys.Texts = slices.Clone(list.Items), slices.Clone(list.Keys.Texts)
		for i := range list.Items {
			if err := s.fits(col, &list.Items[i], e.Class, false); err != nil {
				return err
			}
			if text, ok := list.Items[i].(string); ok && i < len(list.Keys.Texts) {
				list.Keys.Texts[i] = text
			}
		}
		return nil
	}
	if e.Given != nil {
		e.Given = e.Given.into(e, func(list any) (any, error) {
			other := *list.(*In)
			return &other, fitted(&other)
		})
	}
	return fitted(e)
}

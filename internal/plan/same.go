package plan

import (
	"fmt"
	"slices"
)

// Input of this file: two declared conditions as they were written, of which it is asked whether they say the same.

// Same reports whether two conditions say the same, as far as their form tells: of one form, about the same names, with the same
// values. Those with queries in them are the same only if they are one.
func Same(a, b Expr) bool {
	switch a := a.(type) {
	case And:
		b, ok := b.(And)
		return ok && slices.EqualFunc(a, b, Same)
	case Or:
		b, ok := b.(Or)
		return ok && slices.EqualFunc(a, b, Same)
	case *Not:
		b, ok := b.(*Not)
		return ok && Same(a.Expr, b.Expr)
	case *NotTrue:
		b, ok := b.(*NotTrue)
		return ok && Same(a.Expr, b.Expr)
	case *Compare:
		b, ok := b.(*Compare)
		return ok && a.Col.Name == b.Col.Name && a.Op == b.Op && sameValue(a.Arg, b.Arg)
	case *In:
		b, ok := b.(*In)
		return ok && a.Col.Name == b.Col.Name && a.Not == b.Not && a.HasNull == b.HasNull && slices.EqualFunc(a.Items, b.Items, sameValue)
	case *IsNull:
		b, ok := b.(*IsNull)
		return ok && a.Col.Name == b.Col.Name && a.Not == b.Not
	case *CompareColumns:
		b, ok := b.(*CompareColumns)
		return ok && a.Col.Name == b.Col.Name && a.Op == b.Op && a.With.Name == b.With.Name
	case *Column:
		b, ok := b.(*Column)
		return ok && a.Col.Name == b.Col.Name
	case *Match:
		b, ok := b.(*Match)
		return ok && a.Col.Name == b.Col.Name && a.Where == b.Where && a.Text == b.Text
	case *Exists:
		b, ok := b.(*Exists)
		return ok && a.Path == b.Path && a.Not == b.Not && a.AtLeast == b.AtLeast && (a.Key == b.Key || a.Key != nil && b.Key != nil && Same(a.Key, b.Key)) &&
			(a.Keys == b.Keys || a.Keys != nil && b.Keys != nil && Same(a.Keys, b.Keys)) &&
			slices.EqualFunc(a.Preds, b.Preds, Same)
	case *Text:
		b, ok := b.(*Text)
		return ok && a.SQL.String() == b.SQL.String() && slices.EqualFunc(a.Args, b.Args, sameValue)
	}
	return a == b
}

// sameValue compares arguments. A value that is known late is the same if it comes from the same place.
func sameValue(a, b any) bool {
	e, isExpr := a.(Expr)
	other, isOther := b.(Expr)
	if isExpr || isOther {
		return isExpr && isOther && Same(e, other)
	}
	if late, ok := a.(interface{ Same(value any) bool }); ok {
		return late.Same(b)
	}
	return fmt.Sprintf("%T %v", a, a) == fmt.Sprintf("%T %v", b, b)
}

package plan_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// everything is a query that has each part a query can have.
func everything(t *testing.T) *plan.Spec {
	t.Helper()
	text := func() *plan.Text {
		sql, err := sqltext.Parse("a.b > ? OR c = ?")
		if err != nil {
			t.Fatal(err)
		}
		return &plan.Text{SQL: sql, Args: []any{1, &plan.Compare{Col: plan.Ref{Name: "in"}, Op: "=", Arg: 2}}}
	}
	ref := func(name string) plan.Ref { return plan.Ref{Name: name} }
	order := func(expr *plan.Text) []plan.OrderClause {
		return []plan.OrderClause{{Term: "n DESC", Name: "n", Desc: true, Nulls: "LAST", Expr: expr}}
	}
	exprs := []plan.Expr{
		&plan.Compare{Col: ref("a"), Op: "=", Arg: 1, Class: graph.ClassInteger},
		&plan.In{Col: ref("a"), Not: true, Items: []any{1}, HasNull: true, Whole: []int{1}, Class: graph.ClassInteger},
		&plan.InQuery{Col: ref("a"), Not: true, Query: plan.Const(true)},
		&plan.IsNull{Col: ref("a"), Not: true},
		&plan.Match{Col: ref("a"), Where: 1, Text: "x"},
		plan.And{plan.Const(true)},
		plan.Or{plan.Const(false)},
		text(),
		&plan.Column{Col: ref("a")},
		&plan.CompareColumns{Col: ref("a"), Op: "=", With: ref("b")},
		&plan.Not{Expr: plan.Const(true)},
		&plan.NotTrue{Expr: plan.Const(true)},
		&plan.Matching{Table: &graph.Table{}, Exprs: []plan.Expr{plan.Const(true)}},
		&plan.Aggregate{Func: "sum", Path: "p", Column: "c", Of: text(), Distinct: true, Preds: []plan.Expr{plan.Const(true)}, OrderBy: order(nil), Name: "n"},
		&plan.Exists{Path: "p", Not: true, AtLeast: 2, Key: &plan.Compare{Op: "=", Arg: 1}, Keys: &plan.In{Items: []any{1}}, Preds: []plan.Expr{plan.Const(true)}},
		&plan.Subquery{Spec: plan.NewSpec(&graph.Table{})},
	}
	spec := plan.NewSpec(&graph.Table{})
	spec.Source = text()
	spec.Joins = []plan.JoinClause{{Path: "p", Left: true, On: []plan.Expr{plan.Const(true)}}}
	for _, e := range exprs {
		spec.Where = append(spec.Where, plan.Clause{Method: "Where", Expr: e})
	}
	spec.Having = []plan.Clause{{Method: "Having", Expr: plan.Const(true)}}
	spec.GroupBy = []string{"g"}
	spec.OrderBy = order(text())
	spec.Outputs = []plan.OutputClause{{Name: "o", Expr: text()}}
	spec.With = []*plan.Aggregate{{Func: "count", Path: "p"}}
	spec.Lock = plan.Lock{Method: "ForUpdate", Strength: "UPDATE", Wait: "NOWAIT"}
	spec.Unequal = []string{"u"}
	spec.Unscoped = []plan.Lift{{Path: "p", Names: []string{"n"}}}
	spec.Preloads = []plan.PreloadClause{{Method: "Preload", Path: "p", Spec: plan.NewSpec(&graph.Table{}), Tree: &plan.Tree{Depth: 1}, Queries: 1}}
	spec.Unread = []string{"p"}
	spec.After = []plan.Value{{Arg: 1, Class: graph.ClassInteger}}
	spec.Before = []plan.Value{{Null: true}}
	spec.Paged = "Each"
	return spec
}

// boundFields are those that are set where a query is planned, or that follow from others.
var boundFields = []string{
	"Ref.Binding", "Ref.Column", "Ref.Value", "Ref.Bare", "Compare.Arg", "In.Given", "In.Items", "In.Keys", "In.Whole", "In.Mixed", "Match.Given", "Match.Text",
	"Text.Refs", "Text.Own", "Text.Rows", "CompareColumns.Spelling", "Aggregate.Sub", "Aggregate.Col", "Aggregate.Order", "Aggregate.Once", "Aggregate.Grouped", "Aggregate.Tested", "Aggregate.Kept",
	"Exists.Sub", "Exists.Up", "Subquery.Rules", "Subquery.Query", "Text.Placeholders", "Text.Numbered", "Text.Select", "Text.LineComment",
	"Text.Window", "Text.Aggregates", "Piece.Path", "Piece.N", "Value.Arg", "Spec.Set", "Spec.Excluded", "Lift.given",
}

// Each part of a query is part of its shape, or one of the values: a part that a new kind of clause brings is found here, before two
// queries that differ in it are taken for one.
func TestShapeHasEveryPart(t *testing.T) {
	t.Parallel()
	shapeOf := func(spec *plan.Spec) (string, bool) {
		s := plan.Shape{TypeID: structs.TypeID, PointerID: structs.PointerID}
		ok := s.Of(spec)
		return string(s.Key), ok
	}
	spec := everything(t)
	whole, ok := shapeOf(spec)
	if !ok {
		t.Fatal("the query has no shape")
	}
	parts := 0
	seen := map[string]bool{}
	var visit func(v reflect.Value, where string)
	differs := func(v reflect.Value, other reflect.Value, where string) {
		t.Helper()
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		v.Set(other)
		if got, ok := shapeOf(spec); ok && got == whole {
			t.Errorf("%s: a query of another %v has the same shape", where, v.Type())
		}
		v.Set(old)
		parts++
	}
	visit = func(v reflect.Value, where string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				field := v.Type().Name() + "." + v.Type().Field(i).Name
				seen[field] = true
				if !slices.Contains(boundFields, field) {
					visit(v.Field(i), where+" "+field)
				}
			}
		case reflect.Pointer:
			if v.Type() == reflect.TypeFor[*graph.Table]() {
				differs(v, reflect.ValueOf(&graph.Table{}), where)
				return
			}
			if v.IsNil() {
				differs(v, reflect.New(v.Type().Elem()), where)
				return
			}
			differs(v, reflect.Zero(v.Type()), where)
			visit(v.Elem(), where)
		case reflect.Interface:
			if v.Type() == reflect.TypeFor[plan.Expr]() {
				differs(v, reflect.ValueOf(plan.Expr(&plan.Column{Col: plan.Ref{Name: "another"}})), where)
				if v.IsNil() {
					return
				}
				inner := v.Elem()
				if inner.Kind() == reflect.Pointer {
					visit(inner.Elem(), where+" "+inner.Elem().Type().Name())
				} else if inner.Kind() == reflect.Slice {
					visit(inner, where)
				}
				return
			}
			if !v.IsNil() && v.Elem().Type().Implements(reflect.TypeFor[plan.Expr]()) {
				return // an argument that stands for text: its parts are those of others
			}
			differs(v, reflect.ValueOf("another type"), where)
		case reflect.Slice:
			if v.CanSet() {
				item := reflect.Zero(v.Type().Elem())
				if item.Kind() == reflect.Pointer {
					item = reflect.New(item.Type().Elem())
				}
				differs(v, reflect.Append(v.Slice3(0, v.Len(), v.Len()), item), where)
			}
			for i := range v.Len() {
				item := v.Index(i)
				if item.Kind() == reflect.Pointer { // an item is there
					item = item.Elem()
				}
				visit(item, where)
			}
		case reflect.Bool:
			differs(v, reflect.ValueOf(!v.Bool()).Convert(v.Type()), where)
		case reflect.String:
			differs(v, reflect.ValueOf(v.String()+"x").Convert(v.Type()), where)
		case reflect.Int, reflect.Int64:
			differs(v, reflect.ValueOf(v.Int()+7).Convert(v.Type()), where)
		default:
			t.Errorf("%s is a %v: the test cannot change it", where, v.Type())
		}
	}
	top := reflect.ValueOf(spec).Elem()
	for i := range top.NumField() {
		if f, name := top.Field(i), "Spec."+top.Type().Field(i).Name; f.Kind() == reflect.Slice && f.Len() == 0 && !slices.Contains(boundFields, name) {
			t.Errorf("the query of the test has no %s", name)
		}
	}
	visit(top, "")
	if parts < 100 {
		t.Errorf("%d parts were changed", parts)
	}
	for _, field := range boundFields {
		if !seen[field] {
			t.Errorf("there is no field %s", field)
		}
	}
}

// The values themselves are no part of a shape; their types are, and what NULL and lists are written as.
func TestShapeLeavesValuesOut(t *testing.T) {
	t.Parallel()
	is := func(arg any) plan.Expr { return &plan.Compare{Col: plan.Ref{Name: "a"}, Op: "=", Arg: arg} }
	list := func(class string, items ...any) *plan.In {
		return &plan.In{Col: plan.Ref{Name: "a"}, Items: items, Whole: items, Class: class}
	}
	text := func(args ...any) plan.Expr {
		sql, err := sqltext.Parse("a = ?")
		if err != nil {
			t.Fatal(err)
		}
		return &plan.Text{SQL: sql, Args: args}
	}
	type name string
	table := &graph.Table{}
	shapeOf := func(e plan.Expr) (key string, values []any, plain bool) {
		spec := plan.NewSpec(table)
		spec.Where = []plan.Clause{{Method: "Where", Expr: e}}
		s := plan.Shape{TypeID: structs.TypeID, PointerID: structs.PointerID}
		if !s.Of(spec) {
			t.Fatalf("%v has no shape", e)
		}
		return string(s.Key), slices.Clone(s.Values), s.Plain
	}
	for _, test := range []struct {
		a, b        plan.Expr
		same, plain bool // the shapes; the first has plain values alone
	}{
		{is(1), is(2), true, true},
		{is(1), is(int64(1)), false, true},
		{is(1), is("1"), false, true},
		{is("a"), is("b"), true, true},
		{is(name("a")), is(name("b")), true, false},
		{is(name("a")), is("a"), false, false},
		{is(nil), is(nil), true, true},
		{list(graph.ClassInteger, 1), list(graph.ClassInteger, 2, 3), true, true},
		{list(graph.ClassInteger, 1), list(graph.ClassInteger), false, true},
		{list(graph.ClassInteger, 1), list(graph.ClassText, "a"), false, true},
		{list(graph.ClassTime, 1), list(graph.ClassTime, 1), true, false},
		{text(1), text(2), true, true},
		{text("a"), text("b"), true, false},
		{text(is(1)), text(is(2)), true, true},
		{text(is(1)), text(1), false, true},
		{&plan.Match{Text: "a"}, &plan.Match{Text: "b"}, true, true},
	} {
		a, values, plain := shapeOf(test.a)
		b, _, _ := shapeOf(test.b)
		if a == b != test.same || plain != test.plain || len(values) != 1 {
			t.Errorf("%v and %v: same %v, plain %v, values %v", test.a, test.b, a == b, plain, values)
		}
	}
}

// A copy with marks has each value once, in the order of the shape, and leaves the query as it was.
func TestMarkedIsACopy(t *testing.T) {
	t.Parallel()
	spec := everything(t)
	before, after := plan.Shape{TypeID: structs.TypeID, PointerID: structs.PointerID}, plan.Shape{TypeID: structs.TypeID, PointerID: structs.PointerID}
	before.Of(spec)
	_, givens := plan.Marked(spec)
	if !after.Of(spec) || string(before.Key) != string(after.Key) || !reflect.DeepEqual(before.Values, after.Values) {
		t.Error("the query was changed")
	}
	if len(givens) != len(before.Values) {
		t.Fatalf("%d values, %d marks", len(before.Values), len(givens))
	}
	for i, g := range givens {
		if g.N != i || !reflect.DeepEqual(g.Value, before.Values[i]) {
			t.Errorf("mark %d is %d, %v, and not of %v", i, g.N, g.Value, before.Values[i])
		}
	}
}

package plan_test

import (
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

func TestConstantsOfRules(t *testing.T) {
	t.Parallel()
	is := func(name string, value any) plan.Expr {
		return &plan.Compare{Col: plan.Ref{Name: name}, Op: "=", Arg: value, Class: graph.ClassText}
	}
	late := &plan.Compare{Col: plan.Ref{Name: "tenant_id"}, Op: "=", Arg: "late"}
	tags := &graph.Table{Name: "tags"}
	for _, test := range []struct {
		rules  []plan.Expr
		linked bool
		want   string
	}{
		{nil, false, "own:, link:"},
		{[]plan.Expr{is("kind", "x")}, false, "own: kind=x, link:"},
		{[]plan.Expr{is("self.kind", "x"), is("tags.kind", "x")}, false, "own: kind=x, link:"},
		{[]plan.Expr{is("kind", "x"), is("kind", "y")}, false, "own: kind=x kind=y, link:"},
		{[]plan.Expr{plan.And{is("kind", "x"), is("link.role", "y")}}, true, "own: kind=x, link: role=y"},
		{[]plan.Expr{late}, false, "own: tenant_id=late (late), link:"},
		{[]plan.Expr{late, late}, false, "own: tenant_id=late (late) tenant_id=late (late), link:"},
		{[]plan.Expr{&plan.IsNull{Col: plan.Ref{Name: "ended"}}}, false, "own: ended=<nil>, link:"},
		{[]plan.Expr{&plan.IsNull{Col: plan.Ref{Name: "ended"}, Not: true}}, false, "own:, link:, other"},
		{[]plan.Expr{is("link.role", "y")}, false, "own:, link:, other"},
		{[]plan.Expr{is("outer.kind", "x")}, false, "own:, link:, other"},
		{[]plan.Expr{is("author.kind", "x")}, false, "own:, link:, other"},
		{[]plan.Expr{is("self.author.kind", "x")}, false, "own:, link:, other"},
		{[]plan.Expr{is("kind", "x"), plan.Const(true)}, false, "own: kind=x, link:, other"},
		{[]plan.Expr{plan.And{plan.Const(true), is("kind", "x")}}, false, "own: kind=x, link:, other"},
		{[]plan.Expr{plan.Or{is("kind", "x"), is("kind", "y")}}, false, "own:, link:, other"},
		{[]plan.Expr{&plan.Compare{Col: plan.Ref{Name: "n"}, Op: "<", Arg: 1}}, false, "own:, link:, other"},
		{[]plan.Expr{&plan.In{Col: plan.Ref{Name: "n"}, Items: []any{1}}}, false, "own:, link:, other"},
	} {
		found := plan.Constants(test.rules, tags, test.linked)
		list := func(name string, constants []graph.Constant) string {
			for _, c := range constants {
				name += fmt.Sprintf(" %s=%v", c.Column, c.Value)
				if c.Late() {
					name += " (late)"
				}
			}
			return name
		}
		got := list("own:", found.Own) + ", " + list("link:", found.Link)
		if found.Other {
			got += ", other"
		}
		if got != test.want {
			t.Errorf("%v: expected %q, got %q", test.rules, test.want, got)
		}
	}
}

// Package vet finds SQL text that is not a constant: text that a program makes while it runs is how the words of a request
// come to be read as SQL. It is a module of its own, so that the library does not depend on what it is made with.
//
//	go run github.com/dovetail-go/dovetail/vet/cmd/dovetailvet@latest ./...
//
// or, beside the checks of go vet,
//
//	go install github.com/dovetail-go/dovetail/vet/cmd/dovetailvet@latest
//	go vet -vettool=$(which dovetailvet) ./...
package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzer reports calls of dovetail, and of squirrel's expressions, whose SQL text is not a constant. It keeps no state
// between packages and may be run on several at once.
var Analyzer = &analysis.Analyzer{
	Name: "dovetailvet",
	Doc: `reports SQL text that is not a constant

Where, Having, Column, OrderByClause, From, Scope, On, Not, SetExpr and an aggregate's Where and Of take SQL text, and so do
squirrel.Expr, ConcatExpr and Alias. Text that is a literal, a constant, or a concatenation of those cannot hold what a request brought; other text can,
and is reported, and so is an argument whose type could hold text, such as any. Give values as arguments:

	Where("owner = '" + owner + "'")   reported
	Where("owner = ?", owner)          right

Text that must vary is allowed by a comment with the reason, on the line of the text or the one above it:

	//dovetail:text one of two constants, see above
	Where(text)

An order that varies needs none: OrderBy takes names only, and checks them. Not looked at are statements of squirrel's
builders, and calls through interfaces that are not the library's.`,
	URL:      "https://pkg.go.dev/github.com/dovetail-go/dovetail/vet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

const (
	library  = "github.com/dovetail-go/dovetail"
	squirrel = "github.com/Masterminds/squirrel"
)

// function is a function or method that takes SQL text.
type function struct {
	pkg, recv, name string // recv is empty for a function
}

func (f function) String() string {
	if f.recv != "" {
		return f.recv + "." + f.name
	}
	return f.pkg[strings.LastIndexByte(f.pkg, '/')+1:] + "." + f.name
}

// text is where a function takes SQL text, and how the call should be written.
type text struct {
	param int
	rest  bool   // the parameters from there on
	right string // how the call should be written
}

// functions lists all that take SQL text.
var functions = map[function]text{
	{library, "Query", "Where"}:         {right: `Where("amount >= ?", v)`},
	{library, "Query", "Having"}:        {right: `Having("count(*) > ?", v)`},
	{library, "Query", "Column"}:        {right: `Column("coalesce(note, ?) AS note", v)`},
	{library, "Query", "OrderByClause"}: {right: `OrderByClause("note = ?", v), and names to OrderBy, which checks them`},
	{library, "Query", "From"}:          {right: `From("SELECT * FROM t WHERE amount >= ?", v)`},
	{library, "Change", "Where"}:        {right: `Where("amount >= ?", v)`},
	{library, "Removal", "Where"}:       {right: `Where("amount >= ?", v)`},
	{library, "Restoration", "Where"}:   {right: `Where("deleted_at >= ?", v)`},
	{library, "Aggregate", "Where"}:     {right: `Where("amount >= ?", v)`},
	{library, "Aggregate", "Of"}:        {right: `Of("self.price * ?", v)`},
	{library, "Upsertion", "Where"}:     {right: `Where("deleted_at IS NULL")`},
	{library, "Upsertion", "SetExpr"}:   {param: 1, right: `SetExpr("n", "self.n + ?", v)`},
	{library, "", "Scope"}:              {param: 1, right: `Scope("tenant", "tenant_id = ?", v)`},
	{library, "", "Where"}:              {right: `Where("amount >= ?", v)`},
	{library, "", "On"}:                 {right: `On("self.amount >= outer.least + ?", v)`},
	{library, "", "Not"}:                {right: `Not("amount >= ?", v)`},
	{squirrel, "", "Expr"}:              {right: `Expr("amount >= ?", v)`},
	{squirrel, "", "ConcatExpr"}:        {rest: true, right: `ConcatExpr("amount >= ", Expr("?", v))`},
	{squirrel, "", "Alias"}:             {param: 1, right: `Alias(expr, "total")`},
}

func run(pass *analysis.Pass) (any, error) {
	allowed, err := allowancesOf(pass)
	if err != nil {
		return nil, err
	}
	calls := map[*ast.Ident]bool{} // names that are called
	nodes := []ast.Node{(*ast.CallExpr)(nil), (*ast.Ident)(nil)}
	pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			name, shift := called(pass.TypesInfo, n)
			if f, t, ok := taker(pass.TypesInfo, name); ok {
				calls[name] = true
				t.param += shift
				checkCall(pass, n, allowed, f, t)
			}
		case *ast.Ident: // after the call it is in
			if f, _, ok := taker(pass.TypesInfo, n); ok && !calls[n] && !allowed.at(pass.Fset, n.Pos()) {
				pass.Reportf(n.Pos(), "%s is used as a value, which hides its SQL text; call it", f)
			}
		}
	})
	allowed.report(pass)
	return nil, nil
}

// called returns the name of the function that is called, and by how many places the arguments are shifted: a method
// expression has the receiver before them.
func called(info *types.Info, call *ast.CallExpr) (name *ast.Ident, shift int) {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return fun, 0
	case *ast.SelectorExpr:
		if s := info.Selections[fun]; s != nil && s.Kind() == types.MethodExpr {
			shift = 1
		}
		return fun.Sel, shift
	}
	return nil, 0
}

// taker looks up what a name stands for among the functions that take SQL text.
func taker(info *types.Info, name *ast.Ident) (function, text, bool) {
	f, ok := info.Uses[name].(*types.Func)
	if !ok || f.Pkg() == nil {
		return function{}, text{}, false
	}
	key := function{pkg: f.Pkg().Path(), name: f.Name()}
	if recv := f.Signature().Recv(); recv != nil {
		named, ok := types.Unalias(recv.Type()).(*types.Named)
		if !ok {
			return function{}, text{}, false
		}
		key.recv = named.Obj().Name()
	}
	t, ok := functions[key]
	return key, t, ok
}

// checkCall reports the arguments of a call that are, or could be, text that is not a constant.
func checkCall(pass *analysis.Pass, call *ast.CallExpr, allowed allowances, f function, t text) {
	for i, arg := range call.Args {
		typ := pass.TypesInfo.TypeOf(arg)
		if results, ok := typ.(*types.Tuple); ok && t.param < results.Len() { // one call gives all of the arguments
			typ = results.At(t.param).Type()
		} else if i != t.param && !(t.rest && i > t.param) {
			continue
		}
		if list, ok := typ.Underlying().(*types.Slice); ok && t.rest && call.Ellipsis.IsValid() {
			typ = list.Elem()
		}
		var what string
		switch text, bounds := types.Typ[types.String], bounds(typ); {
		case isConstant(pass.TypesInfo, arg):
		case types.Identical(typ, text):
			what = "the SQL text is not a constant; give values as arguments, as in " + t.right
		case bounds != nil && types.Satisfies(text, bounds):
			what = fmt.Sprintf("the type %s may hold SQL text that is not a constant; declare it as squirrel.Sqlizer",
				types.TypeString(typ, types.RelativeTo(pass.Pkg)))
		}
		if what != "" && !allowed.at(pass.Fset, arg.Pos()) {
			pass.Reportf(arg.Pos(), "%s: %s", f, what)
		}
	}
}

// bounds is the interface that a value of the type, or the type where it is a parameter, is known to satisfy; nil for
// other types.
func bounds(t types.Type) *types.Interface {
	i, _ := t.Underlying().(*types.Interface)
	return i
}

// isConstant looks through parentheses and conversions to interfaces.
func isConstant(info *types.Info, e ast.Expr) bool {
	for {
		e = ast.Unparen(e)
		call, ok := e.(*ast.CallExpr)
		if !ok || !info.Types[call.Fun].IsType() || !types.IsInterface(info.TypeOf(call)) {
			return info.Types[e].Value != nil
		}
		e = call.Args[0]
	}
}

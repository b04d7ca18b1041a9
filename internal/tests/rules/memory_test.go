package rules_test

import (
	"go/ast"
	"slices"
	"strings"
)

// memory is the only file that goes past Go's types.
const memory = "internal/structs/unsafe.go"

// checkMemory refuses addresses that package reflect makes variables of without unsafe being imported, and code that is not Go.
func checkMemory(f *sourceFile) []string {
	if f.path == memory {
		return nil
	}
	var found []string
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if ok && slices.Contains([]string{"NewAt", "SliceAt", "UnsafePointer", "UnsafeAddr", "SetPointer"}, sel.Sel.Name) {
			found = append(found, f.at(sel.Pos(), "calls %s; only %s does", sel.Sel.Name, memory))
		}
		return true
	})
	for _, group := range f.ast.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname") {
				found = append(found, f.at(c.Pos(), "names what another package keeps to itself"))
			}
		}
	}
	return found
}

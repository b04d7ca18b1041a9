package rules_test

import (
	"errors"
	"go/ast"
	"go/build"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// memory is the only file that goes past Go's types, and safe the one in its place with the build tag.
const (
	memory  = "internal/structs/unsafe.go"
	safe    = "internal/structs/safe.go"
	safeTag = "dovetail_safe"
)

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

// TestTheSafeBuildHasNoUnsafe looks at what go build would compile, tests too.
func TestTheSafeBuildHasNoUnsafe(t *testing.T) {
	t.Parallel()
	dirs := map[string]bool{}
	for _, f := range sources(t) {
		dirs[f.dir()] = true
	}
	for _, tags := range [][]string{nil, {safeTag}} {
		context := build.Default
		context.BuildTags = tags
		var unsafe, swapped []string
		for dir := range dirs {
			p, err := context.ImportDir(dir, 0)
			if none := (*build.NoGoError)(nil); errors.As(err, &none) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(slices.Concat(p.Imports, p.TestImports, p.XTestImports), "unsafe") {
				unsafe = append(unsafe, dir)
			}
			for _, name := range p.GoFiles {
				if file := filepath.ToSlash(filepath.Join(dir, name)); file == memory || file == safe {
					swapped = append(swapped, file)
				}
			}
		}
		want, file := []string{filepath.ToSlash(filepath.Dir(memory))}, memory
		if tags != nil {
			want, file = nil, safe
		}
		if !slices.Equal(unsafe, want) || !slices.Equal(swapped, []string{file}) {
			t.Errorf("with the tags %q, %q import unsafe, expected %q, and %q is compiled, expected %q", tags, unsafe, want, swapped, file)
		}
	}
}

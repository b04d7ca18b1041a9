package rules_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The rules of the house that a compiler does not enforce, over the source of the whole module. The rules themselves are
// in rules_test.go; check_test.go shows each of them to fail.

// sourceFile is one file of Go.
type sourceFile struct {
	path string // from the module's root, with slashes
	text string
	fset *token.FileSet
	ast  *ast.File
}

func parseSource(name, text string) (*sourceFile, error) {
	f := &sourceFile{path: name, text: text, fset: token.NewFileSet()}
	var err error
	f.ast, err = parser.ParseFile(f.fset, name, text, parser.ParseComments)
	return f, err
}

// dir is the folder of the file; "." for the root.
func (f *sourceFile) dir() string { return path.Dir(f.path) }

func (f *sourceFile) test() bool { return strings.HasSuffix(f.path, "_test.go") }

// library reports whether the file is a part of what users import, and not tests, examples or what serves tests.
func (f *sourceFile) library() bool {
	return !f.test() && !f.under("examples") && !f.under("internal/dbtest") && !f.under("internal/tests")
}

// under reports whether the file lies in the folder or below it.
func (f *sourceFile) under(dir string) bool {
	return f.dir() == dir || strings.HasPrefix(f.path, dir+"/")
}

// at formats a violation.
func (f *sourceFile) at(pos token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", f.path, f.fset.Position(pos).Line, fmt.Sprintf(format, args...))
}

// lines is how many lines a node has.
func (f *sourceFile) lines(n ast.Node) int {
	return f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
}

// sources parses every file of the module.
func sources(tb testing.TB) []*sourceFile {
	tb.Helper()
	var files []*sourceFile
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains([]string{"testdata", "bench"}, d.Name()) || strings.HasPrefix(d.Name(),
			".") && name != "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		f, err := parseSource(filepath.ToSlash(name), kit.ReadFile(tb, name))
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// violations returns what the rules find in the files.
func violations(files []*sourceFile) []string {
	var found []string
	for _, f := range files {
		for _, rule := range fileRules {
			found = append(found, rule(f)...)
		}
	}
	packages := map[string][]*sourceFile{}
	for _, f := range files {
		if f.library() {
			packages[f.dir()] = append(packages[f.dir()], f)
		}
	}
	for _, p := range packages {
		for _, rule := range []func([]*sourceFile) []string{checkVariables, checkDepth, checkFace} {
			found = append(found, rule(p)...)
		}
	}
	slices.Sort(found)
	return found
}

func TestSourceKeepsTheRules(t *testing.T) {
	t.Parallel()
	files := sources(t)
	for _, needed := range []string{"builder.go", "internal/graph/graph.go", "internal/plan/build.go",
		"dialect/postgres/dialect.go"} {
		if !slices.ContainsFunc(files, func(f *sourceFile) bool { return f.path == needed }) {
			t.Errorf("%s was not looked at", needed)
		}
	}
	for _, v := range violations(files) {
		t.Error(v)
	}
}

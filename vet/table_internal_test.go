package vet

import (
	"go/types"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// load type-checks the packages as the library's module, beside this one, has them.
func load(t *testing.T, paths ...string) map[string]*types.Package {
	t.Helper()
	found, err := packages.Load(&packages.Config{Mode: packages.LoadTypes, Dir: ".."}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]*types.Package{}
	for _, p := range found {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors)
		}
		byPath[p.PkgPath] = p.Types
	}
	return byPath
}

// exported returns the exported functions of a package and the exported methods of its types.
func exported(p *types.Package) map[function]*types.Signature {
	all := map[function]*types.Signature{}
	for _, name := range p.Scope().Names() {
		switch o := p.Scope().Lookup(name).(type) {
		case *types.Func:
			if o.Exported() {
				all[function{p.Path(), "", name}] = o.Signature()
			}
		case *types.TypeName:
			named, ok := types.Unalias(o.Type()).(*types.Named)
			for i := 0; ok && o.Exported() && i < named.NumMethods(); i++ {
				if m := named.Method(i); m.Exported() {
					all[function{p.Path(), name, m.Name()}] = m.Signature()
				}
			}
		}
	}
	return all
}

// takesText says whether a function has the parameters that take SQL text: a string or anything, then arguments.
func takesText(s *types.Signature) bool {
	n := s.Params().Len()
	if !s.Variadic() || n != 2 {
		return false
	}
	first, rest := s.Params().At(0).Type(), s.Params().At(1).Type().(*types.Slice).Elem()
	empty := func(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("any").Type()) }
	return empty(rest) && (empty(first) || types.Identical(first, types.Typ[types.String]))
}

// TestTableIsThatOfTheLibrary keeps the analyser's table and the library in step, in both directions.
func TestTableIsThatOfTheLibrary(t *testing.T) {
	t.Parallel()
	existing := map[function]*types.Signature{}
	for _, p := range load(t, library, squirrel) {
		maps.Copy(existing, exported(p))
	}
	for f, place := range functions {
		s := existing[f]
		if s == nil {
			t.Errorf("%s is in the table and not in %s", f, f.pkg)
			continue
		}
		if place.param >= s.Params().Len() {
			t.Errorf("%s has no parameter %d", f, place.param)
			continue
		}
		typ := s.Params().At(place.param).Type()
		if place.rest != (s.Variadic() && place.param == s.Params().Len()-1) {
			t.Errorf("%s: the table and the function differ in whether parameter %d is the last and repeated", f, place.param)
		}
		if place.rest {
			typ = typ.(*types.Slice).Elem()
		}
		if !types.AssignableTo(types.Typ[types.String], typ) {
			t.Errorf("%s: parameter %d is a %s, which cannot hold text", f, place.param, typ)
		}
	}
	// Paths are names, which the library checks.
	names := []function{{library, "Query", "HasAll"}, {library, "", "HasAll"}}
	for f, s := range existing {
		if _, listed := functions[f]; f.pkg == library && takesText(s) && !listed && !slices.Contains(names, f) {
			t.Errorf("%s takes what text takes, and is not in the table", f)
		}
	}
}

// TestCommandIsAToolOfGoVet runs the command as go vet does.
func TestCommandIsAToolOfGoVet(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "dovetailvet")
	if out, err := exec.Command("go", "build", "-o", tool, "./cmd/dovetailvet").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command("go", "vet", "-vettool="+tool, "./testdata/vet/queries")
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	const want = "Query.Where: the SQL text is not a constant"
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("expected a failure with %q, got %v\n%s", want, err, out)
	}
}

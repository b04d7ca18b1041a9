package rules_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestSourceRulesFindViolations shows each rule a source that breaks it, and one beside it that does not.
func TestSourceRulesFindViolations(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("\n", n) }
	imported := func(name string) string { return "package p\n\nimport _ \"" + name + "\"\n" }
	for _, test := range []struct {
		name, path, source string
		want               string // of the one violation; empty: none
	}{
		{"graph may use the standard library", "internal/graph/a.go", imported("strings"), ""},
		{"graph may not use the dialect", "internal/graph/a.go", imported(module + "/dialect"), "may import"},
		{"graph may not use reflect", "internal/graph/a.go", imported("reflect"), "internal/structs"},
		{"sqltext may not use graph", "internal/sqltext/a.go", imported(module + "/internal/graph"), "may import"},
		{"dialect may not use squirrel", "dialect/a.go", imported("github.com/Masterminds/squirrel"), "may import"},
		{"dialect may not use graph", "dialect/a.go", imported(module + "/internal/graph"), "may import"},
		{"structs may use the dialect", "internal/structs/a.go", imported(module + "/dialect"), ""},
		{"structs may not use graph", "internal/structs/a.go", imported(module + "/internal/graph"), "may import"},
		{"structs may use reflect", "internal/structs/a.go", imported("reflect"), ""},
		{"structs may use unsafe in one file", "internal/structs/unsafe.go", imported("unsafe"), ""},
		{"structs may not use it in others", "internal/structs/a.go", imported("unsafe"), "only internal/structs/unsafe.go"},
		{"nor may their tests", "internal/structs/a_test.go", imported("unsafe"), "only internal/structs/unsafe.go"},
		{"nor addresses of package reflect", "internal/structs/a.go",
			"package p\n\nimport \"reflect\"\n\nvar a = reflect.NewAt(nil, nil)\n", "calls NewAt"},
		{"nor those of values", "internal/structs/a.go",
			"package p\n\nimport \"reflect\"\n\nvar a = reflect.ValueOf(1).UnsafePointer()\n", "calls UnsafePointer"},
		{"nor what another package keeps to itself", "internal/structs/a.go", "package p\n\n//go:linkname f runtime.f\nfunc f()\n",
			"keeps to itself"},
		{"the kind of addresses may be named", "internal/structs/a.go",
			"package p\n\nimport \"reflect\"\n\nvar a = string(rune(reflect.UnsafePointer))\n", ""},
		{"plan may use graph", "internal/plan/a.go", imported(module + "/internal/graph"), ""},
		{"plan may not use structs", "internal/plan/a.go", imported(module + "/internal/structs"), "may import"},
		{"plan may not use the root", "internal/plan/a.go", imported(module), "may import"},
		{"compile may use plan", "internal/compile/a.go", imported(module + "/internal/plan"), ""},
		{"compile may not use structs", "internal/compile/a.go", imported(module + "/internal/structs"), "may import"},
		{"builder may use squirrel", "builder.go", imported("github.com/Masterminds/squirrel"), ""},
		{"compile.go may not use squirrel", "compile.go", imported("github.com/Masterminds/squirrel"), "may import"},
		{"collect may use scany", "internal/load/collect.go", imported("github.com/georgysavva/scany/v2/dbscan"), ""},
		{"scan.go may not use scany", "scan.go", imported("github.com/georgysavva/scany/v2/dbscan"), "may import"},
		{"query may use squirrel", "internal/query/a.go", imported("github.com/Masterminds/squirrel"), ""},
		{"load may not use squirrel", "internal/load/a.go", imported("github.com/Masterminds/squirrel"), "may import"},
		{"the root may use write", "write.go", imported(module + "/internal/write"), ""},
		{"write may use load", "internal/write/a.go", imported(module + "/internal/load"), ""},
		{"load may not use write", "internal/load/a.go", imported(module + "/internal/write"), "may import"},
		{"load may not use the root", "internal/load/a.go", imported(module), "may import"},
		{"query may not use load", "internal/query/a.go", imported(module + "/internal/load"), "may import"},
		{"model may not use query", "internal/model/a.go", imported(module + "/internal/query"), "may import"},
		{"fault may not use model", "fault/a.go", imported(module + "/internal/model"), "may import"},
		{"plan may not use fault", "internal/plan/a.go", imported(module + "/fault"), "may import"},
		{"graph may not use plan", "internal/graph/a.go", imported(module + "/internal/plan"), "may import"},
		{"the root may not use the tests' packages", "exec.go", imported(module + "/internal/tests/kit"), "only tests may"},
		{"a deep package", "internal/a/a.go", "package a\n\n// F is f.\nfunc F() {}\n" + lines(30), ""},
		{"a shallow package", "internal/a/a.go", "package a\n\n// F is f.\nfunc F() {}\n", "fewer than 30"},
		{"exec may not use scany", "exec.go", imported("github.com/georgysavva/scany/v2/dbscan"), "may import"},
		{"the root may not use pgx", "exec.go", imported("github.com/jackc/pgx/v5"), "may import"},
		{"the root may not use a driver", "exec.go", imported("modernc.org/sqlite"), "may import"},
		{"the root may not use its own dialects", "exec.go", imported(module + "/dialect/postgres"), "may import"},
		{"the root may not use reflect", "exec.go", imported("reflect"), "internal/structs"},
		{"the root may not use unsafe", "exec.go", imported("unsafe"), "internal/structs/unsafe.go"},
		{"postgres may use pgxpool", "dialect/postgres/a.go", imported("github.com/jackc/pgx/v5/pgxpool"), ""},
		{"sqlite may not use pgx", "dialect/sqlite/a.go", imported("github.com/jackc/pgx/v5"), "may import"},
		{"sqlite may not use a driver", "dialect/sqlite/a.go", imported("modernc.org/sqlite"), "may import"},
		{"sqlite may use reflect", "dialect/sqlite/a.go", imported("reflect"), ""},
		{"postgres may not use reflect", "dialect/postgres/a.go", imported("reflect"), "internal/structs"},
		{"dialect may not use reflect", "dialect/a.go", imported("reflect"), "internal/structs"},
		{"dovetailtest may use the root", "dovetailtest/a.go", imported(module), ""},
		{"the root may not use dovetailtest", "exec.go", imported(module + "/dovetailtest"), "may import"},
		{"otelhook may use OpenTelemetry", "hooks/otelhook/a.go", imported("go.opentelemetry.io/otel/trace"), ""},
		{"sloghook may not use OpenTelemetry", "hooks/sloghook/a.go", imported("go.opentelemetry.io/otel/trace"), "may import"},
		{"vet may use the tools", "vet/a.go", imported("golang.org/x/tools/go/analysis"), ""},
		{"vet may not use the root", "vet/a.go", imported(module), "may import"},
		{"the root may not use the tools", "exec.go", imported("golang.org/x/tools/go/analysis"), "may import"},
		{"the root may not use its hooks", "exec.go", imported(module + "/hooks/sloghook"), "may import"},
		{"a folder that is not listed may use nothing", "internal/other/a.go", imported("github.com/jackc/pgx/v5"),
			"may import"},
		{"tests may use pgx", "exec_test.go", imported("github.com/jackc/pgx/v5"), ""},
		{"examples may use drivers", "examples/a/main.go", imported("modernc.org/sqlite"), ""},
		{"dbtest may use dockertest", "internal/dbtest/a.go", imported("github.com/ory/dockertest/v3"), ""},
		{"tests may not use dockertest", "exec_test.go", imported("github.com/ory/dockertest/v3"), "only internal/dbtest"},
		{"tests may use dbtest", "exec_test.go", imported(module + "/internal/dbtest"), ""},
		{"serve may use dbtest", "internal/dbtest/serve/main.go", imported(module + "/internal/dbtest"), ""},
		{"examples may not use dbtest", "examples/a/main.go", imported(module + "/internal/dbtest"), "only tests"},
		{"relations may name types", "relations.go",
			"package p\n\nimport \"reflect\"\n\nvar t = reflect.TypeFor[int]()\n", ""},
		{"relations may not look into values", "relations.go",
			"package p\n\nimport \"reflect\"\n\nvar v = reflect.ValueOf(1)\n", "reflect.ValueOf"},

		{"no panic", "a.go", "package p\n\nfunc f() { panic(1) }\n", "panics"},
		{"no panic in dbtest either", "internal/dbtest/a.go", "package p\n\nfunc f() { panic(1) }\n", "panics"},
		{"tests may panic", "a_test.go", "package p\n\nfunc f() { panic(1) }\n", ""},
		{"no init", "a.go", "package p\n\nfunc init() {}\n", "init"},
		{"a method may be called init", "a.go", "package p\n\ntype t int\n\nfunc (t) init() {}\n", ""},
		{"no goroutine", "a.go", "package p\n\nfunc f() { go f() }\n", "goroutine"},
		{"dbtest may start goroutines", "internal/dbtest/a.go", "package p\n\nfunc f() { go f() }\n", ""},
		{"nothing left undone", "a.go", "package p\n\n// TO" + "DO: all of it.\n", "to be done"},

		{"a file of 500 lines", "a.go", "package p\n" + lines(499), ""},
		{"a file of 501 lines", "a.go", "package p\n" + lines(500), "501 lines"},
		{"a test file of 501 lines", "a_test.go", "package p\n" + lines(500), ""},
		{"a function of 60 lines", "a.go", "package p\n\nfunc f() {" + lines(59) + "}\n", ""},
		{"a function of 61 lines", "a.go", "package p\n\nfunc f() {" + lines(60) + "}\n", "61 lines"},
		{"a literal of 61 lines", "a.go", "package p\n\nvar f = func() {" + lines(60) + "}\n", "61 lines"},
		{"five parameters", "a.go", "package p\n\nfunc f(a, b, c, d, e int) {}\n", ""},
		{"six parameters", "a.go", "package p\n\nfunc f(a, b, c int, d, e, g string) {}\n", "6 parameters"},

		{"a function without a comment", "a.go", "package p\n\nfunc F() {}\n", "comment of F"},
		{"a comment that starts elsewhere", "a.go", "package p\n\n// The function F.\nfunc F() {}\n", "comment of F"},
		{"a comment that says nothing", "a.go", "package p\n\n// F\nfunc F() {}\n", "comment of F"},
		{"a method without a comment", "a.go",
			"package p\n\n// T is one.\ntype T[A any] int\n\nfunc (*T[A]) M() {}\n", "comment of M"},
		{"a method of an unexported type", "a.go", "package p\n\ntype t int\n\nfunc (t) M() {}\n", ""},
		{"an error's text", "a.go", "package p\n\n// T is one.\ntype T int\n\nfunc (T) Error() string { return \"\" }\n", ""},
		{"a program", "examples/a/main.go", "package main\n\nfunc F() {}\n", ""},
		{"a type without a comment", "a.go", "package p\n\ntype T int\n", "T has no comment"},
		{"a group of types that names them", "a.go",
			"package p\n\n// A is one, B the other.\ntype (\n\tA int\n\tB int\n)\n", ""},
		{"a group of types that forgets one", "a.go", "package p\n\n// A is one.\ntype (\n\tA int\n\tB int\n)\n",
			"B has no comment"},
		{"a constant without a comment", "a.go", "package p\n\nconst C = 1\n", "C has no comment"},
		{"a group of constants", "a.go", "package p\n\n// The numbers.\nconst (\n\tA = 1\n\tB = 2\n)\n", ""},
		{"a bare group of constants", "a.go", "package p\n\nconst (\n\tA = 1 // the first\n\tB = 2\n)\n",
			"B has no comment"},

		{"graph may switch on kinds", "internal/graph/a.go",
			"package graph\n\nfunc f(k Kind) bool { return k == HasMany }\n", ""},
		{"plan may not", "internal/plan/a.go",
			"package p\n\nimport \"" + module + "/internal/graph\"\n\nvar a = graph.HasMany\n", "graph.HasMany"},
		{"relations may hand kinds over", "relations.go",
			"package p\n\nimport \"" + module + "/internal/graph\"\n\nvar a = f(graph.HasMany)\n\nfunc f(k graph.Kind) graph.Kind { return k }\n", ""},
		{"relations may not switch on them", "relations.go",
			"package p\n\nimport \"" + module + "/internal/graph\"\n\nvar a = f() == graph.HasMany\n", "graph.HasMany"},
		{"nobody else may hand them over", "eager.go",
			"package p\n\nimport \"" + module + "/internal/graph\"\n\nvar a = f(graph.HasOne)\n", "graph.HasOne"},

		{"a variable that never changes", "a.go",
			"package p\n\nvar v = 1\n\nfunc f() int { v := v; v = 2; return v }\n", ""},
		{"a variable that is assigned", "a.go", "package p\n\nvar v = 1\n\nfunc f() { v = 2 }\n",
			"changes the package-level variable v"},
		{"a variable that is counted", "a.go", "package p\n\nvar v = 1\n\nfunc f() { v++ }\n",
			"changes the package-level variable v"},
		{"a map that is written to", "a.go", "package p\n\nvar v = map[int]int{}\n\nfunc f() { v[1] = 2 }\n",
			"changes the package-level variable v"},
		{"a field that is written to", "a.go", "package p\n\nvar v struct{ n int }\n\nfunc f() { v.n += 2 }\n",
			"changes the package-level variable v"},
		{"a lock", "a.go", "package p\n\nimport \"sync\"\n\nvar mu sync.Mutex\n", "state of the package"},
		{"a channel", "a.go", "package p\n\nvar c = make(chan int)\n", "state of the package"},
		{"the cache of structs", "internal/structs/a.go", "package p\n\nimport \"sync\"\n\nvar cache sync.Map\n", ""},
		{"a cache elsewhere", "internal/plan/a.go", "package p\n\nimport \"sync\"\n\nvar cache sync.Map\n",
			"state of the package"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, err := parseSource(test.path, test.source)
			if err != nil {
				t.Fatal(err)
			}
			found := violations([]*sourceFile{f})
			switch {
			case test.want == "" && len(found) > 0:
				t.Errorf("expected no violation, got %q", found)
			case test.want != "" && (len(found) != 1 || !strings.Contains(found[0], test.want)):
				t.Errorf("expected one violation with %q, got %q", test.want, found)
			case test.want != "" && !strings.HasPrefix(found[0], test.path+":"):
				t.Errorf("expected the place first, got %q", found[0])
			}
		})
	}
}

// TestRootIsAFace shows the rule about the root's size to fail.
func TestRootIsAFace(t *testing.T) {
	t.Parallel()
	face := func(last int) []string {
		var files []*sourceFile
		for i, n := range []int{500, 500, last} {
			code := "package p" + strings.Repeat("\nvar _ = 1\n// x\n", n-1)
			f, err := parseSource(fmt.Sprintf("%c.go", 'a'+i), code)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		return checkFace(files)
	}
	if found := face(400); len(found) > 0 {
		t.Errorf("1400 lines: expected no violation, got %q", found)
	}
	if found := face(401); len(found) != 1 || !strings.Contains(found[0], "1401 lines of code") {
		t.Errorf("1401 lines: expected a violation, got %q", found)
	}
}

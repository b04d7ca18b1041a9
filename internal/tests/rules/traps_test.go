package rules_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// A trap is an input on which libraries of this kind break. testdata/traps.tsv lists all of them; each has a test of
// its name, TestTrap_A1_…, or waits for the part of the library it needs. The packages in internal/tests/traps are by section.

// trap is a line of testdata/traps.tsv.
type trap struct {
	id      string // "A1"
	pending string // the subject of the issue that brings its test; empty: it has one
}

const trapTotal = 233

// trapPending are the subjects that a trap may wait for.
var trapPending = []string{
	"The whole query language", "Writing along the relationships", "MySQL", "Performance",
}

var trapID = regexp.MustCompile(`^[A-P][1-9][0-9]?$`)

// parseTraps reads the list and says what is wrong with its lines.
func parseTraps(text string) (traps []trap, problems []string) {
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		fail := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf("line %d: %s", i+1, fmt.Sprintf(format, args...)))
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || fields[2] == "" {
			fail("expected id, state and situation, got %q", line)
			continue
		}
		entry := trap{id: fields[0]}
		pending, waits := strings.CutPrefix(fields[1], "pending: ")
		switch {
		case !trapID.MatchString(entry.id):
			fail("%q is no id", entry.id)
		case seen[entry.id]:
			fail("%s is listed twice", entry.id)
		case waits && !slices.Contains(trapPending, pending):
			fail("%s waits for an unknown issue %q", entry.id, pending)
		case !waits && fields[1] != "test":
			fail("%s is neither \"test\" nor \"pending: <issue>\"", entry.id)
		}
		if waits {
			entry.pending = pending
		}
		seen[entry.id] = true
		traps = append(traps, entry)
	}
	return traps, problems
}

var trapName = regexp.MustCompile(`^TestTrap_([A-Z]+[0-9]+)_[A-Z]\w*$`)

// trapFuncs returns the names of the trap tests in a Go file by their ids, and those whose form is not that of one.
func trapFuncs(file *ast.File) (names map[string][]string, problems []string) {
	names = map[string][]string{}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "TestTrap_") {
			continue
		}
		m := trapName.FindStringSubmatch(f.Name.Name)
		if m == nil {
			problems = append(problems, fmt.Sprintf("%s: expected TestTrap_<id>_<Behaviour>", f.Name.Name))
			continue
		}
		names[m[1]] = append(names[m[1]], f.Name.Name)
	}
	return names, problems
}

// compareTraps says where the list and the tests disagree.
func compareTraps(traps []trap, funcs map[string][]string) (problems []string) {
	listed := map[string]bool{}
	for _, entry := range traps {
		listed[entry.id] = true
		tests := funcs[entry.id]
		switch {
		case entry.pending != "" && len(tests) > 0:
			problems = append(problems, fmt.Sprintf("%s waits for %q but has the test %s", entry.id, entry.pending, tests[0]))
		case entry.pending == "" && len(tests) == 0:
			problems = append(problems, fmt.Sprintf("%s has no test TestTrap_%s_…", entry.id, entry.id))
		}
	}
	for id, tests := range funcs {
		if !listed[id] {
			problems = append(problems, fmt.Sprintf("%s is not listed, but has the test %s", id, tests[0]))
		}
	}
	slices.Sort(problems)
	return problems
}

func TestEveryTrapHasATest(t *testing.T) {
	t.Parallel()
	traps, problems := parseTraps(kit.ReadFile(t, "testdata/traps.tsv"))
	if len(traps) != trapTotal {
		problems = append(problems, fmt.Sprintf("expected %d traps, got %d", trapTotal, len(traps)))
	}
	var files []string
	for _, pattern := range []string{"internal/tests/*/*_test.go", "internal/tests/traps/*/*_test.go", "vet/*_test.go"} { // vet is a module of its own
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	funcs := map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		found, wrong := trapFuncs(file)
		for id, tests := range found {
			funcs[id] = append(funcs[id], tests...)
		}
		problems = append(problems, wrong...)
	}
	for _, p := range append(problems, compareTraps(traps, funcs)...) {
		t.Error(p)
	}
}

// TestTrapListIsCheckedForMistakes shows that each rule of TestEveryTrapHasATest can fail.
func TestTrapListIsCheckedForMistakes(t *testing.T) {
	t.Parallel()
	const clean = "A1\ttest\tone\nA2\tpending: MySQL\ttwo\n"
	const cleanSource = "func TestTrap_A1_Works(t int) {}"
	cases := []struct{ name, list, source, want string }{
		{"clean", clean, cleanSource, ""},
		{"no test", clean, "", "A1 has no test TestTrap_A1_…"},
		{"another test's name", clean, "func TestTrap_A11_Works() {}", "A1 has no test TestTrap_A1_…"},
		{"pending with a test", clean, cleanSource + "\nfunc TestTrap_A2_Works() {}", `A2 waits for "MySQL"`},
		{"not listed", clean, cleanSource + "\nfunc TestTrap_B9_Works() {}", "B9 is not listed"},
		{"two tests", clean, cleanSource + "\nfunc TestTrap_A1_WorksTwice() {}", ""},
		{"no behaviour", clean, cleanSource + "\nfunc TestTrap_A1() {}", "TestTrap_A1: expected TestTrap_<id>_<Behaviour>"},
		{"a method is no test", clean, "type x int\nfunc (x) TestTrap_A1_Works() {}", "A1 has no test"},
		{"listed twice", clean + "A1\ttest\tone\n", cleanSource, "line 3: A1 is listed twice"},
		{"no situation", clean + "A3\ttest\t\n", cleanSource, "line 3: expected id, state and situation"},
		{"unknown state", clean + "A3\tlater\tthree\n", cleanSource, "line 3: A3 is neither"},
		{"unknown issue", clean + "A3\tpending: Sometime\tthree\n", cleanSource, `unknown issue "Sometime"`},
		{"no id", clean + "Z3\tpending: MySQL\tthree\n", cleanSource, `line 3: "Z3" is no id`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+c.source, 0)
			if err != nil {
				t.Fatal(err)
			}
			traps, problems := parseTraps(c.list)
			funcs, wrong := trapFuncs(file)
			problems = append(append(problems, wrong...), compareTraps(traps, funcs)...)
			if got := strings.Join(problems, "\n"); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("expected %q, got %q", c.want, got)
			}
		})
	}
}

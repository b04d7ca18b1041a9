package rules_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// docs/peers.md lists the scenarios of other libraries' tests. Each row names a test of ours or says why there is none.

// peerTotal is how many scenarios the page must have at least.
const peerTotal = 120

var peerTest = regexp.MustCompile("`(Test\\w+)(?:/([^`]*))?`")

// testNames are the functions of the tests in internal/tests, and the texts in the files, among which the names of cases are.
type testNames struct{ funcs, texts map[string]bool }

func parseTestNames(tb testing.TB) testNames {
	tb.Helper()
	var files []string
	for _, pattern := range []string{"internal/tests/*/*.go", "internal/tests/*/*/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			tb.Fatal(err)
		}
		files = append(files, found...)
	}
	names := testNames{map[string]bool{}, map[string]bool{}}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			tb.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names.funcs[n.Name.Name] = names.funcs[n.Name.Name] || n.Recv == nil
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
					names.texts[text] = true
				}
			}
			return true
		})
	}
	return names
}

// checkPeers counts the rows of the page and says what is wrong with them.
func checkPeers(page string, names testNames) (rows int, problems []string) {
	seen := map[string]bool{}
	var section string
	for i, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, "#") {
			section = line
		}
		if kit.Undone.MatchString(line) {
			problems = append(problems, fmt.Sprintf("line %d: name a test, or say why there is none: %s", i+1, line))
		}
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| Their test ") {
			continue
		}
		rows++
		fail := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf("line %d: %s", i+1, fmt.Sprintf(format, args...)))
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 3 {
			fail("expected three cells, got %d", len(cells))
			continue
		}
		if key := section + cells[0]; seen[key] {
			fail("%q is listed twice", cells[0])
		} else {
			seen[key] = true
		}
		tests := peerTest.FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 && !strings.HasPrefix(cells[2], "not here: ") {
			fail("expected a test or \"not here: …\", got %q", cells[2])
		}
		for _, m := range tests {
			if !names.funcs[m[1]] {
				fail("there is no test %s", m[1])
			}
			if m[2] != "" && !names.texts[m[2]] {
				fail("%s has no case %q", m[1], m[2])
			}
		}
	}
	return rows, problems
}

func TestPeersPageIsTrue(t *testing.T) {
	t.Parallel()
	rows, problems := checkPeers(kit.ReadFile(t, "docs/peers.md"), parseTestNames(t))
	if rows < peerTotal {
		t.Errorf("expected at least %d scenarios, got %d", peerTotal, rows)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

// TestPeersPageIsCheckedForMistakes shows that each rule of TestPeersPageIsTrue can fail.
func TestPeersPageIsCheckedForMistakes(t *testing.T) {
	t.Parallel()
	names := testNames{map[string]bool{"TestOne": true}, map[string]bool{"a case": true}}
	for line, want := range map[string]string{
		"| a | b | `TestOne` |":                        "",
		"| a | b | `TestOne/a case`: refused |":        "",
		"| a | b | not here: no writes |":              "",
		"| a | b | `TestTwo` |":                        "there is no test TestTwo",
		"| a | b | `TestOne`, `TestTwo` |":             "there is no test TestTwo",
		"| a | b | `TestOne/another case` |":           `TestOne has no case "another case"`,
		"| a | b | soon |":                             "expected a test",
		"| a | b | TODO(Fetch) |":                      "expected a test",
		"| a | b | `TestOne`, TODO |":                  "name a test",
		"TODO":                                         "name a test",
		"| a | b |":                                    "expected three cells, got 2",
		"| a | b | `TestOne` |\n| a | c | `TestOne` |": `"a" is listed twice`,
	} {
		_, problems := checkPeers(line, names)
		if got := strings.Join(problems, "\n"); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: expected %q, got %q", line, want, got)
		}
	}
}

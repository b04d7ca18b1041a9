package dovetail_test

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// pages are the pages for users, and how many blocks of each language they have. Every block is checked: Go is that of a test or
// an example, SQL is what would be sent, text is what is returned, and commands (sh) name what is there.
var pages = map[string]map[string]int{
	"README.md":           {"go": 9, "sql": 2, "text": 1, "sh": 1},
	"docs/declaring.md":   {"go": 10 + len(declared()), "sql": len(declared()), "text": 1},
	"docs/performance.md": {"sh": 10},
	"docs/queries.md":     {"go": 6 + len(questions()), "sql": len(questions())},
	"docs/reliability.md": {"sh": 6},
	"docs/statements.md":  {"go": 2, "text": 1, "sh": 1},
	"docs/writes.md":      {"go": 14},
}

// shown are the queries whose SQL the pages have, in the order of the blocks. That of README.md is another test's, which runs it.
var shown = map[string][]everydayQuery{"docs/queries.md": questions(), "docs/declaring.md": declared()}

// A block of a page is its code in a language.
type block struct{ language, code string }

// blocksOf returns the blocks of a page, and fails where there is code that is in none.
func blocksOf(tb testing.TB, page string) []block {
	tb.Helper()
	var blocks []block
	open := false
	for i, line := range strings.Split(kit.ReadFile(tb, page), "\n") {
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !open:
			blocks = append(blocks, block{language: language})
			open = true
		case fence && language == "":
			open = false
		case strings.Contains(line, "```"), !open && strings.HasPrefix(line, "~~~"):
			tb.Errorf("%s:%d: begin and end a block on a line of its own: %s", page, i+1, line)
		case open:
			blocks[len(blocks)-1].code += line + "\n"
		case strings.HasPrefix(line, "\t"), strings.HasPrefix(line, "    "), strings.HasPrefix(line, "<pre"):
			tb.Errorf("%s:%d: code is in a block that says its language: %s", page, i+1, line)
		}
	}
	if open {
		tb.Fatalf("the last block of %s does not end", page)
	}
	return blocks
}

// fences returns the blocks of a page in the language.
func fences(tb testing.TB, page, language string) []string {
	tb.Helper()
	var codes []string
	for _, b := range blocksOf(tb, page) {
		if b.language == language {
			codes = append(codes, strings.TrimSuffix(b.code, "\n"))
		}
	}
	return codes
}

// normal returns text with single spaces, and none inside parentheses.
func normal(text string) string {
	return strings.NewReplacer("( ", "(", " )", ")").Replace(strings.Join(strings.Fields(text), " "))
}

// compiled returns the code of every Go file that is compiled and run by tests: tests themselves, and the examples.
func compiled(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	tests, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"examples", "internal/tests"} {
		err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".go") {
				tests = append(tests, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range tests {
		b.WriteString(goTokens(kit.ReadFile(t, file)))
	}
	return b.String()
}

// modelPackages qualify, in tests, the names that a page's reader has in the package at hand.
var modelPackages = strings.NewReplacer("models . ", "", "written . ", "", "removed . ", "", "keyed . ", "")

// goTokens returns Go code without its layout, its comments and the names of the tests' packages of models.
func goTokens(code string) string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), []byte(code), nil, 0)
	var b strings.Builder
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return modelPackages.Replace(b.String())
		case tok == token.SEMICOLON:
		case text != "":
			b.WriteString(text + " ")
		default:
			b.WriteString(tok.String() + " ")
		}
	}
}

// TestPagesHaveOnlyBlocksThatAreChecked finds a page that no test knows of, and a block that none expects.
func TestPagesHaveOnlyBlocksThatAreChecked(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	known := append(slices.Sorted(maps.Keys(pages)), "docs/peers.md") // which has a test of its own
	for _, file := range files {
		if !slices.Contains(known, file) {
			t.Errorf("no test looks at %s", file)
		}
	}
	for page, want := range pages {
		got := map[string]int{}
		for _, b := range blocksOf(t, page) {
			got[b.language]++
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: expected blocks of %v, got %v", page, want, got)
		}
	}
	if peers := blocksOf(t, "docs/peers.md"); len(peers) > 0 {
		t.Errorf("expected no block in docs/peers.md, got %d", len(peers))
	}
}

func TestPagesShowOnlyCodeThatIsCompiled(t *testing.T) {
	t.Parallel()
	all := compiled(t)
	for page := range pages {
		for _, code := range fences(t, page, "go") {
			if !strings.Contains(all, goTokens(code)) {
				t.Errorf("this code of %s is in no test and no example:\n%s", page, code)
			}
		}
	}
}

// TestPagesShowTheStatementsThatAreSent compares blocks of SQL with what would be sent, statement by statement, and wants each
// right below the code that it is of. That this is compiled is another test's.
func TestPagesShowTheStatementsThatAreSent(t *testing.T) {
	t.Parallel()
	for page, queries := range shown {
		sql := 0
		var before block
		for _, b := range blocksOf(t, page) {
			if b.language == "sql" && sql < len(queries) {
				want := strings.Join(statementsOf(t, queries[sql]), "; ")
				if normal(b.code) != normal(want) {
					t.Errorf("block %d: %s shows\n%s\nsent is\n%s", sql+1, page, normal(b.code), normal(want))
				}
				sql++
				if pair := "```go\n" + before.code + "```\n\n```sql\n" + b.code; before.language != "go" ||
					!strings.Contains(kit.ReadFile(t, page), pair) {
					t.Errorf("%s: there is no code right above\n%s", page, b.code)
				}
			}
			before = b
		}
		if sql != len(queries) {
			t.Errorf("%s: expected %d blocks of SQL, got %d", page, len(queries), sql)
		}
	}
	for page, languages := range pages {
		if languages["sql"] > 0 && page != "README.md" && shown[page] == nil {
			t.Errorf("no test looks at the SQL of %s", page)
		}
	}
}

// commands are those that a page names, in blocks and between words.
var (
	goCommand   = regexp.MustCompile("(?m)(?:^|`)go (?:get|run) ([^\\s`@]+)")
	makeCommand = regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)")
)

func TestPagesShowOnlyCommandsThatWork(t *testing.T) {
	t.Parallel()
	makefile := kit.ReadFile(t, "Makefile")
	found := 0
	for page := range pages {
		text := kit.ReadFile(t, page)
		for _, line := range strings.Split(strings.Join(fences(t, page, "sh"), "\n"), "\n") {
			if line != "" && !goCommand.MatchString(line) && !makeCommand.MatchString(line) {
				t.Errorf("%s: no test knows the command %s", page, line)
			}
		}
		for _, m := range goCommand.FindAllStringSubmatch(text, -1) {
			found++
			dir := path.Join(".", strings.TrimPrefix(m[1], "github.com/dovetail-go/dovetail"))
			if files, err := filepath.Glob(strings.TrimPrefix(dir+"/*.go", "/")); err != nil || len(files) == 0 {
				t.Errorf("%s: there is no package %s, %v", page, m[1], err)
			}
		}
		for _, m := range makeCommand.FindAllStringSubmatch(text, -1) {
			found++
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: the Makefile has no target %s", page, m[1])
			}
		}
	}
	if found != 33 {
		t.Errorf("expected 33 commands, got %d", found)
	}
}

var pageLink = regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)

func TestPagesLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	linked := map[string]bool{}
	for page := range pages {
		for _, m := range pageLink.FindAllStringSubmatch(kit.ReadFile(t, page), -1) {
			file := path.Join(path.Dir(page), m[1])
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
				continue
			}
			heading := regexp.MustCompile(`(?mi)^#+ ` + strings.ReplaceAll(regexp.QuoteMeta(m[2]), "-", `[ ,:]+`) + `$`)
			if m[2] != "" && !heading.MatchString(kit.ReadFile(t, file)) {
				t.Errorf("%s links to %s, which has no such heading", page, m[0])
			}
			linked[file] = linked[file] || page == "README.md"
		}
	}
	for page := range pages {
		if page != "README.md" && !linked[page] {
			t.Errorf("README.md does not link to %s", page)
		}
	}
}

// doc.go shows code and SQL in indented blocks. They are those of README.md, or are compiled too.
func TestPackageDocShowsOnlyCodeThatIsCompiled(t *testing.T) {
	t.Parallel()
	all, readme := compiled(t), normal(kit.ReadFile(t, "README.md"))
	var block []string
	blocks := 0
	before, rest, _ := strings.Cut(kit.ReadFile(t, "doc.go"), "// # Words\n")
	_, after, ok := strings.Cut(rest, "// # ")
	if !ok {
		t.Fatal("doc.go has no glossary followed by another section")
	}
	for _, line := range strings.Split(before+after, "\n") {
		code, ok := strings.CutPrefix(line, "//\t")
		if ok {
			block = append(block, code)
			continue
		}
		if len(block) > 0 {
			blocks++
			text := strings.Join(block, "\n")
			if !strings.Contains(all, goTokens(text)) && !strings.Contains(readme, normal(text)) {
				t.Errorf("this code of doc.go is in no test, no example and not in README.md:\n%s", text)
			}
		}
		block = nil
	}
	if blocks != 5 { // the declarations, with an empty line in them; the query; its SQL; a condition with names
		t.Errorf("expected 5 blocks, got %d", blocks)
	}
}

// Every exported function and method of the package has an example that is run.
func TestEveryFunctionHasAnExample(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var wanted []string
	found := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			f, ok := decl.(*ast.FuncDecl)
			switch {
			case !ok:
			case strings.HasSuffix(file, "_test.go"):
				found[f.Name.Name] = f.Recv == nil
			case ast.IsExported(f.Name.Name):
				wanted = append(wanted, exampleOf(f))
			}
		}
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(wanted))) {
		if name != "" && !found[name] {
			t.Errorf("there is no %s", name)
		}
	}
	if len(wanted) < 40 {
		t.Errorf("expected at least 40 functions and methods, got %d", len(wanted))
	}
}

// exampleOf returns the name of the function's example; "" if it needs none.
func exampleOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return "Example" + f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.IndexListExpr:
			receiver = r.X
		case *ast.Ident:
			switch {
			case !ast.IsExported(r.Name):
				return ""
			case f.Name.Name == "Error" || f.Name.Name == "Unwrap" || r.Name == "NotEqOrNull":
				return "Example" + r.Name // of the type as a whole
			}
			return "Example" + r.Name + "_" + f.Name.Name
		default:
			return ""
		}
	}
}

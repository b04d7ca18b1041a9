package dovetail_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// fences returns the blocks of README.md in the language.
func fences(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	for _, part := range strings.Split(kit.ReadFile(t, "README.md"), "\n```"+language+"\n")[1:] {
		block, _, ok := strings.Cut(part, "\n```\n")
		if !ok {
			t.Fatalf("a block of %s in README.md does not end", language)
		}
		blocks = append(blocks, block)
	}
	return blocks
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

func TestReadmeShowsOnlyCodeThatIsCompiled(t *testing.T) {
	t.Parallel()
	all := compiled(t)
	blocks := fences(t, "go")
	if want := 22 + len(everyday()); len(blocks) != want {
		t.Errorf("expected %d pieces of code, got %d", want, len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(all, goTokens(block)) {
			t.Errorf("this code of README.md is in no test and no example:\n%s", block)
		}
	}
}

func TestReadmeShowsTheErrorThatIsReturned(t *testing.T) {
	t.Parallel()
	_, _, err := dovetail.Select(models.Accounts).Preload("activites").SQL(postgres.Dialect)
	if err == nil || !slices.Contains(fences(t, "text"), err.Error()) {
		t.Errorf("README.md shows %q, the error is %v", fences(t, "text"), err)
	}
}

func TestReadmeStaysShort(t *testing.T) {
	t.Parallel()
	text := kit.ReadFile(t, "README.md")
	before, rest, _ := strings.Cut(text, "\n## Everyday questions\n") // a reference, not for reading through
	_, after, _ := strings.Cut(rest, "\n## ")
	if n := strings.Count(before+after, "\n"); n >= 150 {
		t.Errorf("expected fewer than 150 lines beside the everyday questions, got %d", n)
	}
}

func TestReadmeExampleIsTwoStatements(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.Record()

		accounts, err := dovetail.Select(models.Accounts).
			Join("activities").
			Where(sq.Eq{"activities.activity_type": models.Deposit}). // sq is github.com/Masterminds/squirrel
			Where("activities.amount >= ?", 750).
			Distinct().
			Preload("activities", dovetail.Select(models.Activities).OrderBy("created_at DESC").Limit(5)). // 5 per account
			All(ctx, db)                                                                                   // []*Account

		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{} // by owner: the order is the database's choice
		for _, a := range accounts {
			for _, act := range a.Activities {
				got[a.Owner] += fmt.Sprintf("%s %d;", act.ActivityType, act.Amount)
			}
		}
		want := map[string]string{"SpongeBob": "WD 500;DEP 900;DEP 800;", "Squidward": "WD 800;DEP 750;"}
		if !maps.Equal(got, want) || len(accounts) != len(want) {
			t.Errorf("expected %v, got %d accounts: %v", want, len(accounts), got)
		}
		if d.Postgres() {
			var sent []string
			for _, s := range db.Stmts {
				sent = append(sent, normal(s.SQL))
			}
			var shown []string
			for _, block := range fences(t, "sql")[:2] { // the others are of queries that are not run here
				shown = append(shown, normal(block))
			}
			if !slices.Equal(sent, shown) {
				t.Errorf("README.md shows\n%s\nsent was\n%s", strings.Join(shown, "\n"), strings.Join(sent, "\n"))
			}
		}
		db.Expect(t, 2, 2)
	})
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
	if blocks != 4 { // the declarations, with an empty line in them; the query; its SQL
		t.Errorf("expected 4 blocks, got %d", blocks)
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

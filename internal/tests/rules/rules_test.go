package rules_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

const module = "github.com/dovetail-go/dovetail"

// fileRules are those that look at one file at a time. Each returns a line for every violation.
var fileRules = []func(*sourceFile) []string{
	checkImports, checkReflect, checkMemory, checkStatements, checkSizes, checkComments, checkKinds,
}

// mayImport lists, for the folders of the library, what their files may import beside the standard library. Folders that
// are not listed may import nothing else. References go down only: root, write, load, query, model, fault, plan, graph; the
// dialect and structs lie below all of them.
var mayImport = map[string][]string{
	".": inModule("dialect", "fault", "internal/graph", "internal/plan", "internal/compile", "internal/ddl", "internal/structs",
		"internal/model", "internal/query", "internal/load", "internal/write"),
	"fault":            inModule("dialect", "internal/graph", "internal/plan"),
	"internal/graph":   {},
	"internal/levels":  {},
	"internal/sqltext": {},
	"internal/ddl":     inModule("dialect", "internal/graph"),
	"internal/structs": inModule("dialect"),
	"internal/plan":    inModule("dialect", "internal/graph", "internal/sqltext"),
	"internal/compile": inModule("dialect", "internal/graph", "internal/sqltext", "internal/plan"),
	"internal/model":   inModule("dialect", "fault", "internal/graph", "internal/plan", "internal/structs"),
	"internal/query": append(inModule("dialect", "fault", "internal/graph", "internal/plan", "internal/sqltext", "internal/structs",
		"internal/model"), "github.com/Masterminds/squirrel"),
	"internal/load": inModule("dialect", "fault", "internal/graph", "internal/plan", "internal/compile", "internal/structs",
		"internal/model", "internal/query"),
	"internal/write": inModule("dialect", "fault", "internal/graph", "internal/plan", "internal/compile", "internal/levels",
		"internal/structs", "internal/model", "internal/query", "internal/load"),
	"dialect":             {},
	"dialect/postgres":    append(inModule("dialect", "internal/structs"), "github.com/jackc/pgx/v5"),
	"dialect/sqlite":      inModule("dialect"),
	"dovetailtest":        {module, module + "/dialect"},
	"hooks/sloghook":      {module, module + "/dialect"},
	"hooks/otelhook":      {module, module + "/dialect", "go.opentelemetry.io/otel"}, // a module of its own
	"vet":                 {"golang.org/x/tools"},                                    // a module of its own
	"vet/cmd/dovetailvet": {"golang.org/x/tools", module + "/vet"},
}

// inModule returns the import paths of folders.
func inModule(dirs ...string) []string {
	paths := make([]string, len(dirs))
	for i, dir := range dirs {
		paths[i] = module + "/" + dir
	}
	return paths
}

// mayImportHere lists what single files may import beside what their folder may.
var mayImportHere = map[string]string{
	"builder.go":                 "github.com/Masterminds/squirrel",
	"conditions.go":              "github.com/Masterminds/squirrel",
	"internal/model/registry.go": "github.com/georgysavva/scany/v2",
	"internal/model/build.go":    "github.com/georgysavva/scany/v2",
	"internal/load/collect.go":   "github.com/georgysavva/scany/v2",
}

// imports reports whether the imported path is that of the module or package, or lies below it.
func imports(imported, allowed string) bool {
	if strings.HasPrefix(allowed, module) || allowed == "" {
		return imported == allowed
	}
	return imported == allowed || strings.HasPrefix(imported, allowed+"/")
}

func checkImports(f *sourceFile) []string {
	var found []string
	for _, spec := range f.ast.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the compiler will say so
		}
		if why := badImport(f, name); why != "" {
			found = append(found, f.at(spec.Pos(), "imports %s: %s", name, why))
		}
	}
	return found
}

// badImport says why the file must not import the package, or nothing.
func badImport(f *sourceFile, name string) string {
	serves := f.under("internal/dbtest")
	switch {
	case imports(name, "github.com/ory/dockertest") && !serves:
		return "only internal/dbtest may"
	case name == module+"/internal/dbtest" && !f.test() && !f.under("internal/dbtest/serve") && !f.under("internal/tests"):
		return "only tests and internal/dbtest/serve may"
	case strings.HasPrefix(name, module+"/internal/tests/") && !f.test() && !f.under("internal/tests"):
		return "only tests may"
	case name == "unsafe" && f.path != memory:
		return "only " + memory + " may"
	case name == "reflect" && f.library() && !f.under("internal/structs") && !f.under("dialect/sqlite") &&
		!namesTypes(f):
		return "only internal/structs and dialect/sqlite may, and some files to name types (see namesTypes)"
	case !f.library(), standardLibrary(name):
		return ""
	case slices.ContainsFunc(mayImport[f.dir()], func(allowed string) bool { return imports(name, allowed) }):
		return ""
	case imports(name, mayImportHere[f.path]):
		return ""
	}
	return "not among what this file may import (see mayImport)"
}

// standardLibrary goes by the dot that the first part of every other path has.
func standardLibrary(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

// namesTypes reports whether the file may name types by package reflect.
func namesTypes(f *sourceFile) bool {
	return f.path == "relations.go" || f.path == "internal/load/collect.go" || f.dir() == "internal/model"
}

// checkReflect lets such files name types, and nothing more.
func checkReflect(f *sourceFile) []string {
	if !namesTypes(f) {
		return nil
	}
	var found []string
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == "reflect" && sel.Sel.Name != "Type" && sel.Sel.Name != "TypeFor" {
			found = append(found, f.at(sel.Pos(), "uses reflect.%s; only reflect.Type and reflect.TypeFor are used here",
				sel.Sel.Name))
		}
		return true
	})
	return found
}

// checkStatements refuses what hides control flow: panics, init functions, goroutines; and what is left undone.
func checkStatements(f *sourceFile) []string {
	var found []string
	if f.test() {
		return nil
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "panic" {
				found = append(found, f.at(n.Pos(), "panics; return an error"))
			}
		case *ast.GoStmt:
			if f.library() {
				found = append(found, f.at(n.Pos(), "starts a goroutine"))
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				found = append(found, f.at(n.Pos(), "has an init function"))
			}
		}
		return true
	})
	for _, group := range f.ast.Comments {
		if kit.Undone.MatchString(group.Text()) {
			found = append(found, f.at(group.Pos(), "leaves something to be done"))
		}
	}
	return found
}

// The budgets of files and functions.
const (
	maxFileLines  = 500
	maxFuncLines  = 60
	maxParameters = 5
)

// longSignatures are the exceptions: their first four parameters are the same, and the last is optional.
var longSignatures = []string{"eager.go Load", "eager.go LoadTree"}

// The depth of an internal package is how many lines stand behind each name that others may use: a package with a name for every
// few lines hides nothing.
const minDepth = 30

// checkDepth looks at the files of one package.
func checkDepth(files []*sourceFile) []string {
	if !files[0].under("internal") {
		return nil
	}
	names, lines := 0, 0
	count := func(name *ast.Ident) {
		if name.IsExported() {
			names++
		}
	}
	for _, f := range files {
		lines += strings.Count(f.text, "\n")
		for _, decl := range f.ast.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					count(d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						count(s.Name)
					case *ast.ValueSpec:
						for _, name := range s.Names {
							count(name)
						}
					}
				}
			}
		}
	}
	if names > 0 && lines/names < minDepth {
		return []string{files[0].at(files[0].ast.Package, "the package has %d exported names over %d lines, fewer than %d for each", names,
			lines, minDepth)}
	}
	return nil
}

// maxFaceLines is how many lines of code the root package may have, comments and empty lines left out: it is a face.
const maxFaceLines = 1400

// checkFace looks at the files of the root package.
func checkFace(files []*sourceFile) []string {
	if files[0].dir() != "." {
		return nil
	}
	n := 0
	for _, f := range files {
		for _, line := range strings.Split(f.text, "\n") {
			if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "//") {
				n++
			}
		}
	}
	if n > maxFaceLines {
		return []string{files[0].at(files[0].ast.Package, "the root package has %d lines of code, more than %d", n, maxFaceLines)}
	}
	return nil
}

func checkSizes(f *sourceFile) []string {
	if f.test() {
		return nil
	}
	var found []string
	if n := strings.Count(f.text, "\n"); n > maxFileLines {
		found = append(found, f.at(f.ast.Package, "has %d lines, more than %d", n, maxFileLines))
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		var typ *ast.FuncType
		name := "a function"
		switch n := n.(type) {
		case *ast.FuncDecl:
			typ, name = n.Type, n.Name.Name
		case *ast.FuncLit:
			typ = n.Type
		default:
			return true
		}
		if lines := f.lines(n); lines > maxFuncLines {
			found = append(found, f.at(n.Pos(), "%s has %d lines, more than %d", name, lines, maxFuncLines))
		}
		if typ.Params.NumFields() > maxParameters && !f.under("internal/tests") && !slices.Contains(longSignatures, f.path+" "+name) {
			found = append(found, f.at(n.Pos(), "%s has %d parameters, more than %d", name, typ.Params.NumFields(),
				maxParameters))
		}
		return true
	})
	return found
}

// checkComments wants a comment on every exported identifier, which starts with its name. Nobody imports a program.
func checkComments(f *sourceFile) []string {
	if f.test() || f.ast.Name.Name == "main" || f.under("internal/tests") {
		return nil
	}
	var found []string
	for _, decl := range f.ast.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			// Every error has an Error method, about which there is nothing to say.
			if !d.Name.IsExported() || d.Recv != nil && (!exportedReceiver(d) || d.Name.Name == "Error") {
				continue
			}
			if !startsWith(d.Doc, d.Name.Name) {
				found = append(found, f.at(d.Pos(), "the comment of %s does not start with its name", d.Name.Name))
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				for _, name := range undocumented(d, spec) {
					found = append(found, f.at(spec.Pos(), "%s has no comment that starts with its name", name))
				}
			}
		}
	}
	return found
}

func exportedReceiver(d *ast.FuncDecl) bool {
	typ := d.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return false
		}
	}
}

// undocumented returns the exported names of the spec that lack a comment. In a group of constants, or of variables, a
// comment above the group or behind the line will do; a group of types names each of them.
func undocumented(d *ast.GenDecl, spec ast.Spec) []string {
	var names []*ast.Ident
	var doc, behind *ast.CommentGroup
	switch s := spec.(type) {
	case *ast.TypeSpec:
		names, doc = []*ast.Ident{s.Name}, s.Doc
	case *ast.ValueSpec:
		names, doc, behind = s.Names, s.Doc, s.Comment
	}
	group := d.Lparen.IsValid()
	var missing []string
	for _, n := range names {
		switch {
		case !n.IsExported(), startsWith(doc, n.Name), !group && startsWith(d.Doc, n.Name):
		case group && d.Tok != token.TYPE && (d.Doc != nil || behind != nil):
		case group && d.Tok == token.TYPE && d.Doc != nil && regexp.MustCompile(`\b`+n.Name+`\b`).MatchString(d.Doc.Text()):
		default:
			missing = append(missing, n.Name)
		}
	}
	return missing
}

// startsWith reports whether the comment's first word is the name.
func startsWith(doc *ast.CommentGroup, name string) bool {
	if doc == nil {
		return false
	}
	words := strings.Fields(doc.Text())
	return len(words) > 1 && words[0] == name
}

// kinds are graph's kinds of relation.
var kinds = []string{
	"HasMany", "HasOne", "BelongsTo", "ManyToMany", "HasManyThrough", "MorphMany", "MorphOne", "MorphTo", "Kind",
}

// checkKinds keeps the meaning of the kinds in internal/graph: relations.go hands them over, as arguments and in the type
// of a parameter, and nobody else names them.
func checkKinds(f *sourceFile) []string {
	if !f.library() || f.under("internal/graph") {
		return nil
	}
	handed := map[ast.Node]bool{}
	var found []string
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			for _, arg := range n.Args {
				handed[arg] = f.path == "relations.go"
			}
		case *ast.Field:
			handed[n.Type] = f.path == "relations.go"
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && x.Name == "graph" && slices.Contains(kinds, n.Sel.Name) && !handed[n] {
				found = append(found, f.at(n.Pos(), "asks for the kind graph.%s; only internal/graph may", n.Sel.Name))
			}
		}
		return true
	})
	return found
}

// checkVariables refuses package-level variables that functions change, and those that are made to be changed: locks,
// maps for every goroutine, channels. It goes by names, without types, and so can only see plain assignments.
func checkVariables(files []*sourceFile) []string {
	declared := map[string]bool{}
	var found []string
	for _, f := range files {
		for _, decl := range f.ast.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				s := spec.(*ast.ValueSpec)
				for _, n := range s.Names {
					declared[n.Name] = n.Name != "_"
				}
				if madeToChange(s) && !f.under("internal/structs") {
					found = append(found, f.at(s.Pos(), "%s is state of the package", s.Names[0].Name))
				}
			}
		}
	}
	for _, f := range files {
		for _, decl := range f.ast.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Body != nil {
				found = append(found, assigned(f, d, declared)...)
			}
		}
	}
	return found
}

// madeToChange reports whether a variable's type or value is a lock, an atomic, a concurrent map or a channel.
func madeToChange(s *ast.ValueSpec) bool {
	changes := false
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ChanType:
			changes = true
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && (x.Name == "sync" || x.Name == "atomic") {
				changes = true
			}
		}
		return true
	}
	if s.Type != nil {
		ast.Inspect(s.Type, look)
	}
	for _, v := range s.Values {
		ast.Inspect(v, look)
	}
	return changes
}

// assigned returns the assignments to package-level variables in a function. A name that the function declares, anywhere,
// is taken for its own.
func assigned(f *sourceFile, d *ast.FuncDecl, declared map[string]bool) []string {
	own := map[string]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, lhs := range n.Lhs {
					if name, ok := lhs.(*ast.Ident); ok {
						own[name.Name] = true
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if name, ok := e.(*ast.Ident); ok {
					own[name.Name] = true
				}
			}
		case *ast.Field:
			for _, name := range n.Names {
				own[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				own[name.Name] = true
			}
		}
		return true
	})
	var found []string
	ast.Inspect(d.Body, func(n ast.Node) bool {
		var changed []ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			changed = n.Lhs
		case *ast.IncDecStmt:
			changed = []ast.Expr{n.X}
		}
		for _, e := range changed {
			if name := rootOf(e); name != "" && declared[name] && !own[name] {
				found = append(found, f.at(e.Pos(), "%s changes the package-level variable %s", d.Name.Name, name))
			}
		}
		return true
	})
	return found
}

// rootOf returns the variable that an assignable expression is a part of.
func rootOf(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}

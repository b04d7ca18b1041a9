//go:build linux || darwin

package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
)

const module = "github.com/dovetail-go/dovetail"

//go:embed *.tmpl
var templates embed.FS

// program is a module that is generated and built.
type program struct {
	name, template, dir string
	lines               int // of its source
}

// programs returns those that are compared, each in a folder of its own in dir.
func programs(dir string) []*program {
	return []*program{
		{name: "dovetail", template: "dovetail.tmpl", dir: filepath.Join(dir, "dovetail")},
		{name: "hand-written pgx", template: "pgx.tmpl", dir: filepath.Join(dir, "pgx")},
	}
}

// table is what the templates know of a table. The tables form a ring: each has many of the next.
type table struct {
	Row, Rows, Var, Table string // Item007, Items007, items007, items_007
	Parent, Child         *table
}

func tablesOf(n int) []*table {
	tables := make([]*table, n)
	for i := range tables {
		number := fmt.Sprintf("%03d", i+1)
		tables[i] = &table{Row: "Item" + number, Rows: "Items" + number, Var: "items" + number, Table: "items_" + number}
	}
	for i, t := range tables {
		t.Parent, t.Child = tables[(i+n-1)%n], tables[(i+1)%n]
	}
	return tables
}

// source returns the program's files of Go, by their names. Programs that differ in number alone print another number: a
// build after such a change must compile and link.
func (p *program) source(n, number int) (map[string][]byte, error) {
	t, err := template.ParseFS(templates, "row.tmpl", p.template)
	if err != nil {
		return nil, err
	}
	tables := tablesOf(n)
	files := map[string][]byte{"build.go": fmt.Appendf(nil, "package main\n\nconst build = %d\n", number)}
	add := func(file, name string, data any) {
		var text bytes.Buffer
		if err == nil && t.Lookup(name) != nil {
			err = t.ExecuteTemplate(&text, name, data)
		}
		if err == nil && text.Len() > 0 {
			if files[file], err = format.Source(append(bytes.TrimSpace(text.Bytes()), '\n')); err != nil {
				err = fmt.Errorf("%s of %s: %w\n%s", file, p.name, err, text.Bytes())
			}
		}
	}
	add("main.go", "main", tables)
	add("schema.go", "schema", tables)
	for _, one := range tables {
		add(one.Table+".go", "table", one)
	}
	return files, err
}

// generate writes the program with n tables as a module that needs what the checkout of dovetail needs.
func (p *program) generate(checkout string, n, number int) error {
	checkout, err := filepath.Abs(checkout)
	if err != nil {
		return err
	}
	files, err := p.source(n, number)
	if err != nil {
		return err
	}
	p.lines = 0
	for _, text := range files {
		p.lines += bytes.Count(text, []byte("\n"))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if files[name], err = os.ReadFile(filepath.Join(checkout, name)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), text, 0o600); err != nil {
			return err
		}
	}
	edit := exec.Command("go", "mod", "edit", "-module=example.com/program",
		"-require="+module+"@v0.0.0", "-replace="+module+"="+checkout)
	edit.Dir = p.dir
	if out, err := edit.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", edit.Args, err, out)
	}
	return nil
}

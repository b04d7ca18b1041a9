//go:build linux || darwin

package main

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestProgramsAreFormatted(t *testing.T) {
	t.Parallel()
	for _, p := range programs(t.TempDir()) {
		files, err := p.source(12, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < 14 {
			t.Errorf("%s: expected main.go, build.go and a file for each of 12 tables, got %d files", p.name, len(files))
		}
		for name, text := range files {
			formatted, err := format.Source(text)
			if err != nil {
				t.Fatalf("%s of %s: %v", name, p.name, err)
			}
			if !bytes.Equal(formatted, text) {
				t.Errorf("%s of %s is not as gofmt would have it:\n%s", name, p.name, text)
			}
		}
	}
}

// TestProgramsAreBuiltAndStart builds both against this checkout. Started without a database they check what they declare.
func TestProgramsAreBuiltAndStart(t *testing.T) {
	t.Parallel()
	for _, p := range programs(t.TempDir()) {
		if err := p.generate("../..", 2, 7); err != nil {
			t.Fatal(err)
		}
		c, err := p.build(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if c.wall <= 0 || c.cpu <= 0 || c.memory <= 0 || c.binary <= 0 {
			t.Errorf("%s: expected every cost to be more than nothing, got %+v", p.name, c)
		}
		cmd := exec.CommandContext(t.Context(), filepath.Join(p.dir, "program.bin"))
		for _, v := range os.Environ() {
			if !strings.HasPrefix(v, "DATABASE_URL=") {
				cmd.Env = append(cmd.Env, v)
			}
		}
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "build 7\n" {
			t.Errorf("%s: expected it to print its number, got %q, %v", p.name, out, err)
		}
	}
}

func TestMediansAreOfEachColumn(t *testing.T) {
	t.Parallel()
	got := medians([]cost{{3, 1, 7, 1}, {1, 2, 9, 1}, {2, 3, 8, 1}})
	if want := (cost{2, 2, 8, 1}); got != want {
		t.Errorf("expected %+v, got %+v", want, got)
	}
}

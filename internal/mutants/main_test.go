package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFaultsAreOfTheSourceAsItIs finds entries that a change of the source has made stale, without planting any.
func TestFaultsAreOfTheSourceAsItIs(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile(listFile)
	if err != nil {
		t.Fatal(err)
	}
	l, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.faults) < 60 {
		t.Errorf("expected 60 faults or more, got %d", len(l.faults))
	}
	for _, f := range l.faults {
		source, err := os.ReadFile(f.file)
		if err != nil {
			t.Fatal(err)
		}
		planted, err := f.apply(string(source))
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		if planted == string(source) {
			t.Errorf("%s changes nothing", f.name)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), f.file, planted, 0); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	for name, s := range l.suites {
		if _, err := regexp.Compile(s.tests); err != nil {
			t.Errorf("suite %s: %v", name, err)
		}
		for _, folder := range s.packages {
			if found, err := filepath.Glob(folder + "/*_test.go"); err != nil || len(found) == 0 {
				t.Errorf("suite %s: no tests in %s", name, folder)
			}
		}
	}
}

func TestListIsCheckedForMistakes(t *testing.T) {
	t.Parallel()
	const suite, fault = "suite s T ./a\n", "== one a.go s what it is\n-a\n-b\n+c\n"
	for _, test := range []struct{ name, text, want string }{
		{"clean", "# about\n\n" + suite + fault, ""},
		{"nothing put in its place", suite + "== one a.go s what it is\n-a\n", ""},
		{"unknown suite", suite + "== one a.go other what it is\n", `unknown suite "other"`},
		{"a name twice", suite + fault + fault, ":6: expected"},
		{"a suite twice", suite + suite, ":2: expected"},
		{"no word on what it is", suite + "== one a.go s\n", ":2: expected"},
		{"a line of no fault", suite + "-a\n", ":2: expected"},
		{"old text after new", suite + fault + "-d\n", ":6: expected"},
		{"a suite without packages", "suite s T\n", ":1: expected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(test.text)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("expected %q, got %v", test.want, err)
			}
		})
	}
}

func TestOldTextMustBeFoundOnce(t *testing.T) {
	t.Parallel()
	f := &fault{name: "one", file: "a.go", old: []string{"a", "b"}, new: []string{"c"}}
	for text, want := range map[string]string{
		"x a\nb y": "x c y", "x": "0 times in a.go", "a\nb a\nb": "2 times in a.go",
	} {
		got, err := f.apply(text)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: expected %q, got %q", text, want, got)
		}
	}
}

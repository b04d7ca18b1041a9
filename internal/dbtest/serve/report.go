package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// event is one line of `go test -json`, as far as it matters here.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Key     string
	Value   string
}

// test is what is known of one test, subtest, example or fuzz target.
type test struct {
	name      string
	output    []string
	ran       bool     // there was an event of its own
	result    string   // pass, fail, skip; empty while it runs
	databases []string // that it asked for itself
	parent    bool     // whether it has subtests
}

// failed says whether the test ended badly or never. A name that is only part of others, because a subtest has a slash in
// its own, is no test.
func (t *test) failed() bool { return t.ran && t.result != "pass" && t.result != "skip" }

// pkg is one package under test.
type pkg struct {
	path   string
	output []string // lines that belong to no test
	tests  map[string]*test
	order  []*test
}

// report turns the events of `go test -json` into plain output and counts.
type report struct {
	out      io.Writer
	packages map[string]*pkg
	passed   map[string]int // by database; "" for tests on none
	failed   int            // tests
	broken   []string       // packages that failed, be it to build
	skipped  []string
}

func newReport(out io.Writer) *report {
	return &report{out: out, packages: map[string]*pkg{}, passed: map[string]int{}}
}

// closing is a line that plain go test prints for a package that passed or has no tests.
var closing = regexp.MustCompile(`^(ok  |\?   |\t)`)

// read takes events until in ends. What is no event is printed as it is.
func (r *report) read(in io.Reader) error {
	buf := bufio.NewReader(in)
	for {
		line, err := buf.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				r.add(e)
			} else {
				fmt.Fprintf(r.out, "%s", line)
			}
		}
		switch err {
		case nil:
		case io.EOF:
			r.unfinished()
			return nil
		default:
			return err
		}
	}
}

func (r *report) add(e event) {
	if e.Package == "" {
		fmt.Fprint(r.out, e.Output) // of the build
		return
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &pkg{path: e.Package, tests: map[string]*test{}}
		r.packages[e.Package] = p
	}
	if e.Test == "" {
		switch e.Action {
		case "output":
			p.output = append(p.output, e.Output)
		case "pass", "fail", "skip":
			r.finish(p, e.Action)
		}
		return
	}
	t := p.test(e.Test)
	t.ran = true
	switch e.Action {
	case "output":
		t.output = append(t.output, e.Output)
	case "attr":
		if e.Key == "database" && !slices.Contains(t.databases, e.Value) {
			t.databases = append(t.databases, e.Value)
		}
	case "pass", "fail", "skip":
		t.result = e.Action
	}
}

// test returns the test of that name, new if need be, and its parents with it.
func (p *pkg) test(name string) *test {
	if t := p.tests[name]; t != nil {
		return t
	}
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		p.test(name[:i]).parent = true
	}
	t := &test{name: name}
	p.tests[name] = t
	p.order = append(p.order, t)
	return t
}

// finish prints and counts a package that has ended.
func (r *report) finish(p *pkg, result string) {
	delete(r.packages, p.path)
	if result == "fail" {
		r.broken = append(r.broken, p.path)
		r.printFailed(p)
	} else {
		for _, line := range p.output {
			if closing.MatchString(line) {
				fmt.Fprint(r.out, line)
			}
		}
	}
	for _, t := range p.order {
		r.count(p, t)
	}
}

// printFailed prints what belongs to no test and the output of every test that did not pass or skip, in the order
// they began.
func (r *report) printFailed(p *pkg) {
	for _, t := range p.order {
		if !t.failed() {
			continue
		}
		for _, line := range t.output {
			if !strings.HasPrefix(line, "=== ") {
				fmt.Fprint(r.out, line)
			}
		}
	}
	for _, line := range p.output {
		fmt.Fprint(r.out, line)
	}
}

// count counts leaves: a test with subtests is the sum of them, and fails of itself only where none of them did.
func (r *report) count(p *pkg, t *test) {
	switch {
	case t.result == "skip":
		r.skipped = append(r.skipped, p.path+" "+t.name+": "+t.reason())
	case t.failed():
		inChild := func(c *test) bool { return strings.HasPrefix(c.name, t.name+"/") && c.failed() }
		if !slices.ContainsFunc(p.order, inChild) {
			r.failed++
		}
	case t.parent:
	default:
		databases := p.databases(t.name)
		for _, db := range databases {
			r.passed[db]++
		}
		if len(databases) == 0 {
			r.passed[""]++
		}
	}
}

// databases returns those that the test or one it is part of asked for, without repetitions.
func (p *pkg) databases(name string) []string {
	var all []string
	for {
		all = append(all, p.tests[name].databases...)
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			slices.Sort(all)
			return slices.Compact(all)
		}
		name = name[:i]
	}
}

// reason returns what a skipped test said last.
func (t *test) reason() string {
	for _, line := range slices.Backward(t.output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--- ") && !strings.HasPrefix(line, "=== ") {
			return line
		}
	}
	return "no reason given"
}

// unfinished reports the packages whose end never came, which happens when the command dies.
func (r *report) unfinished() {
	for _, path := range slices.Sorted(maps.Keys(r.packages)) {
		r.finish(r.packages[path], "fail")
	}
}

// summary prints the counts.
func (r *report) summary(served string) {
	for _, s := range r.skipped {
		fmt.Fprintf(r.out, "serve: skipped %s\n", s)
	}
	for _, path := range r.broken {
		fmt.Fprintf(r.out, "serve: failed package %s\n", path)
	}
	fmt.Fprintf(r.out, "serve: %s\n", served)
	fmt.Fprintf(r.out, "serve: tests passed: %d on postgres, %d on sqlite, %d on none; %d failed, %d skipped\n",
		r.passed["postgres"], r.passed["sqlite"], r.passed[""], r.failed, len(r.skipped))
}

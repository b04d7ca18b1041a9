// Command mutants plants faults in the library, one at a time, and runs the tests that must find each: a fault that none of
// them finds is a test that is missing. The list is testdata/mutants.txt.
//
//	go run ./internal/dbtest/serve -- go run ./internal/mutants [-run REGEXP]
//
// No source file is touched: go test is told of the changed file by -overlay, so that an interrupted run leaves nothing
// behind. For each fault it prints the test that found it and how long that took, tests compiled anew included. Before, each
// suite is run without a fault. The seed of random tests is 1 unless DOVETAIL_TEST_SEED says otherwise, so that a run can be
// repeated.
//
// The exit status is 1 when a fault was not found, does not compile, or its old text is not exactly once in its file.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	pattern := flag.String("run", "", "plant only the faults whose names match the `regexp`")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *pattern)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

const listFile = "testdata/mutants.txt"

func run(ctx context.Context, pattern string) error {
	chosen, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(listFile)
	if err != nil {
		return err
	}
	l, err := parse(string(text))
	if err != nil {
		return err
	}
	l.faults = slices.DeleteFunc(l.faults, func(f *fault) bool { return !chosen.MatchString(f.name) })
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	if err := l.checkSuites(ctx); err != nil {
		return err
	}
	killed, left := map[string]int{}, 0
	for _, f := range l.faults {
		started := time.Now()
		by, err := f.plant(ctx, l.suites[f.suite], dir)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			by = "NOT FOUND: " + err.Error()
			left++
		} else {
			killed[f.suite]++
		}
		fmt.Printf("%-28s %-12s %5.1f s  %s\n", f.name, f.suite, time.Since(started).Seconds(), by)
	}
	fmt.Printf("%d faults, %d found", len(l.faults), len(l.faults)-left)
	for _, suite := range slices.Sorted(maps.Keys(killed)) {
		fmt.Printf(", %s %d", suite, killed[suite])
	}
	fmt.Println()
	if left > 0 {
		return fmt.Errorf("%d faults were not found; each wants a test that finds it", left)
	}
	return nil
}

// checkSuites runs each suite that is needed without a fault: one that fails anyway would find every fault.
func (l *list) checkSuites(ctx context.Context) error {
	needed := map[string]bool{}
	for _, f := range l.faults {
		needed[f.suite] = true
	}
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		started := time.Now()
		if failure, out := l.suites[name].run(ctx, ""); failure != "" {
			return fmt.Errorf("suite %s fails without a fault: %s\n%s", name, failure, out)
		}
		fmt.Printf("%-28s %-12s %5.1f s  passes\n", "(no fault)", name, time.Since(started).Seconds())
	}
	return nil
}

// suite is the tests that are run at once.
type suite struct {
	tests    string   // a regexp of their names
	packages []string // their folders
}

// fault is a change of a file that makes the library wrong.
type fault struct {
	name, file, suite string
	old, new          []string // lines
}

type list struct {
	suites map[string]suite
	faults []*fault
}

// parse reads the list. testdata/mutants.txt says at its start what is in it.
func parse(text string) (*list, error) {
	l := &list{suites: map[string]suite{}}
	names := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		at := len(l.faults) - 1
		switch {
		case len(fields) == 0 || line[0] == '#':
		case fields[0] == "suite" && len(fields) > 3 && l.suites[fields[1]].tests == "":
			l.suites[fields[1]] = suite{tests: fields[2], packages: fields[3:]}
		case fields[0] == "==" && len(fields) > 4 && !names[fields[1]]:
			names[fields[1]] = true
			if _, ok := l.suites[fields[3]]; !ok {
				return nil, fmt.Errorf("%s:%d: unknown suite %q", listFile, i+1, fields[3])
			}
			l.faults = append(l.faults, &fault{name: fields[1], file: fields[2], suite: fields[3]})
		case line[0] == '-' && at >= 0 && len(l.faults[at].new) == 0:
			l.faults[at].old = append(l.faults[at].old, line[1:])
		case line[0] == '+' && at >= 0:
			l.faults[at].new = append(l.faults[at].new, line[1:])
		default:
			return nil, fmt.Errorf("%s:%d: expected a suite or a fault with a name of its own, or a line of one, got %q",
				listFile, i+1, line)
		}
	}
	return l, nil
}

// apply returns the file's text with the fault in it.
func (f *fault) apply(text string) (string, error) {
	old := strings.Join(f.old, "\n")
	if n := strings.Count(text, old); len(f.old) == 0 || n != 1 {
		return "", fmt.Errorf("its old text is %d times in %s; correct the list", n, f.file)
	}
	return strings.Replace(text, old, strings.Join(f.new, "\n"), 1), nil
}

// plant runs the suite with the fault and returns the test that found it.
func (f *fault) plant(ctx context.Context, s suite, dir string) (by string, err error) {
	source, err := os.ReadFile(f.file)
	if err != nil {
		return "", err
	}
	text, err := f.apply(string(source))
	if err != nil {
		return "", err
	}
	path, err := filepath.Abs(f.file)
	if err != nil {
		return "", err
	}
	planted, overlay := filepath.Join(dir, "planted.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: planted}})
	if err != nil {
		return "", err
	}
	for name, content := range map[string][]byte{planted: []byte(text), overlay: replace} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return "", err
		}
	}
	by, out := s.run(ctx, overlay)
	switch {
	case strings.Contains(out, "[build failed]"), strings.Contains(out, "[setup failed]"):
		return "", fmt.Errorf("it does not compile\n%s", out)
	case strings.Contains(out, "does not serve"):
		return "", fmt.Errorf("there is no database for the tests\n%s", out)
	case by == "":
		return "", fmt.Errorf("%s passes", f.suite)
	}
	return by, nil
}

var failed = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)|^((?:panic|fatal error): .*)`)

// bounded runs the tests in 8 GB of address space: a fault may make them fill all there is.
const bounded = `sh -c 'ulimit -v 8388608; exec "$0" "$@"'`

// run runs the tests, with the overlay if there is one, and returns what failed first; empty: nothing.
func (s suite) run(ctx context.Context, overlay string) (failure, out string) {
	args := []string{"test", "-vet=off", "-count=1", "-failfast", "-timeout=3m", "-exec", bounded, "-run", s.tests}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	args = append(args, s.packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "DOVETAIL_TEST_REQUIRE=postgres,sqlite", "DOVETAIL_ORACLE_CASES=2000",
		"RAPID_NOFAILFILE=true") // else each failure would leave a file behind
	if os.Getenv("DOVETAIL_TEST_SEED") == "" {
		cmd.Env = append(cmd.Env, "DOVETAIL_TEST_SEED=1")
	}
	output, err := cmd.CombinedOutput()
	out = string(output)
	if err == nil {
		return "", out
	}
	for _, m := range failed.FindAllStringSubmatch(out, -1) {
		if name := m[1] + m[2]; failure == "" || strings.HasPrefix(name, failure+"/") {
			failure = name // a test within one that failed says more
		}
	}
	if failure == "" {
		failure = err.Error()
	}
	return failure, out
}

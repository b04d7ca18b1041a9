package main

import (
	"bytes"
	"strings"
	"testing"
)

// passing is the report of a package whose tests pass or skip, with everything that plain go test would not print.
const passing = `{"Action":"start","Package":"ex/a"}
{"Action":"run","Package":"ex/a","Test":"TestA"}
{"Action":"output","Package":"ex/a","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"attr","Package":"ex/a","Test":"TestA","Key":"database","Value":"postgres"}
{"Action":"attr","Package":"ex/a","Test":"TestA","Key":"owner","Value":"me"}
{"Action":"run","Package":"ex/a","Test":"TestA/inherits"}
{"Action":"pass","Package":"ex/a","Test":"TestA/inherits"}
{"Action":"run","Package":"ex/a","Test":"TestA/adds"}
{"Action":"attr","Package":"ex/a","Test":"TestA/adds","Key":"database","Value":"sqlite"}
{"Action":"attr","Package":"ex/a","Test":"TestA/adds","Key":"database","Value":"postgres"}
{"Action":"pass","Package":"ex/a","Test":"TestA/adds"}
{"Action":"run","Package":"ex/a","Test":"TestA/skips"}
{"Action":"output","Package":"ex/a","Test":"TestA/skips","Output":"    a_test.go:3: no luck\n"}
{"Action":"output","Package":"ex/a","Test":"TestA/skips","Output":"    --- SKIP: TestA/skips (0.00s)\n"}
{"Action":"skip","Package":"ex/a","Test":"TestA/skips"}
{"Action":"pass","Package":"ex/a","Test":"TestA"}
{"Action":"run","Package":"ex/a","Test":"TestPure"}
{"Action":"output","Package":"ex/a","Test":"TestPure","Output":"    a_test.go:9: talk\n"}
{"Action":"pass","Package":"ex/a","Test":"TestPure"}
{"Action":"output","Package":"ex/a","Output":"PASS\n"}
{"Action":"output","Package":"ex/a","Output":"dbtest: sqlite: 1 tests, 0 skipped; embedded\n"}
{"Action":"output","Package":"ex/a","Output":"ok  \tex/a\t0.01s\n"}
{"Action":"pass","Package":"ex/a"}
{"Action":"output","Package":"ex/d","Output":"?   \tex/d\t[no test files]\n"}
{"Action":"skip","Package":"ex/d"}
`

func TestReportOfPassingTestsIsThatOfPlainGoTest(t *testing.T) {
	t.Parallel()
	check(t, passing, `ok  	ex/a	0.01s
?   	ex/d	[no test files]
serve: skipped ex/a TestA/skips: a_test.go:3: no luck
serve: the server
serve: tests passed: 2 on postgres, 1 on sqlite, 1 on none; 0 failed, 1 skipped
`)
}

// A subtest with a slash in its own name looks as if it had a parent that never ran.
func TestReportCountsNoTestThatIsOnlyPartOfAName(t *testing.T) {
	t.Parallel()
	check(t, `{"Action":"run","Package":"ex/a","Test":"TestA"}
{"Action":"run","Package":"ex/a","Test":"TestA/conn/none/found"}
{"Action":"pass","Package":"ex/a","Test":"TestA/conn/none/found"}
{"Action":"pass","Package":"ex/a","Test":"TestA"}
{"Action":"output","Package":"ex/a","Output":"ok  \tex/a\t0.01s\n"}
{"Action":"pass","Package":"ex/a"}
`, `ok  	ex/a	0.01s
serve: the server
serve: tests passed: 0 on postgres, 0 on sqlite, 1 on none; 0 failed, 0 skipped
`)
}

func TestReportPrintsFailuresAndCountsThemOnce(t *testing.T) {
	t.Parallel()
	check(t, `{"ImportPath":"ex/c","Action":"build-output","Output":"c.go:3: undefined: x\n"}
{"ImportPath":"ex/c","Action":"build-fail"}
{"Action":"output","Package":"ex/c","Output":"FAIL\tex/c [build failed]\n"}
{"Action":"fail","Package":"ex/c"}
{"Action":"run","Package":"ex/b","Test":"TestA"}
{"Action":"run","Package":"ex/b","Test":"TestA/x"}
{"Action":"output","Package":"ex/b","Test":"TestA/x","Output":"=== RUN   TestA/x\n"}
{"Action":"output","Package":"ex/b","Test":"TestA/x","Output":"    b_test.go:3: bad\n"}
{"Action":"fail","Package":"ex/b","Test":"TestA/x"}
{"Action":"output","Package":"ex/b","Test":"TestA","Output":"--- FAIL: TestA (0.00s)\n"}
{"Action":"fail","Package":"ex/b","Test":"TestA"}
{"Action":"run","Package":"ex/b","Test":"TestQuiet"}
{"Action":"output","Package":"ex/b","Test":"TestQuiet","Output":"quiet\n"}
{"Action":"pass","Package":"ex/b","Test":"TestQuiet"}
{"Action":"output","Package":"ex/b","Output":"FAIL\tex/b\t0.01s\n"}
{"Action":"fail","Package":"ex/b"}
`, `c.go:3: undefined: x
FAIL	ex/c [build failed]
--- FAIL: TestA (0.00s)
    b_test.go:3: bad
FAIL	ex/b	0.01s
serve: failed package ex/c
serve: failed package ex/b
serve: the server
serve: tests passed: 0 on postgres, 0 on sqlite, 1 on none; 1 failed, 0 skipped
`)
}

func TestReportOfDyingCommandNamesWhatDidNotEnd(t *testing.T) {
	t.Parallel()
	check(t, `go: something is wrong
{"Action":"run","Package":"ex/b","Test":"TestA"}
{"Action":"output","Package":"ex/b","Test":"TestA","Output":"panic: at the disco\n"}
{"Action":"output","Pack`, `go: something is wrong
{"Action":"output","Packpanic: at the disco
serve: failed package ex/b
serve: the server
serve: tests passed: 0 on postgres, 0 on sqlite, 0 on none; 1 failed, 0 skipped
`)
}

// check compares what a report prints for the events.
func check(t *testing.T, events, want string) {
	t.Helper()
	var out bytes.Buffer
	r := newReport(&out)
	if err := r.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	r.summary("the server")
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

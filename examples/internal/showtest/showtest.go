// Package showtest tests what the examples print.
package showtest

import (
	"bytes"
	"flag"
	"go/scanner"
	"go/token"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden file of the example's output")

const golden = "testdata/output.golden"

// Golden fails the test unless the output is that of testdata/output.golden, which the flag -update rewrites.
func Golden(tb testing.TB, output []byte) {
	tb.Helper()
	if *update {
		if err := os.WriteFile(golden, output, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	if want := read(tb, golden); !bytes.Equal(output, want) {
		tb.Errorf("the output is not that of %s; go test with -update rewrites it. Got:\n%s", golden, output)
	}
}

// Written fails the test unless each piece of code that the output shows, n in all, stands in the Go file too, where it
// is run. The output may leave out the package's name and comments.
func Written(tb testing.TB, output []byte, n int, file string) {
	tb.Helper()
	program := strings.ReplaceAll(tokens(read(tb, file)), "dovetail . ", "")
	blocks := strings.Split(string(output), "-- written\n")[1:]
	if len(blocks) != n {
		tb.Errorf("expected %d pieces of code, got %d", n, len(blocks))
	}
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, "\n\n")
		if !strings.Contains(program, tokens([]byte(code))) {
			tb.Errorf("%s does not run this:\n%s", file, code)
		}
	}
}

func read(tb testing.TB, file string) []byte {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// tokens returns Go code without its layout, comments and raw strings.
func tokens(code []byte) string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), code, nil, 0)
	var b strings.Builder
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return b.String()
		case tok == token.SEMICOLON || strings.HasPrefix(text, "`"):
		case text != "":
			b.WriteString(text + " ")
		default:
			b.WriteString(tok.String() + " ")
		}
	}
}

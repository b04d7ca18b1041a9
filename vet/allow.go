package vet

import (
	"bytes"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const directive = "//dovetail:text"

// line is a line of a file.
type line struct {
	file string
	n    int
}

// allowance is a comment that allows text to vary.
type allowance struct {
	pos    token.Pos
	reason string
	alone  bool // on its line
	used   bool
}

// allowances are those of a package.
type allowances map[line]*allowance

func allowancesOf(pass *analysis.Pass) (allowances, error) {
	all := allowances{}
	for _, file := range pass.Files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				reason, ok := strings.CutPrefix(c.Text, directive)
				if !ok || reason != "" && !strings.HasPrefix(reason, " ") {
					continue
				}
				p := pass.Fset.PositionFor(c.Pos(), false)
				source, err := pass.ReadFile(p.Filename)
				if err != nil {
					return nil, err
				}
				before := source[p.Offset-(p.Column-1) : p.Offset]
				all[lineAt(pass.Fset, c.Pos())] = &allowance{
					pos: c.Pos(), reason: strings.TrimSpace(reason), alone: len(bytes.TrimSpace(before)) == 0,
				}
			}
		}
	}
	return all, nil
}

func lineAt(fset *token.FileSet, pos token.Pos) line {
	p := fset.PositionFor(pos, false)
	return line{p.Filename, p.Line}
}

// at reports whether the place is allowed: by a comment behind it, or by one alone on the line above.
func (a allowances) at(fset *token.FileSet, pos token.Pos) bool {
	here := lineAt(fset, pos)
	found := a[here]
	if above := a[line{here.file, here.n - 1}]; found == nil && above != nil && above.alone {
		found = above
	}
	if found == nil {
		return false
	}
	found.used = true
	return true
}

// report reports the comments that give no reason, and those that allow nothing and would outlive what they were for.
func (a allowances) report(pass *analysis.Pass) {
	for _, found := range a {
		switch {
		case found.reason == "":
			pass.Reportf(found.pos, "%s gives no reason; write why this text is safe behind it", directive)
		case !found.used:
			pass.Reportf(found.pos, "%s allows nothing here; remove it", directive)
		}
	}
}

package vet_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/dovetail-go/dovetail/vet"
)

func TestTrap_D3_TextThatIsNotConstantIsFound(t *testing.T) {
	t.Parallel()
	// The calls are those of the library itself, beside this module; a stand-in could differ from it.
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	analysistest.Run(t, root, vet.Analyzer, "./testdata/vet/queries")
}

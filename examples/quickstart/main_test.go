package main

import (
	"bytes"
	"testing"

	"github.com/dovetail-go/dovetail/examples/internal/showtest"
)

func TestQuickstartPrintsTheWholeStory(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	showtest.Golden(t, out.Bytes())
	showtest.Written(t, out.Bytes(), 5, "main.go")
}

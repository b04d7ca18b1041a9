package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/examples/internal/showtest"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestBankPrintsTheWholeStoryAndCleansUp(t *testing.T) {
	t.Parallel()
	pool := dbtest.Postgres(t)
	var out bytes.Buffer
	if err := run(t.Context(), pool.Config().ConnString(), &out); err != nil {
		t.Fatal(err)
	}
	showtest.Golden(t, out.Bytes())
	showtest.Written(t, out.Bytes(), 7, "scenes.go")

	var left int
	err := pool.QueryRow(t.Context(),
		`SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dovetail\_bank\_%'`).Scan(&left)
	if err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d schemas of the example were left behind", left)
	}
}

func TestBankSaysWhatIsWrongWithItsDatabase(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := run(t.Context(), "postgres://localhost:not-a-port/", &out)
	if err == nil || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("expected an error that names DATABASE_URL, got %v", err)
	}
	err = run(t.Context(), "postgres://nobody@localhost:1/none?sslmode=disable", &out)
	if err == nil || !strings.Contains(err.Error(), "is the server up") {
		t.Errorf("expected an error that asks for the server, got %v", err)
	}
	if out.Len() != 0 {
		t.Errorf("expected no output, got %s", out.String())
	}
}

package sloghook_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/hooks/sloghook"
)

// oneRun is a run with a root and, if there are two, a preload.
func oneRun(statements int, took time.Duration, err error) *dovetail.Run {
	return &dovetail.Run{
		Statements: []dialect.Statement{
			{SQL: "SELECT 1", Args: []any{"s3cret"}, Op: "select accounts", Table: "accounts"},
			{SQL: "SELECT 2", Args: []any{7}, Op: "select accounts", Path: "activities", Table: "activity"},
		}[:statements],
		Rows: []int64{3, 4}[:statements], Duration: took, Err: err,
	}
}

// logged returns what a hook logs of a run, without the time.
func logged(h sloghook.Hook, least slog.Level, run *dovetail.Run) string {
	var b bytes.Buffer
	h.Logger = slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: least, ReplaceAttr: withoutTime}))
	h.After(h.Before(context.Background(), run), run)
	return strings.TrimSpace(b.String())
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func TestHookLogs(t *testing.T) {
	t.Parallel()
	const one = `statements=1 duration=5ms op="select accounts" sql="SELECT 1" rows=3`
	ms := time.Millisecond
	for _, c := range []struct {
		name  string
		hook  sloghook.Hook
		least slog.Level
		run   *dovetail.Run
		want  string
	}{
		{"one statement", sloghook.Hook{}, slog.LevelDebug, oneRun(1, 5*ms, nil), "level=DEBUG msg=dovetail " + one},
		{"below the handler's level", sloghook.Hook{}, slog.LevelInfo, oneRun(1, 5*ms, nil), ""},
		{"a level", sloghook.Hook{Level: slog.LevelInfo}, slog.LevelInfo, oneRun(1, 5*ms, nil), "level=INFO msg=dovetail " + one},
		{"not slow", sloghook.Hook{SlowAfter: 6 * ms}, slog.LevelInfo, oneRun(1, 5*ms, nil), ""},
		{"slow", sloghook.Hook{SlowAfter: 5 * ms}, slog.LevelInfo, oneRun(1, 5*ms, nil), "level=WARN msg=dovetail " + one},
		{"slow, with a level", sloghook.Hook{SlowAfter: ms, SlowLevel: slog.LevelInfo}, slog.LevelInfo, oneRun(1, 5*ms, nil),
			"level=INFO msg=dovetail " + one},
		{"failed and slow", sloghook.Hook{SlowAfter: ms}, slog.LevelInfo, oneRun(1, 5*ms, errors.New("no table")),
			"level=ERROR msg=dovetail " + one + ` error="no table"`},
		{"failed, with a level", sloghook.Hook{ErrorLevel: slog.LevelWarn}, slog.LevelInfo, oneRun(1, 5*ms, errors.New("no table")),
			"level=WARN msg=dovetail " + one + ` error="no table"`},
		{"arguments", sloghook.Hook{Args: true}, slog.LevelDebug, oneRun(1, 5*ms, nil),
			"level=DEBUG msg=dovetail " + one + ` args=[s3cret]`},
		{"a batch", sloghook.Hook{}, slog.LevelDebug, oneRun(2, 5*ms, nil), "level=DEBUG msg=dovetail statements=2 duration=5ms " +
			`statement1.op="select accounts" statement1.sql="SELECT 1" statement1.rows=3 ` +
			`statement2.op="select accounts" statement2.path=activities statement2.sql="SELECT 2" statement2.rows=4`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := logged(c.hook, c.least, c.run); got != c.want {
				t.Errorf("expected\n%s\ngot\n%s", c.want, got)
			}
		})
	}
}

// noDB is a database in which every statement fails.
type noDB struct {
	dovetail.DB
	dialect dialect.Dialect
}

func (d noDB) Dialect() dialect.Dialect { return d.dialect }

func (noDB) Run(context.Context, []dialect.Statement, func(int, dialect.Rows) error) error {
	return &dialect.StatementError{Err: errors.New("no such table")}
}

func ExampleHook() {
	type account struct{ ID int64 }
	accounts := dovetail.NewTable[account](dovetail.NewRegistry(), "accounts")

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "duration" {
			return slog.Attr{}
		}
		return withoutTime(groups, a)
	}}))
	db := dovetail.WithHooks(noDB{dialect: dialect.Standard}, &sloghook.Hook{Logger: logger, SlowAfter: time.Second})
	_, _ = dovetail.Select(accounts).Where("id > ?", 5).Count(context.Background(), db)
	// Output:
	// level=ERROR msg=dovetail statements=1 op="count accounts" sql="SELECT count(*) FROM \"accounts\" WHERE (id > ?)" rows=0 error="no such table"
}

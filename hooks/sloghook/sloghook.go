// Package sloghook logs the statements that dovetail sends by log/slog.
//
//	db := dovetail.WithHooks(postgres.New(pool), &sloghook.Hook{SlowAfter: 100 * time.Millisecond})
//
// A run of one statement, at slog.LevelDebug:
//
//	msg=dovetail statements=1 duration=412µs op="select accounts" path=activities sql="SELECT …" rows=4
//
// Of a run of several, which share a round trip where the driver pipelines, each has a group: statement1, statement2. A
// run that failed has the attribute error. The arguments of statements are never logged unless [Hook.Args] says so; the
// text of an error is the database's own, which may quote a value.
package sloghook

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// Hook is a [dovetail.Hook] that logs every run when it is done. The zero value is ready. Its fields must not be changed
// once it is in use; then it is safe for concurrent use.
type Hook struct {
	Logger *slog.Logger // default: slog.Default() at the time of the run

	Level      slog.Leveler // of a run that went well; default: slog.LevelDebug
	SlowLevel  slog.Leveler // of one that took SlowAfter or longer; default: slog.LevelWarn
	ErrorLevel slog.Leveler // of one that failed; default: slog.LevelError

	SlowAfter time.Duration // what is slow; 0: nothing
	Args      bool          // log the arguments of statements, which are your users' data, as args
}

var _ dovetail.Hook = (*Hook)(nil)

// Before returns ctx.
func (h *Hook) Before(ctx context.Context, _ *dovetail.Run) context.Context { return ctx }

// After logs the run, with ctx for handlers that look into it.
func (h *Hook) After(ctx context.Context, run *dovetail.Run) {
	logger := h.Logger
	if logger == nil {
		logger = slog.Default()
	}
	level := h.level(run)
	if !logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.Int("statements", len(run.Statements)), slog.Duration("duration", run.Duration)}
	if len(run.Statements) == 1 {
		attrs = append(attrs, h.statement(run.Statements[0], run.Rows[0])...)
	} else {
		for i, s := range run.Statements {
			attrs = append(attrs, slog.GroupAttrs("statement"+strconv.Itoa(i+1), h.statement(s, run.Rows[i])...))
		}
	}
	if run.Err != nil {
		attrs = append(attrs, slog.Any("error", run.Err))
	}
	logger.LogAttrs(ctx, level, "dovetail", attrs...)
}

func (h *Hook) level(run *dovetail.Run) slog.Level {
	switch {
	case run.Err != nil:
		return levelOf(h.ErrorLevel, slog.LevelError)
	case h.SlowAfter > 0 && run.Duration >= h.SlowAfter:
		return levelOf(h.SlowLevel, slog.LevelWarn)
	}
	return levelOf(h.Level, slog.LevelDebug)
}

func levelOf(l slog.Leveler, otherwise slog.Level) slog.Level {
	if l == nil {
		return otherwise
	}
	return l.Level()
}

func (h *Hook) statement(s dialect.Statement, rows int64) []slog.Attr {
	attrs := []slog.Attr{slog.String("op", s.Op)}
	if s.Path != "" {
		attrs = append(attrs, slog.String("path", s.Path))
	}
	attrs = append(attrs, slog.String("sql", s.SQL), slog.Int64("rows", rows))
	if h.Args {
		attrs = append(attrs, slog.Any("args", s.Args))
	}
	return attrs
}

// Command serve runs a command with a PostgreSQL for its tests: it climbs the ladder of package dbtest once, hands the
// server down in DOVETAIL_TEST_POSTGRES, runs the command and stops the server.
//
//	go run ./internal/dbtest/serve -- go test ./...
//
// With -tests the command must be a `go test -json`: its report is printed as plain go test would (packages, and the
// output of tests that failed), then which tests were skipped and why, and how many passed on each database.
//
// The exit status is the command's, 1 if there is no server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// killDelay is how long the command may take to end after an interrupt.
const killDelay = 30 * time.Second

func main() {
	tests := flag.Bool("tests", false, "read the command's output as that of go test -json, print it plainly and sum up")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: serve [-tests] -- COMMAND [ARGUMENT...]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := serve(ctx, flag.Args(), *tests)
	cancel()
	os.Exit(status)
}

// serve returns the exit status.
func serve(ctx context.Context, command []string, tests bool) (status int) {
	server, err := dbtest.Climb(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		return 1
	}
	fmt.Println("serve:", server)
	defer func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "serve: cannot stop the server:", err)
			status = max(status, 1)
		}
	}()

	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = server.Environ(os.Environ())
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = killDelay
	if !tests {
		cmd.Stdout = os.Stdout
		return exitStatus(cmd.Run())
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return exitStatus(err)
	}
	if err := cmd.Start(); err != nil {
		return exitStatus(err)
	}
	r := newReport(os.Stdout)
	readErr := r.read(pipe)
	if readErr != nil {
		fmt.Fprintln(os.Stderr, "serve: cannot read the tests' report:", readErr)
	}
	status = exitStatus(cmd.Wait())
	r.summary(server.String())
	if readErr != nil {
		status = max(status, 1)
	}
	return status
}

// exitStatus returns the status that an ended command left, 1 if it never ran or a signal ended it.
func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "serve:", err)
		return 1
	}
	return max(exit.ExitCode(), 1)
}

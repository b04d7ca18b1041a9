//go:build unix

package dbtest

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestChooseDirWantsAllPrograms(t *testing.T) {
	t.Parallel()
	files := []string{"/client/initdb", "/half/initdb", "/half/pg_ctl", "/all/initdb", "/all/pg_ctl", "/all/postgres"}
	exists := func(path string) bool { return slices.Contains(files, path) }
	if got, err := chooseDir([]string{"/client", "/half", "/none", "/all"}, exists); err != nil || got != "/all" {
		t.Errorf("got %q, %v, want /all", got, err)
	}
	if got, err := chooseDir([]string{"/client", "/half"}, exists); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}

func TestNewestFirstComparesVersionsAsNumbers(t *testing.T) {
	t.Parallel()
	got := newestFirst([]string{"/usr/lib/postgresql/9.6/bin", "/usr/local/pgsql/bin", "/usr/lib/postgresql/15/bin"})
	want := []string{"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/9.6/bin", "/usr/local/pgsql/bin"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestServerBinaryEndsWithItsProcess kills a process that runs a server, so that nothing of its own can clean up.
func TestServerBinaryEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	if _, err := serverDir(context.Background()); err != nil {
		t.Skipf("binary: %v", err)
	}
	temp := t.TempDir()
	// The server may run as another user, who has to get there and to remove its folder.
	for _, dir := range []string{temp, filepath.Dir(temp)} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	cmd := helperProcess(helperServe, "TMPDIR="+temp, envRung+"=binary")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(pipe).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "serving ")
	if !found {
		t.Fatalf("got %q, %v, want a line with the URL", line, err)
	}
	if _, err := serverVersion(context.Background(), url); err != nil {
		t.Fatalf("before the kill: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // reports the kill
	deadline := time.Now().Add(answerTimeout)
	for {
		_, answer := serverVersion(context.Background(), url)
		left, err := filepath.Glob(filepath.Join(temp, "*"))
		if answer != nil && err == nil && len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after the kill: answer %v, files %q", answer, left)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

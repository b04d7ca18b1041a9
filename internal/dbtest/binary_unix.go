//go:build unix

package dbtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// portTries is how many ports are tried: between finding a free one and listening on it, another process may take it.
const portTries = 3

// watchScript waits until its input ends, which it does when the test process closes it or dies in whatever way, then
// stops the servers in folder $2 with the programs in folder $1 and removes the folder.
const watchScript = `trap '' INT TERM HUP
cat >/dev/null
for data in "$2"/data "$2"/standby; do
	[ ! -f "$data/postmaster.pid" ] || "$1/pg_ctl" -D "$data" -m immediate -s stop >/dev/null 2>&1
done
rm -rf "$2" 2>/dev/null
exit 0`

// openBinary runs a server program that is installed on this computer.
func openBinary(ctx context.Context) (*Server, error) {
	_, server, err := runBinary(ctx)
	return server, err
}

func runBinary(ctx context.Context, settings ...string) (*binary, *Server, error) {
	bin, err := serverDir(ctx)
	if err != nil {
		return nil, nil, err
	}
	b := &binary{bin: bin, settings: slices.Concat(serverSettings[:], settings)}
	if os.Getuid() == 0 {
		if b.credential, err = unprivileged(); err != nil {
			return nil, nil, err
		}
	}
	if b.dir, err = os.MkdirTemp("", "dovetail-postgres-"); err != nil {
		return nil, nil, err
	}
	if err := b.watch(); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(b.dir))
	}
	server, err := b.start(ctx)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", bin, err), b.stop())
	}
	return b, server, nil
}

// serverDir returns the folder of the newest PostgreSQL server found.
func serverDir(ctx context.Context) (string, error) {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	var installed []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
	} {
		found, _ := filepath.Glob(pattern) // the only error is that of a bad pattern
		installed = append(installed, found...)
	}
	return chooseDir(append(dirs, newestFirst(installed)...), func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && !info.IsDir()
	})
}

// chooseDir returns the first folder that holds all the programs needed. Client packages bring some of them.
func chooseDir(dirs []string, exists func(path string) bool) (string, error) {
	for _, dir := range dirs {
		missing := func(program string) bool { return !exists(filepath.Join(dir, program)) }
		if !slices.ContainsFunc([]string{"initdb", "pg_ctl", "postgres"}, missing) {
			return dir, nil
		}
	}
	return "", errors.New("no server program in PATH, by pg_config or where packages put it")
}

// newestFirst sorts folders by the number in their path, the greatest first.
func newestFirst(dirs []string) []string {
	number := func(dir string) int {
		digits := strings.FieldsFunc(dir, func(r rune) bool { return r < '0' || r > '9' })
		if len(digits) == 0 {
			return 0
		}
		n, _ := strconv.Atoi(digits[0]) // a number too large for int is no version
		return n
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return number(b) - number(a) })
	return dirs
}

// unprivileged returns the user for a server that root starts, since PostgreSQL refuses to run as root.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New(`no user "postgres" or "nobody" to run the server as, and root cannot`)
}

// binary is a server made from a program on this computer.
type binary struct {
	bin        string // folder of the programs
	dir        string // folder of everything the server writes
	settings   []string
	credential *syscall.Credential
	watcher    *exec.Cmd
	alive      io.Closer // the watcher's input
}

// watch starts the process that cleans up, whatever becomes of this one.
func (b *binary) watch() error {
	b.watcher = exec.Command("/bin/sh", "-c", watchScript, "sh", b.bin, b.dir)
	b.watcher.Env = environ()
	b.watcher.Dir = "/"
	// A session of its own keeps a terminal's signals away from it.
	b.watcher.SysProcAttr = &syscall.SysProcAttr{Credential: b.credential, Setsid: true}
	if b.credential != nil {
		if err := os.Chown(b.dir, int(b.credential.Uid), int(b.credential.Gid)); err != nil {
			return err
		}
	}
	alive, err := b.watcher.StdinPipe()
	if err != nil {
		return err
	}
	b.alive = alive
	return b.watcher.Start()
}

// stop makes the watcher do its work, waits for it, and removes the folder where the server's user may only empty it.
func (b *binary) stop() error {
	return errors.Join(b.alive.Close(), b.watcher.Wait(), os.RemoveAll(b.dir))
}

// start makes a cluster and starts its server.
func (b *binary) start(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	password := rand.Text()
	if err := b.initdb(ctx, password); err != nil {
		return nil, err
	}
	return b.serve(ctx, "data", password)
}

// serve starts the server of the cluster in a folder.
func (b *binary) serve(ctx context.Context, data, password string) (*Server, error) {
	var err error
	for range portTries {
		var port string
		if port, err = freePort(); err != nil {
			return nil, err
		}
		if err = b.run(ctx, "pg_ctl", "-D", data, "-l", data+".log", "-w", "-s", "-o", "-p "+port, "start"); err != nil {
			log, _ := os.ReadFile(filepath.Join(b.dir, data+".log")) // without a log, the first error says enough
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(log))
			continue
		}
		u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Path: "postgres"}
		u.Host, u.RawQuery = net.JoinHostPort("127.0.0.1", port), "sslmode=disable"
		version, err := serverVersion(ctx, u.String())
		if err != nil {
			return nil, err
		}
		return &Server{URL: u.String(), rung: "binary (" + b.bin + ")", version: version, stop: b.stop}, nil
	}
	return nil, err
}

// initdb makes the cluster. Its locale is that of the test image where the computer knows it.
func (b *binary) initdb(ctx context.Context, password string) error {
	secret := filepath.Join(b.dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if b.credential != nil {
		if err := os.Chown(secret, int(b.credential.Uid), int(b.credential.Gid)); err != nil {
			return err
		}
	}
	args := []string{"-D", "data", "-U", "postgres", "--pwfile=password", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"}
	if b.run(ctx, "initdb", append(args, "--locale=C.UTF-8")...) != nil {
		if err := b.run(ctx, "initdb", append(args, "--no-locale")...); err != nil {
			return err
		}
	}
	conf, err := os.OpenFile(filepath.Join(b.dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(conf, "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n%s\n",
		strings.Join(b.settings, "\n"))
	return errors.Join(err, conf.Close())
}

// run runs one of the server's programs in its folder.
func (b *binary) run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(b.bin, program), args...)
	cmd.Dir = b.dir
	cmd.Env = environ()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.credential}
	cmd.WaitDelay = answerTimeout
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(out))
	}
	return nil
}

// environ is this process's environment without what would change how a server is made.
func environ() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "PG") })
	return append(env, "LC_ALL=C", "TZ=UTC")
}

// freePort returns a loopback port that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

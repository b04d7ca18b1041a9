package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	answerTimeout = 10 * time.Second // for a server that should be up already
	startTimeout  = 60 * time.Second // for a server that we start
)

// errNoServer is the identity of the error that no rung serves, without anything being wrong.
var errNoServer = errors.New("no PostgreSQL")

// Server is a running PostgreSQL.
type Server struct {
	// URL is its address with user, password and database, as pgx reads it.
	URL string

	rung    string  // which rung serves, and with what
	version string  // of the server, such as "15.4"
	missed  []error // why the rungs above do not serve
	stop    func() error
}

// String returns the rung that serves, the server's version, and why the rungs above do not serve.
func (s *Server) String() string {
	text := fmt.Sprintf("PostgreSQL %s, rung %s", s.version, s.rung)
	if len(s.missed) > 0 {
		text += " (not " + joinErrors(s.missed) + ")"
	}
	return text
}

// Stop stops the server and removes its data, if it was started for the tests; one that was found running is left
// alone.
func (s *Server) Stop() error {
	if s.stop == nil {
		return nil
	}
	return s.stop()
}

// Environ returns env changed so that tests in a process with that environment use this server and name its rung.
func (s *Server) Environ(env []string) []string {
	var out []string
	for _, entry := range env {
		switch name, _, _ := strings.Cut(entry, "="); name {
		case envURL, envServed, envRung:
		default:
			out = append(out, entry)
		}
	}
	return append(out, envURL+"="+s.URL, envServed+"="+s.rung)
}

// Climb returns a PostgreSQL from the first rung of the ladder that serves. It takes up to two minutes when an image is
// pulled, a second or two otherwise. The caller stops the server. Ending ctx ends the climb, not the server.
func Climb(ctx context.Context) (*Server, error) {
	found := rung{"dsn", func(ctx context.Context) (*Server, error) { return openURL(ctx, os.Getenv) }}
	return ladder{getenv: os.Getenv, rungs: append([]rung{found}, started(os.Getenv)...)}.climb(ctx)
}

// started are the rungs that start a server.
func started(getenv func(string) string) []rung {
	return []rung{
		{"docker", func(ctx context.Context) (*Server, error) { return openDocker(ctx, getenv(envImage)) }},
		{"binary", openBinary},
	}
}

// climbAlone starts a server beside the one that serves, whatever that is.
func climbAlone(ctx context.Context, getenv func(string) string) (*Server, error) {
	forced := getenv(envRung)
	return ladder{rungs: started(getenv), getenv: func(name string) string {
		if name == envRung && forced != "dsn" {
			return forced
		}
		return ""
	}}.climb(ctx)
}

// ladder is the ways to a server, in the order they are tried.
type ladder struct {
	getenv func(string) string
	rungs  []rung
}

type rung struct {
	name string
	open func(context.Context) (*Server, error)
}

func (l ladder) climb(ctx context.Context) (*Server, error) {
	forced := l.getenv(envRung)
	by := envRung
	if forced == "" && l.getenv(envURL) != "" {
		// Whoever names a server means that one: another in its place would hide that it does not answer.
		forced, by = "dsn", envURL
	}
	var names []string
	var missed []error
	for _, r := range l.rungs {
		names = append(names, r.name)
		if forced != "" && r.name != forced {
			continue
		}
		server, err := r.open(ctx)
		switch {
		case err == nil:
			server.missed = missed
			return server, nil
		case forced != "":
			return nil, fmt.Errorf("rung %q, chosen by %s, does not serve: %w", r.name, by, err)
		case ctx.Err() != nil:
			return nil, fmt.Errorf("rung %q: %w", r.name, err)
		}
		missed = append(missed, fmt.Errorf("%s: %w", r.name, err))
	}
	if forced != "" {
		return nil, fmt.Errorf("%s is %q; expected one of %s", envRung, forced, strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("%w: %s", errNoServer, joinErrors(missed))
}

// openURL uses the server that the environment names.
func openURL(ctx context.Context, getenv func(string) string) (*Server, error) {
	url := getenv(envURL)
	if url == "" {
		return nil, fmt.Errorf("%s is not set", envURL)
	}
	rung := "dsn"
	if served := getenv(envServed); served != "" {
		rung = served
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	version, err := serverVersion(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Server{URL: url, rung: rung, version: version}, nil
}

// serverVersion asks a server for its version, which shows that it serves.
func serverVersion(ctx context.Context, url string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	version, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
	return version, nil
}

// joinErrors returns the errors on one line.
func joinErrors(errs []error) string {
	var texts []string
	for _, err := range errs {
		texts = append(texts, strings.Join(strings.Fields(err.Error()), " "))
	}
	return strings.Join(texts, "; ")
}

package dbtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// rungsOf returns rungs of which those named serve, and the list of those tried.
func rungsOf(serving ...string) (rungs []rung, tried *[]string) {
	tried = &[]string{}
	for _, name := range []string{"dsn", "docker", "binary"} {
		rungs = append(rungs, rung{name, func(context.Context) (*Server, error) {
			*tried = append(*tried, name)
			if !slices.Contains(serving, name) {
				return nil, errors.New("not here")
			}
			return &Server{rung: name, version: "15.4"}, nil
		}})
	}
	return rungs, tried
}

func TestClimbChoosesRung(t *testing.T) {
	t.Parallel()
	const none = `no PostgreSQL: dsn: not here; docker: not here; binary: not here`
	for _, c := range []struct {
		name    string
		env     map[string]string
		serving string
		tried   string
		want    string // the server or the error
		absent  bool   // whether the error lets tests skip
	}{
		{name: "first", serving: "dsn docker binary", tried: "dsn", want: "PostgreSQL 15.4, rung dsn"},
		{
			name: "second", serving: "docker binary", tried: "dsn docker",
			want: "PostgreSQL 15.4, rung docker (not dsn: not here)",
		},
		{
			name: "third", serving: "binary", tried: "dsn docker binary",
			want: "PostgreSQL 15.4, rung binary (not dsn: not here; docker: not here)",
		},
		{name: "none", tried: "dsn docker binary", want: none, absent: true},
		{
			name: "forced", env: map[string]string{envRung: "binary"}, serving: "dsn docker binary", tried: "binary",
			want: "PostgreSQL 15.4, rung binary",
		},
		{
			name: "forced against a URL", env: map[string]string{envRung: "docker", envURL: "x"}, serving: "dsn docker",
			tried: "docker", want: "PostgreSQL 15.4, rung docker",
		},
		{
			name: "forced fails", env: map[string]string{envRung: "docker"}, serving: "binary", tried: "docker",
			want: `rung "docker", chosen by DOVETAIL_TEST_RUNG, does not serve: not here`,
		},
		{
			name: "URL fails", env: map[string]string{envURL: "x"}, serving: "docker binary", tried: "dsn",
			want: `rung "dsn", chosen by DOVETAIL_TEST_POSTGRES, does not serve: not here`,
		},
		{
			name: "misspelt", env: map[string]string{envRung: "dockr"}, serving: "docker",
			want: `DOVETAIL_TEST_RUNG is "dockr"; expected one of dsn, docker, binary`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rungs, tried := rungsOf(strings.Fields(c.serving)...)
			l := ladder{getenv: func(key string) string { return c.env[key] }, rungs: rungs}
			server, err := l.climb(context.Background())
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = server.String()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if errors.Is(err, errNoServer) != c.absent {
				t.Errorf("errNoServer: got %v, want %v", !c.absent, c.absent)
			}
			if all := strings.Join(*tried, " "); all != c.tried {
				t.Errorf("tried %q, want %q", all, c.tried)
			}
		})
	}
}

func TestClimbEndsWhenInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rungs, tried := rungsOf("binary")
	_, err := ladder{getenv: func(string) string { return "" }, rungs: rungs}.climb(ctx)
	if err == nil || errors.Is(err, errNoServer) || len(*tried) != 1 {
		t.Errorf("got %v after %v, want an error that is no absence after one rung", err, *tried)
	}
}

func TestOpenURLNamesTheRungHandedDown(t *testing.T) {
	t.Parallel()
	_, err := openURL(context.Background(), func(string) string { return "" })
	if err == nil || err.Error() != "DOVETAIL_TEST_POSTGRES is not set" {
		t.Errorf("without a URL: got %v", err)
	}
	_, err = openURL(context.Background(), func(string) string { return "postgres://127.0.0.1:1/x" })
	if err == nil {
		t.Error("where nobody listens: got no error")
	}
	server, _, err := shared.acquire()
	if err != nil {
		shared.missing(t, postgresName, err)
	}
	shared.use(t, postgresName)
	for env, want := range map[string]string{"": "dsn", "docker (x)": "docker (x)"} {
		got, err := openURL(context.Background(), func(key string) string {
			return map[string]string{envURL: server.URL, envServed: env}[key]
		})
		if err != nil || got.rung != want || got.version != server.version || got.stop != nil {
			t.Errorf("with %s=%q: got %v, %v, want rung %q", envServed, env, got, err, want)
		}
	}
}

func TestEnvironHandsTheServerDown(t *testing.T) {
	t.Parallel()
	server := &Server{URL: "postgres://new", rung: "docker (x)"}
	env := []string{"A=1", envURL + "=old", envRung + "=docker", envServed + "=old", envRequire + "=sqlite"}
	got := server.Environ(env)
	want := []string{"A=1", envRequire + "=sqlite", envURL + "=postgres://new", envServed + "=docker (x)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChooseImage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, wanted string
		local        []string
		image        string
		have         bool
	}{
		{"nothing local", "", nil, defaultImage, false},
		{"default local", "", []string{"x:1", defaultImage}, defaultImage, true},
		{"another postgres", "", []string{"postgres:9.6"}, defaultImage, false},
		{"own first", "", []string{defaultImage, "dovetail-postgres:15"}, "dovetail-postgres:15", true},
		{"alike is not own", "", []string{"dovetail-postgres-x:15"}, defaultImage, false},
		{"wanted, local", "pg:16", []string{"dovetail-postgres:15", "pg:16"}, "pg:16", true},
		{"wanted, not local", "pg:16", []string{"dovetail-postgres:15", "pg:17"}, "pg:16", false},
		{"wanted without tag", "pg", []string{"pg:latest"}, "pg:latest", true},
		{"wanted from a port", "host:5000/pg", nil, "host:5000/pg:latest", false},
		{"wanted from a port, tagged", "host:5000/pg:16", nil, "host:5000/pg:16", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			image, have := chooseImage(c.wanted, c.local)
			if image != c.image || have != c.have {
				t.Errorf("got %q, %v, want %q, %v", image, have, c.image, c.have)
			}
		})
	}
}

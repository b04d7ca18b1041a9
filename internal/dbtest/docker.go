package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ory/dockertest/v3"
	"github.com/ory/dockertest/v3/docker"
)

const (
	ownImage     = "dovetail-postgres" // what scripts/test-image.sh builds, tagged with the server's major version
	defaultImage = "postgres:17"

	engineTimeout = 5 * time.Second
	pullTimeout   = 60 * time.Second

	containerSeconds = 2 * 60 * 60 // after which a container that nobody stopped ends by itself
	containerShm     = 256 << 20   // bytes; the engine's 64 MiB are too few for parallel queries
	containerPort    = "5432/tcp"
	containerData    = "/dovetail" // where no image has a volume, whatever its version
)

// serverSettings make a server fast and roomy whose data nobody will miss.
var serverSettings = [...]string{
	"fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200",
}

// openDocker runs a server in a container. Nothing of it outlasts the container, which outlasts a killed run by
// containerSeconds at most.
func openDocker(ctx context.Context, wanted string) (*Server, error) {
	pool, err := dockertest.NewPool("")
	if err != nil {
		return nil, fmt.Errorf("no engine: %w", err)
	}
	pingCtx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	if err := pool.Client.PingWithContext(pingCtx); err != nil {
		return nil, fmt.Errorf("no engine answers: %w", err)
	}
	image, err := haveImage(ctx, pool.Client, wanted)
	if err != nil {
		return nil, err
	}
	password := rand.Text()
	container, err := runContainer(pool, image, password)
	if err != nil {
		return nil, fmt.Errorf("cannot run image %q: %w", image, err)
	}
	server := &Server{rung: "docker (" + image + ")", stop: func() error { return purge(pool, container) }}
	if err := server.await(ctx, pool.Client, container, password); err != nil {
		return nil, errors.Join(fmt.Errorf("image %q: %w", image, err), server.Stop())
	}
	return server, nil
}

// haveImage returns the name of an image that the engine has, pulling it if need be and possible.
func haveImage(ctx context.Context, client *docker.Client, wanted string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	images, err := client.ListImages(docker.ListImagesOptions{Context: ctx})
	if err != nil {
		return "", fmt.Errorf("cannot list images: %w", err)
	}
	var local []string
	for _, image := range images {
		local = append(local, image.RepoTags...)
	}
	image, have := chooseImage(wanted, local)
	if have {
		return image, nil
	}
	repository, tag := splitImage(image)
	pull := docker.PullImageOptions{Repository: repository, Tag: tag, Context: ctx}
	err = client.PullImage(pull, docker.AuthConfiguration{})
	if err != nil {
		return "", fmt.Errorf("image %q is neither here nor to be pulled; make test-image builds one: %w", image, err)
	}
	return image, nil
}

// chooseImage returns the image to run and whether it is among the local ones.
func chooseImage(wanted string, local []string) (image string, have bool) {
	if wanted != "" {
		repository, tag := splitImage(wanted)
		image = repository + ":" + tag
		return image, slices.Contains(local, image)
	}
	for _, name := range local {
		if strings.HasPrefix(name, ownImage+":") {
			return name, true
		}
	}
	return defaultImage, slices.Contains(local, defaultImage)
}

// splitImage parts a name from its tag, which defaults to latest. A colon before a slash belongs to a registry's port.
func splitImage(image string) (repository, tag string) {
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[:i], image[i+1:]
	}
	return image, "latest"
}

func runContainer(pool *dockertest.Pool, image, password string) (*dockertest.Resource, error) {
	repository, tag := splitImage(image)
	info, err := pool.Client.InspectImage(image)
	if err != nil {
		return nil, err
	}
	cmd := []string{"postgres"}
	for _, setting := range serverSettings {
		cmd = append(cmd, "-c", setting)
	}
	options := &dockertest.RunOptions{
		Repository: repository,
		Tag:        tag,
		// The container ends itself: a request to the engine (dockertest's Expire) comes too late if we are killed before.
		// SIGINT is PostgreSQL's fast shutdown.
		Entrypoint: append([]string{"timeout", "-s", "INT", strconv.Itoa(containerSeconds)}, info.Config.Entrypoint...),
		Cmd:        cmd,
		Env:        []string{"POSTGRES_PASSWORD=" + password, "PGDATA=" + containerData + "/data"},
		Labels:     map[string]string{"dovetail": "test"},
	}
	if engineHost() == "" {
		options.PortBindings = map[docker.Port][]docker.PortBinding{containerPort: {{HostIP: "127.0.0.1"}}}
	}
	return pool.RunWithOptions(options, func(host *docker.HostConfig) {
		host.AutoRemove = true
		host.ShmSize = containerShm
		host.Tmpfs = map[string]string{containerData: ""}
	})
}

// engineHost returns the host of an engine that DOCKER_HOST places on another computer, "" for one on this.
func engineHost() string {
	u, err := url.Parse(os.Getenv("DOCKER_HOST"))
	if err != nil || u.Scheme == "unix" {
		return ""
	}
	return u.Hostname()
}

// await fills in the server's URL and version once it answers.
func (s *Server) await(ctx context.Context, c *docker.Client, r *dockertest.Resource, password string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		var err error
		for _, address := range addresses(r) {
			u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: address, Path: "postgres"}
			u.RawQuery = "sslmode=disable"
			s.URL = u.String()
			once, cancel := context.WithTimeout(ctx, engineTimeout)
			s.version, err = serverVersion(once, s.URL)
			cancel()
			if err == nil {
				return nil
			}
		}
		if _, gone := c.InspectContainerWithContext(r.Container.ID, ctx); gone != nil {
			return fmt.Errorf("the container ended before it answered: %w", gone)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer within %v: %w", startTimeout, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// addresses returns where the server may be reached: at its published port, or, when the tests run in a container of
// the same engine, inside the engine's network.
func addresses(r *dockertest.Resource) []string {
	published := r.GetHostPort(containerPort)
	if host := engineHost(); host != "" {
		published = net.JoinHostPort(host, r.GetPort(containerPort))
	}
	all := []string{published}
	if ip := r.Container.NetworkSettings.IPAddress; ip != "" {
		all = append(all, net.JoinHostPort(ip, "5432"))
	}
	return all
}

// purge removes the container; that it is gone already is no error.
func purge(pool *dockertest.Pool, r *dockertest.Resource) error {
	var gone *docker.NoSuchContainer
	if err := pool.Purge(r); err != nil && !errors.As(err, &gone) {
		return err
	}
	return nil
}

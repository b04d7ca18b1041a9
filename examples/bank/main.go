// Command bank shows dovetail on PostgreSQL: joins, preloads, EXISTS, a limit for each owner, what Explain says, and
// what a mistake looks like. It makes its tables in a schema of its own and drops that at the end.
//
//	DATABASE_URL=postgres://user:password@localhost:5432/database go run ./examples/bank
//
// The tables and relations are declared in models.go, the queries are in scenes.go.
package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/examples/internal/show"
)

//go:embed schema.sql
var tables string

const noURL = `This example needs a PostgreSQL, 12 or newer, and the right to create a schema in it. Tell it where:

  DATABASE_URL=postgres://user:password@localhost:5432/database go run ./examples/bank

If PostgreSQL or Docker is installed here, a server for just this run is made by

  go run ./internal/dbtest/serve -- sh -c 'DATABASE_URL=$DOVETAIL_TEST_POSTGRES go run ./examples/bank'

Without either, see examples/quickstart, which brings its own database.
`

func main() {
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		fmt.Fprint(os.Stderr, noURL)
		os.Exit(2)
	}
	if err := run(context.Background(), url, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run makes the tables, tells the story to w, and drops the tables.
func run(ctx context.Context, url string, w io.Writer) (err error) {
	schema := "dovetail_bank_" + strings.ToLower(rand.Text()[:10])
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("cannot read DATABASE_URL: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = schema
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		return fmt.Errorf("cannot create a schema; is the server up, and may this user do so? %w", err)
	}
	defer func() {
		// Also when ctx is done, which is no reason to leave the tables behind.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_, dropErr := pool.Exec(end, "DROP SCHEMA "+schema+" CASCADE")
		err = errors.Join(err, dropErr)
	}()
	if _, err := pool.Exec(ctx, tables); err != nil {
		return err
	}

	db := postgres.New(pool) // *pgxpool.Pool, *pgx.Conn or pgx.Tx
	for _, scene := range scenes {
		if err := scene(ctx, show.Around(db, w), w); err != nil {
			return err
		}
	}
	return nil
}

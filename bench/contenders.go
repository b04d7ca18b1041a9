package main

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// contender is one way to run the workloads.
type contender struct {
	name    string
	modules []string // whose versions are told
	open    func(context.Context, place) (calls, error)
	byHand  []string // workloads that the library does not express, so that statement or relations are written by hand
}

// field are all contenders. The first is what the others are measured by; those up to usual run where none are asked for.
var field = []contender{
	{name: "by hand", modules: []string{"github.com/jackc/pgx/v5"}, open: overPgx(func(c *pgx.Conn) loads { return raw{pgxHandle{c}} })},
	{name: "by hand again", open: overPgx(func(c *pgx.Conn) loads { return raw{pgxHandle{c}} })},
	{name: ours, open: overPgx(func(c *pgx.Conn) loads { return library{db: postgres.New(c)} })},
	{name: "one trip", open: overPgx(func(c *pgx.Conn) loads { return library{db: postgres.New(c), atOnce: true} })},
	{name: "CollectRows", modules: []string{"github.com/jackc/pgx/v5"}, open: overPgx(func(c *pgx.Conn) loads { return collector{c} }), byHand: preloads},
	{name: "squirrel+scany", modules: []string{"github.com/Masterminds/squirrel", "github.com/georgysavva/scany/v2"},
		open: overPgx(func(c *pgx.Conn) loads { return scanner{c} }), byHand: preloads},
	{name: "GORM", modules: []string{"gorm.io/gorm"}, open: overSQL(pgx.QueryExecModeCacheStatement, openGORM), byHand: []string{"W12"}},
	{name: "Bun", modules: []string{"github.com/uptrace/bun"}, open: overSQL(pgx.QueryExecModeSimpleProtocol, openBun), byHand: []string{"W12"}},
	{name: "jet", modules: []string{"github.com/go-jet/jet/v2"}, open: overSQL(pgx.QueryExecModeCacheStatement, openJet), byHand: []string{"W10", "W10s"}},
}

const (
	ours  = "dovetail"
	usual = 4
)

var preloads = []string{"W3s", "W3", "W3x", "W4a", "W4b", "W5", "W10", "W10s", "W12"}

// chosen returns the contenders of a list of names, the first of all before them; "all" are all, none the usual ones.
func chosen(names string) ([]contender, error) {
	switch names {
	case "":
		return field[:usual], nil
	case "all":
		return field, nil
	}
	some := field[:1:1]
	for _, name := range strings.Split(names, ",") {
		i := slices.IndexFunc(field, func(c contender) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no contender %q", name)
		}
		if i > 0 {
			some = append(some, field[i])
		}
	}
	return some, nil
}

func overPgx(loadsOf func(*pgx.Conn) loads) func(context.Context, place) (calls, error) {
	return func(ctx context.Context, at place) (calls, error) {
		conn, err := at.tape.connect(ctx, at.config)
		if err != nil {
			return nil, err
		}
		return callsOf(loadsOf(conn)), nil
	}
}

// overSQL is for what speaks database/sql: pgx's driver, on one connection.
func overSQL(mode pgx.QueryExecMode, callsOf func(*sql.DB) (calls, error)) func(context.Context, place) (calls, error) {
	return func(_ context.Context, at place) (calls, error) {
		own := at.config.Copy()
		own.DefaultQueryExecMode = mode
		return callsOf(at.tape.open(own))
	}
}

// versions says what took part.
func versions(contenders []contender, server string) string {
	info, _ := debug.ReadBuildInfo()
	all := []string{info.GoVersion}
	if server != "" {
		all = append(all, server)
	}
	for _, c := range contenders {
		for _, d := range info.Deps {
			if said := d.Path + " " + d.Version; slices.Contains(c.modules, d.Path) && !slices.Contains(all, said) {
				all = append(all, said)
			}
		}
	}
	return strings.Join(all, ", ")
}

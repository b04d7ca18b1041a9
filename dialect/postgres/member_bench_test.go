package postgres_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// memberRows and memberOwners are how many rows the table has, and how many owners these are of.
const (
	memberRows   = 200_000
	memberOwners = 50_000
)

// memberForms are statements for the rows of a list of keys; that of preloads is the first.
var memberForms = []struct{ name, test string }{
	{"any", "= ANY($1::bigint[])"},
	{"unnest", "IN (SELECT unnest($1::bigint[]))"},
}

// BenchmarkKeyMember finds the rows of keys by a prepared statement, as preloads do, under a plan that the server has settled for.
func BenchmarkKeyMember(b *testing.B) {
	setup := dbtest.Postgres(b)
	if _, err := setup.Exec(b.Context(), fmt.Sprintf(`CREATE TABLE member_with (id bigint PRIMARY KEY, owner_id bigint NOT NULL, note text NOT NULL);
INSERT INTO member_with SELECT n, n %% %d, 'note ' || n FROM generate_series(1, %d) AS n;
CREATE TABLE member_without AS TABLE member_with;
CREATE INDEX ON member_with (owner_id);
ANALYZE member_with, member_without`, memberOwners, memberRows)); err != nil {
		b.Fatal(err)
	}
	for _, table := range []string{"with", "without"} {
		for _, mode := range []string{"auto", "force_generic_plan"} {
			config := dbtest.PostgresConfig(b)
			config.MaxConns = 1
			config.ConnConfig.RuntimeParams["plan_cache_mode"] = mode
			pool := dbtest.PostgresPool(b, config)
			for _, keys := range []int{10, 1_000, 10_000} {
				for _, form := range memberForms {
					b.Run(fmt.Sprintf("index=%s/plan=%s/keys=%d/%s", table, mode, keys, form.name), func(b *testing.B) {
						benchmarkMember(b, pool, "SELECT id, owner_id, note FROM member_"+table+" WHERE owner_id "+form.test, keys)
					})
				}
			}
		}
	}
}

func benchmarkMember(b *testing.B, pool *pgxpool.Pool, sql string, n int) {
	keys := make([]int64, n)
	for i := range keys {
		keys[i] = int64(i * (memberOwners / n))
	}
	read := func() {
		rows, err := pool.Query(b.Context(), sql, keys)
		if err != nil {
			b.Fatal(err)
		}
		if found, err := pgx.CollectRows(rows, func(pgx.CollectableRow) (struct{}, error) { return struct{}{}, nil }); err != nil || len(found) != n*memberRows/memberOwners {
			b.Fatalf("expected %d rows, got %d, %v", n*memberRows/memberOwners, len(found), err)
		}
	}
	for range 10 { // the server chooses between a plan of its own for each list and one for all by the first five
		read()
	}
	for b.Loop() {
		read()
	}
}

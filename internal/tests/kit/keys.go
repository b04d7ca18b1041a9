package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
)

// KeysOnPostgres runs each case on tables of its own, made after the statements of before.
func KeysOnPostgres(t *testing.T, before string, cases []KeyCase, vary func(*pgxpool.Config)) {
	t.Helper()
	for _, c := range cases {
		t.Run("postgres/"+c.Name, func(t *testing.T) { c.Agree(t, PostgresProbe(t, before+c.DDL(), vary), c.Want) })
	}
}

// KeysOnSQLite runs each case on tables of its own.
func KeysOnSQLite(t *testing.T, cases []KeyCase) {
	t.Helper()
	for _, c := range cases {
		t.Run("sqlite/"+c.Name, func(t *testing.T) { c.Agree(t, SQLiteProbe(t, c.DDL()), c.Want) })
	}
}

// KeysAgree checks that a preload finds exactly the rows that the database's own join finds, both ways, also with a
// limit for each owner, and that dovetail's join finds the same.
func KeysAgree[O, R any](t *testing.T, p Probe, want []string) {
	t.Helper()
	owners, rows := KeyTables[O, R]()
	all, related := dovetail.Select(owners).OrderBy("id"), dovetail.Select(rows).OrderBy("id")
	pairs := func(q dovetail.Query[*KeyOwner[O, R]]) []string { return OwnerPairs(All(t, p.DB, q)) }
	keyAnswers{
		joined:  all.Columns("id", "related.id").Join("related").OrderBy("related.id"),
		loaded:  pairs(all.Preload("related")),
		limited: pairs(all.Preload("related", dovetail.Select(rows).Limit(1))),
		back:    RowPairs(All(t, p.DB, related.Preload("owners"))),
	}.check(t, p, want)
}

// keyAnswers are what dovetail says of the pairs of owners and rows. They have no types of their own, and neither has their check:
// what is generic is compiled anew for each pair of key types.
type keyAnswers struct {
	joined                dovetail.AnyQuery
	loaded, limited, back []string
}

func (a keyAnswers) check(t *testing.T, p Probe, want []string) {
	t.Helper()
	expect := func(what string, got, want []string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: expected pairs %q, got %q", what, want, got)
		}
	}
	expect("join by hand", p.Ask(t, `SELECT o.id, r.id FROM key_owners o JOIN key_rows r ON r.k = o.k ORDER BY 1, 2`), want)
	type joined struct {
		ID      int64
		Related struct{ ID int64 }
	}
	got := []string{}
	for _, j := range Collect[joined](t, p.DB, a.joined) {
		got = append(got, fmt.Sprint(j.ID, " ", j.Related.ID))
	}
	expect("join", got, want)
	expect("preload", a.loaded, want)

	first := []string{} // the first row of each owner: want is sorted
	for i, pair := range want {
		if i == 0 || strings.Fields(want[i-1])[0] != strings.Fields(pair)[0] {
			first = append(first, pair)
		}
	}
	expect("preload of one row each", a.limited, first)
	expect("preload of the owners", a.back,
		p.Ask(t, `SELECT r.id, o.id FROM key_rows r JOIN key_owners o ON o.k = r.k ORDER BY 1, 2`))
}

// Lookalikes are texts that read like values of other types, and like each other there. As texts no two are equal.
var Lookalikes = []string{"true", "false", "1", "0", "01", "1.0", "t", "2024-01-01", "2024-01-01T00:00:00Z",
	"2024-01-01 00:00:00", "2024-01-01 00:00:00+00:00", "2024-01-01 00:00:00 +0000 UTC", "1704067200", `\x61`, "a", "A", "a ", "", "null", `"a"`,
	`{"t":"61"}`, "0a0b0c0d-0e0f-4000-8000-000000000001", "0A0B0C0D-0E0F-4000-8000-000000000001"}

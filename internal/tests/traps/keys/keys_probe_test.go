package keys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// onPostgres runs each case on tables of its own, made after the statements of before.
func onPostgres(t *testing.T, before string, cases []kit.KeyCase, vary func(*pgxpool.Config)) {
	t.Helper()
	for _, c := range cases {
		t.Run("postgres/"+c.Name, func(t *testing.T) { c.Agree(t, kit.PostgresProbe(t, before+c.DDL(), vary), c.Want) })
	}
}

func onSQLite(t *testing.T, cases []kit.KeyCase) {
	t.Helper()
	for _, c := range cases {
		t.Run("sqlite/"+c.Name, func(t *testing.T) { c.Agree(t, kit.SQLiteProbe(t, c.DDL()), c.Want) })
	}
}

// keysAgree checks that a preload finds exactly the rows that the database's own join finds, both ways, also with a
// limit for each owner, and that dovetail's join finds the same.
func keysAgree[O, R any](t *testing.T, p kit.Probe, want []string) {
	t.Helper()
	expect := func(what string, got, want []string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: expected pairs %q, got %q", what, want, got)
		}
	}
	expect("join by hand", p.Ask(t, `SELECT o.id, r.id FROM key_owners o JOIN key_rows r ON r.k = o.k ORDER BY 1, 2`), want)

	owners, rows := kit.KeyTables[O, R]()
	type joined struct {
		ID      int64
		Related struct{ ID int64 }
	}
	pairs, err := dovetail.Collect[joined](t.Context(), p.DB, dovetail.Select(owners).Columns("id", "related.id").
		Join("related").OrderBy("id", "related.id"))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, j := range pairs {
		got = append(got, fmt.Sprint(j.ID, " ", j.Related.ID))
	}
	expect("join", got, want)

	loaded, err := dovetail.Select(owners).OrderBy("id").Preload("related").All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	expect("preload", kit.OwnerPairs(loaded), want)
	for _, o := range loaded {
		if o.Related == nil {
			t.Errorf("owner %d: the loaded list is nil", o.ID)
		}
	}

	first := []string{} // the first row of each owner: want is sorted
	for i, pair := range want {
		if i == 0 || strings.Fields(want[i-1])[0] != strings.Fields(pair)[0] {
			first = append(first, pair)
		}
	}
	loaded, err = dovetail.Select(owners).OrderBy("id").Preload("related", dovetail.Select(rows).Limit(1)).All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	expect("preload of one row each", kit.OwnerPairs(loaded), first)

	back, err := dovetail.Select(rows).OrderBy("id").Preload("owners").All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	got = []string{}
	for _, r := range back {
		for _, o := range r.Owners {
			got = append(got, fmt.Sprint(r.ID, " ", o.ID))
		}
	}
	expect("preload of the owners", got,
		p.Ask(t, `SELECT r.id, o.id FROM key_rows r JOIN key_owners o ON o.k = r.k ORDER BY 1, 2`))
}

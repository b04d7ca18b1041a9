package fuzz_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// FuzzNames puts conditions with queries inside together, in which names mean columns of the rows inside or around, and holds what the
// library finds by them against what the same text finds by itself.
func FuzzNames(f *testing.F) {
	both := databases(f, true)
	for seed := range byte(32) {
		f.Add([]byte{seed, 3 * seed, 5 * seed, 7 * seed, 11 * seed, 13 * seed, 17 * seed, 19 * seed})
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		text := (&sentence{choices: choices[:min(len(choices), 40)]}).condition(nil, 0)
		for _, d := range both {
			want, err := kit.SQL[int64](t.Context(), d.DB, "SELECT accounts.id FROM accounts WHERE ("+text+"\n) ORDER BY accounts.id")
			if err != nil {
				continue // it has no meaning
			}
			rows, err := dovetail.Select(models.Accounts).Where(text).OrderBy("id").All(t.Context(), d.DB)
			if err != nil {
				refused(t, err, d.Name+": "+text)
				continue
			}
			got := kit.Pluck(rows, func(a *models.Account) int64 { return a.ID })
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %s: expected %v, got %v", d.Name, text, want, got)
			}
		}
	})
}

// sentence makes text of choices. Where they are at an end it takes the first of all.
type sentence struct{ choices []byte }

func (s *sentence) one(of ...string) string { return of[s.choose(len(of))] }

func (s *sentence) choose(n int) int {
	if len(s.choices) == 0 {
		return 0
	}
	c := int(s.choices[0]) % n
	s.choices = s.choices[1:]
	return c
}

// inner are the names of the rows of a query inside, from the outermost in.
type inner []string

// number and word are names of columns, of whichever rows.
func (s *sentence) number(in inner) string {
	names := []string{"id", "balance", `"balance"`, "accounts.id", `accounts."balance"`, "BALANCE", "accounts . id", "accounts/* ? */.id"}
	for _, alias := range in {
		names = append(names, alias+".amount", alias+".account_id", alias+`."id"`)
	}
	if len(in) > 0 {
		names = append(names, "amount", "account_id", `"amount"`, "Amount")
	}
	return s.one(names...)
}

func (s *sentence) word(in inner) string {
	names := []string{"owner", `"owner"`, "accounts.owner", "email", "lower(owner)", "coalesce(email, owner)"}
	for _, alias := range in {
		names = append(names, alias+".activity_type")
	}
	if len(in) > 0 {
		names = append(names, "activity_type", `"activity_type"`)
	}
	return s.one(names...)
}

func (s *sentence) condition(in inner, depth int) string {
	n := 11
	if depth > 3 {
		n = 4
	}
	switch s.choose(n) {
	case 0:
		return s.number(in) + s.one(" > ", "<", " = ", " <> ") + s.one("2", "-1", "500", "1e2", s.number(in))
	case 1:
		return s.word(in) + s.one(" = ", " <> ", " LIKE ", ">") + s.one("'Squidward'", "'it''s balance'", "'DEP'", "'%a%'", "''", "owner")
	case 2:
		return s.number(in) + s.one(" IS NOT NULL", " BETWEEN 1 AND "+s.number(in), " IN (1, 2, "+s.number(in)+")", " IS NULL")
	case 3:
		return s.word(in) + s.one(" IS NOT NULL -- owner", " IN ('DEP', owner)", " IS NULL /* balance */")
	case 4:
		return "NOT (" + s.condition(in, depth+1) + "\n)"
	case 5, 6:
		return "(" + s.condition(in, depth+1) + "\n" + s.one("AND ", "OR ") + s.condition(in, depth+1) + "\n)"
	case 7:
		return "CASE WHEN " + s.condition(in, depth+1) + "\nTHEN " + s.condition(in, depth+1) + "\nELSE " + s.condition(in, depth+1) + "\nEND"
	case 8:
		return s.one("", "NOT ") + "EXISTS (SELECT 1 FROM " + s.rows(in, depth, "") + ")"
	case 9:
		return s.number(in) + s.one(" IN", " NOT IN") + " (SELECT " + s.rows(in, depth, "account_id") + ")"
	}
	return "(SELECT " + s.one("count(*)", "max(amount)", "min(id)") + " FROM " + s.rows(in, depth, "") + ")" + s.one(" > 1", " = id", " < balance")
}

// rows is what follows FROM of a query inside, and what precedes it where it selects a column.
func (s *sentence) rows(in inner, depth int, column string) string {
	table, alias := s.one("activity", "activity", "accounts", "posts"), s.one("", "", "a", `"A b"`, "accounts", "owner", "b")
	name := alias
	if name == "" {
		name = table
	}
	text := table + s.one(" ", " AS ") + alias
	if alias == "" {
		text = table
	}
	if column != "" {
		text = s.one(column, name+"."+column, "id", name+".id") + " FROM " + text
	}
	inside := append(in[:len(in):len(in)], name)
	return text + " WHERE " + s.one(name+".account_id = accounts.id AND ", "account_id = accounts.id AND ", "") +
		strings.TrimSpace(s.condition(inside, depth+1)) + "\n"
}

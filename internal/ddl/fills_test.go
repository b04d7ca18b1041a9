package ddl_test

import (
	"slices"
	"strings"
	"testing"
)

// fills are columns that the database fills and the declaration does not know of. There is no SQL that mends it.
var fills = []damage{
	{name: "a default that is not declared", cut: `("name" \w+ NOT NULL)`, put: "$1 DEFAULT 'x'", want: filled(
		`warning authors: table "authors": the database fills column "name"`, `warning tags: table "tags": the database fills column "name"`,
		`warning awards: table "awards": the database fills column "name"`)},
	{name: "a default that is what a field holds anyway", cut: `("count" \w+ NOT NULL)`, put: "$1 DEFAULT 0"},
	{name: "a default of NULL", cut: `("subtitle" \w+)`, put: "$1 DEFAULT NULL"},
	{name: "a default of what can be NULL", cut: `("subtitle" \w+)`, put: "$1 DEFAULT ''",
		want: filled(`warning books: table "books": the database fills column "subtitle"`)},
	{name: "a generated column that is not declared", cut: `("text" \w+) NOT NULL`,
		put: "$1 NOT NULL GENERATED ALWAYS AS (item_type || 's') STORED", want: []string{`error notes: table "notes": the database ` +
			`generates column "text", which the declaration does not say; inserts that write it fail: declare it by Generated, or ReadOnly`}},
	{name: "a number that is not declared", cut: `("count" integer NOT NULL)`, put: "$1 GENERATED ALWAYS AS IDENTITY",
		sqlite: []string{}, want: []string{`error books: table "books": the database numbers column "count" always, which the declaration does ` +
			`not say; inserts that write it fail: declare it by Default, so that they leave it out where the field is zero`}},
}

// filled are findings of columns that the database fills.
func filled(begin ...string) []string {
	for i := range begin {
		begin[i] += `, which the declaration does not say; inserts write the field over it, zero included: declare it by Default, so that ` +
			`they leave it out where the field is zero`
	}
	return begin
}

func TestFillsThatAreNotDeclaredAreFound(t *testing.T) {
	t.Parallel()
	for _, d := range fills {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s server) {
				s.must(t, damaged(t, s, d))
				want := d.want
				if s.Dialect().Name() == "sqlite" && d.sqlite != nil {
					want = d.sqlite
				}
				var got []string
				for _, line := range lines(s.check(t, library())) {
					if line != "without SQL that mends it" {
						got = append(got, line)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("expected\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
				}
			})
		})
	}
}

// TestATriggerMayFillColumns: what a trigger gives a row before it is inserted nobody can read, so that it is no error for its columns to have no
// default. SQLite has no such triggers.
func TestATriggerMayFillColumns(t *testing.T) {
	t.Parallel()
	const added = `ALTER TABLE "authors" ADD COLUMN "ext" text NOT NULL DEFAULT 'x'`
	onEach(t, func(t *testing.T, s server) {
		if s.Dialect().Name() == "sqlite" {
			return
		}
		s.must(t, damaged(t, s, damage{cut: "$", put: ";"}), added, `ALTER TABLE "authors" ALTER COLUMN "ext" DROP DEFAULT`)
		undeclared := `authors: table "authors": it has a column "ext", which is not declared, cannot be NULL and has no default; every insert fails: ` +
			"declare a field for it, or give it a default"
		expect := func(want string) {
			t.Helper()
			if got := lines(s.check(t, library())); !slices.Contains(got, want) {
				t.Errorf("expected\n%s\ngot\n%s", want, strings.Join(got, "\n"))
			}
		}
		expect("error " + undeclared)
		s.must(t, `CREATE FUNCTION coded() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.ext := NEW.name; RETURN NEW; END'`,
			`CREATE TRIGGER late AFTER INSERT ON authors FOR EACH ROW EXECUTE FUNCTION coded()`,
			`CREATE TRIGGER once BEFORE INSERT ON authors FOR EACH STATEMENT EXECUTE FUNCTION coded()`,
			`CREATE TRIGGER other BEFORE UPDATE ON authors FOR EACH ROW EXECUTE FUNCTION coded()`)
		expect("error " + undeclared)
		s.must(t, `CREATE TRIGGER coding BEFORE INSERT OR UPDATE ON authors FOR EACH ROW EXECUTE FUNCTION coded()`)
		expect("warning " + undeclared + `; if trigger "coding" fills it, declare it ReadOnly`)
		s.must(t, `ALTER TABLE authors DISABLE TRIGGER coding`)
		expect("error " + undeclared)
	})
}

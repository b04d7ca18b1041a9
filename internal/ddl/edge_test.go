package ddl_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// schemas has tables of two schemas that point at each other's.
func schemas(first, second string) *dovetail.Registry {
	r := dovetail.NewRegistry()
	teams := dovetail.NewTable[team](r, "teams", dovetail.Schema(first))
	players := dovetail.NewTable[player](r, "players", dovetail.Schema(second))
	dovetail.HasMany(teams, "players", players, dovetail.ForeignKey("team_id"), dovetail.OnDelete(dovetail.Cascade))
	dovetail.BelongsTo(teams, "captain", players, dovetail.ForeignKey("captain_id"))
	return r
}

func TestTablesLieInTheirSchemas(t *testing.T) {
	t.Parallel()
	conn, err := dbtest.Postgres(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // the schemas are of this test alone
	r, db := schemas("ddl one", "ddl_two"), postgres.New(tx)
	if err := r.CreateAll(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s := server{DB: db}
	if findings := s.check(t, r); len(findings) > 0 {
		t.Errorf("expected no findings, got\n%s", text(findings))
	}
	want := []string{`error players: table "players": the database has no such table`,
		`error teams.captain: table "teams": the foreign key (captain_id) points at "ddl_two.players" (id), but relation ` +
			`"teams.captain" declares "ddl one.players" (id)`}
	moved := schemas("ddl one", "ddl one")
	findings := s.check(t, moved)
	if got := lines(findings); !slices.Equal(got, want) {
		t.Errorf("expected\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	for _, f := range findings {
		for _, sql := range f.Mend {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	if findings := s.check(t, moved); len(findings) > 0 {
		t.Errorf("expected no findings, got\n%s", text(findings))
	}
}

func TestAttachedDatabasesAreSchemas(t *testing.T) {
	t.Parallel()
	conn, err := dbtest.SQLite(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test is over
	if _, err := conn.ExecContext(t.Context(), "ATTACH ':memory:' AS other"); err != nil {
		t.Fatal(err)
	}
	r, s := schemas("other", "other"), server{DB: sqlite.New(conn)}
	if err := r.CreateAll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if findings := s.check(t, r); len(findings) > 0 {
		t.Errorf("expected no findings, got\n%s", text(findings))
	}
	if findings := s.check(t, schemas("main", "main")); len(findings) != 2 {
		t.Errorf("expected two missing tables, got\n%s", text(findings))
	}
}

func TestWhatADatabaseCannotHaveIsRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long_", 13)
	for _, test := range []struct {
		name    string
		declare func(r *dovetail.Registry)
		dialect dialect.Dialect
		is      error
		want    string
	}{
		{"columns without a type, all of them", func(r *dovetail.Registry) {
			dovetail.NewTable[struct {
				ID  int64
				Any any
				Sum cents
			}](r, "sums")
		}, sqlite.Dialect, dovetail.ErrUnsupported, "dovetail: 2 mistakes in the declarations:\n" +
			"\ttable \"sums\": column \"any\" (interface {}) has no SQL type on sqlite; name one with Type\n" +
			"\ttable \"sums\": column \"sum\" (ddl_test.cents) has no SQL type on sqlite; name one with Type"},
		{"a name that is cut", func(r *dovetail.Registry) { dovetail.NewTable[tag](r, long) }, postgres.Dialect,
			dovetail.ErrUnsupported, `dovetail: table "` + long + `": the name "` + long + `" has 65 bytes, and postgres keeps 63; ` +
				`choose a shorter one`},
		{"a table without columns", func(r *dovetail.Registry) { dovetail.NewTable[struct{}](r, "none") }, postgres.Dialect,
			dovetail.ErrUnsupported, `dovetail: table "none" has no columns; give its struct a field`},
		{"a key to another file", func(r *dovetail.Registry) {
			teams := dovetail.NewTable[team](r, "teams", dovetail.Schema("one"))
			players := dovetail.NewTable[player](r, "players", dovetail.Schema("two"))
			dovetail.HasMany(teams, "players", players, dovetail.ForeignKey("team_id"))
		}, sqlite.Dialect, dovetail.ErrUnsupported, `dovetail: relation "teams.players": on sqlite a table of schema "two" cannot ` +
			`point at one of "one"; keep both in one`},
		{"a dialect of no database", func(r *dovetail.Registry) { dovetail.NewTable[tag](r, "tags") }, dialect.Standard,
			dovetail.ErrUnsupported, `dovetail: ddl: the dialect "standard" is of no database, whose tables could be made; use that of ` +
				`postgres or sqlite`},
		{"a mistake in the declarations", func(r *dovetail.Registry) {
			dovetail.NewTable[tag](r, "tags", dovetail.Unique("nam"), dovetail.Index(), dovetail.Check(""), dovetail.OneOf[string]("name"),
				dovetail.OneOf("id", "a"), dovetail.Type("name", ""), dovetail.NotNull("x"))
		}, postgres.Dialect, dovetail.ErrInvalidRelation, "dovetail: 7 mistakes in the declarations:\n" +
			"\ttable \"tags\": Check: the SQL is empty; write the expression, or leave the option out\n" +
			"\ttable \"tags\": OneOf: column \"name\" is given no value; name those it may have\n" +
			"\ttable \"tags\": OneOf: column \"id\" (int64) does not hold text; use Check\n" +
			"\ttable \"tags\": Type: the SQL is empty; write the expression, or leave the option out\n" +
			"\ttable \"tags\": NotNull: table \"tags\" has no column \"x\"; did you mean \"id\"?\n" +
			"\ttable \"tags\": Unique: table \"tags\" has no column \"nam\"; did you mean \"name\"?\n" +
			"\ttable \"tags\": Index names no column"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			test.declare(r)
			statements, err := r.DDL(test.dialect)
			if !errors.Is(err, test.is) || err.Error() != test.want || statements != nil {
				t.Errorf("expected\n%s\ngot\n%v\n%q", test.want, err, statements)
			}
		})
	}
}

func TestAViewHasNoKeysToCompare(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		r := cyclic()
		s.must(t, `CREATE TABLE base (id bigint, captain_id bigint)`, `CREATE VIEW teams AS SELECT id, captain_id FROM base`,
			`CREATE TABLE players (id bigint NOT NULL PRIMARY KEY DEFAULT (1), team_id bigint NOT NULL, team_code text)`,
			`CREATE INDEX i ON players (team_id)`, `CREATE INDEX c ON players (team_code)`)
		want := []string{`error teams: table "teams": it has no column "code", which is declared (string)`, "without SQL that mends it"}
		if got := lines(s.check(t, r)); !slices.Equal(got, want) {
			t.Errorf("expected\n%s\ngot\n%s", want, got)
		}
	})
}

// What SQLite forgets with a table is there again after it was made anew, and what points at it points at it still.
func TestMakingATableAnewKeepsWhatBelongsToIt(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		if s.Dialect().Name() != "sqlite" {
			return // it changes tables
		}
		s.must(t, damaged(t, s, damage{cut: `("code" \w+) NOT NULL`, put: "$1"}))
		s.must(t, libraryRows...)
		s.must(t, "CREATE VIEW names AS SELECT name FROM authors", "CREATE UNIQUE INDEX codes ON authors (code) WHERE code > 'a'",
			"CREATE TRIGGER mark AFTER UPDATE ON authors BEGIN UPDATE tags SET name = 'marked'; END")
		for _, f := range s.check(t, library()) {
			s.must(t, f.Mend...)
			s.must(t, f.Mend...) // once more does no harm
		}
		if left := s.check(t, library()); len(left) > 0 {
			t.Errorf("expected no findings, got\n%s", text(left))
		}
		s.must(t, "UPDATE authors SET name = 'Anna' WHERE id = 1", "SELECT name FROM names", "DROP INDEX codes")
		if err := s.exec(t, "DELETE FROM authors WHERE id = 1"); err == nil {
			t.Error("an award points at the author: expected an error")
		}
		if n := len(kit.Texts(t, s, "SELECT name FROM tags WHERE name = 'marked'")); n != 1 {
			t.Error("the trigger is gone")
		}
		if broken := kit.Texts(t, s, "SELECT \"table\" FROM pragma_foreign_key_check"); len(broken) > 0 {
			t.Errorf("rows of %v point at nothing", broken)
		}
	})
}

func TestCreateAllIsAllOrNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		s.must(t, "CREATE TABLE pictures (id bigint)")
		err := library().CreateAll(t.Context(), s)
		var failed *dovetail.QueryError
		if !errors.As(err, &failed) || !strings.HasPrefix(failed.SQL, `CREATE TABLE "pictures"`) ||
			!strings.HasPrefix(err.Error(), "dovetail: create: ") || !strings.Contains(err.Error(), "already exists") {
			t.Errorf("expected the database's error for the table, got %v", err)
		}
		if f := s.check(t, library()); len(f) < 8 || slices.ContainsFunc(f[:len(f)-1], func(f dovetail.Finding) bool {
			return f.Table != "pictures" && !strings.Contains(f.Problem, "no such table")
		}) {
			t.Errorf("expected no table but the one there was, got %s", text(f))
		}
	})
}

func TestCheckIsOneRunAndReportsWhatFails(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		findings, err := library().Check(ctx, s)
		var failed *dovetail.QueryError
		if !errors.Is(err, context.Canceled) || !errors.As(err, &failed) || failed.Op != "check" || findings != nil {
			t.Errorf("expected the context's error, got %v and %v", findings, err)
		}
		c := &counter{DB: s.DB}
		if _, err := library().Check(t.Context(), c); err != nil || c.runs != 1 {
			t.Errorf("expected 1 run, got %d and %v", c.runs, err)
		}
		c.runs = 0
		if err := library().CreateAll(t.Context(), c); err != nil || c.runs != 1 {
			t.Errorf("expected 1 run, got %d and %v", c.runs, err)
		}
		if err := dovetail.NewRegistry().CreateAll(t.Context(), c); err != nil || c.runs != 1 {
			t.Errorf("expected nothing of no tables, got %v", err)
		}
		if _, err := library().Check(t.Context(), nil); err == nil || !strings.HasPrefix(err.Error(), "dovetail: check: ") {
			t.Errorf("expected an error for no database, got %v", err)
		}
	})
}

type counter struct {
	dovetail.DB
	runs int
}

func (c *counter) InTx(ctx context.Context, opts dialect.TxOptions, do func(dialect.DB) error) error {
	return c.DB.InTx(ctx, opts, func(tx dialect.DB) error {
		inside := &counter{DB: tx}
		defer func() { c.runs += inside.runs }()
		return do(inside)
	})
}

func (c *counter) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	c.runs++
	return c.DB.Run(ctx, stmts, each)
}

type purse struct {
	ID     int64
	Amount cents
	Note   string
}

// A column whose SQL type nobody knows hinders the check of the rest as little as can be.
func TestColumnsWithoutATypeAreCheckedTooButNotMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, table string
		want        []string
		left        int
	}{
		{"nothing is missing", `(id bigint NOT NULL PRIMARY KEY DEFAULT 1, amount numeric NOT NULL, note text NOT NULL)`, nil, 0},
		{"the column", `(id bigint NOT NULL PRIMARY KEY DEFAULT 1, note text NOT NULL)`, []string{
			`error purses: table "purses": it has no column "amount", which is declared (ddl_test.cents); to add it name its SQL type ` +
				`with Type`, "without SQL that mends it"}, 1},
		{"another column", `(id bigint NOT NULL PRIMARY KEY DEFAULT 1, amount varchar(9) NOT NULL, note text)`, []string{
			`warning purses: table "purses": column "note" can be NULL, but its Go type (string) cannot hold it`}, 0},
		{"the table", "", []string{`error purses: table "purses": the database has no such table; to make it name the SQL type of ` +
			`column "amount" with Type`, "without SQL that mends it"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s server) {
				r := dovetail.NewRegistry()
				dovetail.NewTable[purse](r, "purses")
				if test.table != "" {
					s.must(t, "CREATE TABLE purses "+test.table)
				}
				findings := s.check(t, r)
				if got := lines(findings); !slices.Equal(got, test.want) {
					t.Errorf("expected\n%s\ngot\n%s", strings.Join(test.want, "\n"), strings.Join(got, "\n"))
				}
				for _, f := range findings {
					s.must(t, f.Mend...)
				}
				if left := s.check(t, r); len(left) != test.left {
					t.Errorf("expected %d findings to be left, got\n%s", test.left, text(left))
				}
			})
		})
	}
}

type (
	keySub struct {
		Tenant string
		Code   string
		N      string
	}
	keyLine struct {
		Tenant string
		ID     int64
		N      string
	}
)

// TestAKeyThatCanBeNullIsFound: SQLite keeps NULLs in a primary key without NOT NULL, as PostgreSQL does in a key that is UNIQUE alone.
func TestAKeyThatCanBeNullIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"subs", "tenant"}, {"subs", "code"}, {"lines", "tenant"}} {
		t.Run(c[0]+" "+c[1], func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s server) {
				r := dovetail.NewRegistry()
				dovetail.NewTable[keySub](r, "subs", dovetail.PrimaryKey("tenant", "code"))
				dovetail.NewTable[keyLine](r, "lines", dovetail.PrimaryKey("tenant", "id"), dovetail.Identity("id"))
				ddl, err := r.DDL(s.Dialect())
				if err != nil {
					t.Fatal(err)
				}
				for _, sql := range ddl {
					if strings.Contains(sql, `"`+c[0]+`"`) {
						sql = regexp.MustCompile(`("`+c[1]+`" \w+) NOT NULL`).ReplaceAllString(sql, "$1")
						sql = strings.Replace(sql, "PRIMARY KEY (", "UNIQUE (", 1)
						if s.Dialect().Name() == "sqlite" && c[0] == "subs" {
							sql = strings.Replace(sql, "UNIQUE (", "PRIMARY KEY (", 1)
						}
					}
					s.must(t, sql)
				}
				findings := s.check(t, r)
				want := `warning ` + c[0] + `: table "` + c[0] + `": column "` + c[1] + `" can be NULL, but it is of the primary key, and rows that have NULL there have none`
				if got := lines(findings); !slices.Equal(got, []string{want}) {
					t.Fatalf("expected\n%s\ngot\n%s", want, strings.Join(got, "\n"))
				}
				s.must(t, findings[0].Mend...)
				if left := s.check(t, r); len(left) > 0 {
					t.Errorf("after the mend there is\n%s", text(left))
				}
			})
		})
	}
}

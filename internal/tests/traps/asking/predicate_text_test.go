package asking_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section D, continued: SQL text with question marks that are no placeholders, and texts that are searched for.

// textPiece is a condition on accounts: as it is written, and as PostgreSQL is sent it, with ¤ for each placeholder.
type textPiece struct {
	text, want string
	portable   bool // SQLite reads it too
	rows       int  // of a portable one: how many of 4 accounts it holds for, with 3 for every argument
}

var textPieces = []textPiece{
	{`id = ?`, `id = ¤`, true, 1},
	{`id=?`, `id=¤`, true, 1},
	{`id IN (?, ?,?)`, `id IN (¤, ¤,¤)`, true, 1},
	{`accounts.id = ?`, `"accounts"."id" = ¤`, true, 1},
	{`owner <> 'why?'`, `owner <> 'why?'`, true, 4},
	{`owner <> 'it''s ?' AND id = ?`, `owner <> 'it''s ?' AND id = ¤`, true, 1},
	{`owner <> '$1' AND id = ?`, `owner <> '$1' AND id = ¤`, true, 1},
	{`owner <> 'accounts.id' AND id < ?`, `owner <> 'accounts.id' AND id < ¤`, true, 2},
	{`owner LIKE '%?%' OR id > ?`, `owner LIKE '%?%' OR id > ¤`, true, 1},
	{"id > ? -- what ?\n", "id > ¤ -- what ?\n", true, 1},
	{`/* ? ' */ id = ?`, `/* ? ' */ id = ¤`, true, 1},
	{`"id" = ? /* accounts.id */`, `"id" = ¤ /* accounts.id */`, true, 1},
	{`id + 0 = ? - /*?*/ 1`, `id + 0 = ¤ - /*?*/ 1`, true, 1},
	{`owner <> E'\'?' AND id = ?`, `owner <> E'\'?' AND id = ¤`, false, 0},
	{`owner <> '\' AND id = ?`, `owner <> '\' AND id = ¤`, true, 1},
	{`owner <> $$?$$`, `owner <> $$?$$`, false, 0},
	{`owner <> $q$ it's ? $q$ AND id = ?`, `owner <> $q$ it's ? $q$ AND id = ¤`, false, 0},
	{`/* /* ? */ ? */ id = ?`, `/* /* ? */ ? */ id = ¤`, false, 0},
	{`'{"k": 1}'::jsonb ?? 'k'`, `'{"k": 1}'::jsonb ? 'k'`, false, 0},
	{`'{"k?": 1}'::jsonb ??| ARRAY['?', owner] OR id = ?`, `'{"k?": 1}'::jsonb ?| ARRAY['?', owner] OR id = ¤`, false, 0},
	{`'{}'::jsonb ??& ARRAY[owner]`, `'{}'::jsonb ?& ARRAY[owner]`, false, 0},
	{`U&'\0061?' <> owner`, `U&'\0061?' <> owner`, false, 0},
	{`id::text <> '?'`, `id::text <> '?'`, false, 0},
}

func (p textPiece) placeholders() int { return strings.Count(p.want, "¤") }

// joinPieces makes one condition of the pieces that the bytes choose.
func joinPieces(choice []byte) textPiece {
	joined := textPiece{portable: true}
	for i, b := range choice {
		p := textPieces[int(b)%len(textPieces)]
		word := ""
		if i > 0 {
			word = []string{" AND ", " OR ", " AND NOT "}[int(b)/len(textPieces)%3]
		}
		joined.text += word + "(" + p.text + ")"
		joined.want += word + "(" + p.want + ")"
		joined.portable = joined.portable && p.portable
	}
	return joined
}

// numbers returns n different arguments.
func numbers(n int) []any {
	args := make([]any, n)
	for i := range args {
		args[i] = int64(100 + i)
	}
	return args
}

// checkText fails the test unless the text takes exactly its arguments, and is sent as it should be.
func checkText(t *testing.T, p textPiece) (sql string) {
	t.Helper()
	n := p.placeholders()
	all := dovetail.Select(models.Accounts).Columns("id")
	for _, wrong := range []int{n - 1, n + 1} {
		if wrong >= 0 {
			err := kit.StatementError(all.Where(p.text, numbers(wrong)...))
			kit.Refused(t, err, dovetail.ErrArgCount, fmt.Sprintf("%d placeholder", n), fmt.Sprintf("%d argument", wrong))
		}
	}
	sql, args, err := all.Where(p.text, numbers(n)...).SQL(postgres.Dialect)
	if err != nil {
		t.Fatalf("%q: %v", p.text, err)
	}
	want := `SELECT "accounts"."id" FROM "accounts" WHERE (` + p.want + `)`
	for i := range n {
		want = strings.Replace(want, "¤", fmt.Sprintf("$%d", i+1), 1)
	}
	if sql != want {
		t.Errorf("%q: expected\n%s\ngot\n%s", p.text, want, sql)
	}
	if !slices.Equal(args, numbers(n)) {
		t.Errorf("%q: expected the arguments in their order, got %v", p.text, args)
	}
	return sql
}

// FuzzPredicateText puts conditions together in every way. The server counts the placeholders of many such texts in
// TestTrap_D4.
func FuzzPredicateText(f *testing.F) {
	for i := range textPieces {
		f.Add([]byte{byte(i)})
		f.Add([]byte{byte(i), byte(i*7 + 3), byte(i*11 + 50)})
	}
	f.Fuzz(func(t *testing.T, choice []byte) {
		const most = 20 // pieces, so that one run stays short
		if p := joinPieces(choice[:min(len(choice), most)]); p.text != "" {
			checkText(t, p)
		}
	})
}

func TestTrap_D4_TellsPlaceholdersFromOtherQuestionMarks(t *testing.T) {
	t.Parallel()
	t.Run("counted by the server", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.Postgres(t)
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		if _, err := conn.Exec(t.Context(), kit.ReadingsDDL(t)); err != nil {
			t.Fatal(err)
		}
		seed := kit.Seed(t)
		r := rand.New(rand.NewPCG(seed, 4))
		texts := slices.Clone(textPieces)
		for range 100 {
			choice := make([]byte, 1+r.IntN(5))
			for i := range choice {
				choice[i] = byte(r.Uint32())
			}
			texts = append(texts, joinPieces(choice))
		}
		for _, p := range texts {
			sql := checkText(t, p)
			prepared, err := conn.Conn().Prepare(t.Context(), "", sql)
			if err != nil {
				t.Errorf("seed %d: %q: %v", seed, sql, err)
				continue
			}
			if n := len(prepared.ParamOIDs); n != p.placeholders() {
				t.Errorf("seed %d: %q: expected %d parameters, the server counts %d", seed, sql, p.placeholders(), n)
			}
		}
	})
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, p := range textPieces {
			if !p.portable {
				continue
			}
			args := make([]any, p.placeholders())
			for i := range args {
				args[i] = int64(3)
			}
			rows := kit.All(t, d.DB, dovetail.Select(models.Accounts).Where(p.text, args...).Where("balance >= ?", 0))
			if len(rows) != p.rows {
				t.Errorf("%q: expected %d rows, got %d", p.text, p.rows, len(rows))
			}
		}
		if d.Postgres() {
			return
		}
		_, err := dovetail.Select(models.Accounts).Where("owner ?? 'x'").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, "sqlite", "?")
	})
}

// searchTexts are texts in which something means something else to some matching language.
func searchTexts(r *rand.Rand) []string {
	alphabet := []string{
		"a", "A", "b", "%", "_", `\`, "!", "*", "?", "[", "]", "^", "-", "'", `"`, "é", "É", "日", " ", "\n", "$1",
	}
	texts := []string{
		"", "%", "_", `\`, `\\`, `\%`, "100%", "a_b", "aXb", "[a]", "a*b", "a?b", "[!a]", "!", "!!", "!%", "é", "É", "A", "a",
	}
	for range 40 {
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		texts = append(texts, b.String())
	}
	return texts
}

func TestTrap_D16_SearchesForTextLiterally(t *testing.T) {
	t.Parallel()
	type Text struct {
		ID   int64
		Body string
	}
	table := dovetail.NewTable[Text](dovetail.NewRegistry(), "texts")
	seed := kit.Seed(t)
	matches := []struct {
		name string
		pred func(column, text string) squirrel.Sqlizer
		want func(s, text string) bool
	}{
		{"Contains", dovetail.Contains, strings.Contains},
		{"StartsWith", dovetail.StartsWith, strings.HasPrefix},
		{"EndsWith", dovetail.EndsWith, strings.HasSuffix},
	}
	kit.OnEach(t, "CREATE TABLE texts (id BIGINT PRIMARY KEY, body TEXT NOT NULL);", func(t *testing.T, d kit.Database) {
		r := rand.New(rand.NewPCG(seed, 16))
		texts := searchTexts(r)
		values := make([]string, len(texts))
		for i, text := range texts {
			values[i] = fmt.Sprintf("(%d, %s)", i, kit.Literal(text))
		}
		d.Exec(t, "INSERT INTO texts (id, body) VALUES "+strings.Join(values, ", "))
		needles := append([]string{"a_", "_b", "%%", "a%", `a\`, "^", "a]", "*b"}, texts[:30]...)
		for _, needle := range needles {
			for _, m := range matches {
				var want []int64
				for i, text := range texts {
					if m.want(text, needle) {
						want = append(want, int64(i))
					}
				}
				rows := kit.All(t, d.DB, dovetail.Select(table).Where(m.pred("body", needle)).OrderBy("id"))
				kit.Same(t, fmt.Sprintf("seed %d: %s(%q)", seed, m.name, needle),
					kit.Pluck(rows, func(x *Text) int64 { return x.ID }), want...)
			}
		}
	})
	// squirrel's Like keeps its wildcards.
	sql, args := kit.StatementOf(t, dovetail.Select(models.Accounts).Columns("id").Where(squirrel.Like{"owner": "S%"}))
	if sql != `SELECT "accounts"."id" FROM "accounts" WHERE ("accounts"."owner" LIKE $1)` || args[0] != "S%" {
		t.Errorf("expected the pattern as it is, got %s, %v", sql, args)
	}
	kit.Refused(t, kit.StatementError(dovetail.Select(models.Accounts).Where(dovetail.Contains("balance", "1"))),
		dovetail.ErrArgType, `"balance"`, "int64", "text")
}

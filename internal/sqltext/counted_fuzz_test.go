package sqltext_test

import (
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// FuzzCountedByServer has PostgreSQL parse whatever text Parse takes, once its names are quoted and its placeholders numbered: where the server
// can read it, it counts the same parameters. It is told to prepare the text, and runs nothing.
func FuzzCountedByServer(f *testing.F) {
	acquired, err := dbtest.Postgres(f).Acquire(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(acquired.Release)
	conn := acquired.Conn()
	if _, err := conn.Exec(f.Context(), tables); err != nil {
		f.Fatal(err)
	}
	for _, c := range postgresTexts {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) || strings.Contains(text, `$`+"0") {
			return // no statement holds the one, and the other is no parameter
		}
		parsed, err := sqltext.Parse(text)
		if err != nil {
			return
		}
		got, sql, err := prepare(t.Context(), conn, text)
		if want := max(parsed.Placeholders, parsed.Numbered); err == nil && got != want {
			t.Errorf("%q, sent as %q: the server counts %d parameters, and Parse %d", text, sql, got, want)
		}
	})
}

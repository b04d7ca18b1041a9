package sqltext_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// FuzzParse checks whatever Parse accepts: the pieces are the text, the placeholders are those that a second, slower
// lexer finds, and the text still means the same once it is in parentheses and its names are quoted.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		``, `?`, `a.b >= ? AND c <> 'why?'`, `E'\'?' ?`, `$t$ ? $t$ = $1`, "-- ?\n?", `/* /* ? */ */ ?`, `a."b"`, `u&a.b`,
		`x::pg_catalog.int4`, `count(DISTINCT a.*)`, `arr[1].b.c`, "E'a' --\n'\\'?' ?", `data ??| ?`, `1.e5E'x'`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := sqltext.Parse(text)
		again, errAgain := sqltext.Parse(text)
		if !reflect.DeepEqual(got, again) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
			t.Fatalf("Parse(%q) differs the second time", text)
		}
		if err != nil {
			return
		}
		if problem := inconsistent(text, got); problem != "" {
			t.Fatalf("Parse(%q): %s", text, problem)
		}
		blanked := blank(text)
		if n := strings.Count(strings.ReplaceAll(blanked, "??", ""), "?"); n != got.Placeholders {
			t.Fatalf("Parse(%q) counts %d placeholders, but blanked it is %q with %d", text, got.Placeholders, blanked, n)
		}
		checkWritten(t, got)
		got.Logic() // of whatever text
		got.Constant(nil)
	})
}

// checkWritten parses the text as a compiler writes it.
func checkWritten(t *testing.T, in sqltext.Text) {
	t.Helper()
	written := write(in, "??")
	out, err := sqltext.Parse(written)
	if err != nil {
		t.Fatalf("what is written, %q: %v", written, err)
	}
	if out.Numbered != max(in.Placeholders, in.Numbered) || out.Placeholders != 0 ||
		out.Select != in.Select || out.Aggregates != in.Aggregates || out.LineComment {
		t.Fatalf("what is written, %q, is no longer the same:\n got %s\nwant %s", written, show(out), show(in))
	}
	for _, p := range out.Pieces {
		if p.Kind == sqltext.Name {
			t.Fatalf("what is written, %q, still has the name %q", written, p.Text)
		}
	}
}

// write puts text in parentheses as a compiler does: names quoted, placeholders numbered, a newline after a comment.
// question is what to write for the escaped question mark.
func write(t sqltext.Text, question string) string {
	var b strings.Builder
	b.WriteByte('(')
	n := 0
	for _, p := range t.Pieces {
		switch p.Kind {
		case sqltext.Placeholder:
			n++
			fmt.Fprintf(&b, "$%d", n)
		case sqltext.Question:
			b.WriteString(question)
		case sqltext.Name:
			for i, part := range p.Path {
				if i > 0 {
					b.WriteByte('.')
				}
				if i == len(p.Path)-1 && part == "*" {
					b.WriteString(part)
					continue
				}
				b.WriteString(`"` + strings.ReplaceAll(part, `"`, `""`) + `"`)
			}
		default:
			b.WriteString(p.Text)
		}
	}
	if t.LineComment {
		b.WriteByte('\n')
	}
	b.WriteByte(')')
	return b.String()
}

// token is the second lexer: what it matches is a name or a number, or, in the group, something to blank.
var token = regexp.MustCompile(`(?s)^(?:` + strings.Join([]string{
	`([eE]'` + escaped + `'(?:` + gap + `'` + escaped + `')*` +
		`|[uU]&'(?:[^']|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\r\n]*)`,
	`[A-Za-z_\x{80}-\x{10FFFF}][A-Za-z_0-9$\x{80}-\x{10FFFF}]*`,
	`(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`,
	`\$[0-9]+`,
	`.`,
}, "|") + `)`)

const (
	escaped = `(?:[^'\\]|\\.|'')*`
	gap     = `(?:[ \t\f\v]|--[^\r\n]*)*[\r\n](?:[ \t\f\v\r\n]|--[^\r\n]*[\r\n])*`
)

var dollarTag = regexp.MustCompile(`^\$(?:[A-Za-z_\x{80}-\x{10FFFF}][A-Za-z_0-9\x{80}-\x{10FFFF}]*)?\$`)

// blank puts a space in place of every literal, quoted name, comment and dollar quote.
func blank(text string) string {
	var b strings.Builder
	for text != "" {
		if strings.HasPrefix(text, "/*") {
			text = afterComment(text)
			b.WriteByte(' ')
			continue
		}
		if tag := dollarTag.FindString(text); tag != "" {
			_, text, _ = strings.Cut(text[len(tag):], tag)
			b.WriteByte(' ')
			continue
		}
		m := token.FindStringSubmatch(text)
		if m[1] != "" {
			b.WriteByte(' ')
		} else {
			b.WriteString(m[0])
		}
		text = text[len(m[0]):]
	}
	return b.String()
}

var commentMark = regexp.MustCompile(`/\*|\*/`)

func afterComment(text string) string {
	depth := 0
	for {
		m := commentMark.FindStringIndex(text)
		if m == nil {
			return ""
		}
		if text[m[0]] == '/' {
			depth++
		} else {
			depth--
		}
		if text = text[m[1]:]; depth == 0 {
			return text
		}
	}
}

// Package show prints what the examples do: the statements they send, laid out for reading, and headings between them.
package show

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// DB is a database that prints every statement before it is sent. It is all that is needed to log, count or time what
// dovetail does: one method around that of the database it was made from. It is safe for concurrent use when the
// writer and the database are.
type DB struct {
	dovetail.DB
	w io.Writer
}

// Around returns db with its statements printed to w.
func Around(db dovetail.DB, w io.Writer) *DB { return &DB{db, w} }

// Run prints the statements, those of one call together because they share a round trip where the driver can, and runs
// them. The error is the database's.
func (d *DB) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	for _, s := range stmts {
		what := "sent"
		if s.Path != "" {
			what = "sent for " + s.Path
		}
		fmt.Fprintf(d.w, "  -- %s\n%s", what, indent(Lines(s.SQL)))
		if len(s.Args) > 0 {
			args := make([]string, len(s.Args))
			for i, a := range s.Args {
				args[i] = fmt.Sprint(a)
			}
			fmt.Fprintf(d.w, "  with %s\n", strings.Join(args, ", "))
		}
		fmt.Fprintln(d.w)
	}
	return d.DB.Run(ctx, stmts, each)
}

// InTx prints what runs in the transaction too.
func (d *DB) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	return d.DB.InTx(ctx, opts, func(tx dialect.DB) error { return do(&DB{tx, d.w}) })
}

// Heading prints a title, what it is about, and the code that follows.
func Heading(w io.Writer, title, about, code string) {
	fmt.Fprintf(w, "%s\n%s\n%s\n\n", title, strings.Repeat("=", len(title)), about)
	Text(w, "-- written", strings.ReplaceAll(code, "\t", "    "))
}

// Text prints lines set in, and an empty one after them.
func Text(w io.Writer, lines ...string) { fmt.Fprintln(w, indent(strings.Join(lines, "\n"))) }

func indent(text string) string {
	text = "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
	return strings.ReplaceAll(text, "\n  \n", "\n\n") // no spaces in empty lines
}

// clauses are the words that begin a line.
var clauses = []string{
	"FROM", "LEFT JOIN", "CROSS JOIN LATERAL", "JOIN", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT",
}

const width = 70 // bytes of a line after which it is broken at the next comma

// Lines breaks a statement before its clauses, and long lists after a comma. Subqueries are set in; other parentheses,
// literals and quoted names are left as they are.
func Lines(sql string) string {
	var b strings.Builder
	var subqueries []bool // for each open parenthesis, whether it holds a SELECT
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(sql); i++ {
		c := sql[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '\n':
			start = b.Len()
		case c == '(':
			is := strings.HasPrefix(sql[i+1:], "SELECT ")
			subqueries = append(subqueries, is)
			if is {
				depth++
			}
		case c == ')' && len(subqueries) > 0:
			last := len(subqueries) - 1
			if subqueries[last] {
				depth--
			}
			subqueries = subqueries[:last]
		case c != ' ' || len(subqueries) > 0 && !subqueries[len(subqueries)-1]:
		case clause(sql[i+1:]) != "":
			start = b.Len()
			word := clause(sql[i+1:])
			b.WriteString("\n" + strings.Repeat("  ", depth) + word)
			i += len(word)
			continue
		case i > 0 && sql[i-1] == ',' && b.Len()-start > width:
			start = b.Len()
			b.WriteString("\n" + strings.Repeat("  ", depth+1))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// clause returns the words at the start of the text that begin a clause, if there are any.
func clause(rest string) string {
	for _, c := range clauses {
		if strings.HasPrefix(rest, c+" ") {
			return c
		}
	}
	return ""
}

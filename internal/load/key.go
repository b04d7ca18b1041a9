package load

import (
	"context"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// KEYS THAT ARE COMPARED HERE: rows in hand and rows that were read are told apart as the database would tell them.

// Key is columns that tell rows of a table, with what is known of how the database compares them.
type Key struct {
	Fields  []*structs.Field
	columns []compared
}

// compared is a column of a key.
type compared struct {
	as    dialect.Comparison
	of    dialect.ColumnRef
	equal map[string]string // where the database was asked of the keys at hand: the one that stands for each
}

// open reports whether more keys may be the same than the comparison here says.
func (c compared) open() bool {
	return c.as == dialect.CompareUnknown || c.as == dialect.CompareAsked || c.as == dialect.CompareDivided
}

// KeyOf returns the key of the fields of a table.
func KeyOf(db dialect.DB, t *model.Table, fields []*structs.Field) Key {
	k := Key{Fields: fields, columns: make([]compared, len(fields))}
	for i, f := range fields {
		if !EqualInGo(f.Key) {
			k.columns[i].of = compile.ColumnOf(t.Graph, f.Column)
			k.columns[i].as, _ = comparison(db, t, f.Column)
		}
	}
	return k
}

// comparison says how the database compares values of a column. What it has said of the column goes before what is declared. A declared
// text says little, as the column may have a collation, and a type that nobody here knows nothing.
func comparison(db dialect.DB, t *model.Table, column string) (as dialect.Comparison, known bool) {
	ref := compile.ColumnOf(t.Graph, column)
	if as, known := db.Catalog().Comparison(ref); known {
		return as, true
	}
	if typ, known := db.Catalog().KeyType(ref); known {
		return db.Dialect().Comparison(typ), true
	}
	if c, ok := t.Graph.Column(column); ok && c.SQLType != "" {
		switch as := db.Dialect().Comparison(dialect.KeyType{SQL: c.SQLType}); as {
		case dialect.CompareTexts, dialect.ComparePadded:
		case dialect.CompareUnknown:
			return dialect.CompareAsked, false
		default:
			return as, false
		}
	}
	return dialect.CompareUnknown, false
}

// Learn returns the key of the fields of a table when the database has been asked how it compares them, unless that is known or the Go
// types tell.
func Learn(ctx context.Context, db dialect.DB, t *model.Table, fields []*structs.Field) (Key, error) {
	var unknown []dialect.ColumnRef
	for _, f := range fields {
		if _, known := comparison(db, t, f.Column); !known && !EqualInGo(f.Key) && t.Graph.Query == "" {
			unknown = append(unknown, compile.ColumnOf(t.Graph, f.Column))
		}
	}
	if len(unknown) > 0 {
		if err := learn(ctx, db, t.Registry, unknown); err != nil {
			return Key{}, err
		}
	}
	return KeyOf(db, t, fields), nil
}

// learn asks how the database compares columns. One that it does not have stays unknown.
func learn(ctx context.Context, db dialect.DB, r *model.Registry, refs []dialect.ColumnRef) error {
	by, ok := db.Dialect().(dialect.Compared)
	if !ok {
		return LearnKeyTypes(ctx, db, r, refs)
	}
	stmt := by.ColumnTypes(refs)
	stmt.Op = "look up key types"
	return Send(ctx, db, stmt.Op, []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
		for _, ref := range refs {
			db.Catalog().SetComparison(ref, dialect.CompareUnknown) // unless it is found
		}
		for rows.Next() {
			var at int64
			var t dialect.KeyType
			if err := rows.Scan(&at, &t.SQL, &t.Collation, &t.Unique); err != nil {
				return err
			}
			db.Catalog().SetComparison(refs[at], db.Dialect().Comparison(t))
		}
		return rows.Err()
	})
}

// equalInGo reports whether equal keys are equal in Go, however the columns compare.
func (k Key) equalInGo() bool {
	return !slices.ContainsFunc(k.Fields, func(f *structs.Field) bool { return !EqualInGo(f.Key) })
}

// Distinct returns the places of the rows in the order of their keys, each key once, the first that has it. The order is that of the
// texts, whatever is known of how they are compared: it is the same in every process.
func (k Key) Distinct(rows []structs.Row) ([]int, error) {
	keys, err := CollectKeys(k.Fields, KindsOf(k.Fields), rows)
	if err != nil {
		return nil, err
	}
	places, seen, equal := make([]int, 0, keys.len()), map[string]bool{}, k.equalInGo()
	for i, at := range keys.Of {
		isNew := int(at) == len(places)
		if !equal && at >= 0 {
			text, err := k.Text(rows[i])
			if err != nil {
				return nil, err
			}
			isNew, seen[text] = !seen[text], true
		}
		if isNew {
			places = append(places, i)
		}
	}
	slices.SortFunc(places, func(a, b int) int { return keys.compare(keys.Of[a], keys.Of[b]) })
	return places, nil
}

// comparedAs returns the key as if the columns of which nobody has said were compared so.
func (k Key) comparedAs(as dialect.Comparison) Key {
	all := slices.Clone(k.columns)
	for i, f := range k.Fields {
		if !EqualInGo(f.Key) && all[i].open() {
			all[i] = compared{as: as, of: all[i].of}
		}
	}
	return Key{Fields: k.Fields, columns: all}
}

// Ambiguous reports whether there is a comparison by which keys of the rows are the same that are not by what is known. Of times that is
// always so: those that are read are in another zone.
func (k Key) Ambiguous(rows []structs.Row) (bool, error) {
	if k.equalInGo() {
		return false, nil
	}
	if slices.ContainsFunc(k.Fields, func(f *structs.Field) bool { return f.Class == structs.ClassTime }) {
		return true, nil
	}
	own := make([]string, len(rows))
	for i, row := range rows {
		var err error
		if own[i], err = k.Text(row); err != nil {
			return false, err
		}
	}
	for as := range dialect.Comparisons {
		seen, other := map[string]string{}, k.comparedAs(as)
		for i, row := range rows {
			text, err := other.Text(row)
			if err != nil {
				return false, err
			}
			if before, ok := seen[text]; ok && before != own[i] {
				return true, nil
			}
			seen[text] = own[i]
		}
	}
	return k.mayBeOne(rows)
}

// Text writes the key of a row so that equal ones are equal texts.
func (k Key) Text(row structs.Row) (string, error) {
	return k.TextOf(func(i int) (string, bool, error) { return k.In(i, row) })
}

// Held writes the key that was scanned last, as Text does.
func (k Key) Held(holders []*structs.Holder) (string, error) {
	return k.TextOf(func(i int) (string, bool, error) {
		text, ok, err := holders[i].ComparedKey(k.columns[i].as)
		return k.columns[i].stands(text), ok, err
	})
}

// In reads what the i-th column of the key has in a row.
func (k Key) In(i int, row structs.Row) (text string, ok bool, err error) {
	text, ok, err = k.Fields[i].ComparedKey(k.columns[i].as, row)
	return k.columns[i].stands(text), ok, err
}

// stands returns the text that stands for all that are equal to one.
func (c compared) stands(text string) string {
	if same, ok := c.equal[text]; ok {
		return same
	}
	return text
}

// TextOf writes a key of what is read for each of its columns.
func (k Key) TextOf(read func(i int) (text string, ok bool, err error)) (string, error) {
	var b strings.Builder
	for i := range k.Fields {
		text, ok, err := read(i)
		if err != nil {
			return "", err
		}
		if ok { // and is not NULL
			b.WriteByte(1)
		}
		b.WriteString(text)
		b.WriteByte(0)
	}
	return b.String(), nil
}

// Same reports whether two rows have the same key. NULL is the same as NULL, and a value that tells no text as no other.
func (k Key) Same(a, b structs.Row) bool {
	one, err := k.Text(a)
	other, otherErr := k.Text(b)
	return err == nil && otherErr == nil && one == other
}

// Among returns the place of the one of the rows whose key was scanned last, by whichever comparison that is where nobody has said; ok is false where none has it.
func (k Key) Among(n int, row func(i int) structs.Row, holders []*structs.Holder) (at int, ok bool) {
	for as := range dialect.Comparisons {
		like := k.comparedAs(as)
		held, err := like.Held(holders)
		for i := 0; i < n && err == nil; i++ {
			var text string
			if text, err = like.Text(row(i)); err == nil && text == held {
				return i, true
			}
		}
	}
	return 0, false
}

// HeldBy returns the key as other fields hold it, which point at its rows: it is compared as it is where it is pointed at.
func (k Key) HeldBy(fields []*structs.Field) Key { return Key{Fields: fields, columns: k.columns} }

// With is the key with the columns of another behind its own.
func (k Key) With(other Key) Key {
	return Key{Fields: slices.Concat(k.Fields, other.Fields), columns: slices.Concat(k.columns, other.columns)}
}

package load

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// KEYS THAT ONLY THE DATABASE COMPARES: those of a collation that finds different texts equal, and of types that nobody here knows.

// textsOf returns what the i-th column of the key has in the rows, each text once.
func (k Key) textsOf(i int, rows []structs.Row) ([]string, error) {
	var texts []string
	seen := map[string]bool{}
	for _, row := range rows {
		text, ok, err := k.Fields[i].ComparedKey(k.columns[i].as, row)
		if err != nil {
			return nil, err
		}
		if ok && !seen[text] {
			seen[text], texts = true, append(texts, text)
		}
	}
	return texts, nil
}

// mayBeOne reports whether keys of the rows may be the same by a comparison that none here is: where the database is known to have one,
// any that differ; where nothing is known, those that differ in blanks, signs and zeros before digits, or are not of ASCII alone.
func (k Key) mayBeOne(rows []structs.Row) (bool, error) {
	for i, c := range k.columns {
		if EqualInGo(k.Fields[i].Key) || c.as != dialect.CompareAsked && c.as != dialect.CompareUnknown {
			continue
		}
		texts, err := k.textsOf(i, rows)
		if err != nil {
			return false, err
		}
		if len(texts) > 1 && (c.as == dialect.CompareAsked || mayCollate(texts)) {
			return true, nil
		}
	}
	return false, nil
}

// mayCollate reports whether some collation may find two of the texts equal.
func mayCollate(texts []string) bool {
	seen := map[string]bool{}
	for _, text := range texts {
		var b strings.Builder
		digits := false
		for _, r := range strings.ToLower(text) {
			is := r >= '0' && r <= '9'
			switch {
			case r >= utf8.RuneSelf:
				return true
			case r == '0' && !digits, !is && (r < 'a' || r > 'z'):
			default:
				b.WriteRune(r)
			}
			digits = is && (digits || r != '0')
		}
		if seen[b.String()] {
			return true
		}
		seen[b.String()] = true
	}
	return false
}

// Settled returns the key with what the database says of those columns of the rows that it alone compares. Keys that look alike are
// refused where the column and its unique key do not compare them in one way.
func (k Key) Settled(ctx context.Context, db dialect.DB, rows []structs.Row) (Key, error) {
	columns := slices.Clone(k.columns)
	for i := range columns {
		if EqualInGo(k.Fields[i].Key) {
			continue
		}
		texts, err := k.textsOf(i, rows)
		if err == nil {
			err = columns[i].settle(ctx, db, texts)
		}
		if err != nil {
			return k, err
		}
	}
	return Key{Fields: k.Fields, columns: columns}, nil
}

// settle finds which of the texts are the same.
func (c *compared) settle(ctx context.Context, db dialect.DB, texts []string) error {
	by, can := db.Dialect().(dialect.Equating)
	switch {
	case c.as == dialect.CompareDivided:
		return c.refuseAlike(texts)
	case c.as != dialect.CompareAsked || !can:
		return nil
	}
	texts = slices.DeleteFunc(slices.Clone(texts), func(text string) bool { // which no text of a database is
		return !utf8.ValidString(text) || strings.Contains(text, "\x00")
	})
	if len(texts) < 2 {
		return nil
	}
	typ, known := db.Catalog().KeyType(c.of)
	if _, needed := db.Dialect().KeyTypes([]dialect.ColumnRef{c.of}); needed && !known {
		return nil // the statement that names the column will fail and say so
	}
	stmt := by.EqualKeys(c.of, typ, texts)
	stmt.Op = "compare keys"
	c.equal = map[string]string{}
	return Send(ctx, db, stmt.Op, []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var at, first int64
			if err := rows.Scan(&at, &first); err != nil {
				return err
			}
			c.equal[texts[at]] = texts[first]
		}
		return rows.Err()
	})
}

// refuseAlike refuses texts that one of two collations may find equal.
func (c *compared) refuseAlike(texts []string) error {
	seen := map[string]bool{}
	for _, text := range texts {
		alike := strings.TrimRight(strings.ToLower(text), " ")
		if seen[alike] {
			return graph.Problemf(fault.ErrUnsupported, "column %q of %q has one collation and its unique key another, by which two keys that the call compares "+
				"may be one; give both the same collation", c.of.Column, c.of.Table)
		}
		seen[alike] = true
	}
	return nil
}

// SameAs reports whether a row has the key, of one column, that a field has in another. NULL is the same as nothing.
func (k Key) SameAs(ctx context.Context, db dialect.DB, row structs.Row, field *structs.Field, other structs.Row) (bool, error) {
	one, known, err := k.In(0, row)
	if err != nil || !known {
		return false, err
	}
	c := k.columns[0]
	text, known, err := field.ComparedKey(c.as, other)
	if err != nil || !known || text == one {
		return known && text == one, err
	}
	if err := c.settle(ctx, db, []string{one, text}); err != nil {
		return false, err
	}
	return c.stands(text) == c.stands(one), nil
}

// alike are the comparisons of types that keep one value, however it is written: what is equal is stored as the same.
var alike = []dialect.Comparison{dialect.CompareDecimals, dialect.CompareFloats, dialect.CompareReals, dialect.CompareStored, dialect.CompareDays,
	dialect.CompareClocks, dialect.CompareMoments, dialect.CompareHours, dialect.CompareHardware, dialect.CompareUUIDs, dialect.ComparePadded,
	dialect.CompareBooleans}

// StoredAlike reports whether the column stores what a field has in two rows as one value, as far as that is known. The database is asked
// where it may be so: times of one moment are one value or two by the type of the column.
func StoredAlike(ctx context.Context, db dialect.DB, t *model.Table, f *structs.Field, rows [2]structs.Row) (bool, error) {
	same := func(as dialect.Comparison) bool {
		one, known, err := f.ComparedKey(as, rows[0])
		other, alsoKnown, otherErr := f.ComparedKey(as, rows[1])
		return err == nil && otherErr == nil && known && alsoKnown && one == other
	}
	if EqualInGo(f.Key) || !slices.ContainsFunc(alike, same) {
		return false, nil
	}
	if _, err := Learn(ctx, db, t, []*structs.Field{f}); err != nil {
		return false, err
	}
	as, _ := comparison(db, t, f.Column)
	if _, spelled := db.Dialect().(dialect.Compared); spelled { // it has no type of times: of one moment, they are one but for their day
		if f.Class == structs.ClassTime {
			return as != dialect.CompareUnknown && same(as) && same(dialect.CompareMoments), nil
		}
		if as == dialect.ComparePadded {
			return false, nil // a collation finds blanks equal, and stores them
		}
	}
	return slices.Contains(alike, as) && same(as), nil
}

package oracle_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// Random rows from small domains, so that NULLs, duplicates and dangling keys are frequent.

// oraRow is a row of a table. Its values are nil, int64, string or uuid.UUID.
type oraRow struct {
	table *oraTable
	vals  []any
}

// text returns the row in readable form, which no other row of the table has.
func (r *oraRow) text() string { return oraRowText(r.table, r.vals) }

func oraRowText(t *oraTable, vals []any) string {
	parts := make([]string, len(vals))
	for i, v := range vals {
		parts[i] = t.columns[i].name + "=" + oraValueText(v)
	}
	return t.name + "(" + strings.Join(parts, " ") + ")"
}

func oraValueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return strconv.Quote(v)
	case float64:
		return strconv.FormatFloat(v, 'g', 12, 64)
	default:
		return fmt.Sprint(v)
	}
}

// has reports whether none of the columns is NULL: a key with a NULL in it is no key.
func (r *oraRow) has(columns []int) bool {
	for _, c := range columns {
		if r.vals[c] == nil {
			return false
		}
	}
	return true
}

// oraData is the rows of a group of tables.
type oraData struct {
	set    int // its number
	tables []*oraTable
	rows   map[*oraTable][]*oraRow
	dirty  map[*oraTable]bool // has-one tables of which two rows have one owner
	tenant any                // whose rows are seen
	lifted map[oraLift]bool   // the scopes that the query does not apply
	last   bool               // NULL is greater than every value, as on PostgreSQL, else less, as on SQLite
}

// The domains. Most values are of the first four; "a" with 11 and "a1" with 1 are two keys.
var (
	oraInts  = []int64{0, 1, 11, 2, -1, 1 << 40, 3, 4, 5, 7, 8, 9, 10, 12}
	oraWords = []string{"", "a", "a1", "1", "aa", "b", "bb", "c", "ca", "cb", "cc", "d", "da", "db"}
	oraNotes = []string{"", "a", "A", "a ", "ä", "'", "%", "_", "?", `\`, `"`, "NULL", "$1"}
)

func oraUUIDAt(i int) uuid.UUID {
	switch i {
	case 0:
		return uuid.Nil
	case 1:
		return uuid.Max
	}
	id := uuid.MustParse("a0000000-0000-4000-8000-0000000000ff")
	id[0], id[15] = byte(i*37), byte(i)
	return id
}

// oraDraw draws one of the first n values of the kind's domain.
func oraDraw(r *rand.Rand, kind oraKind, n int) any {
	switch kind {
	case oraInt:
		return oraInts[r.IntN(min(n, len(oraInts)))]
	case oraText:
		return oraWords[r.IntN(min(n, len(oraWords)))]
	case oraType:
		return []string{"a", "a", "a", "b", "b", "other"}[r.IntN(6)]
	case oraNote:
		return oraNotes[r.IntN(len(oraNotes))]
	case oraFloat:
		return float64(r.IntN(11)) / 2
	case oraBool:
		return r.IntN(2) == 0
	default:
		return oraUUIDAt(r.IntN(n))
	}
}

// oraGenerate fills the tables in the order they are listed, so that keys can be drawn from tables before, and in a
// second pass from tables behind and from the table itself.
func oraGenerate(r *rand.Rand, tables []*oraTable) *oraData {
	d := &oraData{tables: tables, rows: map[*oraTable][]*oraRow{}, dirty: map[*oraTable]bool{}}
	for _, t := range tables {
		n := r.IntN(13)
		if r.IntN(4) > 0 {
			n = 3 + r.IntN(10) // few tables are nearly empty
		}
		for range n {
			if t.query == "" {
				d.add(r, t)
			}
		}
	}
	for _, t := range tables {
		for _, row := range d.rows[t] {
			d.point(r, row)
		}
	}
	d.answer()
	d.tenant = oraInts[r.IntN(2)]
	allowed := r.IntN(2) == 0
	for _, t := range tables {
		for _, rel := range t.relations {
			if rel.single && !allowed {
				d.dropSecond(rel)
			}
			if rel.single {
				d.dirty[rel.related] = d.dirty[rel.related] || d.repeats(rel.related, rel.matched())
			}
		}
	}
	return d
}

// answer fills the tables that are queries.
func (d *oraData) answer() {
	for _, t := range d.tables {
		if t.query == "" {
			continue
		}
		for _, vals := range t.answer(d) {
			d.rows[t] = append(d.rows[t], &oraRow{table: t, vals: vals})
		}
	}
}

// add adds a row with a primary key of its own, if the one drawn is still free.
func (d *oraData) add(r *rand.Rand, t *oraTable) {
	row := &oraRow{table: t, vals: make([]any, len(t.columns))}
	var unique [][]int
	var key []int
	for _, c := range t.key {
		key = append(key, t.index(c))
	}
	if len(key) > 0 {
		unique = append(unique, key)
	}
	for i, c := range t.columns {
		domain := 4
		switch {
		case len(key) == 1 && key[0] == i:
			domain = 13
		case c.few:
			domain = 2
		case c.unique:
			domain = 8
			unique = append(unique, []int{i})
		}
		if row.vals[i] = oraDraw(r, c.kind, domain); c.null && (r.IntN(4) == 0) != c.rare {
			row.vals[i] = nil
		}
	}
	for _, columns := range unique {
		for _, other := range d.rows[t] {
			if oraSame(row, columns, other, columns) {
				return
			}
		}
	}
	d.rows[t] = append(d.rows[t], row)
}

// point lets most foreign keys point at a row.
func (d *oraData) point(r *rand.Rand, row *oraRow) {
	target := map[*oraTable]*oraRow{} // so that the columns of a composite key mostly come from one row
	for i, c := range row.table.columns {
		if c.refs == nil || row.vals[i] == nil || r.IntN(6) == 0 {
			continue
		}
		for _, t := range d.tables {
			at := t.index(c.refs)
			if at < 0 || len(d.rows[t]) == 0 {
				continue
			}
			if target[t] == nil || r.IntN(6) == 0 || len(t.key) == 1 {
				target[t] = d.rows[t][r.IntN(len(d.rows[t]))]
				if r.IntN(2) == 0 { // so that several ways lead to some rows
					target[t] = d.rows[t][r.IntN(min(3, len(d.rows[t])))]
				}
			}
			if v := target[t].vals[at]; v != nil {
				if row.vals[i] = v; c.kind == oraText {
					row.vals[i] = fmt.Sprint(v) // as it is, or spelled
				}
			}
		}
	}
}

// dropSecond removes the rows that are a second one for the has-one's owner.
func (d *oraData) dropSecond(rel *oraRelation) {
	var kept []*oraRow
	columns := rel.matched()
	for _, row := range d.rows[rel.related] {
		second := false
		for _, k := range kept {
			second = second || oraSame(row, columns, k, columns)
		}
		if !second {
			kept = append(kept, row)
		}
	}
	d.rows[rel.related] = kept
}

// matched returns the related columns that tell the owner.
func (r *oraRelation) matched() []int {
	columns := slices.Clone(r.steps[0].to)
	for at := range r.steps[0].toIs {
		columns = append(columns, at)
	}
	return columns
}

func (d *oraData) repeats(t *oraTable, columns []int) bool {
	for i, a := range d.rows[t] {
		for _, b := range d.rows[t][:i] {
			if oraSame(a, columns, b, columns) {
				return true
			}
		}
	}
	return false
}

// oraSame is SQL's equality of keys: a NULL equals nothing.
func oraSame(a *oraRow, from []int, b *oraRow, to []int) bool {
	for i := range from {
		v, w := a.vals[from[i]], b.vals[to[i]]
		if v == nil || w == nil || v != w && !spells(v, w) && !spells(w, v) {
			return false
		}
	}
	return true
}

// spells reports whether a value is the text of another, which is none.
func spells(text, of any) bool {
	if _, isText := of.(string); isText {
		return false
	}
	t, ok := text.(string)
	return ok && t == fmt.Sprint(of)
}

// sends reports whether a preload sends the row's key: it has one, which spells what it points at.
func (r *oraRow) sends(s oraStep) bool {
	for i, at := range s.from {
		text, ok := r.vals[at].(string)
		if n, err := strconv.ParseInt(text, 10, 64); ok && s.table.columns[s.to[i]].kind == oraInt && (err != nil || fmt.Sprint(n) != text) {
			return false
		}
	}
	return r.has(s.from) && r.are(s.fromIs)
}

// oraCompare orders two values that are not nil and of one kind.
func oraCompare(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case string:
		return cmp.Compare(a, b.(string))
	case uuid.UUID:
		other := b.(uuid.UUID)
		return bytes.Compare(a[:], other[:])
	case float64:
		return cmp.Compare(a, b.(float64))
	case bool:
		switch {
		case a == b.(bool):
			return 0
		case a:
			return 1
		}
		return -1
	}
	return 0
}

// insert returns the statements that replace the rows of the tables, in a random order of rows.
func (d *oraData) insert(r *rand.Rand) string {
	var b strings.Builder
	for _, t := range d.tables {
		if t.query != "" {
			continue
		}
		fmt.Fprintf(&b, "DELETE FROM %s;\n", oraQuote(t.name))
		rows := append([]*oraRow(nil), d.rows[t]...)
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for i, row := range rows {
			if i == 0 {
				fmt.Fprintf(&b, "INSERT INTO %s VALUES", oraQuote(t.name))
			} else {
				b.WriteString(",")
			}
			literals := make([]string, len(row.vals))
			for j, v := range row.vals {
				switch v := v.(type) {
				case nil:
					literals[j] = "NULL"
				case int64:
					literals[j] = strconv.FormatInt(v, 10)
				default:
					literals[j] = "'" + strings.ReplaceAll(fmt.Sprint(v), "'", "''") + "'"
				}
			}
			fmt.Fprintf(&b, " (%s)", strings.Join(literals, ", "))
		}
		if len(rows) > 0 {
			b.WriteString(";\n")
		}
	}
	return b.String()
}

// String lists the rows.
func (d *oraData) String() string {
	var b strings.Builder
	for _, t := range d.tables {
		fmt.Fprintf(&b, "  %s: %d rows\n", t.name, len(d.rows[t]))
		for _, row := range d.rows[t] {
			fmt.Fprintf(&b, "    %s\n", row.text())
		}
	}
	return b.String()
}

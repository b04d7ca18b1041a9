package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: a column that times are to meet. Output: how its rows spell times, looked up once.

// timeColumn is what is known of a column.
type timeColumn struct {
	spellings []spelling // those of its rows, the most frequent first; none: it has no times, and the driver writes as it does
	foreign   bool       // rows hold what is no time in a form that is known
	guessed   bool       // no row tells the spellings
	driven    bool       // the driver makes times of its values
	filled    bool       // looked up since the database has filled the column of a row by itself, which it spells in a way of its own
}

// timeColumns remembers what is known of columns. Those of a transaction go on to the handle that began it when it is
// committed: rows that a rollback took away spell nothing.
type timeColumns struct {
	parent *timeColumns // nil: there is none
	unit   atomic.Int64 // of the integers that the driver writes for times, in nanoseconds; 0: nobody has asked

	mu    sync.RWMutex
	known map[dialect.ColumnRef]*timeColumn
}

func (c *timeColumns) get(ref dialect.ColumnRef) *timeColumn {
	for ; c != nil; c = c.parent {
		c.mu.RLock()
		found := c.known[ref]
		c.mu.RUnlock()
		if found != nil {
			return found
		}
	}
	return nil
}

func (c *timeColumns) set(ref dialect.ColumnRef, column *timeColumn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = make(map[dialect.ColumnRef]*timeColumn)
	}
	c.known[ref] = column
}

// keep hands on to the parent what was learned in a transaction that is committed.
func (c *timeColumns) keep() {
	if c.parent == nil {
		return
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for ref, column := range c.known {
		c.parent.set(ref, column)
	}
}

// sampleRows is how many rows are read from either end of a table: all of one that is smaller.
const sampleRows = 5000

// timeColumn returns what is known of a column, which it looks up if nothing is. That an empty table has no rows is not
// remembered: the first will tell.
func (db *DB) timeColumn(ctx context.Context, ref dialect.ColumnRef) (*timeColumn, error) {
	if ref.Column == "" { // of a subquery
		return &timeColumn{}, nil
	}
	filled := db.Catalog().Filled(ref)
	if found := db.times.get(ref); found != nil && (found.filled || !filled) {
		return found, nil
	}
	found, empty, err := db.lookUp(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("cannot look up how %q of table %q spells its times: %w", ref.Column, ref.Table, withContext(ctx, err))
	}
	if found.filled = filled; !empty {
		db.times.set(ref, found)
	}
	return found, nil
}

// lookUp reads rows of the column. It asks for both ends of the table, and where rows have no number, as those of views, for the
// beginning.
func (db *DB) lookUp(ctx context.Context, ref dialect.ColumnRef) (c *timeColumn, empty bool, err error) {
	c = &timeColumn{}
	declared, err := db.sample(ctx, ref, true, c)
	if err != nil && ctx.Err() == nil {
		c = &timeColumn{}
		declared, err = db.sample(ctx, ref, false, c)
	}
	if err != nil || len(c.spellings) > 0 || c.foreign {
		c.spellings = settled(c.spellings)
		return c, false, err
	}
	c.guessed = true
	if c.spellings, err = db.defaults(ctx, declared); err != nil {
		return nil, false, err
	}
	var some bool
	err = db.one(ctx, "SELECT EXISTS (SELECT 1 FROM "+tableName(ref)+")", nil, &some)
	return c, !some, err
}

func tableName(ref dialect.ColumnRef) string {
	name := ""
	if ref.Query != "" {
		return "(" + ref.Query + ")"
	}
	if ref.Schema != "" {
		name = string(dialect.AppendQuoted(nil, ref.Schema, '"')) + "."
	}
	return name + string(dialect.AppendQuoted(nil, ref.Table, '"'))
}

// sampleSQL asks for one value of every spelling, so that no row's own leaves the database. The sign before the text keeps a
// driver from taking it for a time; the column by itself is what the driver makes of it.
func sampleSQL(ref dialect.ColumnRef, ends bool) string {
	column := string(dialect.AppendQuoted(nil, ref.Column, '"'))
	rows := fmt.Sprintf("SELECT * FROM (SELECT %[1]s AS \"v\" FROM %[2]s WHERE %[1]s IS NOT NULL LIMIT %[3]d)", column, tableName(ref), sampleRows)
	if ends {
		rows += fmt.Sprintf(" UNION ALL SELECT * FROM (SELECT %[1]s AS \"v\" FROM %[2]s WHERE %[1]s IS NOT NULL ORDER BY rowid DESC LIMIT %[3]d)",
			column, tableName(ref), sampleRows)
	}
	const zone = `ltrim(substr("v", 12), '0123456789:.')`
	return `SELECT typeof("v"), '=' || min("v"), "v", count(*) FROM (` + rows + `) GROUP BY typeof("v"), ` +
		`CASE typeof("v") WHEN 'text' THEN length("v") || substr("v", 11, 1) || substr(` + zone + `, 1, 14) || ` +
		`(substr("v", length("v") - length(` + zone + `), 1) = '0') ` +
		`WHEN 'integer' THEN "v" BETWEEN -1000000000000 AND 1000000000000 END ORDER BY 4 DESC, 2`
}

// sample adds the spellings of rows, and returns the column's declared type.
func (db *DB) sample(ctx context.Context, ref dialect.ColumnRef, ends bool, c *timeColumn) (declared string, err error) {
	rows, err := db.q.QueryContext(ctx, sampleSQL(ref, ends))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return "", err
	}
	declared = strings.ToUpper(types[2].DatabaseTypeName())
	var found []sampled
	for rows.Next() {
		var s sampled
		var n int64
		if err := rows.Scan(&s.kind, &s.text, &s.read, &n); err != nil {
			return "", err
		}
		s.text = s.text[1:]
		found = append(found, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return "", err
	}
	for _, s := range found {
		if n, ok := s.read.(int64); ok { // the driver tells no time
			unit, err := db.unitOf(ctx)
			if err != nil {
				return "", err
			}
			unit, _ = unitIn(n, unit, declared)
			s.read = timeAt(n, unit)
		}
		c.add(s.kind, s.text, s.read)
	}
	return declared, nil
}

// sampled is a value of a column, and what the driver makes of it.
type sampled struct {
	kind, text string
	read       any
}

// add adds the spelling of a value, of which the driver made what was read.
func (c *timeColumn) add(kind, text string, read any) {
	loc := time.UTC // what names no zone
	if t, ok := read.(time.Time); ok {
		loc, c.driven = t.Location(), true
	}
	switch kind {
	case "integer":
		var n int64
		if _, err := fmt.Sscan(text, &n); err == nil {
			c.spellings = append(c.spellings, integerSpelling(n, read))
			return
		}
	case "text":
		if s, ok := spellingOf(text, loc); ok {
			c.spellings = append(c.spellings, s)
			return
		}
		if text == "" { // no time at all, which stands before all
			return
		}
	}
	c.foreign = true
}

// probeTime is a time that drivers write in their own way.
var probeTime = time.Date(2001, 2, 3, 4, 5, 6, 123456789, time.UTC)

// defaults returns how times are written to a column that has none: a date where that is its declared type, seconds in a column of
// integers, and else as the driver was told to by its options. What drivers write without any, SQLite's functions cannot read.
func (db *DB) defaults(ctx context.Context, declared string) ([]spelling, error) {
	switch {
	case declared == "DATE":
		return []spelling{dateSpelling}, nil
	case strings.Contains(declared, "INT"):
		return []spelling{secondsSpelling}, nil
	}
	var text string
	if err := db.one(ctx, "SELECT '=' || ?", probeTime, &text); err != nil {
		return nil, err
	}
	if text[1:] == probeTime.String() || text[1:] == sqliteSpelling.text(probeTime) {
		return []spelling{sqliteSpelling}, nil
	}
	return db.uncut(ctx, text[1:])
}

// uncut returns the spelling of a driver that cuts times to seconds, without a zone and in UTC all year, of the text that it wrote for
// probeTime; nil: it is another, and what it writes is known when a row has it.
func (db *DB) uncut(ctx context.Context, text string) ([]spelling, error) {
	s, ok := spellingOf(text, time.UTC)
	if !ok || s.isDate() || s.zone != "" || s.digits > 0 {
		return nil, nil
	}
	for _, at := range []time.Time{probeTime, probeTime.AddDate(0, 6, 0)} {
		if err := db.one(ctx, "SELECT '=' || ?", at, &text); err != nil {
			return nil, err
		}
		if read, err := parseTime(text[1:]); err != nil || !read.Equal(at.Truncate(time.Second)) {
			return nil, nil
		}
	}
	return []spelling{s}, nil
}

// one reads the one value of a query of at most one argument.
func (db *DB) one(ctx context.Context, query string, arg, dest any) (err error) {
	var args []any
	if arg != nil {
		args = append(args, arg)
	}
	rows, err := db.q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return errors.Join(rows.Err(), sql.ErrNoRows)
	}
	return rows.Scan(dest)
}

// write returns the time as a value of the column. It is the same text as before for a time that was read from the column.
func (c *timeColumn) write(t time.Time) any {
	form, _ := c.written(t)
	return form
}

// stored returns what the column has for a text that a string holds: where the driver makes times of the column's values, they are in strings
// as database/sql prints them.
func (c *timeColumn) stored(text string) string {
	if !c.driven {
		return text
	}
	if t, is := printed(text); is {
		if form, ok := c.write(t).(string); ok {
			return form
		}
	}
	return text
}

// written is write, and whether the value is that time.
func (c *timeColumn) written(t time.Time) (form any, exact bool) {
	if len(c.spellings) == 0 {
		return t.UTC(), true
	}
	s := c.spellings[0]
	_, own := t.Zone()
	for _, other := range c.spellings {
		if other.isDate() == s.isDate() && other.unit == s.unit && other.offsetAt(t) == own {
			s = other
			break
		}
	}
	s = c.asNeeded(s)
	if form, exact = s.floor(t); exact || !s.isDate() {
		return form, exact
	}
	// A time of day is not lost in a column of dates.
	for _, other := range c.spellings {
		if !other.isDate() {
			return c.asNeeded(other).floor(t)
		}
	}
	s.sep = ' '
	return s.text(t.In(s.loc)), true
}

// asNeeded returns the spelling without a number of digits where the rows have several: they have those that their times need.
func (c *timeColumn) asNeeded(s spelling) spelling {
	least := s
	for _, other := range c.spellings {
		if other.digits < least.digits && s.alike(other) {
			least = other
		}
	}
	return least
}

// forms returns every form in which the column may hold the time.
func (c *timeColumn) forms(t time.Time) []any {
	all := c.spellings
	if len(all) == 0 || c.foreign {
		all = slices.Concat(all, driverSpellings)
	}
	forms := make([]any, 0, len(all)+1)
	for _, s := range all {
		if form, exact := s.floor(t); exact {
			forms = appendNew(forms, form)
		}
	}
	return forms
}

func appendNew(forms []any, form any) []any {
	for _, known := range forms {
		if known == form {
			return forms
		}
	}
	return append(forms, form)
}

// bound returns the value that parts the column's values before t from those after it: t itself is among those after it, or, if
// past, among those before it.
func (c *timeColumn) bound(t time.Time, past bool) any {
	var bound any
	for _, s := range c.spellings {
		form := s.ceil(t)
		if past {
			form, _ = s.floor(t)
		}
		if bound == nil || past == less(bound, form) && bound != form {
			bound = form
		}
	}
	if bound == nil {
		return t.UTC()
	}
	return bound
}

// less compares two values of spellings that sort.
func less(a, b any) bool {
	if n, ok := a.(int64); ok {
		return n < b.(int64)
	}
	return a.(string) < b.(string)
}

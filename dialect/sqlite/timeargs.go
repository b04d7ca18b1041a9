package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: arguments that are times, of a known column. Output: what the column holds for them.

// TimeIn reads the forms of times from a JSON array. The plus sign is that of In.
func (sqlDialect) TimeIn(not bool) string {
	if not {
		return `NOT IN (SELECT +"value" FROM json_each(?))`
	}
	return `IN (SELECT +"value" FROM json_each(?))`
}

// Moment has SQLite read the texts and numbers that it knows as times. Others are what they are.
func (sqlDialect) Moment(column string) string {
	return "coalesce(datetime(" + column + ", 'auto'), " + column + ")"
}

// Now spells as drivers do where no option has them do otherwise. CURRENT_TIMESTAMP names no zone.
func (sqlDialect) Now(declared string) string {
	switch declared = strings.ToUpper(declared); {
	case strings.Contains(declared, "INT"):
		return "unixepoch()"
	case declared == "DATE":
		return "CURRENT_TIMESTAMP" // what a time of day is there, too
	}
	return "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now')"
}

// TimesKept has the answer sent as the argument.
func (d sqlDialect) TimesKept(column dialect.ColumnRef, times []any) dialect.Statement {
	return dialect.Statement{SQL: "SELECT ?", Args: []any{dialect.TimeArg{Use: dialect.TimeKept, Column: column, Values: times, By: d}}, Reads: true}
}

// TimeValue gives the driver the time, or every form in which it may be stored.
func (sqlDialect) TimeValue(a dialect.TimeArg) (driver.Value, error) {
	return sentFor(a, &timeColumn{})
}

// resolved returns the arguments with what the columns hold for those that are times.
func (db *DB) resolved(ctx context.Context, args []any) ([]any, error) {
	out := args
	look := lookups{ctx: ctx, db: db}
	for i, a := range args {
		var sent any
		var err error
		switch a := a.(type) {
		case dialect.TimeArg:
			var column *timeColumn
			if column, err = look.all(a); err == nil {
				sent, err = look.sent(a, column)
			}
			if err == nil && (a.Use == dialect.TimeStored || a.Use == dialect.TimeNow || a.Use == dialect.TimeKey) {
				look.learn(a, column, sent)
			}
		case timedKeys:
			sent, err = look.keys(a)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		if &out[0] == &args[0] {
			out = slices.Clone(args)
		}
		out[i] = sent
	}
	return out, nil
}

// lookups are those of one statement, which asks once even of an empty table.
type lookups struct {
	ctx   context.Context
	db    *DB
	now   []any // the time of the statement; nil: nothing has asked for it
	found map[dialect.ColumnRef]*timeColumn
}

func (l *lookups) at(ref dialect.ColumnRef) (*timeColumn, error) {
	if column := l.found[ref]; column != nil {
		return column, nil
	}
	column, err := l.db.timeColumn(l.ctx, ref)
	if err != nil {
		return nil, err
	}
	if l.found == nil {
		l.found = make(map[dialect.ColumnRef]*timeColumn)
	}
	l.found[ref] = column
	return column, nil
}

// all is what is known of all columns that a time meets, as if they were one: that of those that hold times, if some do.
func (l *lookups) all(a dialect.TimeArg) (*timeColumn, error) {
	one, err := l.at(a.Column)
	if err != nil || len(a.Beside) == 0 {
		return one, err
	}
	all := &timeColumn{guessed: true}
	for _, ref := range append([]dialect.ColumnRef{a.Column}, a.Beside...) {
		c, err := l.at(ref)
		if err != nil {
			return nil, err
		}
		switch {
		case c.guessed && (!all.guessed || len(all.spellings) > 0):
			continue // no value of it is compared
		case all.guessed && !c.guessed:
			all = &timeColumn{}
		}
		all.foreign = all.foreign || c.foreign
		for _, s := range c.spellings {
			if !slices.Contains(all.spellings, s) {
				all.spellings = append(all.spellings, s)
			}
		}
	}
	return all, nil
}

// learn adds the spelling of a text that is written, such as a time of day into a column of dates, where it is not one of those by
// which the time would be looked for.
func (l *lookups) learn(a dialect.TimeArg, column *timeColumn, sent any) {
	text, ok := sent.(string)
	if !ok || len(column.spellings) == 0 || len(a.Values) != 1 || l.db.times.get(a.Column) == nil {
		return
	}
	t, _, err := timeIn(a.Values[0])
	if err != nil || t == nil || slices.Contains(column.forms(*t), sent) {
		return
	}
	if s, ok := spellingOf(text, column.spellings[0].loc); ok && !slices.Contains(column.spellings, s) {
		more := &timeColumn{spellings: append(slices.Clone(column.spellings), s), foreign: column.foreign, filled: column.filled}
		l.db.times.set(a.Column, more)
		l.found[a.Column] = more
	}
}

// sent returns what is sent for an argument that meets the column. That of a key is what the rows with that time have; where they
// spell it in several ways, no one value meets them.
func (l *lookups) sent(a dialect.TimeArg, column *timeColumn) (any, error) {
	if !column.holdsNumbers() && slices.ContainsFunc(a.Values, isNumber) {
		return nil, otherKind(fmt.Sprintf("a number stands beside %s, whose rows spell times as texts, before which numbers are whatever they are; "+
			"give a time.Time, or its text", columnNames(a)))
	}
	if a.Use == dialect.TimeNow && len(a.Values) == 0 {
		if l.now == nil {
			l.now = []any{time.Now()}
		}
		a.Values = l.now
	}
	if a.Use == dialect.TimeText {
		return l.textTime(a, column)
	}
	stored, err := sentFor(a, column)
	if errors.As(err, new(noOrder)) && len(a.Beside) > 0 {
		if t, _, _ := timeIn(a.Values[0]); t != nil {
			return nil, l.several(a, *t)
		}
	}
	if err != nil || a.Use != dialect.TimeKey {
		return stored, err
	}
	t, _, err := timeIn(a.Values[0])
	if err != nil || t == nil {
		return stored, err
	}
	forms := column.forms(*t)
	if len(forms) == 0 || len(forms) == 1 && forms[0] == stored {
		return stored, nil
	}
	list, err := equalTimes(a, column)
	if err != nil {
		return nil, err
	}
	there, err := l.db.formsThere(l.ctx, a.Column, forms, list)
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot look up how %q of table %q spells a time: %w", a.Column.Column, a.Column.Table, withContext(l.ctx, err))
	case len(there) == 0:
		return stored, nil
	case len(there) > 1:
		return nil, unordered("rows spell the same time in several ways in column %q of table %q, so that no key meets them all; write them all "+
			"alike, as by UPDATE with strftime", a.Column.Column, a.Column.Table)
	}
	return there[0], nil
}

// formsThere returns those of the forms of a time that rows of the column have. list is the forms as an argument of TimeIn.
func (db *DB) formsThere(ctx context.Context, ref dialect.ColumnRef, forms []any, list any) (there []any, err error) {
	column := string(dialect.AppendQuoted(nil, ref.Column, '"'))
	rows, err := db.q.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT typeof(%[1]s), '=' || %[1]s FROM %[2]s WHERE %[1]s %[3]s", column,
		tableName(ref), sqlDialect{}.TimeIn(false)), list)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var kind, text string
		if err := rows.Scan(&kind, &text); err != nil {
			return nil, err
		}
		for _, form := range forms {
			if _, number := form.(int64); number == (kind != "text") && fmt.Sprint(form) == text[1:] {
				there = append(there, form)
			}
		}
	}
	return there, rows.Err()
}

// sentFor returns what is sent for an argument that meets the column.
func sentFor(a dialect.TimeArg, column *timeColumn) (any, error) {
	switch a.Use {
	case dialect.TimeEqual:
		return equalTimes(a, column)
	case dialect.TimeKept:
		return kept(a, column), nil
	case dialect.TimeNow:
		now := time.Now()
		if len(a.Values) == 1 { // of a call of several statements
			now, _ = a.Values[0].(time.Time)
		}
		return column.write(now.UTC().Truncate(time.Second)), nil
	}
	if len(a.Values) != 1 {
		return nil, fmt.Errorf("expected one time, got %d", len(a.Values))
	}
	t, other, err := timeIn(a.Values[0])
	if err != nil || other != nil || t == nil {
		return other, err
	}
	if a.Refused != nil {
		return nil, a.Refused
	}
	if a.Use == dialect.TimeRead {
		return sqliteReads.text(t.UTC()), nil
	}
	if a.Use == dialect.TimeStored || a.Use == dialect.TimeText || a.Use == dialect.TimeKey {
		return column.write(*t), nil
	}
	if err := column.ordered(a, *t); err != nil {
		return nil, err
	}
	return column.bound(*t, a.Use == dialect.TimePast || a.Use == dialect.TimePastPosition), nil
}

// kept returns 1 if the column would hold each of the times as it is, and else 0. What is no time is kept.
func kept(a dialect.TimeArg, column *timeColumn) int64 {
	for _, v := range a.Values {
		if t, _, err := timeIn(v); err == nil && t != nil {
			if _, exact := column.written(*t); !exact {
				return 0
			}
		}
	}
	return 1
}

// textTime returns the one form that a time has among the values of the columns that SQL text puts it beside, where it is equal to
// what is equal to it, and in the order of the times.
func (l *lookups) textTime(a dialect.TimeArg, c *timeColumn) (any, error) {
	t, other, err := timeIn(a.Values[0])
	switch {
	case err != nil || other != nil || t == nil:
		return other, err
	case a.Refused != nil:
		return nil, a.Refused
	case len(c.spellings) == 0 && !c.foreign:
		return c.write(*t), nil // no rows, and the driver writes as it was told to
	}
	form := c.write(*t)
	forms := c.forms(*t)
	if len(forms) == 0 && !slices.ContainsFunc(c.spellings, func(s spelling) bool { return !s.isDate() && s.step() != 0 }) {
		forms = append(forms, form) // a time of day among dates
	}
	switch {
	case c.foreign || len(forms) > 1 || !sorts(c.spellings):
		return nil, l.several(a, *t)
	case len(forms) == 0:
		return nil, unordered("SQL text has a time beside %s, whose times are whole, and it is not; truncate it, or %s", columnNames(a), inText(a))
	}
	return forms[0], nil
}

// isNumber reports whether an argument is sent as a number.
func isNumber(arg any) bool {
	switch arg.(type) {
	case time.Time, *time.Time, string:
		return false
	}
	if sent, err := driver.DefaultParameterConverter.ConvertValue(arg); err == nil {
		arg = sent
	}
	switch arg.(type) {
	case int64, float64:
		return true
	}
	return false
}

// holdsNumbers reports whether a number may be one of the column's times.
func (c *timeColumn) holdsNumbers() bool {
	return c.guessed || c.foreign || slices.ContainsFunc(c.spellings, func(s spelling) bool { return s.unit != 0 })
}

// inText says how text may compare a time with columns.
func inText(a dialect.TimeArg) string {
	return "write the column right before =, <>, <, <=, >, >= or BETWEEN, or compare what a function makes of both, as in " +
		"datetime(" + a.Column.Column + ") = datetime(?)"
}

// several refuses a time beside columns of which one text is not equal to all values, or in the order of all.
func (l *lookups) several(a dialect.TimeArg, t time.Time) error {
	if l.differ(a, t) {
		return unordered("SQL text has a time beside %s, which spell times differently from each other, and one text is not equal to both; "+
			"compare what a function makes of each, as in datetime(%s), datetime(%s) and datetime(?)", columnNames(a), a.Column.Column, a.Beside[0].Column)
	}
	return unordered("SQL text has a time beside %s, where times are spelled in several ways, and one text is not equal to all of them; %s",
		columnNames(a), inText(a))
}

// differ reports whether each of several columns that a time meets has one form for it, and not all of them the same.
func (l *lookups) differ(a dialect.TimeArg, t time.Time) bool {
	var all *timeColumn
	apart := false
	for _, ref := range append([]dialect.ColumnRef{a.Column}, a.Beside...) {
		c, err := l.at(ref)
		if err != nil || c.foreign || !sorts(c.spellings) || len(c.forms(t)) > 1 {
			return false
		}
		if all == nil {
			all = c
		}
		apart = apart || !sorts(slices.Concat(all.spellings, c.spellings)) || !slices.Equal(all.forms(t), c.forms(t))
	}
	return apart
}

// columnNames names the columns that a time meets.
func columnNames(a dialect.TimeArg) string {
	text := ""
	for i, c := range append([]dialect.ColumnRef{a.Column}, a.Beside...) {
		if i > 0 {
			text += " and "
		}
		text += strconv.Quote(c.Table + "." + c.Column)
	}
	return text
}

// noOrder is why times cannot be compared in a column's order.
type noOrder string

func (e noOrder) Error() string { return string(e) }

// Is matches [dialect.ErrUnsupported].
func (noOrder) Is(target error) bool { return target == dialect.ErrUnsupported }

func unordered(format string, args ...any) error { return noOrder(fmt.Sprintf(format, args...)) }

// ordered refuses to compare where the order of the values is not that of the times.
func (c *timeColumn) ordered(a dialect.TimeArg, t time.Time) error {
	remedy := fmt.Sprintf("write them all alike, as by UPDATE with strftime, or compare with datetime(%s) in SQL text", a.Column.Column)
	position := a.Use == dialect.TimeFromPosition || a.Use == dialect.TimePastPosition
	switch {
	case position && a.Column.Column == "":
		return noOrder("a time is no position among the rows of a subquery, which nothing tells how they spell it; give the text " +
			"that is there")
	case c.foreign:
		return unordered("column %q of table %q holds values that are no times in a form that SQLite knows, among which times have no "+
			"order; %s", a.Column.Column, a.Column.Table, remedy)
	case !sorts(c.spellings):
		return unordered("column %q of table %q spells its times in several ways, whose order is not that of the times; %s",
			a.Column.Column, a.Column.Table, remedy)
	case position && len(c.forms(t)) > 1:
		return unordered("column %q of table %q spells the same time in several ways, so that it is no position in its order; %s",
			a.Column.Column, a.Column.Table, remedy)
	}
	return nil
}

// equalTimes returns a JSON array of the forms of the times.
func equalTimes(a dialect.TimeArg, column *timeColumn) (any, error) {
	b := []byte{'['}
	for _, v := range a.Values {
		t, other, err := timeIn(v)
		if err != nil {
			return nil, err
		}
		if t == nil { // NULL equals nothing, and differs from nothing
			if b, err = appendScalar(b, other); err != nil {
				return nil, err
			}
			continue
		}
		for _, form := range column.forms(*t) {
			if b, err = appendScalar(b, form); err != nil {
				return nil, err
			}
		}
	}
	return string(closeList(b)), nil
}

// appendScalar appends a value and a comma.
func appendScalar(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		b = append(b, "null"...)
	case int64:
		b = strconv.AppendInt(b, v, 10)
	case string:
		if !isPlain(v) {
			return nil, errors.New("a text that holds a NUL byte or is not UTF-8 is no time")
		}
		b = appendText(b, v)
	default:
		return nil, fmt.Errorf("a %T is no time", v)
	}
	return append(b, ','), nil
}

// timeIn returns the time that an argument holds, and what to send where it holds none: nil for NULL.
func timeIn(arg any) (t *time.Time, other any, err error) {
	switch a := arg.(type) {
	case nil:
		return nil, nil, nil
	case time.Time:
		return &a, nil, nil
	case *time.Time:
		return a, nil, nil
	case driver.Valuer:
		if v := reflect.ValueOf(a); v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, nil, nil
		}
		given, err := a.Value()
		if err != nil {
			return nil, nil, err
		}
		if t, ok := given.(time.Time); ok {
			return &t, nil, nil
		}
		return nil, arg, nil
	}
	if v := reflect.ValueOf(arg); v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil, nil
		}
		return timeIn(v.Elem().Interface())
	}
	return nil, arg, nil
}

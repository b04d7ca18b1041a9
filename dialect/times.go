package dialect

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// Timed is a [Dialect] of a database whose columns have no type for times: they are text or numbers, spelled as whoever wrote
// them spells them. How the rows of a column spell theirs is known only where a statement is run, so the compiler gives it a
// [TimeArg] in place of every time of which it knows the column.
type Timed interface {
	Dialect

	// TimeIn returns the text that tests the column before it for being one of the times of its one argument, a TimeArg for
	// [TimeEqual], or for being none of them.
	TimeIn(not bool) string

	// Moment returns an expression of a column, written as given, that is equal for the same time, to the second, in another column that
	// spells it otherwise.
	Moment(column string) string

	// Now returns the expression of a DEFAULT that is the time of the statement, as times are spelled in a new column of the declared type.
	Now(declared string) string

	// Printed reports whether a text that was read into a string may be a time that the driver has printed, alike for several spellings.
	Printed(text string) bool

	// TimesKept returns a statement that yields 1 if a column holds times as they are, and 0 if it would store another for one of them, because its
	// rows spell times with less of them.
	TimesKept(column ColumnRef, times []any) Statement

	// TimeValue returns what is sent for an argument of whose column nothing is known, where somebody else runs the statement.
	TimeValue(a TimeArg) (driver.Value, error)
}

// TimeArg is an argument that is a time, or several, and the column that it meets. Whoever runs the statement sends what the
// column holds for it.
type TimeArg struct {
	Use    TimeUse
	Column ColumnRef
	Beside []ColumnRef // more columns whose values it meets: it is spelled for all of them
	Values []any       // as the caller gave them: times, pointers to them, what has a driver.Valuer that gives one; one unless TimeEqual or TimeKept
	By     Timed

	// Refused is why no time can stand here, where the value is known only when the statement is run; nil: one can.
	Refused error
}

// TimeUse is what a time is to the column it meets.
type TimeUse int

// The uses of times.
const (
	TimeStored TimeUse = iota // it becomes a value of the column
	TimeNow                   // so does the time of the statement, or that of its call, which is the value then
	TimeEqual                 // the column's values are tested for being one of several
	TimeFrom                  // it parts the values before it from itself and those after: < and >=
	TimePast                  // it parts itself and the values before it from those after: <= and >
	TimeText                  // SQL text says what, and names the column: it is spelled as most of the column's values are

	// The same of a position in an order, which must have one place in it.
	TimeFromPosition
	TimePastPosition

	// TimeRead is a time in SQL text that meets no column, such as an argument of a function: it is spelled as the functions of the
	// database read times.
	TimeRead

	// TimeKey is TimeStored in a column of a key: where a row has the same time, however it spells it, the statement is to meet that row.
	TimeKey

	// TimeKept asks for 1 or 0, as [Timed.TimesKept] yields.
	TimeKept
)

// Value is what is sent where somebody else runs the statement.
func (a TimeArg) Value() (driver.Value, error) {
	if a.By == nil {
		return nil, errors.New("the time is of no dialect")
	}
	return a.By.TimeValue(a)
}

// String returns what SQL shows of it.
func (a TimeArg) String() string {
	values := []string{}
	for _, v := range a.Values {
		values = append(values, fmt.Sprint(v))
	}
	if a.Use == TimeNow {
		values = []string{"now"}
	}
	text := strings.Join(values, ", ")
	if a.Column.Column == "" {
		return text
	}
	for i, c := range append([]ColumnRef{a.Column}, a.Beside...) {
		text += [2]string{" for ", " and "}[min(i, 1)] + c.Table + "." + c.Column
	}
	return text
}

// Late is a value that is known when the statement is run.
type Late interface {
	In(ctx context.Context) (any, error)
}

// In returns the argument with the values that the context gives.
func (a TimeArg) In(ctx context.Context) (any, error) {
	values := a.Values
	for i, v := range a.Values {
		late, ok := v.(Late)
		if !ok {
			continue
		}
		found, err := late.In(ctx)
		if err != nil {
			return nil, err
		}
		if &values[0] == &a.Values[0] {
			values = append([]any(nil), a.Values...)
		}
		values[i] = found
	}
	a.Values = values
	return a, nil
}

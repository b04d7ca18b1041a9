package sqlite

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// rows is the result of one statement.
type rows struct {
	failing
	rows    *sql.Rows
	columns []string
	err     error // the StatementError of rows.Err, made once so that it can be recognized
	cut     bool  // Next has reported the end because of err

	fills    map[reflect.Type]fill // by destination type; nil for what database/sql fills without running code of others
	receives []receiver            // by column
	wrapped  []any                 // the destinations handed to database/sql; the caller's slice is not written to
	left     any                   // takes what the caller left out

	probes []probe // by column; filled when the current row is first asked for a NULL
	sinks  []any   // pointers to them
	probed bool    // whether they are of the current row
}

// probe takes no value, only whether it is NULL.
type probe struct{ null bool }

// Scan is called by database/sql with the column's value.
func (p *probe) Scan(src any) error {
	p.null = src == nil
	return nil
}

// receiver stands in for a destination that database/sql cannot fill, or that has a method to fill it. It only takes
// the value: database/sql holds a lock meanwhile, which a method that panics would leave locked, so that the rows could
// never be closed.
type receiver struct {
	t    reflect.Type // the destination's type, for which fill was looked up
	fill fill
	used bool          // whether it stands in for a destination of the current row
	dest reflect.Value // what the destination points to
	src  any
}

// Scan is called by database/sql with the column's value. The driver owns bytes, and may take them back when the
// context ends.
func (r *receiver) Scan(src any) error {
	if b, ok := src.([]byte); ok {
		src = bytes.Clone(b)
	}
	r.src = src
	return nil
}

func (r *rows) Columns() []string {
	if r.columns == nil {
		// The error is that the rows are closed; there are none to scan then.
		r.columns, _ = r.rows.Columns()
	}
	return r.columns
}

func (r *rows) Next() bool {
	r.probed = false
	if r.rows.Next() {
		return true
	}
	r.cut = r.Err() != nil
	return false
}

func (r *rows) Err() error {
	if r.err == nil {
		if err := r.rows.Err(); err != nil {
			r.err = r.failed(err)
		}
	}
	return r.err
}

// Affected is not known of a statement that yields rows.
func (r *rows) Affected() int64 { return 0 }

// Sent returns nothing: database/sql has the driver's own values only in a scan.
func (r *rows) Sent() ([][]byte, []dialect.Encoding) { return nil, nil }

// Records returns nothing: SQLite has no values that are rows.
func (r *rows) Records(int, []string) dialect.Records { return nil }

func (r *rows) Null(column int) bool {
	if !r.probed {
		if n := len(r.Columns()); len(r.probes) != n {
			r.probes, r.sinks = make([]probe, n), make([]any, n)
			for i := range r.probes {
				r.sinks[i] = &r.probes[i]
			}
		}
		if r.rows.Scan(r.sinks...) != nil {
			return false
		}
		r.probed = true
	}
	return column < len(r.probes) && r.probes[column].null
}

func (r *rows) Scan(dest ...any) error {
	if err := r.rows.Scan(r.wrap(dest)...); err != nil {
		return r.columnError(dest, err)
	}
	for i := range r.receives {
		c := &r.receives[i]
		if !c.used {
			continue
		}
		src, err := c.src, error(nil)
		if n, ok := src.(int64); ok && isTimeType(c.dest.Type()) {
			src, err = r.timeOf(i, n)
		}
		if err == nil {
			err = c.fill(src, c.dest)
		}
		if err != nil {
			return &dialect.ColumnError{Index: i, Null: c.src == nil, Err: err, Given: kindOf(c.src), Unknown: r.unknown()}
		}
	}
	return nil
}

// wrap returns dest with receivers in the places that need them.
func (r *rows) wrap(dest []any) []any {
	if len(r.receives) != len(dest) {
		r.receives, r.wrapped = make([]receiver, len(dest)), make([]any, len(dest))
	}
	out := dest
	for i, d := range dest {
		c := &r.receives[i]
		if t := reflect.TypeOf(d); t != c.t {
			c.t, c.fill = t, r.fillOf(t)
		}
		r.wrapped[i], c.used = d, false
		if d == nil {
			r.wrapped[i], out = &r.left, r.wrapped
			continue
		}
		if c.fill == nil {
			continue
		}
		if v := reflect.ValueOf(d); !v.IsNil() {
			c.dest, c.used = v.Elem(), true
			r.wrapped[i] = c
			out = r.wrapped
		}
	}
	return out
}

// fillOf decides for a destination type once per result.
func (r *rows) fillOf(t reflect.Type) fill {
	if t == nil || t.Kind() != reflect.Pointer {
		return nil
	}
	f, ok := r.fills[t]
	if !ok {
		if r.fills == nil {
			r.fills = make(map[reflect.Type]fill)
		}
		f = fillFor(t.Elem(), maxPointers)
		r.fills[t] = f
	}
	return f
}

// columnError finds out which column an error of database/sql is about by scanning the columns one at a time.
func (r *rows) columnError(dest []any, err error) error {
	values, sinks := make([]any, len(dest)), make([]any, len(dest))
	for i := range values {
		sinks[i] = &values[i]
	}
	if r.rows.Scan(sinks...) != nil {
		return err // not a matter of one column
	}
	single := make([]any, len(dest))
	for i := range dest {
		for j := range single {
			single[j] = new(any)
		}
		single[i] = r.wrap(dest)[i]
		colErr := r.rows.Scan(single...)
		if colErr == nil {
			continue
		}
		if cause := errors.Unwrap(colErr); cause != nil {
			colErr = cause // without database/sql's words on which column it is
		}
		return &dialect.ColumnError{Index: i, Null: values[i] == nil, Err: colErr, Given: kindOf(values[i]), Unknown: r.unknown()}
	}
	return err
}

// kindOf names what a driver gave for a column, without the value.
func kindOf(src any) string {
	switch src.(type) {
	case nil:
		return "NULL"
	case string:
		return "text"
	case []byte:
		return "a blob"
	case int64:
		return "an integer"
	case float64:
		return "a real number"
	case bool:
		return "a boolean"
	case time.Time:
		return "a time"
	}
	return fmt.Sprintf("a %T", src)
}

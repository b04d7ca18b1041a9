package postgres

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// Input of this file: a statement's arguments as the caller gave them. Output: what pgx is given for them, so that they
// mean the same in every exec mode. Nothing is written to the caller's slice.
//
// The meaning is that of the modes which know the types of parameters: for a column with a zone a time is its instant,
// for one without, and for a date, what its clock shows in its own zone. In the modes exec and simple_protocol pgx
// writes text by the Go type alone, times in UTC; what the server then drops is the wrong zone. The text made here keeps
// the time's own zone, and the server does with it what pgx does in the other modes.

// arguments returns the statements with the arguments to send, and those among them whose driver.Valuer fails, which pgx may know to
// send all the same.
func (db *DB) arguments(stmts []dialect.Statement) ([]dialect.Statement, []*valuerError, error) {
	var failing []*valuerError
	var guess *pgx.Conn // the connection, if its mode does not know the types of parameters
	asked, out := false, stmts
	for i, s := range stmts {
		if len(s.Args) > maxArgs && !simple(db.q) {
			return nil, nil, &dialect.StatementError{Index: i, Err: &manyError{len(s.Args)}}
		}
		for j, a := range s.Args {
			v, changed := manyInts(s.SQL, j, a)
			var err error
			switch {
			case changed:
			case alike(a):
				err = checkText(a)
			case isOption(a):
				err = errOption
			default:
				if !asked {
					guess, asked = untyped(db.q), true
				}
				v, changed, err = argument(a, guess)
			}
			if err != nil {
				failed, err := argumentFailed(err, i, j)
				if err != nil {
					return nil, nil, err
				}
				failing = append(failing, failed)
			}
			if !changed {
				continue
			}
			if &out[0] == &stmts[0] {
				out = append([]dialect.Statement(nil), stmts...)
			}
			if &out[i].Args[0] == &s.Args[0] {
				out[i].Args = append([]any(nil), s.Args...)
			}
			out[i].Args[j] = v
		}
	}
	return out, failing, nil
}

// argumentFailed says of which argument an error is: one of its driver.Valuer is returned by itself.
func argumentFailed(err error, stmt, arg int) (*valuerError, error) {
	var failed *valuerError
	switch {
	case errors.As(err, &failed):
		failed.stmt, failed.arg = stmt, arg
		return failed, nil
	case errors.Is(err, errZeroByte), errors.Is(err, errOption):
		return nil, &dialect.StatementError{Index: stmt, Err: &encodeError{arg: fmt.Sprintf("argument %d", arg+1), err: err}}
	}
	return nil, &dialect.StatementError{Index: stmt, Err: fmt.Errorf("argument %d: %w", arg+1, err)}
}

// valuerError is the error of the driver.Valuer of an argument.
type valuerError struct {
	stmt, arg int
	err       error
}

func (e *valuerError) Error() string { return "a driver.Valuer that fails: " + e.err.Error() }

func (e *valuerError) Unwrap() error { return e.err }

// manyError is a statement with more arguments than the protocol can count; pgx would say so only once the statement is on its way.
type manyError struct{ n int }

func (e *manyError) Error() string {
	return fmt.Sprintf("a statement with %d placeholders is too long: PostgreSQL's protocol counts %d; give a list as one value, as sq.Eq with a slice does, or "+
		"write a subquery", e.n, maxArgs)
}

// Is matches [dialect.ErrUnsupported].
func (e *manyError) Is(target error) bool { return target == dialect.ErrUnsupported }

// errZeroByte is text with a zero byte, at which the simple protocol would end it, and the statement with it.
var errZeroByte = errors.New("it is text with a zero byte")

// errOption is an argument that pgx takes for what it is told about the statement, and sends nothing for.
var errOption = errors.New("it is an option of pgx")

// isOption reports whether an argument is an option of pgx, which would take it away from the values, where it stands first.
func isOption(a any) bool {
	switch a.(type) {
	case pgx.QueryExecMode, pgx.QueryResultFormats, pgx.QueryResultFormatsByOID, pgx.QueryRewriter:
		return true
	}
	return false
}

// checkText refuses text with a zero byte.
func checkText(a any) error {
	zero := false
	switch v := a.(type) {
	case string:
		zero = strings.IndexByte(v, 0) >= 0
	case []string:
		zero = slices.ContainsFunc(v, func(text string) bool { return strings.IndexByte(text, 0) >= 0 })
	case json.RawMessage:
		zero = bytes.IndexByte(v, 0) >= 0
	case sql.NullString:
		zero = v.Valid && strings.IndexByte(v.String, 0) >= 0
	}
	if zero {
		return errZeroByte
	}
	return nil
}

// valueIn returns what the driver.Valuer of an argument gives, where it has one.
func valueIn(held any) (any, error) {
	valuer, ok := held.(driver.Valuer)
	if !ok {
		return held, nil
	}
	v, err := valuer.Value()
	if err != nil {
		return nil, &valuerError{err: err}
	}
	return v, nil
}

// alike reports whether pgx sends a as it is to be sent, in all modes.
func alike(a any) bool {
	switch a := a.(type) {
	case nil, string, int, int16, int32, int64, bool, []int64, []string, json.RawMessage, sql.NullInt64, sql.NullBool:
		return true
	case sql.NullString:
		return !isExtreme(a.String)
	case float64:
		_, is := numberIn(a, a)
		return !is
	}
	return false
}

// untyped returns the connection if it does not ask the server for the types of parameters, else nil.
// A Querier that does not show its connection counts as one that asks.
func untyped(q sender) *pgx.Conn {
	if conn := shown(q); conn != nil && untypedMode(conn.Config().DefaultQueryExecMode) {
		return conn
	}
	return nil
}

// simple reports whether arguments are sent within the text, however many they are. A Querier that does not show its connection
// counts as one that counts them.
func simple(q sender) bool {
	conn := shown(q)
	return conn != nil && conn.Config().DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol
}

// shown returns the connection below, or nil.
func shown(q sender) *pgx.Conn {
	conn, ok := q.(*pgx.Conn)
	if !ok {
		below, ok := q.(interface{ Conn() *pgx.Conn })
		if !ok {
			return nil
		}
		return below.Conn()
	}
	return conn
}

// untypedMode reports whether a mode does not ask the server for types.
func untypedMode(mode pgx.QueryExecMode) bool {
	return mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol
}

// argument returns what to send for a, and whether it is another than a. untyped is nil where the server tells the types
// of parameters.
func argument(a any, untyped *pgx.Conn) (v any, changed bool, err error) {
	if b, ok := a.([]byte); ok { // the most common, at less cost
		v, changed = bytesArgument(b, untyped)
		return v, changed, nil
	}
	if t, ok := a.(time.Time); ok && untyped == nil {
		return unprinted(t), true, nil
	}
	if list, ok := a.(singles); ok {
		if untyped != nil {
			return list.texts, true, nil
		}
		return list.sent(), true, nil
	}
	held, form, fromNull := structs.Argument(a)
	if _, own := a.(driver.Valuer); form == structs.ArgBytes && (fromNull || !own) {
		v, changed = bytesArgument(held.([]byte), untyped)
		if !changed && fromNull {
			v, changed = held, true
		}
		return v, changed, nil
	}
	if form == structs.ArgNull {
		return nil, fromNull, nil
	}
	value, err := valueIn(held)
	if err != nil {
		return held, fromNull, err
	}
	if text, ok := structs.Plain(value).(string); ok { // of whatever type
		if err := checkText(text); err != nil {
			return nil, false, err
		}
	}
	if untyped != nil {
		v, changed, err = untypedArgument(held, value, form, untyped)
	} else {
		v, changed, err = typedArgument(a, held, value, form)
	}
	if !changed && fromNull {
		return held, true, err
	}
	return v, changed, err
}

// untypedArgument writes those values as text that pgx would write in a form which only fits some of the types that a
// column for them may have, or could not write at all. value is that of valueIn.
func untypedArgument(a, value any, form structs.ArgForm, untyped *pgx.Conn) (any, bool, error) {
	switch v := a.(type) {
	case time.Time:
		return timeText(v), true, nil
	case []time.Time:
		return arrayText(v == nil, len(v), func(i int) *time.Time { return &v[i] }), true, nil
	case net.HardwareAddr:
		return v.String(), true, nil // pgx takes it for bytes
	case [][]byte:
		return octetsArray(v, untyped), true, nil
	case []*time.Time:
		return arrayText(v == nil, len(v), func(i int) *time.Time { return v[i] }), true, nil
	case driver.Valuer:
		if t, ok := value.(time.Time); ok {
			return timeText(t), true, nil
		}
		return nil, false, nil
	}
	switch form {
	case structs.ArgFloat32:
		return floatText(a.(float64)), true, nil
	case structs.ArgUUID:
		return string(dialect.AppendUUID(nil, a.([16]byte))), true, nil
	case structs.ArgDocument:
		if _, known := untyped.TypeMap().TypeForValue(a); known || strings.Contains(fmt.Sprintf("%T", a), "pgtype.") {
			return nil, false, nil
		}
		text, err := json.Marshal(a)
		return string(text), true, err
	}
	return nil, false, nil
}

// floatText writes all digits of a float, also where it was a float32: what it is as a double precision.
func floatText(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// timeText writes a time in its own zone, to the microsecond that PostgreSQL keeps. The rest is cut off, as pgx does,
// not rounded, as the server would. PostgreSQL has no year 0 and writes years before 1 with BC.
func timeText(t time.Time) string { return string(appendTime(nil, t)) }

func appendTime(b []byte, t time.Time) []byte {
	const clock, zone, longZone = "-01-02 15:04:05.999999", "Z07:00", "Z07:00:00" // that of local mean time
	layout := "2006" + clock + zone
	_, offset := t.Zone()
	if offset%60 != 0 {
		layout = "2006" + clock + longZone
	} else if year := t.Year(); year > 0 && year < 10_000 {
		return appendUsualTime(b, t, offset/60)
	}
	if t.Year() > 0 {
		return t.AppendFormat(b, layout)
	}
	// Month and day are kept by hand: moving the date to another year would lose a February 29.
	b = fmt.Appendf(b, "%04d", 1-t.Year())
	return append(t.AppendFormat(b, layout[len("2006"):]), " BC"...)
}

// appendUsualTime does what a layout says, in less time. The zone's offset is in minutes.
func appendUsualTime(b []byte, t time.Time, offset int) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	two := func(n int, before byte) { b = append(b, before, byte('0'+n/10), byte('0'+n%10)) }
	b = append(b, byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10))
	two(int(month), '-')
	two(day, '-')
	two(hour, ' ')
	two(minute, ':')
	two(second, ':')
	if micro := t.Nanosecond() / 1000; micro > 0 {
		b = append(b, '.')
		for unit := 100_000; micro > 0; unit /= 10 {
			b = append(b, byte('0'+micro/unit))
			micro %= unit
		}
	}
	if offset == 0 {
		return append(b, 'Z')
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	two(offset/60, sign)
	two(offset%60, ':')
	return b
}

// arrayText writes an array of times, in which nil is NULL.
func arrayText(null bool, n int, at func(i int) *time.Time) any {
	if null {
		return nil
	}
	texts := make([]*string, n)
	for i := range texts {
		if t := at(i); t != nil {
			text := timeText(*t)
			texts[i] = &text
		}
	}
	return nullableLiteral(texts)
}

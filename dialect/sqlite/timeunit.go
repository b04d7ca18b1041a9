package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Input of this file: an integer that the driver gave for a time. Output: the time, in the unit in which the driver writes integers.

// unitOf returns the unit of the integers that the driver writes for times, seconds if it writes texts. It is asked once for all handles of
// the database.
func (db *DB) unitOf(ctx context.Context) (time.Duration, error) {
	root := db.times
	for root.parent != nil {
		root = root.parent
	}
	if unit := time.Duration(root.unit.Load()); unit != 0 {
		return unit, nil
	}
	var text string
	if err := db.one(ctx, "SELECT '=' || ?", probeTime, &text); err != nil {
		return 0, fmt.Errorf("cannot ask the driver how it writes times: %w", withContext(ctx, err))
	}
	unit := time.Second
	if n, err := strconv.ParseInt(text[1:], 10, 64); err == nil {
		for _, finer := range []time.Duration{time.Millisecond, time.Microsecond, time.Nanosecond} {
			if form, _ := (spelling{unit: finer}).integer(probeTime); form == any(n) {
				unit = finer
			}
		}
	}
	root.unit.Store(int64(unit))
	return unit, nil
}

// The seconds of the years that a time is read in: from 1 to 9999.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// unitIn returns the unit of an integer in a column of the declared type, empty if it is none of a table, and whether that is sure. Beside a
// driver that writes another unit, seconds are what is too small to be anything else in a column of integers, where dovetail writes these.
func unitIn(n int64, unit time.Duration, declared string) (of time.Duration, sure bool) {
	switch {
	case unit == time.Second || n < firstSecond || n > lastSecond:
		return unit, true
	case strings.Contains(strings.ToUpper(declared), "INT"):
		return time.Second, true
	}
	return unit, false
}

// timeAt returns the time that is so many units after 1970.
func timeAt(n int64, unit time.Duration) time.Time {
	per := int64(time.Second / unit)
	return time.Unix(n/per, n%per*int64(unit)).UTC()
}

// isTimeType reports whether a destination of the type holds a time.
func isTimeType(t reflect.Type) bool {
	for range maxPointers {
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[sql.NullTime](), reflect.TypeFor[sql.Null[time.Time]]():
		return true
	}
	return false
}

// timeOf returns the time that an integer of a column of the result is.
func (r *rows) timeOf(column int, n int64) (time.Time, error) {
	unit, err := r.db.unitOf(r.ctx)
	if err != nil || unit == time.Second {
		return time.Unix(n, 0).UTC(), err
	}
	declared := ""
	if types, err := r.rows.ColumnTypes(); err == nil && column < len(types) {
		declared = types[column].DatabaseTypeName()
	}
	of, sure := unitIn(n, unit, declared)
	if !sure {
		return time.Time{}, fmt.Errorf("is an integer that may be seconds since 1970, or %v as the driver writes them; select a column itself, as "+
			"FirstOf does, and have the driver read it (_inttotime)", unit)
	}
	return timeAt(n, of), nil
}

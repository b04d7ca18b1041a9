package sqlite

import (
	"errors"
	"reflect"
	"strings"
	"time"
)

// timeLayouts are the text forms of times, the most common first. A fraction of a second is read after any seconds.
var timeLayouts = [...]string{
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	"2006-01-02",
	"2006-01-02 15:04Z07:00",
	"2006-01-02T15:04Z07:00",
	"2006-01-02 15:04",
	"2006-01-02T15:04",
}

// goLayout is what time.Time.String writes, up to the name of the zone.
const goLayout = "2006-01-02 15:04:05 -0700"

var errNotTime = errors.New("is not a time in a form that SQLite or its drivers write, such as 2006-01-02 15:04:05")

// timeOf returns the time that a column's value stands for.
func timeOf(src any) (time.Time, error) {
	switch v := src.(type) {
	case nil:
		return time.Time{}, errNull(reflect.TypeFor[time.Time]())
	case time.Time:
		return v, nil
	case int64:
		return time.Unix(v, 0).UTC(), nil
	case string:
		return parseTime(v)
	case []byte:
		return parseTime(string(v))
	}
	return time.Time{}, errKind(src, reflect.TypeFor[time.Time]())
}

func parseTime(s string) (time.Time, error) {
	// The name of a zone, and the monotonic clock's reading after it, tell nothing that the offset does not.
	if fields := strings.Fields(s); len(fields) >= 3 {
		t, err := time.Parse(goLayout, strings.Join(fields[:3], " "))
		if err != nil {
			return time.Time{}, errNotTime
		}
		return inUTC(t), nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return inUTC(t), nil
		}
	}
	return time.Time{}, errNotTime
}

// inUTC calls an offset of zero UTC, whatever the local zone is.
func inUTC(t time.Time) time.Time {
	if _, offset := t.Zone(); offset == 0 {
		return t.UTC()
	}
	return t
}

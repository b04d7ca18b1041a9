package sqlite

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// SPELLINGS: the ways in which a column's rows may hold times, and what a time is in each of them.

// spelling is one of these ways. The zero value is a date alone.
type spelling struct {
	unit time.Duration // of integers since 1970; 0: it is text
	sep  byte          // between the date and the time of day; 0: there is no time of day
	// Of the time of day:
	short  bool   // without seconds where they are zero
	digits int    // of the fraction of a second: at least so many, and with a Z no more
	padded bool   // a text that was read ends its fraction in a zero
	zone   string // as it stands behind: "", "Z", "+02:00", " +0100 CET"

	loc *time.Location // the zone that the text is in
}

// dateSpelling, sqliteSpelling and secondsSpelling are for columns whose rows tell none, sqliteReads for functions.
var (
	dateSpelling    = spelling{loc: time.UTC}
	sqliteSpelling  = spelling{sep: ' ', zone: "+00:00", loc: time.UTC}
	sqliteReads     = spelling{sep: ' ', loc: time.UTC} // what datetime and CURRENT_TIMESTAMP write
	secondsSpelling = spelling{unit: time.Second, loc: time.UTC}
)

// driverSpellings are those in which drivers may have stored a time, for a column of which nothing is known.
var driverSpellings = []spelling{
	sqliteSpelling,
	{sep: ' ', zone: " +0000 UTC", loc: time.UTC},
	{sep: ' ', loc: time.UTC},
	{sep: 'T', loc: time.UTC},
	dateSpelling,
	secondsSpelling,
	{sep: 'T', digits: variable, zone: "Z", loc: time.UTC},
}

// variable is a number of digits that is as large as a time needs, also before a Z.
const variable = -1

const clockLayout = "15:04:05"

// spellingOf tells the spelling of a text. Where the text names no zone it is read in loc.
func spellingOf(text string, loc *time.Location) (spelling, bool) {
	t, err := parseTime(text)
	if err != nil {
		return spelling{}, false
	}
	date := len("2006-01-02")
	if len(text) == date {
		return spelling{loc: loc}, true
	}
	s := spelling{sep: text[date], loc: loc}
	rest := text[date+1:]
	if rest[len("15")] != ':' { // an hour of one digit sorts as no other does
		return spelling{}, false
	}
	if s.short = len(rest) < len(clockLayout) || rest[len("15:04")] != ':'; s.short {
		rest = rest[len("15:04"):]
	} else {
		rest = rest[len(clockLayout):]
	}
	if strings.HasPrefix(rest, ".") {
		fraction := rest[1:]
		rest = strings.TrimLeft(fraction, "0123456789")
		s.digits = len(fraction) - len(rest)
		s.padded = strings.HasSuffix(fraction[:s.digits], "0")
	}
	s.zone, _, _ = strings.Cut(rest, " m=") // the reading of a clock that is not the wall's
	if s.zone != "" {
		_, offset := t.Zone()
		s.loc = zoneAt(offset)
	}
	return s, true
}

func zoneAt(offset int) *time.Location {
	if offset == 0 {
		return time.UTC
	}
	return time.FixedZone("", offset)
}

// integerSpelling tells the unit of an integer by the time that the driver read from it, if it did.
func integerSpelling(n int64, read any) spelling {
	s := secondsSpelling
	t, ok := read.(time.Time)
	if !ok {
		return s
	}
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond, time.Nanosecond} {
		s.unit = unit
		if at, exact := s.floor(t); exact && at == any(n) {
			return s
		}
	}
	return secondsSpelling
}

// settled returns the spellings of texts that were read as those of all texts of the column. A fraction of one length is always so
// long; else it is as long as its time needs, unless some end in zeros that none needs.
func settled(read []spelling) []spelling {
	var all []spelling
	for _, s := range read {
		varies, padded := false, false
		for _, other := range read {
			varies = varies || s.alike(other) && s.digits != other.digits
			padded = padded || s.alike(other) && other.padded
		}
		needed := s
		if needed.digits = 0; s.zone == "Z" {
			needed.digits = variable
		}
		add := []spelling{s}
		switch {
		case varies && !padded:
			add[0] = needed
		case varies:
			add = append(add, needed)
		}
		for _, a := range add {
			if a.padded = false; !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// isDate reports whether the spelling has no time of day.
func (s spelling) isDate() bool { return s.unit == 0 && s.sep == 0 }

// step is the time between two that the spelling can tell apart; 0: it can tell all apart.
func (s spelling) step() time.Duration {
	switch {
	case s.unit != 0:
		return s.unit
	case s.isDate():
		return 24 * time.Hour
	case s.zone != "Z" || s.digits == variable:
		return 0
	case s.short:
		return time.Minute
	}
	step := time.Second
	for range s.digits {
		step /= 10
	}
	return max(step, 1)
}

// floor returns the last time in the spelling that is not after t, and whether it is t.
func (s spelling) floor(t time.Time) (form any, exact bool) {
	if s.unit != 0 {
		return s.integer(t)
	}
	if s.isDate() {
		if midnight(t) {
			return t.Format(time.DateOnly), true
		}
		at := t.In(s.loc)
		return at.Format(time.DateOnly), midnight(at)
	}
	at := t.In(s.loc)
	exact = true
	if step := s.step(); step != 0 {
		seconds := 0
		if step == time.Minute {
			seconds = at.Second()
		}
		over := time.Duration(seconds)*time.Second + time.Duration(at.Nanosecond())%min(step, time.Second)
		at, exact = at.Add(-over), over == 0
	}
	return s.text(at), exact
}

// integer returns the number of units since 1970, rounded down.
func (s spelling) integer(t time.Time) (form any, exact bool) {
	perSecond := int64(time.Second / s.unit)
	sub := int64(t.Nanosecond()) / int64(s.unit)
	return t.Unix()*perSecond + sub, int64(t.Nanosecond())%int64(s.unit) == 0
}

// ceil returns the first time in the spelling that is not before t.
func (s spelling) ceil(t time.Time) any {
	form, exact := s.floor(t)
	switch {
	case exact:
		return form
	case s.isDate():
		return t.In(s.loc).AddDate(0, 0, 1).Format(time.DateOnly)
	}
	form, _ = s.floor(t.Add(s.step()))
	return form
}

// text writes a time, which is in the spelling's zone.
func (s spelling) text(t time.Time) string {
	b := t.AppendFormat(make([]byte, 0, 40), time.DateOnly)
	b = append(b, s.sep)
	if s.short && t.Second() == 0 && t.Nanosecond() == 0 {
		b = t.AppendFormat(b, "15:04")
		return string(append(b, s.zone...))
	}
	b = t.AppendFormat(b, clockLayout)
	fraction := strings.TrimRight(strconv.Itoa(1e9 + t.Nanosecond())[1:], "0")
	if n := min(s.digits, 9) - len(fraction); n > 0 {
		fraction += strings.Repeat("0", n)
	}
	if fraction != "" {
		b = append(append(b, '.'), fraction...)
	}
	return string(append(b, s.zone...))
}

// midnight reports whether a time is the beginning of a day in its own zone.
func midnight(t time.Time) bool {
	hour, minute, second := t.Clock()
	return hour == 0 && minute == 0 && second == 0 && t.Nanosecond() == 0
}

// sorts reports whether values in these spellings are in the order of their times, also among each other. That holds for texts
// that differ only in what stands behind their seconds: all of ”, '+', '-' and ' ' come before a further digit and its point.
// A Z comes after them, so all that have it must end at the same digit.
func sorts(all []spelling) bool {
	return !slices.ContainsFunc(all, func(s spelling) bool {
		return slices.ContainsFunc(all, func(other spelling) bool { return !s.sortsWith(other) })
	})
}

func (s spelling) sortsWith(other spelling) bool {
	switch {
	case s.unit != 0 || other.unit != 0:
		return s.unit == other.unit
	case s.loc.String() != other.loc.String() || s.offset() != other.offset():
		return false
	case s.isDate() || other.isDate():
		return true
	case s.sep != other.sep:
		return false
	case s.zone == "Z" || other.zone == "Z":
		return s.zone == other.zone && s.digits == other.digits && s.digits != variable && s.short == other.short
	}
	return true
}

// offset is that of the zone, where it has but one.
func (s spelling) offset() int { return s.offsetAt(time.Unix(0, 0)) }

func (s spelling) offsetAt(t time.Time) int {
	_, offset := t.In(s.loc).Zone()
	return offset
}

// alike reports whether two spellings of text differ in the digits of a fraction alone.
func (s spelling) alike(other spelling) bool {
	return s.unit == other.unit && s.sep == other.sep && s.short == other.short && s.zone == other.zone &&
		s.loc.String() == other.loc.String()
}

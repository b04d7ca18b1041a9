package structs

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: a value in normal form, and how its column compares values. Output: a text that equal values share.

// ComparedKey returns a text of the field's value that it shares with all values that the database calls equal, and with no others. ok is
// false for NULL. Where the value is none that such a column holds, it is the text that the database is sent.
func (f *Field) ComparedKey(as dialect.Comparison, row Row) (text string, ok bool, err error) {
	p := f.find(row)
	if p == nil {
		return "", false, nil
	}
	return f.comparedAt(as, p)
}

// ComparedKey is that of the field, for the value that was scanned last.
func (h *Holder) ComparedKey(as dialect.Comparison) (text string, ok bool, err error) {
	return h.field.comparedAt(as, h.value)
}

func (f *Field) comparedAt(as dialect.Comparison, p Row) (text string, ok bool, err error) {
	n, err := f.leaf.read(p)
	if err != nil {
		return "", false, fmt.Errorf("key field %s.%s %w", f.owner, f.Name, err)
	}
	if n.form == formNull {
		return "", false, nil
	}
	return n.compared(as), true, nil
}

func (n normal) compared(as dialect.Comparison) string {
	text := n.String()
	switch as {
	case dialect.CompareDays, dialect.CompareClocks, dialect.CompareMoments:
		return n.comparedTime(as)
	case dialect.CompareMidnights:
		if n.form != formTime {
			return n.compared(dialect.CompareStored) // a text is that text
		}
		if h, m, s := n.time.Clock(); h+m+s+n.time.Nanosecond() == 0 {
			return n.time.Format(time.DateOnly)
		}
	case dialect.CompareUUIDs:
		if id, ok := n.asUUID(); ok {
			return string(dialect.AppendUUID(nil, id))
		}
	case dialect.CompareHours:
		for _, layout := range []string{time.TimeOnly, "15:04"} {
			if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
				return t.Format("15:04:05.999999")
			}
		}
	case dialect.CompareHardware:
		if address, err := net.ParseMAC(strings.TrimSpace(text)); err == nil {
			return address.String()
		}
	case dialect.ComparePadded:
		return strings.TrimRight(text, " ")
	case dialect.CompareFolded:
		return strings.ToLower(text)
	case dialect.CompareASCII:
		return lowerASCII(text)
	case dialect.CompareBooleans:
		if truth, err := booleanOf(text); err == nil {
			return fmt.Sprint(truth)
		}
	case dialect.CompareDecimals, dialect.CompareFloats, dialect.CompareReals, dialect.CompareStored, dialect.CompareStoredASCII:
		if as == dialect.CompareStoredASCII {
			text, as = lowerASCII(text), dialect.CompareStored
		}
		if n.form != formTime && n.form != formBytes && n.form != formUUID && n.form != formBool {
			return comparedNumber(as, text)
		}
	}
	switch {
	case n.form != formTime:
		return text
	case as == dialect.CompareUnknown:
		return n.time.Format(time.RFC3339Nano)
	}
	return n.time.UTC().Format(time.RFC3339Nano)
}

// comparedTime is compared of a time, or of a text that is one, for databases that have types of times.
func (n normal) comparedTime(as dialect.Comparison) string {
	t := n.time
	if n.form != formTime {
		var err error
		if t, err = timeOf(strings.TrimSpace(n.String())); err != nil {
			return n.String()
		}
	}
	switch as {
	case dialect.CompareDays:
		return t.Format(time.DateOnly)
	case dialect.CompareClocks:
		return t.Format("2006-01-02T15:04:05.999999")
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999Z")
}

func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// comparedNumber returns the shortest digits of a number with the power of ten that they begin at, and all else as it is.
func comparedNumber(as dialect.Comparison, text string) string {
	digits, ok := decimalOf(text)
	if !ok {
		return text
	}
	bits := 64
	switch as {
	case dialect.CompareDecimals:
		return digits
	case dialect.CompareReals:
		bits = 32
	case dialect.CompareStored:
		if strings.HasSuffix(digits, "NaN") || strings.HasSuffix(digits, "Infinity") {
			return text // which is none there
		}
		if whole, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(text), "+"), 10, 64); err == nil {
			return strconv.FormatInt(whole, 10)
		}
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(text), bits)
	if err != nil {
		return digits
	}
	if as == dialect.CompareStored && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return strconv.FormatInt(int64(f), 10) // which is stored as one
	}
	return formatFloat(f, bits)
}

// decimalOf writes a decimal number so that equal ones are equal texts.
func decimalOf(text string) (string, bool) {
	sign, digits, before, ok := digitsOf(text)
	switch {
	case !ok:
		return "", false
	case digits == "":
		return "0", true
	case digits == "NaN", digits == "Infinity":
		return sign + digits, true
	}
	return sign + digits + "e" + strconv.Itoa(before), true
}

// digitsOf returns the digits of a decimal number without zeros at either end, and how many stand before the point. What is no number
// but a value of such columns has its name for digits, and all of it stands there.
func digitsOf(text string) (sign, digits string, before int, ok bool) {
	rest := strings.ToLower(strings.TrimSpace(text))
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		if rest[0] == '-' {
			sign = "-"
		}
		rest = rest[1:]
	}
	switch rest {
	case "nan":
		return "", "NaN", len("NaN"), sign == ""
	case "inf", "infinity":
		return sign, "Infinity", len("Infinity"), true
	}
	mantissa, power, scaled := strings.Cut(rest, "e")
	exponent := 0
	if scaled {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return "", "", 0, false
		}
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	digits = whole + part
	if digits == "" || strings.Trim(digits, numerals) != "" {
		return "", "", 0, false
	}
	trimmed := strings.TrimLeft(digits, "0")
	before = len(whole) + exponent - (len(digits) - len(trimmed))
	if trimmed = strings.TrimRight(trimmed, "0"); trimmed == "" {
		return "", "", 0, true
	}
	return sign, trimmed, before, true
}

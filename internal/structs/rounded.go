package structs

import (
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Input of this file: a value in normal form, and what its column keeps of values. Output: whether another one would be stored.

// Rounded reports whether a column that keeps no more than p would store the field's value as another one. Of what cannot be read
// it is not known: that is refused where it is written.
func (f *Field) Rounded(p dialect.Precision, row Row) bool {
	n, ok := f.normalIn(row)
	return ok && n.rounded(p)
}

// MayBeRounded reports whether there are columns that would store the field's value as another one.
func (f *Field) MayBeRounded(row Row) bool {
	n, ok := f.normalIn(row)
	if !ok {
		return false
	}
	return n.rounded(dialect.Precision{Of: dialect.PrecisionDecimals}) || n.rounded(dialect.Precision{Of: dialect.PrecisionSeconds}) ||
		n.rounded(dialect.Precision{Of: dialect.PrecisionBytes, Digits: leastBytes}) || n.form == formText && strings.HasSuffix(n.text, " ")
}

// HasSeconds reports whether the field's value is a time that is no whole minute.
func (f *Field) HasSeconds(row Row) bool {
	n, ok := f.normalIn(row)
	return ok && n.form == formTime && n.time.Second()+n.time.Nanosecond() > 0
}

const numerals = "0123456789"

// leastBytes is the least number of bytes at which a column may cut off texts.
const leastBytes = 63

func (f *Field) normalIn(row Row) (n normal, ok bool) {
	p := f.find(row)
	if p == nil {
		return n, false
	}
	n, err := f.leaf.read(p)
	return n, err == nil
}

func (n normal) rounded(p dialect.Precision) bool {
	switch {
	case n.form == formTime: // drivers cut off what is behind the microseconds wherever they send it
		return p.Of == dialect.PrecisionSeconds && len(strings.TrimRight(strconv.Itoa(1e6 + n.time.Nanosecond()/1e3)[1:], "0")) > p.Digits
	case n.form != formText && n.form != formBig && n.form != formOther:
		return false
	}
	switch p.Of {
	case dialect.PrecisionDecimals:
		text := n.text
		if n.short { // it is sent with all the digits that it has
			if f, err := strconv.ParseFloat(text, 32); err == nil {
				text = formatFloat(f, 64)
			}
		}
		_, digits, before, ok := digitsOf(text)
		return ok && strings.Trim(digits, numerals) == "" && digits != "" && len(digits)-before > p.Digits
	case dialect.PrecisionSeconds:
		return len(secondsFraction(n.text)) > p.Digits
	case dialect.PrecisionCharacters:
		characters := []rune(n.text)
		return len(characters) > p.Digits && strings.TrimRight(string(characters[p.Digits:]), " ") == ""
	case dialect.PrecisionBytes:
		return len(n.text) > p.Digits
	}
	return false
}

// secondsFraction returns the digits behind the point of a text that is a time or an interval, without zeros at the end. A point that
// stands between the numbers of a date is none.
func secondsFraction(text string) string {
	at := strings.LastIndexByte(text, '.')
	if at < 0 {
		return ""
	}
	whole, behind := text[:at], text[at+1:]
	before := strings.TrimRight(whole, numerals)
	if before == whole || strings.HasSuffix(before, ".") {
		return ""
	}
	fraction := behind[:len(behind)-len(strings.TrimLeft(behind, numerals))]
	return strings.TrimRight(fraction, "0")
}

package sqltext

import "strings"

// Input of this file: text that was parsed. Whether it may say something else when it is asked again, of rows that are the same.

// Volatile reports whether the text calls something of the database of which it is not known that it gives the same for the same, as random()
// does not, or names its clock.
func (t Text) Volatile() bool {
	found := false
	var last token
	t.tokens(func(tok token) {
		word := strings.ToLower(last.text)
		called := tok.text == "(" && (last.quoted || last.word && !keywords[word] && !pure[word])
		found = found || called || tok.word && clock[strings.ToLower(tok.text)]
		last = tok
	})
	return found
}

// Words of a clock, and what may stand in front of a parenthesis without being volatile: operators, types of some length, and functions that
// give the same for the same on every database.
var (
	clock = wordSet("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp")
	pure  = wordSet("abs", "any", "array", "avg", "between", "bit_length", "btrim", "by", "cast", "ceil", "ceiling", "char", "character", "char_length", "coalesce",
		"concat", "count", "decimal", "else", "end", "escape", "except", "exists", "extract", "floor", "greatest", "hex", "ilike", "instr", "interval",
		"least", "left", "length", "like", "lower", "ltrim", "max", "md5", "min", "mod", "not", "nullif", "numeric", "octet_length", "over", "position",
		"power", "replace", "right", "round", "row", "rtrim", "sign", "similar", "some", "split_part", "sqrt", "starts_with", "strpos", "substr", "substring", "sum",
		"total", "trim", "typeof", "unnest", "upper", "values", "varchar", "with")
)

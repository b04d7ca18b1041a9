package postgres

import "strings"

// reserved are the words that every version reads as no column: those that its documentation calls reserved, the ones among them that may
// be a function or a type too; system_user, which is a value since 16; and those that it tests for behind IS.
var reserved = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
		collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
		current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant
		group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp
		natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user
		similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with`) {
		words[w] = true
	}
	for _, w := range strings.Fields("document json nfc nfd nfkc nfkd normalized unknown") {
		words["is "+w] = true
	}
	return words
}()

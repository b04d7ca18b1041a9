package dialect

import "regexp"

var numberForm = regexp.MustCompile(`^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$`)

// SpellsNumber reports whether every database reads a text as a number.
func SpellsNumber(text string) bool { return numberForm.MatchString(text) }

package dialect

// Precision says what a column keeps of a value that it is given. Where a value has more, another one is stored.
type Precision struct {
	Of     PrecisionUnit
	Digits int // how many of the unit are kept
}

// PrecisionUnit says what is counted of a value.
type PrecisionUnit uint8

// The units.
const (
	PrecisionAll        PrecisionUnit = iota // nothing: a value is stored as it is, or refused
	PrecisionDecimals                        // digits of a number behind its point; below zero: so many before it become zeros
	PrecisionSeconds                         // digits of the fraction of a second
	PrecisionCharacters                      // characters of a text, whose blanks beyond are cut off
	PrecisionBytes                           // bytes of a text, which is cut off there
)

// Rounding is implemented by the dialect of a database whose columns may store another value than the one that they are given.
type Rounding interface {
	// Precision says what a column of the type keeps.
	Precision(t KeyType) Precision
}

package dialect

// Comparison says how a database compares the values of a column with each other, where equal values may be written in several ways.
type Comparison uint8

// The comparisons.
const (
	CompareUnknown     Comparison = iota // nobody has said; as they are written, a time with its zone
	CompareTexts                         // as they are written; times by their moment
	CompareDecimals                      // numbers, digit by digit
	CompareFloats                        // numbers, as floats of 64 bits
	CompareReals                         // numbers, as floats of 32 bits
	CompareStored                        // texts that are numbers as an integer of 64 bits or a float is, others as they are written
	CompareStoredASCII                   // like CompareStored, but others as CompareASCII does
	CompareDays                          // times by their day, each in its own zone
	CompareMidnights                     // times that are midnight in their own zone by their day, others by their moment; texts as CompareStored does
	CompareClocks                        // times by what a clock shows, each in its own zone, to the microsecond
	CompareMoments                       // times by their moment, to the microsecond
	CompareHours                         // times of day, to the microsecond
	CompareHardware                      // addresses of network cards, in any usual spelling
	CompareUUIDs                         // UUIDs, in any usual spelling
	ComparePadded                        // texts without the blanks at their ends
	CompareFolded                        // texts without regard to case
	CompareASCII                         // texts without regard to the case of the letters from A to Z
	CompareBooleans                      // true and false, in any usual spelling
	CompareAsked                         // as the database alone knows, which is asked of the keys at hand
	CompareDivided                       // one way by the column and another by its unique key; keys that look alike are refused

	Comparisons // how many there are
)

// Compared is implemented by the dialect of a database that has to be asked how it compares columns, and has no [Dialect.KeyTypes].
type Compared interface {
	// ColumnTypes returns a statement that yields for each of the columns that is found its place in the list, its type, its
	// collation, and that of the unique key which it is in, or "".
	ColumnTypes(cols []ColumnRef) Statement
}

// Equating is implemented by the dialect of a database that has columns whose values are compared as it alone knows.
type Equating interface {
	// EqualKeys returns a statement that yields the place of each of the texts, and that of the first one which the column, of the type,
	// has for the same.
	EqualKeys(of ColumnRef, t KeyType, texts []string) Statement
}

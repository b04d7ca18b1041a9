package postgres

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// Input of this file: an argument for a parameter whose type the server tells. Output: the same, in which a float that is no integer is sent
// to whatever takes one, and refused by integers. pgx cuts off what an integer cannot hold: 199.5 would be compared as 199. Of a float that is
// beyond a real it makes an infinite one, or 0.

// number is a float that is no integer.
type number struct {
	float float64
	given any // what it was given as
}

var (
	_ pgtype.Float64Valuer = number{}
	_ pgtype.Int64Valuer   = number{}
	_ driver.Valuer        = number{}
)

// single is a float32. Beside floats it is what it is as a double precision; beside a numeric it is the digits that Go writes it with, as it is for
// one who reads it there.
type single struct{ number }

var _ pgtype.NumericValuer = single{}

// NumericValue is asked for parameters of numeric, before Float64Value.
func (s single) NumericValue() (n pgtype.Numeric, err error) {
	switch {
	case math.IsNaN(s.float):
		return pgtype.Numeric{NaN: true, Valid: true}, nil
	case math.IsInf(s.float, 0):
		sign := pgtype.Infinity
		if s.float < 0 {
			sign = pgtype.NegativeInfinity
		}
		return pgtype.Numeric{InfinityModifier: sign, Valid: true}, nil
	}
	err = n.Scan(strconv.FormatFloat(s.float, 'f', -1, 32))
	return n, err
}

// singles is a list of float32s, beside what the column is.
type singles struct {
	items []any
	texts string // the list as the server reads it where it is told no type
}

// sent returns the list for a parameter whose type the server tells.
func (l singles) sent() any {
	items := make([]any, len(l.items))
	for i, item := range l.items {
		held, form, _ := structs.Argument(item)
		if form == structs.ArgNull {
			continue
		}
		items[i] = held
		if v, other := typedValue(item, held, held, form); other {
			items[i] = v
		}
	}
	return listed{items, single{}, l.texts}
}

var errNoInteger = errors.New("it is no integer")

// Float64Value is asked for parameters of floats and of numeric.
func (n number) Float64Value() (pgtype.Float8, error) {
	return pgtype.Float8{Float64: n.float, Valid: true}, nil
}

// Int64Value is asked for parameters of integers.
func (n number) Int64Value() (pgtype.Int8, error) { return pgtype.Int8{}, errNoInteger }

// Value is asked for all others, which take or refuse what was given.
func (n number) Value() (driver.Value, error) { return n.given, nil }

// extreme is a number that a real holds as infinite, or as 0, though it is neither. Nothing tells a Float64Valuer whether it stands for a real or for
// a double precision, so the server reads its digits, and refuses them for a real. pgx asks for a text where it gets no number.
type extreme struct {
	number
	digits string
	whole  bool // it was asked for an integer
}

var (
	_ pgtype.TextValuer    = (*extreme)(nil)
	_ driver.Valuer        = (*extreme)(nil)
	_ pgtype.Int64Valuer   = (*extreme)(nil)
	_ pgtype.Float64Valuer = (*extreme)(nil)
)

var errNoReal = errors.New("a real might not hold it")

func (*extreme) Float64Value() (pgtype.Float8, error) { return pgtype.Float8{}, errNoReal }

func (e *extreme) Int64Value() (pgtype.Int8, error) {
	e.whole = true
	return e.number.Int64Value()
}

// TextValue is asked after one of the others, or for what takes texts.
func (e *extreme) TextValue() (pgtype.Text, error) {
	if e.whole {
		return pgtype.Text{}, errNoInteger
	}
	return pgtype.Text{String: e.digits, Valid: true}, nil
}

// typedNumber returns what to send for a float that is no integer.
func typedNumber(float float64, given any, form structs.ArgForm) any {
	if form == structs.ArgFloat32 {
		return single{number{float, given}}
	}
	real := float64(float32(float))
	if real == 0 && float != 0 || math.IsInf(real, 0) && !math.IsInf(float, 0) {
		return &extreme{number: number{float, given}, digits: floatText(float)}
	}
	return number{float, given}
}

// isExtreme reports whether a text spells a number that a real holds as infinite, or as 0, though it is neither.
func isExtreme(text string) bool {
	if text == "" || strings.IndexByte("+-.0123456789", text[0]) < 0 || !dialect.SpellsNumber(text) {
		return false
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	float, err := strconv.ParseFloat(text, 32)
	return errors.Is(err, strconv.ErrRange) || float == 0 && strings.ContainsAny(mantissa, "123456789")
}

// numberIn returns the float that an argument holds, by [structs.Argument], or that its value by valueIn is; ok is false where that is an integer
// too, or no float.
func numberIn(held, value any) (float float64, ok bool) {
	if float, ok = structs.Float(held); !ok {
		float, ok = structs.Float(value)
	}
	const beyond = 1 << 63
	integer := float == math.Trunc(float) && -beyond <= float && float < beyond
	return float, ok && !integer
}

// listed is a list of which some elements are not sent as they were given.
type listed struct {
	items []any
	kind  any // of such an element
	given any
}

var (
	_ pgtype.ArrayGetter = listed{}
	_ driver.Valuer      = listed{}
)

// Dimensions and the next two are asked for parameters of arrays.
func (l listed) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(l.items)), LowerBound: 1}}
}

func (l listed) Index(i int) any { return l.items[i] }

func (l listed) IndexType() any { return l.kind }

// Value is asked for all others.
func (l listed) Value() (driver.Value, error) { return l.given, nil }

// typedArgument returns what to send where the server tells the types of parameters, and whether it is another than what was given. The
// error is that of the first item of a list whose driver.Valuer fails.
func typedArgument(given, held, value any, form structs.ArgForm) (v any, changed bool, err error) {
	if v, changed = typedValue(given, held, value, form); changed {
		return v, true, nil
	}
	if _, own := held.(driver.Valuer); own {
		return nil, false, nil
	}
	if list, ok := held.([][]byte); ok {
		v, changed = octetsList(list, given)
		return v, changed, nil
	}
	items := structs.Items(held)
	var kind any
	for i, item := range items {
		element, form, _ := structs.Argument(item)
		if form == structs.ArgNull {
			continue
		}
		value, failed := valueIn(element)
		err = cmp.Or(err, failed)
		if v, other := typedValue(item, element, value, form); other {
			items[i], kind, changed = v, v, true
		}
	}
	return listed{items, kind, given}, changed, err
}

// typedValue is typedArgument for what is no list.
func typedValue(given, held, value any, form structs.ArgForm) (v any, changed bool) {
	if float, ok := numberIn(held, value); ok {
		return typedNumber(float, given, form), true
	}
	if text, ok := value.(string); ok && isExtreme(text) { // of a driver.Valuer, which pgx reads for a real by itself
		return &extreme{number: number{given: given}, digits: text}, true
	}
	return printable(given, held, value)
}

// asGiven returns an argument as the caller gave it.
func asGiven(arg any) any {
	switch v := arg.(type) {
	case number:
		return v.given
	case single:
		return v.given
	case *extreme:
		return v.given
	case lasting:
		return v.given
	case octets:
		return []byte(v)
	case listed:
		return v.given
	}
	return arg
}
